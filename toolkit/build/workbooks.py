"""The rows of the dossiers, entered in the recaps of their year: each workbook is read and written once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from toolkit import french
from toolkit.build.decide import Action, Step
from toolkit.build.options import Options
from toolkit.build.report import Report
from toolkit.dossier.classement import Typologie
from toolkit.errors import EnvironmentRefused, erreur
from toolkit.registres import arrivees, recap
from toolkit.registres.lignes import Ligne
from toolkit.registres.recap import Emporte, Synced
from toolkit.system import files, holders
from toolkit.tree import layout, path_limits
from toolkit.tree.settings import Settings

SAUVEGARDES = "Sauvegardes"
SAUVEGARDES_MAX = 30
CALENDRIER = "arrivees.ics"
DERIVE = " (provisoire)"
"""Beside a workbook that cannot be edited: a clean one that has the rows it waits for."""


def recap_path(settings: Settings, typologie: Typologie, annee: int) -> Path:
    folder = layout.annee_folder(settings.root, settings.office, typologie, annee)
    return folder / settings.office.nom_recap(typologie)


def sync_workbooks(settings: Settings, lignes: Sequence[Ligne], report: Report, options: Options) -> None:
    """Each workbook is read and written once, whatever the number of rows."""
    books: dict[tuple[Typologie, int], list[Ligne]] = defaultdict(list)
    for row in lignes:
        books[row.typologie, row.annee].append(row)
    inscription = _Inscription(settings, report, options)
    for (typologie, annee), rows in sorted(books.items()):
        path = recap_path(settings, typologie, annee)
        try:
            step = inscription.enter(path, rows, typologie, annee)
        except EnvironmentRefused as refusal:
            report.refus.append(str(refusal))
            step = Step(Action.ATTENDRE, inscription.name(path), str(refusal))
        if step:
            report.registres.append(step)
    inscription.enter_calendar(lignes)


def write_recap(path: Path, before: bytes | None, content: bytes, jour: date) -> None:
    """Put a workbook in place; raises EnvironmentRefused when someone has it open or has just saved it."""
    if holders.is_open_elsewhere(path):
        raise EnvironmentRefused(
            f"« {path.name} » est ouvert par {holders.holder(path) or 'un collègue'} : "
            "il sera complété dès qu'il sera fermé."
        )
    if files.read_if_there(path) != before:
        raise EnvironmentRefused(f"« {path.name} » vient d'être enregistré par quelqu'un : il sera repris.")
    if before is not None:
        _backup(path, before, jour)
    files.write(path, content)


@dataclass(frozen=True)
class _Depart:
    """Rows that leave another workbook, because their dossiers are now entered in this one."""

    path: Path
    before: bytes
    synced: Synced
    emportes: Mapping[str, Emporte]


@dataclass(frozen=True)
class _Inscription:
    """One pass over the recaps of a tree."""

    settings: Settings
    report: Report
    options: Options

    def name(self, path: Path) -> str:
        return path.relative_to(self.settings.root).as_posix()

    def enter(self, path: Path, rows: Sequence[Ligne], typologie: Typologie, annee: int) -> Step | None:
        """Bring one workbook up to its rows, then take out of the others those that came from there."""
        before = files.read_if_there(path)
        if before is None and all(row.annulee_le for row in rows):
            return None
        if over := path_limits.excess(self.settings.root, self.settings.office, path):
            what = f"chemin trop long pour Excel de {french.pluriel(over, 'caractère')} : "
            remedy = "partager le serveur à partir d'un dossier moins profond"
            self.report.problemes.append(erreur(what + remedy).at(fichier=self.name(path)))
            return Step(Action.ATTENDRE, self.name(path), "chemin trop long pour Excel")
        departs = self._departs(path, {row.cle for row in rows if row.annulee_le is None})
        emportes = {cle: one for depart in departs for cle, one in depart.emportes.items()}
        synced = self._sync(before, rows, typologie, annee, emportes)
        self.report.problemes += (problem.at(fichier=self.name(path)) for problem in synced.problems)
        if synced.is_refused:
            self._enter_beside(path, rows, typologie, annee)
            return Step(Action.ATTENDRE, self.name(path), "classeur laissé tel quel")
        step = self._put(path, before, synced)
        if emportes:
            # After the new row is in place: at no instant is the dossier without one.
            held = recap.cles(synced.content or before or b"", typologie, annee, self.settings.office.recap)
            self._withdraw(path, held & emportes.keys())
        self._drop_beside(path, typologie, annee)
        return step

    def _withdraw(self, path: Path, cles: Collection[str]) -> None:
        for depart in self._departs(path, cles):
            try:
                self.report.registres.append(self._put(depart.path, depart.before, depart.synced))
            except EnvironmentRefused as refusal:
                self.report.refus.append(str(refusal))

    def enter_calendar(self, lignes: Sequence[Ligne]) -> None:
        """The same arrivals for those who use a calendar."""
        path = self.settings.root / CALENDRIER
        before = files.read_if_there(path)
        content = arrivees.update(before, lignes, self.options.aujourd_hui)
        if content is None or content == before:
            return
        if not self.options.simulate:
            try:
                files.write(path, content)
            except EnvironmentRefused as refusal:
                self.report.refus.append(str(refusal))
                return
        action = Action.CREER if before is None else Action.REMPLACER
        self.report.registres.append(Step(action, CALENDRIER, "arrivées pour un agenda"))

    def _sync(
        self,
        before: bytes | None,
        rows: Sequence[Ligne],
        typologie: Typologie,
        annee: int,
        emportes: Mapping[str, Emporte] | None = None,
    ) -> Synced:
        reglages = self.settings.office.recap
        synced = recap.sync(before, rows, typologie, annee, self.options.aujourd_hui, reglages, emportes)
        fault = recap.check(synced) if synced.content is not None else None
        return recap.refuse(fault) if fault else synced

    def _departs(self, path: Path, cles: Collection[str]) -> Iterator[_Depart]:
        """The rows of these dossiers in the workbooks of other years, or of the other typologie."""
        for typologie in Typologie:
            for annee in layout.annees(self.settings.root, self.settings.office, typologie):
                other = recap_path(self.settings, typologie, annee)
                content = files.read_if_there(other) if other != path else None
                if content is not None:
                    synced, emportes = recap.withdraw(
                        content, cles, path.name, typologie, annee, self.settings.office.recap
                    )
                    if emportes:
                        yield _Depart(other, content, synced, emportes)

    def _put(self, path: Path, before: bytes | None, synced: Synced) -> Step:
        if synced.content is None:
            waiting = any(problem.is_error for problem in synced.problems)
            return Step(Action.ATTENDRE if waiting else Action.CONSERVER, self.name(path), _raison(synced))
        if not self.options.simulate:
            write_recap(path, before, synced.content, self.options.aujourd_hui)
        return Step(Action.CREER if before is None else Action.REMPLACER, self.name(path), _raison(synced))

    def _enter_beside(self, path: Path, rows: Sequence[Ligne], typologie: Typologie, annee: int) -> None:
        """A clean recap for the rows that a workbook cannot take."""
        beside = _beside(path)
        before = files.read_if_there(beside)
        step = self._put(beside, before, self._sync(before, rows, typologie, annee))
        self.report.registres.append(step)

    def _drop_beside(self, path: Path, typologie: Typologie, annee: int) -> None:
        """Once the workbook has every row that waited in the clean one, that one goes."""
        beside = _beside(path)
        waiting = None if self.options.simulate else files.read_if_there(beside)
        if waiting is None:
            return
        content = files.read_if_there(path) or b""
        reglages = self.settings.office.recap
        if recap.cles(waiting, typologie, annee) <= recap.cles(content, typologie, annee, reglages):
            files.remove_if_there(beside)


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
    """The workbook as it was before the first write of the day; the oldest copies go (design §6)."""
    folder = path.parent / layout.SUIVI / SAUVEGARDES
    target = folder / f"{path.stem} {jour.isoformat()}{path.suffix}"
    if target.exists():
        return
    files.write(target, content)
    copies = sorted(folder.glob(f"{path.stem} ????-??-??{path.suffix}"))
    for old in copies[:-SAUVEGARDES_MAX]:
        files.remove_if_there(old)
