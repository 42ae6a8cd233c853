"""The rows of the dossiers, entered in the recaps of their year: each workbook is read and written once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from toolkit import files, french, tree
from toolkit.dossier.classement import Typologie
from toolkit.errors import EnvironmentRefused
from toolkit.options import Options
from toolkit.plan import Action, Step
from toolkit.registres import recap
from toolkit.registres.lignes import Ligne
from toolkit.report import Report
from toolkit.settings import Settings

SAUVEGARDES = "Sauvegardes"
SAUVEGARDES_MAX = 30


def sync_workbooks(settings: Settings, lignes: Sequence[Ligne], report: Report, options: Options) -> None:
    """Each workbook is read and written once, whatever the number of rows."""
    books: dict[tuple[Typologie, int], list[Ligne]] = defaultdict(list)
    for row in lignes:
        books[row.typologie, row.annee].append(row)
    for (typologie, annee), rows in sorted(books.items()):
        path = tree.annee_folder(settings.root, settings.office, typologie, annee) / settings.office.nom_recap(
            typologie
        )
        name = path.relative_to(settings.root).as_posix()
        try:
            step = _sync_recap(path, name, rows, typologie, annee, report, options)
        except EnvironmentRefused as refusal:
            report.refus.append(str(refusal))
            step = Step(Action.ATTENDRE, name, str(refusal))
        if step:
            report.registres.append(step)


def _sync_recap(
    path: Path, name: str, rows: Sequence[Ligne], typologie: Typologie, annee: int, report: Report, options: Options
) -> Step | None:
    before = files.read_if_there(path)
    if before is None and all(row.annulee_le for row in rows):
        return None
    synced = recap.sync(before, rows, typologie, annee, options.aujourd_hui)
    report.problemes += (problem.at(fichier=name) for problem in synced.problems)
    if synced.content is None:
        if any(problem.is_error for problem in synced.problems):
            return Step(Action.ATTENDRE, name, "classeur laissé tel quel")
        return Step(Action.CONSERVER, name, "à jour")
    action = Action.CREER if before is None else Action.REMPLACER
    raison = " ; ".join(synced.changements[:3])
    if len(synced.changements) > 3:
        raison += f" ; et {french.pluriel(len(synced.changements) - 3, 'autre ligne', 'autres lignes')}"
    if options.simulate:
        return Step(action, name, raison)
    if before is not None:
        if files.is_open_elsewhere(path):
            who = files.holder(path) or "quelqu'un"
            report.refus.append(f"« {path.name} » est ouvert par {who} : il sera complété dès qu'il sera fermé.")
            return Step(Action.ATTENDRE, name, f"ouvert par {who}")
        _backup(path, before, options.aujourd_hui)
    files.write(path, synced.content)
    return Step(action, name, raison)


def _backup(path: Path, content: bytes, jour: date) -> None:
    """The workbook as it was before the first write of the day; the oldest copies go (design §6)."""
    folder = path.parent / tree.SUIVI / SAUVEGARDES
    target = folder / f"{path.stem} {jour.isoformat()}{path.suffix}"
    if target.exists():
        return
    files.write(target, content)
    copies = sorted(folder.glob(f"{path.stem} ????-??-??{path.suffix}"))
    for old in copies[:-SAUVEGARDES_MAX]:
        files.remove_if_there(old)
