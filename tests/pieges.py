"""What lies under a file's name and is no file to be read: pipes, links that lead nowhere, gigabytes of nothing."""

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 30
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="pipes, sockets and links as Linux has them")


def _link_to_a_pipe(path: Path) -> None:
    pipe = path.with_name(f"{path.name} tube")
    os.mkfifo(pipe)
    path.symlink_to(pipe)


def _huge(path: Path) -> None:
    """Two gigabytes that take no room."""
    path.touch()
    os.truncate(path, 2 << 30)


PIEGES: dict[str, Callable[[Path], None]] = {
    "tube": os.mkfifo,
    "prise": lambda path: os.mknod(path, stat.S_IFSOCK | 0o666),
    "lien vers un périphérique": lambda path: path.symlink_to("/dev/null"),
    "lien vers un tube": _link_to_a_pipe,
    "lien vers rien": lambda path: path.symlink_to("absent"),
    "lien en boucle": lambda path: path.symlink_to(path.name),
    "dossier": Path.mkdir,
    "énorme": _huge,
}
"""How each is laid under a path, in the place of what may lie there."""
pieges = pytest.mark.parametrize("piege", PIEGES)


def lay(piege: str, path: Path) -> None:
    """In the place of a file, which may be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    PIEGES[piege](path)


@contextmanager
def promptly() -> Iterator[None]:
    """What waits for ever fails instead."""

    def stop(number: int, frame: object) -> None:
        raise TimeoutError(f"still waiting after {SECONDS} seconds")

    former = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
