"""Everything derived for one dossier: state, values in force, amounts, limits. Computed once, read by all the rest."""

import datetime
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from functools import cached_property

from toolkit.dossier import echeances as _echeances
from toolkit.dossier.bons_echange import BonEchange, bons_echange, mention_effectif
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.champ import champ
from toolkit.dossier.compte import Compte, compte
from toolkit.dossier.controles import check
from toolkit.dossier.echeances import Echeance
from toolkit.dossier.etat import Etat, etat, is_confirme, is_finalise, libelle, limite_option
from toolkit.dossier.faits import Dossier, Nature, Prestation
from toolkit.dossier.limites import (
    limite_menu,
    limite_reclamation,
    limite_recontact,
    limite_recontact_ouvree,
    limite_satisfaction,
)
from toolkit.dossier.montants import Montants, encaisse_par_moyen, montants
from toolkit.dossier.nature_vente import Vente, vente
from toolkit.dossier.niveaux import Niveau, manques, niveau_suivant
from toolkit.dossier.office import Agent, Prestataire, Signataire
from toolkit.dossier.valeurs import (
    Modification,
    Valeurs,
    limite_modification,
    modifications,
    valeurs_du_contrat,
    valeurs_en_vigueur,
)
from toolkit.errors import ChampPath, Problem


@dataclass(frozen=True)
class Limites:
    """Last days that the procedure sets."""

    recontact: datetime.datetime | None = field(
        metadata=champ("limite pour recontacter le client", datetime.datetime(2027, 1, 13, 10, 20))
    )
    recontact_ouvre: datetime.datetime | None = field(
        metadata=champ("la même limite en jours ouvrés", datetime.datetime(2027, 1, 13, 10, 20))
    )
    option: date | None = field(metadata=champ("fin de validité des options", date(2027, 2, 22)))
    modification: date | None = field(metadata=champ("dernier jour pour modifier", date(2027, 6, 2)))
    satisfaction: date | None = field(metadata=champ("jour du questionnaire", date(2027, 6, 18)))


@dataclass(frozen=True)
class LigneProgramme:
    """One service as the documents tell it."""

    id: str | None = field(metadata=champ("identifiant de la prestation", "P1"))
    nature: Nature | None = field(metadata=champ("nature"))
    libelle: str | None = field(metadata=champ("libellé de la prestation", "Visite guidée du château-musée"))
    detail: str | None = field(metadata=champ("détail", "Deux groupes en parallèle (21 + 21), 1 h 30."))
    date: datetime.date | None = field(metadata=champ("date"))
    date_fin: datetime.date | None = field(metadata=champ("date de fin", datetime.date(2027, 7, 17)))
    debut: datetime.time | None = field(metadata=champ("date ou heure de début", datetime.time(10, 0)))
    fin: datetime.time | None = field(metadata=champ("date ou heure de fin", datetime.time(11, 30)))
    lieu: str | None = field(metadata=champ("lieu", "Cour du château"))
    prestataire: Prestataire | None = field(metadata=champ("prestataire"))


@dataclass(frozen=True)
class Fiche:
    """A dossier in its frame, and what follows from both."""

    dossier: Dossier
    cadre: Cadre

    @cached_property
    def problemes(self) -> list[Problem]:
        """What the cross-checks find, without file and line (regles.md §3.3)."""
        return check(self.dossier, self.cadre)

    @cached_property
    def etat(self) -> Etat:
        """The state today, ``cadre.aujourd_hui`` (regles.md §6.1)."""
        return etat(self.dossier, self.cadre)

    @cached_property
    def libelle_etat(self) -> str:
        """The state in the words that people read."""
        return libelle(self.etat, self.dossier, self.cadre)

    @cached_property
    def is_confirme(self) -> bool:
        """Contract signed, deposit or order received, every option confirmed (regles.md §6.2)."""
        return is_confirme(self.dossier, self.cadre)

    @cached_property
    def is_finalise(self) -> bool:
        """Confirmed, and the carnet sent: what puts a row in the recap (regles.md §6.2)."""
        return is_finalise(self.dossier, self.cadre)

    @cached_property
    def contrat(self) -> Valeurs:
        """The values of the contract."""
        return valeurs_du_contrat(self.dossier)

    @cached_property
    def en_vigueur(self) -> Valeurs:
        """The values in force."""
        return valeurs_en_vigueur(self.dossier, self.cadre.office)

    def montants_pour(self, valeurs: Valeurs) -> Montants:
        """The amounts in euros, for the contract's values, an avenant's, or those in force (regles.md §3.5)."""
        return montants(self.dossier, valeurs, self.cadre.office, self.cadre.prestataires)

    @cached_property
    def montants(self) -> Montants:
        """The amounts in force."""
        return self.montants_pour(self.en_vigueur)

    def vente_pour(self, valeurs: Valeurs) -> Vente:
        """Whether these values make a package in the sense of the law (regles.md §2.1)."""
        return vente(self.dossier, valeurs, self.cadre.prestataires)

    @cached_property
    def compte(self) -> Compte:
        """What is owed today, what came in, and what is to be paid back (regles.md §3.5)."""
        return compte(self.dossier, self.cadre)

    @cached_property
    def encaisse_par_moyen(self) -> dict[str, Decimal]:
        """Euros that came in, less what went back, by mode of payment; empty while no other is told."""
        return encaisse_par_moyen(self.dossier)

    @cached_property
    def limites(self) -> Limites:
        """Those of the values in force."""
        return self.limites_pour(self.en_vigueur)

    def limites_pour(self, valeurs: Valeurs) -> Limites:
        """Each None while its fact is missing."""
        return Limites(
            recontact=limite_recontact(self.dossier, self.cadre),
            recontact_ouvre=limite_recontact_ouvree(self.dossier, self.cadre),
            option=limite_option(self.dossier, self.cadre.office),
            modification=limite_modification(valeurs, self.cadre.office),
            satisfaction=limite_satisfaction(valeurs, self.cadre),
        )

    @cached_property
    def echeances(self) -> tuple[Echeance, ...]:
        """Those still open, nearest first (regles.md §5.2)."""
        return _echeances.echeances(self.dossier, self.cadre)

    def programme(self, valeurs: Valeurs) -> tuple[LigneProgramme, ...]:
        """The services in the order of the stay."""
        ordered = sorted(valeurs.prestations, key=lambda p: (p.date or date.max, p.debut or time.max))
        return tuple(
            LigneProgramme(
                id=p.id,
                nature=p.nature,
                libelle=p.libelle,
                detail=p.detail,
                date=p.date,
                date_fin=p.date_fin,
                debut=p.debut,
                fin=p.fin,
                lieu=p.lieu,
                prestataire=self.prestataire(p),
            )
            for p in ordered
        )

    @property
    def transport(self) -> str | None:
        """How the clients come: what the dossier says, or the name of the coach company that the office sells."""
        sold = self.cadre.prestataires.get(self.dossier.sejour.transport)
        return sold.nom if sold else self.dossier.sejour.transport

    @property
    def agent(self) -> Agent | None:
        """Who follows it; None when nobody is named, or office.toml does not know them."""
        return self.cadre.office.agent(self.dossier.agent)

    @property
    def suppleant(self) -> Agent | None:
        """Who answers while the agent is away (regles.md §7.1); None as for ``agent``."""
        return self.cadre.office.agent(self.dossier.suppleant)

    @property
    def signataire(self) -> Signataire | None:
        """Who signs the contract for the office, once it is known."""
        return self.cadre.office.signataire(self.dossier.contrat.signataire)

    def prestataire(self, prestation: Prestation) -> Prestataire | None:
        """Who gives a service; None when nobody is named, or prestataires.toml does not know them."""
        return self.cadre.prestataires.get(prestation.prestataire)

    def limite_menu(self, prestation: Prestation) -> date | None:
        """Last day to tell a restaurant the menu (regles.md §7.4); None for the others, or without a date."""
        return limite_menu(prestation, self.cadre)

    @cached_property
    def bons_echange(self) -> tuple[BonEchange, ...]:
        """The vouchers, cancellations included."""
        return bons_echange(self.dossier, self.cadre)

    def bon_echange(self, prestation: Prestation) -> BonEchange | None:
        """The voucher of a service in force."""
        key = (prestation.id, prestation.prestataire)
        return next((bon for bon in self.bons_echange if (bon.id, bon.prestataire_id) == key), None)

    def mention_effectif(self, prestation: Prestation) -> str | None:
        """The headcount in force, as a supplier is told of it (regles.md §7.5)."""
        return mention_effectif(prestation, self.en_vigueur, self.prestataire(prestation))

    @cached_property
    def modifications(self) -> tuple[Modification, ...]:
        """Each avenant block, and what it changes."""
        return tuple(modifications(self.dossier, self.cadre.office))

    def limite_reclamation(self, recue_le: date) -> date:
        """Last day to answer a complaint that came on that day (regles.md §1.1)."""
        return limite_reclamation(recue_le, self.cadre)

    def manques(self, niveau: Niveau) -> list[tuple[ChampPath, str]]:
        """Where to write each fact that a level still wants, and what it is called (regles.md §3.2)."""
        return manques(self.dossier, niveau, self.cadre)

    @property
    def niveau_suivant(self) -> Niveau | None:
        """The next level whose facts are not all there; None once the booking is over."""
        if self.etat in (Etat.ANNULE, Etat.SANS_SUITE, Etat.TRAITE):
            return None
        return niveau_suivant(self.dossier, self.cadre)
