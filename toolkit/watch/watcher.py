"""Decides when: wake → look → stability → walk. The tree is the truth; what to do is for ``walk``.

A file is read when it has stopped moving and nobody holds it. One that is empty or full of NULs is waited for, told
after a minute, and never given up.
"""

import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from toolkit import __version__
from toolkit.errors import EnvironmentRefused, ToolkitError
from toolkit.formats.libreoffice import find_libreoffice
from toolkit.system import files, holders
from toolkit.toml.read import is_unfinished
from toolkit.tree import layout
from toolkit.tree.presence import check_root
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk import leftovers
from toolkit.walk.case import HELD_BYTES_MAX
from toolkit.walk.options import Options
from toolkit.walk.references import References
from toolkit.walk.report import Report
from toolkit.watch import heartbeat, retries
from toolkit.watch.around import Around, look_around, moved_around
from toolkit.watch.ending import Ending
from toolkit.watch.handled import load_handled, save_handled
from toolkit.watch.heart import Heart, already_watched
from toolkit.watch.news import News
from toolkit.watch.retries import Change, Retries
from toolkit.watch.stability import STABLE_SECONDS, StabilityTracker
from toolkit.watch.wake import Wake

TICK_SECONDS = 1.0
"""Between two looks at files that still move."""
SCAN_SECONDS = 3.0
"""Between two looks at a tree that tells of no change by itself."""
RESCAN_SECONDS = 300.0
"""Between two looks at a tree that does: events are only hints, and some are lost."""
UNFINISHED_SECONDS = 60.0
REMEMBER_SECONDS = 60.0
"""Between two times that what was handled is left to the next watcher, in a long burst."""
BURST = 500
"""Dossiers of one run: memory stays bounded."""
BURST_FIRST = 40
BURST_LEAST = 20
BURST_SECONDS = 10.0
"""A run is cut to last about so long: what an agent saves meanwhile comes next."""

Say = Callable[[str, str], None]
"""Takes one French line, and details for whoever mends the toolkit."""


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


def newest_first(root: Path, dossiers: Mapping[str, layout.Stamp]) -> dict[str, layout.Stamp]:
    """The same, the coming years and this one before the old ones: nobody waits for those."""
    start = len(layout.start_of(str(root)))

    def annee(path: str) -> int:
        return layout.parse_annee(path[start:].split(os.sep, 2)[1]) or 0

    return dict(sorted(dossiers.items(), key=lambda one: -annee(one[0])))


def say_nothing(line: str, details: str) -> None:
    """For who listens to the reports alone."""


class Watcher:
    """One pass after another over one tree."""

    def __init__(
        self,
        root: Path,
        options: Callable[[Settings], Options],
        tell: Callable[[Report], None],
        say: Say = say_nothing,
        step_on: Callable[[], None] = lambda: None,
    ) -> None:
        self._root = root
        self._options = options
        self._tell = tell
        self._say = say
        self._step_on = step_on
        """Called each time that a long run went a step further."""
        self._common: dict[str, layout.Stamp] = {}
        self._settings: Settings | None = None
        self._tracker = StabilityTracker()
        self._references: References | None = None
        self._closed = Retries()
        """Folders that cannot be entered."""
        self._news = News()
        self._retries = Retries()
        self._around: Around = {}
        self._hitches = Retries()
        """What keeps the whole tree from being looked at."""
        self._failures = 0
        self._burst = BURST_FIRST
        self._moment = ""
        self._has_news = False
        """Handled since the last time it was remembered."""
        self._remembered = float("-inf")
        self.count = 0
        """Dossiers at the last look."""
        self.is_behind = False
        """The last run left out some that were as ready."""

    @property
    def moving(self) -> int:
        """Files not yet still, or not yet come to."""
        return self._tracker.waiting

    @property
    def waiting(self) -> int:
        """These, and dossiers to be tried again."""
        return self.moving + len(self._retries.waiting)

    def attempt(self, now: float, complaint: str | None = None) -> Report | None:
        """One look that nothing ends: what keeps it from being done is told when it begins and when it is over.

        ``complaint`` is one more thing that is not as it should be.
        """
        report = None
        refusals, details = [complaint] if complaint else [], ""
        try:
            check_root(self._root)
            report = self.step(now)
            self._failures = 0
        except Exception as error:
            # The share is gone, office.toml is half saved: it will be back, and everything is looked at again. Once is
            # told of nobody: an editor that saves takes the file away for an instant.
            self._failures += 1
            is_defect = not isinstance(error, (ToolkitError, OSError))
            if is_defect or self._failures > 1:
                refusals.append(_told(error))
            details = traceback.format_exc() if is_defect else ""
        self._say_change(self._hitches.record(now, [self._root], (), refusals), details)
        if not self._failures and (not self.moving or now - self._remembered > REMEMBER_SECONDS):
            self.remember()
            self._remembered = now
        return report

    def pause(self, now: float, *, has_events: bool) -> float:
        """Seconds until the next look, unless something moves before."""
        if self._failures:
            return SCAN_SECONDS if self._failures == 1 else retries.pause(self._failures - 1)
        if self.is_behind:
            return 0.0
        regular = TICK_SECONDS if self.moving else RESCAN_SECONDS if has_events else SCAN_SECONDS
        return max(0.0, min(regular, self._retries.next_due() - now))

    def step(self, now: float) -> Report | None:
        """One look; the report of what it led to, or None when nothing was ready."""
        common = look_at_common(self._root)
        look = _Look()
        settings = self._settings_for(common, look)
        tree = layout.look(self._root, settings.office)
        dossiers = tree.sources
        self.count = len(dossiers)
        options = replace(self._options(settings), progress=lambda _: self._step_on())
        is_new_moment = self._is_new_moment(options.aujourd_hui)
        looked = {**common, **dossiers}
        if is_new_moment or looked != self._tracker.all_handled:
            looked = {**common, **newest_first(self._root, dossiers)}
        ready = self._tracker.observe(now, looked, look.digest)
        changed = [path for path in ready if path in common]
        if changed or is_new_moment:
            # The dossiers only: another of the common files would have all of them given again at the next look.
            self._tracker.give_again(dossiers)
            for path in changed:
                self._tracker.handled(path)
            self._news.keep({self._chemin(Path(path).parent) for path in dossiers})
            ready = [path for path in self._tracker.observe(now, looked, look.digest) if path in dossiers]
        ready.sort(key=lambda path: not self._tracker.is_fresh(path))
        # What a large burst leaves over is as ready at the next look.
        taken = {
            Path(path).parent: path
            for path in islice((path for path in ready if self._is_whole(now, path, look)), self._burst)
        }
        self.is_behind = len(taken) == self._burst
        folders = [*taken, *islice(self._due(now, dossiers), self._burst)]
        report = self._generate(settings, folders, options, tree, look.contents) if folders else Report()
        closed = self._closed.record(now, (), (), list(tree.closed.values()))
        saved = {folder for folder, path in taken.items() if self._is_saved(path)}
        self._record(now, report, folders, saved, closed)
        for path in taken.values():
            self._tracker.handled(path)
        self._has_news = self._has_news or bool(folders)
        return report if folders or report.refus else None

    def remember(self) -> None:
        """Leave to the next watcher of this tree what it need not look into; the machine may refuse."""
        if not self._has_news:
            return
        refused = {str(folder / layout.DOSSIER) for folder in self._retries.waiting}
        handled = {path: seen for path, seen in self._tracker.all_handled.items() if path not in refused}
        with suppress(EnvironmentRefused):
            save_handled(self._root, self._moment, handled)
            self._has_news = False

    def _is_saved(self, path: str) -> bool:
        return not self._tracker.is_given_again(path)

    def _chemin(self, folder: Path) -> str:
        return folder.relative_to(self._root).as_posix()

    def _due(self, now: float, dossiers: Mapping[str, layout.Stamp]) -> list[Path]:
        """What is to be tried again now; a dossier that moved is taken, or waited for, for itself."""
        waiting = self._retries.waiting
        if not waiting:
            return []
        gone = [folder for folder in waiting if str(folder / layout.DOSSIER) not in dossiers]
        if gone:
            self._say_change(self._retries.record(now, gone, (), ()))
        around = look_around(self._root, islice(waiting, BURST))
        self._retries.hasten(moved_around(self._root, islice(waiting, BURST), self._around, around))
        self._around = around
        return [one for one in self._retries.due(now) if not self._tracker.is_moving(str(one / layout.DOSSIER))]

    def _record(self, now: float, report: Report, folders: Sequence[Path], saved: set[Path], closed: Change) -> None:
        """Keep what was refused for another try, and tell what was not told yet."""
        for folder in saved:
            self._retries.forget(folder)
        refused = report.a_reprendre or (folders if report.refus else ())
        change = self._retries.record(now, folders, refused, report.refus)
        self._around = look_around(self._root, islice(self._retries.waiting, BURST))
        report.refus = list(dict.fromkeys([*closed.begun, *report.refus]))
        news = self._news.of(report, {self._chemin(folder) for folder in saved}, [*closed.begun, *change.begun])
        if news is not None:
            with suppress(Exception):  # a console that was closed, a log that cannot be written
                self._tell(news)
        self._say_change(Change([], [*closed.ended, *change.ended]))

    def _say_change(self, change: Change, details: str = "") -> None:
        for line in change.begun:
            with suppress(Exception):
                self._say(line, details)
        for line in change.ended:
            with suppress(Exception):
                self._say(line, "")

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
        """All of them in one run; each alone when something that nobody foresaw ends that run."""
        # Word, Excel and PDF take half a second and thirty megabytes: a watcher with nothing to do never pays them.
        from toolkit.walk.generate import generate

        assert self._references
        self._references.refresh(tree, contents)
        started = time.monotonic()
        try:
            report = generate(settings, folders, options, self._references, contents)
        except Exception:
            check_root(self._root)
            report = Report()
            for folder in folders:
                with report.without_stopping(folder):
                    report.merge(generate(settings, [folder], options, self._references, contents))
                self._step_on()
            report.problemes = list(dict.fromkeys(report.problemes))
            report.refus = list(dict.fromkeys(report.refus))
        self._fit_burst(len(folders), time.monotonic() - started)
        return report

    def _fit_burst(self, done: int, seconds: float) -> None:
        """The next run takes as many as there is time for."""
        if seconds > BURST_SECONDS:
            self._burst = max(BURST_LEAST, self._burst // 2)
        elif done >= self._burst and seconds < BURST_SECONDS / 2:
            self._burst = min(BURST, self._burst * 2)

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


def _told(error: Exception) -> str:
    """For the agent: what happened, and what becomes of it."""
    if isinstance(error, ToolkitError):
        return str(error)
    if isinstance(error, OSError):
        what = error.strerror or type(error).__name__
        return f"L'arborescence ne peut pas être examinée ({what}) : vérifier le partage ; la surveillance continue."
    return (
        f"Défaut du toolkit ({type(error).__name__}) : la surveillance continue et essaie de nouveau ; "
        "le détail est dans son journal, à transmettre à la personne qui s'en occupe."
    )


class _Look:
    """The files of one look, each read once: what was found still is what the documents are made from."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        """By path as text, of as many as one run takes: one that is large is read again."""
        self._digests: dict[str, str] = {}

    def read(self, path: Path) -> bytes | None:
        """None when it is gone; raises EnvironmentRefused while someone holds it."""
        if (known := self.contents.get(str(path))) is not None:
            return known
        content = files.read_if_there(path)
        if content is not None and len(self.contents) < BURST and len(content) <= HELD_BYTES_MAX:
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


def watch(
    root: Path,
    options: Callable[[Settings], Options],
    tell: Callable[[Report], None],
    say: Say = say_nothing,
    *,
    once: bool,
) -> None:
    """Watch until told to stop (Ctrl+C, SIGTERM, stop file), or for one pass only.

    ``tell`` takes what each run found and did that was not told before, ``say`` each trouble when it begins and when it
    ends. Raises EnvironmentRefused when another watcher is at work on the same tree, or took this one's place.
    """
    wake = Wake(root)
    ending = Ending(wake.rouse)
    heart = Heart(root, ending, wake.sense, lambda line: say(line, ""))
    watcher = Watcher(root, options, tell, say, heart.step)
    try:
        with ending, heart:
            with suppress(Exception):  # what is left over waits for the next start
                _sweep(root)
            try:
                if once:
                    _pass_once(watcher)
                else:
                    _loop(watcher, wake, heart, ending)
            finally:
                wake.stop()
                watcher.remember()
    except KeyboardInterrupt:
        if heart.replaced_by is not None:
            raise EnvironmentRefused(already_watched(root, heart.replaced_by)) from None
        if once:
            raise


def _pass_once(watcher: Watcher) -> None:
    """Everything that is whole now."""
    watcher.step(time.monotonic())
    if watcher.moving:
        time.sleep(STABLE_SECONDS)
        while watcher.step(time.monotonic() + 0.1) and watcher.moving:
            pass


def _loop(watcher: Watcher, wake: Wake, heart: Heart, ending: Ending) -> None:
    while not ending.is_asked:
        wake.clear()
        with suppress(Exception):  # the watch of the system only hastens what is looked at all the same
            wake.renew(time.monotonic())
        report = watcher.attempt(time.monotonic(), wake.complaint)
        heart.tell(dossiers=watcher.count, en_attente=watcher.waiting, par_evenements=wake.has_events)
        if report is not None:
            heart.tell(dernier_passage=heartbeat.now())
        heart.step()
        if wake.wait(watcher.pause(time.monotonic(), has_events=wake.has_events)) and not watcher.is_behind:
            time.sleep(TICK_SECONDS / 3)  # a gesture in the file explorer is many events


def _sweep(root: Path) -> None:
    """What a kill left behind, temporary files in any folder among it."""
    for folder, _, found in os.walk(root):
        if any(name.startswith(files.TEMPORARY_PREFIX) for name in found):
            files.sweep(Path(folder))
    leftovers.sweep(root)
