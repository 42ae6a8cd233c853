"""What stands inside a tag: read by jinja's own reader, then judged by the kinds of value that the names have."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints

import jinja2
from jinja2 import nodes

from toolkit.formats.sealed import FILTRES, INTERNES, SealedEnvironment, forbidden
from toolkit.modele.names import Genre, Liste, champs_of, genre, is_group, is_plain, suggestion

Defaut = tuple[str, str]
"""Cause and correction."""

LISTE_DES_CHAMPS = "la liste : toolkit modeles champs"
_STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'")
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})

# What Word types by itself, or what comes with a copy from elsewhere: (characters, cause, correction).
_TYPED_BY_WORD = (
    (
        "«»„",
        "guillemets français dans une balise",
        'Remplacer par des guillemets droits "…" (Ctrl+Z juste après la frappe annule la correction de Word)',
    ),
    ("–—−", "tiret long dans une balise", "Remplacer par le signe moins du clavier « - »"),
    ("…", "points de suspension dans une balise", "Remplacer par un point « . »"),
    ("\u2011", "trait d'union insécable dans une balise", "Retaper la balise d'une traite"),
    ("\u200b\u200c\u200d\u2060\ufeff\u00ad", "caractère invisible dans une balise", "Retaper la balise d'une traite"),
    ("\t\n", "tabulation ou saut de ligne dans une balise", "Remplacer par une espace"),
)
_CAPITALS = re.compile(r"(?<![\w.])(And|Or|Not|In|Is|Else|Defined|AND|OR|NOT|IN|IS)(?![\w.])")
_FRENCH = re.compile(r"(?<![\w.])(et|ou|non|dans|est)(?![\w.(])")
_ENGLISH = {"et": "and", "ou": "or", "non": "not", "dans": "in", "est": "=="}
_SINGLE_EQUAL = re.compile(r"(?<![=!<>])=(?!=)")


def repaired(text: str) -> str:
    """Curly quotes made straight, as the filling does."""
    return text.translate(_QUOTES)


def typing_slip(text: str) -> Defaut | None:
    """What French Word puts in a tag and no program can read; quoted texts may hold anything."""
    bare = _STRINGS.sub("", repaired(text))
    for characters, cause, correction in _TYPED_BY_WORD:
        if any(one in bare for one in characters):
            return cause, correction
    if found := _CAPITALS.search(bare):
        return f"« {found[1]} » en majuscules (correction automatique de Word ?)", f"Écrire « {found[1].lower()} »"
    return None


class Lecteur:
    """Reads the tags of one part: the names it knows grow inside each loop."""

    def __init__(self, names: Mapping[str, Genre]) -> None:
        self._environment = SealedEnvironment()
        self._roots = names
        self._scopes: list[Mapping[str, Genre]] = [names]
        self.lus: set[str] = set()
        """Every dotted name met, outside loops as written."""

    @property
    def _names(self) -> Mapping[str, Genre]:
        return {name: kind for scope in self._scopes for name, kind in scope.items()}

    def enter(self, names: Mapping[str, Genre]) -> None:
        """Inside a loop: these names hold too, before those around it."""
        self._scopes.append(names)

    def leave(self) -> None:
        """The loop ends, and its names with it."""
        self._scopes.pop()

    def printed(self, text: str) -> Iterator[Defaut]:
        """The faults of ``{{ text }}``."""
        tree = self._read(f"{{{{ {text} }}}}", text)
        if isinstance(tree, tuple):
            yield tree
            return
        judge = _Expression(self._names, self.lus)
        for output in tree.find_all(nodes.Output):
            for node in output.nodes:
                if not isinstance(node, nodes.TemplateData):
                    judge.printed(node, text.strip())
        yield from judge.defauts

    def asked(self, text: str) -> Iterator[Defaut]:
        """The faults of ``{% if text %}``."""
        tree = self._read(f"{{% if {text} %}}{{% endif %}}", text)
        if isinstance(tree, tuple):
            yield tree
            return
        judge = _Expression(self._names, self.lus)
        for node in tree.find_all(nodes.If):
            judge.kind(node.test)
        yield from judge.defauts

    def looped(self, text: str) -> tuple[list[Defaut], Mapping[str, Genre]]:
        """The faults of ``{% for text %}``, and the names that hold inside."""
        tree = self._read(f"{{% for {text} %}}{{% endfor %}}", text)
        if isinstance(tree, tuple):
            # Whatever it meant, what follows is not blamed for it.
            words = re.findall(r"[^\W\d]\w*", re.split(r"\s(?:in|dans)\s", text)[0])
            return [tree], dict.fromkeys([*words, "loop"])
        judge = _Expression(self._names, self.lus)
        loop = next(iter(tree.find_all(nodes.For)))
        kind = judge.kind(loop.iter)
        for one in _alternatives(loop.iter):
            if is_plain(judge.kind(one)) or is_group(judge.kind(one)):
                path = _dotted(one) or text
                judge.defauts.append((f"« {path} » n'est pas une liste", "Une boucle « for » va sur une liste"))
        names = {
            node.name: None for node in [loop.target, *loop.target.find_all(nodes.Name)] if isinstance(node, nodes.Name)
        }
        inside: dict[str, Genre] = dict(names)
        if isinstance(loop.target, nodes.Name):
            inside[loop.target.name] = kind.de if isinstance(kind, Liste) else None
        inside["loop"] = _LOOP
        if loop.test is not None:
            inner = _Expression({**self._names, **inside}, self.lus)
            inner.kind(loop.test)
            judge.defauts += inner.defauts
        return judge.defauts, inside

    def _read(self, source: str, text: str) -> nodes.Template | Defaut:
        if not text.strip():
            return "balise vide", f"Y écrire un champ ({LISTE_DES_CHAMPS})"
        if slip := typing_slip(text):
            return slip
        try:
            tree = self._environment.parse(repaired(source))
        except (jinja2.TemplateSyntaxError, ValueError):  # a number of thousands of digits
            return _unreadable(text)
        except RecursionError:
            return _TOO_LONG
        refused = forbidden(tree)
        if refused is not None:
            return _refusal(refused)
        return tree if _depth(tree) <= _PROFONDEUR_MAX else _TOO_LONG


_LOOP: Genre = jinja2.runtime.LoopContext
_PROFONDEUR_MAX = 60
"""Parts of an expression inside one another; each sign of « a + b + c » is one more."""
_TOO_LONG = ("balise trop longue", "La couper en plusieurs, ou prendre le champ du résultat")


def _depth(tree: nodes.Node) -> int:
    level, depth = [tree], 0
    while level:
        level, depth = [child for node in level for child in node.iter_child_nodes()], depth + 1
    return depth


def _unreadable(text: str) -> Defaut:
    bare = _STRINGS.sub("", repaired(text))
    if _SINGLE_EQUAL.search(bare):
        return "« = » seul dans une comparaison", "Écrire « == » pour comparer"
    if bare.count('"') + bare.count("'"):
        return "guillemet ouvert et jamais fermé", 'Entourer le texte de guillemets droits "…"'
    if found := _FRENCH.search(bare):
        return f"« {found[1]} » est un mot français", f"Écrire « {_ENGLISH[found[1]]} »"
    if bare.count("(") != bare.count(")"):
        return "parenthèse ouverte ou fermée de trop", "Revoir les parenthèses"
    return "balise mal écrite", f"La retaper : un champ, puis s'il le faut « | » et un filtre ({LISTE_DES_CHAMPS})"


_CALCULS = (nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)


def _refusal(node: nodes.Node) -> Defaut:
    if isinstance(node, _CALCULS):
        return "calcul dans une balise", "Le toolkit calcule les montants : prendre le champ du résultat"
    if isinstance(node, nodes.For):
        return "trop de boucles l'une dans l'autre", "Simplifier le modèle"
    return (
        "programme caché dans le modèle : un modèle n'affiche que des champs",
        "Supprimer cette balise ; si le modèle vient d'ailleurs, ne pas s'en servir",
    )


def _dotted(node: nodes.Node) -> str:
    """``client.contact.nom``; empty for anything else than names and points."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{group}.{node.attr}" if (group := _dotted(node.node)) else ""
    return ""


class _Expression:
    """Goes through one expression; unknown names are told once, and what follows from them is not."""

    def __init__(self, names: Mapping[str, Genre], met: set[str]) -> None:
        self._names = names
        self._met = met
        self._kinds: dict[int, Genre] = {}
        self.defauts: list[Defaut] = []

    def printed(self, node: nodes.Node, shown: str = "cette valeur") -> None:
        """Judge what stands in the document as it is; ``shown`` is how to call it when it has no name."""
        self.kind(node)
        for one in _alternatives(node):
            if not self.defauts:
                self.defauts += _unprintable(self.kind(one), _dotted(one) or shown)

    def kind(self, node: nodes.Node) -> Genre:
        """Of the value that this gives; each part of an expression is judged once."""
        if id(node) not in self._kinds:
            self._kinds[id(node)] = self._judged(node)
        return self._kinds[id(node)]

    def _judged(self, node: nodes.Node) -> Genre:
        for classes, judge in _KINDS:
            if isinstance(node, classes):
                return judge(self, node)
        for child in node.iter_child_nodes():
            self.kind(child)
        return None

    def _const(self, node: nodes.Const) -> Genre:
        return type(node.value)

    def _name(self, node: nodes.Name) -> Genre:
        self._met.add(node.name)
        if node.name not in self._names:
            self._unknown(node.name)
            return None
        return self._names[node.name]

    def _getattr(self, node: nodes.Getattr) -> Genre:
        path = _dotted(node)
        group = _dotted(node.node)
        if path and not self._is_known(group.partition(".")[0]):
            self._unknown(path)
            return None
        kind = self.kind(node.node)
        self._met.add(path)
        return self._member(kind, path or node.attr, node.attr)

    def _is_known(self, name: str) -> bool:
        return name in self._names

    def _member(self, kind: Genre, path: str, attr: str) -> Genre:
        if is_group(kind):
            assert isinstance(kind, type)
            members = champs_of(kind)
            if attr in members:
                return members[attr]
            self._unknown(path)
        elif isinstance(kind, Liste):
            group = path.rpartition(".")[0]
            self.defauts.append(
                (
                    f"« {group} » est une liste",
                    f"La parcourir : {{%p for x in {group} %}} … {{{{ x.{attr} }}}} … {{%p endfor %}}",
                )
            )
        elif kind is not None:
            self._unknown(path)
        return None

    def _getitem(self, node: nodes.Getitem) -> Genre:
        kind = self.kind(node.node)
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._member(kind, f"{_dotted(node.node)}.{node.arg.value}", node.arg.value)
        self.kind(node.arg)
        return kind.de if isinstance(kind, Liste) and not isinstance(node.arg, nodes.Slice) else kind

    def _unknown(self, path: str) -> None:
        if not INTERNES.isdisjoint(path.split(".")):
            self.defauts.append((f"« {path} » est interne à l'office", "L'ôter : ni achat ni marge sur un document"))
            return
        meant = suggestion(path, self._names)
        correction = f"Vouliez-vous écrire « {meant} » ?" if meant else f"Choisir dans {LISTE_DES_CHAMPS}"
        self.defauts.append((f"champ inconnu « {path} »", correction))

    def _filter(self, node: nodes.Filter) -> Genre:
        if node.node is not None:
            self.kind(node.node)
        for argument in node.args:
            kind = self.kind(argument)
            if not self.defauts and not _fits(kind, object):
                self.defauts += _unprintable(kind, _dotted(argument) or "cette valeur")
        if node.name not in FILTRES:
            self.defauts.append((f"filtre inconnu « {node.name} »", f"Les filtres : {', '.join(FILTRES)}"))
            return None
        takes, gives, least, most = _signature(node.name)
        if not least <= len(node.args) <= most:
            self.defauts.append((f"« | {node.name} » mal employé", f"Écrire {_how_to(node.name, least)}"))
        for one in _alternatives(node.node) if node.node is not None else ():
            kind = None if self.defauts else self.kind(one)
            if not _fits(kind, takes):
                what = _dotted(one) or "cette valeur"
                self.defauts.append(
                    (
                        f"« | {node.name} » ne convient pas à « {what} », qui est {_article(kind)}",
                        f"Employer plutôt {fit}" if (fit := _filters_for(kind)) else "Ôter le filtre",
                    )
                )
        return gives

    def _test(self, node: nodes.Test) -> Genre:
        self.kind(node.node)
        if node.name != "defined":
            self.defauts.append((f"« is {node.name} » n'existe pas ici", "Écrire « is defined », ou une comparaison"))
        return bool

    def _compare(self, node: nodes.Compare) -> Genre:
        self.kind(node.expr)
        for operand in node.ops:
            self.kind(operand.expr)
        return bool

    def _choice(self, node: nodes.CondExpr) -> Genre:
        self.kind(node.test)
        first = self.kind(node.expr1)
        if node.expr2 is not None:
            self.kind(node.expr2)
        return first

    def _same(self, node: nodes.Neg | nodes.Pos) -> Genre:
        return self.kind(node.node)

    def _sum(self, node: nodes.Add | nodes.Sub) -> Genre:
        left = self.kind(node.left)
        for one in (node.left, node.right):
            if is_group(self.kind(one)) and not self.defauts:
                self.defauts += _unprintable(self.kind(one), _dotted(one) or "cette valeur")
        if isinstance(node.right, nodes.Filter) and node.right.node is not None and not self.defauts:
            name, first, last = node.right.name, _dotted(node.left) or "…", _dotted(node.right.node) or "…"
            sign = "+" if isinstance(node, nodes.Add) else "-"
            self.defauts.append(
                (
                    f"« | {name} » ne porte que sur « {last} »",
                    f"Mettre le calcul entre parenthèses : « {{{{ ({first} {sign} {last}) | {name} }}}} »",
                )
            )
        return left

    def _concat(self, node: nodes.Concat) -> Genre:
        for one in node.nodes:
            self.printed(one)
        return str

    def _either(self, node: nodes.And | nodes.Or) -> Genre:
        left = self.kind(node.left)
        self.kind(node.right)
        return left

    def _several(self, node: nodes.List | nodes.Tuple) -> Genre:
        kinds = [self.kind(one) for one in node.items]
        return Liste(kinds[0] if kinds else None)


def _alternatives(node: nodes.Node) -> Iterator[nodes.Node]:
    """The values that an expression may give: both of ``a if b else c``, of ``a or b``."""
    match node:
        case nodes.CondExpr(expr1=first, expr2=second):
            chosen = [first, second]
        case nodes.And(left=first, right=second) | nodes.Or(left=first, right=second):
            chosen = [first, second]
        case _:
            yield node
            return
    for one in chosen:
        if one is not None:
            yield from _alternatives(one)


_KINDS: tuple[tuple[type[nodes.Node] | tuple[type[nodes.Node], ...], Callable[[_Expression, Any], Genre]], ...] = (
    (nodes.Const, _Expression._const),
    (nodes.Name, _Expression._name),
    (nodes.Getattr, _Expression._getattr),
    (nodes.Getitem, _Expression._getitem),
    (nodes.Filter, _Expression._filter),
    (nodes.Test, _Expression._test),
    (nodes.Compare, _Expression._compare),
    (nodes.CondExpr, _Expression._choice),
    ((nodes.Neg, nodes.Pos), _Expression._same),
    ((nodes.Add, nodes.Sub), _Expression._sum),
    (nodes.Concat, _Expression._concat),
    ((nodes.And, nodes.Or), _Expression._either),
    ((nodes.List, nodes.Tuple), _Expression._several),
)


@lru_cache(maxsize=64)
def _signature(name: str) -> tuple[Genre, Genre, int, int]:
    """What a filter takes and gives, and how many arguments it may have after it; the unknown is not judged."""
    function = FILTRES[name]
    try:
        parameters = list(inspect.signature(function).parameters.values())
        hints = get_type_hints(function)
    except (TypeError, ValueError):  # len, "\n".join
        return (Liste(None), int, 0, 0) if function is len else (Liste(str), str, 0, 0)
    least = sum(one.default is one.empty for one in parameters[1:])
    takes = hints.get(parameters[0].name)
    kind = Liste(genre(get_args(takes)[0])) if get_origin(takes) is Sequence else genre(takes)
    return (kind, genre(hints.get("return")), least, len(parameters) - 1)


def _fits(kind: Genre, takes: Genre) -> bool:
    """Whether a value of this kind may go through; when nothing is known, it may."""
    if kind is None or takes is None:
        return True
    if takes is object:
        return not (is_group(kind) or isinstance(kind, Liste))
    if isinstance(kind, Liste) or isinstance(takes, Liste):
        return isinstance(kind, Liste) and isinstance(takes, Liste) and not (takes.de and is_group(kind.de))
    if takes is Decimal:
        return kind in (Decimal, int)
    return issubclass(kind, takes)


_ARTICLES = {bool: "un oui ou non", int: "un nombre", Decimal: "un nombre", str: "un texte", time: "une heure"}


def _article(kind: Genre) -> str:
    if isinstance(kind, Liste):
        return "une liste de groupes de champs" if is_group(kind.de) else "une liste"
    if isinstance(kind, type) and issubclass(kind, date):
        return "une date"
    return _ARTICLES.get(kind, "un groupe de champs") if isinstance(kind, type) else "une valeur"


def _filters_for(kind: Genre) -> str:
    """Those that take this very kind of value."""
    judged = ((name, _signature(name)[0]) for name in FILTRES)
    return ", ".join(f"| {name}" for name, takes in judged if takes not in (None, object) and _fits(kind, takes))


def _how_to(name: str, least: int) -> str:
    return f'« | {name}("…") »' if least else f"« | {name} », sans rien entre parenthèses"


def _unprintable(kind: Genre, path: str) -> Iterator[Defaut]:
    """A bare date would print in English, a group or a list in Python: the model has to say how."""
    if isinstance(kind, Liste):
        yield (
            f"« {path} » est une liste",
            f"La parcourir : {{% for x in {path} %}}{{{{ x }}}}{{% endfor %}}",
        )
    elif kind is bool:
        yield (
            f"« {path} » est un oui ou non, qui ne s'imprime pas",
            f"L'employer ainsi : {{% if {path} %}} … {{% endif %}}",
        )
    elif is_group(kind):
        assert isinstance(kind, type)
        names = ", ".join(list(champs_of(kind))[:4])
        yield f"« {path} » est un groupe de champs", f"Dire lequel après un point : {names}…"
    elif isinstance(kind, type) and issubclass(kind, date | time | datetime | Decimal):
        yield (
            f"« {path} » est {_article(kind)} : il faut dire comment l'écrire",
            f"Ajouter un filtre : {_filters_for(kind)}",
        )
