"""What the scripts share: a private environment in .venv, filled from the lock. Nothing but the standard library."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
VENV = RACINE / ".venv"
VERROU = RACINE / "requirements.lock"
CONSTRUCTION = "# --- outils d'installation"
OUTILS = "# --- outils d'essai"
"""In the lock, what stands below these is not needed to run: the first part to install, the second to test."""


def tell(message: str) -> None:
    print(message, flush=True)


def fail(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
    raise SystemExit(1)


def in_venv(name: str) -> Path:
    """A program of the private environment."""
    folder = VENV / ("Scripts" if os.name == "nt" else "bin")
    return folder / (f"{name}.exe" if os.name == "nt" else name)


def run(command: Sequence[str | Path], **options: object) -> int:
    """Run a program in the project's folder; gives its exit status."""
    return subprocess.run([str(word) for word in command], cwd=RACINE, check=False, **options).returncode  # type: ignore[call-overload, no-any-return]


def prepare(*, with_tools: bool) -> None:
    """Make .venv and install what the lock names, unless that was already done from this very lock."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python may read
        fail(f"Il faut Python 3.11 ou plus récent ; celui-ci est le {sys.version.split()[0]}.")
    wanted = lock_until(None if with_tools else OUTILS)
    stamp = VENV / "toolkit.lock"
    if in_venv("python").exists() and stamp.exists() and wanted in stamp.read_text(encoding="utf-8"):
        return
    if not in_venv("python").exists():
        tell("Préparation de l'environnement privé (.venv)…")
        _make_venv()
    tell("Installation des bibliothèques (une minute ou deux la première fois)…")
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(wanted, encoding="utf-8")
        pip: list[str | Path] = [in_venv("python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
        if run([*pip, "--require-hashes", "-r", requirements]):
            fail("L'installation des bibliothèques a échoué : vérifier l'accès au réseau, puis relancer.")
        if run([*pip, "--no-deps", "--no-build-isolation", "--editable", "."]):
            fail("L'installation du toolkit a échoué.")
    stamp.write_text(wanted, encoding="utf-8")


def lock_until(heading: str | None = None) -> str:
    """The lock, whole or what stands above one of its headings."""
    text = VERROU.read_text(encoding="utf-8")
    return text.partition(heading)[0] if heading else text


def _make_venv() -> None:
    command = [sys.executable, "-m", "venv", str(VENV)]
    if run(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) == 0:
        return
    # Debian ships Python without the part that makes environments.
    shutil.rmtree(VENV, ignore_errors=True)
    if install_debian(["python3-venv"]) or run(command):
        fail("Python ne sait pas faire d'environnement ici : installer « python3-venv », puis relancer.")


def install_debian(packages: Sequence[str]) -> list[str]:
    """Install Debian packages where that is possible; gives those that are still missing."""
    missing = [name for name in packages if not _is_installed(name)]
    if not missing or shutil.which("apt-get") is None:
        return missing
    prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"] if shutil.which("sudo") else None
    if prefix is None:
        return missing
    tell(f"Installation de {', '.join(missing)}…")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    run([*prefix, "apt-get", "update"], **quiet)
    run([*prefix, "apt-get", "install", "--yes", "--no-install-recommends", *missing], **quiet)
    return [name for name in missing if not _is_installed(name)]


def _is_installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    done = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Status}", package], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and done.stdout.endswith("installed") and "not-installed" not in done.stdout
