"""The recipes of CONTRIBUTING.md, followed to the letter on a copy of the tree, then shown to whom they are for."""

import html
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest

from tests.modeles_word import modele, saved

RACINE = Path(__file__).parents[1]
GUIDE = (RACINE / "CONTRIBUTING.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"`(?P<path>[^`]+)`,? (?P<how>[^`]+?)(?: (?P<tick>`+)(?P<line>.+?)(?P=tick))?:")
_DOSSIER = re.compile(r'"(demonstration/[^/\n]+/\d{4}/[^/\n]+/[^/\n]+/[^/\n"]+)"')
_RUN = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from toolkit import cli
from toolkit.gestes.demo import prepare_demo

def run(argv):
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            status = cli.main(argv)
        except SystemExit as done:
            status = done.code or 0
    return status, said.getvalue()

prepare_demo(Path("demonstration"))
print(json.dumps([cli.__file__, *map(run, json.load(sys.stdin))]))
"""


@dataclass(frozen=True)
class Edit:
    """One block, and what the line before it says of its place."""

    path: str
    how: str
    line: str
    block: str

    @property
    def shows(self) -> bool:
        return self.how == "then says"

    def apply(self, root: Path) -> None:
        path = root / self.path
        match self.how:
            case "a new file":
                assert not path.exists()
                path.write_text(self.block, encoding="utf-8")
            case "a new Word document":
                assert not path.exists()
                path.write_bytes(modele(*self.block.splitlines()))
            case "a paragraph at the end":
                document = docx.Document(str(path))
                document.add_paragraph(self.block.rstrip("\n"))
                path.write_bytes(saved(document))
            case "after the line" | "before the line" | "in place of the line":
                lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
                found = [rank for rank, line in enumerate(lines) if line.lstrip().startswith(self.line)]
                assert len(found) == 1, f"{self.path}: {len(found)} lines begin with {self.line!r}"
                at = found[0]
                lines[at + (self.how == "after the line") : at + (self.how != "before the line")] = [self.block]
                path.write_text("".join(lines), encoding="utf-8")
            case _:
                raise AssertionError(f"Not a place: {self.how}")


@dataclass(frozen=True)
class Command:
    """One ``$`` line, and what it says."""

    argv: Sequence[str]
    said: Sequence[str]


def recipes() -> dict[str, list[Edit | Command]]:
    """By heading; first, without one, what comes before them all."""
    first, *others = re.split(r"^### ", GUIDE.partition("\n## Recipes\n")[2], flags=re.MULTILINE)
    return {"": list(_steps(first))} | {one.partition("\n")[0]: list(_steps(one)) for one in others}


def _steps(recipe: str) -> Iterator[Edit | Command]:
    for block in _BLOCK.finditer(recipe):
        if block[1] == "console":
            for typed in re.split(r"^\$ ", block[2], flags=re.MULTILINE)[1:]:
                command, *said = typed.splitlines()
                toolkit, *argv = shlex.split(command)
                assert toolkit == "toolkit"
                yield Command(argv, said)
        else:
            before = recipe[: block.start()].rstrip().rpartition("\n")[2]
            place = _PLACE.fullmatch(before)
            assert place, f"Before a block, its place is told: {before!r}"
            yield Edit(place["path"], place["how"], place["line"] or "", block[2])


RECIPES = recipes()
STEPS = [step for steps in RECIPES.values() for step in steps]
COMMANDS = [step for step in STEPS if isinstance(step, Command)]


def edits(steps: Sequence[Edit | Command]) -> list[Edit]:
    return [step for step in steps if isinstance(step, Edit) and not step.shows]


def copy_of_the_tree(root: Path, steps: Sequence[Edit | Command]) -> Path:
    """With these steps done."""
    for name in ("toolkit", "modeles", "dossiers_exemple", "docs", "scripts", "tests"):
        shutil.copytree(RACINE / name, root / name)
    for path in RACINE.iterdir():
        if path.is_file() and path.suffix != ".lock":
            shutil.copy(path, root)
    for step in edits(steps):
        step.apply(root)
    return root


def run_in(root: Path, *argv: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *argv], cwd=root, env=environment, input=given, capture_output=True, text=True, check=False
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def text_of(path: Path) -> str:
    """Of a Word document or of a workbook; nothing when it is not there."""
    if not path.exists():
        return ""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
        parts = [package.read(name).decode() for name in package.namelist() if name.endswith(".xml")]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", "", part) for part in parts))


def unseen(root: Path, first: Sequence[str]) -> dict[str, list[str]]:
    """By recipe, what it should show and does not, once this has been run in the demonstration. In one process."""
    run = run_in(root, "-c", _RUN, given=json.dumps([first, *(one.argv for one in COMMANDS[1:])]))
    assert run.returncode == 0, run.stderr
    where, *answers = json.loads(run.stdout)
    assert Path(where).is_relative_to(root)
    found = {name: list(_unseen(root, steps, answers)) for name, steps in RECIPES.items()}
    return {name: lines for name, lines in found.items() if lines}


def _unseen(root: Path, steps: Sequence[Edit | Command], answers: Sequence[tuple[int, str]]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Command):
            status, answer = answers[COMMANDS.index(step)]
            if status:
                yield answer
            yield from (line for line in step.said if one_line(line) not in one_line(answer))
        elif step.shows and one_line(step.block) not in one_line(text_of(root / step.path)):
            yield step.block


def test_each_recipe_has_something_to_copy_and_something_to_see() -> None:
    assert len(RECIPES) > 8
    for name in RECIPES.keys() - {""}:
        assert edits(RECIPES[name]), name
        assert any(step.said if isinstance(step, Command) else step.shows for step in RECIPES[name]), name


@pytest.mark.parametrize(
    "edit",
    [
        Edit("code.py", "after the line", "TYPES =", "X"),
        Edit("code.py", "before the line", "B", "X"),
        Edit("code.py", "in place of the line", "a", "X"),
        Edit("code.py", "a new file", "", "X"),
        Edit("code.py", "somewhere", "", "X"),
    ],
)
def test_a_step_that_is_not_literal_fails(edit: Edit, tmp_path: Path) -> None:
    tmp_path.joinpath("code.py").write_text("A = 1\nB = 2\nB = 3\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        edit.apply(tmp_path)


NAMED = ["generer", "--sans-pdf", *sorted(set(_DOSSIER.findall(GUIDE)))]
"""Instead of the whole demonstration, which takes longer."""


def test_followed_to_the_letter_each_recipe_shows(tmp_path: Path) -> None:
    assert unseen(copy_of_the_tree(tmp_path, STEPS), NAMED) == {}


@pytest.mark.slow
def test_on_the_whole_demonstration_as_well(tmp_path: Path) -> None:
    assert unseen(copy_of_the_tree(tmp_path, STEPS), COMMANDS[0].argv) == {}


@pytest.mark.slow
def test_what_a_recipe_shows_is_not_there_before(tmp_path: Path) -> None:
    assert set(unseen(copy_of_the_tree(tmp_path, []), NAMED)) == RECIPES.keys() - {""}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RECIPES if name])
def test_the_types_hold_after_each_recipe_alone(name: str, tmp_path: Path) -> None:
    root = copy_of_the_tree(tmp_path, RECIPES[name])
    touched = sorted({edit.path for edit in edits(RECIPES[name]) if edit.path.endswith(".py")})
    checked = run_in(root, "-m", "mypy", "--cache-dir", str(RACINE / ".mypy_cache/recettes"), *touched)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_every_recipe_together_breaks_no_check_and_no_test(tmp_path: Path) -> None:
    root = copy_of_the_tree(tmp_path, STEPS)
    linter = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    fast = ["-m", "not slow", "-n", "auto", "-q", "-p", "no:cacheprovider", "--ignore=tests/test_recettes.py"]
    for argv in (
        ["-m", "ruff", "check", "--no-cache", "."],
        ["-m", "ruff", "format", "--check", "--no-cache", "."],
        ["-c", linter],
        ["-m", "pytest", *fast],
    ):
        done = run_in(root, *argv)
        assert done.returncode == 0, f"{argv}\n{done.stdout[-5000:]}{done.stderr[-2000:]}"
