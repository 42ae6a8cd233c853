"""The documents that a dossier has, will have, or waits for (promesses.md §4). A new kind is one line here."""

from collections.abc import Iterable

from toolkit.documents.avenant import AVENANT
from toolkit.documents.bon_echange import BON_ECHANGE
from toolkit.documents.carnet import CARNET
from toolkit.documents.contrat import CONTRAT
from toolkit.documents.document import Document, TypeDeDocument
from toolkit.documents.programme import PROGRAMME
from toolkit.dossier.etat import Etat
from toolkit.dossier.fiche import Fiche
from toolkit.errors import Problem

TYPES = (
    PROGRAMME,
    CONTRAT,
    BON_ECHANGE,
    AVENANT,
    CARNET,
)
"""In the order in which a dossier gets them: what is bound comes after what it is bound of."""


def wanted_documents(fiche: Fiche, problems: Iterable[Problem]) -> list[Document]:
    """Those that are due and those that wait for something, in the order of the folders."""
    errors = [problem for problem in problems if problem.is_error]
    if fiche.dossier.reference is None or fiche.etat is Etat.SANS_SUITE:
        return []
    is_cancelled = fiche.etat is Etat.ANNULE
    kinds = [kind for kind in TYPES if kind.serves_cancelled or not is_cancelled]
    found = [one for kind in kinds for one in kind.documents(fiche, errors)]
    return [one for one in found if not (is_cancelled and one.attend)]


def type_of(code: str) -> TypeDeDocument | None:
    """The kind of a document, by the code that was given to it, be it years ago."""
    return next((kind for kind in TYPES if code.partition(" ")[0] == kind.code), None)
