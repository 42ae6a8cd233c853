"""Whether a Word model may be used: shipped, or of the office and then examined once for each state of its file.

A model of the office is read, then filled with example values, all of it in a child that is killed past its time; what
came of it is remembered beside the models, so that only a changed model pays, be it one that had its child killed.
Deleting what is remembered costs one more examination.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import __version__
from toolkit.errors import EnvironmentRefused, FileRefused, Gravite, Problem, erreur, has_error
from toolkit.modele.faults import Faute, from_data
from toolkit.modele.usages import usage
from toolkit.modele.whole_check import problems
from toolkit.system import files
from toolkit.system.isolated import Isolated
from toolkit.tree import layout, shipped

EXAMINE = "toolkit.modele.trial:examine"
SECONDS = 30
_MEMOIRE = "essais.json"
_KEPT = 100
"""Examinations remembered."""
_A_CORRIGER = " - à corriger"
_CORRIGE = re.compile(rf"{_A_CORRIGER}( \(\d+\))?$")
"""Neither of our annotated copies, however many there are."""
_NOT_WRITTEN: dict[str, list[Problem]] = {}
"""What a read-only share keeps from being remembered, for as long as this process lives."""


@dataclass(frozen=True, slots=True)
class Jugement:
    """What was found in one model."""

    fautes: Sequence[Faute]
    """Of its reading."""
    problemes: list[Problem]
    """The same and those of its trial, as the reports of a run tell them."""
    copie: bytes | None = None
    """With a comment at each fault, when it was asked for and could be made."""


class Judge:
    """Judges the models of one tree; remembers between runs what came of it."""

    def __init__(self, root: Path, *, remembers: bool = True) -> None:
        self._folder = root / layout.MODELES
        self._path = self._folder / layout.SUIVI / _MEMOIRE
        self._remembers = remembers
        self._known = self._load() | _NOT_WRITTEN
        self._refused: dict[str, list[Problem]] = {}
        """Those that could not be looked at in this run."""
        self.refus: list[str] = []
        """Models that ``judge_all`` could not read, each with a French sentence."""

    def judge(self, nom: str, content: bytes) -> list[Problem]:
        """What is wrong with a model; nothing for one that was found good before, whatever it was warned of then."""
        with Isolated(EXAMINE) as child:
            return self._judge(nom, content, child)

    def judge_all(self) -> list[Problem]:
        """Every model of the office that a document is made with."""
        found: list[Problem] = []
        with Isolated(EXAMINE) as child:
            for path in modeles_of(self._folder):
                try:
                    content = files.read_if_there(path) if usage(path.name) else None
                except EnvironmentRefused as refusal:
                    self.refus.append(str(refusal))
                    continue
                if content is not None:
                    found += self._judge(path.name, content, child)
        return found

    def _judge(self, nom: str, content: bytes, child: Isolated) -> list[Problem]:
        if is_shipped(nom, content):
            return []
        key = files.sha256(b"\0".join((content, nom.encode(), __version__.encode())))
        for known in (self._known, self._refused):
            if key in known:
                return known[key]
        try:
            found = examine(nom, content, child).problemes
        except EnvironmentRefused as refusal:
            self._refused[key] = [told(nom, f"il n'a pas pu être vérifié. {refusal}")]
            return self._refused[key]
        self._remember(key, found if has_error(found) else [])
        return found

    def _load(self) -> dict[str, list[Problem]]:
        """What is damaged, or of another time, is judged again."""
        try:
            known = json.loads(files.read_if_there(self._path) or b"{}")
            return {key: [_read(one) for one in said] for key, said in known.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, EnvironmentRefused):
            return {}

    def _remember(self, key: str, found: list[Problem]) -> None:
        self._known = dict(list(self._known.items())[-_KEPT:]) | {key: found}
        if not self._remembers or not self._folder.is_dir():
            return
        said = {key: [_written(one) for one in found] for key, found in self._known.items()}
        try:
            files.write_own(self._path, json.dumps(said, ensure_ascii=False, indent=1).encode())
        except EnvironmentRefused:
            _NOT_WRITTEN[key] = self._known[key]


def _written(one: Problem) -> dict[str, Any]:
    return {"gravite": one.gravite, "fichier": one.fichier, "message": one.message}


def _read(said: dict[str, Any]) -> Problem:
    return Problem(Gravite(said["gravite"]), str(said["message"]), fichier=str(said["fichier"]))


def examine(nom: str, content: bytes, child: Isolated, *, annotates: bool = False) -> Jugement:
    """Look at a model whatever is remembered of it; raises EnvironmentRefused when no child can be started."""
    try:
        answer = child.run(content, nom, "oui" if annotates else "", seconds=SECONDS)
    except FileRefused as refusal:
        again = "S'il est sain, l'enregistrer de nouveau dans Word : il sera vérifié encore une fois"
        return Jugement([], [told(nom, f"sa vérification n'a pas abouti, {refusal}. {again}.")])
    line, _, copie = answer.partition(b"\n")
    said = json.loads(line)
    fautes = from_data(said["fautes"])
    tried = [told(nom, f"essai de remplissage : {clause}.") for clause in said["essai"]]
    return Jugement(fautes, [*problems(fautes, nom), *tried], copie or None)


def told(nom: str, what: str) -> Problem:
    """Something wrong with a whole model, and which documents are not made for it."""
    kind = usage(nom)
    return erreur(f"{what} {kind.modele.consequence if kind else ''}".strip()).at(fichier=f"{layout.MODELES}/{nom}")


def is_shipped(nom: str, content: bytes) -> bool:
    """Whether these are the bytes that come with the toolkit, which its tests have proved."""
    return files.read_if_there(shipped.MODELES / nom) == content


def modeles_of(folder: Path) -> list[Path]:
    """The models in a folder: neither Word's own lock files nor our annotated copies."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.glob("*.docx")
        if not path.name.startswith(("~$", files.TEMPORARY_PREFIX)) and not is_annotated(path.name)
    )


def is_annotated(nom: str) -> bool:
    """Whether a name is that of one of our copies with comments."""
    return bool(_CORRIGE.search(Path(nom).stem))


def corrected_name(nom: str) -> str:
    """``contrat_groupe - à corriger.docx``."""
    return f"{nom.removesuffix('.docx')}{_A_CORRIGER}.docx"
