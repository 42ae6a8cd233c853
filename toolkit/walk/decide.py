"""What to do with each file of a dossier, and why. Pure: a step is a value that may be applied, or only shown.

Who may write what: promesses.md §3. A document that a human changed is never touched again; one that was sent or
signed is frozen; a document of ours that nobody touched may be replaced, and the former one is kept.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from toolkit import french
from toolkit.documents.document import Document
from toolkit.documents.engagements import changed, is_coordinate
from toolkit.errors import Problem, avertissement, erreur
from toolkit.tree.layout import first_free


class Action(StrEnum):
    """What happens to one file."""

    CREER = "creer"
    REMPLACER = "remplacer"
    CONSERVER = "conserver"
    ARCHIVER = "archiver"
    ATTENDRE = "attendre"


@dataclass(frozen=True, slots=True)
class Written:
    """What we remember of a file we wrote."""

    code: str
    """Which document it is, as ``contrat`` or ``bon P3 resto-pollet``."""
    sha256: str
    """Of the bytes we wrote: a file that has others was changed by a human."""
    fait_le: str
    """ISO date."""
    made_of: str = ""
    """Hash of the Word document as its model made it, before it was given what it tells of itself."""
    inputs: str = ""
    """Hash of all that its model was filled from; equal means that it would come out the same."""
    source: str = ""
    """Hash of what a PDF is drawn from."""
    modele: str = ""
    """Hash of the Word model."""
    engagements: Mapping[str, str] = field(default_factory=dict)
    """What it commits to: each name that its model said, with the hash of its value."""
    manquants: tuple[str, ...] = ()
    """What it says is still to be filled in."""
    avant: str = ""
    """Hash of our former bytes: all this is noted first, so after a kill the file may still hold them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file, what happens to it, and why. By itself it changes nothing: the file is kept, or waits."""

    action: Action
    fichier: str
    """Relative to the dossier folder, with ``/``."""
    raison: str

    @property
    def told(self) -> "Step":
        """The same without the bytes that it writes: what reports keep of it, of thousands of dossiers."""
        return Step(self.action, self.fichier, self.raison)


@dataclass(frozen=True, slots=True)
class WriteWord(Step):
    """A Word document put in place."""

    content: bytes
    written: Written


@dataclass(frozen=True, slots=True)
class MakePdf(Step):
    """A PDF made of a Word document, finished and put in place."""

    word: bytes
    finish: Callable[[bytes, bytes], bytes]
    """From ``word`` and the PDF that LibreOffice makes of it to the one that is kept; raises PdfRefused."""
    written: Written
    """Its ``sha256`` is known once it is made."""


@dataclass(frozen=True, slots=True)
class PutAway(Step):
    """A former document of ours moved to « Remplacés »."""


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
class Rendered:
    """A Word document as its model makes it now."""

    document: Document
    content: bytes | None
    """None: the file that stands holds it, nothing was filled."""
    written: Written


FAITS_CHANGES = "déjà envoyé ou signé, mais les faits ont changé depuis : noter un avenant, ou rétablir les faits"
"""The reason that is also reported as a problem."""
_KEPT = "l'ancien est gardé dans « Remplacés »"
_NAMED = 4
"""Changed facts that are told by their names."""


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

    def later(number: int) -> str:
        return str(path.with_name(f"{path.stem}{suite.format(number)}{path.suffix}"))

    return first_free(later, taken.__contains__)


def decide_word(rendered: Rendered, disk: Disk) -> Step:
    """What to do with a Word document, knowing what it would be now."""
    document, written = rendered.document, rendered.written
    current = current_version(document.fichier, document.suite, disk)
    if current is None:
        return _write(Action.CREER, document.fichier, f"{document.titre} à établir", rendered)
    known = disk.written.get(current)
    if written.sha256 == disk.hashes[current]:
        return Step(Action.CONSERVER, current, "à jour")
    if known and known.made_of == written.made_of and disk.is_as_written(current):
        return Step(Action.CONSERVER, current, "à jour")
    if known and known.made_of == written.made_of and not disk.is_ours(current):
        return Step(Action.CONSERVER, current, "modifié à la main : gardé tel quel")
    if document.is_frozen:
        raison = FAITS_CHANGES if _is_serious(rendered, known) else "déjà envoyé ou signé : figé"
        return Step(Action.CONSERVER, current, raison)
    if known and disk.is_ours(current):
        is_model = known.modele != written.modele and not changed(known.engagements, written.engagements)
        raison = f"{'le modèle a changé' if is_model else 'faits changés'} ; {_KEPT}"
        return _write(Action.REMPLACER, current, raison, rendered)
    raison = f"« {PurePosixPath(current).name} » a été modifié à la main : gardé, nouvelle version à côté"
    return _write(Action.CREER, next_version(document.fichier, document.suite, disk.hashes), raison, rendered)


def _write(action: Action, fichier: str, raison: str, rendered: Rendered) -> WriteWord:
    assert rendered.content is not None, "what stands as it would be made is kept"
    return WriteWord(action, fichier, raison, rendered.content, rendered.written)


def untrue(rendered: Rendered, disk: Disk) -> Problem | None:
    """What a paper that was sent or signed says, and the facts no longer do (promesses.md §6)."""
    document = rendered.document
    current = current_version(document.fichier, document.suite, disk) if document.is_frozen else None
    known = disk.written.get(current) if current else None
    if current is None or known is None:
        return None
    names = changed(known.engagements, rendered.written.engagements)
    told = french.liste(names if len(names) <= _NAMED else [*names[: _NAMED - 1], "d'autres"])
    what = f"« {PurePosixPath(current).name} » : "
    if _is_serious(rendered, known):
        return erreur(f"{what}{FAITS_CHANGES} (voir {told})")
    return avertissement(f"{what}déjà envoyé ou signé, avec d'autres coordonnées : {told}") if names else None


def _is_serious(rendered: Rendered, known: Written | None) -> bool:
    """Whether what was agreed has changed, and not only how to reach someone."""
    then = known.engagements if known else {}
    return any(not is_coordinate(name) for name in changed(then, rendered.written.engagements))


def current_version(fichier: str, suite: str, disk: Disk) -> str | None:
    """The last version of a file that exists, if any does: the one that counts."""
    existing = versions(fichier, suite, disk.hashes)
    return existing[-1] if existing else None


def decide_pdf(fichier: str, suite: str, source: str, disk: Disk, *, is_frozen: bool) -> Step:
    """What to do with a PDF that would be made from something of hash ``source``."""
    current = current_version(fichier, suite, disk)
    if current is None:
        return Step(Action.CREER, fichier, "PDF à faire")
    known = disk.written.get(current)
    if known and known.source == source and (disk.is_as_written(current) or not disk.is_ours(current)):
        return Step(Action.CONSERVER, current, "à jour" if disk.is_ours(current) else "modifié à la main : gardé")
    if is_frozen:
        return Step(Action.CONSERVER, current, "déjà envoyé ou signé : figé")
    if disk.is_ours(current):
        return Step(Action.REMPLACER, current, f"ce dont il est tiré a changé ; {_KEPT}")
    return Step(Action.CREER, next_version(fichier, suite, disk.hashes), "le PDF présent n'est pas le nôtre : gardé")


def decide_put_away(formers: Iterable[str], raison: str, disk: Disk) -> list[PutAway]:
    """Former versions of ours leave the folder for « Remplacés »; one that a human changed stays where it is."""
    return [PutAway(Action.ARCHIVER, name, raison) for name in formers if name in disk.hashes and disk.is_ours(name)]
