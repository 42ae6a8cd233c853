"""What each cell of a recap's row says of a dossier (regles.md §4.2). Pure.

A cell says ``None`` when a fact that reception needs is not known, which the sheet shows in orange.
"""

from datetime import date, time
from typing import TypeAlias

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.etat import partiel
from toolkit.dossier.faits import Prestation
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.reglement import acompte_partiel, is_acompte_recu

NEANT = "Néant"

Valeur: TypeAlias = str | int | date | None


def _lines(*parts: str | None) -> str | None:
    return "\n".join(filter(None, parts)) or None


def arrivee(fiche: Fiche) -> Valeur:
    """The hour in force, and where they are met."""
    heure = fiche.en_vigueur.heure_arrivee
    return _lines(french.heure(heure) if heure else None, fiche.dossier.sejour.lieu_accueil)


def client(fiche: Fiche) -> Valeur:
    """Name and commune; of individuals the contact's name, when there is one."""
    client = fiche.dossier.client
    if fiche.cadre.typologie is Typologie.INDIVIDUEL and client.contact:
        return _lines(client.contact.nom_complet, client.commune)
    return _lines(client.nom, client.commune)


def responsable(fiche: Fiche) -> Valeur:
    """The leader on site, else the contact, with a phone."""
    person = fiche.dossier.client.responsable_sur_place or fiche.dossier.client.contact
    if person is None:
        return None
    return _lines(person.nom_complet, french.telephone(person.telephone) if person.telephone else None)


def telephone(fiche: Fiche) -> Valeur:
    """The contact's, else the client's."""
    client = fiche.dossier.client
    number = (client.contact.telephone if client.contact else None) or client.telephone
    return french.telephone(number) if number else None


def personnes(fiche: Fiche) -> Valeur:
    """Participants in force as a number, « 40 + 2 » with gratuités."""
    valeurs = fiche.en_vigueur
    if valeurs.participants is None:
        return None
    return f"{valeurs.participants} + {valeurs.gratuites}" if valeurs.gratuites else valeurs.participants


def _heures(prestation: Prestation) -> str:
    return french.horaire(prestation.debut, prestation.fin) if prestation.debut else ""


def programme(fiche: Fiche) -> Valeur:
    """One line per service: when, what, whom to call."""
    lines = []
    several_days = fiche.en_vigueur.debut != fiche.en_vigueur.fin
    for prestation in sorted(fiche.en_vigueur.prestations, key=lambda p: (p.date or date.max, p.debut or time.max)):
        prestataire = fiche.prestataire(prestation)
        supplier = ""
        if prestataire:
            phone = f" ✆ {french.telephone(prestataire.telephone)}" if prestataire.telephone else ""
            supplier = f" – {prestataire.nom}{phone}"
        day = f"{prestation.date:%d/%m} " if several_days and prestation.date else ""
        lines.append(f"{day}{_heures(prestation)} {prestation.libelle or ''}{supplier}".strip())
    return _lines(*lines)


def repas(fiche: Fiche) -> Valeur:
    """A block a restaurant: hours, name, libelle, covers, diets as numbers; « Néant » without any."""
    blocks = []
    for prestation in fiche.en_vigueur.prestations:
        if not prestation.is_restauration:
            continue
        prestataire = fiche.prestataire(prestation)
        name = prestataire.nom if prestataire else None
        diets = None
        if prestation.menu and prestation.menu.regimes:
            diets = french.liste([french.regime(diet, n) for diet, n in prestation.menu.regimes.items()])
        blocks.append(_lines(_heures(prestation), name, prestation.libelle, fiche.mention_effectif(prestation), diets))
    return _lines(*blocks) or NEANT


def hebergement(fiche: Fiche) -> Valeur:
    """A block a lodging, with its nights; « Néant » without any."""
    blocks = []
    for prestation in fiche.en_vigueur.prestations:
        if prestation.nature != "hebergement":
            continue
        prestataire = fiche.prestataire(prestation)
        nights = None
        if prestation.date and prestation.date_fin:
            nights = french.pluriel((prestation.date_fin - prestation.date).days, "nuit")
        blocks.append(_lines(prestataire.nom if prestataire else prestation.libelle, nights))
    return _lines(*blocks) or NEANT


def langue(fiche: Fiche) -> Valeur:
    """The language when it is not French, and mobility; « Néant » without both."""
    sejour = fiche.dossier.sejour
    langue = None if sejour.langue == "fr" else f"langue : {sejour.langue}"
    return _lines(langue, sejour.mobilite_reduite) or NEANT


def reglement(fiche: Fiche) -> Valeur:
    """What reception may say about money."""
    if fiche.dossier.paiement.mode == "mandat_administratif":
        return "mandat administratif"
    solde = fiche.compte.solde
    if solde is not None and solde <= 0:
        return "soldé"
    partial = acompte_partiel(fiche.dossier, fiche.cadre)
    received = "acompte reçu" if is_acompte_recu(fiche.dossier, fiche.cadre) else "acompte attendu"
    told = partiel(*partial) if partial else received
    return told if solde is None else f"{told}, solde {french.euros(solde)}"


def bons_echange(fiche: Fiche) -> Valeur:
    """The highest version, and the day on which the last of them went out; « à envoyer » while one did not."""
    bons = [bon for bon in fiche.bons_echange if not bon.is_annulation]
    if not bons:
        return NEANT
    version = max(bon.version for bon in bons)
    sent = [bon.envoye_le for bon in bons if bon.envoye_le]
    return f"v{version} du {max(sent):%d/%m}" if len(sent) == len(bons) else f"v{version}, à envoyer"


def suivi(fiche: Fiche) -> Valeur:
    """Reference, agent, and who stands in for them with a phone."""
    substitute = None
    if fiche.suppleant:
        phone = f" {french.telephone(fiche.suppleant.telephone)}" if fiche.suppleant.telephone else ""
        substitute = f"suppl. {fiche.suppleant.nom_complet}{phone}"
    return _lines(fiche.dossier.reference, fiche.agent.nom_complet if fiche.agent else None, substitute)
