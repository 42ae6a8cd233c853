"""An old Word model made one of the toolkit: its blanks listed for someone to read, then filled in a copy."""

from dataclasses import dataclass
from pathlib import Path

from toolkit import french
from toolkit.errors import AgentError, FileRefused, Problem, has_error
from toolkit.french import typography
from toolkit.modele import judge
from toolkit.modele.adopt import Reponse, Reponses, adopted, answers_file
from toolkit.modele.usages import USAGES
from toolkit.system import files
from toolkit.system.isolated import Isolated, run_isolated
from toolkit.toml.read import read
from toolkit.tree import layout
from toolkit.walk.report import problem_as_json, problem_as_text


@dataclass(frozen=True)
class Adoptee:
    """An old model on its way: its blanks listed, then replaced."""

    reponses: Reponses
    fichier: Path
    """Of the answers."""
    modele: Path | None = None
    """What came of them; None: they are still to be read by someone."""
    is_new: bool = True
    """False: it lay there already."""
    laisses: tuple[Reponse, ...] = ()
    problemes: tuple[Problem, ...] = ()

    @property
    def exit_status(self) -> int:
        return 1 if has_error(self.problemes) else 0

    def as_json(self) -> dict[str, object]:
        return {
            "pour": self.reponses.pour,
            "reponses": str(self.fichier),
            "blancs": [blanc.model_dump() for blanc in self.reponses.blancs],
            "modele": str(self.modele) if self.modele else None,
            "laisses": [blanc.numero for blanc in self.laisses],
            "problemes": [problem_as_json(problem) for problem in self.problemes],
        }

    def as_text(self) -> str:
        if self.modele is None:
            count = french.pluriel(len(self.reponses.blancs), "partie")
            lines = [f"{count} à remplir, pour « {self.reponses.pour} » :"]
            for blanc in self.reponses.blancs:
                lines.append(f"  {blanc.numero:>3}. {blanc.endroit} ({blanc.genre}) : {blanc.contexte}")
                lines.append(f"       {blanc.champ or '? (aucun champ ne se propose)'}")
            lines += [f"Relire « {self.fichier} », puis relancer la même commande."]
            return typography("\n".join(lines))
        lines = [f"{'Fait' if self.is_new else 'Déjà fait'} : {self.modele}"]
        lines += [f"  laissé tel quel : {blanc.endroit}, « {blanc.texte} »" for blanc in self.laisses]
        lines += [f"  {problem_as_text(problem)}" for problem in self.problemes]
        lines += [f"Une fois relu dans Word, l'enregistrer dans « modeles » sous le nom « {self.reponses.pour} »."]
        return typography("\n".join(lines))


def adopt_modele(path: Path, answers: Path | None, pour: str | None) -> Adoptee:
    """List the blanks of an old model, or put the answers that lie beside it in a copy; raises AgentError."""
    content = files.read_if_there(path)
    if content is None:
        raise AgentError(f"« {path} » est introuvable.")
    if pour and pour not in USAGES:
        raise AgentError(f"« {pour} » n'est le nom d'aucun modèle : {', '.join(USAGES)}.")
    fichier = answers or path.with_name(f"{path.stem} - champs.toml")
    written = files.read_if_there(fichier)
    try:
        files.sweep(fichier.parent)
        if written is None:
            reponses = Reponses.model_validate_json(_isolated("survey", content, path.name, pour or ""))
            files.write(fichier, answers_file(reponses, path.name))
            return Adoptee(reponses, fichier)
        return _put_answers(path, content, fichier, written)
    except FileRefused as refusal:
        raise AgentError(f"« {path.name} » : {refusal}.") from refusal


def _put_answers(path: Path, content: bytes, fichier: Path, written: bytes) -> Adoptee:
    reading = read(written, Reponses)
    problems = [problem.at(fichier=fichier.name) for problem in reading.problems]
    if reading.value is None or has_error(problems):
        raise AgentError("\n".join(problem_as_text(problem) for problem in problems))
    reponses = reading.value
    adoption = adopted(_isolated("adopt", content, reponses.model_dump_json()))
    problems += (problem.at(fichier=fichier.name) for problem in adoption.problemes)
    with Isolated(judge.EXAMINE) as child:
        problems += judge.examine(reponses.pour, adoption.content, child).problemes
    named = layout.numbered(path.with_name(f"{path.stem} - modèle.docx"))
    modele, is_new = files.write_beside(named, adoption.content)
    return Adoptee(reponses, fichier, modele, is_new, adoption.laisses, tuple(problems))


def _isolated(task: str, content: bytes, *arguments: str) -> bytes:
    """Nobody knows what an old model holds."""
    return run_isolated(f"toolkit.modele.adopt:{task}_isolated", content, *arguments, seconds=judge.SECONDS)
