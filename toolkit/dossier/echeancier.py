"""The timetable of regles.md §5.2, one row a deadline of a dossier.

To add a deadline, add its row to ``ECHEANCIER``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from toolkit import french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.calendrier import add_jours_ouvres, add_mois
from toolkit.dossier.compte import Compte, compte
from toolkit.dossier.etat import (
    Etat,
    are_options_confirmees,
    avenant_a_diffuser,
    avenant_apres_le_carnet,
    avenants_en_cours,
    is_confirme,
    is_contrat_signe,
    is_facture_rangee,
    is_finalise,
    limite_option,
)
from toolkit.dossier.faits import Avenant, Dossier, Prestation, Reclamation
from toolkit.dossier.limites import limite_menu, limite_reclamation, limite_recontact, limite_satisfaction
from toolkit.dossier.montants import montants
from toolkit.dossier.office import Delais, Office
from toolkit.dossier.reglement import acompte_recu_le, is_acompte_recu
from toolkit.dossier.valeurs import Valeurs, limite_modification, valeurs_en_vigueur

InT = TypeVar("InT", contravariant=True)
T = TypeVar("T")

_EN_COURS = frozenset(Etat) - {Etat.ANNULE, Etat.SANS_SUITE, Etat.TRAITE, Etat.REALISE}
_JUSQU_A_LA_CLOTURE = _EN_COURS | {Etat.REALISE}
_APRES_LE_SEJOUR = frozenset({Etat.REALISE})
_SANS_SUITE = frozenset({Etat.SANS_SUITE})
_TOUJOURS = frozenset(Etat)


@dataclass(frozen=True, slots=True)
class Regle(Generic[InT, T]):
    """One row of a timetable: something to do by a day, once or for each thing that it goes over."""

    code: str
    libelle: str | Callable[[T], str]
    sur: Callable[[InT], Iterable[T]]
    """What it goes over: the dossier, each of its services, an avenant…"""
    is_fait: Callable[[T, InT], object]
    """Whether the fact that closes it is there."""
    limite: Callable[[T, InT], date | None]
    """The last day; None as long as the fact from which it is counted is not there."""
    montrer: int = 3
    """Days before the limit from which it counts as near."""
    pendant: frozenset[Etat] = _EN_COURS
    """The states of a dossier in which it counts."""

    def ouvertes(self, situation: InT) -> Iterator[tuple[str, date]]:
        """What is still to be done, and by when."""
        for one in self.sur(situation):
            if not self.is_fait(one, situation) and (limite := self.limite(one, situation)):
                yield (self.libelle if isinstance(self.libelle, str) else self.libelle(one)), limite


class Row(Protocol[InT]):
    """A row of a timetable, whatever it goes over."""

    @property
    def code(self) -> str:
        """``E01`` … ``E31`` (regles.md §5.2)."""

    @property
    def montrer(self) -> int:
        """Days before the limit from which it counts as near."""

    @property
    def pendant(self) -> frozenset[Etat]:
        """The states of a dossier in which it counts."""

    def ouvertes(self, situation: InT) -> Iterator[tuple[str, date]]:
        """Name and last day of each thing that is still to be done."""


def jamais(one: object, situation: object) -> bool:
    """No fact closes it: it goes with what it is counted from."""
    return False


@dataclass(frozen=True)
class Situation:
    """A dossier in its frame, and what several rows ask of it."""

    dossier: Dossier
    cadre: Cadre

    @property
    def office(self) -> Office:
        """All that office.toml sets."""
        return self.cadre.office

    @property
    def delais(self) -> Delais:
        """Counts of hours, days, months or years, as each name tells (regles.md §5.2)."""
        return self.cadre.office.delais

    @cached_property
    def valeurs(self) -> Valeurs:
        """The values in force."""
        return valeurs_en_vigueur(self.dossier, self.office)

    @property
    def debut_convenu(self) -> date | None:
        """First day of the stay, once the client agreed to the proposal."""
        return self.valeurs.debut if self.dossier.devis.accepte_le else None

    @property
    def is_paye(self) -> bool:
        """The deposit came in, or the order that stands for it (regles.md §0.4)."""
        return is_acompte_recu(self.dossier, self.cadre)

    @cached_property
    def compte(self) -> Compte:
        """What is owed, paid, and to be paid back."""
        return compte(self.dossier, self.cadre)

    @property
    def solde(self) -> Decimal:
        """Euros still owed, 0 when nothing tells the price."""
        return montants(self.dossier, self.valeurs, self.office, self.cadre.prestataires).solde or Decimal()


# Over what a row goes


def _dossier(s: Situation) -> Iterable[Dossier]:
    return (s.dossier,)


def _prestations(s: Situation) -> Iterable[Prestation]:
    return s.valeurs.prestations


def _achats(s: Situation) -> Iterable[Prestation]:
    return (prestation for prestation in s.valeurs.prestations if prestation.achat)


def _compte(s: Situation) -> Iterable[Compte]:
    return (s.compte,)


def _reclamations(s: Situation) -> Iterable[Reclamation]:
    return s.dossier.reclamations


def _a_diffuser(s: Situation) -> Iterable[Avenant]:
    avenant = avenant_a_diffuser(s.dossier, s.office)
    return () if avenant is None else (avenant,)


@dataclass(frozen=True, slots=True)
class _Etape:
    """The next thing to do with an avenant, and the day since when it is awaited."""

    libelle: str
    avenant: Avenant
    depuis: date


_ETAPES_AVENANT = (
    ("redige_le", "Rédiger l'avenant"),
    ("envoye_client_le", "Envoyer l'avenant au client"),
    ("signe_client_le", "Retour de l'avenant signé par le client"),
    ("signe_direction_le", "Faire signer l'avenant par le directeur"),
    ("renvoye_client_le", "Renvoyer l'avenant signé au client"),
)


def _etapes(s: Situation) -> Iterable[_Etape]:
    """Of each avenant, the first step that is awaited since a known day."""
    for avenant in avenants_en_cours(s.dossier, s.office):
        depuis = avenant.demande_recue_le
        for field, libelle in _ETAPES_AVENANT:
            done = getattr(avenant, field)
            if done is None and depuis is not None:
                yield _Etape(libelle, avenant, depuis)
                break
            depuis = done


def _apres_le_carnet(s: Situation) -> Iterable[Avenant]:
    avenant = avenant_apres_le_carnet(s.dossier, s.office)
    return () if avenant is None else (avenant,)


# What closes a row, and how its limit is counted


def _plus(day: date | None, days: int) -> date | None:
    return None if day is None else day + timedelta(days=days)


def _ouvres(day: date | None, days: int) -> date | None:
    return None if day is None else add_jours_ouvres(day, days)


def _fin_des_options(dossier: Dossier, s: Situation) -> date | None:
    """The first of the options still open that ends."""
    limit = limite_option(dossier, s.office)
    # Those of the proposal that were neither withdrawn nor given to another supplier since.
    proposed = {(p.id, p.prestataire) for p in dossier.prestations}
    options = [p.option for p in s.valeurs.prestations if (p.id, p.prestataire) in proposed]
    ends = [o.prolongee_jusqu_au for o in options if not o.confirmee_le and not o.liberee_le]
    return min(max(limit, end or limit) for end in ends) if limit and ends else None


def _retour_du_contrat(dossier: Dossier, s: Situation) -> date | None:
    """Never beyond the options."""
    limit = _plus(dossier.contrat.envoye_client_le, s.delais.relance_signature_jours)
    return limit and min(filter(None, (limit, limite_option(dossier, s.office))))


def _confirmation(dossier: Dossier, s: Situation) -> date | None:
    """The day after the last of the signatures and the deposit."""
    if not is_contrat_signe(dossier) or not s.is_paye:
        return None
    contrat = dossier.contrat
    since = filter(None, (contrat.signe_client_le, contrat.signe_direction_le, acompte_recu_le(dossier, s.cadre)))
    return add_jours_ouvres(max(since), 1)


def _modification(dossier: Dossier, s: Situation) -> date | None:
    """Nothing can be done about it once it is over."""
    limit = limite_modification(s.valeurs, s.office) if s.debut_convenu else None
    return None if limit is None or limit < s.cadre.aujourd_hui else limit


def _suite_de_l_avenant(etape: _Etape, s: Situation) -> date:
    limit = add_jours_ouvres(etape.depuis, 3)
    return min(filter(None, (limit, _plus(s.valeurs.debut, -2))))


def _facture(prestation: Prestation, s: Situation) -> date | None:
    """First to be received, then to be checked and put away."""
    recue_le, delais = prestation.facture.recue_le, s.delais
    if recue_le is None:
        return _plus(s.valeurs.fin, delais.factures_relance_jours)
    return _plus(recue_le, delais.factures_validation_jours)


def _purge(dossier: Dossier, s: Situation) -> date | None:
    ended = min(filter(None, (dossier.devis.refuse_le, dossier.devis.sans_suite_le)), default=None)
    return None if ended is None else add_mois(ended, 12 * s.delais.purge_sans_suite_ans)


# How a row is called when it goes over several things


def _pour_reponse(prestation: Prestation) -> str:
    detail = f" ({prestation.libelle})" if prestation.id and prestation.libelle else ""
    return f"Réponse du prestataire pour {prestation.appellation}{detail}"


def _pour_facture(prestation: Prestation) -> str:
    if prestation.facture.recue_le or prestation.facture.fichier:
        return f"Valider et ranger la facture pour {prestation.appellation}"
    return f"Recevoir la facture du prestataire pour {prestation.appellation}"


def _numero(avenant: Avenant) -> str:
    return f"n° {avenant.numero}" if avenant.numero else "sans numéro"


ECHEANCIER: tuple[Row[Situation], ...] = (
    # The request
    Regle(
        "E01",
        "Recontacter le client",
        sur=_dossier,
        is_fait=lambda d, s: d.demande.recontact_le,
        limite=lambda d, s: (limit := limite_recontact(d, s.cadre)) and limit.date(),
        montrer=10,
    ),
    Regle(
        "E02",
        "Transmettre la demande au chargé de clientèle",
        sur=_dossier,
        is_fait=lambda d, s: d.demande.transmise_le or not d.demande.recueillie_par,
        limite=lambda d, s: d.demande.recue_le and d.demande.recue_le.date(),
        montrer=10,
    ),
    Regle(
        "E04",
        _pour_reponse,
        sur=_prestations,
        is_fait=lambda p, s: p.option.reponse not in (None, "en_attente") or p.option.confirmee_le,
        limite=lambda p, s: _ouvres(p.option.demandee_le, s.delais.option_reponse_jours_ouvres),
    ),
    # The proposal
    Regle(
        "E32",
        "Envoyer la proposition au client",
        sur=_dossier,
        is_fait=lambda d, s: d.devis.envoye_le or d.devis.accepte_le,
        limite=lambda d, s: _ouvres(
            d.demande.recontact_le and d.demande.recontact_le.date(), s.delais.proposition_jours_ouvres
        ),
    ),
    Regle(
        "E05",
        "Relancer le client",
        sur=_dossier,
        is_fait=lambda d, s: d.devis.accepte_le or d.devis.relances,
        limite=lambda d, s: _plus(d.devis.envoye_le, s.delais.relance_devis_jours),
    ),
    Regle(
        "E05",
        "Relancer le client une seconde fois",
        sur=_dossier,
        is_fait=lambda d, s: d.devis.accepte_le or len(d.devis.relances) != 1,
        limite=lambda d, s: _plus(d.devis.envoye_le, s.delais.relance_devis_2_jours),
    ),
    Regle(
        "E06",
        "Fin de validité des options",
        sur=_dossier,
        is_fait=jamais,
        limite=_fin_des_options,
        montrer=7,
    ),
    Regle(
        "E07",
        "Demander le motif du refus",
        sur=_dossier,
        is_fait=lambda d, s: d.devis.refus_motif,
        limite=lambda d, s: _plus(d.devis.refuse_le, 3),
        pendant=_SANS_SUITE,
    ),
    # The contract
    Regle(
        "E33",
        "Envoyer le contrat au client",
        sur=_dossier,
        is_fait=lambda d, s: d.contrat.envoye_client_le or d.contrat.signe_client_le,
        limite=lambda d, s: _ouvres(d.devis.accepte_le, s.delais.contrat_jours_ouvres),
    ),
    Regle(
        "E08",
        "Retour du contrat signé et de l'acompte ou du bon de commande",
        sur=_dossier,
        is_fait=lambda d, s: d.contrat.signe_client_le and s.is_paye,
        limite=_retour_du_contrat,
    ),
    Regle(
        "E09",
        "Faire signer le contrat par la direction",
        sur=_dossier,
        is_fait=lambda d, s: d.contrat.signe_direction_le,
        limite=lambda d, s: _ouvres(d.contrat.signe_client_le, s.delais.signature_direction_jours_ouvres),
    ),
    Regle(
        "E10",
        "Renvoyer le second exemplaire au client",
        sur=_dossier,
        is_fait=lambda d, s: d.contrat.renvoye_client_le,
        limite=lambda d, s: _ouvres(d.contrat.signe_client_le, s.delais.signature_direction_jours_ouvres),
    ),
    Regle(
        "E11",
        "Confirmer les options aux prestataires",
        sur=_dossier,
        is_fait=lambda d, s: are_options_confirmees(d, s.office),
        limite=_confirmation,
        montrer=10,
    ),
    Regle(
        "E12",
        "Preuve de virement",
        sur=_dossier,
        is_fait=lambda d, s: d.paiement.mode != "virement" or d.paiement.preuve_virement_recue_le or s.is_paye,
        limite=lambda d, s: _plus(d.paiement.rib_envoye_le, s.delais.preuve_virement_jours),
    ),
    # Before the stay
    Regle(
        "E13",
        lambda p: f"Transmettre le menu au restaurant pour {p.appellation}",
        sur=_prestations,
        is_fait=lambda p, s: p.menu and p.menu.transmis_le,
        limite=lambda p, s: s.debut_convenu and limite_menu(p, s.cadre),
        montrer=10,
    ),
    Regle(
        "E14",
        "Dernier jour pour modifier la réservation",
        sur=_dossier,
        is_fait=jamais,
        limite=_modification,
        montrer=5,
    ),
    Regle(
        "E15",
        "Envoyer le carnet de voyage",
        sur=_dossier,
        is_fait=lambda d, s: d.carnet.envoye_le or not is_confirme(d, s.cadre),
        limite=lambda d, s: _plus(s.debut_convenu, -s.delais.carnet_jours_avant),
    ),
    Regle(
        "E16",
        "Envoyer les copies des bons d'échange aux prestataires",
        sur=_dossier,
        is_fait=lambda d, s: all(p.bon_echange.envoye_prestataire_le for p in s.valeurs.prestations),
        limite=lambda d, s: s.debut_convenu and d.carnet.envoye_le,
    ),
    Regle(
        "E18",
        "Arrive bientôt, non finalisé",
        sur=_dossier,
        is_fait=lambda d, s: is_finalise(d, s.cadre),
        limite=lambda d, s: _plus(s.debut_convenu, -7),
        montrer=0,
    ),
    # Avenants
    Regle(
        "E19",
        lambda etape: f"{etape.libelle} ({_numero(etape.avenant)})",
        sur=_etapes,
        is_fait=jamais,
        limite=_suite_de_l_avenant,
        pendant=_JUSQU_A_LA_CLOTURE,
    ),
    Regle(
        "E20",
        lambda a: f"Envoyer les nouveaux bons d'échange (avenant {_numero(a)})",
        sur=_a_diffuser,
        is_fait=jamais,
        limite=lambda a, s: _ouvres(a.signe_direction_le, 1),
        montrer=10,
        pendant=_JUSQU_A_LA_CLOTURE,
    ),
    Regle(
        "E34",
        lambda a: f"Envoyer de nouveau le carnet de voyage (avenant {_numero(a)})",
        sur=_apres_le_carnet,
        is_fait=jamais,
        limite=lambda a, s: min(
            filter(None, (_ouvres(a.signe_direction_le, 1), _plus(s.valeurs.debut, -1))), default=None
        ),
        montrer=10,
    ),
    # After the stay
    Regle(
        "E23",
        "Envoyer le questionnaire de satisfaction",
        sur=_dossier,
        is_fait=lambda d, s: d.satisfaction.mail_envoye_le,
        limite=lambda d, s: limite_satisfaction(s.valeurs, s.cadre),
        pendant=_APRES_LE_SEJOUR,
    ),
    Regle(
        "E24",
        _pour_facture,
        sur=_achats,
        is_fait=lambda p, s: is_facture_rangee(p, s.cadre),
        limite=_facture,
        pendant=_APRES_LE_SEJOUR,
    ),
    Regle(
        "E25",
        "Encaisser le solde",
        sur=_dossier,
        is_fait=lambda d, s: s.solde <= 0,
        limite=lambda d, s: _plus(s.valeurs.fin, s.delais.solde_jours),
        pendant=_APRES_LE_SEJOUR,
    ),
    Regle(
        "E26",
        "Déposer la facture sur Chorus Pro",
        sur=_dossier,
        is_fait=lambda d, s: d.paiement.mode != "mandat_administratif" or d.paiement.chorus.depose_le,
        limite=lambda d, s: _ouvres(s.valeurs.fin, s.delais.chorus_jours_ouvres),
        pendant=_APRES_LE_SEJOUR,
    ),
    # Whenever it comes
    Regle(
        "E28",
        lambda r: f"Répondre à la réclamation « {r.objet or 'sans objet'} »",
        sur=_reclamations,
        is_fait=lambda r, s: r.traitee_le,
        limite=lambda r, s: r.recue_le and limite_reclamation(r.recue_le, s.cadre),
        montrer=10,
        pendant=_TOUJOURS,
    ),
    Regle(
        "E35",
        lambda c: f"Rembourser {french.euros(c.a_rembourser)} au client",
        sur=_compte,
        is_fait=lambda c, s: not c.a_rembourser,
        limite=lambda c, s: c.rembourser_le,
        montrer=10,
        pendant=_TOUJOURS,
    ),
    Regle(
        "E31",
        "Proposer la purge des données personnelles",
        sur=_dossier,
        is_fait=jamais,
        limite=_purge,
        montrer=30,
        pendant=_SANS_SUITE,
    ),
)
