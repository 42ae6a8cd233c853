"""The colour that Word shows a run in, and whether people call it red.

In the office's models red marks what has to be changed. It is FF0000 in old files, EE0000 or C00000 in recent ones, and
comes from the run, from its style, from that of its paragraph or from the theme: the hue is judged, not one code.
"""

import colorsys
from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from toolkit.formats.word_marks import W
from toolkit.modele.reading import Source

HUE = 18
"""Degrees on both sides of pure red."""
SATURATION = 0.55
VALUE = 0.5
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_THEME = {"text1": "dk1", "dark1": "dk1", "text2": "dk2", "dark2": "dk2", "background1": "lt1", "light1": "lt1",
          "background2": "lt2", "light2": "lt2", "hyperlink": "hlink", "followedHyperlink": "folHlink"}  # fmt: skip


def is_red(code: str | None) -> bool:
    """Whether ``RRGGBB`` is a red."""
    if code is None or len(code) != 6:
        return False
    try:
        red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        return False
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    return min(hue, 1 - hue) * 360 <= HUE and saturation >= SATURATION and value >= VALUE


class Couleurs:
    """The colours and fonts of a model, resolved as Word does: run, its style, the paragraph's style, the defaults."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def _styles(self) -> dict[str, etree._Element]:
        root = self._source.xml.get("word/styles.xml")
        return {} if root is None else {one.get(f"{W}styleId", ""): one for one in root.iter(f"{W}style")}

    @cached_property
    def _theme(self) -> dict[str, str]:
        """By scheme name, the colour as RRGGBB."""
        for name, root in self._source.xml.items():
            if name.startswith("word/theme/theme"):
                scheme = root.find(f".//{_A}clrScheme")
                pairs = (
                    (etree.QName(one).localname, one[0]) for one in (scheme if scheme is not None else []) if len(one)
                )
                return {name: one.get("lastClr") or one.get("val") or "" for name, one in pairs}
        return {}

    def properties(self, run: etree._Element) -> Iterator[etree._Element]:
        """The ``w:rPr`` that tell how a run looks, the strongest first."""
        own = run.find(f"{W}rPr")
        if own is not None:
            yield own
            yield from self._of_style(own.find(f"{W}rStyle"))
        paragraph = next(run.iterancestors(f"{W}p"), None)
        if paragraph is not None:
            named = paragraph.find(f"{W}pPr/{W}pStyle")
            yield from self._of_style(named) if named is not None else self._of_default_style()
        styles = self._source.xml.get("word/styles.xml")
        if styles is not None:
            yield from styles.findall(f"{W}docDefaults/{W}rPrDefault/{W}rPr")

    def _of_style(self, reference: etree._Element | None) -> Iterator[etree._Element]:
        seen: set[str] = set()
        name = reference.get(f"{W}val", "") if reference is not None else ""
        while name in self._styles and name not in seen:
            seen.add(name)
            style = self._styles[name]
            yield from style.findall(f"{W}rPr")
            based = style.find(f"{W}basedOn")
            name = based.get(f"{W}val", "") if based is not None else ""

    def _of_default_style(self) -> Iterator[etree._Element]:
        for style in self._styles.values():
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                yield from style.findall(f"{W}rPr")

    def colour(self, run: etree._Element) -> str | None:
        """``RRGGBB``; None when it is left to Word."""
        for properties in self.properties(run):
            element = properties.find(f"{W}color")
            if element is not None:
                return self._code(element)
        return None

    def _code(self, element: etree._Element) -> str | None:
        theme = element.get(f"{W}themeColor")
        code = self._theme.get(_THEME.get(theme, theme)) if theme else None
        if code is None:
            value = element.get(f"{W}val", "auto")
            return None if value == "auto" else value.upper()
        return _shaded(code, element.get(f"{W}themeTint"), element.get(f"{W}themeShade"))

    def is_red(self, run: etree._Element) -> bool:
        """As Word shows it, wherever its colour comes from."""
        return is_red(self.colour(run))

    def fonts(self, run: etree._Element) -> set[str]:
        """The font of ordinary letters, as named or through the theme."""
        for properties in self.properties(run):
            element = properties.find(f"{W}rFonts")
            if element is None:
                continue
            theme = element.get(f"{W}asciiTheme")
            name = self._theme_font(theme) if theme else element.get(f"{W}ascii")
            if name:
                return {name}
        return set()

    def _theme_font(self, theme: str) -> str | None:
        kind = "majorFont" if theme.startswith("major") else "minorFont"
        for name, root in self._source.xml.items():
            if name.startswith("word/theme/theme"):
                latin = root.find(f".//{_A}{kind}/{_A}latin")
                return latin.get("typeface") if latin is not None else None
        return None


def _shaded(code: str, tint: str | None, shade: str | None) -> str:
    """Lighter or darker, as the theme palette of Word offers."""
    parts = [int(code[at : at + 2], 16) for at in (0, 2, 4)]
    if tint:
        kept = int(tint, 16) / 255
        parts = [round(255 - (255 - part) * kept) for part in parts]
    if shade:
        parts = [round(part * int(shade, 16) / 255) for part in parts]
    return "".join(f"{part:02X}" for part in parts)
