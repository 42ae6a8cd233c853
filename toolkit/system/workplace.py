"""A temporary folder for papers of clients: nothing of it is left behind, not even by a process that was killed.

Whoever works in one holds a lock file inside it, which the system lets go of with its process: a folder whose lock can
be had belongs to nobody any more, and the next one who needs such a folder removes it.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.system import locks, processes

_PREFIX = "toolkit-pdf-"
_LOCK = "verrou"
_LEFT_SECONDS = 24 * 3600
"""Nobody takes so long between making a folder and holding its lock."""


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder of this process alone, gone at the end; those of processes that are gone go first."""
    sweep()
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        try:
            with locks.alone_here(folder / _LOCK) as is_ours:
                if is_ours and (folder / _LOCK).exists():
                    try:
                        yield folder
                    finally:
                        _empty(folder)
                    return
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove the folders of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _is_ours_to_remove(folder) and _is_left(folder):
                _empty(folder)
                shutil.rmtree(folder, ignore_errors=True)


def _empty(folder: Path) -> None:
    """The papers first: while there are any, the lock tells whose they are."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != _LOCK:
            with suppress(OSError):
                path.unlink()


def _is_ours_to_remove(folder: Path) -> bool:
    """A folder of this very account: others may put anything under such a name in the folder of everyone."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return sys.platform == "win32" or folder.stat().st_uid == os.getuid()


def _is_left(folder: Path) -> bool:
    if not (folder / _LOCK).exists():
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        is_gone = process.isdecimal() and not processes.is_alive(int(process))
        return is_gone or time.time() - folder.stat().st_mtime > _LEFT_SECONDS
    with locks.alone_here(folder / _LOCK) as is_nobodys:
        return is_nobodys
