"""A long work shared between the cores: the same task in several processes, each of which prepares once.

A process of the team reads pieces on its standard input and answers on its standard output: it ends with the one that
feeds it, even when that is killed, and on every system alike. One that dies takes nothing with it: the piece it had in
hand is done again here, which every task must bear.
"""

import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from toolkit.system.child import command

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Prepare = Callable[..., Callable[[Any], Any]]


def share_out(
    pieces: Sequence[Piece], prepare: Callable[..., Callable[[Piece], Result]], arguments: Sequence[Any], count: int
) -> Iterator[Result]:
    """``prepare(*arguments)(piece)`` for each piece, in order, by so many processes; by this one alone for one."""
    if count == 1:
        yield from map(prepare(*arguments), pieces)
        return
    team = _Team(pieces, prepare, arguments)
    try:
        team.start(count)
        yield from team.results()
    finally:
        team.dismiss()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one piece."""

    result: Any = None
    error: Exception | None = None
    is_lost: bool = False
    """The process died with it."""


class _Team:
    """The processes, each fed by a thread that waits for it."""

    def __init__(self, pieces: Sequence[Any], prepare: Prepare, arguments: Sequence[Any]) -> None:
        self._pieces = pieces
        self._prepare = partial(prepare, *arguments)
        self._task = pickle.dumps(self._prepare)
        self._next = iter(range(len(pieces)))
        self._turn = threading.Lock()
        self._answers: SimpleQueue[tuple[int, _Outcome]] = SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._feeders: list[threading.Thread] = []
        self._is_over = False

    def start(self, count: int) -> None:
        self._feeders = [threading.Thread(target=self._feed, daemon=True) for _ in range(count)]
        for feeder in self._feeders:
            feeder.start()

    def results(self) -> Iterator[Any]:
        """In the order of the pieces; raises what a task raised."""
        early: dict[int, _Outcome] = {}
        alone: Callable[[Any], Any] | None = None
        for number, piece in enumerate(self._pieces):
            while number not in early:
                told, answer = self._answers.get()
                early[told] = answer
            answer = early.pop(number)
            if answer.error:
                raise answer.error
            if answer.is_lost:
                alone = alone or self._prepare()
                yield alone(piece)
            else:
                yield answer.result

    def dismiss(self) -> None:
        """Killed in the middle of a write, a process leaves the old file or the new one, as ``files`` sees to."""
        with self._turn:
            self._is_over = True
            for process in self._processes:
                process.kill()
        for feeder in self._feeders:
            feeder.join()
        for process in self._processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was still to be sent
                    pipe.close()  # type: ignore[union-attr]

    def _feed(self) -> None:
        """One process after another, as long as there are pieces: the next one takes over from one that died."""
        process = None
        while (number := self._take()) is not None:
            try:
                process = process or self._hire()
                answer = _ask(process, self._pieces[number])
            except (OSError, EOFError, ValueError, pickle.UnpicklingError):
                process, answer = None, _Outcome(is_lost=True)
            except Exception as error:
                answer = _Outcome(error=error)
            self._answers.put((number, answer))

    def _take(self) -> int | None:
        with self._turn:
            return None if self._is_over else next(self._next, None)

    def _hire(self) -> "subprocess.Popen[bytes]":
        with self._turn:
            if self._is_over:
                raise EOFError
            process = subprocess.Popen(command("toolkit.system.team"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._processes.append(process)
        assert process.stdin
        process.stdin.write(self._task)
        return process


def _ask(process: "subprocess.Popen[bytes]", piece: Any) -> _Outcome:
    assert process.stdin and process.stdout
    process.stdin.write(pickle.dumps(piece))
    process.stdin.flush()
    answer = pickle.load(process.stdout)
    assert isinstance(answer, _Outcome)
    return answer


def _serve() -> None:
    """In a process of the team: pieces in, answers out, until the other end is closed."""
    pieces, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    # Ctrl+C reaches the whole terminal: who started the work ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task = pickle.load(pieces)()
    while True:
        try:
            piece = pickle.load(pieces)
        except EOFError:
            return
        try:
            answer = pickle.dumps(_Outcome(task(piece)))
        except Exception as error:
            answer = _told(error)
        answers.write(answer)
        answers.flush()


def _told(error: Exception) -> bytes:
    """As it is when it can travel, else what it says."""
    try:
        told = pickle.dumps(_Outcome(error=error))
        pickle.loads(told)
    except Exception:
        return pickle.dumps(_Outcome(error=RuntimeError("".join(traceback.format_exception(error)))))
    return told


if __name__ == "__main__":
    from toolkit.system.team import _serve as serve  # the module that the pickles speak of, not this __main__

    serve()
