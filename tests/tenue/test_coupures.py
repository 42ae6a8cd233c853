"""A kill, a full disk, a refusal before any operation of any command that writes: nothing is lost, and it is completed.

Of each command one kill before each kind of operation, drawn by a seed, and some refusals: TENUE_GRAINE draws others,
TENUE_TOUT=1 tries them all.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.tenue.coupures import INACHEVE, MAL_DIT, PERDU, RESTES, Bilan, banc, kills, one_of_each, refusals, summary
from tests.tenue.scenes import SCENES

pytestmark = pytest.mark.slow

GRAINE = int(os.environ.get("TENUE_GRAINE", "20270604"))
EVERY = bool(os.environ.get("TENUE_TOUT"))
REFUSALS = 8
"""Of one command, unless all are tried."""
LONG = 500
"""Operations of a command that takes too long for more than a few trials."""
FEW = 3

Trials = Callable[[str], Bilan]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    """The trials of one scene, made when they are first asked about."""
    with banc(tmp_path_factory.mktemp("coupures")) as bench:

        @cache
        def of(nom: str) -> Bilan:
            chance = random.Random(f"{GRAINE} {nom}")
            etalon = bench.measure(nom)
            essais = [*kills(etalon), *refusals(etalon)]
            if not EVERY:
                killed = one_of_each(etalon, kills(etalon), chance)
                refused = one_of_each(etalon, refusals(etalon), chance)
                is_long = len(etalon.operations) > LONG
                essais = chance.sample(killed, FEW) if is_long else killed
                essais += chance.sample(refused, min(FEW if is_long else REFUSALS, len(refused)))
            bilan = bench.attempt(etalon, essais)
            sys.stdout.write(f"graine {GRAINE}, {summary(bilan)}\n")
            return bilan

        yield of


def held(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("nom", SCENES)
def test_nothing_of_a_persons_is_lost_and_every_file_is_whole(nom: str, trials: Trials) -> None:
    held(trials(nom).told(PERDU))


@pytest.mark.parametrize("nom", SCENES)
def test_the_same_command_typed_again_gives_what_it_gives_undisturbed(nom: str, trials: Trials) -> None:
    held(trials(nom).told(INACHEVE))


@pytest.mark.parametrize("nom", SCENES)
def test_nothing_of_ours_is_left_after_the_next_command(nom: str, trials: Trials) -> None:
    held(trials(nom).told(RESTES))


@pytest.mark.parametrize("nom", SCENES)
def test_a_refusal_of_the_machine_is_told_in_words(nom: str, trials: Trials) -> None:
    held(trials(nom).told(MAL_DIT))
