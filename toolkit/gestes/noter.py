"""Facts written into a dossier.toml on an explicit gesture: judged before they stand there (promesses.md §3)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from toolkit import french
from toolkit.dossier.faits import Dossier
from toolkit.errors import AgentError, ChampPath, EnvironmentRefused, Problem
from toolkit.system import files, locks
from toolkit.toml.edit import TomlEdit
from toolkit.tree import layout
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk.case import Case, case_of
from toolkit.walk.report import problem_as_text


@dataclass(frozen=True, slots=True)
class Fait:
    """One fact as an agent gives it: ``prestations[P2].debut``, ``12 h 30``. An empty value takes the fact out."""

    champ: str
    valeur: str


@dataclass(frozen=True, slots=True)
class Noted:
    """One fact that was written, and what stands there before and after, as TOML writes it."""

    champ: str
    avant: str | None
    apres: str | None


@dataclass(frozen=True, slots=True)
class NotedFacts:
    """What was written in one dossier, and how the dossier stands with it."""

    notes: Sequence[Noted]
    case: Case
    exit_status = 0
    """What was typed is noted, whatever else is wrong in the file."""

    def as_json(self) -> dict[str, object]:
        """The dossier's report, and ``faits`` (promesses.md §5)."""
        return {**self.case.as_report().as_json(), "faits": notes_as_json(self.notes)}

    def as_text(self) -> str:
        """French: what was noted, the state, then every problem of the file."""
        fiche = self.case.fiche
        state = f"\nÉtat du dossier : {fiche.libelle_etat}." if fiche else ""
        told = "".join(f"\n  {problem_as_text(one)}" for one in self.case.problemes)
        return f"{notes_as_text(self.notes)}{french.typography(state)}{told}"


def notes_as_json(notes: Iterable[Noted]) -> list[dict[str, object]]:
    """``champ``, ``avant``, ``apres`` of each, None where nothing stands (promesses.md §5)."""
    return [asdict(one) for one in notes]


def notes_as_text(notes: Iterable[Noted]) -> str:
    """What stands there now, a line a fact; told, not typeset: it is what the file says."""
    lines = [f"Noté dans {layout.DOSSIER} :"]
    for one in notes:
        former = f"   (avant : {one.avant})" if one.avant else ""
        lines.append(f"  {one.champ} = {one.apres}{former}" if one.apres else f"  {one.champ} est effacé{former}")
    return "\n".join(lines)


def parse_fait(text: str) -> Fait:
    """``CHAMP=VALEUR`` as it is typed after a command; raises AgentError."""
    champ, equals, valeur = text.partition("=")
    if not equals or not champ.strip():
        raise AgentError(f"« {text} » : écrire CHAMP=VALEUR, par exemple devis.accepte_le=17/06/2027")
    return Fait(champ.strip(), valeur.strip())


TRIES = 5
"""Someone who saves between each of our looks and the write is no person."""


def write_facts(settings: Settings, folder: DossierFolder, faits: Iterable[Fait], today: date) -> NotedFacts:
    """Write facts, all or none, while no other process of the toolkit works on the dossier.

    Raises AgentError for one that would be an error, EnvironmentRefused when the file is held or cannot be written.
    """
    wanted = list(faits)
    lock = layout.verrou(settings.root, folder.path)
    try:
        with locks.alone(lock, f"« {folder.path.name} »", home=settings.root):
            return _write_facts(settings, folder, wanted, today)
    except files.LeftAlone as left:
        raise EnvironmentRefused(
            f"Rien n'a été noté : {left.constat}. Recommencer une fois le fichier enregistré et fermé."
        ) from left
    except EnvironmentRefused as refusal:
        raise EnvironmentRefused(f"Rien n'a été noté.\n{refusal}") from refusal


def _write_facts(settings: Settings, folder: DossierFolder, faits: Sequence[Fait], today: date) -> NotedFacts:
    """What an agent saves meanwhile is read anew."""
    files.sweep(folder.path)
    for left in reversed(range(TRIES)):
        try:
            return write_facts_over(settings, folder, read_source(folder), faits, today)
        except files.Touched:
            if not left:
                raise
    raise AssertionError("the last try gives or raises")


def read_source(folder: DossierFolder) -> bytes:
    """The bytes of a dossier.toml that was there a moment ago; raises FolderGone, AgentError, EnvironmentRefused."""
    content = files.read_if_there(folder.source)
    if content is None and not folder.path.is_dir():
        raise files.FolderGone(
            f"« {folder.path.name} » vient d'être renommé, déplacé ou supprimé : recommencer là où il est maintenant."
        )
    if content is None:
        raise AgentError(f"« {folder.path} » n'est pas le dossier d'un client : il y faut un {layout.DOSSIER}.")
    return content


def write_facts_over(
    settings: Settings, folder: DossierFolder, before: bytes, faits: Iterable[Fait], today: date
) -> NotedFacts:
    """Write facts on top of these very bytes of dossier.toml, for whoever holds the lock of the dossier.

    Raises AgentError, Touched, Held, EnvironmentRefused.
    """
    former = case_of(before, folder, settings, today)
    if former.fiche is None:
        told = [f"ligne {one.ligne} : {one.message}" for one in former.problemes]
        raise _nothing_noted(["le fichier est d'abord à corriger", *told])
    try:
        edit = TomlEdit(before, Dossier)
        written = [(fait.champ, *edit.put(fait.champ, fait.valeur)) for fait in faits]
        content = edit.render()
    except AgentError as error:
        raise _nothing_noted([str(error)]) from error
    case = case_of(content, folder, settings, today)
    known = {(one.path, one.message) for one in former.problemes}
    # Where a block of several was taken out, its number is that of the next.
    paths = [path for _, path, _, _ in written if not isinstance(path[-1], int)]
    news = [one for one in case.problemes if one.is_error and (one.path, one.message) not in known]
    wrong = [f"{one.champ} : {one.message}" for one in news if _is_about(one, paths)]
    if wrong:
        raise _nothing_noted(wrong)
    if content != before:
        files.write(folder.source, content, over=files.sha256(before), home=folder.path)
    return NotedFacts([Noted(champ, avant, apres) for champ, _, avant, apres in written], case)


def _is_about(problem: Problem, paths: Iterable[ChampPath]) -> bool:
    """A fact may leave others missing, which is told and refused to nobody; it may not be wrong itself."""
    around = problem.path
    return any(around[: len(path)] == path or path[: len(around)] == around for path in paths)


def _nothing_noted(reasons: Sequence[str]) -> AgentError:
    return AgentError("\n".join(["Rien n'a été noté.", *reasons]))
