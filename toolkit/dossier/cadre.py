"""What a dossier is judged with: the office's settings, its suppliers, the folder it lies in, and the day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.office import Office, Prestataires


@dataclass(frozen=True, slots=True)
class Cadre:
    """Everything outside dossier.toml that its derived values depend on."""

    aujourd_hui: date
    office: Office = field(default_factory=Office)
    prestataires: Prestataires = field(default_factory=Prestataires)
    typologie: Typologie = Typologie.GROUPE
    statut: Statut = Statut.EN_COURS
    annee: int | None = None
    """Year and month of the folders above; None outside a tree."""
    mois: int | None = None
    nom_dossier: str | None = None
    """Name of the dossier's own folder."""
    longueur_max: int | None = None
    """Characters that the path of a document may have below that folder, for the desktops to open it; None: any."""
    factures_absentes: frozenset[str] = frozenset()
    """Invoices of suppliers that the dossier names, and that are not where it says."""
    noms: Mapping[str, str] = field(default_factory=dict)
    """Under which its documents were made, by their code."""
