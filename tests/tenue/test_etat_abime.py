"""What the toolkit remembers, damaged in every way: it changes nothing and makes nothing twice."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bureau
from tests.modeles_word import livre, put_in
from tests.tenue import mains, scenes
from tests.tenue.arbre import difference, meaning
from tests.tenue.coupures import hands, measure
from tests.tenue.scenes import AINES, EN_COURS, PORT, PROPOSE, Scene

pytestmark = pytest.mark.slow

AFTER = (["generer", "."], ["generer", "."], ["surveiller", ".", "--une-fois"], ["generer", "."])
OTHER = "autre dossier"
"""Way that takes what stands in the same place of another dossier."""
OLDER = "plus ancien"
HUGE = 40_000_000
"""Bytes."""

Way = Callable[[bytes], bytes | None]
"""From what stood there to what stands there now; None: nothing."""


def _as_json(change: Callable[[Any], Any]) -> Way:
    """Of each document of a file of JSON; of any other file, what it would be of an empty one."""

    def changed(content: bytes) -> bytes:
        try:
            documents = [json.loads(line) for line in content.splitlines()]
        except ValueError:
            try:
                documents = [json.loads(content)]
            except ValueError:
                documents = [{}]
        return b"\n".join(json.dumps(change(one)).encode() for one in documents)

    return changed


def _absurd(data: Any) -> Any:
    match data:
        case dict():
            return {key: _absurd(one) for key, one in data.items()}
        case list():
            return [_absurd(one) for one in data]
        case bool() | None:
            return not data
        case int() | float():
            return -(10**30)
        case _:
            return "9999-99-99"


def _only_numbers(data: Any) -> Any:
    return {key: _only_numbers(one) for key, one in data.items()} if isinstance(data, dict) else 3


WAYS: dict[str, Way] = {
    "effacé": lambda content: None,
    "vide": lambda content: b"",
    "NUL": lambda content: b"\0" * len(content),
    "moitié": lambda content: content[: len(content) // 2],
    "au hasard": lambda content: random.Random(13).randbytes(len(content)),
    "un nombre": lambda content: b"3",
    "une liste": lambda content: b"[]",
    "null": lambda content: b"null",
    "objet vide": lambda content: b"{}",
    "autre version": _as_json(lambda data: {**data, "version": 99} if isinstance(data, dict) else data),
    "UTF-16": lambda content: content.decode("utf-8", "replace").encode("utf-16"),
    "clés inconnues": _as_json(lambda data: {**data, "neuf": {"a": [1]}} if isinstance(data, dict) else data),
    "valeurs absurdes": _as_json(_absurd),
    "que des nombres": _as_json(_only_numbers),
    "énorme": lambda content: content + b" " * HUGE,
    "mille crochets": lambda content: b"[" * 200_000,
    "demi-caractère": _as_json(lambda data: {"\ud800": data, **(data if isinstance(data, dict) else {})}),
}
FOLDER = "un dossier à sa place"
ALL = [*WAYS, OTHER, OLDER, FOLDER]

SANS_RETOUCHE = "2027-06-20 Sans retouche"
FILES = {
    "état": f"{EN_COURS}/{SANS_RETOUCHE}/_suivi/etat.json",
    "état d'un contrat retouché": f"{EN_COURS}/{PORT}/_suivi/etat.json",
    "état d'un contrat signé": f"{EN_COURS}/{AINES}/_suivi/etat.json",
    "journal": f"{EN_COURS}/{PORT}/_suivi/journal.txt",
    "vus": "_suivi/vus.json",
    "surveillance": "_suivi/surveillance.json",
    "essais des modèles": "modeles/_suivi/essais.json",
    "affichages": "Groupe/2027/_suivi/affichages.jsonl",
    "sauvegarde": "Groupe/2027/_suivi/Sauvegardes/Récap groupes par mois 2027-06-04.xlsx",
}


@dataclass
class Modele:
    """A tree that everything was done in, and the state files that it had one change before."""

    scene: Scene
    older: dict[str, bytes]
    wanted: dict[str, object]


def lay(folder: Path) -> Modele:
    scene = scenes.build("afficher-encore", folder)
    Bureau(scene.root).dossier(PROPOSE.replace("2027-G-015", "2027-G-017"), nom=SANS_RETOUCHE)
    put_in(scene.root, "programme.docx", livre("programme.docx", lambda document: document.add_paragraph("Bon séjour")))
    scene.run("generer", ".")
    older = {name: _read(scene.root / name) for name in FILES.values()}
    scene.run(*scene.argv)
    scene.run("surveiller", ".", "--une-fois")
    beat = {"machine": "ailleurs", "processus": 7, "depuis": "2020-01-01T10:00:00", "battement": "2020-01-01T10:00:00"}
    beat |= {"dossiers": 3, "en_attente": 0, "par_evenements": True, "dernier_passage": None}
    (scene.root / "_suivi/surveillance.json").write_text(json.dumps(beat), encoding="utf-8")
    scene.run("generer", ".")
    assert [name for name in FILES.values() if not (scene.root / name).is_file()] == []
    return Modele(scene, older, told(scene.root))


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b"{}"


def told(root: Path) -> dict[str, object]:
    """What people see of a tree."""
    return {name: said for name, said in meaning(root).items() if "_suivi" not in name.split("/")}


def damage(modele: Modele, name: str, way: str, root: Path) -> None:
    path, content = root / name, (root / name).read_bytes()
    path.unlink()
    if way == FOLDER:
        path.mkdir()
        path.joinpath("rien").write_bytes(b"")
        return
    if way == OLDER:
        now = modele.older[name]
    elif way == OTHER:
        other = PORT if AINES in name else AINES
        now = _read(root / EN_COURS / other / "_suivi/etat.json")
    else:
        changed = WAYS[way](content)
        if changed is None:
            return
        now = changed
    path.write_bytes(now)


def try_way(modele: Modele, name: str, way: str, folder: Path) -> list[str]:
    """What gives way when one file is damaged so."""
    scene = scenes.copied(modele.scene, folder)
    try:
        damage(modele, name, way, scene.root)
        return [f"{way} : {what}" for what in after(modele, scene)]
    finally:
        shutil.rmtree(folder)


def after(modele: Modele, scene: Scene) -> Iterator[str]:
    for argv in AFTER:
        done = mains.command(scene.folder, argv)
        if done.status not in (0, 1, 4) or "Traceback" in done.said:
            yield f"« {' '.join(argv)} » sort avec {done.status} : {done.said[-300:]}"
    changes = difference(told(scene.root), modele.wanted)
    if changes:
        yield "; ".join(changes[:8])


def forget_all(modele: Modele, folder: Path) -> list[str]:
    """Every folder of ours removed, again and again."""
    scene = scenes.copied(modele.scene, folder)
    for _ in range(3):
        for suivi in [*scene.root.rglob("_suivi")]:
            shutil.rmtree(suivi)
        mains.command(scene.folder, ["generer", "."])
    return difference(told(scene.root), modele.wanted)


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with hands() as pool:
        yield pool


@pytest.fixture(scope="module")
def modele(pool: ProcessPoolExecutor, tmp_path_factory: pytest.TempPathFactory) -> Modele:
    return pool.submit(lay, tmp_path_factory.mktemp("etat") / "modele").result()


@pytest.mark.parametrize("file", FILES)
def test_whatever_becomes_of_it_nothing_changes(
    file: str, modele: Modele, pool: ProcessPoolExecutor, tmp_path: Path
) -> None:
    trials = [pool.submit(try_way, modele, FILES[file], way, tmp_path / str(number)) for number, way in enumerate(ALL)]
    faults = [what for one in trials for what in one.result()]
    assert not faults, "\n".join(faults)


def test_all_of_it_can_be_removed_again_and_again(modele: Modele, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    changes = pool.submit(forget_all, modele, tmp_path / "arbre").result()
    assert not changes, "\n".join(changes)


def try_locks(way: str, folder: Path) -> list[str]:
    """What gives way when every lock that a command takes lies there already, and says nothing that makes sense."""
    etalon = measure("generer-fait-change", folder / "sain")
    scene = scenes.copied(etalon.scene, folder / "essai")
    taken = {name for name in etalon.operations if name.startswith("open ") and "/verrous/" in name}
    assert taken
    for name in taken:
        lock = scene.folder / name.removeprefix("open ")
        if way == FOLDER:
            lock.mkdir(parents=True)
        else:
            lock.parent.mkdir(parents=True, exist_ok=True)
            lock.write_bytes(WAYS[way](b"4242\nailleurs\n") or b"")
    done = mains.command(scene.folder, scene.argv)
    status, wanted = etalon.ends[0]
    told = [] if done.status == status else [f"sortie {done.status} au lieu de {status} : {done.said[-300:]}"]
    return told + difference(meaning(scene.root), wanted)


@pytest.mark.parametrize("way", ["vide", "au hasard", FOLDER])
def test_a_lock_that_says_nothing_stops_nobody(way: str, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
    faults = pool.submit(try_locks, way, tmp_path).result()
    assert not faults, "\n".join(faults)
