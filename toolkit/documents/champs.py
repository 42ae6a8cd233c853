"""The names that a Word model may use, document by document: facts as written down, and what follows from them.

Every name is a model or a dataclass of the core, so that what can be printed is what the core says, and nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from toolkit import french
from toolkit.dossier.bons_echange import BonEchange
from toolkit.dossier.faits import Choix, Prestation
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.montants import Montants
from toolkit.dossier.office import MenuPropose, Prestataire, Signataire
from toolkit.dossier.valeurs import Modification, Valeurs

Champs = Mapping[str, object]


def _common(fiche: Fiche) -> dict[str, object]:
    dossier, office = fiche.dossier, fiche.cadre.office
    return {
        "office": office,
        "dossier": dossier,
        "client": dossier.client,
        "sejour": dossier.sejour,
        "effectif": dossier.effectif,
        "tarif": dossier.tarif,
        "devis": dossier.devis,
        "contrat": dossier.contrat,
        "paiement": dossier.paiement,
        "limites": fiche.limites,
        "transport": fiche.transport,
        "agent": fiche.agent,
        "suppleant": fiche.suppleant,
    }


def _periode(valeurs: Valeurs) -> str | None:
    return french.periode(valeurs.debut, valeurs.fin or valeurs.debut) if valeurs.debut else None


def _signataire(fiche: Fiche, document: str) -> Signataire | None:
    """The one who signs such documents, when there is only one; the choice is the office's otherwise."""
    able = [person for person in fiche.cadre.office.signataires if document in person.signe]
    return able[0] if len(able) == 1 else None


def champs_contrat(fiche: Fiche) -> Champs:
    """Of a contract, and of the programme that goes with the proposal: the contract's own values and amounts."""
    valeurs = fiche.contrat
    office = fiche.cadre.office
    return {
        **_common(fiche),
        "programme": fiche.programme(valeurs),
        "montants": fiche.montants_pour(valeurs),
        "nuits": valeurs.nuits,
        "periode": _periode(valeurs),
        "signataire": fiche.signataire,
        "signataires": [person for person in office.signataires if "contrat" in person.signe],
    }


@dataclass(frozen=True, slots=True)
class LigneAvenant:
    """One row of an avenant: what it was, what it becomes."""

    libelle: str
    avant: str
    apres: str | None
    """None: a fact is missing, and is asked for."""
    change: bool


def champs_avenant(fiche: Fiche, modification: Modification) -> Champs:
    """Of an avenant: values before and after, in a table where what changed is told."""
    avenant, before, after = modification.avenant, modification.before, modification.after
    old, new = fiche.montants_pour(before), fiche.montants_pour(after)
    signed = fiche.cadre.office.signataire(avenant.signataire)
    return {
        **_common(fiche),
        "avenant": avenant,
        "numero": after.avenant,
        "avant": before,
        "apres": after,
        "lignes": [*_lignes(fiche, before, after, old, new), *_lignes_programme(fiche, before, after)],
        "montants": new,
        "frais_modification": new.frais - old.frais,
        "is_gratuit": new.frais == old.frais,
        "periode": _periode(after),
        "signataire": signed or _signataire(fiche, "avenant"),
    }


def _lignes(fiche: Fiche, before: Valeurs, after: Valeurs, old: Montants, new: Montants) -> Iterator[LigneAvenant]:
    """Dates, headcount and prices; the lines that every avenant shows come even when they did not change."""

    def line(libelle: str, avant: str | None, apres: str | None, *, always: bool = True) -> Iterator[LigneAvenant]:
        if always or avant != apres:
            yield LigneAvenant(libelle, avant or "–", apres, avant != apres)

    yield from line("Dates du séjour", _periode(before), _periode(after))
    yield from line("Arrivée", _heure(before.heure_arrivee), _heure(after.heure_arrivee), always=False)
    yield from line("Départ", _heure(before.heure_depart), _heure(after.heure_depart), always=False)
    yield from line("Participants", _count(before.participants), _count(after.participants))
    has_drivers = bool(before.chauffeurs or after.chauffeurs)
    if has_drivers:
        yield from line("Chauffeurs", str(before.chauffeurs), str(after.chauffeurs))
    yield from line("Gratuités", str(before.gratuites), str(after.gratuites), always=False)
    yield from line("Prix par personne TTC", _money(old.prix_par_personne), _money(new.prix_par_personne))
    yield from line("Frais de dossier et de modification", _money(old.frais), _money(new.frais))
    yield from line("Total TTC", _money(old.total), _money(new.total))
    mention = _mention_tva(fiche, old), _mention_tva(fiche, new)
    yield from line("TVA", *mention)
    yield from line("Solde restant dû", _money(old.solde), _money(new.solde))


def _mention_tva(fiche: Fiche, amounts: Montants) -> str | None:
    """The margin scheme shows its mention and no amount; droit commun shows rates and amounts (regles.md §2.2)."""
    if fiche.dossier.tarif.regime_tva == "marge":
        return fiche.cadre.office.tva.mention_marge
    if not amounts.tva:
        return None
    return "\n".join(
        f"{one.libelle} : {french.pourcentage(one.taux)}, soit {french.euros(one.montant)}" for one in amounts.tva
    )


def _lignes_programme(fiche: Fiche, before: Valeurs, after: Valeurs) -> Iterator[LigneAvenant]:
    """The services that change, come in or leave."""
    old = {prestation.id: prestation for prestation in before.prestations}
    new = {prestation.id: prestation for prestation in after.prestations}
    for id in dict.fromkeys([*old, *new]):
        avant, apres = _service(fiche, old.get(id)), _service(fiche, new.get(id))
        if avant != apres:
            named = new.get(id) or old[id]
            yield LigneAvenant(named.libelle or f"Prestation {id}", avant or "–", apres or "supprimée", True)


def _service(fiche: Fiche, prestation: Prestation | None) -> str | None:
    if prestation is None:
        return None
    when = french.date_courte(prestation.date) if prestation.date else ""
    if prestation.debut:
        when += f", {french.horaire(prestation.debut, prestation.fin)}"
    prestataire = fiche.prestataire(prestation)
    supplier = prestataire.nom if prestataire else None
    menu = None
    if prestation.menu:
        dishes = [f"{choix.quantite} {choix.plat}" for choix in prestation.menu.choix]
        menu = ", ".join(dishes) or prestation.menu.code
    return "\n".join(filter(None, (prestation.libelle, prestation.detail, when, prestation.lieu, supplier, menu)))


def _heure(value: time | None) -> str | None:
    return None if value is None else french.heure(value)


def _count(value: int | None) -> str | None:
    return None if value is None else str(value)


def _money(value: Decimal | None) -> str | None:
    return None if value is None else french.euros(value)


@dataclass(frozen=True, slots=True)
class ChampsBon:
    """What a voucher says of itself and of its service."""

    id: str
    version: int
    is_annulation: bool
    remplace: bool
    """Prints « ANNULE ET REMPLACE LE PRECEDENT ENVOI » beside the title."""
    mention: str | None
    """« 38 participants + 1 chauffeur »."""
    couverts: int | None
    participants: int | None
    gratuites: int
    chauffeurs: int
    repas_chauffeurs_gratuits: int
    menu: MenuPropose | None
    choix: list[Choix]
    regimes: list[str]
    prestation: Prestation
    prestataire: Prestataire | None


def _unbreakable(mention: str | None) -> str | None:
    """A number stays on the line of what it counts."""
    return mention and re.sub(r"(?<=\d) ", french.NBSP, mention)


def champs_bon_echange(fiche: Fiche, bon: BonEchange) -> Champs:
    """Of a voucher, for the client and for the supplier alike."""
    told = bon.prestation.menu
    champs = ChampsBon(
        id=bon.id,
        version=bon.version,
        is_annulation=bon.is_annulation,
        remplace=bon.remplace,
        mention=_unbreakable(bon.mention),
        couverts=bon.couverts,
        participants=bon.valeurs.participants,
        gratuites=bon.valeurs.gratuites,
        chauffeurs=bon.valeurs.chauffeurs,
        repas_chauffeurs_gratuits=bon.repas_chauffeurs_gratuits,
        menu=bon.menu,
        choix=told.choix if told else [],
        regimes=[f"{count} {french.regime(key)}" for key, count in told.regimes.items()] if told else [],
        prestation=bon.prestation,
        prestataire=bon.prestataire,
    )
    return {
        **_common(fiche),
        "bon": champs,
        "prestation": bon.prestation,
        "prestataire": bon.prestataire,
        "periode": _periode(bon.valeurs),
        "signataire": _signataire(fiche, "bon_echange"),
    }


def champs_carnet(fiche: Fiche) -> Champs:
    """Of the carnet's first pages: what the clients need on the day, with the values in force."""
    valeurs = fiche.en_vigueur
    return {
        **_common(fiche),
        "programme": fiche.programme(valeurs),
        "valeurs": valeurs,
        "nuits": valeurs.nuits,
        "periode": _periode(valeurs),
    }
