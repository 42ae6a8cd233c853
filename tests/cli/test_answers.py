"""Every command answers in one shape, and one function prints it: nothing here names a command."""

import argparse
import ast
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from tests.conftest import Bureau
from toolkit import cli
from toolkit.cli.answers import Told, ask, print_json, say, show, tell, write_defect


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands that have no others below them."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in below:
        for one in action.choices.values():
            yield from leaves(one)
    if not below:
        yield parser


LEAVES = {parser.prog: parser for parser in leaves(cli._parser([command.name for command in cli.COMMANDS]))}


def answers_of(run: Callable[..., object]) -> list[type]:
    """What a command says that it gives back; its module imports these for the type checker only."""
    module = inspect.getmodule(run)
    assert module
    names: dict[str, Any] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), module.__name__, "exec"), names)
    # A union of names that are quoted is a text until it is read.
    told = get_type_hints(run, localns=names)["return"]
    return list(get_args(told)) or [told]


def test_every_command_is_gone_over() -> None:
    assert {command.name for command in cli.COMMANDS} == {prog.split()[1] for prog in LEAVES}


@pytest.mark.parametrize("prog", LEAVES)
def test_what_a_command_gives_back_can_be_said(prog: str) -> None:
    for answer in answers_of(LEAVES[prog].get_default("run")):
        for face in ("as_json", "as_text"):
            assert callable(getattr(answer, face)), f"{answer.__name__}.{face}"
        assert hasattr(answer, "exit_status"), answer.__name__


@dataclass
class Echo:
    """An answer."""

    text: str
    document: dict[str, object] = field(default_factory=lambda: {"dit": "é"})
    exit_status: int = 4

    def as_json(self) -> dict[str, object]:
        return self.document

    def as_text(self) -> str:
        return self.text


def test_an_answer_is_said_as_text_or_as_json_with_its_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert say(Echo("d'accord"), argparse.Namespace(json=False)) == 4
    assert capsys.readouterr().out == "d'accord\n"
    assert say(Echo("d'accord"), argparse.Namespace(json=True)) == 4
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"dit": "é"} and "é" in shown


@pytest.mark.parametrize("is_json", [False, True])
def test_what_was_told_on_the_way_is_not_said_again(capsys: pytest.CaptureFixture[str], is_json: bool) -> None:
    assert say(Told(1), argparse.Namespace(json=is_json)) == 1
    assert capsys.readouterr().out == ""


CONTROLS = [*map(chr, (*range(9), *range(11, 32), *range(127, 160))), *"\u202a\u202e\u2066\u2069", "\udc82", "\ud800"]


@pytest.mark.parametrize("way", [show, tell])
def test_no_terminal_obeys_what_is_printed(way: Callable[[str], None], capfd: pytest.CaptureFixture[str]) -> None:
    way(f"a{''.join(CONTROLS)}\tb\nc\r\nd")

    shown = "".join(capfd.readouterr())
    assert shown.startswith("a\\x00\\x01") and shown.endswith("\\x82\\ud800\tb\nc\r\nd\n")
    assert "\\x1b" in shown and "\\x9b" in shown and "\\u202e" in shown
    assert not {*CONTROLS, "\r"} & set(shown.replace("\r\n", "\n"))


def test_a_question_and_its_answer_hold_no_control_character(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answered(question: str) -> str:
        asked.append(question)
        return "Dupont\x1b[A"

    monkeypatch.setattr("builtins.input", answered)

    assert ask("Nom [\x07] : ") == "Dupont\\x1b[A"
    assert asked == ["Nom [\\x07] : "]


def test_json_is_one_document_that_no_terminal_obeys(capfd: pytest.CaptureFixture[str]) -> None:
    told = {"a": "".join(CONTROLS[:-2]), "b": "02 - F\udc82vrier \ud800", "c": "été"}

    print_json(told)

    shown = capfd.readouterr().out
    assert json.loads(shown) == {**told, "b": "02 - F\\x82vrier \\ud800"}
    assert not set(CONTROLS) & set(shown) and "été" in shown


def test_a_defect_is_kept_whatever_it_says() -> None:
    log = write_defect(["fiche", "F\udc82"], "ValueError: F\udc82 \x1b")

    assert log.read_text(encoding="utf-8").endswith("ValueError: F\\x82 \\x1b")
    log.unlink()


def test_nothing_is_printed_nor_asked_elsewhere() -> None:
    package = Path(cli.__file__).parents[1]
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and node.id in ("print", "input"):
                found.add(path.relative_to(package).as_posix())
    assert found == {"cli/answers.py", "__main__.py"}  # the latter its own version


def test_words_in_another_encoding_are_refused_before_they_are_written(bureau: Bureau) -> None:
    run = bureau.run("nouveau", bureau.root, "groupe", "F\udc82vrier", "2027-09-16")

    assert run.status == 2
    assert "« F\\x82vrier »" in run.err.replace("\N{NO-BREAK SPACE}", " ")
    assert bureau.files() == {"office.toml", "prestataires.toml"}
