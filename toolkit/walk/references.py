"""References: each belongs to one dossier of the tree, and the next free one is known."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from toolkit.dossier.classement import Typologie
from toolkit.dossier.faits import Dossier
from toolkit.errors import EnvironmentRefused, Problem, erreur
from toolkit.system import files
from toolkit.toml.read import peek
from toolkit.tree import layout
from toolkit.tree.layout import Closed, DossierFolder, Looked, Stamp
from toolkit.tree.settings import Settings
from toolkit.walk.state import State, load_state

_UNREAD = ""
"""In place of a reference: the file could not be read, and may bear any."""
_SAYS_ONE = re.compile(rb"^[ \t]*[\"']?reference[\"']?[ \t]*=", re.MULTILINE)


class References:
    """Which folders bear which reference. A file is read again only when its stamp has changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: dict[str, tuple[Stamp | None, str | None]] = {}
        self._doubles: dict[str, list[str]] = {}
        """The files that bear the same reference, when there are several."""
        self._closed: Closed = {}

    @classmethod
    def of_tree(cls, settings: Settings, contents: Mapping[str, bytes] | None = None) -> "References":
        """After one look at the whole tree; ``contents`` as for ``refresh``."""
        known = cls(settings)
        known.refresh(layout.look(settings.root, settings.office), contents)
        return known

    def refresh(self, looked: Looked, contents: Mapping[str, bytes] | None = None) -> None:
        """Take in what the tree holds now: the top of the files that changed is read, as every reader reads it.

        ``contents`` are the bytes of those that were read already.
        """
        told = contents or {}
        self._closed = looked.closed
        self._read = {
            path: known
            if (known := self._read.get(path)) and known[0] == stamp
            else _read_reference(path, stamp, told.get(path))
            for path, stamp in looked.sources.items()
        }
        self._doubles = {}
        first: dict[str, str] = {}
        for path, (_, reference) in self._read.items():
            if reference and first.setdefault(reference, path) is not path:
                self._doubles.setdefault(reference, [first[reference]]).append(path)

    def next_free(self, typologie: Typologie, annee: int) -> str:
        """``2027-G-015``: one more than the highest of that year and kind, and past those that are not known.

        Each dossier that cannot be read may bear one. Raises EnvironmentRefused while a folder that may hold any number
        of them cannot be entered.
        """
        for folder, why in self._closed.items():
            if self._unknown_in(folder, typologie, annee) is None:
                raise EnvironmentRefused(f"Aucune référence n'est donnée, elle pourrait servir deux fois. {why}")
        return self._next(typologie, annee)

    def _next(self, typologie: Typologie, annee: int) -> str:
        pattern = re.compile(rf"{annee}-{typologie.initiale}-(\d+)")
        numbers = [int(match[1]) for _, known in self._read.values() if known and (match := pattern.fullmatch(known))]
        unread = [os.path.dirname(path) for path, (_, known) in self._read.items() if known == _UNREAD]  # noqa: PTH120
        passed = sum(self._unknown_in(folder, typologie, annee) or 0 for folder in (*unread, *self._closed))
        return f"{annee}-{typologie.initiale}-{max(numbers, default=0) + passed + 1:03d}"

    def _unknown_in(self, folder: str, typologie: Typologie, annee: int) -> int | None:
        """How many dossiers of that kind and year lie in a folder that was not read; None when that cannot be told."""
        root, office, path = self._settings.root, self._settings.office, Path(folder)
        if not layout.may_hold(root, path, office, typologie, annee):
            return 0
        if layout.parse(root, path, office):
            return 1
        try:  # a name that is no text can be entered all the same
            return sum(layout.DOSSIER in names for _, _, names in os.walk(folder, onerror=_raise))
        except OSError:
            return None

    def double(self, folder: DossierFolder, reference: str | None, state: State, root: Path) -> Problem | None:
        """A copied folder bears its original's reference: it is told which number is free, and makes nothing."""
        if reference is None:
            return None
        bearers = [Path(path).parent for path in self._doubles.get(reference, ())]
        others = [path for path in bearers if path != folder.path]
        if not others or _is_original(folder, state, others):
            return None
        free = self._next(folder.typologie, folder.annee)
        other = others[0].relative_to(root).as_posix()
        message = f"la référence {reference} sert déjà à « {other} ». Prochain numéro libre : {free}"
        return erreur(message, "reference").at(fichier=layout.DOSSIER)


def _raise(error: OSError) -> NoReturn:
    raise error


def _read_reference(path: str, stamp: Stamp, content: bytes | None) -> tuple[Stamp | None, str | None]:
    """With the stamp for which it is known; without one it is asked again."""
    try:
        known = (files.read_if_there(Path(path)) if content is None else content) or b""
        found = peek(known, Dossier, "reference")
    except EnvironmentRefused:  # held by who writes it, or never to be read: told where the dossier is read by itself
        return None, _UNREAD
    except Exception:  # a defect, told there as well; here the others are known all the same
        return stamp, _UNREAD
    if isinstance(found, str):
        return stamp, found
    # An old Notepad puts a NUL beside each letter.
    return stamp, _UNREAD if _SAYS_ONE.search(known.replace(b"\0", b"")) else None


def _is_original(folder: DossierFolder, state: State, others: Sequence[Path]) -> bool:
    """Its state was written in this very folder, and no other's was written in theirs."""
    is_seen_here = bool(state.etat) and state.folder == folder.path.name
    return is_seen_here and not any(_claims(path, state.reference) for path in others)


def _claims(path: Path, reference: str | None) -> bool:
    try:
        other = load_state(path, reference)
    except EnvironmentRefused:  # told of that dossier
        return False
    return bool(other.etat) and other.folder == path.name
