"""What comes with the toolkit: the Word models and the example office, in a wheel or in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def _folder(name: str) -> Path:
    """Inside an installed package, beside it in a checkout."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name


MODELES = _folder("modeles")
EXEMPLES = _folder("dossiers_exemple")
