"""What a Word document says: the words of its pages, and all that it may show beside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.formats.office_xml import Element, parse
from toolkit.formats.package import Paquet
from toolkit.formats.word_marks import W

_SHOWN = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_DRAWN = re.compile(r"word/(charts/chart|diagrams/data)\d*\.xml")
_BODY = "word/document.xml"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXTS = (f"{W}t", f"{W}delText")
_BREAKS = {f"{W}tab": " ", f"{W}br": " ", f"{W}cr": " ", f"{W}noBreakHyphen": "-", f"{W}sym": " "}


@dataclass(frozen=True, slots=True)
class Dit:
    """One paragraph, and whether it is on the pages for sure."""

    texte: str
    is_sure: bool
    """In the body, and not hidden."""


def said_by(content: bytes) -> list[Dit]:
    """Each paragraph that has words, the body first, charts last; raises PackageRefused, PartUnsound."""
    paquet = Paquet(content)
    names = sorted(filter(_SHOWN.fullmatch, paquet.sizes), key=lambda name: (name != _BODY, name))
    said = [dit for name in names for dit in _paragraphs(parse(paquet.read(name)), is_body=name == _BODY)]
    drawn = (parse(paquet.read(name)) for name in filter(_DRAWN.fullmatch, paquet.sizes))
    return said + [Dit(" ".join(map(str, root.itertext())), is_sure=False) for root in drawn]


def _paragraphs(root: Element, *, is_body: bool) -> Iterator[Dit]:
    for paragraph in root.iter(f"{W}p"):
        if next(paragraph.iterancestors(_FALLBACK), None) is not None:
            continue
        shown: list[str] = []
        hidden: list[str] = []
        for run in paragraph.iter(f"{W}r"):
            if next(run.iterancestors(f"{W}p"), None) is paragraph:
                (hidden if _is_hidden(run) else shown).append(_text(run))
        for texts, is_sure in ((shown, is_body), (hidden, False)):
            if text := "".join(texts).strip():
                yield Dit(text, is_sure)


def _is_hidden(run: Element) -> bool:
    is_struck = next(run.iterancestors(f"{W}del", f"{W}moveFrom"), None) is not None
    return is_struck or run.find(f"{W}rPr/{W}vanish") is not None


def _text(run: Element) -> str:
    return "".join(child.text or "" if child.tag in _TEXTS else _BREAKS.get(str(child.tag), "") for child in run)
