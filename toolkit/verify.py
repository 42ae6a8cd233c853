"""What is wrong, and nothing else: reads and checks as ``build`` does, without its means to make documents."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.case import find_folders, read_cases, stray_problems
from toolkit.options import Options
from toolkit.references import References
from toolkit.report import Report
from toolkit.settings import Settings


def verify(settings: Settings, paths: Sequence[Path], options: Options) -> Report:
    """Problems of the dossiers at or below the given paths; writes nothing."""
    report = Report(problemes=[*settings.problems, *stray_problems(settings, paths)])
    cases = read_cases(find_folders(settings, paths), settings, options.aujourd_hui, report)
    References.of_tree(settings).check(cases, settings.root)
    report.dossiers += (case.report for case in cases)
    return report
