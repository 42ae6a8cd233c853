"""The monthly recap of one year: rows in, workbook bytes out. It decides what is written; ``excel_workbook`` writes it.

A row is known by its key, never inserted, deleted or sorted. The dossier wins over our columns; what people typed
there is kept in « Modifications ». The hidden column « Empreinte » remembers what we wrote, and what each cell said
when the month was last posted.
"""

import hashlib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.errors import Problem, avertissement, erreur
from toolkit.formats.excel_ranges import cell_name
from toolkit.formats.excel_sheet import Contenu, clean_text
from toolkit.formats.excel_xml import understood
from toolkit.formats.package import PackageRefused
from toolkit.registres.lignes import Ligne
from toolkit.registres.livre import (
    ANNULES,
    CHANGED,
    MISSING,
    POSTED_MAX,
    Book,
    RowRefused,
    Sheet,
    canonical,
    sheet_name,
)
from toolkit.registres.vierge import LINE_POINTS, vierge

_COUNT_FORMAT = "0"
_DAY_FORMAT = "[$-40C]ddd dd/mm"
"""French day names whatever the language of the desktop."""
_SEVERAL_DAYS = re.compile(r'dd/mm" – \d\d/\d\d"')
_RETYPED = re.compile(r"[=+\-@'#\d(]|(?:vrai|faux|true|false)\b", re.IGNORECASE)
"""How a text begins that Excel would take for something else once someone types Enter on it."""


@dataclass(frozen=True)
class Synced:
    """What a sync gives back."""

    content: bytes | None
    """The new workbook, or None when nothing has to be written."""
    changements: tuple[str, ...] = ()
    """One sentence per row added, changed or struck."""
    problems: list[Problem] = field(default_factory=list)
    is_refused: bool = False
    """Whether the workbook cannot be edited at all, as the first of the problems says."""
    ecrits: Mapping[tuple[str, int], Mapping[int, str]] = field(default_factory=dict)
    """What ``check`` must find: by sheet and row, the text of each column of ours."""


@dataclass(frozen=True)
class Emporte:
    """What people wrote on the row of a dossier that leaves a workbook for another one."""

    origine: str
    """The workbook it leaves, as people call it."""
    cellules: Mapping[str, Contenu]
    """By heading."""


def sync(
    content: bytes | None,
    lignes: Sequence[Ligne],
    typologie: Typologie,
    annee: int,
    jour: date,
    reglages: ReglagesRecap | None = None,
    emportes: Mapping[str, Emporte] | None = None,
) -> Synced:
    """Bring the workbook of one typologie and year up to these rows; rows of other dossiers stay as they are.

    ``content`` None makes a new workbook; ``jour`` dates the changes; ``emportes`` is, by key, what comes with a row
    from another workbook.
    """
    before = vierge(typologie, annee, jour) if content is None else content
    try:
        with understood():
            book = _Sync(before, typologie, annee, reglages or ReglagesRecap(), jour)
            if not book.has_sheets({one.mois for one in lignes}):
                return refuse(f"aucune feuille avec une colonne « {book.titres['cle']} »")
            ordered = sorted(lignes, key=lambda one: (one.debut, one.heure, one.cle))
            book.find_rows({one.cle for one in ordered})
            for one in ordered:
                book.put(one, (emportes or {}).get(one.cle))
            if not book.changements and (content is not None or book.problems):
                return Synced(None, problems=book.problems)
            saved = book.classeur.saved()
    except PackageRefused as reason:
        return refuse(str(reason))
    return Synced(saved, tuple(book.changements), book.problems, ecrits=book.written(ordered))


def refuse(reason: str) -> Synced:
    """The workbook stays as it is, and why."""
    return Synced(None, problems=[erreur(f"classeur laissé tel quel : {reason}")], is_refused=True)


def withdraw(
    content: bytes,
    cles: Collection[str],
    vers: str,
    typologie: Typologie,
    annee: int,
    reglages: ReglagesRecap | None = None,
) -> tuple[Synced, dict[str, Emporte]]:
    """Empty the rows of dossiers that are entered in another workbook, ``vers``, and give what people wrote there."""
    try:
        with understood():
            book = Book(content, typologie, annee, reglages or ReglagesRecap())
            book.find_rows(cles)
            taken: dict[str, Emporte] = {}
            for cle, places in book.rows.items():
                taken[cle] = Emporte(f"récapitulatif {annee}", book.human_cells(*places[0]))
                for sheet, row in places:
                    book.empty(sheet, row, sheet.headings)
            saved = book.classeur.saved() if taken else None
    except PackageRefused as reason:
        return refuse(str(reason)), {}
    return Synced(saved, tuple(f"{cle} passé dans « {vers} »" for cle in taken)), taken


def cles(content: bytes, typologie: Typologie, annee: int, reglages: ReglagesRecap | None = None) -> set[str]:
    """The keys of every row; none for a workbook that cannot be read."""
    try:
        with understood():
            book = Book(content, typologie, annee, reglages or ReglagesRecap())
            book.find_rows(None)
    except PackageRefused:
        return set()
    return set(book.rows)


def check(synced: Synced) -> str | None:
    """Read back what was written with another program's eyes: None, or why it must not be put in place."""
    from toolkit.formats.openpyxl_parts import read_back

    assert synced.content is not None
    try:
        read = read_back(synced.content, {sheet for sheet, _ in synced.ecrits})
    except Exception as error:  # openpyxl raises whatever it trips over
        return f"sa relecture échoue ({error})"
    for (sheet, row), texts in synced.ecrits.items():
        for column, text in texts.items():
            if canonical(read[sheet][row - 1][column - 1]) != text:
                return f"{cell_name(row, column)} de « {sheet} » ne se relit pas comme elle a été écrite"
    return None


class _Sync(Book):
    """One sync: the workbook, and what was done to it."""

    def __init__(self, content: bytes, typologie: Typologie, annee: int, reglages: ReglagesRecap, jour: date) -> None:
        super().__init__(content, typologie, annee, reglages)
        self.jour = jour
        self.changements: list[str] = []
        self.problems: list[Problem] = []
        self.touched: set[str] = set()
        """Keys of the rows that were written."""

    def put(self, ligne: Ligne, emporte: Emporte | None) -> None:
        """Add, update, move or strike the row of one dossier."""
        places = self.rows.get(ligne.cle, [])
        if ligne.annulee_le:
            for sheet, row in places:
                self._strike(sheet, row, ligne)
            return
        try:
            self._place(ligne, places, emporte)
        except RowRefused as refusal:
            self.problems.append(erreur(f"{ligne.cle} : {refusal}"))

    def _place(self, ligne: Ligne, places: list[tuple[Sheet, int]], emporte: Emporte | None) -> None:
        """Add, update or move the row; raises RowRefused before anything is written of it."""
        target = self._sheet_for(ligne)
        self.complete(target)
        # The one in its month first: a copy that someone made elsewhere is not the row.
        places.sort(key=lambda place: place[0] is not target)
        if len(places) > 1:
            where = french.liste([f"« {sheet.nom} » ligne {row}" for sheet, row in places])
            self.problems.append(
                avertissement(f"{ligne.cle} est inscrit plusieurs fois ({where}) : effacer toutes ces lignes sauf une")
            )
        if not places:
            free = self.free_row(target)
            self._fill_new(target, free, ligne, {"_nouveau": True})
            if emporte:
                self._bring(target, free, emporte)
            self.rows[ligne.cle] = [(target, free)]
            self._note_change(ligne, f"inscrit en {french.MOIS[ligne.mois - 1]}")
            return
        sheet, row = places[0]
        if sheet is not target:
            free = self.free_row(target)
            self._move(sheet, row, target, free, ligne)
            sheet, row = target, free
        self._update(sheet, row, ligne)

    def _note_change(self, ligne: Ligne, sentence: str) -> None:
        self.touched.add(ligne.cle)
        self.changements.append(f"{ligne.cle} {sentence}")

    def _sheet_for(self, ligne: Ligne) -> Sheet:
        """The sheet of its month; raises RowRefused when it cannot be written without harm to what people did."""
        target = self.month_sheet(ligne.mois)
        if target is None:
            raise RowRefused(f"pas de feuille « {sheet_name(ligne.mois)} » avec une colonne « {self.titres['cle']} »")
        doubles = [heading for heading in self.doubles[target.nom] if heading in self.folded.values()]
        if doubles:
            key = next(key for key, heading in self.folded.items() if heading == doubles[0])
            heading = self.titres[key]
            raise RowRefused(
                f"la feuille « {target.nom} » a deux colonnes « {heading} » : renommer celle qui a été ajoutée"
            )
        return target

    def _fill_new(self, sheet: Sheet, row: int, ligne: Ligne, memory: dict[str, Any]) -> None:
        feuille, styles = sheet.feuille, self.classeur.styles
        model = self.model_above(sheet, row)
        if model is not None:
            feuille.copy_row_look(model, row)
            self.classeur.grow(feuille, model, row)
            for key in self.titres:
                if column := sheet.column(key):
                    plain = styles.variant(feuille.style(row, column), fill="", is_struck=False)
                    feuille.set_style(row, column, plain)
        self.classeur.grow_print_area(feuille, row)
        for key in self.deduites:
            self._set(sheet, row, key, ligne, MISSING if ligne.valeurs[key] is None else "")
        self.write(sheet, row, "cle", ligne.cle)
        self._remember(sheet, row, ligne, memory)
        feuille.set_height(row, self._points(sheet, ligne))

    def _set(self, sheet: Sheet, row: int, key: str, ligne: Ligne, fill: str | None) -> None:
        """Write one value of a dossier, and its mark."""
        column = sheet.column(key)
        if column is None:
            return
        value = ligne.valeurs[key]
        number_format = None
        if self.colonnes[key].nature == "jour":
            last = ligne.fin if key == "date" and ligne.fin > ligne.debut else None
            number_format = self._day_format(sheet, row, column, last)
        elif isinstance(value, int) and self.classeur.styles.is_date(sheet.feuille.style(row, column)):
            number_format = _COUNT_FORMAT  # a cell once dragged over a day would show 01/01/1900 for one driver
        style = self.classeur.styles.variant(
            sheet.feuille.style(row, column),
            fill=fill,
            number_format=number_format,
            is_quoted=isinstance(value, str) and bool(_RETYPED.match(value)),
        )
        sheet.feuille.write(row, column, value, style)

    def _day_format(self, sheet: Sheet, row: int, column: int, last: date | None) -> str | None:
        """How a day is shown, the last one of several beside it; None for a format that people chose."""
        if last:
            return f'dd/mm" – {last:%d/%m}"'
        style = sheet.feuille.style(row, column)
        is_several = _SEVERAL_DAYS.fullmatch(self.classeur.styles.number_format(style))
        return _DAY_FORMAT if is_several or not self.classeur.styles.is_date(style) else None

    def _update(self, sheet: Sheet, row: int, ligne: Ligne) -> None:
        """The dossier wins over our columns; what a human typed there is kept in « Modifications »."""
        memory = self.memory(sheet, row)
        posted = memory.setdefault("_avant", {})
        said: list[str] = []
        for key, old, sentence, _ in self._differences(sheet, row, ligne):
            said.append(sentence)
            posted.setdefault(key, old[:POSTED_MAX])
            mark = CHANGED if self.reglages.marquer_modifications else ""
            self._set(sheet, row, key, ligne, MISSING if ligne.valeurs[key] is None else mark)
        if memory.get("_fin", ligne.fin.isoformat()) != ligne.fin.isoformat():
            said.append(f"« {self.titres['date']} » : jusqu'au {ligne.fin:%d/%m}")
            self._set(sheet, row, "date", ligne, CHANGED if self.reglages.marquer_modifications else "")
        if memory.pop("_annule", None):
            self._set_struck(sheet, row, is_struck=False)
            said.append("RÉTABLI")
        if not sheet.text(row, "cle"):
            self.write(sheet, row, "cle", ligne.cle)
            said.append("ligne reconnue")
        if said:
            self._say(sheet, row, said)
            self._remember(sheet, row, ligne, memory)
            height, needed = sheet.feuille.height(row), self._points(sheet, ligne)
            if height is not None and height < needed and not sheet.feuille.is_hidden(row):
                sheet.feuille.set_height(row, needed)
            self._note_change(ligne, f": {' ; '.join(said)}")

    def _differences(self, sheet: Sheet, row: int, ligne: Ligne) -> list[tuple[str, str, str, bool]]:
        """Key, old text and sentence of each of our values that is another one now, and whether a human typed it."""
        remembered = self.memory(sheet, row)
        found = []
        for key in self.deduites:
            old, new = sheet.text(row, key), canonical(ligne.valeurs[key])
            if sheet.column(key) is None or old == new:
                continue
            heading = self.titres[key]
            is_typed = key in remembered and remembered[key] != _hash(old)
            if is_typed:
                sentence = f"« {heading} » : « {old} » saisi à la main, remis à « {new} »"
                self.problems.append(
                    avertissement(f"{ligne.cle} : {sentence}. La source est dossier.toml : y corriger la valeur")
                )
            else:
                sentence = f"« {heading} » : {old or 'vide'} → {new or 'vide'}"
            found.append((key, old, sentence, is_typed))
        return found

    def _strike(self, sheet: Sheet, row: int, ligne: Ligne) -> None:
        memory = self.memory(sheet, row)
        if ligne.annulee_le is None or memory.get("_annule") or french.fold(sheet.nom) == french.fold(ANNULES):
            return
        self._set_struck(sheet, row, is_struck=True)
        self._say(sheet, row, [f"ANNULÉ le {french.date_courte(ligne.annulee_le)}"])
        self.set_memory(sheet, row, {**memory, "_annule": ligne.annulee_le.isoformat()})
        self._note_change(ligne, f"annulé le {french.date_courte(ligne.annulee_le)}")

    def _set_struck(self, sheet: Sheet, row: int, *, is_struck: bool) -> None:
        for key in self.deduites:
            if column := sheet.column(key):
                style = sheet.feuille.style(row, column)
                sheet.feuille.set_style(row, column, self.classeur.styles.variant(style, is_struck=is_struck))

    def _move(self, source: Sheet, row: int, target: Sheet, new_row: int, ligne: Ligne) -> None:
        """Another month: the row is written whole in its new sheet, then emptied in the old one."""
        typed = [sentence for _, _, sentence, is_typed in self._differences(source, row, ligne) if is_typed]
        memory = self.memory(source, row)
        memory.setdefault("_avant", {})["_feuille"] = source.nom
        self._fill_new(target, new_row, ligne, memory)
        left = self.classeur.notes(source.feuille, row)
        self.carry(source, row, target, new_row)
        notes = [f"note restée en « {source.nom} » {cell_name(row, at)} : {text}" for at, text in left.items()]
        self._say(target, new_row, [f"déplacé de la feuille « {source.nom} »", *typed, *notes])
        self.rows[ligne.cle] = [(target, new_row)]
        self._note_change(ligne, f"déplacé de « {source.nom} » à « {target.nom} »")

    def _bring(self, sheet: Sheet, row: int, emporte: Emporte) -> None:
        """What came with the row from another workbook; what has no column here is told in « Modifications »."""
        said = [f"venu du {emporte.origine}"]
        for heading, value in emporte.cellules.items():
            column = sheet.headings.get(heading)
            if heading == self.folded["modifications"]:
                self.write(sheet, row, "modifications", canonical(value))
            elif column and not str(value).startswith("="):
                sheet.feuille.write(row, column, value)
            else:
                said.append(f"« {heading} » : {canonical(value)}")
        self._say(sheet, row, said)

    def _say(self, sheet: Sheet, row: int, said: Sequence[str]) -> None:
        lines = [sheet.text(row, "modifications"), *(f"{french.date_courte(self.jour)} – {one}" for one in said)]
        text = "\n".join(filter(None, lines))
        while clean_text(text) != text and "\n" in text:
            # A cell has its limits: the oldest changes leave first.
            text = text.partition("\n")[2]
        self.write(sheet, row, "modifications", text)

    def _remember(self, sheet: Sheet, row: int, ligne: Ligne, memory: Mapping[str, Any]) -> None:
        """What we wrote, so that what a human types over it is told from what the dossier changed."""
        hashes = {key: _hash(canonical(ligne.valeurs[key])) for key in self.deduites}
        self.set_memory(sheet, row, {**memory, **hashes, "_fin": ligne.fin.isoformat()})

    def _points(self, sheet: Sheet, ligne: Ligne) -> float:
        """The height that the longest cell of a row needs, by the widths of its columns."""
        return LINE_POINTS * max(
            (
                _count_lines(canonical(ligne.valeurs[key]), sheet.feuille.width(column))
                for key in self.deduites
                if self.colonnes[key].nature != "jour" and (column := sheet.column(key))
            ),
            default=1,
        )

    def written(self, lignes: Sequence[Ligne]) -> dict[tuple[str, int], dict[int, str]]:
        """What the rows that were touched must say."""
        found = {}
        for ligne in lignes:
            if ligne.cle in self.touched and ligne.annulee_le is None:
                sheet, row = self.rows[ligne.cle][0]
                columns = {sheet.column(key): canonical(value) for key, value in ligne.valeurs.items()}
                columns[sheet.column("cle")] = ligne.cle
                found[sheet.nom, row] = {column: text for column, text in columns.items() if column}
        return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _count_lines(text: str, width: float) -> int:
    # A width is counted in letters of 11 points; ours are of 9.
    return sum(max(1, math.ceil(len(line) / (max(width, 1) * 1.3))) for line in text.split("\n"))
