"""``copie``: beside each PDF, under a name that nothing bears; what a person made of a former copy stays."""

from pathlib import Path

import pytest

from tests.conftest import Bureau, Run
from tests.formats.test_pdf import document
from tests.pieges import needs_linux
from toolkit.errors import EnvironmentRefused
from toolkit.system import files


def copie(bureau: Bureau, *paths: Path | str) -> Run:
    return bureau.run("copie", *paths, le=None)


def plain(shown: str) -> str:
    return shown.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def bon(tmp_path: Path) -> Path:
    path = tmp_path / "bon.pdf"
    path.write_bytes(document())
    return path


def _written(path: Path) -> tuple[int, int, int]:
    """What tells that a file was written again: reading it changes none of it."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def test_the_same_pdf_has_one_copy_however_often_it_is_asked_for(bureau: Bureau, bon: Path) -> None:
    assert plain(copie(bureau, bon).out).strip() == f"Copie faite : {bon.with_name('bon COPIE.pdf')}"
    before = _written(bon.with_name("bon COPIE.pdf"))

    assert plain(copie(bureau, bon).out).strip() == f"La copie est déjà là : {bon.with_name('bon COPIE.pdf')}"

    assert _written(bon.with_name("bon COPIE.pdf")) == before
    assert len(list(bon.parent.glob("*.pdf"))) == 2


def test_a_copy_that_someone_annotated_stays(bureau: Bureau, bon: Path) -> None:
    copie(bureau, bon)
    theirs = bon.with_name("bon COPIE.pdf")
    theirs.write_bytes(annotated := theirs.read_bytes() + b"% vu avec le restaurant\n")

    for _ in range(2):
        assert copie(bureau, bon, "--json").json["copies"][0]["copie"] == str(bon.with_name("bon COPIE (2).pdf"))

    assert theirs.read_bytes() == annotated
    assert len(list(bon.parent.glob("*.pdf"))) == 3


@needs_linux
def test_the_next_name_is_taken_beside_a_file_that_cannot_be_read(bureau: Bureau, bon: Path) -> None:
    bon.with_name("bon COPIE.pdf").mkdir()
    bon.with_name("bon COPIE (2).pdf").symlink_to(bon.with_name("disparu.pdf"))

    assert copie(bureau, bon, "--json").json["copies"][0]["copie"] == str(bon.with_name("bon COPIE (3).pdf"))


def test_what_the_machine_refuses_may_succeed_later_and_stops_no_other(
    bureau: Bureau, bon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    autre = bon.with_name("autre.pdf")
    autre.write_bytes(document())
    write = files.write

    def full(path: Path, content: bytes, **more: Path | None) -> None:
        if path.name.startswith("bon"):
            raise EnvironmentRefused("Disque plein")
        write(path, content, home=more["home"])

    monkeypatch.setattr(files, "write", full)
    run = copie(bureau, bon, autre)
    assert run.status == 4
    assert "bon.pdf : pas de copie, Disque plein" in plain(run.out) and "autre COPIE.pdf" in run.out
    assert copie(bureau, bon, bon.with_name("absent.pdf")).status == 1
