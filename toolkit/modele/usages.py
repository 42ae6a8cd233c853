"""What each Word model is for."""

from dataclasses import dataclass

from toolkit.documents.document import ModeleWord, TypeDeDocument
from toolkit.documents.wanted import TYPES

LANGUE = "fr"
"""Of the models without a language in their name."""


@dataclass(frozen=True)
class Usage:
    """What one model is filled for."""

    nom: str
    modele: ModeleWord
    type: TypeDeDocument


USAGES = {name: Usage(name, modele, kind) for kind in TYPES for name, modele in kind.modeles.items()}


def variante(nom: str) -> tuple[str, str | None]:
    """``contrat_groupe.en.docx`` → the model it stands for, and its language."""
    stem, _, suffix = nom.rpartition(".")
    base, _, langue = stem.rpartition(".")
    return (f"{base}.{suffix}", langue) if base else (nom, None)


def variants(nom: str, langue: str | None) -> list[str]:
    """The names to look for, the best first: the language of the stay, then French."""
    base, _ = variante(nom)
    if not langue or langue.casefold() == LANGUE or not langue.isalpha():
        return [base]
    return [f"{base.removesuffix('.docx')}.{langue.casefold()}.docx", base]


def usage(nom: str) -> Usage | None:
    """What a model of this name is filled for, whatever its language; None when nothing is."""
    return USAGES.get(variante(nom)[0])
