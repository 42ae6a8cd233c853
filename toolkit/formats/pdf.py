"""Watermarks over the pages of a PDF, and PDFs bound together. With ``pdf_pen`` and ``pdf_disarmed``, it knows pypdf.

Whatever comes of it does nothing by itself: a copy of another's PDF goes out under the office's name.
"""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from toolkit.errors import FileRefused
from toolkit.formats.pdf_disarmed import dictionaries, disarm
from toolkit.formats.pdf_marks import Bound, Filigrane, Marque, PdfRefused
from toolkit.formats.pdf_pen import NOMS, Pen, resolved, xobjects
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

    Raises PdfRefused when the PDF is protected or signed, cannot be read, bears a watermark already, or has not the
    letters of a mark.
    """
    try:
        reader = PdfReader(io.BytesIO(pdf))
        _refuse_untouchable(reader)
        _forget_old_tables(reader)
        writer = PdfWriter(clone_from=reader)
        disarm(writer)
        _refuse_odd_names(writer)
        pen = Pen(writer)
        for marque in marques:
            for page in writer.pages:
                pen.mark(page, marque)
        _drop_pdfa_claim(writer)
        if titre is not None:
            # LibreOffice writes the hour into its PDFs; the same document should give the same bytes.
            writer.metadata = {"/Producer": "toolkit", "/Title": titre}
        marked = _written(writer)
        _verify(marked, [NOMS[type(marque)] for marque in marques], len(reader.pages))
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
        count, pen = len(writer.pages), Pen(writer)
        for number, page in enumerate(writer.pages, start=1):
            pen.number(page, f"{titre} – {number}/{count}")
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


def _refuse_untouchable(reader: PdfReader) -> None:
    if reader.is_encrypted:
        raise PdfRefused(_PROTECTED)
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject):
        raise PdfRefused("PDF abîmé : pas de catalogue")
    if "/Perms" in root or _is_signed(root):
        raise PdfRefused("PDF signé : l'écrire de nouveau ferait tomber la signature")
    if any(NOMS[Filigrane] in xobjects(page) for page in reader.pages):
        raise PdfRefused("PDF déjà filigrané : partir de l'original")


def _is_signed(root: DictionaryObject) -> bool:
    form = resolved(root, "/AcroForm")
    flags = form.get("/SigFlags")
    if isinstance(flags, int) and flags & 1:
        return True
    pending, seen = [form.get("/Fields")], 0
    while pending and seen < _FIELDS_MAX:
        one = pending.pop()
        inner = one.get_object() if one is not None else None
        seen += 1
        if isinstance(inner, ArrayObject):
            pending += list(inner)
        elif isinstance(inner, DictionaryObject):
            if inner.get("/FT") == "/Sig" and "/V" in inner:
                return True
            pending.append(inner.get("/Kids"))
    return bool(pending)


_FIELDS_MAX = 20_000
"""Fields that are looked at for a signature: with more of them, who knows."""


def _forget_old_tables(reader: PdfReader) -> None:
    """An update may use the number of an old table of contents for something else, which pypdf then takes for it."""
    for key, one in list(reader.resolved_objects.items()):
        if isinstance(one, DictionaryObject) and one.get("/Type") == "/XRef":
            del reader.resolved_objects[key]


def _refuse_odd_names(writer: PdfWriter) -> None:
    """A name with a sign that no program writes was misread, and what it names is lost."""
    for one in dictionaries(writer):
        if any(sign < "!" for name in _names([*one, *one.values()]) for sign in name):
            raise PdfRefused("PDF inhabituel : un de ses noms ne se lit pas sûrement")


def _names(found: Iterable[object]) -> Iterator[str]:
    for one in found:
        if isinstance(one, NameObject):
            yield str(one)
        elif isinstance(one, ArrayObject):
            yield from _names(one)


def _drop_pdfa_claim(writer: PdfWriter) -> None:
    """A page with our letters is no PDF/A any more: the file must not say so."""
    root = writer.root_object
    metadata = root.get("/Metadata")
    inner = metadata.get_object() if metadata is not None else None
    if isinstance(inner, StreamObject) and b"pdfaid" in inner.get_data():
        del root["/Metadata"]


def _verify(marked: bytes, names: Sequence[str], count: int) -> None:
    """Read the result again: as many pages, and each of them draws each mark last."""
    reader = PdfReader(io.BytesIO(marked))
    if len(reader.pages) != count:
        raise PdfRefused("des pages se sont perdues en filigranant")
    for page in reader.pages:
        drawn = b"".join(_last_streams(page, len(names)))
        for name in names:
            if name not in xobjects(page) or b"%s Do" % name.encode() not in drawn:
                raise PdfRefused("la marque n'a pas pris sur une page")


def _last_streams(page: PageObject, count: int) -> Iterator[bytes]:
    contents = page["/Contents"]
    for stream in list(contents)[-count:] if isinstance(contents, ArrayObject) else ():
        inner = stream.get_object()
        if isinstance(inner, StreamObject):
            yield inner.get_data()
