"""What can go wrong, and who can mend it.

There are two shapes, and no third. A mistake in what an agent wrote is data: a ``Problem``, collected, told with the
others and never raised. Whatever ends a task is one of these, and ``str()`` of it is French::

    ToolkitError
    ├── AgentError                  exit 1: what was asked cannot be done; the sentence says what to change
    │   └── FileRefused             a file that cannot be used as it is; a clause, for whoever knows its name
    │       ├── PartUnsound         a part of an Office file that is no XML                formats.office_xml
    │       │   └── PartDeclaring   one that declares words of its own                     formats.office_xml
    │       ├── PackageRefused      an Office file that is not understood in full          formats.package
    │       ├── WordRefused         a Word file that is not opened, and what to do         formats.word_package
    │       ├── ModeleFaulty        a Word model that cannot be filled, and its problems   formats.word
    │       ├── PdfRefused          a PDF that cannot be made, marked or bound             formats.pdf_marks
    │       │   └── PdfUntrue       one with other words than its Word document            formats.pdf_marks
    │       └── RowRefused          a sheet that has no place for a row                    registres.livre
    ├── UsageError                  exit 2: the command itself was mistyped
    ├── EnvironmentRefused          exit 4: file held, disk full, share gone: said, and tried again later
    │   ├── FolderGone              the dossier was renamed meanwhile                      system.files
    │   ├── Unfit                   no file lies there, or one larger than can be          system.files
    │   ├── LeftAlone               a file that someone is at                              system.files
    │   │   ├── Held                they have it open                                      system.files
    │   │   └── Touched             they made or changed it meanwhile                      system.files
    │   └── RootGone                the share is not mounted                               tree.presence
    └── Abandoned                   exit 130: given up on purpose, at a question           poste.questions

Anything else that is raised out of a task is a defect of the toolkit (exit 3). What is tried for many documents at once
and fails for one gives a value instead, ``formats.conversion.NoPdf``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

ChampPath = tuple[str | int, ...]


class Gravite(StrEnum):
    """How much a problem matters."""

    ERREUR = "erreur"
    """Would make a document wrong: the documents that would carry it are not made."""
    AVERTISSEMENT = "avertissement"
    """May still be settled by the agent: blocks nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, in a sentence an agent understands."""

    gravite: Gravite
    message: str
    """French, without the place: file and line stand beside it."""
    path: ChampPath = ()
    """Keys and 0-based positions that lead to the value, as in ``("prestations", 2, "debut")``."""
    ligne: int | None = None
    """1-based line of the file."""
    fichier: str | None = None
    """Path of the file, relative to the root of the tree when it lies in it."""

    @property
    def champ(self) -> str:
        """The place as people write it: positions count from 1, ``prestations[3].debut``."""
        text = ""
        for step in self.path:
            text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
        return text.removeprefix(".")

    @property
    def place(self) -> str:
        """``dossier.toml, ligne 61, tarif.prix_par_personne``: what is known of it, nothing when nothing is."""
        line = f"ligne {self.ligne}" if self.ligne else None
        return ", ".join(filter(None, (self.fichier, line, self.champ)))

    @property
    def told(self) -> str:
        """The place and the message; French, its typography still to be done."""
        return f"{self.place} : {self.message}" if self.place else self.message

    @property
    def is_error(self) -> bool:
        """Its documents are not made; a warning blocks nothing (promesses.md §4)."""
        return self.gravite is Gravite.ERREUR

    def at(self, *, fichier: str | None = None, ligne: int | None = None) -> "Problem":
        """The same problem with its place filled in; what is already known is kept."""
        return replace(self, fichier=self.fichier or fichier, ligne=self.ligne or ligne)


def erreur(message: str, *path: str | int) -> Problem:
    """One that blocks the documents that would carry it; ``path`` as for ``Problem``."""
    return Problem(Gravite.ERREUR, message, path)


def avertissement(message: str, *path: str | int) -> Problem:
    """One that blocks nothing; ``path`` as for ``Problem``."""
    return Problem(Gravite.AVERTISSEMENT, message, path)


def has_error(problems: Iterable[Problem]) -> bool:
    """False for warnings alone."""
    return any(problem.is_error for problem in problems)


class ToolkitError(Exception):
    """A command ends here; ``str()`` is the French sentence for the agent."""

    exit_status = 3


class AgentError(ToolkitError):
    """What was asked cannot be done as it stands."""

    exit_status = 1


class FileRefused(AgentError):
    """A file that cannot be used as it is; a French clause without the file's name."""


class UsageError(ToolkitError):
    """The command was mistyped."""

    exit_status = 2


class EnvironmentRefused(ToolkitError):
    """The machine said no: nothing was lost, and the same command may succeed later."""

    exit_status = 4
