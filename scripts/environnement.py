"""What the scripts share: a private environment in .venv, filled from the lock. Nothing but the standard library."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
VENV = RACINE / ".venv"
VERROU = RACINE / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Those that the toolkit is promised for."""
CONSTRUCTION = "# --- outils d'installation"
OUTILS = "# --- outils d'essai"
"""In the lock, what stands below these is not needed to run: the first part to install, the second to test."""
PDF = {
    "libreoffice-writer-nogui": "les PDF ne sont pas faits",
    "fonts-crosextra-carlito": "les PDF sont mis en page avec une autre police",
}
"""Debian packages that the PDFs come from, and what is missing without each."""
LOCKED = ["--require-hashes", "--no-deps"]
"""How pip is to take the lock, which is complete: nothing else is looked for. Before 23.3 it forgets that a package is
pinned when another asks for it with an extra, and then wants the newest one, of which the lock has no hash."""
WORDS_KEPT = 12
"""Last lines of a program that failed, shown as it said them."""


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
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(wanted, encoding="utf-8")
        _pip("Les bibliothèques ne s'installent pas", wanted, *LOCKED, "-r", requirements)
        _pip("Le toolkit ne s'installe pas", "", "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp.write_text(wanted, encoding="utf-8")


def _pip(what: str, lock: str, *words: str | Path) -> None:
    """Install; when that fails, pip's own words are shown, whatever they are about."""
    count = len(re.findall(r"^[^\s#]", lock, re.MULTILINE))
    seen = 0

    def progress(line: str) -> str | None:
        nonlocal seen
        seen += line.startswith("Collecting ")
        return f"   {seen} sur {count}" if line.startswith("Collecting ") and seen % 20 == 0 else None

    if count:
        tell(f"Installation de {count} bibliothèques (une minute ou deux la première fois)…")
    pip = [in_venv("python"), "-m", "pip", "--disable-pip-version-check", "install", "--no-input", *words]
    status, last = follow(pip, progress)
    if status:
        fail("\n".join([f"{what}. pip dit :", *(f"   {line}" for line in last), "Puis relancer la même commande."]))


def follow(
    command: Sequence[str | Path],
    progress: Callable[[str], str | None],
    environment: Mapping[str, str] | None = None,
) -> tuple[int, Sequence[str]]:
    """Run a program in the project's folder, telling what ``progress`` makes of its lines; status and last words."""
    words = [str(word) for word in command]
    last: deque[str] = deque(maxlen=WORDS_KEPT)
    with subprocess.Popen(
        words,
        cwd=RACINE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if said := progress(line):
                tell(said)
            if line.strip():
                last.append(line.rstrip())
    return process.returncode, last


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
    tell(f"Installation de {', '.join(missing)} (quelques minutes la première fois)…")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    follow([*prefix, "apt-get", "update"], lambda line: None, environment)
    quiet = ["--yes", "--no-install-recommends", "--option", "APT::Status-Fd=1", "--option", "Dpkg::Use-Pty=0"]
    status, last = follow([*prefix, "apt-get", "install", *quiet, *missing], _AptProgress(), environment)
    if status:
        tell("\n".join(["apt-get n'a pas tout installé. Il dit :", *(f"   {line}" for line in last)]))
    return [name for name in missing if not _is_installed(name)]


class _AptProgress:
    """Every tenth of the way, fetching then unpacking, from what apt-get says for programs."""

    def __init__(self) -> None:
        self._told = ("", 0)

    def __call__(self, line: str) -> str | None:
        step = re.match(r"(dl|pm)status:[^:]*:([\d.]+):", line)
        if step is None:
            return None
        now = (step[1], int(float(step[2])) // 10 * 10)
        if now == self._told or now[1] == 0:
            return None
        self._told = now
        return f"   {'téléchargement' if now[0] == 'dl' else 'installation'} : {now[1]} %"


def _is_installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    done = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Status}", package], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and done.stdout.endswith("installed") and "not-installed" not in done.stdout
