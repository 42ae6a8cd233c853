"""What people type → a TOML value, by the kind of the field: ``17/06/2027``, ``12,50 €``, ``9 h 45``, ``oui``.

What does not fit the kind is kept as text: the reader of the file says what is wrong with it, in its own words.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import tomlkit
from tomlkit.items import Item

from toolkit.french import fold, read_day
from toolkit.toml.annotations import choices, is_list

_HEURE = re.compile(r"(\d{1,2}) ?[h:] ?(\d{2})?(?::(\d{2}))?")
_MOMENT = re.compile(r"(\S+?)(?:T| +(?:à +)?)(\d.*)")
_OUI_NON = {"oui": "true", "vrai": "true", "true": "true", "non": "false", "faux": "false", "false": "false"}


def toml_value(text: str, annotation: Any) -> Item:
    """The value of a field of that annotation."""
    if is_list(annotation):
        array = tomlkit.array()
        array.extend(part.strip() for part in text.split(";") if part.strip())
        return array
    for kind in choices(annotation):
        literal = _literal(text, kind)
        if literal is not None:
            return tomlkit.value(literal)
    return tomlkit.string(text)


def _literal(text: str, kind: Any) -> str | None:
    """How TOML writes it, or None when it is not of that kind."""
    if get_origin(kind) is Literal:
        choices = [choice for choice in get_args(kind) if fold(str(choice)) == fold(text).replace(" ", "_")]
        return f'"{choices[0]}"' if choices else None
    read = _READERS.get(kind)
    return read(text) if read else None


def _time(text: str) -> time | None:
    match = _HEURE.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """``11/01/2027 10h20``, ``11/01/2027 à 10 h 20``; a day alone means its first minute."""
    match = _MOMENT.fullmatch(text.strip())
    day, hour = (read_day(match[1]), _time(match[2])) if match else (read_day(text), time())
    return datetime.combine(day, hour) if day and hour is not None else None


def _amount(text: str) -> str | None:
    digits = re.sub(r"[\s€]", "", text).replace(",", ".")
    return digits if re.fullmatch(r"\d+\.\d+", digits) else f"{digits}.00" if re.fullmatch(r"\d+", digits) else None


def _count(text: str) -> str | None:
    digits = re.sub(r"\s", "", text)
    return str(int(digits)) if re.fullmatch(r"\d{1,9}", digits) else None


def _iso(read: Callable[[str], date | time | None]) -> Callable[[str], str | None]:
    def literal(text: str) -> str | None:
        found = read(text)
        return None if found is None else found.isoformat()

    return literal


_READERS: dict[Any, Callable[[str], str | None]] = {
    datetime: _iso(read_moment),
    date: _iso(read_day),
    time: _iso(_time),
    Decimal: _amount,
    int: _count,
    bool: lambda text: _OUI_NON.get(fold(text)),
}
