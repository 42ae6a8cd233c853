"""What a file must hold for the next step: an early request needs five facts, a contract many more (regles.md §3.2).

To ask for one more fact, add its row to its level in ``_MANQUES``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.classement import Typologie
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.genres import Bloc
from toolkit.dossier.valeurs import place, valeurs_en_vigueur
from toolkit.errors import ChampPath


class Niveau(StrEnum):
    """Each level asks only for what its documents need."""

    MINIMAL = "minimal"
    DEVIS = "devis"
    CONTRAT = "contrat"
    CARNET = "carnet"
    CLOTURE = "cloture"


POUR = {
    Niveau.MINIMAL: "ouvrir le dossier",
    Niveau.DEVIS: "établir le devis",
    Niveau.CONTRAT: "établir le contrat",
    Niveau.CARNET: "établir les bons d'échange et le carnet",
    Niveau.CLOTURE: "clôturer le dossier",
}

BlocT = TypeVar("BlocT", bound=Bloc)


def _always(bloc: Bloc, cadre: Cadre) -> bool:
    return True


def _is_told(value: object, bloc: Bloc) -> bool:
    return value not in (None, "", [])


@dataclass(frozen=True, slots=True)
class _Manque(Generic[BlocT]):
    """One row: a fact that the dossier, or one of its services, must hold."""

    champ: str
    """Its path, with dots."""
    libelle: str
    asked: Callable[[BlocT, Cadre], object] = _always
    """When it is asked for."""
    is_told: Callable[[object, BlocT], bool] = _is_told
    """Whether the value found there answers."""

    @property
    def keys(self) -> list[str]:
        return self.champ.split(".")

    def is_missing(self, bloc: BlocT, cadre: Cadre) -> bool:
        value: object = bloc
        for key in self.keys:
            value = None if value is None else getattr(value, key)
        return not self.is_told(value, bloc) and bool(self.asked(bloc, cadre))


@dataclass(frozen=True, slots=True)
class _ParPrestation:
    """Rows asked for service by service."""

    prestations: Callable[[Dossier, Cadre], Sequence[Prestation]]
    rows: tuple[_Manque[Prestation], ...]


def _du_contrat(dossier: Dossier, cadre: Cadre) -> Sequence[Prestation]:
    return dossier.prestations


def _en_vigueur(dossier: Dossier, cadre: Cadre) -> Sequence[Prestation]:
    return valeurs_en_vigueur(dossier, cadre.office).prestations


def _has_service(nature: str, dossier: Dossier) -> bool:
    """What the programme already tells is not asked for twice."""
    return any(prestation.nature == nature for prestation in dossier.prestations)


_DATE_CONFIRMEE: _Manque[Dossier] = _Manque(
    "sejour.debut",
    "la date du séjour, confirmée",
    is_told=lambda debut, d: debut is not None and not d.sejour.date_a_confirmer,
)
_PARTICIPANTS: _Manque[Dossier] = _Manque("effectif.participants", "le nombre de participants")
_HEURE_ARRIVEE: _Manque[Dossier] = _Manque("sejour.heure_arrivee", "l'heure d'arrivée")
_PROGRAMME: tuple[_Manque[Prestation], ...] = (
    _Manque("libelle", "le libellé de la prestation"),
    _Manque("date", "la date de la prestation"),
    _Manque("debut", "l'heure de début de la prestation"),
)

_MANQUES: dict[Niveau, tuple[_Manque[Dossier] | _ParPrestation, ...]] = {
    Niveau.MINIMAL: (
        _Manque("reference", "la référence du dossier"),
        _Manque("agent", "le chargé de clientèle"),
        _Manque("demande.recue_le", "la date et l'heure de la demande"),
        _Manque("demande.canal", "le canal de la demande"),
        _Manque("client.nom", "le nom du client"),
        _Manque("client.telephone", "le téléphone ou le courriel du client", lambda d, _: not d.client.mail),
        _Manque("sejour.debut", "la date du séjour, même approximative"),
    ),
    # The nine items of regles.md §7.1.
    Niveau.DEVIS: (
        _DATE_CONFIRMEE,
        _PARTICIPANTS,
        _Manque(
            "demande.budget_par_personne", "le budget par personne", lambda d, _: d.tarif.prix_par_personne is None
        ),
        _HEURE_ARRIVEE,
        _Manque(
            "demande.nuitees_souhaitees",
            "les nuitées souhaitées (0 s'il n'y en a pas)",
            lambda d, _: not _has_service("hebergement", d),
        ),
        _Manque("demande.souhaits", "les activités souhaitées", lambda d, _: not d.prestations),
        _Manque("demande.repas_souhaites", "les repas souhaités", lambda d, _: not _has_service("restauration", d)),
        _Manque("effectif.chauffeurs", "le nombre de chauffeurs", lambda _, c: c.typologie is Typologie.GROUPE),
        _Manque("client.telephone", "les coordonnées du client", lambda d, _: not d.client.mail),
    ),
    Niveau.CONTRAT: (
        _Manque("client.adresse", "l'adresse du client"),
        _Manque("client.code_postal", "le code postal du client"),
        _Manque("client.commune", "la commune du client"),
        _Manque("client.contact.nom", "le nom de la personne qui signe le contrat"),
        _DATE_CONFIRMEE,
        _PARTICIPANTS,
        _HEURE_ARRIVEE,
        _Manque("tarif.prix_par_personne", "le prix par personne"),
        _Manque("tarif.regime_tva", "le régime de TVA"),
        _Manque("tarif.taux_tva", "le taux de TVA", lambda d, _: d.tarif.regime_tva == "droit_commun"),
        _Manque("paiement.mode", "le mode de paiement"),
        _Manque("prestations", "au moins une prestation"),
        _ParPrestation(_du_contrat, _PROGRAMME),
    ),
    Niveau.CARNET: (
        _ParPrestation(
            _en_vigueur,
            (
                # An empty name is an unknown supplier, which the checks tell.
                _Manque("prestataire", "le prestataire", is_told=lambda id, _: id is not None),
                _Manque("option.confirmee_le", "la confirmation de l'option"),
                *_PROGRAMME,
                _Manque("menu.choix", "le choix des plats", lambda p, _: p.is_restauration),
            ),
        ),
    ),
    Niveau.CLOTURE: (
        _ParPrestation(
            _en_vigueur,
            (
                _Manque("facture.fichier", "la facture du prestataire, validée et rangée", lambda p, _: p.achat),
                _Manque(
                    "facture.validee_ciril_le",
                    "la validation de la facture dans Ciril",
                    lambda p, c: p.achat and c.office.factures.validation_ciril,
                ),
            ),
        ),
        _Manque("satisfaction.mail_envoye_le", "l'envoi du questionnaire de satisfaction"),
    ),
}


def manques(dossier: Dossier, niveau: Niveau, cadre: Cadre) -> list[tuple[ChampPath, str]]:
    """The facts still missing for one level: where to write each, and what it is called."""
    found: list[tuple[ChampPath, str]] = []
    for row in _MANQUES[niveau]:
        if isinstance(row, _Manque):
            found += [(tuple(row.keys), row.libelle)] if row.is_missing(dossier, cadre) else []
        else:
            for prestation in row.prestations(dossier, cadre):
                missing = [one for one in row.rows if one.is_missing(prestation, cadre)]
                found += [(place(dossier, cadre.office, prestation, *one.keys), one.libelle) for one in missing]
    return found


def niveau_suivant(dossier: Dossier, cadre: Cadre) -> Niveau | None:
    """The first level whose facts are not all there."""
    return next((niveau for niveau in Niveau if manques(dossier, niveau, cadre)), None)
