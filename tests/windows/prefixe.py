"""Wine with a genuine CPython for Windows and what the lock names: built once, in a folder outside the checkout.

``TOOLKIT_POSTE`` names another folder than the cache of the user.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.windows import prng, python_windows

PYTHON = "C:\\Python311\\python.exe"
_ICI = Path(__file__).parent
_CHECKOUT = _ICI.parents[1]
_RECIPE = [_CHECKOUT / "requirements.lock", *(_ICI / f"{name}.py" for name in ("prefixe", "prng", "python_windows"))]


def home() -> Path:
    folder = Path(os.environ.get("TOOLKIT_POSTE") or Path.home() / ".cache" / "toolkit-essais")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def built() -> Path:
    """The prefix that every session copies; built by the first that needs it, once for each state of the lock."""
    state = hashlib.sha256(b"\0".join(path.read_bytes() for path in _RECIPE)).hexdigest()[:12]
    prefix = home() / f"poste-{state}"
    with (home() / "construction").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not prefix.exists():
            unfinished = home() / "poste-inacheve"
            shutil.rmtree(unfinished, ignore_errors=True)
            _build(unfinished)
            unfinished.rename(prefix)
    return prefix


def _build(prefix: Path) -> None:
    prefix.mkdir()
    quietly(prefix, "wineboot", "--init")
    quietly(prefix, "wineserver", "-w")
    system = prefix / "drive_c" / "windows" / "system32"
    system.joinpath("bcryptprimitives.dll").write_bytes(prng.library())
    python_windows.install(prefix / "drive_c" / "Python311", home())
    wheels = home() / "roues"
    script = str(_CHECKOUT / "scripts" / "roues.py")
    roues = [sys.executable, script, str(wheels), "--python", python_windows.VERSION, "--outils"]
    subprocess.run(roues, check=True)
    pip = ["wine", PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--no-deps"]
    pip += ["--require-hashes", "--find-links", windows_path(wheels), "--no-warn-script-location"]
    quietly(prefix, "wine", PYTHON, "-m", "ensurepip")
    quietly(prefix, *pip, "--requirement", windows_path(wheels / "requirements.txt"))
    quietly(prefix, "wineserver", "-w")


def windows_path(path: Path) -> str:
    """A path of this machine as its desktops see it: the drive Z: is the whole of it."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


def quietly(prefix: Path, *command: str) -> None:
    """Run what keeps programs in the background: they must not hold our pipes open."""
    subprocess.run(
        command,
        env=environment(prefix),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def environment(prefix: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Only what Wine needs: nothing of the machine that runs the tests leaks into the desktop."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(prefix),
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
        "LANG": "C.UTF-8",
        **(more or {}),
    }
