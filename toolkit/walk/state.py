"""What was made from what: one small file per dossier under ``_suivi``, which can be deleted without loss."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_json

from toolkit.french import notepad
from toolkit.system import files
from toolkit.tree import layout
from toolkit.walk.decide import Written

ETAT = "etat.json"
JOURNAL = "journal.txt"
_VERSION = 3


@dataclass(frozen=True, slots=True)
class State:
    """What we know of one dossier folder."""

    reference: str | None = None
    folder: str = ""
    """Name of the folder when it was last seen: tells an original from its copy."""
    etat: str = ""
    written: dict[str, Written] = field(default_factory=dict)
    """By path relative to the dossier folder, with ``/``."""

    def record(self, fichier: str, written: Written) -> "State":
        """Another state, in which this file is known as written so."""
        return replace(self, written={**self.written, fichier: written})

    def forget(self, fichier: str) -> "State":
        """Another state, in which this file is not known."""
        return replace(self, written={name: one for name, one in self.written.items() if name != fichier})


_WRITTEN = TypeAdapter(dict[str, Written])


def load_state(folder: Path, reference: str | None) -> State:
    """The state of this very dossier; that of another one, come with a copied folder, is not believed.

    What is damaged, or no file at all, counts for nothing. Raises EnvironmentRefused.
    """
    path = folder / layout.SUIVI / ETAT
    empty = State(reference=reference, folder=folder.name)
    try:
        content = files.read_if_there(path)
        if content is None:
            return empty
        data = json.loads(content)
        written = {name: _current(one, data.get("version", 1)) for name, one in data["written"].items()}
        state = State(
            reference=data["reference"],
            folder=str(data["folder"]),
            etat=str(data["etat"]),
            written=_WRITTEN.validate_python({name: one for name, one in written.items() if _is_inside(name)}),
        )
    except (files.Unfit, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return empty  # damaged: everything is found again from the tree
    return state if state.reference == reference else empty


def _current(one: dict[str, Any], version: int) -> dict[str, Any]:
    if version == 1:  # it kept one hash of all the facts, from which no changed fact can be told
        one = {key: value for key, value in one.items() if key != "faits"}
        if one.get("modele"):
            one["inputs"] = one.pop("source")
    if version < 3 and one.get("modele"):  # documents told nothing of themselves: they are as their model made them
        one["made_of"] = one["sha256"]
    return one


def _is_inside(name: str) -> bool:
    """Below the dossier folder: a state that was tampered with reaches nothing else."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name and "\\" not in name


def save_state(folder: Path, state: State, *, is_durable: bool = True) -> None:
    """Nothing is written when the same stands there; raises EnvironmentRefused, FolderGone."""
    known = {"reference": state.reference, "folder": state.folder, "etat": state.etat}
    # json with dataclasses.asdict took a fifth of the time that a new dossier takes.
    content = to_json({"version": _VERSION, **known, "written": dict(sorted(state.written.items()))}, indent=1)
    path = folder / layout.SUIVI / ETAT
    if not _holds(path, content):
        files.write_own(path, content, home=folder, is_durable=is_durable)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return files.read_if_there(path) == content
    except files.Unfit:
        return False


def write_journal(folder: Path, lines: list[str]) -> None:
    """Add lines in words that can be pasted into the « Note » tab of We Login (regles.md §7.7)."""
    path = folder / layout.SUIVI / JOURNAL
    text = "".join(f"{line}\n" for line in lines)
    files.append(path, notepad(text, is_beginning=not path.exists()), home=folder)
