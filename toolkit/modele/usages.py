"""What each Word model is for, and the values of an example booking to try it with.

The names of the models are those of ``attendus``; a test keeps both lists together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from toolkit.documents.champs import Champs, champs_avenant, champs_bon_echange, champs_carnet, champs_contrat
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.office import Office, Prestataires
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout, shipped

LANGUE = "fr"
"""Of the models without a language in their name."""
IMAGES = ("signature",)
"""What may be printed as a picture, beside the fields."""


@dataclass(frozen=True)
class Usage:
    """What one model is filled for."""

    documents: str
    """Plural, with its article."""
    accord: str
    """« faits » or « faites », for these documents."""
    champs: Callable[[Fiche], Iterator[Champs]]
    """One set of values for each such document of a dossier."""
    genre: str
    """« contrat », « bon » or « »: which mentions it must hold."""

    @property
    def consequence(self) -> str:
        """What an error in the model stops."""
        return f"{self.documents[0].upper()}{self.documents[1:]} ne sont pas {self.accord}."


def _du_contrat(fiche: Fiche) -> Iterator[Champs]:
    yield champs_contrat(fiche)


def _des_avenants(fiche: Fiche) -> Iterator[Champs]:
    yield from (champs_avenant(fiche, one) for one in fiche.modifications)


def _des_bons(fiche: Fiche) -> Iterator[Champs]:
    yield from (champs_bon_echange(fiche, one) for one in fiche.bons_echange if not one.prestation.is_restauration)


def _des_bons_de_restaurant(fiche: Fiche) -> Iterator[Champs]:
    yield from (champs_bon_echange(fiche, one) for one in fiche.bons_echange if one.prestation.is_restauration)


def _du_carnet(fiche: Fiche) -> Iterator[Champs]:
    yield champs_carnet(fiche)


USAGES: Mapping[str, Usage] = {
    "programme.docx": Usage("les programmes", "faits", _du_contrat, "programme"),
    "contrat_groupe.docx": Usage("les contrats des groupes", "faits", _du_contrat, "contrat"),
    "contrat_individuel.docx": Usage("les contrats des individuels", "faits", _du_contrat, "contrat"),
    "avenant.docx": Usage("les avenants", "faits", _des_avenants, "avenant"),
    "bon_echange.docx": Usage("les bons d'échange (hors restaurants)", "faits", _des_bons, "bon"),
    "bon_echange_restaurant.docx": Usage("les bons d'échange des restaurants", "faits", _des_bons_de_restaurant, "bon"),
    "carnet.docx": Usage("les carnets de voyage", "faits", _du_carnet, "carnet"),
}


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


def exemples(usage: Usage) -> Iterator[Champs]:
    """The values that the example bookings give to the documents of this kind."""
    for fiche in fiches():
        yield from usage.champs(fiche)
