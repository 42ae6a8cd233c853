"""Problems are data that know their place; everything else that ends a task is of one tree."""

import inspect
import pickle
import pkgutil
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import toolkit
from toolkit import errors
from toolkit.errors import AgentError, FileRefused, Problem, ToolkitError, erreur
from toolkit.formats.word import ModeleFaulty
from toolkit.formats.word_package import WordRefused
from toolkit.walk.report import Report


@pytest.mark.parametrize(
    ("problem", "place", "told"),
    [
        (erreur("faux"), "", "faux"),
        (erreur("faux").at(fichier="récap.xlsx"), "récap.xlsx", "récap.xlsx : faux"),
        (erreur("faux", "prestations", 2, "debut"), "prestations[3].debut", "prestations[3].debut : faux"),
        (
            erreur("faux", "tarif", "prix").at(fichier="dossier.toml", ligne=61),
            "dossier.toml, ligne 61, tarif.prix",
            "dossier.toml, ligne 61, tarif.prix : faux",
        ),
    ],
)
def test_a_problem_tells_what_is_known_of_its_place(problem: Problem, place: str, told: str) -> None:
    assert (problem.place, problem.told) == (place, told)


def exceptions() -> Iterator[type[BaseException]]:
    """Every one that a module of the toolkit defines."""
    for found in pkgutil.walk_packages(toolkit.__path__, "toolkit."):
        if found.name == "toolkit.watch.inotify" and sys.platform != "linux":
            continue
        module = import_module(found.name)
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, BaseException) and one.__module__ == module.__name__:
                yield one


def test_every_exception_is_of_the_tree_that_is_told_at_its_top() -> None:
    assert errors.__doc__
    drawn = {name: depth for depth, name in _drawn(errors.__doc__)}
    found = set(exceptions())
    assert drawn.keys() == {one.__name__ for one in found}
    for one in found:
        assert issubclass(one, ToolkitError), one
        assert drawn[one.__name__] == one.__mro__.index(ToolkitError), one


def _drawn(text: str) -> Iterator[tuple[int, str]]:
    yield 0, "ToolkitError"
    for line in text.splitlines():
        if drawn := re.match(r"    ([│ ]*)[├└]── (\w+)", line):
            yield len(drawn[1]) // 4 + 1, drawn[2]


@pytest.mark.parametrize(
    "refusal", [WordRefused("abîmé", "le refaire"), ModeleFaulty([erreur("champ inconnu")], ["x"])]
)
def test_a_refusal_comes_whole_from_another_process(refusal: FileRefused) -> None:
    again = pickle.loads(pickle.dumps(refusal))
    assert (type(again), str(again), vars(again)) == (type(refusal), str(refusal), vars(refusal))


@pytest.mark.parametrize("error", [AgentError("non"), FileRefused("illisible"), ValueError("rien")])
def test_whatever_stops_one_dossier_stops_no_other(error: Exception) -> None:
    def stop() -> None:
        raise error

    report = Report()
    with report.without_stopping(Path("2027-06-17 Exemple")):
        stop()
    assert report.exit_status == 3
    assert type(error).__name__ in report.defauts[0] and "laissé tel quel" in report.refus[0]
