"""A workbook edited in place: the sheets that change are written in their own XML, every other part stays as it lies.

Beside a sheet, and only when it must, an edit changes: ``styles.xml`` (looks are added at its end), the range of a
table, and ``workbook.xml`` (print area, range of a filter, « work every formula out when opened »). Measured against
openpyxl's load and save: a hundredth of the time, and nothing lost (constats.md §4.1, constats.md §4.2).
"""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Callable, Collection
from functools import cached_property

from lxml import etree

from toolkit.formats.excel_ranges import Plage, letters, parse_cell, rewrite
from toolkit.formats.excel_sheet import Feuille, grown_below, string_text
from toolkit.formats.excel_styles import Styles
from toolkit.formats.excel_xml import MAIN, NAMESPACE, RELATION, drop_attribute, find, parse
from toolkit.formats.office_xml import Element, serialise
from toolkit.formats.package import PackageRefused, Paquet

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATION_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT_TYPES = "[Content_Types].xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_FORMULA = (b"<f>", b"<f ", b":f>", b":f ")
"""How a formula begins: looked for letter by letter, which is much faster than a pattern."""
_STRING = re.compile(rb"<(?:\w+:)?si[ >/]")
_AREA = re.compile(r"(.*!\$[A-Z]+\$\d+:\$[A-Z]+\$)(\d+)")
_SEARCHABLE = re.compile(r"[\w .-]+", re.ASCII)
_ROOT = re.compile(rb"<((?:\w+:)?)sst[^<>]*>")
_MENTIONS_MAX = 200
"""Strings of the workbook that hold a text and are looked for in a sheet: beyond, its cells are read."""
XML_MAX, XML_TOTAL_MAX = 16 << 20, 32 << 20
"""Bytes of one part in XML, and of all of them: a year of the office has one megabyte, and a million empty rows 16."""
_AFTER_CALCULATION = [
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
]
"""What follows calcPr in a workbook (ECMA-376, CT_Workbook)."""


class Classeur:
    """The sheets of one workbook; raises PackageRefused for what it cannot edit without risk."""

    def __init__(self, content: bytes, shift: Callable[[str, str, str], str], marks: Collection[str] = ()) -> None:
        """``shift`` moves a formula from one cell to another; ``marks`` are the colours that are put and taken off."""
        self._paquet = Paquet(content)
        _check_sizes(self._paquet)
        if any(name.startswith("_xmlsignatures/") for name in self._paquet.sizes):
            raise PackageRefused("il porte une signature électronique, qu'une écriture annulerait")
        self._shift = shift
        self._marks = marks
        self._changes: dict[str, bytes | None] = {}
        self._part = self._only(self._relations(""), "officeDocument")
        self._relations_of_book = self._relations(self._part)
        self._book = parse(self._paquet.read(self._part))
        if self._book.tag != f"{MAIN}workbook":
            raise PackageRefused("ce n'est pas un classeur Excel (.xlsx)")
        self._is_book_changed = False
        self._parts: dict[str, str] = {}
        self.feuilles = list(self._sheets())

    # --- reading ---

    def _sheets(self) -> list[Feuille]:
        sheets = []
        for element in self._book.iterfind(f"{MAIN}sheets/{MAIN}sheet"):
            kind, part = self._relations_of_book.get(element.get(f"{RELATION}id", ""), ("", ""))
            if kind == "worksheet":
                name = element.get("name", "")
                self._parts[name] = part
                sheets.append(self._sheet(name, self._paquet.read(part)))
        if not sheets:
            raise PackageRefused("il n'a aucune feuille de calcul")
        return sheets

    def _sheet(self, nom: str, content: bytes) -> Feuille:
        properties = find(self._book, "workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        return Feuille(nom, content, self._string, self._shift, is_1904=is_1904)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and part of what a part leads to, by identifier; what lies outside of the file is left out."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if path not in self._paquet:
            return {}
        return {
            one.get("Id", ""): (
                one.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/"),
            )
            for one in parse(self._paquet.read(path))
            if one.get("TargetMode") != "External"
        }

    @staticmethod
    def _only(relations: dict[str, tuple[str, str]], kind: str) -> str:
        part = next((part for of, part in relations.values() if of == kind), None)
        if part is None:
            raise PackageRefused("ce n'est pas un classeur Excel (.xlsx)")
        return part

    @cached_property
    def styles(self) -> Styles:
        """Looks of all sheets, read when they are first asked for; raises PackageRefused."""
        return Styles(self._paquet.read(self._only(self._relations_of_book, "styles")), self._marks)

    @cached_property
    def _strings(self) -> tuple[bytes, list[int]]:
        """The shared strings as they lie, and where each begins: only those that are asked for are read."""
        part = next((part for kind, part in self._relations_of_book.values() if kind == "sharedStrings"), None)
        if part is None or part not in self._paquet:
            return b"", []
        content = self._paquet.read(part)
        if b"<!" in content or b"\0" in content:
            # A comment or another encoding would make the letters of the file lie.
            content = etree.tostring(parse(content), encoding="UTF-8", with_comments=False)
        return content, [match.start() for match in _STRING.finditer(content)]

    @cached_property
    def _root_of_strings(self) -> re.Match[bytes] | None:
        content, starts = self._strings
        return _ROOT.search(content, 0, starts[0])

    def _string(self, number: int) -> str:
        content, starts = self._strings
        if not 0 <= number < len(starts):
            raise PackageRefused("ses textes partagés sont incomplets")
        root_start = self._root_of_strings
        end = starts[number + 1] if number + 1 < len(starts) else content.rfind(b"</")
        if root_start is None or end < starts[number]:
            raise PackageRefused("ses textes partagés sont abîmés")
        whole = root_start[0] + content[starts[number] : end] + b"</" + root_start[1] + b"sst>"
        return string_text(parse(whole)[0])

    def may_hold(self, feuille: Feuille, texts: Collection[str]) -> bool:
        """Whether a sheet may show one of these texts, told without reading its cells; sure when it says no."""
        raw = feuille.raw
        if feuille.is_changed or b"\0" in raw[:100] or not all(map(_SEARCHABLE.fullmatch, texts)):
            return True
        content, starts = self._strings
        for text in texts:
            letters_of = text.encode()
            if letters_of in raw:
                return True
            mentions = 0
            at = content.find(letters_of)
            while at >= 0:
                number = bisect_right(starts, at) - 1
                mentions += 1
                if mentions > _MENTIONS_MAX or b">%d<" % number in raw:
                    return True
                at = content.find(letters_of, at + 1)
        return False

    def notes(self, feuille: Feuille, row: int) -> dict[int, str]:
        """The notes on the cells of a row, by column."""
        notes = {}
        for kind, part in self._relations(self._parts[feuille.nom]).values():
            if kind == "comments":
                for one in parse(self._paquet.read(part)).iterfind(f"{MAIN}commentList/{MAIN}comment"):
                    at, column = parse_cell(one.get("ref", "A1"))
                    text = find(one, "text")
                    if at == row and text is not None:
                        notes[column] = string_text(text)
        return notes

    # --- writing ---

    def grow(self, feuille: Feuille, model: int, row: int) -> None:
        """Take a new row into everything that holds the one whose style it takes."""
        feuille.grow(model, row)
        for part, table in self._tables(feuille):
            self._grow_table(part, table, model, row)
        for name in self._names(feuille, "_xlnm._FilterDatabase"):
            match = _AREA.fullmatch(name.text or "")
            if match and int(match[2]) == row - 1:
                self._set_name(name, f"{match[1]}{row}")

    def grow_print_area(self, feuille: Feuille, row: int) -> None:
        """Take a new row into a print area of one range that ends above it."""
        for name in self._names(feuille, "_xlnm.Print_Area"):
            match = _AREA.fullmatch(name.text or "")
            if match and "," not in match[1] and int(match[2]) < row:
                self._set_name(name, f"{match[1]}{row}")

    def table_around(self, feuille: Feuille, header: int, column: int) -> tuple[Plage, int] | None:
        """The range of the table whose headings stand in that cell's row, and how many rows of totals it has."""
        for _, table in self._tables(feuille):
            plage = Plage.parse(table.get("ref", ""))
            if plage.top == header and plage.left <= column <= plage.right:
                return plage, int(table.get("totalsRowCount", "0"))
        return None

    def widen_table(self, feuille: Feuille, header: int, column: int, heading: str) -> None:
        """Take a new heading into the table, or the filter, that ends just left of it: people sort whole tables.

        Raises PackageRefused for a table that lists no columns.
        """
        for part, table in self._tables(feuille):
            plage = Plage.parse(table.get("ref", ""))
            if plage.top == header and plage.right == column - 1:
                columns = find(table, "tableColumns")
                if columns is None:
                    raise PackageRefused(f"le tableau de la feuille « {feuille.nom} » n'a pas de colonnes")
                number = max((int(one.get("id", "0")) for one in columns), default=0) + 1
                etree.SubElement(columns, f"{MAIN}tableColumn", id=str(number), name=heading)
                columns.set("count", str(len(columns)))
                for element in (table, find(table, "autoFilter")):
                    if element is not None:
                        element.set("ref", rewrite(element.get("ref", ""), lambda p: p.including(header, column)))
                self._changes[part] = serialise(table)
        filtered = find(feuille.root, "autoFilter")
        if filtered is not None:
            ref = filtered.get("ref", "")
            if Plage.parse(ref).right == column - 1 and Plage.parse(ref).top == header:
                filtered.set("ref", rewrite(ref, lambda plage: plage.including(header, column)))
                for name in self._names(feuille, "_xlnm._FilterDatabase"):
                    self._set_name(name, re.sub(r":\$[A-Z]+\$", f":${letters(column)}$", name.text or ""))

    def add_sheet(self, nom: str, model: Feuille) -> Feuille:
        """An empty sheet at the end, with the widths of another."""
        number = 1
        while f"xl/worksheets/sheet{number}.xml" in self._paquet:
            number += 1
        part = f"xl/worksheets/sheet{number}.xml"
        empty = f'<worksheet xmlns="{NAMESPACE}"><sheetData/></worksheet>'.encode()
        feuille = self._sheet(nom, empty)
        feuille.set_columns_like(model)
        identifier = self._relate(self._part, part, f"{_RELATION_KINDS}/worksheet")
        self._declare(part)
        sheets = find(self._book, "sheets")
        assert sheets is not None
        sheet_id = max(int(one.get("sheetId", "0")) for one in sheets) + 1
        sheet = etree.SubElement(sheets, f"{MAIN}sheet", name=nom, sheetId=str(sheet_id))
        sheet.set(f"{RELATION}id", identifier)
        self._is_book_changed = True
        self._parts[nom] = part
        self.feuilles.append(feuille)
        return feuille

    def show_only(self, feuille: Feuille) -> None:
        """Hide every other sheet and forget its print area, without which LibreOffice prints it all the same."""
        for other in self.feuilles:
            if other is not feuille:
                for name in self._names(other, "_xlnm.Print_Area"):
                    self._drop_name(name)
        for index, sheet in enumerate(self._book.iterfind(f"{MAIN}sheets/{MAIN}sheet")):
            drop_attribute(sheet, "state")
            if sheet.get("name") != feuille.nom:
                sheet.set("state", "hidden")
            else:
                for view in self._book.iterfind(f"{MAIN}bookViews/{MAIN}workbookView"):
                    view.set("activeTab", str(index))
                    drop_attribute(view, "firstSheet")
        self._is_book_changed = True

    def set_print_area(self, feuille: Feuille, plage: Plage) -> None:
        """Print this range of a sheet; the columns of an area of one range that people chose are kept."""
        for name in self._names(feuille, "_xlnm.Print_Area"):
            match = _AREA.fullmatch(name.text or "")
            if match and "," not in match[1]:
                self._set_name(name, f"{match[1]}{plage.bottom}")
                return
            self._drop_name(name)
        names = find(self._book, "definedNames")
        if names is None:
            names = etree.Element(f"{MAIN}definedNames")
            sheets = find(self._book, "sheets")
            assert sheets is not None
            sheets.addnext(names)
        quoted = feuille.nom.replace("'", "''")
        name = etree.SubElement(names, f"{MAIN}definedName", name="_xlnm.Print_Area", localSheetId=self._place(feuille))
        corners = (letters(plage.left), plage.top, letters(plage.right), plage.bottom)
        self._set_name(name, "'{}'!${}${}:${}${}".format(quoted, *corners))

    def saved(self) -> bytes:
        """The file: parts that did not change keep their very bytes."""
        changed = [feuille for feuille in self.feuilles if feuille.is_changed]
        for feuille in changed:
            self._changes[self._parts[feuille.nom]] = feuille.content()
        removed = {feuille.nom: feuille.formulas_removed for feuille in changed if feuille.formulas_removed}
        if removed:
            self._forget_calculations(removed)
        if changed:
            self._calculate_when_opened()
        if self._is_book_changed:
            self._changes[self._part] = serialise(self._book)
        if "styles" in self.__dict__ and self.styles.is_changed:
            self._changes[self._only(self._relations_of_book, "styles")] = self.styles.content()
        return self._paquet.replaced(self._changes)

    def _has_formulas(self) -> bool:
        if any(kind == "calcChain" for kind, _ in self._relations_of_book.values()):
            return True
        contents = (self._changes.get(self._parts[feuille.nom]) or feuille.raw for feuille in self.feuilles)
        return any(start in content for content in contents for start in _FORMULA)

    def _tables(self, feuille: Feuille) -> list[tuple[str, Element]]:
        part = self._parts[feuille.nom]
        return [
            (table, parse(self._changes.get(table) or self._paquet.read(table)))
            for kind, table in self._relations(part).values()
            if kind == "table"
        ]

    def _grow_table(self, part: str, table: Element, model: int, row: int) -> None:
        before = table.get("ref", "")
        after = rewrite(before, lambda plage: grown_below(plage, model, row))
        if after == before or int(table.get("totalsRowCount", "0")):
            return
        table.set("ref", after)
        filtered = find(table, "autoFilter")
        if filtered is not None:
            filtered.set("ref", rewrite(filtered.get("ref", ""), lambda plage: grown_below(plage, model, row)))
        self._changes[part] = serialise(table)

    def _place(self, feuille: Feuille) -> str:
        places = [one.get("name") for one in self._book.iterfind(f"{MAIN}sheets/{MAIN}sheet")]
        return str(places.index(feuille.nom))

    def _names(self, feuille: Feuille, name: str) -> list[Element]:
        """The defined names of one sheet: they give its place among all sheets."""
        place = self._place(feuille)
        return [
            one
            for one in self._book.iterfind(f"{MAIN}definedNames/{MAIN}definedName")
            if one.get("name") == name and one.get("localSheetId") == place
        ]

    def _drop_name(self, name: Element) -> None:
        parent = name.getparent()
        assert parent is not None
        parent.remove(name)
        self._is_book_changed = True

    def _set_name(self, name: Element, text: str) -> None:
        name.text = text
        self._is_book_changed = True

    def _calculate_when_opened(self) -> None:
        calculation = find(self._book, "calcPr")
        if calculation is not None and calculation.get("fullCalcOnLoad") in ("1", "true"):
            return
        if not self._has_formulas():
            return
        if calculation is None:
            calculation = etree.Element(f"{MAIN}calcPr")
            after = [one for one in self._book if etree.QName(one).localname in _AFTER_CALCULATION]
            if after:
                after[0].addprevious(calculation)
            else:
                self._book.append(calculation)
        calculation.set("fullCalcOnLoad", "1")
        self._is_book_changed = True

    def _forget_calculations(self, removed: dict[str, set[str]]) -> None:
        """Excel calls a workbook damaged when its list of formulas names a cell that has none."""
        part = next((part for kind, part in self._relations_of_book.values() if kind == "calcChain"), None)
        if part is None or part not in self._paquet:
            return
        ids = {one.get("sheetId"): one.get("name", "") for one in self._book.iterfind(f"{MAIN}sheets/{MAIN}sheet")}
        root = parse(self._paquet.read(part))
        sheet_id = None
        for cell in list(root):
            sheet_id = cell.get("i", sheet_id)
            # Each says its own sheet, since the one before it may go.
            cell.set("i", sheet_id or "1")
            if cell.get("r", "") in removed.get(ids.get(sheet_id, ""), ()):
                root.remove(cell)
        if len(root):
            self._changes[part] = serialise(root)
            return
        self._changes[part] = None
        self._drop_mentions(_CONTENT_TYPES, "PartName", f"/{part}")
        identifier = next(name for name, (_, of) in self._relations_of_book.items() if of == part)
        self._drop_mentions(_relations_part(self._part), "Id", identifier)

    def _drop_mentions(self, part: str, attribute: str, value: str) -> None:
        root = parse(self._changes.get(part) or self._paquet.read(part))
        for one in [one for one in root if one.get(attribute) == value]:
            root.remove(one)
        self._changes[part] = serialise(root)

    def _relate(self, source: str, target: str, kind: str) -> str:
        part = _relations_part(source)
        root = parse(self._changes.get(part) or self._paquet.read(part))
        known = {one.get("Id") for one in root}
        identifier = next(f"rId{number}" for number in range(1, len(known) + 2) if f"rId{number}" not in known)
        etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", Id=identifier, Type=kind, Target=f"/{target}")
        self._changes[part] = serialise(root)
        return identifier

    def _declare(self, part: str) -> None:
        root = parse(self._changes.get(_CONTENT_TYPES) or self._paquet.read(_CONTENT_TYPES))
        tag = f"{{{etree.QName(root).namespace}}}Override"
        etree.SubElement(root, tag, PartName=f"/{part}", ContentType=_SHEET_TYPE)
        self._changes[_CONTENT_TYPES] = serialise(root)


def _check_sizes(paquet: Paquet) -> None:
    """As the directory of the file tells them: nothing has been unfolded."""
    sizes = {name: size for name, size in paquet.sizes.items() if name.endswith((".xml", ".rels"))}
    for name, size in sizes.items():
        if size > XML_MAX:
            raise PackageRefused(f"sa partie « {name} » pèse {size >> 20} Mo une fois dépliée, ce que rien n'explique")
    if sum(sizes.values()) > XML_TOTAL_MAX:
        raise PackageRefused(f"il pèse {sum(sizes.values()) >> 20} Mo une fois déplié, ce que rien n'explique")


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
