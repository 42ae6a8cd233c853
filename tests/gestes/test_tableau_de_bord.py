"""The dashboard and the deadlines of a whole tree: what is shown, in which order, and a page that stands alone."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import JOUR, Bureau, exemple
from tests.dossiers import jusqu_a, toml
from toolkit.dossier.classement import Typologie
from toolkit.dossier.etat import Etat
from toolkit.registres.affichage import post
from toolkit.system import holders
from toolkit.tree.settings import load_settings

PAGE = "Tableau de bord.html"
HOSTILE = "2027-06-10 Café d'Été & Cie 100% (l'île) #1 30p"


def reference(number: int) -> str:
    return f'reference = "2027-G-{number:03d}"'


@pytest.fixture
def office(bureau: Bureau) -> Bureau:
    """A finalised group, a request that nobody answered, a file with an error, a stay that is over."""
    bureau.dossier(exemple("dossier_groupe"))
    bureau.dossier(
        toml(*jusqu_a(Etat.DEMANDE), reference(2), 'client.nom = "<b>Été & Cie</b>"', "sejour.debut = 2027-06-10"),
        nom=HOSTILE,
    )
    bureau.dossier(toml(*jusqu_a(Etat.ETUDE), reference(3), 'agent = "inconnue"'), nom="2027-06-17 Faute")
    bureau.dossier("reference = «x»\n]]\n", nom="2027-06-18 Illisible")
    bureau.dossier(
        toml(*jusqu_a(Etat.PROPOSE), reference(4), "devis.refuse_le = 2027-06-03"),
        nom="2027-06-17 Refus",
        lieu="Groupe/2027/06 - Juin/Dossier annulé ou sans suite",
    )
    return bureau


def page(bureau: Bureau) -> str:
    return (bureau.root / PAGE).read_text(encoding="utf-8")


def section(text: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">(.*?)</section>', text, re.DOTALL)
    assert found
    return unescape(re.sub(r"<[^>]+>", " ", found[1]))


def test_what_needs_attention_comes_first_and_each_line_leads_to_its_folder(office: Bureau) -> None:
    run = office.run("tableau", office.root)

    assert run.status == 0, run.err
    text = page(office)
    assert "Recontacter le client" in section(text, "a-faire") and "<b>Été & Cie</b>" in section(text, "a-faire")
    assert "Demander le motif du refus" in section(text, "bientot")
    assert "agent inconnu « inconnue »" in section(text, "a-corriger").replace("\N{NO-BREAK SPACE}", " ")
    assert "2027-06-18 Illisible" in section(text, "a-corriger")
    assert "2027-G-014" in section(text, "arrivees") and "2027-G-004" not in section(text, "arrivees")
    assert section(text, "etats").index("Finalisé (1)") < section(text, "etats").index("Demande à recontacter (1)")
    links = re.findall(r'href="([^"#][^"]*)"', text)
    assert f"{HOSTILE}/" in [unquote(unescape(link)).rpartition("Dossier en cours/")[2] for link in links]
    assert all((office.root / unquote(unescape(link))).is_dir() for link in links)


def test_what_documents_wait_for_is_told_once_for_those_that_wait_for_the_same(bureau: Bureau) -> None:
    bureau.dossier(toml(*jusqu_a(Etat.CONTRAT_SIGNE)))
    bureau.run("tableau", bureau.root)
    shown = section(page(bureau), "documents")
    assert "Bon d'échange P1 et Carnet de voyage" in shown


@pytest.mark.parametrize("fault", ["path", "signed"])
def test_what_the_note_tells_is_told_everywhere(bureau: Bureau, fault: str) -> None:
    """Also what only the making of the documents shows."""
    folder = bureau.dossier(toml(*jusqu_a(Etat.CONTRAT_SIGNE)))
    assert bureau.run("generer", folder, "--sans-pdf").status == 0
    if fault == "path":
        bureau.seen_from("L:\\" + "x" * 140)
    else:
        folder.joinpath("dossier.toml").write_text(
            toml(*jusqu_a(Etat.CONTRAT_SIGNE), 'client.nom = "Les autres"'), encoding="utf-8"
        )
    assert bureau.run("generer", folder, "--sans-pdf").status == 1
    note = folder.joinpath("À CORRIGER.txt").read_text(encoding="utf-8-sig")

    verified = bureau.run("verifier", bureau.root, "--json")
    bureau.run("tableau", bureau.root)

    errors = [one["message"] for one in verified.json["dossiers"][0]["problemes"] if one["gravite"] == "erreur"]
    assert verified.status == 1 and errors
    for message in errors:
        assert message in note
        assert message in unescape(section(page(bureau), "a-corriger"))


def test_the_same_day_gives_the_same_bytes_and_another_day_another_page(office: Bureau) -> None:
    assert office.run("tableau", office.root, "--json").json["change"] is True
    before = page(office)
    assert office.run("tableau", office.root, "--json").json["change"] is False
    assert page(office) == before
    office.run("tableau", office.root, le=date(2027, 6, 5))
    assert page(office) != before


def test_the_page_stands_alone_and_names_of_clients_are_text(office: Bureau) -> None:
    office.run("tableau", office.root)
    text = page(office)
    assert "<script" not in text and "://" not in text and "@import" not in text and "url(" not in text
    assert "<b>Été" not in text and "&lt;b&gt;Été &amp; Cie" in text


def test_an_empty_tree_has_a_calm_page(bureau: Bureau) -> None:
    bureau.run("tableau", bureau.root)
    assert "Aucun dossier en cours." in page(bureau) and "Contacts qualifiés" not in page(bureau)


def test_qualified_contacts_are_counted(bureau: Bureau) -> None:
    qualifie = (
        'qualification.departement_ou_pays = "76"',
        'qualification.mode_reponse = "mail"',
        'qualification.themes = ["mer"]',
        'client.categorie = "association"',
        "sejour.fin = 2027-06-17",
    )
    bureau.dossier(toml(*jusqu_a(Etat.ETUDE), *qualifie))
    bureau.dossier(toml(*jusqu_a(Etat.ETUDE), reference(15)), nom="2027-06-17 Autre")
    bureau.run("tableau", bureau.root)
    assert "Contacts qualifiés : 1 sur 2, soit 50 % (objectif : 15 %)" in page(bureau).replace(
        "\N{NO-BREAK SPACE}", " "
    )


# --- what a person wrote in it ---------------------------------------------------------------------------------------


def pages(bureau: Bureau) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in bureau.root.glob("*.html")}


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.replace("<h1>", "<h1>À revoir avec Ambre : "),
        lambda text: f"{text}<p>À revoir avec Ambre</p>",
        lambda text: "<html>Une page d'ailleurs, enregistrée sous ce nom</html>",
    ],
)
def test_what_a_person_wrote_in_the_page_is_kept_beside(bureau: Bureau, write: Callable[[str], str]) -> None:
    bureau.run("tableau", bureau.root)
    made = page(bureau)
    theirs = write(made)
    assert theirs != made
    (bureau.root / PAGE).write_text(theirs, encoding="utf-8")

    run = bureau.run("tableau", bureau.root)

    assert run.status == 0
    assert "est gardée dans « Tableau de bord (annoté).html »" in run.out.replace("\N{NO-BREAK SPACE}", " ")
    assert pages(bureau) == {PAGE: made, "Tableau de bord (annoté).html": theirs}
    assert bureau.run("tableau", bureau.root, "--json").json["garde"] is None
    bureau.run("tableau", bureau.root, le=date(2027, 6, 5))
    assert len(pages(bureau)) == 2, "our own page is replaced"


def test_what_is_saved_at_that_very_moment_is_kept_too(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.run("tableau", bureau.root)
    saved: list[str] = []

    def save_now(path: Path) -> bool:
        if not saved:
            saved.append(page(bureau) + "<p>vu</p>")
            path.write_text(saved[0], encoding="utf-8")
        return False

    monkeypatch.setattr(holders, "is_open_elsewhere", save_now)
    assert bureau.run("tableau", bureau.root, le=date(2027, 6, 5)).status == 0

    assert pages(bureau)["Tableau de bord (annoté).html"] == saved[0]
    assert "5 juin" in page(bureau).replace("\N{NO-BREAK SPACE}", " ")


def test_a_page_that_is_open_is_left_and_told(bureau: Bureau) -> None:
    bureau.run("tableau", bureau.root)
    before = page(bureau)
    bureau.root.joinpath(f".~lock.{PAGE}#").write_text("Ambre Fictive,ambre,POSTE-3,;", encoding="utf-8")

    run = bureau.run("tableau", bureau.root, le=date(2027, 6, 5))

    assert run.status == 4 and "est ouvert par Ambre Fictive. Le fermer, puis relancer." in run.err
    assert pages(bureau) == {PAGE: before}


# --- echeances ------------------------------------------------------------------------------------------------------


def test_deadlines_of_the_tree_are_told_soonest_first(office: Bureau) -> None:
    ones = office.run("echeances", office.root, "--json").json["echeances"]
    limits = [one["limite"] for one in ones]
    assert limits == sorted(limits) and len(limits) > 5
    (first,) = [one for one in ones if one["code"] == "E01" and one["reference"] == "2027-G-002"]
    assert (first["limite"], first["etat"], first["client"]) == ("2027-01-13", "depassee", "<b>Été & Cie</b>")
    assert first["chemin"].endswith(HOSTILE)


def test_deadlines_of_one_dossier_and_of_the_coming_days(office: Bureau) -> None:
    folder = office.root / "Groupe/2027/06 - Juin/Dossier en cours" / HOSTILE
    run = office.run("echeances", folder)
    assert "13/01/2027  en retard  Recontacter le client – 2027-G-002" in run.out
    shown = office.run("echeances", office.root, "--jours", "7", "--json").json["echeances"]
    assert (
        max(one["limite"] for one in shown)
        <= "2027-06-11"
        < max(one["limite"] for one in office.run("echeances", office.root, "--json").json["echeances"])
    )


def test_nothing_to_do(bureau: Bureau) -> None:
    bureau.root.joinpath("prestataires.toml").write_text("version_schema = 1\n", encoding="utf-8")
    folder = bureau.dossier(
        toml(*jusqu_a(Etat.FINALISE), "annulation.le = 2027-06-01"),
        lieu="Groupe/2027/06 - Juin/Dossier annulé ou sans suite",
    )
    assert bureau.run("echeances", folder).out.strip() == "Aucune échéance."


def test_the_month_is_to_be_put_on_the_wall_until_it_is(bureau: Bureau) -> None:
    def due(le: date) -> list[tuple[str, str]]:
        found = bureau.run("echeances", bureau.root, "--json", le=le).json["echeances"]
        return [(one["limite"], one["etat"]) for one in found if one["code"] == "E21"]

    bureau.dossier(exemple("dossier_groupe"))
    assert due(date(2027, 4, 28)) == []
    assert due(date(2027, 5, 25)) == [("2027-05-31", "a_venir")]
    assert due(date(2027, 6, 4)) == [("2027-05-31", "depassee")]
    journal = bureau.root / "Groupe/2027/_suivi/affichages.jsonl"
    journal.parent.mkdir()
    entry = '{"jour": "2027-05-31", "mois": "2027-06", "classeur": "Récap groupes par mois.xlsx", "changements": []}\n'
    journal.write_text(f'{{"jour": "2027-0\n{entry}', encoding="utf-8")
    assert due(date(2027, 6, 4)) == []


def test_a_month_on_the_wall_that_says_otherwise_is_to_be_put_up_again(bureau: Bureau) -> None:
    def due() -> list[str]:
        found = bureau.run("echeances", bureau.root, "--json").json["echeances"]
        return [one["libelle"].replace("\N{NO-BREAK SPACE}", " ") for one in found if one["code"] == "E22"]

    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", bureau.root, "--sans-pdf")
    path = bureau.root / "Groupe/2027/Récap groupes par mois.xlsx"
    reglages = load_settings(bureau.root).office.recap
    posted = post(path.read_bytes(), Typologie.GROUPE, 2027, 6, JOUR, reglages)
    assert posted and posted.content
    path.write_bytes(posted.content)
    journal = bureau.root / "Groupe/2027/_suivi/affichages.jsonl"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text('{"mois": "2027-06", "classeur": "Récap groupes par mois.xlsx", "feuille": "x"}\n', "utf-8")
    assert due() == []

    assert bureau.run("noter", folder, "sejour.lieu_accueil=Gare de Dieppe").status == 0
    bureau.run("generer", bureau.root, "--sans-pdf")

    assert due() == ["Afficher de nouveau « Récap groupes par mois » pour juin 2027 (1 changement)"]
    path.write_bytes(b"abime")
    assert due() == []


# --- in a real browser ----------------------------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--virtual-time-budget=3000",
)  # fmt: skip
MEASURE = """<script>onload = () => parent.postMessage([innerWidth, document.documentElement.scrollWidth,
document.querySelectorAll("tbody tr").length].join(" "), "*");</script></body>"""
FRAME = """<script>onmessage = (told) => document.title = told.data;</script>
<iframe src="mesure.html" style="width: {}px; height: 900px; border: 0"></iframe>"""


def browse(path: Path, profile: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    assert CHROMIUM
    return subprocess.run(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", *more, path.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_it_whole_at_every_width(office: Bureau, tmp_path: Path, width: int) -> None:
    office.run("tableau", office.root)
    # The measure is of the test, in a frame as wide as the screen: the page itself has no script.
    (office.root / "mesure.html").write_text(page(office).replace("</body>", MEASURE), encoding="utf-8")
    frame = office.root / "écran.html"
    frame.write_text(FRAME.format(width), encoding="utf-8")

    shown = browse(frame, tmp_path / "profil", "--window-size=1400,1000", "--dump-dom")

    title = re.search(r"<title>(\d+) (\d+) (\d+)</title>", shown.stdout)
    assert title, shown.stderr
    inner, needed, lines = (int(number) for number in title.groups())
    assert inner == width and needed <= inner
    assert lines > 8
    assert "CONSOLE" not in shown.stderr


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_it_prints_on_a4_landscape(office: Bureau, tmp_path: Path) -> None:
    from pypdf import PdfReader

    office.run("tableau", office.root)
    printed = tmp_path / "page.pdf"
    browse(office.root / PAGE, tmp_path / "profil", "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    pages = PdfReader(printed).pages
    assert 1 <= len(pages) <= 4
    assert [round(float(side)) for side in (pages[0].mediabox.width, pages[0].mediabox.height)] == [842, 595]
    assert "Recontacter le client" in pages[0].extract_text()
