"""A signed paper stays true: whatever it says and the facts no longer do is told, by its name (promesses.md §6)."""

import pytest

from tests.conftest import Bureau, exemple
from tests.modeles_word import changed
from toolkit.french import NBSP
from toolkit.tree.shipped import MODELES

WORD = "3 Contrat/Contrat 2027-G-014.docx"


def told_after(bureau: Bureau, *changes: tuple[str, str]) -> tuple[list[str], list[str]]:
    """Errors and warnings about the contract, once the facts of a signed one have changed."""
    folder = bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("generer", folder).status == 0
    sent = (folder / WORD).read_bytes()
    bureau.dossier(exemple("dossier_groupe", *changes))
    run = bureau.run("generer", folder, "--json")
    assert (folder / WORD).read_bytes() == sent
    (one,) = run.json["dossiers"]
    about = [p for p in one["problemes"] if "« Contrat" in p["message"].replace(NBSP, " ")]
    return (
        [p["message"] for p in about if p["gravite"] == "erreur"],
        [p["message"] for p in about if p["gravite"] == "avertissement"],
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ([("participants   = 42", "participants   = 44")], "effectif.participants"),
        ([('signataire        = "directrice-adjointe"', 'signataire        = "directeur"')], "signataire"),
        ([('pays       = "France"', 'pays       = "Belgique"')], "client.pays"),
        ([("prix_par_personne = 59.00", "prix_par_personne = 61.00")], "montants.acompte"),
    ],
)
def test_a_changed_fact_is_an_error_that_names_it(changes: list[tuple[str, str]], name: str, bureau: Bureau) -> None:
    errors, _ = told_after(bureau, *changes)

    (error,) = errors
    assert name in error
    assert "noter un avenant" in error


def test_other_coordinates_are_told_and_block_nothing(bureau: Bureau) -> None:
    errors, warnings = told_after(bureau, ('telephone  = "02 35 00 00 31"', 'telephone  = "02 35 00 00 39"'))

    assert errors == []
    (warning,) = warnings
    assert "client.telephone" in warning


def test_a_payment_changes_nothing_that_was_agreed(bureau: Bureau) -> None:
    payment = '\n[[paiement.encaissements]]\nnature  = "solde"\nmontant = 100.00\nrecu_le = 2027-05-20\n'
    assert told_after(bureau, ("\n[carnet]", f"{payment}\n[carnet]")) == ([], [])


def test_a_changed_setting_of_the_office_commits_no_dossier(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    office = bureau.root / "office.toml"
    text = office.read_text(encoding="utf-8")
    office.write_text(text.replace("02 35 00 00 01", "02 35 00 00 99"), encoding="utf-8")
    assert office.read_text(encoding="utf-8") != text

    assert bureau.run("generer", folder).status == 0


def test_the_words_of_a_register_may_be_corrected_and_another_supplier_is_told(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    register = bureau.root / "prestataires.toml"
    text = register.read_text(encoding="utf-8")
    register.write_text(text.replace("Hélène", "Helene").replace("(fictif)", "(fictive)"), encoding="utf-8")
    assert register.read_text(encoding="utf-8") != text

    assert bureau.run("generer", folder).status == 0
    errors, _ = told_after(bureau, ('prestataire = "guide-1"', 'prestataire = "resto-pollet"'))
    assert any("programme.prestataire" in error for error in errors)


def test_a_corrected_model_changes_no_fact_but_a_fact_changed_with_it_is_told(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    shipped = (MODELES / "contrat_groupe.docx").read_bytes()
    (bureau.root / "modeles").mkdir(exist_ok=True)
    own = changed(shipped, {"docProps/core.xml": ("Contrat de réservation", "Notre contrat")})
    assert own != shipped
    (bureau.root / "modeles/contrat_groupe.docx").write_bytes(own)

    assert bureau.run("generer", folder).status == 0
    bureau.dossier(exemple("dossier_groupe", ("participants   = 42", "participants   = 44")))
    run = bureau.run("generer", folder)
    assert run.status == 1
    assert "effectif.participants" in run.out
