"""When a dossier is read: once its file is whole and still, never before, and always in the end."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ICI, JOUR, Bureau, exemple
from toolkit.errors import AgentError, EnvironmentRefused
from toolkit.system import files
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk.apply import apply_plan
from toolkit.walk.case import find_folders, read_case
from toolkit.walk.means import Means
from toolkit.walk.options import Options
from toolkit.walk.plan import plan_dossier
from toolkit.walk.report import Report
from toolkit.watch.stability import StabilityTracker
from toolkit.watch.watcher import Watcher, watch

SAIN = ICI.joinpath("toml", "cas", "aucun-defaut", "dossier.toml").read_text(encoding="utf-8")
CONTRAT = "3 Contrat/Contrat 2027-G-014.docx"
A, B = "a/dossier.toml", "b/dossier.toml"
Seen = tuple[int, int, str]
"""Size, date and bytes of a file."""


def options(settings: Settings, le: date = JOUR) -> Options:
    return Options(aujourd_hui=le, with_pdf=False)


class Bench:
    """A watcher over an office whose clock the test turns."""

    def __init__(self, bureau: Bureau, le: date = JOUR) -> None:
        self.bureau = bureau
        self.told: list[Report] = []
        self.said: list[str] = []
        self.le = le
        self.now = 1_000.0
        self.watcher = Watcher(
            bureau.root,
            lambda settings: options(settings, self.le),
            self.told.append,
            lambda line, details: self.said.append(line),
        )

    def restarted(self, le: date = JOUR) -> "Bench":
        """Stopped, and another watcher in its place."""
        self.watcher.remember()
        return Bench(self.bureau, le)

    def wait(self, seconds: float) -> Report | None:
        self.now += seconds
        return self.watcher.step(self.now)

    def settle(self) -> list[str]:
        """Two looks a moment apart; the dossiers that were read."""
        reports = [self.wait(0), self.wait(4)]
        return sorted(name for report in reports if report for name in names(report))

    def attempt(self, seconds: float) -> Report | None:
        """A look as the watcher has them, which nothing ends."""
        self.now += seconds
        return self.watcher.attempt(self.now)

    def run(self, seconds: float) -> list[Report]:
        """All the looks of so long, as far apart as the watcher wants them where the system tells of changes."""
        end, reports = self.now + seconds, []
        while self.now < end:
            if report := self.watcher.attempt(self.now):
                reports.append(report)
            self.now += max(0.01, self.watcher.pause(self.now, has_events=True))
        return reports


def names(report: Report) -> list[str]:
    """Of the dossiers that were read, in order."""
    return [one.chemin.rpartition("/")[2] for one in report.dossiers]


@pytest.fixture
def bench(bureau: Bureau) -> Bench:
    bench = Bench(bureau)
    bench.settle()
    return bench


# --- which files are still ------------------------------------------------------------------------------------------


class Still:
    """A stability tracker that is shown files as (size, date, bytes)."""

    def __init__(self) -> None:
        self.tracker = StabilityTracker(stable_seconds=3)
        self.digested: list[str] = []

    def observe(self, now: float, shown: Mapping[str, Seen]) -> list[str]:
        def digest(path: str) -> str:
            self.digested.append(path)
            return shown[path][2]

        return self.tracker.observe(now, {path: seen[:2] for path, seen in shown.items()}, digest)


def test_a_file_is_given_once_it_has_been_still_and_until_it_is_handled() -> None:
    still = Still()

    assert still.observe(0, {A: (1, 1, "a")}) == []
    assert still.observe(2.9, {A: (1, 1, "a")}) == []
    assert still.observe(3, {A: (1, 1, "a")}) == [A]
    assert still.observe(9, {A: (1, 1, "a")}) == [A]
    still.tracker.handled(A)
    still.digested.clear()
    assert still.observe(12, {A: (1, 1, "a")}) == []
    # What was handled and has not moved is not even opened, also beside what moves.
    assert still.observe(13, {A: (1, 1, "a"), B: (1, 1, "a")}) == []
    assert still.digested == [B]


@pytest.mark.parametrize(
    "changed",
    [(2, 1, "a"), (1, 2, "a"), (1, 0, "a"), (1, 1, "b")],
    ids=["size", "date", "older date", "bytes alone"],
)
def test_any_move_starts_the_wait_again(changed: Seen) -> None:
    still = Still()
    still.observe(0, {A: (1, 1, "a")})

    assert still.observe(3, {A: changed}) == []
    assert still.tracker.still_for(5, A) == 2
    assert still.observe(6, {A: changed}) == [A]
    still.tracker.handled(A)
    again = (changed[0] + 1, changed[1], "a")
    assert still.observe(7, {A: again}) == []
    assert still.observe(10, {A: again}) == [A]


def test_a_file_that_went_and_came_back_is_new() -> None:
    still = Still()
    still.observe(0, {A: (1, 1, "a"), B: (1, 1, "a")})
    assert still.observe(3, {B: (1, 1, "a")}) == [B]

    assert still.observe(4, {A: (1, 1, "a"), B: (1, 1, "a")}) == [B]
    assert still.observe(7, {A: (1, 1, "a"), B: (1, 1, "a")}) == [A, B]


def test_a_handled_file_that_went_and_came_back_is_new() -> None:
    still = Still()
    still.observe(0, {A: (1, 1, "a")})
    still.observe(3, {A: (1, 1, "a")})
    still.tracker.handled(A)

    assert still.observe(4, {}) == []
    assert still.observe(5, {A: (1, 1, "a")}) == []
    assert still.observe(8, {A: (1, 1, "a")}) == [A]


def test_a_file_that_went_away_while_it_moved_is_not_waited_for() -> None:
    still = Still()
    still.observe(0, {A: (1, 1, "a")})
    still.observe(3, {A: (1, 1, "a")})
    still.tracker.handled(A)
    still.observe(4, {A: (1, 1, "a"), B: (1, 1, "b")})
    assert still.tracker.waiting == 1

    assert still.observe(5, {A: (1, 1, "a")}) == []
    assert still.tracker.waiting == 0
    assert still.observe(9, {A: (1, 1, "a"), B: (1, 1, "b")}) == []


def test_a_handled_file_can_be_given_again_at_once() -> None:
    still = Still()
    seen = {A: (1, 1, "a"), B: (1, 1, "a")}
    still.observe(0, seen)
    still.observe(3, seen)
    still.tracker.handled(A)
    still.tracker.handled(B)

    still.tracker.give_again([A])

    assert still.observe(4, seen) == [A]
    still.tracker.give_again([B])
    assert still.observe(5, {**seen, B: (1, 2, "a")}) == [A]


# --- a real tree, a clock of ours -----------------------------------------------------------------------------------


def test_a_new_dossier_gets_its_documents_once(bench: Bench) -> None:
    folder = bench.bureau.dossier(SAIN)

    assert bench.wait(0) is None
    assert bench.wait(2.9) is None
    report = bench.wait(0.1)

    assert report
    assert report is bench.told[-1]
    assert CONTRAT in bench.bureau.files(folder)
    assert [bench.wait(30) for _ in range(5)] == [None] * 5


def test_a_watcher_that_starts_again_the_same_day_looks_only_into_what_changed(bench: Bench) -> None:
    bench.bureau.dossier(SAIN)
    bench.bureau.dossier(SAIN.replace("2027-G-014", "2027-G-015"), nom="2027-06-20 Autre")
    assert bench.settle() == ["2027-06-17 Aînés de Sainte-Fiction 42p", "2027-06-20 Autre"]

    assert bench.restarted().settle() == []
    assert bench.bureau.root.joinpath("_suivi", "vus.json").is_file()
    changed = bench.restarted()
    bench.bureau.dossier(SAIN.replace("2027-G-014", "2027-G-015") + "\n", nom="2027-06-20 Autre")
    assert changed.settle() == ["2027-06-20 Autre"]


def test_a_watcher_that_starts_again_on_another_day_or_without_its_memory_looks_into_everything(bench: Bench) -> None:
    bench.bureau.dossier(SAIN)
    bench.settle()

    assert len(bench.restarted(JOUR + timedelta(1)).settle()) == 1
    bench.bureau.root.joinpath("_suivi", "vus.json").write_bytes(b'{"moment": 1, "fichiers"')
    assert len(Bench(bench.bureau).settle()) == 1


def test_a_changed_setting_is_seen_by_a_watcher_that_starts_again(bench: Bench) -> None:
    bench.bureau.dossier(SAIN)
    bench.settle()
    again = bench.restarted()
    prestataires = bench.bureau.root / "prestataires.toml"
    prestataires.write_bytes(prestataires.read_bytes() + b"\n# autre\n")

    assert len(again.settle()) == 1


def test_a_mended_dossier_loses_its_note(bench: Bench) -> None:
    folder = bench.bureau.dossier(SAIN.replace("59.00", "59,00"))
    bench.settle()
    assert "À CORRIGER.txt" in bench.bureau.files(folder)

    bench.bureau.dossier(SAIN)
    bench.settle()

    assert "À CORRIGER.txt" not in bench.bureau.files(folder)
    assert CONTRAT in bench.bureau.files(folder)


def test_a_copy_by_explorer_gives_nothing_before_it_is_whole(bench: Bench) -> None:
    """The final size at once, full of NULs, then the data, then the old date (constats.md §1.4)."""
    whole = SAIN.encode()
    folder = bench.bureau.dossier(b"")
    path = folder / "dossier.toml"
    for filled in (0, 0, 1_000, 1_001, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:filled].ljust(len(whole), b"\0"))
        for _ in range(5):
            assert bench.wait(4) is None
            assert bench.bureau.files(folder) == {"dossier.toml"}

    path.write_bytes(whole)
    os.utime(path, (1, 1))

    assert bench.wait(1) is None
    assert bench.wait(2) is None
    assert bench.wait(2)
    assert CONTRAT in bench.bureau.files(folder)


@pytest.mark.parametrize("content", [b"", b"reference = 1\n" + b"\0" * 512])
def test_an_unfinished_file_is_told_after_a_minute_and_read_when_it_is_there(content: bytes, bench: Bench) -> None:
    folder = bench.bureau.dossier(content)

    assert [bench.wait(seconds) for seconds in (0, 4, 30, 25)] == [None] * 4
    assert bench.bureau.files(folder) == {"dossier.toml"}
    report = bench.wait(2)
    assert report
    assert report.exit_status == 1
    assert "À CORRIGER.txt" in bench.bureau.files(folder)
    assert bench.wait(100) is None

    bench.bureau.dossier(SAIN)
    bench.settle()

    assert CONTRAT in bench.bureau.files(folder)
    assert "À CORRIGER.txt" not in bench.bureau.files(folder)


def test_an_unfinished_file_makes_no_other_wait(bench: Bench) -> None:
    bench.bureau.dossier(b"", nom="vide")
    bench.bureau.dossier(SAIN, nom="plein")

    assert bench.settle() == ["plein"]


@pytest.mark.parametrize("name", ["office.toml", "prestataires.toml", "modeles/contrat_groupe.docx"])
def test_what_all_depend_on_has_changed_and_all_are_read_again(name: str, bench: Bench) -> None:
    bench.bureau.dossier(SAIN, nom="a")
    bench.bureau.dossier(exemple("dossier_minimal"), nom="b", lieu="Groupe/2027/05 - Mai/en cours")
    assert bench.settle() == ["a", "b"]
    assert bench.settle() == []

    path = bench.bureau.root / name
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".toml":
        path.write_bytes(path.read_bytes() + b"\n# une remarque\n")
    else:
        path.write_bytes(Path(__file__).parents[2].joinpath("modeles", path.name).read_bytes())

    assert bench.settle() == ["a", "b"]
    assert bench.settle() == []


def test_half_saved_settings_are_told_and_nothing_is_lost(bench: Bench) -> None:
    folder = bench.bureau.dossier(SAIN)
    office = bench.bureau.root / "office.toml"
    content = office.read_bytes()
    office.write_bytes(b"")
    with pytest.raises(AgentError, match="réglages de l'office"):
        bench.wait(0)

    office.write_bytes(content)

    assert bench.settle() == [folder.name]
    assert CONTRAT in bench.bureau.files(folder)


def test_the_look_that_makes_documents_reads_each_file_once_and_looks_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads = files.read_if_there, Counter[str]()

    def counted(path: Path) -> bytes | None:
        reads[path.name] += 1
        return read(path)

    bench.bureau.dossier(SAIN)
    bench.wait(0)
    monkeypatch.setattr(files, "read_if_there", counted)

    assert bench.wait(4)
    # Once, and the second look under the lock before anything is written.
    assert (reads["dossier.toml"], reads["office.toml"], reads["prestataires.toml"]) == (2, 0, 0)


def test_a_dossier_that_was_moved_or_removed_is_followed(bench: Bench) -> None:
    folder = bench.bureau.dossier(SAIN)
    bench.settle()
    done = folder.parents[1] / "Dossier traité"
    done.mkdir()
    moved = folder.rename(done / folder.name)

    assert bench.settle() == [folder.name]
    moved.joinpath("dossier.toml").unlink()
    assert bench.settle() == []


def test_a_dossier_renamed_while_it_is_made_leaves_nothing_under_its_old_name(bench: Bench) -> None:
    folder = bench.bureau.dossier(SAIN)
    settings = load_settings(bench.bureau.root)
    [found] = find_folders(settings, [folder], Report())
    means = Means(settings, options(settings))
    plan = plan_dossier(read_case(found, settings, JOUR), means)
    renamed = folder.rename(folder.with_name(f"{folder.name} bis"))

    applied = apply_plan(plan, means, None)

    assert not folder.exists()
    assert applied.refus == []
    assert any("a été renommé" in step.raison for step in applied.report.etapes)
    assert bench.settle() == [renamed.name]
    assert CONTRAT in bench.bureau.files(renamed)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """A second process has the file open."""
    code = "import sys; file = open(sys.argv[1], 'r+b'); print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield
        process.kill()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits half a second for who holds a file for a night."""
    monkeypatch.setattr(files, "_HELD_SECONDS", 0)


@pytest.mark.usefixtures("hurried")
def test_a_recap_that_someone_has_open_is_completed_once_it_is_closed(bench: Bench) -> None:
    folder = bench.bureau.dossier(exemple("dossier_groupe"))
    bench.settle()
    recap = folder.parents[2] / "Récap groupes par mois.xlsx"
    before = recap.read_bytes()
    bench.bureau.dossier(exemple("dossier_groupe", ("Parking autocars", "Gare")))

    with held(recap):
        bench.wait(0)
        report = bench.wait(4)
        assert report
        assert "Récap groupes par mois.xlsx" in report.refus[0]
        assert bench.wait(10) is None
        again = bench.wait(25)
        assert again
        assert again.refus
        assert recap.read_bytes() == before

    last = bench.wait(31)

    assert last
    assert last.refus == []
    assert recap.read_bytes() != before
    assert bench.wait(100) is None


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_a_night_with_an_open_recap_is_tried_less_and_less_and_told_once(bench: Bench) -> None:
    folder = bench.bureau.dossier(exemple("dossier_groupe"))
    bench.bureau.dossier(SAIN.replace("2027-G-014", "2027-G-020"), nom="un autre")
    bench.settle()
    recap = folder.parents[2] / "Récap groupes par mois.xlsx"
    bench.bureau.dossier(exemple("dossier_groupe", ("Parking autocars", "Gare")))

    with held(recap):
        bench.run(10)
        assert any("est ouvert" in refusal for refusal in bench.told[-1].refus)
        told = len(bench.told)
        bench.le += timedelta(1)
        reports = bench.run(8 * 3600)
        tries = [report for report in reports if report.refus]
        assert 15 < len(tries) < 30
        assert (len(bench.told), bench.said) == (told, [])

    done = [report for report in bench.run(1900) if names(report) == [folder.name]]
    assert [report.refus for report in done] == [[]]
    assert bench.said == ["« Récap groupes par mois.xlsx » : à nouveau possible."]
    assert bench.watcher.waiting == 0


@pytest.mark.usefixtures("hurried")
def test_what_closes_a_file_beside_a_dossier_that_waits_has_it_tried_again_soon(bench: Bench) -> None:
    folder = bench.bureau.dossier(exemple("dossier_groupe"))
    bench.settle()
    recap = folder.parents[2] / "Récap groupes par mois.xlsx"
    mark = recap.with_name(f"~${recap.name}")
    mark.touch()
    bench.bureau.dossier(exemple("dossier_groupe", ("Parking autocars", "Gare")))
    with held(recap):
        bench.run(4000)
    assert bench.attempt(1) is None

    mark.unlink()

    assert bench.attempt(31)
    assert bench.said == ["« Récap groupes par mois.xlsx » : à nouveau possible."]


@pytest.mark.usefixtures("hurried")
def test_a_dossier_that_waits_and_is_moved_away_is_waited_for_no_more(bench: Bench) -> None:
    folder = bench.bureau.dossier(exemple("dossier_groupe"))
    bench.settle()
    bench.bureau.dossier(exemple("dossier_groupe", ("Parking autocars", "Gare")))
    with held(folder.parents[2] / "Récap groupes par mois.xlsx"):
        bench.run(60)
        assert bench.watcher.waiting == 1
        folder.rename(bench.bureau.root / "ailleurs")
        bench.attempt(1)

    assert bench.watcher.waiting == 0
    assert bench.said == ["« Récap groupes par mois.xlsx » : à nouveau possible."]


# --- much to do -----------------------------------------------------------------------------------------------------


def many(bureau: Bureau, count: int, annee: int) -> None:
    for number in range(count):
        text = SAIN.replace("2027-G-014", f"{annee}-G-{number + 100}")
        bureau.dossier(text, nom=f"{annee}-06-17 {number}", lieu=f"Groupe/{annee}/06 - Juin/Dossier en cours")


def test_the_coming_years_and_this_one_come_before_the_old_ones(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.watch.watcher.BURST_SECONDS", 0)
    monkeypatch.setattr("toolkit.watch.watcher.BURST_LEAST", 1)
    for annee in (2025, 2028, 2026, 2027):
        many(bench.bureau, 1, annee)
    bench = Bench(bench.bureau)
    bench.watcher._burst = 1

    done = [name for report in bench.run(10) for name in names(report)]

    assert [name[:4] for name in done] == ["2028", "2027", "2026", "2025"]
    bench.le += timedelta(1)
    again = [name for report in bench.run(600) for name in names(report)]
    assert [name[:4] for name in again] == ["2028", "2027", "2026", "2025"]


def test_what_an_agent_saves_during_a_long_burst_comes_next(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.watch.watcher.BURST_SECONDS", 0)
    monkeypatch.setattr("toolkit.watch.watcher.BURST_LEAST", 1)
    many(bench.bureau, 8, 2027)
    bench = Bench(bench.bureau)
    bench.watcher._burst = 1
    bench.attempt(0)
    assert bench.attempt(4)

    bench.bureau.dossier(SAIN, nom="2025-06-17 Enregistré", lieu="Groupe/2025/06 - Juin/Dossier en cours")
    reports = [bench.attempt(0), bench.attempt(3.5)]

    assert all(reports)
    assert [names(report) for report in reports if report][1] == ["2025-06-17 Enregistré"]
    assert bench.watcher.is_behind


def test_a_run_is_cut_to_what_there_is_time_for(bench: Bench) -> None:
    taken = []
    for done, seconds in ((40, 1), (80, 1), (160, 1), (320, 1), (500, 1), (500, 60), (250, 60), (30, 1)):
        bench.watcher._fit_burst(done, seconds)
        taken.append(bench.watcher._burst)

    assert taken == [80, 160, 320, 500, 500, 250, 125, 125]


def test_a_burst_reads_each_file_once_more_only_when_its_turn_comes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(bench.bureau, 6, 2027)
    bench = Bench(bench.bureau)
    monkeypatch.setattr("toolkit.watch.watcher.BURST_LEAST", 1)
    bench.watcher._burst = 1
    read, reads = files.read_if_there, Counter[str]()

    def counted(path: Path) -> bytes | None:
        reads[path.name] += 1
        return read(path)

    monkeypatch.setattr(files, "read_if_there", counted)
    while bench.watcher.moving or not bench.told:
        bench.attempt(4)

    # At first sight, once still, when its turn comes; the references of all are read once.
    assert reads["dossier.toml"] <= 4 * 6


# --- years without a hand -------------------------------------------------------------------------------------------


def test_a_share_that_is_gone_is_told_once_and_nothing_is_written_in_its_place(bench: Bench) -> None:
    bench.bureau.dossier(SAIN)
    bench.run(10)
    root = bench.bureau.root
    away = root.rename(root.with_name("démonté"))
    root.mkdir()

    bench.run(3600)

    assert list(root.iterdir()) == []
    assert bench.said == [
        f"« {root} » n'est pas accessible, ou n'a plus d'office.toml : vérifier que le partage est monté."
    ]
    root.rmdir()
    away.rename(root)
    bench.bureau.dossier(SAIN.replace("2027-G-014", "2027-G-020"), nom="de retour")
    bench.attempt(0)
    report = bench.attempt(4)
    assert report
    assert names(report) == ["de retour"]
    assert bench.said[1:] == [f"« {root} » : à nouveau possible."]


def test_settings_that_are_being_saved_are_told_only_when_it_lasts(bench: Bench) -> None:
    office = bench.bureau.root / "office.toml"
    content = office.read_bytes()
    office.unlink()
    bench.attempt(1)
    office.write_bytes(content)
    bench.run(10)
    assert bench.said == []

    office.write_bytes(b"")
    bench.run(3600)
    office.write_bytes(content)
    bench.run(10)

    assert len(bench.said) == 2
    assert bench.said[0].startswith("Les réglages de l'office sont illisibles")
    assert bench.said[1].startswith("À nouveau possible, après : Les réglages de l'office sont illisibles")


@pytest.mark.parametrize(
    "error", [RuntimeError("?"), OSError(5, "Input/output error"), RecursionError(), MemoryError()]
)
def test_what_nobody_foresaw_is_told_once_and_ends_nothing(
    error: Exception, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bench.bureau.dossier(SAIN)
    with monkeypatch.context() as broken:

        def breaks(*arguments: object) -> None:
            raise error

        broken.setattr("toolkit.watch.watcher.layout.look", breaks)
        bench.run(3600)
        assert len(bench.said) == 1
        assert "la surveillance continue" in bench.said[0]

    bench.run(10)

    assert CONTRAT in bench.bureau.files(folder)
    assert len(bench.said) == 2


def test_a_run_that_ends_unforeseen_is_done_again_dossier_by_dossier(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toolkit.walk import generate as walk

    real = walk.generate

    def breaks(settings: Settings, folders: list[Path], *rest: Any) -> Report:
        if any(folder.name == "mauvais" for folder in folders):
            raise RuntimeError("?")
        return real(settings, folders, *rest)

    monkeypatch.setattr(walk, "generate", breaks)
    good = bench.bureau.dossier(SAIN, nom="bon")
    bench.bureau.dossier(SAIN.replace("2027-G-014", "2027-G-020"), nom="mauvais")

    bench.run(10)

    assert CONTRAT in bench.bureau.files(good)
    assert bench.told[-1].refus == ["Défaut du toolkit sur « mauvais » : ce dossier est laissé tel quel."]
    assert bench.watcher.waiting == 1
    told = len(bench.told)
    bench.run(3600)
    assert len(bench.told) == told


def test_who_cannot_be_told_stops_nothing(bureau: Bureau) -> None:
    def closed(report: Report) -> None:
        raise BrokenPipeError

    def full(line: str, details: str) -> None:
        raise OSError(28, "No space left on device")

    watcher = Watcher(bureau.root, options, closed, full)
    folder = bureau.dossier(SAIN)
    for now in (0, 4):
        watcher.attempt(now, "Plus d'événements : remède.")

    assert CONTRAT in bureau.files(folder)
    assert watcher.waiting == 0


def test_a_complaint_is_told_when_it_begins_and_when_it_ends(bench: Bench) -> None:
    complaint = "Le système n'a plus de quoi suivre les dossiers : remède."
    for one in (None, complaint, complaint, None, None):
        bench.watcher.attempt(bench.now, one)

    assert bench.said == [complaint, "À nouveau possible, après : Le système n'a plus de quoi suivre les dossiers."]


@pytest.mark.parametrize("years", [1, -1])
def test_a_clock_that_is_a_year_off_for_a_while_leaves_the_watcher_at_work(years: int, bench: Bench) -> None:
    folder = bench.bureau.dossier(SAIN)
    bench.run(10)
    bench.le = JOUR.replace(year=JOUR.year + years)
    bench.run(10)
    bench.le = JOUR
    bench.run(10)

    bench.bureau.dossier(SAIN.replace("59.00", "59,00"))
    bench.run(10)

    assert "À CORRIGER.txt" in bench.bureau.files(folder)
    assert bench.said == []


def test_what_was_handled_is_remembered_in_a_burst_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.watch.watcher.BURST_SECONDS", 0)
    monkeypatch.setattr("toolkit.watch.watcher.BURST_LEAST", 1)
    many(bench.bureau, 4, 2027)
    bench = Bench(bench.bureau)
    bench.watcher._burst = 1
    for _ in range(3):
        bench.attempt(61)
    assert bench.watcher.moving == 2

    killed = Bench(bench.bureau)

    assert len([name for report in killed.run(10) for name in names(report)]) == 2


def test_a_second_watcher_of_the_same_tree_refuses(bureau: Bureau) -> None:
    asked: list[Report] = []

    def ask_a_second_one(settings: Settings) -> Options:
        """The first watcher asks for its options while it holds the tree."""
        with pytest.raises(EnvironmentRefused, match="déjà surveillé"):
            watch(bureau.root, options, asked.append, once=True)
        asked.append(Report())
        raise KeyboardInterrupt  # Ctrl+C

    before = signal.getsignal(signal.SIGTERM)
    try:
        watch(bureau.root, ask_a_second_one, asked.append, once=False)
        watch(bureau.root, ask_a_second_one, asked.append, once=False)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert len(asked) == 2


@pytest.mark.slow
def test_one_pass_from_the_command_line(bureau: Bureau) -> None:
    folder = bureau.dossier(SAIN)

    run = bureau.run("surveiller", bureau.root, "--une-fois", "--json")

    assert run.status == 0
    assert [one["reference"] for one in run.json["dossiers"]] == ["2027-G-014"]
    assert CONTRAT in bureau.files(folder)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts memory and descriptors as Linux shows them")
def test_eight_hours_in_fast_time_leave_memory_and_descriptors_flat(bench: Bench) -> None:
    """One change a minute over twenty dossiers, the clock turned by the test."""

    def megabytes() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    for number in range(20):
        bench.bureau.dossier(SAIN.replace("2027-G-014", f"2027-G-{number + 100}"), nom=f"2027-06-17 Client {number}")
    bench.settle()

    def an_hour(hour: int) -> None:
        for minute in range(60):
            text = SAIN.replace("2027-G-014", f"2027-G-{minute % 20 + 100}")
            changed = f'{text}\n[[notes]]\ntexte = "{hour} h {minute}"\n'
            bench.bureau.dossier(changed, nom=f"2027-06-17 Client {minute % 20}")
            bench.wait(1)
            bench.wait(4)
            bench.wait(55)
            bench.told.clear()

    an_hour(0)
    memory, opened = megabytes(), descriptors()
    for hour in range(1, 8):
        an_hour(hour)
    assert descriptors() == opened
    assert megabytes() - memory < 12
