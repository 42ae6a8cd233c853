"""What people have before them when they type a command that writes: a tree with their own marks in it."""

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import docx
from openpyxl import load_workbook

from tests.conftest import Bureau, exemple
from tests.modele.test_adopt import old_avenant
from tests.modeles_word import modele, put_in
from tests.tenue import faux_soffice
from tests.tenue.arbre import Case, Fichier, Marque, Mots
from tests.tenue.mains import command, lay

ENTIER = exemple("dossier_groupe")
SIGNE = ENTIER.split("# ── 10. Avenants")[0]
"""Contract signed, vouchers out."""
PROPOSE = ENTIER.split("# ── 7. Contrat")[0].replace("2027-G-014", "2027-G-015") + '[paiement]\nmode = "virement"\n'
"""Nothing sent yet: all is made anew when a fact changes."""
EN_COURS = "Groupe/2027/06 - Juin/Dossier en cours"
AINES, PORT, VIRGULE = "2027-06-17 Aînés de Sainte-Fiction 42p", "2027-06-18 Amis du Port", "2027-06-19 Virgule"


@dataclass
class Scene:
    """A tree laid, what is typed there, and what people did in it."""

    folder: Path
    """Of the trial: the tree is below."""
    argv: list[str] = field(default_factory=list)
    reprise: list[list[str]] = field(default_factory=list)
    """What is typed once it was cut short: the same, unless it says otherwise."""
    marques: list[Marque] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    """Files of people, by path in the tree: they need not be sound."""

    @property
    def root(self) -> Path:
        return self.folder / "arbre"

    def run(self, *argv: str) -> None:
        """A command that came before."""
        done = command(self.folder, argv)
        assert done.status in (0, 1), done.said

    def put(self, path: str, content: bytes) -> None:
        """A file of theirs."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.keep(path)

    def keep(self, path: str) -> None:
        """This file as it lies is a person's."""
        target = self.root / path
        self.marques.append(Fichier(target.name, target.read_bytes()))
        self.theirs.append(path)

    def edit_word(self, path: str) -> None:
        """A clause added to a document of ours."""
        document = docx.Document(str(self.root / path))
        document.add_paragraph("Clause ajoutée par l'agent")
        document.save(str(self.root / path))
        self.keep(path)

    def type_in_recap(self, key: str, text: str, annee: int = 2027) -> None:
        """A text in a column of theirs."""
        path = self.root / f"Groupe/{annee}/Récap groupes par mois.xlsx"
        workbook = load_workbook(path)
        for sheet in workbook.worksheets:
            heads = [cell.value for cell in sheet[3]]
            for row in sheet.iter_rows(min_row=4):
                if "Clé" in heads and row[heads.index("Clé")].value == key:
                    number = row[0].row
                    assert number is not None
                    column = len(heads) + 2
                    sheet.cell(3, column, "Guide")
                    sheet.cell(number, column, text)
        out = io.BytesIO()
        workbook.save(out)
        path.write_bytes(out.getvalue())
        self.marques.append(Case(key, text, "Guide"))
        assert self.marques[-1].stands(self.root)


SCENES: dict[str, Callable[[Scene], list[str]]] = {}
"""By name: puts everything in place and gives what is typed."""


def build(nom: str, folder: Path) -> Scene:
    lay(folder)
    scene = Scene(folder)
    scene.argv = SCENES[nom](scene)
    scene.reprise = scene.reprise or [scene.argv]
    lost = [one.told for one in scene.marques if not one.stands(scene.root)]
    assert not lost, lost
    return scene


def _scene(prepare: Callable[[Scene], list[str]]) -> Callable[[Scene], list[str]]:
    SCENES[prepare.__name__.replace("_", "-")] = prepare
    return prepare


def _office(scene: Scene) -> Bureau:
    return Bureau(scene.root)


def _dossiers(scene: Scene) -> Bureau:
    """Two dossiers in life, one with a slip; a person's file lies among the documents to come."""
    bureau = _office(scene)
    bureau.dossier(SIGNE, nom=AINES)
    bureau.dossier(PROPOSE, nom=PORT)
    bureau.dossier(PROPOSE.replace("2027-G-015", "2027-G-016").replace("59.00", "59,00"), nom=VIRGULE)
    scene.theirs.append(f"{EN_COURS}/{VIRGULE}/dossier.toml")
    scene.put(f"{EN_COURS}/{AINES}/3 Contrat/Relevé d'appel.docx", b"PK a file of a person's own")
    scene.put(f"{EN_COURS}/{PORT}/2 Devis/Notes de Jeanne.txt", b"rappeler mardi")
    scene.marques.append(Mots("dossier.toml", "# 30 % de 2 508,00 €"))
    return bureau


def _made(scene: Scene) -> Bureau:
    """The same after a run, and after people worked on what it made."""
    bureau = _dossiers(scene)
    scene.run("generer", ".")
    scene.edit_word(f"{EN_COURS}/{PORT}/3 Contrat/Contrat 2027-G-015.docx")
    scene.type_in_recap("2027-G-014", "Hélène")
    scene.run("generer", ".")
    return bureau


def _change(bureau: Bureau, nom: str, *changes: tuple[str, str]) -> None:
    path = bureau.root / EN_COURS / nom / "dossier.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@_scene
def initialiser(scene: Scene) -> list[str]:
    scene.put("Lisez-moi.txt", b"ne pas effacer")
    return ["initialiser", "."]


@_scene
def nouveau(scene: Scene) -> list[str]:
    _dossiers(scene)
    return ["nouveau", ".", "groupe", "Les Amis du Quai", "2027-06-17", "--participants", "12"]


@_scene
def noter(scene: Scene) -> list[str]:
    _dossiers(scene)
    return ["noter", f"{EN_COURS}/{PORT}", "effectif.participants=38", "sejour.heure_depart=18h"]


@_scene
def generer_premier(scene: Scene) -> list[str]:
    _dossiers(scene)
    return ["generer", "."]


@_scene
def generer_fait_change(scene: Scene) -> list[str]:
    bureau = _made(scene)
    _change(bureau, PORT, ("participants   = 42 ", "participants   = 36 "))
    _change(bureau, AINES, ("02 35 00 00 33", "02 35 00 00 39"))
    return ["generer", "."]


@_scene
def generer_avenant(scene: Scene) -> list[str]:
    bureau = _office(scene)
    folder = bureau.dossier(SIGNE, nom=AINES)
    scene.run("generer", ".")
    scene.put(f"{EN_COURS}/{AINES}/4 Bons d'échange/Réponse du guide.docx", b"PK a file of a person's own")
    scene.type_in_recap("2027-G-014", "Hélène")
    first = ENTIER.split("[[avenants]]\nnumero = 2")[0]
    folder.joinpath("dossier.toml").write_text(first, encoding="utf-8")
    return ["generer", "."]


@_scene
def generer_corrige(scene: Scene) -> list[str]:
    bureau = _made(scene)
    _change(bureau, VIRGULE, ("59,00", "59.00"))
    return ["generer", "."]


@_scene
def generer_autre_annee(scene: Scene) -> list[str]:
    """What a person typed in a column of theirs goes along, in words."""
    bureau = _made(scene)
    source = bureau.root / EN_COURS / AINES
    target = bureau.root / "Groupe/2028/06 - Juin/Dossier en cours" / AINES.replace("2027", "2028")
    target.parent.mkdir(parents=True)
    source.rename(target)
    toml = target / "dossier.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("2027-06-17", "2028-06-17"), encoding="utf-8")
    scene.marques = [one for one in scene.marques if "Hélène" not in one.told]
    scene.marques.append(Case("2027-G-014", "Hélène"))
    return ["generer", "."]


@_scene
def recap(scene: Scene) -> list[str]:
    bureau = _made(scene)
    _change(bureau, AINES, ("02 35 00 00 33", "02 35 00 00 39"))
    return ["recap", "."]


@_scene
def classer(scene: Scene) -> list[str]:
    """Once the folder is moved it is not found where it was; what is due there is made by any run."""
    _made(scene)
    argv = ["classer", f"{EN_COURS}/{AINES}", "annule", "--motif", "Trop cher"]
    scene.reprise = [argv, ["generer", "."]]
    return argv


@_scene
def tableau(scene: Scene) -> list[str]:
    _made(scene)
    return ["tableau", "."]


@_scene
def copie(scene: Scene) -> list[str]:
    for nom in ("bon We Login", "autre bon"):
        scene.put(f"{nom}.pdf", faux_soffice.pdf([nom, "2027-G-014"]))
    return ["copie", "bon We Login.pdf", "autre bon.pdf"]


@_scene
def modeles_verifier(scene: Scene) -> list[str]:
    bureau = _office(scene)
    put_in(bureau.root, "contrat_groupe.docx", modele("Bonjour {{ clinet.nom }}"))
    scene.keep("modeles/contrat_groupe.docx")
    return ["modeles", "verifier", "modeles/contrat_groupe.docx"]


@_scene
def modeles_champs(scene: Scene) -> list[str]:
    _office(scene)
    return ["modeles", "champs", "programme.docx", "--word", "champs.docx"]


@_scene
def modeles_adopter_liste(scene: Scene) -> list[str]:
    scene.put("Ancien avenant.docx", old_avenant())
    return ["modeles", "adopter", "Ancien avenant.docx"]


@_scene
def modeles_adopter_remplit(scene: Scene) -> list[str]:
    scene.put("Ancien avenant.docx", old_avenant())
    scene.run("modeles", "adopter", "Ancien avenant.docx")
    scene.keep("Ancien avenant - champs.toml")
    return ["modeles", "adopter", "Ancien avenant.docx"]


@_scene
def surveiller(scene: Scene) -> list[str]:
    bureau = _made(scene)
    _change(bureau, AINES, ("02 35 00 00 33", "02 35 00 00 39"))
    return ["surveiller", ".", "--une-fois"]


@_scene
def afficher_premier(scene: Scene) -> list[str]:
    _made(scene)
    return ["recap", ".", "--afficher", "2027-06"]


@_scene
def afficher_encore(scene: Scene) -> list[str]:
    bureau = _made(scene)
    scene.run("recap", ".", "--afficher", "2027-06")
    _change(bureau, AINES, ("02 35 00 00 33", "02 35 00 00 39"))
    return ["recap", ".", "--afficher", "2027-06"]


@_scene
def demo(scene: Scene) -> list[str]:
    scene.put("Lisez-moi.txt", b"ne pas effacer")
    return ["demo", "demonstration", "--sans-pdf"]


def copied(scene: Scene, folder: Path) -> Scene:
    """The same in another folder, dates of files included."""
    shutil.copytree(scene.folder, folder, symlinks=True)
    return replace(scene, folder=folder)
