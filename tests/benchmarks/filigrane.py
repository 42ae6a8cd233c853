"""« COPIE » over 200 pages, against pypdf's own merging of pages: time and size."""

import io

import docx
from docx.enum.text import WD_BREAK
from pypdf import PdfReader, PdfWriter

from tests.benchmarks.mesure import Resultat, compare, resultat
from toolkit.formats import pdf
from toolkit.formats.libreoffice import convert, find_libreoffice
from toolkit.formats.pdf_marks import Filigrane

PAGES = 200


def long_pdf() -> bytes:
    """Pages as LibreOffice makes them."""
    document = docx.Document()
    for number in range(PAGES):
        document.add_paragraph(f"Page {number}. " + "Le client reconnaît avoir pris connaissance des conditions. " * 25)
        if number < PAGES - 1:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    out = io.BytesIO()
    document.save(out)
    soffice = find_libreoffice()
    assert soffice, "LibreOffice makes the pages"
    (made,) = convert([out.getvalue()], soffice)
    assert isinstance(made, bytes)
    return made


def by_merge_page(content: bytes, stamp: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    mark = PdfReader(io.BytesIO(stamp)).pages[0]
    for page in writer.pages:
        page.merge_page(mark)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def mesurer(rounds: int) -> list[Resultat]:
    content = long_pdf()
    blank = PdfWriter()
    page = PdfReader(io.BytesIO(content)).pages[0]
    blank.add_blank_page(page.mediabox.width, page.mediabox.height)
    out = io.BytesIO()
    blank.write(out)
    stamp = pdf.mark(out.getvalue(), [Filigrane("COPIE")])
    pages = len(PdfReader(io.BytesIO(content)).pages)
    quoi = f"COPIE sur {pages} pages"
    found = compare(
        quoi,
        lambda: pdf.mark(content, [Filigrane("COPIE")]),
        {"pypdf merge_page": (lambda: by_merge_page(content, stamp), 0.75)},
        max(3, rounds // 3),
    )
    size = len(pdf.mark(content, [Filigrane("COPIE")])) / len(by_merge_page(content, stamp))
    return [*found, resultat(f"{quoi}, taille", "pypdf merge_page", [size], 0.5, 0)]
