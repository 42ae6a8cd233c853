"""The month on the wall: the sheet as a PDF, the mail that tells reception what changed, and the marks cleared."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, takewhile
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.errors import AgentError, EnvironmentRefused
from toolkit.formats.conversion import NoPdf
from toolkit.formats.excel_xml import understood
from toolkit.formats.libreoffice import convert_workbook, find_libreoffice
from toolkit.formats.mail import Brouillon, as_eml, as_txt
from toolkit.formats.package import PackageRefused
from toolkit.formats.pdf_seal import Seal, read_seal, seal
from toolkit.gestes.recaps import sync_recaps
from toolkit.registres.affichage import Affichage, count_changes, post
from toolkit.system import files, holders
from toolkit.tree import layout
from toolkit.tree.settings import Settings
from toolkit.walk.decide import Action, Step
from toolkit.walk.options import Options
from toolkit.walk.report import Report
from toolkit.walk.workbooks import alone_with_recaps, recap_path, write_recap

AFFICHAGE = "Affichage"
JOURNAL = "affichages.jsonl"
_AFFICHE = " affiché le "


def post_month(settings: Settings, annee: int, mois: int, options: Options) -> Report:
    """Bring the recaps in sync, then post one month of each.

    Raises EnvironmentRefused without LibreOffice, AgentError when no recap can be posted for that month.
    """
    soffice = find_libreoffice()
    if soffice is None:
        raise EnvironmentRefused("LibreOffice n'est pas installé ici : sans lui, pas de feuille à afficher.")
    report = sync_recaps(settings, options, annee)
    month = date(annee, mois, 1)
    due = []
    for typologie in Typologie:
        posting = _Posting(settings, recap_path(settings, typologie, annee), typologie, month, options)
        try:
            due += [posting] if posting.look() else []
        except EnvironmentRefused as refusal:
            report.refuse(str(refusal))
    if not due and not report.refus:
        asked = f"{french.MOIS[mois - 1]} {annee}"
        raise AgentError(f"Aucun récapitulatif n'a de feuille pour {asked} : vérifier l'année et le nom des feuilles.")
    for one in due:
        try:
            report.registres += one.put_up(soffice)
        except EnvironmentRefused as refusal:
            report.refuse(str(refusal))
    return report


TRIES = 3
"""Sheets made of a workbook that people save at that very moment."""


@dataclass(frozen=True)
class _Posting:
    """One month of one workbook, on its way to the wall."""

    settings: Settings
    path: Path
    """Of the workbook."""
    typologie: Typologie
    mois: date
    options: Options

    @property
    def folder(self) -> Path:
        return self.path.parent / AFFICHAGE

    @property
    def name(self) -> str:
        return f"{self.mois:%Y-%m} {self.path.stem}"

    @property
    def jour(self) -> str:
        return self.options.aujourd_hui.isoformat()

    def look(self) -> tuple[bytes, Affichage] | None:
        """The workbook as it lies, and its month as it would be posted; None when it has no sheet for it."""
        content = files.read_if_there(self.path)
        posted = self._post(content) if content is not None else None
        return None if content is None or posted is None else (content, posted)

    def _post(self, content: bytes) -> Affichage | None:
        jour, reglages = self.options.aujourd_hui, self.settings.office.recap
        try:
            with understood():
                return post(content, self.typologie, self.mois.year, self.mois.month, jour, reglages)
        except PackageRefused as reason:
            raise AgentError(f"« {self.path.name} » ne peut pas être affiché : {reason}.") from reason

    def put_up(self, soffice: Path) -> list[Step]:
        """Nobody waits for the sheet to be drawn; what is written then comes of the workbook as it still lies."""
        for _ in range(TRIES):
            found = self.look()
            if found is None:
                break
            content, posted = found
            later = posted if posted.content is None else self._post(posted.content)
            source = files.sha256((later or posted).imprimable)
            standing = self._standing(source)
            pdf = None if standing else convert_workbook(posted.imprimable, soffice)
            if isinstance(pdf, NoPdf):
                raise self._not_posted(pdf.raison)
            with alone_with_recaps(self.settings):
                if files.is_held(self.path):
                    who = holders.holder(self.path) or "un collègue"
                    raise self._not_posted(f"il est ouvert par {who}", "le fermer, puis relancer")
                if files.read_if_there(self.path) == content and self._standing(source) == standing:
                    return self._write(content, posted, standing, seal(pdf, source) if pdf else b"")
        raise self._not_posted("quelqu'un y travaille")

    def _standing(self, source: str) -> Path | None:
        """The last sheet of this day, when it is ours and shows the same, marks apart."""
        sheets = list(takewhile(os.path.lexists, map(self._sheet, count(1))))
        content = files.read_if_there(sheets[-1]) if sheets and sheets[-1].is_file() else None
        return sheets[-1] if content is not None and read_seal(content) == Seal(source, is_whole=True) else None

    def _sheet(self, number: int) -> Path:
        return layout.numbered(self.folder / f"{self.name}{_AFFICHE}{self.jour}.pdf")(number)

    def _write(self, content: bytes, posted: Affichage, standing: Path | None, pdf: bytes) -> list[Step]:
        """Sheet, mail, journal, and the cleared workbook last: whatever stops in between, no change goes untold.

        Done again, it goes on from the sheet that stands.
        """
        for folder in (self.folder, self.path.parent, _journal(self.path).parent):
            files.sweep(folder)
        told = {_entry(line).get("feuille") for line in _lines(_journal(self.path))}
        sheet = standing or layout.first_free(
            self._sheet, lambda one: os.path.lexists(one) or one.name in told, start=1
        )
        made: list[Path] = []
        try:
            if standing is None:
                files.write(sheet, pdf, home=self.settings.root)
                made.append(sheet)
            if not self._is_told(sheet):
                made += self._put_mail(posted, sheet)
            self._note(posted, sheet)
            if posted.content is not None:
                write_recap(self.path, content, posted.content, self.options.aujourd_hui)
        except files.LeftAlone as left:
            raise self._not_posted(left.constat) from left
        reason = french.pluriel(len(posted.changements), "changement") + " depuis le dernier affichage"
        steps = [Step(Action.CREER, self._place(one), reason) for one in made]
        return steps or [Step(Action.CONSERVER, self._place(sheet), "déjà affiché")]

    def _is_told(self, sheet: Path) -> bool:
        """A mail joins that sheet."""
        return any(_joins(text, sheet.name) for text in _mails(self.path, self.mois.year, self.mois.month))

    def _put_mail(self, posted: Affichage, sheet: Path) -> list[Path]:
        """The draft and its text under one name, the next that is free or that holds them already; gives both."""
        where = (self.settings, self.typologie, self.mois.year, self.mois.month)
        is_first = not is_posted(*where, besides=sheet.name)
        pdf = files.read_if_there(sheet) or b""
        draft = self._draft(posted, sheet.name, pdf, is_first=is_first)
        named = layout.numbered(self.folder / f"{'M19' if is_first else 'M20'} {self.name} {self.jour}.eml")
        for mail in map(named, count(1)):
            pair = {mail: as_eml(draft), mail.with_suffix(".txt"): as_txt(draft)}
            wanted = [path for path, content in pair.items() if not _holds(path, content)]
            if any(map(os.path.lexists, wanted)):
                continue
            for path in wanted:
                files.write(path, pair[path], home=self.settings.root)
            return list(pair)
        raise AssertionError("there is always a next name")

    def _place(self, path: Path) -> str:
        return path.relative_to(self.settings.root).as_posix()

    def _note(self, posted: Affichage, sheet: Path) -> None:
        """One line a sheet; what is no line of ours is not kept."""
        path = _journal(self.path)
        known = [line for line in _lines(path) if _entry(line)]
        if any(_entry(line).get("feuille") == sheet.name for line in known):
            return
        entry = {"jour": self.jour, "mois": f"{self.mois:%Y-%m}", "classeur": self.path.name, "feuille": sheet.name}
        line = json.dumps({**entry, "changements": list(posted.changements)}, ensure_ascii=False)
        files.write_own(path, b"\n".join([*known, line.encode(), b""]), home=self.settings.root)

    def _not_posted(self, why: str, remedy: str = "relancer") -> EnvironmentRefused:
        return EnvironmentRefused(f"« {self.path.name} » n'est pas affiché : {why} ; {remedy}.")

    def _draft(self, posted: Affichage, name: str, pdf: bytes, *, is_first: bool) -> Brouillon:
        """M19, the month's first posting, or M20, what changed in it (regles.md §5.1)."""
        mois = f"{french.MOIS[self.mois.month - 1]} {self.mois.year}"
        day, count_said = french.date_courte(self.options.aujourd_hui), french.pluriel(posted.arrivees, "arrivée")
        subject = f"Récapitulatif de {mois} – {count_said if is_first else 'modifications'}"
        lines = ["Bonjour,", "", f"Voici « {self.path.stem} » pour {mois} au {day} : {count_said}."]
        # At a first posting every arrival is new.
        told = posted.modifications if is_first else posted.changements
        if told:
            lines += ["", "Depuis le dernier affichage (surligné en jaune) :"]
            lines += [f"- {line}" for line in told]
        elif not is_first:
            lines += ["", "Rien n'a changé depuis le dernier affichage."]
        lines += ["", "Merci de remplacer la feuille affichée.", "", "Le service commercial", ""]
        text = french.typography("\n".join(lines))
        return Brouillon(french.typography(subject), self.settings.office.listes_diffusion.accueil, text, {name: pdf})


def is_posted(settings: Settings, typologie: Typologie, annee: int, mois: int, *, besides: str = "") -> bool:
    """Whether a month has been put up, by a sheet of another name: the journal of postings tells it, or a mail."""
    path = recap_path(settings, typologie, annee)
    wanted = {"mois": f"{annee}-{mois:02d}", "classeur": path.name}
    entries = (entry for entry in map(_entry, _lines(_journal(path))) if wanted.items() <= entry.items())
    if any(entry.get("feuille") != besides for entry in entries):
        return True
    return any(not _joins(text, besides) for text in _mails(path, annee, mois))


def changes_since_posted(settings: Settings, typologie: Typologie, annee: int, mois: int) -> int:
    """How many bookings of a month say otherwise than on the wall; none where the workbook cannot be read.

    Raises EnvironmentRefused.
    """
    content = files.read_if_there(recap_path(settings, typologie, annee))
    if content is None:
        return 0
    try:
        with understood():
            return count_changes(content, typologie, annee, mois, settings.office.recap)
    except PackageRefused:  # told where the workbook is brought in sync
        return 0


def _mails(path: Path, annee: int, mois: int) -> Iterator[str]:
    """Of the postings of one month: the text is the last that is written of each."""
    folder = path.parent / AFFICHAGE
    starts = tuple(layout.name_key(f"{code} {annee}-{mois:02d} {path.stem} ") for code in ("M19", "M20"))
    for path in files.list_files(folder):
        if layout.name_key(path.name).startswith(starts) and path.suffix == ".txt":
            yield (files.read_if_there(path) or b"").decode("utf-8-sig", errors="replace")


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and files.read_if_there(path) == content


def _joins(text: str, name: str) -> bool:
    return f"Pièce jointe : {name}" in text.splitlines()


def _journal(path: Path) -> Path:
    """Of the postings of a workbook."""
    return path.parent / layout.SUIVI / JOURNAL


def _lines(journal: Path) -> list[bytes]:
    return (files.read_if_there(journal) or b"").splitlines() if journal.is_file() else []


def _entry(line: bytes) -> dict[str, object]:
    """One posting; a line that was cut short by a crash tells none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
