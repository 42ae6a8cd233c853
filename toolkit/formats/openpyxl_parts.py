"""What openpyxl does here: lay out a new workbook, shift a formula, read back what was written.

The only module that knows it, imported when it is needed: it takes a tenth of a second, which few runs have to pay. A
workbook that people have touched is never saved by it (``excel_workbook`` says why).
"""

import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from openpyxl import Workbook, load_workbook
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from toolkit.formats.package import PackageRefused, Paquet, write_package

_SIDE = Side(style="thin", color="999999")
_THIN = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEADER_FILL = PatternFill("solid", fgColor="D9D9D9")


def shift_formula(formula: str, origin: str, target: str) -> str:
    """A formula as it reads once copied from one cell to another, both without ``=``; raises PackageRefused."""
    try:
        return str(Translator(f"={formula}", origin=origin).translate_formula(target)).removeprefix("=")
    except TranslatorError:
        return "#REF!"
    except TokenizerError as error:
        raise PackageRefused(f"la formule « ={formula} » ne se lit pas, en {origin} : la taper de nouveau") from error


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a new sheet; its width is in characters."""

    heading: str
    width: float
    is_centred: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """How every sheet of a new workbook is laid out and printed: on A4 landscape, one page wide."""

    columns: tuple[Column, ...]
    printed: int
    """Of the columns, how many are on paper."""
    header_row: int
    """The row of the headings, counted from 1; it and those above are at the top of each page."""
    text_points: int
    line_points: float
    """How high a line of that text is."""
    margin_mm: float
    """Left and right; twice as much above and below."""
    head_right: str
    foot_left: str
    foot_right: str
    """In the codes of Excel: ``&P`` the page, ``&D`` the day of the print."""


def new_workbook(titles: Mapping[str, str], layout: Layout, creator: str, day: date) -> bytes:
    """One sheet for each of the ``titles``, which are by name of sheet; no row is written yet.

    ``creator`` and ``day`` stand in the properties of the file: its bytes do not depend on the clock.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, title in titles.items():
        sheet = workbook.create_sheet(name)
        sheet["A1"] = title
        sheet["A1"].font = Font(name="Calibri", size=14, bold=True)
        _lay_out(sheet, layout)
        _set_page(sheet, layout)
    moment = datetime.combine(day, time())
    workbook.properties = DocumentProperties(creator=creator, created=moment, modified=moment)
    out = io.BytesIO()
    # What Workbook.save does, but for the hour of the clock that it writes into the properties.
    ExcelWriter(workbook, zipfile.ZipFile(out, "w")).save()
    paquet = Paquet(out.getvalue())
    return write_package({name: paquet.read(name) for name in paquet.sizes})


def _lay_out(sheet: Worksheet, layout: Layout) -> None:
    row = layout.header_row
    sheet.row_dimensions[row].height = 2 * layout.line_points
    for number, column in enumerate(layout.columns, start=1):
        cell = sheet.cell(row, number, column.heading)
        cell.font = Font(name="Calibri", size=layout.text_points, bold=True)
        cell.fill = _HEADER_FILL
        cell.border = _THIN
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        # The first row is empty and has the look that each next row takes from the one above it.
        first = sheet.cell(row + 1, number)
        first.font = Font(name="Calibri", size=layout.text_points)
        first.border = _THIN
        first.alignment = Alignment(
            wrap_text=True, vertical="top", horizontal="center" if column.is_centred else "left"
        )
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = column.width
        dimension.hidden = column.is_hidden
    sheet.freeze_panes = f"A{row + 1}"


def _set_page(sheet: Worksheet, layout: Layout) -> None:
    sheet.print_title_rows = f"1:{layout.header_row}"
    sheet.print_area = f"A1:{get_column_letter(layout.printed)}{layout.header_row + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margin = layout.margin_mm / 25.4
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, margin if side in ("left", "right") else 2 * margin)
    sheet.HeaderFooter.oddHeader = HeaderFooterItem(right=_HeaderFooterPart(layout.head_right))
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart(layout.foot_left), right=_HeaderFooterPart(layout.foot_right)
    )


def read_back(content: bytes, sheets: Mapping[str, int]) -> dict[str, list[tuple[object, ...]]]:
    """The values of some sheets, each down to a row, as another program than ours reads them.

    These only, for each write does it.
    """
    with warnings.catch_warnings():
        # It says what it would lose by saving, which it never does here.
        warnings.simplefilter("ignore")
        workbook = load_workbook(io.BytesIO(content), read_only=True)
        try:
            return {
                name: [tuple(map(_unescape, row)) for row in workbook[name].iter_rows(max_row=last, values_only=True)]
                for name, last in sheets.items()
            }
        finally:
            workbook.close()


def _unescape(value: object) -> object:
    """Text as Excel shows it: openpyxl leaves ``_x000D_`` as it is written."""
    return unescape(value) if isinstance(value, str) else value
