"""The monthly recap of one year: rows in, workbook bytes out. It decides what is written; ``classeur`` writes it.

Our columns are found by their heading, wherever people moved them; every other column, row and sheet is theirs. A row
is known by its key, never inserted, deleted or sorted. The hidden column « Empreinte » remembers what we wrote, and
what each cell said when the month was last posted.
"""

import hashlib
import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from toolkit import french, tree
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.errors import Problem, avertissement, erreur
from toolkit.registres.classeur import Classeur
from toolkit.registres.feuille import Contenu, Feuille, clean_text
from toolkit.registres.lignes import COLONNES, Ligne
from toolkit.registres.paquet import Incompris
from toolkit.registres.plages import cell_name, letters
from toolkit.registres.styles import CHANGED, MISSING
from toolkit.registres.tableur import POINTS_PER_LINE, new_workbook, read_back, shift_formula

ANNULES = "Annulés"
"""The sheet of the bookings that were cancelled and posted as such."""
NOTRES = {
    "observations": "Observations accueil",
    "modifications": "Modifications",
    "cle": "Clé",
    "empreinte": "Empreinte",
}
"""Columns beside those of the dossier, in the order in which a new workbook shows them: key → heading."""

_TITLES = {Typologie.GROUPE: "Récap groupes", Typologie.INDIVIDUEL: "Récap individuels"}
HEADER_SEARCH_ROWS = 12
_ADOPTED_HEADINGS = 3
"""Headings of office.toml that a row must show to be the head of a month."""
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
    "observations": 15,
    "modifications": 30,
    "cle": 14,
    "empreinte": 14,
}
"""Characters: together they fill A4 landscape at a size that can be read on a wall."""
_COUNTS = ("personnes", "chauffeurs", "enfants")
POSTED_MAX = 300
"""Characters that are remembered of what a cell said when it was last posted."""
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
    try:
        book = _open(_new(typologie, annee) if content is None else content, typologie, annee, jour, reglages)
        if not book.has_sheets({one.mois for one in lignes}):
            return refuse(f"aucune feuille avec une colonne « {NOTRES['cle']} »")
        ordered = sorted(lignes, key=lambda one: (one.debut, one.heure, one.cle))
        book.find_rows({one.cle for one in ordered})
        for one in ordered:
            book.put(one, (emportes or {}).get(one.cle))
        if not book.changements and (content is not None or book.problems):
            return Synced(None, problems=book.problems)
        saved = book.classeur.saved()
    except Incompris as reason:
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
        book = _open(content, typologie, annee, date.min, reglages)
        book.find_rows(cles)
        taken: dict[str, Emporte] = {}
        for cle, places in book.rows.items():
            taken[cle] = Emporte(f"récapitulatif {annee}", book.human_cells(*places[0]))
            for sheet, row in places:
                book.empty(sheet, row, sheet.headings)
            book.changements.append(f"{cle} passé dans « {vers} »")
        saved = book.classeur.saved() if taken else None
    except Incompris as reason:
        return refuse(str(reason)), {}
    return Synced(saved, tuple(book.changements)), taken


def cles(content: bytes, typologie: Typologie, annee: int, reglages: ReglagesRecap | None = None) -> set[str]:
    """The keys of every row; none for a workbook that cannot be read."""
    try:
        book = _open(content, typologie, annee, date.min, reglages)
        book.find_rows(None)
    except Incompris:
        return set()
    return set(book.rows)


def _open(content: bytes, typologie: Typologie, annee: int, jour: date, reglages: ReglagesRecap | None) -> "Book":
    return Book(Classeur(content, shift_formula), typologie, annee, jour, reglages or ReglagesRecap())


def check(synced: Synced) -> str | None:
    """Read back what was written with another program's eyes: None, or why it must not be put in place."""
    assert synced.content is not None
    try:
        read = read_back(synced.content, {sheet for sheet, _ in synced.ecrits})
    except Exception as error:  # openpyxl raises whatever it trips over
        return f"sa relecture échoue ({error})"
    for (sheet, row), texts in synced.ecrits.items():
        for column, text in texts.items():
            if _canonical(read[sheet][row - 1][column - 1]) != text:
                return f"{cell_name(row, column)} de « {sheet} » ne se relit pas comme elle a été écrite"
    return None


class Sheet:
    """One sheet with our columns, wherever they stand."""

    def __init__(self, feuille: Feuille, header: int, headings: Mapping[str, int], ours: Mapping[str, str]) -> None:
        self.feuille = feuille
        self.header = header
        self.headings = dict(headings)
        """Column by heading, folded."""
        self._ours = ours
        """Heading of each of our keys, folded."""

    @property
    def nom(self) -> str:
        return self.feuille.nom

    def column(self, key: str) -> int | None:
        return self.headings.get(self._ours[key])

    @property
    def ours(self) -> set[str]:
        return set(self._ours.values())

    def text(self, row: int, key: str) -> str:
        """What a cell of ours says, dates by their day."""
        column = self.column(key)
        value = None if column is None else self.feuille.read(row, column)
        if key == "date" and isinstance(value, int | float):
            value = self.feuille.to_date(value)
        return _canonical(value)


class Book:
    """The workbook as rows by key."""

    def __init__(
        self, classeur: Classeur, typologie: Typologie, annee: int, jour: date, reglages: ReglagesRecap
    ) -> None:
        self.classeur = classeur
        self.typologie = typologie
        self.annee = annee
        self.jour = jour
        self.reglages = reglages
        self.changements: list[str] = []
        self.problems: list[Problem] = []
        self.refused: set[str] = set()
        """Keys of the rows that have no place."""
        self.touched: set[str] = set()
        self.rows: dict[str, list[tuple[Sheet, int]]] = {}
        self.columns = {**COLONNES[typologie], **NOTRES}
        theirs = reglages.colonnes.model_dump(exclude_none=True)
        self.is_adopted = bool(theirs)
        self.columns |= {key: heading for key, heading in theirs.items() if key in self.columns}
        self._folded = {key: tree.fold(heading) for key, heading in self.columns.items()}
        self._sheets: dict[str, Sheet | None] = {}
        self._doubles: dict[str, list[str]] = {}

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
                heading = tree.fold(_canonical(feuille.read(row, column)))
                if heading and headings.setdefault(heading, column) != column:
                    doubles.append(heading)
            known = sum(heading in headings for heading in self._folded.values())
            if self._folded["cle"] in headings or (self.is_adopted and known >= _ADOPTED_HEADINGS):
                self._doubles[feuille.nom] = doubles
                return Sheet(feuille, row, headings, self._folded)
        return None

    def has_sheets(self, months: Collection[int]) -> bool:
        """Whether any sheet is ours; those of the months that are asked for are looked at first."""
        feuilles = sorted(self.classeur.feuilles, key=lambda feuille: self._month_of(feuille.nom) not in months)
        return any(self._sheet(feuille) for feuille in feuilles)

    def find_rows(self, cles: Collection[str] | None) -> None:
        """Where these dossiers stand, or all of them; sheets that cannot hold them are not even read."""
        for feuille in self.classeur.feuilles:
            if cles is not None and not self.classeur.may_hold(feuille, cles):
                continue
            sheet = self._sheet(feuille)
            if sheet is None:
                continue
            for row in range(sheet.header + 1, feuille.last_row + 1):
                cle = sheet.text(row, "cle")
                if not cle and self.is_adopted:
                    # A row from before the adoption says its reference where the office writes it.
                    cle = sheet.text(row, "suivi").partition("\n")[0].strip()
                    cle = cle if cles is not None and cle in cles else ""
                if cle and (cles is None or cle in cles):
                    self.rows.setdefault(cle, []).append((sheet, row))

    def month_sheet(self, mois: int) -> Sheet | None:
        """« Juin », else the one sheet whose name says that month: « Juin 2027 », « JUIN », « 06 »."""
        named = [feuille for feuille in self.classeur.feuilles if self._month_of(feuille.nom) == mois]
        exact = [feuille for feuille in named if tree.fold(feuille.nom) == tree.fold(sheet_name(mois))]
        found = [sheet for feuille in exact or named if (sheet := self._sheet(feuille))]
        return found[0] if len(found) == 1 else None

    def _month_of(self, nom: str) -> int | None:
        return parse_month(nom, self.annee)

    def written(self, lignes: Sequence[Ligne]) -> dict[tuple[str, int], dict[int, str]]:
        """What the rows that were touched must say."""
        found = {}
        for ligne in lignes:
            if ligne.cle in self.touched and ligne.annulee_le is None:
                sheet, row = self.rows[ligne.cle][0]
                columns = {sheet.column(key): _canonical(value) for key, value in ligne.valeurs.items()}
                columns[sheet.column("cle")] = ligne.cle
                found[sheet.nom, row] = {column: text for column, text in columns.items() if column}
        return found

    # --- deciding ---

    def put(self, ligne: Ligne, emporte: Emporte | None) -> None:
        """Add, update, move or strike the row of one dossier."""
        places = self.rows.get(ligne.cle, [])
        if ligne.annulee_le:
            for sheet, row in places:
                self._strike(sheet, row, ligne)
            return
        target = self.month_sheet(ligne.mois)
        fault = self._fault(ligne, target)
        if target is None or fault:
            self._refuse(ligne, fault or "")
            return
        self._complete(target)
        # The one in its month first: a copy that someone made elsewhere is not the row.
        places.sort(key=lambda place: place[0] is not target)
        if len(places) > 1:
            where = french.liste([f"« {sheet.nom} » ligne {row}" for sheet, row in places])
            self.problems.append(
                avertissement(f"{ligne.cle} est inscrit plusieurs fois ({where}) : effacer toutes ces lignes sauf une")
            )
        if not places:
            free = self._free_row(target)
            if isinstance(free, str):
                self._refuse(ligne, free)
                return
            self._fill_new(target, free, ligne, {"_nouveau": True})
            if emporte:
                self._bring(target, free, emporte)
            self.rows[ligne.cle] = [(target, free)]
            self._note_change(ligne, f"inscrit en {french.MOIS[ligne.mois - 1]}")
            return
        sheet, row = places[0]
        if sheet is not target:
            free = self._free_row(target)
            if isinstance(free, str):
                self._refuse(ligne, free)
                return
            self._move(sheet, row, target, free, ligne)
            sheet, row = target, free
        self._update(sheet, row, ligne)

    def _refuse(self, ligne: Ligne, reason: str) -> None:
        self.problems.append(erreur(f"{ligne.cle} : {reason}"))
        self.refused.add(ligne.cle)

    def _note_change(self, ligne: Ligne, sentence: str) -> None:
        self.touched.add(ligne.cle)
        self.changements.append(f"{ligne.cle} {sentence}")

    def _fault(self, ligne: Ligne, target: Sheet | None) -> str | None:
        """Why a row cannot be written without harm to what people did, or None."""
        if target is None:
            return f"pas de feuille « {sheet_name(ligne.mois)} » avec une colonne « {self.columns['cle']} »"
        doubles = [heading for heading in self._doubles[target.nom] if heading in self._folded.values()]
        if doubles:
            key = next(key for key, heading in self._folded.items() if heading == doubles[0])
            heading = self.columns[key]
            return f"la feuille « {target.nom} » a deux colonnes « {heading} » : renommer celle qui a été ajoutée"
        return None

    def _complete(self, sheet: Sheet) -> None:
        """Give a sheet that the office has adopted the columns without which no row is known again."""
        if sheet.column("cle"):
            return
        feuille = sheet.feuille
        for key in ("modifications", "cle", "empreinte"):
            if sheet.column(key):
                continue
            # Right beside theirs: people sort what stands together.
            last = max(sheet.headings.values())
            column = last + 1
            if any(feuille.read(row, column) is not None for row in range(sheet.header, feuille.last_row + 1)):
                raise Incompris(
                    f"la colonne {letters(column)} de la feuille « {sheet.nom} » est occupée mais n'a pas de titre : "
                    "lui en donner un"
                )
            feuille.write(sheet.header, column, self.columns[key], feuille.style(sheet.header, last))
            self.classeur.widen_table(feuille, sheet.header, column, self.columns[key])
            if key != "modifications":
                feuille.hide_column(column, _WIDTHS[key])
            sheet.headings[self._folded[key]] = column

    def _free_row(self, sheet: Sheet) -> int | str:
        """The row below the last one used, or the reason why there is none."""
        feuille = sheet.feuille
        table = self.classeur.table_around(feuille, sheet.header, sheet.headings[self._folded["cle"]])
        if table is None:
            last = feuille.last_row
            while last > sheet.header and not self.is_used(sheet, last):
                last -= 1
            # A value written into a merged cell would be lost.
            return max([last, *(one.bottom for one in feuille.merged() if one.bottom > sheet.header)]) + 1
        plage, totals = table
        last = plage.bottom - totals
        while last > sheet.header and not self.is_used(sheet, last):
            last -= 1
        row = last + 1
        if row <= plage.bottom - totals:
            return row
        if totals:
            return (
                f"le tableau de la feuille « {sheet.nom} » n'a plus de ligne vide au-dessus de ses totaux : "
                "y insérer une ligne dans Excel"
            )
        if self.is_used(sheet, row) or any(one.holds_row(row) for one in feuille.merged()):
            return (
                f"le tableau de la feuille « {sheet.nom} » n'a plus de ligne vide et quelque chose est écrit "
                "juste dessous : y insérer une ligne dans Excel"
            )
        return row

    def is_used(self, sheet: Sheet, row: int) -> bool:
        """Whether a row holds more than formulas drawn down in advance in the columns of people."""
        ours = [column for heading, column in sheet.headings.items() if heading in sheet.ours]
        return any(
            sheet.feuille.read(row, column) is not None
            and (column in ours or not sheet.feuille.has_formula(row, column))
            for column in sheet.feuille.columns(row)
        )

    # --- writing ---

    def _fill_new(self, sheet: Sheet, row: int, ligne: Ligne, memory: dict[str, Any]) -> None:
        feuille, styles = sheet.feuille, self.classeur.styles
        model = self._model(sheet, row)
        if model is not None:
            feuille.copy_row_look(model, row)
            self.classeur.grow(feuille, model, row)
            for key in self.columns:
                if column := sheet.column(key):
                    plain = styles.variant(feuille.style(row, column), fill="", is_struck=False)
                    feuille.set_style(row, column, plain)
        self.classeur.grow_print_area(feuille, row)
        for key in COLONNES[self.typologie]:
            self._set(sheet, row, key, ligne, MISSING if ligne.valeurs[key] is None else "")
        self._write(sheet, row, "cle", ligne.cle)
        self._remember(sheet, row, ligne, memory)
        feuille.set_height(row, self._points(sheet, ligne))

    def _model(self, sheet: Sheet, row: int) -> int | None:
        """The row whose look a new one takes: the nearest above with a key, else the one just above."""
        for above in range(row - 1, sheet.header, -1):
            if sheet.text(above, "cle"):
                return above
        return row - 1 if row - 1 > sheet.header and sheet.feuille.columns(row - 1) else None

    def _set(self, sheet: Sheet, row: int, key: str, ligne: Ligne, fill: str | None) -> None:
        """Write one value of a dossier, and its mark."""
        column = sheet.column(key)
        if column is None:
            return
        number_format = self._day_format(sheet, row, column, ligne) if key == "date" else None
        value = ligne.valeurs[key]
        style = self.classeur.styles.variant(
            sheet.feuille.style(row, column),
            fill=fill,
            number_format=number_format,
            is_quoted=isinstance(value, str) and bool(_RETYPED.match(value)),
        )
        sheet.feuille.write(row, column, value, style)

    def _write(self, sheet: Sheet, row: int, key: str, value: str | None) -> None:
        if column := sheet.column(key):
            sheet.feuille.write(row, column, value)

    def _day_format(self, sheet: Sheet, row: int, column: int, ligne: Ligne) -> str | None:
        """How the first day is shown, the last one beside it; None for a format that people chose."""
        if ligne.fin > ligne.debut:
            return f'dd/mm" – {ligne.fin:%d/%m}"'
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
            said.append(f"« {self.columns['date']} » : jusqu'au {ligne.fin:%d/%m}")
            self._set(sheet, row, "date", ligne, CHANGED if self.reglages.marquer_modifications else "")
        if memory.pop("_annule", None):
            self._set_struck(sheet, row, is_struck=False)
            said.append("RÉTABLI")
        if not sheet.text(row, "cle"):
            self._write(sheet, row, "cle", ligne.cle)
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
        for key in COLONNES[self.typologie]:
            old, new = sheet.text(row, key), _canonical(ligne.valeurs[key])
            if sheet.column(key) is None or old == new:
                continue
            heading = self.columns[key]
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
        if ligne.annulee_le is None or memory.get("_annule") or tree.fold(sheet.nom) == tree.fold(ANNULES):
            return
        self._set_struck(sheet, row, is_struck=True)
        self._say(sheet, row, [f"ANNULÉ le {french.date_courte(ligne.annulee_le)}"])
        self.set_memory(sheet, row, {**memory, "_annule": ligne.annulee_le.isoformat()})
        self._note_change(ligne, f"annulé le {french.date_courte(ligne.annulee_le)}")

    def _set_struck(self, sheet: Sheet, row: int, *, is_struck: bool) -> None:
        for key in COLONNES[self.typologie]:
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
        self._carry(source, row, target, new_row)
        notes = [f"note restée en « {source.nom} » {cell_name(row, at)} : {text}" for at, text in left.items()]
        self._say(target, new_row, [f"déplacé de la feuille « {source.nom} »", *typed, *notes])
        self.rows[ligne.cle] = [(target, new_row)]
        self._note_change(ligne, f"déplacé de « {source.nom} » à « {target.nom} »")

    def _carry(self, source: Sheet, row: int, target: Sheet, new_row: int) -> None:
        """What people wrote on a row follows it where the new sheet has their column, and stays where it has not."""
        taken = {*COLONNES[self.typologie], "cle", "empreinte"}
        leaving = {self._folded[key] for key in taken}
        for heading, column in source.headings.items():
            new = target.headings.get(heading)
            if heading in leaving or new is None or column not in source.feuille.columns(row):
                continue
            leaving.add(heading)
            value, style = source.feuille.read(row, column), source.feuille.style(row, column)
            if source.feuille.has_formula(row, column):
                moved = shift_formula(str(value)[1:], cell_name(row, column), cell_name(new_row, new))
                target.feuille.write_formula(new_row, new, moved, style)
            elif value is not None or target.feuille.read(new_row, new) is None:
                target.feuille.write(new_row, new, value, style)
        self.empty(source, row, leaving)

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
        """Take a row whole to the sheet « Annulés », which is made when it is first needed."""
        target = self._annules(sheet)
        new_row = max(target.feuille.last_row, target.header) + 1
        for heading, column in sheet.headings.items():
            if column not in sheet.feuille.columns(row):
                continue
            if heading not in target.headings:
                self._add_heading(target, sheet, heading)
            value, style = sheet.feuille.read(row, column), sheet.feuille.style(row, column)
            new = target.headings[heading]
            if sheet.feuille.has_formula(row, column):
                moved = shift_formula(str(value)[1:], cell_name(row, column), cell_name(new_row, new))
                target.feuille.write_formula(new_row, new, moved, style)
            else:
                target.feuille.write(new_row, new, value, style)
        self.empty(sheet, row, sheet.headings)

    def _annules(self, model: Sheet) -> Sheet:
        for feuille in self.classeur.feuilles:
            if tree.fold(feuille.nom) == tree.fold(ANNULES):
                if sheet := self._sheet(feuille):
                    return sheet
                raise Incompris(f"sa feuille « {feuille.nom} » n'a pas de colonne « {self.columns['cle']} »")
        sheet = Sheet(self.classeur.add_sheet(ANNULES, model.feuille), 1, {}, self._folded)
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

    def human_cells(self, sheet: Sheet, row: int) -> dict[str, Contenu]:
        """What people wrote on a row, and its « Modifications », by folded heading."""
        ours = {self._folded[key] for key in (*COLONNES[self.typologie], "cle", "empreinte")}
        found: dict[str, Contenu] = {}
        for heading, column in sheet.headings.items():
            value = sheet.feuille.read(row, column)
            if heading not in ours and value is not None:
                found[heading] = value
        return found

    def _bring(self, sheet: Sheet, row: int, emporte: Emporte) -> None:
        """What came with the row from another workbook; what has no column here is told in « Modifications »."""
        said = [f"venu du {emporte.origine}"]
        for heading, value in emporte.cellules.items():
            column = sheet.headings.get(heading)
            if heading == self._folded["modifications"]:
                self._write(sheet, row, "modifications", _canonical(value))
            elif column and not str(value).startswith("="):
                sheet.feuille.write(row, column, value)
            else:
                said.append(f"« {heading} » : {_canonical(value)}")
        self._say(sheet, row, said)

    def _say(self, sheet: Sheet, row: int, said: Sequence[str]) -> None:
        lines = [sheet.text(row, "modifications"), *(f"{french.date_courte(self.jour)} – {one}" for one in said)]
        text = "\n".join(filter(None, lines))
        while clean_text(text) != text and "\n" in text:
            # A cell has its limits: the oldest changes leave first.
            text = text.partition("\n")[2]
        self._write(sheet, row, "modifications", text)

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
        text = json.dumps(
            {key: value for key, value in memory.items() if value}, ensure_ascii=False, separators=(",", ":")
        )
        self._write(sheet, row, "empreinte", text)

    def _remember(self, sheet: Sheet, row: int, ligne: Ligne, memory: Mapping[str, Any]) -> None:
        """What we wrote, so that what a human types over it is told from what the dossier changed."""
        hashes = {key: _hash(_canonical(ligne.valeurs[key])) for key in COLONNES[self.typologie]}
        self.set_memory(sheet, row, {**memory, **hashes, "_fin": ligne.fin.isoformat()})

    def _points(self, sheet: Sheet, ligne: Ligne) -> float:
        """The height that the longest cell of a row needs, by the widths of its columns."""
        return POINTS_PER_LINE * max(
            (
                _count_lines(_canonical(ligne.valeurs[key]), sheet.feuille.width(column))
                for key in COLONNES[self.typologie]
                if key != "date" and (column := sheet.column(key))
            ),
            default=1,
        )


def _canonical(value: object) -> str:
    """A cell's value as text that can be compared and hashed, whether read or about to be written."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else clean_text(str(value))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _count_lines(text: str, width: float) -> int:
    # A width is counted in letters of 11 points; ours are of 9.
    return sum(max(1, math.ceil(len(line) / (max(width, 1) * 1.3))) for line in text.split("\n"))


@cache
def parse_month(nom: str, annee: int | None = None) -> int | None:
    """The month that the name of a sheet says, « Janv. », « JANVIER 2026 », « 06 - Juin »; None for another year."""
    words = re.findall(r"[^\W\d_]+|\d+", nom)
    if annee and any(re.fullmatch(r"20\d\d", word) and int(word) != annee for word in words):
        return None
    months = {month for word in words if (month := tree.parse_mois(word))}
    return months.pop() if len(months) == 1 else None


def sheet_name(mois: int) -> str:
    return french.MOIS[mois - 1].capitalize()


def _new(typologie: Typologie, annee: int) -> bytes:
    columns = {**COLONNES[typologie], **NOTRES}
    return new_workbook(
        {sheet_name(mois): f"{_TITLES[typologie]} – {sheet_name(mois)} {annee}" for mois in range(1, 13)},
        {heading: _WIDTHS[key] for key, heading in columns.items()},
        {heading for key, heading in columns.items() if key in _COUNTS},
        printed=len(COLONNES[typologie]) + 1,
    )
