"""Workbooks of all kinds, edited in place: a row more, and everything else as it was."""

import io
import re
import shutil
import subprocess
import time
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from tests.modeles_word import changed
from toolkit.formats.excel_sheet import Feuille
from toolkit.formats.excel_workbook import Classeur
from toolkit.formats.openpyxl_parts import shift_formula
from toolkit.formats.package import PackageRefused

XLSX = Path(__file__).parents[3] / "shared" / "corpus" / "xlsx"
CORPUS = sorted(XLSX.glob("*.xlsx"))
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REFUS = {
    "ClosedXML_ClosedXML____LoadPivotTables.xlsx": "illisible",
    "apache_poi__SampleSS.strict.xlsx": "Strict",
    "apache_poi__clusterfuzz-testcase-minimized-POIXSSFFuzzer-4828727001088000.xlsx": "illisible",
    "dotnet_Open-XML-SDK__Hyperlinks_on_OArt_Objects-O12-XL-Hyperlinks.xlsx": "Strict",
}
"""Of the corpus, the ones that are not edited, and a word of the reason."""


def classeur(content: bytes) -> Classeur:
    return Classeur(content, shift_formula)


def saved(workbook: Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def feuille(book: Classeur, nom: str) -> Feuille:
    return next(one for one in book.feuilles if one.nom == nom)


def with_one_more_row(content: bytes, nom: str | None = None) -> tuple[bytes, str, int]:
    """A row in the style of the last one, the sheet it was added to and its number."""
    book = classeur(content)
    sheet = feuille(book, nom) if nom else book.feuilles[0]
    model, row = sheet.last_row, sheet.last_row + 1
    if model:
        sheet.copy_row_look(model, row)
        book.grow(sheet, model, row)
    values: tuple[str | int, ...] = ("=texte & <co>", 42, "02 35 00 00 01", "007")
    for column, value in enumerate(values, start=1):
        sheet.write(row, column, value)
    return book.saved(), sheet.nom, row


def packed(content: bytes) -> dict[str, tuple[int, bytes]]:
    """The checksum and the compressed bytes of every part."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for info in package.infolist():
            start = info.header_offset
            head = start + 30 + int.from_bytes(content[start + 26 : start + 28], "little")
            head += int.from_bytes(content[start + 28 : start + 30], "little")
            parts[info.filename] = (info.CRC, content[head : head + info.compress_size])
        assert package.testzip() is None
    return parts


def without_ranges(sheet: bytes, row: int | None = None) -> bytes:
    """A sheet without one of its rows, and without the ranges that may grow."""
    root = etree.fromstring(sheet)
    for element in root.iter(f"{MAIN}row"):
        if row is not None and element.get("r") == str(row):
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)
    for element in root.iter(f"{MAIN}row", f"{MAIN}c"):
        # Numbers that may be left out, and are written once a row comes between.
        element.attrib.pop("r", "")
    for element in root.iter():
        if isinstance(element.tag, str):
            if element.tag.rpartition("}")[2] in ("dimension", "autoFilter"):
                element.attrib.pop("ref", "")
            element.attrib.pop("sqref", "")
            if element.tag.endswith("/excel/2006/main}sqref"):
                element.text = None
    return etree.tostring(root, method="c14n")


@pytest.mark.skipif(not CORPUS, reason=f"no corpus of workbooks in {XLSX}")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem[-40:])
def test_a_row_added_to_a_real_workbook_keeps_everything_else(path: Path) -> None:
    content = path.read_bytes()
    if path.name in REFUS:
        with pytest.raises(PackageRefused, match=REFUS[path.name]):
            with_one_more_row(content)
        return

    after, nom, row = with_one_more_row(content)

    old, new = packed(content), packed(after)
    assert list(old) == list(new)
    changed = {name for name in old if old[name] != new[name]}
    sheets = {name for name in changed if name.startswith("xl/worksheets/")}
    assert len(sheets) == 1
    others = {re.sub(r"\d+", "", name) for name in changed - sheets}
    assert others <= {"xl/workbook.xml", "xl/tables/table.xml"}
    part = sheets.pop()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(io.BytesIO(after)) as now:
        assert without_ranges(now.read(part), row) == without_ranges(before.read(part))
    again = feuille(classeur(after), nom)
    assert [again.read(row, column) for column in range(1, 5)] == ["=texte & <co>", 42, "02 35 00 00 01", "007"]


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS, reason=f"no corpus of workbooks in {XLSX}")
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_real_workbooks_with_a_row_more(tmp_path: Path) -> None:
    names = ("CommentAndButton", "DataValidation.xlsx", "databar", "threaded_comments", "basicspreadsheet")
    chosen = [path for path in CORPUS if any(name in path.name for name in names)]
    assert len(chosen) == len(names)
    for path in chosen:
        (tmp_path / path.name).write_bytes(with_one_more_row(path.read_bytes())[0])
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path)]
    subprocess.run([*command, *(str(tmp_path / path.name) for path in chosen)], capture_output=True, timeout=120)
    for path in chosen:
        assert "=texte & <co>" in (tmp_path / path.with_suffix(".csv").name).read_text(), path.name


# --- what a new row takes along -------------------------------------------------------------------------------------


def un_tableau(totals: bool = False) -> bytes:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for values in (["Date", "Pers.", "Double"], ["a", 1, "=B2*2"], ["b", 2, "=B3*2"]):
        sheet.append(values)
    table = Table(displayName="Mois", ref="A1:C3")
    sheet.add_table(table)
    if totals:
        table.ref, table.totalsRowCount = "A1:C4", 1
    validation = DataValidation(type="whole", sqref="B2:B3")
    sheet.add_data_validation(validation)
    return saved(workbook)


def test_a_new_row_takes_along_table_list_and_formula() -> None:
    after, nom, row = with_one_more_row(un_tableau())

    sheet = load_workbook(io.BytesIO(after))[nom]
    assert sheet.tables["Mois"].ref == "A1:C4"
    assert sheet.tables["Mois"].autoFilter.ref == "A1:C4"
    assert [str(one.sqref) for one in sheet.data_validations.dataValidation] == ["B2:B4"]
    book = classeur(un_tableau())
    feuille(book, nom).copy_row_look(3, row)
    assert feuille(book, nom).read(row, 3) == "=B4*2"


EXCEL_2010 = (
    b'<conditionalFormatting sqref="A2:C3"><cfRule type="expression" priority="1"><formula>$B2&gt;1</formula></cfRule>'
    b'</conditionalFormatting><extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
    b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidations count="1">'
    b'<x14:dataValidation type="list"><x14:formula1><xm:f>Listes!$A$1:$A$9</xm:f></x14:formula1>'
    b"<xm:sqref>C2:C3 E1</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
)


def test_a_new_row_takes_along_what_excel_2010_added() -> None:
    content = with_part(
        saved(Workbook()),
        "xl/worksheets/sheet1.xml",
        lambda part: re.sub(
            b"<sheetData ?/>|<sheetData></sheetData>", b"<sheetData>" + SHARED + b"</sheetData>", part
        ).replace(b"</worksheet>", EXCEL_2010),
    )

    after, _, row = with_one_more_row(content)

    assert row == 4
    with zipfile.ZipFile(io.BytesIO(after)) as package:
        part = package.read("xl/worksheets/sheet1.xml")
    assert b'<conditionalFormatting sqref="A2:C4">' in part
    assert b"<xm:sqref>C2:C4 E1</xm:sqref>" in part


def test_text_is_text_for_every_reader() -> None:
    texts = ["=1+1", "#N/A", "+33 2", "007", "_x000D_", " espaces ", "a\nb", "é😀", "&amp;<b>", "x" * 32_767]
    book = classeur(saved(Workbook()))
    for row, text in enumerate(texts, start=1):
        book.feuilles[0].write(row, 1, text)
    book.feuilles[0].write(20, 1, "a\x00b\x0bc\ud800\r\nd")
    book.feuilles[0].write(21, 1, "y" * 40_000)
    after = book.saved()

    (again,) = classeur(after).feuilles
    sheet = load_workbook(io.BytesIO(after)).worksheets[0]
    assert [again.read(row, 1) for row in range(1, len(texts) + 1)] == texts
    cells = [sheet.cell(row, 1) for row in range(1, len(texts) + 1)]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert again.read(20, 1) == "abc\nd"
    assert len(str(again.read(21, 1))) == 32_767


def test_looks_are_added_and_none_is_renumbered() -> None:
    book = classeur(un_tableau())
    style = book.styles.variant(0, fill="FFF9C4", is_struck=True, number_format="dd/mm")
    book.feuilles[0].set_style(2, 1, style)
    after = book.saved()

    with zipfile.ZipFile(io.BytesIO(un_tableau())) as package:
        before = etree.fromstring(package.read("xl/styles.xml"))
    with zipfile.ZipFile(io.BytesIO(after)) as package:
        now = etree.fromstring(package.read("xl/styles.xml"))
    for group in ("cellXfs", "fonts", "fills"):
        old, new = before.find(MAIN + group), now.find(MAIN + group)
        assert old is not None
        assert new is not None
        assert [etree.tostring(one) for one in old] == [etree.tostring(one) for one in new][: len(old)]
        assert new.get("count") == str(len(new))
    cell = load_workbook(io.BytesIO(after)).worksheets[0]["A2"]
    assert (cell.fill.fgColor.rgb, cell.font.strike, cell.number_format) == ("00FFF9C4", True, "dd/mm")
    again = classeur(after)
    assert again.styles.variant(0, fill="FFF9C4", is_struck=True, number_format="dd/mm") == style


def with_part(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, change(source.read(name)) if name == part else source.read(name))
    return out.getvalue()


SHARED = (
    b'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*2</f><v>2</v></c></row>'
    b'<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
    b'<row r="3"><c r="A3"><v>3</v></c><c r="B3"><f t="shared" si="0"/><v>6</v></c></row>'
)


def with_shared_formula() -> bytes:
    return with_part(
        saved(Workbook()),
        "xl/worksheets/sheet1.xml",
        lambda part: re.sub(b"<sheetData ?/>|<sheetData></sheetData>", b"<sheetData>" + SHARED + b"</sheetData>", part),
    )


def test_a_formula_that_others_lean_on_may_go() -> None:
    book = classeur(with_shared_formula())
    book.feuilles[0].write(1, 2, "texte")

    (again,) = classeur(book.saved()).feuilles
    assert [again.read(row, 2) for row in (1, 2, 3)] == ["texte", "=A2*2", "=A3*2"]


def test_a_row_below_shared_formulas_gets_its_own() -> None:
    book = classeur(with_shared_formula())
    book.feuilles[0].copy_row_look(3, 4)

    assert classeur(book.saved()).feuilles[0].read(4, 2) == "=A4*2"


def test_a_formula_over_several_cells_is_not_broken() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = ArrayFormula("A1:A3", "=B1:B3*2")
    book = classeur(saved(workbook))

    with pytest.raises(PackageRefused, match="plusieurs cellules"):
        book.feuilles[0].write(1, 1, "texte")


def test_rows_and_cells_without_their_numbers_are_understood() -> None:
    bare = re.sub(rb' r="\w+"', b"", SHARED.replace(b' t="shared" ref="B1:B3" si="0"', b"").replace(b"<f/>", b""))
    content = with_part(
        saved(Workbook()),
        "xl/worksheets/sheet1.xml",
        lambda part: re.sub(b"<sheetData ?/>|<sheetData></sheetData>", b"<sheetData>" + bare + b"</sheetData>", part),
    )
    book = classeur(content)
    book.feuilles[0].write(2, 4, "loin")
    after = book.saved()

    sheet = load_workbook(io.BytesIO(after)).worksheets[0]
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [1, 2, 3]
    assert sheet["D2"].value == "loin"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (b'<row r="3"/><row r="2"/>', "lignes"),
        (b'<row r="x"/>', "lignes"),
        (b'<row r="1"><c r="B1"/><c r="A1"/></row>', "cellules"),
        (b'<row r="1"><c r="A2"/></row>', "cellules"),
    ],
)
def test_rows_or_cells_out_of_order_are_refused(rows: bytes, reason: str) -> None:
    content = with_part(
        saved(Workbook()),
        "xl/worksheets/sheet1.xml",
        lambda part: re.sub(b"<sheetData ?/>|<sheetData></sheetData>", b"<sheetData>" + rows + b"</sheetData>", part),
    )

    with pytest.raises(PackageRefused, match=reason):
        classeur(content).feuilles[0].read(1, 1)


def test_a_formula_taken_out_leaves_the_list_of_formulas() -> None:
    """Excel calls a workbook damaged when calcChain names a cell without a formula."""
    chosen = XLSX / "apache_poi__FormulaEvalTestData_Copy.xlsx"
    if not chosen.is_file():
        pytest.skip(f"no {chosen.name}")
    content = chosen.read_bytes()
    book = classeur(content)
    for sheet in book.feuilles:
        for row in range(1, sheet.last_row + 1):
            for column in sheet.columns(row):
                if sheet.has_formula(row, column):
                    sheet.write(row, column, "remplacée")
    after = book.saved()

    with zipfile.ZipFile(io.BytesIO(after)) as package:
        assert "xl/calcChain.xml" not in package.namelist()
        assert b"calcChain" not in package.read("[Content_Types].xml")
        assert b"calcChain" not in package.read("xl/_rels/workbook.xml.rels")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        load_workbook(io.BytesIO(after))


def _with_sheets(sheets: int, rows: int) -> bytes:
    """A small file that unfolds into so many rows of so many sheets."""
    workbook = Workbook()
    for _ in range(sheets - 1):
        workbook.create_sheet()
    row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * rows
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>'
    part = sheet % row + b"</worksheet>"
    return changed(saved(workbook), {f"xl/worksheets/sheet{number}.xml": part for number in range(1, sheets + 1)})


@pytest.mark.parametrize(
    ("sheets", "rows", "reason"),
    [(1, 500_000, "sa partie « xl/worksheets/sheet1.xml » pèse 23 Mo"), (5, 200_000, "il pèse 46 Mo une fois déplié")],
)
def test_a_workbook_that_unfolds_into_gigabytes_is_not_read(sheets: int, rows: int, reason: str) -> None:
    content = _with_sheets(sheets, rows)
    assert len(content) < 1 << 20
    with pytest.raises(PackageRefused, match=reason):
        classeur(content)


@pytest.mark.parametrize(
    "strings",
    [
        b"<sst " * 200_000 + b"<si></si>" * 9,
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
        % (b"<si><t>2027-G-014</t></si>" * 200_000),
    ],
)
def test_strings_made_to_be_looked_through_for_ever_are_read_at_once(strings: bytes) -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="rId99" Type="{kind}" Target="/xl/sharedStrings.xml"/></Relationships>'
    parts: dict[str, str | bytes | tuple[str, str]] = {
        "xl/sharedStrings.xml": strings,
        "xl/_rels/workbook.xml.rels": ("</Relationships>", link),
        "xl/worksheets/sheet1.xml": sheet % (b'<row><c t="s"><v>1</v></c></row>' * 2000) + b"</worksheet>",
    }
    book = classeur(changed(saved(Workbook()), parts))
    started = time.perf_counter()
    assert book.may_hold(book.feuilles[0], ["2027-G-014"]) is (b"G-014" in strings)
    for row in range(1, 2001):
        with suppress(PackageRefused):
            book.feuilles[0].read(row, 1)
    assert time.perf_counter() - started < 5
