"""The watcher as a Windows process, on the drive and on the share: what is saved is made, and it ends when asked."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Bureau, exemple
from tests.windows.poste import LECTEUR, PARTAGE, Poste
from toolkit.watch.heartbeat import read_heartbeat

CONTRAT = "3 Contrat/Contrat 2027-G-014.docx"


def soon(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


@contextmanager
def watching(poste: Poste, racine: str, root: Path) -> Iterator[Callable[[], bool]]:
    """A watcher that has begun; gives whether it has ended."""
    with poste.running("-m", "toolkit", "surveiller", racine, "--le", "2027-06-04") as process:
        assert soon(lambda: read_heartbeat(root)), "no sign of life"
        yield lambda: process.poll() is not None


def has_events(root: Path) -> bool | None:
    beat = read_heartbeat(root)
    return beat.par_evenements if beat else None


@pytest.mark.parametrize("racine", [LECTEUR, PARTAGE])
def test_a_dossier_that_is_saved_gets_its_documents(racine: str, poste: Poste, partage: Bureau) -> None:
    with watching(poste, racine, partage.root) as has_ended:
        folder = partage.dossier(exemple("dossier_groupe"))
        assert soon(lambda: CONTRAT in partage.files(folder))
        assert soon(lambda: (partage.root / "Groupe/2027/Récap groupes par mois.xlsx").exists())
        # The system tells of changes on a drive; a share of another machine is looked at every few seconds.
        assert soon(lambda: has_events(partage.root) == (racine == LECTEUR))

        second = poste.toolkit("surveiller", racine, "--une-fois")
        assert second.status == 4
        assert "déjà surveillé" in second.err

        started = time.monotonic()
        assert poste.toolkit("surveiller", racine, "--arreter").status == 0
        asked = time.monotonic()
        assert soon(has_ended, 10)
        assert time.monotonic() - asked < 3, f"asked in {asked - started:.1f} s"
    assert read_heartbeat(partage.root) is None
    assert not list(partage.root.rglob("~*.tmp"))


def test_a_text_file_replaced_by_another_is_seen(poste: Poste, partage: Bureau) -> None:
    """Notepad writes in place; other editors put a new file in the place of the old one."""
    folder = partage.dossier(exemple("dossier_groupe").partition("[contrat]")[0])
    save_beside = """
import os, sys
folder = sys.argv[1]
os.rename(folder + "/dossier.toml", folder + "/dossier.bak")
os.rename(folder + "/neuf.tmp", folder + "/dossier.toml")
"""
    with watching(poste, LECTEUR, partage.root):
        assert soon(lambda: (folder / "_suivi").exists())
        folder.joinpath("neuf.tmp").write_text(exemple("dossier_groupe"), encoding="utf-8")
        seen = f"{LECTEUR}{folder.relative_to(partage.root)}".replace("/", "\\")
        assert poste.python("-c", save_beside, seen).status == 0
        assert soon(lambda: list(folder.glob("4 Bons d'échange/*.docx")))
        assert poste.toolkit("surveiller", LECTEUR, "--arreter").status == 0


def test_a_watcher_that_was_killed_hinders_no_other(poste: Poste, partage: Bureau) -> None:
    """Its sign of life stays, with the number of a process that is gone."""
    kill = "import os, signal, sys; os.kill(int(sys.argv[1]), signal.SIGTERM)"
    with watching(poste, LECTEUR, partage.root) as has_ended:
        beat = read_heartbeat(partage.root)
        assert beat
        poste.python("-c", kill, str(beat.processus))
        assert soon(has_ended, 10)
    assert read_heartbeat(partage.root) == beat

    again = poste.toolkit("surveiller", LECTEUR, "--une-fois", "--le", "2027-06-04")

    assert (again.status, again.err.count("déjà surveillé")) == (0, 0), again.err
