"""Marks over the pages of a PDF, watermarks, and PDFs bound together. With ``pdf_disarmed``, all that knows pypdf.

A mark is drawn over the page as its reader sees it, whatever the rotation, the crop box, the offset or the user unit.
It is one form object shared by all pages, so that a long document hardly grows. Whatever comes of it does nothing by
itself: a copy of another's PDF goes out under the office's name.
"""

import io
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
)

from toolkit.errors import FileRefused
from toolkit.formats.pdf_disarmed import disarm
from toolkit.formats.pdf_marks import Bound, Filigrane, Marque, Mention, PdfRefused
from toolkit.system.files import sha256
from toolkit.system.isolated import run_isolated

BIND_SECONDS = 30

_BROKEN = (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OSError)
"""What pypdf raises on a damaged file: its security notes leave it to the caller to catch them all."""
_PROTECTED = "PDF protégé : en demander une version sans mot de passe ni restriction"


@lru_cache(maxsize=4)
def text_of(pdf: bytes) -> str:
    """The text of its pages; raises PdfRefused."""
    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    except _BROKEN as error:
        raise PdfRefused(f"PDF abîmé ou inhabituel ({type(error).__name__})") from error


def mark(pdf: bytes, marques: Sequence[Marque], *, titre: str | None = None) -> bytes:
    """The same pages with each mark over each of them, read again before they are given back.

    Raises PdfRefused when the PDF is protected or signed, cannot be read, or bears a watermark already.
    """
    try:
        reader = PdfReader(io.BytesIO(pdf))
        _refuse_untouchable(reader)
        writer = PdfWriter(clone_from=reader)
        disarm(writer)
        names = [_NAMES[type(marque)] for marque in marques]
        pen = _Pen(writer)
        for marque, name in zip(marques, names, strict=True):
            form = _add_form(writer, marque.texte, _PAINTS[type(marque)])
            for page in writer.pages:
                pen.draw(page, name, form, _matrix(page, marque))
        _drop_pdfa_claim(writer)
        if titre is not None:
            # LibreOffice writes the hour into its PDFs; the same document should give the same bytes.
            writer.metadata = {"/Producer": "toolkit", "/Title": titre}
        marked = _written(writer)
        _verify(marked, names, len(reader.pages))
    except DependencyError as error:  # an encryption that pypdf alone cannot even recognise
        raise PdfRefused(_PROTECTED) from error
    except _BROKEN as error:
        raise PdfRefused(f"PDF abîmé ou inhabituel ({type(error).__name__})") from error
    return marked


def mark_copie(pdf: bytes, texte: str) -> bytes:
    """The same pages, each with these large letters across it; raises PdfRefused. A task for ``isolated``."""
    return mark(pdf, [Filigrane(texte)])


def bind(parties: Sequence[Bound], titre: str) -> bytes:
    """One PDF: the parts one after the other, a bookmark each, page numbers at the bottom of every page.

    In a child, for some of them come from elsewhere; raises PdfRefused when one of them is damaged.
    """
    for partie in parties:
        if why := why_unbound(partie):
            raise PdfRefused(f"« {partie.titre} » : {why}")
    try:
        return _bind_in_child(parties, titre)
    except FileRefused as refusal:
        for partie in parties if len(parties) > 1 else ():
            _blame(partie)
        raise PdfRefused(str(refusal)) from refusal


def why_unbound(partie: Bound) -> str | None:
    """What was found out about a PDF when it was to be bound: a French clause; None for one that is good so far."""
    return _BAD.get(sha256(partie.pdf))


_BAD: dict[str, str] = {}
"""Why, by hash, of the PDFs that kept another from being bound: one town map goes into every carnet."""


def _bind_in_child(parties: Sequence[Bound], titre: str) -> bytes:
    told = json.dumps([(partie.titre, len(partie.pdf)) for partie in parties])
    content = b"".join(partie.pdf for partie in parties)
    return run_isolated("toolkit.formats.pdf:bind_here", content, told, titre, seconds=BIND_SECONDS)


def _blame(partie: Bound) -> None:
    try:
        _bind_in_child([partie], partie.titre)
    except FileRefused as refusal:
        _BAD[sha256(partie.pdf)] = str(refusal)


def bind_here(content: bytes, parties: str, titre: str) -> bytes:
    """The same, of PDFs that lie one behind the other, each told as title and length; raises PdfRefused.

    A task for ``isolated``.
    """
    try:
        writer, end = PdfWriter(), 0
        for name, length in json.loads(parties):
            start, end = end, end + length
            writer.append(io.BytesIO(content[start:end]), outline_item=name, import_outline=False)
        disarm(writer)
        count, pen = len(writer.pages), _Pen(writer)
        for number, page in enumerate(writer.pages, start=1):
            form = _add_form(writer, f"{titre} – {number}/{count}", _INK)
            matrix = _visible(page).matrix(_visible(page).width / 2, _PAGE_NUMBER_Y, 0, _PAGE_NUMBER_SIZE / _FORM_SIZE)
            pen.draw(page, "/ToolkitPage", form, matrix)
        writer.page_mode = "/UseOutlines"
        writer.metadata = {"/Producer": "toolkit", "/Title": titre}
        return _written(writer)
    except _BROKEN as error:
        raise PdfRefused(f"un des PDF à réunir est abîmé ({type(error).__name__})") from error


def bookmarks(pdf: bytes) -> list[str]:
    """Those of one that ``bind`` made; none when it cannot be read."""
    try:
        outline = PdfReader(io.BytesIO(pdf)).outline
        return [str(one.title) for one in outline if not isinstance(one, list)]
    except _BROKEN:
        return []


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_NAMES: dict[type[Marque], str] = {Filigrane: "/ToolkitFiligrane", Mention: "/ToolkitMention"}
_FORM_SIZE = 100.0
_CAP_HEIGHT = 0.718
_ALPHA = 0.22
_TRANSLUCENT = b"/G gs 0.4 g"
_INK = b"0.25 0.35 0.45 rg"
_PAINTS: dict[type[Marque], bytes] = {Filigrane: _TRANSLUCENT, Mention: _INK}
_DIAGONAL_SHARE = 0.66
_MENTION_SIZE = 8.5
_MENTION_MARGIN = 22.0
_PAGE_NUMBER_SIZE = 7.5
_PAGE_NUMBER_Y = 14.0


def _refuse_untouchable(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise PdfRefused(_PROTECTED)
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject):
        raise PdfRefused("PDF abîmé : pas de catalogue")
    if "/Perms" in root or _is_signed(root):
        raise PdfRefused("PDF signé : l'écrire de nouveau ferait tomber la signature")
    if any(_NAMES[Filigrane] in _xobjects(page) for page in reader.pages):
        raise PdfRefused("PDF déjà filigrané : partir de l'original")


def _is_signed(root: DictionaryObject) -> bool:
    form = _resolved(root, "/AcroForm")
    flags = form.get("/SigFlags")
    if isinstance(flags, int) and flags & 1:
        return True
    fields = form.get("/Fields")
    inner = fields.get_object() if fields is not None else None
    return any(
        isinstance(field := one.get_object(), DictionaryObject) and field.get("/FT") == "/Sig" and "/V" in field
        for one in (inner if isinstance(inner, ArrayObject) else ())
    )


def _resolved(parent: DictionaryObject, key: str) -> DictionaryObject:
    """A dictionary below another, or an empty one."""
    found = parent.get(key)
    inner = found.get_object() if found is not None else None
    return inner if isinstance(inner, DictionaryObject) else DictionaryObject()


def _xobjects(page: PageObject) -> DictionaryObject:
    return _resolved(_resolved(page, "/Resources"), "/XObject")


def _drop_pdfa_claim(writer: PdfWriter) -> None:
    """A page with our letters is no PDF/A any more: the file must not say so."""
    root = writer.root_object
    metadata = root.get("/Metadata")
    inner = metadata.get_object() if metadata is not None else None
    if isinstance(inner, StreamObject) and b"pdfaid" in inner.get_data():
        del root["/Metadata"]


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
    """The letters once, centred on the origin."""
    half = _text_width(texte) * _FORM_SIZE / 2
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica-Bold"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    state = DictionaryObject({NameObject("/Type"): NameObject("/ExtGState"), NameObject("/ca"): FloatObject(_ALPHA)})
    form = StreamObject()
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(
                FloatObject(side) for side in (-half - 5, -_FORM_SIZE / 2, half + 5, _FORM_SIZE / 2)
            ),
            NameObject("/Group"): DictionaryObject({NameObject("/S"): NameObject("/Transparency")}),
            NameObject("/Resources"): DictionaryObject(
                {
                    NameObject("/Font"): DictionaryObject({NameObject("/F"): font}),
                    NameObject("/ExtGState"): DictionaryObject({NameObject("/G"): state}),
                }
            ),
        }
    )
    letters = re.sub(rb"([\\()])", rb"\\\1", texte.encode("cp1252", errors="replace"))
    form.set_data(
        b"%s BT /F %.0f Tf %.2f %.2f Td (%s) Tj ET" % (paint, _FORM_SIZE, -half, -_CAP_HEIGHT * _FORM_SIZE / 2, letters)
    )
    return writer._add_object(form)


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


class _Pen:
    """Draws forms over pages; what several pages need is written once, so that a long document hardly grows."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._streams: dict[bytes, IndirectObject] = {}
        self._resources: dict[tuple[int, str], IndirectObject] = {}

    def draw(self, page: PageObject, name: str, form: IndirectObject, matrix: tuple[float, ...]) -> None:
        """Draw after a page's own content, which is closed in q … Q so that none of its state leaks."""
        page[NameObject("/Resources")] = self._resources_with(page, name, form)
        contents = page.get("/Contents")
        inner = contents.get_object() if contents is not None else None
        own = list(inner) if isinstance(inner, ArrayObject) else [] if inner is None else [self._reference(page)]
        numbers = b" ".join(b"%.4f" % number for number in matrix)
        drawing = b"\nQ\nq %s cm %s Do Q\n" % (numbers, name.encode())
        page[NameObject("/Contents")] = ArrayObject([self._stream(b"q\n"), *own, self._stream(drawing)])

    def _resources_with(self, page: PageObject, name: str, form: IndirectObject) -> PdfObject:
        """The resources of the page and the form: a copy, for they may be inherited or shared with other pages."""
        raw = page.raw_get("/Resources") if "/Resources" in page else None
        key = (raw.idnum, name) if isinstance(raw, IndirectObject) else None
        if key in self._resources:
            return self._resources[key]
        resources = DictionaryObject(_resolved(page, "/Resources"))
        xobjects = DictionaryObject(_resolved(resources, "/XObject"))
        xobjects[NameObject(name)] = form
        resources[NameObject("/XObject")] = xobjects
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


def _verify(marked: bytes, names: Sequence[str], count: int) -> None:
    """Read the result again: as many pages, and each of them draws each mark last."""
    reader = PdfReader(io.BytesIO(marked))
    if len(reader.pages) != count:
        raise PdfRefused("des pages se sont perdues en filigranant")
    for page in reader.pages:
        drawn = b"".join(_last_streams(page, len(names)))
        for name in names:
            if name not in _xobjects(page) or b"%s Do" % name.encode() not in drawn:
                raise PdfRefused("la marque n'a pas pris sur une page")


def _last_streams(page: PageObject, count: int) -> Iterator[bytes]:
    contents = page["/Contents"]
    for stream in list(contents)[-count:] if isinstance(contents, ArrayObject) else ():
        inner = stream.get_object()
        if isinstance(inner, StreamObject):
            yield inner.get_data()
