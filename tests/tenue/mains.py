"""A hand on a tree: commands in a process of its own, that may be cut short.

A child of this process, which has all of the toolkit in memory already: hundreds of them start within a minute.
"""

import importlib
import io
import json
import os
import pkgutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import docx
from pypdf import PdfWriter

import toolkit
from tests.conftest import JOUR, Bureau, exemple
from tests.tenue import faux_soffice
from tests.tenue.operations import Operations, hurry
from toolkit import cli
from toolkit.system import files

ARBRE, TEMPORAIRE, PROGRAMMES = "arbre", "temporaire", "programmes"
_OUT_OF_MAIN = 70
"""Exit status of a child whose command raised instead of answering."""


@dataclass(frozen=True)
class Fait:
    """What became of one command."""

    status: int
    said: str
    operations: list[str] = field(default_factory=list)


def warm_up() -> None:
    """Read all modules once, and what they read when they are first used, for those that are started from here."""
    for module in pkgutil.walk_packages(toolkit.__path__, "toolkit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with tempfile.TemporaryDirectory(prefix="tenue-") as name:
        bureau = Bureau(Path(name))
        bureau.dossier(exemple("dossier_groupe"))
        for argv in (["generer", name, "--sans-pdf"], ["tableau", name], ["modeles", "champs"]):
            bureau.run(*argv)
    docx.Document()
    PdfWriter()


def lay(folder: Path) -> Path:
    """What a trial needs: a tree, a temporary folder, a program that makes PDFs. Gives the tree."""
    for name in (ARBRE, TEMPORAIRE, PROGRAMMES):
        (folder / name).mkdir(parents=True)
    faux_soffice.install(folder / PROGRAMMES)
    return folder / ARBRE


def command(folder: Path, argv: Sequence[str], *, at: int | None = None, error: int | None = None) -> Fait:
    """Run in the tree of ``folder``, and stopped before its ``at``-th operation as ``Operations`` says."""

    def work(answer: BinaryIO) -> int:
        hurry()
        operations = Operations(folder, at, error)
        operations.before_end = lambda: _tell(answer, operations.done)
        operations.install()
        status = _run(argv)
        operations.before_end()
        return status

    status, said, operations = _in_a_child(folder, work)
    return Fait(status, said, operations or [])


def several(folder: Path, commands: Sequence[Sequence[str]], *, start: float = 0.0, patient: bool = True) -> list[Fait]:
    """One command after another by the same process, from a moment of the clock on.

    Who is patient types again what is refused for now (4), a hundred times at the most.
    """

    def work(answer: BinaryIO) -> int:
        time.sleep(max(0.0, start - time.time()))
        done = []
        for argv in commands:
            for _ in range(100):
                before = os.lseek(1, 0, os.SEEK_CUR)
                status = _run(argv)
                if status != 4 or not patient:
                    break
            done.append((status, before, os.lseek(1, 0, os.SEEK_CUR)))
        _tell(answer, done)
        return 0

    status, said, done = _in_a_child(folder, work)
    assert status == 0, said
    words = said.encode()
    return [Fait(one, words[start:end].decode()) for one, start, end in done]


def _run(argv: Sequence[str]) -> int:
    try:
        return cli.main([*argv, "--le", JOUR.isoformat()])
    except SystemExit as end:  # the command was mistyped
        return end.code if isinstance(end.code, int) else _OUT_OF_MAIN


def _tell(answer: BinaryIO, what: object) -> None:
    answer.write(json.dumps(what).encode())


def _in_a_child(folder: Path, work: Callable[[BinaryIO], int]) -> tuple[int, str, Any]:
    """Exit status, words, and what it told."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile(buffering=0) as answer:
        pid = os.fork()
        if pid == 0:
            status = _OUT_OF_MAIN
            try:
                _settle(folder, said.fileno())
                status = work(answer)
            except BaseException as error:
                sys.stderr.write(f"Traceback: {error!r}")
            finally:
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        said.seek(0)
        answer.seek(0)
        return status, said.read().decode("utf-8", "replace"), json.loads(answer.read() or b"null")


def _settle(folder: Path, said: int) -> None:
    """In a child: its words, its folders, its programs."""
    os.dup2(said, 1)
    os.dup2(said, 2)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), "utf-8", write_through=True)
    os.environ["TOOLKIT_SOFFICE"] = str(folder / PROGRAMMES / "soffice")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / TEMPORAIRE)
    os.chdir(folder / ARBRE)
    # Temporary files are named for their process, which this module asked about when it was read.
    importlib.reload(files)
