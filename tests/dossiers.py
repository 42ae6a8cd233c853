"""Dossiers of the tests, each told by a few facts in TOML, and the office they are judged with."""

import re
from datetime import date
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

from tests.conftest import EXEMPLES, JOUR
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.controles import check
from toolkit.dossier.etat import Etat
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.office import Office, Prestataires
from toolkit.toml.read import Reading, read

ModelT = TypeVar("ModelT", bound=BaseModel)

_BLOC = re.compile(r"([PA])([1-9])\.(.+)", re.DOTALL)
_LISTES = {"P": "prestations", "A": "avenants"}


def toml(*faits: str) -> str:
    """A dossier.toml from lines such as ``devis.envoye_le = 2027-01-22``.

    ``P1.`` and ``A2.`` lead to the first prestation and the second avenant, which know their id and number.
    A later line replaces an earlier one on the same key, and a key alone takes its line out.
    """
    tete = {"version_schema": "version_schema = 1"}
    blocs: dict[str, dict[str, str]] = {}
    for fait in faits:
        match = _BLOC.fullmatch(fait)
        lines, line = tete, fait
        if match:
            name, number, line = match[1], match[2], match[3]
            own = f'id = "P{number}"' if name == "P" else f"numero = {number}"
            lines = blocs.setdefault(name + number, {own.partition(" ")[0]: own})
        key, equals, _ = line.partition("=")
        if equals:
            lines[key.strip()] = line
        else:
            lines.pop(key.strip(), None)
    text = "\n".join(tete.values()) + "\n"
    for name in sorted(blocs):
        text += f"\n[[{_LISTES[name[0]]}]]\n" + "\n".join(blocs[name].values()) + "\n"
    return text


@cache
def _reading(text: str, model: type[BaseModel]) -> Reading[Any]:
    return read(text.encode(), model)


def lire(text: str, model: type[ModelT]) -> ModelT:
    """What a file says; it must be right."""
    reading: Reading[ModelT] = _reading(text, model)
    assert reading.problems == []
    assert reading.value is not None
    return reading.value


def messages(text: str, model: type[BaseModel]) -> list[tuple[str, str]]:
    """Place and sentence of each thing that a file says wrong."""
    return [(problem.champ, problem.message) for problem in _reading(text, model).problems]


def dossier(*faits: str) -> Dossier:
    """A dossier from its facts, written as ``toml`` says."""
    return lire(toml(*faits), Dossier)


def prestataires(text: str) -> Prestataires:
    """Suppliers from the inside of a prestataires.toml."""
    return lire(f"version_schema = 1\n{text}", Prestataires)


@cache
def office(text: str | None = None) -> Office:
    """The example office, or one that only has these settings."""
    if text is None:
        text = (EXEMPLES / "office.toml").read_text(encoding="utf-8")
    return lire(f"{text}\n" if text.strip() else "version_schema = 1\n", Office)


@cache
def prestataires_exemple() -> Prestataires:
    return lire((EXEMPLES / "prestataires.toml").read_text(encoding="utf-8"), Prestataires)


def cadre(le: date = JOUR, **autour: Any) -> Cadre:
    """The frame of the example office, on one day."""
    autour.setdefault("office", office())
    autour.setdefault("prestataires", prestataires_exemple())
    return Cadre(aujourd_hui=le, **autour)


def fiche(*faits: str, le: date = JOUR, **autour: Any) -> Fiche:
    """Everything derived from some facts, on one day."""
    return Fiche(dossier(*faits), cadre(le, **autour))


def controles(*faits: str, le: date = JOUR, **autour: Any) -> list[tuple[str, str, str]]:
    """Gravity, place and sentence of each problem of a dossier."""
    return [(p.gravite.value, p.champ, p.message) for p in check(dossier(*faits), cadre(le, **autour))]


def exemple_dossier(name: str) -> Dossier:
    return lire((EXEMPLES / f"{name}.toml").read_text(encoding="utf-8"), Dossier)


DEMANDE = (
    'reference = "2027-G-014"',
    'agent = "chargee-1"',
    "demande.recue_le = 2027-01-11T10:20:00",
    'demande.canal = "telephone"',
    'client.nom = "Les Aînés de Sainte-Fiction"',
    'client.telephone = "02 35 00 00 31"',
    "sejour.debut = 2027-06-17",
    'P1.nature = "visite_guidee"',
    'P1.prestataire = "guide-1"',
    'P1.libelle = "Visite guidée du château-musée"',
    "P1.date = 2027-06-17",
    "P1.debut = 10:00:00",
    "P1.fin = 11:30:00",
    "P1.sous_groupes = 2",
)
"""A request of 11 January for one visit on 17 June 2027."""

CONTRAT = (
    'client.adresse = ["7 rue Inexistante"]',
    'client.code_postal = "76990"',
    'client.commune = "Sainte-Fiction"',
    'client.contact.nom = "Modèle"',
    "sejour.heure_arrivee = 09:45:00",
    "effectif.participants = 42",
    "effectif.chauffeurs = 1",
    "tarif.prix_par_personne = 59.00",
    'tarif.regime_tva = "marge"',
    'paiement.mode = "virement"',
    "contrat.forfait_touristique = false",
    'P1.achat = { mode = "forfait", montant = 95.00, quantite = 2 }',
)
"""What a contract says beside."""

DEJEUNER = (
    'P2.nature = "restauration"',
    'P2.prestataire = "resto-pollet"',
    'P2.libelle = "Déjeuner"',
    "P2.date = 2027-06-17",
)
"""A second service, in a restaurant; each test adds its hours and its option."""
MANDAT = ('paiement.mode = "mandat_administratif"', "paiement.bon_commande_recu_le = 2027-02-17")
ACOMPTE = 'paiement.encaissements = [{ nature = "acompte", montant = 752.40, recu_le = 2027-02-17 }]'
SOLDE = (
    'paiement.encaissements = [{ nature = "acompte", montant = 752.40, recu_le = 2027-02-17 }, '
    '{ nature = "solde", montant = 1755.60, recu_le = 2027-06-30 }]'
)

CHAINE: tuple[tuple[Etat, tuple[str, ...]], ...] = (
    (Etat.DEMANDE, DEMANDE + CONTRAT),
    (Etat.ETUDE, ("demande.recontact_le = 2027-01-12T09:30:00",)),
    (Etat.OPTIONS_POSEES, ("P1.option.demandee_le = 2027-01-18",)),
    (
        Etat.PROPOSE,
        ("devis.envoye_le = 2027-01-22", 'devis.pieces = ["devis", "cgv", "cpv", "formulaire_information"]'),
    ),
    (Etat.ACCEPTE, ("devis.accepte_le = 2027-02-08",)),
    (Etat.CONTRAT_ENVOYE, ("contrat.envoye_client_le = 2027-02-09",)),
    (Etat.SIGNATURE_DIRECTION, ("contrat.signe_client_le = 2027-02-17",)),
    (Etat.ATTENTE_ACOMPTE, ("contrat.signe_direction_le = 2027-02-18",)),
    (Etat.CONTRAT_SIGNE, (ACOMPTE,)),
    (Etat.CONFIRME, ('P1.option.reponse = "accordee"', "P1.option.confirmee_le = 2027-02-18")),
    (Etat.FINALISE, ("carnet.envoye_le = 2027-05-03",)),
)
"""The normal life of a booking: each state, and the facts that lead to it from the one before."""

AVENANT = (
    'A1.objet = "effectif"',
    'A1.demande_canal = "mail"',
    "A1.demande_recue_le = 2027-05-12",
    "A1.participants = 38",
    "A1.prix_par_personne = 61.00",
)
"""A modification asked in time, in writing."""

AVENANT_SIGNE = (
    *AVENANT,
    "A1.client_averti_hausse_le = 2027-05-12",
    "A1.redige_le = 2027-05-13",
    "A1.envoye_client_le = 2027-05-13",
    "A1.signe_client_le = 2027-05-18",
    "A1.signe_direction_le = 2027-05-20",
)

APRES_SEJOUR = (
    "satisfaction.mail_envoye_le = 2027-06-18",
    "P1.facture.recue_le = 2027-06-25",
    "P1.facture.validee_ciril_le = 2027-06-28",
    'P1.facture.fichier = "7 Factures/guide-1.pdf"',
    SOLDE,
)
"""Facts that close a booking once the stay is over."""


def jusqu_a(state: Etat) -> tuple[str, ...]:
    """The facts of a booking that has come to a state of the chain."""
    faits: tuple[str, ...] = ()
    for step, more in CHAINE:
        faits += more
        if step is state:
            return faits
    raise AssertionError(f"{state} is not in the chain")
