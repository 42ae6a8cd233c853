"""The sign of life of a watcher, left in the tree where every machine can read it, and the way to stop it."""

import json
import os
import socket
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path

from toolkit.system import files, processes
from toolkit.tree import layout
from toolkit.watch import bookkeeping

BEAT_SECONDS = 15.0
_STALE = timedelta(seconds=75)
"""Several beats: a share may be slow, and the clocks of two machines differ a little."""
_STUCK_SECONDS = 3600
"""Hardly any step of a watcher takes so long: not even many locks waited for, one after the other."""
_FILE = "surveillance.json"
_STOP = "ARRETER"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Who watches, since when, and what is waiting."""

    machine: str
    processus: int
    depuis: str
    """ISO date and hour, with its distance from Greenwich: an hour comes twice when summer time ends."""
    battement: str
    """Of the last sign of life."""
    dossiers: int
    """Under watch."""
    en_attente: int
    """Files not yet still, and dossiers that the machine refused."""
    par_evenements: bool
    """The system tells of changes; otherwise the tree is looked at every few seconds."""
    dernier_passage: str | None = None
    """Of the last run that had something to do."""
    naissance: str | None = None
    """What tells this process from another that bears its number later."""
    immobile: int = 0
    """Seconds since it last went a step further, as it counts them itself: clocks are set forward and back."""

    def is_alive(self, now: datetime) -> bool:
        """The last sign of life is not much more than a minute old; one in the future proves nothing."""
        return abs(now.astimezone() - self.last) < _STALE

    @property
    def since(self) -> datetime:
        """When it began, in the hour of this machine."""
        return datetime.fromisoformat(self.depuis).astimezone()

    @property
    def last(self) -> datetime:
        """Its last sign of life, in the hour of this machine."""
        return datetime.fromisoformat(self.battement).astimezone()

    @property
    def is_stuck(self) -> bool:
        """It beats, and does nothing any more."""
        return self.immobile > _STUCK_SECONDS

    @property
    def is_here(self) -> bool:
        """Left on this machine."""
        return self.machine == socket.gethostname()

    def is_of(self, other: "Heartbeat") -> bool:
        """Left by the same watcher."""
        return (self.machine, self.processus, self.depuis, self.naissance) == (
            other.machine,
            other.processus,
            other.depuis,
            other.naissance,
        )


def is_running(beat: Heartbeat) -> bool:
    """Whether the process that left it on this machine is still the one of that number."""
    if beat.naissance is not None and (born := processes.birth(beat.processus)) is not None:
        return born == beat.naissance
    return beat.processus != os.getpid() and processes.is_alive(beat.processus)


def first_beat() -> Heartbeat:
    """Of a watcher that begins in this process."""
    process = os.getpid()
    return Heartbeat(
        machine=socket.gethostname(),
        processus=process,
        depuis=now(),
        battement=now(),
        dossiers=0,
        en_attente=0,
        par_evenements=False,
        naissance=processes.birth(process),
    )


def now() -> str:
    """As a heartbeat tells it."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def read_heartbeat(root: Path) -> Heartbeat | None:
    """The last sign of life; None when nobody ever watched, or when it cannot be read."""
    try:
        told = json.loads(bookkeeping.read(root, _FILE) or b"{}")
        beat = Heartbeat(**{field.name: told[field.name] for field in fields(Heartbeat) if field.name in told})
        _check(asdict(beat))
        return beat
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _check(beat: Mapping[str, object]) -> None:
    """Raises TypeError or ValueError for a field that is not what it is said to be."""
    for name in ("depuis", "battement"):
        datetime.fromisoformat(str(beat[name])).astimezone()
    if not all(isinstance(beat[name], str) for name in ("machine", "depuis", "battement")):
        raise TypeError
    if not all(isinstance(beat[name], str | None) for name in ("dernier_passage", "naissance")):
        raise TypeError
    for name in ("processus", "dossiers", "en_attente", "immobile"):
        number = beat[name]
        if not isinstance(number, int) or not 0 <= number < 1 << 31:
            raise TypeError
    if beat["processus"] == 0:  # for the system, all processes of a group
        raise ValueError


def write_heartbeat(root: Path, heartbeat: Heartbeat) -> None:
    """In place of the last one; raises EnvironmentRefused."""
    bookkeeping.write(root, _FILE, json.dumps(asdict(heartbeat), ensure_ascii=False, indent=1).encode())


def forget_heartbeat(root: Path) -> None:
    """The watcher ends of its own will; raises EnvironmentRefused."""
    bookkeeping.remove(root, _FILE)


def ask_to_stop(root: Path) -> None:
    """From any machine: the watcher ends within three seconds; raises EnvironmentRefused."""
    files.write_own(root / layout.SUIVI / _STOP, b"")


def forget_stop(root: Path) -> None:
    """A stop that was asked of a former watcher is no matter of this one; raises EnvironmentRefused."""
    bookkeeping.remove(root, _STOP)


def asked_to_stop(root: Path) -> tuple[int, int] | None:
    """What tells one asking, by ``ask_to_stop`` on this machine or another, from an earlier one; None for none."""
    try:
        status = (root / layout.SUIVI / _STOP).stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
