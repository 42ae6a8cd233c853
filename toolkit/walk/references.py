"""References: each belongs to one dossier of the tree, and the next free one is known."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.dossier.classement import Typologie
from toolkit.dossier.faits import Dossier
from toolkit.errors import EnvironmentRefused, Problem, erreur
from toolkit.system import files
from toolkit.toml.read import peek
from toolkit.tree import layout
from toolkit.tree.layout import DossierFolder, Stamp
from toolkit.tree.settings import Settings
from toolkit.walk.state import State, load_state


class References:
    """Which folders bear which reference. A file is read again only when its stamp has changed."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Stamp, str | None]] = {}
        self._doubles: dict[str, list[str]] = {}
        """The files that bear the same reference, when there are several."""

    @classmethod
    def of_tree(cls, settings: Settings, contents: Mapping[str, bytes] | None = None) -> "References":
        """After one look at the whole tree; ``contents`` as for ``refresh``."""
        known = cls()
        known.refresh(layout.look(settings.root, settings.office), contents)
        return known

    def refresh(self, seen: Mapping[str, Stamp], contents: Mapping[str, bytes] | None = None) -> None:
        """Take in what the tree holds now: the top of the files that changed is read, as every reader reads it.

        ``contents`` are the bytes of those that were read already.
        """
        told = contents or {}
        self._read = {
            path: known
            if (known := self._read.get(path)) and known[0] == stamp
            else (stamp, _reference_of(path, told.get(path)))
            for path, stamp in seen.items()
        }
        self._doubles = {}
        first: dict[str, str] = {}
        for path, (_, reference) in self._read.items():
            if reference is not None and first.setdefault(reference, path) is not path:
                self._doubles.setdefault(reference, [first[reference]]).append(path)

    def next_free(self, typologie: Typologie, annee: int) -> str:
        """``2027-G-015``: one more than the highest of that year and kind."""
        pattern = re.compile(rf"{annee}-{typologie.initiale}-(\d+)")
        numbers = [int(match[1]) for _, known in self._read.values() if known and (match := pattern.fullmatch(known))]
        return f"{annee}-{typologie.initiale}-{max(numbers, default=0) + 1:03d}"

    def double(self, folder: DossierFolder, reference: str | None, state: State, root: Path) -> Problem | None:
        """A copied folder bears its original's reference: it is told which number is free, and makes nothing."""
        if reference is None:
            return None
        bearers = [Path(path).parent for path in self._doubles.get(reference, ())]
        others = [path for path in bearers if path != folder.path]
        if not others or _is_original(folder, state, others):
            return None
        free = self.next_free(folder.typologie, folder.annee)
        other = others[0].relative_to(root).as_posix()
        message = f"la référence {reference} sert déjà à « {other} ». Prochain numéro libre : {free}"
        return erreur(message, "reference").at(fichier=layout.DOSSIER)


def _reference_of(path: str, content: bytes | None) -> str | None:
    try:
        known = files.read_if_there(Path(path)) if content is None else content
    except EnvironmentRefused:  # held by who writes it: it will be seen again
        return None
    found = peek(known, Dossier, "reference") if known else None
    return found if isinstance(found, str) else None


def _is_original(folder: DossierFolder, state: State, others: Sequence[Path]) -> bool:
    """Its state was written in this very folder, and no other's was written in theirs."""
    is_seen_here = bool(state.etat) and state.folder == folder.path.name
    return is_seen_here and not any(
        (other := load_state(path, state.reference)).etat and other.folder == path.name for path in others
    )
