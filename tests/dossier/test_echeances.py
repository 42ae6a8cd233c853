"""The timetable of regles.md §5.2: each deadline appears, has its limit, and goes once its fact is there."""

from datetime import date, timedelta

import pytest

from tests.conftest import JOUR
from tests.dossiers import (
    APRES_SEJOUR,
    AVENANT,
    AVENANT_SIGNE,
    DEJEUNER,
    DEMANDE,
    MANDAT,
    cadre,
    dossier,
    fiche,
    jusqu_a,
    office,
    prestataires,
)
from toolkit.documents.wanted import wanted_documents
from toolkit.dossier.echeances import Urgence, echeance_affichage, echeance_reaffichage, echeances, echeances_office
from toolkit.dossier.etat import Etat

APRES = date(2027, 6, 25)
PROPOSE = jusqu_a(Etat.PROPOSE)
ACCEPTE = jusqu_a(Etat.ACCEPTE)
CONTRAT_ENVOYE = jusqu_a(Etat.CONTRAT_ENVOYE)
CLIENT_SIGNE = jusqu_a(Etat.SIGNATURE_DIRECTION)
SIGNE = jusqu_a(Etat.CONTRAT_SIGNE)
CONFIRME = jusqu_a(Etat.CONFIRME)
FINALISE = jusqu_a(Etat.FINALISE)
REFUSE = (*PROPOSE, "devis.refuse_le = 2027-02-01")
RESTAURANT = (
    *DEJEUNER,
    "P2.option.demandee_le = 2027-01-18",
    "P2.option.confirmee_le = 2027-02-18",
)
RIB = ("paiement.rib_envoye_le = 2027-02-09",)


def limites(code: str, *faits: str, le: date = JOUR) -> list[date]:
    """The limits of one code, in order."""
    return [one.limite for one in echeances(dossier(*faits), cadre(le)) if one.code == code]


@pytest.mark.parametrize(
    ("code", "faits", "limite", "cleared", "le"),
    [
        ("E01", DEMANDE, date(2027, 1, 13), ("demande.recontact_le = 2027-01-12T09:30:00",), JOUR),
        (
            "E02",
            (*DEMANDE, 'demande.recueillie_par = "accueil-1"'),
            date(2027, 1, 11),
            ("demande.transmise_le = 2027-01-11T11:05:00",),
            JOUR,
        ),
        ("E04", jusqu_a(Etat.OPTIONS_POSEES), date(2027, 1, 21), ('P1.option.reponse = "accordee"',), JOUR),
        ("E04", jusqu_a(Etat.OPTIONS_POSEES), date(2027, 1, 21), ("P1.option.confirmee_le = 2027-01-20",), JOUR),
        ("E05", PROPOSE, date(2027, 1, 29), ("devis.accepte_le = 2027-02-08",), JOUR),
        ("E05", PROPOSE, date(2027, 1, 29), ("devis.refuse_le = 2027-02-08",), JOUR),
        (
            "E05",
            (*PROPOSE, "devis.relances = [{ le = 2027-01-29 }]"),
            date(2027, 2, 6),
            ("devis.relances = [{ le = 2027-01-29 }, { le = 2027-02-06 }]",),
            JOUR,
        ),
        ("E06", PROPOSE, date(2027, 2, 22), ("P1.option.liberee_le = 2027-02-01",), JOUR),
        ("E06", SIGNE, date(2027, 2, 22), ("P1.option.confirmee_le = 2027-02-18",), JOUR),
        (
            "E06",
            (*PROPOSE, "P1.option.prolongee_jusqu_au = 2027-03-10"),
            date(2027, 3, 10),
            ("P1.option.confirmee_le = 2027-02-18",),
            JOUR,
        ),
        ("E32", jusqu_a(Etat.ETUDE), date(2027, 1, 19), ("devis.envoye_le = 2027-01-22",), JOUR),
        ("E33", ACCEPTE, date(2027, 2, 11), ("contrat.envoye_client_le = 2027-02-09",), JOUR),
        ("E33", ACCEPTE, date(2027, 2, 11), ("contrat.signe_client_le = 2027-02-09",), JOUR),
        ("E34", (*FINALISE, *AVENANT_SIGNE), date(2027, 5, 21), ("carnet.envoye_le = 2027-05-20",), JOUR),
        ("E07", REFUSE, date(2027, 2, 4), ('devis.refus_motif = "Trop cher"',), JOUR),
        ("E08", CONTRAT_ENVOYE, date(2027, 2, 19), ("devis.refuse_le = 2027-02-12",), JOUR),
        ("E09", CLIENT_SIGNE, date(2027, 2, 22), ("contrat.signe_direction_le = 2027-02-18",), JOUR),
        ("E10", CLIENT_SIGNE, date(2027, 2, 22), ("contrat.renvoye_client_le = 2027-02-18",), JOUR),
        ("E11", SIGNE, date(2027, 2, 19), ("P1.option.confirmee_le = 2027-02-18",), JOUR),
        (
            "E12",
            (*CLIENT_SIGNE, *RIB),
            date(2027, 2, 16),
            ("paiement.preuve_virement_recue_le = 2027-02-16",),
            JOUR,
        ),
        ("E12", (*CLIENT_SIGNE, *RIB), date(2027, 2, 16), ('paiement.mode = "cheque"',), JOUR),
        ("E13", (*FINALISE, *RESTAURANT), date(2027, 6, 2), ("P2.menu.transmis_le = 2027-06-01",), JOUR),
        ("E15", CONFIRME, date(2027, 5, 27), ("carnet.envoye_le = 2027-05-03",), JOUR),
        ("E16", FINALISE, date(2027, 5, 3), ("P1.bon_echange.envoye_prestataire_le = 2027-05-03",), JOUR),
        ("E18", CONFIRME, date(2027, 6, 10), ("carnet.envoye_le = 2027-05-03",), JOUR),
        ("E20", (*FINALISE, *AVENANT_SIGNE), date(2027, 5, 21), ("A1.be_prestataires_le = 2027-05-20",), JOUR),
        ("E23", FINALISE, date(2027, 6, 18), ("satisfaction.mail_envoye_le = 2027-06-18",), APRES),
        ("E24", FINALISE, date(2027, 7, 17), ("P1.achat",), APRES),
        (
            "E24",
            (*FINALISE, "P1.facture.recue_le = 2027-06-25"),
            date(2027, 7, 10),
            ("P1.facture.validee_ciril_le = 2027-06-28", 'P1.facture.fichier = "7 Factures/guide-1.pdf"'),
            APRES,
        ),
        ("E25", FINALISE, date(2027, 7, 17), (APRES_SEJOUR[-1],), APRES),
        ("E26", (*FINALISE, *MANDAT), date(2027, 6, 24), ("paiement.chorus.depose_le = 2027-06-21",), APRES),
        (
            "E28",
            (*DEMANDE, "reclamations = [{ recue_le = 2027-06-19 }]"),
            date(2027, 6, 23),
            ("reclamations = [{ recue_le = 2027-06-19, traitee_le = 2027-06-21 }]",),
            JOUR,
        ),
        ("E31", REFUSE, date(2030, 2, 1), ("devis.refuse_le",), JOUR),
        ("E31", (*PROPOSE, "devis.sans_suite_le = 2027-03-01"), date(2030, 3, 1), ("devis.sans_suite_le",), JOUR),
    ],
)
def test_a_deadline_and_the_fact_that_clears_it(
    code: str, faits: tuple[str, ...], limite: date, cleared: tuple[str, ...], le: date
) -> None:
    assert limites(code, *faits, le=le) == [limite]
    assert limites(code, *faits, *cleared, le=le) == []


@pytest.mark.parametrize(
    ("le", "urgence"),
    [(date(2030, 1, 1), Urgence.A_VENIR), (date(2030, 1, 2), Urgence.PROCHE), (date(2030, 2, 2), Urgence.DEPASSEE)],
)
def test_the_purge_is_shown_a_month_before(le: date, urgence: Urgence) -> None:
    told = dossier(*REFUSE, 'devis.refus_motif = "Trop cher"')
    assert [(one.code, one.urgence) for one in echeances(told, cadre(le))] == [("E31", urgence)]


def test_only_these_codes_are_shown_for_a_finished_booking() -> None:
    closed = (*FINALISE, *APRES_SEJOUR, "reclamations = [{ recue_le = 2027-06-19 }]")
    assert {one.code for one in echeances(dossier(*closed), cadre(APRES))} == {"E28"}
    given_up = (*FINALISE, *AVENANT, "annulation.le = 2027-05-20")
    assert echeances(dossier(*given_up), cadre()) == ()


# The contract comes back signed, with its deposit


def test_the_contract_is_awaited_with_its_deposit() -> None:
    assert limites("E08", *CLIENT_SIGNE) == [date(2027, 2, 19)]
    paid_only = (*CONTRAT_ENVOYE, "paiement.bon_commande_recu_le = 2027-02-12")
    assert limites("E08", *paid_only) == [date(2027, 2, 19)]
    assert limites("E08", *paid_only, "contrat.signe_client_le = 2027-02-17") == []


def test_the_contract_is_not_awaited_beyond_the_options() -> None:
    late = (*CONTRAT_ENVOYE, "contrat.envoye_client_le = 2027-02-15")
    assert limites("E08", *late) == [date(2027, 2, 22)]


@pytest.mark.parametrize(
    ("faits", "limite"),
    [
        (("contrat.signe_direction_le = 2027-02-23",), date(2027, 2, 24)),
        (
            ("paiement.encaissements = [{ nature = 'acompte', montant = 752.40, recu_le = 2027-03-01 }]",),
            date(2027, 3, 2),
        ),
        (("paiement.encaissements = [{ nature = 'acompte', montant = 752.40 }]",), date(2027, 2, 19)),
        ((*MANDAT, "paiement.bon_commande_recu_le = 2027-03-05"), date(2027, 3, 8)),
    ],
)
def test_options_are_confirmed_the_day_after_the_last_of_both(faits: tuple[str, ...], limite: date) -> None:
    assert limites("E11", *SIGNE, *faits) == [limite]


def test_the_proof_of_transfer_is_not_asked_once_the_money_is_there() -> None:
    assert limites("E12", *SIGNE, *RIB) == []


# Options


def test_a_confirmed_option_does_not_shorten_another_that_was_prolonged() -> None:
    faits = (*SIGNE, "P1.option.confirmee_le = 2027-02-18", 'P2.libelle = "Bateau"')
    assert limites("E06", *faits) == [date(2027, 2, 22)]
    assert limites("E06", *faits, "P2.option.prolongee_jusqu_au = 2027-03-10") == [date(2027, 3, 10)]


def test_the_first_of_the_open_options_counts() -> None:
    faits = (*PROPOSE, "P1.option.prolongee_jusqu_au = 2027-03-10", 'P2.libelle = "Bateau"')
    assert limites("E06", *faits) == [date(2027, 2, 22)]


@pytest.mark.parametrize(
    ("change", "answers", "expiries"),
    [
        ('{ id = "P1", debut = 10:30:00 }', [date(2027, 1, 21)], [date(2027, 2, 22)]),
        ('{ id = "P1", retiree = true }', [], []),
        ('{ id = "P1", prestataire = "vedette" }', [], []),
        ('{ id = "P1", prestataire = "vedette", option = { demandee_le = 2027-05-20 } }', [date(2027, 5, 25)], []),
    ],
)
def test_options_are_those_of_the_suppliers_in_force(change: str, answers: list[date], expiries: list[date]) -> None:
    faits = (*SIGNE, "P1.option.reponse = 'en_attente'", *AVENANT_SIGNE, f"A1.prestations = [{change}]")
    assert limites("E04", *faits) == answers
    assert limites("E06", *faits) == expiries


@pytest.mark.parametrize(
    ("changes", "libelle"),
    [
        ((), "Réponse du prestataire pour P1 (Visite guidée du château-musée)"),
        (("P1.libelle",), "Réponse du prestataire pour P1"),
        (("P1.id",), "Réponse du prestataire pour Visite guidée du château-musée"),
        (("P1.id", "P1.libelle"), "Réponse du prestataire pour une prestation"),
    ],
)
def test_a_prestation_is_called_by_what_is_known_of_it(changes: tuple[str, ...], libelle: str) -> None:
    shown = echeances(dossier(*jusqu_a(Etat.OPTIONS_POSEES), *changes), cadre())
    assert libelle in [one.libelle for one in shown]


# Before the stay


@pytest.mark.parametrize(
    ("le", "urgence"),
    [
        (date(2027, 5, 27), Urgence.A_VENIR),
        (date(2027, 5, 28), Urgence.PROCHE),
        (date(2027, 6, 2), Urgence.PROCHE),
        (date(2027, 6, 3), None),
    ],
)
def test_the_last_day_to_modify_is_shown_from_twenty_days_before(le: date, urgence: Urgence | None) -> None:
    found = [one for one in echeances(dossier(*FINALISE), cadre(le)) if one.code == "E14"]
    assert [one.urgence for one in found] == ([] if urgence is None else [urgence])
    assert all(one.limite == date(2027, 6, 2) for one in found)


@pytest.mark.parametrize(
    ("le", "urgence"),
    [
        (date(2027, 5, 22), Urgence.A_VENIR),
        (date(2027, 5, 23), Urgence.PROCHE),
        (date(2027, 6, 2), Urgence.PROCHE),
        (date(2027, 6, 3), Urgence.DEPASSEE),
    ],
)
def test_the_menu_is_shown_from_twenty_five_days_before(le: date, urgence: Urgence) -> None:
    found = [one for one in echeances(dossier(*FINALISE, *RESTAURANT), cadre(le)) if one.code == "E13"]
    assert [one.urgence for one in found] == [urgence]


def test_a_convention_may_ask_for_the_menu_earlier() -> None:
    slow = prestataires('[[prestataires]]\nid = "resto-pollet"\nconvention = { menu_delai_jours = 20 }')
    with_menu = dossier(*FINALISE, *RESTAURANT)
    found = [one.limite for one in echeances(with_menu, cadre(prestataires=slow)) if one.code == "E13"]
    assert found == [date(2027, 5, 28)]


def test_a_restaurant_without_date_has_no_menu_limit() -> None:
    assert limites("E13", *FINALISE, *RESTAURANT, "P2.date") == []


@pytest.mark.parametrize("missing", ["sejour.debut", "devis.accepte_le"])
def test_nothing_is_prepared_before_a_dated_agreement(missing: str) -> None:
    codes = {one.code for one in echeances(dossier(*CONFIRME, missing), cadre())}
    assert codes.isdisjoint({"E13", "E14", "E15", "E16", "E18"})


@pytest.mark.parametrize(
    ("code", "limite", "le"),
    [
        ("E13", date(2027, 6, 9), JOUR),
        ("E14", date(2027, 6, 9), date(2027, 6, 1)),
        ("E23", date(2027, 6, 25), date(2027, 6, 30)),
        ("E25", date(2027, 7, 24), date(2027, 6, 30)),
    ],
)
def test_deadlines_follow_a_stay_that_was_moved(code: str, limite: date, le: date) -> None:
    moved = (*FINALISE, *RESTAURANT, *AVENANT_SIGNE, "A1.debut = 2027-06-24")
    assert limites(code, *moved, le=le) == [limite]
    assert limites(code, *moved, "A1.signe_direction_le", le=le) == [limite - timedelta(days=7)]


@pytest.mark.parametrize(
    ("code", "le"),
    [("E13", JOUR), ("E24", APRES)],
)
def test_nothing_is_asked_for_a_service_that_was_withdrawn(code: str, le: date) -> None:
    faits = (*FINALISE, *RESTAURANT, 'P2.achat = { mode = "forfait", montant = 10.00 }', "P1.achat")
    out = 'A1.prestations = [{ id = "P2", retiree = true }]'
    assert len(limites(code, *faits, le=le)) == 1
    assert limites(code, *faits, *AVENANT_SIGNE, out, le=le) == []


# Avenants


@pytest.mark.parametrize(
    ("faits", "libelle", "limite"),
    [
        (AVENANT, "Rédiger l'avenant (n° 1)", date(2027, 5, 18)),
        (AVENANT_SIGNE[:-3], "Envoyer l'avenant au client (n° 1)", date(2027, 5, 19)),
        (AVENANT_SIGNE[:-2], "Retour de l'avenant signé par le client (n° 1)", date(2027, 5, 19)),
        (AVENANT_SIGNE[:-1], "Faire signer l'avenant par le directeur (n° 1)", date(2027, 5, 21)),
        (AVENANT_SIGNE, "Renvoyer l'avenant signé au client (n° 1)", date(2027, 5, 25)),
        ((*AVENANT_SIGNE, "A1.renvoye_client_le = 2027-05-20"), None, None),
        (
            (*AVENANT, "A1.demande_recue_le = 2027-06-02", "A1.numero"),
            "Rédiger l'avenant (sans numéro)",
            date(2027, 6, 7),
        ),
        (
            (*AVENANT, "A1.demande_recue_le = 2027-06-14", 'A1.derogation = "Accord du restaurant"'),
            "Rédiger l'avenant (n° 1)",
            date(2027, 6, 15),
        ),
        ((*AVENANT, "A1.demande_recue_le", 'A1.derogation = "Accord du restaurant"'), None, None),
    ],
)
def test_each_step_of_an_avenant_follows_the_one_before(
    faits: tuple[str, ...], libelle: str | None, limite: date | None
) -> None:
    found = [(one.libelle, one.limite) for one in echeances(dossier(*FINALISE, *faits), cadre()) if one.code == "E19"]
    assert found == ([] if libelle is None else [(libelle, limite)])


def test_the_carnet_is_made_again_until_it_has_gone_out_after_the_last_avenant() -> None:
    def is_frozen(*faits: str) -> bool:
        [carnet] = [one for one in wanted_documents(fiche(*FINALISE, *faits), []) if one.code == "carnet"]
        return carnet.is_frozen

    assert is_frozen()
    assert is_frozen(*AVENANT_SIGNE[:-1]), "the direction has not signed yet"
    assert not is_frozen(*AVENANT_SIGNE)
    assert is_frozen(*AVENANT_SIGNE, "carnet.envoye_le = 2027-05-21")


def test_the_stay_stops_the_chain_of_an_avenant_two_days_before() -> None:
    without_stay = (*FINALISE, *AVENANT, "sejour.debut", "P1.date", "A1.demande_recue_le = 2027-06-14")
    assert limites("E19", *without_stay) == [date(2027, 6, 17)]
    with_stay = (*without_stay, "sejour.debut = 2027-06-18", 'A1.derogation = "Accord"')
    assert limites("E19", *with_stay) == [date(2027, 6, 16)]


def test_no_deadline_for_an_avenant_that_is_over() -> None:
    over = (*FINALISE, *AVENANT_SIGNE, "A1.renvoye_client_le = 2027-05-20", "A1.be_prestataires_le = 2027-05-20")
    assert limites("E19", *over) == limites("E20", *over) == []


# After the stay


def test_nothing_is_asked_after_a_stay_that_has_no_price() -> None:
    assert limites("E25", *FINALISE, "tarif.prix_par_personne", le=APRES) == []


def test_nothing_is_asked_before_the_end_of_the_stay() -> None:
    codes = {one.code for one in echeances(dossier(*FINALISE, *MANDAT), cadre(date(2027, 6, 17)))}
    assert codes.isdisjoint({"E23", "E24", "E25", "E26"})


def test_a_complaint_is_called_by_its_object() -> None:
    told = (*DEMANDE, "reclamations = [{ recue_le = 2027-06-19, objet = 'Attente' }, { objet = 'Sans date' }]")
    shown = [one.libelle for one in echeances(dossier(*told), cadre()) if one.code == "E28"]
    assert shown == ["Répondre à la réclamation « Attente »"]


# All together


def test_nearest_first_and_how_near() -> None:
    shown = echeances(dossier(*DEMANDE, "devis.envoye_le = 2027-05-25"), cadre(date(2027, 6, 1)))
    assert [(one.code, one.limite, one.urgence) for one in shown] == [
        ("E01", date(2027, 1, 13), Urgence.DEPASSEE),
        ("E05", date(2027, 6, 1), Urgence.PROCHE),
        ("E06", date(2027, 6, 25), Urgence.A_VENIR),
    ]


@pytest.mark.parametrize(
    ("days", "urgence"),
    [(-1, Urgence.DEPASSEE), (0, Urgence.PROCHE), (3, Urgence.PROCHE), (4, Urgence.A_VENIR)],
)
def test_near_means_three_days(days: int, urgence: Urgence) -> None:
    le = date(2027, 1, 29) - timedelta(days=days)
    (relance,) = (one for one in echeances(dossier(*PROPOSE), cadre(le)) if one.code == "E05")
    assert relance.urgence is urgence


def test_the_fiche_tells_the_same_limits() -> None:
    told = fiche(*FINALISE, *RESTAURANT)
    assert told.echeances == echeances(told.dossier, told.cadre)
    assert [told.limite_menu(prestation) for prestation in told.dossier.prestations] == [None, date(2027, 6, 2)]
    assert told.limites.recontact_ouvre == told.limites.recontact
    assert told.limites.option == date(2027, 2, 22)
    assert told.limites.modification == date(2027, 6, 2)
    assert told.limites.satisfaction == date(2027, 6, 18)
    assert told.limite_reclamation(date(2027, 6, 19)) == date(2027, 6, 23)


def test_no_fact_no_limit() -> None:
    limits = fiche().limites
    assert (limits.recontact, limits.recontact_ouvre, limits.option) == (None, None, None)
    assert (limits.modification, limits.satisfaction) == (None, None)


# The office's own papers


def test_papers_of_the_office_and_its_suppliers() -> None:
    papers = office(
        "[mentions_legales.garantie_financiere]\nvalable_jusqu_au = 2027-07-31\n"
        "[mentions_legales.rcp]\nvalable_jusqu_au = 2027-12-31"
    )
    registre = prestataires(
        '[[prestataires]]\nid = "un"\nnom = "Un"\nverifie_le = 2026-05-01\nconvention = { fin = 2027-06-01 }\n'
        '[[prestataires]]\nid = "deux"\nverifie_le = 2026-06-20\n'
        '[[prestataires]]\nid = "nouveau"\n'
        '[[prestataires]]\nid = "ancien"\nactif = false\nverifie_le = 2020-01-01\nconvention = { fin = 2020-01-01 }\n'
    )
    shown = echeances_office(cadre(office=papers, prestataires=registre))
    assert [(one.code, one.libelle, one.limite, one.urgence) for one in shown] == [
        ("E30", "Vérifier la fiche de Un", date(2027, 5, 1), Urgence.DEPASSEE),
        ("E29", "Convention de Un à renouveler", date(2027, 6, 1), Urgence.DEPASSEE),
        ("E30", "Vérifier la fiche de deux", date(2027, 6, 20), Urgence.PROCHE),
        ("E29", "Garantie financière à renouveler", date(2027, 7, 31), Urgence.PROCHE),
        ("E29", "Assurance responsabilité civile à renouveler", date(2027, 12, 31), Urgence.A_VENIR),
    ]


def test_the_day_of_the_wall() -> None:
    due = echeance_affichage("Récap groupes par mois", 2027, 8, date(2027, 7, 28))
    assert (due.code, due.limite, due.urgence) == ("E21", date(2027, 7, 30), Urgence.PROCHE)
    assert due.libelle == "Afficher « Récap groupes par mois » pour août 2027"


def test_a_month_on_the_wall_that_says_otherwise_by_now_is_of_today() -> None:
    due = echeance_reaffichage("Récap groupes par mois", 2027, 8, 2, date(2027, 8, 4))
    assert (due.code, due.limite, due.urgence) == ("E22", date(2027, 8, 4), Urgence.PROCHE)
    assert due.libelle.replace("\N{NO-BREAK SPACE}", " ") == (
        "Afficher de nouveau « Récap groupes par mois » pour août 2027 (2 changements)"
    )
