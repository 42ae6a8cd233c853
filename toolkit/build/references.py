"""References: each belongs to one dossier of the tree, and the next free one is known."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from toolkit.build.case import Case
from toolkit.build.state import load_state
from toolkit.dossier.classement import Typologie
from toolkit.errors import EnvironmentRefused, erreur
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.layout import Signature
from toolkit.tree.settings import Settings

_REFERENCE_LINE = re.compile(rb'^\s*reference\s*=\s*["\']([^"\'\r\n]+)', re.MULTILINE)


class References:
    """Which folders bear which reference. A file is read again only when its signature has changed."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Signature, str | None]] = {}
        self._doubles: dict[str, list[str]] = {}
        """The files that bear the same reference, when there are several."""

    @classmethod
    def of_tree(cls, settings: Settings) -> "References":
        """After one look at the whole tree."""
        known = cls()
        known.refresh(layout.look(settings.root, settings.office))
        return known

    def refresh(self, seen: Mapping[str, Signature]) -> None:
        """Take in what the tree holds now: a light look into the files that changed, none is parsed."""
        self._read = {
            path: known
            if (known := self._read.get(path)) and known[0] == signature
            else (signature, _reference_of(path))
            for path, signature in seen.items()
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

    def check(self, cases: Iterable[Case], root: Path) -> None:
        """A copied folder bears its original's reference: it is told which number is free, and makes nothing."""
        for case in cases:
            reference = case.report.reference
            if reference is None:
                continue
            bearers = [Path(path).parent for path in self._doubles.get(reference, ())]
            others = [folder for folder in bearers if folder != case.path]
            if not others or _is_original(case, others):
                continue
            free = self.next_free(case.folder.typologie, case.folder.annee)
            other = others[0].relative_to(root).as_posix()
            case.is_double = True
            message = f"la référence {reference} sert déjà à « {other} ». Prochain numéro libre : {free}"
            case.report.problemes.append(erreur(message, "reference").at(fichier=layout.DOSSIER))


def _reference_of(path: str) -> str | None:
    try:
        match = _REFERENCE_LINE.search(files.read_if_there(Path(path)) or b"")
    except EnvironmentRefused:  # held by who writes it: it will be seen again
        return None
    return match[1].decode("utf-8", errors="replace") if match else None


def _is_original(case: Case, others: Sequence[Path]) -> bool:
    """Its state was written in this very folder, and no other's was written in theirs."""
    reference = case.report.reference
    is_seen_here = bool(case.state.etat) and case.state.folder == case.path.name
    return is_seen_here and not any(
        (other := load_state(path, reference)).etat and other.folder == path.name for path in others
    )
