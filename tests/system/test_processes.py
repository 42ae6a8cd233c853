"""Which processes run, and that a number is not taken for a process."""

import os
import subprocess
import sys

import pytest

from toolkit.system import processes


def test_this_one_runs_and_one_that_never_was_does_not() -> None:
    assert processes.is_alive(os.getpid())
    assert not processes.is_alive(1 << 30)
    assert processes.birth(1 << 30) is None


@pytest.mark.skipif(sys.platform not in ("linux", "win32"), reason="this system does not say when a process began")
def test_two_processes_are_told_apart_by_their_birth() -> None:
    born = processes.birth(os.getpid())
    assert born
    assert processes.birth(os.getpid()) == born
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        # It may have begun within the same tick of the clock as another, never as this one.
        assert processes.birth(other.pid) not in (None, born)
