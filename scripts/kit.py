"""Build the kit for Windows desktops without network nor administrator: one folder to put on the share, and its zip.

    python3 scripts/kit.py DESTINATION
    python3 scripts/kit.py DESTINATION --python python-3.13.9-embed-amd64.zip

The same sources give the same bytes. The wheels are those of requirements.lock, for every supported Python, with the
markers of the lock read as Windows reads them, wherever the kit is built.
"""

import argparse
import hashlib
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from environnement import CONSTRUCTION, PYTHONS, RACINE, VENV, fail, in_venv, lock_until, prepare, run, tell

SCRIPTS = RACINE / "scripts"
POSTE = SCRIPTS / "poste"
"""What goes into the kit as it is."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file of the zip: the one that a zip starts counting from."""


def download_all(wheels: Path) -> None:
    """The wheels of every supported Python, and the list that each installs; pip comes too, to install them."""
    from roues import download, requirements  # both need the packages of the private environment

    to_run = lock_until(CONSTRUCTION)
    pip = re.search(r"^pip==.*(?:\n    .*)*", lock_until(), re.MULTILINE)
    assert pip
    for python in PYTHONS:
        tell(f"Bibliothèques pour Python {python}…")
        download(wheels, requirements(to_run + pip[0], python), python)
        listing_of(wheels, python).write_text(requirements(to_run, python) + "\n", encoding="utf-8", newline="\n")
    (wheels / "requirements.txt").unlink()


def listing_of(wheels: Path, python: str) -> Path:
    return wheels / f"requirements-{python}.txt"


def build_own_wheel(wheels: Path) -> Path:
    pip: list[str | Path] = [
        in_venv("python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--no-deps",
    ]
    if run([*pip, "--no-build-isolation", "--wheel-dir", wheels, "."]):
        fail("La fabrication du toolkit a échoué.")
    return next(wheels.glob("toolkit_office-*.whl"))


def put_python(source: Path, target: Path) -> None:
    """The Python for desktops that have none: the embeddable zip of python.org, or a folder with python.exe."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.unpack_archive(source, target, "zip")
    if not (target / "python.exe").is_file():
        fail(f"Pas de python.exe dans « {source} » : donner l'« embeddable package » de python.org, ou un dossier.")


def write_for_notepad(path: Path, text: str) -> None:
    path.write_bytes("\ufeff".encode() + text.replace("\n", "\r\n").encode())


def fill(kit: Path, version: str, spare: Path | None) -> None:
    wheels = kit / "wheels"
    wheels.mkdir(parents=True)
    download_all(wheels)
    own = f"toolkit-office=={version} --hash=sha256:{sha256(build_own_wheel(wheels))}\n"
    for python in PYTHONS:
        with listing_of(wheels, python).open("a", encoding="utf-8", newline="\n") as listing:
            listing.write(own)
    for source in POSTE.glob("*.cmd"):
        shutil.copyfile(source, kit / source.name)
    (kit / "installation").mkdir()
    shutil.copyfile(POSTE / "installer.py", kit / "installation" / "installer.py")
    (kit / "gestes").mkdir()
    for source in (*SCRIPTS.glob("*.cmd"), *SCRIPTS.glob("LISEZ-MOI.md")):
        shutil.copyfile(source, kit / "gestes" / source.name)
    if spare:
        put_python(spare, kit / "python")
    contents = "\n".join(f"  {path.name}" for path in sorted(wheels.glob("*.whl")))
    readme = (POSTE / "LISEZ-MOI.txt").read_text(encoding="utf-8")
    filled = readme.format(version=version, oldest=PYTHONS[0], newest=PYTHONS[-1], contents=contents)
    write_for_notepad(kit / "LISEZ-MOI.txt", filled)
    lines = [f"{sha256(path)}  {path.relative_to(kit).as_posix()}" for path in files_of(kit)]
    (kit / "EMPREINTES.txt").write_text("\n".join([*lines, "fin", ""]), encoding="utf-8", newline="\n")


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_zip(kit: Path, archive: Path) -> None:
    """A zip that depends on names and contents only."""
    with zipfile.ZipFile(archive, "w") as file:
        for path in files_of(kit):
            member = zipfile.ZipInfo(path.relative_to(kit.parent).as_posix(), LONG_AGO)
            member.external_attr = 0o644 << 16
            member.create_system = 3
            member.compress_type = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
            file.writestr(member, path.read_bytes())


def build(destination: Path, spare: Path | None) -> int:
    version = re.findall(r'__version__ = "(.*)"', (RACINE / "toolkit" / "__init__.py").read_text(encoding="utf-8"))[0]
    kit = destination / f"toolkit-{version}"
    archive = destination / f"{kit.name}.zip"
    if kit.exists() or archive.exists():
        fail(f"« {kit} » ou son zip existe déjà : l'enlever, ou donner une autre destination.")
    destination.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination) as folder:
        fresh = Path(folder) / kit.name
        fill(fresh, version, spare)
        write_zip(fresh, archive)
        fresh.rename(kit)
    size = sum(path.stat().st_size for path in files_of(kit)) / 1e6
    tell(f"Kit {version} pour Python {PYTHONS[0]} à {PYTHONS[-1]} : {kit} ({size:.0f} Mo), et {archive.name}.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Fabrique le kit d'installation des postes Windows.")
    parser.add_argument("destination", type=Path, help="le dossier où le mettre, par exemple sur le partage")
    parser.add_argument("--python", type=Path, help="un Python pour les postes qui n'en ont pas : zip ou dossier")
    given = parser.parse_args()
    if Path(sys.prefix) != VENV:  # the packages of the private environment are needed
        prepare(with_tools=False)
        words = [given.destination.absolute(), *(["--python", given.python.absolute()] if given.python else [])]
        return run([in_venv("python"), Path(__file__), *words])
    return build(given.destination, given.python)


if __name__ == "__main__":
    raise SystemExit(main())
