"""A tree of ten thousand dossiers in which nothing moved, and a thousand to be made on one core or two."""

import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from tests.benchmarks.arbres import plant
from tests.benchmarks.demarrage import process
from tests.benchmarks.mesure import Resultat, Way, compare, seconds
from toolkit.tree.layout import look
from toolkit.tree.settings import load_settings
from toolkit.walk.generate import generate
from toolkit.walk.options import Options
from toolkit.watch.handled import save_handled
from toolkit.watch.stability import StabilityTracker
from toolkit.watch.watcher import look_at_common, moment

UNCHANGED = 10_000
COLD = 1_000
JOUR = date(2027, 6, 4)


def mesurer(rounds: int) -> list[Resultat]:
    with tempfile.TemporaryDirectory() as name:
        return [*_rescan(Path(name), rounds), *_cold(Path(name), max(3, rounds // 4))]


def _rescan(folder: Path, rounds: int) -> list[Resultat]:
    root = folder / "dix mille"
    paths = [str(path) for path in plant(root, UNCHANGED)]
    settings = load_settings(root)
    tracker = StabilityTracker(look(root, settings.office).sources)

    def stat_all() -> None:
        for path in paths:
            os.stat(path)  # noqa: PTH116 - the floor is what the system itself takes

    def rescan() -> None:
        assert tracker.observe(0.0, look(root, settings.office).sources, lambda path: "") == []

    found = compare(
        f"revoir {UNCHANGED} dossiers inchangés", rescan, {"stat de chaque chemin connu": (stat_all, 1.6)}, rounds
    )
    once = [sys.executable, "-m", "toolkit", "surveiller", str(root), "--une-fois", "--le", JOUR.isoformat()]
    # As a watcher leaves it that has handled everything: to make all the documents would take an hour.
    save_handled(root, moment(JOUR), {**look_at_common(root), **look(root, settings.office).sources})
    verify = [sys.executable, "-m", "toolkit", "verifier", str(root), "--le", JOUR.isoformat()]
    everything = {"lire et vérifier tout": (process(verify), 0.03)}
    return found + compare("le même, processus entier", process(once), everything, 3)


def _cold(folder: Path, rounds: int) -> list[Resultat]:
    source = folder / "mille"
    plant(source, COLD)
    work = folder / "travail"

    def make(cores: int) -> Way:
        def run() -> float:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(source, work)
            options = Options(aujourd_hui=JOUR, with_pdf=False, cores=cores)
            return seconds(lambda: generate(load_settings(work), [work], options))

        return run

    return compare(f"faire {COLD} dossiers (Word seuls), deux cœurs", make(2), {"un cœur": (make(1), 1 / 1.7)}, rounds)
