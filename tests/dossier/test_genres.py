"""Each kind of value, read when it is right and refused in French when it is not."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from tests.dossiers import dossier, lire, messages, office
from toolkit.dossier.faits import Dossier
from toolkit.dossier.office import Office, Prestataires

TEXTE = 'il faut un texte entre guillemets droits "…"'
ENTIER = "il faut un nombre entier, sans guillemets"
NOMBRE = "il faut un nombre avec un point pour les décimales et sans guillemets, par exemple 59.00"
EUROS_BORNES = "il faut un nombre entre 0 et 10000000"
JOUR = "il faut une date sans guillemets, par exemple 2027-06-17"
MOMENT = "il faut une date et une heure, par exemple 2027-01-11T10:20:00"
HEURE = "il faut une heure sans guillemets, par exemple 09:45:00"
LOGIQUE = "il faut true (oui) ou false (non), sans guillemets"
INVISIBLE = "contient un caractère invisible qu'un document ne peut pas porter : retaper le texte"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("intitule", "12", TEXTE),
        ("intitule", "true", TEXTE),
        ("intitule", r'"un\u0007deux"', INVISIBLE),
        ("intitule", r'"un\uE001deux"', INVISIBLE),
        ("intitule", f'"{"a" * 5001}"', "dépasse 5000 caractères : raccourcir le texte"),
        ("effectif.participants", '"42"', ENTIER),
        ("effectif.participants", "42.0", ENTIER),
        ("effectif.participants", "true", ENTIER),
        ("effectif.participants", "-1", "il faut un nombre entre 0 et 100000"),
        ("effectif.participants", "100001", "il faut un nombre entre 0 et 100000"),
        ("tarif.taux_tva", '"10"', NOMBRE),
        ("tarif.taux_tva", "false", NOMBRE),
        ("tarif.taux_tva", "nan", EUROS_BORNES),
        ("tarif.prix_par_personne", '"59.00"', NOMBRE),
        ("tarif.prix_par_personne", "-1.00", EUROS_BORNES),
        ("tarif.prix_par_personne", "inf", EUROS_BORNES),
        ("tarif.prix_par_personne", "10000000.01", EUROS_BORNES),
        ("tarif.prix_par_personne", "59.005", "il faut deux décimales au plus, par exemple 59.00"),
        ("sejour.debut", "2027-06-17T09:00:00", "il faut une date seule, sans heure, par exemple 2027-06-17"),
        ("sejour.debut", '"le 17 juin"', JOUR),
        ("sejour.debut", "20270617", JOUR),
        ("sejour.debut", '"31/06/2027"', "« 31/06/2027 » n'est pas un jour du calendrier"),
        ("sejour.debut", '"17/06/0207"', "l'année 207 n'est pas possible : la relire"),
        ("sejour.debut", "0001-01-01", "l'année 1 n'est pas possible : la relire"),
        ("sejour.debut", "2207-06-17", "l'année 2207 n'est pas possible : la relire"),
        ("demande.recue_le", "9999-12-31T23:59:00", "l'année 9999 n'est pas possible : la relire"),
        ("demande.recue_le", "12", MOMENT),
        ("demande.recue_le", '"hier"', JOUR),
        (
            "demande.recue_le",
            "2027-01-11T10:20:00Z",
            "il faut l'heure de Dieppe, sans fuseau, par exemple 2027-01-11T10:20:00",
        ),
        ("sejour.heure_arrivee", '"9 h 45"', HEURE),
        ("sejour.heure_arrivee", "945", HEURE),
        ("sejour.date_a_confirmer", '"oui"', LOGIQUE),
        ("sejour.date_a_confirmer", "1", LOGIQUE),
        ("client.mail", '"contact@"', "« contact@ » n'est pas une adresse de courriel"),
        ("client.mail", '"a b@example.org"', "« a b@example.org » n'est pas une adresse de courriel"),
        (
            "reference",
            '"2027/G/014"',
            "des lettres, des chiffres et des tirets seulement, par exemple 2027-G-014",
        ),
        ("reference", '""', "des lettres, des chiffres et des tirets seulement, par exemple 2027-G-014"),
    ],
)
def test_a_value_of_the_dossier_refused(key: str, value: str, message: str) -> None:
    assert messages(f"{key} = {value}", Dossier) == [(key, message)]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("delais.option_mois", "1001", "il faut un nombre entre 0 et 1000"),
        ("delais.option_mois", '"1"', ENTIER),
        (
            "identite.siret",
            '"73282932000075"',
            "« 73282932000075 » n'est pas un SIRET : 14 chiffres, dont le dernier est une clé",
        ),
        ("identite.tva_intracommunautaire", '"FR00"', "« FR00 » n'est pas un numéro de TVA intracommunautaire"),
        ("banque.iban", '"FR76"', "« FR76 » n'est pas un IBAN : la clé de contrôle est fausse, relire les chiffres"),
        ("banque.bic", '"AGRIFRP"', "« AGRIFRP » n'est pas un BIC : 8 ou 11 caractères"),
        (
            "mentions_legales.immatriculation",
            '"IM76100023"',
            "« IM76100023 » n'est pas une immatriculation Atout France, par exemple IM076170003",
        ),
    ],
)
def test_a_value_of_the_office_refused(key: str, value: str, message: str) -> None:
    assert messages(f"{key} = {value}", Office) == [(key, message)]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('intitule = "  Journée  "', "Journée"),
        (f'intitule = "{"a" * 5000}"', "a" * 5000),
        ('reference = "2027-G-014"', "2027-G-014"),
        ("effectif.participants = 0", 0),
        ("tarif.prix_par_personne = 59", Decimal("59.00")),
        ("tarif.prix_par_personne = 59.5", Decimal("59.50")),
        ("tarif.prix_par_personne = -0.0", Decimal("0.00")),
        ("tarif.taux_tva = 5.5", Decimal("5.5")),
        ("sejour.debut = 2027-06-17", date(2027, 6, 17)),
        ('sejour.debut = "17/06/2027"', date(2027, 6, 17)),
        ('sejour.debut = " 1/6/2027 "', date(2027, 6, 1)),
        ("demande.recue_le = 2027-01-11T10:20:00", datetime(2027, 1, 11, 10, 20)),
        ("demande.recue_le = 2027-01-11", datetime(2027, 1, 11)),
        ('demande.recue_le = "11/01/2027"', datetime(2027, 1, 11)),
        ("sejour.heure_arrivee = 09:45:00", time(9, 45)),
        ("sejour.date_a_confirmer = true", True),
        ('client.mail = "élodie@example.org"', "élodie@example.org"),
    ],
)
def test_a_value_of_the_dossier_read(line: str, value: object) -> None:
    read: Any = dossier(line)
    for key in line.partition("=")[0].strip().split("."):
        read = getattr(read, key)
    assert read == value
    assert str(read) == str(value)


def test_identifiers_are_kept_without_spaces() -> None:
    ours = office(
        '[identite]\nsiret = "732 829 320 00074"\ntva_intracommunautaire = "fr 44 732829320"\n'
        '[mentions_legales]\nimmatriculation = "im 076 999 999"\n'
        '[banque]\niban = "fr76 3000 6000 0112 3456 7890 189"\nbic = "agrifrpp882"'
    )
    assert ours.identite.siret == "73282932000074"
    assert ours.identite.tva_intracommunautaire == "FR44732829320"
    assert ours.mentions_legales.immatriculation == "IM076999999"
    assert ours.banque.iban == "FR7630006000011234567890189"
    assert ours.banque.bic == "AGRIFRPP882"


@pytest.mark.parametrize("code", ["IM02A100001", "IM02B100001", "IM971100001"])
def test_registrations_of_corsica_and_overseas(code: str) -> None:
    assert messages(f'mentions_legales.immatriculation = "{code}"', Office) == []


def test_an_unknown_key_is_refused() -> None:
    assert messages("tarif.prix_par_personnes = 59.00", Dossier) == [
        (
            "tarif.prix_par_personnes",
            "champ inconnu « prix_par_personnes ». Vouliez-vous dire « prix_par_personne » ?",
        )
    ]


def test_names_as_they_are_said() -> None:
    told = dossier('client.contact = { civilite = "Mme", prenom = "Jeanne", nom = "Modèle" }')
    assert told.client.contact is not None
    assert told.client.contact.nom_complet == "Mme Jeanne Modèle"
    people = office(
        '[[agents]]\nid = "a"\ncivilite = "Mme"\nprenom = "Ambre"\nnom = "Fictive"\n'
        '[[signataires]]\nid = "s"\ncivilite = "M."\nnom = "Romanesque"'
    )
    assert people.agents[0].nom_complet == "Ambre Fictive"
    assert people.signataires[0].nom_complet == "M. Romanesque"
    nameless = lire('[[prestataires]]\nid = "musee"', Prestataires)
    assert nameless.prestataires[0].appellation == "musee"
