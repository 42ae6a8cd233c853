"""Files that a colleague holds in Word or Excel on another desktop: named with their holder, kept, done afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import Bureau, exemple
from tests.dossiers import jusqu_a, toml
from tests.system.test_files import owner_file
from tests.windows.poste import LECTEUR, PARTAGE, Poste
from toolkit.dossier.etat import Etat

FOLDER = "Groupe\\2027\\06 - Juin\\Dossier en cours\\2027-06-17 Aînés de Sainte-Fiction 42p"
REF = "2027-G-014"
RECAP = "Récap groupes par mois.xlsx"
HOLD = """
import ctypes, sys
from ctypes import wintypes
kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
kernel32.CreateFileW.restype = wintypes.HANDLE
for path, access, share, more in zip(*[iter(sys.argv[1:])] * 4):
    handle = kernel32.CreateFileW(path, int(access, 16), int(share), None, 3, int(more, 16), None)
    assert handle != wintypes.HANDLE(-1).value, (path, ctypes.get_last_error())
print("tenu", flush=True)
sys.stdin.readline()
"""
READ_WRITE, READ_WRITE_DELETE = "C0000000", "C0010000"
SHARE_READ, SHARE_ALL = "1", "7"
NORMAL, DELETE_ON_CLOSE = "80", "04000000"


@contextmanager
def held(poste: Poste, seen: str, owner: str) -> Iterator[None]:
    """Another program has the file as Office has it: others may read; its ``~$`` file goes with it."""
    word = [seen, READ_WRITE, SHARE_READ, NORMAL]
    beside = [f"{seen.rpartition(chr(92))[0]}\\{owner}", READ_WRITE_DELETE, SHARE_ALL, DELETE_ON_CLOSE]
    with poste.running("-c", HOLD, *word, *beside) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline().strip() == "tenu"
        yield
        process.stdin.write("\n")
        process.stdin.flush()
        process.wait(20)


@pytest.mark.parametrize("racine", [LECTEUR, PARTAGE])
def test_a_recap_held_in_excel_waits_for_its_holder(racine: str, poste: Poste, partage: Bureau) -> None:
    partage.dossier(exemple("dossier_groupe"))
    assert poste.toolkit("generer", racine, "--sans-pdf", "--le", "2027-06-04").status == 0
    recap = partage.root / "Groupe/2027" / RECAP
    recap.with_name(f"~${RECAP}").write_bytes(owner_file("Éloïse Dupont", size=165))
    before = recap.read_bytes()
    other = partage.dossier(exemple("dossier_groupe", (REF, "2027-G-015")), nom="2027-06-17 Autres 42p")

    with held(poste, f"{racine}Groupe\\2027\\{RECAP}", f"~${RECAP}"):
        run = poste.toolkit("generer", racine, "--sans-pdf", "--le", "2027-06-04")

        assert (run.status, "Traceback" in run.err) == (4, False), run.out + run.err
        assert f"«\N{NO-BREAK SPACE}{RECAP}\N{NO-BREAK SPACE}» est ouvert par Éloïse Dupont" in run.out + run.err
        assert recap.read_bytes() == before
        assert "3 Contrat/Contrat 2027-G-015.docx" in partage.files(other)

    after = poste.toolkit("generer", racine, "--sans-pdf", "--le", "2027-06-04")
    assert after.status == 0, after.out + after.err
    assert recap.read_bytes() != before


def test_a_contract_held_in_word_is_kept_and_its_holder_named(poste: Poste, partage: Bureau) -> None:
    facts = jusqu_a(Etat.ACCEPTE)
    folder = partage.dossier(toml(*facts))
    assert poste.toolkit("generer", LECTEUR, "--sans-pdf", "--le", "2027-06-04").status == 0
    [contrat] = folder.glob("3 Contrat/*.docx")
    owner = f"~${contrat.name[2:]}"
    contrat.with_name(owner).write_bytes(owner_file("Zoë Łukasz", size=162))
    before = contrat.read_bytes()
    folder.joinpath("dossier.toml").write_text(toml(*facts, 'client.nom = "Autre"'), encoding="utf-8")

    with held(poste, f"{LECTEUR}{FOLDER}\\3 Contrat\\{contrat.name}", owner):
        run = poste.toolkit("generer", LECTEUR, "--sans-pdf", "--le", "2027-06-04")

        assert (run.status, "Traceback" in run.err) == (4, False), run.out + run.err
        assert f"{contrat.name}\N{NO-BREAK SPACE}» est ouvert par Zoë Łukasz" in run.out + run.err
        assert contrat.read_bytes() == before

    after = poste.toolkit("generer", LECTEUR, "--sans-pdf", "--le", "2027-06-04")
    assert after.status == 0, after.out + after.err
    assert contrat.read_bytes() != before
    [former] = folder.glob("3 Contrat/Remplacés/*.docx")
    assert former.read_bytes() == before


def test_our_reading_never_hinders_who_saves(poste: Poste, partage: Bureau) -> None:
    """Excel saves by renaming: while the toolkit reads, the file must let itself be renamed and removed."""
    partage.root.joinpath("recap.xlsx").write_bytes(b"x")
    read_and_rename = """
import os
from pathlib import Path
from toolkit.system import holders
with holders.open_shared(Path("L:/recap.xlsx")) as file:
    os.rename("L:/recap.xlsx", "L:/ancien.xlsx")
    print(file.read())
"""
    assert poste.python("-c", read_and_rename).out == "b'x'\n"
    assert partage.root.joinpath("ancien.xlsx").exists()


@pytest.mark.parametrize("name", ["dossier.toml", "nul", "nul.toml", "con", "aux.toml", "com1"])
def test_a_folder_or_a_device_under_the_name_of_a_file_holds_nobody(name: str, poste: Poste, partage: Bureau) -> None:
    """Windows keeps some names for devices, in every folder; which of them it still minds depends on its version."""
    partage.root.joinpath("dossier.toml").mkdir()
    read = """
import sys
from pathlib import Path
from toolkit.errors import EnvironmentRefused
from toolkit.system import files
try:
    print(files.read_if_there(Path("L:/", sys.argv[1])))
except EnvironmentRefused as refusal:
    print(refusal)
"""
    told = poste.python("-c", read, name).out

    wanted = {"c'est un dossier"} if name == "dossier.toml" else {"un périphérique", "None", "n'est pas accessible"}
    assert any(one in told for one in wanted), told


def test_who_types_in_the_text_file_is_waited_for(poste: Poste, partage: Bureau) -> None:
    folder = partage.dossier(exemple("dossier_groupe"))
    nobody = [f"{LECTEUR}{FOLDER}\\dossier.toml", READ_WRITE, "0", NORMAL]

    with poste.running("-c", HOLD, *nobody) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "tenu"
        run = poste.toolkit("generer", LECTEUR, "--sans-pdf", "--le", "2027-06-04")

    assert (run.status, "Traceback" in run.err) == (4, False), run.out + run.err
    assert "« dossier.toml » est ouvert par un autre programme".replace(" ", "") in (run.out + run.err).replace(
        "\N{NO-BREAK SPACE}", ""
    ).replace(" ", "")
    assert partage.files(folder) == {"dossier.toml"}
