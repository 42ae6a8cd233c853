"""The house is as docs/maison.md tells it: rooms, floors, names that are told once, tests beside what they test."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from tests.scripts import load

RACINE = Path(__file__).parents[1]
TOOLKIT = RACINE / "toolkit"
MODULES = sorted(path for path in TOOLKIT.rglob("*.py") if path.stem != "__init__")
AT_THE_TOP = {"__init__.py", "__main__.py", "errors.py", "french.py", "english.py"}
FLOORS_MAX = 12
NOT_ROOMS = {
    "benchmarks": "times the toolkit beside other programs",
    "exemples": "files that tests read",
    "tenue": "what is done during a run or in the middle of it: kills, refusals, second hands",
    "windows": "the scripts and the service of a Windows desktop, under Wine",
}
"""Folders of tests that no room answers to, and what they are for."""
TESTED_ELSEWHERE = {
    "documents": "a document is judged by what lies in the folder of its dossier: tests/walk",
}
"""Rooms without a folder of tests, and why."""


def rooms() -> set[str]:
    return {path.parent.name for path in TOOLKIT.glob("*/__init__.py")}


@cache
def dessin() -> ModuleType:
    return load("dessin.py")


def test_no_file_is_added_at_the_top() -> None:
    assert {path.name for path in TOOLKIT.iterdir() if path.is_file()} == AT_THE_TOP


def test_each_room_says_what_it_is_for() -> None:
    assert [room for room in sorted(rooms()) if not dessin().purpose(room)] == []


def test_the_floors_are_few_and_hold_every_room() -> None:
    floors = dessin().floors()
    assert len(floors) <= FLOORS_MAX
    assert {room for floor in floors for room in floor} == rooms() | {
        name.removesuffix(".py") for name in AT_THE_TOP - {"__init__.py"}
    }


def test_no_two_modules_bear_one_name() -> None:
    assert twice((path.stem, path) for path in MODULES) == []


def test_no_two_classes_bear_one_name() -> None:
    """Nor one that differs by its capitals or by being private."""
    assert twice((name.lstrip("_").casefold(), path) for path in MODULES for name in classes(path)) == []


def classes(path: Path) -> Iterator[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return (node.name for node in nodes if isinstance(node, ast.ClassDef))


def twice(named: Iterable[tuple[str, Path]]) -> list[str]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, path in named:
        found[name].append(path.relative_to(TOOLKIT).as_posix())
    return [f"{name}: {', '.join(paths)}" for name, paths in found.items() if len(paths) > 1]


def test_each_room_has_its_folder_of_tests() -> None:
    folders = {path.name for path in (RACINE / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - NOT_ROOMS.keys() == rooms() - TESTED_ELSEWHERE.keys()
    empty = [room for room in folders - NOT_ROOMS.keys() if not [*RACINE.glob(f"tests/{room}/test_*.py")]]
    assert empty == []


def test_the_page_shows_the_imports_as_they_are() -> None:
    text = dessin().PAGE.read_text(encoding="utf-8")
    assert text == dessin().page(text), "docs/maison.md is not up to date: python scripts/dessin.py"


def test_the_page_names_what_exists() -> None:
    text = dessin().PAGE.read_text(encoding="utf-8")
    named = re.findall(rf"`((?:errors|{'|'.join(sorted(rooms()))})\.\w+(?:\.\w+)*)`", text)
    assert len(named) > 20
    assert [name for name in named if not exists(name)] == []


def exists(name: str) -> bool:
    """A module of the toolkit, or something in one."""
    first, second, *rest = name.split(".")
    if (TOOLKIT / first / f"{second}.py").exists():
        found: object = importlib.import_module(f"toolkit.{first}.{second}")
    else:
        found, rest = importlib.import_module(f"toolkit.{first}"), [second, *rest]
    for part in rest:
        found = getattr(found, part, None)
    return found is not None
