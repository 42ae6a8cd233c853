"""A row that stands always says what the dossier says, whatever became of the dossier since it was entered."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dossiers import AVENANT, AVENANT_SIGNE, DEJEUNER, fiche, jusqu_a
from tests.registres.test_recap import OURS, rows, synced, vide
from toolkit.dossier.etat import Etat
from toolkit.formats.excel_sheet import clean_text
from toolkit.registres.lignes import Ligne, ligne

FINALISE = jusqu_a(Etat.FINALISE)
PRESTATION_EN_PLUS = (
    *AVENANT_SIGNE,
    'A1.prestations = [{ id = "P5", nature = "activite", prestataire = "atelier-ivoire", libelle = "Atelier", '
    "date = 2027-06-17, debut = 16:15:00, fin = 17:00:00 }]",
)
"""An avenant in force adds a service that its supplier has not confirmed: the dossier is finalised no more."""
LIFE = (
    (*AVENANT,),
    (*AVENANT_SIGNE,),
    PRESTATION_EN_PLUS,
    (*AVENANT_SIGNE, "A1.be_prestataires_le = 2027-05-21"),
    ("carnet.envoye_le",),
    ("P1.option.confirmee_le",),
    ("contrat.signe_direction_le",),
    ("effectif.participants = 40", "effectif.gratuites = 2"),
    ('sejour.langue = "en"', 'sejour.mobilite_reduite = "Deux fauteuils"'),
    (*DEJEUNER, "P2.debut = 12:15:00"),
    ('client.nom = "=Les autres"', 'client.commune = "Songeville"'),
    ("sejour.debut = 2027-07-01",),
    ('paiement.encaissements = [{ nature = "acompte", montant = 10.00, recu_le = 2027-02-17 }]',),
)


def of(*faits: str) -> Ligne:
    found = ligne(fiche(*FINALISE, *faits))
    assert found
    return found


def said(one: Ligne) -> dict[str, object]:
    """As it stands in a workbook."""
    return {
        OURS[key]: f"{value:%Y-%m-%d}"
        if isinstance(value, date)
        else str(clean_text(value) if isinstance(value, str) else value)
        for key, value in one.valeurs.items()
        if value is not None
    }


def shown(row: dict[str, object]) -> dict[str, object]:
    wanted = {heading: row[heading] for heading in OURS.values() if row.get(heading) is not None}
    return {heading: f"{one:%Y-%m-%d}" if isinstance(one, date) else str(one) for heading, one in wanted.items()}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(LIFE), min_size=1, max_size=3))
def test_a_row_says_what_the_dossier_says(life: list[tuple[str, ...]]) -> None:
    content = synced(vide(), of()).content
    for faits in life:
        now = of(*faits)
        content = synced(content, now).content or content
        assert content
        [(sheet, row)] = rows(content)
        assert sheet == ("Juillet" if now.mois == 7 else "Juin")
        assert shown(row) == said(now)


@pytest.mark.parametrize("faits", [("carnet.envoye_le",), ("contrat.signe_direction_le",), ("P1.option.confirmee_le",)])
def test_one_that_is_not_finalised_is_not_entered(faits: tuple[str, ...]) -> None:
    assert synced(vide(), of(*faits)).content is None
