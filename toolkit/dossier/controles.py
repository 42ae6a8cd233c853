"""The office's cross-checks (regles.md §3.3): what no single field can tell.

Each check is a function of one shape, listed in ``CHECKS``. What would make a document wrong is an error; what
an agent may still settle is a warning.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate

from pydantic import BaseModel

from toolkit import french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.classement import Statut
from toolkit.dossier.controles_contrat import (
    check_avenants,
    check_effectif,
    check_forfait,
    check_pieces,
    check_regime_tva,
    check_signatures,
    is_contrat_du,
)
from toolkit.dossier.etat import Etat, etat, is_a_cloturer, libelle, limite_option
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.montants import ZERO, acompte, couverts
from toolkit.dossier.niveaux import POUR, Niveau, manques
from toolkit.dossier.reglement import acompte_atteint_le, is_acompte_recu
from toolkit.dossier.valeurs import (
    Modification,
    Valeurs,
    modifications,
    place,
    place_sejour,
    valeurs_du_contrat,
    valeurs_en_vigueur,
)
from toolkit.errors import ChampPath, Problem, avertissement, erreur

Problems = Iterator[Problem]


def check_manques(dossier: Dossier, cadre: Cadre) -> Problems:
    """The five facts of a request always; those of the contract once it is due."""
    due = [Niveau.MINIMAL]
    if is_contrat_du(dossier):
        due.append(Niveau.CONTRAT)
    for niveau in due:
        for path, label in manques(dossier, niveau, cadre):
            yield erreur(f"il manque {label}, nécessaire pour {POUR[niveau]}", *path)


def check_classement(dossier: Dossier, cadre: Cadre) -> Problems:
    """Where it lies against its facts, and still open 60 days after the stay: warnings (regles.md §3.3, 1 and 10)."""
    debut = valeurs_en_vigueur(dossier, cadre.office).debut
    path = place_sejour(dossier, cadre.office, "debut")
    if debut and cadre.annee and cadre.mois and (debut.year, debut.month) != (cadre.annee, cadre.mois):
        yield avertissement(
            f"le séjour commence le {french.date_simple(debut)}, mais le dossier est rangé en "
            f"{french.MOIS[cadre.mois - 1]} {cadre.annee} : corriger la date ou déplacer le dossier",
            *path,
        )
    written = re.match(r"\d{4}-\d{2}-\d{2}", cadre.nom_dossier or "")
    if debut and written and written[0] != debut.isoformat():
        yield avertissement(
            f"le nom du dossier commence par {written[0]}, mais le séjour commence le {debut.isoformat()} : "
            "renommer le dossier ou corriger la date",
            *path,
        )
    state = etat(dossier, cadre)
    folder, right = cadre.office.nom_statut(cadre.statut), cadre.office.nom_statut(state.statut)
    if state is Etat.TRAITE and cadre.statut is Statut.EN_COURS:
        yield avertissement(f"tout est réglé : le dossier peut être déplacé dans « {right} »")
    elif state.statut is not cadre.statut:
        yield avertissement(
            f"rangé dans « {folder} », mais les faits disent « {libelle(state, dossier, cadre)} » : "
            f"compléter les faits, ou déplacer le dossier dans « {right} »"
        )
    if is_a_cloturer(dossier, cadre):
        path = place_sejour(dossier, cadre.office, "fin")
        yield avertissement("séjour passé depuis plus de 60 jours : dossier à clôturer", *path)


def _known(who: str, verb: str, ids: Iterable[str]) -> str:
    """« office.toml connaît « a » et « b » », beside a name that is not one of them."""
    names = french.liste([f"« {one} »" for one in ids])
    return f"{who} {verb} {names}" if names else f"{who} n'en {verb} aucun"


def check_identifiants(dossier: Dossier, cadre: Cadre) -> Problems:
    """Unknown people are errors; one who may not sign that paper is a warning (regles.md §3.3, 8)."""
    office = cadre.office
    known = _known("office.toml", "connaît", (agent.id for agent in office.agents))
    for key in ("agent", "suppleant"):
        value = getattr(dossier, key)
        if value and office.agent(value) is None:
            yield erreur(f"agent inconnu « {value} » ; {known}", key)
    signatures: list[tuple[str | None, str, ChampPath]] = [
        (dossier.contrat.signataire, "contrat", ("contrat", "signataire"))
    ]
    for index, avenant in enumerate(dossier.avenants):
        signatures.append((avenant.signataire, "avenant", ("avenants", index, "signataire")))
    for value, document, path in signatures:
        if not value:
            continue
        signataire = office.signataire(value)
        if signataire is None:
            known = _known("office.toml", "connaît", (person.id for person in office.signataires))
            yield erreur(f"signataire inconnu « {value} » ; {known}", *path)
        elif document not in signataire.signe:
            yield avertissement(f"« {value} » ne signe pas ce document ({document}) d'après office.toml", *path)


def check_coordonnees(dossier: Dossier, cadre: Cadre) -> Problems:
    """Five digits for a French postcode, phones that may exist: warnings (regles.md §2.5)."""
    client = dossier.client
    if client.code_postal and client.pays == "France" and not re.fullmatch(r"\d{5}", client.code_postal):
        yield avertissement(f"« {client.code_postal} » n'est pas un code postal à 5 chiffres", "client", "code_postal")
    phones: list[tuple[str | None, ChampPath]] = [(client.telephone, ("client", "telephone"))]
    for key in ("contact", "responsable_sur_place"):
        person = getattr(client, key)
        if person:
            phones.append((person.telephone, ("client", key, "telephone")))
    for number, path in phones:
        if number and not _is_telephone(number):
            yield avertissement(f"« {number} » n'est pas un numéro de téléphone", *path)


def _is_telephone(number: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, "FR"))
    except phonenumbers.NumberParseException:
        return False


_CHAINE_CONTRAT = ("envoye_client_le", "signe_client_le", "signe_direction_le", "renvoye_client_le")
_CHAINE_AVENANT = (
    "demande_recue_le",
    "client_averti_hausse_le",
    "redige_le",
    "envoye_client_le",
    "signe_client_le",
    "signe_direction_le",
    "renvoye_client_le",
    "be_prestataires_le",
)


def _check_chain(block: BaseModel, keys: tuple[str, ...], path: ChampPath) -> Problems:
    """Dates of a chain never go back."""
    last_key, last = "", date.min
    for key in keys:
        day = getattr(block, key)
        if day is None:
            continue
        if day < last:
            yield avertissement(
                f"{french.date_courte(day)} précède « {last_key} » ({french.date_courte(last)}) : "
                "vérifier l'ordre des dates",
                *path,
                key,
            )
        else:
            last_key, last = key, day


def check_ordre_dates(dossier: Dossier, cadre: Cadre) -> Problems:
    """A stay that ends before it begins is an error, steps that go back are warnings (regles.md §3.3, 2)."""
    sejour, devis = dossier.sejour, dossier.devis
    if sejour.debut and sejour.fin and sejour.fin < sejour.debut:
        yield erreur("la fin du séjour précède son début", "sejour", "fin")
    yield from _check_chain(devis, ("envoye_le", "accepte_le"), ("devis",))
    yield from _check_chain(devis, ("envoye_le", "refuse_le"), ("devis",))
    yield from _check_chain(dossier.contrat, _CHAINE_CONTRAT, ("contrat",))
    if devis.accepte_le and dossier.contrat.signe_client_le and dossier.contrat.signe_client_le < devis.accepte_le:
        yield avertissement("le contrat est signé avant l'acceptation du devis", "contrat", "signe_client_le")
    for index, avenant in enumerate(dossier.avenants):
        yield from _check_chain(avenant, _CHAINE_AVENANT, ("avenants", index))


def check_options(dossier: Dossier, cadre: Cadre) -> Problems:
    """Asked before the proposal, confirmed after the deposit, replaced when refused: warnings (regles.md §3.3, 3)."""
    signed = dossier.contrat.signe_client_le
    # From the signed contract and the deposit on, whatever was paid back since; None while one of them is missing.
    paid_le = acompte_atteint_le(dossier, cadre)
    gate = max(signed, paid_le or signed) if signed and (paid_le or is_acompte_recu(dossier, cadre)) else None
    sent = dossier.devis.envoye_le
    for index, prestation in enumerate(dossier.prestations):
        asked = prestation.option.demandee_le
        if sent and (asked is None or asked > sent):
            yield avertissement(
                "l'option n'était pas posée à l'envoi de la proposition (procédure, partie 2)",
                *("prestations", index, "option", "demandee_le"),
            )
    for prestation in valeurs_en_vigueur(dossier, cadre.office).prestations:
        option = prestation.option
        path = place(dossier, cadre.office, prestation, "option")
        if option.reponse == "refusee" and not option.confirmee_le and not dossier.annulation.le:
            yield avertissement("option refusée : trouver une autre prestation ou appeler le client", *path, "reponse")
        if option.confirmee_le and not (gate and option.confirmee_le >= gate):
            yield avertissement(
                "option confirmée avant le contrat signé et l'acompte ou le bon de commande (procédure, partie 4)",
                *path,
                "confirmee_le",
            )
    limit = limite_option(dossier, cadre.office)
    accepted = dossier.devis.accepte_le
    if limit and accepted and accepted > limit:
        yield avertissement(
            f"accepté après la fin des options ({french.date_simple(limit)}) : vérifier que les prestataires suivent",
            "devis",
            "accepte_le",
        )


def check_prestations(dossier: Dossier, cadre: Cadre) -> Problems:
    """Each service and who gives it, in the contract and in every avenant not given up (regles.md §3.3, 5)."""
    counts = Counter(prestation.id for prestation in dossier.prestations)
    for index, prestation in enumerate(dossier.prestations):
        path = ("prestations", index)
        if prestation.id is None:
            yield erreur(f'il manque l\'identifiant de la prestation, par exemple id = "P{index + 1}"', *path, "id")
        elif counts[prestation.id] > 1:
            yield erreur(f"l'identifiant « {prestation.id} » sert à plusieurs prestations", *path, "id")
        for key, message in _impossible(prestation, valeurs_du_contrat(dossier)):
            yield erreur(message, *path, key)
        yield from _check_connu(prestation, path, cadre)
    valeurs = valeurs_en_vigueur(dossier, cadre.office)
    for prestation in valeurs.prestations:
        yield from _check_prestataire(
            prestation, valeurs, place(dossier, cadre.office, prestation, "prestataire"), cadre
        )
    for one in modifications(dossier, cadre.office):
        if not one.is_abandonnee:
            yield from _check_modifiees(one, cadre)


_OF_CAPACITY = ("prestataire", "date", "sous_groupes")
"""What a supplier's capacity and opening are judged by."""


def _check_modifiees(one: Modification, cadre: Cadre) -> Problems:
    """The services that an avenant changes, or moves with the stay."""
    avenant, path = one.avenant, ("avenants", one.index)
    counts = Counter(change.id for change in avenant.prestations)
    known = {prestation.id: prestation for prestation in one.before.prestations}
    places: dict[str | None, ChampPath] = {}
    for position, change in enumerate(avenant.prestations):
        here = places[change.id] = (*path, "prestations", position)
        if change.id is None:
            yield erreur("il manque l'identifiant de la prestation modifiée", *here, "id")
        elif counts[change.id] > 1:
            yield erreur(f"l'identifiant « {change.id} » sert à plusieurs prestations de cet avenant", *here, "id")
        elif change.retiree and change.id not in known:
            yield erreur(f"« {change.id} » n'est pas au programme : relire l'identifiant", *here, "id")
        yield from _check_connu(change, here, cadre)
    if one.after.debut and one.after.fin and (avenant.debut or avenant.fin) and one.after.fin < one.after.debut:
        yield erreur("la fin du séjour précède son début", *path, "fin")
    for prestation in one.after.prestations:
        old, told = known.get(prestation.id), places.get(prestation.id)
        former = set(_impossible(old, one.before)) if old else set()
        for key, message in _impossible(prestation, one.after):
            if (key, message) not in former:
                yield erreur(message, *((*told, key) if told else (*path, "fin" if avenant.fin else "debut")))
        is_new = old is None or any(getattr(old, key) != getattr(prestation, key) for key in _OF_CAPACITY)
        if is_new and not one.is_en_vigueur:
            where = (*told, "prestataire") if told else (*path, "debut")
            yield from _check_prestataire(prestation, one.after, where, cadre)


def _impossible(prestation: Prestation, valeurs: Valeurs) -> Iterator[tuple[str, str]]:
    """What is wrong with the dates and times of a service, and the key that tells it."""
    debut, fin = valeurs.debut, valeurs.fin
    if prestation.date and debut and fin and not debut <= prestation.date <= fin:
        yield "date", "la prestation n'a pas lieu pendant le séjour"
    if prestation.date and prestation.date_fin and prestation.date_fin < prestation.date:
        yield "date_fin", "la prestation finit avant d'avoir commencé"
    if prestation.fin and prestation.debut and prestation.date_fin in (None, prestation.date):
        if prestation.fin < prestation.debut:
            yield "fin", "la prestation finit avant d'avoir commencé"


def _check_connu(prestation: Prestation, path: ChampPath, cadre: Cadre) -> Problems:
    if prestation.prestataire is not None and cadre.prestataires.get(prestation.prestataire) is None:
        known = _known("prestataires.toml", "connaît", (one.id for one in cadre.prestataires.prestataires))
        yield erreur(f"prestataire inconnu « {prestation.prestataire} » ; {known}", *path, "prestataire")


def _check_prestataire(prestation: Prestation, valeurs: Valeurs, path: ChampPath, cadre: Cadre) -> Problems:
    """Whether the supplier may do it, on that day and for so many people."""
    prestataire = cadre.prestataires.get(prestation.prestataire)
    if prestataire is None:
        return
    if not prestataire.actif:
        yield avertissement(f"« {prestataire.appellation} » n'est plus actif", *path)
    day, convention = prestation.date, prestataire.convention
    if day and convention.fin and not (convention.debut or date.min) <= day <= convention.fin:
        yield avertissement(
            f"la convention de « {prestataire.appellation} » ne couvre pas le {french.date_simple(day)}", *path
        )
    if day and french.JOURS[day.weekday()] in {name.casefold() for name in prestataire.jours_fermes}:
        yield avertissement(f"« {prestataire.appellation} » est fermé le {french.JOURS[day.weekday()]}", *path)
    if valeurs.personnes is None:
        return
    size = -(-valeurs.personnes // max(1, prestation.sous_groupes or 1))
    for limit, kind in ((prestataire.capacite, "capacité"), (prestataire.groupe_max, "taille maximale d'un groupe")):
        if limit is not None and size > limit:
            yield avertissement(
                f"{size} personnes à la fois, mais « {prestataire.appellation} » en accepte {limit} ({kind}) : "
                "prévoir des sous-groupes",
                *path,
            )


def check_menus(dossier: Dossier, cadre: Cadre) -> Problems:
    """A menu of the convention, as many dishes as covers in force: warnings (regles.md §3.3, 5)."""
    valeurs = valeurs_en_vigueur(dossier, cadre.office)
    places = couverts(valeurs)
    for prestation in valeurs.prestations:
        if not prestation.menu:
            continue
        path = place(dossier, cadre.office, prestation, "menu")
        prestataire = cadre.prestataires.get(prestation.prestataire)
        codes = [menu.code for menu in prestataire.menus] if prestataire else []
        if prestation.menu.code and prestataire and prestation.menu.code not in codes:
            known = _known(f"« {prestataire.appellation} »", "propose", codes)
            yield avertissement(f"menu inconnu « {prestation.menu.code} » ; {known}", *path, "code")
        chosen = sum(choix.quantite for choix in prestation.menu.choix)
        if prestation.menu.choix and places is not None and chosen != places:
            yield avertissement(
                f"{chosen} plats choisis pour {places} couverts (participants et chauffeurs en vigueur)", *path, "choix"
            )


def check_horaires(dossier: Dossier, cadre: Cadre) -> Problems:
    """Services that overlap, follow each other too closely, or fall outside arrival and departure."""
    valeurs = valeurs_en_vigueur(dossier, cadre.office)
    timed = [
        (datetime.combine(p.date, p.debut), datetime.combine(p.date_fin or p.date, p.fin), index)
        for index, p in enumerate(valeurs.prestations)
        if p.date and p.debut and p.fin and p.nature not in ("billetterie", "hebergement") and not p.sous_groupes
    ]
    timed.sort()
    latest = accumulate(((end, index) for _, end, index in timed), max)
    for (end, first), (start, _, second) in zip(latest, timed[1:], strict=False):
        one, other = valeurs.prestations[first], valeurs.prestations[second]
        if start < end:
            text = f"« {other.appellation} » commence avant la fin de « {one.appellation} »"
        elif start - end < timedelta(minutes=10):
            text = f"moins de 10 minutes entre « {one.appellation} » et « {other.appellation} »"
        else:
            continue
        yield avertissement(text, *place(dossier, cadre.office, other, "debut"))
    for prestation in valeurs.prestations:
        if prestation.debut and valeurs.heure_arrivee and prestation.date == valeurs.debut:
            if prestation.debut < valeurs.heure_arrivee:
                yield avertissement(
                    "commence avant l'arrivée du client", *place(dossier, cadre.office, prestation, "debut")
                )
        if prestation.fin and valeurs.heure_depart and (prestation.date_fin or prestation.date) == valeurs.fin:
            if prestation.fin > valeurs.heure_depart:
                yield avertissement("finit après le départ du client", *place(dossier, cadre.office, prestation, "fin"))


def check_paiement(dossier: Dossier, cadre: Cadre) -> Problems:
    """What came in against the deposit due, and what Chorus Pro asks of a mandat: warnings (regles.md §3.3, 7)."""
    paiement = dossier.paiement
    deposits = [payment for payment in paiement.encaissements if payment.nature == "acompte"]
    paid = sum((payment.montant for payment in deposits), ZERO)
    if paiement.mode in cadre.office.acompte.sans_acompte_si:
        if deposits:
            yield avertissement("aucun acompte n'est dû avec un mandat administratif", "paiement", "encaissements")
    else:
        due = acompte(dossier, cadre.office)
        if deposits and due is not None and paid != due:
            yield avertissement(
                f"{french.euros(paid)} reçus pour un acompte de {french.euros(due)}", "paiement", "encaissements"
            )
    if paiement.mode != "mandat_administratif":
        return
    chorus = paiement.chorus
    if not chorus.siret:
        yield avertissement("il manque le SIRET du client pour Chorus Pro", "paiement", "chorus", "siret")
    elif not _is_siret(chorus.siret):
        yield avertissement(
            f"« {chorus.siret} » n'a pas une clé de SIRET valable : le relire", "paiement", "chorus", "siret"
        )
    if not chorus.numero_engagement:
        yield avertissement(
            "demander au client son numéro d'engagement pour Chorus Pro", "paiement", "chorus", "numero_engagement"
        )


def _is_siret(number: str) -> bool:
    from stdnum.fr import siret

    return bool(siret.is_valid(number))


def check_factures(dossier: Dossier, cadre: Cadre) -> Problems:
    """An invoice that the dossier names lies where it says: a warning (regles.md §3.3, 7)."""
    for prestation in valeurs_en_vigueur(dossier, cadre.office).prestations:
        fichier = prestation.facture.fichier
        if fichier in cadre.factures_absentes:
            yield avertissement(
                f"« {fichier} » n'est pas dans le dossier du client : y ranger la facture, ou corriger son nom",
                *place(dossier, cadre.office, prestation, "facture"),
                "fichier",
            )


def check_annulation(dossier: Dossier, cadre: Cadre) -> Problems:
    """What is kept of the money of a booking that was cancelled: a warning until it is told (regles.md §3.3, 7)."""
    annulation = dossier.annulation
    is_engaged = dossier.contrat.signe_client_le or dossier.paiement.encaissements
    if annulation.le and annulation.frais_retenus is None and is_engaged:
        yield avertissement(
            "noter les frais retenus (0 s'il n'y en a pas) : ce qui reste dû ou à rembourser en dépend",
            "annulation",
            "frais_retenus",
        )


def _facts(block: BaseModel, path: ChampPath) -> Iterator[tuple[ChampPath, date]]:
    """Every dated fact below a block."""
    for key, value in block:
        here = (*path, key)
        if isinstance(value, BaseModel):
            yield from _facts(value, here)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from _facts(item, (*here, index))
        elif isinstance(value, date) and (key == "le" or key.endswith("_le") or key == "demande_datee_du"):
            yield here, value.date() if isinstance(value, datetime) else value


def check_faits_futurs(dossier: Dossier, cadre: Cadre) -> Problems:
    """Facts dated after today: warnings (regles.md §3.3, 10)."""
    for path, day in _facts(dossier, ()):
        if day > cadre.aujourd_hui:
            yield avertissement(f"fait daté du {french.date_simple(day)}, après aujourd'hui", *path)


CHECKS: tuple[Callable[[Dossier, Cadre], Problems], ...] = (
    check_manques,
    check_classement,
    check_identifiants,
    check_coordonnees,
    check_ordre_dates,
    check_options,
    check_prestations,
    check_menus,
    check_horaires,
    check_paiement,
    check_annulation,
    check_factures,
    check_pieces,
    check_forfait,
    check_regime_tva,
    check_effectif,
    check_avenants,
    check_signatures,
    check_faits_futurs,
)


def check(dossier: Dossier, cadre: Cadre) -> list[Problem]:
    """Every problem of a dossier, errors and warnings, in the order of ``CHECKS``."""
    return [problem for one in CHECKS for problem in one(dossier, cadre)]
