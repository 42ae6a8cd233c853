"""Decides when: wake → look → stability → build. The tree is the truth; what to do is for ``build``.

A file is read when its size, its date and its bytes have not moved for a while and nobody holds it: a copy by Explorer
sets the final size at once, full of NULs, and the old date at the end (windows-et-partage.md §0.4). One that is empty
or full of NULs is waited for, told after a minute, and never given up.
"""

import hashlib
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from toolkit import files, holders, tree
from toolkit.build import generate
from toolkit.errors import EnvironmentRefused, ToolkitError
from toolkit.heartbeat import (
    BEAT_SECONDS,
    Heartbeat,
    forget_heartbeat,
    forget_stop,
    is_running,
    is_stop_asked,
    read_heartbeat,
    write_heartbeat,
)
from toolkit.options import Options
from toolkit.references import References
from toolkit.report import Report
from toolkit.settings import load_settings
from toolkit.source import is_unfinished
from toolkit.wake import Wake

TICK_SECONDS = 1.0
"""Between two looks at files that still move."""
IDLE_SECONDS = 1.5
"""Between two looks at the stop file when nothing does."""
SCAN_SECONDS = 3.0
"""Between two looks at a tree that tells of no change by itself."""
RESCAN_SECONDS = 300.0
"""Between two looks at a tree that does: events are only hints, and some are lost."""
STABLE_SECONDS = 3.0
UNFINISHED_SECONDS = 60.0
RETRY_SECONDS = 30.0
BURST = 500
"""Dossiers of one run: memory stays bounded, and a stop is heard between two."""

Seen = tuple[int, int, str]
"""Size, modification time, and digest of the bytes (empty once the file is handled)."""


@dataclass
class _Tracked:
    seen: Seen
    since: float
    is_handled: bool = False


@dataclass
class StabilityTracker:
    """Which files have stopped moving. Pure: the clock and the look at the files are given."""

    stable_seconds: float = STABLE_SECONDS
    _tracked: dict[Path, _Tracked] = field(default_factory=dict)

    def observe(self, now: float, looked: Mapping[Path, Seen]) -> list[Path]:
        """Files new or changed since they were last handled, and still for long enough; in the order looked at."""
        self._tracked = {path: one for path, one in self._tracked.items() if path in looked}
        ready = []
        for path, seen in looked.items():
            known = self._tracked.get(path)
            if known is None or known.seen != seen:
                self._tracked[path] = known = _Tracked(seen, now)
            if not known.is_handled and now - known.since >= self.stable_seconds:
                ready.append(path)
        return ready

    def is_known(self, path: Path, signature: tree.Signature) -> Seen | None:
        """What was seen of a file that has been handled and has not moved since: its bytes need no new look."""
        known = self._tracked.get(path)
        return known.seen if known and known.is_handled and known.seen[:2] == signature else None

    def still_for(self, now: float, path: Path) -> float:
        """Seconds since the file last moved."""
        return now - self._tracked[path].since

    def handled(self, path: Path) -> None:
        """Do not give this file again until it changes."""
        self._tracked[path].is_handled = True

    def give_again(self, paths: Iterable[Path]) -> None:
        """Give these files again: something that they depend on has changed."""
        for path in paths:
            self._tracked[path].is_handled = False

    @property
    def waiting(self) -> int:
        """How many files have not been handled yet."""
        return sum(not one.is_handled for one in self._tracked.values())


def _common(root: Path) -> Iterable[Path]:
    """What every document depends on."""
    yield root / tree.OFFICE
    yield root / tree.PRESTATAIRES
    yield from sorted((root / tree.MODELES).glob("*.docx"))


class Watcher:
    """One pass after another over one tree."""

    def __init__(self, root: Path, options: Callable[[], Options], tell: Callable[[Report], None]) -> None:
        self._root = root
        self._options = options
        self._tell = tell
        self._tracker = StabilityTracker()
        self._references = References()
        self._retry: dict[Path, float] = {}
        self._day: date | None = None
        self.count = 0
        """Dossiers at the last look."""

    @property
    def waiting(self) -> int:
        return self._tracker.waiting + len(self._retry)

    def step(self, now: float) -> Report | None:
        """One look; the report of what it led to, or None when nothing was ready."""
        settings = load_settings(self._root)
        signatures = tree.look(self._root, settings.office)
        self.count = len(signatures)
        looked = self._look({**_signatures(_common(self._root)), **signatures})
        ready = self._tracker.observe(now, looked)
        options = self._options()
        common = [path for path in ready if path.name != tree.DOSSIER]
        is_new_day = self._day not in (None, options.aujourd_hui)
        self._day = options.aujourd_hui
        if common or is_new_day:
            # The dossiers only: another of the common files would have all of them given again at the next look.
            self._tracker.give_again(signatures)
            for path in common:
                self._tracker.handled(path)
            ready = [path for path in self._tracker.observe(now, looked) if path.name == tree.DOSSIER]
        # What a large burst leaves over is as ready at the next look.
        folders = list(islice((path.parent for path in ready if self._is_whole(now, path)), BURST))
        folders += [path for path, due in self._retry.items() if due <= now and path not in folders]
        if not folders:
            return None
        for folder in folders:
            self._retry.pop(folder, None)
        self._references.refresh(signatures)
        report = generate(settings, folders, options, self._references)
        if report.refus:
            self._retry |= dict.fromkeys(folders, now + RETRY_SECONDS)
        done = set(folders)
        for path in ready:
            if path.parent in done:
                self._tracker.handled(path)
        self._tell(report)
        return report

    def _look(self, signatures: Mapping[Path, tree.Signature]) -> dict[Path, Seen]:
        """With the digest of every file that is not handled yet, and of no other."""
        looked = {}
        for path, signature in signatures.items():
            looked[path] = self._tracker.is_known(path, signature) or (*signature, _digest(path))
        return looked

    def _is_whole(self, now: float, path: Path) -> bool:
        """Not half copied nor held, as far as can be seen; after a minute it is told to the agent all the same."""
        try:
            content = files.read_if_there(path)
        except EnvironmentRefused:  # who copies it still holds it; the others do not wait for that
            return False
        if content is None:
            return False
        if self._tracker.still_for(now, path) >= UNFINISHED_SECONDS:
            return True
        return not is_unfinished(content) and not holders.is_open_elsewhere(path)


def _signatures(paths: Iterable[Path]) -> dict[Path, tree.Signature]:
    found = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        found[path] = (status.st_size, status.st_mtime_ns)
    return found


def _digest(path: Path) -> str:
    try:
        content = files.read_if_there(path)
    except EnvironmentRefused:
        return "held"
    return "" if content is None else files.sha256(content)


def watch(root: Path, options: Callable[[], Options], tell: Callable[[Report], None], *, once: bool) -> None:
    """Watch until told to stop (Ctrl+C, SIGTERM, stop file), or for one pass only.

    Being stopped in the middle of a write is like being killed there: each write is whole or not at all.
    """
    with _alone(root):
        _sweep(root)
        watcher = Watcher(root, options, tell)
        if once:
            watcher.step(time.monotonic())
            time.sleep(STABLE_SECONDS)
            watcher.step(time.monotonic() + 0.1)
            return
        _stop_like_ctrl_c()
        forget_stop(root)
        wake = Wake(root)
        try:
            _loop(root, watcher, wake, options().progress)
        except KeyboardInterrupt:
            pass
        finally:
            wake.stop()
            forget_heartbeat(root)


def _loop(root: Path, watcher: Watcher, wake: Wake, progress: Callable[[str], None]) -> None:
    beat = Heartbeat(
        machine=socket.gethostname(),
        processus=os.getpid(),
        depuis=_now(),
        battement=_now(),
        dossiers=0,
        en_attente=0,
        par_evenements=wake.has_events,
    )
    next_look = next_beat = 0.0
    while not is_stop_asked(root):
        now = time.monotonic()
        if now >= next_look or (wake.has_events and wake.wait(0)):
            wake.clear()
            try:
                report = watcher.step(time.monotonic())
                pause = RESCAN_SECONDS if wake.has_events or wake.restart() else SCAN_SECONDS
                if report is not None:
                    beat = replace(beat, dernier_passage=_now())
                    next_beat = 0.0
            except (ToolkitError, OSError) as error:
                # The share is gone, office.toml is half saved: it will be back, and everything is looked at again.
                progress(f"{error} Nouvel essai dans {RETRY_SECONDS:.0f} secondes.")
                pause = RETRY_SECONDS
            next_look = time.monotonic() + (TICK_SECONDS if watcher.waiting else pause)
        if now >= next_beat:
            beat = replace(
                beat,
                battement=_now(),
                dossiers=watcher.count,
                en_attente=watcher.waiting,
                par_evenements=wake.has_events,
            )
            _try_to_beat(root, beat)
            next_beat = now + BEAT_SECONDS
        if wake.wait(TICK_SECONDS if watcher.waiting else IDLE_SECONDS) and not is_stop_asked(root):
            time.sleep(TICK_SECONDS / 3)  # a gesture in the file explorer is many events


def _try_to_beat(root: Path, beat: Heartbeat) -> None:
    try:
        write_heartbeat(root, beat)
    except EnvironmentRefused:  # the share is gone for a moment; the next look says so
        pass


def _now() -> str:
    return datetime.now().isoformat(timespec="seconds")


def _stop_like_ctrl_c() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, interrupt)  # its window is closed, the session ends


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """The only watcher of a tree: by a lock on this machine, by the sign of life for the others."""
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    # On the local disk: locks of two machines on one share cannot be trusted (filelock#526).
    lock = FileLock(Path(tempfile.gettempdir()) / f"toolkit-{name}.lock")
    beat = read_heartbeat(root)
    who = f" (processus {beat.processus}, depuis le {beat.depuis})" if beat else ""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise EnvironmentRefused(
            f"« {root} » est déjà surveillé sur cette machine{who} : arrêter l'autre surveillance d'abord."
        ) from None
    try:
        if beat and beat.is_alive(datetime.now()) and is_running(beat):
            raise EnvironmentRefused(
                f"« {root} » est déjà surveillé depuis « {beat.machine} »{who} : une seule surveillance suffit."
            )
        yield
    finally:
        lock.release()


def _sweep(root: Path) -> None:
    """Temporary files that a kill left behind, in the folders where we write."""
    for folder, names, found in os.walk(root):
        names[:] = [name for name in names if not Path(folder, name).is_symlink()]
        for name in found:
            if name.startswith(files.TEMPORARY_PREFIX):
                files.remove_if_there(Path(folder, name))
