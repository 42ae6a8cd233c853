"""One watcher at a time: it beats whatever it does, is ended at once, and when it is gone the next one comes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import ICI, Bureau
from tests.surveillance import command, soon, surveiller
from toolkit.errors import EnvironmentRefused
from toolkit.watch import heart, heartbeat
from toolkit.watch.ending import Ending
from toolkit.watch.heart import Heart
from toolkit.watch.heartbeat import Heartbeat, read_heartbeat, write_heartbeat

SAIN = ICI.joinpath("toml", "cas", "aucun-defaut", "dossier.toml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pulses a beat, a hundred a second."""
    if "slow" not in request.keywords:
        monkeypatch.setattr(heart, "PULSE_SECONDS", 0.01)
        monkeypatch.setattr(heart, "_PULSES_A_BEAT", 2)
        monkeypatch.setattr(heart, "_WATCHED_SECONDS", 0.3)


def nothing() -> None:
    """No wait to end, nothing to sense."""


def beating(bureau: Bureau, sense: Callable[[], None] = nothing, ending: Ending | None = None) -> Heart:
    return Heart(bureau.root, ending or Ending(nothing), sense, lambda line: None)


def other(seconds: float, **changes: object) -> Heartbeat:
    """A watcher of another machine, whose last sign of life was so long ago."""
    moment = (datetime.now() - timedelta(seconds=seconds)).isoformat(timespec="seconds")
    return replace(Heartbeat("autre-serveur", 4321, moment, moment, 12, 0, True), **changes)  # type: ignore[arg-type]


def test_it_beats_while_the_watcher_is_busy_and_tells_since_when(bureau: Bureau) -> None:
    with beating(bureau) as one:
        one.tell(dossiers=3)
        assert soon(lambda: (beat := read_heartbeat(bureau.root)) and beat.dossiers == 3)
        one._still = 120
        assert soon(lambda: (beat := read_heartbeat(bureau.root)) and beat.immobile >= 120)
        one.step()
        assert soon(lambda: (beat := read_heartbeat(bureau.root)) and beat.immobile < 120)
    assert read_heartbeat(bureau.root) is None


@pytest.mark.parametrize("garbage", [b"", b"{", b"\0" * 100])
def test_a_damaged_sign_of_life_is_made_anew(garbage: bytes, bureau: Bureau) -> None:
    with beating(bureau):
        (bureau.root / "_suivi/surveillance.json").write_bytes(garbage)
        assert soon(lambda: read_heartbeat(bureau.root))


def test_a_pulse_that_fails_is_not_the_last(bureau: Bureau) -> None:
    pulses = []

    def fails() -> None:
        pulses.append(1)
        raise RuntimeError

    with beating(bureau, fails):
        assert soon(lambda: len(pulses) > 3)


def test_nothing_is_written_while_the_root_is_gone(bureau: Bureau) -> None:
    pulses = []
    with beating(bureau, lambda: pulses.append(1)):
        away = bureau.root.rename(bureau.root.with_name("démonté"))
        bureau.root.mkdir()
        pulses.clear()
        assert soon(lambda: len(pulses) > 6)
        assert list(bureau.root.iterdir()) == []
    away.rename(bureau.root.with_name("remonté"))


def test_a_second_watcher_of_this_machine_is_refused(bureau: Bureau) -> None:
    with beating(bureau), pytest.raises(EnvironmentRefused, match="déjà surveillé sur cette machine"), beating(bureau):
        pytest.fail("two watchers")
    with beating(bureau):
        pass


def test_one_whose_process_is_gone_hinders_nobody(bureau: Bureau) -> None:
    mine = heartbeat.first_beat()
    for gone in (replace(mine, processus=1 << 30), replace(mine, naissance="an earlier start of the machine")):
        write_heartbeat(bureau.root, gone)
        with beating(bureau):
            pass


@pytest.mark.parametrize("seconds", [0, 60])
def test_one_of_another_machine_is_refused_by_its_name(seconds: float, bureau: Bureau) -> None:
    write_heartbeat(bureau.root, other(seconds))
    with pytest.raises(EnvironmentRefused, match=r"depuis « autre-serveur »"), beating(bureau):
        pytest.fail("two watchers")


@pytest.mark.parametrize("seconds", [120, 365 * 86_400, -600, -365 * 86_400])
def test_one_of_another_machine_that_beats_no_more_hinders_nobody_whatever_its_clock(
    seconds: float, bureau: Bureau
) -> None:
    write_heartbeat(bureau.root, other(seconds))
    with beating(bureau):
        assert soon(lambda: (beat := read_heartbeat(bureau.root)) and beat.is_here)


def test_one_of_another_machine_that_is_stuck_hinders_nobody(bureau: Bureau) -> None:
    write_heartbeat(bureau.root, other(0, immobile=7200))
    with beating(bureau):
        pass


def test_one_of_another_machine_with_a_wrong_clock_is_given_the_time_to_beat(bureau: Bureau) -> None:
    write_heartbeat(bureau.root, other(3600))
    beat = threading.Timer(0.05, write_heartbeat, (bureau.root, other(3585)))
    beat.start()
    with pytest.raises(EnvironmentRefused, match="autre-serveur"), beating(bureau):
        pytest.fail("two watchers")
    beat.join()


def test_a_watcher_whose_place_was_taken_ends_and_leaves_the_place(bureau: Bureau) -> None:
    ending = Ending(nothing)
    with beating(bureau, ending=ending) as one:
        rival = other(0)
        for number in range(300):
            write_heartbeat(bureau.root, replace(rival, dossiers=number))
            if ending.is_asked:
                break
            time.sleep(0.03)
        assert ending.is_asked
        assert one.replaced_by
    left = read_heartbeat(bureau.root)
    assert left
    assert left.machine == "autre-serveur"


def test_a_sign_of_life_that_came_back_from_a_backup_is_no_rival(bureau: Bureau) -> None:
    ending = Ending(nothing)
    with beating(bureau, ending=ending):
        write_heartbeat(bureau.root, other(86_400))
        assert soon(lambda: (beat := read_heartbeat(bureau.root)) and beat.is_here)
        assert not ending.is_asked


def test_a_stop_file_is_heard_and_an_earlier_one_is_not(bureau: Bureau) -> None:
    heartbeat.ask_to_stop(bureau.root)
    ending = Ending(nothing)
    with beating(bureau, ending=ending):
        time.sleep(0.05)
        assert not ending.is_asked
        heartbeat.ask_to_stop(bureau.root)
        assert soon(lambda: ending.is_asked)
    assert not (bureau.root / "_suivi/ARRETER").exists()


def test_a_folder_in_the_place_of_the_stop_file_stops_nobody(bureau: Bureau) -> None:
    (bureau.root / "_suivi/ARRETER").mkdir(parents=True)
    ending = Ending(nothing)
    with beating(bureau, ending=ending):
        time.sleep(0.05)
        assert not ending.is_asked


# --- as processes ---------------------------------------------------------------------------------------------------

posix = pytest.mark.skipif(os.name == "nt", reason="tests/windows tries it there")


@pytest.fixture
def busy(tmp_path: Path) -> Path:
    """A LibreOffice that takes for ever: the watcher is in the middle of a run."""
    soffice = tmp_path / "soffice"
    soffice.write_text("#!/bin/sh\nexec sleep 1000\n")
    soffice.chmod(0o755)
    return soffice


@pytest.fixture
def office(tmp_path: Path) -> Bureau:
    root = tmp_path / "office"
    root.mkdir()
    bureau = Bureau(root)
    bureau.dossier(SAIN)
    return bureau


@posix
@pytest.mark.slow
@pytest.mark.parametrize("how", ["stop file", "SIGTERM", "SIGINT"])
def test_in_the_middle_of_a_run_it_beats_and_ends_at_once(how: str, office: Bureau, busy: Path) -> None:
    with surveiller(office.root, busy) as process:
        assert soon(lambda: list(office.root.rglob("*.docx")))
        first = read_heartbeat(office.root)
        assert soon(lambda: (beat := read_heartbeat(office.root)) and first and beat.battement > first.battement, 40)

        started = time.monotonic()
        if how == "stop file":
            assert office.run("surveiller", office.root, "--arreter", le=None).status == 0
        else:
            process.send_signal(getattr(signal, how))
        process.wait(20)

        assert time.monotonic() - started < 5
        assert process.returncode == 0
    assert read_heartbeat(office.root) is None
    assert not (office.root / "_suivi/ARRETER").exists()
    assert list(office.root.rglob(".~toolkit-*")) == []


@posix
@pytest.mark.slow
def test_one_that_was_killed_lets_the_next_one_in_at_once(office: Bureau, busy: Path) -> None:
    with surveiller(office.root, busy) as process:
        second = subprocess.run(command(office.root), cwd=ICI.parent, capture_output=True, text=True, check=False)
        assert second.returncode == 4
        assert f"processus {process.pid}" in second.stderr
        process.kill()
        process.wait()

    started = time.monotonic()
    with surveiller(office.root) as process:
        assert soon(lambda: (beat := read_heartbeat(office.root)) and beat.processus == process.pid)
        assert time.monotonic() - started < 5


@posix
@pytest.mark.slow
def test_damage_to_what_it_keeps_leaves_it_at_work(office: Bureau) -> None:
    suivi = office.root / "_suivi"
    with surveiller(office.root) as process:
        assert soon(lambda: list(office.root.rglob("*.docx")))
        for number, garbage in enumerate((b"", b"\0" * 4_000, b"{}", None)):
            for name in ("surveillance.json", "vus.json"):
                (suivi / name).unlink(missing_ok=True)
                if garbage is None:
                    (suivi / name).mkdir()
                else:
                    (suivi / name).write_bytes(garbage)
            folder = office.dossier(SAIN.replace("2027-G-014", f"2027-G-{number + 20:03d}"), nom=f"neuf {number}")
            assert soon(lambda folder=folder: list(folder.rglob("*.docx")))  # type: ignore[misc]
        assert soon(lambda: read_heartbeat(office.root))
        assert json.loads((suivi / "surveillance.json").read_bytes())["processus"] == process.pid
        assert process.poll() is None


@posix
@pytest.mark.slow
def test_one_that_hangs_for_ever_ends_by_itself(office: Bureau) -> None:
    """A service starts another one in its place."""
    hangs = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from toolkit.watch import heart\n"
        "from toolkit.watch.ending import Ending\n"
        "heart.PULSE_SECONDS, heart._HOPELESS_SECONDS, heart._PULSES_A_BEAT = 0.01, 0.1, 2\n"
        "with heart.Heart(Path(sys.argv[1]), Ending(lambda: None), lambda: None, print):\n"
        "    time.sleep(1000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", hangs, office.root], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 4
    assert "n'avance plus depuis quatre heures" in done.stdout
