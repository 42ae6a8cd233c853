"""Work shared between processes: the same results in the same order, whatever happens to one of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ICI, JOUR, Bureau
from toolkit.system.team import share_out
from toolkit.tree.settings import load_settings
from toolkit.walk.generate import generate
from toolkit.walk.options import Options

SAIN = ICI.joinpath("toml", "cas", "aucun-defaut", "dossier.toml").read_text(encoding="utf-8")

pytestmark = pytest.mark.slow


def is_a_child() -> bool:
    return "toolkit.system.team" in sys.orig_argv


def assert_no_child_is_left() -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def by_whom(factor: int) -> Callable[[int], tuple[int, int]]:
    def work(piece: int) -> tuple[int, int]:
        time.sleep(0.01)
        return piece * factor, os.getpid()

    return work


def dies_in_a_child(at: int) -> Callable[[int], int]:
    def work(piece: int) -> int:
        if piece == at and is_a_child():
            os._exit(139)
        return piece

    return work


def fails(at: int) -> Callable[[int], int]:
    def work(piece: int) -> int:
        if piece == at:
            raise ValueError(f"pièce {piece}")
        return piece

    return work


def holds() -> Callable[[object], object]:
    return lambda piece: piece


def takes_long(seconds: float) -> Callable[[int], int]:
    def work(piece: int) -> int:
        if piece:
            time.sleep(seconds)
        return piece

    return work


def test_the_work_is_shared_and_comes_back_in_order() -> None:
    done = list(share_out(range(40), by_whom, (3,), 2))

    assert [result for result, _ in done] == [3 * piece for piece in range(40)]
    workers = {pid for _, pid in done}
    assert len(workers) == 2 and os.getpid() not in workers


def test_alone_it_is_done_here() -> None:
    assert {pid for _, pid in share_out(range(3), by_whom, (1,), 1)} == {os.getpid()}


def test_what_a_dead_process_had_in_hand_is_done_again_here() -> None:
    assert list(share_out(range(30), dies_in_a_child, (7,), 2)) == list(range(30))


def test_a_task_that_fails_ends_the_work_and_leaves_nobody_behind() -> None:
    with pytest.raises(ValueError, match="pièce 5"):
        list(share_out(range(30), fails, (5,), 2))
    assert_no_child_is_left()


def test_who_stops_in_the_middle_does_not_wait_for_the_others() -> None:
    started = time.monotonic()
    for _ in share_out(range(4), takes_long, (60.0,), 2):
        break
    assert time.monotonic() - started < 20
    assert_no_child_is_left()


KILLED = """
import time
from tests.system.test_team import by_whom
from toolkit.system.team import share_out
for number, (result, worker) in enumerate(share_out(range(1000), by_whom, (1,), 2)):
    print(worker, flush=True)
    if number == 20:
        time.sleep(60)
"""


def test_the_processes_end_with_the_one_that_feeds_them_even_when_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        workers = {int(parent.stdout.readline()) for _ in range(20)}
        parent.send_signal(signal.SIGKILL)
    assert len(workers) == 2
    deadline = time.monotonic() + 10
    while any(is_running(worker) for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended, and nobody has asked how yet


def test_what_cannot_travel_is_told() -> None:
    with pytest.raises((TypeError, AttributeError)):
        list(share_out([lambda: 1] * 4, holds, (), 2))
    assert_no_child_is_left()


def tree_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_many_dossiers_come_out_the_same_whoever_makes_them(tmp_path: Path) -> None:
    trees = []
    for cores in (1, 2):
        root = tmp_path / str(cores) / "office"
        root.mkdir(parents=True)
        bureau = Bureau(root)
        for number in range(70):
            text = SAIN.replace("2027-G-014", f"2027-G-{number:03d}")
            bureau.dossier(text if number else text.replace("59.00", "59,00"), nom=f"2027-06-17 Client {number:02d}")
        # One is a copy of another: nothing is made for it, whichever process meets it.
        bureau.dossier(SAIN.replace("2027-G-014", "2027-G-069"), nom="2027-06-17 Copie")
        said: list[str] = []
        options = Options(aujourd_hui=JOUR, with_pdf=False, cores=cores, progress=said.append)
        settings = load_settings(root)
        report = generate(settings, [root], options)
        assert len(report.dossiers) == 71 and report.exit_status == 1 and not report.refus
        assert said[-1] == "71 dossiers sur 71…"
        again = generate(settings, [root], options)
        assert {step.action.value for one in again.dossiers for step in one.etapes} <= {"conserver", "attendre"}
        trees.append((report.as_json(), tree_of(root)))
    assert trees[0] == trees[1]
