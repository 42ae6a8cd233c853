"""The dotted names that a text of a model says: what it prints, asks and goes through."""

from collections.abc import Iterator, Mapping

from jinja2 import nodes

_Scope = Mapping[str, frozenset[str]]
"""Names that stand for something else: those of the loops around."""
_NOTHING: frozenset[str] = frozenset()


def names_said(tree: nodes.Node) -> frozenset[str]:
    """``{% for l in programme %}{{ l.libelle }}`` says ``programme`` and ``programme.libelle``.

    A variable of a loop is told by the list it goes through, a position or a slice by the list itself.
    """
    return frozenset(_said(tree, {}))


def _said(node: nodes.Node, scope: _Scope) -> Iterator[str]:
    """All that stands below."""
    if isinstance(node, nodes.For):
        yield from _loop(node, scope)
    elif isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        yield from _paths(node, scope)
        yield from _on_the_way(node, scope)
    else:
        for child in node.iter_child_nodes():
            yield from _said(child, scope)


def _loop(loop: nodes.For, scope: _Scope) -> Iterator[str]:
    yield from _said(loop.iter, scope)
    through = _paths(loop.iter, scope)
    targets = [loop.target, *loop.target.find_all(nodes.Name)]
    inside = {**scope, **{one.name: through for one in targets if isinstance(one, nodes.Name)}}
    if loop.test is not None:
        yield from _said(loop.test, inside)
    for child in loop.body:
        yield from _said(child, {**inside, "loop": _NOTHING})
    for child in loop.else_:
        yield from _said(child, scope)


def _on_the_way(node: nodes.Node, scope: _Scope) -> Iterator[str]:
    """What is said on the way to the end of a chain: b in ``a[b].c``, all three in ``(a if b else c).d``."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        if isinstance(node, nodes.Getitem):
            yield from _said(node.arg, scope)
        node = node.node
    if not isinstance(node, nodes.Name):
        yield from _said(node, scope)


def _paths(node: nodes.Node, scope: _Scope) -> frozenset[str]:
    """What this value may be, or hold; a filter gives something of what it takes."""
    match node:
        case nodes.Name(name=name):
            return scope.get(name, frozenset((name,)))
        case nodes.Getattr(node=group, attr=attr):
            return frozenset(f"{path}.{attr}" for path in _paths(group, scope))
        case nodes.Getitem(node=group, arg=nodes.Const(value=str(attr))):
            return frozenset(f"{path}.{attr}" for path in _paths(group, scope))
        case nodes.Getitem(node=inner) | nodes.Filter(node=inner):
            return _paths(inner, scope) if inner is not None else _NOTHING
        case nodes.CondExpr(expr1=first, expr2=second):
            return _paths(first, scope) | (_paths(second, scope) if second is not None else _NOTHING)
        case nodes.BinExpr(left=first, right=second):
            return _paths(first, scope) | _paths(second, scope)
        case nodes.List(items=items) | nodes.Tuple(items=items):
            return _NOTHING.union(*(_paths(one, scope) for one in items))
    return _NOTHING
