"""What every way to a PDF has in common: a program under a time limit, and what is left when it made none."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import EnvironmentRefused


@dataclass(frozen=True, slots=True)
class NoPdf:
    """In place of the PDF of one document among many: why there is none."""

    raison: str
    """A French clause."""


def start(program: str, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Raises EnvironmentRefused, which names the program."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentRefused(f"{program} ne démarre pas ({error.strerror or error}).") from error


def wait(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether it ended by itself in this time; it is killed otherwise."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        stop(process)
        return False
    return True


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Kill it and its children, if it still runs."""
    if process.poll() is None:
        kill(process.pid)
        process.wait()


if sys.platform == "win32":

    def kill(process: int) -> None:
        """End a process and its children, or the process at least."""
        taskkill = Path(os.environ["SYSTEMROOT"], "System32", "taskkill.exe")
        subprocess.run([taskkill, "/F", "/T", "/PID", str(process)], capture_output=True, check=False)
        with suppress(OSError):  # it is gone, as it should be
            os.kill(process, signal.SIGTERM)

else:

    def kill(process: int) -> None:
        """End a process and the others of its session."""
        os.killpg(process, signal.SIGKILL)


def made(path: Path, program: str, *, is_finished: bool) -> bytes | NoPdf:
    """The PDF, if the program left one: its exit status is not believed."""
    if path.is_file():
        return path.read_bytes()
    why = "n'en a pas fait de PDF" if is_finished else "n'a pas répondu à temps"
    return NoPdf(f"{program} {why}")
