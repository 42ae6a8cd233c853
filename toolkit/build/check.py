"""What is wrong, and nothing else: reads and checks as ``build`` does, without its means to make documents."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.build.case import find_folders, read_cases, stray_problems
from toolkit.build.options import Options
from toolkit.build.references import References
from toolkit.build.report import Report
from toolkit.tree.settings import Settings


def verify(settings: Settings, paths: Sequence[Path], options: Options) -> Report:
    """Problems of the dossiers at or below the given paths; writes nothing."""
    report = Report(problemes=[*settings.problems, *stray_problems(settings, paths)])
    cases = read_cases(find_folders(settings, paths), settings, options.aujourd_hui, report)
    References.of_tree(settings).check(cases, settings.root)
    report.dossiers += (case.report for case in cases)
    return report
