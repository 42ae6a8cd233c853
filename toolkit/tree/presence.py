"""Whether the root is there: a share that is not mounted leaves an empty folder in its place, where nothing is put."""

import os
from pathlib import Path

from toolkit.errors import EnvironmentRefused
from toolkit.tree import layout


class RootGone(EnvironmentRefused):
    """The folder that holds office.toml is not there, or is another one without it."""


def is_root_there(root: Path) -> bool:
    """False as well when the system cannot say: a share that does not answer has errors of its own."""
    return os.path.isfile(root / layout.OFFICE)  # noqa: PTH113


def check_root(root: Path) -> None:
    """Raises RootGone."""
    if not is_root_there(root):
        raise RootGone(
            f"« {root} » n'est pas accessible, ou n'a plus d'{layout.OFFICE} : vérifier que le partage est monté."
        )
