"""How a part of the toolkit is started in a process of its own."""

import sys


def command(module: str, *words: str) -> list[str]:
    """The same Python, as deaf to the variables of other programs as this one is."""
    return [sys.executable, *(["-I"] if sys.flags.isolated else []), "-X", "utf8", "-m", module, *words]
