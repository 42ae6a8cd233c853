"""Qualified contacts: eight fields, and the share of contacts that have them all (regles.md §2.7, threshold 15 %)."""

from decimal import ROUND_HALF_UP, Decimal

from toolkit.dossier.faits import Dossier

SEUIL = Decimal(15)
"""Per cent."""


def champs_strategiques(dossier: Dossier) -> dict[str, bool]:
    """Each of the eight fields, and whether the dossier tells it (regles.md §2.7)."""
    return {
        "département ou pays": bool(dossier.qualification.departement_ou_pays),
        "mode de contact": dossier.demande.canal is not None,
        "mode de réponse": bool(dossier.qualification.mode_reponse),
        "durée du séjour": dossier.sejour.debut is not None and dossier.sejour.fin is not None,
        "période": dossier.sejour.debut is not None,
        "nombre de personnes": dossier.effectif.participants is not None,
        "type de contact": dossier.client.categorie is not None,
        "thèmes": bool(dossier.qualification.themes),
    }


def is_qualifie(dossier: Dossier) -> bool:
    """All eight fields are told (regles.md §2.7)."""
    return all(champs_strategiques(dossier).values())


def taux_qualification(contacts: int, qualifies: int) -> Decimal | None:
    """Per cent, one decimal; None when there was no contact."""
    if contacts == 0:
        return None
    return (Decimal(100 * qualifies) / contacts).quantize(Decimal("0.1"), ROUND_HALF_UP)
