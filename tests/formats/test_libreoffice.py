"""LibreOffice that hangs, ends early, does not start, is killed, or is asked to fetch something.

What stands for it does with each document what the document says.
"""

import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader

from tests.conftest import Bureau, exemple
from tests.modeles_word import modele
from toolkit.formats import libreoffice
from toolkit.formats.conversion import NoPdf
from toolkit.formats.libreoffice import LibreOffice, find_libreoffice
from toolkit.modele.trial import _DOT

pytestmark = pytest.mark.slow

SCRIPT = """#!{python} -IS
import os, sys, time
with open({journal!r}, "a") as journal:
    journal.write(str(os.getpid()) + "\\n")
where = sys.argv.index("--outdir") + 1
for path in sys.argv[where + 1 :]:
    said = open(path, "rb").read()
    if said == b"pend":
        time.sleep(600)
    if said == b"meurt":
        os.abort()
    if said != b"refuse":
        target = os.path.join(sys.argv[where], os.path.basename(path).rpartition(".")[0] + ".pdf")
        with open(target, "wb") as pdf:
            pdf.write(b"%PDF " + said + (b"" if said == b"coupe" else b" %%EOF"))
        if said == b"coupe":
            time.sleep(600)
{end}
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, of this test alone."""
    folder = tmp_path / "temporaire"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


Faux = Callable[..., tuple[Path, Callable[[], int]]]


@pytest.fixture
def faux(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Faux:
    """Makes a soffice, and what tells how often it was started; nothing is waited for long."""
    for name in ("FIRST_SECONDS", "NEXT_SECONDS", "LAST_SECONDS", "ALONE_SECONDS"):
        monkeypatch.setattr(libreoffice, name, 1)

    def make(end: str = "") -> tuple[Path, Callable[[], int]]:
        program, journal = tmp_path / "soffice", tmp_path / "journal"
        program.write_text(SCRIPT.format(python=sys.executable, journal=str(journal), end=end))
        program.chmod(0o755)
        return program, lambda: len(journal.read_text().splitlines()) if journal.exists() else 0

    return make


def told(results: Sequence[bytes | NoPdf]) -> list[str]:
    return [one.raison if isinstance(one, NoPdf) else one.decode()[5:-6] for one in results]


A_TEMPS, RIEN = "LibreOffice n'a pas répondu à temps", "LibreOffice n'en a pas fait de PDF"
REPOND_PAS = "LibreOffice ne répond pas : voir « toolkit diagnostic »"


def test_all_are_made_by_one_start(faux: Faux, temporary: Path) -> None:
    program, starts = faux()
    assert told(LibreOffice(program).convert([b"%d" % one for one in range(50)])) == [str(one) for one in range(50)]
    assert starts() == 1
    assert list(temporary.iterdir()) == []


def test_or_by_one_a_core(faux: Faux) -> None:
    program, starts = faux()
    assert told(LibreOffice(program, 2).convert([b"%d" % one for one in range(9)])) == [str(one) for one in range(9)]
    assert starts() == 2


@pytest.mark.parametrize(("bad", "why"), [(b"pend", A_TEMPS), (b"meurt", RIEN), (b"refuse", RIEN), (b"coupe", A_TEMPS)])
def test_a_document_that_cannot_be_made_costs_only_itself(bad: bytes, why: str, faux: Faux) -> None:
    program, starts = faux()
    some = [b"un", b"deux", bad, b"quatre", b"cinq"]
    assert told(LibreOffice(program).convert(some)) == ["un", "deux", why, "quatre", "cinq"]
    # With the others, the others after it, once more alone.
    assert starts() == (2 if bad == b"refuse" else 3)


def test_several_of_them_cost_only_themselves(faux: Faux) -> None:
    program, _ = faux()
    some = [b"pend", b"un", b"refuse", b"meurt", b"deux", b"pend", b"trois", b"meurt"]
    made = told(LibreOffice(program, 2).convert(some))
    assert made == [A_TEMPS, "un", RIEN, RIEN, "deux", A_TEMPS, "trois", RIEN]


def test_a_program_that_made_all_and_does_not_end_is_ended(faux: Faux) -> None:
    program, starts = faux(end="time.sleep(600)")
    assert told(LibreOffice(program).convert([b"un", b"deux"])) == ["un", "deux"]
    assert starts() == 1


def test_one_that_makes_nothing_in_time_is_given_up_for_the_run(faux: Faux) -> None:
    program, starts = faux()
    office = LibreOffice(program)
    started = time.monotonic()
    assert told(office.convert([b"pend"] * 30)) == [REPOND_PAS] * 30
    assert starts() == 2 and time.monotonic() - started < 20
    assert told(office.convert([b"un"])) == [REPOND_PAS] and starts() == 2
    assert told(LibreOffice(program).convert([b"un"])) == ["un"]


def test_a_new_pdf_wipes_out_what_was_slow_before(faux: Faux) -> None:
    program, _ = faux()
    office = LibreOffice(program)
    for _ in range(4):
        assert told(office.convert([b"pend"])) == [A_TEMPS]
        assert told(office.convert([b"un"])) == ["un"]


def test_bad_documents_alone_do_not_give_it_up(faux: Faux) -> None:
    program, _ = faux()
    office = LibreOffice(program)
    assert told(office.convert([b"refuse", b"meurt"])) == [RIEN, RIEN]
    assert told(office.convert([b"un"])) == ["un"]


@pytest.mark.parametrize(("content", "why"), [("", "Exec format error"), ("#!/aucun/programme\n", "No such file")])
def test_one_that_cannot_be_started_is_told(content: str, why: str, tmp_path: Path, temporary: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text(content)
    program.chmod(0o755)
    (one, two) = told(LibreOffice(program).convert([b"un", b"deux"]))
    assert one == two and one.startswith(f"LibreOffice ne démarre pas ({why}") and "toolkit diagnostic" in one


def test_a_full_or_missing_folder_of_temporary_files_is_told(faux: Faux, temporary: Path) -> None:
    program, starts = faux()
    temporary.rmdir()
    (one,) = told(LibreOffice(program).convert([b"un"]))
    assert one.startswith("le dossier des fichiers temporaires ne se prête à rien (No such file")
    assert starts() == 0


def test_a_run_goes_to_its_end_without_it(faux: Faux, bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    program, starts = faux(end="")
    program.write_text("#!/bin/sh\necho >> " + str(program.with_name("journal")) + "\nsleep 600\n")
    monkeypatch.setenv("TOOLKIT_SOFFICE", str(program))
    for number in range(25):
        toml = exemple("dossier_groupe", ("2027-G-014", f"2027-G-{number + 100}"))
        bureau.dossier(toml, nom=f"2027-06-17 Client {number}")
    started = time.monotonic()
    run = bureau.run("generer", bureau.root, "--json")
    assert time.monotonic() - started < 60
    assert starts() <= 4  # two for each core
    assert "LibreOffice ne répond pas" in run.out and "toolkit diagnostic" in run.out
    assert len(list(bureau.root.rglob("3 Contrat/Contrat*.docx"))) == 25
    assert list(bureau.root.glob("Groupe/2027/*.xlsx")) and not list(bureau.root.rglob("*.pdf"))


# --- what is left behind ------------------------------------------------------------------------------------------

KILLED = """
import sys, tempfile
from pathlib import Path
from toolkit.formats.libreoffice import convert
tempfile.tempdir = sys.argv[1]
convert([b"pend"], Path(sys.argv[2]))
"""


def test_a_kill_leaves_neither_papers_nor_program(faux: Faux, temporary: Path) -> None:
    program, starts = faux()
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(temporary), str(program)])
    _until(lambda: starts() == 1)
    (folder,) = temporary.iterdir()
    assert (folder / "0.docx").read_bytes() == b"pend"
    killed.kill()
    killed.wait()
    _until(lambda: not list(temporary.iterdir()))
    _until(lambda: not _is_running(int(program.with_name("journal").read_text())))


def test_papers_of_a_process_that_is_gone_are_swept_by_the_next(faux: Faux, temporary: Path) -> None:
    program, starts = faux()
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(temporary), str(program)])
    _until(lambda: starts() == 1)
    other = subprocess.Popen([sys.executable, "-c", KILLED, str(temporary), str(program)])
    _until(lambda: starts() == 2)
    # Whoever should have removed them is killed as well.
    for process in _children(killed.pid):
        os.kill(process, signal.SIGKILL)
    killed.kill()
    killed.wait()
    os.kill(int(program.with_name("journal").read_text().splitlines()[0]), signal.SIGKILL)
    assert len(list(temporary.iterdir())) == 2
    assert told(LibreOffice(program).convert([b"un"])) == ["un"]
    assert len(list(temporary.iterdir())) == 1
    other.kill()
    other.wait()
    _until(lambda: not list(temporary.iterdir()))


def test_only_our_own_folders_are_swept(faux: Faux, temporary: Path, tmp_path: Path) -> None:
    program, _ = faux()
    elsewhere = tmp_path / "ailleurs"
    elsewhere.mkdir()
    (elsewhere / "verrou").touch()
    (temporary / "toolkit-pdf-lien").symlink_to(elsewhere)
    (temporary / "toolkit-pdf-fichier").touch()
    born = temporary / "toolkit-pdf-naissant"
    born.mkdir()
    old = temporary / "toolkit-pdf-ancien"
    old.mkdir()
    os.utime(old, (0, 0))
    LibreOffice(program).convert([b"un"])
    assert elsewhere.is_dir() and born.is_dir() and not old.exists()
    assert (temporary / "toolkit-pdf-fichier").exists()


def _until(comes: Callable[[], bool]) -> None:
    started = time.monotonic()
    while not comes():
        assert time.monotonic() - started < 20
        time.sleep(0.02)


def _is_running(process: int) -> bool:
    path = Path(f"/proc/{process}/stat")
    return path.exists() and ") Z " not in path.read_text()


def _children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


# --- what a document asks for -------------------------------------------------------------------------------------

needs_libreoffice = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice n'est pas installé")


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked of it."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(_DOT)

        do_GET = do_HEAD = do_OPTIONS = do_PROPFIND = answer  # noqa: N815 - names of the library

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/image.png", asked
        server.shutdown()


def linked(address: str) -> bytes:
    """A Word document that shows a picture which lies elsewhere."""

    def build(document: Document) -> None:
        link = document.part.relate_to(address, RELATIONSHIP_TYPE.IMAGE, is_external=True)
        names = nsdecls("w", "wp", "a", "pic", "r")
        picture = f"""<w:drawing {names}><wp:inline><wp:extent cx="914400" cy="914400"/><wp:docPr id="1" name="a"/>
            <a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>
            <pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>
            <pic:blipFill><a:blip r:link="{link}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
            <pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="914400" cy="914400"/></a:xfrm>
            <a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>
            </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"""
        document.add_paragraph("Une image").add_run()._r.append(parse_xml(picture))

    return modele(build=build)


def embedded() -> bytes:
    return modele(build=lambda document: document.add_picture(io.BytesIO(_DOT)))


@needs_libreoffice
def test_no_document_makes_it_fetch_anything(listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = listener
    local = tmp_path / "privé.png"
    local.write_bytes(_DOT)
    soffice = find_libreoffice()
    assert soffice is not None
    made = LibreOffice(soffice).convert([linked(address), linked(local.as_uri()), embedded()])
    pages = [PdfReader(io.BytesIO(one)).pages[0] for one in made if isinstance(one, bytes)]
    assert asked == []
    assert [len(page.images) for page in pages] == [0, 0, 1]
    assert "Une image" in pages[0].extract_text()


@needs_libreoffice
def test_without_our_profile_it_would(listener: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above proves nothing of this LibreOffice."""
    monkeypatch.setattr(libreoffice, "_SETTINGS", {})
    address, asked = listener
    soffice = find_libreoffice()
    assert soffice is not None
    LibreOffice(soffice).convert([linked(address)])
    assert "GET /image.png" in asked
