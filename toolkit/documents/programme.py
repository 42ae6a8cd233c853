"""The programme: services with their times, before or with the proposal (regles.md §7.3)."""

from collections.abc import Iterator, Sequence
from functools import partial

from toolkit.documents.carried import corrections
from toolkit.documents.contrat import ValeursContrat, valeurs_contrat
from toolkit.documents.document import Document, ModeleWord, TypeDeDocument
from toolkit.dossier.fiche import Fiche
from toolkit.errors import Problem


def _programme(fiche: Fiche, errors: Sequence[Problem]) -> Iterator[Document]:
    dossier = fiche.dossier
    if not dossier.prestations or dossier.sejour.debut is None:
        return
    waits = [f"la date et l'heure de {one.id}" for one in dossier.prestations if not (one.date and one.debut)]
    yield Document(
        code="programme",
        titre="Programme",
        modele="programme.docx",
        fichier=f"2 Devis/Programme {dossier.reference}.docx",
        valeurs=partial(valeurs_contrat, fiche),
        attend=(*waits, *corrections(errors)),
        is_frozen=dossier.devis.envoye_le is not None,
    )


PROGRAMME = TypeDeDocument(
    code="programme",
    modeles={"programme.docx": ModeleWord("les programmes", mots=r"programme")},
    valeurs=ValeursContrat,
    documents=_programme,
)
