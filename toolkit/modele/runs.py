"""Runs of a Word paragraph cut so that some of its words stand alone; looks, symbols and pictures are kept."""

from copy import deepcopy
from itertools import groupby

from lxml import etree

from toolkit.formats.word_marks import W
from toolkit.modele.reading import Paragraphe, text_of

_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_PROPERTIES = f"{W}rPr"


def cut_out(paragraphe: Paragraphe, debut: int, fin: int) -> list[etree._Element]:
    """The runs that hold this span of the text and no other text, in whatever control or link they stand."""
    for position in (fin, debut):
        _cut_at(paragraphe.read_again(), position)
    return paragraphe.read_again().runs(debut, fin)


def _cut_at(paragraphe: Paragraphe, position: int) -> None:
    """Cut the run that goes over this position: one run may hold words, tabs and line breaks in turn."""
    start = 0
    for run, _ in groupby(paragraphe.pieces, key=lambda piece: piece[0]):
        for child in run:
            text = text_of(child)
            end = start + len(text)
            if start < position < end or (position == start and text and _has_text_before(child)):
                _split(run, child, position - start)
                return
            start = end


def _has_text_before(child: etree._Element) -> bool:
    return any(text_of(one) for one in child.itersiblings(preceding=True))


def _split(run: etree._Element, child: etree._Element, offset: int) -> None:
    """What follows goes into a run of the same looks."""
    after = etree.Element(run.tag, {str(key): str(value) for key, value in run.attrib.items()})
    properties = run.find(_PROPERTIES)
    if properties is not None:
        after.append(deepcopy(properties))
    moved = list(child.itersiblings())
    if offset:
        right = deepcopy(child)
        text = child.text or ""
        child.text, right.text = text[:offset], text[offset:]
        for one in (child, right):
            one.set(_XML_SPACE, "preserve")
        after.append(right)
    else:
        moved.insert(0, child)
    after.extend(moved)
    run.addnext(after)


def set_text(run: etree._Element, text: str) -> None:
    """One text for a run, in the place of those that it held."""
    words = [child for child in run if text_of(child)]
    leaf = etree.Element(f"{W}t")
    leaf.text = text
    leaf.set(_XML_SPACE, "preserve")
    words[0].addprevious(leaf)
    for child in words:
        run.remove(child)


def drop_text(run: etree._Element) -> None:
    """Its words go, and itself with them unless it holds something else: a symbol, a picture, the mark of a note."""
    for child in [child for child in run if text_of(child)]:
        run.remove(child)
    if all(child.tag == _PROPERTIES for child in run):
        _drop(run)


def _drop(element: etree._Element) -> None:
    """With a link or a smart tag that held nothing else."""
    parent = element.getparent()
    if parent is None:
        return
    parent.remove(element)
    if parent.tag in _HOLDERS and not any(True for _ in parent.iter(f"{W}r")):
        _drop(parent)


_HOLDERS = (f"{W}hyperlink", f"{W}smartTag", f"{W}ins")
