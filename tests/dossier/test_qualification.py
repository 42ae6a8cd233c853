"""Qualified contacts: eight strategic fields."""

import pytest

from tests.dossiers import dossier, exemple_dossier
from toolkit.dossier.qualification import champs_strategiques, is_qualifie

HUIT = {
    "département ou pays": 'qualification.departement_ou_pays = "76"',
    "mode de contact": 'demande.canal = "mail"',
    "mode de réponse": 'qualification.mode_reponse = "mail"',
    "durée du séjour": "sejour.fin = 2027-06-17",
    "période": "sejour.debut = 2027-06-17",
    "nombre de personnes": "effectif.participants = 42",
    "type de contact": 'client.categorie = "association"',
    "thèmes": 'qualification.themes = ["mer"]',
}


def test_a_contact_with_all_eight_is_qualified() -> None:
    told = dossier(*HUIT.values())
    assert list(champs_strategiques(told)) == list(HUIT)
    assert is_qualifie(told)


@pytest.mark.parametrize("field", list(HUIT))
def test_each_of_the_eight_is_needed(field: str) -> None:
    told = dossier(*(fact for name, fact in HUIT.items() if name != field))
    assert champs_strategiques(told)[field] is False
    assert not is_qualifie(told)


def test_the_examples() -> None:
    assert is_qualifie(exemple_dossier("dossier_groupe"))
    assert not is_qualifie(exemple_dossier("dossier_minimal"))
