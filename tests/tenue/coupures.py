"""Each command that writes, killed or refused before its n-th operation, then typed again.

``python -m tests.tenue.coupures [SCENE…]`` tries every n, says which operations there are and what gave way.
"""

import errno
import multiprocessing
import random
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tests.tenue import mains, scenes
from tests.tenue.arbre import damaged, difference, leftovers, meaning
from tests.tenue.mains import Fait
from tests.tenue.operations import KILLED
from tests.tenue.scenes import Scene

HANDS = 2
"""Trials side by side."""
ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
GENRES = PERDU, INACHEVE, RESTES, MAL_DIT = "perdu ou abîmé", "pas achevé", "restes", "mal dit"
"""What may give way: people's work or a whole file; the command typed again; what is ours and passing; the words."""


@dataclass(frozen=True)
class Essai:
    """One trial: before which operation, counted from 1, and what happens there."""

    at: int
    error: int | None
    """None for a kill."""

    @property
    def told(self) -> str:
        return "coupé" if self.error is None else errno.errorcode[self.error]


@dataclass(frozen=True)
class Faute:
    """What gave way in one trial."""

    genre: str
    essai: Essai
    operation: str
    what: str

    @property
    def told(self) -> str:
        told = f"{self.essai.told} avant {self.essai.at} ({self.operation}) : {self.what}"
        return told.replace("arbre/", "").replace(f"{scenes.EN_COURS}/", "")


@dataclass
class Etalon:
    """A scene, and what comes of it when nothing happens, its command typed once and twice."""

    nom: str
    scene: Scene
    operations: list[str]
    ends: list[tuple[int, dict[str, object]]]
    """Exit status and tree after each."""


@dataclass
class Bilan:
    """All trials of one scene."""

    etalon: Etalon
    essais: Sequence[Essai]
    fautes: list[Faute] = field(default_factory=list)

    def told(self, genre: str) -> list[str]:
        """Each thing that gave way, with where first and how often."""
        groups: dict[str, list[Faute]] = defaultdict(list)
        for one in self.fautes:
            if one.genre == genre:
                groups[one.what].append(one)
        return [
            f"{ones[0].told}" + (f" ; {len(ones)} fois, jusqu'à {ones[-1].essai.at}" if len(ones) > 1 else "")
            for ones in groups.values()
        ]


def measure(nom: str, folder: Path) -> Etalon:
    """Lay a scene, and see what its command does there."""
    scene = scenes.build(nom, folder / "modele")
    entire = scenes.copied(scene, folder / "entier")
    done = mains.command(entire.folder, scene.argv)
    ends = [(done.status, meaning(entire.root))]
    lost = [*_lost(entire), *damaged(entire.root, entire.theirs)]
    assert not lost, f"{nom}, sans coupure : {lost}"
    again = _type_again(entire)
    ends.append((again.status, meaning(entire.root)))
    return Etalon(nom, scene, done.operations, ends)


def attempt(etalon: Etalon, essai: Essai, folder: Path) -> list[Faute]:
    """One trial in a new folder, which is removed."""
    scene = scenes.copied(etalon.scene, folder)
    try:
        operation = etalon.operations[essai.at - 1]
        return [Faute(genre, essai, operation, what) for genre, what in _faults(etalon, essai, scene)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _faults(etalon: Etalon, essai: Essai, scene: Scene) -> Iterator[tuple[str, str]]:
    done = mains.command(scene.folder, scene.argv, at=essai.at, error=essai.error)
    if essai.error is None:
        if done.status != KILLED:
            yield INACHEVE, f"n'y est pas arrivé (sortie {done.status}) : {done.said[-300:]}"
    else:
        yield from _badly_told(etalon, done, scene)
    yield from ((PERDU, what) for what in (*_lost(scene), *damaged(scene.root, scene.theirs)))
    again = _type_again(scene)
    found = meaning(scene.root)
    if not any((again.status, found) == end for end in etalon.ends):
        status, wanted = etalon.ends[0]
        what = "; ".join(difference(found, wanted)[:6])
        yield INACHEVE, f"sortie {again.status} au lieu de {status}, {what or again.said[-300:]}"
    yield from ((PERDU, f"à la reprise, {what}") for what in (*_lost(scene), *damaged(scene.root, scene.theirs)))
    yield from ((RESTES, what) for what in leftovers(scene.folder))


def _type_again(scene: Scene) -> Fait:
    return [mains.command(scene.folder, argv) for argv in scene.reprise][-1]


def _badly_told(etalon: Etalon, done: Fait, scene: Scene) -> Iterator[tuple[str, str]]:
    """A refusal ends with 4, or with 1 when there was that to tell besides; with less only when nothing is missing."""
    if "Traceback" in done.said or done.status not in (0, 1, 4):
        yield MAL_DIT, f"sortie {done.status} : {done.said[-600:]}"
    elif done.status != 4 and not _tells_refusal(done.said):
        missing = difference(meaning(scene.root), etalon.ends[0][1])
        if missing:
            yield MAL_DIT, f"sortie {done.status} sans un mot du refus, et il manque {'; '.join(missing[:6])}"


def _tells_refusal(said: str) -> bool:
    return any(words in said for words in ("REPORTÉ", "Disque plein", "Pas le droit", "n'est pas accessible"))


def _lost(scene: Scene) -> list[str]:
    return [f"{one.told} n'y est plus" for one in scene.marques if not one.stands(scene.root)]


class Banc:
    """Trials dealt out to a few processes."""

    def __init__(self, pool: ProcessPoolExecutor, folder: Path) -> None:
        self._pool = pool
        self._folder = folder

    def measure(self, nom: str) -> Etalon:
        return self._pool.submit(measure, nom, self._folder / nom).result()

    def attempt(self, etalon: Etalon, essais: Sequence[Essai]) -> Bilan:
        folders = [self._folder / etalon.nom / f"essai {number}" for number in range(len(essais))]
        found = self._pool.map(attempt, [etalon] * len(essais), essais, folders, chunksize=4)
        return Bilan(etalon, essais, [one for fautes in found for one in fautes])


@contextmanager
def hands() -> Iterator[ProcessPoolExecutor]:
    """Processes that work side by side. Started anew: only one without threads may be forked."""
    with ProcessPoolExecutor(HANDS, multiprocessing.get_context("spawn"), mains.warm_up) as pool:
        yield pool


@contextmanager
def banc(folder: Path) -> Iterator[Banc]:
    with hands() as pool:
        yield Banc(pool, folder)


def kills(etalon: Etalon) -> list[Essai]:
    return [Essai(at, None) for at in range(1, len(etalon.operations) + 1)]


def refusals(etalon: Etalon) -> list[Essai]:
    return [Essai(at, error) for at in range(1, len(etalon.operations) + 1) for error in ERRORS]


def one_of_each(etalon: Etalon, essais: Sequence[Essai], chance: random.Random) -> list[Essai]:
    """One trial of each kind of operation: the same event, in a folder of that name, on a file of that sort."""
    kinds: dict[tuple[str, str, str], list[Essai]] = defaultdict(list)
    for essai in essais:
        event, _, path = etalon.operations[essai.at - 1].partition(" ")
        target = PurePosixPath(path.rpartition(" → ")[2])
        kinds[event, target.parent.name, target.suffix].append(essai)
    return [chance.choice(ones) for ones in kinds.values()]


def main(noms: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="coupures-") as name, banc(Path(name)) as bench:
        for nom in noms or scenes.SCENES:
            etalon = bench.measure(nom)
            bilan = bench.attempt(etalon, [*kills(etalon), *refusals(etalon)])
            sys.stdout.write(f"\n{summary(bilan)}\n")
            sys.stdout.write("".join(f"  {number:>4} {one}\n" for number, one in enumerate(etalon.operations, 1)))
            for genre in GENRES:
                sys.stdout.write("".join(f"  ! {genre}, {one}\n" for one in bilan.told(genre)))
            sys.stdout.flush()


def summary(bilan: Bilan) -> str:
    """``noter: 6 operations, 6 kills, 18 refusals; pas achevé 1``."""
    counts = {genre: len({one.essai for one in bilan.fautes if one.genre == genre}) for genre in GENRES}
    count = sum(one.error is None for one in bilan.essais)
    given = ", ".join(f"{genre} {number}" for genre, number in counts.items() if number) or "tout tient"
    return (
        f"{bilan.etalon.nom} : {len(bilan.etalon.operations)} opérations, {count} coupures, "
        f"{len(bilan.essais) - count} refus ; {given}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
