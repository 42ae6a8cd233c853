"""The service of the file server: its unit and its task say what the field learnt the hard way."""

import shutil
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import ModuleType

import pytest

from tests.conftest import Bureau
from tests.scripts import load
from toolkit.watch.heartbeat import Heartbeat, first_beat, write_heartbeat

ROOT = PurePosixPath("/srv/Gestion de clientèle")
TASKS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.fixture(scope="module")
def service() -> ModuleType:
    return load("service.py")


def test_the_task_of_windows_never_ends_by_itself_and_starts_again(service: ModuleType) -> None:
    task = ET.fromstring(
        service.task_text(
            PureWindowsPath("D:/Gestion & clientèle"), PureWindowsPath("C:/toolkit.exe"), "OFFICE\\service"
        )
    )

    def told(path: str) -> str | None:
        return task.findtext("/".join(f"{TASKS}{step}" for step in path.split("/")))

    # By default a task is stopped after 72 hours.
    assert told("Settings/ExecutionTimeLimit") == "PT0S"
    assert told("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert told("Triggers/BootTrigger/Repetition/Interval") == "PT5M"
    assert told("Settings/RestartOnFailure/Interval") == "PT1M"
    assert told("Settings/StopIfGoingOnBatteries") == "false"
    assert told("Actions/Exec/Arguments") == r'surveiller "D:\Gestion & clientèle"'
    assert told("Principals/Principal/RunLevel") == "LeastPrivilege"


def test_the_unit_restarts_and_may_write_in_the_tree_only(service: ModuleType) -> None:
    unit = service.unit_text(ROOT, PurePosixPath("/opt/toolkit/.venv/bin/toolkit"), "clientele")
    for line in (
        "Restart=always",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "User=clientele",
        "ReadWritePaths=/srv/Gestion\\x20de\\x20clientèle",
        "RequiresMountsFor=/srv/Gestion\\x20de\\x20clientèle",
    ):
        assert line in unit.splitlines()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd n'est pas là pour relire l'unité")
def test_systemd_accepts_the_unit(service: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "toolkit-surveillance.service"
    path.write_text(service.unit_text(tmp_path, Path("/bin/true"), "root"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def beat(minutes: int) -> Heartbeat:
    moment = (datetime.now() - timedelta(minutes=minutes)).isoformat(timespec="seconds")
    return Heartbeat("autre-serveur", 4321, moment, moment, 12, 0, True)


def test_a_watcher_on_another_machine_is_told_by_its_name(bureau: Bureau) -> None:
    write_heartbeat(bureau.root, beat(minutes=1))
    run = bureau.run("surveiller", bureau.root, "--une-fois")
    assert run.status == 4
    assert "autre-serveur" in run.err


@pytest.mark.slow
def test_a_watcher_that_died_elsewhere_stops_nobody(bureau: Bureau) -> None:
    write_heartbeat(bureau.root, beat(minutes=10))
    assert bureau.run("surveiller", bureau.root, "--une-fois").status == 0


def test_diagnostic_tells_of_the_watcher(bureau: Bureau) -> None:
    def told() -> tuple[str, str]:
        points = bureau.run("diagnostic", bureau.root, "--json").json["points"]
        (point,) = [one for one in points if one["sujet"] == "surveillance"]
        return point["verdict"], point["constat"]

    assert told()[0] == "attention"
    write_heartbeat(bureau.root, beat(minutes=1))
    assert told() == (
        "ok",
        "sur « autre-serveur » (processus 4321), 12 dossiers, 0 en attente".replace("« ", "«\u00a0").replace(
            " »", "\u00a0»"
        ),
    )
    write_heartbeat(bureau.root, beat(minutes=10))
    assert told()[0] == "manque"
    assert "plus de signe de vie" in told()[1]
    write_heartbeat(bureau.root, beat(minutes=-24 * 60))
    assert told()[0] == "manque"
    assert "dans l'avenir" in told()[1]
    write_heartbeat(bureau.root, replace(beat(minutes=0), immobile=7200))
    assert told()[0] == "manque"
    assert "n'avance plus" in told()[1]
    write_heartbeat(bureau.root, replace(first_beat(), processus=1 << 30))
    assert told()[0] == "manque"
    assert "sans prévenir" in told()[1]


def test_a_watcher_asked_to_stop_ends(bureau: Bureau) -> None:
    assert bureau.run("surveiller", bureau.root, "--arreter", le=None).status == 0
    assert bureau.root.joinpath("_suivi/ARRETER").exists()
