"""What ends a task is told where it is raised: public docstrings name the exceptions of ``toolkit.errors``."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

TOOLKIT = Path(__file__).parents[1] / "toolkit"
MODULES = sorted(TOOLKIT.rglob("*.py"))

Raised = dict[str, frozenset[str]]
"""Names of exceptions by function; a method is ``Class.method``."""


@cache
def lineages() -> dict[str, frozenset[str]]:
    """Every exception of the tree, wherever it is defined: its own name, and those above it but the top."""
    bases = {
        node.name: base.id
        for path in MODULES
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }

    def chain(name: str) -> Iterator[str]:
        while name in bases:
            yield name
            name = bases[name]

    return {name: frozenset(found) - {"ToolkitError"} for name in bases if "ToolkitError" in (found := [*chain(name)])}


def name_of(node: ast.expr | None) -> str:
    """``ModeleFaulty`` for that name, for ``word.ModeleFaulty`` and for a call of either."""
    match node:
        case ast.Call(func=called):
            return name_of(called)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


class Module:
    """The functions of one file, what each raises in its own lines, and what others of the file raise through it."""

    def __init__(self, source: str | bytes) -> None:
        tree = ast.parse(source)
        self.docs: dict[str, str] = {}
        """Of functions and of classes."""
        self.functions: dict[str, ast.FunctionDef] = {}
        self.properties: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self.docs[node.name] = ast.get_docstring(node) or ""
                self._take(node.body, f"{node.name}.")
        self._take(tree.body, "")
        self.direct: Raised = {name: frozenset(self._raised(name, {})) for name in self.functions}
        self.all = self.direct
        while (more := {name: frozenset(self._raised(name, self.all)) for name in self.functions}) != self.all:
            self.all = more

    def _take(self, nodes: Iterable[ast.stmt], owner: str) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                name = f"{owner}{node.name}"
                self.functions[name] = node
                self.docs[name] = ast.get_docstring(node) or ""
                if {name_of(one) for one in node.decorator_list} & {"property", "cached_property"}:
                    self.properties.add(name)

    def _raised(self, function: str, through: Raised) -> Iterator[str]:
        return self._raised_in(self.functions[function].body, function.rpartition(".")[0], through)

    def _raised_in(self, nodes: Iterable[ast.AST], owner: str, through: Raised) -> Iterator[str]:
        for node in nodes:
            children = list(ast.iter_child_nodes(node))
            match node:
                case ast.FunctionDef() | ast.ClassDef():
                    continue
                case ast.Try():
                    ended = {one for handler in node.handlers for one in _ended(handler)}
                    tried = self._raised_in(node.body, owner, through)
                    yield from (one for one in tried if not ended & {*lineages()[one], "ToolkitError", "Exception"})
                    children = [one for one in children if one not in node.body]
                case ast.Raise():
                    yield from self._made(node.exc, owner)
                case ast.Call():
                    yield from through.get(_target(node.func, owner), ())
                case ast.Attribute() if _target(node, owner) in self.properties:
                    yield from through.get(_target(node, owner), ())
            yield from self._raised_in(children, owner, through)

    def _made(self, raised: ast.expr | None, owner: str) -> Iterator[str]:
        """The class that is raised, or what the function that makes it says to return."""
        maker = self.functions.get(_target(raised.func, owner)) if isinstance(raised, ast.Call) else None
        name = name_of(maker.returns if maker else raised)
        if name in lineages():
            yield name

    def untold(self) -> Iterator[str]:
        """``function: exception``: by its very name where it is raised, else by a wider one, or for the whole class."""
        for function, all_raised in self.all.items():
            owner, _, name = function.rpartition(".")
            if owner.startswith("_") or name.startswith("_"):
                continue
            told = _words(self.docs[function])
            for exception in sorted(all_raised):
                if exception in self.direct[function]:
                    is_told = exception in told
                else:
                    is_told = bool(lineages()[exception] & (told | _words(self.docs.get(owner, ""))))
                if not is_told:
                    yield f"{function}: {exception}"


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _target(node: ast.expr, owner: str) -> str:
    """The function of the same file that an expression may name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            return f"{owner}.{name}"
        case ast.Attribute(value=ast.Name(id=kind), attr=name):
            return f"{kind}.{name}"
        case _:
            return ""


def _ended(handler: ast.ExceptHandler) -> Iterator[str]:
    """What an ``except`` holds back; nothing when it lets the same go on."""
    if not any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler)):
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        yield from map(name_of, kinds)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(TOOLKIT).as_posix())
def test_what_is_raised_is_told(path: Path) -> None:
    assert list(Module(path.read_bytes()).untold()) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n  raise AgentError('non')",
        "def f():\n  'Raises FileRefused.'\n  raise WordRefused('a', 'b')",
        "def f():\n  _g()\ndef _g():\n  raise AgentError",
        "def f():\n  raise _g()\ndef _g() -> word.ModeleFaulty:\n  return ModeleFaulty([])",
        "def f():\n  try:\n    _g()\n  except OSError:\n    pass\ndef _g():\n  raise FileRefused",
        "def f():\n  try:\n    _g()\n  except AgentError:\n    raise\ndef _g():\n  raise PdfRefused",
        "class A:\n  'AgentError'\n  def f(self):\n    raise AgentError",
        "class A:\n  def f(self):\n    self._g\n  @property\n  def _g(self):\n    raise AgentError",
    ],
)
def test_a_function_that_tells_nothing_is_found(source: str) -> None:
    assert list(Module(source).untold())


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n  'Raises AgentError.'\n  raise AgentError('non')",
        "def f():\n  'Raises FileRefused.'\n  _g()\ndef _g():\n  raise WordRefused",
        "def f():\n  raise ValueError",
        "def f():\n  def g():\n    raise AgentError\n  return g",
        "def f():\n  return partial(_g)\ndef _g():\n  raise AgentError",
        "def f():\n  try:\n    _g()\n  except AgentError:\n    pass\ndef _g():\n  raise FileRefused",
        "class A:\n  'AgentError'\n  def f(self):\n    self._g()\n  def _g(self):\n    raise AgentError",
    ],
)
def test_a_function_that_has_nothing_more_to_tell_is_left(source: str) -> None:
    assert list(Module(source).untold()) == []
