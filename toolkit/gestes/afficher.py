"""The month on the wall: the sheet as a PDF, the mail that tells reception what changed, and the marks cleared."""

import json
import os
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
from toolkit.registres.affichage import Affichage, post
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
            standing = self._standing(source) if posted.content is None else None
            if standing:
                return [Step(Action.CONSERVER, self._place(standing), "déjà affiché")]
            pdf = convert_workbook(posted.imprimable, soffice)
            if isinstance(pdf, NoPdf):
                raise self._not_posted(pdf.raison)
            with alone_with_recaps(self.settings):
                if files.is_held(self.path):
                    who = holders.holder(self.path) or "un collègue"
                    raise self._not_posted(f"il est ouvert par {who}", "le fermer, puis relancer")
                if files.read_if_there(self.path) == content:
                    return self._write(content, posted, seal(pdf, source))
        raise self._not_posted("quelqu'un y travaille")

    def _standing(self, source: str) -> Path | None:
        """The sheet of this day that shows the same, its marks apart."""
        for path in takewhile(os.path.lexists, map(self._sheet, count(1))):
            content = files.read_if_there(path) if path.is_file() else None
            if content is not None and read_seal(content) == Seal(source, is_whole=True):
                return path
        return None

    def _sheet(self, number: int) -> Path:
        return layout.numbered(self.folder / f"{self.name}{_AFFICHE}{self.jour}.pdf")(number)

    def _write(self, content: bytes, posted: Affichage, pdf: bytes) -> list[Step]:
        """The mail first, then the cleared workbook: whatever stops in between, no change goes untold.

        The sheet comes last: by it a month is known to be posted.
        """
        for folder in (self.folder, self.path.parent):
            files.sweep(folder)
        is_first = not is_posted(self.settings, self.typologie, self.mois.year, self.mois.month)
        sheet = layout.first_free(self._sheet, os.path.lexists, start=1)
        draft = self._draft(posted, sheet.name, pdf, is_first=is_first)
        named = layout.numbered(self.folder / f"{'M19' if is_first else 'M20'} {self.name} {self.jour}.eml")
        mail = layout.first_free(named, lambda one: any(map(os.path.lexists, (one, one.with_suffix(".txt")))), start=1)
        try:
            files.write(mail, as_eml(draft), home=self.settings.root)
            files.write(mail.with_suffix(".txt"), as_txt(draft), home=self.settings.root)
            if posted.content is not None:
                write_recap(self.path, content, posted.content, self.options.aujourd_hui)
            files.write(sheet, pdf, home=self.settings.root)
        except files.LeftAlone as left:
            raise self._not_posted(left.constat) from left
        self._note(posted)
        reason = french.pluriel(len(posted.changements), "changement") + " depuis le dernier affichage"
        return [Step(Action.CREER, self._place(one), reason) for one in (sheet, mail, mail.with_suffix(".txt"))]

    def _place(self, path: Path) -> str:
        return path.relative_to(self.settings.root).as_posix()

    def _note(self, posted: Affichage) -> None:
        path = _journal(self.path)
        entry = {"jour": self.jour, "mois": f"{self.mois:%Y-%m}", "classeur": self.path.name}
        line = json.dumps({**entry, "changements": list(posted.changements)}, ensure_ascii=False)
        # A line that a crash cut short stays by itself.
        start = "" if _lines(path)[-1:] in ([], [b""]) else "\n"
        files.append(path, f"{start}{line}\n".encode(), home=self.settings.root)

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


def is_posted(settings: Settings, typologie: Typologie, annee: int, mois: int) -> bool:
    """Whether a month has been put up: its sheet lies there, or the journal of postings tells it."""
    path = recap_path(settings, typologie, annee)
    sheet = layout.name_key(f"{annee}-{mois:02d} {path.stem}{_AFFICHE}")
    if any(layout.name_key(one.name).startswith(sheet) for one in files.list_folder(path.parent / AFFICHAGE)):
        return True
    wanted = {"mois": f"{annee}-{mois:02d}", "classeur": path.name}
    return any(wanted.items() <= entry.items() for entry in map(_entry, _lines(_journal(path))))


def _journal(path: Path) -> Path:
    """Of the postings of a workbook."""
    return path.parent / layout.SUIVI / JOURNAL


def _lines(journal: Path) -> list[bytes]:
    """The last one is empty when it is whole."""
    return (files.read_if_there(journal) or b"").split(b"\n") if journal.is_file() else []


def _entry(line: bytes) -> dict[str, object]:
    """One posting; a line that was cut short by a crash tells none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
