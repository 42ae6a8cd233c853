"""What a field tells of itself to those who write models: its sense, an example, how such a value is written.

A pydantic field says it by its ``title`` and ``examples``; a dataclass field by the same words in its metadata; a kind
of value, in its annotation, for all the fields that have none of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ecriture:
    """How values of one kind are shown; stands in an ``Annotated``."""

    exemple: object
    filtre: str = ""
    """Of the models, that such a value is printed through; empty when it is printed as it is."""


def champ(sens: str, exemple: object = None) -> Mapping[str, object]:
    """The metadata of a dataclass field: ``nuits: int | None = field(metadata=champ("nombre de nuits", 2))``.

    A group may give some fields of its example only: the others are those of its class.
    """
    return {"title": sens} if exemple is None else {"title": sens, "examples": [exemple]}
