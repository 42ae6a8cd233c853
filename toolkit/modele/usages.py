"""What each Word model is for, and the values of an example booking to try it with."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from toolkit.documents.communes import Communes
from toolkit.documents.document import ModeleWord, TypeDeDocument
from toolkit.documents.wanted import TYPES
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.office import Office, Prestataires
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout, shipped

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


@lru_cache(maxsize=1)
def fiches() -> tuple[Fiche, ...]:
    """The bookings of the example office, the fullest first."""
    folder = shipped.EXEMPLES
    office = read(files.read_if_there(folder / layout.OFFICE) or b"", Office).value
    prestataires = read(files.read_if_there(folder / layout.PRESTATAIRES) or b"", Prestataires).value
    assert office and prestataires, "the shipped example is whole"
    found = []
    for one in layout.dossiers(folder, office):
        dossier = read(files.read_if_there(one.source) or b"", Dossier).value
        if dossier is None or office.jour_de_demonstration is None:
            continue
        cadre = Cadre(
            aujourd_hui=office.jour_de_demonstration,
            office=office,
            prestataires=prestataires,
            typologie=one.typologie,
            statut=one.statut,
            annee=one.annee,
            mois=one.mois,
            nom_dossier=one.path.name,
        )
        found.append(Fiche(dossier, cadre))
    return tuple(sorted(found, key=lambda fiche: -len(fiche.dossier.model_dump_json(exclude_defaults=True))))


def valeurs(usage: Usage, fiche: Fiche) -> Iterator[Communes]:
    """Those of each document of a dossier that is made with this model."""
    return (one.valeurs() for one in usage.type.documents(fiche, []) if one.modele == usage.nom)


def exemples(usage: Usage) -> Iterator[Communes]:
    """The values that the example bookings give to the documents of this kind."""
    return (one for fiche in fiches() for one in valeurs(usage, fiche))
