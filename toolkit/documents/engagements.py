"""What a paper commits to: the values of the names that its model said, each remembered by its hash. Pure.

A signed paper stays true (promesses.md §6): whatever was printed on it and is no longer so is told, whichever model the
office uses. What the office says of itself changes with the years and commits no dossier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from hashlib import sha256

from toolkit.documents.communes import Communes
from toolkit.dossier.office import Agent, MenuPropose, Prestataire, Signataire

HOUSE = frozenset({"office", "agent", "suppleant", "signataires"})
"""Names of the office itself."""
_REGISTERED: Mapping[type, str] = {Agent: "id", Signataire: "id", Prestataire: "id", MenuPropose: "code"}
"""What the dossier only names: whoever signs or serves is committed to, and not the words of the office's registers."""
_LIVING = frozenset({"montants.encaisse", "montants.solde"})
"""Amounts that go on living after the signature: each payment changes them."""
_COORDINATES = frozenset({"telephone", "mail", "numero_urgence"})
"""What people may change without changing what was agreed."""
_DIGITS = 8
_PLAIN = (str, int, Decimal, date, time)
"""What is a value by itself, and no group of them."""


class Vivante:
    """A line of a list that goes on living after the signature."""


def all_but_the_house(kind: type[Communes]) -> tuple[str, ...]:
    """Every name of a kind of document that says something of the dossier."""
    return tuple(field.name for field in fields(kind) if field.name not in HOUSE)


def engagements(valeurs: Communes, names: Iterable[str], roots: Iterable[str]) -> dict[str, str]:
    """Each dotted name below one of these roots that has a value, with a hash of it."""
    wanted = frozenset(roots)
    found = {}
    for name in sorted(names):
        root, *rest = name.split(".")
        if root in wanted and name not in _LIVING:
            depth, texts = _told(getattr(valeurs, root, None), rest)
            if any(texts):
                text = "\n".join(texts)
                found[".".join([root, *rest[:depth]])] = sha256(text.encode()).hexdigest()[:_DIGITS]
    return found


def changed(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names that say something else than they did; one that the model says no more, or said not then, is none."""
    return [name for name, value in then.items() if now.get(name, value) != value]


def is_coordinate(name: str) -> bool:
    """Whether it only tells how to reach someone."""
    return name.rpartition(".")[2] in _COORDINATES


def _told(value: object, steps: list[str]) -> tuple[int, list[str]]:
    """The values at the end of these steps as texts, through the lists on the way, and how many steps it took.

    A group by itself tells nothing, its fields do; of one that stands in a register, the key alone.
    """
    values = _lines(value)
    for depth, step in enumerate([*steps, ""]):
        keys = [_REGISTERED.get(type(one)) for one in values]
        if any(keys):
            return depth, [str(getattr(one, key)) if key else "" for one, key in zip(values, keys, strict=True)]
        if step:
            values = [line for one in values for line in _lines(getattr(one, step, None))]
    return len(steps), [str(one) if isinstance(one, _PLAIN) else "" for one in values]


def _lines(value: object) -> Sequence[object]:
    """What a list holds, less what goes on living; else the value itself."""
    return [one for one in value if not isinstance(one, Vivante)] if isinstance(value, list | tuple) else (value,)
