"""The heart of a watcher: one at a time over a tree, beating on a thread of its own for as long as the process lives.

No lock is held all that time: one that holds on a share is an open file, and a share with an open file cannot be
unmounted. Who watches is who left the last sign of life; a watcher that finds the sign of another one ends.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from toolkit.errors import EnvironmentRefused
from toolkit.french import date_heure
from toolkit.watch import heartbeat
from toolkit.watch.ending import Ending
from toolkit.watch.heartbeat import BEAT_SECONDS, Heartbeat, read_heartbeat, write_heartbeat

PULSE_SECONDS = 2.5
"""Between two looks at the stop file, and at whether the root is still the same."""
_PULSES_A_BEAT = round(BEAT_SECONDS / PULSE_SECONDS)
_WATCHED_SECONDS = BEAT_SECONDS + 5
"""In which a watcher of another machine beats, whatever its clock says."""
_HOPELESS_SECONDS = 4 * 3600.0
"""Longer than the time limit of the largest conversion."""
_TOLD_SECONDS = 10.0


class Heart(threading.Thread):
    """While it is entered, this process is the watcher of the tree; entering raises EnvironmentRefused for a second.

    ``sense`` is called at each pulse, on this thread. Time is counted in pulses: a clock that is set, or a machine that
    slept, changes nothing.
    """

    def __init__(self, root: Path, ending: Ending, sense: Callable[[], None], say: Callable[[str], None]) -> None:
        super().__init__(name="coeur", daemon=True)
        self._root = root
        self._ending = ending
        self._sense = sense
        self._say = say
        self._beat = heartbeat.first_beat()
        self._over = threading.Event()
        self._earlier_stop: tuple[int, int] | None = None
        self._rival: Heartbeat | None = None
        self._pulses = 0
        self._still = 0.0
        self.replaced_by: Heartbeat | None = None
        """Another watcher, for which this one ended."""

    def __enter__(self) -> "Heart":
        if (beat := read_heartbeat(self._root)) and self._is_taken(beat):
            raise EnvironmentRefused(already_watched(self._root, beat))
        with suppress(EnvironmentRefused):
            heartbeat.forget_stop(self._root)
        self._earlier_stop = heartbeat.asked_to_stop(self._root)
        with suppress(EnvironmentRefused):
            write_heartbeat(self._root, self._beat)
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self.join(_TOLD_SECONDS)  # unless the share has it wait
        if self.replaced_by is None:
            with suppress(EnvironmentRefused):
                heartbeat.forget_heartbeat(self._root)
                heartbeat.forget_stop(self._root)

    def tell(self, **changes: object) -> None:
        """Fields of the next sign of life."""
        self._beat = replace(self._beat, **changes)  # type: ignore[arg-type]

    def step(self) -> None:
        """The watcher went a step further."""
        self._still = 0.0

    def run(self) -> None:
        """Until the watcher ends, whatever happens at one pulse."""
        while not self._over.wait(PULSE_SECONDS):
            self._pulses += 1
            self._still += PULSE_SECONDS
            for act in (self._hear_stop, self._sense, self._tell_life):
                with suppress(Exception):
                    act()

    def _hear_stop(self) -> None:
        if heartbeat.asked_to_stop(self._root) not in (None, self._earlier_stop):
            # Once more only after a while: a second interrupt would cut short what the first one began.
            if not self._ending.is_asked or self._is_time_to_beat:
                self._ending.ask()

    @property
    def _is_time_to_beat(self) -> bool:
        return self._pulses % _PULSES_A_BEAT == 0

    def _tell_life(self) -> None:
        if not self._is_time_to_beat:
            return
        standing = read_heartbeat(self._root)
        if standing and not standing.is_of(self._beat) and self._is_rival(standing):
            return
        self._rival = None
        write_heartbeat(self._root, replace(self._beat, battement=heartbeat.now(), immobile=int(self._still)))
        if self._still > _HOPELESS_SECONDS:
            self._give_up()

    def _is_rival(self, standing: Heartbeat) -> bool:
        """Whether a sign of life that is not ours may be of one that lives; it is when it beats, and then we end."""
        if standing.is_here and not heartbeat.is_running(standing):
            return False
        if self._rival is None:
            self._rival = standing
            return True
        if standing == self._rival:
            return False
        self.replaced_by = standing
        self._ending.ask()
        return True

    def _give_up(self) -> None:
        """A watcher that hangs for ever is of no use: a service starts another one in its place."""
        what = "La surveillance n'avance plus depuis quatre heures : elle s'arrête, pour que le service la relance."
        teller = threading.Thread(target=self._say, args=(what,), daemon=True)
        teller.start()
        teller.join(_TOLD_SECONDS)
        os._exit(EnvironmentRefused.exit_status)

    def _is_taken(self, beat: Heartbeat) -> bool:
        """Whether the one that left it still watches. On this machine the process can be asked for.

        On another one it is believed when its clock agrees with ours; when not, it is given the time to beat.
        """
        if beat.is_stuck:
            return False
        if beat.is_here:
            return heartbeat.is_running(beat)
        if beat.is_alive(datetime.now()):
            return True
        end = time.monotonic() + _WATCHED_SECONDS
        while time.monotonic() < end:
            time.sleep(PULSE_SECONDS)
            if (now := read_heartbeat(self._root)) != beat:
                return now is not None
        return False


def already_watched(root: Path, beat: Heartbeat) -> str:
    """Refuses a second watcher, and says where the first is."""
    where = "sur cette machine" if beat.is_here else f"depuis « {beat.machine} »"
    return (
        f"« {root} » est déjà surveillé {where} (processus {beat.processus}, depuis le {date_heure(beat.since)}) : "
        "une seule surveillance suffit."
    )
