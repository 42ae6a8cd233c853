"""The state machine of regles.md §6.1: a state for each set of facts, the strongest first."""

from datetime import date

import pytest

from tests.conftest import JOUR
from tests.dossiers import (
    ACOMPTE,
    APRES_SEJOUR,
    AVENANT,
    AVENANT_SIGNE,
    CHAINE,
    cadre,
    dossier,
    exemple_dossier,
    fiche,
    jusqu_a,
    office,
)
from toolkit.dossier.classement import Statut
from toolkit.dossier.etat import LIBELLES, Etat, avenants_en_cours, etat, is_a_cloturer, limite_option

APRES = date(2027, 7, 15)
ANNULATION = "annulation.le = 2027-05-02"
REFUS = "devis.refuse_le = 2027-02-01"
FINALISE = jusqu_a(Etat.FINALISE)


@pytest.mark.parametrize("state", [state for state, _ in CHAINE])
def test_each_step_of_a_booking(state: Etat) -> None:
    assert etat(dossier(*jusqu_a(state)), cadre()) is state


@pytest.mark.parametrize(
    ("state", "faits", "le"),
    [
        (Etat.AVENANT_EN_COURS, (*FINALISE, *AVENANT), JOUR),
        (Etat.REALISE, FINALISE, APRES),
        (Etat.TRAITE, (*FINALISE, *APRES_SEJOUR), APRES),
        (Etat.SANS_SUITE, (*jusqu_a(Etat.PROPOSE), REFUS), JOUR),
        (Etat.SANS_SUITE, (*jusqu_a(Etat.PROPOSE), "devis.sans_suite_le = 2027-03-01"), JOUR),
        (Etat.SANS_SUITE, (*jusqu_a(Etat.ETUDE), "devis.sans_suite_le = 2027-03-01"), JOUR),
        (Etat.ANNULE, (*FINALISE, ANNULATION), JOUR),
    ],
)
def test_the_other_states(state: Etat, faits: tuple[str, ...], le: date) -> None:
    assert etat(dossier(*faits), cadre(le)) is state


@pytest.mark.parametrize(
    ("state", "faits", "le"),
    [
        (Etat.ANNULE, (*FINALISE, *APRES_SEJOUR, ANNULATION, REFUS), APRES),
        (Etat.SANS_SUITE, (*FINALISE, *APRES_SEJOUR, REFUS), APRES),
        (Etat.TRAITE, (*FINALISE, *AVENANT, *APRES_SEJOUR), APRES),
        (Etat.REALISE, (*FINALISE, *AVENANT), APRES),
        (Etat.AVENANT_EN_COURS, (*jusqu_a(Etat.ATTENTE_ACOMPTE), *AVENANT), JOUR),
        (Etat.SIGNATURE_DIRECTION, (*jusqu_a(Etat.SIGNATURE_DIRECTION), *AVENANT), APRES),
    ],
)
def test_the_strongest_line_wins(state: Etat, faits: tuple[str, ...], le: date) -> None:
    assert etat(dossier(*faits), cadre(le)) is state


def test_the_stay_is_over_the_day_after() -> None:
    two_days = (*FINALISE, "sejour.fin = 2027-06-18")
    assert etat(dossier(*two_days), cadre(date(2027, 6, 18))) is Etat.FINALISE
    assert etat(dossier(*two_days), cadre(date(2027, 6, 19))) is Etat.REALISE


def test_a_stay_without_date_never_ends() -> None:
    assert etat(dossier(*FINALISE, "sejour.debut"), cadre(APRES)) is Etat.FINALISE


def test_sans_suite_waits_for_the_end_of_the_options() -> None:
    given_up = (*jusqu_a(Etat.PROPOSE), "devis.sans_suite_le = 2027-02-10")
    assert etat(dossier(*given_up), cadre(date(2027, 2, 22))) is Etat.PROPOSE
    assert etat(dossier(*given_up), cadre(date(2027, 2, 23))) is Etat.SANS_SUITE


@pytest.mark.parametrize(
    "missing",
    [
        "satisfaction.mail_envoye_le",
        "P1.facture.fichier",
        "P1.facture.validee_ciril_le",
        "tarif.prix_par_personne",
        ACOMPTE,
    ],
)
def test_nothing_is_closed_while_something_is_open(missing: str) -> None:
    assert etat(dossier(*FINALISE, *APRES_SEJOUR, missing), cadre(APRES)) is Etat.REALISE


@pytest.mark.parametrize(
    ("faits", "state"),
    [
        (("A1.renvoye_client_le = 2027-05-20",), Etat.AVENANT_EN_COURS),
        (("A1.be_prestataires_le = 2027-05-20",), Etat.AVENANT_EN_COURS),
        (("A1.renvoye_client_le = 2027-05-20", "A1.be_prestataires_le = 2027-05-20"), Etat.FINALISE),
        (("A1.signe_direction_le", "A1.abandonne_le = 2027-05-20"), Etat.FINALISE),
        (("A1.demande_recue_le = 2027-06-03",), Etat.FINALISE),
    ],
)
def test_an_avenant_is_under_way_until_both_parties_have_it(faits: tuple[str, ...], state: Etat) -> None:
    changed = dossier(*FINALISE, *AVENANT_SIGNE, *faits)
    assert etat(changed, cadre()) is state
    assert bool(avenants_en_cours(changed, office())) is (state is Etat.AVENANT_EN_COURS)


MOVED = (
    *AVENANT_SIGNE,
    "A1.renvoye_client_le = 2027-05-20",
    "A1.be_prestataires_le = 2027-05-20",
)
"""An avenant that is over, whatever it changes."""


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ('{ id = "P1", debut = 10:30:00 }', Etat.FINALISE),
        ('{ id = "P1", prestataire = "vedette" }', Etat.CONTRAT_SIGNE),
        ('{ id = "P1", prestataire = "vedette", option = { confirmee_le = 2027-05-19 } }', Etat.FINALISE),
        ('{ id = "P3", libelle = "Bateau" }', Etat.CONTRAT_SIGNE),
        ('{ id = "P1", retiree = true }', Etat.CONTRAT_SIGNE),
    ],
)
def test_the_suppliers_in_force_confirm(changes: str, state: Etat) -> None:
    shown = fiche(*FINALISE, *MOVED, f"A1.prestations = [{changes}]")
    assert shown.etat is state
    assert shown.is_finalise is (state is Etat.FINALISE)


def test_a_service_withdrawn_is_waited_for_no_longer() -> None:
    second = ('P2.libelle = "Déjeuner"',)
    assert etat(dossier(*FINALISE, *second, *MOVED), cadre()) is Etat.CONTRAT_SIGNE
    out = 'A1.prestations = [{ id = "P2", retiree = true }]'
    assert etat(dossier(*FINALISE, *second, *MOVED, out), cadre()) is Etat.FINALISE


def test_the_invoices_of_the_suppliers_in_force_are_waited_for() -> None:
    closed = (*FINALISE, *MOVED, "A1.participants", "A1.prix_par_personne", *APRES_SEJOUR)
    assert etat(dossier(*closed), cadre(APRES)) is Etat.TRAITE
    moved = 'A1.prestations = [{ id = "P1", prestataire = "vedette" }]'
    assert etat(dossier(*closed, moved), cadre(APRES)) is Etat.REALISE


def test_an_invoice_that_is_not_on_the_disk_is_waited_for() -> None:
    closed = dossier(*FINALISE, *APRES_SEJOUR)
    missing = cadre(APRES, factures_absentes=frozenset({"7 Factures/guide-1.pdf"}))
    assert (etat(closed, cadre(APRES)), etat(closed, missing)) == (Etat.TRAITE, Etat.REALISE)


def test_an_office_without_ciril_closes_without_it() -> None:
    closed = dossier(*FINALISE, *APRES_SEJOUR, "P1.facture.validee_ciril_le")
    assert etat(closed, cadre(APRES, office=office("[factures]\nvalidation_ciril = false"))) is Etat.TRAITE


def test_the_stay_is_over_when_the_moved_one_is() -> None:
    moved = (*FINALISE, *MOVED, "A1.debut = 2027-06-24")
    assert etat(dossier(*moved), cadre(date(2027, 6, 24))) is Etat.FINALISE
    assert etat(dossier(*moved), cadre(date(2027, 6, 25))) is Etat.REALISE
    assert not is_a_cloturer(dossier(*moved), cadre(date(2027, 8, 23)))
    assert is_a_cloturer(dossier(*moved), cadre(date(2027, 8, 24)))


# The deposit, or what stands for it (regles.md §0.4)


@pytest.mark.parametrize(
    ("faits", "state"),
    [
        (("paiement.bon_commande_recu_le = 2027-02-17",), Etat.CONTRAT_SIGNE),
        (('paiement.mode = "mandat_administratif"', ACOMPTE), Etat.ATTENTE_ACOMPTE),
        (
            ('paiement.mode = "mandat_administratif"', "paiement.bon_commande_recu_le = 2027-02-17"),
            Etat.CONTRAT_SIGNE,
        ),
        (('paiement.encaissements = [{ nature = "remboursement", montant = 10.00 }]',), Etat.ATTENTE_ACOMPTE),
        (('paiement.encaissements = [{ nature = "solde", montant = 2508.00 }]',), Etat.CONTRAT_SIGNE),
        (("paiement.mode",), Etat.ATTENTE_ACOMPTE),
    ],
)
def test_what_opens_the_confirmation(faits: tuple[str, ...], state: Etat) -> None:
    assert etat(dossier(*jusqu_a(Etat.ATTENTE_ACOMPTE), *faits), cadre()) is state


def test_an_office_without_deposit_waits_for_none() -> None:
    free = office("[acompte]\ntaux = 0")
    assert etat(dossier(*jusqu_a(Etat.ATTENTE_ACOMPTE)), cadre(office=free)) is Etat.CONTRAT_SIGNE
    assert etat(dossier(*jusqu_a(Etat.ATTENTE_ACOMPTE), "paiement.mode"), cadre(office=free)) is Etat.ATTENTE_ACOMPTE


def test_every_option_has_to_be_asked_and_confirmed() -> None:
    second = ('P2.libelle = "Déjeuner"',)
    assert etat(dossier(*jusqu_a(Etat.OPTIONS_POSEES), *second), cadre()) is Etat.ETUDE
    assert etat(dossier(*jusqu_a(Etat.CONFIRME), *second), cadre()) is Etat.CONTRAT_SIGNE


@pytest.mark.parametrize(
    ("prolonged", "limite"),
    [
        ((), date(2027, 2, 22)),
        (("P1.option.prolongee_jusqu_au = 2027-03-10",), date(2027, 2, 22)),
        (
            ("P1.option.prolongee_jusqu_au = 2027-03-10", "P2.option.prolongee_jusqu_au = 2027-03-05"),
            date(2027, 3, 5),
        ),
        (
            ("P1.option.prolongee_jusqu_au = 2027-02-01", "P2.option.prolongee_jusqu_au = 2027-02-01"),
            date(2027, 2, 22),
        ),
    ],
)
def test_options_last_a_month_unless_all_are_prolonged(prolonged: tuple[str, ...], limite: date) -> None:
    two = dossier("devis.envoye_le = 2027-01-22", 'P1.libelle = "Un"', 'P2.libelle = "Deux"', *prolonged)
    assert limite_option(two, office()) == limite


def test_no_option_limit_before_the_proposal() -> None:
    assert limite_option(dossier(), office()) is None


# Folders


@pytest.mark.parametrize("state", list(Etat))
def test_each_state_has_a_folder_and_a_name(state: Etat) -> None:
    folder = {
        Etat.ANNULE: Statut.ANNULE,
        Etat.SANS_SUITE: Statut.ANNULE,
        Etat.TRAITE: Statut.TRAITE,
    }.get(state, Statut.EN_COURS)
    assert state.statut is folder
    assert LIBELLES[state]


@pytest.mark.parametrize(
    ("faits", "le", "statut", "expected"),
    [
        (FINALISE, date(2027, 8, 16), Statut.EN_COURS, False),
        (FINALISE, date(2027, 8, 17), Statut.EN_COURS, True),
        (FINALISE, date(2027, 8, 17), Statut.TRAITE, False),
        ((*FINALISE, *APRES_SEJOUR), date(2027, 8, 17), Statut.EN_COURS, False),
        ((*FINALISE, "sejour.debut"), date(2027, 8, 17), Statut.EN_COURS, False),
    ],
)
def test_to_be_closed_sixty_days_after(faits: tuple[str, ...], le: date, statut: Statut, expected: bool) -> None:
    assert is_a_cloturer(dossier(*faits), cadre(le, statut=statut)) is expected


@pytest.mark.parametrize(
    ("name", "le", "state"),
    [
        ("dossier_minimal", JOUR, Etat.DEMANDE),
        ("dossier_groupe", JOUR, Etat.FINALISE),
        ("dossier_individuel", date(2027, 4, 1), Etat.FINALISE),
        ("dossier_individuel", JOUR, Etat.REALISE),
        ("dossier_mandat", date(2027, 4, 1), Etat.CONFIRME),
    ],
)
def test_the_examples(name: str, le: date, state: Etat) -> None:
    assert etat(exemple_dossier(name), cadre(le)) is state


def test_the_fiche_tells_the_same() -> None:
    finished = fiche(*FINALISE, *AVENANT)
    assert finished.etat is Etat.AVENANT_EN_COURS
    assert finished.is_confirme and finished.is_finalise


@pytest.mark.parametrize(
    "missing",
    ["contrat.signe_client_le", "contrat.signe_direction_le", "paiement.encaissements", "P1.option.confirmee_le"],
)
def test_confirmed_means_signed_paid_and_confirmed(missing: str) -> None:
    shown = fiche(*FINALISE, missing)
    assert not shown.is_confirme and not shown.is_finalise


def test_finalised_means_confirmed_with_the_carnet() -> None:
    shown = fiche(*FINALISE, "carnet.envoye_le")
    assert shown.is_confirme and not shown.is_finalise
