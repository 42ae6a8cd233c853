"""The wheels for Windows of what the lock names, exact versions and hashes, from any system.

    python3 scripts/roues.py DESTINATION [--python 3.11] [--outils]

    pip install --no-index --find-links DESTINATION --require-hashes --no-deps -r DESTINATION/requirements.txt

pip reads the markers of a requirement for the machine it runs on, whatever platform it is asked for: what only Windows
needs would be left out. They are read here for Windows, and pip is given requirements without markers.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from environnement import CONSTRUCTION, fail, lock_until
from pip._vendor.packaging.requirements import Requirement


def requirements(lock: str, python: str) -> str:
    """What a part of the lock asks for on Windows with this Python, with the hashes, without markers."""
    windows = {
        "os_name": "nt",
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    kept = []
    for block in re.split(r"\n(?=\S)", lock.strip()):
        line, *hashes = block.rstrip().split(" \\\n")
        if line.startswith("#"):
            continue
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate(windows):
            wanted.marker = None
            kept.append(" \\\n".join([str(wanted), *hashes]))
    return "\n".join(kept)


def download(destination: Path, lines: str, python: str) -> None:
    """Every wheel in one folder, and the list that pip installs them from; what is there is not fetched again."""
    destination.mkdir(parents=True, exist_ok=True)
    wanted = destination / "requirements.txt"
    wanted.write_text(lines, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--platform", "win_amd64", "--python-version", python, "--implementation", "cp"]
    command += ["--only-binary", ":all:", "--no-deps", "--require-hashes"]
    command += ["--dest", str(destination), "--find-links", str(destination), "--requirement", str(wanted)]
    if subprocess.run(command, check=False).returncode:
        fail("Les roues pour Windows n'ont pas pu être prises : vérifier l'accès au réseau, puis relancer.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Les bibliothèques du verrou, en roues pour Windows.")
    parser.add_argument("destination", type=Path)
    parser.add_argument("--python", default="3.11", help="la version de Python des postes (3.11 si non précisé)")
    parser.add_argument("--outils", action="store_true", help="avec les outils d'essai")
    given = parser.parse_args()
    lock = lock_until(None if given.outils else CONSTRUCTION)
    download(given.destination, requirements(lock, given.python), given.python)


if __name__ == "__main__":
    main()
