"""One dossier on its way through the walk: where it lies, what it says, what is wrong with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from toolkit.build.report import DossierReport, Report
from toolkit.build.state import State, load_state
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.errors import Problem, erreur
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings, load_settings


@dataclass
class Case:
    """One dossier on its way through the walk."""

    folder: DossierFolder
    report: DossierReport
    fiche: Fiche | None = None
    state: State = field(default_factory=State)
    source: str = ""
    """Hash of dossier.toml."""
    is_double: bool = False
    """Bears the reference of another dossier: nothing is made for it."""

    @property
    def path(self) -> Path:
        return self.folder.path


def read_case(folder: DossierFolder, settings: Settings, today: date) -> Case:
    """Read and check one dossier; its problems have their file and line."""
    return judge(files.read_if_there(folder.source), folder, settings, today)


def judge(content: bytes | None, folder: DossierFolder, settings: Settings, today: date) -> Case:
    """The same for bytes that are, or might be, the dossier.toml of that folder."""
    chemin = folder.path.relative_to(settings.root).as_posix()
    report = DossierReport(chemin)
    case = Case(folder, report)
    if content is None:
        return case
    reading = read(content, Dossier)
    report.problemes += reading.problems
    if reading.value is not None:
        cadre = Cadre(
            aujourd_hui=today,
            office=settings.office,
            prestataires=settings.prestataires,
            typologie=folder.typologie,
            statut=folder.statut,
            annee=folder.annee,
            mois=folder.mois,
            nom_dossier=folder.path.name,
        )
        case.fiche = Fiche(reading.value, cadre)
        case.source = files.sha256(content)
        case.state = load_state(folder.path, reading.value.reference)
        report.reference = reading.value.reference
        report.etat = case.fiche.etat
        # A fact that was told as wrong is not also told as missing.
        told = {problem.path for problem in reading.problems}
        report.problemes += reading.locate(p for p in case.fiche.problemes if p.path not in told)
    report.problemes = [problem.at(fichier=layout.DOSSIER) for problem in report.problemes]
    return case


def read_cases(folders: Iterable[DossierFolder], settings: Settings, today: date, report: Report) -> list[Case]:
    """The dossiers that can be read; what stops one of them stops no other."""
    cases = []
    for folder in folders:
        with report.without_stopping(folder.path):
            cases.append(read_case(folder, settings, today))
    return cases


def open_dossier(path: Path) -> tuple[Settings, DossierFolder]:
    """One dossier and the tree that it lies in, from its folder or anything inside it; raises AgentError."""
    folder = layout.enclosing_folder(path)
    settings = load_settings(layout.find_root(folder))
    return settings, layout.dossier_at(settings.root, folder, settings.office)


def find_folders(settings: Settings, paths: Iterable[Path]) -> list[DossierFolder]:
    """The dossiers at or below the given paths, each once, in the order of the tree."""
    found: dict[Path, DossierFolder] = {}
    for path in paths:
        found |= {one.path: one for one in layout.dossiers(settings.root, settings.office, path)}
    return list(found.values())


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
