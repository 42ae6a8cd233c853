"""The last line of a PDF of ours: what it was drawn from, and whether anybody has written in it."""

import io

import pytest
from pypdf import PdfReader, PdfWriter

from toolkit.formats.pdf_seal import Seal, read_seal, seal

SOURCE = "5" * 64


@pytest.fixture
def pdf() -> bytes:
    made = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(made)
    return made.getvalue()


def test_it_tells_what_it_was_drawn_from(pdf: bytes) -> None:
    sealed = seal(pdf, SOURCE)

    assert read_seal(sealed) == Seal(SOURCE, is_whole=True)
    assert len(PdfReader(io.BytesIO(sealed)).pages) == 1


def test_what_someone_adds_is_seen(pdf: bytes) -> None:
    assert read_seal(seal(pdf, SOURCE) + b"10 0 obj\n") == Seal(SOURCE, is_whole=False)
    changed = seal(pdf, SOURCE).replace(b"200", b"201", 1)
    assert read_seal(changed) == Seal(SOURCE, is_whole=False)


def test_a_pdf_saved_by_another_program_tells_nothing(pdf: bytes) -> None:
    again = io.BytesIO()
    PdfWriter(clone_from=io.BytesIO(seal(pdf, SOURCE))).write(again)

    assert read_seal(again.getvalue()) is None
    assert read_seal(b"") is None


def test_the_last_line_counts(pdf: bytes) -> None:
    assert read_seal(seal(seal(pdf, SOURCE), "6" * 64)) == Seal("6" * 64, is_whole=True)
