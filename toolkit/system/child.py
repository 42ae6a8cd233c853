"""How other programs are found and started, parts of the toolkit among them: never from the folder one works in.

An agent works in a folder where files come from outside: a ``json.py`` or a ``soffice.exe`` among them is not ours.
"""

import os
import shutil
import sys
from pathlib import Path


def command(module: str, *words: str) -> list[str]:
    """The same Python, as deaf to the variables of other programs as this one is."""
    return [sys.executable, "-I" if sys.flags.isolated else "-P", "-X", "utf8", "-m", module, *words]


def find_program(name: str) -> Path | None:
    """On the path of programs; what lies in the current folder, where Windows looks first, is not believed."""
    folders = [folder for folder in os.get_exec_path() if Path(folder).is_absolute()]
    found = (shutil.which(str(Path(folder, f"{name}{_PROGRAM}"))) for folder in folders)
    return next((Path(one) for one in found if one), None)


_PROGRAM = ".exe" if sys.platform == "win32" else ""
