"""What every way to a PDF has in common: what is left when a program made none."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class NoPdf:
    """In place of the PDF of one document among many: why there is none."""

    raison: str
    """A French clause."""


def made(path: Path) -> bytes | None:
    """The PDF, if the program left one: its exit status is not believed."""
    return path.read_bytes() if path.is_file() else None
