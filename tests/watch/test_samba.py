"""The watcher on a real Samba share: what clients do, what the server sees, what is made of it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ICI, Bureau, exemple
from tests.partage import Partage, partage, smbd

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(smbd() is None, reason="samba n'est pas installé : le partage réel n'est pas essayé"),
]
SAIN = ICI.joinpath("toml", "cas", "aucun-defaut", "dossier.toml")
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


def test_a_recap_held_by_excel_on_a_desktop_loses_no_edit(share: Partage) -> None:
    """Excel opens with read shared, write denied; here a real client of the share does the same."""
    import smbclient

    bureau = Bureau(share.folder)
    folder = bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("generer", folder).status == 0
    recap = share.folder / "Groupe/2027/Récap groupes par mois.xlsx"
    bureau.dossier(exemple("dossier_groupe", ("02 35 00 00 33", "02 35 00 00 39")))
    smbclient.ClientConfig(require_secure_negotiate=False)
    smbclient.register_session("127.0.0.1", username="guest", password="x", port=share.port, require_signing=False)
    try:
        name = r"\\127.0.0.1\partage\Groupe\2027\Récap groupes par mois.xlsx"
        with smbclient.open_file(name, mode="r+b", share_access="r", port=share.port) as held:
            before = recap.read_bytes()
            run = bureau.run("generer", folder, "--json")
            assert run.status == 4
            assert "est ouvert" in run.json["refus"][0]
            assert recap.read_bytes() == before
            held.seek(0)
            held.write(before)  # the person saves
    finally:
        smbclient.reset_connection_cache()
    assert bureau.run("generer", folder).status == 0
    assert recap.read_bytes() != before


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
