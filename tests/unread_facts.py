"""The facts of the three files that no line of the toolkit and no shipped Word model reads.

``python -m tests.unread_facts`` prints them; ``test_docs`` holds docs/regles.md to the same list.

Reading is followed through names: each expression stands for the classes that its annotations name, a container for
the classes in it. What cannot be followed counts as a reading of every field of that name, so that a fact told here
as unread is unread.
"""

import ast
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from toolkit.dossier.faits import Dossier
from toolkit.dossier.office import Office, Prestataires

ICI = Path(__file__).parents[1]
FICHIERS: dict[str, type[BaseModel]] = {
    "dossier.toml": Dossier,
    "office.toml": Office,
    "prestataires.toml": Prestataires,
}
Classes = frozenset[str] | None
"""Names of classes; empty: surely none of ours; None: not known."""
_TAG = re.compile(r"\{[{%](.*?)[%}]\}")


def bloc(annotation: object) -> type[BaseModel] | None:
    """The table that a field holds, alone or in a list; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(bloc, get_args(annotation))), None)


def champs(kind: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel], str]]:
    """Each fact: its path as people write it, the table it stands in and its key."""
    for name, field in kind.model_fields.items():
        inside = bloc(field.annotation)
        if inside:
            yield from champs(inside, f"{path}{name}.")
        else:
            yield f"{path}{name}", kind, name


class Code:
    """The classes of the toolkit, and which of their members are read."""

    def __init__(self, nodes: list[ast.AST]) -> None:
        kinds = [node for node in nodes if isinstance(node, ast.ClassDef)]
        self.classes = {node.name for node in kinds}
        self.members: dict[str, dict[str, Classes]] = defaultdict(dict)
        self.returns: dict[str, Classes] = {}
        self.read: set[tuple[str, str]] = set()
        for kind in kinds:
            self._take_members(kind)
        for kind in kinds:
            for base in kind.bases:
                if isinstance(base, ast.Name):
                    self.members[kind.name] = {**self.members[base.id], **self.members[kind.name]}
        self.owners: dict[str, list[str]] = defaultdict(list)
        for owner, members in self.members.items():
            for member in members:
                self.owners[member].append(owner)
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                known = self.returns.get(node.name, frozenset())
                self.returns[node.name] = self.joined(known, self.named(node.returns))

    def _take_members(self, node: ast.ClassDef) -> None:
        """Classes of one name are taken together."""
        members = self.members[node.name]
        for one in ast.walk(node):
            match one:
                case ast.FunctionDef(name=name, returns=annotation):
                    members[name] = self.joined(members.get(name, frozenset()), self.named(annotation))
                case ast.AnnAssign(target=ast.Name(id=name) | ast.Attribute(attr=name), annotation=annotation):
                    members[name] = self.joined(members.get(name, frozenset()), self.named(annotation))
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    members.setdefault(name, None)

    def named(self, annotation: ast.expr | None) -> Classes:
        """The classes that an annotation names, whatever they stand in."""
        if annotation is None:
            return None
        found: set[str] = set()
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name):
                if node.id in ("Any", "object"):
                    return None
                found.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"\w+", node.value))
        return frozenset(found & self.classes)

    @staticmethod
    def joined(*kinds: Classes) -> Classes:
        return None if None in kinds else frozenset().union(*(kind or () for kind in kinds))

    def member(self, kinds: Classes, name: str, *, is_read: bool = True) -> Classes:
        """What ``.name`` gives; a method that is not ours leaves a container as it is."""
        known = self.owners.get(name, [])
        owners = [one for one in known if kinds is not None and one in kinds] or (known if kinds != frozenset() else [])
        if is_read:
            self.read.update((one, name) for one in owners)
        if owners:
            return self.joined(*(self.members[one][name] for one in owners))
        return kinds

    def read_whole(self, kinds: Classes) -> None:
        for kind in kinds or ():
            self.read.update((kind, name) for name in self.members[kind])


class Scope:
    """One function, or the top of one file: what its names stand for."""

    def __init__(self, code: Code, imported: set[str], names: dict[str, Classes]) -> None:
        self.code = code
        self.imported = imported
        self.names = dict(names)

    def go_through(self, body: list[ast.stmt]) -> None:
        nodes = [node for statement in body for node in ast.walk(statement)]
        for _ in range(3):  # names are bound from names
            for node in nodes:
                self._bind(node)
        for node in nodes:
            if isinstance(node, ast.Attribute | ast.Call):
                self.kind(node)

    def _bind(self, node: ast.AST) -> None:
        match node:
            case ast.arg():
                self._set(node.arg, self.code.named(node.annotation))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                self._set(name, self.code.named(annotation))
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._spread(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._spread(target, value)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                self._spread(target, value)
            case ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)):
                self._set(name, None)

    def _spread(self, target: ast.expr, value: ast.expr) -> None:
        kind = self.kind(value)
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._set(node.id, kind)

    def _set(self, name: str, kind: Classes) -> None:
        self.names[name] = self.code.joined(self.names[name], kind) if name in self.names else kind

    def kind(self, node: ast.expr | None) -> Classes:
        """The classes that an expression may give, noting what is read on the way."""
        match node:
            case ast.Name(id=name):
                if name in self.names:
                    return self.names[name]
                return frozenset({name}) if name in self.code.classes else self.code.returns.get(name)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in self.imported:
                return self.code.returns.get(name, frozenset())
            case ast.Attribute(value=value, attr=name):
                return self.code.member(self.kind(value), name)
            case ast.Call(func=function, args=arguments, keywords=keywords):
                given = [*arguments, *(one.value for one in keywords)]
                return self._called(function, given, {one.arg for one in keywords})
            case ast.Constant() | ast.JoinedStr() | ast.Compare():
                return frozenset()
            case ast.Subscript(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.kind(value)
            case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
                return self.kind(value)
            case ast.DictComp(key=key, value=value):
                return self.code.joined(self.kind(key), self.kind(value))
            case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return self.code.joined(*map(self.kind, parts))
            case ast.Dict(keys=keys, values=values):
                return self.code.joined(*(self.kind(one) for one in (*keys, *values) if one))
            case ast.IfExp(body=body, orelse=other):
                return self.code.joined(self.kind(body), self.kind(other))
            case ast.BinOp(left=left, right=right):
                return self.code.joined(self.kind(left), self.kind(right))
            case ast.UnaryOp(operand=operand):
                return self.kind(operand)
        return None

    def _called(self, function: ast.expr, arguments: list[ast.expr], named: set[str | None]) -> Classes:
        match function:
            case ast.Attribute(value=value, attr="model_dump"):
                if "include" not in named:
                    self.code.read_whole(self.kind(value))
                return frozenset()
            case ast.Name(id=name) if name in self.code.classes or name in self.code.returns:
                return self.kind(function)
            case ast.Name() if arguments:
                return self.code.joined(*map(self.kind, arguments))
        return self.kind(function)


def read_members() -> set[tuple[str, str]]:
    """Class and member of all that the toolkit and its Word models read."""
    sources = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ICI.glob("toolkit/**/*.py"))]
    nodes = [list(ast.walk(source)) for source in sources]
    code = Code([node for of_file in nodes for node in of_file])
    for source, of_file in zip(sources, nodes, strict=True):
        imported = {
            name.asname or name.name.partition(".")[0]
            for node in of_file
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        } - code.classes
        _go_through(source, Scope(code, imported, {}))
        _read_by_name(code, of_file)
    for path in sorted(ICI.glob("modeles/*.docx")):
        _read_in_word(code, path)
    return code.read


def named_paths() -> set[str]:
    """Facts that a table of the core names whole, as ``demande.souhaits``: it looks them up by their path."""
    sources = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ICI.glob("toolkit/dossier/*.py"))]
    constants = [node.value for source in sources for node in ast.walk(source) if isinstance(node, ast.Constant)]
    return {value for value in constants if isinstance(value, str)}


def _go_through(source: ast.Module, top: Scope) -> None:
    top.go_through([one for one in source.body if not isinstance(one, ast.FunctionDef | ast.ClassDef)])
    for statement in source.body:
        owner: dict[str, Classes] = {}
        functions = [statement]
        if isinstance(statement, ast.ClassDef):
            owner = {"self": frozenset({statement.name}), "cls": frozenset({statement.name})}
            functions = statement.body
        for function in functions:
            if isinstance(function, ast.FunctionDef):
                scope = Scope(top.code, top.imported, {**top.names, **owner})
                for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
                    if one.annotation:
                        scope.names[one.arg] = top.code.named(one.annotation)
                scope.go_through(function.body)


def _read_by_name(code: Code, nodes: list[ast.AST]) -> None:
    """Keys that a file holds as texts, when it reads by ``getattr`` or chooses what it dumps."""
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    dumped = any(isinstance(node, ast.Attribute) and node.attr == "model_dump" for node in nodes)
    if "getattr" in names or dumped:
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                code.member(None, node.value)


def _read_in_word(code: Code, path: Path) -> None:
    scope = Scope(code, set(), {})
    with zipfile.ZipFile(path) as package:
        parts = [package.read(name).decode("utf-8") for name in package.namelist() if name.endswith(".xml")]
    tags = [tag for part in parts for tag in _TAG.findall(re.sub(r"<[^>]+>", "", part))]
    for tag in tags:
        if loop := re.search(r"\bfor (\w+) in ([\w.]+)", tag):
            scope.names[loop[1]] = _word_kind(scope, loop[2])
    for tag in tags:
        for name in re.findall(r"[a-z_]\w*(?:\.\w+)+", tag):
            _word_kind(scope, name)


def _word_kind(scope: Scope, name: str) -> Classes:
    first, *rest = name.split(".")
    kind = scope.names[first] if first in scope.names else scope.code.member(None, first, is_read=False)
    for one in rest:
        kind = scope.code.member(kind, one)
    return kind


def unread() -> dict[str, list[str]]:
    """By file, the paths of the facts that nothing reads; those that an avenant repeats are told once."""
    read, named = read_members(), named_paths()
    found = {}
    for fichier, kind in FICHIERS.items():
        paths = [path for path, owner, key in champs(kind) if (owner.__name__, key) not in read and path not in named]
        found[fichier] = [path for path in paths if not path.startswith("avenants.prestations.")]
    return found


if __name__ == "__main__":
    for fichier, paths in unread().items():
        sys.stdout.write("\n  ".join([fichier, *paths]) + "\n")
