"""Something moved in the tree: a hint to look at it, never more. The only module that knows watchdog.

Events are lost, doubled, or speak of files that are gone (constats.md §1.1), so all that is kept of them is
that there was one. On a share of another machine there are none at all, and the scanner has to look by itself.
"""

import threading
from pathlib import Path

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
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from toolkit.system import files, mounts
from toolkit.tree import layout
from toolkit.watch.heartbeat import STOP

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


class Wake(FileSystemEventHandler):
    """Set when something other than our own bookkeeping moved below the root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._moved = threading.Event()
        self._observer = _start(root, self)

    @property
    def has_events(self) -> bool:
        """Whether the system tells of changes at all: the watch is alive, and so is each thread that feeds it."""
        if self._observer is None or not self._observer.is_alive():
            return False
        return all(emitter.is_alive() for emitter in self._observer.emitters)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by watchdog, on a thread of its own; what we write ourselves wakes nobody, but for a stop."""
        names = f"{event.src_path!s} {event.dest_path!s}"
        is_ours = layout.SUIVI in names or files.TEMPORARY_PREFIX in names
        if not is_ours or STOP in names:
            self._moved.set()

    def wait(self, seconds: float) -> bool:
        """Whether something moved, at once or within so many seconds."""
        return self._moved.wait(seconds)

    def clear(self) -> None:
        """What moved so far is about to be looked at."""
        self._moved.clear()

    def restart(self) -> bool:
        """Begin again after a fault of the observer; whether there are events now."""
        self.stop()
        self._observer = _start(self._root, self)
        return self.has_events

    def stop(self) -> None:
        """Its threads are daemons: nobody waits for them."""
        if self._observer is not None:
            self._observer.stop()


def _start(root: Path, handler: FileSystemEventHandler) -> BaseObserver | None:
    if mounts.is_remote(root):
        return None
    observer = Observer()
    try:
        observer.schedule(handler, str(root), recursive=True, event_filter=_EVENTS)
        observer.start()
    except OSError:  # no watch left, or the root is gone: the scanner looks by itself until the next try
        return None
    return observer
