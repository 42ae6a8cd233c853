"""What a dossier is judged with: the office's settings, its suppliers, the folder it lies in, and the day."""

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
