"""What processes that were killed left of ours, beside the dossiers themselves: swept by every command that writes."""

from pathlib import Path

from toolkit.system import files, locks, workplace
from toolkit.tree import layout


def sweep(root: Path) -> None:
    """Temporary files at the root, locks of the dead, papers of clients in the folder of temporary files."""
    files.sweep(root)
    locks.sweep(root / layout.VERROUS)
    workplace.sweep()
