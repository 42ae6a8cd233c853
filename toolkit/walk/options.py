"""How a run goes about it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


def silent(message: str) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class Options:
    """What the commands and the watcher ask of a run."""

    aujourd_hui: date
    simulate: bool = False
    """Plan, and apply nothing."""
    with_pdf: bool = True
    with_word: bool = False
    """Without LibreOffice, PDFs by the Word of the person who is there; never for what runs unattended."""
    cores: int = os.cpu_count() or 1
    """Of this machine, to be kept busy at once."""
    progress: Callable[[str], None] = silent
    """Called with a short French sentence while a long run goes on."""
