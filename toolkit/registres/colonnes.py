"""The columns of the monthly recap, one row each: a column more is one row more in ``COLONNES``. Pure.

Whatever lays out, fills, recognises, prints or posts a recap goes through this table (``colonnes_de``), in its order.
A workbook made before a row was added does without that column until someone writes its heading there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from toolkit.dossier.classement import Typologie
from toolkit.dossier.fiche import Fiche
from toolkit.registres import cellules
from toolkit.registres.cellules import Valeur


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column of both recaps, or of one of them."""

    key: str
    """Its name in the memory of a row and in office.toml: never another one once workbooks are in use."""
    titres: str | Mapping[Typologie, str]
    """Its heading in both recaps, or in each of those that show it."""
    largeur: float
    """Characters: together, those on the wall fill A4 landscape at a size that can be read there."""
    valeur: Callable[[Fiche], Valeur] | None = None
    """What a dossier says there, which wins over what people type; None for a column that no dossier fills."""
    nature: Literal["texte", "nombre", "jour"] = "texte"
    """A number is centred; a day is shown as one, that of « date » with the last day of the stay."""
    vue: Literal["affichee", "classeur", "masquee"] = "affichee"
    """On the wall, in the workbook only, or hidden there too."""
    mots: tuple[str, ...] = ()
    """How headings begin, without accents, that mean it in a workbook from before the toolkit; office.toml then has
    a setting of that key (``ColonnesRecap``)."""

    def titre(self, typologie: Typologie) -> str:
        """Its heading in one of the two recaps, "" when that one does without it."""
        return self.titres if isinstance(self.titres, str) else self.titres.get(typologie, "")

    @property
    def is_bookkeeping(self) -> bool:
        """Whether the rows cannot be followed without it: a workbook that is adopted is given it."""
        return self.valeur is None and self.vue != "affichee"

    @property
    def is_carried(self) -> bool:
        """Whether what stands there was told by people, or to them, and follows the dossier wherever it goes."""
        return self.valeur is None and self.vue != "masquee"


COLONNES: tuple[Colonne, ...] = (
    Colonne(
        "date",
        "Date",
        largeur=11,
        valeur=lambda fiche: fiche.en_vigueur.debut,
        nature="jour",
        mots=("date", "jour"),
    ),
    Colonne(
        "arrivee",
        "Arrivée",
        largeur=11,
        valeur=cellules.arrivee,
        mots=("arrivee", "heure", "horaire", "rdv"),
    ),
    Colonne(
        "client",
        {Typologie.GROUPE: "Groupe / client", Typologie.INDIVIDUEL: "Client"},
        largeur=17,
        valeur=cellules.client,
        mots=("groupe", "client", "nom", "structure", "association"),
    ),
    Colonne(
        "responsable",
        {Typologie.GROUPE: "Responsable sur place"},
        largeur=15,
        valeur=cellules.responsable,
        mots=("responsable", "contact", "accompagnateur", "referent"),
    ),
    Colonne(
        "telephone",
        {Typologie.INDIVIDUEL: "Téléphone"},
        largeur=13,
        valeur=cellules.telephone,
        mots=("tel", "portable", "mobile"),
    ),
    Colonne(
        "personnes",
        "Pers.",
        largeur=5.5,
        valeur=cellules.personnes,
        nature="nombre",
        mots=("pers", "pax", "effectif", "nb", "nombre", "participants"),
    ),
    Colonne(
        "chauffeurs",
        {Typologie.GROUPE: "Chauf."},
        largeur=6,
        valeur=lambda fiche: fiche.en_vigueur.chauffeurs,
        nature="nombre",
        mots=("chauf", "conducteur"),
    ),
    Colonne(
        "enfants",
        {Typologie.INDIVIDUEL: "Enfants"},
        largeur=7,
        valeur=lambda fiche: fiche.en_vigueur.enfants,
        nature="nombre",
        mots=("enfant",),
    ),
    Colonne(
        "hebergement",
        {Typologie.INDIVIDUEL: "Hébergement (nuits)"},
        largeur=15,
        valeur=cellules.hebergement,
        mots=("heberg", "hotel", "nuit"),
    ),
    Colonne(
        "programme",
        "Programme",
        largeur=40,
        valeur=cellules.programme,
        mots=("programme", "prestation", "visite", "deroule"),
    ),
    Colonne(
        "repas",
        "Repas",
        largeur=21,
        valeur=cellules.repas,
        mots=("repas", "restau", "dejeuner", "diner"),
    ),
    Colonne(
        "langue",
        "Langue / mobilité",
        largeur=12,
        valeur=cellules.langue,
        mots=("langue", "mobilite", "pmr"),
    ),
    Colonne(
        "reglement",
        "Règlement",
        largeur=12,
        valeur=cellules.reglement,
        mots=("reglement", "paiement", "acompte", "solde"),
    ),
    Colonne(
        "bons_echange",
        "Bons d'échange",
        largeur=9,
        valeur=cellules.bons_echange,
        mots=("bon", "be", "voucher"),
    ),
    Colonne(
        "suivi",
        "Dossier / suivi par",
        largeur=16,
        valeur=cellules.suivi,
        mots=("dossier", "suivi", "ref", "agent", "charge"),
    ),
    Colonne("observations", "Observations accueil", largeur=15),
    Colonne(
        "modifications",
        "Modifications",
        largeur=30,
        vue="classeur",
        mots=("modif",),
    ),
    Colonne("cle", "Clé", largeur=14, vue="masquee"),
    Colonne("empreinte", "Empreinte", largeur=14, vue="masquee"),
)
"""In the order in which a new workbook shows them."""


def colonnes_de(typologie: Typologie) -> Mapping[str, Colonne]:
    """The columns of one of the two recaps, by key and in order."""
    return {one.key: one for one in COLONNES if one.titre(typologie)}
