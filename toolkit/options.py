"""How a run goes about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Options:
    """What the commands and the watcher ask of a run."""

    aujourd_hui: date
    simulate: bool = False
    """Plan, and apply nothing."""
    with_pdf: bool = True
    progress: Callable[[str], None] = lambda message: None
    """Called with a short French sentence while a long run goes on."""
