"""Whether the law takes what is sold for a package or for a single service (regles.md §2.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from toolkit import french
from toolkit.dossier.faits import Achat, Dossier
from toolkit.dossier.montants import achats
from toolkit.dossier.office import Prestataires
from toolkit.dossier.valeurs import Valeurs

_PART_NOTABLE = Decimal("0.25")
"""Of the value, from which any other service makes a package with transport or lodging (R.211-1-1)."""
_SORTES = ("hebergement", "transport")
"""Natures that are a kind of their own for the law; all the others are one kind together."""


@dataclass(frozen=True)
class Vente:
    """The nature of a sale, and what it follows from."""

    forfait: bool | None
    """A package in the sense of L.211-2; None while nobody can tell."""
    is_certaine: bool
    """Nothing that the agent knows besides could change the answer."""
    raison: str
    """In French, a clause: why it is one, or is none."""


def vente(dossier: Dossier, valeurs: Valeurs, prestataires: Prestataires) -> Vente:
    """The law's answer where it has one; elsewhere the agent's word, and the careful answer when there is none.

    Two of transport and lodging make a package; one of them does with other services of a quarter of the value, which
    is measured on what is bought.
    """
    if valeurs.nuits is None or not valeurs.prestations:
        raison = "ses dates ou ses prestations ne sont pas connues"
        return Vente(dossier.contrat.forfait_touristique, is_certaine=False, raison=raison)
    natures = {prestation.nature for prestation in valeurs.prestations}
    sortes = [sorte for sorte in _SORTES if sorte in natures]
    if not valeurs.nuits or ("hebergement" not in sortes and _is_within_a_day(valeurs)):
        return Vente(forfait=False, is_certaine=True, raison="il n'a ni nuit ni plus de 24 heures")
    if len(sortes) > 1:
        return Vente(forfait=True, is_certaine=True, raison="il réunit un hébergement et un transport")
    if not sortes:
        raison = "il n'a ni hébergement ni transport"
        return Vente(forfait=False, is_certaine=True, raison=raison)
    if natures == set(sortes):
        raison = "il n'a qu'une sorte de prestations"
        return Vente(forfait=False, is_certaine=True, raison=raison)
    return _by_value(dossier, valeurs, prestataires)


def _by_value(dossier: Dossier, valeurs: Valeurs, prestataires: Prestataires) -> Vente:
    told = dossier.contrat.forfait_touristique
    autres = _part_des_autres(valeurs, prestataires)
    if autres is None:
        raison = "la part des autres prestations n'est pas connue sans tous les prix d'achat"
        return Vente(told is not False, is_certaine=False, raison=raison)
    seuil = french.pourcentage(int(_PART_NOTABLE * 100))
    raison = f"les autres prestations font {french.pourcentage(int(autres * 100))} de sa valeur"
    if autres >= _PART_NOTABLE:
        return Vente(forfait=True, is_certaine=True, raison=f"{raison}, {seuil} ou plus")
    # Less may still be an essential part of what is sold, which no figure tells.
    return Vente(bool(told), is_certaine=False, raison=f"{raison}, moins de {seuil}")


def _part_des_autres(valeurs: Valeurs, prestataires: Prestataires) -> Decimal | None:
    """Of all that is bought, from 0 to 1; None while a purchase is not told, or the headcount that it depends on."""
    if not all(one.achat and _is_counted(one.achat, valeurs) for one in valeurs.prestations):
        return None
    autres = [one for one in valeurs.prestations if one.nature not in _SORTES]
    whole = achats(valeurs.prestations, valeurs, prestataires)
    return achats(autres, valeurs, prestataires) / whole if whole else None


def _is_counted(achat: Achat, valeurs: Valeurs) -> bool:
    return achat.mode == "forfait" or bool(valeurs.participants)


def _is_within_a_day(valeurs: Valeurs) -> bool:
    """From an arrival late in the evening to a departure early on the morrow."""
    debut, fin, arrivee, depart = valeurs.debut, valeurs.fin, valeurs.heure_arrivee, valeurs.heure_depart
    if not (debut and fin and arrivee and depart):
        return False
    return datetime.combine(fin, depart) - datetime.combine(debut, arrivee) <= timedelta(hours=24)
