"""Which paragraphs of a model Word numbers: by themselves or by their style, with numbers and not with bullets."""

from functools import cached_property

from lxml import etree

from toolkit.formats.word_marks import W
from toolkit.modele.reading import Source


class Numeros:
    """The lists of one model."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def is_numbered(self, paragraphe: etree._Element) -> bool:
        """Whether it begins with a number that Word counts."""
        told = paragraphe.find(f"{W}pPr/{W}numPr")
        if told is None:
            style = paragraphe.find(f"{W}pPr/{W}pStyle")
            told = self._of_styles.get(style.get(f"{W}val", "")) if style is not None else None
        if told is None:
            return False
        number = told.find(f"{W}numId")
        level = told.find(f"{W}ilvl")
        key = (_value(number), _value(level) or "0")
        return self._formats.get(key, "none") not in ("bullet", "none")

    @cached_property
    def _of_styles(self) -> dict[str, etree._Element]:
        root = self._source.xml.get("word/styles.xml")
        found = {}
        for style in root.iter(f"{W}style") if root is not None else ():
            told = style.find(f"{W}pPr/{W}numPr")
            if told is not None:
                found[style.get(f"{W}styleId", "")] = told
        return found

    @cached_property
    def _formats(self) -> dict[tuple[str, str], str]:
        """How the levels of each list are numbered, by number of the list and level."""
        root = self._source.xml.get("word/numbering.xml")
        if root is None:
            return {}
        kinds = {one.get(f"{W}abstractNumId"): one for one in root.iter(f"{W}abstractNum")}
        found = {}
        for one in root.iter(f"{W}num"):
            kind = kinds.get(_value(one.find(f"{W}abstractNumId")))
            for level in kind.iter(f"{W}lvl") if kind is not None else ():
                key = (one.get(f"{W}numId", ""), level.get(f"{W}ilvl", ""))
                found[key] = _value(level.find(f"{W}numFmt")) or "decimal"
        return found


def _value(element: etree._Element | None) -> str:
    return "" if element is None else element.get(f"{W}val", "")
