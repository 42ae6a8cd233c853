"""Decides when: wake → look → stability → walk. The tree is the truth; what to do is for ``walk``.

A file is read when it has stopped moving and nobody holds it. One that is empty or full of NULs is waited for, told
after a minute, and never given up.
"""

import hashlib
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from toolkit import __version__
from toolkit.errors import EnvironmentRefused, ToolkitError
from toolkit.formats.libreoffice import find_libreoffice
from toolkit.system import files, holders, locks
from toolkit.toml.read import is_unfinished
from toolkit.tree import layout
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk.options import Options
from toolkit.walk.references import References
from toolkit.walk.report import Report
from toolkit.watch.handled import load_handled, save_handled
from toolkit.watch.heartbeat import (
    BEAT_SECONDS,
    Heartbeat,
    forget_heartbeat,
    forget_stop,
    is_running,
    is_stop_asked,
    read_heartbeat,
    write_heartbeat,
)
from toolkit.watch.stability import STABLE_SECONDS, StabilityTracker
from toolkit.watch.wake import Wake

TICK_SECONDS = 1.0
"""Between two looks at files that still move."""
IDLE_SECONDS = 2.5
"""Between two looks at the stop file when nothing does."""
SCAN_SECONDS = 3.0
"""Between two looks at a tree that tells of no change by itself."""
RESCAN_SECONDS = 300.0
"""Between two looks at a tree that does: events are only hints, and some are lost."""
UNFINISHED_SECONDS = 60.0
RETRY_SECONDS = 30.0
BURST = 500
"""Dossiers of one run: memory stays bounded, and a stop is heard between two."""


def moment(today: date) -> str:
    """What a dossier was handled with besides its tree: another day, version or LibreOffice may give other files."""
    return f"{today} {__version__} {find_libreoffice()}"


def look_at_common(root: Path) -> dict[str, layout.Stamp]:
    """What every document of a tree depends on, as ``layout.look`` tells the dossiers."""
    found = {}
    for path in (root / layout.OFFICE, root / layout.PRESTATAIRES, *sorted((root / layout.MODELES).glob("*.docx"))):
        try:
            status = path.stat()
        except OSError:
            continue
        found[str(path)] = (status.st_size, status.st_mtime_ns)
    return found


class Watcher:
    """One pass after another over one tree."""

    def __init__(self, root: Path, options: Callable[[Settings], Options], tell: Callable[[Report], None]) -> None:
        self._root = root
        self._options = options
        self._tell = tell
        self._common: dict[str, layout.Stamp] = {}
        self._settings: Settings | None = None
        self._tracker = StabilityTracker()
        self._references: References | None = None
        self._closed: Collection[str] = ()
        """Folders that could not be entered at the last look: each is told once."""
        self._retry: dict[Path, float] = {}
        self._moment = ""
        self._has_news = False
        """Handled since the last time it was remembered."""
        self.count = 0
        """Dossiers at the last look."""

    @property
    def waiting(self) -> int:
        """Files not yet still, and dossiers to be tried again."""
        return self._tracker.waiting + len(self._retry)

    def step(self, now: float) -> Report | None:
        """One look; the report of what it led to, or None when nothing was ready."""
        common = look_at_common(self._root)
        look = _Look()
        settings = self._settings_for(common, look)
        tree = layout.look(self._root, settings.office)
        dossiers = tree.sources
        refus = [why for folder, why in tree.closed.items() if folder not in self._closed]
        self.count = len(dossiers)
        options = self._options(settings)
        is_new_moment = self._is_new_moment(options.aujourd_hui)
        looked = {**common, **dossiers}
        ready = self._tracker.observe(now, looked, look.digest)
        changed = [path for path in ready if path in common]
        if changed or is_new_moment:
            # The dossiers only: another of the common files would have all of them given again at the next look.
            self._tracker.give_again(dossiers)
            for path in changed:
                self._tracker.handled(path)
            ready = [path for path in self._tracker.observe(now, looked, look.digest) if path in dossiers]
        # What a large burst leaves over is as ready at the next look.
        folders = list(islice((Path(path).parent for path in ready if self._is_whole(now, path, look)), BURST))
        folders += [path for path, due in self._retry.items() if due <= now and path not in folders]
        if not folders and not refus:
            self._closed = tree.closed
            return None
        for folder in folders:
            self._retry.pop(folder, None)
        report = self._generate(settings, folders, options, tree, look.contents) if folders else Report()
        if report.refus:
            self._retry |= dict.fromkeys(folders, now + RETRY_SECONDS)
        report.refus = list(dict.fromkeys([*refus, *report.refus]))
        done = set(folders)
        for path in ready:
            if Path(path).parent in done:
                self._tracker.handled(path)
        self._has_news = True
        self._tell(report)
        self._closed = tree.closed
        return report

    def remember(self) -> None:
        """Leave to the next watcher of this tree what it need not look into; the machine may refuse."""
        if not self._has_news:
            return
        refused = {str(folder / layout.DOSSIER) for folder in self._retry}
        handled = {path: seen for path, seen in self._tracker.all_handled.items() if path not in refused}
        with suppress(EnvironmentRefused):
            save_handled(self._root, self._moment, handled)
            self._has_news = False

    def tell_defect(self) -> None:
        """One that nobody expected, while it is handled: the watch goes on."""
        refus = f"Défaut du toolkit pendant la surveillance : nouvel essai dans {RETRY_SECONDS:.0f} secondes."
        self._tell(Report(refus=[refus], defauts=[traceback.format_exc()]))

    def _settings_for(self, common: dict[str, layout.Stamp], look: "_Look") -> Settings:
        """Read again only when one of their files has moved."""
        if self._settings is None or common != self._common:
            self._settings = load_settings(self._root, look.read)
            self._references = References(self._settings)
            self._common = common
        return self._settings

    def _is_new_moment(self, today: date) -> bool:
        """Whether the day or LibreOffice changed; at the start, what the former watcher left is taken over."""
        now = moment(today)
        if now == self._moment:
            return False
        is_first, self._moment = not self._moment, now
        if is_first:
            self._tracker = StabilityTracker(load_handled(self._root, now))
        return not is_first

    def _generate(
        self,
        settings: Settings,
        folders: Sequence[Path],
        options: Options,
        tree: layout.Looked,
        contents: Mapping[str, bytes],
    ) -> Report:
        # Word, Excel and PDF take half a second and thirty megabytes: a watcher with nothing to do never pays them.
        from toolkit.walk.generate import generate

        assert self._references
        self._references.refresh(tree, contents)
        return generate(settings, folders, options, self._references, contents)

    def _is_whole(self, now: float, path: str, look: "_Look") -> bool:
        """Not half copied nor held, as far as can be seen; after a minute it is told to the agent all the same."""
        is_late = self._tracker.still_for(now, path) >= UNFINISHED_SECONDS
        try:
            content = look.read(Path(path))
        except EnvironmentRefused:  # who copies it still holds it; the others do not wait for that
            return is_late
        if content is None:
            return False
        if is_late:
            return True
        return not is_unfinished(content) and not holders.is_open_elsewhere(Path(path))


class _Look:
    """The files of one look, each read once: what was found still is what the documents are made from."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        """By path as text, of as many as one run takes."""
        self._digests: dict[str, str] = {}

    def read(self, path: Path) -> bytes | None:
        """None when it is gone; raises EnvironmentRefused while someone holds it."""
        if (known := self.contents.get(str(path))) is not None:
            return known
        content = files.read_if_there(path)
        if content is not None and len(self.contents) < BURST:
            self.contents[str(path)] = content
        return content

    def digest(self, path: str) -> str:
        if path not in self._digests:
            try:
                content = self.read(Path(path))
                self._digests[path] = "" if content is None else files.sha256(content)
            except EnvironmentRefused:
                self._digests[path] = "held"
        return self._digests[path]


def watch(root: Path, options: Callable[[Settings], Options], tell: Callable[[Report], None], *, once: bool) -> None:
    """Watch until told to stop (Ctrl+C, SIGTERM, stop file), or for one pass only.

    Being stopped in the middle of a write is like being killed there: each write is whole or not at all. Raises
    EnvironmentRefused when another watcher is at work on the same tree.
    """
    with _alone(root):
        _sweep(root)
        watcher = Watcher(root, options, tell)
        if once:
            watcher.step(time.monotonic())
            if watcher.waiting:
                time.sleep(STABLE_SECONDS)
                while watcher.step(time.monotonic() + 0.1):
                    pass
            watcher.remember()
            return
        _stop_like_ctrl_c()
        forget_stop(root)
        wake = Wake(root)
        try:
            _loop(root, watcher, wake, options(load_settings(root)).progress)
        except KeyboardInterrupt:
            pass
        finally:
            wake.stop()
            watcher.remember()
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
                elif not watcher.waiting:
                    watcher.remember()
            except (ToolkitError, OSError) as error:
                # The share is gone, office.toml is half saved: it will be back, and everything is looked at again.
                progress(f"{error} Nouvel essai dans {RETRY_SECONDS:.0f} secondes.")
                pause = RETRY_SECONDS
            except Exception:
                watcher.tell_defect()
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
    beat = read_heartbeat(root)
    who = f" (processus {beat.processus}, depuis le {beat.depuis})" if beat else ""
    with locks.alone_here(Path(tempfile.gettempdir()) / f"toolkit-{name}.lock") as is_alone:
        if not is_alone:
            raise EnvironmentRefused(
                f"« {root} » est déjà surveillé sur cette machine{who} : arrêter l'autre surveillance d'abord."
            )
        if beat and beat.is_alive(datetime.now()) and is_running(beat):
            raise EnvironmentRefused(
                f"« {root} » est déjà surveillé depuis « {beat.machine} »{who} : une seule surveillance suffit."
            )
        yield


def _sweep(root: Path) -> None:
    """Temporary files that a kill left behind, in the folders where we write."""
    for folder, names, found in os.walk(root):
        names[:] = [name for name in names if not Path(folder, name).is_symlink()]
        if any(name.startswith(files.TEMPORARY_PREFIX) for name in found):
            files.sweep(Path(folder))
