"""``read`` on what others wrote to break TOML parsers, and on whatever bytes there are: it tells, it never raises."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import EXEMPLES
from toolkit.dossier.faits import Dossier
from toolkit.errors import ChampPath
from toolkit.toml.places import TomlPlaces
from toolkit.toml.read import BYTES_MAX, Reading, is_unfinished, read

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "toml"
VALID = sorted(CORPUS.glob("valid/*.toml"))
INVALID = sorted(CORPUS.glob("invalid/*.toml"))
SECONDS = 5

needs_corpus = pytest.mark.skipif(not VALID or not INVALID, reason=f"no corpus of TOML files in {CORPUS}")


def paths(value: Any, path: ChampPath = ()) -> list[ChampPath]:
    """Every key and position of what a parser read."""
    match value:
        case dict():
            return [one for key, inner in value.items() for one in [(*path, key), *paths(inner, (*path, key))]]
        case list():
            return [one for index, inner in enumerate(value) for one in [(*path, index), *paths(inner, (*path, index))]]
    return []


def check(content: bytes) -> Reading[Dossier]:
    """Read within bounded time; what nothing may be derived from has an error, every problem a line or a place."""
    start = time.process_time()
    reading = read(content, Dossier)
    assert time.process_time() - start < SECONDS
    assert reading.value is not None or any(problem.is_error for problem in reading.problems)
    assert all(problem.message for problem in reading.problems)
    return reading


@needs_corpus
@pytest.mark.parametrize("source", INVALID, ids=lambda path: path.stem)
def test_an_invalid_file_gives_an_error_with_its_line(source: Path) -> None:
    content = source.read_bytes()
    reading = check(content)
    try:
        tomli.loads(content.decode())
    except UnicodeDecodeError:  # read all the same, with a warning
        assert any(problem.ligne for problem in reading.problems)
    except tomli.TOMLDecodeError:
        assert any(problem.is_error and problem.ligne for problem in reading.problems)
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    assert all(1 <= problem.ligne <= lines for problem in reading.problems if problem.ligne)


@needs_corpus
@pytest.mark.parametrize("source", VALID, ids=lambda path: path.stem)
def test_a_valid_file_gives_the_place_of_each_of_its_keys(source: Path) -> None:
    check(source.read_bytes())
    text = source.read_bytes().decode().replace("\r\n", "\n")
    places = TomlPlaces(text)
    lines = text.split("\n")

    for path in paths(tomli.loads(text)):
        line = places.line(path)
        assert line is not None, path
        assert 1 <= line <= len(lines)


@given(st.binary(max_size=400))
@example(b"\0\0\0\0")
@example("x = 1".encode("utf-16"))
@example("x = é".encode("utf-16-be"))
@example(b"\xff\xfe\x00")
@example(b"\xef\xbb\xbf")
@settings(max_examples=100, derandomize=True, deadline=timedelta(seconds=SECONDS))
def test_read_never_raises_on_any_bytes(content: bytes) -> None:
    check(content)
    is_unfinished(content)


PIECES = st.sampled_from(
    [
        b'"',
        b'"""',
        b"'''",
        b"=",
        b"[",
        b"]]",
        b"[[",
        b"{",
        b"}",
        b",",
        b"#",
        b"\n",
        b"\r",
        b"\0",
        b"\\",
        b"\xe9",
        b"9" * 50,
        "« ".encode(),
        "”".encode(),
        "\N{NO-BREAK SPACE}".encode(),
        b" 17/06/2026 ",
        b"9h45",
        b"[client]\n",
        b"nan",
        b"inf",
        b"[prestations]\n",
        b"[[client]]\n",
        b"x.y.z = 1\n",
        b"avenants = {}\n",
        b"client = [1, 2]\n",
        b"notes = 2027-01-01\n",
    ]
)
EXAMPLES = [path.read_bytes() for path in sorted(EXEMPLES.glob("dossier_*.toml"))]


@st.composite
def mutated_examples(draw: st.DrawFn) -> bytes:
    """An example file with pieces put in, taken out or moved, as an editor or a bad copy would."""
    content = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([0, 0, 1, 3, 40, 400]))
        content = content[:start] + draw(PIECES) + content[start + length :]
    return content


@given(mutated_examples())
@settings(max_examples=60, derandomize=True, deadline=timedelta(seconds=SECONDS))
def test_read_never_raises_on_a_mutated_example(content: bytes) -> None:
    check(content)


def test_a_file_just_below_the_limit_is_read_in_bounded_time() -> None:
    block = b'[[notes]]\nle = 2027-05-12\npar = "chargee-1"\ntexte = "Un appel."\n'

    reading = check(block * (BYTES_MAX // len(block)))

    assert reading.value is not None
    assert reading.problems == []
