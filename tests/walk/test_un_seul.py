"""One bad thing in the tree stops only itself: it is told once with its path, and all others are done."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ICI, Bureau, Run, exemple
from tests.pieges import PIEGES, closed, lay, needs_linux, promptly
from tests.watch.test_watcher import SAIN, Bench, options
from toolkit.dossier.classement import Typologie
from toolkit.registres.lignes import ligne
from toolkit.toml.read import peek
from toolkit.tree.layout import annees, look
from toolkit.tree.settings import load_settings
from toolkit.walk.references import References
from toolkit.watch.handled import load_handled
from toolkit.watch.watcher import Watcher, watch

pytestmark = needs_linux

EN_COURS = "Groupe/2027/06 - Juin/Dossier en cours"
RECAP = "Groupe/2027/Récap groupes par mois.xlsx"
CONTRAT = "3 Contrat/Contrat 2027-G-900.docx"
COMMANDS = ("generer", "verifier", "recap", "echeances", "tableau")


@pytest.fixture(autouse=True)
def sans_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_SOFFICE", "/aucun/soffice")


def dossier(bureau: Bureau, number: int, lieu: str = EN_COURS, nom: str | None = None, toml: str = SAIN) -> Path:
    text = toml.replace("2027-G-014", f"2027-G-{number:03d}")
    return bureau.dossier(text, lieu=lieu, nom=nom or f"2027-06-17 Client {number}")


@pytest.fixture
def bon(bureau: Bureau) -> Path:
    """A dossier beside the bad ones, with which nothing is wrong; it has its contract and its row."""
    change(bureau.root / "office.toml", 'inclure    = "finalises"', 'inclure = "tous"')
    return dossier(bureau, 900)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def refused(run: Run) -> list[str]:
    assert run.status == 4, run.out + run.err
    return [plain(one) for one in run.json["refus"]]


def one_for_each(refus: list[str], wanted: list[str]) -> None:
    """Each is told by one sentence, and nothing else is."""
    assert [sum(one in told for told in refus) for one in wanted] == [1] * len(wanted), refus
    assert len(refus) == len(wanted), refus


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- what may not be entered --------------------------------------------------------------------------------------


@dataclass
class Fermes:
    """A tree in which something is closed at every level."""

    bureau: Bureau
    whole: Path
    """A dossier that may not be entered."""
    unread: Path
    """One whose dossier.toml may not be read."""
    told: list[str]
    """What each is called by."""


@pytest.fixture
def fermes(bureau: Bureau, bon: Path) -> Iterator[Fermes]:
    root = bureau.root
    dossier(bureau, 1, "Individuel/2027/04 - Avril/Dossier en cours")
    dossier(bureau, 2, "Groupe/2025/04 - Avril/Dossier en cours")
    dossier(bureau, 3, "Groupe/2026/05 - Mai/Dossier en cours")
    dossier(bureau, 4, "Groupe/2026/06 - Juin/Dossier traité")
    whole, stateless, unread, withheld = (dossier(bureau, number) for number in (5, 6, 7, 8))
    state, source, contracts = stateless / "_suivi", unread / "dossier.toml", withheld / "3 Contrat"
    state.mkdir()
    contracts.mkdir()
    folders = [
        root / "Individuel",
        root / "Groupe/2025",
        root / "Groupe/2026/05 - Mai",
        root / "Groupe/2026/06 - Juin/Dossier traité",
        whole,
    ]
    left = [root / "Individuel", root / "Groupe/2025", root / "Groupe/2026", whole, stateless, unread]
    before = [everything(folder) for folder in left]
    with closed(*folders, state, source, contracts):
        told = [f"« {path} »" for path in (*folders, state / "etat.json", source, contracts)]
        yield Fermes(bureau, whole, unread, told)
    assert [everything(folder) for folder in left] == before


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_closed_at_any_level_is_told_once_and_the_others_are_done(
    command: str, fermes: Fermes, bon: Path
) -> None:
    root = fermes.bureau.root

    refus = refused(fermes.bureau.run(command, root, "--json"))

    one_for_each(refus, fermes.told if command == "generer" else fermes.told[:-1])  # no other looks at documents
    assert all("Pas le droit" in one and "voir avec la personne qui gère le serveur" in one for one in refus)
    if command == "generer":
        assert (bon / CONTRAT).is_file()
    if command in ("generer", "recap"):
        assert (root / RECAP).is_file() and (root / "arrivees.ics").is_file()
    assert plain(fermes.bureau.run(command, root).out).count("REPORTÉ : Pas le droit") == len(refus)


def test_gestures_on_one_dossier_mind_no_other(fermes: Fermes, bon: Path) -> None:
    run = fermes.bureau.run

    for gesture in (["fiche"], ["noter", "client.nom=Autre"], ["classer", "annule", "--motif", "x"]):
        word, *rest = gesture
        for bad in (fermes.whole, fermes.unread, fermes.bureau.root / "Groupe/2025/04 - Avril/Dossier en cours/x"):
            refusal = run(word, bad, *rest)
            assert refusal.status == 4 and f"« {bad}" in plain(refusal.err)
        assert run(word, bon, *rest).status == 0


def test_the_diagnostic_names_what_is_closed(fermes: Fermes) -> None:
    points = fermes.bureau.run("diagnostic", fermes.bureau.root, "--json").json["points"]

    told = [plain(one["constat"]) for one in points if one["sujet"] == "dossiers" and one["verdict"] == "manque"]
    one_for_each(told, fermes.told[:5])


def test_the_watcher_tells_once_what_is_closed_and_does_the_others(fermes: Fermes, bon: Path) -> None:
    bench = Bench(fermes.bureau)

    first = bench.wait(0)
    assert first
    one_for_each(first.refus, fermes.told[:5])
    second = bench.wait(4)
    assert second and (bon / CONTRAT).is_file()
    one_for_each(second.refus, [fermes.told[5], fermes.told[7]])
    late = bench.wait(60)
    assert late
    assert any(fermes.told[6] in one for one in late.refus), late.refus
    assert not any(told in one for one in late.refus for told in fermes.told[:5])


def test_what_is_opened_again_is_done(bureau: Bureau, bon: Path) -> None:
    bench = Bench(bureau)
    with closed(bon.parents[2]):
        told = bench.wait(0)
        assert told and len(told.refus) == 1
        assert [bench.wait(4), bench.wait(30)] == [None, None]

    assert bench.settle() == [bon.name]


NOBODY = 65534


def python_for_everyone() -> list[str]:
    """One that another account may start, with the libraries of this one; none where there is none."""
    path = os.pathsep.join([str(ICI.parent), *filter(None, sys.path)])
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        start = ["env", f"PYTHONPATH={path}", "PYTHONDONTWRITEBYTECODE=1", python]
        try:
            subprocess.run([*start, "-c", "import pydantic"], user=NOBODY, check=True, capture_output=True, cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return start
    return []


@pytest.mark.slow
def test_another_account_is_told_and_does_the_others() -> None:
    """What the tests above show of root without its privilege, by a process of somebody else."""
    if os.geteuid() != 0 or not (python := python_for_everyone()):
        pytest.skip("nobody else can be, or Python is not for everyone")
    with tempfile.TemporaryDirectory() as name:
        bureau = Bureau(Path(name))
        bon, whole = dossier(bureau, 900), dossier(bureau, 1, "Groupe/2025/04 - Avril/Dossier en cours")
        for path in (bureau.root, *bureau.root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        year = whole.parents[2]
        year.chmod(0)
        done = subprocess.run(
            [*python, "-m", "toolkit", "generer", name, "--sans-pdf", "--json", "--le", "2027-06-04"],
            user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, cwd="/",
        )  # fmt: skip
        year.chmod(0o755)

        assert done.returncode == 4, done.stderr
        one_for_each([plain(one) for one in json.loads(done.stdout)["refus"]], [f"« {year} »"])
        assert (bon / CONTRAT).stat().st_uid == NOBODY
        assert bureau.files(whole) == {"dossier.toml"}


# --- references -----------------------------------------------------------------------------------------------------


def test_no_reference_is_given_twice_while_some_cannot_be_read(bureau: Bureau, bon: Path) -> None:
    unread, damaged = dossier(bureau, 901) / "dossier.toml", dossier(bureau, 902)
    damaged.joinpath("dossier.toml").write_text('reference = "2027-G-902\nagent = ', encoding="utf-8")
    whole = dossier(bureau, 903)
    dossier(bureau, 904, "Groupe/2026/06 - Juin/Dossier en cours")

    def new(typologie: str, debut: str) -> Run:
        return bureau.run("nouveau", bureau.root, typologie, f"Neuf {debut}", debut, "--json")

    with closed(unread, whole, bureau.root / "Groupe/2026"):
        assert new("groupe", "2027-09-16").json["reference"] == "2027-G-904"
        assert new("individuel", "2026-09-16").json["reference"] == "2026-I-001"
        before = bureau.files()
        refusal = new("groupe", "2026-09-16")
        assert bureau.files() == before

    assert refusal.status == 4
    assert "elle pourrait servir deux fois" in refusal.json["erreur"] and "Groupe/2026" in refusal.json["erreur"]


def test_a_file_that_was_held_is_asked_again_for_its_reference(bureau: Bureau, bon: Path) -> None:
    settings = load_settings(bureau.root)
    known, looked = References(settings), look(bureau.root, settings.office)

    with closed(bon / "dossier.toml"):
        known.refresh(looked)
    assert known.next_free(Typologie.GROUPE, 2027) == "2027-G-002"  # past the one that may be the first

    known.refresh(looked)
    assert known.next_free(Typologie.GROUPE, 2027) == "2027-G-901"


def test_a_closed_state_of_one_copy_does_not_stop_the_other(bureau: Bureau, bon: Path) -> None:
    bureau.run("generer", bureau.root)
    copy = dossier(bureau, 900, nom="2027-06-17 Copie")
    state = copy / "_suivi"
    state.mkdir()
    with closed(state):
        run = bureau.run("generer", bon, "--json")

    assert (run.status, run.json["refus"]) == (0, [])


# --- what is no file ------------------------------------------------------------------------------------------------

SIGNATURE = 'signe = ["contrat", "avenant", "bon_echange"]\nsignature_image = '
un_piege = pytest.mark.parametrize(
    "piege", [pytest.param(one, marks=() if one in ("tube", "énorme") else pytest.mark.slow) for one in PIEGES]
)
"""Most are told alike, as ``tests/system/test_reading.py`` shows in no time."""


@un_piege
def test_what_is_no_file_is_told_once_and_the_others_are_done(piege: str, bureau: Bureau, bon: Path) -> None:
    root = bureau.root
    change(root / "office.toml", f'{SIGNATURE}""', f'{SIGNATURE}"signature.png"')
    dossier(bureau, 900, nom=bon.name, toml=exemple("dossier_groupe"))
    nulle_part = dossier(bureau, 1) / "dossier.toml"
    told = [
        nulle_part,
        root / "modeles/contrat_individuel.docx",
        root / "signature.png",
        root / RECAP,
    ]
    etat = dossier(bureau, 2) / "_suivi/etat.json"
    quiet = [etat, root / "modeles/_suivi/essais.json", root / "_suivi/vus.json", root / "_suivi/surveillance.json"]
    for path in (*told, *quiet, root / "arrivees.ics"):
        lay(piege, path)
    dossier(bureau, 3, "Groupe/2028/06 - Juin/Dossier en cours")
    wanted = {
        "generer": told,
        "verifier": told[:1],
        "recap": [*told[:1], root / RECAP],
        "echeances": told[:1],
        "tableau": told[:1],
    }

    with promptly():
        for command, paths in wanted.items():
            refus = refused(bureau.run(command, root, "--json"))
            calendar = [root / "arrivees.ics"] if command in ("generer", "recap") else []
            one_for_each(refus, [f"« {path} »" for path in (*paths, *calendar)])
        assert bureau.run("diagnostic", root, "--json").status in (0, 1)
        assert bureau.run("fiche", nulle_part.parent).status == 4
        assert bureau.run("noter", nulle_part.parent, "client.nom=Autre").status == 4
        assert bureau.run("nouveau", root, "groupe", "Neuf", "2027-09-16").status == 0
    assert (bon / CONTRAT).is_file()
    assert not list(bon.glob("4 Bons d'échange/*.docx"))  # they would have no signature


@un_piege
def test_the_watcher_hangs_on_nothing(piege: str, bureau: Bureau, bon: Path) -> None:
    bad = dossier(bureau, 1)
    for path in (
        bad / "dossier.toml",
        bureau.root / "_suivi/vus.json",
        bureau.root / "modeles/contrat_individuel.docx",
    ):
        lay(piege, path)
    bench = Bench(bureau)

    with promptly():
        assert bon.name in bench.settle()
        told = [bench.wait(seconds) for seconds in (58, 30)]

    assert (bon / CONTRAT).is_file()
    refus = [one for report in bench.told for one in report.refus]
    assert any(f"« {bad}/dossier.toml »" in one for one in refus), told


@un_piege
@pytest.mark.parametrize("name", ["office.toml", "prestataires.toml"])
def test_settings_that_are_no_file_are_told_and_nothing_is_done(
    name: str, piege: str, bureau: Bureau, bon: Path
) -> None:
    lay(piege, bureau.root / name)
    before = bureau.files()

    with promptly():
        run = bureau.run("generer", bon)

    assert run.status == 4 and f"« {bureau.root / name} »" in plain(run.err)
    assert bureau.files() == before


def test_what_lies_among_the_documents_holds_nobody(bureau: Bureau, bon: Path) -> None:
    for number, piege in enumerate(one for one in PIEGES if one != "énorme"):
        for name in (f"Contrat signé {number}.pdf", f"Contrat 2027-G-900 v{number}.docx", f"~${number}.docx"):
            lay(piege, bon / "3 Contrat" / name)

    with promptly():
        assert bureau.run("generer", bureau.root).status == 0
        assert bureau.run("classer", bon, "annule", "--motif", "x").status == 0


# --- names that are no text -----------------------------------------------------------------------------------------


def odd(name: str) -> str:
    """As Python holds a name whose accents are in another encoding: « F?vrier »."""
    return os.fsdecode(name.encode("cp850"))


@pytest.fixture
def illisibles(bureau: Bureau, bon: Path) -> list[str]:
    """One folder at each level; what each is called by."""
    root = bureau.root
    dossier(bureau, 1, f"{odd('Été')}/2027/06 - Juin/Dossier en cours")
    dossier(bureau, 2, f"Groupe/{odd('2027 été')}/06 - Juin/Dossier en cours")
    dossier(bureau, 3, f"Groupe/2027/{odd('02 - Février')}/Dossier en cours")
    dossier(bureau, 4, f"Groupe/2027/06 - Juin/{odd('Dossier traité')}")
    dossier(bureau, 5, nom=odd("2027-06-17 Aînés"))
    dossier(bureau, 6, nom="2027-06-17 \x1b[2J\n")
    for path in (root / odd("été.txt"), root / "modeles" / odd("modèle.docx"), bon / "3 Contrat" / odd("signé.pdf")):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"%PDF")
    return [
        f"« {root}/{one} »"
        for one in (
            r"Groupe/2027 \x82t\x82",
            r"Groupe/2027/02 - F\x82vrier",
            r"Groupe/2027/06 - Juin/Dossier trait\x82",
            rf"{EN_COURS}/2027-06-17 A\x8cn\x82s",
            rf"{EN_COURS}/2027-06-17 \x1b[2J\n",
            r"\x90t\x82",
        )
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_names_that_are_no_text_are_told_and_the_others_are_done(
    command: str, illisibles: list[str], bureau: Bureau, bon: Path
) -> None:
    one_for_each(refused(bureau.run(command, bureau.root, "--json")), illisibles)
    run = bureau.run(command, bureau.root)

    assert run.status == 4 and "le renommer" in run.out
    run.out.encode()  # half a character cannot be
    if command == "generer":
        assert (bon / CONTRAT).is_file()


def test_the_watcher_survives_names_that_are_no_text(illisibles: list[str], bureau: Bureau, bon: Path) -> None:
    bench = Bench(bureau)

    assert bench.settle() == [bon.name]
    one_for_each(bench.told[0].refus, illisibles)
    assert bench.restarted().settle() == []
    kept = json.loads((bureau.root / "_suivi/vus.json").read_bytes())
    assert load_handled(bureau.root, kept["moment"])
    run = bureau.run("surveiller", bureau.root, "--une-fois")
    (log,) = bureau.root.glob("_suivi/journaux/*.txt")
    assert run.status == 4 and r"02 - F\x82vrier" in log.read_text(encoding="utf-8")


def test_gestures_refuse_a_name_that_is_no_text(illisibles: list[str], bureau: Bureau, bon: Path) -> None:
    for word, *rest in (["fiche"], ["noter", "client.nom=Autre"], ["classer", "annule", "--motif", "x"]):
        run = bureau.run(word, bureau.root / EN_COURS / odd("2027-06-17 Aînés"), *rest)
        assert run.status == 1 and r"A\x8cn\x82s" in run.err and "le renommer" in run.err
    assert bureau.run("fiche", bon).status == 0
    assert bureau.run("diagnostic", bureau.root, "--json").status in (0, 1)
    # Past the dossiers of that year whose references nobody reads.
    new = bureau.run("nouveau", bureau.root, "groupe", "Neuf", "2027-09-16", "--json")
    assert new.json["reference"] == "2027-G-905"
    assert bureau.run("classer", bon, "annule", "--motif", "x").status == 0


def test_what_is_typed_in_a_file_acts_on_no_terminal(bureau: Bureau, bon: Path) -> None:
    text = bon.joinpath("dossier.toml").read_text(encoding="utf-8")
    typed = r'"\u001b[2J\u202e" = 1' + "\n" + text.replace('"Jeanne"', r'"Jeanne\u001b]0;x\u0007"')
    bon.joinpath("dossier.toml").write_text(typed, encoding="utf-8")

    said = [bureau.run(command, bureau.root).out for command in COMMANDS]
    said += [bureau.run("fiche", bon).out, bureau.run("noter", bon, "client.contact.prenom=Anne").out]

    note = bon.joinpath("À CORRIGER.txt").read_text(encoding="utf-8")
    assert r"\x1b[2J\u202e" in said[0] and r"\x1b[2J\u202e" in note
    assert not {"\x1b", "\x07", "\u202e"} & set("".join([*said, note]))


# --- links ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lieu",
    [
        "Groupe",
        pytest.param("Groupe/2027", marks=pytest.mark.slow),
        pytest.param("Groupe/2027/06 - Juin", marks=pytest.mark.slow),
        EN_COURS,
        pytest.param(f"{EN_COURS}/2027-06-17 Client 1", marks=pytest.mark.slow),
    ],
)
def test_no_walker_goes_through_a_link(lieu: str, bureau: Bureau, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What lies elsewhere is neither read as a dossier nor written to, whatever asks for it."""
    elsewhere = tmp_path_factory.mktemp("ailleurs")
    outside = Bureau(elsewhere)
    dossier(outside, 1)
    outside.run("recap", elsewhere)
    before = everything(elsewhere)
    link = bureau.root / lieu
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere / link.relative_to(bureau.root), target_is_directory=True)
    through = bureau.root / EN_COURS / "2027-06-17 Client 1"
    assert through.is_dir()

    for command in COMMANDS:
        assert bureau.run(command, bureau.root, "--json").json.get("dossiers", []) == []
    settings = load_settings(bureau.root)
    assert look(bureau.root, settings.office).sources == {}
    assert annees(bureau.root, settings.office, Typologie.GROUPE) == ([2027] if lieu.count("/") > 1 else [])
    for word, *rest in (["fiche"], ["generer"], ["noter", "client.nom=Autre"], ["classer", "annule", "--motif", "x"]):
        run = bureau.run(word, through, *rest)
        assert run.status in (1, 4) and "les liens ne sont pas suivis" in plain(run.out + run.err), word
    status = 0 if lieu.startswith(f"{EN_COURS}/") else 4
    assert bureau.run("nouveau", bureau.root, "groupe", "Neuf", "2027-06-17").status == status
    assert everything(elsewhere) == before


# --- what nobody expected -------------------------------------------------------------------------------------------


def test_a_row_that_cannot_be_made_stops_no_other(bureau: Bureau, bon: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = dossier(bureau, 1)

    def fail_on_one(fiche: Any) -> Any:
        assert fiche.dossier.reference != "2027-G-001"
        return ligne(fiche)

    for module in ("walk.generate", "gestes.recaps", "gestes.voir_echeances"):
        monkeypatch.setattr(f"toolkit.{module}.ligne", fail_on_one)
    for command in ("generer", "recap", "echeances", "tableau"):
        run = bureau.run(command, bureau.root, "--json")
        assert run.status == 3
        assert bad.name in run.json["refus"][0]
        Path(plain(run.json["refus"][-1]).split("« ")[1].split(" »")[0]).unlink()
    assert (bon / CONTRAT).is_file() and (bureau.root / RECAP).is_file()


def test_a_file_that_trips_the_reading_of_references_stops_no_other(
    bureau: Bureau, bon: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_on_one(content: bytes, *rest: Any) -> Any:
        assert b"2027-G-001" not in content
        return peek(content, *rest)

    dossier(bureau, 1)
    monkeypatch.setattr("toolkit.walk.references.peek", fail_on_one)

    assert bureau.run("verifier", bureau.root, "--json").status == 0
    assert (
        bureau.run("nouveau", bureau.root, "groupe", "Neuf", "2027-09-16", "--json").json["reference"] == "2027-G-902"
    )


def test_the_watch_goes_on_after_a_defect(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, str]] = []
    passes: list[float] = []

    def fail_at_first(self: Watcher, now: float) -> None:
        passes.append(now)
        if len(passes) == 1:
            raise ZeroDivisionError
        raise KeyboardInterrupt

    monkeypatch.setattr(Watcher, "step", fail_at_first)
    monkeypatch.setattr("toolkit.watch.watcher.SCAN_SECONDS", 0.0)

    watch(bureau.root, options, lambda report: None, lambda *told: said.append(told), once=False)

    assert len(passes) == 2
    ((line, details),) = said
    assert "Défaut du toolkit (ZeroDivisionError)" in line
    assert "Traceback" in details
