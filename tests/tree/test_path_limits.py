"""Paths that Windows, Word or Excel could not open are refused before anything is written, with a shorter name."""

import re
from pathlib import Path

import pytest

from tests.conftest import Bureau, exemple
from tests.dossiers import jusqu_a, toml
from toolkit.dossier.etat import Etat
from toolkit.tree import path_limits
from toolkit.tree.settings import load_settings


def seen_from_far(bureau: Bureau, length: int) -> None:
    """The desktops see the root at the end of a path of so many characters."""
    bureau.seen_from("L:\\" + "x" * (length - 3))


@pytest.mark.parametrize(
    ("name", "length", "over"),
    [
        ("contrat.docx", 259, 0),
        ("contrat.docx", 260, 1),
        ("contrat.pdf", 300, 41),
        ("Récap.xlsx", 218, 0),
        ("Récap.xlsx", 219, 1),
        ("😀.docx", 259, 1),
    ],
)
def test_what_counts_is_the_path_that_the_desktops_see(name: str, length: int, over: int, bureau: Bureau) -> None:
    seen_from_far(bureau, length - 1 - len(name))
    settings = load_settings(bureau.root)

    assert path_limits.excess(bureau.root, settings.office, bureau.root / name) == over


@pytest.mark.parametrize(
    ("name", "by", "short"),
    [
        ("2027-06-17 Amicale des retraités de Sainte-Fiction 42p", 10, "2027-06-17 Amicale des retraités 42p"),
        ("2027-06-17 Amicale des retraités de Sainte-Fiction 42p", 20, "2027-06-17 Amicale 42p"),
        ("Amicale des retraités", 1, "Amicale"),
        ("2027-06-17 Rotary 42p", 1, "2027-06-17 Rotar 42p"),
        ("2027-06-17 Rotary 42p", 2, None),
    ],
)
def test_the_name_proposed_keeps_the_date_and_the_number(name: str, by: int, short: str | None) -> None:
    found = path_limits.shorten(name, by)

    assert (found[1] if found else None) == short


def test_documents_out_of_reach_wait_and_the_others_are_made(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    seen_from_far(bureau, 130)

    run = bureau.run("generer", folder, "--sans-pdf", "--json")

    [dossier] = run.json["dossiers"]
    steps = {step["fichier"]: step["action"] for step in dossier["etapes"]}
    assert run.status == 1
    assert steps["3 Contrat/Contrat 2027-G-014.docx"] == "attendre"
    assert steps["4 Bons d'échange/BE 2027-G-014-P3 v3.docx"] == "creer"
    [told] = [one["message"] for one in dossier["problemes"] if "Windows" in one["message"]]
    assert "renommer le dossier, par exemple" in told
    short = re.search(r"par exemple «\W(.*?)\W»", told)
    assert short

    renamed = folder.rename(folder.with_name(short[1]))
    again = bureau.run("generer", renamed, "--sans-pdf", "--json").json["dossiers"][0]

    assert not any("Windows" in one["message"] for one in again["problemes"])
    assert (renamed / "3 Contrat/Contrat 2027-G-014.docx").is_file()


def test_a_recap_that_excel_could_not_open_is_not_made(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    seen_from_far(bureau, 190)

    run = bureau.run("generer", folder, "--sans-pdf", "--json")

    assert run.status == 1
    assert any("trop long pour Excel" in one["message"] for one in run.json["problemes"])
    assert not list(bureau.root.rglob("*.xlsx"))


def test_a_former_document_is_kept_under_a_name_that_opens(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.ACCEPTE)))
    seen_from_far(bureau, 128)
    assert bureau.run("generer", folder, "--sans-pdf").status == 0
    folder.joinpath("dossier.toml").write_text(toml(*jusqu_a(Etat.ACCEPTE), 'client.nom = "Autre"'), encoding="utf-8")

    assert bureau.run("generer", folder, "--sans-pdf").status == 0

    settings = load_settings(bureau.root)
    assert bureau.files(folder / "3 Contrat/Remplacés") == {"Contrat du 2027-06-04.docx"}
    for path in folder.rglob("Remplacés/*"):
        assert path_limits.excess(bureau.root, settings.office, path) == 0


# --- vouchers: the supplier's name takes the room that is left -------------------------------------------------------


def vouchers(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("4 Bons d'échange/*.docx")}


@pytest.mark.parametrize(
    ("length", "before", "after"),
    [
        (60, "La Table du Pollet v3", "La Table du Pollet v4 ANNULATION"),
        (94, "La Table du Pollet v3", "La Table v4 ANNULATION"),
        (100, "La Table du Pollet v3", "La Table v4 ANNULATION"),
        (108, "La Table v3", "v4 ANNULATION"),
        (118, "v3", None),
    ],
)
def test_whoever_was_told_of_a_booking_can_be_told_that_it_is_cancelled(
    bureau: Bureau, length: int, before: str, after: str | None
) -> None:
    seen_from_far(bureau, length)
    folder = bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("generer", folder, "--sans-pdf").status == 0
    assert f"BE 2027-G-014-P3 {before}.docx" in vouchers(folder)

    done = bureau.run("classer", folder, "annule", "--motif", "Essai", "--sans-pdf", "--json")

    moved = bureau.root / done.json["chemin"]
    told = {f"BE 2027-G-014-P{number}" for number in range(1, 5)}
    assert done.status == (after is None)
    if after:
        assert f"BE 2027-G-014-P3 {after}.docx" in vouchers(moved)
        assert {name[:16] for name in vouchers(moved) if "ANNULATION" in name} == told
        settings = load_settings(bureau.root)
        assert not any(path_limits.excess(bureau.root, settings.office, path) for path in moved.rglob("*"))
    else:
        [problem] = [one["message"] for one in done.json["dossiers"][0]["problemes"] if "Windows" in one["message"]]
        assert "renommer le dossier, par exemple" in problem


def test_a_voucher_keeps_the_name_under_which_it_was_made(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder, "--sans-pdf")
    before = vouchers(folder)
    suppliers = bureau.root / "prestataires.toml"
    suppliers.write_text(suppliers.read_text(encoding="utf-8").replace("La Table du Pollet", "Chez Paul"), "utf-8")
    seen_from_far(bureau, 108)

    bureau.run("generer", folder, "--sans-pdf")

    assert vouchers(folder) == before


CHANGE_DE_GUIDE = """
[[avenants]]
numero = 3
objet = "programme"
demande_canal = "mail"
demande_recue_le = 2027-05-20
signe_client_le = 2027-06-04
signe_direction_le = 2027-06-04
[[avenants.prestations]]
id = "P1"
prestataire = "musee"
[avenants.prestations.option]
demandee_le = 2027-05-20
confirmee_le = 2027-05-21
"""


def test_two_suppliers_of_one_service_never_share_a_file(bureau: Bureau) -> None:
    suppliers = bureau.root / "prestataires.toml"
    text = suppliers.read_text(encoding="utf-8").replace("Château-musée", "Hélène Fabulette, guide-conférencière")
    suppliers.write_text(text, encoding="utf-8")
    folder = bureau.dossier(exemple("dossier_groupe") + CHANGE_DE_GUIDE)

    bureau.run("generer", folder, "--sans-pdf")

    assert {name for name in vouchers(folder) if "-P1 " in name} == {
        "BE 2027-G-014-P1 Hélène Fabulette v4 ANNULATION.docx",
        "BE 2027-G-014-P1 musee.docx",
    }
