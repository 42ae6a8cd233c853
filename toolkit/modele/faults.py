"""A fault of a model as data: where, what was typed, why it is one, what to write instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.errors import Gravite, Problem
from toolkit.modele.reading import Balise, Lieu, Paragraphe

AUTOUR = 60
"""Characters of context."""
LONGUEUR_MAX = 300
"""Characters of any text of a fault that is told: a tag may be as long as whoever typed it likes."""


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


def as_data(fautes: Sequence[Faute]) -> list[dict[str, Any]]:
    """For another process, as JSON holds it: without the paragraph, each text cut to what can be read."""
    return [
        {
            "cause": _cut(one.cause),
            "correction": _cut(one.correction),
            "lieu": one.lieu and [_cut(one.lieu.partie), one.lieu.paragraphe, one.lieu.cellule, one.lieu.is_zone],
            "balise": _cut(one.balise),
            "contexte": _cut(one.contexte),
            "gravite": one.gravite.value,
            "debut": one.debut,
            "fin": one.fin,
        }
        for one in fautes
    ]


def from_data(found: Sequence[dict[str, Any]]) -> list[Faute]:
    """What ``as_data`` made."""
    fautes = []
    for one in found:
        lieu = None
        if one["lieu"]:
            partie, paragraphe, cellule, is_zone = one["lieu"]
            lieu = Lieu(partie, paragraphe, cellule and tuple(cellule), is_zone)
        fautes.append(Faute(**{**one, "lieu": lieu, "gravite": Gravite(one["gravite"])}))
    return fautes


def _cut(text: str) -> str:
    return text if len(text) <= LONGUEUR_MAX else f"{text[:LONGUEUR_MAX]}…"
