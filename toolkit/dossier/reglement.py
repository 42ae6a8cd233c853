"""What came in against the deposit that is due: when it is there, and how much of it (regles.md §7.4)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.montants import ZERO, acompte, encaisse


def is_acompte_recu(dossier: Dossier, cadre: Cadre) -> bool:
    """The deposit is there, or the order that stands for it; a mandat knows the order alone (regles.md §0.4)."""
    paiement = dossier.paiement
    if paiement.bon_commande_recu_le:
        return True
    if paiement.mode in cadre.office.acompte.sans_acompte_si:
        return False
    enough = _suffisant(dossier, cadre)
    is_asked = enough != 0 or paiement.mode is None
    return _is_there(encaisse(dossier), enough or ZERO) if is_asked else True


def acompte_recu_le(dossier: Dossier, cadre: Cadre) -> date | None:
    """The day since which it is all there, or that of the purchase order; None when nothing tells it."""
    since = None
    for day, is_there in _jours(dossier, cadre):
        since = (since or day) if is_there else None
    return min(filter(None, (dossier.paiement.bon_commande_recu_le, since)), default=None)


def acompte_atteint_le(dossier: Dossier, cadre: Cadre) -> date | None:
    """The first day on which it was all there, whatever was paid back since; None when nothing tells it."""
    first = next((day for day, is_there in _jours(dossier, cadre) if is_there), None)
    return min(filter(None, (dossier.paiement.bon_commande_recu_le, first)), default=None)


def _jours(dossier: Dossier, cadre: Cadre) -> Iterator[tuple[date, bool]]:
    """Each day of a payment, and whether the deposit was all there after it; none where its day cannot be told."""
    if dossier.paiement.mode in cadre.office.acompte.sans_acompte_si:
        return
    enough = _suffisant(dossier, cadre) or ZERO
    dated = [(one.recu_le, one.montant_signe) for one in dossier.paiement.encaissements if one.recu_le]
    total = encaisse(dossier) - sum((amount for _, amount in dated), ZERO)
    if _is_there(total, enough):
        return
    for day, amount in sorted(dated):
        total += amount
        yield day, _is_there(total, enough)


def _is_there(paid: Decimal, enough: Decimal) -> bool:
    return paid >= enough if enough else paid > 0


def _suffisant(dossier: Dossier, cadre: Cadre) -> Decimal | None:
    """Euros from which the deposit counts as received; None while the price is not known."""
    due = acompte(dossier, cadre.office)
    return None if due is None else due * cadre.office.acompte.recu_a_partir_de / 100


def acompte_partiel(dossier: Dossier, cadre: Cadre) -> tuple[Decimal, Decimal] | None:
    """Of a deposit of which only a part is there: that part, and the whole, in euros."""
    due, paid = acompte(dossier, cadre.office), encaisse(dossier)
    if not due or paid <= 0 or is_acompte_recu(dossier, cadre):
        return None
    return paid, due
