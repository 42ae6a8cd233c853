"""A fault of a model as data: where, what was typed, why it is one, what to write instead."""

from dataclasses import dataclass

from toolkit.errors import Gravite, Problem
from toolkit.modele.reading import Balise, Lieu, Paragraphe

AUTOUR = 60
"""Characters of context."""


@dataclass(frozen=True, slots=True)
class Faute:
    """One thing to mend in a model."""

    cause: str
    """A French clause, without the place."""
    correction: str
    """A French sentence without its full stop: what to do."""
    lieu: Lieu | None = None
    """None: the file as a whole."""
    balise: str = ""
    """As typed; empty when it is not about a tag."""
    contexte: str = ""
    gravite: Gravite = Gravite.ERREUR
    paragraphe: Paragraphe | None = None
    """Where a comment goes."""
    debut: int = 0
    """Span of it in the text of the paragraph."""
    fin: int = 0

    @property
    def is_error(self) -> bool:
        """No document is made with such a model; a warning stops nothing."""
        return self.gravite is Gravite.ERREUR

    @property
    def message(self) -> str:
        """Place, tag, cause and correction."""
        place = str(self.lieu) if self.lieu else "fichier"
        tag = f", « {self.balise} »" if self.balise else ""
        return f"{place}{tag} : {self.cause}. {self.correction}"

    def problem(self, modele: str, consequence: str) -> Problem:
        """What the reports tell; ``consequence`` says which documents are not made."""
        end = "" if self.message.endswith("?") else "."
        told = f"{self.message}{end} {consequence}" if self.is_error else f"{self.message}{end}"
        return Problem(self.gravite, told.strip(), fichier=f"modeles/{modele}")


def faute(
    paragraphe: Paragraphe,
    balise: Balise | None,
    cause: str,
    correction: str,
    gravite: Gravite = Gravite.ERREUR,
) -> Faute:
    """A fault of one tag, or of a whole paragraph."""
    debut, fin = (balise.debut, balise.fin) if balise else (0, len(paragraphe.texte))
    margin = max(0, (AUTOUR - (fin - debut)) // 2)
    return Faute(
        cause=cause,
        correction=correction,
        lieu=paragraphe.lieu,
        balise=balise.texte if balise else "",
        contexte=" ".join(paragraphe.texte[max(0, debut - margin) : fin + margin].split())[: 3 * AUTOUR],
        gravite=gravite,
        paragraphe=paragraphe,
        debut=debut,
        fin=fin,
    )
