"""The cross-checks of regles.md §3.3: what is said, where, and how grave it is."""

from datetime import date

import pytest

from tests.conftest import JOUR
from tests.dossiers import (
    ACOMPTE,
    APRES_SEJOUR,
    AVENANT,
    AVENANT_SIGNE,
    DEJEUNER,
    MANDAT,
    cadre,
    controles,
    dossier,
    exemple_dossier,
    fiche,
    jusqu_a,
    office,
    prestataires,
)
from toolkit.dossier.classement import Statut
from toolkit.dossier.controles import check
from toolkit.dossier.etat import Etat
from toolkit.french import typography

ERREUR, AVERTISSEMENT = "erreur", "avertissement"
FINALISE = jusqu_a(Etat.FINALISE)
PROPOSE = jusqu_a(Etat.PROPOSE)
SIGNE = jusqu_a(Etat.CONTRAT_SIGNE)
CHORUS = ('paiement.chorus.siret = "73282932000074"', 'paiement.chorus.numero_engagement = "EJ-2027-000"')
SANS_ENCAISSEMENT = "paiement.encaissements"
RESTAURANT = (
    *DEJEUNER,
    "P2.debut = 12:15:00",
    "P2.fin = 14:15:00",
    "P2.option.demandee_le = 2027-01-18",
    "P2.option.confirmee_le = 2027-02-18",
)
PORT = (
    'P2.nature = "activite"',
    'P2.libelle = "Bateau"',
    "P2.date = 2027-06-17",
    "P2.debut = 15:00:00",
    "P2.option.demandee_le = 2027-01-18",
    "P2.option.confirmee_le = 2027-02-18",
)
SEUL = ("P1.sous_groupes", "effectif.participants = 20")
"""The visit in one group, so that its hours count."""


def plain(text: str) -> str:
    """With ordinary spaces, as a reader of a test sees them."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("state", [state for state in Etat if state not in (Etat.ANNULE, Etat.SANS_SUITE, Etat.TRAITE)])
def test_a_sound_dossier_has_no_problem(state: Etat) -> None:
    if state is Etat.REALISE:
        faits, le = FINALISE, date(2027, 6, 20)
    elif state is Etat.AVENANT_EN_COURS:
        faits, le = (*FINALISE, *AVENANT_SIGNE), JOUR
    else:
        faits, le = jusqu_a(state), JOUR
    assert controles(*faits, le=le) == []


@pytest.mark.parametrize(
    ("name", "le"),
    [
        ("dossier_minimal", date(2027, 2, 2)),
        ("dossier_individuel", date(2027, 4, 1)),
        ("dossier_mandat", date(2027, 4, 1)),
    ],
)
def test_the_examples_are_sound(name: str, le: date) -> None:
    assert check(exemple_dossier(name), cadre(le)) == []


# Missing facts


@pytest.mark.parametrize(
    ("missing", "champ", "label"),
    [
        ("reference", "reference", "la référence du dossier"),
        ("demande.canal", "demande.canal", "le canal de la demande"),
        ("client.nom", "client.nom", "le nom du client"),
    ],
)
def test_a_request_needs_its_facts_from_the_start(missing: str, champ: str, label: str) -> None:
    told = (ERREUR, champ, f"il manque {label}, nécessaire pour ouvrir le dossier")
    assert controles(*jusqu_a(Etat.DEMANDE), missing) == [told]


def test_the_facts_of_the_contract_are_asked_once_it_is_due() -> None:
    told = (ERREUR, "tarif.prix_par_personne", "il manque le prix par personne, nécessaire pour établir le contrat")
    assert controles(*PROPOSE, "tarif.prix_par_personne") == []
    assert controles(*jusqu_a(Etat.ACCEPTE), "tarif.prix_par_personne") == [told]


@pytest.mark.parametrize("end", ["annulation.le = 2027-05-02", "devis.refuse_le = 2027-05-02"])
def test_nothing_is_asked_for_a_contract_that_will_not_be(end: str) -> None:
    accepted = (*jusqu_a(Etat.ACCEPTE), "tarif.prix_par_personne", end)
    assert controles(*accepted, statut=Statut.ANNULE) == []


# 1. The folder


@pytest.mark.parametrize(("annee", "mois", "month"), [(2027, 5, "mai"), (2026, 6, "juin")])
def test_filed_in_another_month(annee: int, mois: int, month: str) -> None:
    (told,) = controles(*FINALISE, annee=annee, mois=mois)
    assert told[:2] == (AVERTISSEMENT, "sejour.debut")
    assert plain(told[2]) == (
        f"le séjour commence le 17 juin 2027, mais le dossier est rangé en {month} {annee} : "
        "corriger la date ou déplacer le dossier"
    )


def test_an_avenant_moves_the_day_by_which_a_dossier_is_filed() -> None:
    moved = (*FINALISE, *AVENANT_SIGNE, "A1.debut = 2027-07-01")
    assert controles(*moved, annee=2027, mois=7, nom_dossier="2027-07-01 Aînés") == []
    ((gravite, champ, message),) = controles(*moved, annee=2027, mois=6)
    assert (gravite, champ) == (AVERTISSEMENT, "avenants[1].debut")
    assert plain(message).startswith("le séjour commence le 1er juillet 2027")
    assert [champ for _, champ, _ in controles(*moved, "A1.signe_direction_le", annee=2027, mois=7)] == ["sejour.debut"]


def test_filed_where_it_belongs() -> None:
    for name in ("2027-06-17 Aînés de Sainte-Fiction 42p", "Aînés"):
        assert controles(*FINALISE, annee=2027, mois=6, nom_dossier=name) == []


def test_a_folder_named_after_another_day() -> None:
    assert controles(*FINALISE, nom_dossier="2027-06-18 Aînés") == [
        (
            AVERTISSEMENT,
            "sejour.debut",
            "le nom du dossier commence par 2027-06-18, mais le séjour commence le 2027-06-17 : "
            "renommer le dossier ou corriger la date",
        )
    ]


@pytest.mark.parametrize(
    ("faits", "statut", "message"),
    [
        (
            FINALISE,
            Statut.ANNULE,
            "rangé dans « Dossier annulé ou sans suite », mais les faits disent « finalisé » : compléter les faits, "
            "ou déplacer le dossier dans « Dossier en cours »",
        ),
        (
            (*FINALISE, "annulation.le = 2027-05-02", "annulation.frais_retenus = 752.40"),
            Statut.EN_COURS,
            "rangé dans « Dossier en cours », mais les faits disent « annulé » : compléter les faits, "
            "ou déplacer le dossier dans « Dossier annulé ou sans suite »",
        ),
        (
            FINALISE,
            Statut.TRAITE,
            "rangé dans « Dossier traité », mais les faits disent « finalisé » : compléter les faits, "
            "ou déplacer le dossier dans « Dossier en cours »",
        ),
    ],
)
def test_the_folder_and_the_facts_disagree(faits: tuple[str, ...], statut: Statut, message: str) -> None:
    assert controles(*faits, statut=statut) == [(AVERTISSEMENT, "", message)]


def test_a_closed_booking_may_be_moved() -> None:
    told = (AVERTISSEMENT, "", "tout est réglé : le dossier peut être déplacé dans « Dossier traité »")
    closed = (*FINALISE, *APRES_SEJOUR)
    assert controles(*closed, le=date(2027, 9, 1)) == [told]
    assert controles(*closed, le=date(2027, 9, 1), statut=Statut.TRAITE) == []


def test_still_open_long_after_the_stay() -> None:
    told = (AVERTISSEMENT, "sejour.fin", "séjour passé depuis plus de 60 jours : dossier à clôturer")
    assert controles(*FINALISE, le=date(2027, 8, 17)) == [told]


# 8. Agents and signatories, and the client's address


@pytest.mark.parametrize("key", ["agent", "suppleant"])
def test_an_agent_nobody_knows(key: str) -> None:
    known = "« chargee-1 », « chargee-2 », « accueil-1 » et « chef-service »"
    told = (ERREUR, key, f"agent inconnu « personne » ; office.toml connaît {known}")
    assert controles(*FINALISE, f'{key} = "personne"') == [told]


def test_an_office_without_agents() -> None:
    told = (ERREUR, "agent", "agent inconnu « chargee-1 » ; office.toml n'en connaît aucun")
    assert told in controles(*FINALISE, office=office(""))


@pytest.mark.parametrize(("fact", "champ"), [("contrat", "contrat"), ("A1", "avenants[1]")])
def test_a_signatory_nobody_knows(fact: str, champ: str) -> None:
    known = "« directeur » et « directrice-adjointe »"
    told = (ERREUR, f"{champ}.signataire", f"signataire inconnu « maire » ; office.toml connaît {known}")
    assert controles(*FINALISE, *AVENANT_SIGNE, f'{fact}.signataire = "maire"') == [told]


def test_only_the_director_signs_an_avenant() -> None:
    deputy = 'signataire = "directrice-adjointe"'
    assert controles(*FINALISE, *AVENANT_SIGNE, f"contrat.{deputy}", 'A1.signataire = "directeur"') == []
    assert controles(*FINALISE, *AVENANT_SIGNE, f"A1.{deputy}") == [
        (
            AVERTISSEMENT,
            "avenants[1].signataire",
            "« directrice-adjointe » ne signe pas ce document (avenant) d'après office.toml",
        )
    ]


@pytest.mark.parametrize(
    ("fact", "champ", "message"),
    [
        ('client.code_postal = "7699"', "client.code_postal", "« 7699 » n'est pas un code postal à 5 chiffres"),
        ('client.telephone = "02"', "client.telephone", "« 02 » n'est pas un numéro de téléphone"),
        (
            'client.contact.telephone = "néant"',
            "client.contact.telephone",
            "« néant » n'est pas un numéro de téléphone",
        ),
        (
            'client.responsable_sur_place.telephone = "12"',
            "client.responsable_sur_place.telephone",
            "« 12 » n'est pas un numéro de téléphone",
        ),
    ],
)
def test_an_address_that_does_not_look_right(fact: str, champ: str, message: str) -> None:
    assert controles(*FINALISE, fact) == [(AVERTISSEMENT, champ, message)]


def test_a_foreign_address_is_left_alone() -> None:
    foreign = ('client.pays = "Belgique"', 'client.code_postal = "1000"', 'client.telephone = "+32 2 513 89 40"')
    assert controles(*FINALISE, *foreign) == []


# 2. Dates in order


@pytest.mark.parametrize(
    ("faits", "gravite", "champ", "message"),
    [
        (("sejour.fin = 2027-06-16",), ERREUR, "sejour.fin", "la fin du séjour précède son début"),
        (
            ("devis.accepte_le = 2027-01-21",),
            AVERTISSEMENT,
            "devis.accepte_le",
            "21/01/2027 précède « envoye_le » (22/01/2027) : vérifier l'ordre des dates",
        ),
        (
            ("contrat.signe_client_le = 2027-02-05", "devis.accepte_le = 2027-02-08", "contrat.envoye_client_le"),
            AVERTISSEMENT,
            "contrat.signe_client_le",
            "le contrat est signé avant l'acceptation du devis",
        ),
        (
            ("contrat.signe_direction_le = 2027-02-16",),
            AVERTISSEMENT,
            "contrat.signe_direction_le",
            "16/02/2027 précède « signe_client_le » (17/02/2027) : vérifier l'ordre des dates",
        ),
        (
            ("A1.redige_le", "A1.envoye_client_le = 2027-05-11", "A1.client_averti_hausse_le = 2027-05-12"),
            AVERTISSEMENT,
            "avenants[1].envoye_client_le",
            "11/05/2027 précède « client_averti_hausse_le » (12/05/2027) : vérifier l'ordre des dates",
        ),
        (
            ("A1.be_prestataires_le = 2027-05-19",),
            AVERTISSEMENT,
            "avenants[1].be_prestataires_le",
            "19/05/2027 précède « signe_direction_le » (20/05/2027) : vérifier l'ordre des dates",
        ),
    ],
)
def test_dates_that_go_back(faits: tuple[str, ...], gravite: str, champ: str, message: str) -> None:
    assert (gravite, champ, message) in controles(*FINALISE, *AVENANT_SIGNE, *faits)


def test_a_refusal_follows_the_proposal() -> None:
    assert controles(*PROPOSE, "devis.refuse_le = 2027-01-20", statut=Statut.ANNULE) == [
        (
            AVERTISSEMENT,
            "devis.refuse_le",
            "20/01/2027 précède « envoye_le » (22/01/2027) : vérifier l'ordre des dates",
        )
    ]


# 3. Options

TROP_TOT = (
    AVERTISSEMENT,
    "prestations[1].option.confirmee_le",
    "option confirmée avant le contrat signé et l'acompte ou le bon de commande (procédure, partie 4)",
)


@pytest.mark.parametrize(
    "faits",
    [
        (*PROPOSE, "P1.option.confirmee_le = 2027-02-18"),
        (*SIGNE, "P1.option.confirmee_le = 2027-02-16"),
        (*SIGNE, "P1.option.confirmee_le = 2027-02-18", SANS_ENCAISSEMENT),
        (*SIGNE, "P1.option.confirmee_le = 2027-02-18", ACOMPTE.replace("02-17", "02-19")),
        (
            *SIGNE,
            "P1.option.confirmee_le = 2027-02-18",
            SANS_ENCAISSEMENT,
            *MANDAT,
            *CHORUS,
            MANDAT[1].replace("17", "19"),
        ),
    ],
)
def test_an_option_confirmed_too_early(faits: tuple[str, ...]) -> None:
    assert controles(*faits) == [TROP_TOT]


@pytest.mark.parametrize(
    "faits",
    [
        (),
        (ACOMPTE.replace(", recu_le = 2027-02-17", ""),),
        (SANS_ENCAISSEMENT, *MANDAT, *CHORUS),
    ],
)
def test_an_option_confirmed_in_its_turn(faits: tuple[str, ...]) -> None:
    assert controles(*SIGNE, "P1.option.confirmee_le = 2027-02-18", *faits) == []


@pytest.mark.parametrize("fact", ["P1.option.demandee_le", "P1.option.demandee_le = 2027-01-23"])
def test_an_option_placed_after_the_proposal(fact: str) -> None:
    assert controles(*PROPOSE, fact) == [
        (
            AVERTISSEMENT,
            "prestations[1].option.demandee_le",
            "l'option n'était pas posée à l'envoi de la proposition (procédure, partie 2)",
        )
    ]


def test_a_refused_option() -> None:
    refused = (*PROPOSE, 'P1.option.reponse = "refusee"')
    assert controles(*refused) == [
        (
            AVERTISSEMENT,
            "prestations[1].option.reponse",
            "option refusée : trouver une autre prestation ou appeler le client",
        )
    ]
    assert controles(*refused, "annulation.le = 2027-02-01", statut=Statut.ANNULE) == []


def test_accepted_after_the_options() -> None:
    late = (*jusqu_a(Etat.ACCEPTE), "devis.accepte_le = 2027-02-23")
    ((gravite, champ, message),) = controles(*late)
    assert (gravite, champ) == (AVERTISSEMENT, "devis.accepte_le")
    assert (
        plain(message) == "accepté après la fin des options (22 février 2027) : vérifier que les prestataires suivent"
    )
    assert controles(*late, "P1.option.prolongee_jusqu_au = 2027-03-01") == []


AUTRE = 'A1.prestations = [{ id = "P1", prestataire = "vedette", sous_groupes = 2'


def test_a_refused_option_is_settled_by_another_supplier() -> None:
    refused = (*FINALISE, "P1.option.confirmee_le", 'P1.option.reponse = "refusee"')
    assert [champ for _, champ, _ in controles(*refused)] == ["prestations[1].option.reponse"]
    assert controles(*refused, *AVENANT_SIGNE, f"{AUTRE} }}]") == []


@pytest.mark.parametrize(
    ("option", "champ"),
    [
        ('reponse = "refusee"', "avenants[1].prestations[1].option.reponse"),
        ("confirmee_le = 2027-02-16", "avenants[1].prestations[1].option.confirmee_le"),
    ],
)
def test_the_option_of_another_supplier_is_judged_too(option: str, champ: str) -> None:
    changed = controles(*FINALISE, *AVENANT_SIGNE, f"{AUTRE}, option = {{ {option} }} }}]")
    assert [(gravite, where) for gravite, where, _ in changed] == [(AVERTISSEMENT, champ)]


# The programme and its suppliers


@pytest.mark.parametrize(
    ("faits", "champ", "message"),
    [
        (
            ("P1.id",),
            "prestations[1].id",
            'il manque l\'identifiant de la prestation, par exemple id = "P1"',
        ),
        (("P1.date = 2027-06-18",), "prestations[1].date", "la prestation n'a pas lieu pendant le séjour"),
        (("P1.date = 2027-06-16",), "prestations[1].date", "la prestation n'a pas lieu pendant le séjour"),
        (("P1.fin = 09:50:00",), "prestations[1].fin", "la prestation finit avant d'avoir commencé"),
        (("P1.date_fin = 2027-06-16",), "prestations[1].date_fin", "la prestation finit avant d'avoir commencé"),
        (
            ('P1.prestataire = "guide-9"',),
            "prestations[1].prestataire",
            "prestataire inconnu « guide-9 » ; prestataires.toml connaît « guide-1 », « musee », « resto-pollet », "
            "« vedette » et « hotel-galets »",
        ),
    ],
)
def test_a_service_that_cannot_be(faits: tuple[str, ...], champ: str, message: str) -> None:
    assert controles(*FINALISE, *faits) == [(ERREUR, champ, message)]


@pytest.mark.parametrize(
    ("faits", "champ", "message"),
    [
        (
            ('A1.prestations = [{ libelle = "Bateau" }]',),
            "prestations[1].id",
            "il manque l'identifiant de la prestation modifiée",
        ),
        (
            ('A1.prestations = [{ id = "P9", retiree = true }]',),
            "prestations[1].id",
            "« P9 » n'est pas au programme : relire l'identifiant",
        ),
        (
            ('A1.prestations = [{ id = "P1", prestataire = "inconnu" }]',),
            "prestations[1].prestataire",
            "prestataire inconnu « inconnu » ; prestataires.toml connaît « guide-1 », « musee », « resto-pollet », "
            "« vedette » et « hotel-galets »",
        ),
        (
            ('A1.prestations = [{ id = "P1", date = 2027-06-18 }]',),
            "prestations[1].date",
            "la prestation n'a pas lieu pendant le séjour",
        ),
        (
            ('A1.prestations = [{ id = "P1", fin = 09:50:00 }]',),
            "prestations[1].fin",
            "la prestation finit avant d'avoir commencé",
        ),
        (
            ('A1.prestations = [{ id = "P1", date_fin = 2027-06-16 }]',),
            "prestations[1].date_fin",
            "la prestation finit avant d'avoir commencé",
        ),
        (
            ("sejour.fin = 2027-06-18", "P1.date = 2027-06-18", "A1.fin = 2027-06-17"),
            "fin",
            "la prestation n'a pas lieu pendant le séjour",
        ),
        (
            ("sejour.fin", "P1.date", "A1.fin = 2027-06-16"),
            "fin",
            "la fin du séjour précède son début",
        ),
    ],
)
@pytest.mark.parametrize("signed", [(), ("A1.signe_direction_le",)])
def test_a_change_that_cannot_be(signed: tuple[str, ...], faits: tuple[str, ...], champ: str, message: str) -> None:
    changed = (*FINALISE, *AVENANT_SIGNE, *signed, *faits)
    assert (ERREUR, f"avenants[1].{champ}", message) in controles(*changed)
    given_up = controles(*changed, "A1.signe_direction_le", "A1.abandonne_le = 2027-05-21")
    assert [one for one in given_up if one[1].startswith("avenants")] == []


def test_what_is_wrong_already_is_told_once() -> None:
    wrong = (*FINALISE, "P1.fin = 09:50:00", *AVENANT_SIGNE, "A1.debut = 2027-06-24")
    assert [champ for _, champ, _ in controles(*wrong)] == ["prestations[1].fin"]


def test_one_change_for_one_service() -> None:
    twice = 'A1.prestations = [{ id = "P1", debut = 10:05:00 }, { id = "P1", fin = 11:35:00 }]'
    told = "l'identifiant « P1 » sert à plusieurs prestations de cet avenant"
    assert controles(*FINALISE, *AVENANT_SIGNE, twice) == [
        (ERREUR, "avenants[1].prestations[1].id", told),
        (ERREUR, "avenants[1].prestations[2].id", told),
    ]


CLOSED_ON_WEDNESDAY = '[[prestataires]]\nid = "guide-1"\njours_fermes = ["mercredi"]'


@pytest.mark.parametrize(
    ("faits", "champ"),
    [
        (("A1.debut = 2027-06-23",), "prestations[1].prestataire"),
        (("A1.debut = 2027-06-23", "A1.signe_direction_le"), "avenants[1].debut"),
        (
            ('A1.prestations = [{ id = "P1", date = 2027-06-16 }]', "sejour.debut = 2027-06-16"),
            "prestations[1].prestataire",
        ),
        (
            (
                'A1.prestations = [{ id = "P1", date = 2027-06-16 }]',
                "sejour.debut = 2027-06-16",
                "A1.signe_direction_le",
            ),
            "avenants[1].prestations[1].prestataire",
        ),
    ],
)
def test_a_supplier_is_asked_about_the_new_day(faits: tuple[str, ...], champ: str) -> None:
    closed = prestataires(CLOSED_ON_WEDNESDAY)
    changed = (*FINALISE, "sejour.fin = 2027-06-17", *AVENANT_SIGNE, *faits)
    assert controles(*changed, prestataires=closed) == [(AVERTISSEMENT, champ, "« guide-1 » est fermé le mercredi")]


def test_a_draft_that_leaves_the_day_repeats_no_doubt_about_the_supplier() -> None:
    closed = prestataires(CLOSED_ON_WEDNESDAY.replace("mercredi", "jeudi"))
    later = 'A1.prestations = [{ id = "P1", fin = 11:45:00 }]'
    told = controles(*FINALISE, *AVENANT, later, prestataires=closed)
    assert [champ for _, champ, _ in told] == ["prestations[1].prestataire"]


def test_a_supplier_is_no_longer_asked_about_the_day_that_was_left() -> None:
    closed = prestataires(CLOSED_ON_WEDNESDAY.replace("mercredi", "jeudi"))
    assert [champ for _, champ, _ in controles(*FINALISE, prestataires=closed)] == ["prestations[1].prestataire"]
    assert controles(*FINALISE, *AVENANT_SIGNE, "A1.debut = 2027-06-25", prestataires=closed) == []


def test_one_identifier_for_two_services() -> None:
    told = "l'identifiant « P1 » sert à plusieurs prestations"
    assert controles(*FINALISE, *PORT, "P2.nature = 'billetterie'", 'P2.id = "P1"') == [
        (ERREUR, "prestations[1].id", told),
        (ERREUR, "prestations[2].id", told),
    ]


def test_a_night_ends_the_day_after() -> None:
    night = ("P1.date_fin = 2027-06-18", "P1.fin = 09:00:00", "sejour.fin = 2027-06-18")
    assert controles(*FINALISE, *night) == []


def test_an_office_without_suppliers() -> None:
    told = "prestataire inconnu « guide-1 » ; prestataires.toml n'en connaît aucun"
    assert controles(*FINALISE, prestataires=prestataires("")) == [(ERREUR, "prestations[1].prestataire", told)]


@pytest.mark.parametrize(
    ("registre", "message"),
    [
        ("actif = false", "« guide-1 » n'est plus actif"),
        ('nom = "Mme Fabulette"\nactif = false', "« Mme Fabulette » n'est plus actif"),
        ('jours_fermes = ["Jeudi"]', "« guide-1 » est fermé le jeudi"),
        ("convention = { fin = 2027-06-16 }", "la convention de « guide-1 » ne couvre pas le 17 juin 2027"),
        (
            "convention = { debut = 2027-06-18, fin = 2027-12-31 }",
            "la convention de « guide-1 » ne couvre pas le 17 juin 2027",
        ),
        (
            "capacite = 20",
            "21 personnes à la fois, mais « guide-1 » en accepte 20 (capacité) : prévoir des sous-groupes",
        ),
        (
            "groupe_max = 20",
            "21 personnes à la fois, mais « guide-1 » en accepte 20 (taille maximale d'un groupe) : "
            "prévoir des sous-groupes",
        ),
    ],
)
def test_a_supplier_who_may_not_do(registre: str, message: str) -> None:
    suppliers = prestataires(f'[[prestataires]]\nid = "guide-1"\n{registre}')
    ((gravite, champ, told),) = controles(*FINALISE, prestataires=suppliers)
    assert (gravite, champ, plain(told)) == (AVERTISSEMENT, "prestations[1].prestataire", message)


def test_a_supplier_who_may() -> None:
    wide = prestataires(
        '[[prestataires]]\nid = "guide-1"\ncapacite = 21\ngroupe_max = 21\njours_fermes = ["mardi"]\n'
        "convention = { debut = 2027-06-17, fin = 2027-06-17 }"
    )
    assert controles(*FINALISE, prestataires=wide) == []
    thursday = prestataires('[[prestataires]]\nid = "guide-1"\njours_fermes = ["jeudi"]')
    assert controles(*PROPOSE, "P1.date", prestataires=thursday) == []


def test_capacity_counts_the_headcount_in_force_free_places_included() -> None:
    boat = prestataires('[[prestataires]]\nid = "guide-1"\ncapacite = 40')
    alone = ("P1.sous_groupes", "effectif.gratuites = 1")
    ((_, _, message),) = controles(*FINALISE, *alone, prestataires=boat)
    assert message.startswith("43 personnes à la fois")
    assert controles(*FINALISE, *AVENANT_SIGNE, *alone, prestataires=boat) == []


def test_capacity_waits_for_a_headcount() -> None:
    small = prestataires('[[prestataires]]\nid = "guide-1"\ncapacite = 1')
    assert controles(*PROPOSE, "effectif.participants", prestataires=small) == []


# 5. Menus


@pytest.mark.parametrize(
    ("menu", "champ", "message"),
    [
        (
            'P2.menu.code = "TERRE"',
            "prestations[2].menu.code",
            "menu inconnu « TERRE » ; « La Table du Pollet (fictif) » propose « MAREE »",
        ),
        (
            'P2.menu.choix = [{ plat = "Marmite", quantite = 40 }, { plat = "Légumes", quantite = 2 }]',
            "prestations[2].menu.choix",
            "42 plats choisis pour 43 couverts (participants et chauffeurs en vigueur)",
        ),
    ],
)
def test_a_menu_to_settle(menu: str, champ: str, message: str) -> None:
    assert controles(*FINALISE, *RESTAURANT, menu) == [(AVERTISSEMENT, champ, message)]


def test_a_restaurant_without_menus() -> None:
    bare = prestataires('[[prestataires]]\nid = "guide-1"\n[[prestataires]]\nid = "resto-pollet"')
    ((_, _, message),) = controles(*FINALISE, *RESTAURANT, 'P2.menu.code = "MAREE"', prestataires=bare)
    assert message == "menu inconnu « MAREE » ; « resto-pollet » n'en propose aucun"


def test_a_menu_for_the_headcount_in_force() -> None:
    choix = 'P2.menu.choix = [{ plat = "Marmite", quantite = 39 }]'
    assert controles(*FINALISE, *RESTAURANT, *AVENANT_SIGNE, choix, 'P2.menu.code = "MAREE"') == []
    assert controles(*PROPOSE, *RESTAURANT[:-1], choix, "effectif.participants") == []


def test_a_menu_is_found_in_its_place_before_the_services_are_named() -> None:
    nameless = (*PROPOSE, *RESTAURANT[:-1], "P1.id", "P2.id", 'P2.menu.code = "TERRE"')
    doubts = [champ for gravite, champ, _ in controles(*nameless) if gravite == AVERTISSEMENT]
    assert doubts == ["prestations[2].menu.code"]


def test_the_menu_is_judged_where_it_is_told_last() -> None:
    wrong = 'menu = { code = "TERRE", choix = [{ plat = "Marmite", quantite = 40 }] }'
    changed = f'A1.prestations = [{{ id = "P2", {wrong} }}]'
    told = controles(*FINALISE, *RESTAURANT, 'P2.menu.code = "MAREE"', *AVENANT_SIGNE, changed)
    place = "avenants[1].prestations[1].menu"
    assert [champ for _, champ, _ in told] == [f"{place}.code", f"{place}.choix"]


# 6. Times


def test_services_that_overlap_or_follow_too_closely() -> None:
    def told(*hours: str) -> list[tuple[str, str, str]]:
        return controles(*FINALISE, ACOMPTE.replace("752.40", "363.00"), *SEUL, *PORT, *hours)

    overlap = "« P2 » commence avant la fin de « P1 »"
    assert told("P2.debut = 11:00:00", "P2.fin = 12:00:00") == [(AVERTISSEMENT, "prestations[2].debut", overlap)]
    close = "moins de 10 minutes entre « P1 » et « P2 »"
    assert told("P2.debut = 11:39:00", "P2.fin = 12:00:00") == [(AVERTISSEMENT, "prestations[2].debut", close)]
    assert told("P2.debut = 11:40:00", "P2.fin = 12:00:00") == []
    assert told("P2.debut = 11:00:00", "P2.fin = 12:00:00", "P2.nature = 'billetterie'") == []
    assert told("P2.debut = 11:00:00", "P2.fin = 12:00:00", "P2.sous_groupes = 2") == []


def test_a_long_service_overlaps_more_than_the_next() -> None:
    deposit = ACOMPTE.replace("752.40", "363.00")
    long = ("P1.fin = 15:00:00", "P2.debut = 10:30:00", "P2.fin = 11:00:00")
    third = (*(line.replace("P2.", "P3.") for line in PORT), "P3.debut = 14:00:00", "P3.fin = 16:00:00")
    told = [message for _, _, message in controles(*FINALISE, deposit, *SEUL, *PORT, *long, *third)]
    assert told == ["« P2 » commence avant la fin de « P1 »", "« P3 » commence avant la fin de « P1 »"]


@pytest.mark.parametrize(
    ("faits", "champ", "message"),
    [
        (("P1.debut = 09:30:00",), "prestations[1].debut", "commence avant l'arrivée du client"),
        (("sejour.heure_depart = 11:00:00",), "prestations[1].fin", "finit après le départ du client"),
        (
            ("sejour.fin = 2027-06-18", "P1.date_fin = 2027-06-18", "sejour.heure_depart = 11:00:00"),
            "prestations[1].fin",
            "finit après le départ du client",
        ),
    ],
)
def test_services_outside_arrival_and_departure(faits: tuple[str, ...], champ: str, message: str) -> None:
    assert controles(*FINALISE, *faits) == [(AVERTISSEMENT, champ, message)]


@pytest.mark.parametrize(
    ("faits", "champ"),
    [
        (('A1.prestations = [{ id = "P1", debut = 09:30:00 }]',), "avenants[1].prestations[1].debut"),
        (("A1.heure_arrivee = 10:30:00",), "prestations[1].debut"),
        (("A1.heure_depart = 11:00:00",), "prestations[1].fin"),
        (("A1.debut = 2027-06-24", "A1.heure_depart = 11:00:00"), "prestations[1].fin"),
    ],
)
def test_arrival_and_departure_in_force(faits: tuple[str, ...], champ: str) -> None:
    assert [where for _, where, _ in controles(*FINALISE, *AVENANT_SIGNE, *faits)] == [champ]
    assert controles(*FINALISE, *AVENANT, *faits) == []


def test_services_between_arrival_and_departure() -> None:
    assert controles(*FINALISE, "sejour.heure_depart = 11:30:00") == []
    assert controles(*FINALISE, "sejour.heure_arrivee = 10:00:00") == []


def test_other_days_know_neither_arrival_nor_departure() -> None:
    three_days = ("sejour.debut = 2027-06-16", "sejour.fin = 2027-06-18", "sejour.heure_depart = 09:00:00")
    assert controles(*FINALISE, *three_days, "P1.debut = 09:30:00", "P1.fin = 11:30:00") == []


# 7. Money


def test_a_deposit_that_differs() -> None:
    (_, (gravite, champ, message)) = controles(*FINALISE, ACOMPTE.replace("752.40", "700.00"))
    assert (gravite, champ) == (AVERTISSEMENT, "paiement.encaissements")
    assert plain(message) == "700,00 € reçus pour un acompte de 752,40 €"


def test_a_deposit_in_two_parts() -> None:
    parts = '{ nature = "acompte", montant = 700.00 }, { nature = "acompte", montant = 52.40 }'
    assert controles(*FINALISE, f"paiement.encaissements = [{parts}]") == []


def test_a_deposit_without_price_is_not_judged() -> None:
    assert controles(*PROPOSE, ACOMPTE, "tarif.prix_par_personne") == []


@pytest.mark.parametrize(
    ("faits", "champ", "message"),
    [
        ((ACOMPTE,), "paiement.encaissements", "aucun acompte n'est dû avec un mandat administratif"),
        (("paiement.chorus.siret",), "paiement.chorus.siret", "il manque le SIRET du client pour Chorus Pro"),
        (
            ('paiement.chorus.siret = "73282932000075"',),
            "paiement.chorus.siret",
            "« 73282932000075 » n'a pas une clé de SIRET valable : le relire",
        ),
        (
            ("paiement.chorus.numero_engagement",),
            "paiement.chorus.numero_engagement",
            "demander au client son numéro d'engagement pour Chorus Pro",
        ),
    ],
)
def test_a_mandat_to_complete(faits: tuple[str, ...], champ: str, message: str) -> None:
    complete = (*FINALISE, *MANDAT, *CHORUS, SANS_ENCAISSEMENT)
    assert controles(*complete) == []
    assert controles(*complete, *faits) == [(AVERTISSEMENT, champ, message)]


# A package or not (L.211-2)

CHAMP_FORFAIT = "contrat.forfait_touristique"
NUIT = ('P2.nature = "hebergement"', "sejour.fin = 2027-06-18", "P2.date_fin = 2027-06-18")
FORFAIT = (*PORT, *NUIT, 'P1.nature = "transport"')
ACHATS = ('P1.achat = { mode = "forfait", montant = 30.00 }', 'P2.achat = { mode = "forfait", montant = 90.00 }')


@pytest.mark.parametrize(
    ("faits", "told"),
    [
        (("contrat.forfait_touristique = false",), None),
        (
            ("contrat.forfait_touristique = true",),
            "ce séjour n'est pas un forfait touristique, car il n'a ni nuit ni plus de 24 heures : écrire false, ",
        ),
        ((*FORFAIT, "contrat.forfait_touristique = true"), None),
        (
            (*FORFAIT, "contrat.forfait_touristique = false"),
            "ce séjour est un forfait touristique, car il réunit un hébergement et un transport : écrire true, ",
        ),
        (
            (*PORT, *NUIT, *ACHATS, "contrat.forfait_touristique = false"),
            "ce séjour est un forfait touristique, car les autres prestations font 25 % de sa valeur, 25 % ou plus : "
            "écrire true, ",
        ),
        ((*PORT, *NUIT, ACHATS[1], "P1.achat", "contrat.forfait_touristique = false"), None),
    ],
)
def test_the_nature_of_a_sale_is_the_law_s_to_say(faits: tuple[str, ...], told: str | None) -> None:
    message = f"au sens de L.211-2, {told}ou ôter cette ligne"
    expected = [] if told is None else [(ERREUR, CHAMP_FORFAIT, message)]
    assert [(one[0], one[1], plain(one[2])) for one in controles(*FINALISE, *faits)] == expected


def test_nobody_need_say_what_the_law_says() -> None:
    assert controles(*FINALISE, CHAMP_FORFAIT) == []
    assert controles(*FINALISE, *FORFAIT, CHAMP_FORFAIT) == []


def test_what_the_law_leaves_open_is_said_before_the_contract_says_it() -> None:
    unsure = (*PORT, *NUIT, ACHATS[1], "P1.achat", CHAMP_FORFAIT)
    assert [one for one in controles(*PROPOSE, *unsure) if one[1] == CHAMP_FORFAIT] == []
    ((gravite, champ, message),) = controles(*FINALISE, *unsure)
    assert (gravite, champ) == (AVERTISSEMENT, CHAMP_FORFAIT)
    assert "le contrat dira que ce séjour est un forfait touristique ; à vérifier" in message
    assert "sans tous les prix d'achat" in message


def test_an_avenant_that_makes_a_package_of_it_wants_the_other_form() -> None:
    night = ("A1.fin = 2027-06-18", 'A1.prestations = [{ id = "P2", nature = "hebergement" }]')
    before = (*PORT, 'P1.nature = "transport"', CHAMP_FORFAIT)
    told = [one for one in controles(*FINALISE, *before, *AVENANT_SIGNE, *night) if one[1] == CHAMP_FORFAIT]
    ((gravite, _, message),) = told
    assert gravite == AVERTISSEMENT
    assert "avec ses avenants, ce séjour est un forfait touristique" in message


def test_what_was_not_handed_over_before_the_contract_is_told() -> None:
    assert controles(*PROPOSE, "devis.pieces") == []
    ((gravite, champ, message),) = controles(*FINALISE, 'devis.pieces = ["devis", "cgv"]')
    assert (gravite, champ) == (AVERTISSEMENT, "devis.pieces")
    assert "les conditions particulières de vente et le formulaire d'information" in message
    assert "générales" not in message


def test_the_margin_scheme_wants_transport_or_lodging_or_the_accountant() -> None:
    strict = office("version_schema = 1")
    told = [one for one in controles(*FINALISE, office=strict) if one[1] == "tarif.regime_tva"]
    assert [one[0] for one in told] == [AVERTISSEMENT] and "CGI 266-1-e" in told[0][2]
    for known in ('P1.nature = "hebergement"', 'P1.nature = "transport"', 'tarif.regime_tva = "droit_commun"'):
        assert [one for one in controles(*FINALISE, known, office=strict) if one[1] == "tarif.regime_tva"] == []


@pytest.mark.parametrize(
    ("faits", "champ"),
    [
        (("effectif.minimum = 43",), "effectif.participants"),
        (("effectif.minimum = 42",), None),
        (("effectif.minimum = 39", *AVENANT_SIGNE), "avenants[1].participants"),
        (("effectif.minimum = 39", *AVENANT), "avenants[1].participants"),
        (("effectif.minimum = 39", *AVENANT, "A1.abandonne_le = 2027-05-20"), None),
        (("effectif.minimum = 43", *AVENANT_SIGNE, "A1.participants"), "effectif.participants"),
    ],
)
def test_fewer_people_than_the_contract_wants(faits: tuple[str, ...], champ: str | None) -> None:
    told = [one for one in controles(*FINALISE, *faits) if "sous le minimum" in one[2]]
    assert [one[1] for one in told] == ([champ] if champ else [])


def test_children_change_with_the_people() -> None:
    children = ("effectif.enfants = 40", *AVENANT_SIGNE)
    told = {one[1]: plain(one[2]) for one in controles(*FINALISE, *children)}
    assert told == {
        "avenants[1].enfants": "l'effectif change, et les enfants ? Noter enfants = 40, ou leur nouveau nombre"
    } | {"avenants[1].enfants": told["avenants[1].enfants"]}
    assert any("40 enfants pour 38 participants" in one[2] for one in controles(*FINALISE, *children))
    assert controles(*FINALISE, *children, "A1.enfants = 36") == []


def test_an_invoice_that_is_not_where_it_is_said_to_be() -> None:
    fichier = "7 Factures/guide-1.pdf"
    filed = (*FINALISE, f'P1.facture.fichier = "{fichier}"')
    assert controles(*filed) == []
    told = controles(*filed, factures_absentes=frozenset({fichier}))
    assert [(gravite, champ) for gravite, champ, _ in told] == [(AVERTISSEMENT, "prestations[1].facture.fichier")]


# 4. Avenants

DEMANDE_ECRITE = (
    "une modification se demande par écrit : noter le canal et la date de réception, "
    "ou abandonne_le si elle ne se fait pas"
)


@pytest.mark.parametrize(
    ("faits", "gravite", "champ", "message"),
    [
        (("A1.numero = 2",), ERREUR, "numero", "cet avenant est le 1er du fichier : écrire numero = 1"),
        (
            ("A1.demande_canal",),
            ERREUR,
            "demande_canal",
            DEMANDE_ECRITE,
        ),
        (
            ("A1.demande_recue_le",),
            ERREUR,
            "demande_recue_le",
            DEMANDE_ECRITE,
        ),
        (
            ("A1.demande_canal", 'A1.derogation = "Accord"'),
            ERREUR,
            "demande_canal",
            DEMANDE_ECRITE,
        ),
        (
            ("A1.demande_recue_le = 2027-06-03",),
            ERREUR,
            "demande_recue_le",
            "demande reçue hors délai : elle devait l'être le 2 juin 2027 au plus tard (article 11). "
            "Noter derogation = \"motif\" si l'office l'accepte, abandonne_le s'il la refuse",
        ),
        (
            ("A1.redige_le = 2027-05-13",),
            AVERTISSEMENT,
            "client_averti_hausse_le",
            "prévenir le client de la hausse du prix par personne avant de rédiger",
        ),
    ],
)
def test_an_avenant_to_mend(faits: tuple[str, ...], gravite: str, champ: str, message: str) -> None:
    ((told_gravite, told_champ, told),) = controles(*FINALISE, *AVENANT, *faits)
    assert (told_gravite, told_champ, plain(told)) == (gravite, f"avenants[1].{champ}", message)


def test_what_was_signed_is_not_given_up() -> None:
    ((gravite, champ, message),) = controles(*FINALISE, *AVENANT_SIGNE, "A1.abandonne_le = 2027-05-21")
    assert (gravite, champ) == (ERREUR, "avenants[1].abandonne_le")
    assert plain(message) == (
        "un avenant signé ne s'abandonne pas : en noter un autre qui le défait, et effacer abandonne_le"
    )
    # One that was refused although somebody signed it never was in force.
    assert controles(*FINALISE, *AVENANT_SIGNE, "A1.demande_canal", "A1.abandonne_le = 2027-05-21") == []


@pytest.mark.parametrize(
    ("faits", "champ"),
    [
        (("A1.signe_client_le",), "avenants[1].signe_client_le"),
        (("contrat.signe_client_le",), "contrat.signe_client_le"),
    ],
)
def test_the_direction_has_signed_and_not_the_client(faits: tuple[str, ...], champ: str) -> None:
    message = "signé par la direction, mais la signature du client n'est pas notée : la noter, ou la lui demander"
    told = [one for one in controles(*FINALISE, *AVENANT_SIGNE, *faits) if "la signature du client" in one[2]]
    assert told == [(AVERTISSEMENT, champ, message)]


def test_avenants_signed_in_another_order_than_theirs() -> None:
    second = tuple(fait.replace("A1.", "A2.").replace("59.00", "60.00") for fait in AVENANT_SIGNE)
    later = (*AVENANT_SIGNE, *second, "A1.signe_direction_le = 2027-06-01")
    ((gravite, champ, message),) = controles(*FINALISE, *later)
    assert (gravite, champ) == (AVERTISSEMENT, "avenants[1].signe_direction_le")
    assert plain(message) == "signé par la direction après l'avenant n° 2 : il s'y ajoute, et ce qu'il dit l'emporte"


def test_a_letter_dated_in_time_and_received_late() -> None:
    late = ("A1.demande_recue_le = 2027-06-03", "A1.demande_datee_du = 2027-06-02", 'A1.derogation = "Poste en grève"')
    assert controles(*FINALISE, *AVENANT, *late) == [
        (
            AVERTISSEMENT,
            "avenants[1].demande_datee_du",
            "demande datée dans le délai mais reçue après : à trancher avec le client",
        )
    ]


def test_an_avenant_given_up_asks_for_nothing() -> None:
    out_of_time = (*AVENANT, "A1.demande_recue_le = 2027-06-03")
    assert controles(*FINALISE, *out_of_time, "A1.abandonne_le = 2027-06-04") == []


def test_a_rise_is_one_over_the_price_in_force() -> None:
    second = (
        'A2.demande_canal = "mail"',
        "A2.demande_recue_le = 2027-05-28",
        "A2.redige_le = 2027-05-28",
    )
    lower = (*AVENANT_SIGNE, *second, "A2.prix_par_personne = 60.00")
    assert controles(*FINALISE, *lower) == []
    higher = (*AVENANT_SIGNE, "A1.prix_par_personne = 55.00", *second, "A2.prix_par_personne = 58.00")
    (told,) = controles(*FINALISE, *higher)
    assert told[:2] == (AVERTISSEMENT, "avenants[2].client_averti_hausse_le")


def test_a_new_price_without_an_old_one_is_no_rise() -> None:
    same = (*AVENANT, "A1.participants", "A1.redige_le = 2027-05-13")
    assert controles(*PROPOSE, *same, "tarif.prix_par_personne") == []


def test_the_client_is_told_that_another_headcount_may_cost_more() -> None:
    fewer = (*AVENANT, "A1.prix_par_personne", "A1.redige_le = 2027-05-13")
    ((_, champ, message),) = controles(*FINALISE, *fewer)
    assert champ == "avenants[1].client_averti_hausse_le"
    assert message == "prévenir le client que le prix par personne peut augmenter avant de rédiger"
    assert controles(*FINALISE, *fewer, "A1.client_averti_hausse_le = 2027-05-12") == []
    assert controles(*FINALISE, *fewer, "A1.participants = 42") == []


# 10. Facts of the future


@pytest.mark.parametrize(
    ("fact", "champ"),
    [
        ("demande.recontact_le = 2027-06-05T09:00:00", "demande.recontact_le"),
        ("P1.facture.recue_le = 2027-06-05", "prestations[1].facture.recue_le"),
        ("notes = [{ le = 2027-06-05 }]", "notes[1].le"),
        ("A1.demande_datee_du = 2027-06-05", "avenants[1].demande_datee_du"),
    ],
)
def test_a_fact_dated_after_today(fact: str, champ: str) -> None:
    ((gravite, place, message),) = controles(*FINALISE, *AVENANT, fact)
    assert (gravite, place, plain(message)) == (AVERTISSEMENT, champ, "fait daté du 5 juin 2027, après aujourd'hui")
    assert controles(*FINALISE, *AVENANT, fact, le=date(2027, 6, 5)) == []


def test_plans_may_lie_ahead() -> None:
    assert controles(*PROPOSE, "P1.option.prolongee_jusqu_au = 2028-01-01") == []


def test_the_fiche_tells_the_same_problems() -> None:
    shown = fiche(*FINALISE, "P1.id")
    assert shown.problemes == check(shown.dossier, shown.cadre) != []


def test_every_sentence_can_be_printed() -> None:
    problems = check(dossier(*AVENANT, "P1.debut = 10:00:00", "P1.id", 'agent = "personne"'), cadre())
    for problem in problems:
        assert "None" not in typography(problem.message)
