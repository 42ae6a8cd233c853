"""What a class of the core says of each field that a model may print: its kind, sense, example, filter and choices."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from toolkit.dossier.champ import Ecriture
from toolkit.formats.sealed import titles
from toolkit.modele.names import Genre, champs_of


@dataclass(frozen=True, slots=True)
class Membre:
    """One field of one class."""

    sens: str
    genre: Genre
    filtre: str
    """What it is printed through; empty when it is printed as it is."""
    exemple: object
    """Its own, else its default value, else that of its kind; for a group, some of its fields at most."""
    choix: tuple[object, ...]
    """All that it may be, when that is a short list; of a number its example, none and one: words change with them."""
    is_optional: bool
    """May be None."""
    has_default: bool
    is_derived: bool = False
    """Given by a property."""


@lru_cache(maxsize=256)
def membres_of(kind: type) -> Mapping[str, Membre]:
    """In the order of the class, without what is internal."""
    hints, own = get_type_hints(kind, include_extras=True), _own_of(kind)
    sens = titles(kind)
    return {
        name: _membre(sens[name], genre, hints[name], *own[name]) if name in own else _derived(sens[name], genre)
        for name, genre in champs_of(kind).items()
    }


def _own_of(kind: type) -> dict[str, tuple[object, object, bool]]:
    """Example, default value, and whether it has one."""
    if issubclass(kind, BaseModel):
        return {
            name: (next(iter(one.examples or ()), None), one.get_default(), not one.is_required())
            for name, one in kind.model_fields.items()
        }
    assert is_dataclass(kind)
    return {
        one.name: (next(iter(one.metadata.get("examples", ())), None), None, one.default is not MISSING)
        for one in fields(kind)
    }


def _membre(sens: str, genre: Genre, hint: Any, example: object, default: object, has_default: bool) -> Membre:
    ecriture = _ecriture(hint, genre)
    choix = _choices(hint, genre)
    if example is None and isinstance(default, str | int | Decimal):
        example = default
    if example is None and ecriture is not None:
        example = ecriture.exemple
    if example is None and choix:
        example = choix[0]
    if genre is int and not choix:
        choix = (example, 0, 1)
    is_optional = get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
    return Membre(sens, genre, ecriture.filtre if ecriture else "", example, choix, is_optional, has_default)


def _derived(sens: str, genre: Genre) -> Membre:
    return Membre(sens, genre, "", None, (), is_optional=False, has_default=True, is_derived=True)


_DES_TYPES: tuple[tuple[type, Ecriture], ...] = (
    (bool, Ecriture(True)),
    (int, Ecriture(1)),
    (Decimal, Ecriture(Decimal("59.00"), "euros")),
    (date, Ecriture(date(2027, 6, 17), "date_longue")),
    (time, Ecriture(time(9, 45), "heure")),
)
"""Of plain types, where the annotation says no more."""


def _ecriture(hint: Any, genre: Genre) -> Ecriture | None:
    told = next(_told(hint), None)
    if told is None and isinstance(genre, type):
        told = next((one for kind, one in _DES_TYPES if issubclass(genre, kind)), None)
    return told


def _told(hint: Any) -> Iterator[Ecriture]:
    """The nearest first: a kind made of another one says its own after it."""
    if get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        yield from (one for one in reversed(metadata) if isinstance(one, Ecriture))
        yield from _told(inner)
    elif get_origin(hint) in (Union, UnionType, list, tuple):
        for one in get_args(hint):
            yield from _told(one)


def _choices(hint: Any, genre: Genre) -> tuple[object, ...]:
    if genre is bool:
        return (True, False)
    if get_origin(hint) is Literal:
        return get_args(hint)
    return next((found for one in get_args(hint) if (found := _choices(one, None))), ())
