"""How a watcher is ended at once, even in the middle of a run: by the signals of a service, or by another thread."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class Ending:
    """While it is entered, SIGTERM, a closed window and ``ask`` raise KeyboardInterrupt as Ctrl+C does.

    Being ended in the middle of a write is like being killed there: each write is whole or not at all.
    """

    def __init__(self, rouse: Callable[[], None]) -> None:
        self._rouse = rouse
        """Ends the wait of the main thread, which no signal of Windows does."""
        self._asked = threading.Event()
        self._is_main = threading.current_thread() is threading.main_thread()
        self._before: dict[signal.Signals, Any] = {}

    @property
    def is_asked(self) -> bool:
        """A library may have swallowed the interrupt."""
        return self._asked.is_set()

    def __enter__(self) -> "Ending":
        if self._is_main:
            numbers = [signal.SIGTERM]
            if sys.platform == "win32":
                numbers.append(signal.SIGBREAK)  # its window is closed, the session ends
            self._before = {number: signal.signal(number, self._interrupt) for number in numbers}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ask(self) -> None:
        """From a thread other than the watcher's."""
        self._asked.set()
        if self._before:
            _interrupt_main()
        self._rouse()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()
        raise KeyboardInterrupt


if sys.platform == "win32":
    import _thread

    def _interrupt_main() -> None:
        """As if the signal had come."""
        _thread.interrupt_main(signal.SIGTERM)

else:

    def _interrupt_main() -> None:
        """A true signal: it also ends a wait for another program."""
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGTERM)
