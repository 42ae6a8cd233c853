"""The month on the wall: the sheet as a PDF, the mail that tells reception what changed, and the marks cleared."""

import json
from datetime import date
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.errors import AgentError, EnvironmentRefused
from toolkit.formats.conversion import NoPdf
from toolkit.formats.excel_xml import understood
from toolkit.formats.libreoffice import convert_workbook, find_libreoffice
from toolkit.formats.mail import Brouillon, as_eml, as_txt
from toolkit.formats.package import PackageRefused
from toolkit.gestes.recaps import sync_recaps
from toolkit.registres.affichage import Affichage, post
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.settings import Settings
from toolkit.walk.decide import Action, Step
from toolkit.walk.options import Options
from toolkit.walk.report import Report
from toolkit.walk.workbooks import recap_path, write_recap

AFFICHAGE = "Affichage"
JOURNAL = "affichages.jsonl"


def post_month(settings: Settings, annee: int, mois: int, options: Options) -> Report:
    """Bring the recaps in sync, then post one month of each.

    Raises EnvironmentRefused without LibreOffice, AgentError when no recap can be posted for that month.
    """
    soffice = find_libreoffice()
    if soffice is None:
        raise EnvironmentRefused("LibreOffice n'est pas installé ici : sans lui, pas de feuille à afficher.")
    report = sync_recaps(settings, options, annee)
    is_posted = False
    for typologie in Typologie:
        path = recap_path(settings, typologie, annee)
        content = files.read_if_there(path)
        if content is None:
            continue
        try:
            with understood():
                posted = post(content, typologie, annee, mois, options.aujourd_hui, settings.office.recap)
        except PackageRefused as reason:
            raise AgentError(f"« {path.name} » ne peut pas être affiché : {reason}.") from reason
        if posted is None:
            continue
        is_posted = True
        try:
            report.registres += _put_up(settings, path, content, posted, soffice, date(annee, mois, 1), options)
        except EnvironmentRefused as refusal:
            report.refus.append(str(refusal))
    if not is_posted:
        month = f"{french.MOIS[mois - 1]} {annee}"
        raise AgentError(f"Aucun récapitulatif n'a de feuille pour {month} : vérifier l'année et le nom des feuilles.")
    return report


def _put_up(
    settings: Settings,
    path: Path,
    content: bytes,
    posted: Affichage,
    soffice: Path,
    month: date,
    options: Options,
) -> list[Step]:
    """PDF and mail first, the cleared workbook last: whatever stops in between, no change goes untold."""
    pdf = convert_workbook(posted.imprimable, soffice)
    if isinstance(pdf, NoPdf):
        raise EnvironmentRefused(f"« {path.name} » n'est pas affiché : {pdf.raison}. Relancer.")
    folder = path.parent / AFFICHAGE
    name = f"{month:%Y-%m} {path.stem}"
    is_first = not any(folder.glob(f"{name} affiché le *.pdf"))
    sheet = folder / f"{name} affiché le {options.aujourd_hui.isoformat()}.pdf"
    draft = _draft(settings, path.stem, posted, month, options.aujourd_hui, sheet.name, pdf, is_first=is_first)
    mail = folder / f"{'M19' if is_first else 'M20'} {name} {options.aujourd_hui.isoformat()}.eml"
    made = {sheet: pdf, mail: as_eml(draft), mail.with_suffix(".txt"): as_txt(draft)}
    written = [files.write_beside(layout.numbered(target), made_content) for target, made_content in made.items()]
    if posted.content is not None:
        write_recap(path, content, posted.content, options.aujourd_hui)
    entry = {"jour": options.aujourd_hui.isoformat(), "mois": f"{month:%Y-%m}", "classeur": path.name}
    line = json.dumps({**entry, "changements": list(posted.changements)}, ensure_ascii=False)
    files.append(path.parent / layout.SUIVI / JOURNAL, f"{line}\n".encode())
    reason = french.pluriel(len(posted.changements), "changement") + " depuis le dernier affichage"
    return [Step(Action.CREER, one.relative_to(settings.root).as_posix(), reason) for one in written]


def _draft(
    settings: Settings,
    stem: str,
    posted: Affichage,
    month: date,
    jour: date,
    name: str,
    pdf: bytes,
    *,
    is_first: bool,
) -> Brouillon:
    """M19, the month's first posting, or M20, what changed in it (regles.md §5.1)."""
    mois = f"{french.MOIS[month.month - 1]} {month.year}"
    count = french.pluriel(posted.arrivees, "arrivée")
    subject = f"Récapitulatif de {mois} – {count}" if is_first else f"Récapitulatif de {mois} – modifications"
    lines = ["Bonjour,", "", f"Voici « {stem} » pour {mois} au {french.date_courte(jour)} : {count}."]
    if posted.changements and not is_first:
        lines += ["", "Depuis le dernier affichage (surligné en jaune) :"]
        lines += [f"- {line}" for line in posted.changements]
    elif not is_first:
        lines += ["", "Rien n'a changé depuis le dernier affichage."]
    lines += ["", "Merci de remplacer la feuille affichée.", "", "Le service commercial", ""]
    text = french.typography("\n".join(lines))
    return Brouillon(french.typography(subject), settings.office.listes_diffusion.accueil, text, {name: pdf})


def is_posted(settings: Settings, typologie: Typologie, annee: int, mois: int) -> bool:
    """Whether a month has been put up, as the journal of postings tells."""
    path = recap_path(settings, typologie, annee)
    journal = files.read_if_there(path.parent / layout.SUIVI / JOURNAL) or b""
    wanted = {"mois": f"{annee}-{mois:02d}", "classeur": path.name}
    return any(wanted.items() <= entry.items() for entry in map(_entry, journal.splitlines()))


def _entry(line: bytes) -> dict[str, object]:
    """One posting; a line that was cut short by a crash tells none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
