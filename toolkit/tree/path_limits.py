"""How long a path may be: a file server takes longer ones than the desktops can open.

Windows stops at 259 characters, Excel at 218, whatever the machine that wrote the file. What counts is the path as the
desktops see it, told in office.toml, and on a desktop itself the one that it works on.
"""

import os
import re
from pathlib import Path

from toolkit.dossier.classement import Statut
from toolkit.dossier.office import Office
from toolkit.tree import layout

_WINDOWS = 259
_EXCEL = 218
_INSIDE = 62
"""What the documents of a dossier need below its folder, less what the office keeps in hand (19 of 259)."""
_SHORTEST = 5
_PARTS = re.compile(r"(\d{4}-\d\d-\d\d )?(.*?)( \d+p)?")


def excess(root: Path, office: Office, path: Path) -> int:
    """By how many characters a file would be out of the reach of the desktops; 0 when they can open it."""
    return max(0, _length(root, office, path) - (_EXCEL if path.suffix == ".xlsx" else _WINDOWS))


def folder_excess(root: Path, office: Office, folder: Path) -> int:
    """The same of a new dossier's folder, with room for the documents to come and what the office keeps in hand."""
    limit = min(office.arborescence.longueur_chemin_max, _WINDOWS) - _INSIDE
    return max(0, _length(root, office, folder) - limit)


def room(root: Path, office: Office, folder: Path) -> int | None:
    """How many characters a path may have below a dossier folder, wherever it will be put away; None: as many as any.

    « Dossier annulé ou sans suite » is longer than « Dossier en cours »: what is made today has to be opened there.
    """
    longest = max((folder.parent.name, *map(office.nom_statut, Statut)), key=len)
    length = _length(root, office, folder.parent.with_name(longest) / folder.name)
    return max(0, _WINDOWS - length - 1) if length else None


def shorten(name: str, by: int) -> tuple[str, str] | None:
    """A client's name cut between two words, and the folder's name with it: the date and « 42p » stay.

    None when there would be nothing left to tell clients apart.
    """
    parts = _PARTS.fullmatch(name)
    start, client, end = parts.groups(default="") if parts else ("", name, "")
    if len(client) - by < _SHORTEST:
        return None
    short = layout.safe_name(client, len(client) - by)
    return short, f"{start}{short}{end}"


def _length(root: Path, office: Office, path: Path) -> int:
    """In UTF-16, as Windows counts; 0 where nobody said how the desktops see the tree."""
    seen = [str(path)] if os.name == "nt" else []
    if office.arborescence.vu_des_postes:
        seen.append(f"{office.arborescence.vu_des_postes.rstrip(chr(92))}\\{path.relative_to(root)}")
    return max((len(one.encode("utf-16-le", errors="surrogatepass")) // 2 for one in seen), default=0)
