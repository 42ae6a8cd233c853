"""Files that nobody vouches for, in a child: what it does to itself, and what is told of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit.errors import EnvironmentRefused, FileRefused
from toolkit.system import isolated
from toolkit.system.isolated import Isolated, run_isolated

pytestmark = pytest.mark.slow

EVAL = "builtins:eval"
"""A task whose files are what the child does."""


def test_one_child_serves_file_after_file() -> None:
    with Isolated(EVAL) as child:
        numbers = {child.run(b"str(__import__('os').getpid()).encode()") for _ in range(3)}
    assert len(numbers) == 1 and int(numbers.pop()) != os.getpid()


def test_it_starts_for_the_first_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "command", lambda *words: ["/aucun/python"])
    with Isolated(EVAL):
        pass


def test_what_takes_too_long_is_killed_and_the_next_file_is_served() -> None:
    with Isolated(EVAL) as child:
        assert child.run(b"b'un'") == b"un"
        started = time.monotonic()
        with pytest.raises(FileRefused, match=r"trop long à traiter \(1 secondes\)"):
            child.run(b"__import__('time').sleep(60)", seconds=1)
        assert time.monotonic() - started < 10
        assert child.run(b"b'deux'") == b"deux"


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(b"bytes(3 << 30)", marks=pytest.mark.skipif(sys.platform == "win32", reason="sans limite")),
        b"__import__('os')._exit(3)",
        b"1 / 0",
        b"__import__('sys').stdout.buffer.write(b'done 3') and 0",
    ],
    ids=["memory", "end", "defect", "noise"],
)
def test_what_ends_its_child_is_refused_and_the_next_file_is_served(ends: bytes) -> None:
    with Isolated(EVAL) as child:
        assert child.run(b"b'un'") == b"un"
        with pytest.raises(FileRefused, match="fichier abîmé ou piégé : traitement arrêté"):
            child.run(ends)
        assert child.run(b"b'deux'") == b"deux"


def test_a_file_does_not_pay_for_those_before_it() -> None:
    later = b"__import__('threading').Timer(0.2, __import__('os')._exit, [3]).start() or b'un'"
    with Isolated(EVAL) as child:
        assert child.run(later) == b"un"
        assert child.run(b"__import__('time').sleep(1) or b'deux'") == b"deux"


def test_what_is_printed_is_no_answer() -> None:
    assert run_isolated(EVAL, b"print('done 3') or b'un'") == b"un"


def test_a_large_file_and_a_large_answer_go_through() -> None:
    large = os.urandom(1 << 20) * 50
    assert run_isolated("copy:copy", large) == large


@pytest.mark.parametrize("program", [["/aucun/python"], [sys.executable, "-c", "raise SystemExit(3)"]])
def test_a_child_that_does_not_start_is_no_fault_of_the_file(
    program: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated, "command", lambda *words: program)
    with pytest.raises(EnvironmentRefused, match="Python ne démarre pas à part"):
        run_isolated(EVAL, b"b'un'")


PARENT = """
import sys
from toolkit.system.isolated import run_isolated
asked = "open({!r}, 'w').write(str(__import__('os').getpid())) and __import__('time').sleep(600)"
run_isolated("builtins:eval", asked.format(sys.argv[1]).encode(), seconds=1)
"""


def test_a_child_that_never_ends_outlives_whoever_started_it_for_a_moment_only(tmp_path: Path) -> None:
    noted = tmp_path / "enfant"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(noted)])
    while not (noted.exists() and noted.read_text()):
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    started = time.monotonic()
    while is_running(int(noted.read_text())):
        assert time.monotonic() - started < 20
        time.sleep(0.1)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # Nobody waits for it: it may be a zombie.
    return ") Z " not in Path(f"/proc/{process}/stat").read_text()
