"""Every command answers in one shape, and one function prints it: nothing here names a command."""

import argparse
import ast
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args, get_type_hints

import pytest

from toolkit import cli
from toolkit.cli.answers import Told, say


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
