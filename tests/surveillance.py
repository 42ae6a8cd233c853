"""The watcher as a process of its own, as a service runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ICI

Veilleur = subprocess.Popen[str]


def soon(condition: Callable[[], object], seconds: float = 25) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def command(root: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "toolkit", "surveiller", str(root), "--le", "2027-06-04", *arguments]


@contextmanager
def surveiller(root: Path, soffice: Path | str = "/aucun/soffice", before: Sequence[str] = ()) -> Iterator[Veilleur]:
    """A watcher that has begun, ended in the end; what it tells is read from ``stdout``. ``before`` starts it."""
    environment = {**os.environ, "TOOLKIT_SOFFICE": str(soffice)}
    with subprocess.Popen(
        [*before, *command(root)],
        cwd=ICI.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        encoding="utf-8",
    ) as process:
        try:
            assert soon((root / "_suivi/surveillance.json").exists), "no sign of life"
            yield process
        finally:
            process.kill()
