"""The names a model may use, and the kind of value behind each.

Nothing is listed by hand: the first names are the fields of what each kind of document may print, what follows a point
comes from the annotations of the models and dataclasses behind them.
"""

import difflib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from jinja2.runtime import LoopContext
from pydantic import BaseModel

from toolkit.documents.wanted import TYPES
from toolkit.formats.sealed import titles
from toolkit.french import fold
from toolkit.modele.usages import Usage
from toolkit.toml.annotations import choices


@dataclass(frozen=True, slots=True)
class Liste:
    """Several values of one kind."""

    de: "Genre"


Genre = type | Liste | None
"""The kind of a value: a model or dataclass of the core, a plain type, a list; None when nothing is known of it."""

_PLAIN = (bool, int, Decimal, datetime, date, time, str)


def genre(annotation: Any) -> Genre:
    """From a type annotation: what is optional is taken as there, a Literal is a text."""
    kept = choices(annotation)
    if set(kept) == {Decimal, int}:
        return Decimal
    if len(kept) != 1:
        return None
    origin = get_origin(kept[0])
    if origin is Literal:
        return type(get_args(kept[0])[0])
    if origin in (list, tuple):
        return Liste(genre(get_args(kept[0])[0]))
    if origin is dict:
        return Liste(str)  # a loop goes through its keys
    return kept[0] if isinstance(kept[0], type) and origin is None else None


def is_group(kind: Genre) -> bool:
    """Whether something may follow a point."""
    return isinstance(kind, type) and (issubclass(kind, BaseModel) or is_dataclass(kind) or kind is LoopContext)


@lru_cache(maxsize=256)
def champs_of(kind: type) -> Mapping[str, Genre]:
    """What may follow a point after a value of this kind, in the order of its class."""
    if kind is LoopContext:
        return {"first": bool, "last": bool, "index": int}
    allowed = titles(kind).keys()
    hints = get_type_hints(kind, include_extras=True)
    found = {name: genre(hint) for name, hint in hints.items() if name in allowed}
    return found | {name: genre(_returned(kind, name)) for name in sorted(allowed - found.keys())}


def _returned(kind: type, name: str) -> Any:
    return typing.get_type_hints(getattr(kind, name).fget).get("return")


@lru_cache(maxsize=16)
def racine(usage: Usage | None) -> Mapping[str, Genre]:
    """The first names that such a model may use; those of every model when it is not known what it is for."""
    found: dict[str, Genre] = {}
    for kind in [usage.type] if usage else TYPES:
        printed: type = kind.valeurs
        found |= champs_of(printed)
        found |= dict.fromkeys(kind.images)
    return found


def chemins(names: Mapping[str, Genre]) -> Iterator[str]:
    """Every dotted name that can be written outside a loop."""
    for name, kind in names.items():
        yield name
        if is_group(kind):
            assert isinstance(kind, type)
            yield from (f"{name}.{rest}" for rest in chemins(champs_of(kind)))


def suggestion(written: str, names: Mapping[str, Genre]) -> str | None:
    """The name that was probably meant: the same but for capitals and accents, a letter off, or a level deeper."""
    known = list(chemins(names))
    plain = {fold(name): name for name in reversed(known)}
    if fold(written) in plain:
        return plain[fold(written)]
    group, _, last = written.rpartition(".")
    if group not in known:
        close = difflib.get_close_matches(fold(written), plain, 1, 0.8)
        return plain[close[0]] if close else None
    beside = {fold(name.rpartition(".")[2]): name for name in known if name.rpartition(".")[0] == group}
    if close := difflib.get_close_matches(fold(last), beside, 1, 0.7):
        return beside[close[0]]
    below = [name for name in known if name.startswith(f"{group}.") and name.rpartition(".")[2] == last]
    return min((name for name in below if name.count(".") == written.count(".") + 1), default=None)


def is_plain(kind: Genre) -> bool:
    """A text, a number, a day: something that prints, and has no fields."""
    return isinstance(kind, type) and issubclass(kind, _PLAIN)
