"""Word models checked, with an annotated copy beside those where something is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.errors import AgentError, EnvironmentRefused, Problem, erreur, has_error
from toolkit.french import typography
from toolkit.modele.faults import Faute
from toolkit.modele.judge import EXAMINE, corrected_name, examine, is_shipped, modeles_of
from toolkit.modele.usages import usage
from toolkit.modele.whole_check import check_modele, problems
from toolkit.system import files
from toolkit.system.isolated import Isolated
from toolkit.tree import layout, shipped
from toolkit.walk.report import problem_as_json, problem_as_text


@dataclass
class Revision:
    """One model and what was found in it."""

    fichier: Path
    fautes: list[Faute] = field(default_factory=list)
    problemes: list[Problem] = field(default_factory=list)
    """The same and those of the trial filling, as the reports of a run tell them."""
    copie: Path | None = None
    """The annotated copy."""
    is_new: bool = False
    """False: the copy lay there already."""
    refus: str | None = None
    """Why there is no copy, when there should be one, or why the model could not be read."""
    is_for_later: bool = False
    """The machine refused: the same may succeed later."""

    @property
    def documents(self) -> str:
        """What is made with it, in French, by its file name."""
        kind = usage(self.fichier.name)
        return kind.modele.documents if kind else "aucun document"


@dataclass(frozen=True, slots=True)
class Revisions:
    """What was found in each model that was asked for."""

    revisions: Sequence[Revision]

    @property
    def exit_status(self) -> int:
        if any(has_error(one.problemes) for one in self.revisions):
            return 1
        return 4 if any(one.is_for_later for one in self.revisions) else 0

    def as_json(self) -> dict[str, object]:
        return {
            "modeles": [
                {
                    "fichier": str(one.fichier),
                    "documents": one.documents,
                    "copie": str(one.copie) if one.copie else None,
                    "refus": typography(one.refus) if one.refus else None,
                    "fautes": [_faute_as_json(faute) for faute in one.fautes],
                    "problemes": [problem_as_json(problem) for problem in one.problemes],
                }
                for one in self.revisions
            ]
        }

    def as_text(self) -> str:
        lines = []
        for one in self.revisions:
            is_good = not one.problemes and not one.refus
            lines.append(f"{one.fichier.name} ({one.documents}){' : bon pour le service' if is_good else ''}")
            lines += [f"  {problem_as_text(problem)}" for problem in one.problemes]
            if one.copie:
                there = "" if one.is_new else ", déjà là"
                lines.append(f"  Les mêmes remarques dans Word{there} : {one.copie}")
            if one.refus:
                lines.append(f"  {one.refus}")
        return typography("\n".join(lines))


def verify_modeles(paths: Sequence[Path], *, annotates: bool) -> Revisions:
    """Check these models, or all those of the office; the copies lie beside their models. Raises AgentError."""
    folder = _folder(paths[0] if paths and paths[0].exists() else Path())
    chosen = [_find(path, folder) for path in paths] or modeles_of(folder) or modeles_of(shipped.MODELES)
    with Isolated(EXAMINE) as child:
        return Revisions([_verify(path, child, annotates=annotates) for path in chosen])


def _folder(path: Path) -> Path:
    """The models of the tree around this folder; outside a tree, the shipped ones."""
    try:
        return layout.find_root(path) / layout.MODELES
    except AgentError:
        return shipped.MODELES


def _find(path: Path, folder: Path) -> Path:
    """A file as given, or the name of a model of the office or of the toolkit."""
    for one in (path, folder / path, shipped.MODELES / path):
        if one.is_file():
            return one
    raise AgentError(f"« {path} » est introuvable.")


def _verify(path: Path, child: Isolated, *, annotates: bool) -> Revision:
    nom = path.name
    try:
        content = files.read_if_there(path) or b""
    except files.Unfit as refusal:
        return Revision(path, problemes=[erreur(str(refusal))])
    except EnvironmentRefused as refusal:
        return Revision(path, refus=str(refusal), is_for_later=True)
    if is_shipped(nom, content):
        # It is read like the others, and not tried once more: its tests do that.
        fautes = check_modele(content, nom)
        return Revision(path, fautes, problems(fautes, nom))
    found = examine(nom, content, child, annotates=annotates)
    revision = Revision(path, list(found.fautes), found.problemes)
    if annotates and found.fautes:
        _put_copy(revision, found.copie)
    return revision


def _put_copy(revision: Revision, copy: bytes | None) -> None:
    if copy is None:
        revision.refus = "pas de copie annotée : Word lui-même n'ouvrirait pas ce fichier, ou y verrait des macros"
        return
    named = layout.numbered(revision.fichier.with_name(corrected_name(revision.fichier.name)))
    try:
        revision.copie, revision.is_new = files.write_beside(named, copy)
    except EnvironmentRefused as refusal:
        revision.refus, revision.is_for_later = str(refusal), True


def _faute_as_json(one: Faute) -> dict[str, object]:
    lieu = one.lieu
    table, ligne, colonne = (lieu and lieu.cellule) or (None, None, None)
    return {
        "gravite": one.gravite,
        "partie": lieu.partie if lieu else None,
        "paragraphe": (lieu.paragraphe or None) if lieu else None,
        "tableau": table,
        "ligne": ligne,
        "colonne": colonne,
        "balise": one.balise or None,
        "contexte": one.contexte or None,
        "cause": typography(one.cause),
        "correction": typography(one.correction),
    }
