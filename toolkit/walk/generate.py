"""The walk: read → documents → plan → files → row of the recap → PDFs. The commands and the watcher all meet here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from toolkit.modele.ignored import ignored_modeles
from toolkit.modele.judge import Judge
from toolkit.registres.lignes import ligne
from toolkit.system.team import share_out
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk import leftovers
from toolkit.walk.apply import CHANGED, Applied, Converted, apply_plan, convert_all
from toolkit.walk.case import find_folders, read_case, read_sources
from toolkit.walk.means import Means
from toolkit.walk.options import Options, silent
from toolkit.walk.plan import Plan, plan_dossier
from toolkit.walk.references import References
from toolkit.walk.report import DossierReport, Report
from toolkit.walk.workbooks import Inscription, sync_workbooks

BATCH = 20
"""Dossiers that go through together: memory stays bounded, and one start of LibreOffice serves many documents."""
SHARED_FROM = 3
"""Batches: starting a process costs as much as twenty dossiers."""
TRIES = 3
"""Plans of a dossier in which people work at that very moment; then it is left to the next run."""


@dataclass
class Built:
    """Some dossiers, done."""

    report: Report = field(default_factory=Report)
    """What went wrong, but for the dossiers themselves."""
    dossiers: dict[Path, DossierReport] = field(default_factory=dict)
    rows: dict[Path, Inscription] = field(default_factory=dict)
    """Of the recap."""
    to_convert: list[DossierFolder] = field(default_factory=list)
    """Those that still want their PDFs."""

    def tell(self, folder: Path, report: DossierReport) -> None:
        """What was done in a dossier, perhaps after what was done there before."""
        before = self.dossiers.get(folder)
        self.dossiers[folder] = before.then(report) if before else report

    def merge(self, other: "Built") -> None:
        """Add what was done with others, or later with the same."""
        self.report.merge(other.report)
        for folder, report in other.dossiers.items():
            self.tell(folder, report)
        self.rows |= other.rows
        self.to_convert += other.to_convert


def build_dossiers(means: Means, with_pdfs: bool, folders: Sequence[DossierFolder]) -> Built:
    """Read each dossier, plan its documents, put them in place; what goes wrong with one stops no other.

    Where someone changed what a plan was made from, the dossier is read and planned anew.
    """
    built = Built()
    means.look_at_annexes()
    contents = means.contents
    for tries_left in reversed(range(TRIES)):
        plans = []
        for folder in folders:
            with built.report.without_stopping(folder.path):
                plans.append(_plan(folder, contents.get(str(folder.source)), means, built))
        converted = _convert(plans, means, built) if with_pdfs else None
        for plan in plans:
            with built.report.without_stopping(plan.case.path):
                _take(apply_plan(plan, means, converted), plan, built, is_last=not tries_left)
        folders, contents = [plan.case.folder for plan in plans if plan.is_stale], {}
    built.report.problemes += means.problems
    return built


def _plan(folder: DossierFolder, content: bytes | None, means: Means, built: Built) -> Plan:
    case = read_case(folder, means.settings, means.options.aujourd_hui, means.references, content)
    built.rows.pop(folder.path, None)
    if case.fiche and not case.is_double and (row := ligne(case.fiche)):
        built.rows[folder.path] = Inscription(folder, case.source, row)
    return plan_dossier(case, means)


def _convert(plans: Sequence[Plan], means: Means, built: Built) -> Converted:
    converted: Converted = {}
    with built.report.without_stopping(*(plan.case.path for plan in plans), name="LibreOffice"):
        converted = convert_all(plans, means)
    return converted


def _take(done: Applied, plan: Plan, built: Built, *, is_last: bool) -> None:
    folder = plan.case.path
    built.tell(folder, done.report)
    for raison in done.refus:
        built.report.refuse(raison, folder)
    if plan.is_stale and is_last:
        built.report.refuse(f"« {folder.name} » : {CHANGED}.", folder)
    elif done.has_pdfs_left and not plan.is_stale:
        built.to_convert.append(plan.case.folder)


def generate(
    settings: Settings,
    paths: Sequence[Path],
    options: Options,
    references: References | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> Report:
    """Make every document that is due below the given paths, and bring the recaps in sync.

    Word files, state and recaps are in place before LibreOffice is started, which may fail to, or take long.
    ``contents`` are the bytes of the dossier.toml that were read already, by path as text.
    """
    if not options.simulate:
        leftovers.sweep(settings.root)
    report = Report(problemes=list(settings.problems), is_simulated=options.simulate)
    folders = find_folders(settings, paths, report)
    judge = Judge(settings.root, remembers=not options.simulate)
    # Those that no dossier needs today are told as well: a model is mended while it is being edited.
    report.problemes += [*judge.judge_all(), *ignored_modeles(settings.root)]
    report.refus += judge.refus
    contents = read_sources(folders) if contents is None else contents
    batches = _Batches(settings, options, references or References.of_tree(settings, contents), judge)
    built = batches.build(folders, contents, with_pdfs=False)
    sync_workbooks(settings, list(built.rows.values()), built.report, options)
    if built.to_convert:
        built.merge(batches.build(built.to_convert, {}, with_pdfs=True))
    report.merge(built.report)
    report.dossiers += built.dossiers.values()
    report.problemes = list(dict.fromkeys(report.problemes))
    report.refus = list(dict.fromkeys(report.refus))
    return report


@dataclass(frozen=True)
class _Batches:
    """Any number of dossiers, one batch after another, in this process or in one of several."""

    settings: Settings
    options: Options
    references: References
    judge: Judge

    def build(self, folders: Sequence[DossierFolder], contents: Mapping[str, bytes], *, with_pdfs: bool) -> Built:
        batches = list(_batches(folders))
        count = min(self.options.cores, len(batches)) if len(batches) >= SHARED_FROM else 1
        options = self.options if count == 1 else replace(self.options, progress=silent, cores=1)
        arguments = (with_pdfs, self.settings, options, self.references, self.judge, contents)
        batch_by_batch = map(_builder(*arguments), batches)
        built = Built()
        for some in share_out(batches, _builder, arguments, count) if count > 1 else batch_by_batch:
            built.merge(some)
            if len(batches) > 1:
                verb = " mis en PDF" if with_pdfs else ""
                self.options.progress(f"{len(built.dossiers)} dossiers{verb} sur {len(folders)}…")
        return built


def _builder(
    with_pdfs: bool,
    settings: Settings,
    options: Options,
    references: References,
    judge: Judge,
    contents: Mapping[str, bytes],
) -> Callable[[Sequence[DossierFolder]], Built]:
    return partial(build_dossiers, Means(settings, options, references, judge, contents), with_pdfs)


def _batches(folders: Sequence[DossierFolder]) -> Iterator[list[DossierFolder]]:
    iterator = iter(folders)
    while batch := list(islice(iterator, BATCH)):
        yield batch
