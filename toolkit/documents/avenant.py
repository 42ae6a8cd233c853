"""The avenant: one per written request, what changed in red (regles.md §7.9)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from functools import partial

from toolkit import french
from toolkit.documents.carried import corrections, is_carried
from toolkit.documents.communes import Communes, periode, seul_signataire
from toolkit.documents.document import Copie, Document, ModeleWord, TypeDeDocument
from toolkit.documents.engagements import Vivante, all_but_the_house
from toolkit.dossier.champ import champ
from toolkit.dossier.etat import is_contrat_signe
from toolkit.dossier.faits import Avenant, Prestation
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.montants import Montants
from toolkit.dossier.office import Signataire
from toolkit.dossier.valeurs import Modification, Valeurs
from toolkit.errors import ChampPath, Problem
from toolkit.formats.pdf_marks import Filigrane

_DATES = french.periode(date(2027, 6, 17), date(2027, 6, 17))


@dataclass(frozen=True, slots=True)
class LigneAvenant:
    """One row of an avenant: what it was, what it becomes."""

    libelle: str = field(metadata=champ("libellé de la prestation", "Dates du séjour"))
    avant: str = field(metadata=champ("valeur avant l'avenant", _DATES))
    apres: str | None = field(metadata=champ("valeur après l'avenant", _DATES))
    """None: a fact is missing, and is asked for."""
    change: bool = field(metadata=champ("cette ligne change"))


_APRES = {"participants": 38, "prix_par_personne": Decimal("61.00"), "avenant": 1, "modifications": 1}


class LigneVivante(LigneAvenant, Vivante):
    """One row that the avenant tells and does not settle."""


@dataclass(kw_only=True, eq=False)
class ValeursAvenant(Communes):
    """Values before and after, in a table where what changed is told."""

    avenant: Avenant = field(metadata=champ("avenant"))
    numero: int = field(metadata=champ("numéro de l'avenant", 1))
    avant: Valeurs = field(metadata=champ("valeur avant l'avenant"))
    apres: Valeurs = field(metadata=champ("valeur après l'avenant", _APRES))
    lignes: list[LigneAvenant] = field(metadata=champ("lignes"))
    montants: Montants = field(metadata=champ("montants"))
    frais_modification: Decimal = field(metadata=champ("frais de cette modification", Decimal("0.00")))
    is_gratuit: bool = field(metadata=champ("modification gratuite"))
    signataire: Signataire | None = field(metadata=champ("signataire"))


def valeurs_avenant(fiche: Fiche, modification: Modification) -> ValeursAvenant:
    """The values before and after it; who alone may sign stands in for a signatory not named (regles.md §7.9)."""
    avenant, before, after = modification.avenant, modification.before, modification.after
    old, new = fiche.montants_pour(before), fiche.montants_pour(after)
    signed = fiche.cadre.office.signataire(avenant.signataire)
    return ValeursAvenant(
        fiche=fiche,
        retenues=after,
        avenant=avenant,
        numero=after.avenant,
        avant=before,
        apres=after,
        lignes=[*_lignes(fiche, before, after, old, new), *_lignes_programme(fiche, before, after)],
        montants=new,
        frais_modification=new.frais - old.frais,
        is_gratuit=new.frais == old.frais,
        signataire=signed or seul_signataire(fiche, "avenant"),
    )


_PROJET = (Filigrane("PROJET"),)


def _avenants(fiche: Fiche, errors: Sequence[Problem]) -> Iterator[Document]:
    """One per written request (regles.md §7.9)."""
    reference = fiche.dossier.reference
    for one in fiche.modifications:
        avenant = one.avenant
        if one.is_abandonnee:
            continue
        number = avenant.numero or one.index + 1
        waits = [] if is_contrat_signe(fiche.dossier) else ["les deux signatures du contrat"]
        waits += _recevable(one)
        waits += corrections(errors, partial(_is_carried_by_avenant, one.index))
        is_draft = not (avenant.redige_le or avenant.envoye_client_le or avenant.signe_client_le)
        yield Document(
            code=f"avenant {number}",
            titre=f"Avenant {number}",
            modele="avenant.docx",
            fichier=f"5 Avenants/Avenant {number} {reference}.docx",
            valeurs=partial(valeurs_avenant, fiche, one),
            copies=(Copie(marques=_PROJET if is_draft else (), brouillon=_PROJET),),
            attend=tuple(waits),
            is_frozen=bool(avenant.envoye_client_le or avenant.signe_client_le or avenant.signe_direction_le),
            engage=all_but_the_house(ValeursAvenant),
        )


def _recevable(one: Modification) -> list[str]:
    if one.is_recevable:
        return []
    if one.avenant.demande_recue_le is None or one.avenant.demande_canal is None:
        return ["la demande écrite du client : son canal et sa date de réception"]
    limite = french.date_simple(one.limite) if one.limite else "jour limite"
    received = french.date_simple(one.avenant.demande_recue_le)
    return [f"une dérogation motivée, ou abandonne_le : demande reçue le {received}, après le {limite}"]


def _is_carried_by_avenant(index: int, path: ChampPath) -> bool:
    return is_carried(path) or path[:2] == ("avenants", index)


def _lignes(fiche: Fiche, before: Valeurs, after: Valeurs, old: Montants, new: Montants) -> Iterator[LigneAvenant]:
    """Dates, headcount and prices; the lines that every avenant shows come even when they did not change."""

    def line(libelle: str, avant: str | None, apres: str | None, *, always: bool = True) -> Iterator[LigneAvenant]:
        if always or avant != apres:
            yield LigneAvenant(libelle, avant or "–", apres, avant != apres)

    yield from line("Dates du séjour", periode(before), periode(after))
    yield from line("Arrivée", _heure(before.heure_arrivee), _heure(after.heure_arrivee), always=False)
    yield from line("Départ", _heure(before.heure_depart), _heure(after.heure_depart), always=False)
    yield from line("Participants", _count(before.participants), _count(after.participants))
    yield from line("dont enfants", str(before.enfants), str(after.enfants), always=False)
    has_drivers = bool(before.chauffeurs or after.chauffeurs)
    if has_drivers:
        yield from line("Chauffeurs", str(before.chauffeurs), str(after.chauffeurs))
    yield from line("Gratuités", str(before.gratuites), str(after.gratuites), always=False)
    yield from line("Prix par personne TTC", _money(old.prix_par_personne), _money(new.prix_par_personne))
    yield from line("Frais de dossier et de modification", _money(old.frais), _money(new.frais))
    yield from line("Total TTC", _money(old.total), _money(new.total))
    mention = _mention_tva(fiche, old), _mention_tva(fiche, new)
    yield from line("TVA", *mention)
    yield LigneVivante("Solde restant dû", _money(old.solde) or "–", _money(new.solde), old.solde != new.solde)


def _mention_tva(fiche: Fiche, amounts: Montants) -> str | None:
    """The margin scheme shows its mention and no amount; droit commun shows rates and amounts (regles.md §2.2)."""
    if fiche.dossier.tarif.regime_tva == "marge":
        return fiche.cadre.office.tva.mention_marge
    if not amounts.tva:
        return None
    return "\n".join(
        f"{one.libelle} : {french.pourcentage(one.taux)}, soit {french.euros(one.montant)}" for one in amounts.tva
    )


def _lignes_programme(fiche: Fiche, before: Valeurs, after: Valeurs) -> Iterator[LigneAvenant]:
    """The services that change, come in or leave."""
    old = {prestation.id: prestation for prestation in before.prestations}
    new = {prestation.id: prestation for prestation in after.prestations}
    for id in dict.fromkeys([*old, *new]):
        avant, apres = _service(fiche, old.get(id)), _service(fiche, new.get(id))
        if avant != apres:
            named = new.get(id) or old[id]
            yield LigneAvenant(named.libelle or f"Prestation {id}", avant or "–", apres or "supprimée", True)


def _service(fiche: Fiche, prestation: Prestation | None) -> str | None:
    if prestation is None:
        return None
    when = french.date_courte(prestation.date) if prestation.date else ""
    if prestation.debut:
        when += f", {french.horaire(prestation.debut, prestation.fin)}"
    prestataire = fiche.prestataire(prestation)
    supplier = prestataire.nom if prestataire else None
    menu = None
    if prestation.menu:
        dishes = [f"{choix.quantite} {choix.plat}" for choix in prestation.menu.choix]
        menu = ", ".join(dishes) or prestation.menu.code
    return "\n".join(filter(None, (prestation.libelle, prestation.detail, when, prestation.lieu, supplier, menu)))


def _heure(value: time | None) -> str | None:
    return None if value is None else french.heure(value)


def _count(value: int | None) -> str | None:
    return None if value is None else str(value)


def _money(value: Decimal | None) -> str | None:
    return None if value is None else french.euros(value)


AVENANT = TypeDeDocument(
    code="avenant",
    modeles={"avenant.docx": ModeleWord("les avenants", mots=r"avenant")},
    valeurs=ValeursAvenant,
    documents=_avenants,
)
