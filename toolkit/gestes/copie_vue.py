"""Whether a watermark is seen on every page, and all the rest as it was: both PDFs drawn, where a program here can.

A PDF may show something else than what its structure says. Without such a program nothing is told.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from toolkit.errors import FileRefused
from toolkit.system.child import find_program

_PROGRAM = "pdftoppm"
_RESOLUTION = 24
"""Dots per inch: an A4 page is 198 × 281 of them."""
_SECONDS, _PAGES = 60, 100
"""A long document is looked at by its first pages."""
_PAGE = re.compile(rb"P5\s(\d+)\s(\d+)\s255\s")
_SEEN, _LOST = 12, 100
"""Of 255 shades of grey: what an eye tells apart, and more than the rim of a mark lightens."""
_SMALL = 4_000
"""Dots of a label, on which such letters cannot be told apart at this resolution."""
_INK_SHARE = 0.003
"""Of a page: a watermark of five letters covers a tenth."""
_LOST_SHARE = 0.002


def refuse_unseen(original: bytes, copie: bytes) -> None:
    """Raises FileRefused when the mark of a copy is not seen, or something of the original is not any more."""
    program = find_program(_PROGRAM)
    if program is None:
        return
    before, after = (_drawn(program, pdf) for pdf in (original, copie))
    if before is None or after is None:
        return
    if len(before) != len(after):
        raise FileRefused("la copie n'a pas autant de pages que l'original")
    for number, (page, marked) in enumerate(zip(before, after, strict=True), start=1):
        _compare(number, page, marked)


def _compare(number: int, page: bytes, marked: bytes) -> None:
    if len(page) != len(marked):
        raise FileRefused(f"la page {number} de la copie n'a pas la taille de l'original")
    changes = [now - then for then, now in zip(page, marked, strict=True)]
    if len(page) > _SMALL and sum(abs(change) > _SEEN for change in changes) < _INK_SHARE * len(page):
        raise FileRefused(f"le filigrane ne se verrait pas sur la page {number}")
    # A mark darkens, and its rim lightens a little: what was dark and is light is gone.
    if sum(change > _LOST for then, change in zip(page, changes, strict=True)) > _LOST_SHARE * len(page):
        raise FileRefused(f"la page {number} de la copie ne montrerait plus tout ce que montre l'original")


def _drawn(program: Path, pdf: bytes) -> list[bytes] | None:
    """The shades of grey of each page; None when it could not be drawn, or not in time."""
    command = [str(program), "-r", str(_RESOLUTION), "-gray", "-l", str(_PAGES), "-"]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return list(_pages(done.stdout)) if done.returncode == 0 else None


def _pages(drawn: bytes) -> Iterator[bytes]:
    position = 0
    while head := _PAGE.match(drawn, position):
        position = head.end() + int(head[1]) * int(head[2])
        yield drawn[head.end() : position]
