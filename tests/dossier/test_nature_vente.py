"""A package in the sense of L.211-2, or a single service (regles.md §2.1)."""

import pytest

from tests.dossiers import fiche, jusqu_a
from toolkit.dossier.etat import Etat
from toolkit.dossier.nature_vente import Vente

PROPOSE = (*jusqu_a(Etat.PROPOSE), "contrat.forfait_touristique")
NUIT = ("sejour.fin = 2027-06-18",)
LOGE = (*NUIT, 'P1.nature = "hebergement"')
SOIR = ("sejour.heure_arrivee = 20:00:00",)


def autre(montant: str, nature: str = "activite") -> tuple[str, ...]:
    """A second service beside the first, which is bought for 90 €."""
    first = 'P1.achat = { mode = "forfait", montant = 90.00 }'
    return first, f'P2.nature = "{nature}"', f'P2.achat = {{ mode = "forfait", montant = {montant} }}'


def sold(*faits: str) -> Vente:
    shown = fiche(*PROPOSE, *faits)
    return shown.vente_pour(shown.contrat)


@pytest.mark.parametrize(
    ("faits", "forfait", "is_certaine"),
    [
        # A day, whatever is in it.
        (autre("500.00", "transport"), False, True),
        (('P1.nature = "hebergement"', *autre("90.00", "transport")), False, True),
        # More than a day of visits alone.
        ((*NUIT, *autre("90.00")), False, True),
        # One kind.
        (LOGE, False, True),
        ((*LOGE, *autre("90.00", "hebergement")), False, True),
        # Two of those that are kinds of their own, whatever their value.
        ((*LOGE, *autre("0.01", "transport")), True, True),
        # One of them, and others of a quarter of the value or of less.
        ((*LOGE, *autre("30.00")), True, True),
        ((*LOGE, *autre("29.99")), False, False),
        ((*LOGE, *autre("29.99"), "contrat.forfait_touristique = true"), True, False),
        ((*NUIT, 'P1.nature = "transport"', *autre("30.00", "visite_guidee")), True, True),
        # Within a day that passes midnight, and beyond it.
        ((*NUIT, *SOIR, "sejour.heure_depart = 20:00:00", *autre("90.00", "transport")), False, True),
        ((*NUIT, *SOIR, "sejour.heure_depart = 20:01:00", *autre("90.00", "transport")), True, True),
        # A purchase that is not told yet.
        ((*LOGE, *autre("30.00"), "P2.achat"), True, False),
        ((*LOGE, *autre("30.00"), "P2.achat", "contrat.forfait_touristique = false"), False, False),
    ],
)
def test_the_nature_of_what_is_sold(faits: tuple[str, ...], forfait: bool, is_certaine: bool) -> None:
    found = sold(*faits)
    assert (found.forfait, found.is_certaine) == (forfait, is_certaine), found.raison


def test_a_price_by_the_head_wants_the_headcount() -> None:
    by_the_head = 'P2.achat = { mode = "par_personne", montant = 0.71 }'
    assert "25 %" in sold(*LOGE, *autre("1.00"), by_the_head).raison.replace("\N{NO-BREAK SPACE}", " ")
    assert "prix d'achat" in sold(*LOGE, *autre("1.00"), by_the_head, "effectif.participants").raison


def test_without_dates_the_agent_s_word_stands() -> None:
    undated = sold("sejour.debut", "sejour.fin", "contrat.forfait_touristique = true")
    assert undated == Vente(forfait=True, is_certaine=False, raison="ses dates ou ses prestations ne sont pas connues")
    assert sold("sejour.debut", "sejour.fin").forfait is None
