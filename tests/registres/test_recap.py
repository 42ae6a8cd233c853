"""The monthly recap: our columns follow the dossiers, everything a human did in the workbook stays."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import Bureau, exemple
from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.registres.colonnes import colonnes_de
from toolkit.registres.lignes import Ligne
from toolkit.registres.recap import Synced, check, sync

JOUR = date(2027, 6, 4)
TOUTES = [*colonnes_de(Typologie.GROUPE).values()]
OURS = {one.key: one.titre(Typologie.GROUPE) for one in TOUTES if one.valeur}
"""Heading by key of what a dossier says of a group."""
AU_MUR = get_column_letter(sum(one.vue == "affichee" for one in TOUTES))
"""The last column that is on the wall."""
MOIS = [mois.capitalize() for mois in french.MOIS]


def une_ligne(
    cle: str = "2027-G-014", *, mois: int = 6, annulee_le: date | None = None, **valeurs: str | int | None
) -> Ligne:
    """A row of groups; what the test does not tell is the same for all."""
    debut = date(2027, mois, 17)
    usual: dict[str, str | int | date | None] = dict.fromkeys(OURS, "Néant")
    usual |= {"date": debut, "personnes": 42, "chauffeurs": 1, "client": f"Client de {cle}"}
    return Ligne(
        cle=cle,
        typologie=Typologie.GROUPE,
        annee=2027,
        mois=mois,
        debut=debut,
        fin=debut,
        heure=time(9, 45),
        valeurs={**usual, **valeurs},
        annulee_le=annulee_le,
    )


def synced(content: bytes | None, *lignes: Ligne, jour: date = JOUR) -> Synced:
    return sync(content, lignes, Typologie.GROUPE, 2027, jour)


def written(content: bytes | None, *lignes: Ligne, jour: date = JOUR) -> bytes:
    result = synced(content, *lignes, jour=jour)
    assert result.content is not None, result.problems
    return result.content


@cache
def vide() -> bytes:
    """A recap of June and July only: what a sheet keeps does not depend on the ten others, which take their time."""
    workbook = opened(written(None))
    for sheet in workbook.worksheets:
        if sheet.title not in ("Juin", "Juillet"):
            workbook.remove(sheet)
    return saved(workbook)


@cache
def inscrit() -> bytes:
    """The same with one booking in June."""
    return written(vide(), une_ligne())


def saved(workbook: Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


@contextmanager
def by_hand(content: bytes) -> Iterator[tuple[Workbook, Callable[[], bytes]]]:
    """A human opens the workbook, changes it and saves it."""
    workbook = opened(content)

    yield workbook, lambda: saved(workbook)


def column(sheet: Worksheet, heading: str) -> int:
    return next(cell.column for cell in sheet[3] if cell.value == heading)


def rows(content: bytes) -> list[tuple[str, dict[str, object]]]:
    """Sheet and values by heading of every row with a key."""
    found = []
    for sheet in opened(content).worksheets:
        headings = [cell.value for cell in sheet[3]]
        if "Clé" in headings:
            for row in sheet.iter_rows(min_row=4, values_only=True):
                values: dict[str, object] = dict(zip(map(str, headings), row, strict=True))
                if values["Clé"]:
                    found.append((sheet.title, values))
    return found


def one_row(content: bytes) -> dict[str, object]:
    ((_, values),) = rows(content)
    return values


# --- a new workbook -------------------------------------------------------------------------------------------------


def test_a_new_workbook_has_twelve_sheets_ready_to_print() -> None:
    workbook = opened(written(None, une_ligne()))

    assert workbook.sheetnames == MOIS
    for sheet in workbook.worksheets:
        assert sheet["A1"].value == f"Récap groupes – {sheet.title} 2027"
        assert [cell.value for cell in sheet[3]] == [one.titre(Typologie.GROUPE) for one in TOUTES]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.print_area.rpartition("!")[2].startswith(f"$A$1:${AU_MUR}$")
        assert sheet.freeze_panes == "A4"
        assert sheet.page_margins.left == pytest.approx(10 / 25.4)
        footer = sheet.HeaderFooter.oddFooter
        assert footer
        assert "page &P/&N" in str(footer.right.text)
        assert "affichage back office" in str(footer.left.text)
        hidden = [
            cell.value for cell in sheet[3] if sheet.column_dimensions[get_column_letter(cell.column or 1)].hidden
        ]
        assert hidden == [one.titre(Typologie.GROUPE) for one in TOUTES if one.vue == "masquee"]


def test_a_booking_has_its_row_in_its_month() -> None:
    content = written(None, une_ligne("2027-G-014"), une_ligne("2027-G-002", mois=12, personnes="40 + 2"))

    assert [(sheet, values["Clé"], values["Pers."]) for sheet, values in rows(content)] == [
        ("Juin", "2027-G-014", 42),
        ("Décembre", "2027-G-002", "40 + 2"),
    ]


def test_rows_of_a_new_workbook_are_in_the_order_of_arrival() -> None:
    late, early = une_ligne("a"), replace(une_ligne("b"), heure=time(8))

    assert [values["Clé"] for _, values in rows(written(None, late, early))] == ["b", "a"]


def test_a_new_row_is_taken_into_the_print_area() -> None:
    content = written(None, *(une_ligne(f"2027-G-{number:03d}") for number in range(30)))

    assert opened(content)["Juin"].print_area.endswith(f"${AU_MUR}$33")


def test_the_individual_recap_has_its_own_columns() -> None:
    ours = colonnes_de(Typologie.INDIVIDUEL)
    ligne = replace(
        une_ligne("2027-I-006"), typologie=Typologie.INDIVIDUEL, valeurs={**dict.fromkeys(ours), "personnes": 2}
    )

    content = sync(None, [ligne], Typologie.INDIVIDUEL, 2027, JOUR).content

    assert content
    headings = [cell.value for cell in opened(content)["Juin"][3]]
    assert headings == [one.titre(Typologie.INDIVIDUEL) for one in ours.values()]
    assert "Enfants" in headings
    assert "Chauf." not in headings


# --- the same rows again --------------------------------------------------------------------------------------------


def test_running_twice_changes_nothing() -> None:
    lignes = une_ligne(), une_ligne("2027-G-002", mois=1, personnes=None, repas="0123")
    content = written(None, *lignes)

    assert synced(content, *lignes, jour=date(2027, 6, 5)) == Synced(None)


def test_a_changed_value_is_written_said_and_coloured() -> None:
    content = written(inscrit(), une_ligne(personnes=38), jour=date(2027, 6, 5))

    values = one_row(content)
    assert values["Pers."] == 38
    assert values["Modifications"] == "05/06/2027 – « Pers. » : 42 → 38"
    sheet = opened(content)["Juin"]
    assert sheet.cell(4, column(sheet, "Pers.")).fill.fgColor.rgb == "00FFF9C4"
    assert sheet.cell(4, column(sheet, "Groupe / client")).fill.fgColor.rgb == "00000000"


def test_an_office_may_do_without_the_colour() -> None:
    reglages = ReglagesRecap(marquer_modifications=False)
    content = sync(inscrit(), [une_ligne(personnes=38)], Typologie.GROUPE, 2027, JOUR, reglages).content

    assert content
    sheet = opened(content)["Juin"]
    assert sheet.cell(4, column(sheet, "Pers.")).fill.fgColor.rgb == "00000000"
    assert "42 → 38" in str(one_row(content)["Modifications"])


def test_a_missing_value_is_orange() -> None:
    sheet = opened(written(vide(), une_ligne(personnes=None)))["Juin"]

    assert sheet.cell(4, column(sheet, "Pers.")).fill.fgColor.rgb == "00FCD5B4"


def test_rows_of_other_dossiers_stay() -> None:
    content = written(vide(), une_ligne("a"), une_ligne("b"))

    content = written(content, une_ligne("a", personnes=7))

    assert [(values["Clé"], values["Pers."]) for _, values in rows(content)] == [("a", 7), ("b", 42)]


def test_text_stays_text() -> None:
    texts = ["=1+1", "#N/A", "+33 2", "-1", "@x", "007", "1e5", "2027-06-17", "TRUE", "'a", "a\nb", "_x000D_", "é😀"]
    lignes = [une_ligne(f"2027-G-{number:03d}", client=text) for number, text in enumerate(texts)]
    result = synced(vide(), *lignes)
    assert check(result) is None
    content = result.content
    assert content

    sheet = opened(content)["Juin"]
    cells = [sheet.cell(row, column(sheet, "Groupe / client")) for row in range(4, 4 + len(texts))]
    assert [unescape(str(cell.value)) for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells[:8]), "typing Enter on it leaves it a text"
    assert synced(content, *lignes).content is None


# --- another month, a cancellation ----------------------------------------------------------------------------------


def test_another_month_moves_the_row_with_what_people_wrote() -> None:
    with by_hand(inscrit()) as (workbook, save):
        for sheet in workbook.worksheets:
            sheet.cell(3, 20, "Guide")
        june = workbook["Juin"]
        june.cell(3, 21, "Badges")
        observations = june.cell(4, column(june, "Observations accueil"), "Clé sous le pot")
        observations.fill = PatternFill("solid", fgColor="0000FF00")
        june.cell(4, column(june, "Repas"), "Sandwichs")
        june.cell(4, 20, 12)
        june.cell(4, 21, "prêts")
        june.cell(4, 3).comment = Comment("Appeler avant", "Accueil")
        content = save()

    result = synced(content, une_ligne(mois=7))

    assert result.content
    ((title, values),) = rows(result.content)
    assert title == "Juillet"
    assert values["Date"] is not None
    assert (values["Observations accueil"], values["Guide"]) == ("Clé sous le pot", 12)
    assert "déplacé de la feuille « Juin »" in str(values["Modifications"])
    assert "« Sandwichs » saisi à la main" in str(values["Modifications"])
    assert any("Sandwichs" in problem.message for problem in result.problems)
    july, june = opened(result.content)["Juillet"], opened(result.content)["Juin"]
    assert june.cell(4, 3).comment
    assert "note restée en « Juin » C4 : Appeler avant" in str(values["Modifications"])
    assert july.cell(4, column(july, "Observations accueil")).fill.fgColor.rgb == "0000FF00"
    assert [cell.value for cell in june[4] if cell.value is not None] == ["prêts"]
    assert synced(result.content, une_ligne(mois=7)).content is None


def test_a_cancelled_booking_is_struck_through_once_and_can_come_back() -> None:
    cancelled = une_ligne(annulee_le=date(2027, 6, 2))
    content = written(inscrit(), cancelled)

    assert one_row(content)["Modifications"] == "04/06/2027 – ANNULÉ le 02/06/2027"
    assert opened(content)["Juin"].cell(4, 1).font.strike
    assert synced(content, cancelled).content is None

    content = written(content, une_ligne())
    assert not opened(content)["Juin"].cell(4, 1).font.strike
    assert str(one_row(content)["Modifications"]).endswith("RÉTABLI")
    assert synced(content, une_ligne()).content is None

    content = written(content, cancelled)
    assert opened(content)["Juin"].cell(4, 1).font.strike


def test_a_cancelled_booking_without_a_row_gets_none() -> None:
    content = written(vide(), une_ligne("autre"))

    assert synced(content, une_ligne(annulee_le=date(2027, 6, 2))) == Synced(None)


def test_what_no_cell_can_hold_is_left_out() -> None:
    ligne = une_ligne(client="a\x00b\x0bc\ud800\r\nd", programme="x" * 40_000)
    result = synced(vide(), ligne)
    assert check(result) is None
    assert result.content

    values = one_row(result.content)
    assert values["Groupe / client"] == "abc\nd"
    assert len(str(values["Programme"])) == 32_767
    assert synced(result.content, ligne).content is None


def test_the_oldest_changes_leave_a_cell_that_is_full() -> None:
    with by_hand(inscrit()) as (workbook, save):
        june = workbook["Juin"]
        june.cell(4, column(june, "Modifications"), "\n".join(["vieille", "x" * 32_740]))
        content = save()

    text = str(one_row(written(content, une_ligne(personnes=38)))["Modifications"])

    assert "vieille" not in text
    assert text.endswith("42 → 38")


def test_a_last_day_that_moves_is_shown() -> None:
    longer = replace(une_ligne(), fin=date(2027, 6, 19))
    content = written(inscrit(), longer)

    sheet = opened(content)["Juin"]
    assert sheet.cell(4, 1).number_format == 'dd/mm" – 19/06"'
    assert one_row(content)["Modifications"] == "04/06/2027 – « Date » : jusqu'au 19/06"
    assert synced(content, longer).content is None
    assert opened(written(content, une_ligne()))["Juin"].cell(4, 1).number_format == "[$-40C]ddd dd/mm"


@pytest.mark.parametrize("name", ["JUIN", "Juin 2027", "06 - Juin", "juin 27"])
def test_a_month_is_known_by_any_of_its_names(name: str) -> None:
    with by_hand(vide()) as (workbook, save):
        workbook["Juin"].title = "x"
        workbook["x"].title = name
        content = save()

    assert [sheet for sheet, _ in rows(written(content, une_ligne()))] == [name]


# --- what is a human's ----------------------------------------------------------------------------------------------


def test_nothing_of_a_human_is_overwritten() -> None:
    green = PatternFill("solid", fgColor="0000FF00")
    with by_hand(written(vide(), une_ligne("a"), une_ligne("b"))) as (workbook, save):
        june = workbook["Juin"]
        june.cell(3, 20, "Guide").fill = green
        june.cell(4, 20, "Hélène")
        june.cell(4, column(june, "Observations accueil"), "Badge à préparer")
        june.cell(4, column(june, "Pers.")).fill = green
        june.cell(4, column(june, "Pers.")).comment = Comment("Dont 3 en retard", "Accueil")
        june.cell(6, 1, "Réunion du personnel")
        june["A2"] = "Affiché le 28 mai"
        june.column_dimensions["C"].width = 55
        notes = workbook.create_sheet("Notes")
        notes["A1"], notes["B2"] = "Clés du local", "=1+1"
        content = save()

    content = written(content, une_ligne("a", personnes=38), une_ligne("c"))

    workbook = opened(content)
    june = workbook["Juin"]
    assert (june.cell(3, 20).value, june.cell(4, 20).value) == ("Guide", "Hélène")
    assert june.cell(4, column(june, "Observations accueil")).value == "Badge à préparer"
    pers = june.cell(4, column(june, "Pers."))
    assert pers.value == 38
    assert pers.fill.fgColor.rgb == "0000FF00"
    assert pers.comment
    assert pers.comment.text == "Dont 3 en retard"
    assert june.cell(6, 1).value == "Réunion du personnel"
    assert june.cell(7, column(june, "Clé")).value == "c"
    assert june["A2"].value == "Affiché le 28 mai"
    assert june.column_dimensions["C"].width == 55
    assert (workbook["Notes"]["A1"].value, workbook["Notes"]["B2"].value) == ("Clés du local", "=1+1")


def test_moved_columns_are_found_by_their_heading() -> None:
    with by_hand(written(vide(), une_ligne("a"))) as (workbook, save):
        june = workbook["Juin"]
        june.insert_cols(1, 2)
        june.insert_rows(1)
        june.cell(4, 1, "À nous")
        june.cell(5, 1, "texte")
        content = save()

    content = written(content, une_ligne("a", personnes=38))

    june = opened(content)["Juin"]
    headings = [cell.value for cell in june[4]]
    assert june.cell(5, headings.index("Pers.") + 1).value == 38
    assert june.cell(5, 1).value == "texte"
    assert synced(content, une_ligne("a", personnes=38)).content is None


def test_a_count_in_a_cell_that_shows_days_is_shown_as_a_count() -> None:
    with by_hand(written(vide(), une_ligne("a"))) as (workbook, save):
        june = workbook["Juin"]
        column = next(cell.column for cell in june[3] if cell.value == "Pers.")
        june.cell(4, column).number_format = "dd/mm/yyyy"
        content = save()

    result = synced(content, une_ligne("a", personnes=38))

    assert result.content is not None
    assert check(result) is None
    assert opened(result.content)["Juin"].cell(4, column).value == 38


def test_a_value_typed_over_ours_is_kept_with_its_date_and_told() -> None:
    with by_hand(inscrit()) as (workbook, save):
        june = workbook["Juin"]
        june.cell(4, column(june, "Pers."), 45)
        content = save()

    result = synced(content, une_ligne())

    assert result.content
    values = one_row(result.content)
    assert values["Pers."] == 42
    assert values["Modifications"] == "04/06/2027 – « Pers. » : « 45 » saisi à la main, remis à « 42 »"
    (problem,) = result.problems
    assert not problem.is_error
    assert "2027-G-014" in problem.message
    assert synced(result.content, une_ligne()).content is None


def test_a_row_copied_by_hand_is_told_and_both_stay() -> None:
    with by_hand(inscrit()) as (workbook, save):
        june = workbook["Juin"]
        for number in range(1, june.max_column + 1):
            june.cell(9, number, june.cell(4, number).value)
        content = save()

    result = synced(content, une_ligne(personnes=38))

    assert result.content
    assert [values["Pers."] for _, values in rows(result.content)] == [38, 42]
    assert "« Juin » ligne 4 et « Juin » ligne 9" in result.problems[0].message


def test_a_column_of_ours_that_was_deleted_is_done_without() -> None:
    with by_hand(inscrit()) as (workbook, save):
        june = workbook["Juin"]
        june.delete_cols(column(june, "Pers."))
        content = save()

    content = written(content, une_ligne(repas="Pique-nique"))

    assert "Pers." not in one_row(content)
    assert one_row(content)["Repas"] == "Pique-nique"


def test_two_columns_with_our_heading_are_told_and_neither_is_written() -> None:
    with by_hand(inscrit()) as (workbook, save):
        june = workbook["Juin"]
        june.insert_cols(1)
        june.cell(3, 1, "Date")
        june.cell(4, 1, "jeudi en huit")
        content = save()

    result = synced(content, une_ligne(personnes=38), une_ligne("autre", mois=7))

    assert result.content
    june = opened(result.content)["Juin"]
    assert june.cell(4, 1).value == "jeudi en huit"
    assert june.cell(4, column(june, "Pers.")).value == 42
    (problem,) = result.problems
    assert problem.is_error
    assert "deux colonnes « Date »" in problem.message


def test_a_sheet_that_was_renamed_is_told_and_the_others_go_on() -> None:
    with by_hand(written(vide(), une_ligne("a"))) as (workbook, save):
        workbook["Juillet"].title = "Été"
        content = save()

    result = synced(content, une_ligne("b", mois=7), une_ligne("c"))

    assert result.content
    assert [values["Clé"] for _, values in rows(result.content)] == ["a", "c"]
    assert "Juillet" in result.problems[0].message


def test_a_new_row_goes_into_the_blank_rows_above_a_total() -> None:
    with by_hand(inscrit()) as (workbook, save):
        june = workbook["Juin"]
        june.cell(7, 1, "Total")
        june.cell(7, column(june, "Pers."), "=SUM(E4:E6)")
        content = save()

    content = written(content, une_ligne("b"), une_ligne("c"), une_ligne("d"))

    june = opened(content)["Juin"]
    keys = [june.cell(row, column(june, "Clé")).value for row in range(4, 9)]
    assert keys == ["2027-G-014", "b", "c", None, "d"]
    assert june.cell(7, column(june, "Pers.")).value == "=SUM(E4:E6)"


def test_a_new_row_goes_below_merged_cells() -> None:
    with by_hand(written(vide(), une_ligne("a"))) as (workbook, save):
        workbook["Juin"].cell(6, 1, "Pont de l'Ascension")
        workbook["Juin"].merge_cells("A6:P9")
        content = save()

    content = written(content, une_ligne("b"))

    assert opened(content)["Juin"].cell(10, 5).value == 42


# --- workbooks that are left as they are ----------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"\0" * 5_000])
def test_what_is_no_workbook_is_told_and_left(content: bytes) -> None:
    result = synced(content, une_ligne())

    assert result.content is None
    assert "laissé tel quel" in result.problems[0].message


def test_half_a_workbook_is_told_and_left() -> None:
    content = inscrit()

    for share in range(1, 8):
        assert synced(content[: len(content) * share // 8], une_ligne(personnes=1)).content is None


def test_a_damaged_workbook_is_told_and_left_or_whole_afterwards() -> None:
    """Parts with a few letters changed: what comes out is read back, or nothing does."""
    chance = random.Random(20270604)
    for _ in range(60):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(inscrit())) as source, zipfile.ZipFile(out, "w") as target:
            chosen = chance.choice([name for name in source.namelist() if name.startswith("xl/")])
            for name in source.namelist():
                part = bytearray(source.read(name))
                if name == chosen:
                    for _ in range(chance.randint(1, 4)):
                        part[chance.randrange(len(part))] = chance.choice(b'0129AZ<>"=/rs')
                target.writestr(name, bytes(part))

        result = synced(out.getvalue(), une_ligne(personnes=38))

        assert result.content is None or check(result) is None or not is_opened(out.getvalue())
        assert result.problems or result.content


def is_opened(content: bytes) -> bool:
    try:
        opened(content)
    except Exception:
        return False
    return True


def test_a_workbook_without_our_columns_is_told_and_left() -> None:
    assert "« Clé »" in synced(saved(Workbook()), une_ligne()).problems[0].message


# --- any sequence ---------------------------------------------------------------------------------------------------

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["2027-G-001", "2027-G-002", "2027-G-003"]),
        st.sampled_from([6, 7]),
        st.sampled_from([None, 1, 42]),
        st.sampled_from([None, None, date(2027, 6, 1)]),
    ),
    min_size=1,
    max_size=3,
)


@given(CHANGES)
@settings(max_examples=5, derandomize=True, deadline=None)
def test_any_sequence_of_changes_leaves_each_key_once(
    changes: Sequence[tuple[str, int, int | None, date | None]],
) -> None:
    content = written(vide(), une_ligne("2027-G-001"))
    known = {"2027-G-001"}
    for cle, mois, personnes, annulee_le in changes:
        ligne = une_ligne(cle, mois=mois, personnes=personnes, annulee_le=annulee_le)
        content = synced(content, ligne).content or content
        known |= set() if annulee_le else {cle}
        found = {str(values["Clé"]): (sheet, values["Pers."]) for sheet, values in rows(content)}
        assert sorted(str(values["Clé"]) for _, values in rows(content)) == sorted(known)
        if annulee_le is None:
            assert found[cle] == (MOIS[mois - 1], personnes)
        assert synced(content, ligne).content is None


# --- from dossier.toml to the workbook ------------------------------------------------------------------------------


def test_a_finalised_dossier_is_entered_and_a_second_run_does_nothing(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("recap", bureau.root, le=date(2027, 6, 10)).status == 0
    path = bureau.root / "Groupe/2027/Récap groupes par mois.xlsx"
    values = one_row(path.read_bytes())
    before = path.stat().st_mtime_ns

    assert values["Pers."] == 40
    assert "Les Aînés de Sainte-Fiction" in str(values["Groupe / client"])
    assert "Modèle" in str(values["Responsable sur place"]) or "Spécimen" in str(values["Responsable sur place"])
    assert "v3" in str(values["Bons d'échange"])
    assert bureau.run("recap", bureau.root, le=date(2027, 6, 11)).status == 0
    assert path.stat().st_mtime_ns == before
