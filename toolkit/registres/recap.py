"""The monthly recap of one year: rows in, workbook bytes out. It decides what is written; ``excel_workbook`` writes it.

A row is known by its key, never inserted, deleted or sorted. The dossier wins over our columns; what people typed
there is kept in « Modifications ». The hidden column « Empreinte » remembers what we wrote, and what each cell said
when the month was last posted.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
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
from toolkit.registres.vierge import HEIGHT_MAX, LINE_POINTS, count_lines, vierge

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
    from another workbook. What was written is read back: a workbook that says something else is refused.
    """
    before = vierge(typologie, annee, jour) if content is None else content
    try:
        with understood():
            book = _Sync(before, typologie, annee, reglages or ReglagesRecap(), jour)
            if not book.has_sheets({one.mois for one in lignes}):
                return refuse(f"aucune feuille avec une colonne « {book.titres['cle']} »")
            ordered = sorted(lignes, key=lambda one: (one.debut, one.heure, one.cle))
            book.find_rows({one.cle for one in ordered})
            book.changements += [f"{cle} : sa clé a suivi sa ligne, qui a été déplacée" for cle in book.suivies]
            book.tell_doubtful()
            for one in ordered:
                emporte = (emportes or {}).get(one.cle)
                if one.cle in book.douteuses:
                    continue
                if one.annulee_le:
                    book.strike(one.cle, one.annulee_le)
                elif (one.is_attendue or emporte or one.cle in book.rows) and (place := book.place(one)):
                    if place.is_free:
                        book.fill(place, one)
                        book.bring_along(place, one, emporte)
                    elif emporte and book.unpack(place.sheet, place.row, emporte):
                        # It stood in both workbooks, while the other could not be read or written.
                        book.changements.append(f"{one.cle} complété de ce qui était au {emporte.origine}")
                    if place.before:
                        book.update(place, one)
            if not book.changements and (content is not None or book.problems):
                return Synced(None, problems=book.problems)
            saved = book.classeur.saved()
    except PackageRefused as reason:
        return refuse(str(reason))
    synced = Synced(saved, tuple(book.changements), book.problems, ecrits=book.ecrits)
    fault = check(synced)
    return refuse(fault) if fault else synced


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
        read = read_back(synced.content, _last_rows(synced.ecrits))
    except Exception as error:  # openpyxl raises whatever it trips over
        return f"sa relecture échoue ({error})"
    for (sheet, row), texts in synced.ecrits.items():
        for column, text in texts.items():
            if canonical(read[sheet][row - 1][column - 1]) != text:
                return f"{cell_name(row, column)} de « {sheet} » ne se relit pas comme elle a été écrite"
    return None


def _last_rows(places: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Of each sheet."""
    last: dict[str, int] = {}
    for sheet, row in places:
        last[sheet] = max(row, last.get(sheet, 0))
    return last


@dataclass(frozen=True)
class _Place:
    """Where the row of a dossier is to stand."""

    sheet: Sheet
    row: int
    before: tuple[Sheet, int] | None
    """Where it stands now, there or in the sheet of another month; None for a dossier that has no row yet."""

    @property
    def is_free(self) -> bool:
        """Whether nothing of the dossier stands there yet."""
        return self.before != (self.sheet, self.row)


class _Sync(Book):
    """One sync: the workbook, and what was done to it."""

    def __init__(self, content: bytes, typologie: Typologie, annee: int, reglages: ReglagesRecap, jour: date) -> None:
        super().__init__(content, typologie, annee, reglages)
        self.jour = jour
        self.changements: list[str] = []
        self.problems: list[Problem] = []
        self.ecrits: dict[tuple[str, int], dict[int, str]] = {}
        """As in ``Synced``."""

    def tell_doubtful(self) -> None:
        """Rows that show one reference and are another's underneath: they stay as they are."""
        titre = self.titres["suivi"]
        for cle, places in self.douteuses.items():
            where = french.liste([f"« {sheet.nom} » ligne {row}" for sheet, row in places])
            what = f"{cle} : sa ligne ne se reconnaît plus ({where}) ; y remettre la bonne référence dans « {titre} »"
            self.problems.append(erreur(what))

    # --- where a row goes ---

    def place(self, ligne: Ligne) -> _Place | None:
        """Where the row of a dossier goes; None when its sheet has no place for it, which the problems then tell."""
        places = self.rows.get(ligne.cle, [])
        try:
            target = self._sheet_for(ligne)
            self.complete(target)
            # The one in its month first: a copy that someone made elsewhere is not the row.
            places.sort(key=lambda place: place[0] is not target)
            if len(places) > 1:
                where = french.liste([f"« {sheet.nom} » ligne {row}" for sheet, row in places])
                what = f"{ligne.cle} est inscrit plusieurs fois ({where}) : effacer toutes ces lignes sauf une"
                self.problems.append(avertissement(what))
            before = places[0] if places else None
            if before and before[0] is target:
                return _Place(target, before[1], before)
            return _Place(target, self.free_row(target), before)
        except RowRefused as refusal:
            self.problems.append(erreur(f"{ligne.cle} : {refusal}"))
            return None

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

    # --- what it says ---

    def fill(self, place: _Place, ligne: Ligne) -> None:
        """Write a row whole where nothing stood, in the look of the one above it."""
        sheet, row, feuille = place.sheet, place.row, place.sheet.feuille
        self._copy_look(sheet, row)
        for key in self.deduites:
            if column := sheet.column(key):
                value = ligne.valeurs[key]
                style = self._style(feuille.style(row, column), key, ligne, MISSING if value is None else "")
                feuille.write(row, column, value, style)
        self.write(sheet, row, "cle", ligne.cle)
        if place.before:
            memory = self.memory(*place.before)
            memory.setdefault("_avant", {})["_feuille"] = place.before[0].nom
        else:
            memory = {"_nouveau": True}
        self._remember(sheet, row, ligne, memory)
        feuille.set_height(row, min(self._points(sheet, ligne), HEIGHT_MAX))
        self.rows[ligne.cle] = [(sheet, row)]

    def _copy_look(self, sheet: Sheet, row: int) -> None:
        """The look and the lists of the nearest row above, without its marks."""
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

    def _style(self, style: int, key: str, ligne: Ligne, mark: str) -> int:
        """The style of a cell once a value of the dossier is in it, under this mark; the rest of its look stays."""
        value = ligne.valeurs[key]
        number_format = None
        if self.colonnes[key].nature == "jour":
            number_format = self._day_format(style, ligne.fin if key == "date" and ligne.fin > ligne.debut else None)
        elif isinstance(value, int) and self.classeur.styles.is_date(style):
            number_format = _COUNT_FORMAT  # a cell once dragged over a day would show 01/01/1900 for one driver
        is_quoted = isinstance(value, str) and bool(_RETYPED.match(value))
        return self.classeur.styles.variant(style, fill=mark, number_format=number_format, is_quoted=is_quoted)

    def _day_format(self, style: int, last: date | None) -> str | None:
        """How a day is shown, the last one of several beside it; None for a format that people chose."""
        if last:
            return f'dd/mm" – {last:%d/%m}"'
        is_several = _SEVERAL_DAYS.fullmatch(self.classeur.styles.number_format(style))
        return _DAY_FORMAT if is_several or not self.classeur.styles.is_date(style) else None

    def update(self, place: _Place, ligne: Ligne) -> None:
        """The dossier wins over our columns; what a human typed there is kept in « Modifications »."""
        sheet, row, feuille = place.sheet, place.row, place.sheet.feuille
        memory = self.memory(sheet, row)
        posted = memory.setdefault("_avant", {})
        changed = CHANGED if self.reglages.marquer_modifications else ""
        marks: dict[str, str] = {}
        said: list[str] = []
        for key, old, sentence, _ in self._differences(sheet, row, ligne):
            said.append(sentence)
            posted.setdefault(key, old[:POSTED_MAX])
            marks[key] = MISSING if ligne.valeurs[key] is None else changed
        if memory.get("_fin", ligne.fin.isoformat()) != ligne.fin.isoformat():
            said.append(f"« {self.titres['date']} » : jusqu'au {ligne.fin:%d/%m}")
            marks["date"] = changed
        for key, mark in marks.items():
            if column := sheet.column(key):
                style = self._style(feuille.style(row, column), key, ligne, mark)
                feuille.write(row, column, ligne.valeurs[key], style)
        if memory.pop("_annule", None):
            self._set_struck(sheet, row, is_struck=False)
            said.append("RÉTABLI")
        if not sheet.text(row, "cle"):
            self.write(sheet, row, "cle", ligne.cle)
            said.append("ligne reconnue")
        if said:
            self._say(sheet, row, said)
            self._remember(sheet, row, ligne, memory)
            height, needed = feuille.height(row), min(self._points(sheet, ligne), HEIGHT_MAX)
            if height is not None and height < needed and not feuille.is_hidden(row):
                feuille.set_height(row, needed)
            self.changements.append(f"{ligne.cle} : {' ; '.join(said)}")

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

    def strike(self, cle: str, jour: date) -> None:
        """Strike through the row of a dossier that ended before its stay, on that day, wherever it stands."""
        annule = french.date_courte(jour)
        for sheet, row in self.rows.get(cle, []):
            memory = self.memory(sheet, row)
            if memory.get("_annule") or french.fold(sheet.nom) == french.fold(ANNULES):
                continue
            self._set_struck(sheet, row, is_struck=True)
            self._say(sheet, row, [f"ANNULÉ le {annule}"])
            self.set_memory(sheet, row, {**memory, "_annule": jour.isoformat()})
            self.changements.append(f"{cle} annulé le {annule}")

    def _set_struck(self, sheet: Sheet, row: int, *, is_struck: bool) -> None:
        for key in self.deduites:
            if column := sheet.column(key):
                style = sheet.feuille.style(row, column)
                sheet.feuille.set_style(row, column, self.classeur.styles.variant(style, is_struck=is_struck))

    # --- what comes with it ---

    def bring_along(self, place: _Place, ligne: Ligne, emporte: Emporte | None) -> None:
        """What people wrote on a row follows it, from the sheet of another month or from another workbook."""
        if place.before:
            self._move(*place.before, place, ligne)
            return
        if emporte:
            self.unpack(place.sheet, place.row, emporte)
        self.changements.append(f"{ligne.cle} inscrit en {french.MOIS[ligne.mois - 1]}")

    def _move(self, source: Sheet, row: int, place: _Place, ligne: Ligne) -> None:
        """The row stands whole in its new sheet: it is emptied in the old one."""
        typed = [sentence for _, _, sentence, is_typed in self._differences(source, row, ligne) if is_typed]
        left = self.classeur.notes(source.feuille, row)
        self.carry(source, row, place.sheet, place.row)
        notes = [f"note restée en « {source.nom} » {cell_name(row, at)} : {text}" for at, text in left.items()]
        self._say(place.sheet, place.row, [f"déplacé de la feuille « {source.nom} »", *typed, *notes])
        self.changements.append(f"{ligne.cle} déplacé de « {source.nom} » à « {place.sheet.nom} »")

    def unpack(self, sheet: Sheet, row: int, emporte: Emporte) -> bool:
        """What came with the row from another workbook; what finds no place here is told in « Modifications ».

        Nothing is written or said twice, so that a row which stands in both is gone over again; whether anything was.
        """
        former = sheet.text(row, "modifications").split("\n")
        said = [f"venu du {emporte.origine}"]
        is_changed = False
        ours = self._not_carried()  # one of the recaps shows what is a column of people in the other
        for heading, value in emporte.cellules.items():
            column, text = sheet.headings.get(heading), canonical(value)
            if heading == self.folded["modifications"]:
                if news := [line for line in text.split("\n") if line not in former]:
                    self.write(sheet, row, "modifications", "\n".join(filter(None, [*former, *news])))
                    is_changed = True
            elif not column or heading in ours or text.startswith("="):
                said.append(f"« {heading} » : {text}")
            elif (here := sheet.feuille.read(row, column)) is None:
                sheet.feuille.write(row, column, value)
                is_changed = True
            elif canonical(here) != text:
                said.append(f"« {heading} » : {text}")
        if news := [one for one in said if not any(line.endswith(f" – {one}") for line in former)]:
            self._say(sheet, row, news)
        return is_changed or bool(news)

    # --- what is remembered of it ---

    def _say(self, sheet: Sheet, row: int, said: Sequence[str]) -> None:
        lines = [sheet.text(row, "modifications"), *(f"{french.date_courte(self.jour)} – {one}" for one in said)]
        text = "\n".join(filter(None, lines))
        while clean_text(text) != text and "\n" in text:
            # A cell has its limits: the oldest changes leave first.
            text = text.partition("\n")[2]
        self.write(sheet, row, "modifications", text)

    def _remember(self, sheet: Sheet, row: int, ligne: Ligne, memory: Mapping[str, Any]) -> None:
        """What we wrote: for the next sync, to tell it from what a human types, and for the read-back of this one."""
        texts = {key: canonical(ligne.valeurs[key]) for key in self.deduites}
        hashes = {key: _hash(text) for key, text in texts.items()}
        self.set_memory(sheet, row, {**memory, **hashes, "_fin": ligne.fin.isoformat()})
        columns = {sheet.column(key): text for key, text in {**texts, "cle": ligne.cle}.items()}
        self.ecrits[sheet.nom, row] = {column: text for column, text in columns.items() if column}

    def _points(self, sheet: Sheet, ligne: Ligne) -> float:
        """The height that the longest cell of a row needs, by the widths of its columns."""
        return LINE_POINTS * max(
            (
                count_lines(canonical(ligne.valeurs[key]), sheet.feuille.width(column))
                for key in self.deduites
                if self.colonnes[key].nature != "jour" and (column := sheet.column(key))
            ),
            default=1,
        )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
