"""What it costs that nobody's work is lost: the second looks and the locks, against the same walk without them.

On the memory of the machine, where nothing waits for a disk: there they weigh most. Word only, one core.
"""

import gc
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.benchmarks.arbres import plant
from tests.benchmarks.mesure import Resultat, Way, compare
from toolkit.system import files, locks
from toolkit.tree.settings import load_settings
from toolkit.walk import workbooks
from toolkit.walk.case import Case
from toolkit.walk.generate import generate
from toolkit.walk.options import Options

JOUR = date(2027, 6, 4)
DOSSIERS = 1_000
BUT = 1.05
MEMORY = Path("/dev/shm")


@contextmanager
def without_holding() -> Iterator[None]:
    """The same code, that neither looks twice nor takes a lock."""

    @contextmanager
    def nobody_else(*_: Any, **__: Any) -> Iterator[None]:
        yield

    with ExitStack() as stack:
        for owner, name, instead in (
            (locks, "alone", nobody_else),
            (files, "_look_again", lambda path, before: None),
            (files, "_put_where_nothing_is", lambda source, path: source.replace(path)),
            (files, "give_rights", lambda made, path: made.chmod(0o664)),
            (workbooks, "_as_of_now", lambda inscriptions, settings, jour: list(inscriptions)),
            (Case, "is_current", lambda case: True),
        ):
            stack.enter_context(patch.object(owner, name, instead))
        yield


def mesurer(rounds: int) -> list[Resultat]:
    os.environ["TOOLKIT_SOFFICE"] = "aucun"
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        model, numbers = Path(name) / "modele", itertools.count()
        plant(model, DOSSIERS)
        made = Path(name) / "fait"
        shutil.copytree(model, made)
        _walk(made)

        def first() -> float:
            root = Path(name) / str(next(numbers))
            shutil.copytree(model, root)
            spent = _walk(root)
            shutil.rmtree(root)
            return spent

        def quiet() -> float:
            return _walk(made)

        few = max(3, rounds // 5)
        return [
            *compare(f"{DOSSIERS} dossiers à faire", first, {"sans second regard ni verrou": (bare(first), BUT)}, few),
            *compare("les mêmes, rien de changé", quiet, {"sans second regard ni verrou": (bare(quiet), BUT)}, few),
        ]


def _walk(root: Path) -> float:
    """Seconds of this process, whatever else the machine does."""
    gc.collect()
    start = time.process_time()
    report = generate(load_settings(root), [root], Options(aujourd_hui=JOUR, cores=1))
    assert not report.refus and not report.defauts
    return time.process_time() - start


def bare(way: Way) -> Way:
    def run() -> object:
        with without_holding():
            return way()

    return run
