"""Values in force: the contract's, until the direction signs an admissible avenant (regles.md §3.4)."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from tests.dossiers import AVENANT, AVENANT_SIGNE, dossier, exemple_dossier, fiche, jusqu_a, office
from toolkit.dossier.etat import Etat
from toolkit.dossier.faits import Prestation
from toolkit.dossier.niveaux import Niveau
from toolkit.dossier.valeurs import Valeurs, limite_modification, valeurs_du_contrat, valeurs_en_vigueur

FINALISE = jusqu_a(Etat.FINALISE)
CONTRAT = Valeurs(
    participants=42,
    chauffeurs=1,
    gratuites=0,
    prix_par_personne=Decimal("59.00"),
    debut=date(2027, 6, 17),
    fin=date(2027, 6, 17),
    heure_arrivee=time(9, 45),
    prestations=tuple(dossier(*FINALISE).prestations),
)
DEUXIEME = (
    'A2.demande_canal = "mail"',
    "A2.demande_recue_le = 2027-05-28",
    "A2.participants = 40",
    "A2.prix_par_personne = 60.00",
    "A2.signe_direction_le = 2027-06-01",
)
SEJOUR = (
    *FINALISE,
    "sejour.fin = 2027-06-19",
    'P2.nature = "restauration"',
    'P2.prestataire = "resto-pollet"',
    'P2.libelle = "Déjeuner"',
    "P2.date = 2027-06-18",
    "P2.debut = 12:15:00",
    "P2.option.demandee_le = 2027-01-18",
    "P2.option.confirmee_le = 2027-02-18",
    'P2.menu = { code = "MAREE", choix = [{ plat = "Marmite", quantite = 43 }] }',
    "P2.bon_echange.envoye_prestataire_le = 2027-05-03",
    "P2.facture.recue_le = 2027-06-30",
)
"""Three days: the visit on the first, a lunch on the second."""
PROGRAMME = (
    'A1.objet = "programme"',
    'A1.demande_canal = "mail"',
    "A1.demande_recue_le = 2027-05-12",
    "A1.signe_direction_le = 2027-05-20",
)
"""A change of the programme in force, whatever it changes."""


def en_vigueur(*faits: str) -> Valeurs:
    return valeurs_en_vigueur(dossier(*FINALISE, *faits), office())


def told(valeurs: Valeurs) -> tuple[int | None, str, int, int]:
    return valeurs.participants, str(valeurs.prix_par_personne), valeurs.avenant, valeurs.modifications


@pytest.mark.parametrize(
    "faits",
    [
        (),
        AVENANT,
        AVENANT_SIGNE[:-1],
        (*AVENANT, "A1.abandonne_le = 2027-05-21"),
        (*AVENANT_SIGNE, "A1.demande_recue_le = 2027-06-03"),
        (*AVENANT_SIGNE, "A1.demande_recue_le"),
        (*AVENANT_SIGNE, "A1.demande_canal"),
    ],
)
def test_the_contract_holds_until_an_admissible_avenant_is_signed(faits: tuple[str, ...]) -> None:
    assert en_vigueur(*faits) == CONTRAT


def test_a_signed_avenant_is_in_force() -> None:
    assert told(en_vigueur(*AVENANT_SIGNE)) == (38, "61.00", 1, 1)


def test_a_reasoned_derogation_makes_up_for_the_delay() -> None:
    late = (*AVENANT_SIGNE, "A1.demande_recue_le = 2027-06-03", 'A1.derogation = "Accord du restaurant"')
    assert told(en_vigueur(*late)) == (38, "61.00", 1, 1)
    assert en_vigueur(*late, 'A1.derogation = ""') == CONTRAT


@pytest.mark.parametrize("missing", ["A1.demande_recue_le", "A1.demande_canal"])
def test_no_derogation_makes_up_for_a_request_that_was_not_written(missing: str) -> None:
    # Changed: a derogation once stood for the channel and the date as well.
    assert en_vigueur(*AVENANT_SIGNE, missing, 'A1.derogation = "Accord du restaurant"') == CONTRAT


def test_the_last_signed_one_wins() -> None:
    assert told(en_vigueur(*AVENANT_SIGNE, *DEUXIEME)) == (40, "60.00", 2, 2)
    # Changed: a draft counts neither for the values nor for the fees, so that giving it up changes no signed paper.
    assert told(en_vigueur(*AVENANT, *DEUXIEME)) == (40, "60.00", 2, 1)
    assert told(en_vigueur(*AVENANT, "A1.abandonne_le = 2027-05-20", *DEUXIEME)) == (40, "60.00", 2, 1)


def test_signed_in_reverse_the_last_signature_wins() -> None:
    reverse = (*AVENANT_SIGNE, *DEUXIEME, "A1.signe_direction_le = 2027-06-02", "A1.prix_par_personne")
    assert told(en_vigueur(*reverse)) == (38, "60.00", 1, 2)
    first, second = fiche(*FINALISE, *reverse).modifications
    assert (second.before, first.before) == (CONTRAT, second.after)


def test_what_an_avenant_does_not_say_stays() -> None:
    first = (*AVENANT_SIGNE, "A1.chauffeurs = 2", "A1.gratuites = 3")
    second = (*DEUXIEME, "A2.participants", "A2.prix_par_personne")
    valeurs = en_vigueur(*first, *second)
    assert (valeurs.participants, valeurs.chauffeurs, valeurs.gratuites) == (38, 2, 3)
    assert valeurs.prix_par_personne == Decimal("61.00")
    assert valeurs.personnes == 41


def test_an_avenant_may_bring_down_to_nobody() -> None:
    assert en_vigueur(*AVENANT_SIGNE, "A1.participants = 0", "A1.chauffeurs = 0").participants == 0


def test_an_avenant_without_number_is_known_by_its_place() -> None:
    assert en_vigueur(*AVENANT_SIGNE, *DEUXIEME, "A2.numero").avenant == 2


def test_fees_that_the_office_does_not_charge() -> None:
    gift = 'frais_offerts = "Geste commercial"'
    assert en_vigueur(*AVENANT_SIGNE, *DEUXIEME, f"A2.{gift}").modifications_offertes == 1
    # The first is free already.
    assert en_vigueur(*AVENANT_SIGNE, *DEUXIEME, f"A1.{gift}").modifications_offertes == 0


@pytest.mark.parametrize(
    ("faits", "limite"),
    [
        ((), None),
        (("sejour.debut = 2027-06-18",), date(2027, 6, 3)),
        (("sejour.debut = 2027-06-17", "P1.date = 2027-06-18", "P2.date = 2027-06-19"), date(2027, 6, 3)),
        (("sejour.debut = 2027-06-17", 'P1.libelle = "Visite"'), date(2027, 6, 2)),
    ],
)
def test_the_limit_counts_from_the_first_service(faits: tuple[str, ...], limite: date | None) -> None:
    assert limite_modification(valeurs_du_contrat(dossier(*faits)), office()) == limite


def test_a_request_without_any_date_of_service_is_in_time() -> None:
    (one,) = fiche(*AVENANT).modifications
    assert (one.avenant.numero, one.limite, one.is_recevable, one.is_en_vigueur) == (1, None, True, False)


def test_the_fiche_keeps_the_contract_beside_the_values_in_force() -> None:
    shown = fiche(*FINALISE, *AVENANT_SIGNE)
    assert shown.contrat == CONTRAT
    assert told(shown.en_vigueur) == (38, "61.00", 1, 1)
    (one,) = shown.modifications
    assert (one.avenant.numero, one.is_recevable, one.is_en_vigueur) == (1, True, True)
    assert (one.before, one.after) == (CONTRAT, shown.en_vigueur)
    assert str(shown.montants_pour(shown.contrat).total) == "2508.00"
    assert str(shown.montants.total) == "2348.00"
    assert str(shown.montants.acompte) == "752.40"


def test_who_and_how() -> None:
    shown = fiche(*FINALISE, 'suppleant = "chargee-2"', 'contrat.signataire = "directrice-adjointe"')
    assert shown.agent is not None and shown.agent.nom_complet == "Ambre Fictive"
    assert shown.suppleant is not None and shown.suppleant.prenom == "Blanche"
    assert shown.signataire is not None and shown.signataire.qualite == "Directrice adjointe"
    nobody = fiche()
    assert (nobody.agent, nobody.suppleant, nobody.signataire) == (None, None, None)


def test_the_coach_is_the_clients_or_one_that_the_office_sells() -> None:
    assert fiche('sejour.transport = "Autocar du client"').transport == "Autocar du client"
    assert fiche('sejour.transport = "vedette"').transport == "Vedettes de l'Exemple (fictif)"
    assert fiche().transport is None


def test_nights_and_programme() -> None:
    stay = fiche(
        "sejour.debut = 2027-06-17",
        "sejour.fin = 2027-06-19",
        'P1.libelle = "Sans date"',
        "P2.date = 2027-06-18",
        "P2.debut = 10:00:00",
        "P3.date = 2027-06-18",
        "P3.debut = 09:00:00",
        'P3.prestataire = "vedette"',
        "P4.date = 2027-06-17",
    )
    assert stay.en_vigueur.nuits == 2
    assert fiche().en_vigueur.nuits is None
    programme = stay.programme(stay.en_vigueur)
    assert [line.id for line in programme] == ["P4", "P3", "P2", "P1"]
    assert [line.prestataire is not None for line in programme] == [False, True, False, False]


def test_the_example_after_two_avenants() -> None:
    example = exemple_dossier("dossier_groupe")
    assert told(valeurs_en_vigueur(example, office())) == (40, "60.00", 2, 2)


# Dates and times


def sejour(*faits: str) -> Valeurs:
    """The values in force of the three days, once an avenant has changed them."""
    return valeurs_en_vigueur(dossier(*SEJOUR, *faits), office())


def service(valeurs: Valeurs, id: str) -> Prestation:
    (found,) = (one for one in valeurs.prestations if one.id == id)
    return found


def dates(valeurs: Valeurs) -> list[int | None]:
    """The days of June: of the stay, then of each service."""
    days = [valeurs.debut, valeurs.fin, *(one.date for one in valeurs.prestations)]
    return [day.day if day else None for day in days]


@pytest.mark.parametrize(
    ("faits", "expected"),
    [
        ((), [17, 19, 17, 18]),
        (("A1.debut = 2027-06-24",), [24, 26, 24, 25]),
        (("A1.debut = 2027-06-10",), [10, 12, 10, 11]),
        (("A1.debut = 2027-06-24", "A1.fin = 2027-06-25"), [24, 25, 24, 25]),
        (("A1.fin = 2027-06-20",), [17, 20, 17, 18]),
        (("A1.debut = 2027-06-24", 'A1.prestations = [{ id = "P2", date = 2027-06-26 }]'), [24, 26, 24, 26]),
        (('A1.prestations = [{ id = "P2", date = 2027-06-19 }]',), [17, 19, 17, 19]),
        (("P1.date", "A1.debut = 2027-06-24"), [24, 26, None, 25]),
        (
            (
                "A1.debut = 2027-06-24",
                *(fait.replace("A1.", "A2.") for fait in PROGRAMME),
                "A2.debut = 2027-06-23",
            ),
            [23, 25, 23, 24],
        ),
    ],
)
def test_a_new_date_takes_the_services_along(faits: tuple[str, ...], expected: list[int | None]) -> None:
    assert dates(sejour(*PROGRAMME, *faits)) == expected


def test_a_night_is_moved_with_both_its_ends() -> None:
    night = service(sejour(*PROGRAMME, "P2.date_fin = 2027-06-19", "A1.debut = 2027-06-24"), "P2")
    assert (night.date, night.date_fin) == (date(2027, 6, 25), date(2027, 6, 26))


def test_a_day_trip_that_had_no_date_ends_on_the_day_that_the_avenant_gives() -> None:
    undated = valeurs_en_vigueur(
        dossier(*FINALISE, *PROGRAMME, "sejour.debut", "P1.date", "A1.debut = 2027-06-24"), office()
    )
    assert (undated.debut, undated.fin, undated.nuits) == (date(2027, 6, 24), date(2027, 6, 24), 0)


def test_hours_of_arrival_and_departure() -> None:
    later = sejour(*PROGRAMME, "A1.heure_arrivee = 10:30:00", "A1.heure_depart = 17:00:00")
    assert (later.heure_arrivee, later.heure_depart) == (time(10, 30), time(17, 0))
    kept = sejour(*PROGRAMME, "sejour.heure_depart = 18:00:00")
    assert (kept.heure_arrivee, kept.heure_depart) == (time(9, 45), time(18, 0))


def test_a_draft_moves_nothing_yet() -> None:
    shown = fiche(*SEJOUR, *PROGRAMME, "A1.signe_direction_le", "A1.debut = 2027-06-24")
    (one,) = shown.modifications
    assert dates(shown.en_vigueur) == dates(one.before) == [17, 19, 17, 18]
    assert dates(one.after) == [24, 26, 24, 25]
    assert one.is_recevable and not one.is_en_vigueur


@pytest.mark.parametrize(
    "wrong", [("A1.signe_direction_le", "A1.abandonne_le = 2027-05-21"), ("A1.demande_recue_le = 2027-06-03",)]
)
def test_an_avenant_that_cannot_be_changes_nothing(wrong: tuple[str, ...]) -> None:
    shown = fiche(*SEJOUR, *PROGRAMME, "A1.debut = 2027-06-24", "A1.participants = 3", *wrong)
    (one,) = shown.modifications
    assert one.before == one.after == shown.en_vigueur == shown.contrat
    assert not one.is_en_vigueur


def test_limits_and_filing_follow_the_new_date() -> None:
    moved = fiche(*SEJOUR, *PROGRAMME, "A1.debut = 2027-06-24")
    assert moved.limites.modification == date(2027, 6, 9)
    assert moved.limites.satisfaction == date(2027, 6, 28)


# Services


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ('{ id = "P2", retiree = true }', ["P1"]),
        ('{ id = "P3", nature = "activite", libelle = "Bateau" }', ["P1", "P2", "P3"]),
        ('{ id = "P1", retiree = true }, { id = "P3", libelle = "Bateau" }', ["P2", "P3"]),
        ('{ id = "P2", debut = 12:30:00 }', ["P1", "P2"]),
        ('{ id = "P9", retiree = true }', ["P1", "P2"]),
        ('{ libelle = "Sans identifiant" }', ["P1", "P2"]),
    ],
)
def test_services_come_and_go(changes: str, ids: list[str]) -> None:
    assert [one.id for one in sejour(*PROGRAMME, f"A1.prestations = [{changes}]").prestations] == ids


def test_a_change_says_only_what_changes() -> None:
    change = 'id = "P2", debut = 12:30:00, lieu = "Le Pollet", retiree = false'
    lunch = service(sejour(*PROGRAMME, f"A1.prestations = [{{ {change} }}]"), "P2")
    former = service(sejour(), "P2")
    assert (lunch.debut, lunch.lieu) == (time(12, 30), "Le Pollet")
    assert lunch.model_copy(update={"debut": former.debut, "lieu": None}) == former


def of_supplier(one: Prestation) -> tuple[Any, ...]:
    """What is told of a service to, and by, one supplier."""
    return (
        one.option.demandee_le,
        one.option.confirmee_le,
        one.bon_echange.envoye_prestataire_le,
        one.facture.recue_le,
        one.menu.code if one.menu else None,
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("debut = 12:30:00", (date(2027, 1, 18), date(2027, 2, 18), date(2027, 5, 3), date(2027, 6, 30), "MAREE")),
        (
            'prestataire = "resto-pollet"',
            (date(2027, 1, 18), date(2027, 2, 18), date(2027, 5, 3), date(2027, 6, 30), "MAREE"),
        ),
        ('prestataire = "vedette"', (None, None, None, None, None)),
        (
            'prestataire = "vedette", option = { confirmee_le = 2027-05-19 }',
            (None, date(2027, 5, 19), None, None, None),
        ),
    ],
)
def test_another_supplier_starts_anew(change: str, expected: tuple[Any, ...]) -> None:
    moved = service(sejour(*PROGRAMME, f'A1.prestations = [{{ id = "P2", {change} }}]'), "P2")
    assert of_supplier(moved) == expected
    assert (moved.libelle, moved.date) == ("Déjeuner", date(2027, 6, 18))


def test_purchases_follow_the_services_in_force() -> None:
    shown = fiche(*SEJOUR, *PROGRAMME, 'A1.prestations = [{ id = "P1", retiree = true }]')
    assert str(shown.montants_pour(shown.contrat).achats) == "190.00"
    assert str(shown.montants.achats) == "0.00"


# The limit of each avenant (regles.md §1.2, A6)


@pytest.mark.parametrize(
    ("faits", "limite"),
    [
        (('A1.prestations = [{ id = "P2", debut = 12:30:00 }]',), date(2027, 6, 3)),
        (('A1.objet = "menu"', 'A1.prestations = [{ id = "P2", menu = { code = "TERRE" } }]'), date(2027, 6, 3)),
        (('A1.prestations = [{ id = "P2", retiree = true }]',), date(2027, 6, 3)),
        (('A1.prestations = [{ id = "P2", debut = 12:30:00 }]', "A1.prix_par_personne = 60.00"), date(2027, 6, 3)),
        (('A1.prestations = [{ id = "P1", debut = 10:30:00 }, { id = "P2", debut = 12:30:00 }]',), date(2027, 6, 2)),
        (('A1.prestations = [{ id = "P3", libelle = "Bateau" }]',), date(2027, 6, 2)),
        (('A1.objet = "effectif"', 'A1.prestations = [{ id = "P2", debut = 12:30:00 }]'), date(2027, 6, 2)),
        (('A1.prestations = [{ id = "P2", debut = 12:30:00 }]', "A1.participants = 40"), date(2027, 6, 2)),
        (('A1.prestations = [{ id = "P2", debut = 12:30:00 }]', "A1.participants = 42"), date(2027, 6, 3)),
        (('A1.prestations = [{ id = "P2", debut = 12:30:00 }]', "A1.debut = 2027-06-24"), date(2027, 6, 2)),
        (("P2.date", 'A1.prestations = [{ id = "P2", debut = 12:30:00 }]'), date(2027, 6, 2)),
        ((), date(2027, 6, 2)),
    ],
)
def test_a_change_of_one_service_is_counted_from_that_service(faits: tuple[str, ...], limite: date) -> None:
    told_in_time = fiche(*SEJOUR, *PROGRAMME, *faits, f"A1.demande_recue_le = {limite}")
    (one,) = told_in_time.modifications
    assert (one.limite, one.is_recevable) == (limite, True)
    (late,) = fiche(
        *SEJOUR, *PROGRAMME, *faits, f"A1.demande_recue_le = {limite.replace(day=limite.day + 1)}"
    ).modifications
    assert (late.limite, late.is_recevable) == (limite, False)


def test_the_limit_is_counted_from_the_dates_that_were_agreed_before() -> None:
    second = ('A2.objet = "effectif"', 'A2.demande_canal = "mail"', "A2.demande_recue_le = 2027-06-09")
    first, then = fiche(*SEJOUR, *PROGRAMME, "A1.debut = 2027-06-24", *second).modifications
    assert (first.limite, then.limite, then.is_recevable) == (date(2027, 6, 2), date(2027, 6, 9), True)


# Fees (regles.md §1.2, A7)


@pytest.mark.parametrize(
    ("faits", "counted"),
    [
        ((), [1, 2, 3]),
        (("A1.signe_direction_le",), [3, 1, 2]),
        (("A1.signe_direction_le", "A1.abandonne_le = 2027-05-21"), [2, 1, 2]),
        (("A2.signe_direction_le", "A2.abandonne_le = 2027-05-29"), [1, 2, 2]),
        (("A1.signe_direction_le = 2027-06-02",), [3, 1, 2]),
        (("A1.demande_recue_le = 2027-06-03",), [0, 1, 2]),
        (("A1.demande_canal",), [0, 1, 2]),
        (("A1.demande_recue_le = 2027-06-03", 'A1.derogation = "Accord"'), [1, 2, 3]),
    ],
)
def test_fees_count_what_was_made_in_the_order_of_the_signatures(faits: tuple[str, ...], counted: list[int]) -> None:
    third = tuple(fait.replace("A2.", "A3.") for fait in DEUXIEME)
    shown = fiche(*FINALISE, *AVENANT_SIGNE, *DEUXIEME, *third, *faits)
    assert [one.after.modifications for one in shown.modifications] == counted
    made = max(one.after.modifications for one in shown.modifications if one.is_en_vigueur)
    assert shown.montants.frais == 30 + 15 * (made - 1)


# Where a fact in force is written


def place_of(label: str, niveau: Niveau, *faits: str) -> list[str]:
    """Where the facts called so are asked for."""
    asked = fiche(*SEJOUR, *PROGRAMME, *faits).manques(niveau)
    return [".".join(map(str, path)) for path, told in asked if told == label]


OPTION, CHOIX, HEURE = "la confirmation de l'option", "le choix des plats", "l'heure de début de la prestation"
AUTRE = 'id = "P2", prestataire = "vedette"'


@pytest.mark.parametrize(
    ("label", "faits", "places"),
    [
        (OPTION, ("P2.option.confirmee_le",), ["prestations.1.option.confirmee_le"]),
        (OPTION, (f"A1.prestations = [{{ {AUTRE} }}]",), ["avenants.0.prestations.0.option.confirmee_le"]),
        (CHOIX, (f"A1.prestations = [{{ {AUTRE} }}]",), ["avenants.0.prestations.0.menu.choix"]),
        (HEURE, ("P2.debut", f"A1.prestations = [{{ {AUTRE} }}]"), ["prestations.1.debut"]),
        (
            OPTION,
            ("P2.option.confirmee_le", 'A1.prestations = [{ id = "P2", prestataire = "resto-pollet" }]'),
            ["prestations.1.option.confirmee_le"],
        ),
        (
            "le prestataire",
            ('A1.prestations = [{ id = "P1", fin = 11:45:00 }, { id = "P3" }]',),
            ["avenants.0.prestations.1.prestataire"],
        ),
        ("le libellé de la prestation", ('A1.prestations = [{ id = "P3" }]',), ["avenants.0.prestations.0.libelle"]),
        ("la date de la prestation", ('A1.prestations = [{ id = "P3" }]',), ["avenants.0.prestations.0.date"]),
        # A draft is no place for a fact in force.
        (
            OPTION,
            ("A1.signe_direction_le", "P2.option.confirmee_le", f"A1.prestations = [{{ {AUTRE} }}]"),
            ["prestations.1.option.confirmee_le"],
        ),
        # Out, then in again: the last avenant tells it whole.
        (
            OPTION,
            (
                'A1.prestations = [{ id = "P2", retiree = true }]',
                *(fait.replace("A1.", "A2.") for fait in PROGRAMME),
                'A2.prestations = [{ id = "P2", libelle = "Goûter" }]',
            ),
            ["avenants.1.prestations.0.option.confirmee_le"],
        ),
    ],
)
def test_a_missing_fact_is_asked_for_where_it_goes(label: str, faits: tuple[str, ...], places: list[str]) -> None:
    assert place_of(label, Niveau.CARNET, *faits) == places


def test_an_invoice_is_asked_of_the_supplier_in_force() -> None:
    label = "la facture du prestataire, validée et rangée"
    achat = 'P2.achat = { mode = "forfait", montant = 95.00 }'
    both = ["prestations.0.facture.fichier", "prestations.1.facture.fichier"]
    assert place_of(label, Niveau.CLOTURE, achat) == both
    moved = f"A1.prestations = [{{ {AUTRE} }}]"
    assert place_of(label, Niveau.CLOTURE, achat, moved) == [both[0], "avenants.0.prestations.0.facture.fichier"]
    out = 'A1.prestations = [{ id = "P2", retiree = true }]'
    assert place_of(label, Niveau.CLOTURE, achat, out) == [both[0]]
