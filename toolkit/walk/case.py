"""One dossier as it is read: where it lies, what it says, what is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path, PurePosixPath

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.errors import EnvironmentRefused, Problem, erreur
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout, path_limits
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk.decide import Step
from toolkit.walk.references import References
from toolkit.walk.report import DossierReport, Report
from toolkit.walk.state import State, load_state


@dataclass(frozen=True)
class Case:
    """One dossier on its way through the walk."""

    folder: DossierFolder
    chemin: str
    """Of its folder, relative to the root, with ``/``."""
    fiche: Fiche | None = None
    """What it says and all that follows; None when its text cannot be read at all."""
    problemes: tuple[Problem, ...] = ()
    """With their file and line."""
    state: State = field(default_factory=State)
    source: str = ""
    """Hash of dossier.toml, readable or not; empty when it is not there."""
    is_double: bool = False
    """Bears the reference of another dossier: nothing is made for it."""

    def is_current(self) -> bool:
        """Whether nobody has written its dossier.toml or its state since they were read; raises EnvironmentRefused."""
        content = files.read_if_there(self.folder.source)
        if content is None or files.sha256(content) != self.source:
            return False
        return self.fiche is None or load_state(self.path, self.reference) == self.state

    @property
    def path(self) -> Path:
        """Of its folder, on the disk."""
        return self.folder.path

    def as_report(self, etapes: Iterable[Step] = (), problemes: Iterable[Problem] | None = None) -> DossierReport:
        """What is told of it, with the steps of a plan and the problems that its documents show."""
        told = list(self.problemes if problemes is None else problemes)
        steps = [step.told for step in etapes]
        if self.fiche is None:
            return DossierReport(self.chemin, self.reference, problemes=told, etapes=steps)
        return DossierReport(self.chemin, self.reference, self.fiche.etat, told, steps, self.fiche.libelle_etat)

    @property
    def reference(self) -> str | None:
        """None when the file does not tell it, or cannot be read at all."""
        return self.fiche.dossier.reference if self.fiche else None


def read_case(
    folder: DossierFolder,
    settings: Settings,
    today: date,
    references: References | None = None,
    content: bytes | None = None,
) -> Case:
    """Read and check one dossier, among the others when their references are given.

    ``content`` are the bytes of its dossier.toml, for who has just read them.
    """
    case = case_of(files.read_if_there(folder.source) if content is None else content, folder, settings, today)
    double = references.double(folder, case.reference, case.state, settings.root) if references else None
    return replace(case, problemes=(*case.problemes, double), is_double=True) if double else case


def case_of(content: bytes | None, folder: DossierFolder, settings: Settings, today: date) -> Case:
    """The same for bytes that are, or might be, the dossier.toml of that folder."""
    chemin = folder.path.relative_to(settings.root).as_posix()
    if content is None:
        return Case(folder, chemin)
    reading = read(content, Dossier)
    problems = list(reading.problems)
    case = Case(folder, chemin, source=files.sha256(content))
    if reading.value is not None:
        state = load_state(folder.path, reading.value.reference)
        cadre = Cadre(
            aujourd_hui=today,
            office=settings.office,
            prestataires=settings.prestataires,
            typologie=folder.typologie,
            statut=folder.statut,
            annee=folder.annee,
            mois=folder.mois,
            nom_dossier=folder.path.name,
            longueur_max=path_limits.room(settings.root, settings.office, folder.path),
            factures_absentes=_factures_absentes(reading.value, folder.path),
            noms={one.code: name for name, one in state.written.items() if name.endswith(".docx")},
        )
        fiche = Fiche(reading.value, cadre)
        # A fact that was told as wrong is not also told as missing.
        told = {problem.path for problem in reading.problems}
        problems += reading.locate(problem for problem in fiche.problemes if problem.path not in told)
        case = replace(case, fiche=fiche, state=state)
    return replace(case, problemes=tuple(problem.at(fichier=layout.DOSSIER) for problem in problems))


def _factures_absentes(dossier: Dossier, folder: Path) -> frozenset[str]:
    """The invoices that it names and that are not there: its own folder of them may go without saying."""
    services = [*dossier.prestations, *(one for avenant in dossier.avenants for one in avenant.prestations)]
    return frozenset(
        name for one in services if (name := one.facture.fichier) and not _lies_below(folder, name.replace("\\", "/"))
    )


def _lies_below(folder: Path, name: str) -> bool:
    parts = PurePosixPath(name).parts
    if ".." in parts or PurePosixPath(name).is_absolute() or "\0" in name:
        return False
    return any(layout.named(folder, *above, *parts).is_file() for above in ((), (layout.FACTURES,)))


def read_cases(
    folders: Iterable[DossierFolder],
    settings: Settings,
    today: date,
    report: Report,
    references: References | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> list[Case]:
    """The dossiers that can be read; what stops one of them stops no other."""
    known = contents or {}
    cases = []
    for folder in folders:
        with report.without_stopping(folder.path):
            cases.append(read_case(folder, settings, today, references, known.get(str(folder.source))))
    return cases


def open_dossier(path: Path) -> tuple[Settings, DossierFolder]:
    """One dossier and the tree that it lies in, from its folder or anything inside it; raises AgentError."""
    folder = layout.enclosing_folder(path)
    settings = load_settings(layout.find_root(folder))
    return settings, layout.dossier_at(settings.root, folder, settings.office)


HELD_MAX, HELD_BYTES_MAX = 500, 200_000
"""Files whose bytes are held in memory at once, and the largest of them: a year of notes is half as much."""


def read_sources(folders: Iterable[DossierFolder]) -> dict[str, bytes]:
    """The bytes of the first of these dossiers, by path as text: read once, for all who look into them in one pass."""
    found = {}
    for folder in islice(folders, HELD_MAX):
        try:
            content = files.read_if_there(folder.source)
        except EnvironmentRefused:  # told where the dossier is read by itself
            continue
        if content is not None and len(content) <= HELD_BYTES_MAX:
            found[str(folder.source)] = content
    return found


def find_folders(settings: Settings, paths: Iterable[Path], report: Report) -> list[DossierFolder]:
    """The dossiers at or below the given paths, each once, in the order of the tree.

    The report is told of what no walk will ever find: files out of place, with where they should go, and folders that
    cannot be entered.
    """
    found: dict[Path, DossierFolder] = {}
    for path in paths:
        seen = layout.find(settings.root, settings.office, path)
        found |= {one.path: one for one in seen.dossiers}
        report.problemes += (_stray(settings, folder) for folder in seen.strays)
        report.refus += seen.closed.values()
    return list(found.values())


def _stray(settings: Settings, folder: Path) -> Problem:
    where = (folder / layout.DOSSIER).relative_to(settings.root).as_posix()
    what = (
        "ce dossier n'est pas à sa place : il faut Groupe ou Individuel / année / mois / "
        "« en cours », « traité » ou « annulé » / le dossier"
    )
    return erreur(what).at(fichier=where)
