"""Values in force: what the last avenant signed by the direction says, field by field (regles.md §3.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from decimal import Decimal

from toolkit.dossier.calendrier import limite_jours_francs
from toolkit.dossier.champ import champ
from toolkit.dossier.faits import Avenant, Dossier, EnvoiBonEchange, Facture, Option, Prestation
from toolkit.dossier.office import Office
from toolkit.errors import ChampPath


@dataclass(frozen=True, slots=True)
class Valeurs:
    """Dates, headcount, price and programme at one moment of the contract's life."""

    participants: int | None = field(metadata=champ("nombre de participants", 42))
    chauffeurs: int = field(metadata=champ("nombre de chauffeurs", 1))
    gratuites: int = field(metadata=champ("nombre de gratuités", 0))
    prix_par_personne: Decimal | None = field(metadata=champ("prix par personne"))
    """Euros TTC."""
    debut: date | None = field(default=None, metadata=champ("date ou heure de début"))
    fin: date | None = field(default=None, metadata=champ("date ou heure de fin"))
    heure_arrivee: time | None = field(default=None, metadata=champ("heure d'arrivée"))
    heure_depart: time | None = field(default=None, metadata=champ("heure de départ", time(17, 0)))
    prestations: tuple[Prestation, ...] = field(default=(), metadata=champ("total des prestations"))
    enfants: int = field(default=0, metadata=champ("dont enfants"))
    avenant: int = field(default=0, metadata=champ("numéro du dernier avenant", 0))
    """Number of the avenant that set them, 0 for the contract."""
    modifications: int = field(default=0, metadata=champ("nombre de modifications", 0))
    """Avenants made so far, which the fees count."""
    modifications_offertes: int = field(default=0, metadata=champ("nombre de modifications offertes", 0))
    """Paying ones among them that the office chose not to charge."""

    @property
    def personnes(self) -> int | None:
        """Everyone but the drivers."""
        return None if self.participants is None else self.participants + self.gratuites

    @property
    def nuits(self) -> int | None:
        """Nights of the stay."""
        return (self.fin - self.debut).days if self.debut and self.fin else None


@dataclass(frozen=True, slots=True)
class Modification:
    """One avenant block, and what it changes."""

    avenant: Avenant
    index: int
    """0-based position in the file."""
    limite: date | None
    """Last day on which its request could be received."""
    is_recevable: bool
    before: Valeurs
    after: Valeurs
    """What holds once it is signed; the same as before when it cannot be."""

    @property
    def is_en_vigueur(self) -> bool:
        """Signed by the direction, and admissible: another avenant undoes it, and no word written later."""
        return self.is_recevable and self.avenant.signe_direction_le is not None

    @property
    def is_abandonnee(self) -> bool:
        """Given up before it came in force."""
        return self.avenant.abandonne_le is not None and not self.is_en_vigueur


def _limite(debut: date | None, prestations: Sequence[Prestation], office: Office) -> date | None:
    """Jours francs before the first of these services (CPV article 11; regles.md §1.2, A6)."""
    first = min((prestation.date for prestation in prestations if prestation.date), default=debut)
    if first is None:
        return None
    delais = office.delais
    return limite_jours_francs(first, delais.modification_jours_francs, report=delais.francs_report_week_end)


def limite_modification(valeurs: Valeurs, office: Office) -> date | None:
    """Last day for a written request that concerns the whole stay."""
    return _limite(valeurs.debut, valeurs.prestations, office)


_SEJOUR = ("participants", "chauffeurs", "gratuites", "debut", "fin", "heure_arrivee", "heure_depart")
"""What concerns the whole stay."""


def _limite_avenant(avenant: Avenant, valeurs: Valeurs, office: Office) -> date | None:
    """Of some services only: from the first of those; never so for headcount or dates (regles.md §1.2, A6)."""
    touched = {one.id for one in avenant.prestations}
    services = [one for one in valeurs.prestations if one.id in touched]
    after = _changed(valeurs, avenant)
    is_of_services = all(getattr(valeurs, key) == getattr(after, key) for key in _SEJOUR)
    if avenant.objet in ("programme", "menu") and services and is_of_services:
        return _limite(valeurs.debut, services, office)
    return limite_modification(valeurs, office)


def is_recevable(avenant: Avenant, limite: date | None) -> bool:
    """Written, received in time, or allowed by a reasoned ``derogation`` (CPV article 11; regles.md §1.2, A5)."""
    if avenant.demande_canal is None or avenant.demande_recue_le is None:
        return False
    return bool(avenant.derogation) or limite is None or avenant.demande_recue_le <= limite


def valeurs_du_contrat(dossier: Dossier) -> Valeurs:
    """What holds before any avenant (regles.md §3.4); drivers that nobody told count as none."""
    effectif, sejour = dossier.effectif, dossier.sejour
    return Valeurs(
        participants=effectif.participants,
        chauffeurs=effectif.chauffeurs or 0,
        gratuites=effectif.gratuites,
        enfants=effectif.enfants,
        prix_par_personne=dossier.tarif.prix_par_personne,
        debut=sejour.debut,
        fin=dossier.fin,
        heure_arrivee=sejour.heure_arrivee,
        heure_depart=sejour.heure_depart,
        prestations=tuple(dossier.prestations),
    )


def modifications(dossier: Dossier, office: Office) -> list[Modification]:
    """Each avenant block in the order of the file, with the values before it and those it sets (regles.md §3.4)."""
    return sorted(_chain(dossier, office), key=lambda one: one.index)


def modifications_en_vigueur(dossier: Dossier, office: Office) -> list[Modification]:
    """Those in force, in the order of their signatures: each changes what the one before it set."""
    return [one for one in _chain(dossier, office) if one.is_en_vigueur]


def valeurs_en_vigueur(dossier: Dossier, office: Office) -> Valeurs:
    """The contract's values, changed by each avenant from the direction's signature on."""
    made = modifications_en_vigueur(dossier, office)
    return made[-1].after if made else valeurs_du_contrat(dossier)


def _chain(dossier: Dossier, office: Office) -> Iterator[Modification]:
    """The signed ones in the order of their signatures, then the others, each changing what is in force today.

    Fees count the modifications made before it: neither what is asked, given up or signed after it changes the figures
    of a signed paper (regles.md §0.8; regles.md §1.2, A7).
    """
    valeurs = valeurs_du_contrat(dossier)
    signed = [(one.signe_direction_le or date.max, index) for index, one in enumerate(dossier.avenants)]
    for _, index in sorted(signed):
        one = _modification(dossier.avenants[index], index, valeurs, office)
        yield one
        if one.is_en_vigueur:
            valeurs = one.after


def _modification(avenant: Avenant, index: int, before: Valeurs, office: Office) -> Modification:
    limite = _limite_avenant(avenant, before, office)
    one = Modification(avenant, index, limite, is_recevable(avenant, limite), before, before)
    if one.is_abandonnee or not one.is_recevable:
        return one
    rank = before.modifications + 1
    is_offered = bool(avenant.frais_offerts) and rank > office.frais.modifications_gratuites
    after = replace(
        _changed(before, avenant),
        avenant=avenant.numero or index + 1,
        modifications=rank,
        modifications_offertes=before.modifications_offertes + is_offered,
    )
    return replace(one, after=after)


def _changed(valeurs: Valeurs, avenant: Avenant) -> Valeurs:
    """The values with the facts that the avenant gives; a new date moves the services with it."""
    debut = avenant.debut or valeurs.debut
    shift = debut - valeurs.debut if debut and valeurs.debut else timedelta()
    fin = avenant.fin or (valeurs.fin + shift if valeurs.fin else debut)
    return replace(
        valeurs,
        participants=_given(avenant.participants, valeurs.participants),
        chauffeurs=valeurs.chauffeurs if avenant.chauffeurs is None else avenant.chauffeurs,
        gratuites=valeurs.gratuites if avenant.gratuites is None else avenant.gratuites,
        enfants=valeurs.enfants if avenant.enfants is None else avenant.enfants,
        prix_par_personne=(
            valeurs.prix_par_personne if avenant.prix_par_personne is None else avenant.prix_par_personne
        ),
        debut=debut,
        fin=fin,
        heure_arrivee=avenant.heure_arrivee or valeurs.heure_arrivee,
        heure_depart=avenant.heure_depart or valeurs.heure_depart,
        prestations=_changed_prestations(valeurs.prestations, avenant, shift),
    )


def _given(new: int | None, old: int | None) -> int | None:
    return old if new is None else new


def _changed_prestations(
    prestations: Sequence[Prestation], avenant: Avenant, shift: timedelta
) -> tuple[Prestation, ...]:
    changes = {one.id: one for one in avenant.prestations if one.id}
    result = []
    for prestation in prestations:
        moved = prestation
        if shift:
            moved = prestation.model_copy(
                update={key: day + shift for key in ("date", "date_fin") if (day := getattr(prestation, key))}
            )
        change = changes.pop(prestation.id, None) if prestation.id else None
        if change is None:
            result.append(moved)
        elif not change.retiree:
            result.append(_merged(moved, change))
    # Those that are left are new to the programme.
    result += [one for one in changes.values() if not one.retiree]
    return tuple(result)


_OF_SUPPLIER: dict[str, object] = {
    "option": Option(),
    "bon_echange": EnvoiBonEchange(),
    "facture": Facture(),
    "menu": None,
}
"""What starts anew with another supplier."""


def _merged(prestation: Prestation, change: Prestation) -> Prestation:
    """The facts written in the change win; another supplier has an option, a voucher and an invoice of its own."""
    told = {key: getattr(change, key) for key in change.model_fields_set if key != "retiree"}
    if _is_moved(prestation, change):
        told = {**_OF_SUPPLIER, **told}
    return prestation.model_copy(update=told)


def _is_moved(prestation: Prestation, change: Prestation) -> bool:
    """To another supplier."""
    return "prestataire" in change.model_fields_set and change.prestataire != prestation.prestataire


def place(dossier: Dossier, office: Office, prestation: Prestation, *keys: str) -> ChampPath:
    """Where a fact of a service in force is or should be written: the avenant that tells it last, or the programme."""
    path: ChampPath = ()
    for index, one in enumerate(dossier.prestations):
        if one is prestation:
            return ("prestations", index, *keys)
        if one.id == prestation.id and not path:
            path = ("prestations", index, *keys)
    for modification in modifications_en_vigueur(dossier, office):
        old = _service(modification.before, prestation.id)
        for position, change in enumerate(modification.avenant.prestations):
            if change.id != prestation.id:
                continue
            is_anew = old is None or (keys[0] in _OF_SUPPLIER and _is_moved(old, change))
            if is_anew or keys[0] in change.model_fields_set:
                path = ("avenants", modification.index, "prestations", position, *keys)
    return path


def place_sejour(dossier: Dossier, office: Office, key: str) -> ChampPath:
    """Where the date or the time of the stay in force is written."""
    told = [one.index for one in modifications_en_vigueur(dossier, office) if getattr(one.avenant, key)]
    return ("avenants", told[-1], key) if told else ("sejour", key)


def _service(valeurs: Valeurs, id: str | None) -> Prestation | None:
    return next((one for one in valeurs.prestations if one.id == id), None)


_TOLD_TO_SUPPLIER = ("libelle", "detail", "date", "date_fin", "debut", "fin", "lieu", "sous_groupes", "menu")


def touches(avenant: Avenant, old: Prestation, new: Prestation, before: Valeurs, after: Valeurs) -> bool:
    """Whether this avenant changes what the supplier of a service was told (regles.md §7.10)."""
    if (before.participants, before.gratuites) != (after.participants, after.gratuites):
        return True
    if any(getattr(old, key) != getattr(new, key) for key in _TOLD_TO_SUPPLIER):
        return True
    if new.counts_chauffeurs and before.chauffeurs != after.chauffeurs:
        return True
    if new.is_restauration and avenant.objet == "menu":
        return True
    # A change told in words only may concern anyone: better one voucher too many than one that is wrong.
    is_told_in_words = avenant.objet in ("date", "programme") and not avenant.prestations and not avenant.debut
    return is_told_in_words
