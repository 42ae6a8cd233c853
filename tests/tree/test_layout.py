"""Where a dossier lies: read as people name folders, written as the office does."""

import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Bureau, exemple
from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.office import Office
from toolkit.errors import AgentError
from toolkit.tree import layout
from toolkit.tree.settings import load_settings

FORBIDDEN = '<>:"/\\|?*'


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return load_settings(Bureau(tmp_path_factory.mktemp("bureau")).root).office


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("name", "mois"),
    [
        ("06 - Juin", 6),
        ("06 - JUIN", 6),
        ("6", 6),
        ("06", 6),
        ("6-juin", 6),
        ("06_juin", 6),
        ("juin", 6),
        ("Juin 2027", 6),
        ("Janv.", 1),
        ("janvier", 1),
        ("Fév", 2),
        ("fevrier", 2),
        (nfd("Février"), 2),
        (nfd("08 - Août"), 8),
        ("AOUT", 8),
        ("12 - Décembre", 12),
        ("  10 - Octobre ", 10),
        ("juil", 7),
        ("Jui", None),
        ("ju", None),
        ("0", None),
        ("13", None),
        ("2027", None),
        ("Photos", None),
        ("", None),
    ],
)
def test_a_month_is_read_as_people_write_it(name: str, mois: int | None) -> None:
    assert layout.parse_mois(name) == mois


@pytest.mark.parametrize(
    ("name", "statut"),
    [
        ("Dossier en cours", Statut.EN_COURS),
        ("en cours", Statut.EN_COURS),
        ("EN  COURS", Statut.EN_COURS),
        ("dossiers en cours", Statut.EN_COURS),
        ("Dossier traité", Statut.TRAITE),
        (nfd("Dossier traité"), Statut.TRAITE),
        ("Traite", Statut.TRAITE),
        ("dossiers traités", Statut.TRAITE),
        ("Dossier annulé ou sans suite", Statut.ANNULE),
        ("ANNULES", Statut.ANNULE),
        ("sans suite", Statut.ANNULE),
        ("Archives", None),
        ("", None),
    ],
)
def test_a_statut_is_read_as_people_write_it(name: str, statut: Statut | None, office: Office) -> None:
    assert layout.parse_statut(name, office) is statut


@pytest.mark.parametrize(
    ("name", "typologie"),
    [
        ("Groupe", Typologie.GROUPE),
        ("GROUPES", Typologie.GROUPE),
        ("individuels", Typologie.INDIVIDUEL),
        (" Individuel ", Typologie.INDIVIDUEL),
        ("modeles", None),
    ],
)
def test_a_typologie_is_read_as_people_write_it(name: str, typologie: Typologie | None, office: Office) -> None:
    assert layout.parse_typologie(name, office) is typologie


@pytest.mark.parametrize(
    ("name", "annee"), [("2027", 2027), (" 2027 ", 2027), ("27", None), ("1999", None), ("2027 bis", None)]
)
def test_a_year_has_four_digits(name: str, annee: int | None) -> None:
    assert layout.parse_annee(name) == annee


@pytest.mark.parametrize(
    "lieu",
    [
        "Groupe/2027/06 - Juin/Dossier en cours",
        "GROUPES/2027/6/en cours",
        nfd("groupe/2027/juin/Dossier traité"),
        "Groupe/2027/Juin 2027/annulé",
    ],
)
def test_a_dossier_is_found_wherever_people_made_its_folder(lieu: str, bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"), lieu=lieu)

    (one,) = bureau.run("verifier", bureau.root, "--json").json["dossiers"]

    assert one["reference"] == "2027-G-014"


@pytest.mark.parametrize(
    ("lieu", "nom"),
    [
        ("Groupe/2027/06 - Juin", "2027-06-17 Aînés"),
        ("Groupe/2027/06 - Juin/Dossier en cours/Urgents", "2027-06-17 Aînés"),
        ("Groupe/2027/06 - Juin/Divers", "2027-06-17 Aînés"),
        ("Groupe/2027/13 - Juin/Dossier en cours", "2027-06-17 Aînés"),
        ("Groupe/vingt-sept/06 - Juin/Dossier en cours", "2027-06-17 Aînés"),
        ("Séminaires/2027/06 - Juin/Dossier en cours", "2027-06-17 Aînés"),
        (".", "Bureau"),
    ],
)
def test_a_dossier_out_of_place_is_told_and_not_made(lieu: str, nom: str, bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"), lieu=lieu, nom=nom)

    run = bureau.run("generer", bureau.root, "--json")

    assert run.status == 1
    assert run.json["dossiers"] == []
    (problem,) = run.json["problemes"]
    assert problem["fichier"] == (folder / "dossier.toml").relative_to(bureau.root).as_posix()
    assert "pas à sa place" in problem["message"]
    assert bureau.files(folder) == {"dossier.toml"}


def test_what_hangs_in_a_dossier_or_in_a_hidden_folder_is_no_dossier(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    for inside in (folder / "1 Demande", bureau.root / "_suivi", bureau.root / ".corbeille" / "a"):
        inside.mkdir(parents=True)
        inside.joinpath("dossier.toml").write_text(exemple("dossier_groupe"), encoding="utf-8")

    run = bureau.run("verifier", bureau.root, "--json")

    assert len(run.json["dossiers"]) == 1
    assert run.json["problemes"] == []


def test_links_are_not_followed(bureau: Bureau, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("ailleurs")
    elsewhere.joinpath("dossier.toml").write_text(exemple("dossier_groupe"), encoding="utf-8")
    month = bureau.root / "Groupe/2027/06 - Juin/Dossier en cours"
    month.mkdir(parents=True)
    month.joinpath("2027-06-17 Lien").symlink_to(elsewhere, target_is_directory=True)
    month.joinpath("boucle").symlink_to(bureau.root, target_is_directory=True)

    assert bureau.run("verifier", bureau.root, "--json").json["dossiers"] == []


def test_dossiers_come_in_the_order_of_the_tree(bureau: Bureau) -> None:
    for lieu, nom in [
        ("Individuel/2027/04 - Avril/Dossier en cours", "b"),
        ("Groupe/2027/06 - Juin/Dossier en cours", "b"),
        ("Groupe/2027/06 - Juin/Dossier en cours", "a"),
        ("Groupe/2026/12 - Décembre/Dossier traité", "c"),
    ]:
        bureau.dossier("", lieu=lieu, nom=nom)

    found = layout.find(bureau.root, load_settings(bureau.root).office).dossiers

    assert [(one.typologie, one.annee, one.mois, one.statut, one.path.name) for one in found] == [
        (Typologie.GROUPE, 2026, 12, Statut.TRAITE, "c"),
        (Typologie.GROUPE, 2027, 6, Statut.EN_COURS, "a"),
        (Typologie.GROUPE, 2027, 6, Statut.EN_COURS, "b"),
        (Typologie.INDIVIDUEL, 2027, 4, Statut.EN_COURS, "b"),
    ]


def test_a_new_place_is_written_as_office_toml_says(bureau: Bureau, office: Office) -> None:
    name = layout.compose_name(office, date(2027, 6, 17), "Les Aînés de Sainte-Fiction", 42)
    path = layout.compose(bureau.root, office, Typologie.GROUPE, date(2027, 6, 17), Statut.ANNULE, name)

    assert path.relative_to(bureau.root).as_posix() == (
        "Groupe/2027/06 - Juin/Dossier annulé ou sans suite/2027-06-17 Aînés de Sainte-Fiction 42p"
    )


def test_a_new_place_uses_the_folders_that_are_there(bureau: Bureau, office: Office) -> None:
    existing = bureau.root / "GROUPES" / "2027" / nfd("Août") / "en cours"
    existing.mkdir(parents=True)

    path = layout.compose(bureau.root, office, Typologie.GROUPE, date(2027, 8, 3), Statut.EN_COURS, "x")

    assert path == existing / "x"
    assert layout.annee_folder(bureau.root, office, Typologie.GROUPE, 2027) == bureau.root / "GROUPES" / "2027"


@pytest.mark.parametrize("debut", [date(2027, month, 1) for month in range(1, 13)])
@pytest.mark.parametrize("statut", list(Statut))
def test_what_is_written_is_read_back(debut: date, statut: Statut, tmp_path: Path, office: Office) -> None:
    path = layout.compose(tmp_path, office, Typologie.INDIVIDUEL, debut, statut, "x")

    assert layout.parse(tmp_path, path, office) == layout.DossierFolder(
        path, Typologie.INDIVIDUEL, debut.year, debut.month, statut
    )


@pytest.mark.parametrize(
    ("client", "effectif", "name"),
    [
        ("Les Aînés", 42, "2027-06-17 Aînés 42p"),
        ("L'Escale", 3, "2027-06-17 Escale 3p"),
        ("L’Escale", 3, "2027-06-17 Escale 3p"),
        ("La", None, "2027-06-17 La"),
        ("Lesage", None, "2027-06-17 Lesage"),
        ("Le Coup d'p", None, "2027-06-17 Coup d'p"),
        ('Dupont / "Durand" & Fils <SARL>', 2, "2027-06-17 Dupont - -Durand- & Fils -SARL- 2p"),
    ],
)
def test_the_name_of_a_new_dossier(client: str, effectif: int | None, name: str, office: Office) -> None:
    assert layout.compose_name(office, date(2027, 6, 17), client, effectif) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Aînés de Sainte-Fiction", "Aînés de Sainte-Fiction"),
        (nfd("Aînés"), "Aînés"),
        ("a/b\\c:d", "a-b-c-d"),
        ("fin.  . ", "fin"),
        ("  deux   blancs\t\n", "deux blancs"),
        ("", "sans nom"),
        ("...", "sans nom"),
        ("..", "sans nom"),
        (".", "sans nom"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ("\x00\x1f", "nom illisible"),
        ("???", "nom illisible"),
        ("- ? -", "nom illisible"),
        ("Où ? Quand ???", "Où - Quand"),
        ("<SARL>", "-SARL-"),
        ("CON ?", "CON_"),
        ("Fils, (", "Fils, ("),
        ("x" * 500, "x" * 80),
        ("x" * 79 + ". y", "x" * 79),
        ("x" * 70 + " (suite et fin)", "x" * 70 + " (suite"),
        ("x" * 70 + " - suivi de la fin", "x" * 70 + " - suivi"),
        ("x" * 70 + ", (longue-suite)", "x" * 70),
        ("court " + "x" * 100, "court " + "x" * 74),
    ],
)
def test_a_safe_name(text: str, name: str) -> None:
    assert layout.safe_name(text) == name


def test_a_shorter_name_is_cut_between_two_words() -> None:
    guide = "Hélène Fabulette, guide-conférencière (fictif)"
    assert layout.safe_name(guide, 40) == "Hélène Fabulette, guide-conférencière"


@pytest.mark.parametrize("text", ["CON", "con", "nul", "COM1", "LPT9.txt", "aux. "])
def test_a_name_that_windows_keeps_for_itself_is_changed(text: str) -> None:
    assert layout.safe_name(text).split(".")[0].upper() not in {"CON", "NUL", "COM1", "LPT9", "AUX"}


@given(st.text(max_size=200))
def test_any_text_gives_a_name_that_can_be_a_folder(text: str) -> None:
    name = layout.safe_name(text)

    assert 0 < len(name) <= 80
    assert not set(name) & set(FORBIDDEN)
    assert not any(unicodedata.category(char) == "Cc" for char in name)
    assert name == name.strip()
    assert name not in (".", "..")
    assert not name.endswith((".", " -"))
    assert set(name) - set(" .-")
    assert layout.safe_name(name) == name


def test_the_root_is_found_from_any_depth(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))

    assert layout.find_root(folder / "3 Contrat") == bureau.root
    assert layout.enclosing_folder(folder) == folder
    folder.joinpath("1 Demande").mkdir()
    assert layout.enclosing_folder(folder / "1 Demande") == folder
    assert layout.enclosing_folder(folder / "dossier.toml") == folder
    assert layout.enclosing_folder(folder.parent) == folder.parent


def test_outside_of_any_tree_the_agent_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="toolkit initialiser"):
        layout.find_root(tmp_path)
    with pytest.raises(AgentError, match="n'existe pas"):
        layout.enclosing_folder(tmp_path / "rien")
