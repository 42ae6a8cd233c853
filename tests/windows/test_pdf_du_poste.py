"""Where the PDFs of a desktop come from: LibreOffice as the registry tells, else Word, never for the watcher.

There is no Word here. What stands for it (faux_word) proves the order of the calls, the time limit and the end of its
process; not that Word itself draws the document well.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Bureau, exemple
from tests.windows.poste import LECTEUR, TOOLKIT, Poste

FAUX_WORD = f"{TOOLKIT}\\tests\\windows\\faux_word.py"
INSTALL_PATH = r"HKLM\SOFTWARE\LibreOffice\UNO\InstallPath"
FIND = "from toolkit.formats.libreoffice import find_libreoffice; print(find_libreoffice())"


@pytest.mark.parametrize("view", ["/reg:64", "/reg:32"])
def test_libreoffice_is_found_where_it_says_it_is(view: str, poste: Poste) -> None:
    program = poste.drive_c / "Bureautique été" / "program" / "soffice.exe"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch()
    poste.run("reg", "add", INSTALL_PATH, "/ve", "/d", "C:\\Bureautique été\\program", "/f", view)

    found = poste.python("-c", FIND)
    poste.run("reg", "delete", INSTALL_PATH, "/f", view)

    assert found.out == "C:\\Bureautique été\\program\\soffice.exe\n"
    assert poste.python("-c", FIND).out == "None\n"


def test_without_either_it_is_said(poste: Poste, partage: Bureau) -> None:
    partage.dossier(exemple("dossier_groupe"))

    run = poste.toolkit("generer", LECTEUR, "--le", "2027-06-04")

    assert run.status == 0
    assert "LibreOffice n'est pas installé" in run.out
    assert poste.python("-c", "from toolkit.formats import msword; print(msword.is_there())").out == "False\n"


@pytest.fixture
def word(poste: Poste) -> Iterator[Callable[..., Path]]:
    """Puts what stands for Word on the desktop; gives the journal of its calls."""
    journal = poste.drive_c / "word.txt"

    def put(*how: str) -> Path:
        assert poste.python(FAUX_WORD, "--poser", "C:\\word.txt", *how).status == 0
        return journal

    yield put
    poste.run("reg", "delete", "HKLM\\Software\\Classes\\Word.Application", "/f")
    journal.unlink(missing_ok=True)


def calls(journal: Path) -> list[str]:
    return [line.partition(" ")[2] for line in journal.read_text(encoding="utf-8").splitlines()]


def test_word_opens_closes_and_quits_whatever_it_refuses(poste: Poste, word: Callable[..., Path]) -> None:
    journal = word()

    said = poste.python("-c", "from toolkit.formats import msword; print(msword.convert([b'un', b'refuse', b'trois']))")

    assert said.out == "[b'%PDF- un', NoPdf(raison=\"Word n'en a pas fait de PDF\"), b'%PDF- trois']\n"
    seen = "alertes=0 macros=3"
    assert calls(journal) == [
        *["Close vide 0", f"Open 0.docx {seen}", "Export 17", "Close 0.docx 0", f"Open 1.docx {seen}"],
        *[f"Open 2.docx {seen}", "Export 17", "Close 2.docx 0", "Quit 0"],
    ]


def test_the_watcher_never_calls_word(poste: Poste, partage: Bureau, word: Callable[..., Path]) -> None:
    journal = word()
    partage.dossier(exemple("dossier_groupe"))

    watched = poste.toolkit("surveiller", LECTEUR, "--une-fois", "--le", "2027-06-04")

    assert watched.status == 0, watched.out + watched.err
    assert list(partage.root.rglob("*.docx"))
    assert not journal.exists()
    asked = poste.toolkit("generer", LECTEUR, "--le", "2027-06-04")
    assert journal.exists(), asked.out + asked.err
    assert "Export 17" in calls(journal)


# Last: Wine goes on looking for the server that was killed, and starts no other for a while.
HANGS = """
import sys
from toolkit.formats import msword
from toolkit.system import processes
msword.START_SECONDS = 6
msword.PER_DOCUMENT_SECONDS = 0
print(msword.convert([b"un"]))
word = int(open("C:/word.txt").read().split()[0])
print(processes.is_alive(word))
"""


def test_a_word_that_never_answers_is_ended(poste: Poste, word: Callable[..., Path]) -> None:
    journal = word("lent")

    said = poste.python("-c", HANGS)

    assert calls(journal)[-1] == "Export 17"
    assert said.out == '[NoPdf(raison="Word n\'a pas répondu à temps")]\nFalse\n', said.err
