"""What the system tells of changes, and that it is known when it does not: watches used up, a disk that went away."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ICI, Bureau, exemple
from tests.surveillance import soon, surveiller
from toolkit.watch import wake as module
from toolkit.watch.heartbeat import read_heartbeat
from toolkit.watch.wake import Wake

SAIN = exemple("dossier_groupe")
linux = pytest.mark.skipif(sys.platform != "linux", reason="speaks of inotify, or of mounts")


@contextmanager
def watching(root: Path) -> Iterator[Wake]:
    wake = Wake(root)
    wake.renew(0)
    try:
        yield wake
    finally:
        wake.stop()


def is_seen(wake: Wake, act: Callable[[], object], seconds: float = 5) -> bool:
    """Whether what is done wakes the watcher, once all that went before has been told."""
    while wake.wait(0.3):
        wake.clear()
    act()
    return wake.wait(seconds)


@pytest.mark.slow
def test_what_people_do_is_seen_and_our_own_bookkeeping_is_not(bureau: Bureau) -> None:
    folder = bureau.dossier(SAIN)
    with watching(bureau.root) as wake:
        assert wake.has_events
        assert is_seen(wake, lambda: (folder / "dossier.toml").write_text("x"))
        assert is_seen(wake, (folder / "neuf").mkdir)
        assert is_seen(wake, (folder / "neuf/texte.txt").touch)
        assert not is_seen(wake, (bureau.root / "_suivi").mkdir, 1)
        assert not is_seen(wake, (bureau.root / "_suivi/surveillance.json").touch, 1)
        assert not is_seen(wake, (bureau.root / "_suivi/verrous").mkdir, 1)
        assert not is_seen(wake, (folder / ".~toolkit-1-2-x.tmp").touch, 1)
    assert not wake.has_events


@linux
@pytest.mark.slow
def test_another_root_in_the_place_of_the_first_is_watched_within_a_pulse(bureau: Bureau) -> None:
    root = bureau.root
    with watching(root) as wake:
        away = root.rename(root.with_name("démonté"))
        root.mkdir()
        wake.clear()
        wake.sense()
        assert wake.wait(0)
        wake.renew(1)
        assert (wake.has_events, wake.complaint, list(root.iterdir())) == (False, None, [])

        root.rmdir()
        away.rename(root)
        wake.clear()
        wake.sense()
        assert wake.wait(0)
        wake.renew(2)
        assert wake.has_events
        assert is_seen(wake, lambda: bureau.dossier(SAIN))


def test_settings_that_change_are_sensed_without_any_event(bureau: Bureau) -> None:
    wake = Wake(bureau.root)
    wake.sense()
    assert not wake.wait(0)

    (bureau.root / "office.toml").write_bytes(b"# un mot\n" + (bureau.root / "office.toml").read_bytes())
    wake.sense()

    assert wake.wait(0)


def test_a_watch_that_fails_is_tried_less_and_less(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fails(wake: Wake) -> None:
        tries.append(now)
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(module, "_make_observer", fails)
    monkeypatch.setattr(module, "_NONE_LEFT", (28,))
    wake, now = Wake(bureau.root), 0.0
    while now < 3600:
        wake.renew(now)
        now += 3

    assert tries[:4] == [0, 30, 60, 120]
    assert len(tries) < 10
    assert wake.complaint == module.USED_UP


def test_no_thread_left_is_no_end(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(wake: Wake) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module, "_make_observer", fails)
    wake = Wake(bureau.root)
    wake.renew(0)

    assert not wake.has_events


@linux
@pytest.mark.slow
def test_watching_anew_a_hundred_times_leaves_no_thread_and_no_descriptor(bureau: Bureau) -> None:
    bureau.dossier(SAIN)
    with watching(bureau.root) as wake:
        threads, opened = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(100):
            wake._is_elsewhere = True
            wake.renew(1)
            assert wake.has_events
        assert threading.active_count() == threads
        assert len(list(Path("/proc/self/fd").iterdir())) == opened
    assert is_flat(opened)


def is_flat(before: int) -> bool:
    return len(list(Path("/proc/self/fd").iterdir())) < before


# --- a system that has no watch left --------------------------------------------------------------------------------

FEW = 60


def in_a_small_system(*command: str) -> list[str]:
    """With so few watches for all the programs of its user."""
    script = f'echo {FEW} > /proc/sys/user/max_inotify_watches && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", *command]


def has_small_systems() -> bool:
    try:
        return subprocess.run(in_a_small_system("true"), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


small_systems = pytest.mark.skipif(not has_small_systems(), reason="no user namespace may be made here")


@linux
@small_systems
@pytest.mark.slow
def test_watches_that_are_used_up_are_counted_told_and_made_again_when_there_are_more(bureau: Bureau) -> None:
    """Folders that are there at the start, and one that is one too many later."""
    for number in range(FEW):
        (bureau.root / str(number)).mkdir()
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from toolkit.watch.wake import USED_UP, Wake\n"
        "root, most = Path(sys.argv[1]), Path('/proc/sys/user/max_inotify_watches')\n"
        "wake = Wake(root)\n"
        "wake.renew(0)\n"
        "assert (wake.has_events, wake.complaint) == (False, USED_UP), 'at the start'\n"
        f"most.write_text('{2 * FEW}')\n"
        "wake.renew(31)\n"
        "assert (wake.has_events, wake.complaint) == (True, None), 'with more of them'\n"
        "wake.clear()\n"
        "for number in range(200): (root / f'{number} bis').mkdir()\n"
        "time.sleep(1)\n"
        "assert wake.wait(5) and not wake.has_events, 'one too many'\n"
        "wake.renew(32)\n"
        "assert (wake.has_events, wake.complaint) == (False, USED_UP), 'tried at once'\n"
        "print('vu')\n"
    )
    done = subprocess.run(
        in_a_small_system(sys.executable, "-c", script, str(bureau.root)),
        capture_output=True,
        text=True,
        cwd=ICI.parent,
        check=False,
    )
    assert done.stdout == "vu\n", done.stderr


@linux
@small_systems
@pytest.mark.slow
def test_without_watches_saves_are_seen_all_the_same_within_seconds(bureau: Bureau) -> None:
    for number in range(FEW):
        (bureau.root / str(number)).mkdir()
    with surveiller(bureau.root, before=in_a_small_system()) as process:
        time.sleep(3)
        started = time.monotonic()
        folder = bureau.dossier(SAIN)
        assert soon(lambda: list(folder.rglob("*.docx")))
        assert time.monotonic() - started < 15
        assert soon(lambda: (beat := read_heartbeat(bureau.root)) and beat.dossiers == 1)
        beat = read_heartbeat(bureau.root)
        assert beat
        assert not beat.par_evenements
        process.terminate()
        told = process.communicate(timeout=20)[0]
    assert told.count("n'a plus de quoi suivre") == 1


# --- a disk that goes away ------------------------------------------------------------------------------------------


def may_mount() -> bool:
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    done = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "t", "/mnt"], capture_output=True, check=False)
    return done.returncode == 0


@linux
@pytest.mark.skipif(not may_mount(), reason="only root mounts")
@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 6], ids=["at once", "a moment later"])
def test_after_a_remount_saves_are_seen_within_seconds_and_nothing_lies_below(seconds: int, tmp_path: Path) -> None:
    disk, root = tmp_path / "disque", tmp_path / "partage"
    disk.mkdir()
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "disque", disk], check=True)
    try:
        mount(disk, root)
        bureau = Bureau(root)
        with surveiller(root):
            assert soon(lambda: save(bureau, 1))
            assert soon((root / "arrivees.ics").exists)
            time.sleep(1)
            subprocess.run(["umount", root], check=True)
            time.sleep(seconds)
            assert list(root.iterdir()) == []
            mount(disk, root)
            started = time.monotonic()
            assert soon(lambda: save(bureau, 2))
            assert time.monotonic() - started < 15
            assert soon(lambda: (beat := read_heartbeat(root)) and beat.par_evenements)
            assert len(list((root / "_suivi/journaux").iterdir())) == 1
        subprocess.run(["umount", root], check=True)
        assert list(root.iterdir()) == []
    finally:
        subprocess.run(["umount", root], check=False, capture_output=True)
        subprocess.run(["umount", disk], check=True)


def mount(disk: Path, root: Path) -> None:
    subprocess.run(["mount", "--bind", disk, root], check=True)


def save(bureau: Bureau, number: int) -> bool:
    """Saved once; whether its documents are there."""
    name = f"2027-06-17 Client {number}"
    folder = bureau.root / "Groupe/2027/06 - Juin/Dossier en cours" / name
    if not folder.exists():
        bureau.dossier(SAIN.replace("2027-G-014", f"2027-G-{number + 100}"), nom=name)
    return bool(list(folder.rglob("*.docx")))
