"""What a contract and its avenants say and commit to, checked before someone signs them (regles.md §3.3)."""

from collections.abc import Iterator

from toolkit import french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.nature_vente import Vente, vente
from toolkit.dossier.valeurs import (
    Modification,
    Valeurs,
    modifications,
    modifications_en_vigueur,
    valeurs_du_contrat,
    valeurs_en_vigueur,
)
from toolkit.errors import ChampPath, Problem, avertissement, erreur

Problems = Iterator[Problem]


def is_contrat_du(dossier: Dossier) -> bool:
    """The client agreed to the proposal, and nothing has ended since."""
    return bool(dossier.devis.accepte_le) and not dossier.annulation.le and not dossier.devis.refuse_le


_PIECES = {
    "cgv": "les conditions générales de vente",
    "cpv": "les conditions particulières de vente",
    "formulaire_information": "le formulaire d'information",
}
"""What a client has in hand before the contract (R.211-4; arrêté du 1er mars 2018)."""


def check_pieces(dossier: Dossier, cadre: Cadre) -> Problems:
    """What was not handed over is not said to have been: a warning (regles.md §2.1)."""
    missing = [text for key, text in _PIECES.items() if key not in dossier.devis.pieces]
    if missing and is_contrat_du(dossier):
        yield avertissement(
            f"remettre au client avant la signature {french.liste(missing)}, puis le noter : "
            "le contrat ne dit pas qu'il les a reçus",
            "devis",
            "pieces",
        )


def check_regime_tva(dossier: Dossier, cadre: Cadre) -> Problems:
    """The margin scheme wants transport or lodging, unless accounting has agreed: a warning (regles.md §2.2)."""
    natures = {prestation.nature for prestation in dossier.prestations}
    is_marge = dossier.tarif.regime_tva == "marge" and not cadre.office.tva.marge_a_la_journee
    if is_contrat_du(dossier) and is_marge and natures and not natures & {"hebergement", "transport"}:
        yield avertissement(
            "régime de la marge sans transport ni hébergement : le faire confirmer par la comptabilité "
            "(CGI 266-1-e), puis noter marge_a_la_journee = true dans office.toml",
            "tarif",
            "regime_tva",
        )


def check_effectif(dossier: Dossier, cadre: Cadre) -> Problems:
    """Children among the participants, and as many of these as the contract wants: warnings (regles.md §3.3, 4)."""
    minimum = dossier.effectif.minimum
    for path, valeurs in _effectifs(dossier, cadre):
        participants, enfants = valeurs.participants, valeurs.enfants
        if participants is None:
            continue
        if minimum and participants < minimum and not dossier.annulation.le:
            yield avertissement(
                f"{french.pluriel(participants, 'participant')}, sous le minimum de {minimum} : revoir le prix par "
                "avenant, ou annuler en prévenant le client à temps (contrat, article 5.6)",
                *path,
                "participants",
            )
        if enfants > participants:
            yield avertissement(
                f"{french.pluriel(enfants, 'enfant')} pour {french.pluriel(participants, 'participant')} : "
                "noter aussi le nombre d'enfants",
                *path,
                "enfants",
            )


def _effectifs(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[ChampPath, Valeurs]]:
    """Where the headcount in force is written, and those that avenants ask for."""
    place: ChampPath = ("effectif",)
    for one in modifications_en_vigueur(dossier, cadre.office):
        place = ("avenants", one.index) if _tells_effectif(one) else place
    yield place, valeurs_en_vigueur(dossier, cadre.office)
    for one in modifications(dossier, cadre.office):
        if is_pending(one) and _tells_effectif(one):
            yield ("avenants", one.index), one.after


def _tells_effectif(one: Modification) -> bool:
    return one.avenant.participants is not None or one.avenant.enfants is not None


def is_pending(one: Modification) -> bool:
    """Asked, and neither signed nor given up."""
    return one.is_recevable and not one.is_en_vigueur and not one.is_abandonnee


def check_forfait(dossier: Dossier, cadre: Cadre) -> Problems:
    """A word against the law's answer has no effect (L.211-5-1): an error; what the law leaves open is a warning.

    So is an avenant that changes the nature of what was sold, since another form goes with it (regles.md §2.1).
    """
    told, path = dossier.contrat.forfait_touristique, ("contrat", "forfait_touristique")
    found = vente(dossier, valeurs_du_contrat(dossier), cadre.prestataires)
    if found.is_certaine and told is not None and told != found.forfait:
        yield erreur(
            f"au sens de L.211-2, ce séjour {_est_un_forfait(found)} touristique, car {found.raison} : "
            f"écrire {'true' if found.forfait else 'false'}, ou ôter cette ligne",
            *path,
        )
    elif not found.is_certaine and found.forfait is not None and is_contrat_du(dossier) and told is None:
        yield avertissement(
            f"le contrat dira que ce séjour {_est_un_forfait(found)} touristique ; à vérifier, car {found.raison}",
            *path,
        )
    after = vente(dossier, valeurs_en_vigueur(dossier, cadre.office), cadre.prestataires)
    if is_contrat_du(dossier) and None not in (found.forfait, after.forfait) and found.forfait != after.forfait:
        yield avertissement(
            f"avec ses avenants, ce séjour {_est_un_forfait(after)} touristique, car {after.raison} : "
            "remettre au client le formulaire d'information qui convient",
            *path,
        )


def _est_un_forfait(found: Vente) -> str:
    return "est un forfait" if found.forfait else "n'est pas un forfait"


def check_avenants(dossier: Dossier, cadre: Cadre) -> Problems:
    """Numbered in order, asked in writing and in time, else errors; the rest are warnings (regles.md §3.3, 4)."""
    for one in modifications(dossier, cadre.office):
        avenant, limite, path = one.avenant, one.limite, ("avenants", one.index)
        if avenant.numero != one.index + 1:
            rank = f"{one.index + 1}e" if one.index else "1er"
            yield erreur(f"cet avenant est le {rank} du fichier : écrire numero = {one.index + 1}", *path, "numero")
        if one.is_abandonnee:
            continue
        if one.before.enfants and avenant.participants is not None and avenant.enfants is None:
            yield avertissement(
                f"l'effectif change, et les enfants ? Noter enfants = {one.before.enfants}, ou leur nouveau nombre",
                *path,
                "enfants",
            )
        if avenant.demande_recue_le is None or avenant.demande_canal is None:
            key = "demande_canal" if avenant.demande_canal is None else "demande_recue_le"
            yield erreur(
                "une modification se demande par écrit : noter le canal et la date de réception, "
                "ou abandonne_le si elle ne se fait pas",
                *path,
                key,
            )
        elif not one.is_recevable and limite:
            article = cadre.office.conditions.article_modification
            yield erreur(
                f"demande reçue hors délai : elle devait l'être le {french.date_simple(limite)} au plus tard "
                f"(article {article}). Noter derogation = \"motif\" si l'office l'accepte, abandonne_le s'il la refuse",
                *path,
                "demande_recue_le",
            )
        dated = avenant.demande_datee_du
        if dated and avenant.demande_recue_le and limite and dated <= limite < avenant.demande_recue_le:
            yield avertissement(
                "demande datée dans le délai mais reçue après : à trancher avec le client", *path, "demande_datee_du"
            )
        before, after = one.before.prix_par_personne, avenant.prix_par_personne
        rises = before is not None and after is not None and after > before
        may_rise = avenant.participants not in (None, one.before.participants)
        if (rises or may_rise) and avenant.redige_le and not avenant.client_averti_hausse_le:
            what = "de la hausse du prix par personne" if rises else "que le prix par personne peut augmenter"
            yield avertissement(
                f"prévenir le client {what} avant de rédiger",
                *path,
                "client_averti_hausse_le",
            )


def check_signatures(dossier: Dossier, cadre: Cadre) -> Problems:
    """Both, and in the order of the avenants: warnings; given up afterwards: an error (regles.md §3.3, 4)."""
    if dossier.contrat.signe_direction_le and not dossier.contrat.signe_client_le:
        yield avertissement(_SANS_CLIENT, "contrat", "signe_client_le")
    made = modifications_en_vigueur(dossier, cadre.office)
    for position, one in enumerate(made):
        avenant, path = one.avenant, ("avenants", one.index)
        if not avenant.signe_client_le:
            yield avertissement(_SANS_CLIENT, *path, "signe_client_le")
        if avenant.abandonne_le:
            yield erreur(
                "un avenant signé ne s'abandonne pas : en noter un autre qui le défait, et effacer abandonne_le",
                *path,
                "abandonne_le",
            )
        passed = [former.avenant.numero or former.index + 1 for former in made[:position] if former.index > one.index]
        if passed:
            numbers = french.liste([f"n° {number}" for number in sorted(passed)])
            yield avertissement(
                f"signé par la direction après l'avenant {numbers} : il s'y ajoute, et ce qu'il dit l'emporte",
                *path,
                "signe_direction_le",
            )


_SANS_CLIENT = "signé par la direction, mais la signature du client n'est pas notée : la noter, ou la lui demander"
