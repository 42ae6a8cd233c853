"""The bookings of the shipped example office, and the values that their documents give to each model."""

from collections.abc import Iterator
from functools import cache

from toolkit.documents.communes import Communes
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.modele.usages import Usage
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout, shipped
from toolkit.tree.settings import load_settings


@cache
def fiches() -> tuple[Fiche, ...]:
    """The fullest first."""
    settings = load_settings(shipped.EXEMPLES)
    office = settings.office
    assert office.jour_de_demonstration
    found = []
    for one in layout.find(settings.root, office).dossiers:
        dossier = read(files.read_if_there(one.source) or b"", Dossier).value
        assert dossier
        cadre = Cadre(
            aujourd_hui=office.jour_de_demonstration,
            office=office,
            prestataires=settings.prestataires,
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
    """Those that the example bookings give to the documents of this kind."""
    return (one for fiche in fiches() for one in valeurs(usage, fiche))
