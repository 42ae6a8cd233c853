"""The recap among people: whatever they do to it between two syncs, their cells stay and each dossier has one row."""

import io
from collections.abc import Callable, Mapping
from copy import copy
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.registres.test_recap import OURS, TOUTES, saved, synced, une_ligne, vide
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.registres.affichage import post
from toolkit.registres.lignes import Ligne
from toolkit.registres.livre import ANNULES
from toolkit.registres.recap import check

MEMORY = {one.titre(Typologie.GROUPE) for one in TOUTES if one.is_bookkeeping}
NOMS = {6: ("Juin", "JUIN 2027", "juin", "06 - Juin"), 7: ("Juillet", "Juil.", "JUILLET", "Juillet 2027")}


def header(sheet: Worksheet) -> int:
    return 1 if sheet.title == ANNULES else 3


def headings(sheet: Worksheet) -> dict[str, int]:
    return {str(one.value): one.column for one in sheet[header(sheet)] if one.value is not None and one.column}


def cell(sheet: Worksheet, row: int, column: int) -> Cell:
    found = sheet.cell(row, column)
    assert isinstance(found, Cell)
    return found


# --- what people do -------------------------------------------------------------------------------------------------


def add_column(sheet: Worksheet, n: int) -> None:
    column = sheet.max_column + 1
    cell(sheet, 3, column).value = f"À nous {column}"
    for row in range(4, sheet.max_row + 1):
        cell(sheet, row, column).value = f"note {n}"


def swap_columns(sheet: Worksheet, n: int) -> None:
    one, other = 1 + n % sheet.max_column, 1 + (n // 7) % sheet.max_column
    for row in range(3, sheet.max_row + 1):
        swap(cell(sheet, row, one), cell(sheet, row, other))


def swap(one: Cell, other: Cell) -> None:
    looks = [(look_of, copy(getattr(one, look_of)), copy(getattr(other, look_of))) for look_of in LOOKS]
    # First, for openpyxl gives a cell that gets a day the format of one.
    one.value, other.value = other.value, one.value
    for look_of, mine, yours in looks:
        setattr(one, look_of, yours)
        setattr(other, look_of, mine)


LOOKS = ("fill", "font", "border", "alignment", "number_format")


def reverse_rows(sheet: Worksheet, n: int) -> None:
    top, bottom = 4, sheet.max_row
    while top < bottom:
        for column in range(1, sheet.max_column + 1):
            swap(cell(sheet, top, column), cell(sheet, bottom, column))
        top, bottom = top + 1, bottom - 1


def rename(sheet: Worksheet, n: int) -> None:
    mois = 6 if "jui" in sheet.title.casefold() and "juil" not in sheet.title.casefold() else 7
    mois = 6 if sheet.title.startswith("06") else mois
    sheet.title = "ailleurs"  # openpyxl adds a number to a name that differs by its capitals only
    sheet.title = NOMS[mois][n % 4]


def set_filter(sheet: Worksheet, n: int) -> None:
    sheet.auto_filter.ref = f"A3:{get_column_letter(sheet.max_column)}{max(4, sheet.max_row)}"


def colour(sheet: Worksheet, n: int) -> None:
    one = cell(sheet, 4 + n % max(1, sheet.max_row - 3), 1 + n % sheet.max_column)
    one.fill = PatternFill("solid", fgColor="0000FF00")


def observe(sheet: Worksheet, n: int) -> None:
    cell(sheet, 4 + n % max(1, sheet.max_row - 3), headings(sheet)["Observations accueil"]).value = f"badge {n}"


def calculate(sheet: Worksheet, n: int) -> None:
    column = sheet.max_column + 1
    cell(sheet, 3, column).value = f"Calcul {column}"
    personnes = get_column_letter(headings(sheet)["Pers."])
    for row in range(4, sheet.max_row + 1):
        cell(sheet, row, column).value = f"={personnes}{row}*2"


def type_a_row(sheet: Worksheet, n: int) -> None:
    row = sheet.max_row + 1
    cell(sheet, row, headings(sheet)["Groupe / client"]).value = f"à la main {n}"
    cell(sheet, row, headings(sheet)["Pers."]).value = n


def hide_a_row(sheet: Worksheet, n: int) -> None:
    sheet.row_dimensions[4 + n % 3].hidden = True


def type_over_ours(sheet: Worksheet, n: int) -> None:
    cell(sheet, 4, headings(sheet)["Repas"]).value = f"=1+{n}"


GESTES: tuple[Callable[[Worksheet, int], None], ...] = (
    add_column,
    swap_columns,
    reverse_rows,
    rename,
    set_filter,
    colour,
    observe,
    calculate,
    type_a_row,
    hide_a_row,
    type_over_ours,
)


# --- what must stay -------------------------------------------------------------------------------------------------

Vu = tuple[object, str]
"""Value and colour."""


def look(workbook: Workbook) -> tuple[dict[str, dict[str, Vu]], dict[tuple[str, int, int], Vu]]:
    """The human cells: by key and heading on the rows of dossiers, by place anywhere else."""
    by_key: dict[str, dict[str, Vu]] = {}
    by_place: dict[tuple[str, int, int], Vu] = {}
    for sheet in workbook.worksheets:
        columns = {column: heading for heading, column in headings(sheet).items()}
        key_column = headings(sheet)["Clé"]
        for row in range(1, sheet.max_row + 1):
            key = sheet.cell(row, key_column).value if row > header(sheet) else None
            for column in range(1, sheet.max_column + 1):
                one = cell(sheet, row, column)
                heading, seen = columns.get(column, ""), (one.value, str(one.fill.fgColor.rgb))
                if one.value is None:
                    continue
                if not key:
                    by_place[sheet.title, row, column] = seen
                elif heading not in OURS.values() and heading not in MEMORY:
                    by_key.setdefault(str(key), {})[heading] = seen
    return by_key, by_place


def same_formula(value: object) -> object:
    """A formula that moved with its row points to its new row."""
    return "formule" if str(value).startswith("=") else value


def check_rows(workbook: Workbook, wanted: Mapping[str, Ligne]) -> None:
    found: dict[str, list[str]] = {}
    for sheet in workbook.worksheets:
        columns = headings(sheet)
        for row in range(header(sheet) + 1, sheet.max_row + 1):
            key = sheet.cell(row, columns["Clé"]).value
            if not key:
                continue
            found.setdefault(str(key), []).append(sheet.title)
            ligne = wanted[str(key)]
            if ligne.annulee_le:
                continue
            assert sheet.title in NOMS[ligne.mois]
            for name, heading in OURS.items():
                read = sheet.cell(row, columns[heading]).value
                assert (read.date() if name == "date" else read) == ligne.valeurs[name], (key, name)  # type: ignore[union-attr]
    assert {len(sheets) for sheets in found.values()} <= {1}
    assert {cle for cle, ligne in wanted.items() if ligne.annulee_le is None} <= set(found)


GESTE = st.tuples(st.integers(0, len(GESTES) - 1), st.integers(0, 1), st.integers(0, 90))
CHANGEMENT = st.tuples(
    st.sampled_from("abc"),
    st.sampled_from([6, 7]),
    st.sampled_from([None, 1, 42, "40 + 2"]),
    st.sampled_from([None, None, None, date(2027, 6, 2)]),
)
TOUR = st.tuples(st.lists(GESTE, max_size=4), st.lists(CHANGEMENT, max_size=3), st.booleans())


@given(st.lists(TOUR, min_size=1, max_size=3))
@settings(max_examples=6, derandomize=True, deadline=None)
def test_people_and_dossiers_take_turns_and_nothing_is_lost(
    turns: list[tuple[list[tuple[int, int, int]], list[tuple[str, int, int | str | None, date | None]], bool]],
) -> None:
    content = vide()
    wanted: dict[str, Ligne] = {}
    for gestes, changements, is_posted in turns:
        workbook = load_workbook(io.BytesIO(content))
        for geste, sheet, n in gestes:
            GESTES[geste](workbook.worksheets[sheet], n)
        content = saved(workbook)
        for cle, mois, personnes, annulee_le in changements:
            wanted[cle] = une_ligne(cle, mois=mois, personnes=personnes, annulee_le=annulee_le)

        result = synced(content, *wanted.values())
        if result.content is not None:
            assert check(result) is None
        after = result.content or content
        check_rows(load_workbook(io.BytesIO(after)), wanted)
        check_people(content, after)
        content = after
        if is_posted:
            for mois in (6, 7):
                posted = post(content, Typologie.GROUPE, 2027, mois, date(2027, 6, 5), ReglagesRecap())
                assert posted
                check_people(content, posted.content or content)
                content = posted.content or content
            check_rows(load_workbook(io.BytesIO(content)), wanted)
        assert synced(content, *wanted.values(), jour=date(2027, 6, 5)).content is None


def check_people(before: bytes, after: bytes) -> None:
    by_key, by_place = look(load_workbook(io.BytesIO(before)))
    workbook = load_workbook(io.BytesIO(after))
    for (title, row, column), seen in by_place.items():
        # Where a row had formulas in advance, a dossier may stand now.
        there = cell(workbook[title], row, column)
        assert (there.value, str(there.fill.fgColor.rgb)) == seen, (title, row, column)
    keyed, placed = look(workbook)
    for key, cells in by_key.items():
        for heading, (value, rgb) in cells.items():
            if heading not in keyed.get(key, {}):
                # The month it went to has not that column: it stays where it was.
                assert value in [left for left, _ in placed.values()], (key, heading, value)
                continue
            assert same_formula(keyed[key][heading][0]) == same_formula(value)
            assert keyed[key][heading][1] == rgb
