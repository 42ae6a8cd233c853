"""What a tree may hold that nobody can read: pipes, links that lead nowhere, gigabytes of nothing, closed folders."""

import ctypes
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS = 30
_CAPABILITY_VERSION = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1 << 1, 1 << 2
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
    "tube": lambda path: os.mkfifo(path),
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


@contextmanager
def ordinary_rights() -> Iterator[None]:
    """As for anyone else, what may not be read or entered is refused: root gives up its privilege for a moment.

    Only the thread that asks for it does; the programs that it starts do not.
    """
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    rights = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, rights) == 0, os.strerror(ctypes.get_errno())
    effective = rights[0]
    rights[0] &= ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    assert libc.capset(header, rights) == 0, os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        rights[0] = effective
        assert libc.capset(header, rights) == 0, os.strerror(ctypes.get_errno())


@contextmanager
def closed(*paths: Path) -> Iterator[None]:
    """Nobody may read nor enter these, the outermost first."""
    modes = [(path, path.stat().st_mode) for path in paths]
    for path in reversed(paths):
        path.chmod(0)
    try:
        with ordinary_rights():
            yield
    finally:
        for path, mode in modes:
            path.chmod(mode)
