"""What to do with each file of a dossier, and why. Pure: a plan is a value that may be applied, or only shown.

Who may write what: design §3. A document that a human changed is never touched again; one that was sent or signed
is frozen; a document of ours that nobody touched may be replaced, and the former one is kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


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
class Written:
    """What we remember of a file we wrote."""

    code: str
    """Which document it is, as ``contrat`` or ``bon P3 resto-pollet``."""
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
    avant: str = ""
    """Hash of our former bytes: all this is noted first, so after a kill the file may still hold them."""


@dataclass(frozen=True, slots=True)
class Disk:
    """What lies in a dossier folder, as far as documents go."""

    hashes: Mapping[str, str]
    """sha256 by relative path."""
    written: Mapping[str, Written]
    """What we remember having written."""

    def is_as_written(self, fichier: str) -> bool:
        """It holds the bytes that we wrote last."""
        known = self.written.get(fichier)
        return known is not None and known.sha256 == self.hashes.get(fichier)

    def is_ours(self, fichier: str) -> bool:
        """We wrote it and nobody touched it since, even if a kill left our former bytes in place."""
        known = self.written.get(fichier)
        return known is not None and self.hashes.get(fichier) in (known.sha256, known.avant)


@dataclass(frozen=True, slots=True)
class Rendu:
    """A Word document as it would be written now."""

    titre: str
    fichier: str
    """Where the first of its versions goes."""
    suite: str
    """How the next version is called when a human owns the present one: `` v{}`` or `` ({})``."""
    sha256: str
    faits: str
    modele: str
    is_frozen: bool


FAITS_CHANGES = "déjà envoyé ou signé, mais les faits ont changé depuis : noter un avenant, ou rétablir les faits"
"""The reason that is also reported as a problem."""
_KEPT = "l'ancien est gardé dans « Remplacés »"


def versions(fichier: str, suite: str, existing: Iterable[str]) -> list[str]:
    """The file and its later versions that exist, oldest first."""
    suffix = PurePosixPath(fichier).suffix
    stem = fichier.removesuffix(suffix)
    number = re.compile(re.escape(suite).replace(re.escape("{}"), r"(\d+)"))
    found = []
    for name in existing:
        if name == fichier:
            found.append((1, name))
        elif name.startswith(stem) and name.endswith(suffix):
            if match := number.fullmatch(name, len(stem), len(name) - len(suffix)):
                found.append((int(match[1]), name))
    return [name for _, name in sorted(found)]


def next_version(fichier: str, suite: str, existing: Iterable[str]) -> str:
    """``Contrat X v2.docx``: a number that no file bears."""
    taken = versions(fichier, suite, existing)
    path = PurePosixPath(fichier)
    number = 2
    while (name := str(path.with_name(f"{path.stem}{suite.format(number)}{path.suffix}"))) in taken:
        number += 1
    return name


def plan_word(rendu: Rendu, disk: Disk) -> Step:
    """What to do with a Word document, knowing what it would be now."""
    existing = versions(rendu.fichier, rendu.suite, disk.hashes)
    if not existing:
        return Step(Action.CREER, rendu.fichier, f"{rendu.titre} à établir")
    current = existing[-1]
    known = disk.written.get(current)
    if rendu.sha256 == disk.hashes[current]:
        return Step(Action.CONSERVER, current, "à jour")
    if known and known.sha256 == rendu.sha256 and not disk.is_ours(current):
        return Step(Action.CONSERVER, current, "modifié à la main : gardé tel quel")
    if rendu.is_frozen:
        # A corrected model is no change of facts: only those tell that an avenant is missing.
        is_changed = known is not None and known.faits not in ("", rendu.faits)
        return Step(Action.CONSERVER, current, FAITS_CHANGES if is_changed else "déjà envoyé ou signé : figé")
    if disk.is_ours(current):
        is_model = known is not None and known.faits == rendu.faits and known.modele != rendu.modele
        return Step(Action.REMPLACER, current, f"{'le modèle a changé' if is_model else 'faits changés'} ; {_KEPT}")
    raison = f"« {PurePosixPath(current).name} » a été modifié à la main : gardé, nouvelle version à côté"
    return Step(Action.CREER, next_version(rendu.fichier, rendu.suite, disk.hashes), raison)


def plan_pdf(fichier: str, suite: str, source: str, disk: Disk, *, is_frozen: bool) -> Step:
    """What to do with a PDF that would be made from something of hash ``source``."""
    if fichier not in disk.hashes:
        return Step(Action.CREER, fichier, "PDF à faire")
    known = disk.written.get(fichier)
    if known and known.source == source and (disk.is_as_written(fichier) or not disk.is_ours(fichier)):
        return Step(Action.CONSERVER, fichier, "à jour" if disk.is_ours(fichier) else "modifié à la main : gardé")
    if is_frozen:
        return Step(Action.CONSERVER, fichier, "déjà envoyé ou signé : figé")
    if disk.is_ours(fichier):
        return Step(Action.REMPLACER, fichier, f"ce dont il est tiré a changé ; {_KEPT}")
    return Step(Action.CREER, next_version(fichier, suite, disk.hashes), "le PDF présent n'est pas le nôtre : gardé")


def plan_archive(formers: Iterable[str], raison: str, disk: Disk) -> list[Step]:
    """Former versions of ours leave the folder for « Remplacés »; one that a human changed stays where it is."""
    return [Step(Action.ARCHIVER, name, raison) for name in formers if name in disk.hashes and disk.is_ours(name)]
