"""A long work shared between the cores: the same task in several processes, each of which prepares once.

The results come in the order of the work. A process that dies takes nothing with it: what it had not given back is done
again here, which every task must bear.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def share_out(
    pieces: Sequence[Piece], prepare: Callable[..., Callable[[Piece], Result]], arguments: Sequence[Any], count: int
) -> Iterator[Result]:
    """``prepare(*arguments)(piece)`` for each piece, by so many processes; by this one alone when that is one."""
    done = 0
    if count > 1:
        # Not forked: the watcher has threads, whose locks a forked child would find shut for ever.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(count, context, initializer=_begin, initargs=(prepare, arguments))
        try:
            for result in pool.map(_work, pieces):
                yield result
                done += 1
        except BrokenProcessPool:
            pass
        finally:
            if done < len(pieces):
                _dismiss()
            pool.shutdown(cancel_futures=True)
    if done < len(pieces):
        yield from map(prepare(*arguments), pieces[done:])


_task: Callable[[Any], Any]
"""Of this child process."""


def _begin(prepare: Callable[..., Callable[[Any], Any]], arguments: Sequence[Any]) -> None:
    global _task
    # Ctrl+C reaches the whole terminal: who started the work ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _task = prepare(*arguments)


def _work(piece: Any) -> Any:
    return _task(piece)


def _dismiss() -> None:
    """Stopped in the middle of a write, a process leaves the old file or the new one, as ``files`` sees to."""
    for child in multiprocessing.active_children():
        child.terminate()
