"""Every deadline of a dossier that is still open: the timetable of regles.md §5.2."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from toolkit import french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.calendrier import (
    add_heures_ouvrees,
    add_jours_ouvrables,
    add_jours_ouvres,
    add_mois,
    jour_affichage,
)
from toolkit.dossier.etat import (
    Etat,
    acompte_recu_le,
    are_options_confirmees,
    avenant_en_cours,
    etat,
    is_acompte_recu,
    is_confirme,
    is_contrat_signe,
    is_finalise,
    limite_option,
)
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.montants import montants
from toolkit.dossier.valeurs import limite_modification, valeurs_en_vigueur


class Urgence(StrEnum):
    """How near a limit is."""

    A_VENIR = "a_venir"
    PROCHE = "proche"
    DEPASSEE = "depassee"


@dataclass(frozen=True, slots=True)
class Echeance:
    """Something to do by a day."""

    code: str
    """``E01`` … ``E31``, as in the timetable."""
    libelle: str
    limite: date
    urgence: Urgence


@dataclass(frozen=True, slots=True)
class Regle:
    """A limit found by a rule, before it is held against today."""

    code: str
    libelle: str
    limite: date
    montrer: int = 3
    """Days before the limit from which it counts as near."""


def limite_recontact(dossier: Dossier, cadre: Cadre) -> datetime | None:
    """48 calendar hours after the request (procedure.txt §1, A3)."""
    recue_le = dossier.demande.recue_le
    return None if recue_le is None else recue_le + timedelta(hours=cadre.office.delais.recontact_heures)


def limite_recontact_ouvree(dossier: Dossier, cadre: Cadre) -> datetime | None:
    """The same in working days, shown beside it."""
    recue_le = dossier.demande.recue_le
    return None if recue_le is None else add_heures_ouvrees(recue_le, cadre.office.delais.recontact_heures)


def limite_menu(prestation: Prestation, cadre: Cadre) -> date | None:
    """Last day to tell a restaurant the menu (procedure.txt §4); a convention may ask for more days."""
    if not prestation.is_restauration or prestation.date is None:
        return None
    prestataire = cadre.prestataires.get(prestation.prestataire)
    agreed = prestataire.convention.menu_delai_jours if prestataire else None
    return prestation.date - timedelta(days=max(agreed or 0, cadre.office.delais.menu_jours))


def limite_satisfaction(dossier: Dossier, cadre: Cadre) -> date | None:
    """First jour ouvré after the stay (procedure.txt §8)."""
    fin = valeurs_en_vigueur(dossier, cadre.office).fin
    return None if fin is None else add_jours_ouvres(fin, cadre.office.delais.satisfaction_jours_ouvres)


def limite_reclamation(recue_le: date, cadre: Cadre) -> date:
    """« traitées sous 3 jours ouvrables » (engagements-qualite.txt)."""
    return add_jours_ouvrables(recue_le, cadre.office.delais.reclamation_jours_ouvrables)


def _demande(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    demande = dossier.demande
    limit = limite_recontact(dossier, cadre)
    if limit and not demande.recontact_le:
        yield Regle("E01", "Recontacter le client", limit.date(), montrer=10)
    if demande.recueillie_par and demande.recue_le and not demande.transmise_le:
        yield Regle("E02", "Transmettre la demande au chargé de clientèle", demande.recue_le.date(), montrer=10)


def _options(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    for prestation in valeurs_en_vigueur(dossier, cadre.office).prestations:
        option = prestation.option
        if option.demandee_le and option.reponse in (None, "en_attente") and not option.confirmee_le:
            limit = add_jours_ouvres(option.demandee_le, cadre.office.delais.option_reponse_jours_ouvres)
            detail = f" ({prestation.libelle})" if prestation.id and prestation.libelle else ""
            yield Regle("E04", f"Réponse du prestataire pour {prestation.appellation}{detail}", limit)


def _proposition(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    devis, delais = dossier.devis, cadre.office.delais
    if devis.envoye_le and not devis.accepte_le:
        followed = len(devis.relances)
        if followed == 0:
            yield Regle("E05", "Relancer le client", devis.envoye_le + timedelta(days=delais.relance_devis_jours))
        elif followed == 1:
            limit = devis.envoye_le + timedelta(days=delais.relance_devis_2_jours)
            yield Regle("E05", "Relancer le client une seconde fois", limit)
    limit_option = limite_option(dossier, cadre.office)
    # Those of the proposal that were neither withdrawn nor given to another supplier since.
    proposed = {(p.id, p.prestataire) for p in dossier.prestations}
    standing = [p for p in valeurs_en_vigueur(dossier, cadre.office).prestations if (p.id, p.prestataire) in proposed]
    options = [p.option for p in standing if not p.option.confirmee_le and not p.option.liberee_le]
    if limit_option and options:
        limit = min(max(limit_option, option.prolongee_jusqu_au or limit_option) for option in options)
        yield Regle("E06", "Fin de validité des options", limit, montrer=7)


def _contrat(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    contrat, paiement, delais = dossier.contrat, dossier.paiement, cadre.office.delais
    is_paid = is_acompte_recu(dossier, cadre)
    if contrat.envoye_client_le and not (contrat.signe_client_le and is_paid):
        limit = contrat.envoye_client_le + timedelta(days=delais.relance_signature_jours)
        limit = min(filter(None, (limit, limite_option(dossier, cadre.office))))
        yield Regle("E08", "Retour du contrat signé et de l'acompte ou du bon de commande", limit)
    if contrat.signe_client_le:
        limit = add_jours_ouvres(contrat.signe_client_le, delais.signature_direction_jours_ouvres)
        if not contrat.signe_direction_le:
            yield Regle("E09", "Faire signer le contrat par la direction", limit)
        if not contrat.renvoye_client_le:
            yield Regle("E10", "Renvoyer le second exemplaire au client", limit)
    if is_contrat_signe(dossier) and is_paid and not are_options_confirmees(dossier, cadre.office):
        since = max(
            filter(None, (contrat.signe_client_le, contrat.signe_direction_le, acompte_recu_le(dossier, cadre)))
        )
        yield Regle("E11", "Confirmer les options aux prestataires", add_jours_ouvres(since, 1), montrer=10)
    if paiement.mode == "virement" and paiement.rib_envoye_le and not paiement.preuve_virement_recue_le and not is_paid:
        limit = paiement.rib_envoye_le + timedelta(days=delais.preuve_virement_jours)
        yield Regle("E12", "Preuve de virement", limit)


def _preparation(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    valeurs, delais = valeurs_en_vigueur(dossier, cadre.office), cadre.office.delais
    debut = valeurs.debut
    if debut is None or not dossier.devis.accepte_le:
        return
    for prestation in valeurs.prestations:
        limit = limite_menu(prestation, cadre)
        if limit and not (prestation.menu and prestation.menu.transmis_le):
            yield Regle("E13", f"Transmettre le menu au restaurant pour {prestation.appellation}", limit, montrer=10)
    modification = limite_modification(valeurs, cadre.office)
    if modification and modification >= cadre.aujourd_hui:
        yield Regle("E14", "Dernier jour pour modifier la réservation", modification, montrer=5)
    if is_confirme(dossier, cadre) and not dossier.carnet.envoye_le:
        yield Regle("E15", "Envoyer le carnet de voyage", debut - timedelta(days=delais.carnet_jours_avant))
    carnet = dossier.carnet.envoye_le
    if carnet and not all(p.bon_echange.envoye_prestataire_le for p in valeurs.prestations):
        yield Regle("E16", "Envoyer les copies des bons d'échange aux prestataires", carnet)
    if not is_finalise(dossier, cadre):
        yield Regle("E18", "Arrive bientôt, non finalisé", debut - timedelta(days=7), montrer=0)


_ETAPES_AVENANT = (
    ("redige_le", "Rédiger l'avenant"),
    ("envoye_client_le", "Envoyer l'avenant au client"),
    ("signe_client_le", "Retour de l'avenant signé par le client"),
    ("signe_direction_le", "Faire signer l'avenant par le directeur"),
    ("renvoye_client_le", "Renvoyer l'avenant signé au client"),
)


def _avenants(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    avenant = avenant_en_cours(dossier, cadre.office)
    if avenant is None:
        return
    named = f"n° {avenant.numero}" if avenant.numero else "sans numéro"
    since = avenant.demande_recue_le
    for field, libelle in _ETAPES_AVENANT:
        done = getattr(avenant, field)
        if done is None and since is not None:
            limit = add_jours_ouvres(since, 3)
            debut = valeurs_en_vigueur(dossier, cadre.office).debut
            if debut:
                limit = min(limit, debut - timedelta(days=2))
            yield Regle("E19", f"{libelle} ({named})", limit)
            break
        since = done
    if avenant.signe_direction_le and not avenant.be_prestataires_le:
        limit = add_jours_ouvres(avenant.signe_direction_le, 1)
        yield Regle("E20", f"Envoyer les nouveaux bons d'échange (avenant {named})", limit, montrer=10)


def _after_sejour(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    valeurs, delais = valeurs_en_vigueur(dossier, cadre.office), cadre.office.delais
    fin = valeurs.fin
    if fin is None or not is_contrat_signe(dossier) or cadre.aujourd_hui <= fin:
        return
    satisfaction = limite_satisfaction(dossier, cadre)
    if satisfaction and not dossier.satisfaction.mail_envoye_le:
        yield Regle("E23", "Envoyer le questionnaire de satisfaction", satisfaction)
    for prestation in valeurs.prestations:
        facture = prestation.facture
        if not prestation.achat or facture.fichier:
            continue
        limit = fin + timedelta(days=delais.factures_relance_jours)
        if not facture.recue_le:
            yield Regle("E24", f"Recevoir la facture du prestataire pour {prestation.appellation}", limit)
        else:
            limit = facture.recue_le + timedelta(days=delais.factures_validation_jours)
            yield Regle("E24", f"Valider et ranger la facture pour {prestation.appellation}", limit)
    solde = montants(dossier, valeurs, cadre.office, cadre.prestataires).solde
    if solde is not None and solde > 0:
        yield Regle("E25", "Encaisser le solde", fin + timedelta(days=delais.solde_jours))
    paiement = dossier.paiement
    if paiement.mode == "mandat_administratif" and not paiement.chorus.depose_le:
        yield Regle("E26", "Déposer la facture sur Chorus Pro", add_jours_ouvres(fin, delais.chorus_jours_ouvres))


def _reclamations(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    for reclamation in dossier.reclamations:
        if reclamation.recue_le and not reclamation.traitee_le:
            limit = limite_reclamation(reclamation.recue_le, cadre)
            yield Regle("E28", f"Répondre à la réclamation « {reclamation.objet or 'sans objet'} »", limit, montrer=10)


def _sans_suite(dossier: Dossier, cadre: Cadre) -> Iterator[Regle]:
    devis = dossier.devis
    if devis.refuse_le and not devis.refus_motif:
        yield Regle("E07", "Demander le motif du refus", devis.refuse_le + timedelta(days=3))
    ended = min(filter(None, (devis.refuse_le, devis.sans_suite_le)))
    limit = add_mois(ended, 12 * cadre.office.delais.purge_sans_suite_ans)
    yield Regle("E31", "Proposer la purge des données personnelles", limit, montrer=30)


_EN_COURS = (
    _demande,
    _options,
    _proposition,
    _contrat,
    _preparation,
    _avenants,
    _after_sejour,
    _reclamations,
)
_RULES = {
    Etat.ANNULE: (_reclamations,),
    Etat.SANS_SUITE: (_sans_suite, _reclamations),
    Etat.TRAITE: (_reclamations,),
    Etat.REALISE: (_avenants, _after_sejour, _reclamations),
}


def _urgence(rule: Regle, today: date) -> Urgence:
    if rule.limite < today:
        return Urgence.DEPASSEE
    return Urgence.PROCHE if (rule.limite - today).days <= rule.montrer else Urgence.A_VENIR


def echeances(dossier: Dossier, cadre: Cadre) -> tuple[Echeance, ...]:
    """The open deadlines, nearest first; a fact that clears one makes it disappear."""
    rules = [rule for find in _RULES.get(etat(dossier, cadre), _EN_COURS) for rule in find(dossier, cadre)]
    rules.sort(key=lambda rule: (rule.limite, rule.code))
    return tuple(Echeance(r.code, r.libelle, r.limite, _urgence(r, cadre.aujourd_hui)) for r in rules)


def echeances_office(cadre: Cadre) -> tuple[Echeance, ...]:
    """Papers of the office and of its suppliers that will run out: E29 and E30."""
    rules: list[Regle] = []
    mentions = cadre.office.mentions_legales
    papers = [
        ("Garantie financière", mentions.garantie_financiere.valable_jusqu_au),
        ("Assurance responsabilité civile", mentions.rcp.valable_jusqu_au),
    ]
    for prestataire in cadre.prestataires.prestataires:
        if not prestataire.actif:
            continue
        papers.append((f"Convention de {prestataire.appellation}", prestataire.convention.fin))
        if prestataire.verifie_le:
            limit = add_mois(prestataire.verifie_le, 12)
            rules.append(Regle("E30", f"Vérifier la fiche de {prestataire.appellation}", limit, montrer=30))
    rules += [Regle("E29", f"{paper} à renouveler", end, montrer=60) for paper, end in papers if end]
    rules.sort(key=lambda rule: (rule.limite, rule.libelle))
    return tuple(Echeance(r.code, r.libelle, r.limite, _urgence(r, cadre.aujourd_hui)) for r in rules)


def echeance_affichage(recap: str, annee: int, mois: int, aujourd_hui: date) -> Echeance:
    """A month's recap on the wall, by the last jour ouvré of the month before: E21 (procedure.txt §7)."""
    before = date(annee, mois, 1) - timedelta(days=1)
    libelle = f"Afficher « {recap} » pour {french.MOIS[mois - 1]} {annee}"
    rule = Regle("E21", libelle, jour_affichage(before.year, before.month))
    return Echeance(rule.code, rule.libelle, rule.limite, _urgence(rule, aujourd_hui))
