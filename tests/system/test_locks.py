"""Locks that hold on a share: one at a time, and a crash stops nobody for long."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit.errors import EnvironmentRefused
from toolkit.system import locks

COUNT = """
import sys
from pathlib import Path
from toolkit.system import locks
lock, counter = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(150):
    with locks.alone(lock, "le compteur"):
        counter.write_text(str(int(counter.read_text()) + 1))
"""
DIE = """
import os, sys
from pathlib import Path
from toolkit.system import locks
with locks.alone(Path(sys.argv[1]), "le compteur"):
    os._exit(137)
"""


@pytest.mark.slow
def test_two_processes_never_hold_it_together(tmp_path: Path) -> None:
    lock, counter = tmp_path / "_suivi" / "x.lock", tmp_path / "compteur"
    counter.write_text("0")

    counting = [subprocess.Popen([sys.executable, "-c", COUNT, lock, counter]) for _ in range(3)]

    assert [process.wait(120) for process in counting] == [0, 0, 0]
    assert counter.read_text() == "450"
    assert not lock.exists()


def test_a_lock_that_is_held_is_waited_for_then_told(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    with (
        locks.alone(lock, "« Aînés »"),
        pytest.raises(EnvironmentRefused, match="« Aînés » est occupé par un autre programme du toolkit"),
        locks.alone(lock, "« Aînés »", seconds=0.1),
    ):
        pytest.fail("held twice")


@pytest.mark.slow
def test_what_a_dead_process_held_is_free_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    assert subprocess.run([sys.executable, "-c", DIE, lock], check=False).returncode == 137
    assert lock.exists()

    started = time.monotonic()
    with locks.alone(lock, "le compteur"):
        pass

    assert time.monotonic() - started < locks.LEASE_SECONDS / 2


@pytest.mark.slow
def test_a_lock_without_a_name_that_a_kill_left_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.touch()

    with locks.alone(lock, "le compteur"):
        pass

    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_locks_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path: Path) -> None:
    dead, held = tmp_path / "mort.lock", tmp_path / "tenu.lock"
    subprocess.run([sys.executable, "-c", DIE, dead], check=False)

    with locks.alone(held, "« Aînés »"):
        locks.sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [held]

    locks.sweep(tmp_path / "ailleurs")


def test_alone_on_this_machine(tmp_path: Path) -> None:
    with locks.alone_here(tmp_path / "x.lock") as is_first, locks.alone_here(tmp_path / "x.lock") as is_second:
        assert (is_first, is_second) == (True, False)
