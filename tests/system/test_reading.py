"""What is read is a plain file of a size that its kind can have; nobody is waited for, and the rest is told."""

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.pieges import lay, needs_linux, pieges, promptly
from toolkit.errors import EnvironmentRefused
from toolkit.system import files, holders

pytestmark = needs_linux


@pieges
@pytest.mark.parametrize("name", ["dossier.toml", "etat.json", "contrat.docx"])
def test_what_is_no_file_is_told_at_once(piege: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    lay(piege, path)

    with promptly(), pytest.raises(EnvironmentRefused) as refusal:
        files.read_if_there(path)

    told = str(refusal.value)
    assert f"« {path} »" in told and told.endswith("l'ôter."), told
    assert "directory" not in told and "levels" not in told


@pytest.mark.parametrize(("name", "most"), [("dossier.toml", 4_000_000), ("recap.xlsx", files.BYTES_MAX)])
def test_the_largest_that_is_read(name: str, most: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.touch()
    os.truncate(path, most)
    if most < 10_000_000:
        assert files.read_if_there(path) == bytes(most)
    os.truncate(path, most + 1)

    with pytest.raises(EnvironmentRefused, match=f"{most // 1_000_000 + 1} Mo, quand il en faut {most // 1_000_000}"):
        files.read_if_there(path)


def test_a_large_file_is_hashed_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.touch()
    os.truncate(path, 32 << 20)
    tracemalloc.start()
    try:
        told = files.sha256_of(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert told == files.sha256(bytes(32 << 20))


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 1_000_000])
def test_a_hash_is_that_of_the_bytes(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    assert files.sha256_of(path) is None
    path.write_bytes(content)

    assert files.sha256_of(path) == files.sha256(content)


@pieges
def test_nobody_is_waited_for_when_a_holder_is_asked_for(piege: str, tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    lay(piege, path)
    lay(piege, tmp_path / "~$ntrat.docx")

    with promptly():
        assert holders.is_open_elsewhere(path) in (True, False)
        assert holders.holder(path) in (None, "quelqu'un")


def test_a_folder_is_listed_and_one_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    tmp_path.joinpath("b").touch()
    tmp_path.joinpath("a").mkdir()

    assert sorted(entry.name for entry in files.list_folder(tmp_path)) == ["a", "b"]
    assert files.list_folder(str(tmp_path / "b")) == files.list_folder(tmp_path / "c") == []


LEASE = """
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, lambda *told: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK))
file = os.open(sys.argv[1], os.O_RDONLY)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_file_whose_lease_is_given_back_is_read(tmp_path: Path) -> None:
    """As Samba gives its own back when the server itself wants to read."""
    path = tmp_path / "dossier.toml"
    path.write_bytes(b"x")
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LEASE, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        with promptly():
            assert files.read_if_there(path) == b"x"
        process.kill()


def test_the_files_of_a_folder_are_listed_whatever_lies_beside(tmp_path: Path) -> None:
    for name in ("b.docx", "a.docx"):
        (tmp_path / name).touch()
    (tmp_path / "dossier").mkdir()
    (tmp_path / "lien").symlink_to("b.docx")
    (tmp_path / "lien perdu").symlink_to("ailleurs")
    (tmp_path / "lien en boucle").symlink_to("lien en boucle")
    os.mkfifo(tmp_path / "tube")

    assert [path.name for path in files.list_files(tmp_path)] == ["a.docx", "b.docx", "lien"]
    assert files.list_files(tmp_path / "nulle part") == []
