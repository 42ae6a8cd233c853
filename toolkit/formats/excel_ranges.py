"""References of cells as Excel writes them: ``B4``, ``A1:M12``, and lists of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

ROWS_MAX = 1_048_576
COLUMNS_MAX = 16_384
_LETTERS = re.compile("[A-Z]{1,3}")
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@cache
def letters(column: int) -> str:
    """``A`` for 1, ``AA`` for 27."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


@cache
def column_number(text: str) -> int:
    """27 for ``AA``; 0 for what names no column."""
    if not _LETTERS.fullmatch(text):
        return 0
    number = 0
    for letter in text:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def cell_name(row: int, column: int) -> str:
    """``B4`` for row 4, column 2."""
    return f"{letters(column)}{row}"


def parse_cell(text: str) -> tuple[int, int]:
    """Row and column of ``B4``; raises ValueError."""
    match = _CELL.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[2]), column_number(match[1])


@dataclass(frozen=True, slots=True)
class Plage:
    """A rectangle of cells, both ends included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> "Plage":
        """``A1:M12``, ``B4``; raises ValueError for whole columns and anything else."""
        first, _, last = text.partition(":")
        (top, left), (bottom, right) = parse_cell(first), parse_cell(last or first)
        return cls(top, left, bottom, right)

    def __str__(self) -> str:
        first, last = cell_name(self.top, self.left), cell_name(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def holds_row(self, row: int) -> bool:
        """Whatever the column."""
        return self.top <= row <= self.bottom

    def including(self, row: int, column: int) -> "Plage":
        """The smallest rectangle around this one and a cell."""
        return Plage(min(self.top, row), min(self.left, column), max(self.bottom, row), max(self.right, column))


def grow_list(sqref: str, model: int, row: int) -> str:
    """Take a row into each range of a list that holds its model; a range that ends elsewhere gets a piece beside it."""
    grown: list[str] = []
    pieces: list[str] = []
    for text in sqref.split():
        try:
            plage = Plage.parse(text)
        except ValueError:  # a whole column holds every row already
            grown.append(text)
            continue
        if plage.holds_row(model) and not plage.holds_row(row):
            if plage.bottom == row - 1:
                plage = replace(plage, bottom=row)
            else:
                pieces.append(str(replace(plage, top=row, bottom=row)))
        grown.append(str(plage))
    return " ".join([*grown, *pieces])


def rewrite(text: str, change: Callable[[Plage], Plage]) -> str:
    """One range changed, or the same text when it is not one plain range."""
    try:
        return str(change(Plage.parse(text)))
    except ValueError:
        return text
