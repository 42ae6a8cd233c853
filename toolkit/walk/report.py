"""What a command found and did, and its faces: the console, JSON, the note left in a dossier's folder."""

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path, PurePosixPath

from toolkit import french
from toolkit.dossier.etat import Etat
from toolkit.errors import EnvironmentRefused, Problem, has_error
from toolkit.french import typography
from toolkit.system import files
from toolkit.walk.decide import Action, Step

SHOWN = 3
"""Files of one folder that the console still names one by one."""

_VERBES = {
    Action.CREER: "créé",
    Action.REMPLACER: "remplacé",
    Action.CONSERVER: "gardé",
    Action.ARCHIVER: "archivé",
    Action.ATTENDRE: "en attente",
}
_VERBES_SIMULES = {**_VERBES, Action.CREER: "à créer", Action.REMPLACER: "à remplacer", Action.ARCHIVER: "à archiver"}


@dataclass
class DossierReport:
    """One dossier: what is wrong with it, and what was done."""

    chemin: str
    """Relative to the root, with ``/``."""
    reference: str | None = None
    etat: Etat | None = None
    problemes: list[Problem] = field(default_factory=list)
    etapes: list[Step] = field(default_factory=list)
    libelle_etat: str = ""
    """The state in the words that people read."""

    def then(self, later: "DossierReport") -> "DossierReport":
        """The same dossier gone through once more, which finds in place what was done before."""
        done = {step.fichier: step for step in self.etapes if step.action not in (Action.CONSERVER, Action.ATTENDRE)}
        etapes = [done.pop(step.fichier, step) if step.action is Action.CONSERVER else step for step in later.etapes]
        told = {step.fichier for step in etapes}
        return replace(later, etapes=[*etapes, *(step for step in done.values() if step.fichier not in told)])

    def as_json(self) -> dict[str, object]:
        """One of the ``dossiers`` of a report (promesses.md §5)."""
        return {
            "chemin": self.chemin,
            "reference": self.reference,
            "etat": self.etat,
            "problemes": [problem_as_json(problem) for problem in self.problemes],
            "etapes": [step_as_json(step) for step in self.etapes],
        }


@dataclass
class Report:
    """One run over any number of dossiers."""

    dossiers: list[DossierReport] = field(default_factory=list)
    problemes: list[Problem] = field(default_factory=list)
    """Of the settings, the models and the recaps."""
    registres: list[Step] = field(default_factory=list)
    """The recaps, by path relative to the root."""
    refus: list[str] = field(default_factory=list)
    """What the machine refused, in French."""
    a_reprendre: set[Path] = field(default_factory=set)
    """Folders of the dossiers that something was refused for: they alone are tried again."""
    defauts: list[str] = field(default_factory=list)
    """Defects of the toolkit itself, met on one dossier: what happened, for whoever mends it."""
    is_simulated: bool = False

    @contextmanager
    def without_stopping(self, *folders: Path, name: str = "") -> Iterator[None]:
        """What goes wrong with one dossier, or one thing of ``name`` for several, is told; the next are done."""
        try:
            yield
        except EnvironmentRefused as refusal:
            self.refuse(str(refusal), *folders)
        except OSError as error:
            place = Path(error.filename) if isinstance(error.filename, str) else Path(name or folders[0])
            self.refuse(str(files.refused(place, error)), *folders)
        except Exception:
            self.defauts.append(f"{name or folders[0]}\n{traceback.format_exc()}")
            what = f"« {name} » est laissé" if name else f"« {folders[0].name} » : ce dossier est laissé"
            self.refuse(f"Défaut du toolkit sur {what} tel quel.", *folders)

    def refuse(self, raison: str, *folders: Path) -> None:
        """Tell what could not be done now, and for which dossiers; it is tried again."""
        self.refus.append(raison)
        self.a_reprendre.update(folders)

    def merge(self, other: "Report") -> None:
        """Add what another run found and did."""
        self.dossiers += other.dossiers
        self.problemes += other.problemes
        self.registres += other.registres
        self.refus += other.refus
        self.a_reprendre |= other.a_reprendre
        self.defauts += other.defauts

    @property
    def all_problems(self) -> list[Problem]:
        """Those of the settings, models and recaps, then those of each dossier."""
        return [*self.problemes, *(problem for one in self.dossiers for problem in one.problemes)]

    @property
    def exit_status(self) -> int:
        """3 a defect of the toolkit, 1 an agent's mistake, 4 the machine refused, 0 otherwise (promesses.md §5)."""
        if self.defauts:
            return 3
        if has_error(self.all_problems):
            return 1
        return 4 if self.refus else 0

    def as_json(self) -> dict[str, object]:
        """A report (promesses.md §5); of a defect only the sentence among ``refus``."""
        return {
            "dossiers": [one.as_json() for one in self.dossiers],
            "problemes": [problem_as_json(problem) for problem in self.problemes],
            "registres": [step_as_json(step) for step in self.registres],
            "refus": [typography(refusal) for refusal in self.refus],
        }

    def as_text(self, *, is_verbose: bool = False) -> str:
        """Problems first, then what was done; what did not change is counted only."""
        lines: list[str] = []
        for problem in self.problemes:
            lines.append(problem_as_text(problem))
        for one in self.dossiers:
            shown = [step for step in one.etapes if is_verbose or step.action is not Action.CONSERVER]
            if not one.problemes and not shown:
                continue
            state = f" – {one.libelle_etat}" if one.libelle_etat else ""
            lines += ["", f"{one.chemin}{state}"]
            lines += [f"  {problem_as_text(problem)}" for problem in one.problemes]
            lines += [f"  {line}" for line in self._steps_as_text(shown)]
        shown = [step for step in self.registres if step.action is not Action.CONSERVER]
        if shown:
            lines += ["", "Récapitulatifs"]
            lines += [f"  {self._step_as_text(step)}" for step in shown]
        lines += [f"REPORTÉ : {refusal}" for refusal in self.refus]
        lines += ["", self._summary()]
        return typography("\n".join(lines).strip("\n"))

    def _steps_as_text(self, steps: Sequence[Step]) -> Iterator[str]:
        """One line a file, or one for all of a folder when they are many and meet the same fate."""
        verbs = _VERBES_SIMULES if self.is_simulated else _VERBES
        for (action, folder), group in groupby(steps, key=lambda one: (one.action, PurePosixPath(one.fichier).parent)):
            same = list(group)
            if len(same) > SHOWN and action is not Action.ATTENDRE:
                yield f"{verbs[action]:<11} {folder} : {len(same)} fichiers"
            else:
                yield from (self._step_as_text(step) for step in same)

    def _step_as_text(self, step: Step) -> str:
        verbs = _VERBES_SIMULES if self.is_simulated else _VERBES
        return f"{verbs[step.action]:<11} {step.fichier} ({step.raison})"

    def _summary(self) -> str:
        steps = [step for one in self.dossiers for step in one.etapes] + self.registres
        counts = {action: sum(step.action is action for step in steps) for action in Action}
        errors = sum(problem.is_error for problem in self.all_problems)
        warnings = len(self.all_problems) - errors
        parts = [french.pluriel(len(self.dossiers), "dossier")]
        verbs = _VERBES_SIMULES if self.is_simulated else _VERBES
        for action in (Action.CREER, Action.REMPLACER, Action.ARCHIVER, Action.ATTENDRE):
            if counts[action]:
                verb = verbs[action]
                agreed = verb if verb.startswith(("à ", "en ")) or counts[action] == 1 else f"{verb}s"
                parts.append(f"{french.pluriel(counts[action], 'fichier')} {agreed}")
        if steps and not (counts[Action.CREER] or counts[Action.REMPLACER] or counts[Action.ARCHIVER]):
            parts.append("rien à faire" if not counts[Action.ATTENDRE] else "rien d'autre à faire")
        if errors:
            parts.append(french.pluriel(errors, "erreur"))
        if warnings:
            parts.append(french.pluriel(warnings, "avertissement"))
        if len(parts) == 1 and not steps and not self.refus:
            parts.append("rien à signaler")
        return ", ".join(parts) + "."


def problem_as_text(problem: Problem) -> str:
    """``ERREUR dossier.toml, ligne 61, tarif.prix_par_personne : …``."""
    kind = "ERREUR" if problem.is_error else "à voir"
    return typography(f"{kind} {problem.told}" if problem.place else f"{kind} : {problem.message}")


def problem_as_json(problem: Problem) -> dict[str, object]:
    """A « Problème » of promesses.md §5; None for what is not known of its place."""
    return {
        "gravite": problem.gravite,
        "fichier": problem.fichier,
        "ligne": problem.ligne,
        "champ": problem.champ or None,
        "message": typography(problem.message),
    }


def step_as_json(step: Step) -> dict[str, object]:
    """An « Étape » of promesses.md §5."""
    return {"action": step.action, "fichier": step.fichier, "raison": typography(step.raison)}
