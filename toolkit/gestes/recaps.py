"""The recaps alone, brought in sync with every dossier of the tree."""

from toolkit.registres.lignes import ligne
from toolkit.tree.settings import Settings
from toolkit.walk import leftovers
from toolkit.walk.case import find_folders, read_case
from toolkit.walk.options import Options
from toolkit.walk.report import Report
from toolkit.walk.workbooks import Inscription, sync_workbooks


def sync_recaps(settings: Settings, options: Options, annee: int | None = None) -> Report:
    """Of every year, or of one."""
    if not options.simulate:
        leftovers.sweep(settings.root)
    report = Report(problemes=list(settings.problems), is_simulated=options.simulate)
    folders = [one for one in find_folders(settings, [settings.root], report) if annee in (None, one.annee)]
    inscriptions = []
    for folder in folders:
        with report.without_stopping(folder.path):
            case = read_case(folder, settings, options.aujourd_hui)
            if case.fiche and (row := ligne(case.fiche)):
                inscriptions.append(Inscription(folder, case.source, row))
    sync_workbooks(settings, inscriptions, report, options)
    return report
