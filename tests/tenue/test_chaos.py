"""A short chaos; ``python -m tests.tenue.chaos`` is the long one."""

import os
import sys
from pathlib import Path

import pytest

from tests.partage import smbd
from tests.tenue.chaos import Reglages, chaos

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(smbd() is None, reason="samba n'est pas installé : le partage réel n'est pas essayé"),
]


def test_after_any_chaos_all_that_people_did_stands_and_the_tree_is_what_one_run_gives(tmp_path: Path) -> None:
    short = Reglages(
        dossiers=int(os.environ.get("CHAOS_DOSSIERS", "24")), secondes=float(os.environ.get("CHAOS_SECONDES", "30"))
    )
    bilan = chaos(short, tmp_path)
    sys.stdout.write(f"{bilan.told()}\n")
    assert not bilan.fautes, "\n".join([bilan.told(), *bilan.fautes])
