"""Whether something moved around a dossier that is to be tried again: a program that closes a file takes its mark away.

Word, Excel and LibreOffice put a file beside the one that they have open, and replace a file to save it: either shows
in the date of the folder that it lies in. One stat a folder; nothing is opened.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from toolkit.tree import layout

Around = Mapping[str, int]
"""Modification time in nanoseconds of each folder that matters."""


def look_around(root: Path, folders: Iterable[Path]) -> Around:
    """The folders themselves, those of people in them, and those above, where the workbooks lie, up to the root."""
    seen: dict[str, int] = {}
    for folder in folders:
        for one in _places(root, folder):
            if one not in seen:
                try:
                    seen[one] = Path(one).stat().st_mtime_ns
                except OSError:
                    continue
    return seen


def moved_around(root: Path, folders: Iterable[Path], before: Around, now: Around) -> list[Path]:
    """Those around which something is not as it was."""
    changed = {one for one in before.keys() | now.keys() if before.get(one) != now.get(one)}
    return [folder for folder in folders if changed and not changed.isdisjoint(_places(root, folder))]


def _places(root: Path, folder: Path) -> list[str]:
    start = layout.start_of(str(folder))
    inside = [f"{start}{name}" for name in layout.SOUS_DOSSIERS]
    above = [str(one) for one in folder.parents if one.is_relative_to(root)]
    return [str(folder), *inside, *above]
