"""The kit as an office gets it: built here, put on the share, installed offline on a Windows desktop by two clicks."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.conftest import ICI, Run
from tests.windows import poste as postes
from tests.windows import python_windows
from tests.windows.poste import Poste
from tests.windows.prefixe import PYTHON, home
from toolkit.poste.raccourcis import RACCOURCIS

SCRIPT = ICI.parent / "scripts" / "kit.py"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PERSONNE = "Éloïse & Cie (2)"
LOCAL = f"C:\\users\\{PERSONNE}\\AppData\\Local"
INSTALLER, RETIRER = "Installer sur ce poste.cmd", "Retirer de ce poste.cmd"
SECONDS = 300.0


def build(destination: Path) -> Path:
    subprocess.run([sys.executable, SCRIPT, destination], check=True)
    return next(destination.glob("toolkit-*.zip"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("kit"))


@pytest.fixture
def kit(archive: Path, tmp_path: Path, poste: Poste) -> Path:
    """What the administrator does with the zip, at the root of the share."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path)
    poste.share(tmp_path)
    return tmp_path / archive.stem


@pytest.fixture
def poste() -> Iterator[Poste]:
    """A desktop with nothing of the toolkit, whose user has an awkward name."""
    with postes.poste() as desktop:
        (desktop.drive_c / "users" / PERSONNE / "AppData" / "Local").mkdir(parents=True)
        registry(desktop, "HKCU\\Volatile Environment", "LOCALAPPDATA", LOCAL)
        # Someone sits there. Wine starts its desktop with the first program that needs it, which here would be the
        # installer, and then keeps the pipes of that program open.
        with desktop.running("-c", "import pythoncom; print(flush=True); input()") as session:
            assert session.stdout
            session.stdout.readline()
            yield desktop


def registry(poste: Poste, key: str, name: str, value: str) -> None:
    assert poste.run("reg", "add", key, "/v", name, "/d", value, "/f").status == 0


def installed(poste: Poste) -> Path:
    return poste.drive_c / "users" / PERSONNE / "AppData" / "Local" / "toolkit"


def versions(poste: Poste) -> list[str]:
    return sorted(path.name for path in (installed(poste) / "versions").iterdir())


def register_python(poste: Poste) -> None:
    registry(poste, "HKCU\\Software\\Python\\PythonCore\\3.11\\InstallPath", "ExecutablePath", PYTHON)


def double_click(poste: Poste, kit: Path, script: str = INSTALLER) -> Run:
    return poste.cmd(kit / script, env={"TOOLKIT_SANS_PAUSE": "1"}, seconds=SECONDS)


def shortcuts(poste: Poste) -> int:
    """« Envoyer vers » entries of ours, wherever this Wine keeps them."""
    return len(list((poste.drive_c / "users").rglob("*(toolkit).lnk")))


def toolkit(poste: Poste, *arguments: str) -> Run:
    """A command as the gestures start it, through the file that says where Python is."""
    script = poste.drive_c / "geste.cmd"
    lines = ("@echo off", 'call "%LOCALAPPDATA%\\toolkit\\actuel.cmd"', '"%TOOLKIT_PYTHON%" -I -X utf8 -m toolkit %*')
    script.write_bytes("\r\n".join([*lines, "exit %ERRORLEVEL%", ""]).encode("ascii"))
    return poste.cmd(script, *arguments, seconds=SECONDS)


def renew(kit: Path) -> None:
    """Make of a kit the next one: one file differs, and the list of hashes with it."""
    readme, hashes = kit / "LISEZ-MOI.txt", kit / "EMPREINTES.txt"
    before = hashlib.sha256(readme.read_bytes()).hexdigest()
    readme.write_bytes(readme.read_bytes() + b"\r\n")
    after = hashlib.sha256(readme.read_bytes()).hexdigest()
    hashes.write_text(hashes.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def test_the_same_sources_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert build(tmp_path).read_bytes() == archive.read_bytes()


@pytest.mark.parametrize("python", PYTHONS)
def test_nothing_is_missing_for_windows(python: str, archive: Path) -> None:
    """The markers are read for Windows here: pip would read them for the machine that runs the test."""
    wheels = archive.parent / archive.stem / "wheels"
    listed = (wheels / f"requirements-{python}.txt").read_text(encoding="utf-8")
    versions = {name: version for name, version, _, _ in (parse_wheel_filename(w.name) for w in wheels.glob("*.whl"))}
    windows = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "extra": ""}
    windows |= {"python_version": python, "python_full_version": f"{python}.0", "platform_machine": "AMD64"}
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as file:
            (name,) = (one for one in file.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1)
            needs = Parser().parsestr(file.read(name).decode()).get_all("Requires-Dist") or []
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate(windows):
                version = versions[canonicalize_name(need.name)]
                assert need.specifier.contains(version, prereleases=True)
                assert f"{canonicalize_name(need.name)}=={version}" in listed

    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--isolated",
        "--disable-pip-version-check",
        "install",
        "--dry-run",
        "--quiet",
    ]
    pip += ["--ignore-installed", "--no-index", "--find-links", wheels, "--require-hashes", "--only-binary", ":all:"]
    pip += ["--platform", "win_amd64", "--implementation", "cp", "--python-version", python, "--target", "nowhere"]
    subprocess.run([*pip, "--no-deps", "-r", wheels / f"requirements-{python}.txt"], check=True)


def test_a_double_click_installs_updates_and_removes(poste: Poste, kit: Path) -> None:
    register_python(poste)

    done = double_click(poste, kit)

    assert done.status == 0, done
    assert "C'est fait : le toolkit" in done.out
    (first,) = versions(poste)
    actuel = (installed(poste) / "actuel.cmd").read_bytes()
    assert actuel == f'@set "TOOLKIT_PYTHON=%~dp0versions\\{first}\\Scripts\\python.exe"\r\n'.encode("ascii")

    assert shortcuts(poste) == len(RACCOURCIS)

    demo = toolkit(poste, "demo", "C:\\demonstration")

    assert demo.status == 0, demo
    assert list((poste.drive_c / "demonstration").rglob("3 Contrat/*.docx"))

    again = double_click(poste, kit)

    assert again.status == 0, again
    assert "2/3" not in again.out

    renew(kit)
    installer = f"\\\\serveur\\groupes\\{kit.name}\\installation\\installer.py"
    updated = poste.python("-I", installer, seconds=SECONDS)

    assert updated.status == 0, updated
    (second,) = versions(poste)
    assert second != first
    assert toolkit(poste, "--version").status == 0

    removed = double_click(poste, kit, RETIRER)

    assert removed.status == 0, removed
    assert not installed(poste).exists()
    assert shortcuts(poste) == 0
    assert (poste.drive_c / "demonstration").exists()


def test_a_copy_cut_short_is_said_and_nothing_is_changed(poste: Poste, kit: Path) -> None:
    register_python(poste)
    cut = next(kit.glob("wheels/lxml-*-cp311-*.whl"))
    os.truncate(cut, 10_000)
    next(kit.glob("wheels/jinja2-*.whl")).unlink()

    done = double_click(poste, kit)

    assert done.status == 4
    assert f"wheels/{cut.name} : abîmé ou incomplet" in done.out
    assert "wheels/jinja2-3.1.6-py3-none-any.whl : manque" in done.out
    assert "Recopier le kit entier" in done.out
    assert not installed(poste).exists()


def test_without_a_python_it_says_what_to_ask_for(poste: Poste, kit: Path) -> None:
    """In PATH stands what Windows puts there: a python.exe that is none."""
    alias = poste.drive_c / "Microsoft" / "WindowsApps"
    alias.mkdir(parents=True)
    (alias / "python.exe").write_bytes(b"")
    registry(poste, "HKCU\\Environment", "PATH", "C:\\Microsoft\\WindowsApps")

    done = double_click(poste, kit)

    assert done.status == 4
    assert "installer Python 3.11 a 3.14, 64 bits, de python.org" in done.out


def test_alone_out_of_the_zip_it_says_to_extract_it_all(poste: Poste, kit: Path, tmp_path: Path) -> None:
    alone = tmp_path / "Temp1_toolkit.zip"
    alone.mkdir()
    shutil.copyfile(kit / INSTALLER, alone / INSTALLER)

    done = double_click(poste, alone)

    assert done.status == 4
    assert "Extraire tout" in done.out


def test_the_python_of_the_kit_is_copied(poste: Poste, kit: Path, tmp_path: Path) -> None:
    """An embeddable one, which knows neither venv nor pip; then the share goes away."""
    lay_embeddable(kit / "python", tmp_path / "complet")
    nasty = kit.rename(kit.with_name("Kit & compagnie ^ (1)!"))

    done = double_click(poste, nasty)

    assert done.status == 0, done
    (version,) = versions(poste)
    assert f"versions\\{version}\\python.exe" in (installed(poste) / "actuel.cmd").read_text(encoding="ascii")
    shutil.rmtree(nasty)
    diagnostic = toolkit(poste, "diagnostic")
    assert "bibliothèques" in diagnostic.out
    assert "il manque" not in diagnostic.out


def lay_embeddable(folder: Path, full: Path) -> None:
    """The layout of the « embeddable package » of python.org, out of a full Python."""
    python_windows.install(full, home())
    folder.mkdir()
    for path in (*full.glob("python*"), *full.glob("vcruntime*"), *full.glob("DLLs/*")):
        shutil.copyfile(path, folder / path.name)
    with zipfile.ZipFile(folder / "python311.zip", "w", zipfile.ZIP_DEFLATED) as library:
        for path in (full / "Lib").rglob("*.py"):
            if path.relative_to(full / "Lib").parts[0] not in ("venv", "ensurepip", "test"):
                library.write(path, path.relative_to(full / "Lib"))
    (folder / "python311._pth").write_text("python311.zip\n.\n\n#import site\n", encoding="utf-8")
