"""The sign of life: read in whatever state it is, believed neither for its clock nor for a process number alone."""

import json
import os
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.conftest import Bureau
from toolkit.errors import EnvironmentRefused
from toolkit.system import processes
from toolkit.watch import heartbeat
from toolkit.watch.handled import load_handled, save_handled
from toolkit.watch.heartbeat import Heartbeat, first_beat, is_running, read_heartbeat, write_heartbeat

NOW = datetime(2027, 6, 4, 9, 45).astimezone()
DAMAGED = {
    "empty": b"",
    "NULs": b"\0" * 4_000,
    "cut": b'{"machine": "SERVEUR", "proc',
    "a list": b"[1, 2]",
    "nested": b"[" * 9_000,
    "other fields": b'{"moment": 1, "fichiers": 2}',
    "latin-1": "{\"machine\": \"é\"}".encode("latin-1"),
}  # fmt: skip


def beat(**changes: object) -> Heartbeat:
    moment = NOW.isoformat()
    return replace(Heartbeat("autre-serveur", 4321, moment, moment, 12, 0, True), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "is_alive"),
    [(0, True), (60, True), (120, False), (365 * 86_400, False), (-60, True), (-600, False), (-365 * 86_400, False)],
)
def test_a_sign_of_life_is_neither_old_nor_of_the_future(after: int, is_alive: bool) -> None:
    assert beat().is_alive(NOW + timedelta(seconds=after)) is is_alive


def test_the_hour_that_comes_twice_in_autumn_is_told_apart() -> None:
    summer = datetime(2027, 10, 31, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    winter = datetime(2027, 10, 31, 2, 30, 30, tzinfo=timezone(timedelta(hours=1)))
    assert not beat(battement=summer.isoformat()).is_alive(winter)
    assert beat(battement=summer.isoformat()).is_alive(datetime(2027, 10, 31, 0, 30, 20, tzinfo=UTC))


def test_what_is_written_is_read(bureau: Bureau) -> None:
    mine = first_beat()

    write_heartbeat(bureau.root, mine)

    assert read_heartbeat(bureau.root) == mine
    assert mine.is_alive(datetime.now())
    assert is_running(mine)


def test_a_sign_of_an_earlier_version_is_read(bureau: Bureau) -> None:
    old = {"machine": "m", "processus": 1, "depuis": "2027-06-04T09:00:00", "battement": "2027-06-04T09:45:00"}
    old |= {"dossiers": 3, "en_attente": 0, "par_evenements": True, "dernier_passage": None, "inconnu": 1}
    (bureau.root / "_suivi").mkdir()
    (bureau.root / "_suivi/surveillance.json").write_text(json.dumps(old))

    read = read_heartbeat(bureau.root)

    assert read
    assert (read.naissance, read.immobile, read.is_alive(NOW)) == (None, 0, True)


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_files_of_the_watcher_are_as_if_they_were_not_there(content: bytes, bureau: Bureau) -> None:
    suivi = bureau.root / "_suivi"
    suivi.mkdir()
    for name in ("surveillance.json", "vus.json"):
        (suivi / name).write_bytes(content)

    assert read_heartbeat(bureau.root) is None
    assert load_handled(bureau.root, "1") == {}
    write_heartbeat(bureau.root, beat())
    save_handled(bureau.root, "1", {f"{bureau.root}{os.sep}a": (1, 2)})
    assert read_heartbeat(bureau.root) == beat()
    assert load_handled(bureau.root, "1") == {f"{bureau.root}{os.sep}a": (1, 2)}


@pytest.mark.parametrize(
    "field",
    [{"battement": 5}, {"battement": "hier"}, {"processus": "un"}, {"processus": 0}, {"processus": 1 << 70},
     {"machine": None}, {"depuis": []}, {"naissance": {}}, {"immobile": -1}],
    ids=str,
)  # fmt: skip
def test_a_field_of_another_kind_is_no_sign_of_life(field: dict[str, object], bureau: Bureau) -> None:
    write_heartbeat(bureau.root, beat(**field))

    assert read_heartbeat(bureau.root) is None


def test_folders_in_the_place_of_the_files_of_the_watcher_are_put_aside(bureau: Bureau) -> None:
    for name in ("surveillance.json", "vus.json", "ARRETER"):
        (bureau.root / "_suivi" / name).mkdir(parents=True)

    assert read_heartbeat(bureau.root) is None
    assert heartbeat.asked_to_stop(bureau.root) is None
    write_heartbeat(bureau.root, beat())
    save_handled(bureau.root, "1", {})
    heartbeat.ask_to_stop(bureau.root)

    assert read_heartbeat(bureau.root) == beat()
    assert heartbeat.asked_to_stop(bureau.root)


def test_what_is_huge_is_not_read(bureau: Bureau) -> None:
    (bureau.root / "_suivi").mkdir()
    for name in ("surveillance.json", "vus.json"):
        with (bureau.root / "_suivi" / name).open("wb") as file:
            file.truncate(1 << 31)

    assert read_heartbeat(bureau.root) is None
    assert load_handled(bureau.root, "1") == {}


@pytest.mark.skipif(os.name == "nt", reason="a queue is a file of POSIX")
def test_a_queue_in_the_place_of_a_file_makes_nobody_wait(bureau: Bureau) -> None:
    (bureau.root / "_suivi").mkdir()
    for name in ("surveillance.json", "vus.json", "ARRETER"):
        os.mkfifo(bureau.root / "_suivi" / name)

    assert read_heartbeat(bureau.root) is None
    assert load_handled(bureau.root, "1") == {}
    assert heartbeat.asked_to_stop(bureau.root) is None


def test_a_name_that_is_no_utf8_is_remembered(bureau: Bureau) -> None:
    path = f"{bureau.root}{os.sep}02 - F\udc82vrier"
    save_handled(bureau.root, "1", {path: (1, 2)})

    assert load_handled(bureau.root, "1") == {path: (1, 2)}


def test_nothing_is_written_where_the_root_is_gone(bureau: Bureau) -> None:
    (bureau.root / "office.toml").unlink()

    with pytest.raises(EnvironmentRefused, match="vérifier que le partage est monté"):
        write_heartbeat(bureau.root, beat())
    with pytest.raises(EnvironmentRefused, match="vérifier que le partage est monté"):
        save_handled(bureau.root, "1", {})

    assert not (bureau.root / "_suivi").exists()


def test_a_number_that_another_process_bears_now_is_not_taken_for_its_owner() -> None:
    mine = first_beat()
    if mine.naissance is None:
        pytest.skip("this system does not say when a process began")

    assert not is_running(replace(mine, naissance="another start"))
    assert not is_running(replace(mine, processus=1 << 30, naissance=mine.naissance))
    assert processes.birth(os.getpid()) == mine.naissance
    assert processes.birth(1 << 30) is None


def test_a_stop_that_is_asked_again_is_another_one(bureau: Bureau) -> None:
    assert heartbeat.asked_to_stop(bureau.root) is None
    heartbeat.ask_to_stop(bureau.root)
    first = heartbeat.asked_to_stop(bureau.root)
    assert first

    heartbeat.forget_stop(bureau.root)
    Path(bureau.root / "un autre").touch()  # takes the number of the file that went
    heartbeat.ask_to_stop(bureau.root)

    assert heartbeat.asked_to_stop(bureau.root) not in (None, first)


def test_a_beat_of_this_machine_says_so() -> None:
    assert first_beat().is_here
    assert not beat().is_here
    assert beat(machine=socket.gethostname()).is_here
