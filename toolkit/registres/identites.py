"""Which row is whose, after people sorted, cut or pasted the columns that they see without the hidden ones. Pure.

Each row has a hidden key, and shows its reference in « Dossier / suivi par ». When they differ the row is where it is
shown, for that is where people's notes are; what could be two things is told, never guessed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Vue(Generic[Place]):
    """What one row says of itself."""

    place: Place
    cle: str
    """Hidden; empty where there is none."""
    montree: str
    """The reference that people see; empty where they see none."""


@dataclass
class Identites(Generic[Place]):
    """Where each dossier stands."""

    lignes: dict[str, list[Place]] = field(default_factory=dict)
    """Several places for one that people copied with its hidden key."""
    suivies: list[tuple[str, Place, Place]] = field(default_factory=list)
    """Dossiers whose key stayed behind: from where, to where."""
    douteuses: dict[str, list[Place]] = field(default_factory=dict)
    """Dossiers of which it cannot be told which row is theirs, with the places in doubt."""


def identify(vues: Sequence[Vue[Place]]) -> Identites[Place]:
    """Read the rows of a workbook together; a reference that is nobody's key is only a text."""
    hidden: dict[str, list[Place]] = defaultdict(list)
    shown: dict[str, list[Place]] = defaultdict(list)
    for vue in vues:
        if vue.cle:
            hidden[vue.cle].append(vue.place)
    for vue in vues:
        if vue.montree in hidden:
            shown[vue.montree].append(vue.place)
    found: Identites[Place] = Identites()
    target: dict[str, Place] = {}
    for cle, places in hidden.items():
        if len(places) > 1 or not shown[cle] or places[0] in shown[cle]:
            target[cle] = places[0]
            found.lignes[cle] = list(places)
        elif len(shown[cle]) == 1:
            target[cle] = shown[cle][0]
            found.lignes[cle] = [target[cle]]
            found.suivies.append((cle, places[0], target[cle]))
        else:
            found.douteuses[cle] = [places[0], *shown[cle]]
    _doubt_what_is_claimed_twice(found, target)
    return found


def _doubt_what_is_claimed_twice(found: Identites[Place], target: dict[str, Place]) -> None:
    claims: dict[Place, list[str]] = defaultdict(list)
    for cle, place in target.items():
        claims[place].append(cle)
    for place, cles in claims.items():
        if len(cles) > 1:
            for cle in cles:
                found.douteuses[cle] = [place]
                del found.lignes[cle]
    found.suivies = [one for one in found.suivies if one[0] in found.lignes]
