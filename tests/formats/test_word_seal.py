"""What a Word document tells of itself, kept by the programs that save it."""

import io
import subprocess
import time
import zipfile
from pathlib import Path

import docx
import pytest

from tests.modeles_word import changed, modele
from toolkit.formats.libreoffice import find_libreoffice
from toolkit.formats.package import PackageRefused
from toolkit.formats.word_seal import read_seal, seal

TOLD = '{"client": "Éloïse & Fils <1> \\"deux\\""}'


def test_it_is_told_again_and_said_once() -> None:
    content = modele("un texte")

    sealed = seal(content, TOLD)
    again = seal(sealed, "autre chose")

    assert read_seal(content) is None
    assert read_seal(sealed) == TOLD
    assert read_seal(again) == "autre chose"
    assert zipfile.ZipFile(io.BytesIO(again)).namelist() == zipfile.ZipFile(io.BytesIO(sealed)).namelist()


def test_the_same_gives_the_same_bytes() -> None:
    content = modele("un texte")
    assert seal(content, TOLD) == seal(content, TOLD)


def test_parts_that_others_left_there_are_kept() -> None:
    content = io.BytesIO(modele("un texte"))
    with zipfile.ZipFile(content, "a") as package:
        package.writestr("customXml/item1.xml", "<b:Sources xmlns:b='ailleurs'/>")

    sealed = seal(content.getvalue(), TOLD)

    assert read_seal(sealed) == TOLD
    assert zipfile.ZipFile(io.BytesIO(sealed)).read("customXml/item1.xml") == b"<b:Sources xmlns:b='ailleurs'/>"


def test_python_docx_keeps_it() -> None:
    document, saved = docx.Document(io.BytesIO(seal(modele("un texte"), TOLD))), io.BytesIO()
    document.add_paragraph("ajouté à la main")
    document.save(saved)

    assert read_seal(saved.getvalue()) == TOLD


@pytest.mark.slow
@pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice n'est pas installé")
def test_libreoffice_keeps_it(tmp_path: Path) -> None:
    source = tmp_path / "contrat.docx"
    source.write_bytes(seal(modele("un texte"), TOLD))
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    out = tmp_path / "enregistré"
    program = str(find_libreoffice())
    command = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(out),
        str(source),
    ]
    subprocess.run(command, capture_output=True, check=True, timeout=120)

    assert read_seal((out / source.name).read_bytes()) == TOLD


@pytest.mark.parametrize(
    "part",
    [
        "<document " * 100_000 + "urn:toolkit:document",
        "<document xmlns='urn:toolkit:document'>" * 25_000,
        "<document xmlns='urn:toolkit:document'>" + "</a" * 300_000,
        "'urn:toolkit:document'" * 40_000,
    ],
)
def test_a_part_made_to_be_read_for_ever_is_read_at_once(part: str) -> None:
    content = changed(modele("un texte"), {f"customXml/item{number}.xml": part for number in range(1, 30)})
    started = time.perf_counter()

    assert read_seal(content) is None

    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"du texte"])
def test_what_is_no_word_file_tells_nothing(content: bytes) -> None:
    assert read_seal(content) is None
    with pytest.raises(PackageRefused):
        seal(content, TOLD)
