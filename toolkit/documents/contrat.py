"""The contract: once the proposal is accepted, in two copies (regles.md §7.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from toolkit.documents.carried import corrections
from toolkit.documents.communes import Communes
from toolkit.documents.document import Copie, Document, MentionDue, ModeleWord, TypeDeDocument
from toolkit.documents.engagements import all_but_the_house
from toolkit.dossier.champ import champ
from toolkit.dossier.fiche import Fiche, LigneProgramme
from toolkit.dossier.montants import Montants
from toolkit.dossier.niveaux import Niveau
from toolkit.dossier.office import Signataire
from toolkit.errors import Problem
from toolkit.formats.pdf_marks import Mention

_SIGNATAIRE = {
    "id": "directrice-adjointe",
    "civilite": "Mme",
    "prenom": "Flore",
    "nom": "Chimère",
    "qualite": "Directrice adjointe",
    "signe": ["contrat"],
}


@dataclass(kw_only=True, eq=False)
class ValeursContrat(Communes):
    """Of a contract, and of the programme that goes with the proposal: the contract's own values and amounts."""

    programme: tuple[LigneProgramme, ...] = field(metadata=champ("programme"))
    montants: Montants = field(metadata=champ("montants"))
    nuits: int | None = field(metadata=champ("nombre de nuits", 0))
    signataire: Signataire | None = field(metadata=champ("signataire", _SIGNATAIRE))
    signataires: list[Signataire] = field(metadata=champ("signataires"))


def valeurs_contrat(fiche: Fiche) -> ValeursContrat:
    """The contract's own values, whatever avenants came after it (regles.md §7.4)."""
    valeurs = fiche.contrat
    return ValeursContrat(
        fiche=fiche,
        retenues=valeurs,
        programme=fiche.programme(valeurs),
        montants=fiche.montants_pour(valeurs),
        nuits=valeurs.nuits,
        signataire=fiche.signataire,
        signataires=[person for person in fiche.cadre.office.signataires if "contrat" in person.signe],
    )


def _contrat(fiche: Fiche, errors: Sequence[Problem]) -> Iterator[Document]:
    dossier, contrat = fiche.dossier, fiche.dossier.contrat
    if dossier.devis.envoye_le is None and dossier.devis.accepte_le is None:
        return
    waits: list[str] = []
    if not dossier.devis.accepte_le:
        waits.append("l'acceptation du devis")
    else:
        missing = fiche.manques(Niveau.CONTRAT)
        waits += dict.fromkeys(label for _, label in missing)
        waits += corrections(errors, missing=(path for path, _ in missing))
    yield Document(
        code="contrat",
        titre="Contrat",
        modele=f"contrat_{fiche.cadre.typologie.value}.docx",
        fichier=f"3 Contrat/Contrat {dossier.reference}.docx",
        valeurs=partial(valeurs_contrat, fiche),
        copies=(
            Copie(" - exemplaire client", (Mention("Exemplaire client"),)),
            Copie(" - exemplaire office", (Mention("Exemplaire office"),)),
        ),
        attend=tuple(waits),
        is_frozen=bool(contrat.envoye_client_le or contrat.signe_client_le or contrat.signe_direction_le),
        engage=all_but_the_house(ValeursContrat),
    )


CONTRAT = TypeDeDocument(
    code="contrat",
    modeles={
        "contrat_groupe.docx": ModeleWord("les contrats des groupes", mots=r"contrat"),
        "contrat_individuel.docx": ModeleWord("les contrats des individuels", mots=r"contrat.*individuel"),
    },
    valeurs=ValeursContrat,
    documents=_contrat,
    mentions=(
        # R.211-4 and R.211-6 of the Code du tourisme; regles.md §2.4 for the word acompte.
        MentionDue("l'immatriculation Atout France", ("office.mentions_legales.immatriculation",), r"im\s?\d{3}"),
        MentionDue(
            "la garantie financière",
            ("office.mentions_legales.garantie_financiere.garant",),
            r"garantie financière|financial (guarantee|protection)",
        ),
        MentionDue(
            "l'assurance de responsabilité civile professionnelle",
            ("office.mentions_legales.rcp.assureur",),
            r"responsabilité civile|liability insurance",
        ),
        MentionDue("le mot « acompte »", ("office.acompte.qualification",), r"acompte|deposit"),
    ),
    signatures=2,
)
