"""A watcher with nothing to do on ten thousand dossiers: its share of a core, its memory, how often it wakes."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from tests.benchmarks.arbres import plant
from tests.benchmarks.mesure import Resultat
from toolkit.tree.layout import look
from toolkit.tree.settings import load_settings
from toolkit.watch.handled import save_handled
from toolkit.watch.watcher import look_at_common, moment

DOSSIERS = 10_000
NEW = 50
JOUR = date(2027, 6, 4)
SECONDS = 60


def cpu_seconds(process: int) -> float:
    """User and system time so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(process: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def wakes(process: int) -> int:
    """Of all its threads."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return sum(status(int(task.name), "voluntary_ctxt_switches") for task in tasks)


def mesurer(rounds: int) -> list[Resultat]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "dix mille"
        planted = plant(root, DOSSIERS)
        settings = load_settings(root)
        environment = {**os.environ, "TOOLKIT_SOFFICE": "aucun"}
        os.environ["TOOLKIT_SOFFICE"] = "aucun"
        save_handled(root, moment(JOUR), {**look_at_common(root), **look(root, settings.office).sources})
        command = [sys.executable, "-m", "toolkit", "surveiller", str(root), "--le", JOUR.isoformat()]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(10)
            found = _watch(process.pid, "au repos")
            # Work leaves the libraries in memory: Word, Excel, and what they are checked with.
            for path in planted[:NEW]:
                path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
            time.sleep(60)
            return found + _watch(process.pid, f"au repos, après {NEW} dossiers")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _watch(process: int, quand: str) -> list[Resultat]:
    busy, woken = cpu_seconds(process), wakes(process)
    time.sleep(SECONDS)
    share = (cpu_seconds(process) - busy) / SECONDS
    often = (wakes(process) - woken) / SECONDS
    memory = status(process, "VmRSS") / 1024
    quoi = f"surveiller {DOSSIERS} dossiers {quand}"
    return [
        Resultat(f"{quoi} : part d'un cœur, %", "", 100 * share, 0, 0, 0.05),
        Resultat(f"{quoi} : mémoire, Mio", "", memory, 0, 0, 80),
        Resultat(f"{quoi} : réveils par seconde", "", often, 0, 0, 1),
    ]
