"""The posting of one month: what changed since the last one, the sheet to print, and the workbook without its marks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.formats.excel_ranges import Plage
from toolkit.formats.excel_sheet import Contenu, Feuille
from toolkit.formats.package import PackageRefused
from toolkit.registres.colonnes import Colonne
from toolkit.registres.livre import CHANGED, POSTED_MAX, Book, Sheet
from toolkit.registres.vierge import HEIGHT_MAX, LINE_POINTS, count_lines


@dataclass(frozen=True)
class Affichage:
    """One month of one workbook, posted."""

    imprimable: bytes
    """A copy of which only the month prints, every booking in sight."""
    content: bytes | None
    """The workbook with its marks cleared, or None when it had none."""
    changements: tuple[str, ...]
    """One line per booking: what was posted last → what is now."""
    modifications: tuple[str, ...]
    """Those of them that are no new arrival: what is on the wall says otherwise."""
    arrivees: int
    """Bookings on the sheet, without those that were cancelled."""


def post(
    content: bytes, typologie: Typologie, annee: int, mois: int, jour: date, reglages: ReglagesRecap
) -> Affichage | None:
    """Post a month, or None when the workbook has no sheet for it; raises PackageRefused when it cannot be edited."""
    book = Book(content, typologie, annee, reglages)
    sheet = book.month_sheet(mois)
    if sheet is None:
        return None
    book.find_rows(None)
    rows = sorted((row, cle) for cle, places in book.rows.items() for on, row in places if on is sheet)
    changements, modifications, cancelled = [], [], 0
    for row, cle in rows:
        memory = book.memory(sheet, row)
        said = list(_changes(book, sheet, row))
        if said:
            name = sheet.text(row, "client").partition("\n")[0]
            changements.append(f"{name} ({cle}) : {' ; '.join(said)}")
            modifications += [] if memory.get("_nouveau") else changements[-1:]
        if memory.get("_annule"):
            cancelled += 1
            book.archive(sheet, row)
        elif said or memory.get("_avant"):
            _clear(book, sheet, row)
    cleared = book.classeur.saved() if changements or any(one.is_changed for one in book.classeur.feuilles) else None
    printed = _printable(content, typologie, annee, mois, jour, reglages)
    return Affichage(printed, cleared, tuple(changements), tuple(modifications), len(rows) - cancelled)


def count_changes(content: bytes, typologie: Typologie, annee: int, mois: int, reglages: ReglagesRecap) -> int:
    """Bookings of a month that say otherwise than when it was last posted; raises PackageRefused."""
    book = Book(content, typologie, annee, reglages)
    sheet = book.month_sheet(mois)
    if sheet is None:
        return 0
    book.find_rows(None)
    rows = (row for places in book.rows.values() for on, row in places if on is sheet)
    return sum(any(_changes(book, sheet, row)) for row in rows)


def _changes(book: Book, sheet: Sheet, row: int) -> Iterator[str]:
    """What a row says otherwise than when it was last posted."""
    memory = book.memory(sheet, row)
    if day := memory.get("_annule"):
        yield f"ANNULÉ le {french.date_courte(date.fromisoformat(day))}"
        return
    if memory.get("_nouveau"):
        yield f"nouvelle arrivée le {_shown(book.colonnes['date'], sheet.text(row, 'date'))}"
        return
    for key, old in memory.get("_avant", {}).items():
        if key == "_feuille":
            yield f"déplacé de « {old} »"
        elif (new := sheet.text(row, key)[:POSTED_MAX]) != old:
            colonne = book.colonnes[key]
            yield f"{book.titres[key]} : {_shown(colonne, old)} → {_shown(colonne, new)}"


def _shown(colonne: Colonne, text: str) -> str:
    """On one line, days as people write them."""
    if colonne.nature == "jour":
        try:
            return french.date_courte(date.fromisoformat(text))
        except ValueError:
            pass
    return " / ".join(text.split("\n")) or "vide"


def _clear(book: Book, sheet: Sheet, row: int) -> None:
    styles = book.classeur.styles
    for key in book.titres:
        column = sheet.column(key)
        if column and styles.fill(style := sheet.feuille.style(row, column)) == CHANGED:
            sheet.feuille.set_style(row, column, styles.variant(style, fill=""))
    memory = book.memory(sheet, row)
    book.set_memory(sheet, row, {key: one for key, one in memory.items() if key not in ("_avant", "_nouveau")})


def _printable(
    content: bytes, typologie: Typologie, annee: int, mois: int, jour: date, reglages: ReglagesRecap
) -> bytes:
    """A filter that someone left on must not keep a group off the wall, nor an emptied row leave a hole."""
    book = Book(content, typologie, annee, reglages)
    sheet = book.month_sheet(mois)
    if sheet is None:
        raise PackageRefused("sa feuille du mois a disparu")
    feuille, used = sheet.feuille, book.used_rows(sheet)
    shown = set(used)
    for row in feuille.rows_from(sheet.header + 1):
        if sheet.text(row, "cle"):
            feuille.set_hidden(row, is_hidden=False)
        if row not in shown:
            feuille.set_hidden(row, is_hidden=True)
    hidden = {sheet.column(key) for key, colonne in book.colonnes.items() if colonne.vue != "affichee"}
    right = max(column for column in sheet.headings.values() if column not in hidden)
    last = _split_tall(sheet, used[1:], right) or used[-1]
    feuille.set_landscape()
    feuille.set_printed_day(french.date_courte(jour))
    book.classeur.show_only(feuille)
    book.classeur.set_print_area(feuille, Plage(1, 1, max(last, sheet.header + 1), right))
    return book.classeur.saved()


def _split_tall(sheet: Sheet, rows: Sequence[int], right: int) -> int | None:
    """On the wall a row that no page can show goes on in the next; gives the last row then, None where none is.

    All of it is read first, then laid down row after row: this copy is drawn, and nobody works in it.
    """
    feuille = sheet.feuille
    cells = [
        {column: (feuille.read(row, column), feuille.style(row, column)) for column in range(1, right + 1)}
        for row in rows
    ]
    parts = [list(_parts(row, {column: feuille.width(column) for column in row})) for row in cells]
    if not any(len(one) > 1 for one in parts) or _has_merges(feuille, rows):
        return None
    heights = [feuille.height(row) for row in rows]
    row = rows[0]
    for pieces, height in zip(parts, heights, strict=True):
        for piece, lines in pieces:
            for column, (value, style) in piece.items():
                feuille.write(row, column, value, style)
            if len(pieces) > 1:
                feuille.set_height(row, min(lines * LINE_POINTS, HEIGHT_MAX))
            elif height is not None:
                feuille.set_height(row, height)
            feuille.set_hidden(row, is_hidden=False)
            row += 1
    return row - 1


Cells = dict[int, tuple[Contenu, int]]
"""By column, what stands there and its style."""


def _parts(cells: Cells, widths: Mapping[int, float]) -> Iterator[tuple[Cells, int]]:
    """A row in rows that Excel can show, each with its lines; what is no long text stands in the first."""
    most = int(HEIGHT_MAX / LINE_POINTS)
    left = {column: value.split("\n") for column, (value, _) in cells.items() if isinstance(value, str)}
    is_first = True
    while is_first or any(left.values()):
        piece: Cells = {}
        highest = 1
        for column, (value, style) in cells.items():
            if column not in left:
                piece[column] = (value if is_first else None, style)
                continue
            taken: list[str] = []
            lines = 0
            while left[column] and (not taken or lines + count_lines(left[column][0], widths[column]) <= most):
                lines += count_lines(left[column][0], widths[column])
                taken.append(left[column].pop(0))
            piece[column] = ("\n".join(taken) or None, style)
            highest = max(highest, lines)
        yield piece, highest
        is_first = False


def _has_merges(feuille: Feuille, rows: Sequence[int]) -> bool:
    return any(one.top <= rows[-1] and one.bottom >= rows[0] for one in feuille.merged())
