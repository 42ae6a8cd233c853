"""The one jinja environment: what a Word model may say, and nothing else.

A model is edited by people who do not program, and may come from anywhere: no loader, no global, no method, no
Python attribute; only fields of the core's models and the filters of ``FILTRES``. Values are always escaped. A missing
fact is printed as « [À COMPLÉTER : …] » and recorded, an unknown field is recorded: never a silent blank.

Every filling ends, and stays small: the language has no call, no assignment and no product, what its loops go through
is counted, and so is what it prints. A group of fields is never said whole: it holds what the office keeps to itself.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from types import NoneType
from typing import Any, ClassVar, cast

import jinja2
from jinja2 import nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from toolkit import english, french
from toolkit.formats.names_said import names_said
from toolkit.formats.word_marks import BREAKS, CHANGED, END, MISSING, SAME, changes_marked

PAS_MAX = 2_000_000
"""Parts of expressions that the loops of one document go over: the longest programme makes some ten thousands."""
IMPRIME_MAX = 32 << 20
"""Characters that one part may become."""
BOUCLES_MAX = 6
"""Loops inside one another: Python itself gives up at twenty."""

# What a model may say. Without call, assignment, macro and product, no text can double at each step.
_SAID = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.CondExpr,
    nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Const, nodes.List, nodes.Tuple,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos, nodes.Concat,
)  # fmt: skip


def forbidden(tree: nodes.Node) -> nodes.Node | None:
    """The first thing in a text of a model that a model may not say."""
    pending: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while pending:
        node, loops = pending.pop()
        loops += isinstance(node, nodes.For)
        is_recursive = isinstance(node, nodes.For) and node.recursive
        if not isinstance(node, _SAID) or is_recursive or loops > BOUCLES_MAX:
            return node
        pending += ((child, loops) for child in node.iter_child_nodes())
    return None


def _steps(loop: nodes.For) -> int:
    """What one turn of a loop goes over, less what the loops inside it do."""
    pending: list[nodes.Node] = [*loop.body, *([loop.test] if loop.test else ())]
    count = 0
    while pending:
        node = pending.pop()
        count += 1
        pending += [node.iter, *node.else_] if isinstance(node, nodes.For) else node.iter_child_nodes()
    return count


class Met:
    """What one filling met: facts that are missing, fields that do not exist, values printed."""

    def __init__(self) -> None:
        self.pas = 0
        self.imprimes: dict[str, None] = {}
        self.manquants: dict[str, None] = {}
        self.inconnus: dict[str, None] = {}


class _Absent(jinja2.Undefined):
    """A value that is not there: false, empty, and recorded when the model prints it or compares it."""

    met: ClassVar[Met]

    @property
    def chemin(self) -> str:
        return str(self._undefined_name)

    def _record(self) -> str:
        raise NotImplementedError

    def child(self, name: str) -> "_Absent":
        return type(self)(name=f"{self.chemin}.{name}")

    def __str__(self) -> str:
        return self._record()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def _compare(self, other: object) -> bool:
        self._record()
        return False

    # Undefined declares these as never returning; here an absent value is simply not above, nor below.
    __lt__ = __le__ = __gt__ = __ge__ = _compare  # type: ignore[assignment]

    def _same(self, *others: object) -> "_Absent":
        """What is reckoned from an absent value, or taken out of it, is absent as it is."""
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __neg__ = __pos__ = __getitem__ = _same  # type: ignore[assignment]


class _Manquant(_Absent):
    """A field that exists, for which there is no fact yet."""

    def _record(self) -> str:
        label = self._undefined_hint or self.chemin
        self.met.manquants[label] = None
        return f"{MISSING}[À COMPLÉTER : {label}]{END}"

    def child(self, name: str) -> "_Absent":
        return type(self)(hint=self._undefined_hint, name=f"{self.chemin}.{name}")


class _Inconnu(_Absent):
    """A name that no field bears."""

    def _record(self) -> str:
        self.met.inconnus[self.chemin] = None
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._record()
        return iter(())

    def __bool__(self) -> bool:
        self._record()
        return False


def label(owner: type, name: str) -> str:
    """How people call a field."""
    return titles(owner).get(name) or name.replace("_", " ")


class Compiled(jinja2.Template):
    """A text of a model: the names it says are known, and it stops when it prints too much."""

    names: frozenset[str]
    """Dotted, as ``names_said`` tells them."""

    @classmethod
    def _from_namespace(cls, environment: Any, namespace: Any, *args: Any) -> "Compiled":
        """The hook that jinja has for this: the code was run, whether compiled now or kept from another day."""
        made = cast(Compiled, super()._from_namespace(environment, namespace, *args))
        made.names = frozenset(namespace[_NAMES])
        return made

    def render(self, *args: Any, **kwargs: Any) -> str:
        """What is printed; raises jinja's TemplateRuntimeError beyond ``IMPRIME_MAX`` characters."""
        pieces, size = [], 0
        for piece in self.generate(*args, **kwargs):
            pieces.append(piece)
            size += len(piece)
            if size > IMPRIME_MAX:
                raise jinja2.TemplateRuntimeError("le document qui en sort est démesuré")
        return "".join(pieces)


class SealedEnvironment(ImmutableSandboxedEnvironment):
    """The one jinja environment of the toolkit."""

    template_class = Compiled
    breaks: Mapping[int, str | None] = BREAKS

    def __init__(self) -> None:
        # Not optimized: a loop over a written text would be gone through when it is compiled, and not be counted.
        super().__init__(autoescape=True, loader=None, finalize=self._print, optimized=False)
        self.globals.clear()
        self.filters = {name: _pass_absent(name, function) for name, function in FILTRES.items()}
        self.filters |= {_COMPTE: self._counted, _DIT: self._joined}
        self.tests = {"defined": lambda value: not isinstance(value, jinja2.Undefined)}
        self._templates: dict[str, Compiled] = {}
        self.start()

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Compiled:
        """Each text of a model is compiled once: docxtpl asks again at every filling."""
        if source not in self._templates:
            self._templates[source] = cast(Compiled, super().from_string(source, *args, **kwargs))
        return self._templates[source]

    def compiled(self, text: str, repair: Callable[[str], str]) -> Compiled:
        """The template of one part as it lies in the model, which ``repair`` makes readable for jinja.

        Compiled once on this machine for each text: the code is kept in jinja's own private folder. Raises
        TemplateSyntaxError.
        """
        cache = _code_cache()
        if cache is None:
            return self.from_string(repair(text))
        name = f"{_versions()} {sha256(text.encode()).hexdigest()}"
        try:
            bucket = cache.get_bucket(self, name, None, text)
        except (UnpicklingError, EOFError, ValueError, OSError):  # half written when the power went
            cache.clear()
            bucket = cache.get_bucket(self, name, None, text)
        if bucket.code is None:
            bucket.code = self.compile(repair(text))
            with suppress(OSError):
                cache.set_bucket(bucket)
        return cast(Compiled, self.template_class.from_code(self, bucket.code, self.make_globals(None)))

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        """The hook that jinja has for this: the text is read, and not yet made into Python."""
        refused = forbidden(source)
        if refused is not None:
            raise jinja2.TemplateSyntaxError("un modèle ne peut ni calculer ni appeler", refused.lineno)
        names = sorted(names_said(source))
        for loop in source.find_all(nodes.For):
            loop.iter = self._through(_COMPTE, cast(nodes.Expr, loop.iter), nodes.Const(_steps(loop)))
        for concat in source.find_all(nodes.Concat):
            concat.nodes = [self._through(_DIT, one) for one in concat.nodes]
        # They travel with the code, so that what is kept of it needs no second file.
        return f"{super()._generate(source, *args, **kwargs)}\n{_NAMES} = {names!r}\n"

    def _through(self, name: str, node: nodes.Expr, *arguments: nodes.Expr) -> nodes.Expr:
        filtered = nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)
        filtered.set_environment(self)
        return filtered

    def _counted(self, values: Any, steps: int = 1) -> Any:
        """What a loop goes through, so many steps each time: never the fields of a group."""
        if isinstance(values, jinja2.Undefined):
            return values
        if not isinstance(values, (*_LISTS, str)):
            raise _unsayable(values)
        through = list(values)
        self.met.pas += len(through) * max(1, steps)
        if self.met.pas > PAS_MAX:
            raise jinja2.TemplateRuntimeError("ses boucles n'en finissent pas")
        return through

    def start(self) -> Met:
        """Begin one filling."""
        self.met = Met()
        self._manquant = cast(type[_Manquant], type("Manquant", (_Manquant,), {"met": self.met}))
        self.undefined = cast(type[jinja2.Undefined], type("Inconnu", (_Inconnu,), {"met": self.met}))
        return self.met

    def known(self, valeurs: object) -> dict[str, object]:
        """The names of a model, the fields of this dataclass: those without a value are printed as missing."""
        kind: type = type(valeurs)
        known = {name: getattr(valeurs, name) for name in titles(kind)}
        return {
            name: self._manquant(hint=label(kind, name), name=name) if value is None else value
            for name, value in known.items()
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of that name, or what records that it is missing or unknown; never a Python attribute."""
        if isinstance(obj, _Absent):
            return obj.child(attribute)
        if attribute not in titles(obj.__class__):
            return self.undefined(name=f"{_name_of(obj)}.{attribute}")
        value = getattr(obj, attribute)
        is_absent = value is None or value in ("", [], ())
        return self._manquant(hint=label(type(obj), attribute), name=attribute) if is_absent else value

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A text in brackets is a name, as after a point; a number counts from 0."""
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(name=f"{_name_of(obj)}[…]")

    # With the context, so that nothing is printed when a text is compiled, before there is one to tell.
    @jinja2.pass_context
    def _print(self, context: object, value: Any) -> Any:
        said = self._said(value)
        if isinstance(said, str | int):
            self.met.imprimes[str(said)] = None
        return said.translate(self.breaks) if isinstance(said, str) else said

    def _joined(self, value: Any) -> Any:
        """One of the texts that « ~ » puts together."""
        return self._said(value)

    def _said(self, value: Any) -> Any:
        """What may stand in a document as it is; raises TemplateRuntimeError for a group or a list."""
        if isinstance(value, str | int) and not isinstance(value, bool):
            return value
        if isinstance(value, jinja2.Undefined) or hasattr(value, "image_descriptor"):  # docxtpl's InlineImage
            return value
        if not isinstance(value, _PLAIN):
            raise _unsayable(value)
        # A bare date or Decimal would print in English: the model has to say how.
        self.met.inconnus[f"{value} (écrire un filtre, par exemple | euros ou | date_longue)"] = None
        return ""


_NAMES = "names_said"
"""What the names are called in the code of a template."""


@lru_cache(maxsize=1)
def _code_cache() -> jinja2.FileSystemBytecodeCache | None:
    """None where there is no folder that this user alone may write: what lies there is run."""
    try:
        return jinja2.FileSystemBytecodeCache(pattern="toolkit-%s.cache")
    except (OSError, RuntimeError):
        return None


@lru_cache(maxsize=1)
def _versions() -> str:
    """Of all that the code of a template depends on, our files included: they say what a model may and does say."""
    repair = find_spec("docxtpl")
    assert repair and repair.origin
    here = Path(__file__)
    on = (here, here.with_name("names_said.py"), Path(repair.origin).with_name("template.py"))
    texts = [one.read_bytes() for one in on]
    return f"{jinja2.__version__} {sha256(b''.join(texts)).hexdigest()}"


INTERNES = frozenset({"achat", "achats", "commission_pourcent", "marge", "prix_achat"})
"""What the office pays and earns is printed on no document (regles.md §0.6)."""


@lru_cache(maxsize=256)
def titles(kind: type) -> Mapping[str, str]:
    """What may follow a point after such a value, and how people call it; empty where only the name says it.

    Only facts and derived values can be reached: never a method, a Python attribute, nor what is internal. The core's
    models are known by what pydantic gives them: pydantic itself is dear to import.
    """
    found: dict[str, str | None] = {}
    if facts := cast(Mapping[str, Any], getattr(kind, "model_fields", {})):
        found = {name: one.title for name, one in facts.items()} | _derived(kind)
    elif is_dataclass(kind):
        found = {one.name: one.metadata.get("title") for one in fields(kind)}
    elif kind is LoopContext:
        found = dict.fromkeys(("first", "last", "index"))
    return {name: title or "" for name, title in found.items() if name not in INTERNES}


def _derived(kind: type) -> dict[str, str | None]:
    """Properties that give something with a title."""
    found: dict[str, str | None] = {}
    for name, one in ((name, one) for base in kind.__mro__ for name, one in vars(base).items()):
        if isinstance(one, property) and one.fget is not None:
            told = getattr(one.fget.__annotations__.get("return"), "__metadata__", ())
            found |= [(name, hint.title) for hint in told if hasattr(hint, "title")]
    return found


def _name_of(obj: object) -> str:
    return type(obj).__name__.casefold()


_COMPTE, _DIT = "compte", "dit"
"""The filters that every loop and every « ~ » go through; written by hand in a model, they change nothing."""
_PLAIN = (str, int, float, Decimal, date, time, NoneType)
"""What has no fields."""
_LISTS = (list, tuple, dict)


def _unsayable(value: Any) -> jinja2.TemplateRuntimeError:
    if isinstance(value, _LISTS):
        return jinja2.TemplateRuntimeError("une liste ne s'imprime pas d'un bloc : la parcourir, {% for x in … %}")
    return jinja2.TemplateRuntimeError(
        f"le groupe « {_name_of(value)} » ne s'imprime pas d'un bloc : dire lequel de ses champs, après un point"
    )


def _pass_absent(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def filtered(value: Any, *args: Any) -> Any:
        if isinstance(value, jinja2.Undefined):
            return value
        if not isinstance(value, (*_PLAIN, *_LISTS)):
            raise _unsayable(value)
        for one in args:
            if not isinstance(one, (*_PLAIN, jinja2.Undefined)):
                raise _unsayable(one)
        try:
            return function(value, *args)
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            what = value if isinstance(value, _PLAIN) else _name_of(value)
            raise jinja2.TemplateRuntimeError(f"« | {name} » ne convient pas à « {what} »") from error

    return filtered


def _si_change(value: object, is_changed: bool | str) -> str:
    """Red when it is changed, black when it is not, whatever the colour of the tag in the model.

    Beside the former text, the words that it had not are red.
    """
    if isinstance(value, _LISTS):
        raise _unsayable(value)
    if isinstance(is_changed, str):
        return changes_marked(str(value), is_changed)
    return f"{CHANGED if is_changed else SAME}{value}{END}"


FILTRES: Mapping[str, Callable[..., Any]] = {
    "euros": french.euros,
    "pourcentage": french.pourcentage,
    "date_simple": french.date_simple,
    "date_longue": french.date_longue,
    "date_courte": french.date_courte,
    "heure": french.heure,
    "telephone": french.telephone,
    "iban": french.iban,
    "liste": french.liste,
    "pluriel": french.pluriel,
    "lignes": "\n".join,
    "si_change": _si_change,
    "nombre": len,
    "date_anglaise": english.date_anglaise,
    "heure_anglaise": english.heure_anglaise,
    "euros_anglais": english.euros_anglais,
    "pourcentage_anglais": english.pourcentage_anglais,
    "pluriel_anglais": english.pluriel_anglais,
}
"""What a model may write after ``|``."""
