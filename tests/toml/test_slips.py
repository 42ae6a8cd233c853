"""One folder per broken dossier.toml, named by its defect: what the agent is told, and what goes on all the same.

``attendu.txt`` has one line per problem, ``gravite ligne champ: message``, in the order in which they are told.
"""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ICI, Bureau

CAS = sorted(ICI.joinpath("toml", "cas").glob("*/dossier.toml"))
SAIN = ICI / "toml" / "cas" / "aucun-defaut" / "dossier.toml"


def attendu(source: Path) -> list[str]:
    return source.with_name("attendu.txt").read_text(encoding="utf-8").splitlines()


def is_wrong(source: Path) -> bool:
    return any(line.startswith("erreur") for line in attendu(source))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def lines(one: Any) -> list[str]:
    """The problems of one dossier, as attendu.txt writes them."""
    assert all(problem["fichier"] == "dossier.toml" for problem in one["problemes"])
    return [
        plain(f"{problem['gravite']} {problem['ligne'] or '-'} {problem['champ'] or ''}: {problem['message']}")
        for problem in one["problemes"]
    ]


def swapped(content: bytes, old: str, new: str) -> bytes:
    """The same file with another text, whatever its encoding."""
    for encoding in ("utf-8", "utf-16-le"):
        content = content.replace(old.encode(encoding), new.encode(encoding))
    return content


def numbered(content: bytes, number: int) -> bytes:
    """The same file for another dossier."""
    return swapped(content, "2027-G-014", f"2027-G-{number:03d}")


def not_yet_accepted(content: bytes) -> bytes:
    """The same file before a contract is due, which spares a test a hundred Word files."""
    return swapped(content, "accepte_le", "# accepte_le")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What « verifier » tells of each case, all of them in one tree."""
    bureau = Bureau(tmp_path_factory.mktemp("bureau"))
    for number, source in enumerate(CAS, start=100):
        bureau.dossier(numbered(source.read_bytes(), number), nom=source.parent.name)
    run = bureau.run("verifier", bureau.root, "--json")
    assert run.status == 1
    return {one["chemin"].rpartition("/")[2]: lines(one) for one in run.json["dossiers"]}


@pytest.mark.parametrize("source", CAS, ids=lambda source: source.parent.name)
def test_each_defect_is_told_in_a_sentence_with_its_line(source: Path, told: dict[str, list[str]]) -> None:
    assert told[source.parent.name] == attendu(source)


def test_no_defect_stops_the_others_and_a_mended_one_loses_its_note(bureau: Bureau) -> None:
    numbers = {source: number for number, source in enumerate(CAS, start=100)}
    folders = {}
    for source, number in numbers.items():
        content = source.read_bytes()
        if source != SAIN and not is_wrong(source):
            content = not_yet_accepted(content)
        folders[source] = bureau.dossier(numbered(content, number), nom=source.parent.name)
    is_note = {source: is_wrong(source) for source in CAS}

    assert bureau.run("generer", bureau.root).status == 1
    assert bureau.files(folders[SAIN]) >= {f"3 Contrat/Contrat 2027-G-{numbers[SAIN]}.docx"}
    assert {source: folder.joinpath("À CORRIGER.txt").exists() for source, folder in folders.items()} == is_note

    for source, number in numbers.items():
        if is_note[source]:
            note = plain(folders[source].joinpath("À CORRIGER.txt").read_bytes().decode("utf-8-sig"))
            for line in attendu(source):
                assert line.partition(": ")[2] in note
            mended = not_yet_accepted(numbered(SAIN.read_bytes(), number))
            folders[source].joinpath("dossier.toml").write_bytes(mended)

    assert bureau.run("generer", bureau.root).status == 0
    assert not any("À CORRIGER.txt" in bureau.files(folder) for folder in folders.values())


@pytest.mark.parametrize("cas", ["champ-inconnu", "octets-nuls"])
def test_a_sound_dossier_gets_its_contract_beside_one_broken_dossier(cas: str, bureau: Bureau) -> None:
    broken = bureau.dossier(ICI.joinpath("toml", "cas", cas, "dossier.toml").read_bytes())
    sound = bureau.dossier(numbered(SAIN.read_bytes(), 13), nom="2027-06-17 Sain 42p")

    assert bureau.run("generer", bureau.root).status == 1
    assert "À CORRIGER.txt" not in bureau.files(sound)
    assert "3 Contrat/Contrat 2027-G-013.docx" in bureau.files(sound)
    assert bureau.files(broken) <= {"dossier.toml", "À CORRIGER.txt", "_suivi/etat.json", "_suivi/journal.txt"}

    broken.joinpath("dossier.toml").write_bytes(SAIN.read_bytes())

    assert bureau.run("generer", bureau.root).status == 0
    assert "À CORRIGER.txt" not in bureau.files(broken)
    assert "3 Contrat/Contrat 2027-G-014.docx" in bureau.files(broken)


def test_a_windows_1252_file_gets_its_contract_all_the_same(bureau: Bureau) -> None:
    folder = bureau.dossier(ICI.joinpath("toml", "cas", "windows-1252", "dossier.toml").read_bytes())

    assert bureau.run("generer", bureau.root).status == 0
    assert "3 Contrat/Contrat 2027-G-014.docx" in bureau.files(folder)


@pytest.mark.parametrize(
    "toml",
    [
        pytest.param(b"x = " + b"[" * 10_000, id="crochets ouverts"),
        pytest.param(b"x = " + b"[" * 10_000 + b"]" * 10_000, id="crochets fermés"),
        pytest.param(b"x = " + b"[" * 390 + b"]" * 390, id="crochets que le lecteur accepte"),
        pytest.param(b"x = " + b"{a=" * 5_000 + b"1" + b"}" * 5_000, id="accolades"),
        pytest.param(b"a." * 5_000 + b"a = 1", id="clé à rallonge"),
        pytest.param(b"[effectif]\nparticipants = " + b"9" * 10_000, id="entier de 10 000 chiffres"),
        pytest.param(b"[tarif]\nprix_par_personne = 1e99999999999999999999", id="exposant démesuré"),
        pytest.param(b"[tarif]\nprix_par_personne = nan", id="pas un nombre"),
        pytest.param(b"# " + b"x" * 2_000_000, id="2 Mo"),
        pytest.param(b"\0" * 2_000_000, id="2 Mo de nuls"),
        pytest.param(b"a" + b" " * 500_000 + b"\xc2\xa0=", id="longue ligne de blancs"),
        pytest.param(b"x = " + b"\xc2\xab " * 100_000, id="longue ligne de guillemets"),
        pytest.param(b"x = [" + b"1," * 50_000 + b"]", id="longue liste"),
        pytest.param(b"".join(b"k%d = 1\n" % number for number in range(10_000)), id="10 000 champs inconnus"),
        pytest.param(b"x = = =\n" * 30_000, id="30 000 lignes illisibles"),
    ],
)
def test_a_hostile_file_is_told_in_a_few_seconds_and_stops_nothing(toml: bytes, bureau: Bureau) -> None:
    start = time.process_time()
    bureau.dossier(toml)

    run = bureau.run("verifier", bureau.root, "--json")

    (one,) = run.json["dossiers"]
    assert run.status == 1
    assert 1 <= len(lines(one)) <= 150
    assert lines(one)[0].startswith("erreur ")
    assert max(map(len, lines(one))) < 400
    assert time.process_time() - start < 5


def test_a_nesting_that_no_agent_types_is_told_with_its_line(bureau: Bureau) -> None:
    folder = bureau.dossier("version_schema = 1\n# " + "x" * 9000 + "\nnotes = " + "[" * 3000 + "]" * 3000 + "\n")
    (said,) = bureau.run("verifier", folder, "--json").json["dossiers"][0]["problemes"]
    assert said["ligne"] == 3 and "démesurés" in said["message"]
