"""A Windows desktop for the tests: Wine with a genuine CPython for Windows, and the toolkit on it.

Each session works on a copy of its own, made of hard links in a moment: its own registry, drives and programs, whoever
else runs tests.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.conftest import ICI, Run
from tests.windows.prefixe import PYTHON, built, environment, home, quietly

PROGRAMS = ("wine", "wineserver", "osslsigncode")
TOOLKIT = "C:\\toolkit"
"""Where the checkout is copied, as the desktop sees it."""
LECTEUR = "L:\\"
PARTAGE = "\\\\serveur\\groupes\\"
SECONDS = 120.0
_CHECKOUT = ICI.parent


def missing() -> list[str]:
    """The programs of Debian that a desktop cannot do without here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class _Said:
    """What a program says, read as it comes: Wine's own servers may keep its pipes open once it has ended."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._content = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while some := os.read(self._stream.fileno(), 65_536):
            self._content += some

    def text(self) -> str:
        self._reader.join(1.0)
        return self._content.decode(errors="replace").replace("\r\n", "\n")


@dataclass(frozen=True)
class Poste:
    """One desktop; everything goes through pipes, as Python on Wine dies of a regular file as standard output."""

    prefix: Path

    def run(
        self,
        program: str,
        *arguments: str,
        cwd: Path | None = None,
        input: str | None = None,
        env: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
    ) -> Run:
        """Run a Windows program to its end; what it says is read as UTF-8."""
        with subprocess.Popen(
            ["wine", program, *arguments],
            cwd=cwd or self.drive_c,
            env=environment(self.prefix, env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            said = [_Said(stream) for stream in (process.stdout, process.stderr) if stream]
            assert process.stdin
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write((input or "").encode())
                process.stdin.close()
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            out, err = (one.text() for one in said)
        return Run(status, out, err)

    def python(self, *arguments: str, input: str | None = None, **options: object) -> Run:
        return self.run(PYTHON, "-X", "utf8", *arguments, input=input, **options)  # type: ignore[arg-type]

    def toolkit(self, *arguments: str, **options: object) -> Run:
        """A command of the toolkit, as ``python -m toolkit`` runs it there."""
        return self.python("-m", "toolkit", *arguments, **options)  # type: ignore[arg-type]

    def cmd(self, script: Path, *arguments: str, **options: object) -> Run:
        """A .cmd file of this machine, in its own folder, as a double click or a drop runs it."""
        return self.run("cmd", "/c", script.name, *arguments, cwd=script.parent, **options)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def running(self, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator["subprocess.Popen[str]"]:
        """A Python that goes on beside the test, with pipes at its three ends; killed afterwards."""
        with subprocess.Popen(
            ["wine", PYTHON, "-X", "utf8", "-u", *arguments],
            cwd=self.drive_c,
            env=environment(self.prefix, env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def share(self, folder: Path) -> None:
        """Show a folder of this machine as ``L:\\`` and as ``\\\\serveur\\groupes``."""
        for name in ("l:", "unc/serveur/groupes"):
            link = self.prefix / "dosdevices" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(folder.absolute())

    @property
    def drive_c(self) -> Path:
        return self.prefix / "drive_c"

    def stop(self) -> None:
        """End every program of the desktop."""
        subprocess.run(["wineserver", "-k"], env=environment(self.prefix), check=False)
        subprocess.run(["wineserver", "-w"], env=environment(self.prefix), check=False)


@contextlib.contextmanager
def poste() -> Iterator[Poste]:
    """A desktop with the checkout as it is now installed in its Python; thrown away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="seance-", dir=home()))
    shutil.copytree(built(), folder, symlinks=True, copy_function=_link, dirs_exist_ok=True)
    desktop = Poste(folder)
    _install_checkout(desktop.drive_c)
    # The server outlives each program, or the next one would wait for it to start again.
    quietly(folder, "wineserver", "-p")
    quietly(folder, "wine", "cmd", "/c", "exit")
    try:
        yield desktop
    finally:
        desktop.stop()
        shutil.rmtree(folder)


def _link(source: str, target: str) -> None:
    """A hard link, but for the registry, which Wine writes in place."""
    (shutil.copyfile if source.endswith(".reg") else os.link)(source, target)


def _install_checkout(drive_c: Path) -> None:
    """What git knows or may know of the checkout, where the Python of the desktop finds it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=_CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, target = _CHECKOUT / name, drive_c / "toolkit" / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    packages = drive_c / "Python311" / "Lib" / "site-packages"
    packages.joinpath("toolkit.pth").write_text(f"{TOOLKIT}\n", encoding="utf-8")
