"""New things: a whole tree for an office, a folder for a client. Only ever adds; refuses what exists."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import tomlkit

from toolkit import french
from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.faits import Dossier
from toolkit.dossier.office import Office
from toolkit.errors import AgentError
from toolkit.system import files, locks
from toolkit.toml.edit import TomlEdit
from toolkit.toml.read import read
from toolkit.tree import layout, path_limits, shipped
from toolkit.tree.settings import Settings
from toolkit.walk.references import References

_VIERGE = "dossier.toml"


@dataclass(frozen=True)
class PremierContact:
    """What is known of a client on the first day."""

    typologie: Typologie
    client: str
    debut: date
    canal: str
    recue_le: datetime
    participants: int | None = None
    categorie: str | None = None
    telephone: str | None = None
    mail: str | None = None
    agent: str | None = None
    intitule: str | None = None


@dataclass(frozen=True)
class NewTree:
    """The tree of an office, laid."""

    root: Path
    made: Sequence[Path]
    """Files."""
    exit_status = 0

    def as_json(self) -> dict[str, object]:
        return {"racine": str(self.root), "fichiers": self._names()}

    def as_text(self) -> str:
        return "\n".join(
            [
                f"Arborescence créée dans « {self.root} » :",
                *(f"  {name}" for name in self._names()),
                "Remplacer maintenant les exemples d'office.toml et de prestataires.toml par vos renseignements,",
                f'puis : toolkit nouveau "{self.root}" groupe "Nom du client" 2027-06-17',
            ]
        )

    def _names(self) -> list[str]:
        return [path.relative_to(self.root).as_posix() for path in self.made]


@dataclass(frozen=True)
class NewDossier:
    """The folder of a new client."""

    root: Path
    folder: Path
    reference: str
    exit_status = 0

    def as_json(self) -> dict[str, object]:
        return {"chemin": self.folder.relative_to(self.root).as_posix(), "reference": self.reference}

    def as_text(self) -> str:
        created = french.typography(f"Dossier {self.reference} créé :")
        return f"{created}\n  {self.folder}\nLa suite s'écrit dans son {layout.DOSSIER}."


def initialise(root: Path) -> NewTree:
    """Lay a new tree: settings to fill in, Word models, the two typologies; one that a kill left is completed.

    Raises AgentError where there is one, EnvironmentRefused when the machine refuses.
    """
    files.sweep(root)
    if (root / layout.OFFICE).exists():
        raise AgentError(f"« {root} » contient déjà un {layout.OFFICE} : rien n'a été touché.")
    office = _example(layout.OFFICE)
    made = lay_files(root, {layout.PRESTATAIRES: _example(layout.PRESTATAIRES), **shipped_modeles()})
    reglages = read(office, Office).value
    assert reglages, "the shipped settings are right"
    for typologie in Typologie:
        files.make_folder(root / reglages.nom_typologie(typologie))
    # It makes a tree of the folder: all the rest is there.
    return NewTree(root, [*made, *lay_files(root, {layout.OFFICE: office})])


def _example(name: str) -> bytes:
    """Settings of the example office, which is no demonstration any more."""
    settings = tomlkit.parse((shipped.EXEMPLES / name).read_text(encoding="utf-8"))
    settings.pop("jour_de_demonstration", None)
    return tomlkit.dumps(settings).encode()


def shipped_modeles() -> dict[str, bytes]:
    """The shipped Word models and their pictures, where the office can edit them, by path in a tree."""
    return {
        f"{layout.MODELES}/{source.relative_to(shipped.MODELES).as_posix()}": source.read_bytes()
        for source in sorted(shipped.MODELES.rglob("*"))
        if source.is_file() and (source.suffix == ".docx" or source.parent.name in ("images", "annexes"))
    }


def lay_files(root: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write each where nothing bears its name, in this order; gives those that it made. Raises EnvironmentRefused."""
    for folder in {(root / name).parent for name in contents}:
        files.sweep(folder)
    made = []
    for path, content in ((root / name, content) for name, content in contents.items()):
        if not path.exists():
            with contextlib.suppress(files.Touched):
                files.write(path, content)
                made.append(path)
    return made


def create_dossier(settings: Settings, demande: PremierContact) -> NewDossier:
    """Make the folder of a new client, with its commented dossier.toml and its next free reference, whole at once.

    Its name says as much of the client's as leaves room for the documents. An empty folder that waits under that name
    is taken. Raises AgentError when there is a dossier of that name, or when there is no room for any, and
    EnvironmentRefused when the machine refuses.
    """
    root = settings.root
    folder = _folder(settings, demande)
    with (
        locks.alone(layout.verrou(root, root / _NUMEROS), "Le registre des références", home=root),
        locks.alone(layout.verrou(root, folder), f"« {folder.name} »", home=root),
    ):
        files.sweep(folder.parent)
        reference = _next_reference(settings, demande)
        standing = _standing(folder)
        if standing and not _is_empty(standing):
            raise _exists(standing)
        content = {layout.DOSSIER: _fill_vierge(demande, reference)}
        try:
            if standing:
                _complete(standing, content, root)
            else:
                files.make_tree(folder, content, layout.SOUS_DOSSIERS, home=root)
        except files.Touched as touched:
            raise _exists(standing or folder) from touched
    return NewDossier(root, standing or folder, reference)


def _folder(settings: Settings, demande: PremierContact) -> Path:
    root, office = settings.root, settings.office
    name = layout.compose_name(office, demande.debut, demande.client, demande.participants)
    folder = layout.compose(root, office, demande.typologie, demande.debut, Statut.EN_COURS, name)
    over = path_limits.folder_excess(root, office, folder)
    if not over:
        return folder
    if not (short := path_limits.shorten(name, over)):
        raise AgentError(
            f"« {folder.parent} » est trop profond de {french.pluriel(over, 'caractère')} pour que Windows ouvre les "
            "documents d'un dossier : voir avec la personne qui gère le serveur."
        )
    return folder.with_name(short[1])


_NUMEROS = "références"
"""What the lock is called under which they are given."""
_LOOKS_MAX = 10


def _standing(folder: Path) -> Path | None:
    """What bears that name already, as Windows compares names."""
    beside = sorted(files.list_folder(folder.parent), key=lambda one: one.name)
    named = (one.name for one in beside if layout.name_key(one.name) == layout.name_key(folder.name))
    return next((folder.with_name(name) for name in named), None)


def _is_empty(folder: Path) -> bool:
    """Whether it holds nothing but empty folders of a dossier: made by hand, or what a kill left."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    files.sweep(folder)
    return all(
        one.name in layout.SOUS_DOSSIERS and one.is_dir(follow_symlinks=False) and not files.list_folder(one.path)
        for one in files.list_folder(folder)
    )


def _complete(folder: Path, content: Mapping[str, bytes], root: Path) -> None:
    """Its dossier.toml, which makes a dossier of it, comes last."""
    for sub in layout.SOUS_DOSSIERS:
        files.make_folder(folder / sub, home=root)
    for name, one in content.items():
        files.write(folder / name, one, home=root)


def _exists(folder: Path) -> AgentError:
    return AgentError(f"« {folder} » existe déjà : ouvrir ce dossier, ou changer le nom du client.")


def _next_reference(settings: Settings, demande: PremierContact) -> str:
    """One more than the highest of the tree; a dossier that someone moves meanwhile may hide from one look."""
    given = []
    seen = layout.look(settings.root, settings.office)
    for _ in range(_LOOKS_MAX):
        known, before = References(settings), seen
        known.refresh(before)
        given.append(known.next_free(demande.typologie, demande.debut.year))
        seen = layout.look(settings.root, settings.office)
        if seen.sources.keys() == before.sources.keys():
            break
    return max(given, key=lambda reference: (len(reference), reference))


def _fill_vierge(demande: PremierContact, reference: str) -> bytes:
    """The commented file, with what is known written where it proposes it."""
    known = {
        "reference": reference,
        "intitule": demande.intitule,
        "agent": demande.agent,
        "cree_le": demande.recue_le.date().isoformat(),
        "demande.recue_le": demande.recue_le.replace(microsecond=0).isoformat(),
        "demande.canal": demande.canal,
        "client.nom": demande.client,
        "client.categorie": demande.categorie,
        "client.telephone": demande.telephone,
        "client.mail": demande.mail,
        "sejour.debut": demande.debut.isoformat(),
        "sejour.fin": demande.debut.isoformat(),
        "effectif.participants": None if demande.participants is None else str(demande.participants),
    }
    edit = TomlEdit((shipped.MODELES / _VIERGE).read_bytes(), Dossier)
    for champ, valeur in known.items():
        if valeur:
            edit.put(champ, valeur)
    return edit.render()
