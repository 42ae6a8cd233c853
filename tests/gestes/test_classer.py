"""``classer``: one move, the facts that go with it, and the same end as a move by hand."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import Bureau, exemple
from tests.dossiers import APRES_SEJOUR, jusqu_a, toml
from toolkit.dossier.etat import Etat
from toolkit.system import files, holders

MOIS = "Groupe/2027/06 - Juin"
NOM = "2027-06-17 Aînés de Sainte-Fiction 42p"


def plain(shown: str) -> str:
    return shown.replace("\N{NO-BREAK SPACE}", " ")


def faits(folder: Path) -> str:
    return folder.joinpath("dossier.toml").read_text(encoding="utf-8")


def test_a_cancelled_dossier_goes_with_all_it_holds_and_its_row_is_struck(bureau: Bureau) -> None:
    # Under its full name, Windows could not open the longest cancelled voucher.
    folder = bureau.dossier(exemple("dossier_groupe"), nom="2027-06-17 Aînés 42p")
    bureau.run("generer", bureau.root)
    before = bureau.files(folder)

    run = bureau.run("classer", folder, "annule", "--motif", "Car en panne", "--json")

    assert run.status == 0, run.out
    after = bureau.root / MOIS / "Dossier annulé ou sans suite" / folder.name
    assert run.json["chemin"] == after.relative_to(bureau.root).as_posix()
    assert not folder.exists()
    assert {one for one in before if one.startswith(("3 Contrat", "5 Avenants", "_suivi"))} <= bureau.files(after)
    assert 'motif = "Car en panne"' in faits(after) and "le = 2027-06-04" in faits(after)
    assert run.json["dossiers"][0]["etat"] == "annule"
    book = openpyxl.load_workbook(bureau.root / "Groupe/2027/Récap groupes par mois.xlsx")
    assert any("ANNULÉ le 04/06/2027" in str(cell.value) for row in book["Juin"].iter_rows() for cell in row)
    book.close()


def test_the_move_by_hand_ends_the_same(bureau: Bureau, tmp_path: Path) -> None:
    toml_annule = toml(*jusqu_a(Etat.FINALISE), "annulation.le = 2027-06-01", 'annulation.motif = "Car en panne"')
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE)))
    bureau.run("generer", bureau.root)
    folder.joinpath("dossier.toml").write_text(toml_annule, encoding="utf-8")
    tmp_path.joinpath("main").mkdir()
    by_hand = Bureau(tmp_path / "main")
    shutil.copytree(bureau.root / "Groupe", by_hand.root / "Groupe")
    target = by_hand.root / MOIS / "Dossier annulé ou sans suite" / NOM
    target.parent.mkdir()
    (by_hand.root / MOIS / "Dossier en cours" / NOM).rename(target)
    by_hand.run("generer", target)

    assert bureau.run("classer", folder, "annule").status == 0

    assert bureau.files(bureau.root / "Groupe") == by_hand.files(by_hand.root / "Groupe")
    state = f"{MOIS}/Dossier annulé ou sans suite/{NOM}/_suivi/etat.json"
    assert (bureau.root / state).read_bytes() == (by_hand.root / state).read_bytes()


@pytest.mark.parametrize(
    ("state", "noted"),
    [
        (Etat.PROPOSE, ("devis.refuse_le = 2027-06-04", 'devis.refus_motif = "Trop cher"')),
        (Etat.ETUDE, ("le = 2027-06-04", 'motif = "Trop cher"')),
        (Etat.CONTRAT_ENVOYE, ("le = 2027-06-04", 'motif = "Trop cher"')),
    ],
)
def test_the_motive_is_a_fact(bureau: Bureau, state: Etat, noted: tuple[str, str]) -> None:
    folder = bureau.dossier(toml(*jusqu_a(state)))
    run = bureau.run("classer", folder, "annule", "--motif", "Trop cher")
    moved = bureau.root / MOIS / "Dossier annulé ou sans suite" / NOM
    assert "est maintenant dans « Dossier annulé ou sans suite »" in plain(run.out)
    assert all(line in faits(moved).splitlines() for line in noted)


def test_without_a_motive_nothing_moves(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE)))
    run = bureau.run("classer", folder, "annule")
    assert run.status == 1 and "donner le motif" in run.err
    assert bureau.files() >= {f"{MOIS}/Dossier en cours/{NOM}/dossier.toml"}


def test_a_dossier_whose_facts_tell_its_end_needs_no_motive(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    run = bureau.run("classer", folder, "annule")
    assert run.status == 0
    assert "Il y reste à faire :\n  Demander le motif du refus" in plain(run.out)


def test_the_folders_that_people_named_are_used(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    theirs = bureau.root / MOIS / "ANNULES - sans suite"
    theirs.mkdir()
    bureau.run("classer", folder, "annule")
    assert (theirs / NOM / "dossier.toml").is_file()
    assert sorted(path.name for path in theirs.parent.iterdir()) == ["ANNULES - sans suite", "Dossier en cours"]


def test_a_finished_stay_is_put_away_and_what_is_left_is_told(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE)))
    run = bureau.run("classer", folder, "traite", le=date(2027, 7, 5))
    assert (bureau.root / MOIS / "Dossier traité" / NOM).is_dir()
    assert "Envoyer le questionnaire de satisfaction" in run.out
    assert "rangé dans « Dossier traité », mais les faits disent « réalisé, à clôturer »" in plain(run.out)


def test_a_closed_dossier_leaves_nothing_to_do(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE), *APRES_SEJOUR))
    files.write(folder / "7 Factures/guide-1.pdf", b"%PDF-")
    run = bureau.run("classer", folder, "traite", "--json", le=date(2027, 7, 5))
    assert run.status == 0 and run.json["reste"] == []


@pytest.mark.parametrize("told", ["guide-1.pdf", "7 Factures\\\\guide-1.pdf", "../guide-1.pdf", "/guide-1.pdf"])
def test_an_invoice_is_looked_for_in_the_dossier_alone(told: str, bureau: Bureau) -> None:
    facts = [fait.replace("7 Factures/guide-1.pdf", told) for fait in APRES_SEJOUR]
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE), *facts))
    for path in (folder / "7 Factures/guide-1.pdf", folder.parent / "guide-1.pdf"):
        files.write(path, b"%PDF-")
    run = bureau.run("fiche", folder, "--json", le=date(2027, 7, 5))
    assert (run.json["etat"] == "traite") is (told.count("/") == 0)


@pytest.mark.parametrize(
    ("more", "statut", "said"),
    [
        ((), "traite", "il finit le 17 juin 2027"),
        (("annulation.le = 2027-06-01",), "en_cours", "effacer d'abord annulation.le"),
        (("annulation.le = 2027-06-01",), "traite", "il reste où il est"),
    ],
)
def test_a_move_against_the_facts_is_refused(bureau: Bureau, more: tuple[str, ...], statut: str, said: str) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE), *more))
    run = bureau.run("classer", folder, statut)
    assert run.status == 1 and said in plain(run.err)
    assert folder.is_dir()


def test_a_motive_is_for_an_end_only(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE)))
    assert bureau.run("classer", folder, "en_cours", "--motif", "x").status == 1


def test_a_name_that_is_taken_is_refused_with_another(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    taken = bureau.root / MOIS / "Dossier annulé ou sans suite"
    for name in (NOM.upper(), f"{NOM} (2)"):
        (taken / name).mkdir(parents=True)
    run = bureau.run("classer", folder, "annule")
    assert run.status == 1
    assert f"« {NOM} (3) »" in plain(run.err)
    assert folder.is_dir()


def test_a_dossier_where_someone_works_is_not_moved(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    document = folder / "2 Devis/Programme.docx"
    document.parent.mkdir()
    document.write_bytes(b"x")
    with document.open("r+b"):
        run = bureau.run("classer", folder, "annule", "--motif", "Trop cher")
    assert run.status == 4
    assert "quelqu'un y travaille : « Programme.docx »" in plain(run.err)
    assert folder.is_dir() and "refus_motif" not in faits(folder)


def test_already_there(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.FINALISE)))
    run = bureau.run("classer", folder, "en_cours")
    assert run.status == 0 and "était déjà dans « Dossier en cours »" in plain(run.out)


def test_paths_that_have_become_too_long_for_windows_are_told(bureau: Bureau) -> None:
    office = bureau.root / "office.toml"
    assert "vu_des_postes" in office.read_text(encoding="utf-8")
    folder = bureau.dossier(
        toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"), nom=f"2027-06-17 {'Très long nom ' * 8}x"
    )
    folder.joinpath("2 Devis").mkdir()
    folder.joinpath("2 Devis/Programme.pdf").write_bytes(b"x")
    run = bureau.run("classer", folder, "annule")
    assert run.status == 0 and "Abréger le nom du dossier de" in run.out


# --- while others work ----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Of the process, as far as it can be told in one."""


def once(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something at the instant when it is looked whether a file is open."""
    asked = holders.is_open_elsewhere

    def act_now(path: Path) -> bool:
        monkeypatch.setattr(holders, "is_open_elsewhere", asked)
        act()
        return asked(path)

    monkeypatch.setattr(holders, "is_open_elsewhere", act_now)


@pytest.mark.parametrize("state", [Etat.PROPOSE, Etat.CONTRAT_ENVOYE])
def test_what_a_kill_left_noted_and_not_moved_the_same_command_ends(
    bureau: Bureau, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, state: Etat
) -> None:
    other = Bureau(tmp_path_factory.mktemp("autre"))
    command = ("annule", "--motif", "Trop cher", "--json")
    assert other.run("classer", other.dossier(toml(*jusqu_a(state))), *command).status == 0
    folder = bureau.dossier(toml(*jusqu_a(state)))
    move_folder = files.move_folder

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr(files, "move_folder", killed)
    with pytest.raises(Killed):
        bureau.run("classer", folder, *command)
    monkeypatch.setattr(files, "move_folder", move_folder)
    assert "Trop cher" in faits(folder)

    assert bureau.run("classer", folder, *command).status == 0

    moved = f"{MOIS}/Dossier annulé ou sans suite/{NOM}"
    assert bureau.files() == other.files()
    assert faits(bureau.root / moved) == faits(other.root / moved)


def test_what_is_saved_meanwhile_decides(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE)))
    later = toml(*jusqu_a(Etat.ACCEPTE))
    once(monkeypatch, lambda: folder.joinpath("dossier.toml").write_text(later, encoding="utf-8"))

    assert bureau.run("classer", folder, "annule", "--motif", "Trop cher").status == 0

    facts = tomllib.loads(faits(bureau.root / MOIS / "Dossier annulé ou sans suite" / NOM))
    assert facts["annulation"]["motif"] == "Trop cher"
    assert "refuse_le" not in facts["devis"]


def test_a_folder_made_there_at_that_very_moment_is_not_replaced(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    taken = bureau.root / MOIS / "Dossier annulé ou sans suite" / NOM
    once(monkeypatch, lambda: taken.mkdir(parents=True))

    run = bureau.run("classer", folder, "annule")

    assert run.status == 1 and "existe déjà" in run.err
    assert folder.joinpath("dossier.toml").is_file() and list(taken.iterdir()) == []


def test_a_folder_renamed_at_that_very_moment_is_told(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    once(monkeypatch, lambda: folder.rename(folder.with_name("Aînés")))

    run = bureau.run("classer", folder, "annule")

    assert run.status == 4 and "renommé" in run.err
    assert [path.parent.name for path in bureau.root.rglob("dossier.toml")] == ["Aînés"]


TURNS = 60
CLASS_IN_TURN = """
import contextlib, io, sys
from toolkit import cli
for line in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        status = cli.main(["classer", "--sans-pdf", "--json", *line.rstrip("\\n").split("\\t")])
    print(status, flush=True)
"""


@contextmanager
def second_hand() -> Iterator[Callable[..., Callable[[], int]]]:
    """Someone else who classes: told what, begins at once; asked then, gives the exit status."""
    with subprocess.Popen(
        [sys.executable, "-c", CLASS_IN_TURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def begin(folder: Path, *arguments: str) -> Callable[[], int]:
            assert process.stdin and process.stdout
            print(folder, *arguments, sep="\t", file=process.stdin, flush=True)
            return lambda: int(process.stdout.readline())  # type: ignore[union-attr]

        yield begin
        process.kill()


NOTE_IN_TURN = """
import contextlib, io, json, sys
from pathlib import Path
from toolkit import cli
mois, name = Path(sys.argv[1]), sys.argv[2]
former, value = None, 0
while True:
    value += 1
    for place in ("Dossier en cours", "Dossier traité"):
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
            status = cli.main(["noter", str(mois / place / name), f"reference_welogin=WL-{value}", "--json"])
        if status == 0:
            (fait,) = json.loads(out.getvalue())["faits"]
            if fait["avant"] != former:
                sys.exit(f"{fait} after {former}")
            former = fait["apres"]
            print(value, flush=True)
"""


@pytest.mark.slow
def test_a_dossier_that_moves_to_and_fro_loses_no_fact_that_is_noted(bureau: Bureau) -> None:
    bureau.dossier(toml(*jusqu_a(Etat.FINALISE), *APRES_SEJOUR))
    mois = bureau.root / MOIS
    moves = ((mois / "Dossier en cours" / NOM, "traite"), (mois / "Dossier traité" / NOM, "en_cours"))
    note = [sys.executable, "-c", NOTE_IN_TURN, str(mois), NOM]
    with subprocess.Popen(note, stdout=subprocess.PIPE, text=True) as noting, second_hand() as begin:
        statuses = [begin(*move, "--le", "2027-07-05")() for _ in range(TURNS // 3) for move in moves]
        assert noting.poll() is None
        noting.kill()
        noted = noting.communicate()[0].split()

    # 4: moved, and its documents left to the next run, since someone writes in it without a rest.
    assert set(statuses) <= {0, 4}
    assert len(noted) > TURNS // 3
    (source,) = bureau.root.rglob("dossier.toml")
    last = tomllib.loads(source.read_text(encoding="utf-8"))["reference_welogin"]
    assert int(last.removeprefix("WL-")) >= int(noted[-1])


@pytest.mark.slow
def test_of_two_of_one_name_one_is_moved_and_the_other_stays(bureau: Bureau) -> None:
    with second_hand() as one, second_hand() as other:
        for turn in range(TURNS):
            folders = [
                bureau.dossier(
                    toml(*jusqu_a(Etat.PROPOSE), f'reference = "2027-G-{number}{turn:02d}"'),
                    nom=f"2027-06-17 Client {turn}",
                    lieu=f"{MOIS}/{statut}",
                )
                for number, statut in enumerate(("Dossier en cours", "Dossier traité"), 1)
            ]
            ends = [
                begin(folder, "annule", "--motif", "x") for begin, folder in zip((one, other), folders, strict=True)
            ]
            assert sorted(end() for end in ends) == [0, 1]
            assert [folder.exists() for folder in folders].count(True) == 1
    found = [tomllib.loads(path.read_text(encoding="utf-8"))["reference"] for path in bureau.root.rglob("dossier.toml")]
    assert len(set(found)) == len(found) == 2 * TURNS
