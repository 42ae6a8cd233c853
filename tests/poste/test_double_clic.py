"""Gestures of the desktop: what was dropped, on which tree it acts, what is asked, what is opened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import ICI, JOUR, Bureau
from tests.dossiers import jusqu_a, toml
from toolkit import cli
from toolkit.dossier.etat import Etat
from toolkit.poste import raccourcis
from toolkit.poste.double_clic import GESTES, Depot, Poste, dropped, perform
from toolkit.poste.questions import Abandoned, Conversation
from toolkit.poste.raccourcis import RACCOURCIS

SCRIPTS = ICI.parent / "scripts"
HOSTILE = "2027-06-17 Été & Cie ^100% l'île (1) ! 42p"


@dataclass
class Bureautique:
    """A person who answers, and what the gesture did for them."""

    answers: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    ran: list[list[str]] = field(default_factory=list)
    opened: list[Path] = field(default_factory=list)

    def ask(self, prompt: str) -> str:
        self.told.append(prompt)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def run(self, argv: Sequence[str]) -> int:
        self.ran.append(list(argv))
        return cli.main([*argv, "--le", JOUR.isoformat()])

    def do(self, nom: str, *chemins: Path, ici: Path | None = None) -> int:
        talk = Conversation(ask=self.ask, tell=self.told.append)
        poste = Poste(talk, self.run, self.opened.append, datetime.combine(JOUR, datetime.min.time()))
        return perform(nom, Depot(ici, chemins), poste)

    @property
    def text(self) -> str:
        return "\n".join(self.told).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def desk() -> Bureautique:
    return Bureautique()


@pytest.fixture(autouse=True)
def memoire(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("profil")
    monkeypatch.setenv("LOCALAPPDATA", str(home))
    yield home / "toolkit/racine.txt"


# --- what was dropped -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            r'C:\Windows\system32\cmd.exe /c ""L:\Gestion\Verifier.cmd" "L:\un dossier" L:\a&b"',
            [r"L:\un dossier", r"L:\a&b"],
        ),
        (r'C:\Windows\system32\cmd.exe /c ""L:\G\Verifier.cmd" L:\^100%!"', [r"L:\^100%!"]),
        (r'C:\Windows\system32\cmd.exe /c ""L:\G\Verifier.cmd" "L:\a & b (1)""', [r"L:\a & b (1)"]),
        (r'cmd /c ""\\serveur\groupes\VERIFIER.CMD" \\serveur\groupes\l' + "'île&\"", [r"\\serveur\groupes\l'île&"]),
        (r'C:\Windows\system32\cmd.exe /c ""L:\Straße\Verifier.cmd" L:\İ_Straße"', [r"L:\İ_Straße"]),
        (r'C:\Windows\system32\cmd.exe /c ""L:\G\Verifier.cmd" "', []),
        (r'"C:\Windows\system32\cmd.exe" ', ["du prompt"]),
        ("", ["du prompt"]),
    ],
)
def test_names_come_whole_from_the_line_that_the_system_gave(line: str, expected: list[str]) -> None:
    assert dropped("Verifier.cmd", line, ["du prompt"]) == [Path(one) for one in expected]


# --- where ----------------------------------------------------------------------------------------------------------


def test_a_script_in_the_tree_acts_on_the_tree(bureau: Bureau, desk: Bureautique) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.ETUDE)), nom=HOSTILE)
    scripts = bureau.root / "Scripts"
    scripts.mkdir()
    for ici, target in (
        (bureau.root, bureau.root),
        (scripts, bureau.root),
        (folder, folder),
        (folder.parent, folder.parent),
    ):
        desk.do("verifier", ici=ici)
        assert desk.ran[-1] == ["verifier", str(target)]


def test_what_is_dropped_goes_before_where_the_script_lies(bureau: Bureau, desk: Bureautique) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.ETUDE)), nom=HOSTILE)
    assert desk.do("generer", folder / "dossier.toml", ici=bureau.root) == 0
    assert desk.ran == [["generer", str(folder / "dossier.toml")]]


def test_elsewhere_the_tree_is_asked_for_once(
    bureau: Bureau, desk: Bureautique, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("bureau")
    desk.answers = ["nulle part", str(away), f'"{bureau.root}"']
    assert desk.do("recap", ici=away) == 0
    assert "« nulle part » n'existe pas" in desk.text and "Il n'y a pas d'office.toml" in desk.text
    assert desk.ran == [["recap", str(bureau.root)]]
    desk.do("tableau", ici=away)
    assert desk.opened == [bureau.root / "Tableau de bord.html"]


def test_a_tree_that_is_gone_is_asked_for_again(bureau: Bureau, desk: Bureautique, memoire: Path) -> None:
    memoire.parent.mkdir()
    memoire.write_text("L:\\Ancienne", encoding="utf-8")
    desk.answers = [str(bureau.root)]
    assert desk.do("recap") == 0
    assert memoire.read_text(encoding="utf-8") == str(bureau.root)


@pytest.mark.parametrize("content", [None, b"", b"\0", b"\xff\xfe" * 3, b"x" * 100_000, b"L:\nM:", b"/" * 5000])
def test_a_memory_that_says_nothing_is_asked_for_again(
    bureau: Bureau, desk: Bureautique, memoire: Path, content: bytes | None
) -> None:
    memoire.parent.mkdir()
    memoire.mkdir() if content is None else memoire.write_bytes(content)
    desk.answers = [str(bureau.root)]
    assert desk.do("recap") == 0
    assert memoire.read_text(encoding="utf-8") == str(bureau.root)


def test_the_diagnostic_needs_no_tree(bureau: Bureau, desk: Bureautique) -> None:
    desk.do("diagnostic")
    desk.do("diagnostic", ici=bureau.root)
    assert desk.ran == [["diagnostic"], ["diagnostic", str(bureau.root)]]


# --- gestures -------------------------------------------------------------------------------------------------------


def test_a_new_dossier_is_opened_once_made(bureau: Bureau, desk: Bureautique) -> None:
    desk.answers = ["g", "Été & Cie", "17/06/2027", "42", "", "02 35 00 00 31", "", "", "", "", "", "oui"]
    assert desk.do("nouveau", ici=bureau.root) == 0
    (folder,) = (bureau.root / "Groupe/2027/06 - Juin/Dossier en cours").iterdir()
    assert desk.opened == [folder] and "Dossier 2027-G-001 créé" in desk.text


def test_giving_up_opens_nothing(bureau: Bureau, desk: Bureautique) -> None:
    with pytest.raises(Abandoned):
        desk.do("nouveau", ici=bureau.root)
    assert desk.opened == []


def test_pdfs_of_a_folder_are_copied_and_copies_are_not(bureau: Bureau, desk: Bureautique, tmp_path: Path) -> None:
    folder = tmp_path / HOSTILE
    folder.mkdir()
    for name in ("bon.PDF", "bon COPIE.pdf", "bon COPIE (2).pdf", "lettre.docx"):
        folder.joinpath(name).write_bytes(b"x")
    assert desk.do("copie", folder) == 1
    assert desk.ran == [["copie", str(folder / "bon.PDF")]]


@pytest.mark.parametrize(
    ("state", "answers", "asked"),
    [
        (Etat.PROPOSE, ["3", "", "Trop cher"], ["annule", "--motif", "Trop cher"]),
        (Etat.PROPOSE, [""], ["en_cours"]),
        (Etat.FINALISE, ["traité"], ["traite"]),
    ],
)
def test_a_dossier_is_classed_by_answers(
    bureau: Bureau, desk: Bureautique, state: Etat, answers: list[str], asked: list[str]
) -> None:
    folder = bureau.dossier(toml(*jusqu_a(state)), nom=HOSTILE)
    desk.answers = answers
    desk.do("classer", folder)
    assert desk.ran == [["classer", str(folder), *asked]]


def test_facts_that_tell_the_end_propose_it(bureau: Bureau, desk: Bureautique) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE), "devis.refuse_le = 2027-02-01"))
    inside = folder / "2 Devis"
    inside.mkdir()
    desk.answers = [""]
    assert desk.do("classer", ici=inside) == 0
    assert desk.ran == [["classer", str(folder), "annule"]]


# --- scripts --------------------------------------------------------------------------------------------------------


def scripts() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in SCRIPTS.glob("*.cmd")}


def test_every_gesture_has_its_script_and_they_are_all_alike() -> None:
    bodies = {name: content.decode("ascii") for name, content in scripts().items()}
    gestes = {name: text.split("TOOLKIT_GESTE=")[1].split('"')[0] for name, text in bodies.items()}
    assert sorted(gestes.values()) == sorted(GESTES)
    assert len({text.replace(f"TOOLKIT_GESTE={gestes[name]}", "") for name, text in bodies.items()}) == 1
    assert {geste for geste, _ in RACCOURCIS.values()} <= set(GESTES)


def test_scripts_have_the_line_ends_that_cmd_reads() -> None:
    for content in scripts().values():
        assert content.count(b"\n") == content.count(b"\r\n") > 5


def test_only_our_shortcuts_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raccourcis, "_folder", lambda: tmp_path)
    monkeypatch.setattr(raccourcis, "_shortcut", lambda arguments, _: arguments.encode("utf-16-le"))
    theirs = {"Vérifier (toolkit).lnk", "Le mien (toolkit).lnk", "Notes.lnk"}
    for name in theirs:
        tmp_path.joinpath(name).write_bytes(b"ailleurs")

    laid = [path.name for path in raccourcis.lay_shortcuts().paths]

    assert laid == ["Vérifier 2 (toolkit).lnk", *(f"{name} (toolkit).lnk" for name in list(RACCOURCIS)[1:])]
    assert [path.name for path in raccourcis.lay_shortcuts().paths] == laid
    assert sorted(path.name for path in raccourcis.remove_shortcuts().paths) == sorted(laid)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(theirs, b"ailleurs")


def test_send_to_is_for_windows(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    run = bureau.run("raccourcis")
    assert run.status == 1 and "poste Windows" in run.err
