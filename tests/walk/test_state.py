"""What ``_suivi`` remembers: useful while it is there, never needed, never believed of another dossier."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ICI, Bureau
from toolkit.walk.decide import Written
from toolkit.walk.state import State, load_state, save_state, write_journal

SAIN = ICI.joinpath("toml", "cas", "aucun-defaut", "dossier.toml").read_text(encoding="utf-8")
REFERENCE = "2027-G-014"
STATE = State(
    reference=REFERENCE,
    folder="2027-06-17 Aînés",
    etat="propose",
    written={
        "3 Contrat/Contrat 2027-G-014.docx": Written(
            "contrat",
            "abc",
            "2027-06-04",
            inputs="i",
            modele="m",
            engagements={"client.nom": "f"},
            manquants=("l'arrivée",),
        )
    },
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "2027-06-17 Aînés"
    folder.mkdir()
    return folder


def documents(bureau: Bureau, folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in bureau.files(folder) if not name.startswith("_suivi/")}


def test_a_state_is_found_again(folder: Path) -> None:
    save_state(folder, STATE)

    assert load_state(folder, REFERENCE) == STATE


def test_an_unchanged_state_is_not_written_again(folder: Path) -> None:
    save_state(folder, STATE)
    path = folder / "_suivi" / "etat.json"
    before = path.stat()
    save_state(folder, STATE)

    assert path.stat().st_ino == before.st_ino
    save_state(folder, replace(STATE, etat="accepte"))
    assert load_state(folder, REFERENCE).etat == "accepte"


def test_what_is_recorded_can_be_forgotten() -> None:
    (fichier,) = STATE.written

    assert STATE.forget(fichier).written == {}
    assert STATE.forget(fichier).record(fichier, STATE.written[fichier]) == STATE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\0" * 300,
        b"\xff\xfe",
        b"null",
        b"[]",
        b"3",
        b"{}",
        b'{"reference": "2027-G-014"}',
        b'{"reference": "2027-G-014", "folder": "x", "etat": "", "written": []}',
        b'{"reference": "2027-G-014", "folder": "x", "etat": "", "written": {"a": null}}',
        b'{"reference": "2027-G-014", "folder": "x", "etat": "", "written": {"a": {"manquants": 3}}}',
        b'{"reference": "2027-G-014", "folder": "x", "etat": "", "written": {"a": {"manquants": [], "neuf": 1}}}',
        b'{"reference": null, "folder": "x", "etat": "", "written": {}}',
    ],
)
def test_a_damaged_state_counts_for_nothing(content: bytes, folder: Path) -> None:
    folder.joinpath("_suivi").mkdir()
    folder.joinpath("_suivi", "etat.json").write_bytes(content)

    assert load_state(folder, REFERENCE) == State(reference=REFERENCE, folder=folder.name)


def test_without_a_state_nothing_is_known(folder: Path) -> None:
    assert load_state(folder, None) == State(reference=None, folder=folder.name)


def test_the_state_of_another_dossier_is_not_believed(folder: Path) -> None:
    save_state(folder, STATE)

    assert load_state(folder, "2027-G-015") == State(reference="2027-G-015", folder=folder.name)


def test_a_renamed_folder_keeps_its_state(folder: Path) -> None:
    save_state(folder, STATE)
    renamed = folder.rename(folder.with_name("2027-06-17 Aînés (urgent)"))

    assert load_state(renamed, REFERENCE) == STATE


def test_the_journal_only_grows_and_opens_in_notepad(folder: Path) -> None:
    write_journal(folder, ["04/06/2027 – un", "04/06/2027 – deux"])
    write_journal(folder, ["05/06/2027 – trois"])

    content = folder.joinpath("_suivi", "journal.txt").read_bytes()

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").count("\N{ZERO WIDTH NO-BREAK SPACE}") == 0
    assert content.decode("utf-8-sig").split("\r\n") == [
        "04/06/2027 – un",
        "04/06/2027 – deux",
        "05/06/2027 – trois",
        "",
    ]


@pytest.mark.parametrize("damage", ["deleted", "damaged"])
def test_without_its_suivi_a_dossier_is_made_once_all_the_same(damage: str, bureau: Bureau) -> None:
    folder = bureau.dossier(SAIN)
    bureau.run("generer", bureau.root)
    before = documents(bureau, folder)
    assert "3 Contrat/Contrat 2027-G-014.docx" in before

    if damage == "deleted":
        shutil.rmtree(folder / "_suivi")
    else:
        folder.joinpath("_suivi", "etat.json").write_bytes(b"\0" * 100)
    bureau.run("generer", bureau.root)

    assert documents(bureau, folder) == before


def test_a_copied_folder_with_a_new_reference_gets_its_own_documents(bureau: Bureau) -> None:
    folder = bureau.dossier(SAIN)
    bureau.run("generer", bureau.root)
    copy = folder.with_name("2027-06-17 Copie 42p")
    shutil.copytree(folder, copy)

    run = bureau.run("generer", bureau.root, "--json")
    assert run.status == 1
    told = {one["chemin"].rpartition("/")[2]: one["problemes"] for one in run.json["dossiers"]}
    assert any("2027-G-015" in problem["message"] for problem in told["2027-06-17 Copie 42p"])
    assert not any("sert déjà" in problem["message"] for problem in told[folder.name])

    copy.joinpath("dossier.toml").write_text(SAIN.replace("2027-G-014", "2027-G-015"), encoding="utf-8")
    bureau.run("generer", bureau.root)

    assert "3 Contrat/Contrat 2027-G-015.docx" in documents(bureau, copy)
