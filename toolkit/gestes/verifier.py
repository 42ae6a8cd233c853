"""What is wrong, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.modele.ignored import ignored_modeles
from toolkit.tree.settings import Settings
from toolkit.walk.case import find_folders, read_cases, read_sources
from toolkit.walk.corrections import Corrections
from toolkit.walk.options import Options
from toolkit.walk.references import References
from toolkit.walk.report import Report


def verify(settings: Settings, paths: Sequence[Path], options: Options) -> Report:
    """Problems of the dossiers at or below the given paths; writes nothing."""
    report = Report(problemes=[*settings.problems, *ignored_modeles(settings.root)])
    folders = find_folders(settings, paths, report)
    contents = read_sources(folders)
    references = References.of_tree(settings, contents)
    corrections = Corrections(settings, options, references)
    for case in read_cases(folders, settings, options.aujourd_hui, report, references, contents):
        with report.without_stopping(case.path):
            report.dossiers.append(case.as_report(problemes=corrections.of(case)))
    return report
