"""A recap without a row yet: the twelve sheets of a year, ready to print on A4 landscape (regles.md §4.4)."""

import math
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from toolkit.dossier.classement import Typologie
from toolkit.registres.colonnes import colonnes_de
from toolkit.registres.livre import sheet_name

if TYPE_CHECKING:
    from toolkit.formats.openpyxl_parts import Layout

_TITLES = {Typologie.GROUPE: "Récap groupes", Typologie.INDIVIDUEL: "Récap individuels"}
_CREATOR = "toolkit"
LINE_POINTS = 12.5
"""How high one line of a row is, in text of 9 points."""


HEIGHT_MAX = 409.5
"""Points: no row of Excel is higher."""


def count_lines(text: str, width: float) -> int:
    """Lines that a text takes in a column as wide as so many letters of the usual font."""
    # A width is counted in letters of 11 points; ours are of 9.
    return sum(max(1, math.ceil(len(line) / (max(width, 1) * 1.3))) for line in text.split("\n"))


def vierge(typologie: Typologie, annee: int, jour: date) -> bytes:
    """The workbook of a year, made on that day; the same columns on the same day give the same bytes."""
    from toolkit.formats.openpyxl_parts import Column, Layout

    colonnes = colonnes_de(typologie).values()
    layout = Layout(
        columns=tuple(
            Column(
                one.titre(typologie),
                one.largeur,
                is_centred=one.nature == "nombre",
                is_hidden=one.vue == "masquee",
            )
            for one in colonnes
        ),
        printed=max(number for number, one in enumerate(colonnes, start=1) if one.vue == "affichee"),
        header_row=3,
        text_points=9,
        line_points=LINE_POINTS,
        margin_mm=10,
        head_right="édité le &D",
        foot_left="Document interne – affichage back office uniquement",
        foot_right="page &P/&N",
    )
    months = [sheet_name(mois) for mois in range(1, 13)]
    return _laid(tuple((month, f"{_TITLES[typologie]} – {month} {annee}") for month in months), layout, jour)


@lru_cache(maxsize=8)
def _laid(titles: tuple[tuple[str, str], ...], layout: "Layout", jour: date) -> bytes:
    from toolkit.formats.openpyxl_parts import new_workbook

    return new_workbook(dict(titles), layout, _CREATOR, jour)
