"""The language of the tests: TOML and a tree in, a tree out."""

import io
import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from toolkit import cli
from toolkit.errors import FileRefused, ToolkitError
from toolkit.system.isolated import Isolated
from toolkit.walk import generate

ICI = Path(__file__).parent
EXEMPLES = ICI / "exemples"
JOUR = date(2027, 6, 4)
"""Today, unless a test says otherwise."""


@dataclass
class Run:
    """What a command gave back."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Bureau:
    """An office in a temporary folder: its settings are the examples, its dossiers what the test writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("office.toml", "prestataires.toml"):
            root.joinpath(name).write_bytes((EXEMPLES / name).read_bytes())

    def dossier(
        self,
        toml: str | bytes,
        *,
        nom: str = "2027-06-17 Aînés de Sainte-Fiction 42p",
        lieu: str = "Groupe/2027/06 - Juin/Dossier en cours",
    ) -> Path:
        """Put a dossier.toml in a folder of the tree; gives the folder."""
        folder = self.root / lieu / nom
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("dossier.toml").write_bytes(toml if isinstance(toml, bytes) else toml.encode())
        return folder

    def run(self, *arguments: str | Path, le: date | None = JOUR) -> Run:
        """Run one command of the toolkit, as a person would."""
        argv = [str(argument) for argument in arguments]
        if le is not None:
            argv += ["--le", le.isoformat()]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = cli.main(argv)
        return Run(status, out.getvalue(), err.getvalue())

    def seen_from(self, path: str) -> None:
        """Where the desktops see its root."""
        office = self.root / "office.toml"
        text = re.sub(r"(?m)^vu_des_postes = .*$", lambda _: f"vu_des_postes = '{path}'", office.read_text("utf-8"))
        office.write_text(text, encoding="utf-8")

    def files(self, under: Path | None = None) -> set[str]:
        """Every file below a folder, by relative path."""
        under = under or self.root
        return {path.relative_to(under).as_posix() for path in under.rglob("*") if path.is_file()}


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    return Bureau(tmp_path)


def exemple(name: str, *changes: tuple[str, str]) -> str:
    """An example dossier.toml with some texts replaced; each text must be there."""
    text = (EXEMPLES / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} is not in {name}.toml"
        text = text.replace(old, new)
    return text


# Images of machines often say not to write it: every process of the tests would compile them all anew.
sys.dont_write_bytecode = False

MEMORY = Path("/dev/shm")
"""Where Linux lets programs keep files in memory."""
ENOUGH = 1 << 30
"""Bytes free there: far more than the trees of a few tests at once."""


def pytest_configure(config: pytest.Config) -> None:
    """The fast tests alone keep their trees in memory where they may: thousands of small files wait for no disk."""
    if config.option.markexpr == "not slow" and MEMORY.is_dir():
        memory = os.statvfs(MEMORY)
        if memory.f_bavail * memory.f_frsize >= ENOUGH and os.access(MEMORY, os.W_OK):
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def _here(isolated: Isolated, content: bytes, arguments: tuple[str, ...], seconds: float) -> bytes:
    """What the child of ``isolated`` does, in this process."""
    module, _, function = isolated._task.partition(":")
    try:
        made: bytes = getattr(import_module(module), function)(content, *arguments)
    except ToolkitError as refusal:
        raise FileRefused(str(refusal)) from None
    return made


@pytest.fixture(autouse=True)
def sans_programmes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the tests marked slow may start LibreOffice, a team of processes, or a child for foreign files."""
    if "slow" in request.keywords:
        return
    monkeypatch.setenv("TOOLKIT_SOFFICE", "/aucun/soffice")
    monkeypatch.setattr(Isolated, "_ask", _here)
    # On a Windows desktop no slow test is run: there the team is tried by the large trees of the others.
    if sys.platform != "win32":
        monkeypatch.setattr(generate, "SHARED_FROM", sys.maxsize)
