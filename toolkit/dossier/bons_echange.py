"""Vouchers: one per service and supplier, followed through changes of the booking (regles.md §7.5, regles.md §7.10).

A version is 1 + the number of avenants in force that touch what the supplier was told. A supplier that leaves the
programme gets a cancellation voucher; one that comes in starts at version 1.
"""

from dataclasses import dataclass
from datetime import date

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.etat import is_contrat_signe
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.montants import couverts
from toolkit.dossier.office import MenuPropose, Prestataire
from toolkit.dossier.reglement import acompte_partiel, is_acompte_recu
from toolkit.dossier.valeurs import Valeurs, modifications_en_vigueur, touches, valeurs_du_contrat
from toolkit.french import euros, pluriel


@dataclass(frozen=True, slots=True)
class BonEchange:
    """What one supplier is told of one service, as it stands now."""

    id: str
    """Of the service, as ``P3``."""
    version: int
    is_annulation: bool
    """The service or its supplier left the programme, or the whole booking was cancelled."""
    prestation: Prestation
    prestataire_id: str
    prestataire: Prestataire | None
    valeurs: Valeurs
    attend: tuple[str, ...]
    """What it still waits for; empty when it is due."""
    envoye_le: date | None
    """When this version went out to its supplier; None for one that did not yet."""

    @property
    def remplace(self) -> bool:
        """Whether it cancels and replaces a former one."""
        return self.version > 1 and not self.is_annulation

    @property
    def mention(self) -> str | None:
        """The headcount in the words of the voucher (regles.md §7.5); None while it is not known."""
        return mention_effectif(self.prestation, self.valeurs, self.prestataire)

    @property
    def couverts(self) -> int | None:
        """Places laid, for a restaurant."""
        return couverts(self.valeurs) if self.prestation.is_restauration else None

    @property
    def repas_chauffeurs_gratuits(self) -> int:
        """Drivers who eat free under the convention (regles.md §7.5)."""
        if self.prestataire is None or not self.prestation.is_restauration:
            return 0
        return self.prestataire.convention.chauffeurs_gratuits(self.valeurs.chauffeurs)

    @property
    def menu(self) -> MenuPropose | None:
        """The menu of the convention that was chosen."""
        code = self.prestation.menu.code if self.prestation.menu else None
        menus = self.prestataire.menus if self.prestataire else []
        return next((menu for menu in menus if menu.code == code), None)


def mention_effectif(prestation: Prestation, valeurs: Valeurs, prestataire: Prestataire | None) -> str | None:
    """« 38 participants + 1 chauffeur + 2 accompagnateurs, dont 1 gratuit (convention) » (regles.md §7.5).

    Drivers where they eat and sleep; who is free for the client is free for a supplier only by its convention.
    """
    if valeurs.participants is None:
        return None
    parts = [pluriel(valeurs.participants, "participant")]
    if prestation.counts_chauffeurs and valeurs.chauffeurs:
        parts.append(pluriel(valeurs.chauffeurs, "chauffeur"))
    if valeurs.gratuites:
        agreed = prestataire.convention.gratuites_accordees(valeurs.participants) if prestataire else 0
        free = min(agreed, valeurs.gratuites)
        granted = f", dont {pluriel(free, 'gratuit')} (convention)" if free else ""
        parts.append(f"{pluriel(valeurs.gratuites, 'accompagnateur')}{granted}")
    return " + ".join(parts)


@dataclass
class _Draft:
    """One service with one supplier, while the avenants are gone through."""

    prestation: Prestation
    valeurs: Valeurs
    version: int = 1
    is_annulation: bool = False
    by_avenant: bool = False
    """An avenant made this version, which goes out after it."""
    envoye_le: date | None = None
    """When such a version went out."""

    def renew(self, *, is_annulation: bool) -> None:
        """One version more, unless it is cancelled already."""
        if not (is_annulation and self.is_annulation):
            self.version += 1
            self.by_avenant, self.envoye_le = True, None
        self.is_annulation = is_annulation


def bons_echange(dossier: Dossier, cadre: Cadre) -> tuple[BonEchange, ...]:
    """The vouchers of a dossier, cancellations included, in the order in which their services came in."""
    before = valeurs_du_contrat(dossier)
    drafts: dict[tuple[str, str], _Draft] = {}
    for prestation in before.prestations:
        if prestation.id and prestation.prestataire:
            drafts[prestation.id, prestation.prestataire] = _Draft(prestation, before)
    for modification in modifications_en_vigueur(dossier, cadre.office):
        avenant, before, after = modification.avenant, modification.before, modification.after
        kept = {(p.id, p.prestataire): p for p in after.prestations if p.id and p.prestataire}
        for key, draft in drafts.items():
            if key not in kept:
                draft.renew(is_annulation=True)
            elif draft.is_annulation or touches(avenant, draft.prestation, kept[key], before, after):
                draft.renew(is_annulation=False)
            if key in kept:
                draft.prestation, draft.valeurs = kept[key], after
        for (id, prestataire), prestation in kept.items():
            if id and prestataire and (id, prestataire) not in drafts:
                drafts[id, prestataire] = _Draft(prestation, after, by_avenant=True)
        for draft in drafts.values():
            if draft.by_avenant:  # those of a former avenant may go out with those of this one
                draft.envoye_le = draft.envoye_le or avenant.be_prestataires_le
    gate = _gate(dossier, cadre)
    is_over = bool(dossier.annulation.le)
    return tuple(
        BonEchange(
            id=id,
            version=draft.version + (is_over and not draft.is_annulation),
            is_annulation=draft.is_annulation or is_over,
            prestation=draft.prestation,
            prestataire_id=prestataire_id,
            prestataire=cadre.prestataires.get(prestataire_id),
            valeurs=draft.valeurs,
            attend=(*gate, *_attend(draft.prestation, cadre)),
            envoye_le=_envoye_le(draft, is_over=is_over),
        )
        for (id, prestataire_id), draft in drafts.items()
    )


def _envoye_le(draft: _Draft, *, is_over: bool) -> date | None:
    if is_over and not draft.is_annulation:
        return None
    first = draft.prestation.bon_echange.envoye_prestataire_le if draft.version == 1 else None
    return first or draft.envoye_le


def _gate(dossier: Dossier, cadre: Cadre) -> tuple[str, ...]:
    """Both signatures and the deposit, or the order that stands for it (regles.md §7.4)."""
    waits = []
    if not is_contrat_signe(dossier):
        waits.append("les deux signatures du contrat")
    if not is_acompte_recu(dossier, cadre):
        is_mandat = dossier.paiement.mode in cadre.office.acompte.sans_acompte_si
        if partial := acompte_partiel(dossier, cadre):
            paid, due = partial
            waits.append(f"le reste de l'acompte ({euros(paid)} reçus sur {euros(due)})")
        else:
            waits.append("le bon de commande" if is_mandat else "l'acompte ou le bon de commande")
    return tuple(waits)


def _attend(prestation: Prestation, cadre: Cadre) -> tuple[str, ...]:
    waits = []
    if cadre.prestataires.get(prestation.prestataire) is None:
        waits.append(f"un prestataire connu pour {prestation.id}")
    if prestation.option.confirmee_le is None:
        waits.append(f"la confirmation de l'option {prestation.id}")
    if prestation.date is None or prestation.debut is None:
        waits.append(f"la date et l'heure de {prestation.id}")
    return tuple(waits)
