"""What the watcher did, in one dated file a day: a file that is being read can still be written (constats.md §1.6)."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from toolkit.errors import EnvironmentRefused
from toolkit.french import notepad
from toolkit.system import files
from toolkit.tree import layout

DAYS_KEPT = 30
_FOLDER = "journaux"


def write_log(root: Path, text: str, now: datetime) -> None:
    """Add a run to the file of the day; a log that cannot be written stops nothing."""
    folder = root / layout.SUIVI / _FOLDER
    path = folder / f"surveillance {now:%Y-%m-%d}.txt"
    is_new = not os.path.lexists(path)
    try:
        lines = "\n".join([f"── {now:%H:%M:%S}", *text.splitlines(), "", ""])
        files.append(path, notepad(lines, is_beginning=is_new))
        if is_new:
            _forget_old(folder, now)
    except EnvironmentRefused:
        pass


def _forget_old(folder: Path, now: datetime) -> None:
    oldest = f"surveillance {now - timedelta(days=DAYS_KEPT):%Y-%m-%d}.txt"
    for path in folder.glob("surveillance ????-??-??.txt"):
        if path.name < oldest:
            files.remove_own(path)
