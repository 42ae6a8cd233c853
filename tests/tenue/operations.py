"""What changes a folder, counted as it is about to be done: before the n-th the process ends, or the machine refuses.

For a process of its own: hooks are never taken out again. Events of Python tell most of it; what has none (bytes that
are written, fsync) is counted by functions put in place of those of ``os`` and ``io``.
"""

import builtins
import errno
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, SupportsIndex

from tests.tenue.arbre import RANDOM

KILLED = 137
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ONE_PATH = {"os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.truncate", "os.utime", "os.setxattr"}
_TWO_PATHS = {"os.rename", "os.link", "os.symlink"}
_NEEDS_ROOM = {"open", "write", "os.mkdir", "os.fsync", "os.write", "os.link", "os.symlink", "os.sendfile"}
"""What a full disk refuses; it still lets one rename and remove."""
_WAITS = 0.06
"""Seconds: who sleeps longer waits for others, and the clock is moved on instead."""


class Operations:
    """Those of this process below one folder."""

    def __init__(self, folder: Path, at: int | None, error: int | None) -> None:
        """``at`` counts from 1; ``error`` is an errno, None to be killed. A full disk stays full."""
        self._start = os.fspath(folder.resolve()) + os.sep
        self._at = at
        self._error = error
        self._is_busy = False
        self.done: list[str] = []
        """Name and path of each, what is random in it left out."""
        self.before_end: Callable[[], object] = lambda: None

    def install(self) -> None:
        """From now on."""
        sys.addaudithook(self._on_event)
        for name, place in (("fsync", 0), ("fdatasync", 0), ("write", 0), ("sendfile", 0), ("copy_file_range", 1)):
            setattr(os, name, self._counted(getattr(os, name), f"os.{name}", place))
        operations = self

        class Raw(io.FileIO):
            def write(self, content: Any) -> int:
                half = bytes(content)[: len(content) // 2]
                operations.about_to("write", self.fileno(), half_done=lambda: io.FileIO.write(self, half))
                return super().write(content)

        # Where pathlib, tempfile and os.fdopen find it.
        io.open = builtins.open = _opener(Raw)

    def _on_event(self, event: str, args: tuple[Any, ...]) -> None:
        if self._is_busy:
            return
        if event == "open":
            if isinstance(args[2], int) and args[2] & _WRITES and not isinstance(args[0], int):
                self.about_to("open", args[0])
        elif event in _ONE_PATH:
            self.about_to(event, args[0], folder=args[-1])
        elif event in _TWO_PATHS:
            # A path and the descriptor of its folder, twice; a link that only names the other has one.
            folders = args[2:] if len(args) == 4 else (-1, args[2])
            self.about_to(event, args[0], args[1], folder=folders[0], other_folder=folders[1])

    def _counted(self, act: Callable[..., Any], name: str, place: int) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.about_to(name, args[place])
            return act(*args, **named)

        return counted

    def about_to(
        self,
        name: str,
        *paths: Any,
        folder: int = -1,
        other_folder: int = -1,
        half_done: Callable[[], object] = lambda: None,
    ) -> None:
        """One operation, by its paths or descriptors: it is counted, and may never be done."""
        if self._is_busy:
            return
        self._is_busy = True
        try:
            full = [_full(path, at) for path, at in zip(paths, (folder, other_folder), strict=False)]
            if not any(path.startswith(self._start) for path in full):
                return
            told = " → ".join(path.removeprefix(self._start) for path in full)
            self.done.append(RANDOM.sub("…", f"{name} {told}"))
            if self._at is None or len(self.done) < self._at:
                return
            if self._error is None:
                half_done()
                self.before_end()
                os._exit(KILLED)
            if len(self.done) == self._at or (self._error == errno.ENOSPC and name in _NEEDS_ROOM):
                half_done()
                raise OSError(self._error, os.strerror(self._error), full[0])
        finally:
            self._is_busy = False


def _full(path: Any, folder: Any) -> str:
    """Of a path or a descriptor; where its file lies, whatever links lead there."""
    if isinstance(path, int):
        return _of_descriptor(path).removesuffix(" (deleted)")
    text = os.fsdecode(path)
    base = _of_descriptor(folder) if isinstance(folder, int) and folder >= 0 else ""
    whole = Path(base, text)
    return str(whole.parent.resolve() / whole.name)


def _of_descriptor(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def _opener(raw_kind: type[io.FileIO]) -> Callable[..., Any]:
    """``open``, whose files count each piece that they write."""
    real = io.open

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if not set(mode) & set("wxa+"):
            return real(file, mode, buffering, encoding, errors, newline, closefd, opener)
        raw = raw_kind(file, mode.replace("b", "").replace("t", ""), closefd, opener)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline, buffering == 1)

    return opened


def hurry() -> None:
    """Who waits for minutes to pass does not make this process wait: its clock is moved on."""
    sleep, monotonic = time.sleep, time.monotonic
    ahead = 0.0

    def wait(seconds: float | SupportsIndex) -> None:
        nonlocal ahead
        if float(seconds) < _WAITS:
            sleep(seconds)
        else:
            ahead += float(seconds)

    time.sleep = wait
    time.monotonic = lambda: monotonic() + ahead
