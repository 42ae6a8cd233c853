"""Marks drawn over the pages of a PDF, as its reader sees them: whatever the rotation, the crop box or the user unit.

A mark is one form object shared by all pages, so that a long document hardly grows, and nothing that a page left open
reaches it. Like ``pdf``, it knows pypdf.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from toolkit.formats.pdf_marks import Filigrane, Marque, Mention, PdfRefused

NOMS: dict[type[Marque], str] = {Filigrane: "/ToolkitFiligrane", Mention: "/ToolkitMention"}
"""How the form of each kind of mark is called in the resources of its pages."""
_FORM_SIZE = 100.0
_CAP_HEIGHT = 0.718
_ALPHA, _RIM_ALPHA = 0.22, 0.2
_LARGE = b"/G gs 0.4 g 1 G %.1f w 1 j 2 Tr" % (_FORM_SIZE / 40)
"""Grey letters with a light rim: they are seen on a white page, a grey one and a black one."""
_INK = b"0.25 0.35 0.45 rg"
_DIAGONAL_SHARE = 0.66
_MENTION_SIZE = 8.5
_MENTION_MARGIN = 22.0
_PAGE_NUMBER = "/ToolkitPage"
_PAGE_NUMBER_SIZE = 7.5
_PAGE_NUMBER_Y = 14.0


def resolved(parent: DictionaryObject, key: str) -> DictionaryObject:
    """A dictionary below another, or an empty one."""
    found = parent.get(key)
    inner = found.get_object() if found is not None else None
    return inner if isinstance(inner, DictionaryObject) else DictionaryObject()


def xobjects(page: PageObject) -> DictionaryObject:
    """The forms and pictures of a page, by name."""
    return resolved(resolved(page, "/Resources"), "/XObject")


@dataclass(frozen=True, slots=True)
class _Box:
    """The page as its reader sees it, in points, and the way back to the coordinates of its content."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    """0, 90, 180 or 270, clockwise."""

    @property
    def width(self) -> float:
        return self.right - self.left if self.rotation in (0, 180) else self.top - self.bottom

    @property
    def height(self) -> float:
        return self.top - self.bottom if self.rotation in (0, 180) else self.right - self.left

    def matrix(self, x: float, y: float, angle: float, scale: float) -> tuple[float, ...]:
        """A drawing centred on (x, y) from the visible bottom left, turned by ``angle`` radians, scaled."""
        origin = {
            0: (self.left + x, self.bottom + y),
            90: (self.right - y, self.bottom + x),
            180: (self.right - x, self.top - y),
            270: (self.left + y, self.top - x),
        }[self.rotation]
        turn = angle + math.radians(self.rotation)
        cosine, sine = math.cos(turn) * scale, math.sin(turn) * scale
        return (cosine, sine, -sine, cosine, *origin)


def _visible(page: PageObject) -> _Box:
    media, crop = page.mediabox, page.cropbox
    left, right = sorted((float(crop.left), float(crop.right)))
    bottom, top = sorted((float(crop.bottom), float(crop.top)))
    # What lies outside the media box is never shown.
    left, right = max(left, float(media.left)), min(right, float(media.right))
    bottom, top = max(bottom, float(media.bottom)), min(top, float(media.top))
    if right <= left or top <= bottom:
        raise ValueError("empty page")
    return _Box(left, bottom, right, top, round(page.rotation / 90) * 90 % 360)


def _matrix(page: PageObject, marque: Marque) -> tuple[float, ...]:
    box = _visible(page)
    width = _text_width(marque.texte) * _FORM_SIZE
    if isinstance(marque, Mention):
        scale = _MENTION_SIZE / _FORM_SIZE
        return box.matrix(box.width - _MENTION_MARGIN - width * scale / 2, box.height - _MENTION_MARGIN, 0, scale)
    angle = math.atan2(box.height, box.width)
    scale = _DIAGONAL_SHARE * math.hypot(box.width, box.height) / (width + _FORM_SIZE)
    # Short words must not grow beyond a quarter of the smaller side.
    scale = min(scale, 0.25 * min(box.width, box.height) / (_CAP_HEIGHT * _FORM_SIZE))
    return box.matrix(box.width / 2, box.height / 2, angle, scale)


def _add_form(writer: PdfWriter, texte: str, paint: bytes) -> IndirectObject:
    """The letters once, centred on the origin; raises PdfRefused for one that the font has not."""
    try:
        encoded = texte.encode("cp1252")
    except UnicodeEncodeError as error:
        raise PdfRefused(f"« {texte} » a des lettres que le filigrane ne sait pas écrire") from error
    half = _text_width(texte) * _FORM_SIZE / 2
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica-Bold"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    state = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/ExtGState"),
            NameObject("/ca"): FloatObject(_ALPHA),
            NameObject("/CA"): FloatObject(_RIM_ALPHA),
        }
    )
    form = _form((-half - 5, -_FORM_SIZE / 2, half + 5, _FORM_SIZE / 2))
    form[NameObject("/Group")] = DictionaryObject({NameObject("/S"): NameObject("/Transparency")})
    form[NameObject("/Resources")] = DictionaryObject(
        {
            NameObject("/Font"): DictionaryObject({NameObject("/F"): font}),
            NameObject("/ExtGState"): DictionaryObject({NameObject("/G"): state}),
        }
    )
    letters = re.sub(rb"([\\()])", rb"\\\1", encoded)
    form.set_data(
        b"BT %s /F %.0f Tf %.2f %.2f Td (%s) Tj ET" % (paint, _FORM_SIZE, -half, -_CAP_HEIGHT * _FORM_SIZE / 2, letters)
    )
    return writer._add_object(form)


def _form(box: tuple[float, float, float, float]) -> StreamObject:
    form = StreamObject()
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    form[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in box)
    return form


# Widths of Helvetica-Bold from " " to "~", in thousandths (Adobe's font metrics).
_WIDTHS = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975,
    722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944,
    667, 667, 611, 333, 278, 333, 584, 556, 333,
    556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778,
    556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip


def _text_width(texte: str) -> float:
    """In units of the font size; an accented letter is as wide as its base."""
    bases = unicodedata.normalize("NFD", texte)
    letters = [char for char in bases if not unicodedata.combining(char)]
    return sum(_WIDTHS[ord(char) - 32] if " " <= char <= "~" else 556 for char in letters) / 1000


class Pen:
    """Draws over pages; what several pages need is written once, so that a long document hardly grows."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._forms: dict[tuple[str, bytes], IndirectObject] = {}
        self._streams: dict[bytes, IndirectObject] = {}
        self._resources: dict[tuple[int, str], IndirectObject] = {}

    def mark(self, page: PageObject, marque: Marque) -> None:
        """Draw a mark over all that a page shows; raises PdfRefused for letters that cannot be drawn."""
        paint = _LARGE if isinstance(marque, Filigrane) else _INK
        form = self._form(marque.texte, paint)
        self._draw(page, NOMS[type(marque)], form, _matrix(page, marque))
        if isinstance(marque, Filigrane):
            self._cover(page, form, _matrix(page, marque))

    def number(self, page: PageObject, texte: str) -> None:
        """Write small letters in the middle of the bottom of a page; raises PdfRefused as ``mark`` does."""
        box = _visible(page)
        matrix = box.matrix(box.width / 2, _PAGE_NUMBER_Y, 0, _PAGE_NUMBER_SIZE / _FORM_SIZE)
        self._draw(page, _PAGE_NUMBER, self._form(texte, _INK), matrix)

    def _form(self, texte: str, paint: bytes) -> IndirectObject:
        key = (texte, paint)
        if key not in self._forms:
            self._forms[key] = _add_form(self._writer, texte, paint)
        return self._forms[key]

    def _draw(self, page: PageObject, name: str, form: IndirectObject, matrix: tuple[float, ...]) -> None:
        """After a page's own content, none of whose state leaks."""
        own = self._own_content(page)
        page[NameObject("/Resources")] = self._resources_with(page, name, form)
        numbers = b" ".join(b"%.4f" % number for number in matrix)
        drawing = b"\nQ\nq %s cm %s Do Q\n" % (numbers, name.encode())
        page[NameObject("/Contents")] = ArrayObject([self._stream(b"q\n"), *own, self._stream(drawing)])

    def _own_content(self, page: PageObject) -> list[PdfObject]:
        """As it stands where it closes all that it opens; else shut up in a form, which nothing leaves."""
        contents = page.get("/Contents")
        inner = contents.get_object() if contents is not None else None
        if inner is None:
            return []
        streams = list(inner) if isinstance(inner, ArrayObject) else [self._reference(page)]
        data = b"\n".join(one.get_data() for one in map(_solid, streams) if isinstance(one, StreamObject))
        if is_balanced(data):
            return streams
        media = page.mediabox
        form = _form((float(media.left), float(media.bottom), float(media.right), float(media.top)))
        form[NameObject("/Resources")] = page["/Resources"] if "/Resources" in page else DictionaryObject()
        # A layer that is never closed would hide what comes after it.
        form.set_data(data + b"\n" + b"EMC " * max(0, len(_OPENED.findall(data)) - len(_CLOSED.findall(data))))
        reference = self._writer._add_object(form.flate_encode())
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/XObject"): DictionaryObject({NameObject(_PAGE): reference})}
        )
        return [self._stream(b"%s Do\n" % _PAGE.encode())]

    def _cover(self, page: PageObject, form: IndirectObject, matrix: tuple[float, ...]) -> None:
        """Notes and fields are shown over the page, and may be opaque: the mark is laid over them as well."""
        annotations = page.get("/Annots")
        inner = annotations.get_object() if annotations is not None else None
        shown = [one for one in inner if _is_drawn(_solid(one))] if isinstance(inner, ArrayObject) else []
        if not isinstance(inner, ArrayObject) or not shown:
            return
        media = page.mediabox
        box = (float(media.left), float(media.bottom), float(media.right), float(media.top))
        stamp = _form(box)
        stamp[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/XObject"): DictionaryObject({NameObject(NOMS[Filigrane]): form})}
        )
        numbers = b" ".join(b"%.4f" % number for number in matrix)
        stamp.set_data(b"q %s cm %s Do Q" % (numbers, NOMS[Filigrane].encode()))
        annotation = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Stamp"),
                NameObject("/Rect"): ArrayObject(FloatObject(side) for side in box),
                NameObject("/F"): NumberObject(_PRINTED_LOCKED),
                NameObject("/AP"): DictionaryObject({NameObject("/N"): self._writer._add_object(stamp)}),
            }
        )
        page[NameObject("/Annots")] = ArrayObject([*inner, self._writer._add_object(annotation)])

    def _resources_with(self, page: PageObject, name: str, form: IndirectObject) -> PdfObject:
        """The resources of the page and the form: a copy, for they may be inherited or shared with other pages."""
        raw = page.raw_get("/Resources") if "/Resources" in page else None
        key = (raw.idnum, name) if isinstance(raw, IndirectObject) else None
        if key in self._resources:
            return self._resources[key]
        resources = DictionaryObject(resolved(page, "/Resources"))
        named = DictionaryObject(resolved(resources, "/XObject"))
        named[NameObject(name)] = form
        resources[NameObject("/XObject")] = named
        if key is None:
            return resources
        self._resources[key] = self._writer._add_object(resources)
        return self._resources[key]

    def _reference(self, page: PageObject) -> PdfObject:
        """The content of a page that has one stream only."""
        raw = page.raw_get("/Contents")
        return raw if isinstance(raw, IndirectObject) else self._writer._add_object(page["/Contents"])

    def _stream(self, data: bytes) -> IndirectObject:
        if data not in self._streams:
            stream = StreamObject()
            stream.set_data(data)
            self._streams[data] = self._writer._add_object(stream)
        return self._streams[data]


_PAGE = "/ToolkitContenu"
_PRINTED_LOCKED = 4 | 64 | 128 | 512
"""Flags of an annotation: printed, read only, locked, its contents too (ISO 32000-1, 12.5.3)."""


def _solid(one: PdfObject) -> PdfObject | None:
    return one.get_object()


def _is_drawn(annotation: PdfObject | None) -> bool:
    return isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") not in ("/Link", "/Popup")


_TOKENS = re.compile(
    rb"%[^\r\n]*|\((?:[^()\\]|\\.)*\)|<<|>>|<[0-9A-Fa-f\s\0]*>|/[^\s\0()<>\[\]{}/%]*|[\[\]]|[^\s\0()<>\[\]{}/%]+",
    re.DOTALL,
)
_PAIRS = {b"q": (0, 1), b"Q": (0, -1), b"BT": (1, 1), b"ET": (1, -1), b"BMC": (2, 1), b"BDC": (2, 1), b"EMC": (2, -1)}
_OPENED = re.compile(rb"\bB(?:MC|DC)\b")
_CLOSED = re.compile(rb"\bEMC\b")


def is_balanced(data: bytes) -> bool:
    """Whether a content stream surely closes all that it opens; False where that cannot be told at a glance."""
    depths, position = [0, 0, 0], 0
    for token in _TOKENS.finditer(data):
        if data[position : token.start()].strip(b" \t\r\n\f\0") or token[0] == b"BI":
            return False
        position = token.end()
        if pair := _PAIRS.get(token[0]):
            kind, step = pair
            depths[kind] += step
            if depths[kind] < 0:
                return False
    return not any(depths) and not data[position:].strip(b" \t\r\n\f\0")
