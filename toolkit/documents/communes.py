"""What every Word model may print: facts as written down, and what follows from them.

Every name is a model or a dataclass of the core, so that what can be printed is what the core says, and nothing else.
"""

from dataclasses import InitVar, dataclass, field
from datetime import date

from toolkit import french
from toolkit.dossier.champ import champ
from toolkit.dossier.faits import Client, Contrat, Devis, Dossier, Effectif, Paiement, Sejour, Tarif
from toolkit.dossier.fiche import Fiche, Limites
from toolkit.dossier.nature_vente import Vente
from toolkit.dossier.office import Agent, Office, Signataire
from toolkit.dossier.valeurs import Valeurs

_SUPPLEANT = {
    "id": "chargee-2",
    "prenom": "Blanche",
    "nom": "Inventée",
    "telephone": "02 35 00 00 12",
    "mail": "blanche.inventee@office.example.org",
    "suppleant": "chargee-1",
}


@dataclass(kw_only=True, eq=False)
class Communes:
    """The names that every model knows; each kind of document adds its own in a subclass."""

    fiche: InitVar[Fiche]
    retenues: InitVar[Valeurs]
    """Dates, headcount and prices that this paper tells: the contract's, an avenant's, or those in force."""
    periode: str | None = field(
        init=False, metadata=champ("dates du séjour", french.periode(date(2027, 6, 17), date(2027, 6, 17)))
    )
    office: Office = field(init=False, metadata=champ("office"))
    dossier: Dossier = field(init=False, metadata=champ("dossier"))
    client: Client = field(init=False, metadata=champ("client"))
    sejour: Sejour = field(init=False, metadata=champ("séjour"))
    effectif: Effectif = field(init=False, metadata=champ("effectif"))
    tarif: Tarif = field(init=False, metadata=champ("prix de vente"))
    devis: Devis = field(init=False, metadata=champ("proposition"))
    contrat: Contrat = field(init=False, metadata=champ("contrat"))
    paiement: Paiement = field(init=False, metadata=champ("paiement"))
    limites: Limites = field(init=False, metadata=champ("limites"))
    transport: str | None = field(init=False, metadata=champ("transport", "Autocar du client"))
    agent: Agent | None = field(init=False, metadata=champ("chargé de clientèle"))
    suppleant: Agent | None = field(init=False, metadata=champ("suppléant", _SUPPLEANT))

    def __post_init__(self, fiche: Fiche, retenues: Valeurs) -> None:
        dossier = _told_by(fiche.dossier, retenues, fiche.contrat, fiche.vente_pour(retenues))
        self.periode = periode(retenues)
        self.office = fiche.cadre.office
        self.dossier = dossier
        self.client = dossier.client
        self.sejour = dossier.sejour
        self.effectif = dossier.effectif
        self.tarif = dossier.tarif
        self.devis = dossier.devis
        self.contrat = dossier.contrat
        self.paiement = dossier.paiement
        self.limites = fiche.limites_pour(retenues)
        self.transport = fiche.transport
        self.agent = fiche.agent
        self.suppleant = fiche.suppleant


_TOLD = {
    "sejour": ("debut", "fin", "heure_arrivee", "heure_depart"),
    "effectif": ("participants", "enfants", "chauffeurs", "gratuites"),
    "tarif": ("prix_par_personne",),
}
"""What avenants change, under the names of the blocks where the contract says it."""


def _told_by(dossier: Dossier, valeurs: Valeurs, contrat: Valeurs, vente: Vente) -> Dossier:
    """The dossier as this paper tells it: a name says the same as the others, also after an avenant.

    Whether it is a package is the law's answer, which no agent need write.
    """
    told = dossier.contrat.model_copy(update={"forfait_touristique": vente.forfait})
    dossier = dossier.model_copy(update={"contrat": told})
    if valeurs == contrat:
        return dossier
    blocks = {}
    for block, keys in _TOLD.items():
        changed = {key: getattr(valeurs, key) for key in keys if getattr(valeurs, key) != getattr(contrat, key)}
        blocks[block] = getattr(dossier, block).model_copy(update=changed)
    return dossier.model_copy(update={**blocks, "prestations": list(valeurs.prestations)})


def periode(valeurs: Valeurs) -> str | None:
    """« du 17 au 18 juin 2027 »; None before the first day is known."""
    return french.periode(valeurs.debut, valeurs.fin or valeurs.debut) if valeurs.debut else None


def seul_signataire(fiche: Fiche, document: str) -> Signataire | None:
    """The one who signs such documents, when there is only one; the choice is the office's otherwise."""
    able = [person for person in fiche.cadre.office.signataires if document in person.signe]
    return able[0] if len(able) == 1 else None
