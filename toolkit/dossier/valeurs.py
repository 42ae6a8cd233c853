"""Values in force: what the last avenant signed by the direction says, field by field (regles.md §3)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from toolkit.dossier.calendrier import limite_jours_francs
from toolkit.dossier.modele import Avenant, Dossier, Prestation
from toolkit.dossier.office import Office


@dataclass(frozen=True, slots=True)
class Valeurs:
    """Headcount and price at one moment of the contract's life."""

    participants: int | None
    chauffeurs: int
    gratuites: int
    prix_par_personne: Decimal | None
    """Euros TTC."""
    avenant: int = 0
    """Number of the avenant that set them, 0 for the contract."""
    modifications: int = 0
    """Avenants counted for the fees so far."""
    modifications_offertes: int = 0
    """Paying ones among them that the office chose not to charge."""

    @property
    def personnes(self) -> int | None:
        """Everyone but the drivers."""
        return None if self.participants is None else self.participants + self.gratuites


def limite_modification(dossier: Dossier, office: Office) -> date | None:
    """Last day for a written request: jours francs before the first service (A6)."""
    days = [prestation.date for prestation in dossier.prestations if prestation.date]
    first = min(days, default=dossier.sejour.debut)
    if first is None:
        return None
    delais = office.delais
    return limite_jours_francs(first, delais.modification_jours_francs, report=delais.francs_report_week_end)


def is_recevable(avenant: Avenant, limite: date | None) -> bool:
    """Written, received in time, or allowed by a reasoned ``derogation`` (CPV article 11, A5)."""
    if avenant.derogation:
        return True
    if avenant.demande_canal is None or avenant.demande_recue_le is None:
        return False
    return limite is None or avenant.demande_recue_le <= limite


def is_en_vigueur(avenant: Avenant, limite: date | None) -> bool:
    """Signed by the direction, not given up, and admissible."""
    return bool(avenant.signe_direction_le) and not avenant.abandonne_le and is_recevable(avenant, limite)


def valeurs_du_contrat(dossier: Dossier) -> Valeurs:
    effectif = dossier.effectif
    return Valeurs(
        participants=effectif.participants,
        chauffeurs=effectif.chauffeurs or 0,
        gratuites=effectif.gratuites,
        prix_par_personne=dossier.tarif.prix_par_personne,
    )


def historique(dossier: Dossier, office: Office) -> Iterator[tuple[Avenant, Valeurs]]:
    """Each admissible avenant that was not given up, with the values it sets once signed.

    Fees count contract modifications in the order of their blocks (A7, regles.md §0.8).
    """
    limite = limite_modification(dossier, office)
    valeurs = valeurs_du_contrat(dossier)
    modifications = offertes = 0
    for rank, avenant in enumerate(dossier.avenants, start=1):
        if avenant.abandonne_le or not is_recevable(avenant, limite):
            continue
        modifications += 1
        is_paying = modifications > office.frais.modifications_gratuites
        offertes += bool(avenant.frais_offerts) and is_paying
        after = replace(
            valeurs,
            participants=valeurs.participants if avenant.participants is None else avenant.participants,
            chauffeurs=valeurs.chauffeurs if avenant.chauffeurs is None else avenant.chauffeurs,
            gratuites=valeurs.gratuites if avenant.gratuites is None else avenant.gratuites,
            prix_par_personne=(
                valeurs.prix_par_personne if avenant.prix_par_personne is None else avenant.prix_par_personne
            ),
            avenant=avenant.numero or rank,
            modifications=modifications,
            modifications_offertes=offertes,
        )
        yield avenant, after
        if avenant.signe_direction_le:
            valeurs = after


def valeurs_en_vigueur(dossier: Dossier, office: Office) -> Valeurs:
    """The contract's values, changed by each avenant from the direction's signature on."""
    valeurs = valeurs_du_contrat(dossier)
    for avenant, after in historique(dossier, office):
        if avenant.signe_direction_le:
            valeurs = after
    return valeurs


def touches(prestation: Prestation, avenant: Avenant, before: Valeurs, after: Valeurs) -> bool:
    """Whether this avenant changes what the supplier of ``prestation`` was told."""
    if before.personnes != after.personnes or avenant.objet in ("date", "programme"):
        return True
    if prestation.is_restauration:
        return before.chauffeurs != after.chauffeurs or avenant.objet == "menu"
    return False


def version_bon_echange(prestation: Prestation, dossier: Dossier, office: Office) -> int:
    """1 + number of avenants in force that touch the supplier (regles.md §3)."""
    version = 1
    before = valeurs_du_contrat(dossier)
    for avenant, after in historique(dossier, office):
        if avenant.signe_direction_le:
            version += touches(prestation, avenant, before, after)
            before = after
    return version
