"""The voucher: one per service, for the client and, marked COPIE, for its supplier (regles.md §7.5)."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial

from toolkit import french
from toolkit.documents.carried import corrections
from toolkit.documents.communes import Communes, seul_signataire
from toolkit.documents.document import Copie, Document, MentionDue, ModeleWord, TypeDeDocument
from toolkit.dossier.bons_echange import BonEchange
from toolkit.dossier.champ import champ
from toolkit.dossier.etat import is_contrat_signe
from toolkit.dossier.faits import Choix, Prestation
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.office import MenuPropose, Prestataire, Signataire
from toolkit.errors import ChampPath, Problem
from toolkit.formats.pdf_marks import Filigrane
from toolkit.tree import layout


@dataclass(frozen=True, slots=True)
class ValeursBon:
    """What a voucher says of itself and of its service."""

    id: str = field(metadata=champ("identifiant de la prestation", "P1"))
    version: int = field(metadata=champ("numéro de version", 3))
    is_annulation: bool = field(metadata=champ("le bon annule le précédent"))
    remplace: bool = field(metadata=champ("le bon annule et remplace le précédent"))
    """Prints « ANNULE ET REMPLACE LE PRECEDENT ENVOI » beside the title."""
    mention: str | None = field(metadata=champ("nombre de participants", f"40{french.NBSP}participants"))
    """« 38 participants + 1 chauffeur »."""
    couverts: int | None = field(metadata=champ("nombre de couverts", 41))
    participants: int | None = field(metadata=champ("nombre de participants", 40))
    gratuites: int = field(metadata=champ("nombre de gratuités", 0))
    chauffeurs: int = field(metadata=champ("nombre de chauffeurs", 1))
    repas_chauffeurs_gratuits: int = field(metadata=champ("repas de chauffeur offerts", 0))
    menu: MenuPropose | None = field(metadata=champ("menu"))
    choix: list[Choix] = field(metadata=champ("choix"))
    regimes: list[str] = field(metadata=champ("régimes", ["2 végétariens", "1 sans gluten"]))
    prestation: Prestation = field(metadata=champ("prestation"))
    prestataire: Prestataire | None = field(metadata=champ("prestataire"))


@dataclass(kw_only=True, eq=False)
class ValeursBonEchange(Communes):
    """Of a voucher, for the client and for the supplier alike."""

    bon: ValeursBon = field(metadata=champ("bon d'échange"))
    prestation: Prestation = field(metadata=champ("prestation"))
    prestataire: Prestataire | None = field(metadata=champ("prestataire"))
    signataire: Signataire | None = field(metadata=champ("signataire"))


def valeurs_bon_echange(fiche: Fiche, bon: BonEchange) -> ValeursBonEchange:
    """Signed by whoever alone may sign vouchers; no signatory where several may (regles.md §7.5)."""
    told = bon.prestation.menu
    return ValeursBonEchange(
        fiche=fiche,
        retenues=bon.valeurs,
        bon=ValeursBon(
            id=bon.id,
            version=bon.version,
            is_annulation=bon.is_annulation,
            remplace=bon.remplace,
            mention=_unbreakable(bon.mention),
            couverts=bon.couverts,
            participants=bon.valeurs.participants,
            gratuites=bon.valeurs.gratuites,
            chauffeurs=bon.valeurs.chauffeurs,
            repas_chauffeurs_gratuits=bon.repas_chauffeurs_gratuits,
            menu=bon.menu,
            choix=told.choix if told else [],
            regimes=[french.regime(key, count) for key, count in told.regimes.items()] if told else [],
            prestation=bon.prestation,
            prestataire=bon.prestataire,
        ),
        prestation=bon.prestation,
        prestataire=bon.prestataire,
        signataire=seul_signataire(fiche, "bon_echange"),
    )


def _unbreakable(mention: str | None) -> str | None:
    """A number stays on the line of what it counts."""
    return mention and re.sub(r"(?<=\d) ", french.NBSP, mention)


def _bons_echange(fiche: Fiche, errors: Sequence[Problem]) -> Iterator[Document]:
    if not is_contrat_signe(fiche.dossier):
        return
    taken: set[str] = set()
    for bon in fiche.bons_echange:
        noms = _Noms.of(fiche, bon, taken)
        taken |= noms.keys
        if bon.is_annulation and bon.attend:
            continue  # never made, so nothing to cancel
        yield Document(
            code=_code(bon),
            titre=f"Bon d'échange {bon.id}",
            modele="bon_echange_restaurant.docx" if bon.prestation.is_restauration else "bon_echange.docx",
            fichier=f"{noms.stem(bon.version, is_annulation=bon.is_annulation)}.docx",
            valeurs=partial(valeurs_bon_echange, fiche, bon),
            copies=(Copie(), Copie(_COPIE, (Filigrane("COPIE"),))),
            attend=(*bon.attend, *corrections(errors, partial(_is_carried_by_bon, fiche, bon))),
            is_frozen=bon.envoye_le is not None and not bon.is_annulation,
            engage=("bon", "prestation"),
            suite=" ({})",
            in_carnet=not bon.is_annulation,
            formers=tuple(noms.formers(bon.version)),
        )


def _code(bon: BonEchange) -> str:
    return f"bon {bon.id} {bon.prestataire_id}"


_DOSSIER = "4 Bons d'échange"
_COPIE = " COPIE"
_NOM_MAX, _NOM_MIN = 22, 6
"""Letters of a supplier's name in a file name, as long as the whole path stays one that the desktops can open."""
_VERSIONS = 9
"""Room is left from the start for so many."""
_SUFFIXE = re.compile(r"( v\d+)?( ANNULATION)?( \(\d+\))?\.docx$")


@dataclass(frozen=True, slots=True)
class _Noms:
    """The file names of a voucher through all its versions: it keeps the one under which it was first made."""

    debut: str
    """Of all of them, up to the supplier."""
    prestataire: str
    """As the names tell it; empty where there is no room for that."""
    longueur_max: int | None

    @classmethod
    def of(cls, fiche: Fiche, bon: BonEchange, taken: Set[str]) -> "_Noms":
        """``taken`` are the names of others."""
        noms = cls(f"{_DOSSIER}/BE {fiche.dossier.reference}-{bon.id}", "", fiche.cadre.longueur_max)
        known = fiche.cadre.noms.get(_code(bon), "")
        if known.startswith(noms.debut):
            return replace(noms, prestataire=_SUFFIXE.sub("", known.removeprefix(noms.debut)).strip())
        nom = (bon.prestataire.nom if bon.prestataire else None) or bon.prestataire_id
        each = [replace(noms, prestataire=noms._cut(one)) for one in (nom, bon.prestataire_id, *"23456789")]
        return next((one for one in each if taken.isdisjoint(one.keys)), each[-1])

    @property
    def keys(self) -> set[str]:
        """What no other voucher may be called."""
        return {layout.name_key(one) for one in (self.stem(1), self.stem(_VERSIONS, is_annulation=True))}

    def stem(self, version: int, *, is_annulation: bool = False) -> str:
        """Of the Word file of one version."""
        shown = self._cut(self.prestataire, version, is_annulation=True) if is_annulation else self.prestataire
        return " ".join(filter(None, (self.debut, shown))) + _suffixe(version, is_annulation=is_annulation)

    def formers(self, version: int) -> Iterator[str]:
        """Stems of all that came before one version."""
        for number in range(1, version):
            yield self.stem(number)
            if number > 1:
                yield self.stem(number, is_annulation=True)

    def _cut(self, nom: str, version: int = _VERSIONS, *, is_annulation: bool = False) -> str:
        """As much of a supplier's name as there is room for; nothing rather than a syllable."""
        if self.longueur_max is None:
            return layout.safe_name(nom, _NOM_MAX)
        end = f"{_suffixe(max(version, _VERSIONS), is_annulation=is_annulation)}{_COPIE}.pdf"
        room = min(_NOM_MAX, self.longueur_max - len(f"{self.debut} {end}"))
        return layout.safe_name(nom, room) if room >= min(_NOM_MIN, len(nom)) else ""


def _suffixe(version: int, *, is_annulation: bool = False) -> str:
    number = f" v{version}" if version > 1 else ""
    return f"{number} ANNULATION" if is_annulation else number


def _is_carried_by_bon(fiche: Fiche, bon: BonEchange, path: ChampPath) -> bool:
    """An error in another service, in the price or in the contract does not stop this voucher."""
    if not path:
        return True
    if path[0] == "prestations" and len(path) > 1 and isinstance(path[1], int):
        written = fiche.dossier.prestations[path[1]] if path[1] < len(fiche.dossier.prestations) else None
        return (written is None or written.id == bon.id) and not {"option", "facture", "achat"}.intersection(path)
    if path[0] == "avenants" and len(path) > 1 and isinstance(path[1], int):
        return path[-1] in _SIGNATURES or any(one.index == path[1] for one in fiche.modifications if one.is_en_vigueur)
    return path[0] in {"reference", "client", "sejour", "effectif", "avenants"}


_SIGNATURES = ("signe_direction_le", "abandonne_le")
"""What tells, in an avenant, whether the vouchers say what it says."""


BON_ECHANGE = TypeDeDocument(
    code="bon",
    modeles={
        "bon_echange.docx": ModeleWord("les bons d'échange (hors restaurants)", mots=r"bon d.échange|voucher"),
        "bon_echange_restaurant.docx": ModeleWord(
            "les bons d'échange des restaurants", mots=r"bon d.échange.*(restaurant|menu|couvert)"
        ),
    },
    valeurs=ValeursBonEchange,
    documents=_bons_echange,
    mentions=(
        MentionDue("son titre, « Bon d'échange »", (), r"bon d.échange|voucher"),
        MentionDue("l'effectif", ("bon.mention", "bon.couverts", "bon.participants")),
        MentionDue("l'heure", ("prestation.debut", "bon.prestation.debut")),
    ),
    images=("signature",),
    serves_cancelled=True,
    is_put_away=True,
)
