"""One command to test it all: a private environment with the test tools, LibreOffice where it may, every check.

Says plainly at the end what could not run, and why.
"""

import sys
import time

from environnement import PDF, in_venv, install_debian, prepare, run, tell

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
CHECKS = (
    ("style (ruff check)", ["ruff", "check", "."]),
    ("mise en forme (ruff format)", ["ruff", "format", "--check", "."]),
    ("types (mypy strict)", ["mypy"]),
    ("types, vus de Windows", ["mypy", "--platform", "win32", "toolkit"]),
    ("étages (import-linter)", ["lint-imports"]),
    (
        "essais rapides (pytest), le cœur couvert à 100 %",
        [
            "pytest",
            "-m",
            "not slow",
            "--numprocesses=auto",
            "--cov=toolkit.dossier",
            "--cov-report=term-missing:skip-covered",
            "--cov-fail-under=100",
        ],
    ),
    ("essais lents (pytest), avec de vrais programmes", ["pytest", "-m", "slow", "-rs"]),
)

prepare(with_tools=True)
missing = install_debian(list(PAQUETS)) if sys.platform == "linux" else list(PAQUETS)

failed = []
for name, command in CHECKS:
    tell(f"\n── {name}")
    started = time.monotonic()
    if run([in_venv(command[0]), *command[1:]]):
        failed.append(name)
    tell(f"   {time.monotonic() - started:.0f} s")

tell("\n── Bilan")
for name, _ in CHECKS:
    tell(f"   {'ÉCHEC' if name in failed else 'bon  '}  {name}")
for package in missing:
    tell(f"   Non essayé : {package} n'a pas pu être installé, donc {PAQUETS[package]}.")
raise SystemExit(1 if failed else 0)
