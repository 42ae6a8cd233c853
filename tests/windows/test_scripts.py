"""The scripts that people double-click and drop things on: hostile names, on the drive and on the share."""

import io
import shutil
from pathlib import Path

import pytest
from pypdf import PdfWriter

from tests.conftest import ICI, Bureau, Run
from tests.dossiers import jusqu_a, toml
from tests.windows.poste import LECTEUR, PARTAGE, Poste
from toolkit.dossier.etat import Etat

SCRIPTS = ICI.parent / "scripts"
PYTHON = {"TOOLKIT_PYTHON": "C:\\Python311\\python.exe", "TOOLKIT_SANS_PAUSE": "1"}
LIEU = "Groupe/2027/06 - Juin/Dossier en cours"
NOMS = (
    "2027-06-17 Été & Cie ^100% l'île (1) %PATH% 42p",
    "2027-06-17_A&B^C%25D(e)'f",
)
"""Quoted by Explorer, for the spaces it holds; and not. Without « ! », which Wine's cmd takes out of a long line."""
REPONSES = ("g", "Été & Cie ^100% l'île", "17/06/2027", "42", "", "02 35 00 00 31", "", "", "", "", "", "oui")
ANNULE = "est maintenant dans « Dossier annulé ou sans suite »"
ATTENDUS: dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]] = {
    "Nouveau dossier": (0, ("Dossier 2027-G-016 créé",), REPONSES),
    "Verifier": (0, ("2 dossiers",), ()),
    "Generer les documents": (0, ("2 dossiers",), ()),
    "Copie filigrane": (0, ("42p COPIE.pdf", "'f COPIE.pdf"), ()),
    "Mettre a jour le recap": (0, ("dossier",), ()),
    "Classer un dossier": (0, (ANNULE,), ("3", "Trop cher", "annulé", "Pas la date")),
    "Tableau de bord": (0, ("Tableau de bord mis à jour",), ()),
    "Diagnostic": (1, ("LibreOffice",), ()),
}
"""Exit status, what is said, what is answered, of each script that two dossiers were dropped on."""


@pytest.fixture
def office(partage: Bureau) -> Bureau:
    path = partage.root / "office.toml"
    path.write_text("jour_de_demonstration = 2027-06-04\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    return partage


def script(office: Bureau, name: str) -> Path:
    """A copy at the root of the tree, as on the share of an office."""
    return Path(shutil.copy(SCRIPTS / f"{name}.cmd", office.root))


def explorer(name: str, *paths: str) -> dict[str, str]:
    """The line that Explorer gives to cmd, which Wine's does not keep: names with a space are quoted, others not."""
    quoted = " ".join(f'"{path}"' if " " in path else path for path in paths)
    return {**PYTHON, "CMDCMDLINE": f'C:\\windows\\system32\\cmd.exe /c ""L:\\{name}.cmd" {quoted}"'}


def plain(said: Run) -> str:
    return (said.out + said.err).replace("\N{NO-BREAK SPACE}", " ")


def lay(office: Bureau) -> list[str]:
    """A dossier of each name with a PDF in it; gives their places in the tree, as Windows writes them."""
    pdf = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(pdf)
    for number, nom in enumerate(NOMS, 14):
        facts = toml(*jusqu_a(Etat.PROPOSE), f'reference = "2027-G-{number:03d}"')
        (office.dossier(facts, nom=nom, lieu=LIEU) / f"{nom}.pdf").write_bytes(pdf.getvalue())
    return [f"{LIEU}/{nom}".replace("/", "\\") for nom in NOMS]


@pytest.mark.parametrize("racine", [LECTEUR, PARTAGE])
@pytest.mark.parametrize("name", ATTENDUS)
def test_each_script_takes_hostile_names(poste: Poste, office: Bureau, name: str, racine: str) -> None:
    status, words, answers = ATTENDUS[name]
    inside = [f"\\{nom}.pdf" if "Copie" in name else "" for nom in NOMS]
    places = [racine + place + more for place, more in zip(lay(office), inside, strict=True)]

    said = poste.cmd(script(office, name), env=explorer(name, *places), input="\n".join([*answers, ""]))

    assert all(one in plain(said) for one in words), said
    assert said.status == status, said
    if "Classer" in name:
        assert plain(said).count(ANNULE) == 2
    if "Copie" in name:
        assert len(list(office.root.glob("Groupe/*/*/*/*/* COPIE.pdf"))) == 2


@pytest.mark.parametrize("name", ATTENDUS)
def test_a_double_click_acts_on_the_tree_of_the_script(poste: Poste, office: Bureau, name: str) -> None:
    place = LECTEUR + lay(office)[0]
    status, words, answers = ATTENDUS[name]
    asked = {"Copie filigrane": f'"{place}\\{NOMS[0]}.pdf"', "Classer un dossier": f'"{place}"'}
    typed = [*([asked[name]] if name in asked else []), *answers, ""]

    said = poste.cmd(script(office, name), env=PYTHON, input="\n".join(typed))

    assert words[0] in plain(said), said
    assert said.status == status, said


@pytest.mark.parametrize("nom", ["Été & Cie (l'île) ^ !", "A(b)'c!"])
def test_names_pass_through_cmd_itself_where_it_lets_them(poste: Poste, office: Bureau, nom: str) -> None:
    """From a prompt: what cmd reads is all there is."""
    folder = office.dossier(toml(*jusqu_a(Etat.PROPOSE)), nom=nom, lieu=LIEU)
    place = LECTEUR + str(folder.relative_to(office.root)).replace("/", "\\")
    said = poste.cmd(script(office, "Verifier"), place, env=PYTHON)
    assert (said.status, "1 dossier" in said.out) == (0, True), said


def test_the_tail_of_a_name_is_never_run(poste: Poste, office: Bureau) -> None:
    """An « & » in a name without a space: cmd takes what follows for a command, and the hard exit leaves it there."""
    said = poste.cmd(script(office, "Verifier"), "L:\\A&mkdir", "L:\\execute", env=PYTHON)
    assert not (office.root / "execute").exists()
    assert said.status == 1 and "n'existe pas" in plain(said)


def test_an_error_is_said_and_the_status_tells_it(poste: Poste, office: Bureau) -> None:
    place = LECTEUR + LIEU.replace("/", "\\") + "\\" + NOMS[0]
    office.dossier(toml(*jusqu_a(Etat.PROPOSE), 'demande.canal = "pigeon"'), nom=NOMS[0], lieu=LIEU)
    said = poste.cmd(script(office, "Verifier"), env=explorer("Verifier", place))
    assert said.status == 1 and "« pigeon » n'est pas possible ici" in plain(said)


def test_giving_up_makes_nothing(poste: Poste, office: Bureau) -> None:
    before = office.files()
    said = poste.cmd(script(office, "Nouveau dossier"), env=PYTHON, input="g\nq\n")
    assert said.status == 130 and "Abandonné : rien n'a été fait." in plain(said)
    assert office.files() - before == {"Nouveau dossier.cmd"}


def test_the_window_stays_open_to_be_read(poste: Poste, office: Bureau) -> None:
    env = {"TOOLKIT_PYTHON": PYTHON["TOOLKIT_PYTHON"]}
    said = poste.cmd(script(office, "Verifier"), env=env, input="\n")
    assert said.status == 0
    assert said.out.rstrip().splitlines()[-1] != "0 dossier."


def test_the_python_that_the_installer_chose_is_the_one(poste: Poste, office: Bureau) -> None:
    """As « Installer sur ce poste » leaves it, under a profile with a hostile name."""
    profile = poste.drive_c / "users/Jean & Cie (l'as)"
    (profile / "toolkit").mkdir(parents=True)
    actuel = profile / "toolkit/actuel.cmd"
    actuel.write_bytes(b'@set "TOOLKIT_PYTHON=%~dp0..\\..\\..\\Python311\\python.exe"\r\n')
    script(office, "Verifier")
    # Wine gives LOCALAPPDATA anew to each program that it starts.
    logon = office.root / "session.cmd"
    logon.write_bytes(b'@set "LOCALAPPDATA=C:\\users\\Jean & Cie (l\'as)"\r\n@Verifier.cmd\r\n')

    said = poste.cmd(logon, env={"TOOLKIT_SANS_PAUSE": "1"})

    assert said.status == 0 and "0 dossier" in said.out, said


@pytest.mark.parametrize("python", ["", "C:\\enlevé\\python.exe"])
def test_without_an_installation_it_is_said(poste: Poste, office: Bureau, python: str) -> None:
    env = {"TOOLKIT_SANS_PAUSE": "1", **({"TOOLKIT_PYTHON": python} if python else {})}
    said = poste.cmd(script(office, "Verifier"), env=env)
    assert said.status == 4
    assert 'lancer d\'abord "Installer sur ce poste.cmd"' in said.out


def test_a_python_that_no_longer_starts_is_told_like_none(poste: Poste, office: Bureau) -> None:
    """An environment outlives the Python of the desktop that it was made of: its launcher ends with 103."""
    launcher = poste.drive_c / "orphelin/Scripts/python.exe"
    launcher.parent.mkdir(parents=True)
    shutil.copy(poste.drive_c / "Python311/Lib/venv/scripts/nt/python.exe", launcher)
    launcher.parents[1].joinpath("pyvenv.cfg").write_text("home = C:\\Python enlevé\n", encoding="utf-8")
    env = {"TOOLKIT_PYTHON": "C:\\orphelin\\Scripts\\python.exe", "TOOLKIT_SANS_PAUSE": "1"}

    said = poste.cmd(script(office, "Verifier"), env=env)

    assert said.status == 4, said
    assert 'lancer d\'abord "Installer sur ce poste.cmd"' in said.out


def test_a_script_in_the_folder_of_a_client_acts_on_that_client(poste: Poste, office: Bureau) -> None:
    inside = office.dossier(toml(*jusqu_a(Etat.PROPOSE)), nom="Été & Cie ^ l'île (1) ! 42p", lieu=LIEU)
    said = poste.cmd(Path(shutil.copy(SCRIPTS / "Verifier.cmd", inside)), env=PYTHON)
    assert (said.status, "1 dossier" in said.out) == (0, True), said


# --- Send to --------------------------------------------------------------------------------------------------------

READ_LINK = """
import json, sys, pythoncom
from win32com.shell import shell
link = pythoncom.CoCreateInstance(shell.CLSID_ShellLink, None, pythoncom.CLSCTX_INPROC_SERVER, shell.IID_IShellLink)
link.QueryInterface(pythoncom.IID_IPersistFile).Load(sys.argv[1])
print(json.dumps([link.GetPath(0)[0], link.GetArguments()]))
"""


def test_send_to_leads_straight_to_python(poste: Poste, office: Bureau) -> None:
    made = poste.toolkit("raccourcis", "--json")
    assert made.status == 0, made
    links = made.json["raccourcis"]
    assert len(links) == 4 and all("SendTo" in link for link in links)
    (verify,) = [link for link in links if "Vérifier" in link]
    target, arguments = poste.python("-c", READ_LINK, verify).json
    assert target.casefold() == "c:\\python311\\python.exe"

    # What Explorer starts: the target, its arguments, and what was sent, quoted for Python and not for cmd.
    places = [PARTAGE + place for place in lay(office)]
    said = poste.run(target, *arguments.split(), *places, env={"TOOLKIT_SANS_PAUSE": "1"})
    assert said.status == 0 and "2 dossiers" in said.out, said

    again = poste.toolkit("raccourcis", "--json").json["raccourcis"]
    assert again == links
    assert poste.toolkit("raccourcis", "--retirer", "--json").json["raccourcis"] == sorted(links)
    assert poste.toolkit("raccourcis", "--retirer", "--json").json["raccourcis"] == []


def test_send_to_waits_before_its_window_closes(poste: Poste, office: Bureau) -> None:
    said = poste.toolkit("geste", "--attendre", "verifier", "L:\\", input="\n")
    assert said.status == 0 and said.out.replace("\N{NO-BREAK SPACE}", " ").endswith("Entrée ferme cette fenêtre. ")
