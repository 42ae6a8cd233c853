"""Which documents of a dossier are due, and what to do with each file. Pure: a plan is a value that may be applied.

Who may write what: design §3. A document that a human changed is never touched again; one that was sent or signed
is frozen; a document of ours that nobody touched may be replaced, and the former one is kept.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from toolkit import french, tree
from toolkit.dossier.classement import Typologie
from toolkit.dossier.etat import Etat
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.niveaux import Niveau
from toolkit.errors import ChampPath, Problem


class Action(StrEnum):
    """What happens to one file."""

    CREER = "creer"
    REMPLACER = "remplacer"
    CONSERVER = "conserver"
    ARCHIVER = "archiver"
    ATTENDRE = "attendre"


@dataclass(frozen=True, slots=True)
class Step:
    """One file, what happens to it, and why."""

    action: Action
    fichier: str
    """Relative to the dossier folder, with ``/``."""
    raison: str


@dataclass(frozen=True, slots=True)
class Copie:
    """A PDF made of a Word document, marked with its holder."""

    suffixe: str
    """Added to the stem of the Word file, as `` - exemplaire client``."""
    mention: str
    """Printed at the top of each page."""


@dataclass(frozen=True, slots=True)
class Attendu:
    """A document that this dossier has, will have, or waits for."""

    code: str
    titre: str
    modele: str
    fichier: str
    """The Word file, relative to the dossier folder."""
    copies: tuple[Copie, ...]
    attend: tuple[str, ...] = ()
    """What it still waits for; empty when it is due."""
    is_frozen: bool = False
    """Sent or signed: what exists is not rewritten."""
    faits: str = ""
    """The facts it commits to, in one text."""


# The blocks of dossier.toml that a contract carries: an error elsewhere does not stop it.
_CONTRAT_PORTE = {
    "reference",
    "intitule",
    "agent",
    "client",
    "sejour",
    "effectif",
    "tarif",
    "prestations",
    "contrat",
    "paiement",
}
_NOT_IN_CONTRAT = {"option", "menu", "bon_echange", "facture", "achat", "encaissements"}


def is_carried_by_contrat(path: ChampPath) -> bool:
    """Whether a wrong value at this place would make a contract wrong; a problem of the whole file always does."""
    return not path or (path[0] in _CONTRAT_PORTE and not _NOT_IN_CONTRAT.intersection(path))


def attendus(fiche: Fiche, problems: Iterable[Problem]) -> list[Attendu]:
    """The documents of a dossier, in the order of its folders (design §4)."""
    dossier = fiche.dossier
    if fiche.etat in (Etat.ANNULE, Etat.SANS_SUITE) or dossier.reference is None or dossier.devis.envoye_le is None:
        return []
    return [_contrat(fiche, problems)]


def _contrat(fiche: Fiche, problems: Iterable[Problem]) -> Attendu:
    dossier = fiche.dossier
    waits: list[str] = []
    if not dossier.devis.accepte_le:
        waits.append("l'acceptation du devis")
    else:
        waits += dict.fromkeys(label for _, label in fiche.manques(Niveau.CONTRAT))
        missing = {path for path, _ in fiche.manques(Niveau.CONTRAT)}
        wrong = [p for p in problems if p.is_error and p.path not in missing and is_carried_by_contrat(p.path)]
        if wrong:
            places = french.liste(list(dict.fromkeys(p.champ or "le fichier" for p in wrong)))
            waits.append(f"la correction de {places}")
    contrat = dossier.contrat
    return Attendu(
        code="contrat",
        titre="Contrat",
        modele=f"contrat_{Typologie(fiche.cadre.typologie).value}.docx",
        fichier=f"3 Contrat/Contrat {dossier.reference}.docx",
        copies=(
            Copie(" - exemplaire client", "Exemplaire client"),
            Copie(" - exemplaire office", "Exemplaire office"),
        ),
        attend=tuple(waits),
        is_frozen=bool(contrat.envoye_client_le or contrat.signe_client_le or contrat.signe_direction_le),
        faits=_faits_du_contrat(fiche),
    )


def _faits_du_contrat(fiche: Fiche) -> str:
    """What the contract commits both parties to: a change of it after the sending needs an avenant."""
    dossier = fiche.dossier
    facts = dossier.model_dump(
        mode="json",
        include={
            "reference": True,
            "client": {"nom", "adresse", "code_postal", "commune"},
            "sejour": {"debut", "fin", "heure_arrivee", "heure_depart", "lieu_accueil", "exigences_acceptees"},
            "effectif": True,
            "tarif": True,
            "prestations": {
                "__all__": {"libelle", "detail", "date", "date_fin", "debut", "fin", "lieu", "prestataire"}
            },
            "paiement": {"mode"},
        },
    )
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def versions(fichier: str, existing: Iterable[str]) -> list[str]:
    """The file and its later versions that exist, oldest first."""
    path = PurePosixPath(fichier)
    pattern = re.compile(rf"{re.escape(path.stem)}(?: v(\d+))?{re.escape(path.suffix)}")
    found = []
    for name in existing:
        candidate = PurePosixPath(name)
        match = pattern.fullmatch(candidate.name)
        if match and candidate.parent == path.parent:
            found.append((int(match[1] or 1), name))
    return [name for _, name in sorted(found)]


def version_of(fichier: str) -> int:
    """The number in ``Contrat X v2.docx``; 1 when there is none."""
    match = re.search(r" v(\d+)(?= |$)", PurePosixPath(fichier).stem)
    return int(match[1]) if match else 1


def next_version(fichier: str, existing: Iterable[str]) -> str:
    """``Contrat X v2.docx``: a number that no file bears."""
    taken = versions(fichier, existing)
    path = PurePosixPath(fichier)
    number = 2
    while (name := str(path.with_name(f"{path.stem} v{number}{path.suffix}"))) in taken:
        number += 1
    return name


@dataclass(frozen=True, slots=True)
class Written:
    """A document we wrote."""

    code: str
    """Which document it is, as ``contrat``."""
    sha256: str
    """Of the bytes we wrote: a file that has others was changed by a human."""
    source: str
    """Hash of all it was made from; equal means that it would come out the same."""
    fait_le: str
    """ISO date."""
    faits: str = ""
    """Hash of the facts it commits to, for a document that is frozen once sent."""
    modele: str = ""
    """Hash of the Word model."""
    manquants: tuple[str, ...] = ()
    """What it says is still to be filled in."""


@dataclass(frozen=True, slots=True)
class Disk:
    """What lies in a dossier folder, as far as documents go."""

    hashes: Mapping[str, str]
    """sha256 by relative path."""
    written: Mapping[str, Written]
    """What we remember having written."""

    def is_ours(self, fichier: str) -> bool:
        """We wrote it and nobody touched it since."""
        known = self.written.get(fichier)
        return known is not None and known.sha256 == self.hashes.get(fichier)


def plan_word(attendu: Attendu, rendered: str, faits: str, modele: str, disk: Disk) -> Step:
    """What to do with a Word document whose new bytes have the hash ``rendered``."""
    existing = versions(attendu.fichier, disk.hashes)
    if not existing:
        return Step(Action.CREER, attendu.fichier, f"{attendu.titre} à établir")
    current = existing[-1]
    known = disk.written.get(current)
    if rendered == disk.hashes[current] or (known and known.sha256 == rendered):
        raison = "à jour" if rendered == disk.hashes[current] else "modifié à la main : gardé tel quel"
        return Step(Action.CONSERVER, current, raison)
    if attendu.is_frozen:
        # A corrected model is no change of facts: only those tell that an avenant is missing.
        if known and known.faits and known.faits != faits:
            return Step(Action.CONSERVER, current, FAITS_CHANGES)
        return Step(Action.CONSERVER, current, "déjà envoyé ou signé : figé")
    if disk.is_ours(current):
        raison = "le modèle a changé" if known and known.faits == faits and known.modele != modele else "faits changés"
        return Step(Action.REMPLACER, current, f"{raison} ; l'ancien est gardé dans « {tree.REMPLACES} »")
    raison = f"« {PurePosixPath(current).name} » a été modifié à la main : gardé, nouvelle version à côté"
    return Step(Action.CREER, next_version(attendu.fichier, disk.hashes), raison)


FAITS_CHANGES = "déjà envoyé ou signé, mais les faits ont changé depuis : noter un avenant, ou rétablir les faits"
"""The reason that is also reported as a problem."""


def plan_pdf(fichier: str, source: str, disk: Disk, *, is_frozen: bool) -> Step:
    """What to do with a PDF that would be made from something of hash ``source``."""
    if fichier not in disk.hashes:
        return Step(Action.CREER, fichier, "PDF à faire")
    known = disk.written.get(fichier)
    if known and known.source == source:
        return Step(Action.CONSERVER, fichier, "à jour" if disk.is_ours(fichier) else "modifié à la main : gardé")
    if is_frozen:
        return Step(Action.CONSERVER, fichier, "déjà envoyé ou signé : figé")
    if disk.is_ours(fichier):
        return Step(Action.REMPLACER, fichier, f"le Word a changé ; l'ancien est gardé dans « {tree.REMPLACES} »")
    return Step(Action.CREER, next_version(fichier, disk.hashes), "le PDF présent n'est pas le nôtre : gardé")
