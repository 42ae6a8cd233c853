"""A last line that tells of a PDF what it was drawn from, and whether anybody has written in it since.

After the end mark a PDF may hold anything, and no reader looks at it. What a person adds to the file comes after the
line, or takes its place: either way it is seen. So a PDF that stands is known for what it is, whatever was remembered.
"""

import hashlib
import re
from dataclasses import dataclass

_LINE = re.compile(rb"%toolkit ([0-9a-f]{64}) ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class Seal:
    """What the last such line of a PDF says."""

    source: str
    """Hash of what it was drawn from, as it was given to ``seal``."""
    is_whole: bool
    """Not a byte has changed since."""


def seal(pdf: bytes, source: str) -> bytes:
    """The PDF with its line; ``source`` is 64 hexadecimal figures."""
    text = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    return text + f"%toolkit {source} {hashlib.sha256(text).hexdigest()}\n".encode("ascii")


def read_seal(pdf: bytes) -> Seal | None:
    """None for a PDF that never had one, or was saved anew by another program."""
    found = list(_LINE.finditer(pdf))
    if not found:
        return None
    last = found[-1]
    is_whole = last.end() == len(pdf) and hashlib.sha256(pdf[: last.start()]).hexdigest() == last[2].decode("ascii")
    return Seal(last[1].decode("ascii"), is_whole)
