"""Events as Linux gives them, and whether some are missing: its watches may be used up, its disks unmounted.

watchdog leaves out without a word each folder that it could not watch. Knows watchdog, with ``wake`` alone.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

from toolkit.tree import layout

_OURS = os.fsencode(layout.SUIVI)
USED_UP = (errno.ENOSPC, errno.ENOMEM, errno.EMFILE)
"""What the system says when it has nothing left to watch with."""


class _Feed(InotifyFD):
    """The watches of one tree, each of which is a folder; those of ours are left out."""

    def __init__(self, root: Path, rouse: Callable[[], None]) -> None:
        super().__init__()
        self._start = len(os.fsencode(root))
        self._rouse = rouse
        self.is_whole = True
        """No folder was left out for want of a watch, no disk went away."""

    def add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
        if _OURS in path[self._start :].split(b"/"):
            raise FileNotFoundError
        try:
            return super().add_callback(path, mask, callback, id_)
        except OSError as error:
            if error.errno in USED_UP:
                self.is_whole = False
                self._rouse()
            raise

    def handle_event(self, event: InotifyEvent) -> None:
        if event.mask & InotifyConstants.IN_UNMOUNT:
            self.is_whole = False
            self._rouse()
        elif event.is_queue_overflow:
            self._rouse()
        super().handle_event(event)


class CountingObserver(BaseObserver):
    """watchdog's observer of Linux; ``rouse`` is called when events are missing. Raises OSError when none are left."""

    def __init__(self, root: Path, rouse: Callable[[], None]) -> None:
        self._feed = _Feed(root, rouse)
        self._feed.start()
        super().__init__(InotifyEmitter, inotify_fd=self._feed)

    def on_thread_stop(self) -> None:
        """Ends with the threads that feed it."""
        super().on_thread_stop()
        self._feed.stop()
        self._feed.join()

    @property
    def is_whole(self) -> bool:
        """Every folder is watched, on the disks that were there when it began."""
        return self._feed.is_alive() and self._feed.is_whole
