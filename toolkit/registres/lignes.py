"""What one row of the monthly recap says of a dossier (regles.md §4.2). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from toolkit.dossier.classement import Typologie
from toolkit.dossier.etat import Etat
from toolkit.dossier.fiche import Fiche
from toolkit.registres.cellules import Valeur
from toolkit.registres.colonnes import colonnes_de


@dataclass(frozen=True, slots=True)
class Ligne:
    """One row: what our columns say, and where it goes."""

    cle: str
    """The reference of the dossier."""
    typologie: Typologie
    annee: int
    mois: int
    debut: date
    heure: time
    valeurs: Mapping[str, Valeur]
    """By key, for each column that a dossier fills (``registres.colonnes``)."""
    fin: date
    annulee_le: date | None = None
    """Set for a booking that ended before the stay: its row stays, struck through."""
    is_inscrite: bool = True
    """Whether reception should have it by now; a row that stands is brought up to date all the same."""

    @property
    def is_attendue(self) -> bool:
        """Whether it is entered where it has no row yet."""
        return self.is_inscrite and self.annulee_le is None


def is_inscrit(fiche: Fiche) -> bool:
    """Whether a dossier has its row: finalised ones, or as office.toml extends it (regles.md §1.2, A12)."""
    match fiche.cadre.office.recap.inclure:
        case "finalises":
            return fiche.is_finalise
        case "confirmes":
            return fiche.is_confirme
        case _:
            return True


def ligne(fiche: Fiche) -> Ligne | None:
    """The row of a dossier, or None when it can have none.

    A cancelled dossier, and one that is not finalised or is so no more, has one for the row that may stand: reception
    reads what holds today. It is never added anew.
    """
    dossier = fiche.dossier
    debut, fin = fiche.en_vigueur.debut, fiche.en_vigueur.fin
    if dossier.reference is None or debut is None:
        return None
    ended = fiche.etat in (Etat.ANNULE, Etat.SANS_SUITE)
    typologie = fiche.cadre.typologie
    return Ligne(
        cle=dossier.reference,
        typologie=typologie,
        annee=debut.year,
        mois=debut.month,
        debut=debut,
        fin=fin or debut,
        heure=fiche.en_vigueur.heure_arrivee or time.max,
        valeurs={one.key: one.valeur(fiche) for one in colonnes_de(typologie).values() if one.valeur},
        annulee_le=(dossier.annulation.le or dossier.devis.refuse_le or dossier.devis.sans_suite_le) if ended else None,
        is_inscrite=is_inscrit(fiche),
    )
