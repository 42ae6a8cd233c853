"""The walk: read → check → plan → apply → record → registers. The commands and the watcher all meet here.

Dossiers go through in batches, so that memory stays bounded and one start of LibreOffice serves many documents. Many
batches are shared between the cores.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from toolkit.build.apply import apply
from toolkit.build.case import Case, find_folders, read_case, read_cases, stray_problems
from toolkit.build.means import Atelier
from toolkit.build.options import Options, silent
from toolkit.build.references import References
from toolkit.build.render import Pending, plan_case
from toolkit.build.report import Report
from toolkit.build.workbooks import sync_workbooks
from toolkit.modele.judge import Epreuve
from toolkit.registres.lignes import Ligne, ligne
from toolkit.system.team import share_out
from toolkit.tree import layout
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings

BATCH = 20
SHARED_FROM = 3
"""Batches: starting a process costs as much as twenty dossiers."""


def generate(
    settings: Settings, paths: Sequence[Path], options: Options, references: References | None = None
) -> Report:
    """Make every document that is due below the given paths, and bring the recaps in sync."""
    report = Report(problemes=[*settings.problems, *stray_problems(settings, paths)], is_simulated=options.simulate)
    batches = list(_batches(find_folders(settings, paths)))
    epreuve = Epreuve(settings.root, remembers=not options.simulate)
    # Those that no dossier needs today are told as well: a model is mended while it is being edited.
    report.problemes += epreuve.judge_all()
    lignes: list[Ligne] = []
    done = 0
    count = min(options.cores, len(batches)) if len(batches) >= SHARED_FROM else 1
    inside = options if count == 1 else replace(options, progress=silent, cores=1)
    arguments = (settings, inside, references or References.of_tree(settings), epreuve)
    for fait in share_out(batches, _Chantier, arguments, count):
        report.merge(fait.report)
        lignes += fait.lignes
        done += len(fait.report.dossiers)
        if len(batches) > 1:
            options.progress(f"{done} dossiers sur {sum(map(len, batches))}…")
    report.problemes = list(dict.fromkeys(report.problemes))
    sync_workbooks(settings, lignes, report, options)
    return report


@dataclass
class _Fait:
    """One batch, done."""

    report: Report
    lignes: list[Ligne]


class _Chantier:
    """Does one batch after another, in this process or in one of several."""

    def __init__(self, settings: Settings, options: Options, references: References, epreuve: Epreuve) -> None:
        self._settings = settings
        self._options = options
        self._references = references
        self._atelier = Atelier(settings, options, epreuve)

    def __call__(self, batch: Sequence[DossierFolder]) -> _Fait:
        report = Report()
        cases = read_cases(batch, self._settings, self._options.aujourd_hui, report)
        self._references.check(cases, self._settings.root)
        pending = _plan(cases, self._atelier, report)
        if not self._options.simulate:
            apply(pending, cases, self._atelier, report)
        report.dossiers += (case.report for case in cases)
        report.problemes += self._atelier.problems
        lignes = [row for case in cases if case.fiche and (row := ligne(case.fiche)) and not case.is_double]
        return _Fait(report, lignes)


def sync_recaps(settings: Settings, options: Options, annee: int | None = None) -> Report:
    """Bring the recaps alone in sync with every dossier of the tree."""
    report = Report(problemes=list(settings.problems))
    lignes = []
    for folder in layout.dossiers(settings.root, settings.office):
        if annee is None or folder.annee == annee:
            for case in read_cases([folder], settings, options.aujourd_hui, report):
                if case.fiche and (row := ligne(case.fiche)):
                    lignes.append(row)
    sync_workbooks(settings, lignes, report, options)
    return report


def inspect(settings: Settings, folder: DossierFolder, options: Options) -> Case:
    """One dossier with its problems and the plan of its documents; writes nothing."""
    case = read_case(folder, settings, options.aujourd_hui)
    References.of_tree(settings).check([case], settings.root)
    plan_case(case, Atelier(settings, replace(options, simulate=True)))
    return case


def _plan(cases: Iterable[Case], atelier: Atelier, report: Report) -> list[Pending]:
    pending: list[Pending] = []
    for case in cases:
        with report.without_stopping(case.path):
            pending += plan_case(case, atelier)
    return pending


def _batches(folders: Sequence[DossierFolder]) -> Iterator[list[DossierFolder]]:
    iterator = iter(folders)
    while batch := list(islice(iterator, BATCH)):
        yield batch
