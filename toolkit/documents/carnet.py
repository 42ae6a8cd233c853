"""The carnet de voyage: what the clients need on the day, bound with their vouchers (regles.md §7.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from toolkit.documents.carried import corrections
from toolkit.documents.communes import Communes
from toolkit.documents.document import Document, ModeleWord, TypeDeDocument
from toolkit.dossier.champ import champ
from toolkit.dossier.etat import avenant_apres_le_carnet, is_contrat_signe
from toolkit.dossier.fiche import Fiche, LigneProgramme
from toolkit.dossier.valeurs import Valeurs
from toolkit.errors import Problem


@dataclass(kw_only=True, eq=False)
class ValeursCarnet(Communes):
    """Of the carnet's first pages, with the values in force."""

    programme: tuple[LigneProgramme, ...] = field(metadata=champ("programme"))
    valeurs: Valeurs = field(metadata=champ("valeurs", {"participants": 40, "avenant": 2, "modifications": 2}))
    nuits: int | None = field(metadata=champ("nombre de nuits", 0))


def valeurs_carnet(fiche: Fiche) -> ValeursCarnet:
    """The values in force, for the pages before the vouchers (regles.md §7.5)."""
    valeurs = fiche.en_vigueur
    return ValeursCarnet(
        fiche=fiche,
        retenues=valeurs,
        programme=fiche.programme(valeurs),
        valeurs=valeurs,
        nuits=valeurs.nuits,
    )


def _carnet(fiche: Fiche, errors: Sequence[Problem]) -> Iterator[Document]:
    """Once every voucher is there."""
    bons = [bon for bon in fiche.bons_echange if not bon.is_annulation]
    if not bons or not is_contrat_signe(fiche.dossier):
        return
    waits = list(dict.fromkeys(wait for bon in bons for wait in bon.attend))
    yield Document(
        code="carnet",
        titre="Carnet de voyage",
        modele="carnet.docx",
        fichier=f"6 Carnet/Carnet de voyage {fiche.dossier.reference}.pdf",
        valeurs=partial(valeurs_carnet, fiche),
        attend=(*waits, *corrections(errors)),
        is_frozen=_is_sent(fiche),
        is_bound=True,
    )


def _is_sent(fiche: Fiche) -> bool:
    """Not only before an avenant: the client is then sent another (regles.md §5.2, E34)."""
    dossier = fiche.dossier
    return dossier.carnet.envoye_le is not None and not avenant_apres_le_carnet(dossier, fiche.cadre.office)


CARNET = TypeDeDocument(
    code="carnet",
    modeles={"carnet.docx": ModeleWord("les carnets de voyage", mots=r"carnet")},
    valeurs=ValeursCarnet,
    documents=_carnet,
)
