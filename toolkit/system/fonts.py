"""Which signs a font of this machine can draw, as LibreOffice will look for one: asked of fontconfig."""

import subprocess
from collections.abc import Iterable
from functools import cache

from toolkit.system.child import find_program

_PROGRAM = "fc-list"
_SECONDS = 20
_ASKED_MAX = 40
"""A name that has more of them has them all of one script."""


def without_font(signs: Iterable[str]) -> list[str]:
    """Those of these characters that no font here has; none where nothing here can tell."""
    return [sign for sign in sorted(signs)[:_ASKED_MAX] if not _has_font(sign)]


@cache
def _has_font(sign: str) -> bool:
    program = find_program(_PROGRAM)
    if program is None:
        return True
    command = [str(program), f":charset={ord(sign):x}", "family"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.returncode != 0 or bool(done.stdout.strip())
