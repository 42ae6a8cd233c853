"""The gestures of a desktop: a double click, or folders and files dropped, become a command of the toolkit.

Which tree, which dossier: from what was dropped, then from where the script lies, then from the last time, else asked.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Statut
from toolkit.dossier.etat import Etat
from toolkit.errors import AgentError, ToolkitError
from toolkit.gestes.nouveau import create_dossier
from toolkit.gestes.tableau_de_bord import TABLEAU
from toolkit.poste.questions import Conversation, ask_until_made
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk.case import open_dossier, read_case

LIGNE = "TOOLKIT_LIGNE"
"""The command line of the script that was clicked, as the system gave it: what was dropped, before cmd reads it."""
_MEMOIRE = "racine.txt"
_COPIE = re.compile(r" COPIE( \(\d+\))?$")
_ARGUMENT = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True)
class Poste:
    """The person and the machine in front of the gesture."""

    talk: Conversation
    run: Callable[[Sequence[str]], int]
    """A command of the toolkit; gives its exit status."""
    show: Callable[[Path], None]
    """Opens a file or a folder with the desktop's own program."""
    maintenant: datetime


@dataclass(frozen=True)
class Depot:
    """What a gesture was done on."""

    ici: Path | None
    """The folder where the script lies."""
    chemins: Sequence[Path]
    """What was dropped on it."""


def dropped(script: str, line: str, arguments: Sequence[str]) -> list[Path]:
    """What was dropped on a script.

    Explorer quotes only the names that hold a space, and cmd takes « & » and « ^ » in the others for its own; the line
    that the system gave to cmd has them all. A script that is called from a prompt is not in that line.
    """
    found = re.search(f'{re.escape(script)}"', line, re.IGNORECASE) if script else None
    if found is None:
        return [Path(one) for one in arguments]
    rest = line[found.end() :].rstrip()
    if rest.count('"') % 2:  # the quote that closes the whole line
        rest = rest[: rest.rindex('"')]
    return [Path(quoted or bare) for quoted, bare in _ARGUMENT.findall(rest)]


def perform(nom: str, depot: Depot, poste: Poste) -> int:
    """Do one gesture; gives the exit status of its command."""
    return GESTES[nom](depot, poste)


# --- where ----------------------------------------------------------------------------------------------------------


def _root(depot: Depot, poste: Poste) -> Path:
    """The tree that the gesture is about."""
    known = _root_above(depot.chemins[0]) if depot.chemins else None
    known = known or _root_above(depot.ici) or _root_above(_remembered())
    while known is None:
        known = _root_above(
            _ask_path(poste, "Glisser ici le dossier de l'arborescence (celui d'office.toml), puis Entrée")
        )
        if known is None:
            poste.talk.tell(french.typography(f"  Il n'y a pas d'{layout.OFFICE} dans ce dossier ni au-dessus."))
    _remember(known)
    return known


def _root_above(path: Path | None) -> Path | None:
    if path is None:
        return None
    try:
        return layout.find_root(path)
    except (AgentError, OSError):  # the system knows no such name at all
        return None


def _memoire() -> Path:
    home = os.environ.get("LOCALAPPDATA") or Path.home() / ".local/share"
    return Path(home) / "toolkit" / _MEMOIRE


def _remembered() -> Path | None:
    try:
        content = files.read_if_there(_memoire())
    except ToolkitError:  # a convenience only: it will be asked
        return None
    return Path(content.decode("utf-8", errors="replace").strip()) if content else None


def _remember(root: Path) -> None:
    try:
        if _remembered() != root:
            files.write_own(_memoire(), str(root).encode())
    except ToolkitError:  # a convenience only: it will be asked again
        pass


def _ask_path(poste: Poste, texte: str) -> Path:
    def read(answer: str) -> Path:
        path = Path(answer.strip().strip('"'))
        if not answer or not path.exists():
            raise AgentError(f"« {answer} » n'existe pas : glisser le dossier ou le fichier dans cette fenêtre.")
        return path

    return poste.talk.question(texte, read)


def _places(depot: Depot, poste: Poste) -> list[str]:
    """What was dropped; else the part of the tree where the script lies, or the whole tree."""
    if depot.chemins:
        return [str(path) for path in depot.chemins]
    root = _root(depot, poste)
    office = load_settings(root).office
    if depot.ici and depot.ici.absolute().is_relative_to(root):
        inside = depot.ici.absolute().relative_to(root).parts
        if inside and layout.parse_typologie(inside[0], office):
            return [str(depot.ici)]
    return [str(root)]


# --- gestures -------------------------------------------------------------------------------------------------------


def _nouveau(depot: Depot, poste: Poste) -> int:
    settings = load_settings(_root(depot, poste))
    maintenant = _maintenant(settings, poste)
    created = ask_until_made(poste.talk, settings.office, maintenant, partial(create_dossier, settings))
    poste.talk.tell(created.as_text())
    poste.show(created.folder)
    return created.exit_status


def _maintenant(settings: Settings, poste: Poste) -> datetime:
    """The clock, on the day of the example tree when it is one."""
    return datetime.combine(settings.office.jour_de_demonstration or poste.maintenant.date(), poste.maintenant.time())


def _verifier(depot: Depot, poste: Poste) -> int:
    return poste.run(["verifier", *_places(depot, poste)])


def _generer(depot: Depot, poste: Poste) -> int:
    return poste.run(["generer", *_places(depot, poste)])


def _copie(depot: Depot, poste: Poste) -> int:
    chemins = depot.chemins or [_ask_path(poste, "Glisser ici le PDF à copier avec le filigrane COPIE, puis Entrée")]
    pdfs: list[Path] = []
    for path in chemins:
        pdfs += _pdfs(path) if path.is_dir() else [path]
    if not pdfs:
        raise AgentError("Aucun PDF dans ce qui a été déposé.")
    return poste.run(["copie", *map(str, pdfs)])


def _pdfs(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.casefold() == ".pdf")
    return [path for path in found if not _COPIE.search(path.stem)]


def _recap(depot: Depot, poste: Poste) -> int:
    return poste.run(["recap", str(_root(depot, poste))])


def _tableau(depot: Depot, poste: Poste) -> int:
    root = _root(depot, poste)
    status = poste.run(["tableau", str(root)])
    if (root / TABLEAU).is_file():
        poste.show(root / TABLEAU)
    return status


def _diagnostic(depot: Depot, poste: Poste) -> int:
    known = next(filter(None, map(_root_above, (*depot.chemins, depot.ici, _remembered()))), None)
    return poste.run(["diagnostic", *([str(known)] if known else [])])


def _classer(depot: Depot, poste: Poste) -> int:
    """Each dossier that was dropped, else the one where the script lies, else one that is asked for."""
    chemins = list(depot.chemins)
    if not chemins and depot.ici and (layout.enclosing_folder(depot.ici) / layout.DOSSIER).is_file():
        chemins = [depot.ici]
    chemins = chemins or [_ask_path(poste, "Glisser ici le dossier du client à classer, puis Entrée")]
    return max(_classer_un(path, poste) for path in chemins)


def _classer_un(path: Path, poste: Poste) -> int:
    settings, found = open_dossier(path)
    fiche = read_case(found, settings, _maintenant(settings, poste).date()).fiche
    etat = fiche.etat if fiche else None
    said = f" – {fiche.libelle_etat}" if fiche else ""
    poste.talk.tell(french.typography(f"\n« {found.path.name} »{said}"))
    wanted = poste.talk.choice("Où le ranger ?", _STATUTS, (etat.statut if etat else found.statut).value)
    motif: list[str] = []
    if wanted == Statut.ANNULE and etat not in (Etat.ANNULE, Etat.SANS_SUITE):
        motif = ["--motif", poste.talk.question("Pourquoi s'arrête-t-il ?", _needed)]
    return poste.run(["classer", str(found.path), wanted, *motif])


def _needed(answer: str) -> str:
    if not answer:
        raise AgentError("Il faut un motif, même court ; « q » abandonne.")
    return answer


_STATUTS = (("en_cours", "en cours"), ("traite", "traité"), ("annule", "annulé ou sans suite"))

GESTES: dict[str, Callable[[Depot, Poste], int]] = {
    "nouveau": _nouveau,
    "verifier": _verifier,
    "generer": _generer,
    "copie": _copie,
    "recap": _recap,
    "classer": _classer,
    "tableau": _tableau,
    "diagnostic": _diagnostic,
}
