"""The monthly recap of one year: rows in, workbook bytes out. The only module that knows openpyxl.

Our columns are found by their heading, wherever people moved them; every other column, row and sheet is theirs. A row
is known by its key, never inserted, deleted or sorted. A workbook that could not be saved without loss is refused.
"""

import hashlib
import io
import json
import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.errors import Problem, avertissement, erreur
from toolkit.registres.lignes import COLONNES, Ligne, Valeur

OBSERVATIONS = "Observations accueil"
MODIFICATIONS = "Modifications"
CLE = "Clé"
EMPREINTE = "Empreinte"

_TITLES = {Typologie.GROUPE: "Récap groupes", Typologie.INDIVIDUEL: "Récap individuels"}
_HEADER_ROW = 3
_HEADER_SEARCH_ROWS = 12
_WIDTHS = {
    "date": 11,
    "arrivee": 11,
    "client": 17,
    "responsable": 15,
    "telephone": 13,
    "personnes": 5.5,
    "chauffeurs": 6,
    "enfants": 7,
    "hebergement": 15,
    "programme": 40,
    "repas": 21,
    "langue": 12,
    "reglement": 12,
    "bons_echange": 9,
    "suivi": 16,
}
"""Characters: together they fill A4 landscape at a size that can be read on a wall."""
_POINTS_PER_LINE = 12.5

_SIDE = Side(style="thin", color="999999")
_THIN = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEADER_FILL = PatternFill("solid", fgColor="D9D9D9")
_CHANGED_FILL = PatternFill("solid", fgColor="FFF9C4")
_MISSING_FILL = PatternFill("solid", fgColor="FCD5B4")
_OUR_FILLS = {"00FFF9C4", "00FCD5B4", "00000000"}


@dataclass(frozen=True)
class Synced:
    """What a sync gives back."""

    content: bytes | None
    """The new workbook, or None when nothing has to be written."""
    changements: tuple[str, ...] = ()
    """One sentence per row added, changed or struck."""
    problems: list[Problem] = field(default_factory=list)


def sync(content: bytes | None, lignes: Sequence[Ligne], typologie: Typologie, annee: int, jour: date) -> Synced:
    """Bring the workbook of one typologie and year up to these rows; rows of other dossiers stay as they are.

    ``content`` None makes a new workbook; ``jour`` dates the changes.
    """
    lost: list[str] = []
    if content is None:
        workbook = _new_workbook(typologie, annee)
    else:
        try:
            workbook, lost = _open(content)
        except Exception:  # openpyxl raises whatever it trips over in a file that is not quite a workbook
            return Synced(None, problems=[erreur("classeur illisible ou protégé par mot de passe, laissé tel quel")])
    book = _Book(workbook, typologie, jour)
    if not book.sheets:
        return Synced(None, problems=[erreur(f"aucune feuille avec une colonne « {CLE} » : classeur laissé tel quel")])
    for one in sorted(lignes, key=lambda one: (one.debut, one.heure, one.cle)):
        book.put(one)
    if not book.changements and (content is not None or book.problems):
        return Synced(None, problems=book.problems)
    out = io.BytesIO()
    workbook.save(out)
    saved = out.getvalue()
    lost += _lost_parts(content, saved)
    if lost:
        names = french.liste(list(dict.fromkeys(map(_name_lost, lost))))
        return Synced(None, problems=[erreur(_REFUSED.format(names))])
    _verify(saved, lignes, book)
    return Synced(saved, tuple(book.changements), book.problems)


_REFUSED = (
    "classeur laissé tel quel, car l'enregistrer lui ferait perdre {}. Les lignes attendent ; "
    "retirer ces éléments ou les mettre dans un autre classeur"
)
# A word of openpyxl's warning, or of the name of a part, and what people call it.
_LOST = {
    "Data Validation": "des listes déroulantes",
    "Conditional Formatting": "des mises en forme conditionnelles",
    "Sparkline": "des graphiques dans les cellules",
    "licer": "des segments",
    "threadedComment": "des commentaires à réponses",
    "persons/": "des commentaires à réponses",
    "vbaProject": "des macros",
    "ctrlProp": "des boutons",
    "vmlDrawing": "des images d'en-tête ou des boutons",
    "chart": "des graphiques",
    "drawing": "des dessins",
    "diagram": "des dessins",
    "media": "des images",
    "connections": "des données venues d'ailleurs",
    "customXml": "des propriétés ajoutées par un autre logiciel",
}


def _name_lost(part: str) -> str:
    return next((name for word, name in _LOST.items() if word in part), f"« {part} »")


def _open(content: bytes) -> tuple[Workbook, list[str]]:
    """The workbook, and what openpyxl says it would lose."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        workbook = load_workbook(io.BytesIO(content), rich_text=True)
    return workbook, [str(one.message) for one in caught if "not supported" in str(one.message)]


# Rebuilt or renamed by openpyxl without any loss that a reader could see; notes keep their text.
_HARMLESS = re.compile(
    r"calcChain|printerSettings|sharedStrings|theme|docProps|\[Content_Types\]|_rels/|^xl/comments|^package/services/"
)
_NOTES = re.compile(r"xl/comments\d*\.xml")
_VML = re.compile(r"xl/drawings/vmlDrawing\d*\.vml")


def _kinds(content: bytes) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
    notes, shapes = (sum(bool(kind.match(name)) for name in names) for kind in (_NOTES, _VML))
    if shapes <= notes:
        # The boxes of the notes, which openpyxl draws anew.
        names = [name for name in names if not _VML.match(name)]
    return {re.sub(r"\d+", "", name) for name in names if not _HARMLESS.search(name)}


def _lost_parts(before: bytes | None, after: bytes) -> list[str]:
    return [] if before is None else sorted(_kinds(before) - _kinds(after))


def _verify(saved: bytes, lignes: Iterable[Ligne], written: "_Book") -> None:
    """Read back what was saved: every booking has its row, with its headcount."""
    book = _Book(load_workbook(io.BytesIO(saved)), written.typologie, date.min)
    for one in lignes:
        if one.annulee_le is not None or one.cle in written.refused:
            continue
        rows = book.rows.get(one.cle, [])
        if len(rows) != len(written.rows[one.cle]):
            raise AssertionError(f"{one.cle}: {len(rows)} rows after the sync")
        sheet, row = rows[0]
        heading = COLONNES[one.typologie]["personnes"]
        read = sheet.value(row, heading)
        if heading in sheet.columns and read != _canonical(one.valeurs["personnes"]):
            raise AssertionError(f"{one.cle}: {read!r} read back")


class _Sheet:
    """One sheet with our columns, wherever they stand."""

    def __init__(self, sheet: Worksheet, header: int, columns: Mapping[str, int], doubles: set[str]) -> None:
        self.sheet = sheet
        self.header = header
        self.columns = columns
        """Heading → 1-based column."""
        self.doubles = doubles
        """Headings that stand twice: which one is ours cannot be told."""

    def cell(self, row: int, heading: str) -> Cell | None:
        column = self.columns.get(heading)
        cell = self.sheet.cell(row, column) if column else None
        return cell if isinstance(cell, Cell) else None

    def value(self, row: int, heading: str) -> str:
        cell = self.cell(row, heading)
        return "" if cell is None else _canonical(cell.value)

    def set(self, row: int, heading: str, value: Valeur) -> None:
        cell = self.cell(row, heading)
        if cell is None:
            return
        cell.value = value
        if isinstance(value, str):
            # Text is text, whatever it starts with: no formula, no error value.
            cell.data_type = "s"
            cell.quotePrefix = True

    def grow_print_area(self, row: int) -> None:
        """Take a new row into a print area of one range that ends above it."""
        area = re.fullmatch(r"(.*\$[A-Z]+\$\d+:\$[A-Z]+\$)(\d+)", self.sheet.print_area or "")
        if area and int(area[2]) < row:
            self.sheet.print_area = f"{area[1].rpartition('!')[2]}{row}"

    def first_free_row(self) -> int:
        row = self.header + 1
        for used in range(self.sheet.max_row, self.header, -1):
            if any(cell.value is not None for cell in self.sheet[used]):
                row = used + 1
                break
        # A value written into a merged cell would be lost.
        return max([row, *(int(merged.max_row) + 1 for merged in self.sheet.merged_cells.ranges)])


class _Book:
    """The workbook as rows by key."""

    def __init__(self, workbook: Workbook, typologie: Typologie, jour: date) -> None:
        self.typologie = typologie
        self.jour = jour
        self.changements: list[str] = []
        self.problems: list[Problem] = []
        self.refused: set[str] = set()
        """Keys of the rows that have no place."""
        self.sheets = [found for sheet in workbook.worksheets if (found := _find_columns(sheet))]
        self.rows: dict[str, list[tuple[_Sheet, int]]] = {}
        for found in self.sheets:
            for row in range(found.header + 1, found.sheet.max_row + 1):
                if key := found.value(row, CLE):
                    self.rows.setdefault(key, []).append((found, row))

    def put(self, ligne: Ligne) -> None:
        """Add, update, move or strike the row of one dossier."""
        places = self.rows.get(ligne.cle, [])
        if ligne.annulee_le:
            for sheet, row in places:
                self._strike(sheet, row, ligne)
            return
        target = self._sheet_of(ligne.mois)
        fault = self._fault(ligne, target)
        if target is None or fault:
            self.problems.append(erreur(f"{ligne.cle} : {fault}"))
            self.refused.add(ligne.cle)
            return
        if len(places) > 1:
            where = french.liste([f"« {one.sheet.title} » ligne {row}" for one, row in places])
            self.problems.append(
                avertissement(f"{ligne.cle} est inscrit plusieurs fois ({where}) : effacer toutes ces lignes sauf une")
            )
        if not places:
            row = target.first_free_row()
            self._fill_new(target, row, ligne)
            self.rows[ligne.cle] = [(target, row)]
            self.changements.append(f"{ligne.cle} inscrit en {french.MOIS[ligne.mois - 1]}")
            return
        sheet, row = places[0]
        if sheet is not target:
            sheet, row = self._move(sheet, row, target, ligne)
        self._update(sheet, row, ligne)

    def _fault(self, ligne: Ligne, target: "_Sheet | None") -> str | None:
        """Why a row cannot be written without harm to what people did, or None."""
        if target is None:
            return f"pas de feuille « {_sheet_name(ligne.mois)} » avec une colonne « {CLE} »"
        doubles = sorted(target.doubles & {*COLONNES[self.typologie].values(), MODIFICATIONS, EMPREINTE})
        if doubles:
            title, heading = target.sheet.title, doubles[0]
            return f"la feuille « {title} » a deux colonnes « {heading} » : renommer celle qui a été ajoutée"
        return None

    def _sheet_of(self, mois: int) -> _Sheet | None:
        name = _sheet_name(mois).casefold()
        return next((one for one in self.sheets if one.sheet.title.strip().casefold() == name), None)

    def _fill_new(self, sheet: _Sheet, row: int, ligne: Ligne) -> None:
        for column in range(1, len(sheet.columns) + 1):
            cell = sheet.sheet.cell(row, column)
            cell.border = _THIN
            cell.font = Font(name="Calibri", size=9)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        for key, heading in COLONNES[self.typologie].items():
            sheet.set(row, heading, ligne.valeurs[key])
        sheet.grow_print_area(row)
        self._finish(sheet, row, ligne)

    def _update(self, sheet: _Sheet, row: int, ligne: Ligne) -> None:
        """The dossier wins over our columns; what a human typed there is kept in « Modifications »."""
        said: list[str] = []
        for key, heading, sentence, _ in self._differences(sheet, row, ligne):
            said.append(sentence)
            sheet.set(row, heading, ligne.valeurs[key])
            cell = sheet.cell(row, heading)
            if cell is not None and cell.fill.fgColor.rgb in _OUR_FILLS:
                cell.fill = _CHANGED_FILL
        if self._is_struck(sheet, row):
            self._set_font(sheet, row, Font(name="Calibri", size=9))
            said.append("RÉTABLI")
        if said:
            self._say(sheet, row, said)
            self._finish(sheet, row, ligne)
            self.changements.append(f"{ligne.cle} : {' ; '.join(said)}")

    def _differences(self, sheet: _Sheet, row: int, ligne: Ligne) -> list[tuple[str, str, str, bool]]:
        """Key, heading and sentence of each of our values that is another one now, and whether a human typed it."""
        remembered = _read_empreinte(sheet.value(row, EMPREINTE))
        found = []
        for key, heading in COLONNES[self.typologie].items():
            old, new = sheet.value(row, heading), _canonical(ligne.valeurs[key])
            if heading not in sheet.columns or old == new:
                continue
            is_typed = key in remembered and remembered[key] != _hash(old)
            if is_typed:
                sentence = f"« {heading} » : « {old} » saisi à la main, remis à « {new} »"
                self.problems.append(
                    avertissement(f"{ligne.cle} : {sentence}. La source est dossier.toml : y corriger la valeur")
                )
            else:
                sentence = f"« {heading} » : {old or 'vide'} → {new or 'vide'}"
            found.append((key, heading, sentence, is_typed))
        return found

    def _strike(self, sheet: _Sheet, row: int, ligne: Ligne) -> None:
        if ligne.annulee_le is None or self._is_struck(sheet, row):
            return
        self._set_font(sheet, row, Font(name="Calibri", size=9, strike=True, color="808080"))
        self._say(sheet, row, [f"ANNULÉ le {french.date_courte(ligne.annulee_le)}"])
        self.changements.append(f"{ligne.cle} annulé le {french.date_courte(ligne.annulee_le)}")

    def _is_struck(self, sheet: _Sheet, row: int) -> bool:
        cells = [sheet.cell(row, heading) for heading in COLONNES[self.typologie].values() if heading in sheet.columns]
        return bool(cells) and all(cell.font.strike for cell in cells if cell is not None)

    def _set_font(self, sheet: _Sheet, row: int, font: Font) -> None:
        for heading in COLONNES[self.typologie].values():
            cell = sheet.cell(row, heading)
            if cell is not None:
                cell.font = font

    def _move(self, source: _Sheet, row: int, target: _Sheet, ligne: Ligne) -> tuple[_Sheet, int]:
        """Another month: the row is written whole in its new sheet, then emptied in the old one."""
        typed = [sentence for _, _, sentence, is_typed in self._differences(source, row, ligne) if is_typed]
        new_row = target.first_free_row()
        self._fill_new(target, new_row, ligne)
        ours = {*COLONNES[self.typologie].values(), CLE, EMPREINTE}
        for heading in source.columns:
            old, new = source.cell(row, heading), target.cell(new_row, heading)
            if old is None or (heading not in ours and new is None):
                continue  # a column of theirs that the new sheet has not: it stays where it is
            if new is not None:
                if heading not in ours:
                    new.value = old.value
                new.comment, old.comment = copy(old.comment), None
            old.value = None
        self._say(target, new_row, [f"déplacé de la feuille « {source.sheet.title} »", *typed])
        self.rows[ligne.cle] = [(target, new_row)]
        self.changements.append(f"{ligne.cle} déplacé de « {source.sheet.title} » à « {target.sheet.title} »")
        return target, new_row

    def _say(self, sheet: _Sheet, row: int, said: Sequence[str]) -> None:
        lines = [sheet.value(row, MODIFICATIONS), *(f"{french.date_courte(self.jour)} – {one}" for one in said)]
        sheet.set(row, MODIFICATIONS, "\n".join(filter(None, lines)))

    def _finish(self, sheet: _Sheet, row: int, ligne: Ligne) -> None:
        """Key, fingerprint, the look of the date, the missing cells and the height of the row."""
        columns = COLONNES[self.typologie]
        sheet.set(row, CLE, ligne.cle)
        hashes = {key: _hash(_canonical(ligne.valeurs[key])) for key in columns}
        sheet.set(row, EMPREINTE, json.dumps(hashes, separators=(",", ":")))
        day = sheet.cell(row, columns["date"])
        if day is not None:
            # [$-40C]: French day names whatever the language of the desktop.
            day.number_format = f'dd/mm" – {ligne.fin:%d/%m}"' if ligne.fin > ligne.debut else "[$-40C]ddd dd/mm"
            day.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        for key in ("personnes", "chauffeurs", "enfants"):
            count = sheet.cell(row, columns.get(key, ""))
            if count is not None:
                count.alignment = Alignment(vertical="top", horizontal="center")
        for key, heading in columns.items():
            cell = sheet.cell(row, heading)
            if cell is not None and ligne.valeurs[key] is None and cell.fill.fgColor.rgb in _OUR_FILLS:
                cell.fill = _MISSING_FILL
        sheet.sheet.row_dimensions[row].height = _POINTS_PER_LINE * max(
            _count_lines(str(ligne.valeurs[key] or ""), _WIDTHS[key]) for key in columns if key != "date"
        )


def _find_columns(sheet: Worksheet) -> _Sheet | None:
    """Our headings in one of the first rows; a sheet without the key column is none of ours."""
    for row in range(1, min(sheet.max_row, _HEADER_SEARCH_ROWS) + 1):
        columns: dict[str, int] = {}
        doubles: set[str] = set()
        for cell in sheet[row]:
            if isinstance(cell, Cell) and cell.value:
                heading = str(cell.value).strip()
                if columns.setdefault(heading, cell.column) != cell.column:
                    doubles.add(heading)
        if CLE in columns:
            return _Sheet(sheet, row, columns, doubles)
    return None


def _canonical(value: object) -> str:
    """A cell's value as text that can be compared and hashed, whether read or about to be written."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _read_empreinte(text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _count_lines(text: str, width: float) -> int:
    # A width is counted in letters of 11 points; ours are of 9.
    return sum(max(1, math.ceil(len(line) / (width * 1.3))) for line in text.split("\n"))


def _sheet_name(mois: int) -> str:
    return french.MOIS[mois - 1].capitalize()


def _new_workbook(typologie: Typologie, annee: int) -> Workbook:
    """Twelve sheets ready to print on A4 landscape (regles.md §4)."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for mois in range(1, 13):
        _lay_out(workbook.create_sheet(_sheet_name(mois)), typologie, annee, mois)
    return workbook


def _lay_out(sheet: Worksheet, typologie: Typologie, annee: int, mois: int) -> None:
    ours = COLONNES[typologie]
    headings = [*ours.values(), OBSERVATIONS, MODIFICATIONS, CLE, EMPREINTE]
    widths = [*(_WIDTHS[key] for key in ours), 15, 30, 14, 14]
    sheet["A1"] = f"{_TITLES[typologie]} – {_sheet_name(mois)} {annee}"
    sheet["A1"].font = Font(name="Calibri", size=14, bold=True)
    sheet.row_dimensions[_HEADER_ROW].height = 2 * _POINTS_PER_LINE
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True), start=1):
        cell = sheet.cell(_HEADER_ROW, column, heading)
        cell.font = Font(name="Calibri", size=9, bold=True)
        cell.fill = _HEADER_FILL
        cell.border = _THIN
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[letter].hidden = heading in (CLE, EMPREINTE)
    sheet.freeze_panes = f"A{_HEADER_ROW + 1}"

    last = get_column_letter(headings.index(OBSERVATIONS) + 1)
    sheet.print_title_rows = f"1:{_HEADER_ROW}"
    sheet.print_area = f"A1:{last}{_HEADER_ROW + 1}"
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
