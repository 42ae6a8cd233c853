"""Word models of the tests, made as people make them in Word."""

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from toolkit.formats.word_marks import W
from toolkit.tree.shipped import MODELES


def modele(*paragraphs: str, build: Callable[[Document], object] | None = None) -> bytes:
    """A new document with these paragraphs, and what else ``walk`` puts in."""
    document = docx.Document(io.BytesIO(_vierge()))
    for text in paragraphs:
        document.add_paragraph(text)
    if build:
        build(document)
    return saved(document)


@cache
def _vierge() -> bytes:
    """python-docx's own blank document, less its table styles and what only old programs read."""
    document = docx.Document()
    for id, relation in list(document.part.rels.items()):
        if relation.reltype.rpartition("/")[2] in ("stylesWithEffects", "customXml", "numbering", "webSettings"):
            del document.part.rels[id]
    for style in list(document.styles.element):
        if style.get(f"{W}type") == "table" and not style.get(f"{W}default"):
            document.styles.element.remove(style)
    return saved(document)


def livre(nom: str, build: Callable[[Document], object]) -> bytes:
    """A shipped model that someone has changed."""
    document = docx.Document(str(MODELES / nom))
    build(document)
    return saved(document)


def saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(content: bytes, parts: Mapping[str, str | bytes | tuple[str, str]]) -> bytes:
    """The same package with parts added, replaced, or with one text in them replaced by another."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
    ):
        for name in before.namelist():
            part = before.read(name)
            change = parts.get(name)
            if isinstance(change, tuple):
                old, new = (text.encode() for text in change)
                assert old in part, f"{old!r} is not in {name}"
                part = part.replace(old, new)
            elif change is not None:
                part = change.encode() if isinstance(change, str) else change
            after.writestr(name, part)
        for name in parts.keys() - set(before.namelist()):
            added = parts[name]
            assert not isinstance(added, tuple)
            after.writestr(name, added)
    return out.getvalue()


def runs(document: Document, *texts: tuple[str, str | None]) -> None:
    """One paragraph in several runs, each with its colour: what Word makes of a tag coloured by hand."""
    paragraph = document.add_paragraph()
    for text, colour in texts:
        run = paragraph.add_run(text)
        if colour:
            run._r.get_or_add_rPr().append(parse_xml(f'<w:color {nsdecls("w")} w:val="{colour}"/>'))


def cell(row: int, column: int, text: str, *others: tuple[int, int, str]) -> Callable[[Document], object]:
    """A table of three rows and two columns with texts in some cells; rows and columns from 1."""

    def build(document: Document) -> None:
        table = document.add_table(3, 2)
        for at_row, at_column, said in ((row, column, text), *others):
            table.cell(at_row - 1, at_column - 1).text = said

    return build


def put_in(folder: Path, nom: str, content: bytes) -> Path:
    """Lay a model in the tree of an office."""
    path = folder / "modeles" / nom
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path
