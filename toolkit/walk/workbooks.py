"""The rows of the dossiers, entered in the recaps of their year and in the calendar: planned, then put in place.

Each workbook is read and written once, whatever the number of rows; one after the other, since a row may leave one for
another.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.errors import EnvironmentRefused, FileRefused, Problem, erreur
from toolkit.registres import arrivees, recap
from toolkit.registres.lignes import Ligne, ligne
from toolkit.registres.recap import Emporte, Synced
from toolkit.system import files, locks
from toolkit.tree import layout, path_limits
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk.case import case_of
from toolkit.walk.decide import Action, Step
from toolkit.walk.options import Options
from toolkit.walk.report import Report

SAUVEGARDES = "Sauvegardes"
SAUVEGARDES_MAX = 30
TRIES = 3
"""Plans of a workbook that people save at that very moment."""
CALENDRIER = "arrivees.ics"
DERIVE = " (provisoire)"
"""Beside a workbook that cannot be edited: a clean one that has the rows it waits for."""
_FORMATS = (".xls", ".xlsm", ".xlsb", ".xltx", ".ods", ".csv")
"""Of workbooks that are not edited here."""


@dataclass(frozen=True, slots=True)
class Inscription:
    """The row of a dossier, on its way to its workbook."""

    folder: DossierFolder
    source: str
    """Hash of the dossier.toml that it was read from."""
    ligne: Ligne


@dataclass(frozen=True)
class Put:
    """A workbook, or the calendar, as it is to lie."""

    path: Path
    before: bytes | None
    """What it held when this was planned."""
    content: bytes | None
    """None: it stays as it is."""
    step: Step
    is_ours_alone: bool = False
    """Nobody types in it: what it held need not be kept."""


@dataclass(frozen=True)
class Away:
    """A workbook that is put away."""

    path: Path
    digest: str
    """Hash of what it held when this was planned."""
    former: Callable[[int], Path]
    """Where it goes: the first of these names that is free."""
    step: Step


@dataclass
class BookPlan:
    """What happens to one workbook, and to those beside it."""

    puts: list[Put] = field(default_factory=list)
    """The workbook itself first: while it cannot be written, the others stay as they are."""
    away: list[Away] = field(default_factory=list)
    """Clean workbooks that are of no use any more: people may have written in them."""
    problems: list[Problem] = field(default_factory=list)
    refus: list[str] = field(default_factory=list)
    """Other workbooks that could not be read: what came from there is taken out of them later."""

    @property
    def is_work(self) -> bool:
        """Something is to be written, or put away."""
        return bool(self.away) or any(put.content is not None for put in self.puts)


def recap_path(settings: Settings, typologie: Typologie, annee: int) -> Path:
    """Where the workbook of that year lies, or will lie (regles.md §4.1)."""
    folder = layout.annee_folder(settings.root, settings.office, typologie, annee)
    return layout.named(folder, settings.office.nom_recap(typologie))


@contextmanager
def alone_with_recaps(settings: Settings) -> Iterator[None]:
    """Nobody else of the toolkit touches a recap or the calendar meanwhile: a row may leave one workbook for another.

    Raises EnvironmentRefused when another keeps them for long.
    """
    root = settings.root
    with locks.alone(layout.verrou(root, root / CALENDRIER), "Les récapitulatifs", home=root):
        yield


def sync_workbooks(settings: Settings, inscriptions: Sequence[Inscription], report: Report, options: Options) -> None:
    """Enter these rows in the recaps and the calendar, or tell what would be entered."""
    jour = options.aujourd_hui
    books: dict[tuple[Typologie, int], list[Inscription]] = defaultdict(list)
    for one in inscriptions:
        books[one.ligne.typologie, one.ligne.annee].append(one)
    if not options.simulate:
        _sweep(settings)
    for (typologie, annee), ones in sorted(books.items(), key=lambda book: book[0]):
        recap_file = _RecapFile(settings, recap_path(settings, typologie, annee), typologie, annee, jour)
        _sync_one(recap_file.name(recap_file.path), recap_file.plan, ones, settings, report, options)
    plan_calendar = partial(_plan_calendar, settings, jour)
    _sync_one(CALENDRIER, plan_calendar, inscriptions, settings, report, options)


def _sweep(settings: Settings) -> None:
    """What a kill left beside the workbooks and their backups, of any year: a row may leave one for another."""
    for typologie in Typologie:
        for annee in layout.annees(settings.root, settings.office, typologie):
            folder = recap_path(settings, typologie, annee).parent
            files.sweep(folder)
            files.sweep(folder / layout.SUIVI / SAUVEGARDES)


def _sync_one(
    name: str,
    plan_book: Callable[[Sequence[Ligne]], BookPlan],
    inscriptions: Sequence[Inscription],
    settings: Settings,
    report: Report,
    options: Options,
) -> None:
    """One workbook; what goes wrong with it stops no other."""
    folders = [one.folder.path for one in inscriptions]
    with report.without_stopping(*folders, name=name):
        try:
            plan = plan_book([one.ligne for one in inscriptions])
            if options.simulate or not plan.is_work:
                report.registres += _shown(plan)
            else:
                with alone_with_recaps(settings):
                    plan = _apply_anew(plan, plan_book, inscriptions, settings, report, options.aujourd_hui)
        except EnvironmentRefused as refusal:
            report.registres.append(Step(Action.ATTENDRE, name, str(refusal)))
            raise
        report.problemes += plan.problems
        for raison in dict.fromkeys(plan.refus):
            if raison not in report.refus:
                report.refuse(raison, *folders)


def _apply_anew(
    plan: BookPlan,
    plan_book: Callable[[Sequence[Ligne]], BookPlan],
    inscriptions: Sequence[Inscription],
    settings: Settings,
    report: Report,
    jour: date,
) -> BookPlan:
    """Apply a plan, or another where a dossier or the workbook was saved meanwhile; gives the one that was applied."""
    current = _as_of_now(inscriptions, settings, jour)
    if current != list(inscriptions):
        plan = plan_book([one.ligne for one in current])
    folders = [one.folder.path for one in inscriptions]
    for tries_left in reversed(range(TRIES)):
        try:
            _apply(plan, report, folders, jour)
            break
        except files.Touched:
            if not tries_left:
                raise
            plan = plan_book([one.ligne for one in current])
    return plan


def _as_of_now(inscriptions: Sequence[Inscription], settings: Settings, jour: date) -> list[Inscription]:
    """The same from what the dossiers say by now: an older row never replaces a newer one.

    One that has gone, or goes elsewhere by now, is left to whoever saved it.
    """
    current = []
    for one in inscriptions:
        content = files.read_if_there(one.folder.source)
        if content is not None and files.sha256(content) != one.source:
            case = case_of(content, one.folder, settings, jour)
            row = ligne(case.fiche) if case.fiche else None
            if row is not None and _place(row) == _place(one.ligne):
                current.append(Inscription(one.folder, case.source, row))
        elif content is not None:
            current.append(one)
    return current


def _place(row: Ligne) -> tuple[str, Typologie, int]:
    return row.cle, row.typologie, row.annee


def _shown(plan: BookPlan) -> list[Step]:
    """What goes with a workbook before the workbook itself, as they are told."""
    return [put.step for put in (*plan.puts[1:], *plan.puts[:1])]


def _apply(plan: BookPlan, report: Report, folders: Sequence[Path], jour: date) -> None:
    """Put in place; after the workbook itself, so that at no instant a dossier is without its row.

    Raises EnvironmentRefused when the workbook cannot be written: the others then stay as they are.
    """
    steps = []
    for put in plan.puts:
        try:
            _put(put, jour)
            steps.append(put.step)
        except EnvironmentRefused as refusal:
            if put is plan.puts[0]:
                raise
            report.refuse(str(refusal), *folders)
    for away in plan.away:
        try:
            files.move_beside(away.path, away.former, over=away.digest)
            steps.append(away.step)
        except EnvironmentRefused as refusal:
            report.refuse(str(refusal), *folders)
    report.registres += [*steps[1:], *steps[:1]]


def _put(put: Put, jour: date) -> None:
    if put.content is None:
        return
    if put.is_ours_alone:
        files.write(put.path, put.content, over=None if put.before is None else files.sha256(put.before))
    else:
        write_recap(put.path, put.before, put.content, jour)


def write_recap(path: Path, before: bytes | None, content: bytes, jour: date) -> None:
    """Put a workbook in place of what was read of it; raises Touched, Held, EnvironmentRefused."""
    if before is not None:
        _backup(path, before, jour)
    files.write(path, content, over=None if before is None else files.sha256(before))


@dataclass(frozen=True)
class _RecapFile:
    """One workbook on its way."""

    settings: Settings
    path: Path
    typologie: Typologie
    annee: int
    jour: date

    def name(self, path: Path) -> str:
        return path.relative_to(self.settings.root).as_posix()

    def plan(self, rows: Sequence[Ligne]) -> BookPlan:
        """Bring it up to its rows, then take out of the others those that came from there."""
        before = files.read_if_there(self.path)
        refus: list[str] = []
        departs = list(self._departs({row.cle for row in rows if row.annulee_le is None}, refus))
        emportes = {cle: one for _, _, _, ones in departs for cle, one in ones.items()}
        expected = [row for row in rows if row.is_attendue or row.cle in emportes]
        if before is None and not expected:
            return BookPlan()
        if over := path_limits.excess(self.settings.root, self.settings.office, self.path):
            return self._too_long(over)
        if before is None and (remedy := self._elsewhere()):
            problem = erreur(remedy).at(fichier=self.name(self.path))
            step = Step(Action.ATTENDRE, self.name(self.path), "un autre classeur est là à sa place")
            return BookPlan([Put(self.path, None, None, step)], problems=[problem])
        reglages = self.settings.office.recap
        synced = recap.sync(before, rows, self.typologie, self.annee, self.jour, reglages, emportes)
        problems = [problem.at(fichier=self.name(self.path)) for problem in synced.problems]
        if synced.is_refused:
            return self._beside(expected, problems) if expected else BookPlan()
        plan = BookPlan([self._put(self.path, before, synced)], problems=problems, refus=refus)
        content = synced.content or before or b""
        if emportes:
            held = self._cles(content, reglages)
            plan.puts += (
                self._put(other, was, gone) for other, was, gone, _ in self._departs(held & emportes.keys(), refus)
            )
        waiting = files.read_if_there(_beside(self.path))
        if waiting is not None and self._cles(waiting) <= self._cles(content, reglages):
            plan.away.append(self._away(_beside(self.path), waiting))
        return plan

    def _elsewhere(self) -> str | None:
        """What to do about the recap of this year that lies there in another format, or under another name.

        Raises EnvironmentRefused.
        """
        for path in files.list_files(self.path.parent):
            if layout.name_key(path.stem) == layout.name_key(self.path.stem) and path.suffix.casefold() in _FORMATS:
                return (
                    f"« {path.name} » n'est pas un classeur .xlsx, aucun autre n'est fait à côté : l'ouvrir, "
                    f"l'enregistrer sous « {self.path.name} » (Classeur Excel), puis ranger l'ancien ailleurs"
                )
            if path.suffix.casefold() == ".xlsx" and not path.name.startswith("~$") and self._is_recap(path):
                return (
                    f"le récapitulatif de {self.annee} est là sous le nom « {path.name} », aucun autre n'est fait "
                    f"à côté : le renommer « {self.path.name} »"
                )
        return None

    def _is_recap(self, path: Path) -> bool:
        content = files.read_if_there(path)
        return content is not None and path != _beside(self.path) and bool(self._cles(content))

    def _away(self, path: Path, content: bytes) -> Away:
        """Kept, whatever people wrote in it."""
        former = layout.numbered(layout.named(path.parent, layout.REMPLACES, path.name))
        raison = f"ses lignes sont dans « {self.path.name} » ; il est gardé dans « {layout.REMPLACES} »"
        return Away(path, files.sha256(content), former, Step(Action.ARCHIVER, self.name(path), raison))

    def _too_long(self, over: int) -> BookPlan:
        what = f"chemin trop long pour Excel de {french.pluriel(over, 'caractère')} : "
        problem = erreur(f"{what}partager le serveur à partir d'un dossier moins profond").at(
            fichier=self.name(self.path)
        )
        step = Step(Action.ATTENDRE, self.name(self.path), "chemin trop long pour Excel")
        return BookPlan([Put(self.path, None, None, step)], problems=[problem])

    def _beside(self, rows: Sequence[Ligne], problems: list[Problem]) -> BookPlan:
        """A clean recap for the rows that a workbook cannot take."""
        step = Step(Action.ATTENDRE, self.name(self.path), "classeur laissé tel quel")
        beside = _beside(self.path)
        before = files.read_if_there(beside)
        reglages = self.settings.office.recap
        synced = recap.sync(before, rows, self.typologie, self.annee, self.jour, reglages)
        clean = self._put(beside, before, synced)
        return BookPlan([Put(self.path, None, None, step), clean], problems=problems)

    def _departs(
        self, cles: Collection[str], refus: list[str]
    ) -> Iterator[tuple[Path, bytes, Synced, Mapping[str, Emporte]]]:
        """The rows of these dossiers in the workbooks of other years, or of the other typologie."""
        reglages = self.settings.office.recap
        for typologie in Typologie:
            for annee in layout.annees(self.settings.root, self.settings.office, typologie):
                other = recap_path(self.settings, typologie, annee)
                try:
                    content = files.read_if_there(other) if other != self.path else None
                except EnvironmentRefused as refusal:
                    refus.append(str(refusal))
                    continue
                if content is not None:
                    synced, emportes = recap.withdraw(content, cles, self.path.name, typologie, annee, reglages)
                    if emportes:
                        yield other, content, synced, emportes

    def _put(self, path: Path, before: bytes | None, synced: Synced) -> Put:
        if synced.content is None:
            is_waiting = any(problem.is_error for problem in synced.problems)
            action = Action.ATTENDRE if is_waiting else Action.CONSERVER
        else:
            action = Action.CREER if before is None else Action.REMPLACER
        return Put(path, before, synced.content, Step(action, self.name(path), _raison(synced)))

    def _cles(self, content: bytes, reglages: ReglagesRecap | None = None) -> set[str]:
        return recap.cles(content, self.typologie, self.annee, reglages)


def _plan_calendar(settings: Settings, jour: date, lignes: Sequence[Ligne]) -> BookPlan:
    """The same arrivals for those who use a calendar."""
    path = settings.root / CALENDRIER
    before = files.read_if_there(path)
    try:
        content = arrivees.update(before, lignes, jour)
    except FileRefused as reason:
        step = Step(Action.ATTENDRE, CALENDRIER, "calendrier laissé tel quel")
        told = f"calendrier laissé tel quel : {reason}. Le renommer ou l'ôter, puis « toolkit recap » le refait"
        return BookPlan([Put(path, None, None, step)], problems=[erreur(told).at(fichier=CALENDRIER)])
    if content is None or content == before:
        return BookPlan()
    action = Action.CREER if before is None else Action.REMPLACER
    step = Step(action, CALENDRIER, "arrivées pour un agenda")
    return BookPlan([Put(path, before, content, step, is_ours_alone=True)])


def _beside(path: Path) -> Path:
    return path.with_stem(f"{path.stem}{DERIVE}")


def _raison(synced: Synced) -> str:
    if synced.content is None:
        return "à jour" if not any(one.is_error for one in synced.problems) else "des lignes attendent"
    raison = " ; ".join(synced.changements[:3])
    if len(synced.changements) > 3:
        raison += f" ; et {french.pluriel(len(synced.changements) - 3, 'autre ligne', 'autres lignes')}"
    return raison


def _backup(path: Path, content: bytes, jour: date) -> None:
    """The workbook as it was before the first write of the day; the oldest copies go (promesses.md §6)."""
    folder = path.parent / layout.SUIVI / SAUVEGARDES
    target = folder / f"{path.stem} {jour.isoformat()}{path.suffix}"
    if target.exists():
        return
    files.write_own(target, content)
    copies = sorted(folder.glob(f"{path.stem} ????-??-??{path.suffix}"))
    for old in copies[:-SAUVEGARDES_MAX]:
        files.remove_own(old)
