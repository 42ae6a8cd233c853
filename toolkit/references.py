"""References: each belongs to one dossier of the tree, and the next free one is known."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from toolkit import files, tree
from toolkit.case import Case
from toolkit.dossier.classement import Typologie
from toolkit.errors import erreur
from toolkit.settings import Settings
from toolkit.state import load_state

_REFERENCE_LINE = re.compile(rb'^\s*reference\s*=\s*["\']([^"\'\r\n]+)', re.MULTILINE)


def references(settings: Settings) -> dict[str, list[Path]]:
    """Every reference in the tree and the folders that bear it; a light look, no file is parsed."""
    found: dict[str, list[Path]] = defaultdict(list)
    for folder in tree.dossiers(settings.root, settings.office):
        match = _REFERENCE_LINE.search(files.read_if_there(folder.source) or b"")
        if match:
            found[match[1].decode("utf-8", errors="replace")].append(folder.path)
    return found


def next_reference(taken: Iterable[str], typologie: Typologie, annee: int) -> str:
    """``2027-G-015``: one more than the highest of that year and kind."""
    pattern = re.compile(rf"{annee}-{typologie.initiale}-(\d+)")
    numbers = [int(match[1]) for reference in taken if (match := pattern.fullmatch(reference))]
    return f"{annee}-{typologie.initiale}-{max(numbers, default=0) + 1:03d}"


class References:
    """Which folders bear which reference: one look at the whole tree, at the first question."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _folders(self) -> dict[str, list[Path]]:
        return references(self._settings)

    def check(self, cases: Iterable[Case]) -> None:
        """A copied folder bears its original's reference: it is told which number is free, and makes nothing."""
        for case in cases:
            reference = case.report.reference
            if reference is None:
                continue
            others = [path for path in self._folders.get(reference, []) if path != case.path]
            if not others or _is_original(case, others):
                continue
            free = next_reference(self._folders, case.folder.typologie, case.folder.annee)
            other = others[0].relative_to(self._settings.root).as_posix()
            case.is_double = True
            case.report.problemes.append(
                erreur(
                    f"la référence {reference} sert déjà à « {other} ». Prochain numéro libre : {free}", "reference"
                ).at(fichier=tree.DOSSIER)
            )


def _is_original(case: Case, others: Sequence[Path]) -> bool:
    """Its state was written in this very folder, and no other's was written in theirs."""
    reference = case.report.reference
    is_seen_here = bool(case.state.etat) and case.state.folder == case.path.name
    return is_seen_here and not any(
        (other := load_state(path, reference)).etat and other.folder == path.name for path in others
    )
