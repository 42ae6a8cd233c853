"""Paths that Windows, Word or Excel could not open are refused before anything is written, with a shorter name."""

import re

import pytest

from tests.conftest import Bureau, Run, exemple
from tests.dossiers import jusqu_a, toml
from toolkit.dossier.etat import Etat
from toolkit.tree import path_limits
from toolkit.tree.settings import load_settings


def seen_from_far(bureau: Bureau, length: int) -> None:
    """The desktops see the root at the end of a path of so many characters."""
    office = bureau.root / "office.toml"
    text = office.read_text(encoding="utf-8")
    seen = "L:\\" + "x" * (length - 3)
    text = re.sub(r"(?m)^vu_des_postes = .*$", lambda _: f"vu_des_postes = '{seen}'", text)
    office.write_text(text, encoding="utf-8")


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


def test_the_client_proposed_is_accepted(bureau: Bureau) -> None:
    seen_from_far(bureau, 100)

    def nouveau(client: str) -> Run:
        return bureau.run("nouveau", bureau.root, "groupe", client, "2027-06-17", "--participants", "42", "--json")

    refused = nouveau("Amicale des anciens marins de Sainte-Fiction")
    short = re.search(r"par exemple «\W(.*?)\W»", refused.json["erreur"])

    assert refused.status == 1
    assert not (bureau.root / "Groupe").exists()
    assert short
    assert nouveau(short[1]).status == 0


def test_documents_out_of_reach_wait_and_the_others_are_made(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    seen_from_far(bureau, 120)

    run = bureau.run("generer", folder, "--sans-pdf", "--json")

    [dossier] = run.json["dossiers"]
    steps = {step["fichier"]: step["action"] for step in dossier["etapes"]}
    assert run.status == 1
    assert steps["3 Contrat/Contrat 2027-G-014.docx"] == "creer"
    assert steps["4 Bons d'échange/BE 2027-G-014-P3 La Table du Pollet v3.docx"] == "attendre"
    assert steps["6 Carnet/Carnet de voyage 2027-G-014.pdf"] == "attendre"
    [told] = [one["message"] for one in dossier["problemes"] if "Windows" in one["message"]]
    assert "renommer le dossier, par exemple" in told
    short = re.search(r"par exemple «\W(.*?)\W»", told)
    assert short

    renamed = folder.rename(folder.with_name(short[1]))
    again = bureau.run("generer", renamed, "--sans-pdf", "--json").json["dossiers"][0]

    assert not any("Windows" in one["message"] for one in again["problemes"])
    assert (renamed / "4 Bons d'échange/BE 2027-G-014-P3 La Table du Pollet v3.docx").is_file()


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
