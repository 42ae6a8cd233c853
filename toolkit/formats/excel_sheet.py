"""One sheet of a workbook, edited in its own XML: cells are set, ranges grown, and nothing else changes.

Text goes in as inline strings, which every reader knows, so that the strings the sheets share keep their numbers.
Only what lies in the sheet itself is known here; the workbook around it is ``excel_workbook``.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from lxml import etree

from toolkit.formats.excel_ranges import COLUMNS_MAX, ROWS_MAX, Plage, cell_name, column_number, grow_list, rewrite
from toolkit.formats.excel_xml import MAIN, XM, drop_attribute, find, parse
from toolkit.formats.office_xml import Element, serialise
from toolkit.formats.package import PackageRefused

Contenu: TypeAlias = str | int | float | date | None
"""What a cell may hold; a formula is read as text that begins with ``=``."""

TEXT_MAX = 32_767
"""Characters of one cell, by Excel's limits."""
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_AFTER_PAGE_SETUP = (
    "headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing "
    "legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst"
)
"""What follows pageSetup in a sheet (ECMA-376, CT_Worksheet)."""
_DEFAULT_WIDTH = 11.0
"""Characters: what Excel gives a column in its usual font."""


def clean_text(text: str) -> str:
    """Text that a cell can hold: no control characters, line feeds only, not longer than Excel bears."""
    text = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"


def string_text(item: Element) -> str:
    """The letters of an ``si`` or ``is`` element, without their looks and without phonetic guides."""
    found = [text.text or "" for text in item.iterfind(f"{MAIN}t")]
    found += [text.text or "" for text in item.iterfind(f"{MAIN}r/{MAIN}t")]
    return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), "".join(found))


class Feuille:
    """Rows and columns are counted from 1. Whatever looks into the sheet raises PackageRefused when it is not sound."""

    def __init__(
        self,
        nom: str,
        content: bytes,
        shared: Callable[[int], str],
        shift: Callable[[str, str, str], str],
        *,
        is_1904: bool,
    ) -> None:
        """``shared`` gives a shared string by its number, ``shift`` moves a formula from one cell to another."""
        self.nom = nom
        self.is_changed = False
        self.formulas_removed: set[str] = set()
        """Cells whose formula was taken out or is no longer where it was."""
        self._content = content
        self._shared = shared
        self._shift = shift
        self._epoch = _EPOCH_1904 if is_1904 else _EPOCH

    # --- as it lies ---

    @property
    def raw(self) -> bytes:
        """The part as it was read."""
        return self._content

    def content(self) -> bytes:
        """The part as it goes into the file: the very bytes that were read when nothing changed."""
        return serialise(self.root) if self.is_changed else self._content

    @cached_property
    def root(self) -> Element:
        """Read when it is first asked for; raises PackageRefused for what is no worksheet."""
        root = parse(self._content)
        if root.tag != f"{MAIN}worksheet" or find(root, "sheetData") is None:
            raise PackageRefused(f"la feuille « {self.nom} » n'a pas la forme d'une feuille de calcul")
        return root

    @cached_property
    def _data(self) -> Element:
        data = find(self.root, "sheetData")
        assert data is not None
        return data

    @cached_property
    def _rows(self) -> dict[int, Element]:
        """Rows by number, in order; those written without their number get it, since others may come between."""
        rows: dict[int, Element] = {}
        last = 0
        for row in self._data.iterfind(f"{MAIN}row"):
            text = row.get("r") or str(last + 1)
            number = int(text) if text.isascii() and text.isdigit() else 0
            if not last < number <= ROWS_MAX:
                raise PackageRefused(f"les lignes de la feuille « {self.nom} » ne sont pas dans l'ordre")
            if row.get("r") is None:
                row.set("r", text)
            rows[number] = row
            last = number
        return rows

    @cached_property
    def _cells(self) -> dict[int, dict[int, Element]]:
        return {}

    def _cells_of(self, row: int) -> dict[int, Element]:
        if row not in self._cells:
            self._cells[row] = self._read_cells(row) if row in self._rows else {}
        return self._cells[row]

    def _read_cells(self, row: int) -> dict[int, Element]:
        cells: dict[int, Element] = {}
        last, number = 0, str(row)
        for cell in self._rows[row].iterfind(f"{MAIN}c"):
            name = cell.get("r")
            if name is None:
                name = cell_name(row, last + 1)
                cell.set("r", name)
            column = column_number(name.removesuffix(number))
            if not last < column <= COLUMNS_MAX:
                raise PackageRefused(f"les cellules de la feuille « {self.nom} » ne sont pas dans l'ordre")
            cells[column] = cell
            last = column
        return cells

    # --- reading ---

    @property
    def last_row(self) -> int:
        """The last that is written down, empty or not; 0 when none is."""
        return max(self._rows, default=0)

    def rows_from(self, first: int) -> list[int]:
        """Those that are written down, from one on; there may be one at the very bottom of the sheet."""
        numbers = list(self._rows)
        return numbers[bisect_left(numbers, first) :]

    def columns(self, row: int) -> list[int]:
        """Columns of the cells that a row writes down, empty ones among them."""
        return list(self._cells_of(row))

    def read(self, row: int, column: int) -> Contenu:
        """The value of a cell; a number stays a number, whatever it looks like (``read_date``)."""
        cell = self._cells_of(row).get(column)
        if cell is None:
            return None
        formula = find(cell, "f")
        if formula is not None:
            return f"={self._formula(cell, formula)}"
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            item = find(cell, "is")
            return None if item is None else string_text(item) or None
        text = cell.findtext(f"{MAIN}v")
        if not text:
            return None
        match kind:
            case "s":
                return self._shared(int(text)) or None
            case "n":
                return _number(text)
            case "b":
                return "VRAI" if text == "1" else "FAUX"
            case "d":
                return datetime.fromisoformat(text).date()
            case _:
                return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)

    def to_date(self, serial: float) -> date | float:
        """The day that a number stands for, or the number when no calendar has it."""
        try:
            return self._epoch + timedelta(days=int(serial))
        except OverflowError:
            return serial

    def style(self, row: int, column: int) -> int:
        """The style of a cell, or the one that a new cell there would take."""
        cell = self._cells_of(row).get(column)
        if cell is not None:
            return int(cell.get("s", "0"))
        element = self._rows.get(row)
        if element is not None and element.get("customFormat") in ("1", "true"):
            return int(element.get("s", "0"))
        col = self._col(column)
        return 0 if col is None else int(col.get("style", "0"))

    def width(self, column: int) -> float:
        """Characters of the usual font."""
        col = self._col(column)
        return _DEFAULT_WIDTH if col is None else float(col.get("width", _DEFAULT_WIDTH))

    def height(self, row: int) -> float | None:
        """Points, or None for a row that Excel fits to its text."""
        element = self._rows.get(row)
        text = None if element is None else element.get("ht")
        return float(text) if text else None

    def is_hidden(self, row: int) -> bool:
        """By a person or by a filter."""
        element = self._rows.get(row)
        return element is not None and element.get("hidden") in ("1", "true")

    def merged(self) -> list[Plage]:
        """The blocks that show as one cell; raises ValueError for a range that is none."""
        return [Plage.parse(one.get("ref", "")) for one in self.root.iterfind(f"{MAIN}mergeCells/{MAIN}mergeCell")]

    def _col(self, column: int) -> Element | None:
        for col in self.root.iterfind(f"{MAIN}cols/{MAIN}col"):
            if int(col.get("min", "0")) <= column <= int(col.get("max", "0")):
                return col
        return None

    def has_formula(self, row: int, column: int) -> bool:
        """One of its own, or one that it shares with other cells."""
        cell = self._cells_of(row).get(column)
        return cell is not None and find(cell, "f") is not None

    @cached_property
    def _masters(self) -> Mapping[str, tuple[str, str]]:
        """Cell and text of each shared formula, by its number."""
        return {
            formula.get("si", ""): (cell.get("r", ""), formula.text)
            for cell in self._all_cells()
            if (formula := find(cell, "f")) is not None and formula.get("t") == "shared" and formula.text
        }

    def _all_cells(self) -> Iterator[Element]:
        for row in self._rows:
            yield from self._cells_of(row).values()

    def _formula(self, cell: Element, formula: Element) -> str:
        if formula.text or formula.get("t") != "shared":
            return formula.text or ""
        origin, text = self._masters.get(formula.get("si", ""), (cell.get("r", ""), ""))
        return self._shift(text, origin, cell.get("r", ""))

    # --- writing ---

    def write(self, row: int, column: int, value: Contenu, style: int | None = None) -> None:
        """Put a value in a cell; its style stays unless one is given. Text is text, whatever it begins with."""
        cell = self._cell(row, column)
        self._empty(cell)
        if style is not None:
            cell.set("s", str(style))
        if isinstance(value, date):
            value = (value - self._epoch).days
        if isinstance(value, str):
            text = clean_text(value)
            cell.set("t", "inlineStr")
            element = etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t")
            element.text = _ESCAPE.sub("_x005F_", text)
            element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        elif value is not None:
            etree.SubElement(cell, f"{MAIN}v").text = repr(value)

    def write_formula(self, row: int, column: int, formula: str, style: int | None = None) -> None:
        """Put a formula, without its ``=``; its value is worked out when the workbook is opened."""
        cell = self._cell(row, column)
        self._empty(cell)
        if style is not None:
            cell.set("s", str(style))
        etree.SubElement(cell, f"{MAIN}f").text = formula

    def set_style(self, row: int, column: int, style: int) -> None:
        """The value stays; a cell that was not written down is laid down empty."""
        if self.style(row, column) != style or column not in self._cells_of(row):
            self._cell(row, column).set("s", str(style))

    def set_height(self, row: int, points: float) -> None:
        """Points; Excel does not fit the row to its text any more."""
        element = self._row(row)
        element.set("ht", f"{points:g}")
        element.set("customHeight", "1")

    def set_hidden(self, row: int, *, is_hidden: bool) -> None:
        """A row that is so already stays as it lies."""
        if is_hidden is not self.is_hidden(row):
            self._row(row).set("hidden", "1" if is_hidden else "0")

    def set_landscape(self) -> None:
        """A4 on its side, one page wide, as many high as it takes."""
        properties = find(self.root, "sheetPr")
        if properties is None:
            properties = etree.Element(f"{MAIN}sheetPr")
            self.root.insert(0, properties)
        fit = find(properties, "pageSetUpPr")
        if fit is None:
            fit = etree.SubElement(properties, f"{MAIN}pageSetUpPr")
        fit.set("fitToPage", "1")
        setup = find(self.root, "pageSetup")
        if setup is None:
            setup = etree.Element(f"{MAIN}pageSetup")
            following = [one for one in self.root if etree.QName(one).localname in _AFTER_PAGE_SETUP.split()]
            if following:
                following[0].addprevious(setup)
            else:
                self.root.append(setup)
        for name, value in (
            ("paperSize", "9"),
            ("orientation", "landscape"),
            ("fitToWidth", "1"),
            ("fitToHeight", "0"),
        ):
            setup.set(name, value)
        drop_attribute(setup, "scale")
        self.is_changed = True

    def set_printed_day(self, day: str) -> None:
        """The day of the print in the head and foot of the pages, not in the language of the machine that prints."""
        for part in self.root.iterfind(f"{MAIN}headerFooter/*"):
            part.text = (part.text or "").replace("&D", day)
        self.is_changed = True

    def copy_row_look(self, model: int, row: int) -> None:
        """A new row in the style of another: looks of its cells, human formulas shifted to it."""
        source, target = self._rows[model], self._row(row)
        for name in ("s", "customFormat"):
            value = source.get(name)
            if value is not None and target.get(name) is None:
                target.set(name, value)
        for column, cell in list(self._cells_of(model).items()):
            if column in self._cells_of(row):
                continue
            new = self._cell(row, column)
            if cell.get("s"):
                new.set("s", cell.get("s", "0"))
            formula = find(cell, "f")
            if formula is not None and formula.get("t", "normal") in ("normal", "shared"):
                text = self._shift(self._formula(cell, formula), cell.get("r", ""), new.get("r", ""))
                etree.SubElement(new, f"{MAIN}f").text = text

    def grow(self, model: int, row: int) -> None:
        """Take a row into the lists, the formats and the filter that hold its model."""
        for kind in ("conditionalFormatting", "dataValidations/dataValidation", "protectedRanges/protectedRange"):
            path = "/".join(f"{MAIN}{name}" for name in kind.split("/"))
            for element in self.root.iterfind(path):
                element.set("sqref", grow_list(element.get("sqref", ""), model, row))
        for element in self.root.iterfind(f"{MAIN}extLst//{XM}sqref"):
            parent = element.getparent()
            # Sparklines write here the one cell they are drawn in.
            if parent is None or not parent.tag.endswith("}sparkline"):
                element.text = grow_list(element.text or "", model, row)
        filtered = find(self.root, "autoFilter")
        if filtered is not None:
            filtered.set("ref", rewrite(filtered.get("ref", ""), lambda plage: grown_below(plage, model, row)))
        self.is_changed = True

    def set_columns_like(self, model: "Feuille") -> None:
        """The widths and the hidden columns of another sheet."""
        cols = find(model.root, "cols")
        if cols is not None:
            self._data.addprevious(deepcopy(cols))
            self.is_changed = True

    def hide_column(self, column: int, width: float) -> None:
        """Lay down a hidden column after the last one that is described; one described already stays as it is."""
        if self._col(column) is not None:
            return
        cols = find(self.root, "cols")
        if cols is None:
            cols = etree.Element(f"{MAIN}cols")
            self._data.addprevious(cols)
        col = etree.Element(
            f"{MAIN}col", min=str(column), max=str(column), width=str(width), hidden="1", customWidth="1"
        )
        place = sum(int(one.get("min", "0")) < column for one in cols)
        cols.insert(place, col)
        self.is_changed = True

    def _row(self, row: int) -> Element:
        if not 1 <= row <= ROWS_MAX:
            raise PackageRefused(f"la feuille « {self.nom} » n'a plus de place")
        self.is_changed = True
        if row not in self._rows:
            element = etree.Element(f"{MAIN}row", r=str(row))
            _place(self._data, element, [one for number, one in self._rows.items() if number < row])
            self._rows[row] = element
            # In order again: rows are looked through by number.
            self.__dict__["_rows"] = dict(sorted(self._rows.items()))
        return self._rows[row]

    def _cell(self, row: int, column: int) -> Element:
        element = self._row(row)
        cells = self._cells_of(row)
        if column not in cells:
            if not 1 <= column <= COLUMNS_MAX:
                raise PackageRefused(f"la feuille « {self.nom} » n'a plus de place")
            style = self.style(row, column)
            cell = etree.Element(f"{MAIN}c", r=cell_name(row, column))
            if style:
                cell.set("s", str(style))
            _place(element, cell, [one for number, one in cells.items() if number < column])
            cells[column] = cell
            self._cells[row] = dict(sorted(cells.items()))
            # A hint for readers that would now be wrong.
            drop_attribute(element, "spans")
            self._grow_dimension(row, column)
        return self._cells[row][column]

    def _grow_dimension(self, row: int, column: int) -> None:
        dimension = find(self.root, "dimension")
        if dimension is not None:
            dimension.set("ref", rewrite(dimension.get("ref", ""), lambda plage: plage.including(row, column)))

    def _empty(self, cell: Element) -> None:
        formula = find(cell, "f")
        if formula is not None:
            self._release(cell, formula)
        for child in list(cell):
            cell.remove(child)
        for name in ("t", "cm", "vm", "ph"):
            drop_attribute(cell, name)

    def _release(self, cell: Element, formula: Element) -> None:
        """Before a formula goes: those that lean on it are written out, one that fills a block cannot go alone."""
        kind, name = formula.get("t", "normal"), cell.get("r", "")
        if kind == "dataTable" or (kind == "array" and formula.get("ref", name) not in (name, f"{name}:{name}")):
            raise PackageRefused(f"la formule de {name}, feuille « {self.nom} », remplit plusieurs cellules d'un coup")
        if kind == "shared" and formula.text:
            number = formula.get("si", "")
            for other in self._all_cells():
                leaning = find(other, "f")
                if other is not cell and leaning is not None and leaning.get("si") == number:
                    leaning.text = self._formula(other, leaning)
                    for attribute in ("t", "si", "ref"):
                        drop_attribute(leaning, attribute)
            self.__dict__.pop("_masters", None)
        self.formulas_removed.add(name)


def _place(parent: Element, new: Element, before: list[Element]) -> None:
    """Put an element after the last of those before it, or first of all."""
    if before:
        before[-1].addnext(new)
    else:
        parent.insert(0, new)


def grown_below(plage: Plage, model: int, row: int) -> Plage:
    """A range that holds the model and ends just above the row takes it in."""
    if plage.holds_row(model) and plage.bottom == row - 1:
        return Plage(plage.top, plage.left, row, plage.right)
    return plage


def _number(text: str) -> int | float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
