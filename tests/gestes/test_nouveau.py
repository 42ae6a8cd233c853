"""A new tree, a new dossier: made whole, never over what exists, and without an error of its own."""

import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import tomli

from tests.conftest import Bureau, Run
from toolkit.dossier.office import Office
from toolkit.errors import AgentError
from toolkit.gestes.nouveau import initialise
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.layout import SOUS_DOSSIERS


def nouveau(bureau: Bureau, client: str, *more: str, typologie: str = "groupe", debut: str = "2027-06-17") -> Run:
    telephone = () if "--telephone" in more else ("--telephone", "02 35 00 00 31")
    return bureau.run("nouveau", bureau.root, typologie, client, debut, *telephone, *more, "--json")


def created(bureau: Bureau, run: Run) -> Path:
    assert run.status == 0, run.out
    return bureau.root.joinpath(run.json["chemin"])


def errors(bureau: Bureau) -> list[str]:
    report = bureau.run("verifier", bureau.root, "--json").json
    return [
        problem["message"]
        for problem in [*report["problemes"], *(p for one in report["dossiers"] for p in one["problemes"])]
        if problem["gravite"] == "erreur"
    ]


# --- initialiser ----------------------------------------------------------------------------------------------------


def test_a_new_tree_can_be_used_at_once(tmp_path: Path) -> None:
    bureau = Bureau.__new__(Bureau)
    bureau.root = tmp_path / "Gestion de clientèle"

    run = bureau.run("initialiser", bureau.root, "--json", le=None)

    assert run.status == 0
    assert set(run.json["fichiers"]) == bureau.files()
    assert {"office.toml", "prestataires.toml", "modeles/contrat_groupe.docx"} <= bureau.files()
    assert {"Groupe", "Individuel", "modeles"} <= {path.name for path in bureau.root.iterdir()}
    assert "jour_de_demonstration" not in tomli.loads((bureau.root / "office.toml").read_text(encoding="utf-8"))
    folder = created(bureau, nouveau(bureau, "Les Aînés"))
    assert folder.name == "2027-06-17 Aînés"
    assert errors(bureau) == []


def test_a_tree_that_exists_is_not_touched(bureau: Bureau) -> None:
    before = bureau.files()

    run = bureau.run("initialiser", bureau.root)

    assert run.status == 1
    assert "rien n'a été touché" in run.err.replace("\N{NO-BREAK SPACE}", " ")
    assert bureau.files() == before


def test_what_a_folder_already_holds_is_kept(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path)
    bureau.root.joinpath("office.toml").unlink()
    bureau.root.joinpath("modeles").mkdir()
    bureau.root.joinpath("modeles", "contrat_groupe.docx").write_bytes(b"le leur")
    prestataires = bureau.root.joinpath("prestataires.toml").read_bytes()

    run = bureau.run("initialiser", bureau.root, "--json", le=None)

    assert "prestataires.toml" not in run.json["fichiers"]
    assert bureau.root.joinpath("prestataires.toml").read_bytes() == prestataires
    assert bureau.root.joinpath("modeles", "contrat_groupe.docx").read_bytes() == b"le leur"


class Killed(BaseException):
    """Of the process, as far as it can be told in one."""


def tree(root: Path) -> dict[str, bytes | None]:
    """Every file with its bytes, every folder with None."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None for path in root.rglob("*")
    }


def test_a_tree_that_a_kill_left_is_completed_whenever_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    initialise(tmp_path / "entière")
    whole = tree(tmp_path / "entière")
    write = files.write

    for number in range(sum(content is not None for content in whole.values())):
        root, left = tmp_path / str(number), [number]

        def write_until(path: Path, content: bytes, left: list[int] = left, **more: Any) -> None:
            if not left[0]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.with_name(f"{files.TEMPORARY_PREFIX}{files._MACHINE}-4194305-x.tmp").write_bytes(content[:10])
                raise Killed
            left[0] -= 1
            write(path, content, **more)

        monkeypatch.setattr(files, "write", write_until)
        with pytest.raises(Killed):
            initialise(root)
        monkeypatch.setattr(files, "write", write)
        with pytest.raises(AgentError, match=r"Aucun fichier office\.toml"):
            layout.find_root(root)
        theirs = root / "modeles/avenant.docx"
        theirs.parent.mkdir(exist_ok=True)
        theirs.write_bytes(b"le leur")

        assert root / "office.toml" in initialise(root).made

        assert tree(root) == {**whole, "modeles/avenant.docx": b"le leur"}
    with pytest.raises(AgentError, match="rien n'a été touché"):
        initialise(root)


def test_two_who_lay_a_tree_at_once_both_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = files.write

    def write_second(path: Path, content: bytes, **more: Any) -> None:
        write(path, b"l'autre")
        write(path, content, **more)

    monkeypatch.setattr(files, "write", write_second)

    assert initialise(tmp_path / "office").made == []
    assert {content for content in tree(tmp_path / "office").values() if content is not None} == {b"l'autre"}


# --- nouveau --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("Les Aînés de Sainte-Fiction", "2027-06-17 Aînés de Sainte-Fiction"),
        ('Dupont / "Durand" & Fils <SARL>', "2027-06-17 Dupont - -Durand- & Fils -SARL-"),
        ("CON", "2027-06-17 CON"),
        ("..", "2027-06-17"),
        ("../../ailleurs", "2027-06-17 ..-..-ailleurs"),
        ("C:\\temp\\nul", "2027-06-17 C-temp-nul"),
        ("Société Ça & Là ; 日本 ???", "2027-06-17 Société Ça & Là ; 日本"),
        ("???", "2027-06-17"),
        ('""" = [[', "2027-06-17 - = [["),
        ("{nom_client} {0} %s", "2027-06-17 {nom_client} {0} %s"),
        ("  Marin  \t d'eau\ndouce ", "2027-06-17 Marin d'eau douce"),
    ],
)
def test_any_client_gets_a_folder_and_a_file_without_an_error(client: str, name: str, bureau: Bureau) -> None:
    folder = created(bureau, nouveau(bureau, client))

    assert folder.parent == bureau.root / "Groupe/2027/06 - Juin/Dossier en cours"
    assert folder.name == name
    assert tomli.loads((folder / "dossier.toml").read_text(encoding="utf-8"))["client"]["nom"] == client
    assert errors(bureau) == []


def test_all_that_is_known_is_written_and_the_rest_stays_a_comment(bureau: Bureau) -> None:
    more = ["--participants", "42", "--canal", "mail", "--telephone", "02 35 00 00 31", "--mail", "a@example.org"]
    more += ["--categorie", "association", "--agent", "chargee-2", "--intitule", "Journée « port »"]
    folder = created(bureau, nouveau(bureau, "Les Aînés", *more))

    text = (folder / "dossier.toml").read_text(encoding="utf-8")
    facts = tomli.loads(text)

    assert folder.name == "2027-06-17 Aînés 42p"
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {
        "1 Demande",
        "2 Devis",
        "3 Contrat",
        "4 Bons d'échange",
        "5 Avenants",
        "6 Carnet",
        "7 Factures",
        "8 Mails à envoyer",
    }
    assert (facts["reference"], facts["agent"], facts["intitule"]) == ("2027-G-001", "chargee-2", "Journée « port »")
    assert facts["demande"]["canal"] == "mail"
    assert facts["demande"]["recue_le"].date().isoformat() == "2027-06-04"
    assert facts["client"] == {
        "nom": "Les Aînés",
        "categorie": "association",
        "telephone": "02 35 00 00 31",
        "mail": "a@example.org",
    }
    assert facts["effectif"] == {"participants": 42}
    assert facts["sejour"]["debut"].isoformat() == facts["sejour"]["fin"].isoformat() == "2027-06-17"
    assert "# nature = " in text
    assert errors(bureau) == []


def test_every_commented_line_of_the_new_file_is_right_once_its_sign_is_removed(bureau: Bureau) -> None:
    """What the file invites to write must be what the toolkit reads."""
    folder = created(bureau, nouveau(bureau, "Les Aînés"))
    path = folder / "dossier.toml"
    head, body = path.read_text(encoding="utf-8").split("version_schema", 1)
    lines = []
    for line in body.splitlines():
        bare = line.removeprefix("# ")
        is_fact = line.startswith("# ") and (" = " in bare or bare.startswith("["))
        lines.append(bare if is_fact else line)
    seen: set[str] = set()
    header = ""
    for index, line in enumerate(lines):
        if line.startswith("["):
            header = line
        key = f"{header} {line.partition('=')[0].strip()}"
        if "=" in line and not line.startswith("#"):
            lines[index] = "" if key in seen else line
            seen.add(key)
    path.write_text(f"{head}version_schema" + "\n".join(lines), encoding="utf-8")

    (one,) = bureau.run("verifier", bureau.root, "--json").json["dossiers"]

    reading = [
        problem
        for problem in one["problemes"]
        if problem["gravite"] == "erreur" and ("inconnu" in problem["message"] or not problem["champ"])
    ]
    assert reading == []


def test_the_next_free_reference_is_taken(bureau: Bureau) -> None:
    def reference(client: str, **where: str) -> str:
        run = nouveau(bureau, client, **where)
        assert run.status == 0
        return str(run.json["reference"])

    bureau.dossier('reference = "2027-G-041"\n', nom="a")
    bureau.dossier('  reference="2027-G-007" # celle-ci aussi\n', nom="b", lieu="Groupe/2027/06 - Juin/annulé")
    bureau.dossier('reference = "2027-G-9x"\n', nom="c")
    bureau.dossier(b"\xff\0\0", nom="d")

    assert reference("Un") == "2027-G-042"
    assert reference("Deux") == "2027-G-043"
    assert reference("Trois", typologie="individuel") == "2027-I-001"
    assert reference("Quatre", debut="2028-01-01") == "2028-G-001"


def test_the_same_client_on_the_same_day_is_refused(bureau: Bureau) -> None:
    folder = created(bureau, nouveau(bureau, "Les Aînés"))
    before = (folder / "dossier.toml").read_bytes()

    run = nouveau(bureau, "Aînés")

    assert run.status == 1
    assert "existe déjà" in run.json["erreur"]
    assert (folder / "dossier.toml").read_bytes() == before


@pytest.mark.parametrize("name", ["2027-06-17 AÎNÉS", unicodedata.normalize("NFD", "2027-06-17 Aînés")])
def test_names_are_the_same_when_windows_says_so(bureau: Bureau, name: str) -> None:
    folder = bureau.dossier('reference = "2027-G-041"\n', nom=name)

    run = nouveau(bureau, "Aînés")

    assert run.status == 1 and "existe déjà" in run.json["erreur"]
    assert [one.name for one in folder.parent.iterdir()] == [name]


@pytest.mark.parametrize("inside", [(), ("1 Demande",), ("1 Demande", "8 Mails à envoyer")])
def test_an_empty_folder_that_waits_under_that_name_is_taken(bureau: Bureau, inside: tuple[str, ...]) -> None:
    folder = bureau.root / "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 AÎNÉS"
    for one in ("", *inside):
        (folder / one).mkdir(parents=True)
    reference = bureau.dossier('reference = "2027-G-041"\n', nom="autre")

    assert created(bureau, nouveau(bureau, "Aînés")) == folder

    facts = tomli.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    assert facts["reference"] == "2027-G-042"
    assert {one.name for one in folder.iterdir() if one.is_dir()} == set(SOUS_DOSSIERS)
    assert {one.name for one in folder.parent.iterdir()} == {folder.name, reference.name}


@pytest.mark.parametrize("theirs", ["courrier.pdf", "1 Demande/courrier.pdf", "Photos/", "1 Demande/Photos/"])
def test_a_folder_where_someone_put_something_is_not_ours_to_fill(bureau: Bureau, theirs: str) -> None:
    folder = bureau.root / "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Aînés"
    (folder / "1 Demande").mkdir(parents=True)
    (folder / theirs).mkdir() if theirs.endswith("/") else (folder / theirs).write_bytes(b"x")
    before = sorted(folder.rglob("*"))

    run = nouveau(bureau, "Aînés")

    assert run.status == 1 and "existe déjà" in run.json["erreur"]
    assert sorted(folder.rglob("*")) == before


def test_a_dossier_that_moves_while_they_are_looked_at_keeps_its_number(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bureau.dossier('reference = "2027-G-041"\n')
    bureau.dossier('reference = "2027-G-007"\n', nom="autre")
    annule = folder.parent.with_name("Dossier annulé ou sans suite")
    annule.mkdir()
    look = layout.look

    def hide_once(root: Path, office: Office) -> layout.Looked:
        """It was in neither folder when each of them was listed."""
        monkeypatch.setattr(layout, "look", look)
        folder.rename(annule / folder.name)
        seen = look(root, office)
        return seen._replace(sources={path: one for path, one in seen.sources.items() if folder.name not in path})

    monkeypatch.setattr(layout, "look", hide_once)

    assert nouveau(bureau, "Aînés").json["reference"] == "2027-G-042"


def test_a_folder_that_someone_makes_at_that_very_moment_is_left(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree = files.make_tree

    def make_after(folder: Path, *arguments: Any, **more: Any) -> None:
        folder.mkdir(parents=True)
        make_tree(folder, *arguments, **more)

    monkeypatch.setattr(files, "make_tree", make_after)
    run = nouveau(bureau, "Aînés")

    assert run.status == 1 and "existe déjà" in run.json["erreur"]
    (folder,) = (bureau.root / "Groupe/2027/06 - Juin/Dossier en cours").iterdir()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("client", "name"),
    [
        ("Amicale des anciens marins de Sainte-Fiction", "2027-06-17 Amicale des anciens marins 42p"),
        ("Association sportive et culturelle de la Vallée", "2027-06-17 Association sportive 42p"),
        ("Amicale " * 60, "2027-06-17 Amicale Amicale Amicale 42p"),
        ("Interprofessionnelle-départementale-maritime", "2027-06-17 Interprofessionnelle-départem 42p"),
    ],
)
def test_a_long_name_is_shortened_in_the_folder_alone(bureau: Bureau, client: str, name: str) -> None:
    folder = created(bureau, nouveau(bureau, client, "--participants", "42"))

    assert folder.name == name
    told = tomli.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    assert told["client"]["nom"] == client
    assert "existe déjà" in nouveau(bureau, client, "--participants", "42").json["erreur"]


def test_a_root_too_deep_for_any_document_is_told_before_anything_is_made(bureau: Bureau) -> None:
    bureau.seen_from("L:\\" + "x" * 200)
    before = bureau.files()

    run = nouveau(bureau, "Aînés")

    assert run.status == 1
    assert "trop profond" in run.json["erreur"]
    assert bureau.files() == before
    assert not (bureau.root / "Groupe").exists()


def test_a_long_name_is_whole_where_paths_may_be_long(bureau: Bureau) -> None:
    bureau.seen_from("L:")
    client = "Amicale " * 12 + "de Songeville"

    folder = created(bureau, nouveau(bureau, client))

    assert 70 < len(folder.name) <= 80


def test_existing_folders_are_used_as_people_named_them(bureau: Bureau) -> None:
    there = bureau.root / "GROUPES" / "2027" / "juin" / "en cours"
    there.mkdir(parents=True)

    assert created(bureau, nouveau(bureau, "Les Aînés")).parent == there


# --- two at once ----------------------------------------------------------------------------------------------------

TURNS = 100
MAKE_IN_TURN = """
import contextlib, io, sys
from toolkit import cli
root, client, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
for number in range(turns):
    with contextlib.redirect_stdout(io.StringIO()):
        status = cli.main(["nouveau", root, "groupe", f"{client} {number}", "2027-06-17", "--json"])
    print(status, flush=True)
"""
MOVE_IN_TURN = """
import sys, time
from pathlib import Path
here, there = map(Path, sys.argv[1:])
while True:
    for source, target in ((here, there), (there, here)):
        for one in sorted(source.iterdir()):
            if one.name[0] != ".":
                one.rename(target / one.name)
                time.sleep(0.05)
"""


def make_at_once(bureau: Bureau, *clients: str) -> list[str]:
    """Each client, with a number behind it, in a process of its own; gives all their exit statuses."""
    command = [sys.executable, "-c", MAKE_IN_TURN, str(bureau.root)]
    making = [subprocess.Popen([*command, one, str(TURNS)], stdout=subprocess.PIPE, text=True) for one in clients]
    return [status for one in making for status in one.communicate(timeout=300)[0].split()]


def references(bureau: Bureau) -> list[str]:
    """Of every dossier, each of which is whole."""
    found = []
    for path in bureau.root.rglob("dossier.toml"):
        assert {one.name for one in path.parent.iterdir()} == {*SOUS_DOSSIERS, "dossier.toml"}
        found.append(str(tomli.loads(path.read_text(encoding="utf-8"))["reference"]))
    return sorted(found)


@pytest.mark.slow
def test_the_same_client_asked_for_by_two_at_once_is_one_dossier(bureau: Bureau) -> None:
    statuses = make_at_once(bureau, "Client", "Client")

    assert sorted(statuses) == ["0"] * TURNS + ["1"] * TURNS
    assert references(bureau) == [f"2027-G-{number:03d}" for number in range(1, TURNS + 1)]
    assert list(bureau.root.rglob(f"{files.TEMPORARY_PREFIX}*")) == []


@pytest.mark.slow
def test_references_are_given_once_beside_someone_who_moves_dossiers(bureau: Bureau) -> None:
    mois = bureau.root / "Groupe/2027/06 - Juin"
    places = [mois / name for name in ("Dossier en cours", "Dossier annulé ou sans suite")]
    for one in places:
        one.mkdir(parents=True)

    with subprocess.Popen([sys.executable, "-c", MOVE_IN_TURN, *places]) as moving:
        statuses = make_at_once(bureau, "Un", "Deux")
        assert moving.poll() is None
        moving.kill()

    assert statuses == ["0"] * 2 * TURNS
    assert references(bureau) == [f"2027-G-{number:03d}" for number in range(1, 2 * TURNS + 1)]
