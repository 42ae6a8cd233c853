"""styles.xml of a workbook, to which looks are only ever added: no style of a human changes its number."""

import re
from collections.abc import Collection
from copy import deepcopy
from functools import cached_property

from lxml import etree

from toolkit.formats.excel_xml import MAIN, drop_attribute, find, parse
from toolkit.formats.office_xml import Element, serialise
from toolkit.formats.package import PackageRefused

_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Numbers of the built-in formats of dates and times (ECMA-376, 18.8.30)."""
_FIRST_FREE_FORMAT = 164
_FORMAT_MAX = 255
"""Characters of a number format, by Excel's limits."""
_QUOTED = re.compile(r'"[^"]*"|\[[^]]*\]|\\.')


class Styles:
    """The looks of cells, by the number that a cell gives as its style."""

    def __init__(self, content: bytes, marks: Collection[str] = ()) -> None:
        """``marks`` are the colours that may be taken off again, in six figures."""
        self._root = parse(content)
        xfs, fonts, fills = (find(self._root, group) for group in ("cellXfs", "fonts", "fills"))
        if xfs is None or fonts is None or fills is None:
            raise PackageRefused("ses styles sont incomplets")
        self._xfs, self._fonts, self._fills = xfs, fonts, fills
        self._marks = frozenset(marks)
        self.is_changed = False
        self._variants: dict[tuple[object, ...], int] = {}
        self._shapes: dict[str, dict[tuple[object, ...], int]] = {}

    def content(self) -> bytes:
        """The whole part, as it goes into the file."""
        return serialise(self._root)

    def variant(
        self,
        style: int,
        *,
        fill: str | None = None,
        is_struck: bool | None = None,
        is_quoted: bool | None = None,
        number_format: str | None = None,
    ) -> int:
        """The style that differs from this one by what is given; ``fill`` is one of the marks, or "" for none.

        The colour of a human stays: only a cell without one, or with a mark, takes another.
        """
        asked = (style, fill, is_struck, is_quoted, number_format)
        if asked not in self._variants:
            self._variants[asked] = self._vary(style, fill, is_struck, is_quoted, number_format)
        return self._variants[asked]

    def _vary(
        self, style: int, fill: str | None, is_struck: bool | None, is_quoted: bool | None, number_format: str | None
    ) -> int:
        xf = deepcopy(self._xf(style))
        if fill is not None and self._fill(xf) in {"", *self._marks} - {fill}:
            xf.set("fillId", str(self._fill_id(fill)))
            xf.set("applyFill", "1")
        if is_struck is not None and is_struck is not self.is_struck(style):
            xf.set("fontId", str(self._font_id(int(xf.get("fontId", "0")), is_struck)))
            xf.set("applyFont", "1")
        if is_quoted:
            xf.set("quotePrefix", "1")
        elif is_quoted is not None:
            drop_attribute(xf, "quotePrefix")
        if number_format is not None and number_format != self.number_format(style):
            xf.set("numFmtId", str(self._format_id(number_format)))
            xf.set("applyNumberFormat", "1")
        return self._append(self._xfs, xf)

    def fill(self, style: int) -> str:
        """The colour of a solid background in six figures, "" for none, "?" for any other look."""
        return self._fill(self._xf(style))

    def number_format(self, style: int) -> str:
        """The code of a number format, "" for one that every Excel knows by its number."""
        return self._formats.get(int(self._xf(style).get("numFmtId", "0")), "")

    def is_struck(self, style: int) -> bool:
        """Letters with a line through them, as those of a cancelled booking."""
        strike = find(self._fonts[int(self._xf(style).get("fontId", "0"))], "strike")
        return strike is not None and strike.get("val", "1") not in ("0", "false")

    def is_date(self, style: int) -> bool:
        """Its numbers show as days or hours: what they stand for is told by ``Feuille.to_date``."""
        if int(self._xf(style).get("numFmtId", "0")) in _DATE_FORMATS:
            return True
        code = self.number_format(style)[:_FORMAT_MAX]
        return bool(re.search("[dmyhs]", _QUOTED.sub("", code), re.IGNORECASE))

    def _xf(self, style: int) -> Element:
        return self._xfs[style if style < len(self._xfs) else 0]

    def _fill(self, xf: Element) -> str:
        fill = self._fills[int(xf.get("fillId", "0"))]
        pattern = find(fill, "patternFill")
        kind = None if pattern is None else pattern.get("patternType", "none")
        if pattern is None or kind not in ("none", "solid"):
            return "?"
        if kind == "none":
            return ""
        colour = find(pattern, "fgColor")
        return "?" if colour is None else colour.get("rgb", "?")[-6:]

    def _fill_id(self, colour: str) -> int:
        if not colour:
            return 0
        for index, fill in enumerate(self._fills):
            if self._solid(fill) == colour:
                return index
        fill = etree.Element(f"{MAIN}fill")
        pattern = etree.SubElement(fill, f"{MAIN}patternFill", patternType="solid")
        etree.SubElement(pattern, f"{MAIN}fgColor", rgb=f"00{colour}")
        etree.SubElement(pattern, f"{MAIN}bgColor", indexed="64")
        return self._append(self._fills, fill)

    @staticmethod
    def _solid(fill: Element) -> str | None:
        colour = find(fill, "patternFill/fgColor")
        return None if colour is None else colour.get("rgb", "")[-6:]

    def _font_id(self, font_id: int, is_struck: bool) -> int:
        font = deepcopy(self._fonts[font_id])
        for strike in font.findall(f"{MAIN}strike"):
            font.remove(strike)
        if is_struck:
            place = sum(child.tag in (f"{MAIN}b", f"{MAIN}i") for child in font)
            font.insert(place, etree.Element(f"{MAIN}strike"))
        return self._append(self._fonts, font)

    @cached_property
    def _formats(self) -> dict[int, str]:
        return {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in self._root.iter(f"{MAIN}numFmt")}

    def _format_id(self, code: str) -> int:
        known = next((number for number, text in self._formats.items() if text == code), None)
        if known is not None:
            return known
        formats = find(self._root, "numFmts")
        if formats is None:
            formats = etree.Element(f"{MAIN}numFmts")
            self._root.insert(0, formats)
        number = max([_FIRST_FREE_FORMAT - 1, *self._formats]) + 1
        formats.append(etree.Element(f"{MAIN}numFmt", numFmtId=str(number), formatCode=code))
        formats.set("count", str(len(formats)))
        self._formats[number] = code
        self.is_changed = True
        return number

    def _append(self, group: Element, one: Element) -> int:
        """The place of an equal element, or of this one once it is added at the end."""
        shapes = self._shapes.setdefault(group.tag, {})
        if not shapes:
            for index, known in enumerate(group):
                shapes.setdefault(_shape(known), index)
        wanted = _shape(one)
        if wanted in shapes:
            return shapes[wanted]
        one.tail = None
        group.append(one)
        group.set("count", str(len(group)))
        self.is_changed = True
        shapes[wanted] = len(group) - 1
        return len(group) - 1


def _shape(one: Element) -> tuple[object, ...]:
    """An element as a value: two that look the same are equal, whatever declared their names."""
    return (one.tag, tuple(sorted(one.attrib.items())), one.text, tuple(map(_shape, one)))
