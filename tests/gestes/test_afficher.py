"""The month on the wall, the mail to reception, the calendar, and a recap from before the toolkit."""

import email
import io
import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.table import Table
from pypdf import PdfReader

from tests.conftest import JOUR, Bureau, Run
from tests.registres.test_recap import AU_MUR, by_hand, column, opened, rows, saved, synced, une_ligne, vide, written
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ColonnesRecap, ReglagesRecap
from toolkit.gestes import afficher
from toolkit.registres import arrivees, recap
from toolkit.registres.affichage import Affichage, post
from toolkit.registres.lignes import Ligne
from toolkit.system import files

ANNULEE = date(2027, 6, 2)


def posted(content: bytes, mois: int = 6) -> Affichage:
    result = post(content, Typologie.GROUPE, 2027, mois, JOUR, ReglagesRecap())
    assert result
    return result


def test_what_changed_since_the_last_posting_is_told_once() -> None:
    content = written(vide(), une_ligne("a"), une_ligne("b"), une_ligne("c"), une_ligne("autre", mois=7))
    first = posted(content)
    assert [line.partition(" : ")[2] for line in first.changements] == ["nouvelle arrivée le 17/06/2027"] * 3
    assert first.content
    assert posted(first.content) == replace(posted(first.content), content=None, changements=())

    content = written(first.content, une_ligne("a", personnes=38))
    content = written(content, une_ligne("a", personnes=36), une_ligne("b", repas=None))
    result = posted(content)

    assert result.changements == (
        "Client de a (a) : Pers. : 42 → 36",
        "Client de b (b) : Repas : Néant → vide",
    )
    assert result.arrivees == 3
    assert result.content
    june = opened(result.content)["Juin"]
    assert june.cell(4, column(june, "Pers.")).fill.fgColor.rgb == "00000000"
    assert june.cell(5, column(june, "Repas")).fill.fgColor.rgb == "00FCD5B4", "still missing"
    assert posted(result.content).changements == ()
    assert synced(result.content, une_ligne("a", personnes=36)).content is None


def test_a_value_that_came_back_is_no_change() -> None:
    content = written(posted(written(vide(), une_ligne())).content, une_ligne(personnes=38))

    result = posted(written(content, une_ligne()))

    assert result.changements == ()
    assert result.content, "its mark is cleared all the same"


def test_a_cancelled_booking_is_listed_apart_once_posted_and_may_come_back() -> None:
    with by_hand(written(vide(), une_ligne("a"), une_ligne("b"))) as (workbook, save):
        june = workbook["Juin"]
        june.cell(3, 20, "Guide")
        june.cell(4, 20, "Hélène")
        first = posted(save())

    result = posted(written(first.content, une_ligne("a", annulee_le=ANNULEE)))

    assert result.changements == ("Client de a (a) : ANNULÉ le 02/06/2027",)
    assert result.arrivees == 1
    assert result.content
    assert [values["Clé"] for _, values in rows(result.content)] == ["b"]
    workbook = opened(result.content)
    assert [cell.value for cell in workbook["Juin"][4] if cell.value is not None] == []
    apart = workbook["Annulés"]
    headings = [cell.value for cell in apart[1]]
    listed = dict(zip(headings, (cell.value for cell in apart[2]), strict=True))
    assert (listed["Clé"], listed["Pers."], listed["Guide"]) == ("a", 42, "Hélène")
    assert "ANNULÉ le 02/06/2027" in str(listed["Modifications"])
    assert synced(result.content, une_ligne("a", annulee_le=ANNULEE)).content is None

    content = written(result.content, une_ligne("a"))
    found = {str(values["Clé"]): values for _, values in rows(content)}
    assert sorted(found) == ["a", "b"]
    assert found["a"]["Guide"] == "Hélène"
    assert "RÉTABLI" in str(found["a"]["Modifications"])
    assert [cell.value for cell in opened(content)["Annulés"][2] if cell.value is not None] == []


def test_what_is_printed_is_the_month_alone_with_every_booking_in_sight() -> None:
    with by_hand(written(vide(), une_ligne("a"), une_ligne("b"), une_ligne("c"))) as (workbook, save):
        workbook["Juin"].row_dimensions[5].hidden = True
        workbook["Juin"].page_setup.orientation = "portrait"
        first = posted(written(save(), une_ligne("a", annulee_le=ANNULEE)))

    printed = opened(posted(written(first.content, une_ligne("d"))).imprimable)

    assert [sheet.title for sheet in printed.worksheets if sheet.sheet_state == "visible"] == ["Juin"]
    june = printed["Juin"]
    assert [number for number in range(4, 8) if june.row_dimensions[number].hidden] == [4]
    assert june.page_setup.orientation == "landscape"
    assert june.print_area.endswith(f"$A$1:${AU_MUR}$7")


# --- in the tree ----------------------------------------------------------------------------------------------------


def recap_path(bureau: Bureau) -> Path:
    path = bureau.root / "Groupe/2027/Récap groupes par mois.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def imprimante(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """A printer whose every sheet is another, as LibreOffice dates them; what is in the list happens meanwhile."""
    meanwhile: list[Callable[[], None]] = []
    sheets = itertools.count(1)

    def convert(workbook: bytes, soffice: Path) -> bytes:
        for act in meanwhile:
            act()
        meanwhile.clear()
        return f"%PDF- {next(sheets)}".encode()

    monkeypatch.setattr(afficher, "find_libreoffice", lambda: Path("soffice"))
    monkeypatch.setattr(afficher, "convert_workbook", convert)
    return meanwhile


def affiche(bureau: Bureau, *more: str, le: date = JOUR) -> Run:
    return bureau.run("recap", bureau.root, "--afficher", "2027-06", *more, le=le)


def change(bureau: Bureau, personnes: int) -> None:
    path = recap_path(bureau)
    path.write_bytes(written(path.read_bytes(), une_ligne(personnes=personnes)))


def affiches(bureau: Bureau) -> list[str]:
    """What lies in « Affichage », without the month and the workbook's name."""
    folder = recap_path(bureau).parent / "Affichage"
    return sorted(one.name.replace("2027-06 Récap groupes par mois ", "") for one in folder.glob("*"))


def mails(bureau: Bureau) -> str:
    folder = recap_path(bureau).parent / "Affichage"
    text = "\n".join(path.read_bytes().decode("utf-8-sig") for path in sorted(folder.glob("*.txt")))
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.usefixtures("imprimante")
def test_a_posting_leaves_the_sheet_the_mail_and_its_record(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    run = bureau.run("recap", bureau.root, "--afficher", "2027-06")
    assert run.status == 0, run.err
    recap_path(bureau).write_bytes(written(recap_path(bureau).read_bytes(), une_ligne(personnes=38)))

    assert bureau.run("recap", bureau.root, "--afficher", "2027-06", le=date(2027, 6, 9)).status == 0

    folder = recap_path(bureau).parent
    assert {name for name in bureau.files(folder) if name.startswith("Affichage/")} == {
        "Affichage/2027-06 Récap groupes par mois affiché le 2027-06-04.pdf",
        "Affichage/2027-06 Récap groupes par mois affiché le 2027-06-09.pdf",
        "Affichage/M19 2027-06 Récap groupes par mois 2027-06-04.eml",
        "Affichage/M19 2027-06 Récap groupes par mois 2027-06-04.txt",
        "Affichage/M20 2027-06 Récap groupes par mois 2027-06-09.eml",
        "Affichage/M20 2027-06 Récap groupes par mois 2027-06-09.txt",
    }
    (path,) = folder.glob("Affichage/M20*.eml")
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert (mail["X-Unsent"], mail["To"], mail["Date"]) == ("1", "accueil@office.example.org", None)
    body = mail.get_body()
    assert body
    assert "Client de 2027-G-014 (2027-G-014)\N{NO-BREAK SPACE}: Pers.\N{NO-BREAK SPACE}: 42 → 38" in body.get_content()
    (piece,) = mail.iter_attachments()
    assert piece.get_filename() == "2027-06 Récap groupes par mois affiché le 2027-06-09.pdf"
    twin = path.with_suffix(".txt").read_bytes().decode("utf-8-sig")
    assert twin.startswith("À : accueil@office.example.org\r\nObjet : ")
    assert "42 → 38" in twin
    record = (folder / "_suivi/affichages.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(record) == 2


@pytest.mark.usefixtures("imprimante")
def test_several_postings_of_one_day_lie_side_by_side_and_each_mail_names_its_sheet(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    assert affiche(bureau).status == 0
    theirs = recap_path(bureau).parent / "Affichage/2027-06 Récap groupes par mois affiché le 2027-06-04 (2).pdf"
    theirs.write_bytes(b"annote")
    change(bureau, 38)

    assert affiche(bureau).status == 0

    day = "2027-06-04"
    assert affiches(bureau) == sorted(
        [f"M{one} {day}.{end}" for one in (19, 20) for end in ("eml", "txt")]
        + [f"affiché le {day}{end}.pdf" for end in ("", " (2)", " (3)")]
    )
    assert theirs.read_bytes() == b"annote"
    (path,) = theirs.parent.glob("M20*.eml")
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    (piece,) = mail.iter_attachments()
    sheet = theirs.with_name(str(piece.get_filename()))
    assert sheet.name.endswith(f"affiché le {day} (3).pdf") and piece.get_content() == sheet.read_bytes()
    assert f"Pièce jointe : {sheet.name}" in mails(bureau)


@pytest.mark.usefixtures("imprimante")
def test_what_hangs_on_the_wall_already_is_not_posted_again(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    affiche(bureau)
    before = {path: path.read_bytes() for path in bureau.root.rglob("*") if path.is_file()}

    run = affiche(bureau, "--json")

    assert [(one["action"], one["raison"]) for one in run.json["registres"]] == [("conserver", "déjà affiché")]
    assert "rien à faire" in affiche(bureau).out
    assert {path: path.read_bytes() for path in bureau.root.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("imprimante")
@pytest.mark.parametrize("gone", ["_suivi", "Affichage"])
def test_a_month_stays_posted_whichever_of_its_traces_is_gone(bureau: Bureau, gone: str) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    affiche(bureau)
    shutil.rmtree(recap_path(bureau).parent / gone)
    change(bureau, 38)

    assert affiche(bureau).status == 0

    assert "M20 2027-06-04.eml" in affiches(bureau)
    assert "42 → 38" in mails(bureau)


@pytest.mark.usefixtures("imprimante")
def test_a_change_is_told_even_by_a_mail_that_takes_itself_for_the_first(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    affiche(bureau)
    shutil.rmtree(recap_path(bureau).parent / "_suivi")
    shutil.rmtree(recap_path(bureau).parent / "Affichage")
    change(bureau, 38)

    assert affiche(bureau).status == 0

    assert "M19 2027-06-04.eml" in affiches(bureau)
    assert "42 → 38" in mails(bureau)


class Killed(BaseException):
    """Of the process, as far as it can be told in one."""


@pytest.mark.slow
@pytest.mark.usefixtures("imprimante")
@pytest.mark.parametrize("personnes", [42, 38])
def test_a_kill_at_any_write_ends_in_what_would_have_been_without_it(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, personnes: int
) -> None:
    """The first posting, or the one of a change: the same files, the change told by one mail."""
    first = written(vide(), une_ligne())
    start = first if personnes == 42 else written(posted(first).content, une_ligne(personnes=personnes))
    writers = {name: getattr(files, name) for name in ("write", "write_own")}
    ends = []
    for number in itertools.count():
        shutil.rmtree(recap_path(bureau).parent)
        recap_path(bureau).write_bytes(start)
        left = [number]

        def until(writer: Callable[..., None], *arguments: Any, left: list[int] = left, **more: Any) -> None:
            if not left[0]:
                raise Killed
            left[0] -= 1
            writer(*arguments, **more)

        for name, writer in writers.items():
            monkeypatch.setattr(files, name, partial(until, writer))
        try:
            affiche(bureau)
        except Killed:
            pass
        finally:
            for name, writer in writers.items():
                monkeypatch.setattr(files, name, writer)
        is_whole = bool(left[0])
        assert affiche(bureau).status == 0
        journal = recap_path(bureau).parent / "_suivi/affichages.jsonl"
        ends.append((affiches(bureau), mails(bureau), recap_path(bureau).read_bytes(), journal.read_bytes()))
        assert affiche(bureau, "--json").json["registres"][0]["raison"] == "déjà affiché"
        if is_whole:
            break
    assert number > 5
    assert ends == [ends[-1]] * len(ends)
    assert mails(bureau).count("42 → 38") == (personnes == 38)
    assert posted(recap_path(bureau).read_bytes()).changements == ()


def test_what_is_saved_while_the_sheet_is_drawn_is_on_it(bureau: Bureau, imprimante: list[Callable[[], None]]) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    affiche(bureau)
    change(bureau, 38)
    imprimante.append(lambda: change(bureau, 36))

    assert affiche(bureau).status == 0

    assert "42 → 36" in mails(bureau) and "42 → 38" not in mails(bureau)
    assert posted(recap_path(bureau).read_bytes()).changements == ()


@pytest.mark.usefixtures("imprimante")
def test_an_open_workbook_is_posted_once_it_is_closed(bureau: Bureau) -> None:
    path = recap_path(bureau)
    path.write_bytes(written(vide(), une_ligne()))
    lock = path.with_name(f".~lock.{path.name}#")
    lock.write_text("Ambre Fictive,ambre,POSTE-3,04.06.2027 09:12,file:///home/ambre/4;", encoding="utf-8")

    run = affiche(bureau)

    assert run.status == 4
    told = run.out.replace("\N{NO-BREAK SPACE}", " ")
    assert "n'est pas affiché : il est ouvert par Ambre Fictive ; le fermer, puis relancer." in told
    assert affiches(bureau) == []
    lock.unlink()
    assert affiche(bureau).status == 0
    assert "M19 2027-06-04.eml" in affiches(bureau)


@pytest.mark.usefixtures("imprimante")
def test_a_journal_that_a_crash_cut_short_goes_on_whole(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))
    journal = recap_path(bureau).parent / "_suivi/affichages.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(b'{"jour": "2027-0')

    affiche(bureau)

    assert [json.loads(line)["mois"] for line in journal.read_text(encoding="utf-8").splitlines()] == ["2027-06"]


@pytest.mark.usefixtures("imprimante")
def test_a_month_without_a_sheet_is_told(bureau: Bureau) -> None:
    run = bureau.run("recap", bureau.root, "--afficher", "2026-06")

    assert run.status == 1
    assert "juin 2026" in run.err


def test_without_libreoffice_nothing_is_posted(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(written(vide(), une_ligne()))

    run = bureau.run("recap", bureau.root, "--afficher", "2027-06")

    assert run.status == 4
    assert "LibreOffice" in run.err


@pytest.mark.slow
def test_the_sheet_on_the_wall_is_a4_landscape_and_says_everything(bureau: Bureau) -> None:
    recap_path(bureau).write_bytes(
        written(None, *(une_ligne(f"2027-G-{number:03d}") for number in range(12)), une_ligne("2027-G-099", mois=7))
    )

    assert bureau.run("recap", bureau.root, "--afficher", "2027-06").status == 0

    (path,) = recap_path(bureau).parent.glob("Affichage/*.pdf")
    pages = PdfReader(io.BytesIO(path.read_bytes())).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {(842, 595)}
    assert "2027-G-011" in text.replace("\n", "")
    assert "2027-G-099" not in text.replace("\n", "")


# --- the calendar ---------------------------------------------------------------------------------------------------


def test_arrivals_are_in_a_calendar_and_stay_when_nothing_changes() -> None:
    timed = une_ligne("2027-G-001", client="Aînés, Sainte-Fiction; \\ 100 %\nDieppe", programme="x" * 200)
    allday = replace(une_ligne("2027-G-002"), heure=time.max, fin=date(2027, 6, 18))
    content = arrivees.update(None, [timed, allday], JOUR)
    assert content
    text = content.decode()

    assert "DTSTART;TZID=Europe/Paris:20270617T094500\r\nDTEND;TZID=Europe/Paris:20270617T101500\r\n" in text
    assert "DTSTART;VALUE=DATE:20270617\r\nDTEND;VALUE=DATE:20270619\r\n" in text
    assert "SUMMARY:Aînés\\, Sainte-Fiction\\; \\\\ 100 % (Groupe\\, 42 pers.)\r\n" in text
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert arrivees.update(content, [timed], date(2027, 6, 8)) == content
    cancelled = arrivees.update(content, [replace(timed, annulee_le=ANNULEE)], JOUR)
    assert cancelled
    assert cancelled.count(b"STATUS:CANCELLED") == 1
    assert arrivees.update(None, [replace(timed, annulee_le=ANNULEE)], JOUR) is None


# --- a recap from before the toolkit --------------------------------------------------------------------------------


def ancien(finish: Callable[[Workbook], None] = lambda workbook: None) -> bytes:
    """Other headings, another order, a title row, sheets named at random."""
    workbook = Workbook()
    for name in ("Janv.", "JUIN 2027", "juil"):
        sheet = workbook.create_sheet(name)
        sheet["B1"] = "ARRIVÉES DES GROUPES"
        for number, heading in enumerate(("N° dossier", "Nom du groupe", "Nb pers.", "Jour", "Restaurant", "Clefs")):
            sheet.cell(3, 2 + number, heading).font = Font(bold=True)
    june = workbook["JUIN 2027"]
    values: tuple[str | date, ...] = ("2027-G-001", "Amicale", "35", date(2027, 6, 10), "Chez Fictif", "oui")
    for number, value in enumerate(values):
        june.cell(4, 2 + number, value).fill = PatternFill("solid", fgColor="00CCFFCC")
    june.cell(5, 3, "à rappeler")
    del workbook["Sheet"]
    finish(workbook)
    return saved(workbook)


COLONNES = ColonnesRecap(
    suivi="N° dossier", client="Nom du groupe", personnes="Nb pers.", date="Jour", repas="Restaurant"
)


def adopted(content: bytes, *lignes: Ligne) -> bytes:
    result = recap.sync(content, lignes, Typologie.GROUPE, 2027, JOUR, ReglagesRecap(colonnes=COLONNES))
    assert result.content, result.problems
    assert recap.check(result) is None
    return result.content


def test_an_old_recap_is_proposed_its_settings(bureau: Bureau, tmp_path: Path) -> None:
    path = tmp_path / "Arrivées groupes.xlsx"
    path.write_bytes(content := ancien())

    run = bureau.run("recap", bureau.root, "--adopter", path)

    assert run.status == 0, run.err
    assert 'groupe = "Arrivées groupes.xlsx"' in run.out
    for key, heading in COLONNES.model_dump(exclude_none=True).items():
        assert f'{key} = "{heading}"' in run.out
    assert "Juin (« JUIN 2027 »)" in run.out
    assert "Règlement" in run.out.partition("Sans colonne")[2]
    assert path.read_bytes() == content


def test_an_old_recap_is_taken_over_with_its_rows() -> None:
    known = une_ligne("2027-G-001", suivi="2027-G-001\nAmbre Fictive", client="Amicale", personnes=35)
    content = adopted(ancien(), known, une_ligne("2027-G-002", suivi="2027-G-002"))

    june = opened(content)["JUIN 2027"]
    headings = {cell.value: cell.column for cell in june[3] if cell.value}
    assert [june.cell(row, headings["Clé"]).value for row in (4, 5, 6)] == ["2027-G-001", None, "2027-G-002"]
    assert june.cell(4, headings["Clefs"]).value == "oui"
    assert june.cell(5, 3).value == "à rappeler"
    assert june.cell(6, headings["Nom du groupe"]).value == "Client de 2027-G-002"
    assert isinstance(june.cell(6, headings["Jour"]).value, date)
    assert june.cell(6, headings["Nom du groupe"]).fill.fgColor.rgb == "00CCFFCC"
    assert june.column_dimensions["I"].hidden
    assert june["B1"].value == "ARRIVÉES DES GROUPES"
    result = recap.sync(content, [known], Typologie.GROUPE, 2027, JOUR, ReglagesRecap(colonnes=COLONNES))
    assert result.content is None


def test_an_old_recap_in_tables_keeps_them_whole() -> None:
    def as_table(workbook: Workbook) -> None:
        for number, sheet in enumerate(workbook.worksheets):
            sheet.delete_rows(5)
            sheet.add_table(Table(displayName=f"Mois{number}", ref="B3:G4"))

    content = adopted(ancien(as_table), une_ligne("2027-G-002"))

    table = opened(content)["JUIN 2027"].tables["Mois1"]
    assert table.ref == "B3:J5"
    assert [one.name for one in table.tableColumns][-3:] == ["Modifications", "Clé", "Empreinte"]


def test_a_column_without_a_title_beside_theirs_is_not_written_over() -> None:
    def scribble(workbook: Workbook) -> None:
        workbook["JUIN 2027"].cell(4, 8, "badges prêts")

    result = recap.sync(ancien(scribble), [une_ligne()], Typologie.GROUPE, 2027, JOUR, ReglagesRecap(colonnes=COLONNES))

    assert result.content and result.problems == []
    sheet = opened(result.content)["JUIN 2027"]
    assert (sheet["H4"].value, sheet["I3"].value) == ("badges prêts", "Modifications")


def test_a_workbook_that_is_no_recap_cannot_be_taken_over(bureau: Bureau, tmp_path: Path) -> None:
    (tmp_path / "vide.xlsx").write_bytes(saved(Workbook()))
    (tmp_path / "texte.xlsx").write_bytes(b"bonjour")

    for name, reason in (("vide", "aucune ligne d'en-tête"), ("texte", "illisible"), ("absent", "n'existe pas")):
        run = bureau.run("recap", bureau.root, "--adopter", tmp_path / f"{name}.xlsx")
        assert run.status == 1
        assert reason in run.err


def test_without_the_table_of_columns_an_old_recap_is_left() -> None:
    result = synced(ancien(), une_ligne())

    assert result.is_refused
    assert "« Clé »" in result.problems[0].message


def test_a_table_with_totals_and_no_free_row_is_told() -> None:
    def with_totals(workbook: Workbook) -> None:
        june = workbook["JUIN 2027"]
        june.cell(5, 3).value = None
        june.cell(5, 4, "=SUM(D4:D4)")
        table = Table(displayName="Mois", ref="B3:G5", totalsRowCount=1)
        june.add_table(table)

    result = recap.sync(
        ancien(with_totals), [une_ligne()], Typologie.GROUPE, 2027, JOUR, ReglagesRecap(colonnes=COLONNES)
    )

    assert result.content is None
    assert "totaux" in result.problems[0].message
