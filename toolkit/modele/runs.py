"""Runs of a Word paragraph cut so that some of its words stand alone, looks kept."""

from copy import deepcopy
from itertools import pairwise

from lxml import etree

from toolkit.formats.word_marks import W
from toolkit.modele.reading import Paragraphe

_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def cut_out(paragraphe: Paragraphe, debut: int, fin: int) -> list[etree._Element]:
    """The runs that hold this span and nothing else, as far as they can be cut."""
    _cut_at(paragraphe.read_again(), fin)
    _cut_at(paragraphe.read_again(), debut)
    found = paragraphe.read_again().runs(debut, fin)
    return [one for one in found if one.getparent() is found[0].getparent()]


def _cut_at(paragraphe: Paragraphe, position: int) -> None:
    """Cut the run that goes over this position, when it is one piece of text."""
    starts = [0]
    for _, text in paragraphe.pieces:
        starts.append(starts[-1] + len(text))
    for (run, text), (start, end) in zip(paragraphe.pieces, pairwise(starts), strict=True):
        if not start < position < end or len(run.findall(f"{W}t")) != 1:
            continue
        leaf = run.find(f"{W}t")
        others = [child for child in run if child is not leaf and child.tag != f"{W}rPr"]
        parent = run.getparent()
        if leaf is None or others or parent is None:
            return
        after = deepcopy(run)
        leaf.text, right = text[: position - start], after.find(f"{W}t")
        assert right is not None
        right.text = text[position - start :]
        for one in (leaf, right):
            one.set(_XML_SPACE, "preserve")
        parent.insert(parent.index(run) + 1, after)
        return


def set_text(run: etree._Element, text: str) -> None:
    """One text for a run, in the place of all it held."""
    for child in list(run):
        if child.tag != f"{W}rPr":
            run.remove(child)
    leaf = etree.SubElement(run, f"{W}t")
    leaf.text = text
    leaf.set(_XML_SPACE, "preserve")
