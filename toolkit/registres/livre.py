"""The workbook as rows by key: which sheet is which month, which column is ours, where a row is free.

Our columns are found by their heading, wherever people moved them; every other column, row and sheet is theirs.
What is written in the cells of a dossier, and why, is for ``recap``.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.errors import FileRefused
from toolkit.formats.excel_ranges import COLUMNS_MAX, ROWS_MAX, cell_name, letters
from toolkit.formats.excel_sheet import Contenu, Feuille, clean_text
from toolkit.formats.excel_workbook import Classeur
from toolkit.formats.package import PackageRefused
from toolkit.registres.colonnes import Colonne, colonnes_de
from toolkit.registres.identites import Vue, identify
from toolkit.tree import layout

ANNULES = "Annulés"
"""The sheet of the bookings that were cancelled and posted as such."""
HEADER_SEARCH_ROWS = 12
POSTED_MAX = 300
"""Characters that are remembered of what a cell said when it was last posted."""
_GAP = 200
"""Rows: what stands further down than that, alone, is no part of the month."""
_ADOPTED_HEADINGS = 3
"""Headings of office.toml that a row must show to be the head of a month."""
CHANGED = "FFF9C4"
"""Light yellow: changed since the last posting."""
MISSING = "FCD5B4"
"""Orange: a fact that reception needs is not known."""


class RowRefused(FileRefused):
    """A sheet that has no place for a row, and what to do about it in Excel."""


def _shift_formula(formula: str, origin: str, target: str) -> str:
    from toolkit.formats.openpyxl_parts import shift_formula

    return shift_formula(formula, origin, target)


class Sheet:
    """One sheet with our columns, wherever they stand."""

    def __init__(
        self,
        feuille: Feuille,
        header: int,
        headings: Mapping[str, int],
        colonnes: Mapping[str, Colonne],
        folded: Mapping[str, str],
    ) -> None:
        self.feuille = feuille
        self.header = header
        self.headings = dict(headings)
        """Column by heading, folded."""
        self._colonnes = colonnes
        self._folded = folded
        """Heading of each of our columns, folded, by key."""

    @property
    def nom(self) -> str:
        """As people see it on the tab."""
        return self.feuille.nom

    def column(self, key: str) -> int | None:
        """Where one of our columns stands, counted from 1; None when the sheet has no such heading."""
        return self.headings.get(self._folded[key])

    @property
    def ours(self) -> set[str]:
        """Our headings, folded, whether the sheet has them or not."""
        return set(self._folded.values())

    def text(self, row: int, key: str) -> str:
        """What a cell of ours says, dates by their day."""
        column = self.column(key)
        value = None if column is None else self.feuille.read(row, column)
        if self._colonnes[key].nature == "jour" and isinstance(value, int | float):
            value = self.feuille.to_date(value)
        return canonical(value)


class Book:
    """The rows of one recap; all of its sheets but those that cannot matter are left unread."""

    def __init__(self, content: bytes, typologie: Typologie, annee: int, reglages: ReglagesRecap) -> None:
        """Raises PackageRefused for a workbook that cannot be edited without risk."""
        self.classeur = Classeur(content, _shift_formula, marks=(CHANGED, MISSING))
        self.typologie = typologie
        self.annee = annee
        self.reglages = reglages
        self.rows: dict[str, list[tuple[Sheet, int]]] = {}
        """Where each dossier stands, once ``find_rows`` has looked."""
        self.douteuses: dict[str, list[tuple[Sheet, int]]] = {}
        """Those of which that cannot be told, and the rows in doubt."""
        self.suivies: list[str] = []
        """Those whose key was brought to its row."""
        theirs = reglages.colonnes.model_dump(exclude_none=True)
        self.colonnes = colonnes_de(typologie)
        """Our columns by key."""
        self.deduites = tuple(key for key, colonne in self.colonnes.items() if colonne.valeur)
        """Keys of those that a dossier fills."""
        self.titres = {key: theirs.get(key, colonne.titre(typologie)) for key, colonne in self.colonnes.items()}
        """Heading of each of them in this workbook, by key."""
        self.is_adopted = bool(theirs)
        """Whether the office had this workbook before the toolkit."""
        self.folded = {key: french.fold(titre) for key, titre in self.titres.items()}
        self.doubles: dict[str, list[str]] = {}
        """By name of sheet, headings that stand twice: which one is ours cannot be told."""
        self._sheets: dict[str, Sheet | None] = {}

    # --- finding ---

    def _sheet(self, feuille: Feuille) -> Sheet | None:
        if feuille.nom not in self._sheets:
            self._sheets[feuille.nom] = self._find_columns(feuille)
        return self._sheets[feuille.nom]

    def _find_columns(self, feuille: Feuille) -> Sheet | None:
        """Our headings in one of the first rows; a sheet without the key column is ours only by office.toml."""
        for row in range(1, min(feuille.last_row, HEADER_SEARCH_ROWS) + 1):
            headings: dict[str, int] = {}
            doubles = []
            for column in feuille.columns(row):
                heading = french.fold(canonical(feuille.read(row, column)))
                if heading and headings.setdefault(heading, column) != column:
                    doubles.append(heading)
            known = sum(heading in headings for heading in self.folded.values())
            if self.folded["cle"] in headings or (self.is_adopted and known >= _ADOPTED_HEADINGS):
                self.doubles[feuille.nom] = doubles
                return Sheet(feuille, row, headings, self.colonnes, self.folded)
        return None

    def has_sheets(self, months: Collection[int]) -> bool:
        """Whether any sheet is ours; those of the months that are asked for are looked at first."""
        feuilles = sorted(self.classeur.feuilles, key=lambda feuille: self._month_of(feuille.nom) not in months)
        return any(self._sheet(feuille) for feuille in feuilles)

    def find_rows(self, cles: Collection[str] | None) -> None:
        """Where these dossiers stand, or all of them; sheets that cannot hold them are not even read.

        Keys that stayed behind when people moved what they see are brought to their rows.
        """
        found = identify(list(self._vues(cles)))
        kept = {cle: self.memory(*old) for cle, old, _ in found.suivies}
        for _, (sheet, row), _ in found.suivies:
            for key in ("cle", "empreinte"):
                self.write(sheet, row, key, None)
        for cle, _, new in found.suivies:
            self.write(*new, "cle", cle)
            self.set_memory(*new, kept[cle])
        wanted = cles if cles is not None else found.lignes.keys() | found.douteuses.keys()
        self.rows |= {cle: places for cle, places in found.lignes.items() if cle in wanted}
        self.douteuses |= {cle: places for cle, places in found.douteuses.items() if cle in wanted}
        self.suivies += [cle for cle, _, _ in found.suivies]

    def _vues(self, cles: Collection[str] | None) -> Iterator[Vue[tuple[Sheet, int]]]:
        for feuille in self.classeur.feuilles:
            if cles is not None and not self.classeur.may_hold(feuille, cles):
                continue
            sheet = self._sheet(feuille)
            if sheet is None:
                continue
            for row in feuille.rows_from(sheet.header + 1):
                cle, montree = sheet.text(row, "cle"), sheet.text(row, "suivi").partition("\n")[0].strip()
                if not cle and self.is_adopted and cles is not None and montree in cles:
                    cle = montree  # a row from before the adoption says its reference where the office writes it
                if cle or montree:
                    yield Vue((sheet, row), cle, montree)

    def month_sheet(self, mois: int) -> Sheet | None:
        """« Juin », else the one sheet whose name says that month: « Juin 2027 », « JUIN », « 06 »."""
        named = [feuille for feuille in self.classeur.feuilles if self._month_of(feuille.nom) == mois]
        exact = [feuille for feuille in named if french.fold(feuille.nom) == french.fold(sheet_name(mois))]
        found = [sheet for feuille in exact or named if (sheet := self._sheet(feuille))]
        return found[0] if len(found) == 1 else None

    def _month_of(self, nom: str) -> int | None:
        return parse_month(nom, self.annee)

    # --- a place for a row ---

    def free_row(self, sheet: Sheet) -> int:
        """The row below the last one used of the month, whatever stands at the bottom of the sheet.

        Raises RowRefused.
        """
        feuille = sheet.feuille
        table = self.classeur.table_around(feuille, sheet.header, sheet.headings[self.folded["cle"]])
        if table is None:
            used = self.used_rows(sheet)
            last = used[-1]
            blank = used[-2] + 1 if len(used) > 1 else last
            merged = [one for one in feuille.merged() if one.bottom > sheet.header and one.top <= last + _GAP]
            if self._is_total(sheet, last) and blank < last and not any(one.holds_row(blank) for one in merged):
                # People leave blank rows above their totals, which count them in.
                return blank
            # A value written into a merged cell would be lost.
            row = max([last, *(one.bottom for one in merged)]) + 1
            if row > ROWS_MAX:
                raise RowRefused(f"des cellules sont fusionnées jusqu'au bas de « {sheet.nom} » : les défaire")
            return row
        plage, totals = table
        row = self.used_rows(sheet, plage.bottom - totals)[-1] + 1
        if row <= plage.bottom - totals:
            return row
        if totals:
            raise RowRefused(
                f"le tableau de la feuille « {sheet.nom} » n'a plus de ligne vide au-dessus de ses totaux : "
                "y insérer une ligne dans Excel"
            )
        if row > ROWS_MAX or self.is_used(sheet, row) or any(one.holds_row(row) for one in feuille.merged()):
            raise RowRefused(
                f"le tableau de la feuille « {sheet.nom} » n'a plus de ligne vide et quelque chose est écrit "
                "juste dessous : y insérer une ligne dans Excel"
            )
        return row

    def used_rows(self, sheet: Sheet, last: int = ROWS_MAX) -> list[int]:
        """The headings and the used rows below them, down to a wide gap."""
        used = [sheet.header]
        for row in sheet.feuille.rows_from(sheet.header + 1):
            if row > last or row > used[-1] + _GAP:
                break
            if self.is_used(sheet, row):
                used.append(row)
        return used

    def _is_total(self, sheet: Sheet, row: int) -> bool:
        ours = [column for heading, column in sheet.headings.items() if heading in sheet.ours]
        return not sheet.text(row, "cle") and any(sheet.feuille.has_formula(row, column) for column in ours)

    def is_used(self, sheet: Sheet, row: int) -> bool:
        """Whether a row holds more than formulas drawn down in advance in the columns of people."""
        ours = [column for heading, column in sheet.headings.items() if heading in sheet.ours]
        return any(
            sheet.feuille.read(row, column) is not None
            and (column in ours or not sheet.feuille.has_formula(row, column))
            for column in sheet.feuille.columns(row)
        )

    def model_above(self, sheet: Sheet, row: int) -> int | None:
        """The row whose look a new one takes: the nearest above with a key, else the one just above."""
        for above in range(row - 1, sheet.header, -1):
            if sheet.text(above, "cle"):
                return above
        return row - 1 if row - 1 > sheet.header and sheet.feuille.columns(row - 1) else None

    def complete(self, sheet: Sheet) -> None:
        """Give a sheet that the office has adopted the columns without which no row is known again.

        Raises PackageRefused where something stands there without a heading.
        """
        if sheet.column("cle"):
            return
        feuille = sheet.feuille
        for key, colonne in self.colonnes.items():
            if sheet.column(key) or not colonne.is_bookkeeping:
                continue
            last = max(sheet.headings.values())
            column = self._free_column(sheet, last)
            feuille.write(sheet.header, column, self.titres[key], feuille.style(sheet.header, last))
            self.classeur.widen_table(feuille, sheet.header, column, self.titres[key])
            if colonne.vue == "masquee":
                feuille.hide_column(column, colonne.largeur)
            sheet.headings[self.folded[key]] = column

    def _free_column(self, sheet: Sheet, last: int) -> int:
        """The first on the right where nothing stands; right beside the headings, for people sort what stands together.

        Raises PackageRefused when there is none, or when it would lie outside their table.
        """
        feuille = sheet.feuille
        rows, merged = feuille.rows_from(sheet.header), feuille.merged()
        for column in range(last + 1, COLUMNS_MAX + 1):
            is_merged = any(one.holds_row(sheet.header) and one.left <= column <= one.right for one in merged)
            if not is_merged and all(feuille.read(row, column) is None for row in rows):
                if column > last + 1 and self.classeur.table_around(feuille, sheet.header, last):
                    break
                return column
        raise PackageRefused(
            f"la colonne {letters(last + 1)} de la feuille « {sheet.nom} » est occupée mais n'a pas de titre : "
            "lui en donner un"
        )

    # --- what a row holds ---

    def memory(self, sheet: Sheet, row: int) -> dict[str, Any]:
        """By key the hash of what we wrote; behind an underscore what else is to be known of a row.

        ``_avant`` what each changed cell said when the month was last posted, ``_nouveau`` not posted yet,
        ``_annule`` the day of the cancellation, ``_fin`` the last day of the stay.
        """
        try:
            read = json.loads(sheet.text(row, "empreinte"))
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    def set_memory(self, sheet: Sheet, row: int, memory: Mapping[str, Any]) -> None:
        """What ``memory`` will read; empty values are dropped."""
        text = json.dumps(
            {key: value for key, value in memory.items() if value}, ensure_ascii=False, separators=(",", ":")
        )
        self.write(sheet, row, "empreinte", text)

    def write(self, sheet: Sheet, row: int, key: str, value: str | None) -> None:
        """A text into a column of ours, its look kept; nothing happens where the sheet has no such column."""
        if column := sheet.column(key):
            sheet.feuille.write(row, column, value)

    def human_cells(self, sheet: Sheet, row: int) -> dict[str, Contenu]:
        """What people wrote on a row, and its « Modifications », by folded heading."""
        ours = self._not_carried()
        found: dict[str, Contenu] = {}
        for heading, column in sheet.headings.items():
            value = sheet.feuille.read(row, column)
            if heading not in ours and value is not None:
                found[heading] = value
        return found

    def carry(self, source: Sheet, row: int, target: Sheet, new_row: int) -> None:
        """What people wrote on a row follows it where the new sheet has their column, and stays where it has not."""
        leaving = self._not_carried()
        for heading, column in source.headings.items():
            new = target.headings.get(heading)
            if heading in leaving or new is None or column not in source.feuille.columns(row):
                continue
            leaving.add(heading)
            value, style = source.feuille.read(row, column), source.feuille.style(row, column)
            if source.feuille.has_formula(row, column):
                moved = _shift_formula(str(value)[1:], cell_name(row, column), cell_name(new_row, new))
                target.feuille.write_formula(new_row, new, moved, style)
            elif value is not None or target.feuille.read(new_row, new) is None:
                target.feuille.write(new_row, new, value, style)
        self.empty(source, row, leaving)

    def _not_carried(self) -> set[str]:
        """Headings, folded, of what is written anew wherever a row goes."""
        return {self.folded[key] for key, colonne in self.colonnes.items() if not colonne.is_carried}

    def empty(self, sheet: Sheet, row: int, headings: Collection[str]) -> None:
        """Take the values out of the columns under these headings, and our marks with them."""
        for heading in headings:
            column = sheet.headings.get(heading)
            if column is not None and column in sheet.feuille.columns(row):
                style = sheet.feuille.style(row, column)
                if heading in sheet.ours:
                    style = self.classeur.styles.variant(style, fill="", is_struck=False)
                sheet.feuille.write(row, column, None, style)

    def archive(self, sheet: Sheet, row: int) -> None:
        """Take a row whole to the sheet « Annulés », which is made when it is first needed.

        Raises PackageRefused when there is a sheet of that name without our key column.
        """
        target = self._annules(sheet)
        new_row = self.used_rows(target)[-1] + 1
        for heading, column in sheet.headings.items():
            if column not in sheet.feuille.columns(row):
                continue
            if heading not in target.headings:
                self._add_heading(target, sheet, heading)
            value, style = sheet.feuille.read(row, column), sheet.feuille.style(row, column)
            new = target.headings[heading]
            if sheet.feuille.has_formula(row, column):
                moved = _shift_formula(str(value)[1:], cell_name(row, column), cell_name(new_row, new))
                target.feuille.write_formula(new_row, new, moved, style)
            else:
                target.feuille.write(new_row, new, value, style)
        self.empty(sheet, row, sheet.headings)

    def _annules(self, model: Sheet) -> Sheet:
        for feuille in self.classeur.feuilles:
            if french.fold(feuille.nom) == french.fold(ANNULES):
                if sheet := self._sheet(feuille):
                    return sheet
                raise PackageRefused(f"sa feuille « {feuille.nom} » n'a pas de colonne « {self.titres['cle']} »")
        sheet = Sheet(self.classeur.add_sheet(ANNULES, model.feuille), 1, {}, self.colonnes, self.folded)
        for heading in model.headings:
            self._add_heading(sheet, model, heading)
        self._sheets[ANNULES] = sheet
        return sheet

    def _add_heading(self, target: Sheet, source: Sheet, heading: str) -> None:
        column = source.headings[heading]
        free = column if column not in target.headings.values() else max(target.headings.values()) + 1
        text, style = source.feuille.read(source.header, column), source.feuille.style(source.header, column)
        target.feuille.write(target.header, free, text, style)
        target.headings[heading] = free


def canonical(value: object) -> str:
    """A cell's value as text that can be compared and hashed, whether read or about to be written."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else clean_text(str(value))


@cache
def parse_month(nom: str, annee: int | None = None) -> int | None:
    """The month that the name of a sheet says, « Janv. », « JANVIER 2026 », « 06 - Juin »; None for another year."""
    words = re.findall(r"[^\W\d_]+|\d+", nom)
    if annee and any(re.fullmatch(r"20\d\d", word) and int(word) != annee for word in words):
        return None
    months = {month for word in words if (month := layout.parse_mois(word))}
    return months.pop() if len(months) == 1 else None


def sheet_name(mois: int) -> str:
    """« Juin » for 6."""
    return french.MOIS[mois - 1].capitalize()
