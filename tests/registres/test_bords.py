"""What stands at the edges of a sheet, or was moved under our feet: nothing is written unseen, nothing is guessed."""

import io
import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.registres.test_recap import JOUR, by_hand, column, inscrit, opened, rows, saved, synced, une_ligne, vide
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ColonnesRecap, ReglagesRecap
from toolkit.formats.excel_ranges import ROWS_MAX
from toolkit.registres.affichage import post
from toolkit.registres.identites import Identites, Vue, identify
from toolkit.registres.recap import Synced, sync

ADOPTE = ReglagesRecap(
    colonnes=ColonnesRecap(date="Date", client="Groupe", personnes="Nb pers.", programme="Programme", suivi="Dossier")
)
TITRES = ["Date", "Groupe", "Nb pers.", "Programme", "Dossier"]


def office(change: Callable[[Worksheet], object] = lambda sheet: None) -> bytes:
    """A workbook that the office had before, with its month of June."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Juin"
    sheet.append(TITRES)
    change(sheet)
    return saved(workbook)


def adopted(content: bytes) -> Synced:
    return sync(content, [une_ligne()], Typologie.GROUPE, 2027, JOUR, ADOPTE)


def rows_of(content: bytes) -> dict[int, list[object]]:
    """Those of June that hold something, without loading the million between."""
    [sheet] = [one for one in opened(content).worksheets if one.title == "Juin"]
    found: dict[int, list[object]] = {}
    for row, at in sorted(sheet._cells):
        value = sheet._cells[row, at].value
        if value is not None:
            found.setdefault(row, []).append(value)
    return found


@pytest.mark.parametrize(
    "at_the_bottom",
    [
        lambda sheet: sheet.cell(ROWS_MAX, 1, "fin"),
        lambda sheet: setattr(sheet.cell(ROWS_MAX, 1), "fill", PatternFill("solid", fgColor="FF0000")),
        lambda sheet: sheet.merge_cells(start_row=ROWS_MAX - 3, end_row=ROWS_MAX, start_column=1, end_column=2),
        lambda sheet: sheet.cell(5000, 2, "ce que quelqu'un a laissé là"),
    ],
    ids=["valeur", "couleur", "fusion", "loin"],
)
@pytest.mark.parametrize("kind", ["neuf", "adopté"])
def test_what_stands_at_the_bottom_of_the_sheet_costs_nothing(
    at_the_bottom: Callable[[Worksheet], object], kind: str
) -> None:
    if kind == "neuf":
        with by_hand(inscrit()) as (workbook, save):
            at_the_bottom(workbook["Juin"])
            content, first = save(), 5
        done = synced(content, une_ligne("2027-G-015"))
    else:
        content, first = office(at_the_bottom), 2
        done = adopted(content)

    assert done.problems == [] and done.content
    assert first in rows_of(done.content)
    assert max(rows_of(done.content)) in (first, 5000, ROWS_MAX)
    posted = post(done.content, Typologie.GROUPE, 2027, 6, JOUR, ADOPTE if kind == "adopté" else ReglagesRecap())
    assert posted
    printed = ZipFile(io.BytesIO(posted.imprimable)).read("xl/workbook.xml").decode()
    assert re.search(rf"Print_Area[^>]*>[^<]*\${first}<", printed), "no thousand pages"


def test_a_merge_that_leaves_no_row_is_told() -> None:
    with by_hand(vide()) as (workbook, save):
        workbook["Juin"].merged_cells.add(f"A4:B{ROWS_MAX}")
        content = save()

    [problem] = synced(content, une_ligne()).problems

    assert "fusionnées jusqu'au bas de « Juin »" in problem.message


def test_a_new_heading_stands_right_of_a_merged_one() -> None:
    done = adopted(office(lambda sheet: sheet.merge_cells("E1:F1")))

    assert done.content
    sheet = opened(done.content)["Juin"]
    assert [sheet.cell(1, at).value for at in range(5, 10)] == ["Dossier", None, "Modifications", "Clé", "Empreinte"]


def test_a_new_heading_stands_right_of_what_has_none() -> None:
    done = adopted(office(lambda sheet: sheet.cell(4, 6, "note sans titre")))

    assert done.content and done.problems == []
    sheet = opened(done.content)["Juin"]
    assert sheet["F4"].value == "note sans titre" and sheet["F1"].value is None
    assert [sheet.cell(1, at).value for at in (7, 8, 9)] == ["Modifications", "Clé", "Empreinte"]


def test_a_formula_that_cannot_be_read_sets_the_workbook_aside_with_its_reason() -> None:
    with by_hand(inscrit()) as (workbook, save):
        sheet = workbook["Juin"]
        sheet.cell(3, 20, "Acompte [30 %")
        sheet.cell(4, 20, "=SUM(Tableau1[Acompte '[30 %])*1")
        content = save()

    done = synced(content, une_ligne(mois=7))

    assert done.content or ("ne se lit pas" in done.problems[0].message and done.is_refused)


# --- moved without the hidden columns --------------------------------------------------------------------------------


def three() -> bytes:
    content = vide()
    for number in (14, 15, 16):
        content = synced(content, une_ligne(f"2027-G-0{number}", suivi=f"2027-G-0{number}\nAmbre")).content or b""
    with by_hand(content) as (workbook, save):
        sheet = workbook["Juin"]
        for row in (4, 5, 6):
            sheet.cell(row, column(sheet, "Observations accueil"), f"note de {14 + row - 4}")
        return save()


def seen(sheet: Worksheet) -> int:
    """The last of the columns that people see."""
    return column(sheet, "Clé") - 1


def notes(content: bytes) -> dict[object, object]:
    return {row["Clé"]: row["Observations accueil"] for _, row in rows(content)}


TOUS = [une_ligne(f"2027-G-0{number}", suivi=f"2027-G-0{number}\nAmbre") for number in (14, 15, 16)]
NOTES = {f"2027-G-0{number}": f"note de {number}" for number in (14, 15, 16)}


@settings(max_examples=6, deadline=None)
@given(st.permutations([4, 5, 6]))
def test_notes_stay_with_their_group_however_people_sort(order: list[int]) -> None:
    with by_hand(three()) as (workbook, save):
        sheet = workbook["Juin"]
        values = {row: [sheet.cell(row, at).value for at in range(1, seen(sheet) + 1)] for row in (4, 5, 6)}
        for row, source in zip((4, 5, 6), order, strict=True):
            for at, value in enumerate(values[source], 1):
                sheet.cell(row, at).value = value
        content = save()

    done = synced(content, *TOUS)

    assert done.problems == []
    assert notes(done.content or content) == NOTES
    assert [row["Groupe / client"] for _, row in rows(done.content or content)] == [
        f"Client de 2027-G-0{14 + row - 4}" for row in order
    ]
    assert synced(done.content or content, *TOUS).content is None


def test_a_row_that_was_cut_to_another_place_is_followed() -> None:
    with by_hand(three()) as (workbook, save):
        sheet = workbook["Juin"]
        for at in range(1, seen(sheet) + 1):
            sheet.cell(9, at).value, sheet.cell(5, at).value = sheet.cell(5, at).value, None
        content = save()

    done = synced(content, *TOUS)

    assert done.content and notes(done.content) == NOTES
    assert opened(done.content)["Juin"].cell(9, 1).value is not None
    assert "2027-G-015 : sa clé a suivi sa ligne, qui a été déplacée" in done.changements


def test_what_could_be_two_things_is_told_and_left() -> None:
    with by_hand(three()) as (workbook, save):
        sheet = workbook["Juin"]
        suivi = column(sheet, "Dossier / suivi par")
        sheet.cell(4, suivi).value = "2027-G-015\nAmbre"  # shown twice, by two rows that are others
        sheet.cell(6, suivi).value = "2027-G-015\nAmbre"
        sheet.cell(5, suivi).value = None
        content = save()

    done = synced(content, *TOUS)

    errors = [one.message.partition(" (")[0] for one in done.problems if one.is_error]
    assert errors == ["2027-G-015 : sa ligne ne se reconnaît plus"]
    assert notes(done.content or content)["2027-G-015"] == "note de 15"


CLES = st.sampled_from(["", "A", "B", "C"])


@given(st.lists(st.tuples(CLES, CLES), min_size=1, max_size=6))
def test_no_row_is_given_to_two_and_no_key_is_lost(told: list[tuple[str, str]]) -> None:
    vues = [Vue(place, cle, montree) for place, (cle, montree) in enumerate(told)]

    found: Identites[int] = identify(vues)

    keys = {vue.cle for vue in vues if vue.cle}
    assert found.lignes.keys() | found.douteuses.keys() == keys
    assert not found.lignes.keys() & found.douteuses.keys()
    given_ = [place for places in found.lignes.values() for place in places[:1]]
    assert len(given_) == len(set(given_))
    for cle, old, new in found.suivies:
        assert (told[old][0], told[new][1], found.lignes[cle]) == (cle, cle, [new])
