"""What the watcher did, in dated files: one that is being read can still be written (constats.md §1.6).

Bounded in bytes, a day and in all: the newest is kept, and where something was left out it is said.
"""

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from toolkit.errors import EnvironmentRefused
from toolkit.french import notepad
from toolkit.system import files
from toolkit.tree import layout
from toolkit.watch import bookkeeping

DAYS_KEPT = 30
FILE_BYTES = 1 << 20
FILES_A_DAY = 4
ALL_BYTES = 20 << 20
_TEXT_MAX = 100_000
"""Characters told at once."""
_FOLDER = "journaux"
_NAME = re.compile(r"surveillance (\d{4}-\d\d-\d\d)(?: \((\d+)\))?\.txt")


class _Part(NamedTuple):
    """One file: most days have one, a day with much to tell has several."""

    jour: str
    number: int

    @property
    def name(self) -> str:
        return f"surveillance {self.jour}{f' ({self.number})' if self.number > 1 else ''}.txt"


def write_log(root: Path, text: str, now: datetime) -> None:
    """Add what was told to the file of the day; a log that cannot be written stops nothing."""
    if len(text) > _TEXT_MAX:
        text = f"{text[:_TEXT_MAX]}\n[la suite, trop longue, n'est pas gardée]"
    lines = "\n".join([f"── {now:%H:%M:%S}", *text.splitlines(), "", ""])
    # A name that is not UTF-8 is part of what is told.
    content = notepad(lines.encode(errors="replace").decode(), is_beginning=False)
    try:
        folder = root / layout.SUIVI / _FOLDER
        known = _parts(folder)
        last = max((one for one in known if one.jour == f"{now:%Y-%m-%d}"), default=None)
        if last is None or not _has_room(folder / last.name, len(content)):
            part = _Part(f"{now:%Y-%m-%d}", last.number + 1 if last else 1)
            content = notepad(_heading(part)) + content
            _forget_old(folder, known, part)
        else:
            part = last
        bookkeeping.append(root, f"{_FOLDER}/{part.name}", content)
    except (OSError, EnvironmentRefused):
        pass


def _parts(folder: Path) -> list[_Part]:
    if not folder.is_dir():
        return []
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return [_Part(match[1], int(match[2] or 1)) for match in found if match]


def _has_room(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size + size <= FILE_BYTES


def _heading(part: _Part) -> str:
    if part.number == 1:
        return ""
    kept = "" if part.number <= FILES_A_DAY else " ; le début de la journée, trop long, n'est pas gardé"
    return f"[suite de la journée{kept}]\n\n"


def _forget_old(folder: Path, known: list[_Part], new: _Part) -> None:
    """Counted, not dated: a clock that is a year ahead for an hour takes nothing away."""
    room = ALL_BYTES - FILE_BYTES
    jours = {new.jour}
    of_today = 1
    for part in sorted(known, reverse=True):
        path = folder / part.name
        jours.add(part.jour)
        of_today += part.jour == new.jour
        is_over = part.jour == new.jour and of_today > FILES_A_DAY
        with suppress(OSError, EnvironmentRefused):
            room -= path.stat().st_size
            if is_over or len(jours) > DAYS_KEPT or room < 0:
                files.remove_own(path)
