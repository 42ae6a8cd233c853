"""What openpyxl does for the recap: lay out a new workbook, shift a formula, read back what was written.

The only module that knows it, imported when it is needed: it takes a tenth of a second, which few runs have to pay. A
workbook that people have touched is never saved by it (``excel_workbook`` says why).
"""

import io
import warnings
from collections.abc import Collection, Mapping

from openpyxl import Workbook, load_workbook
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.formats.excel_styles import POINTS_PER_LINE

HEADER_ROW = 3

_SIDE = Side(style="thin", color="999999")
_THIN = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEADER_FILL = PatternFill("solid", fgColor="D9D9D9")


def shift_formula(formula: str, origin: str, target: str) -> str:
    """A formula as it reads once copied from one cell to another, both without ``=``."""
    try:
        return str(Translator(f"={formula}", origin=origin).translate_formula(target)).removeprefix("=")
    except TranslatorError:
        return "#REF!"


def new_workbook(titles: Mapping[str, str], headings: Mapping[str, float], centred: set[str], printed: int) -> bytes:
    """One sheet per month, ready to print on A4 landscape (regles.md §4).

    ``titles`` by name of sheet; ``headings`` with their widths in characters, of which the first ``printed`` are on
    the wall, the two last are hidden, and ``centred`` hold counts.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, title in titles.items():
        sheet = workbook.create_sheet(name)
        sheet["A1"] = title
        sheet["A1"].font = Font(name="Calibri", size=14, bold=True)
        _lay_out(sheet, headings, centred)
        _set_page(sheet, get_column_letter(printed))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _lay_out(sheet: Worksheet, headings: Mapping[str, float], centred: set[str]) -> None:
    sheet.row_dimensions[HEADER_ROW].height = 2 * POINTS_PER_LINE
    for column, (heading, width) in enumerate(headings.items(), start=1):
        cell = sheet.cell(HEADER_ROW, column, heading)
        cell.font = Font(name="Calibri", size=9, bold=True)
        cell.fill = _HEADER_FILL
        cell.border = _THIN
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        # The first row of the month is empty and has the look that each next row takes from the one above it.
        first = sheet.cell(HEADER_ROW + 1, column)
        first.font = Font(name="Calibri", size=9)
        first.border = _THIN
        first.alignment = Alignment(
            wrap_text=True, vertical="top", horizontal="center" if heading in centred else "left"
        )
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].hidden = column > len(headings) - 2
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"


def _set_page(sheet: Worksheet, last: str) -> None:
    sheet.print_title_rows = f"1:{HEADER_ROW}"
    sheet.print_area = f"A1:{last}{HEADER_ROW + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margin = 10 / 25.4
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, margin if side in ("left", "right") else 2 * margin)
    sheet.HeaderFooter.oddHeader = HeaderFooterItem(right=_HeaderFooterPart("édité le &D"))
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(
        left=_HeaderFooterPart("Document interne – affichage back office uniquement"),
        right=_HeaderFooterPart("page &P/&N"),
    )


def read_back(content: bytes, sheets: Collection[str]) -> dict[str, list[tuple[object, ...]]]:
    """The values of some sheets, as another program than ours reads them: these only, for each write does it."""
    with warnings.catch_warnings():
        # It says what it would lose by saving, which it never does here.
        warnings.simplefilter("ignore")
        workbook = load_workbook(io.BytesIO(content), read_only=True)
        try:
            return {
                name: [tuple(map(_unescape, row)) for row in workbook[name].iter_rows(values_only=True)]
                for name in sheets
            }
        finally:
            workbook.close()


def _unescape(value: object) -> object:
    """Text as Excel shows it: openpyxl leaves ``_x000D_`` as it is written."""
    return unescape(value) if isinstance(value, str) else value
