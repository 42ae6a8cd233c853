"""What the watcher keeps for itself below the ``_suivi`` of the root: read in any state, written with care."""

from pathlib import Path

from toolkit.errors import EnvironmentRefused
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.presence import check_root


def read(root: Path, name: str) -> bytes | None:
    """None for what is not there, is no plain file of a likely size, or is kept from us."""
    try:
        return files.read_if_there(root / layout.SUIVI / name)
    except EnvironmentRefused:
        return None


def write(root: Path, name: str, content: bytes) -> None:
    """In place of whatever lies there; raises RootGone, EnvironmentRefused."""
    check_root(root)
    files.write_own(root / layout.SUIVI / name, content, home=root, is_durable=False)


def append(root: Path, name: str, content: bytes) -> None:
    """At the end of a file; raises RootGone, EnvironmentRefused."""
    check_root(root)
    files.append(root / layout.SUIVI / name, content, home=root)


def remove(root: Path, name: str) -> None:
    """If it is there; raises EnvironmentRefused."""
    files.remove_own(root / layout.SUIVI / name)
