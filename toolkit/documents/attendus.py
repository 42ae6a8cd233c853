"""The documents that a dossier has, will have, or waits for: model, file, copies (design §4). Pure."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from toolkit import french
from toolkit.documents.champs import (
    Champs,
    champs_avenant,
    champs_bon_echange,
    champs_carnet,
    champs_contrat,
)
from toolkit.dossier.bons_echange import BonEchange
from toolkit.dossier.etat import Etat, is_contrat_signe
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.niveaux import Niveau
from toolkit.dossier.valeurs import Modification
from toolkit.errors import ChampPath, Problem
from toolkit.formats.pdf_marks import Filigrane, Marque, Mention
from toolkit.tree import layout

PREFIXE_BON = "bon "


@dataclass(frozen=True, slots=True)
class Copie:
    """A PDF made of a Word document, with marks over its pages."""

    suffixe: str = ""
    """Added to the stem of the Word file, as `` - exemplaire client`` or `` COPIE``."""
    marques: tuple[Marque, ...] = ()


@dataclass(frozen=True, slots=True)
class Attendu:
    """One document."""

    code: str
    """Tells it from the others of its dossier for ever, as ``contrat``, ``avenant 2``, ``bon P3 resto-pollet``."""
    titre: str
    modele: str
    fichier: str
    """The Word file, relative to the dossier folder; for a carnet, the PDF."""
    champs: Callable[[], Champs]
    copies: tuple[Copie, ...] = (Copie(),)
    attend: tuple[str, ...] = ()
    """What it still waits for; empty when it is due."""
    is_frozen: bool = False
    """Sent or signed: what exists is not rewritten."""
    faits: str = ""
    """The facts it commits to, in one text."""
    suite: str = " v{}"
    """How a version beside a human's is called."""
    formers: tuple[str, ...] = ()
    """Stems of the versions that it replaces."""
    is_carnet: bool = False
    """Bound with the vouchers, and kept as PDF only."""


# The blocks of dossier.toml that the documents carry: an error elsewhere stops none of them.
_CARRIED = {
    "reference",
    "intitule",
    "agent",
    "client",
    "sejour",
    "effectif",
    "tarif",
    "prestations",
    "contrat",
    "paiement",
}
_NOT_CARRIED = {"option", "menu", "bon_echange", "facture", "achat", "encaissements"}


def attendus(fiche: Fiche, problems: Iterable[Problem]) -> list[Attendu]:
    """The documents of a dossier, in the order of its folders."""
    errors = [problem for problem in problems if problem.is_error]
    if fiche.dossier.reference is None:
        return []
    if fiche.etat is Etat.ANNULE:
        return [bon for bon in _bons_echange(fiche, errors) if not bon.attend]
    if fiche.etat is Etat.SANS_SUITE:
        return []
    return [
        *_programme(fiche, errors),
        *_contrat(fiche, errors),
        *_bons_echange(fiche, errors),
        *_avenants(fiche, errors),
        *_carnet(fiche, errors),
    ]


def _wrong(
    errors: Iterable[Problem], is_carried: Callable[[ChampPath], bool], missing: Iterable[ChampPath] = ()
) -> list[str]:
    """What has to be corrected before a document that carries it may be made."""
    told = set(missing)
    places = [one.champ or "le fichier" for one in errors if one.path not in told and is_carried(one.path)]
    return [f"la correction de {french.liste(list(dict.fromkeys(places)))}"] if places else []


def _is_carried(path: ChampPath) -> bool:
    """Whether a wrong value at this place would show; a problem of the whole file always does."""
    return not path or (path[0] in _CARRIED and not _NOT_CARRIED.intersection(path))


def _programme(fiche: Fiche, errors: list[Problem]) -> Iterator[Attendu]:
    """With the proposal: services with their times (procedure.txt §3)."""
    dossier = fiche.dossier
    if not dossier.prestations or dossier.sejour.debut is None:
        return
    waits = [f"la date et l'heure de {one.id}" for one in dossier.prestations if not (one.date and one.debut)]
    yield Attendu(
        code="programme",
        titre="Programme",
        modele="programme.docx",
        fichier=f"2 Devis/Programme {dossier.reference}.docx",
        champs=partial(champs_contrat, fiche),
        attend=(*waits, *_wrong(errors, _is_carried)),
        is_frozen=dossier.devis.envoye_le is not None,
    )


def _contrat(fiche: Fiche, errors: list[Problem]) -> Iterator[Attendu]:
    """Once the proposal is accepted (procedure.txt §4)."""
    dossier, contrat = fiche.dossier, fiche.dossier.contrat
    if dossier.devis.envoye_le is None and dossier.devis.accepte_le is None:
        return
    waits: list[str] = []
    if not dossier.devis.accepte_le:
        waits.append("l'acceptation du devis")
    else:
        missing = fiche.manques(Niveau.CONTRAT)
        waits += dict.fromkeys(label for _, label in missing)
        waits += _wrong(errors, _is_carried, (path for path, _ in missing))
    yield Attendu(
        code="contrat",
        titre="Contrat",
        modele=f"contrat_{fiche.cadre.typologie.value}.docx",
        fichier=f"3 Contrat/Contrat {dossier.reference}.docx",
        champs=partial(champs_contrat, fiche),
        copies=(
            Copie(" - exemplaire client", (Mention("Exemplaire client"),)),
            Copie(" - exemplaire office", (Mention("Exemplaire office"),)),
        ),
        attend=tuple(waits),
        is_frozen=bool(contrat.envoye_client_le or contrat.signe_client_le or contrat.signe_direction_le),
        faits=_faits_du_contrat(fiche),
    )


_FAITS_PRESTATION = {"id", "libelle", "detail", "date", "date_fin", "debut", "fin", "lieu", "prestataire"}


def _faits_du_contrat(fiche: Fiche) -> str:
    """What the contract commits both parties to: a change of it after the sending needs an avenant."""
    facts = fiche.dossier.model_dump(
        mode="json",
        include={
            "reference": True,
            "client": {"nom", "adresse", "code_postal", "commune"},
            "sejour": {"debut", "fin", "heure_arrivee", "heure_depart", "lieu_accueil", "exigences_acceptees"},
            "effectif": True,
            "tarif": True,
            "prestations": {"__all__": _FAITS_PRESTATION},
            "paiement": {"mode"},
        },
    )
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def _avenants(fiche: Fiche, errors: list[Problem]) -> Iterator[Attendu]:
    """One per written request (« Modifications en cours de vie du contrat »)."""
    reference = fiche.dossier.reference
    for one in fiche.modifications:
        avenant = one.avenant
        if avenant.abandonne_le:
            continue
        number = avenant.numero or one.index + 1
        waits = [] if is_contrat_signe(fiche.dossier) else ["les deux signatures du contrat"]
        waits += _recevable(one)
        waits += _wrong(errors, partial(_is_carried_by_avenant, one.index))
        is_draft = not (avenant.redige_le or avenant.envoye_client_le or avenant.signe_client_le)
        yield Attendu(
            code=f"avenant {number}",
            titre=f"Avenant {number}",
            modele="avenant.docx",
            fichier=f"5 Avenants/Avenant {number} {reference}.docx",
            champs=partial(champs_avenant, fiche, one),
            copies=(Copie(marques=(Filigrane("PROJET"),) if is_draft else ()),),
            attend=tuple(waits),
            is_frozen=bool(avenant.envoye_client_le or avenant.signe_client_le or avenant.signe_direction_le),
            faits=_faits_de_l_avenant(one),
        )


def _recevable(one: Modification) -> list[str]:
    if one.is_recevable:
        return []
    if one.avenant.demande_recue_le is None or one.avenant.demande_canal is None:
        return ["la demande écrite du client : son canal et sa date de réception"]
    limite = french.date_simple(one.limite) if one.limite else "jour limite"
    received = french.date_simple(one.avenant.demande_recue_le)
    return [f"une dérogation motivée : demande reçue le {received}, après le {limite}"]


def _is_carried_by_avenant(index: int, path: ChampPath) -> bool:
    return _is_carried(path) or path[:2] == ("avenants", index)


def _faits_de_l_avenant(one: Modification) -> str:
    facts = one.avenant.model_dump(
        mode="json",
        include={
            "numero", "objet", "participants", "chauffeurs", "gratuites", "prix_par_personne",
            "debut", "fin", "heure_arrivee", "heure_depart", "prestations",
        },
    )  # fmt: skip
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def _bons_echange(fiche: Fiche, errors: list[Problem]) -> Iterator[Attendu]:
    """One per service, for the client and, marked COPIE, for its supplier (procedure.txt §5)."""
    if not is_contrat_signe(fiche.dossier):
        return
    for bon in fiche.bons_echange:
        if bon.is_annulation and bon.attend:
            continue  # never made, so nothing to cancel
        name = _nom_du_bon(fiche, bon)
        stem = f"4 Bons d'échange/{name}"
        yield Attendu(
            code=f"{PREFIXE_BON}{bon.id} {bon.prestataire_id}",
            titre=f"Bon d'échange {bon.id}",
            modele="bon_echange_restaurant.docx" if bon.prestation.is_restauration else "bon_echange.docx",
            fichier=f"{stem}{_suffixe(bon.version, is_annulation=bon.is_annulation)}.docx",
            champs=partial(champs_bon_echange, fiche, bon),
            copies=(Copie(), Copie(" COPIE", (Filigrane("COPIE"),))),
            attend=(*bon.attend, *_wrong(errors, partial(_is_carried_by_bon, fiche, bon))),
            is_frozen=_is_sent(fiche, bon),
            faits=_faits_du_bon(bon),
            suite=" ({})",
            formers=tuple(f"{stem}{_suffixe(number)}" for number in range(1, bon.version)),
        )


def _suffixe(version: int, *, is_annulation: bool = False) -> str:
    number = f" v{version}" if version > 1 else ""
    return f"{number} ANNULATION" if is_annulation else number


_NOM_MAX = 22
"""Letters of a supplier's name in a file name: the whole path has to stay one that Windows opens (path_limits)."""


def _nom_du_bon(fiche: Fiche, bon: BonEchange) -> str:
    supplier = (bon.prestataire.nom if bon.prestataire else None) or bon.prestataire_id
    return f"BE {fiche.dossier.reference}-{bon.id} {layout.safe_name(supplier, _NOM_MAX)}"


def _is_carried_by_bon(fiche: Fiche, bon: BonEchange, path: ChampPath) -> bool:
    """An error in another service, in the price or in the contract does not stop this voucher."""
    if not path:
        return True
    if path[0] == "prestations" and len(path) > 1 and isinstance(path[1], int):
        written = fiche.dossier.prestations[path[1]] if path[1] < len(fiche.dossier.prestations) else None
        return (written is None or written.id == bon.id) and not {"option", "facture", "achat"}.intersection(path)
    return path[0] in {"reference", "client", "sejour", "effectif", "avenants"}


def _is_sent(fiche: Fiche, bon: BonEchange) -> bool:
    """Gone out to its supplier: with the carnet for the first version, after the last avenant for the others."""
    if bon.is_annulation:
        return False
    if bon.version == 1:
        return bon.prestation.bon_echange.envoye_prestataire_le is not None
    in_force = [one.avenant for one in fiche.modifications if one.is_en_vigueur]
    return bool(in_force) and in_force[-1].be_prestataires_le is not None


def _faits_du_bon(bon: BonEchange) -> str:
    prestation = bon.prestation.model_dump(mode="json", include=_FAITS_PRESTATION | {"sous_groupes", "menu"})
    menu = prestation.get("menu")
    if menu:
        menu.pop("transmis_le", None)
    return json.dumps([prestation, bon.mention, bon.version, bon.is_annulation], sort_keys=True, ensure_ascii=False)


def _carnet(fiche: Fiche, errors: list[Problem]) -> Iterator[Attendu]:
    """Once every voucher is there (procedure.txt §5)."""
    bons = [bon for bon in fiche.bons_echange if not bon.is_annulation]
    if not bons or not is_contrat_signe(fiche.dossier):
        return
    waits = list(dict.fromkeys(wait for bon in bons for wait in bon.attend))
    yield Attendu(
        code="carnet",
        titre="Carnet de voyage",
        modele="carnet.docx",
        fichier=f"6 Carnet/Carnet de voyage {fiche.dossier.reference}.pdf",
        champs=partial(champs_carnet, fiche),
        attend=(*waits, *_wrong(errors, _is_carried)),
        is_frozen=fiche.dossier.carnet.envoye_le is not None,
        is_carnet=True,
    )
