"""Every deadline that is still open: of a dossier, and of the papers of the office."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from toolkit import french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.calendrier import add_mois, jour_affichage
from toolkit.dossier.echeancier import ECHEANCIER, Regle, Row, Situation, jamais
from toolkit.dossier.etat import etat
from toolkit.dossier.faits import Dossier
from toolkit.dossier.office import Prestataire

T = TypeVar("T")


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


def _echeance(code: str, libelle: str, limite: date, aujourd_hui: date, montrer: int = 3) -> Echeance:
    if limite < aujourd_hui:
        return Echeance(code, libelle, limite, Urgence.DEPASSEE)
    is_near = (limite - aujourd_hui).days <= montrer
    return Echeance(code, libelle, limite, Urgence.PROCHE if is_near else Urgence.A_VENIR)


def _ouvertes(rows: Iterable[Row[T]], situation: T, aujourd_hui: date) -> Iterator[Echeance]:
    for row in rows:
        for libelle, limite in row.ouvertes(situation):
            yield _echeance(row.code, libelle, limite, aujourd_hui, row.montrer)


def echeances(dossier: Dossier, cadre: Cadre) -> tuple[Echeance, ...]:
    """The open deadlines, nearest first; a fact that clears one makes it disappear."""
    state = etat(dossier, cadre)
    rows = [row for row in ECHEANCIER if state in row.pendant]
    found = _ouvertes(rows, Situation(dossier, cadre), cadre.aujourd_hui)
    return tuple(sorted(found, key=lambda one: (one.limite, one.code)))


@dataclass(frozen=True, slots=True)
class _Papier:
    """A paper that runs out."""

    libelle: str
    fin: date | None


def _papiers(cadre: Cadre) -> Iterator[_Papier]:
    mentions = cadre.office.mentions_legales
    yield _Papier("Garantie financière", mentions.garantie_financiere.valable_jusqu_au)
    yield _Papier("Assurance responsabilité civile", mentions.rcp.valable_jusqu_au)
    for prestataire in _actifs(cadre):
        yield _Papier(f"Convention de {prestataire.appellation}", prestataire.convention.fin)


def _actifs(cadre: Cadre) -> Iterable[Prestataire]:
    return (prestataire for prestataire in cadre.prestataires.prestataires if prestataire.actif)


_ECHEANCIER_OFFICE: tuple[Row[Cadre], ...] = (
    Regle(
        "E29",
        lambda papier: f"{papier.libelle} à renouveler",
        sur=_papiers,
        is_fait=jamais,
        limite=lambda papier, cadre: papier.fin,
        montrer=60,
    ),
    Regle(
        "E30",
        lambda prestataire: f"Vérifier la fiche de {prestataire.appellation}",
        sur=_actifs,
        is_fait=jamais,
        limite=lambda prestataire, cadre: prestataire.verifie_le and add_mois(prestataire.verifie_le, 12),
        montrer=30,
    ),
)


def echeances_office(cadre: Cadre) -> tuple[Echeance, ...]:
    """Papers of the office and of its suppliers that will run out: E29 and E30."""
    found = _ouvertes(_ECHEANCIER_OFFICE, cadre, cadre.aujourd_hui)
    return tuple(sorted(found, key=lambda one: (one.limite, one.libelle)))


def echeance_affichage(recap: str, annee: int, mois: int, aujourd_hui: date) -> Echeance:
    """A month's recap on the wall, by the last jour ouvré of the month before: E21 (regles.md §7.7)."""
    before = date(annee, mois, 1) - timedelta(days=1)
    libelle = f"Afficher « {recap} » pour {french.MOIS[mois - 1]} {annee}"
    return _echeance("E21", libelle, jour_affichage(before.year, before.month), aujourd_hui)


def echeance_reaffichage(recap: str, annee: int, mois: int, changements: int, aujourd_hui: date) -> Echeance:
    """A month that is on the wall and says otherwise by now, today: E22 (regles.md §7.7)."""
    what = french.pluriel(changements, "changement")
    libelle = f"Afficher de nouveau « {recap} » pour {french.MOIS[mois - 1]} {annee} ({what})"
    return _echeance("E22", libelle, aujourd_hui, aujourd_hui)
