"""Deposits, payments and refunds: when the gate opens, what a booking that ended still moves."""

from datetime import date
from decimal import Decimal

import pytest

from tests.dossiers import ACOMPTE, AVENANT_SIGNE, MANDAT, SOLDE, fiche, jusqu_a, office
from toolkit.dossier.etat import Etat
from toolkit.dossier.reglement import acompte_recu_le
from toolkit.registres.cellules import reglement

FINALISE = jusqu_a(Etat.FINALISE)
SIGNE = jusqu_a(Etat.ATTENTE_ACOMPTE)


def paiements(*told: str) -> str:
    kinds = {"a": "acompte", "s": "solde", "r": "remboursement"}
    rows = []
    for one in told:
        kind, amount, *day = one.split()
        rows.append(f'{{ nature = "{kinds[kind]}", montant = {amount}{f", recu_le = {day[0]}" if day else ""} }}')
    return f"paiement.encaissements = [{', '.join(rows)}]"


def plain(text: object) -> str:
    return str(text).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("told", "since"),
    [
        (("a 752.40 2027-02-17",), date(2027, 2, 17)),
        (("a 10.00 2027-02-17",), None),
        (("a 10.00 2027-02-17", "a 742.40 2027-03-01"), date(2027, 3, 1)),
        (("a 742.40 2027-03-01", "a 10.00 2027-02-17"), date(2027, 3, 1)),
        (("a 752.40 2027-02-17", "r 752.40 2027-03-01"), None),
        (("a 752.40 2027-02-17", "r 1.00 2027-03-01"), None),
        (("a 752.40 2027-02-17", "r 752.40 2027-03-01", "a 800 2027-04-01"), date(2027, 4, 1)),
        (("s 2508.00 2027-02-20",), date(2027, 2, 20)),
        (("s 2508.00 2027-02-20", "r 100 2027-07-01"), date(2027, 2, 20)),
        (("r 10 2027-02-17",), None),
    ],
)
def test_the_gate_opens_at_the_deposit_due_and_closes_when_it_is_paid_back(
    told: tuple[str, ...], since: date | None
) -> None:
    shown = fiche(*SIGNE, paiements(*told))
    assert acompte_recu_le(shown.dossier, shown.cadre) == since
    assert (shown.etat is Etat.ATTENTE_ACOMPTE) is (since is None)
    assert any("acompte" in wait for bon in shown.bons_echange for wait in bon.attend) is (since is None)


def test_a_payment_without_its_day_opens_the_gate_all_the_same() -> None:
    shown = fiche(*SIGNE, paiements("a 752.40"))
    assert shown.etat is Etat.CONTRAT_SIGNE
    assert acompte_recu_le(shown.dossier, shown.cadre) is None


def test_what_was_confirmed_before_a_refund_was_confirmed_in_time() -> None:
    confirmed = ("P1.option.confirmee_le = 2027-02-18", paiements("a 752.40 2027-02-17", "r 752.40 2027-03-01"))
    assert [one.champ for one in fiche(*SIGNE, *confirmed).problemes if "confirmée avant" in one.message] == []
    late = fiche(*SIGNE, confirmed[0], paiements("a 752.40 2027-02-19"))
    assert [one.champ for one in late.problemes if "confirmée avant" in one.message] == [
        "prestations[1].option.confirmee_le"
    ]


def test_a_part_is_told_to_everyone() -> None:
    assert plain(fiche(*SIGNE).libelle_etat) == "contrat signé, acompte attendu"
    shown = fiche(*SIGNE, paiements("a 10.00 2027-02-17"))
    assert plain(shown.libelle_etat) == "contrat signé, acompte partiel 10,00 € sur 752,40 €"
    assert plain(reglement(shown)) == "acompte partiel 10,00 € sur 752,40 €, solde 2 498,00 €"
    (bon,) = shown.bons_echange
    assert plain(bon.attend[0]) == "le reste de l'acompte (10,00 € reçus sur 752,40 €)"


def test_a_mandat_waits_for_its_order_and_for_no_deposit() -> None:
    shown = fiche(*SIGNE, 'paiement.mode = "mandat_administratif"')
    assert plain(shown.libelle_etat) == "contrat signé, bon de commande attendu"


def test_an_office_may_be_content_with_less() -> None:
    half = office("[acompte]\nrecu_a_partir_de = 50")
    assert fiche(*SIGNE, paiements("a 376.20 2027-02-17"), office=half).etat is Etat.CONTRAT_SIGNE
    assert fiche(*SIGNE, paiements("a 376.19 2027-02-17"), office=half).etat is Etat.ATTENTE_ACOMPTE


def test_a_mandat_waits_for_no_deposit() -> None:
    waiting = fiche(*SIGNE, MANDAT[0])
    assert waiting.libelle_etat == "contrat signé, bon de commande attendu"
    assert fiche(*SIGNE, *MANDAT).etat is Etat.CONTRAT_SIGNE


ANNULE = (*FINALISE, "annulation.le = 2027-05-10")
KEPT = "annulation.frais_retenus = 150.00"


@pytest.mark.parametrize(
    ("faits", "du", "solde", "a_rembourser", "until"),
    [
        ((ACOMPTE,), "150.00", "-602.40", "602.40", date(2027, 5, 24)),
        ((paiements("a 752.40 2027-02-17", "r 602.40 2027-05-14"),), "150.00", "0.00", "0.00", None),
        ((paiements("a 100.00 2027-02-17"),), "150.00", "50.00", "0.00", None),
    ],
)
def test_a_cancelled_booking_owes_the_fees_that_were_kept(
    faits: tuple[str, ...], du: str, solde: str, a_rembourser: str, until: date | None
) -> None:
    shown = fiche(*ANNULE, KEPT, *faits)
    told = shown.compte
    assert [str(one) for one in (told.du, told.solde, told.a_rembourser)] == [du, solde, a_rembourser]
    assert (told.rembourser_le, told.is_vente) == (until, False)
    assert [(one.code, plain(one.libelle), one.limite) for one in shown.echeances] == (
        [("E35", f"Rembourser {a_rembourser.replace('.', ',')} € au client", until)] if until else []
    )
    # What its contract says stays what it says.
    assert str(shown.montants.total) == "2508.00"


def test_what_is_kept_is_asked_for() -> None:
    shown = fiche(*ANNULE)
    assert (shown.compte.du, shown.compte.solde, shown.compte.a_rembourser) == (None, None, Decimal("0.00"))
    assert [one.champ for one in shown.problemes if "frais retenus" in one.message] == ["annulation.frais_retenus"]
    assert [one.champ for one in fiche(*ANNULE, KEPT).problemes if "frais retenus" in one.message] == []


def test_without_follow_up_nothing_is_due() -> None:
    refused = fiche(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01")
    assert (refused.compte.du, refused.compte.solde) == (Decimal("0.00"), Decimal("0.00"))
    paid = fiche(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01", paiements("a 10.00 2027-01-30"))
    assert (paid.compte.a_rembourser, paid.compte.rembourser_le) == (Decimal("10.00"), date(2027, 2, 15))


def test_what_an_avenant_makes_too_much_is_paid_back() -> None:
    fewer = fiche(*FINALISE, *AVENANT_SIGNE, SOLDE.replace("2027-06-30", "2027-05-10"))
    assert (fewer.compte.a_rembourser, fewer.compte.rembourser_le) == (Decimal("160.00"), date(2027, 6, 3))


def test_what_came_in_otherwise_than_agreed_is_told() -> None:
    vacances = paiements("a 752.40 2027-02-17").replace(" }", ', mode = "cheques_vacances" }')
    assert fiche(*FINALISE).encaisse_par_moyen == {}
    assert fiche(*FINALISE, vacances).encaisse_par_moyen == {"cheques_vacances": Decimal("752.40")}
    two = f"{vacances[:-1]}, {{ nature = 'solde', montant = 10.00, recu_le = 2027-05-02 }}]"
    assert fiche(*FINALISE, two).encaisse_par_moyen == {"cheques_vacances": Decimal("752.40"), "virement": Decimal(10)}
    assert fiche(*FINALISE, two, "paiement.mode").encaisse_par_moyen == {"cheques_vacances": Decimal("752.40")}
