"""Where a dossier is filed: typologie and statut, told by the folder alone (regles.md §7.5)."""

from enum import StrEnum


class Typologie(StrEnum):
    """The first level of the tree."""

    GROUPE = "groupe"
    INDIVIDUEL = "individuel"

    @property
    def initiale(self) -> str:
        """The letter in a reference, as in ``2027-G-014``."""
        return self.value[0].upper()


class Statut(StrEnum):
    """The last level above the dossiers."""

    EN_COURS = "en_cours"
    TRAITE = "traite"
    ANNULE = "annule"
