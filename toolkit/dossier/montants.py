"""Amounts in euros: Decimal throughout, rounded half up, once, on totals (regles.md §2.2)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from toolkit.dossier.champ import champ
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.genres import Taux
from toolkit.dossier.office import Convention, Office, Prestataires
from toolkit.dossier.valeurs import Valeurs, valeurs_du_contrat

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def round_euros(amount: Decimal) -> Decimal:
    """To the cent, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Tva:
    """The VAT inside an amount TTC; HT by difference, so that HT + VAT = TTC."""

    libelle: str = field(metadata=champ("libellé de la prestation", "Prestations"))
    taux: Taux = field(metadata=champ("taux", Decimal("10.0")))
    ttc: Decimal = field(metadata=champ("TTC", Decimal("1740.00")))
    ht: Decimal = field(metadata=champ("HT", Decimal("1581.82")))
    montant: Decimal = field(metadata=champ("montant", Decimal("158.18")))


def tva_comprise(libelle: str, ttc: Decimal, taux: Decimal) -> Tva:
    """The VAT, rounded, in so many euros TTC at a rate in per cent; HT is what is left (regles.md §2.2)."""
    montant = round_euros(ttc * taux / (100 + taux))
    return Tva(libelle, taux, ttc, ttc - montant, montant)


@dataclass(frozen=True, slots=True)
class Marge:
    """The margin scheme of CGI 266-1-e. Internal: never printed on a client's document."""

    montant: Decimal
    """TTC: what the client pays less what the suppliers invoice."""
    tva: Decimal
    ht: Decimal
    report: Decimal
    """The part of a negative margin that is carried forward."""


def marge(vente: Decimal, achats: Decimal, taux: Decimal) -> Marge:
    """The margin is TTC at the normal rate; a negative one bears no VAT and is carried forward."""
    montant = vente - achats
    if montant <= 0:
        return Marge(montant, ZERO, ZERO, -montant)
    tva = round_euros(montant * taux / (100 + taux))
    return Marge(montant, tva, montant - tva, ZERO)


def frais(office: Office, modifications: int, offertes: int = 0) -> Decimal:
    """File fee, plus one fee for each modification after the free ones (regles.md §7.9)."""
    payantes = max(0, modifications - office.frais.modifications_gratuites) - offertes
    return office.frais.creation_dossier + office.frais.modification * payantes


def acompte(dossier: Dossier, office: Office) -> Decimal | None:
    """The deposit of the contract, zero for a mandat; an avenant does not change it (regles.md §1.2, A4, A9)."""
    if dossier.paiement.mode in office.acompte.sans_acompte_si:
        return ZERO
    total = prix_total(valeurs_du_contrat(dossier))
    if total is None:
        return None
    if office.acompte.base == "total_ttc":
        total += frais(office, 0)
    return round_euros(total * office.acompte.taux / 100)


def prix_total(valeurs: Valeurs) -> Decimal | None:
    """Participants × price: a driver or a free place is never charged."""
    if valeurs.participants is None or valeurs.prix_par_personne is None:
        return None
    return valeurs.participants * valeurs.prix_par_personne


def encaisse(dossier: Dossier) -> Decimal:
    """Euros that came in, less what was paid back."""
    return sum((payment.montant_signe for payment in dossier.paiement.encaissements), ZERO)


def encaisse_par_moyen(dossier: Dossier) -> dict[str, Decimal]:
    """The same by mode of payment, as soon as a payment tells its own; others came as the contract says."""
    payments = dossier.paiement.encaissements
    by_mode: dict[str, Decimal] = {}
    if any(one.mode for one in payments):
        for one in payments:
            mode = one.mode or dossier.paiement.mode
            if mode:
                by_mode[mode] = by_mode.get(mode, ZERO) + one.montant_signe
    return by_mode


def couverts(valeurs: Valeurs) -> int | None:
    """Places laid in a restaurant, drivers included (regles.md §7.5)."""
    return None if valeurs.personnes is None else valeurs.personnes + valeurs.chauffeurs


def cout(prestation: Prestation, valeurs: Valeurs, convention: Convention) -> Decimal:
    """What the supplier will invoice.

    Free places are a cost unless the convention grants them. Drivers cost where they eat, beyond the meals that the
    convention gives, and where they sleep when the convention has their nights invoiced.
    """
    achat = prestation.achat
    if achat is None:
        return ZERO
    if achat.mode == "forfait":
        return achat.montant * achat.quantite
    participants = valeurs.participants or 0
    gratuites = max(0, valeurs.gratuites - convention.gratuites_accordees(participants))
    chauffeurs = 0
    if prestation.is_restauration:
        chauffeurs = valeurs.chauffeurs - convention.chauffeurs_gratuits(valeurs.chauffeurs)
    elif prestation.is_hebergement and convention.nuits_chauffeur_payantes:
        chauffeurs = valeurs.chauffeurs
    return achat.montant * achat.quantite * (participants + gratuites + chauffeurs)


@dataclass(frozen=True, slots=True)
class Montants:
    """Everything owed, paid, bought and earned on a dossier. None: a fact is still missing."""

    prix_par_personne: Decimal | None = field(metadata=champ("prix par personne"))
    prestations: Decimal | None = field(metadata=champ("total des prestations", Decimal("2478.00")))
    """Participants × price."""
    frais: Decimal = field(metadata=champ("frais", Decimal("30.00")))
    total: Decimal | None = field(metadata=champ("prix total", Decimal("2508.00")))
    acompte: Decimal | None = field(metadata=champ("acompte", Decimal("752.40")))
    encaisse: Decimal = field(metadata=champ("encaissé", Decimal("752.40")))
    solde: Decimal | None = field(metadata=champ("solde", Decimal("1755.60")))
    """Total less what came in."""
    solde_apres_acompte: Decimal | None = field(metadata=champ("solde", Decimal("1755.60")))
    """What is left once the deposit is paid, as a contract announces it."""
    achats: Decimal
    marge: Marge | None
    """None outside the margin scheme."""
    tva: tuple[Tva, ...] = field(metadata=champ("TVA"))
    """Under droit commun: one line for the services, one for the fees."""


def achats(prestations: Iterable[Prestation], valeurs: Valeurs, prestataires: Prestataires) -> Decimal:
    """What the suppliers of these services will invoice, each under its convention."""
    total = ZERO
    for prestation in prestations:
        prestataire = prestataires.get(prestation.prestataire)
        total += cout(prestation, valeurs, prestataire.convention if prestataire else Convention())
    return total


def montants(dossier: Dossier, valeurs: Valeurs, office: Office, prestataires: Prestataires) -> Montants:
    """The amounts for one set of values: the contract's, an avenant's, or those in force."""
    prestations = prix_total(valeurs)
    fees = frais(office, valeurs.modifications, valeurs.modifications_offertes)
    total = None if prestations is None else prestations + fees
    deposit = acompte(dossier, office)
    paid = encaisse(dossier)
    bought = achats(valeurs.prestations, valeurs, prestataires)
    margin: Marge | None = None
    tva: tuple[Tva, ...] = ()
    if prestations is not None and total is not None:
        if dossier.tarif.regime_tva == "marge":
            vente = total if office.frais.inclus_dans_marge else prestations
            margin = marge(vente, bought, office.tva.taux_normal)
        elif dossier.tarif.regime_tva == "droit_commun":
            taux = dossier.tarif.taux_tva
            tva = (
                tva_comprise("Prestations", prestations, office.tva.taux_normal if taux is None else taux),
                tva_comprise("Frais de dossier", fees, office.frais.tva_frais),
            )
    return Montants(
        prix_par_personne=valeurs.prix_par_personne,
        prestations=prestations,
        frais=fees,
        total=total,
        acompte=deposit,
        encaisse=paid,
        solde=None if total is None else total - paid,
        solde_apres_acompte=None if total is None or deposit is None else total - deposit,
        achats=bought,
        marge=margin,
        tva=tva,
    )
