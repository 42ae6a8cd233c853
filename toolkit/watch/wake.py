"""Something moved in the tree: a hint to look at it, never more. Knows watchdog, with ``inotify`` alone.

Events are lost, doubled, or speak of files that are gone (constats.md §1.1), so all that is kept of them is
that there was one. On a share of another machine there are none at all, and the scanner has to look by itself.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver

from toolkit.system import files, mounts
from toolkit.tree import layout
from toolkit.tree.layout import Stamp
from toolkit.tree.presence import is_root_there
from toolkit.watch import retries

# Without « opened » and « closed without writing »: watchdog 7.1 answers an overflow by walking the tree again, which
# opens every folder, which overflows the queue again (constats.md §1.2).
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
USED_UP = (
    "Le système n'a plus de quoi suivre tous les dossiers (fs.inotify.max_user_watches, max_user_instances) : "
    "l'arborescence est examinée toutes les trois secondes. Remède : augmenter ces limites."
)


class Wake(FileSystemEventHandler):
    """Set when something other than our own bookkeeping moved below the root; watches from the first ``renew`` on."""

    def __init__(self, root: Path) -> None:
        self.root = root
        """Of the tree that is watched."""
        self._moved = threading.Event()
        self._observer: BaseObserver | None = None
        self._place = _place_of(root)
        self._is_elsewhere = False
        self._tries = 0
        self._next_try = 0.0
        self.complaint: str | None = None
        """Why there are no events where there should be, in French."""

    @property
    def has_events(self) -> bool:
        """Whether the system tells of all changes: the watch is whole, and each thread that feeds it is alive."""
        if self._observer is None or not self._observer.is_alive() or not _is_whole(self._observer):
            return False
        return all(emitter.is_alive() for emitter in self._observer.emitters)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog, on a thread of its own; what we write ourselves wakes nobody."""
        names = f"{event.src_path!s} {event.dest_path!s}"
        if layout.SUIVI not in names and files.TEMPORARY_PREFIX not in names:
            self._moved.set()

    def rouse(self) -> None:
        """Ends the wait at once; from any thread."""
        self._moved.set()

    def sense(self) -> None:
        """Called every few seconds from another thread: a root that went, came back, or is another one is looked at.

        So are its settings: while they cannot be read, the tree may not be looked at for long.
        """
        place = _place_of(self.root)
        if place != self._place:
            self._is_elsewhere = self._is_elsewhere or place.disks != self._place.disks
            self._place = place
            self._moved.set()

    def wait(self, seconds: float) -> bool:
        """Whether something moved, at once or within so many seconds."""
        return self._moved.wait(seconds)

    def clear(self) -> None:
        """What moved so far is about to be looked at."""
        self._moved.clear()

    def renew(self, now: float) -> None:
        """Watch, or watch again where the root is another one or the watch has a fault; after a failure, less often."""
        if self._is_elsewhere:
            self._is_elsewhere = False
            self._tries = 0
        elif self.has_events or now < self._next_try:
            return
        self.stop()
        self._start()
        self._tries = 0 if self.has_events else self._tries + 1
        self._next_try = now + retries.pause(self._tries) if self._tries else 0.0

    def stop(self) -> None:
        """Gives back to the system what it watched with."""
        observer, self._observer = self._observer, None
        if observer is not None:
            with suppress(Exception):
                observer.stop()

    def _start(self) -> None:
        self.complaint = None
        if mounts.is_remote(self.root) or not is_root_there(self.root):
            return
        try:
            self._observer = _make_observer(self)
            self._observer.schedule(self, str(self.root), recursive=True, event_filter=_EVENTS)
            self._observer.start()
        except OSError as error:
            self.complaint = USED_UP if error.errno in _NONE_LEFT else None
        except RuntimeError:  # no thread left
            pass
        if self._observer is not None and not _is_whole(self._observer):
            self.complaint = USED_UP
        if not self.has_events:
            self.stop()


if sys.platform == "linux":
    from toolkit.watch.inotify import USED_UP as _NONE_LEFT
    from toolkit.watch.inotify import CountingObserver

    def _make_observer(wake: Wake) -> BaseObserver:
        return CountingObserver(wake.root, wake.rouse)

    def _is_whole(observer: BaseObserver) -> bool:
        return isinstance(observer, CountingObserver) and observer.is_whole

else:
    from watchdog.observers import Observer

    _NONE_LEFT: tuple[int, ...] = ()

    def _make_observer(wake: Wake) -> BaseObserver:
        return Observer()

    def _is_whole(observer: BaseObserver) -> bool:
        return True


class _Whereabouts(NamedTuple):
    """Where the root lies at one moment; nothing of it while office.toml is not there."""

    disks: tuple[int, ...] = ()
    """Which folder the root is, then the disks of the folders in it."""
    settings: tuple[Stamp | None, ...] = ()


def _place_of(root: Path) -> _Whereabouts:
    if not is_root_there(root):
        return _Whereabouts()
    try:
        status = root.stat()
        return _Whereabouts((status.st_ino, status.st_dev, *sorted(_disks(root))), tuple(_settings(root)))
    except OSError:
        return _Whereabouts()


def _disks(root: Path) -> set[int]:
    with os.scandir(root) as listing:
        return {entry.stat().st_dev for entry in listing if entry.is_dir(follow_symlinks=False)}


def _settings(root: Path) -> Iterator[Stamp | None]:
    for name in (layout.OFFICE, layout.PRESTATAIRES):
        try:
            status = (root / name).stat()
            yield status.st_size, status.st_mtime_ns
        except OSError:
            yield None
