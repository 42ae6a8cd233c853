"""A task on files that nobody vouches for, in a child process with limits of time and memory.

A hostile PDF or Word model may ask for gigabytes or never end: the child is killed, and the service that asked goes
on. The child reads the file on its standard input and answers on its standard output: it opens nothing of the office's.
What comes back is bytes, never objects, whatever took the child over.
"""

import faulthandler
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import IO

from toolkit.errors import EnvironmentRefused, FileRefused, ToolkitError
from toolkit.system.child import command

SECONDS = 60
START_SECONDS = 60
"""For Python and what the task needs of the toolkit: a cold disk is nobody's fault."""
MEGABYTES = 1024
_READY, _DONE, _REFUSED = "ready", "done", "refused"
_GRACE_SECONDS = 5
"""The child ends by itself that long after it should have been killed: whoever started it may be gone."""


def run_isolated(task: str, content: bytes, *arguments: str, seconds: float = SECONDS) -> bytes:
    """What the task, named ``module:function``, makes of these bytes; raises as ``Isolated.run`` does."""
    with Isolated(task) as child:
        return child.run(content, *arguments, seconds=seconds)


class Isolated:
    """A child that does one task on one file after another: started for the first, and anew after one that ended it."""

    def __init__(self, task: str) -> None:
        """``module:function`` takes the bytes of a file and some words, and gives bytes or raises a ToolkitError."""
        self._task = task
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Isolated":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(self, content: bytes, *arguments: str, seconds: float = SECONDS) -> bytes:
        """What the task makes of one file.

        Raises FileRefused with the reason, EnvironmentRefused when this machine starts no child.
        """
        # Its end may be the doing of the files before this one.
        tries = 1 if self._process is None else 2
        for _ in range(tries):
            answer = self._ask(content, arguments, seconds)
            if answer is not None:
                return answer
        raise FileRefused("fichier abîmé ou piégé : traitement arrêté")

    def _ask(self, content: bytes, arguments: tuple[str, ...], seconds: float) -> bytes | None:
        """None when the child ended without an answer."""
        process = self._process or self._start()
        asked = {"size": len(content), "arguments": arguments, "seconds": seconds}
        started = time.monotonic()
        said = self._within(seconds, process, lambda: _exchange(process, asked, content))
        if said is None:
            if time.monotonic() - started >= seconds:
                raise FileRefused(f"trop long à traiter ({seconds:.0f} secondes) : fichier abîmé ou piégé")
            return None
        status, answer = said
        if status == _REFUSED:
            raise FileRefused(answer.decode())
        return answer

    def _start(self) -> "subprocess.Popen[bytes]":
        try:
            process = subprocess.Popen(
                command("toolkit.system.isolated", self._task),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise EnvironmentRefused(_no_child(error.strerror or str(error))) from error
        self._process = process
        if self._within(START_SECONDS, process, lambda: _receive(process.stdout)) is None:
            raise EnvironmentRefused(_no_child("il s'arrête aussitôt"))
        return process

    def _within(
        self, seconds: float, process: "subprocess.Popen[bytes]", talk: Callable[[], tuple[str, bytes]]
    ) -> tuple[str, bytes] | None:
        """What the child says; None when it ends first, be it killed. One that was interrupted serves no more."""
        watchdog = threading.Timer(seconds, process.kill)
        watchdog.daemon = True
        watchdog.start()
        said = None
        try:
            said = talk()
        except (OSError, ValueError, EOFError):
            pass  # it is no more, or does not say what it should
        finally:
            watchdog.cancel()
            if said is None:
                self._end()
        return said

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _no_child(why: str) -> str:
    return f"Python ne démarre pas à part ({why}) : fermer d'autres programmes, puis relancer."


def _exchange(process: "subprocess.Popen[bytes]", asked: dict[str, object], content: bytes) -> tuple[str, bytes]:
    assert process.stdin
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.write(content)
    process.stdin.flush()
    return _receive(process.stdout)


def _receive(pipe: IO[bytes] | None) -> tuple[str, bytes]:
    assert pipe
    status, size = pipe.readline().decode().split()
    answer = pipe.read(int(size))
    if len(answer) < int(size):
        raise EOFError
    return status, answer


# --- in the child -------------------------------------------------------------------------------------------------


def _limit() -> None:
    """Where the system can: memory, and no file left behind by a crash."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _serve(task: str) -> None:
    """Files in, answers out, until the other end is closed."""
    files, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    _limit()
    module, _, function = task.partition(":")
    work: Callable[..., bytes] = getattr(import_module(module), function)
    _send(answers, _READY, b"")
    while line := files.readline():
        asked = json.loads(line)
        content = files.read(asked["size"])
        faulthandler.dump_traceback_later(asked["seconds"] + _GRACE_SECONDS, exit=True)
        try:
            status, answer = _DONE, work(content, *asked["arguments"])
        except ToolkitError as refusal:
            status, answer = _REFUSED, str(refusal).encode()
        faulthandler.cancel_dump_traceback_later()
        _send(answers, status, answer)


def _send(pipe: IO[bytes], status: str, answer: bytes) -> None:
    pipe.write(f"{status} {len(answer)}\n".encode() + answer)
    pipe.flush()


if __name__ == "__main__":
    _serve(sys.argv[1])
