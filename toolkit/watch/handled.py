"""Which files the last watcher of a tree left handled, so that the next one does not look into ten years again.

Believed only on the same day, by the same version with the same means: deadlines move with the day, documents with the
others. Can be deleted: everything is then looked at once more.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from toolkit.tree import layout
from toolkit.tree.layout import Stamp
from toolkit.watch import bookkeeping

_FILE = "vus.json"


def load_handled(root: Path, moment: str) -> dict[str, Stamp]:
    """By path; empty when it was left at another ``moment``, or cannot be read."""
    try:
        known = json.loads(bookkeeping.read(root, _FILE) or b"{}")
        if known.get("moment") != moment:
            return {}
        start = layout.start_of(str(root))
        return {f"{start}{name}": (size, modified) for name, (size, modified) in known["fichiers"].items()}
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return {}


def save_handled(root: Path, moment: str, handled: Mapping[str, Stamp]) -> None:
    """Kept for ``load_handled`` of the same ``moment``; raises EnvironmentRefused."""
    start = len(layout.start_of(str(root)))
    known = {"moment": moment, "fichiers": {path[start:]: stamp for path, stamp in handled.items()}}
    bookkeeping.write(root, _FILE, json.dumps(known).encode())
