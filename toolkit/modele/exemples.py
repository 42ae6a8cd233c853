"""Values to try a model with and to show in lists, made of the examples that the fields carry: no file is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar, cast

from pydantic import BaseModel

from toolkit.modele.members import Membre, membres_of
from toolkit.modele.names import Genre, Liste, is_group

ValeursT = TypeVar("ValeursT")


@dataclass(frozen=True, slots=True)
class Jeu:
    """How one set of values is made."""

    lignes: int = 1
    """Of each list."""
    tour: int | None = None
    """Which of their choices the fields take, each from another one on; None: their example."""
    is_nu: bool = False
    """Nothing is known but what must be; without any line of a list, groups that may be missing are."""

    def next(self, line: int) -> "Jeu":
        """For that line of a list: lines differ."""
        return self if self.tour is None else Jeu(self.lignes, self.tour + line, self.is_nu)


def plein(kind: type[ValeursT]) -> ValeursT:
    """Every field says its example; lists have one line."""
    return build(kind, Jeu())


def jeux(kind: type[ValeursT]) -> Iterator[ValeursT]:
    """The sets that a model is tried with: full, bare, bare lines, then three lines and every choice in turn."""
    yield plein(kind)
    yield build(kind, Jeu(lignes=0, is_nu=True))
    yield build(kind, Jeu(lignes=2, is_nu=True))
    printed: type = kind
    for tour in range(most_choices(printed)):
        yield build(kind, Jeu(lignes=3, tour=tour))


@lru_cache(maxsize=16)
def most_choices(kind: type) -> int:
    """Turns after which every field below has taken each of its choices."""
    return max((max(len(one.choix), _below(one.genre)) for one in membres_of(kind).values()), default=1)


def _below(genre: Genre) -> int:
    inside = genre.de if isinstance(genre, Liste) else genre
    return most_choices(cast(type, inside)) if is_group(inside) else 1


def build(kind: type[ValeursT], jeu: Jeu, given: Mapping[str, object] | None = None) -> ValeursT:
    """One of these; ``given`` are values of some of its fields."""
    printed: type = kind
    values = {
        name: _value(membre, jeu, rank)
        for rank, (name, membre) in enumerate(membres_of(printed).items())
        if not membre.is_derived and not (jeu.is_nu and issubclass(kind, BaseModel) and membre.has_default)
    }
    if not jeu.is_nu:
        values |= given or {}
    if issubclass(kind, BaseModel):
        return cast(ValeursT, kind.model_construct(None, **values))
    # Without its own __init__, which may take what these values are drawn from.
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def _value(membre: Membre, jeu: Jeu, rank: int) -> object:
    genre = membre.genre
    if isinstance(genre, Liste):
        return _lines(genre.de, membre, jeu, rank)
    if jeu.is_nu and membre.is_optional and not (jeu.lignes and is_group(genre)):
        return None
    if is_group(genre):
        assert isinstance(genre, type)
        return build(genre, jeu, cast(Mapping[str, object] | None, membre.exemple))
    if jeu.is_nu:
        return genre(0) if genre in (bool, int, Decimal) else membre.exemple
    choix = membre.choix
    return membre.exemple if jeu.tour is None or not choix else choix[(jeu.tour + rank) % len(choix)]


def _lines(inside: Genre, membre: Membre, jeu: Jeu, rank: int) -> object:
    if is_group(inside):
        assert isinstance(inside, type)
        return [build(inside, jeu.next(line)) for line in range(jeu.lignes)]
    if jeu.is_nu:
        return []
    if jeu.tour is None or not isinstance(membre.exemple, Sequence):
        return membre.exemple
    said = membre.choix or membre.exemple
    return [said[(jeu.tour + rank + line) % len(said)] for line in range(jeu.lignes)]
