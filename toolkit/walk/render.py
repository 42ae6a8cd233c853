"""One document → the Word file that its model makes now, in memory; nothing that stands is filled again for nothing."""

from collections.abc import Iterable
from dataclasses import replace

from toolkit import __version__
from toolkit.documents.document import Document
from toolkit.documents.engagements import engagements
from toolkit.modele.usages import LANGUE
from toolkit.system import files
from toolkit.walk.case import Case
from toolkit.walk.decide import Disk, Rendered, Written, current_version
from toolkit.walk.means import Means
from toolkit.walk.told import telling


def render(document: Document, case: Case, disk: Disk, means: Means, bound: Iterable[str] = ()) -> Rendered:
    """Fill the model of a document, unless the file that stands was made of the very same.

    ``bound`` are the hashes of what it will be bound with. Raises ModeleFaulty, EnvironmentRefused.
    """
    modele, modele_hash = means.modele(document.modele, langue_of(case))
    inputs = digest(
        case.source, means.settings.empreinte, modele_hash, __version__, document.code, document.fichier, *bound
    )
    current = current_version(document.fichier, document.suite, disk) or document.fichier
    known = disk.written.get(current)
    if known and known.inputs == inputs and disk.is_as_written(current):
        return Rendered(document, None, known)
    valeurs = document.valeurs()
    filled = modele.fill(valeurs, means.images(modele.names))
    written = Written(
        code=document.code,
        sha256="",
        fait_le=means.jour,
        made_of=files.sha256(filled.content),
        inputs=inputs,
        modele=modele_hash,
        engagements=engagements(valeurs, modele.names, document.engage),
        manquants=filled.manquants,
    )
    # What is bound is kept as a PDF only, which tells of itself in its own way.
    content = filled.content if document.is_bound else telling(filled.content, case.reference, written)
    return Rendered(document, content, replace(written, sha256=files.sha256(content)))


def langue_of(case: Case) -> str:
    """``fr``, ``en``: that of the stay, French when the file cannot be read."""
    return case.fiche.dossier.sejour.langue if case.fiche else LANGUE


def digest(*parts: str) -> str:
    """One hash of several texts."""
    return files.sha256("\0".join(parts).encode())
