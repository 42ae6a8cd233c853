"""The two commands of the README, the kit of the Windows desktops and its installer, without Windows."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import Bureau
from tests.index import NEWER, index_of_tomorrow
from tests.scripts import SCRIPTS, load

X64 = "win-amd64"
PYTHON_ORG = "C:\\Users\\Éloïse\\AppData\\Local\\Programs\\Python\\Python313"
STORE = "C:\\Program Files\\WindowsApps\\PythonSoftwareFoundation.Python.3.13_3.13.2544.0_x64__qbz5n2kfra8p0"


@pytest.fixture(scope="module")
def kit() -> ModuleType:
    return load("kit.py")


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The installer of a small kit, whole."""
    module = load("poste/installer.py")
    monkeypatch.setattr(module, "KIT", tmp_path / "kit")
    monkeypatch.setattr(module, "HASHES", tmp_path / "kit" / "EMPREINTES.txt")
    contents = {"LISEZ-MOI.txt": b"toolkit", "wheels/jinja2-3.1.6-py3-none-any.whl": b"0123456789"}
    for name, content in contents.items():
        path = tmp_path / "kit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in contents.items()]
    module.HASHES.write_text("\n".join([*lines, "fin", ""]), encoding="utf-8")
    return module


def test_a_whole_kit_is_read_once_and_its_wheels_kept_at_hand(installer: ModuleType, tmp_path: Path) -> None:
    wheels = tmp_path / "roues"
    wheels.mkdir()

    installer.verify(wheels)

    assert [path.read_bytes() for path in wheels.iterdir()] == [b"0123456789"]


def test_a_kit_that_was_cut_is_refused_by_the_name_of_its_file(installer: ModuleType, tmp_path: Path) -> None:
    os.truncate(installer.KIT / "wheels/jinja2-3.1.6-py3-none-any.whl", 5)
    (installer.KIT / "LISEZ-MOI.txt").unlink()

    with pytest.raises(installer.Refusal) as refusal:
        installer.verify(tmp_path)

    told = str(refusal.value).splitlines()
    assert told[1:3] == [
        "   LISEZ-MOI.txt : manque ou ne se lit pas",
        "   wheels/jinja2-3.1.6-py3-none-any.whl : abîmé ou incomplet",
    ]


@pytest.mark.parametrize("kept", [0, 40, -5])
def test_a_list_of_hashes_that_was_cut_is_refused(kept: int, installer: ModuleType, tmp_path: Path) -> None:
    installer.HASHES.write_bytes(installer.HASHES.read_bytes()[:kept])

    with pytest.raises(installer.Refusal, match="EMPREINTES"):
        installer.install(tmp_path / "toolkit")


@pytest.mark.parametrize(
    ("version", "platform", "prefix", "has_gil", "why"),
    [
        ((3, 10), X64, PYTHON_ORG, True, "3.11 à 3.14"),
        ((3, 15), X64, PYTHON_ORG, True, "3.11 à 3.14"),
        ((3, 13), "win32", PYTHON_ORG, True, "64 bits"),
        ((3, 13), "win-arm64", PYTHON_ORG, True, "64 bits"),
        ((3, 13), X64, PYTHON_ORG, False, "free-threaded"),
        ((3, 13), X64, STORE, True, "Microsoft Store"),
    ],
)
def test_a_python_that_cannot_carry_it_is_told_why(
    version: tuple[int, int], platform: str, prefix: str, has_gil: bool, why: str, installer: ModuleType
) -> None:
    assert why in installer.unfit(version, platform, prefix, has_gil=has_gil)


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_every_supported_python_fits(minor: int, installer: ModuleType, kit: ModuleType) -> None:
    assert installer.unfit((3, minor), X64, PYTHON_ORG, has_gil=True) is None
    assert f"3.{minor}" in kit.PYTHONS


def test_a_python_that_answers_is_found_past_a_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pythons = load("pythons.py")
    stand_in, real = tmp_path / "shims/python3.99", tmp_path / ".pyenv/versions/3.99.1/bin/python3.99"
    real.parent.mkdir(parents=True)
    real.touch()
    monkeypatch.setattr(pythons.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(pythons.shutil, "which", lambda name: str(stand_in) if name == "python3.99" else None)
    monkeypatch.setattr(pythons, "_said", lambda command: "3.99" if command[0] == real else "")
    monkeypatch.setattr(pythons, "_of_debian", lambda version: None)

    assert pythons.find("3.99") == real
    assert pythons.find("3.98") is None


def test_a_profile_too_deep_for_windows_is_refused_before_anything_is_written(
    installer: ModuleType, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "toolkit.whl", "w") as wheel:
        wheel.writestr("toolkit/" + "x" * 120, b"")
    installer.check_length(tmp_path, Path("/" + "p" * 80))

    with pytest.raises(installer.Refusal, match="trop long"):
        installer.check_length(tmp_path, Path("/" + "p" * 120))


def test_what_runs_names_its_python_in_plain_ascii(installer: ModuleType, tmp_path: Path) -> None:
    home = tmp_path / "Éloïse & Cie"
    python = home / "versions" / "0.1.0-1a2b3c4d" / "python.exe"
    python.parent.mkdir(parents=True)

    installer.switch(home, python)

    assert (home / "actuel.cmd").read_bytes().isascii()
    assert installer.current_python(home) == python


def test_the_zip_depends_on_names_and_contents_only(kit: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "toolkit-0.1.0"
    for name in ("b.txt", "a.txt"):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    kit.write_zip(folder, tmp_path / "1.zip")
    os.utime(folder / "a.txt", (0, 0))
    (folder / "b.txt").chmod(0o600)

    kit.write_zip(folder, tmp_path / "2.zip")

    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "1.zip").namelist() == ["toolkit-0.1.0/a.txt", "toolkit-0.1.0/b.txt"]


def test_a_python_for_the_kit_is_a_zip_or_a_folder(kit: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "Python313"
    folder.mkdir()
    (folder / "python.exe").write_bytes(b"MZ")
    with zipfile.ZipFile(tmp_path / "python-3.13.9-embed-amd64.zip", "w") as file:
        file.write(folder / "python.exe", "python.exe")

    kit.put_python(folder, tmp_path / "1")
    kit.put_python(tmp_path / "python-3.13.9-embed-amd64.zip", tmp_path / "2")

    assert (tmp_path / "1/python.exe").read_bytes() == (tmp_path / "2/python.exe").read_bytes() == b"MZ"
    with pytest.raises(SystemExit):
        kit.put_python(tmp_path / "1" / "..", tmp_path / "3")


def test_what_notepad_and_cmd_read_is_written_for_them(kit: ModuleType, tmp_path: Path) -> None:
    kit.write_for_notepad(tmp_path / "LISEZ-MOI.txt", "Le poste\nd'Éloïse\n")

    assert (tmp_path / "LISEZ-MOI.txt").read_bytes() == b"\xef\xbb\xbfLe poste\r\nd'\xc3\x89lo\xc3\xafse\r\n"
    for script in SCRIPTS.glob("poste/*.cmd"):
        content = script.read_bytes()
        assert content.isascii()
        assert content.count(b"\r\n") == content.count(b"\n")


def test_diagnostic_tells_of_a_share_that_is_gone(bureau: Bureau) -> None:
    run = bureau.run("diagnostic", bureau.root / "L", "--json")

    assert run.status == 1
    (point,) = [one for one in run.json["points"] if one["sujet"] == "partage"]
    assert "lecteur réseau" in point["constat"]


def test_diagnostic_tells_of_files_that_the_desktops_cannot_open(bureau: Bureau) -> None:
    folder = bureau.dossier("", nom="2027-06-18 Amicale des anciens élèves de Sainte-Fiction 42p")

    def told() -> tuple[str, str]:
        points = bureau.run("diagnostic", bureau.root, "--json").json["points"]
        (point,) = [one for one in points if one["sujet"] == "chemins"]
        return point["verdict"], point["constat"]

    assert told()[0] == "ok"
    (folder / f"{'photo ' * 15}.jpg").touch()
    assert told()[0] == "attention"
    assert folder.name in told()[1]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the installation reads of a checkout."""
    folder = tmp_path / "clone"
    for name in ("scripts", "toolkit", "modeles", "dossiers_exemple"):
        shutil.copytree(SCRIPTS.parent / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock", "README.md", "LICENSE"):
        shutil.copyfile(SCRIPTS.parent / name, folder / name)
    return folder


def prepare(clone: Path, index: str) -> "subprocess.CompletedProcess[str]":
    """What ``scripts/test.py`` does first, pip being told of this index alone."""
    told = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index, "PIP_RETRIES": "0", "LC_ALL": "C.UTF-8"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | told
    script = "from environnement import prepare; prepare(with_tools=True)"
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=clone / "scripts",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def old_pip(clone: Path, version: str) -> Path:
    """The private environment as a Python that ships this pip would make it; gives its Python."""
    venv.create(clone / ".venv", with_pip=True)
    python = clone / ".venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"pip=={version}"], check=True, capture_output=True)
    return python


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="a pip that old needs a Python that old")
@pytest.mark.parametrize("version", ["22.3", "23.0.1"], ids=["Windows 3.11.0", "Debian 12"])
def test_no_release_on_earth_breaks_the_installation(version: str, clone: Path) -> None:
    python = old_pip(clone, version)
    with index_of_tomorrow() as index:
        done = prepare(clone, index)

    assert done.returncode == 0, done.stdout + done.stderr
    frozen = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    assert NEWER not in frozen
    assert "coverage==" in frozen
    assert subprocess.run([clone / ".venv/bin/toolkit", "--version"], check=False).returncode == 0


@pytest.mark.slow
def test_an_installation_that_fails_shows_the_words_of_pip(clone: Path) -> None:
    done = prepare(clone, "http://127.0.0.1:9/simple/")

    assert done.returncode == 1
    assert "pip dit :" in done.stderr
    assert "No matching distribution found" in done.stderr


def test_a_long_installation_tells_how_far_it_is() -> None:
    """As apt-get says it for programs, here for one small package after another."""
    progress = load("environnement.py")._AptProgress()
    said = [
        "Reading package lists...",
        "dlstatus:1:0:Retrieving file 1 of 1",
        "dlstatus:1:20.7:Retrieving file 1 of 1 (3s remaining)",
        "dlstatus:1:24.1:Retrieving file 1 of 1 (3s remaining)",
        "pmstatus:hostname:0.0000:Preparing to configure hostname (amd64)",
        "pmstatus:hostname:40.0000:Unpacking hostname (amd64)",
        "pmstatus:libreoffice-core:40.0000:Configuring libreoffice-core",
        "pmstatus:dpkg-exec:100.0000:Running dpkg",
    ]

    told = [line for line in map(progress, said) if line]

    assert told == ["   téléchargement : 20 %", "   installation : 40 %", "   installation : 100 %"]


def test_a_program_that_fails_leaves_its_last_words(capsys: pytest.CaptureFixture[str]) -> None:
    follow = load("environnement.py").follow
    script = "import sys; print('un'); print('deux', file=sys.stderr); print(); sys.exit(3)"

    status, last = follow([sys.executable, "-u", "-c", script], lambda line: "vu" if "un" in line else None)

    assert (status, list(last)) == (3, ["un", "deux"])
    assert capsys.readouterr().out == "vu\n"
