"""Whether a Word model may be used: shipped, or of the office and then checked once for each state of its file.

A model of the office is read, then filled with example values in a child that is killed past its time; what came of it
is remembered beside the models, so that only a changed model pays. Deleting what is remembered costs one more trial.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit import __version__
from toolkit.errors import EnvironmentRefused, FileRefused, Problem, erreur, has_error
from toolkit.modele.faults import Faute
from toolkit.modele.usages import usage
from toolkit.modele.whole_check import check_modele, problems
from toolkit.system import files
from toolkit.system.isolated import run_isolated
from toolkit.tree import layout, shipped

SECONDS = 30
_MEMOIRE = "essais.json"
_KEPT = 100
"""Trials remembered."""
_A_CORRIGER = " - à corriger"
_CORRIGE = re.compile(rf"{_A_CORRIGER}( \(\d+\))?$")
"""Neither of our annotated copies, however many there are."""


class Judge:
    """Judges the models of one tree; remembers between runs what their trials gave."""

    def __init__(self, root: Path, *, remembers: bool = True) -> None:
        self._folder = root / layout.MODELES
        self._path = self._folder / layout.SUIVI / _MEMOIRE
        self._remembers = remembers
        self._known = self._load()

    def judge(self, nom: str, content: bytes) -> list[Problem]:
        """What is wrong with a model; nothing for one that was found good before, whatever it was warned of then."""
        if self._known.get(_key(nom, content)) == [] or is_shipped(nom, content):
            return []
        return self.judge_read(nom, content, check_modele(content, nom))

    def judge_read(self, nom: str, content: bytes, fautes: Sequence[Faute]) -> list[Problem]:
        """The same when it has been read: its faults, and without any error what its trial gives."""
        found = problems(fautes, nom)
        if has_error(found):
            return found
        key = _key(nom, content)
        if key not in self._known:
            self._remember(key, self._try(nom, content))
        kind = usage(nom)
        told = f" {kind.modele.consequence}" if kind else ""
        tried = (f"essai de remplissage : {clause}.{told}" for clause in self._known[key])
        return [*found, *(erreur(one).at(fichier=f"{layout.MODELES}/{nom}") for one in tried)]

    def judge_all(self) -> Iterator[Problem]:
        """Every model of the office that a document is made with."""
        for path in modeles_of(self._folder):
            content = files.read_if_there(path) if usage(path.name) else None
            if content is not None:
                yield from self.judge(path.name, content)

    def _try(self, nom: str, content: bytes) -> list[str]:
        try:
            return [
                str(one)
                for one in json.loads(run_isolated("toolkit.modele.trial:tell_fill", content, nom, seconds=SECONDS))
            ]
        except FileRefused as refusal:
            return [str(refusal)]

    def _load(self) -> dict[str, list[str]]:
        content = files.read_if_there(self._path)
        try:
            known = json.loads(content or b"{}")
        except ValueError:
            return {}
        return known if isinstance(known, dict) else {}

    def _remember(self, key: str, clauses: list[str]) -> None:
        self._known = dict(list(self._known.items())[-_KEPT:]) | {key: clauses}
        if not self._remembers or not self._folder.is_dir():
            return
        try:
            files.write_own(self._path, json.dumps(self._known, ensure_ascii=False, indent=1).encode())
        except EnvironmentRefused:
            pass  # a read-only share: the next run tries again


def _key(nom: str, content: bytes) -> str:
    return files.sha256(b"\0".join((content, nom.encode(), __version__.encode())))


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
        if not path.name.startswith(("~$", files.TEMPORARY_PREFIX)) and not _CORRIGE.search(path.stem)
    )


def corrected_name(nom: str) -> str:
    """``contrat_groupe - à corriger.docx``."""
    return f"{nom.removesuffix('.docx')}{_A_CORRIGER}.docx"
