"""Coloured words and line breaks in a rendered Word part: missing facts, values that changed, values of several lines.

Rendering writes them with private characters, which no fact may hold; here they become what Word reads.
"""

import re
from collections.abc import Collection
from copy import deepcopy
from difflib import SequenceMatcher

from lxml import etree

from toolkit.formats.office_xml import Element, parse, serialise

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MISSING, CHANGED, SAME, END = "\ue000", "\ue001", "\ue002", "\ue00f"
_MARKS = (MISSING, CHANGED, SAME)
_TOKENS = re.compile(f"([{MISSING}{CHANGED}{SAME}{END}])")


_LINE, _TAB = "\ue003", "\ue004"
BREAKS = str.maketrans({"\n": _LINE, "\t": _TAB, "\r": None})
"""What a value is printed with in place of its line breaks: those of the model's own text are left alone."""


def changes_marked(text: str, former: str) -> str:
    """The words that the former text had not in red, the others black; all of it where words only went."""
    now, then = _WORDS.findall(text), _WORDS.findall(former)
    pieces, is_told = [], False
    for kind, _, _, start, end in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        words = "".join(now[start:end])
        is_new = kind != "equal" and bool(words.strip())
        is_told |= is_new
        pieces.append(f"{CHANGED if is_new else SAME}{words}{END}" if words else "")
    return "".join(pieces) if is_told or text == former else f"{CHANGED}{text}{END}"


_WORDS = re.compile(r"[^ \n\t]+|[ \n\t]+")
"""What no-break spaces hold together is one: an amount, a time, a day and its month."""


def broken(text: str) -> str:
    """The run goes on after a line break or a tab of a value."""
    for mark, element in ((_LINE, "br"), (_TAB, "tab")):
        text = text.replace(mark, f'</w:t><w:{element}/><w:t xml:space="preserve">')
    return text


def flattened(text: str) -> str:
    """The same for a title, which has one line."""
    return text.replace(_LINE, " ").replace(_TAB, " ")


def is_marked(text: str) -> bool:
    """Whether some of it is to be coloured."""
    return END in text


def without_marks(text: str) -> str:
    """As a person reads it: nothing is to be coloured any more."""
    return _TOKENS.sub("", text)


def colour_marked(part: bytes) -> bytes:
    """Each marked text takes its colour; the rest keeps its looks.

    A marked text may go on over several runs, when a value holds line breaks or tabs. Raises PartUnsound.
    """
    root = parse(part)
    mark = ""
    for run in list(root.iter(f"{W}r")):
        text = "".join(str(one) for one in run.itertext())
        parent = run.getparent()
        if parent is None or not (mark or _TOKENS.search(text)):
            continue
        pieces, mark = _split(run, mark)
        position = parent.index(run)
        parent[position : position + 1] = pieces
    return serialise(root)


def _split(run: Element, mark: str) -> tuple[list[Element], str]:
    """The runs that stand for one, and the mark that is still open at its end."""
    properties = run.find(f"{W}rPr")
    pieces = []
    for child in run:
        if child is properties:
            continue
        if child.tag != f"{W}t":
            pieces.append(_piece(properties, deepcopy(child), mark))
            continue
        for token in filter(None, _TOKENS.split(child.text or "")):
            if token == END:
                mark = ""
            elif token in _MARKS:
                mark = token
            else:
                leaf = etree.Element(f"{W}t")
                leaf.text = token
                leaf.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                pieces.append(_piece(properties, leaf, mark))
    return pieces, mark


def _piece(properties: Element | None, content: Element, mark: str) -> Element:
    piece = etree.Element(f"{W}r")
    if properties is not None:
        piece.append(deepcopy(properties))
    if mark:
        _colour(piece, mark)
    piece.append(content)
    return piece


def _colour(run: Element, mark: str) -> None:
    """Missing: red on yellow. Changed: red. The same as before: the colour of ordinary text."""
    properties = run.find(f"{W}rPr")
    if properties is None:
        properties = etree.SubElement(run, f"{W}rPr")
    for old in properties.findall(f"{W}color"):
        properties.remove(old)
    if mark != SAME:
        _insert(properties, "color", "FF0000", after=_BEFORE_COLOR)
    if mark == MISSING:
        for old in properties.findall(f"{W}highlight"):
            properties.remove(old)
        _insert(properties, "highlight", "yellow", after=_BEFORE_HIGHLIGHT)


def _insert(properties: Element, name: str, value: str, after: Collection[str]) -> None:
    """The schema wants the children of w:rPr in their order."""
    position = sum(1 for child in properties if etree.QName(child).localname in after)
    element = etree.Element(f"{W}{name}")
    element.set(f"{W}val", value)
    properties.insert(position, element)


_BEFORE_COLOR = (
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow",
    "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden",
)  # fmt: skip
_BEFORE_HIGHLIGHT = (*_BEFORE_COLOR, "color", "spacing", "w", "kern", "position", "sz", "szCs")
