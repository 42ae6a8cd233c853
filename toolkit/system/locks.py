"""One at a time: processes that would work on the same thing, on this machine or on another that shares the folder.

A lock is a small file that names its owner, renewed while the owner lives. It is taken over from one that is known
dead, or that was not heard of for a while: a crash stops nobody for long. The only module that knows filelock.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, SoftFileLease, Timeout

from toolkit.errors import EnvironmentRefused
from toolkit.system import files

LEASE_SECONDS = 30.0
"""Without a sign of life of an owner on another machine, before its lock may be taken."""
WAIT_SECONDS = 60.0
"""Longer than a lease: what a dead machine holds is waited for, not refused."""
_STEP_SECONDS = 2.0
"""Nobody needs so long between making a lock and writing a name in it."""


@contextmanager
def alone(lock: Path, what: str, *, home: Path | None = None, seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold a lock file, making its folder below ``home``; ``what`` it guards is French, as « le dossier X ».

    Raises EnvironmentRefused when another keeps it for all these seconds, or when the machine refuses.
    """
    files.make_folder(lock.parent, home=home)
    lease = SoftFileLease(lock, lease_duration=LEASE_SECONDS, poll_interval=0.02)
    try:
        _acquire(lease, lock, seconds)
    except Timeout:
        raise EnvironmentRefused(
            f"{what} est occupé par un autre programme du toolkit : recommencer dans un instant."
        ) from None
    except OSError as error:
        raise EnvironmentRefused(
            f"{what} ne peut pas être réservé dans « {lock.parent} » ({error.strerror or error}) : "
            "voir avec la personne qui gère le serveur."
        ) from error
    try:
        yield
    finally:
        # A share that is gone takes the lock with it, or lets it expire.
        with contextlib.suppress(OSError):
            lease.release()


def _acquire(lease: SoftFileLease, lock: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        files.make_room(lock)
        was_nameless = _is_nameless(lock)
        left = deadline - time.monotonic()
        try:
            lease.acquire(timeout=max(0.0, min(left, _STEP_SECONDS)))
            return
        except Timeout:
            if was_nameless and left > _STEP_SECONDS:
                _put_aside(lock)
            elif left <= _STEP_SECONDS:
                raise


def _is_nameless(lock: Path) -> bool:
    """Killed between making it and writing in it, an owner leaves a lock that filelock believes for ever."""
    with contextlib.suppress(OSError):
        return lock.stat().st_size == 0
    return False


def _put_aside(lock: Path) -> None:
    """A nameless lock, unless another took it over at this very moment."""
    aside = lock.with_name(f"{files.TEMPORARY_PREFIX}{os.getpid()}-{time.monotonic_ns()}")
    with contextlib.suppress(OSError):
        lock.rename(aside)
        if not _is_nameless(aside):
            aside.rename(lock)
        else:
            aside.unlink()


def sweep(folder: Path) -> None:
    """Take away the locks that processes of this machine left when they were killed; those that are held stay."""
    for lock in sorted(folder.glob("*.lock")):
        try:
            with alone(lock, lock.name, home=folder, seconds=0):
                pass
        except EnvironmentRefused:  # held, or not ours to take
            continue


@contextmanager
def alone_here(lock: Path) -> Iterator[bool]:
    """Whether this process is the only one of this machine to hold a lock file of its local disk."""
    here = FileLock(lock)
    with contextlib.suppress(Timeout):
        here.acquire(timeout=0)
    try:
        yield here.is_locked
    finally:
        here.release()
