"""Install the toolkit on this desktop from the kit that this file lies in, update it, or remove it.

Only the standard library, no network, no right of an administrator. Each version has its own folder, made beside the
one in use; the small file that names the current one is replaced last, so that whatever stops an installation leaves
the former one as it was::

    %LOCALAPPDATA%\\toolkit\\
        actuel.cmd      sets TOOLKIT_PYTHON, relative to itself: the accents of a user's name are never read from a file
        versions\\       0.1.0-1a2b3c4d: a private environment, or a copy of the Python that lies in the kit
        gestes\\         what people double-click
"""

from __future__ import annotations  # so that an older Python reads this file and says that it is too old

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

KIT = Path(__file__).absolute().parent.parent
HASHES = KIT / "EMPREINTES.txt"
END_OF_HASHES = "fin"
OLDEST, NEWEST = (3, 11), (3, 14)
LONGEST_PATH = 259
OURS = ("bibliothèques", "modèles livrés")
"""The subjects of a diagnostic that an installation answers for."""
REFUSED = 4


class Refusal(Exception):
    """The installation ends here; ``str()`` is the French sentence."""


def tell(message: str) -> None:
    print(message, flush=True)


def unfit(version: tuple[int, int], platform: str, prefix: str, *, has_gil: bool) -> str | None:
    """Why a Python cannot carry the toolkit, or None when it can."""
    if not OLDEST <= version <= NEWEST:
        return "il faut une version de 3.11 à 3.14"
    if platform != "win-amd64":
        return "il faut la version Windows 64 bits"
    if not has_gil:
        return "il faut la version ordinaire, pas celle « free-threaded »"
    if "windowsapps" in prefix.casefold():
        return "celui du Microsoft Store range ses fichiers à part ; il faut celui de python.org"
    return None


def verify(folder: Path) -> None:
    """Read the whole kit once: what differs from its list is said, the wheels are copied to ``folder``."""
    lines = HASHES.read_text(encoding="utf-8").splitlines() if HASHES.exists() else []
    if not lines or lines.pop() != END_OF_HASHES:
        raise Refusal(
            f"La copie du kit est incomplète : « {HASHES.name} » manque ou est coupé. Recopier le kit entier."
        )
    wrong = []
    for line in lines:
        digest, _, name = line.partition("  ")
        try:
            content = (KIT / name).read_bytes()
        except OSError:
            wrong.append(f"   {name} : manque ou ne se lit pas")
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            wrong.append(f"   {name} : abîmé ou incomplet")
        elif name.startswith("wheels/"):
            (folder / Path(name).name).write_bytes(content)
    if wrong:
        raise Refusal("\n".join(["La copie du kit est incomplète :", *wrong, "Recopier le kit entier, puis relancer."]))


def check_length(wheels: Path, target: Path) -> None:
    """Refuse before writing what Windows could not open afterwards."""
    longest = max(len(name) for wheel in wheels.glob("*.whl") for name in zipfile.ZipFile(wheel).namelist())
    if len(str(target / "Lib" / "site-packages")) + 1 + longest > LONGEST_PATH:
        raise Refusal(f"Le chemin de votre profil est trop long pour Windows : « {target} ».")


def make_python(target: Path) -> Path:
    """A private Python: an environment upon the desktop's, or a copy of one that cannot be leaned upon."""
    base = Path(sys.base_prefix)
    if KIT not in base.parents and importlib.util.find_spec("venv"):
        import venv

        venv.create(target)
        return target / "Scripts" / "python.exe"
    copy(base, target)
    for paths in target.glob("python3*._pth"):  # an embeddable Python knows no library without its site
        paths.write_text(f"{paths.stem}.zip\n.\nimport site\n", encoding="utf-8")
    return target / "python.exe"


def copy(source: Path, target: Path) -> None:
    """Contents only: the read-only mark of a file on the share would forbid to remove its copy."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, target, ignore=ignored, copy_function=shutil.copyfile, dirs_exist_ok=True)


def fill(python: Path, wheels: Path, log: Path) -> None:
    """Install the wheels of the kit, each checked against its hash by pip, which runs from its own wheel."""
    pip = next(wheels.glob("pip-*.whl"))
    listing = wheels / "requirements-{}.{}.txt".format(*sys.version_info)
    quiet = ["--no-compile", "--no-cache-dir", "--no-input", "--no-warn-script-location", "--disable-pip-version-check"]
    options: list[str | Path] = ["--no-index", "--find-links", wheels, "--require-hashes", "--no-deps", "-r", listing]
    done = run(python, pip / "pip", "--isolated", "install", *quiet, *options)
    if done.returncode:
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        last = (done.stderr.strip().splitlines() or ["pip n'a rien dit"])[-1]
        raise Refusal(f"Les bibliothèques ne s'installent pas : {last}\nLe détail, à transmettre, est dans « {log} ».")


def run(python: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the private Python, deaf to the variables of other programs (-I) and to pip's settings on this desktop."""
    command = [str(word) for word in (python, "-I", "-X", "utf8", *words)]
    environment = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
    options = {"capture_output": True, "encoding": "utf-8", "errors": "replace", "check": False, "env": environment}
    return subprocess.run(command, stdin=subprocess.DEVNULL, **options)  # type: ignore[call-overload, no-any-return]


def diagnose(python: Path) -> tuple[list[str], bool]:
    """What the installed toolkit says of itself and of this desktop; whether its own parts are all there."""
    done = run(python, "-m", "toolkit", "diagnostic", "--json")
    try:
        points = json.loads(done.stdout)["points"]
    except (ValueError, KeyError):
        return [done.stdout + done.stderr], False
    lines = [f"   {point['verdict']:<9} {point['sujet']} : {point['constat']}" for point in points]
    return lines, not any(point["verdict"] == "manque" and point["sujet"] in OURS for point in points)


def install(home: Path) -> int:
    tell(f"Installation du toolkit pour « {os.environ.get('USERNAME', '?')} », une minute environ.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        wheels = Path(folder)
        tell("1/3 Vérification du kit…")
        verify(wheels)
        version = next(wheels.glob("toolkit_office-*.whl")).name.split("-")[1]
        target = home / "versions" / f"{version}-{hashlib.sha256(HASHES.read_bytes()).hexdigest()[:8]}"
        whole = target / "installation.complete"
        python = target / whole.read_text(encoding="utf-8") if whole.exists() else None
        lines, is_sound = diagnose(python) if python else ([], False)
        if python is None or not is_sound:
            check_length(wheels, target)
            tell(f"2/3 Toolkit {version}, dans un environnement privé, avec Python {sys.version.split()[0]}…")
            if not discard(target):
                raise Refusal("Le toolkit est en cours d'utilisation : fermer ses fenêtres, puis relancer.")
            target.parent.mkdir(parents=True, exist_ok=True)
            python = make_python(target)
            fill(python, wheels, home / "installation.log")
            lines, is_sound = diagnose(python)
    tell("3/3 Ce poste :")
    tell("\n".join(lines))
    if not is_sound:
        raise Refusal("Le toolkit installé ne marche pas : transmettre les lignes ci-dessus. L'ancien reste.")
    whole.write_text(str(python.relative_to(target)), encoding="utf-8")
    switch(home, python)
    shutil.rmtree(home / "gestes", ignore_errors=True)
    copy(KIT / "gestes", home / "gestes")
    shortcuts(python)
    for old in sorted(target.parent.iterdir()):
        if old != target and not discard(old):
            tell("   L'ancienne version est encore ouverte : elle sera enlevée à la prochaine installation.")
    tell(f"C'est fait : le toolkit {version} est installé sur ce poste.")
    return 0


def switch(home: Path, python: Path) -> None:
    """From now on the gestures start this Python."""
    fresh = home / "actuel.cmd.tmp"
    fresh.write_bytes(f'@set "TOOLKIT_PYTHON=%~dp0{python.relative_to(home)}"\r\n'.encode("ascii"))
    patiently(lambda: fresh.replace(home / "actuel.cmd"))


def current_python(home: Path) -> Path | None:
    """The Python that the gestures start."""
    try:
        found = re.search(r"%~dp0(versions.*)\"", (home / "actuel.cmd").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return home / found[1] if found else None


def shortcuts(python: Path, *options: str) -> None:
    """« Envoyer vers »: useful, never worth an installation that fails."""
    done = run(python, "-m", "toolkit", "raccourcis", *options)
    if done.returncode:
        tell(f"   Les raccourcis « Envoyer vers » ne sont pas à jour. {done.stderr.strip()}")


def discard(folder: Path) -> bool:
    """Remove a version wholly or not at all: Windows refuses to rename a folder while a program runs from it."""
    doomed = folder.with_name(f"~{folder.name.lstrip('~')}")
    try:
        if folder != doomed and folder.exists():
            shutil.rmtree(doomed, ignore_errors=True)
            patiently(lambda: folder.rename(doomed))
    except OSError:
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    return True


def patiently(act: Callable[[], object]) -> None:
    """Try again for a moment: an antivirus holds what was just written."""
    for attempt in range(25):
        try:
            act()
            return
        except PermissionError:
            if attempt == 24:
                raise
            time.sleep(0.1)


def remove(home: Path) -> int:
    """Take away all that was installed; dossiers and documents are elsewhere and stay."""
    python = current_python(home)
    if python and python.exists():
        shortcuts(python, "--retirer")
    (home / "actuel.cmd").unlink(missing_ok=True)
    shutil.rmtree(home / "gestes", ignore_errors=True)
    if [old for old in sorted(home.glob("versions/*")) if not discard(old)]:
        raise Refusal("Le toolkit est encore ouvert : fermer ses fenêtres, puis relancer pour finir de l'enlever.")
    shutil.rmtree(home, ignore_errors=True)
    tell("C'est fait : le toolkit n'est plus sur ce poste. Les dossiers et les documents n'ont pas été touchés.")
    return 0


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Installe le toolkit sur ce poste, le met à jour ou l'enlève.")
    parser.add_argument("--convient", action="store_true", help="dit seulement si ce Python convient")
    parser.add_argument("--retirer", action="store_true", help="enlève le toolkit de ce poste")
    given = parser.parse_args(words)
    has_gil = not sysconfig.get_config_var("Py_GIL_DISABLED")
    reason = unfit(sys.version_info[:2], sysconfig.get_platform(), sys.base_prefix, has_gil=has_gil)
    if reason:
        tell(f"Python {sys.version.split()[0]} ({sys.executable}) ne convient pas : {reason}.")
    if reason or given.convient:
        return 1 if reason else 0
    home = Path(os.environ["LOCALAPPDATA"]) / "toolkit"
    try:
        return remove(home) if given.retirer else install(home)
    except Refusal as refusal:
        tell(f"\n{refusal}")
    except OSError as error:
        tell(f"\nWindows a refusé : {error}. Vérifier le partage et la place sur le disque, puis relancer.")
    return REFUSED


if __name__ == "__main__":
    raise SystemExit(main())
