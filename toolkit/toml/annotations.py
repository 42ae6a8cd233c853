"""What the annotation of a field allows: its choices, the block it holds, whether there may be several."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def choices(annotation: Any) -> list[Any]:
    """What a value may be, but None: plain types, models, ``Literal[…]``, ``list[…]``, ``dict[…]``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [one for arg in get_args(annotation) for one in choices(arg)]
    return [] if annotation is NoneType else [annotation]


def is_list(annotation: Any) -> bool:
    """Whether there may be several values."""
    return any(get_origin(one) is list for one in choices(annotation))


def _held(annotation: Any) -> list[Any]:
    """The choices of a value, those inside a list included."""
    found = []
    for one in choices(annotation):
        found += _held(get_args(one)[0]) if get_origin(one) is list else [one]
    return found


def block_of(annotation: Any) -> type[BaseModel] | None:
    """The block that a field holds, one or several of it; None when it holds none."""
    return next((one for one in _held(annotation) if isinstance(one, type) and issubclass(one, BaseModel)), None)


def words_of(annotation: Any) -> list[Any]:
    """The values between which a field lets choose."""
    return [word for one in _held(annotation) if get_origin(one) is Literal for word in get_args(one)]
