"""The commands on Word models: checked with an annotated copy beside them, their fields listed, old ones adopted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit import french
from toolkit.build.report import problem_as_json, problem_as_text
from toolkit.errors import AgentError, EnvironmentRefused, Problem, has_error
from toolkit.formats.word_package import WordRefused
from toolkit.french import typography
from toolkit.modele.adopt import Reponse, Reponses, adopt, answers_file, survey
from toolkit.modele.annotate import annotate
from toolkit.modele.catalogue import Groupe, groupes
from toolkit.modele.faults import Faute
from toolkit.modele.fields_document import fields_document
from toolkit.modele.judge import Epreuve, corrected_name, is_shipped, modeles_of
from toolkit.modele.usages import USAGES, usage
from toolkit.modele.whole_check import check_modele
from toolkit.modele.whole_check import problems as check_problems
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout, shipped


@dataclass
class Revision:
    """One model and what was found in it."""

    fichier: Path
    fautes: list[Faute] = field(default_factory=list)
    problemes: list[Problem] = field(default_factory=list)
    """The same and those of the trial filling, as the reports of a run tell them."""
    copie: Path | None = None
    """The annotated copy."""
    refus: str | None = None
    """Why there is no copy, when there should be one."""

    @property
    def documents(self) -> str:
        kind = usage(self.fichier.name)
        return kind.modele.documents if kind else "aucun document"


def verify_modeles(paths: Sequence[Path], folder: Path, *, annotates: bool) -> list[Revision]:
    """Check these models, or all those of the office; the copies lie beside their models."""
    chosen = [_find(path, folder) for path in paths] or modeles_of(folder) or modeles_of(shipped.MODELES)
    epreuve = Epreuve(folder.parent, remembers=False)
    return [_verify(path, epreuve, annotates=annotates) for path in chosen]


def _find(path: Path, folder: Path) -> Path:
    """A file as given, or the name of a model of the office or of the toolkit."""
    for one in (path, folder / path, shipped.MODELES / path):
        if one.is_file():
            return one
    raise AgentError(f"« {path} » est introuvable.")


def _verify(path: Path, epreuve: Epreuve, *, annotates: bool) -> Revision:
    content = files.read_if_there(path) or b""
    nom = path.name
    revision = Revision(path)
    if is_shipped(nom, content):
        return revision
    revision.fautes = check_modele(content, nom)
    revision.problemes = epreuve.judge_read(nom, content, revision.fautes)
    if annotates and revision.fautes:
        _put_copy(revision, content)
    return revision


def _put_copy(revision: Revision, content: bytes) -> None:
    if any(one.lieu is None and one.is_error for one in revision.fautes) and len(revision.fautes) == 1:
        copy = None  # nothing could be read of it
    else:
        copy = annotate(content, revision.fautes)
    if copy is None:
        revision.refus = "pas de copie annotée : Word lui-même n'ouvrirait pas ce fichier, ou y verrait des macros"
        return
    target = revision.fichier.with_name(corrected_name(revision.fichier.name))
    try:
        files.write(target, copy)
        revision.copie = target
    except EnvironmentRefused as refusal:
        revision.refus = str(refusal)


def revisions_as_json(revisions: Sequence[Revision]) -> dict[str, object]:
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
            for one in revisions
        ]
    }


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


def revisions_as_text(revisions: Sequence[Revision]) -> str:
    lines = []
    for one in revisions:
        lines.append(f"{one.fichier.name} ({one.documents}){'' if one.problemes else ' : bon pour le service'}")
        lines += [f"  {problem_as_text(problem)}" for problem in one.problemes]
        if one.copie:
            lines.append(f"  Les mêmes remarques dans Word : {one.copie}")
        if one.refus:
            lines.append(f"  {one.refus}")
    return typography("\n".join(lines))


def list_champs(nom: str | None) -> list[Groupe]:
    """The fields of one model by its name, or of all."""
    kind = usage(Path(nom).name) if nom else None
    if nom and kind is None:
        raise AgentError(f"« {nom} » n'est le nom d'aucun modèle : {', '.join(USAGES)}.")
    return groupes(kind)


def write_champs(path: Path, found: Sequence[Groupe], nom: str | None) -> None:
    """The same as a Word document."""
    if path.suffix != ".docx":
        raise AgentError(f"« {path} » : le nom d'un document Word finit par .docx.")
    files.write(path, fields_document(found, f"Champs de {Path(nom).name}" if nom else "Champs des modèles"))


@dataclass(frozen=True)
class Adoptee:
    """An old model on its way: its blanks listed, then replaced."""

    reponses: Reponses
    fichier: Path
    """Of the answers."""
    modele: Path | None = None
    """What came of them; None: they are still to be read by someone."""
    laisses: tuple[Reponse, ...] = ()
    problemes: tuple[Problem, ...] = ()


def adopt_modele(path: Path, answers: Path | None, pour: str | None) -> Adoptee:
    """List the blanks of an old model, or put in it the answers that lie beside it. It is never touched itself."""
    content = files.read_if_there(path)
    if content is None:
        raise AgentError(f"« {path} » est introuvable.")
    if pour and pour not in USAGES:
        raise AgentError(f"« {pour} » n'est le nom d'aucun modèle : {', '.join(USAGES)}.")
    fichier = answers or path.with_name(f"{path.stem} - champs.toml")
    written = files.read_if_there(fichier)
    try:
        if written is None:
            reponses = survey(content, path.name, pour)
            files.write(fichier, answers_file(reponses, path.name))
            return Adoptee(reponses, fichier)
        return _put_answers(path, content, fichier, written)
    except WordRefused as refusal:
        raise AgentError(f"« {path.name} » : {refusal}.") from refusal


def _put_answers(path: Path, content: bytes, fichier: Path, written: bytes) -> Adoptee:
    reading = read(written, Reponses)
    problems = [problem.at(fichier=fichier.name) for problem in reading.problems]
    if reading.value is None or has_error(problems):
        raise AgentError("\n".join(problem_as_text(problem) for problem in problems))
    reponses = reading.value
    adoption = adopt(content, reponses)
    problems += (problem.at(fichier=fichier.name) for problem in adoption.problemes)
    problems += check_problems(check_modele(adoption.content, reponses.pour), reponses.pour)
    target = _free(path)
    files.write(target, adoption.content)
    return Adoptee(reponses, fichier, target, adoption.laisses, tuple(problems))


def _free(path: Path) -> Path:
    """A name that no file bears: what someone has begun to mend is not written over."""
    return layout.first_free(
        lambda number: path.with_name(f"{path.stem} - modèle{f' {number}' if number > 1 else ''}.docx"),
        Path.exists,
        start=1,
    )


def adoptee_as_json(one: Adoptee) -> dict[str, object]:
    return {
        "pour": one.reponses.pour,
        "reponses": str(one.fichier),
        "blancs": [blanc.model_dump() for blanc in one.reponses.blancs],
        "modele": str(one.modele) if one.modele else None,
        "laisses": [blanc.numero for blanc in one.laisses],
        "problemes": [problem_as_json(problem) for problem in one.problemes],
    }


def adoptee_as_text(one: Adoptee) -> str:
    if one.modele is None:
        lines = [f"{french.pluriel(len(one.reponses.blancs), 'partie')} à remplir, pour « {one.reponses.pour} » :"]
        for blanc in one.reponses.blancs:
            lines.append(f"  {blanc.numero:>3}. {blanc.endroit} ({blanc.genre}) : {blanc.contexte}")
            lines.append(f"       {blanc.champ or '? (aucun champ ne se propose)'}")
        lines += [f"Relire « {one.fichier} », puis relancer la même commande."]
        return typography("\n".join(lines))
    lines = [f"Fait : {one.modele}"]
    lines += [f"  laissé tel quel : {blanc.endroit}, « {blanc.texte} »" for blanc in one.laisses]
    lines += [f"  {problem_as_text(problem)}" for problem in one.problemes]
    lines += [f"Une fois relu dans Word, l'enregistrer dans « modeles » sous le nom « {one.reponses.pour} »."]
    return typography("\n".join(lines))


def folder_of_modeles(path: Path) -> Path:
    """The models of the tree around this folder; outside a tree, the shipped ones."""
    try:
        return layout.find_root(path) / layout.MODELES
    except AgentError:
        return shipped.MODELES
