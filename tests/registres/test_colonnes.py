"""The table of the columns: one row of it is a column of the recap, and nothing else has to be told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import pytest
from openpyxl.utils import get_column_letter

from tests.conftest import Bureau, exemple
from tests.registres.test_recap import JOUR, by_hand, column, one_row, opened, synced, une_ligne, written
from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ColonnesRecap, ReglagesRecap
from toolkit.registres import affichage, colonnes, recap
from toolkit.registres.adoption import propose
from toolkit.registres.cellules import Valeur
from toolkit.registres.colonnes import COLONNES, Colonne, colonnes_de

OPTION = Colonne(
    "option",
    {Typologie.GROUPE: "Option jusqu'au", Typologie.INDIVIDUEL: "Option"},
    largeur=12.5,
    valeur=lambda fiche: fiche.dossier.devis.envoye_le,
    nature="jour",
    mots=("option",),
)
CARS = Colonne("cars", {Typologie.GROUPE: "Cars"}, largeur=6.5, valeur=lambda fiche: 2, nature="nombre")
BADGE = Colonne("badge", "Badge", largeur=9, vue="classeur", valeur=lambda fiche: fiche.dossier.reference)


@pytest.fixture
def enlarged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows more in the table: a day, a number that groups only have, and what is not for the wall."""
    at = [one.key for one in COLONNES].index("programme")
    monkeypatch.setattr(colonnes, "COLONNES", (*COLONNES[:at], OPTION, CARS, *COLONNES[at:-3], BADGE, *COLONNES[-3:]))


def valeurs(**more: Valeur) -> Mapping[str, Valeur]:
    return {**une_ligne().valeurs, "option": date(2027, 5, 3), "cars": 2, "badge": "rouge", **more}


def test_keys_and_headings_are_told_once() -> None:
    assert len({one.key for one in COLONNES}) == len(COLONNES)
    for typologie in Typologie:
        titres = [french.fold(one.titre(typologie)) for one in colonnes_de(typologie).values()]
        assert len(set(titres)) == len(titres)
        assert all(titres)


def test_what_is_recognised_in_an_old_workbook_has_its_setting() -> None:
    assert {one.key for one in COLONNES if one.mots} == set(ColonnesRecap.model_fields)


def test_what_is_on_the_wall_stands_together() -> None:
    vues = [one.vue for one in COLONNES]

    assert vues == sorted(vues, key=["affichee", "classeur", "masquee"].index)


@pytest.mark.usefixtures("enlarged")
def test_a_column_more_is_laid_out_filled_and_kept_in_sync() -> None:
    content = written(None, replace(une_ligne(), valeurs=valeurs()))

    june = opened(content)["Juin"]
    letter = get_column_letter(column(june, "Option jusqu'au"))
    assert june.column_dimensions[letter].width == OPTION.largeur
    assert column(june, "Option jusqu'au") + 1 == column(june, "Cars") == column(june, "Programme") - 1
    assert june.cell(4, column(june, "Cars")).alignment.horizontal == "center"
    wall = [one for one in colonnes_de(Typologie.GROUPE).values() if one.vue == "affichee"]
    last = get_column_letter(column(june, wall[-1].titre(Typologie.GROUPE)))
    assert june.print_area.rpartition("!")[2] == f"$A$1:${last}$4"
    values = one_row(content)
    assert (values["Option jusqu'au"], values["Cars"], values["Badge"]) == (datetime(2027, 5, 3), 2, "rouge")
    assert june.cell(4, column(june, "Option jusqu'au")).number_format == "[$-40C]ddd dd/mm"

    later = replace(une_ligne(), valeurs=valeurs(option=date(2027, 5, 10), cars=None))
    result = synced(content, later)
    assert result.content
    assert recap.check(result) is None
    values = one_row(result.content)
    assert (values["Option jusqu'au"], values["Cars"]) == (datetime(2027, 5, 10), None)
    assert "« Option jusqu'au » : 2027-05-03 → 2027-05-10" in str(values["Modifications"])
    assert "« Cars » : 2 → vide" in str(values["Modifications"])
    june = opened(result.content)["Juin"]
    assert june.cell(4, column(june, "Option jusqu'au")).fill.fgColor.rgb == "00FFF9C4"
    assert june.cell(4, column(june, "Cars")).fill.fgColor.rgb == "00FCD5B4"
    assert synced(result.content, later).content is None


@pytest.mark.usefixtures("enlarged")
def test_a_column_more_is_told_when_the_month_is_posted() -> None:
    content = written(None, replace(une_ligne(), valeurs=valeurs()))
    posted = affichage.post(content, Typologie.GROUPE, 2027, 6, JOUR, ReglagesRecap())
    assert posted
    assert posted.content

    content = written(posted.content, replace(une_ligne(), valeurs=valeurs(option=date(2027, 5, 10))))
    posted = affichage.post(content, Typologie.GROUPE, 2027, 6, JOUR, ReglagesRecap())

    assert posted
    assert posted.changements[0].endswith("Option jusqu'au : 03/05/2027 → 10/05/2027")


@pytest.mark.usefixtures("enlarged")
def test_a_column_more_is_recognised_in_an_old_workbook() -> None:
    with by_hand(written(None)) as (workbook, save):
        june = workbook["Juin"]
        june.cell(3, column(june, "Option jusqu'au"), "Date d'option")
        content = save()

    proposal = propose(content, "Récap.xlsx", Typologie.GROUPE)

    assert proposal
    assert "option" in proposal.colonnes
    assert "Cars" in proposal.absentes


def test_a_workbook_from_before_a_row_was_added_takes_it_once_its_heading_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = written(None, une_ligne())
    monkeypatch.setattr(colonnes, "COLONNES", (*COLONNES, CARS))
    ligne = replace(une_ligne(), valeurs={**une_ligne().valeurs, "cars": 2})
    assert synced(before, ligne).content is None
    with by_hand(before) as (workbook, save):
        june = workbook["Juin"]
        june.cell(3, june.max_column + 1, "Cars")
        content = save()

    assert one_row(written(content, ligne))["Cars"] == 2


@pytest.mark.usefixtures("enlarged")
def test_a_column_more_is_filled_from_the_dossier(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"))

    assert bureau.run("recap", bureau.root, le=date(2027, 6, 10)).status == 0

    values = one_row((bureau.root / "Groupe/2027/Récap groupes par mois.xlsx").read_bytes())
    assert (values["Cars"], values["Badge"]) == (2, values["Clé"])
