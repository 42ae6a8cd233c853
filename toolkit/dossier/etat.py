"""The state of a dossier, computed from its dated facts (regles.md §6.1)."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from toolkit import french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.calendrier import add_mois
from toolkit.dossier.classement import Statut
from toolkit.dossier.faits import Avenant, Dossier, Prestation
from toolkit.dossier.montants import montants
from toolkit.dossier.office import Office
from toolkit.dossier.reglement import acompte_partiel, is_acompte_recu
from toolkit.dossier.valeurs import modifications, modifications_en_vigueur, valeurs_en_vigueur


class Etat(StrEnum):
    """Strongest first: the first whose condition holds is the state."""

    ANNULE = "annule"
    SANS_SUITE = "sans_suite"
    TRAITE = "traite"
    REALISE = "realise"
    AVENANT_EN_COURS = "avenant_en_cours"
    FINALISE = "finalise"
    CONFIRME = "confirme"
    CONTRAT_SIGNE = "contrat_signe"
    ATTENTE_ACOMPTE = "attente_acompte"
    SIGNATURE_DIRECTION = "signature_direction"
    CONTRAT_ENVOYE = "contrat_envoye"
    ACCEPTE = "accepte"
    PROPOSE = "propose"
    OPTIONS_POSEES = "options_posees"
    ETUDE = "etude"
    DEMANDE = "demande"

    @property
    def statut(self) -> Statut:
        """The folder where a dossier in this state belongs."""
        if self in (Etat.ANNULE, Etat.SANS_SUITE):
            return Statut.ANNULE
        return Statut.TRAITE if self is Etat.TRAITE else Statut.EN_COURS


LIBELLES = {
    Etat.ANNULE: "annulé",
    Etat.SANS_SUITE: "sans suite",
    Etat.TRAITE: "traité",
    Etat.REALISE: "réalisé, à clôturer",
    Etat.AVENANT_EN_COURS: "avenant en cours",
    Etat.FINALISE: "finalisé",
    Etat.CONFIRME: "confirmé, carnet à envoyer",
    Etat.CONTRAT_SIGNE: "contrat signé, options à confirmer",
    Etat.ATTENTE_ACOMPTE: "contrat signé, acompte ou bon de commande attendu",
    Etat.SIGNATURE_DIRECTION: "à la signature de la direction",
    Etat.CONTRAT_ENVOYE: "contrat envoyé au client",
    Etat.ACCEPTE: "devis accepté, contrat à envoyer",
    Etat.PROPOSE: "proposition envoyée",
    Etat.OPTIONS_POSEES: "options posées",
    Etat.ETUDE: "à l'étude",
    Etat.DEMANDE: "demande à recontacter",
}
"""What people read; never stored, never compared."""


def libelle(state: Etat, dossier: Dossier, cadre: Cadre) -> str:
    """The same, as it is for this dossier: a mandat waits for no deposit, and a part of one is told."""
    if state is not Etat.ATTENTE_ACOMPTE:
        return LIBELLES[state]
    if dossier.paiement.mode in cadre.office.acompte.sans_acompte_si:
        return "contrat signé, bon de commande attendu"
    if partial := acompte_partiel(dossier, cadre):
        return f"contrat signé, {partiel(*partial)}"
    return "contrat signé, acompte attendu"


def partiel(paid: Decimal, due: Decimal) -> str:
    """« acompte partiel 10,00 € sur 752,40 € »."""
    return f"acompte partiel {french.euros(paid)} sur {french.euros(due)}"


def limite_option(dossier: Dossier, office: Office) -> date | None:
    """One month, « de date à date », from the day of the proposal, unless all were prolonged (regles.md §1.2, A2)."""
    if dossier.devis.envoye_le is None:
        return None
    limit = add_mois(dossier.devis.envoye_le, office.delais.option_mois)
    prolonged = [prestation.option.prolongee_jusqu_au or limit for prestation in dossier.prestations]
    return max(limit, min(prolonged, default=limit))


def is_contrat_signe(dossier: Dossier) -> bool:
    """Both signatures are there."""
    return bool(dossier.contrat.signe_client_le and dossier.contrat.signe_direction_le)


def are_options_confirmees(dossier: Dossier, office: Office) -> bool:
    """Every service in force is confirmed by its supplier."""
    prestations = valeurs_en_vigueur(dossier, office).prestations
    return bool(prestations) and all(prestation.option.confirmee_le for prestation in prestations)


def is_confirme(dossier: Dossier, cadre: Cadre) -> bool:
    """Signed, paid for and confirmed by every supplier: what a voucher needs."""
    return (
        is_contrat_signe(dossier) and is_acompte_recu(dossier, cadre) and are_options_confirmees(dossier, cadre.office)
    )


def is_finalise(dossier: Dossier, cadre: Cadre) -> bool:
    """« contrat signé avec acompte, options de résa confirmées et carnet de voyage envoyé » (regles.md §7.7).

    Holds on through avenants and after the stay: it is what puts a row in the recap.
    """
    return is_confirme(dossier, cadre) and bool(dossier.carnet.envoye_le)


def avenant_apres_le_carnet(dossier: Dossier, office: Office) -> Avenant | None:
    """The last avenant in force, when the carnet went out before it and tells what was so until then."""
    sent = dossier.carnet.envoye_le
    in_force = (one.avenant for one in modifications_en_vigueur(dossier, office))
    later = [one for one in in_force if sent and one.signe_direction_le and one.signe_direction_le > sent]
    return later[-1] if later else None


def avenants_en_cours(dossier: Dossier, office: Office) -> list[Avenant]:
    """Every admissible one that waits for a signature or for its signed copy to go out, or whose vouchers wait."""
    a_diffuser = avenant_a_diffuser(dossier, office)
    counted = [one.avenant for one in modifications(dossier, office) if one.is_recevable and not one.is_abandonnee]
    return [one for one in counted if not (one.signe_direction_le and one.renvoye_client_le) or one is a_diffuser]


def avenant_a_diffuser(dossier: Dossier, office: Office) -> Avenant | None:
    """The last in force, as long as the vouchers that say what it set have not gone out."""
    made = modifications_en_vigueur(dossier, office)
    return made[-1].avenant if made and not made[-1].avenant.be_prestataires_le else None


def is_facture_rangee(prestation: Prestation, cadre: Cadre) -> bool:
    """Its invoice lies where the dossier says, and was validated where the office does so (regles.md §7.6)."""
    facture = prestation.facture
    is_there = bool(facture.fichier) and facture.fichier not in cadre.factures_absentes
    return is_there and bool(facture.validee_ciril_le or not cadre.office.factures.validation_ciril)


def _is_solde(dossier: Dossier, cadre: Cadre) -> bool:
    valeurs = valeurs_en_vigueur(dossier, cadre.office)
    amounts = montants(dossier, valeurs, cadre.office, cadre.prestataires)
    invoiced = all(is_facture_rangee(prestation, cadre) for prestation in valeurs.prestations if prestation.achat)
    return invoiced and amounts.solde is not None and amounts.solde <= 0 and bool(dossier.satisfaction.mail_envoye_le)


def etat(dossier: Dossier, cadre: Cadre) -> Etat:
    """The first matching line of the table of regles.md §6."""
    contrat, devis = dossier.contrat, dossier.devis
    if dossier.annulation.le:
        return Etat.ANNULE
    expiry = limite_option(dossier, cadre.office)
    is_expired = expiry is None or expiry < cadre.aujourd_hui
    if devis.refuse_le or (devis.sans_suite_le and is_expired):
        return Etat.SANS_SUITE
    if is_contrat_signe(dossier):
        fin = valeurs_en_vigueur(dossier, cadre.office).fin
        if fin and cadre.aujourd_hui > fin:
            return Etat.TRAITE if _is_solde(dossier, cadre) else Etat.REALISE
        if avenants_en_cours(dossier, cadre.office):
            return Etat.AVENANT_EN_COURS
        if not is_acompte_recu(dossier, cadre):
            return Etat.ATTENTE_ACOMPTE
        if not are_options_confirmees(dossier, cadre.office):
            return Etat.CONTRAT_SIGNE
        return Etat.FINALISE if dossier.carnet.envoye_le else Etat.CONFIRME
    if contrat.signe_client_le:
        return Etat.SIGNATURE_DIRECTION
    if contrat.envoye_client_le:
        return Etat.CONTRAT_ENVOYE
    if devis.accepte_le:
        return Etat.ACCEPTE
    if devis.envoye_le:
        return Etat.PROPOSE
    if dossier.prestations and all(prestation.option.demandee_le for prestation in dossier.prestations):
        return Etat.OPTIONS_POSEES
    return Etat.ETUDE if dossier.demande.recontact_le else Etat.DEMANDE


def is_a_cloturer(dossier: Dossier, cadre: Cadre, *, after_days: int = 60) -> bool:
    """Still « en cours » long after the stay (regles.md §3.3)."""
    fin = valeurs_en_vigueur(dossier, cadre.office).fin
    return (
        cadre.statut is Statut.EN_COURS
        and fin is not None
        and cadre.aujourd_hui > fin + timedelta(days=after_days)
        and etat(dossier, cadre) not in (Etat.TRAITE, Etat.ANNULE, Etat.SANS_SUITE)
    )
