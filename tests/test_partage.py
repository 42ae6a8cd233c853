"""The watcher on a real Samba share: what clients do, what the server sees, what is made of it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ICI, Bureau
from tests.partage import Partage, partage, smbd

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(smbd() is None, reason="samba n'est pas installé : le partage réel n'est pas essayé"),
]
SAIN = ICI.joinpath("cas", "aucun-defaut", "dossier.toml")
LIEU = "Groupe\\2027\\06 - Juin\\Dossier en cours"


@pytest.fixture
def share() -> Iterator[Partage]:
    with partage() as share:
        Bureau(share.folder)
        yield share


@pytest.fixture
def watcher(share: Partage) -> Iterator["subprocess.Popen[str]"]:
    """A watcher on the server's side, PDFs left out."""
    command = [sys.executable, "-m", "toolkit", "surveiller", str(share.folder), "--le", "2027-06-04"]
    with subprocess.Popen(
        command,
        cwd=ICI.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "TOOLKIT_SOFFICE": "/aucun/soffice"},
        text=True,
    ) as process:
        yield process
        process.terminate()


def soon(condition: Callable[[], bool], seconds: float = 25) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.2)
    return False


def documents(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*.docx")}


def test_a_dossier_put_overwritten_renamed_moved_and_removed_by_clients(
    share: Partage, watcher: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    here = share.folder / "Groupe/2027/06 - Juin/Dossier en cours"
    share.do('mkdir "Groupe"', 'mkdir "Groupe\\2027"', 'mkdir "Groupe\\2027\\06 - Juin"', f'mkdir "{LIEU}"')
    share.do(f'mkdir "{LIEU}\\2027-06-17 A"', f'put "{SAIN}" "{LIEU}\\2027-06-17 A\\dossier.toml"')
    contrat = "Contrat 2027-G-014.docx"
    assert soon(lambda: contrat in documents(here / "2027-06-17 A"))

    # Overwritten with a slip: told in the folder; mended: the note goes.
    broken = tmp_path / "broken.toml"
    broken.write_text(SAIN.read_text(encoding="utf-8").replace("59.00", "59,00"), encoding="utf-8")
    share.do(f'put "{broken}" "{LIEU}\\2027-06-17 A\\dossier.toml"')
    assert soon(lambda: (here / "2027-06-17 A/À CORRIGER.txt").exists())
    share.do(f'put "{SAIN}" "{LIEU}\\2027-06-17 A\\dossier.toml"')
    assert soon(lambda: not (here / "2027-06-17 A/À CORRIGER.txt").exists())

    # Renamed: the same dossier, its documents with it, none made twice.
    share.do(f'rename "{LIEU}\\2027-06-17 A" "{LIEU}\\2027-06-17 B"')
    before = documents(here / "2027-06-17 B")
    time.sleep(6)
    assert documents(here / "2027-06-17 B") == before
    assert not (here / "2027-06-17 A").exists()

    # The month folder renamed as people do: found again under its new name.
    share.do('rename "Groupe\\2027\\06 - Juin" "Groupe\\2027\\juin"')
    elsewhere = share.folder / "Groupe/2027/juin/Dossier en cours/2027-06-17 B"
    share.do(f'put "{broken}" "Groupe\\2027\\juin\\Dossier en cours\\2027-06-17 B\\dossier.toml"')
    assert soon(lambda: (elsewhere / "À CORRIGER.txt").exists())

    # Removed: nothing comes back, the watcher lives on.
    share.do('deltree "Groupe\\2027\\juin\\Dossier en cours\\2027-06-17 B"')
    time.sleep(5)
    assert not elsewhere.exists()
    assert watcher.poll() is None


def test_an_inotify_overflow_loses_nothing(share: Partage, watcher: "subprocess.Popen[str]") -> None:
    """Thousands of folders made beside it at once: what is saved afterwards is seen all the same."""
    here = share.folder / "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 A"
    flood = share.folder / "Sauvegarde"
    script = (
        "import pathlib, sys\n"
        "for number in range(6000):\n"
        "    folder = pathlib.Path(sys.argv[1], str(number))\n"
        "    folder.mkdir(parents=True)\n"
        "    folder.joinpath('fichier').write_text('x')\n"
    )
    subprocess.run([sys.executable, "-c", script, str(flood)], check=True)
    here.mkdir(parents=True)
    here.joinpath("dossier.toml").write_bytes(SAIN.read_bytes())
    assert soon(lambda: "Contrat 2027-G-014.docx" in documents(here), 60)
    assert watcher.poll() is None
