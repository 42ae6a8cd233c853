"""A program of others that ends with whoever started it, and whose folder goes with both: even a kill leaves neither.

Between this process and the program stands a keeper, a small process of ours that holds the other end of a pipe: the
system closes that whatever ends this process. A program ends with all those that it has started.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from toolkit.system.child import command

STOP_SECONDS = 10
_NOT_STARTED = 99
_STOP = b"s"


class Kept:
    """A program at work in a folder."""

    def __init__(self, folder: Path, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """``words`` are the program and its arguments; raises OSError when not even the keeper can be started."""
        self._why = folder / "refus.txt"
        self._process = subprocess.Popen(
            command("toolkit.system.kept", str(folder), *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )

    @property
    def is_running(self) -> bool:
        """False once it has ended, by itself or not."""
        return self._process.poll() is None

    def not_started(self) -> str | None:
        """Why the program could not even be started, in the words of the system; None when it was, or may still be."""
        if self._process.poll() != _NOT_STARTED:
            return None
        return self._why.read_text("utf-8") if self._why.is_file() else ""

    def stop(self) -> None:
        """End it if it still runs, and wait until it is gone."""
        assert self._process.stdin
        if self._process.stdin.closed:
            return
        with suppress(OSError):  # it ends at this very moment
            self._process.stdin.write(_STOP)
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


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
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


# --- the keeper ---------------------------------------------------------------------------------------------------


def _keep(folder: Path, words: Sequence[str]) -> int:
    try:
        program = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        (folder / "refus.txt").write_text(error.strerror or str(error), "utf-8")
        return _NOT_STARTED
    end = threading.Lock()
    threading.Thread(target=_watch, args=(program.pid, folder, end), daemon=True).start()
    program.wait()
    with end:
        return 0


def _watch(program: int, folder: Path, end: threading.Lock) -> None:
    """Until the other end of the pipe says something, or is no more."""
    told = os.read(0, 1)
    with end:
        kill(program)
        if not told:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    os._exit(_keep(Path(sys.argv[1]), sys.argv[2:]))
