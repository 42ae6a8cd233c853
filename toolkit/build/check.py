"""What is wrong, and nothing else: reads and checks as the walk does, without its means to make documents."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.build.case import find_folders, read_cases, read_sources
from toolkit.build.options import Options
from toolkit.build.references import References
from toolkit.build.report import Report
from toolkit.errors import Problem, erreur
from toolkit.tree import layout
from toolkit.tree.settings import Settings


def verify(settings: Settings, paths: Sequence[Path], options: Options) -> Report:
    """Problems of the dossiers at or below the given paths; writes nothing."""
    report = Report(problemes=[*settings.problems, *stray_problems(settings, paths)])
    folders = find_folders(settings, paths)
    contents = read_sources(folders)
    references = References.of_tree(settings, contents)
    cases = read_cases(folders, settings, options.aujourd_hui, report, references, contents)
    report.dossiers += (case.as_report() for case in cases)
    return report


def stray_problems(settings: Settings, paths: Sequence[Path]) -> list[Problem]:
    """Files that no walk will ever find, each told with where it should go."""
    problems = []
    for path in paths:
        for folder in layout.strays(settings.root, settings.office, path):
            where = (folder / layout.DOSSIER).relative_to(settings.root).as_posix()
            problems.append(
                erreur(
                    "ce dossier n'est pas à sa place : il faut Groupe ou Individuel / année / mois / "
                    "« en cours », « traité » ou « annulé » / le dossier"
                ).at(fichier=where)
            )
    return problems
