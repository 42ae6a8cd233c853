"""The sign of life of a watcher, left in the tree where every machine can read it, and the way to stop it."""

import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from toolkit.errors import EnvironmentRefused
from toolkit.system import files, processes
from toolkit.tree import layout

BEAT_SECONDS = 60.0
_STALE = timedelta(minutes=3)
_FILE = "surveillance.json"
STOP = "ARRETER"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Who watches, since when, and what is waiting."""

    machine: str
    processus: int
    depuis: str
    """ISO date and hour."""
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

    def is_alive(self, now: datetime) -> bool:
        """The last sign of life is less than three minutes old."""
        return now - datetime.fromisoformat(self.battement) < _STALE

    @property
    def is_mine(self) -> bool:
        """Left by this very process."""
        return self.machine == socket.gethostname() and self.processus == os.getpid()


def is_running(beat: Heartbeat) -> bool:
    """On another machine its sign of life is all there is; on this one the process can be asked for.

    A service has a temporary folder of its own, so its lock may be out of sight.
    """
    if beat.machine != socket.gethostname():
        return True
    if beat.is_mine:
        return False
    return processes.is_alive(beat.processus)


def read_heartbeat(root: Path) -> Heartbeat | None:
    """The last sign of life; None when nobody ever watched, or when it cannot be read."""
    try:
        content = files.read_if_there(root / layout.SUIVI / _FILE)
        return None if content is None else Heartbeat(**json.loads(content))
    except (ValueError, TypeError, EnvironmentRefused):
        return None


def write_heartbeat(root: Path, heartbeat: Heartbeat) -> None:
    """In place of the last one; raises EnvironmentRefused."""
    content = json.dumps(asdict(heartbeat), ensure_ascii=False, indent=1).encode()
    files.write_own(root / layout.SUIVI / _FILE, content)


def forget_heartbeat(root: Path) -> None:
    """The watcher ends of its own will."""
    files.remove_own(root / layout.SUIVI / _FILE)
    forget_stop(root)


def ask_to_stop(root: Path) -> None:
    """From any machine: the watcher ends within three seconds."""
    files.write_own(root / layout.SUIVI / STOP, b"")


def forget_stop(root: Path) -> None:
    """A stop that was asked of a former watcher is no matter of this one."""
    files.remove_own(root / layout.SUIVI / STOP)


def is_stop_asked(root: Path) -> bool:
    """By ``ask_to_stop``, on this machine or another."""
    return os.path.lexists(root / layout.SUIVI / STOP)
