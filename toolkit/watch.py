"""Decides when: scan → stability → build. The tree is the truth; what to do is for ``build``.

A file is read when its size and date have not moved for a while: a copy by Explorer sets the final size at once,
full of NULs, and the old date at the end (windows-et-partage.md §0.4). One that is empty or full of NULs is waited
for, told after a minute, and never given up.
"""

import hashlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from toolkit import files, tree
from toolkit.build import generate
from toolkit.errors import EnvironmentRefused, ToolkitError
from toolkit.options import Options
from toolkit.report import Report
from toolkit.settings import load_settings
from toolkit.source import is_unfinished

SCAN_SECONDS = 3.0
STABLE_SECONDS = 3.0
UNFINISHED_SECONDS = 60.0
RETRY_SECONDS = 30.0

Signature = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


@dataclass
class _Tracked:
    signature: Signature
    since: float
    is_handled: bool = False


@dataclass
class StabilityTracker:
    """Which files have stopped moving. Pure: the clock and the look at the files are given."""

    stable_seconds: float = STABLE_SECONDS
    _tracked: dict[Path, _Tracked] = field(default_factory=dict)

    def observe(self, now: float, seen: Mapping[Path, Signature]) -> list[Path]:
        """Files new or changed since they were last handled, and still for long enough; in the order seen."""
        self._tracked = {path: one for path, one in self._tracked.items() if path in seen}
        ready = []
        for path, signature in seen.items():
            known = self._tracked.get(path)
            if known is None or known.signature != signature:
                self._tracked[path] = known = _Tracked(signature, now)
            if not known.is_handled and now - known.since >= self.stable_seconds:
                ready.append(path)
        return ready

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


def look(root: Path) -> dict[Path, Signature]:
    """Every dossier.toml and every file that all dossiers depend on, with its signature."""
    settings = load_settings(root)
    paths = [folder.source for folder in tree.dossiers(root, settings.office)]
    seen = {}
    for path in (*_common(root), *paths):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        seen[path] = (status.st_size, status.st_mtime_ns)
    return seen


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
        self._retry: dict[Path, float] = {}

    def step(self, now: float) -> Report | None:
        """One scan; the report of what it led to, or None when nothing was ready."""
        seen = look(self._root)
        ready = self._tracker.observe(now, seen)
        common = [path for path in ready if path.name != tree.DOSSIER]
        if common:
            # The dossiers only: another of the common files would have all of them given again at the next look.
            self._tracker.give_again(path for path in seen if path.name == tree.DOSSIER)
            for path in common:
                self._tracker.handled(path)
            ready = [path for path in self._tracker.observe(now, seen) if path.name == tree.DOSSIER]
        folders = [path.parent for path in ready if self._is_whole(now, path)]
        folders += [path for path, due in self._retry.items() if due <= now and path not in folders]
        if not folders:
            return None
        for folder in folders:
            self._retry.pop(folder, None)
        report = generate(load_settings(self._root), folders, self._options())
        if report.refus:
            self._retry |= dict.fromkeys(folders, now + RETRY_SECONDS)
        for path in ready:
            if path.parent in folders:
                self._tracker.handled(path)
        self._tell(report)
        return report

    def _is_whole(self, now: float, path: Path) -> bool:
        """Not half copied, as far as can be seen; after a minute it is told to the agent all the same."""
        try:
            content = files.read_if_there(path)
        except EnvironmentRefused:  # who copies it still holds it; the others do not wait for that
            return False
        if content is None:
            return False
        return not is_unfinished(content) or self._tracker.still_for(now, path) >= UNFINISHED_SECONDS


def watch(root: Path, options: Callable[[], Options], tell: Callable[[Report], None], *, once: bool) -> None:
    """Watch until told to stop (Ctrl+C, SIGTERM), or for one pass only."""
    lock = FileLock(_lock_path(root))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise EnvironmentRefused(
            f"« {root} » est déjà surveillé sur cette machine : arrêter l'autre surveillance d'abord."
        ) from None
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    try:
        watcher = Watcher(root, options, tell)
        if once:
            watcher.step(time.monotonic())
            stop.wait(STABLE_SECONDS)
            watcher.step(time.monotonic() + 0.1)
            return
        progress = options().progress
        while not stop.is_set():
            try:
                watcher.step(time.monotonic())
            except (ToolkitError, OSError) as error:
                # The share is gone, office.toml is half saved: it will be back.
                progress(f"{error} Nouvel essai dans {RETRY_SECONDS:.0f} secondes.")
                stop.wait(RETRY_SECONDS)
            stop.wait(SCAN_SECONDS)
    except KeyboardInterrupt:
        pass
    finally:
        lock.release()


def _lock_path(root: Path) -> Path:
    """On the local disk: locks of two machines on one share cannot be trusted (filelock#526)."""
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"toolkit-{name}.lock"
