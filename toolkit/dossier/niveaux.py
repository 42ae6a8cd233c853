"""What a file must hold for the next step: an early request needs five facts, a contract many more (regles.md §3)."""

from collections.abc import Iterator
from enum import StrEnum

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.classement import Typologie
from toolkit.dossier.faits import Dossier
from toolkit.dossier.valeurs import place, valeurs_en_vigueur
from toolkit.errors import ChampPath


class Niveau(StrEnum):
    """Each level asks only for what its documents need."""

    MINIMAL = "minimal"
    DEVIS = "devis"
    CONTRAT = "contrat"
    CARNET = "carnet"
    CLOTURE = "cloture"


POUR = {
    Niveau.MINIMAL: "ouvrir le dossier",
    Niveau.DEVIS: "établir le devis",
    Niveau.CONTRAT: "établir le contrat",
    Niveau.CARNET: "établir les bons d'échange et le carnet",
    Niveau.CLOTURE: "clôturer le dossier",
}


def manques(dossier: Dossier, niveau: Niveau, cadre: Cadre) -> list[tuple[ChampPath, str]]:
    """The facts still missing for one level: where to write each, and what it is called."""
    return list(_MANQUES[niveau](dossier, cadre))


def _minimal(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[ChampPath, str]]:
    if dossier.reference is None:
        yield ("reference",), "la référence du dossier"
    if not dossier.agent:
        yield ("agent",), "le chargé de clientèle"
    if dossier.demande.recue_le is None:
        yield ("demande", "recue_le"), "la date et l'heure de la demande"
    if dossier.demande.canal is None:
        yield ("demande", "canal"), "le canal de la demande"
    if not dossier.client.nom:
        yield ("client", "nom"), "le nom du client"
    if not dossier.client.mail and not dossier.client.telephone:
        yield ("client", "telephone"), "le téléphone ou le courriel du client"
    if dossier.sejour.debut is None:
        yield ("sejour", "debut"), "la date du séjour, même approximative"


def _devis(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[ChampPath, str]]:
    """The nine items of procedure.txt §1; what the programme already tells is not asked for twice."""
    demande = dossier.demande
    natures = {prestation.nature for prestation in dossier.prestations}
    if dossier.sejour.debut is None or dossier.sejour.date_a_confirmer:
        yield ("sejour", "debut"), "la date du séjour, confirmée"
    if dossier.effectif.participants is None:
        yield ("effectif", "participants"), "le nombre de participants"
    if demande.budget_par_personne is None and dossier.tarif.prix_par_personne is None:
        yield ("demande", "budget_par_personne"), "le budget par personne"
    if dossier.sejour.heure_arrivee is None:
        yield ("sejour", "heure_arrivee"), "l'heure d'arrivée"
    if demande.nuitees_souhaitees is None and "hebergement" not in natures:
        yield ("demande", "nuitees_souhaitees"), "les nuitées souhaitées (0 s'il n'y en a pas)"
    if not demande.souhaits and not dossier.prestations:
        yield ("demande", "souhaits"), "les activités souhaitées"
    if not demande.repas_souhaites and "restauration" not in natures:
        yield ("demande", "repas_souhaites"), "les repas souhaités"
    if cadre.typologie is Typologie.GROUPE and dossier.effectif.chauffeurs is None:
        yield ("effectif", "chauffeurs"), "le nombre de chauffeurs"
    if not dossier.client.mail and not dossier.client.telephone:
        yield ("client", "telephone"), "les coordonnées du client"


def _contrat(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[ChampPath, str]]:
    client = dossier.client
    if not client.adresse:
        yield ("client", "adresse"), "l'adresse du client"
    if not client.code_postal:
        yield ("client", "code_postal"), "le code postal du client"
    if not client.commune:
        yield ("client", "commune"), "la commune du client"
    if client.contact is None or not client.contact.nom:
        yield ("client", "contact", "nom"), "le nom de la personne qui signe le contrat"
    if dossier.sejour.debut is None or dossier.sejour.date_a_confirmer:
        yield ("sejour", "debut"), "la date du séjour, confirmée"
    if dossier.effectif.participants is None:
        yield ("effectif", "participants"), "le nombre de participants"
    if dossier.sejour.heure_arrivee is None:
        yield ("sejour", "heure_arrivee"), "l'heure d'arrivée"
    if dossier.tarif.prix_par_personne is None:
        yield ("tarif", "prix_par_personne"), "le prix par personne"
    if dossier.tarif.regime_tva is None:
        yield ("tarif", "regime_tva"), "le régime de TVA"
    if dossier.tarif.regime_tva == "droit_commun" and dossier.tarif.taux_tva is None:
        yield ("tarif", "taux_tva"), "le taux de TVA"
    if dossier.paiement.mode is None:
        yield ("paiement", "mode"), "le mode de paiement"
    if not dossier.prestations:
        yield ("prestations",), "au moins une prestation"
    for index, prestation in enumerate(dossier.prestations):
        if not prestation.libelle:
            yield ("prestations", index, "libelle"), "le libellé de la prestation"
        if prestation.date is None:
            yield ("prestations", index, "date"), "la date de la prestation"
        if prestation.debut is None:
            yield ("prestations", index, "debut"), "l'heure de début de la prestation"


def _carnet(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[ChampPath, str]]:
    for prestation in valeurs_en_vigueur(dossier, cadre.office).prestations:
        if prestation.prestataire is None:
            yield place(dossier, cadre.office, prestation, "prestataire"), "le prestataire"
        if prestation.option.confirmee_le is None:
            yield place(dossier, cadre.office, prestation, "option", "confirmee_le"), "la confirmation de l'option"
        if not prestation.libelle:
            yield place(dossier, cadre.office, prestation, "libelle"), "le libellé de la prestation"
        if prestation.date is None:
            yield place(dossier, cadre.office, prestation, "date"), "la date de la prestation"
        if prestation.debut is None:
            yield place(dossier, cadre.office, prestation, "debut"), "l'heure de début de la prestation"
        if prestation.is_restauration and not (prestation.menu and prestation.menu.choix):
            yield place(dossier, cadre.office, prestation, "menu", "choix"), "le choix des plats"


def _cloture(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[ChampPath, str]]:
    for prestation in valeurs_en_vigueur(dossier, cadre.office).prestations:
        if prestation.achat and not prestation.facture.fichier:
            yield (
                place(dossier, cadre.office, prestation, "facture", "fichier"),
                "la facture du prestataire, validée et rangée",
            )
    if dossier.satisfaction.mail_envoye_le is None:
        yield ("satisfaction", "mail_envoye_le"), "l'envoi du questionnaire de satisfaction"


_MANQUES = {
    Niveau.MINIMAL: _minimal,
    Niveau.DEVIS: _devis,
    Niveau.CONTRAT: _contrat,
    Niveau.CARNET: _carnet,
    Niveau.CLOTURE: _cloture,
}


def niveau_suivant(dossier: Dossier, cadre: Cadre) -> Niveau | None:
    """The first level whose facts are not all there."""
    return next((niveau for niveau in Niveau if manques(dossier, niveau, cadre)), None)
