"""What a colleague who takes over should know, and no rule counts with: told in words, one line a fact."""

from collections.abc import Iterable, Iterator
from datetime import date

from toolkit import french
from toolkit.dossier.faits import Dossier

_MOTS = {
    "en_cours_etude": "demande à l'étude",
    "complement": "précisions demandées",
    "welogin": "par We Login",
    "mail": "par mail",
    "courrier": "par courrier",
    "telephone": "par téléphone",
    "sms": "par SMS",
    "remise": "remis en main propre",
    "en_ligne": "en ligne",
    "pdf": "en PDF",
    "papier": "sur papier",
    "client": "par le client",
    "office": "par l'office",
    "force_majeure": "force majeure",
}
"""The words for what the file tells by a key."""


def a_savoir(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """What each is called, and what is told; nothing of what is not told."""
    for libelle, parts in _lignes(dossier):
        told = ", ".join(filter(None, parts))
        if told:
            yield libelle, told


def _lignes(dossier: Dossier) -> Iterator[tuple[str, Iterable[str | None]]]:
    yield "Référence We Login", [dossier.reference_welogin]
    yield "Dossier ouvert", [_le(dossier.cree_le)]
    yield "Réponse à la demande", [_mot(dossier.demande.recontact_motif)]
    rgpd = dossier.client.rgpd
    yield (
        "Données personnelles",
        [
            _le(rgpd.information_donnee_le, "information donnée "),
            "accepte la prospection" if rgpd.accepte_prospection else None,
            _le(rgpd.effacement_demande_le, "effacement demandé "),
        ],
    )
    yield "Autocariste", [dossier.sejour.autocariste]
    for prestation in dossier.prestations:
        yield f"Réponse du prestataire pour {prestation.appellation}", [_le(prestation.option.reponse_le)]
    yield "Proposition envoyée", [_mot(dossier.devis.par)]
    for relance in dossier.devis.relances:
        yield "Relance", [_le(relance.le), _mot(relance.par), relance.resultat]
    carnet = dossier.carnet
    is_papier = carnet.papier_demande
    yield "Carnet de voyage", [_mot(carnet.par), "version papier demandée" if is_papier else None, *carnet.contenu]
    for index, avenant in enumerate(dossier.avenants, start=1):
        consulted = _le(avenant.prestataires_consultes_le, "prestataires consultés ")
        yield f"Avenant n° {avenant.numero or index}", [consulted]
    satisfaction = dossier.satisfaction
    note = satisfaction.note_globale
    yield (
        "Satisfaction",
        [
            _mot(satisfaction.support),
            _le(satisfaction.reponse_recue_le, "réponse reçue "),
            None if note is None else f"note {note:f}".replace(".", ","),
        ],
    )
    yield "Annulation", [_mot(dossier.annulation.par), dossier.annulation.motif]
    for one in dossier.notes:
        yield "Note", [_le(one.le), one.par, one.texte]


def _le(day: date | None, before: str = "") -> str | None:
    return None if day is None else f"{before}le {french.date_simple(day)}"


def _mot(key: str | None) -> str | None:
    return None if key is None else _MOTS.get(key, key)
