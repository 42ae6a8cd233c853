"""Where a client and the office stand: what is owed today, what came in, what is to be paid back and until when.

A booking that is cancelled owes the fees that were kept, one without follow-up nothing (regles.md §3.5). The amounts of
its contract stay those of its contract.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.etat import Etat, etat
from toolkit.dossier.faits import Dossier
from toolkit.dossier.montants import ZERO, encaisse, montants
from toolkit.dossier.valeurs import modifications_en_vigueur, valeurs_en_vigueur

_SANS_VENTE = (Etat.ANNULE, Etat.SANS_SUITE)


@dataclass(frozen=True, slots=True)
class Compte:
    """Euros TTC."""

    du: Decimal | None
    """All that is owed for the booking, paid or not; None while a fact is missing."""
    encaisse: Decimal
    is_vente: bool
    """Whether the services are still sold: a booking that ended earns its kept fees alone."""
    rembourser_le: date | None
    """Last day to pay back what is too much; None when nothing is."""

    @property
    def solde(self) -> Decimal | None:
        """What is still owed; negative when the client paid too much."""
        return None if self.du is None else self.du - self.encaisse

    @property
    def a_rembourser(self) -> Decimal:
        """What the office owes the client."""
        return max(ZERO, -self.solde) if self.solde is not None else ZERO


def compte(dossier: Dossier, cadre: Cadre) -> Compte:
    """The account of a dossier on the day of its frame."""
    state = etat(dossier, cadre)
    due: Decimal | None
    if state is Etat.ANNULE:
        due = dossier.annulation.frais_retenus
    elif state is Etat.SANS_SUITE:
        due = ZERO
    else:
        due = montants(dossier, valeurs_en_vigueur(dossier, cadre.office), cadre.office, cadre.prestataires).total
    paid = encaisse(dossier)
    since = _depuis(dossier, cadre, state) if due is not None and paid > due else None
    days = timedelta(days=cadre.office.delais.remboursement_jours)
    return Compte(due, paid, state not in _SANS_VENTE, since + days if since else None)


def _depuis(dossier: Dossier, cadre: Cadre, state: Etat) -> date | None:
    """The day since which the client has paid too much: the end of the booking, an avenant, or the last payment."""
    if state is Etat.ANNULE:
        return dossier.annulation.le
    devis = dossier.devis
    if state is Etat.SANS_SUITE:
        return devis.refuse_le or devis.sans_suite_le
    signed = [one.avenant.signe_direction_le for one in modifications_en_vigueur(dossier, cadre.office)]
    paid = [one.recu_le for one in dossier.paiement.encaissements if one.nature != "remboursement"]
    return max(filter(None, (*signed, *paid)), default=None)
