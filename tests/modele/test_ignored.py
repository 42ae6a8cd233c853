"""A model that an office laid among the others and that nobody uses is told, with the name to give it."""

import pytest

from tests.conftest import Bureau, exemple
from tests.modeles_word import modele, put_in
from toolkit.modele.ignored import ignored_modeles
from toolkit.tree.shipped import MODELES


@pytest.mark.parametrize(
    ("nom", "wanted"),
    [
        ("contrat_groupe.dotx", "contrat_groupe.docx"),
        ("contrat_groupe.docm", "contrat_groupe.docx"),
        ("contrat_groupe.doc", "contrat_groupe.docx"),
        ("contrat_groupe.odt", "contrat_groupe.docx"),
        ("Contrat groupe.docx", "contrat_groupe.docx"),
        ("CONTRAT-GROUPE.docx", "contrat_groupe.docx"),
        ("contrat_groupes.docx", "contrat_groupe.docx"),
        ("contract_groupe.docx", "contrat_groupe.docx"),
        ("Bon d'échange.docx", "bon_echange.docx"),
        ("bon_echange_restaurant.en.dotx", "bon_echange_restaurant.en.docx"),
        ("Programme.dotx", "programme.docx"),
    ],
)
def test_a_name_or_a_format_that_nobody_uses_is_told(nom: str, wanted: str, bureau: Bureau) -> None:
    put_in(bureau.root, nom, b"un modele")
    (told,) = ignored_modeles(bureau.root)
    assert (told.fichier, told.is_error) == (f"modeles/{nom}", False)
    assert "ce modèle n'est pas employé" in told.message and told.message.endswith(f"« {wanted} »")


@pytest.mark.parametrize(
    "nom",
    [
        "contrat_groupe.docx",
        "contrat_groupe.en.docx",
        "contrat_groupe - à corriger.docx",
        "~$ntrat_groupe.docx",
        "Courrier type.docx",
        "tarifs 2027.odt",
        "contrat_groupe.pdf",
    ],
)
def test_the_others_are_not(nom: str, bureau: Bureau) -> None:
    put_in(bureau.root, nom, b"un fichier")
    assert ignored_modeles(bureau.root) == []


def test_an_old_format_beside_the_model_of_the_office_is_no_loss(bureau: Bureau) -> None:
    put_in(bureau.root, "contrat_groupe.doc", b"un modele")
    put_in(bureau.root, "contrat_groupe.docx", (MODELES / "contrat_groupe.docx").read_bytes())
    assert len(ignored_modeles(bureau.root)) == 1
    put_in(bureau.root, "contrat_groupe.docx", modele("{{ dossier.reference }}"))
    assert ignored_modeles(bureau.root) == []


def test_every_command_that_looks_says_so(bureau: Bureau) -> None:
    put_in(bureau.root, "contrat_groupe.dotx", b"un modele")
    folder = bureau.dossier(exemple("dossier_groupe"))
    for command in (("generer", folder, "--sans-pdf"), ("verifier", bureau.root), ("diagnostic", bureau.root)):
        assert "modeles/contrat_groupe.dotx" in bureau.run(*command).out, command
