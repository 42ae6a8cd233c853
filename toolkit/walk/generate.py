"""The walk: read → documents → plan → files → row of the recap. The commands and the watcher all meet here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from toolkit.modele.judge import Judge
from toolkit.registres.lignes import Ligne, ligne
from toolkit.system.team import share_out
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk.apply import apply_plans, shown
from toolkit.walk.case import find_folders, read_case, read_sources, stray_problems
from toolkit.walk.means import Means
from toolkit.walk.options import Options, silent
from toolkit.walk.plan import plan_dossier
from toolkit.walk.references import References
from toolkit.walk.report import Report
from toolkit.walk.workbooks import sync_workbooks

BATCH = 20
"""Dossiers that go through together: memory stays bounded, and one start of LibreOffice serves many documents."""
SHARED_FROM = 3
"""Batches: starting a process costs as much as twenty dossiers."""


@dataclass
class Built:
    """Some dossiers, done: what to tell of them, and their rows of the recap."""

    report: Report = field(default_factory=Report)
    lignes: list[Ligne] = field(default_factory=list)


def build_dossiers(means: Means, folders: Sequence[DossierFolder]) -> Built:
    """Read each dossier, plan its documents, put them in place; what goes wrong with one stops no other."""
    settings, today = means.settings, means.options.aujourd_hui
    built = Built()
    plans = []
    for folder in folders:
        with built.report.without_stopping(folder.path):
            case = read_case(folder, settings, today, means.references, means.contents.get(str(folder.source)))
            if case.fiche and not case.is_double and (row := ligne(case.fiche)):
                built.lignes.append(row)
            plans.append(plan_dossier(case, means))
    for done in map(shown, plans) if means.options.simulate else apply_plans(plans, means):
        built.report.dossiers.append(done.report)
        built.report.refus += done.refus
    built.report.problemes += means.problems
    return built


def generate(
    settings: Settings,
    paths: Sequence[Path],
    options: Options,
    references: References | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> Report:
    """Make every document that is due below the given paths, and bring the recaps in sync.

    ``contents`` are the bytes of the dossier.toml that were read already, by path as text.
    """
    report = Report(problemes=[*settings.problems, *stray_problems(settings, paths)], is_simulated=options.simulate)
    judge = Judge(settings.root, remembers=not options.simulate)
    # Those that no dossier needs today are told as well: a model is mended while it is being edited.
    report.problemes += judge.judge_all()
    folders = find_folders(settings, paths)
    contents = read_sources(folders) if contents is None else contents
    batches = list(_batches(folders))
    count = min(options.cores, len(batches)) if len(batches) >= SHARED_FROM else 1
    inside = options if count == 1 else replace(options, progress=silent, cores=1)
    arguments = (settings, inside, references or References.of_tree(settings, contents), judge, contents)
    lignes: list[Ligne] = []
    for built in share_out(batches, _builder, arguments, count) if count > 1 else map(_builder(*arguments), batches):
        report.merge(built.report)
        lignes += built.lignes
        if len(batches) > 1:
            options.progress(f"{len(report.dossiers)} dossiers sur {sum(map(len, batches))}…")
    report.problemes = list(dict.fromkeys(report.problemes))
    sync_workbooks(settings, lignes, report, options)
    return report


def _builder(
    settings: Settings,
    options: Options,
    references: References,
    judge: Judge,
    contents: Mapping[str, bytes],
) -> Callable[[Sequence[DossierFolder]], Built]:
    """One batch after another, in this process or in one of several."""
    return partial(build_dossiers, Means(settings, options, references, judge, contents))


def _batches(folders: Sequence[DossierFolder]) -> Iterator[list[DossierFolder]]:
    iterator = iter(folders)
    while batch := list(islice(iterator, BATCH)):
        yield batch
