"""A kill, a full disk, a refusal before any operation of any command that writes: nothing is lost, and it is completed.

A part of the trials, spread over each command by a seed: TENUE_GRAINE gives another, TENUE_TOUT=1 tries all of them.
"""

import os
import random
import sys
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.tenue.attendu import expected
from tests.tenue.coupures import INACHEVE, MAL_DIT, PERDU, RESTES, Bilan, banc, kills, refusals, some, summary
from tests.tenue.scenes import SCENES

pytestmark = pytest.mark.slow

GRAINE = int(os.environ.get("TENUE_GRAINE", "20270604"))
EVERY = bool(os.environ.get("TENUE_TOUT"))
COUNT = 12
"""Kills of one command, and refusals."""
OPERATIONS = 4000
"""Of all the trials of one command together, about: those of a long one take long."""

EXISTS = "le même mot tapé de nouveau dit « existe déjà » et ne complète rien"
TWO_NAMES = "rangé par un second nom, puis l'ancien retiré : coupé entre les deux, il est rangé de nouveau, en « (2) »"
POSTED = "la feuille faite, le mois passe pour affiché : le mail de ce qui a changé est un autre, ou se perd"
HALF_LINE = "une moitié de ligne ajoutée à affichages.jsonl y reste, et avale la suivante"
LEFT_OVER = "temporaires, verrous d'un mort ou dossiers de PDF restent après la commande suivante"
TEMPORARY_FOLDER = (
    "un dossier temporaire plein ou refusé sort en défaut (3), ou en trace quand le détail ne s'écrit pas"
)

LOST = dict.fromkeys(("afficher-premier", "afficher-encore"), HALF_LINE)
NOT_COMPLETED = {
    **dict.fromkeys(("initialiser", "nouveau", "demo"), EXISTS),
    **dict.fromkeys(("generer-avenant", "classer"), TWO_NAMES),
    **dict.fromkeys(("afficher-premier", "afficher-encore"), POSTED),
}
LEFT = dict.fromkeys(SCENES.keys() - {"generer-avenant", "demo"}, LEFT_OVER)
BADLY_TOLD = dict.fromkeys(
    (
        "generer-premier",
        "generer-fait-change",
        "generer-corrige",
        "generer-autre-annee",
        "classer",
        "surveiller",
        "afficher-premier",
        "demo",
    ),
    TEMPORARY_FOLDER,
)
"""What does not hold yet, by scene, and why."""

Trials = Callable[[str], Bilan]


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    """The trials of one scene, made when they are first asked about."""
    with banc(tmp_path_factory.mktemp("coupures")) as bench:

        @cache
        def of(nom: str) -> Bilan:
            chance = random.Random(f"{GRAINE} {nom}")
            etalon = bench.measure(nom)
            count = min(COUNT, OPERATIONS // len(etalon.operations))
            both = (kills(etalon), refusals(etalon))
            essais = [one for all_ in both for one in (all_ if EVERY else some(all_, count, chance))]
            bilan = bench.attempt(etalon, essais)
            sys.stdout.write(f"graine {GRAINE}, {summary(bilan)}\n")
            return bilan

        yield of


def held(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("nom", expected(SCENES, LOST))
def test_nothing_of_a_persons_is_lost_and_every_file_is_whole(nom: str, trials: Trials) -> None:
    held(trials(nom).told(PERDU))


@pytest.mark.parametrize("nom", expected(SCENES, NOT_COMPLETED))
def test_the_same_command_typed_again_gives_what_it_gives_undisturbed(nom: str, trials: Trials) -> None:
    held(trials(nom).told(INACHEVE))


@pytest.mark.parametrize("nom", expected(SCENES, LEFT))
def test_nothing_of_ours_is_left_after_the_next_command(nom: str, trials: Trials) -> None:
    held(trials(nom).told(RESTES))


@pytest.mark.parametrize("nom", expected(SCENES, BADLY_TOLD))
def test_a_refusal_of_the_machine_is_told_in_words(nom: str, trials: Trials) -> None:
    held(trials(nom).told(MAL_DIT))
