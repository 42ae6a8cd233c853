"""One command to test it all: a private environment with the test tools, LibreOffice where it may, every check.

Says plainly at the end what could not run, and why.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pythons
from environnement import PDF, PYTHONS, in_venv, install_debian, prepare, run, tell

PAQUETS = {
    **PDF,
    "libreoffice-calc-nogui": "les récapitulatifs ne sont pas relus par un tableur",
    "poppler-utils": "les pages ne sont pas regardées en images",
    "chromium": "le tableau de bord n'est pas ouvert dans un navigateur",
    "samba": "la surveillance d'un vrai partage n'est pas essayée",
    "smbclient": "la surveillance d'un vrai partage n'est pas essayée",
    "wine": "le poste Windows n'est pas essayé",
    "wine64": "le poste Windows n'est pas essayé",
    "osslsigncode": "le poste Windows n'est pas essayé, faute de vérifier la signature de son Python",
}
FAST = ["-m", "not slow", "--numprocesses=auto"]
COVERED = ["--cov=toolkit.dossier", "--cov-report=term-missing:skip-covered", "--cov-fail-under=100"]
CHECKS = (
    ("style (ruff check)", ["ruff", "check", "."]),
    ("mise en forme (ruff format)", ["ruff", "format", "--check", "."]),
    ("types (mypy strict)", ["mypy"]),
    ("types, vus de Windows", ["mypy", "--platform", "win32", "toolkit"]),
    ("étages (import-linter)", ["lint-imports"]),
    # Its own tests are enough; tracing all the others as well would take as long again.
    ("essais du cœur (pytest), couvert à 100 %", ["pytest", "tests/dossier", *FAST, *COVERED]),
    ("autres essais rapides (pytest)", ["pytest", "--ignore=tests/dossier", *FAST]),
    ("essais lents (pytest), avec de vrais programmes", ["pytest", "-m", "slow", "-rs"]),
)

prepare(with_tools=True)
missing = install_debian(list(PAQUETS)) if sys.platform == "linux" else list(PAQUETS)
# Images of machines often say not to write bytecode: every process of the tests would compile all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

done: dict[str, bool] = {}


def check(name: str, command: Sequence[str | Path]) -> None:
    tell(f"\n── {name}")
    started = time.monotonic()
    done[name] = run(command) == 0
    tell(f"   {time.monotonic() - started:.0f} s")


for name, (program, *words) in CHECKS:
    check(name, [in_venv(program), *words])

untried = []
for version in PYTHONS:
    if version == "{}.{}".format(*sys.version_info):
        continue
    python = pythons.find(version)
    if python is None:
        untried.append(version)
    elif own := pythons.environment_of(python, version):
        check(f"essais rapides sous Python {version}", [own, "-m", "pytest", *FAST])
    else:
        done[f"environnement de Python {version}"] = False

tell("\n── Bilan")
for name, is_good in done.items():
    tell(f"   {'bon  ' if is_good else 'ÉCHEC'}  {name}")
for package in missing:
    tell(f"   Non essayé : {package} n'a pas pu être installé, donc {PAQUETS[package]}.")
for version in untried:
    tell(f"   Non essayé : Python {version} n'est pas sur cette machine et n'a pas pu être obtenu.")
raise SystemExit(0 if all(done.values()) else 1)
