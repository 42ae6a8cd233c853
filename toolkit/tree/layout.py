"""The folder tree: typologie → année → mois → statut → one folder a dossier. The tree is the only database.

Reading is tolerant (case, accents, « en cours », « 6 », « juin »); writing is canonical and set in office.toml.
"""

import errno
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

from toolkit import french
from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.office import Office
from toolkit.errors import AgentError, EnvironmentRefused
from toolkit.french import fold

OFFICE = "office.toml"
PRESTATAIRES = "prestataires.toml"
DOSSIER = "dossier.toml"
SUIVI = "_suivi"
REMPLACES = "Remplacés"
FACTURES = "7 Factures"
MODELES = "modeles"
SOUS_DOSSIERS = (
    "1 Demande",
    "2 Devis",
    "3 Contrat",
    "4 Bons d'échange",
    "5 Avenants",
    "6 Carnet",
    FACTURES,
    "8 Mails à envoyer",
)
NOTE = "À CORRIGER.txt"
VERROUS = f"{SUIVI}/verrous"
"""At the root: who works on what."""


@dataclass(frozen=True, slots=True)
class DossierFolder:
    """Where one dossier lies, and what its place says of it."""

    path: Path
    typologie: Typologie
    annee: int
    mois: int
    statut: Statut

    @property
    def source(self) -> Path:
        """Its dossier.toml, there or not."""
        return self.path / DOSSIER


def name_key(name: str) -> str:
    """The same for two names that Windows takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def named(folder: Path, *names: str) -> Path:
    """A path below a folder, each name as it is written there already: a Mac, or what syncs with one, parts accents.

    Names that people and Windows take for one are one, so that nothing is made a second time beside itself.
    """
    for name in names:
        if not name.isascii() and not os.path.lexists(folder / name):
            try:
                written = os.listdir(folder)  # noqa: PTH208 - names alone
            except OSError:
                written = []
            name = next((one for one in written if name_key(one) == name_key(name)), name)
        folder = folder / name
    return folder


def verrou(root: Path, thing: Path) -> Path:
    """The lock of a dossier folder, or of anything of the tree, however the one who asks writes its name."""
    name = name_key(thing.relative_to(root).as_posix())
    return root / VERROUS / f"{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.lock"


def find_root(start: Path) -> Path:
    """The folder that holds office.toml, found by walking up; raises AgentError when there is none."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if _bears(folder, OFFICE):
            return folder
    raise AgentError(
        f"Aucun fichier {OFFICE} dans « {here} » ni au-dessus : indiquer un dossier de l'arborescence, "
        "ou en créer une avec « toolkit initialiser »."
    )


def enclosing_folder(path: Path) -> Path:
    """The dossier folder around a path, or the folder itself when it lies in none.

    Raises AgentError when there is nothing there, EnvironmentRefused when that cannot be told.
    """
    here = path.absolute()
    try:
        is_folder = stat.S_ISDIR(here.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise AgentError(f"« {path} » n'existe pas : vérifier le nom.") from None
    except OSError as error:
        raise EnvironmentRefused(_refused(str(here), error)) from error
    if not is_folder:
        here = here.parent
    for folder in (here, *here.parents):
        if _bears(folder, DOSSIER):
            return folder
        if _bears(folder, OFFICE):
            break
    return here


def _bears(folder: Path, name: str) -> bool:
    """Whatever bears the name is meant to be that file; what cannot be read of it is told by who reads it."""
    return os.path.lexists(folder / name)


def parse_typologie(name: str, office: Office) -> Typologie | None:
    """``Groupe``, ``groupes``, or the office's own name; None for any other (promesses.md §2)."""
    for typologie in Typologie:
        if fold(name) in (fold(office.nom_typologie(typologie)), typologie.value, f"{typologie.value}s"):
            return typologie
    return None


def parse_annee(name: str) -> int | None:
    """2000 to 2099; None for any other name."""
    return int(name) if re.fullmatch(r"20\d\d", name.strip()) else None


def parse_mois(name: str) -> int | None:
    """``06 - Juin``, ``6``, ``juin``, ``Janv.``."""
    text = fold(name)
    number = re.match(r"(\d{1,2})(?!\d)", text)
    if number:
        return int(number[1]) if 1 <= int(number[1]) <= 12 else None
    word = re.match(r"[a-z]{3,}", text)
    months = [index for index, month in enumerate(french.MOIS, 1) if word and fold(month).startswith(word[0])]
    return months[0] if len(months) == 1 else None


def parse_statut(name: str, office: Office) -> Statut | None:
    """From the office's own name, or a word such as « traité » in it; None for any other (promesses.md §2)."""
    text = fold(name)
    for statut in Statut:
        if text == fold(office.nom_statut(statut)):
            return statut
    if "annul" in text or "sans suite" in text:
        return Statut.ANNULE
    if "traite" in text:
        return Statut.TRAITE
    return Statut.EN_COURS if "en cours" in text else None


def parse(root: Path, path: Path, office: Office) -> DossierFolder | None:
    """What the place of a folder says, or None when it is not where a dossier goes."""
    try:
        parts = path.relative_to(root).parts
    except ValueError:
        return None
    if len(parts) != 5:
        return None
    typologie, annee, mois = parse_typologie(parts[0], office), parse_annee(parts[1]), parse_mois(parts[2])
    statut = parse_statut(parts[3], office)
    if typologie is None or annee is None or mois is None or statut is None:
        return None
    return DossierFolder(path, typologie, annee, mois, statut)


def dossier_at(root: Path, folder: Path, office: Office) -> DossierFolder:
    """The dossier that lies in a folder; raises AgentError when none does, EnvironmentRefused for a closed one."""
    if why := _no_entry(root, folder):
        raise AgentError(why)
    found = parse(root, folder, office)
    if found is None or not _bears(folder, DOSSIER):
        closed: Closed = {}
        if not _listed(str(folder), closed) and closed:
            raise EnvironmentRefused(closed[str(folder)])
        raise AgentError(f"« {folder} » n'est pas le dossier d'un client : il y faut un {DOSSIER}.")
    return found


Closed = dict[str, str]
"""Folders that are not entered, by path as text, each with a French sentence: why, and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies below a folder of the tree."""

    dossiers: list[DossierFolder] = field(default_factory=list)
    """In the order of the tree."""
    strays: list[Path] = field(default_factory=list)
    """Folders that hold a dossier.toml where no dossier goes."""
    closed: Closed = field(default_factory=dict)


_DEPTH_MAX = 7
"""A dossier lies five levels down; one that people put in a folder of their own is found too, to be told."""


def find(root: Path, office: Office, under: Path | None = None) -> Found:
    """Every folder with a dossier.toml below ``under`` (by default the root); links are not followed."""
    found, start = Found(), under or root
    if why := _no_entry(root, start):
        found.closed[str(start)] = why
    else:
        _find(root, office, start, len(start.relative_to(root).parts), found)
    return found


def _find(root: Path, office: Office, folder: Path, depth: int, found: Found) -> None:
    listing = _listed(str(folder), found.closed)
    if depth and any(entry.name == DOSSIER for entry in listing):
        one = parse(root, folder, office)
        if one is None:
            found.strays.append(folder)
        else:
            found.dossiers.append(one)
    elif depth < _DEPTH_MAX:
        for name in _folders(listing, found.closed):
            _find(root, office, folder / name, depth + 1, found)


Stamp = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


class Looked(NamedTuple):
    """What one look at the whole tree shows."""

    sources: dict[str, Stamp]
    """Every dossier.toml that lies where a dossier goes, by its path as text."""
    closed: Closed


def look(root: Path, office: Office) -> Looked:
    """One stat a dossier, nothing is opened. A folder that vanishes meanwhile is left out; links are not followed."""
    looked = Looked({}, {})

    def inside(parents: Iterable[str], parse_name: Callable[[str], object]) -> Iterator[str]:
        for parent in parents:
            start = start_of(parent)
            listing = _listed(parent, looked.closed)
            names = _folders(listing, looked.closed, lambda name: parse_name(name) is not None)
            yield from (f"{start}{name}" for name in names)

    typologies = inside([str(root)], lambda name: parse_typologie(name, office))
    mois = inside(inside(typologies, parse_annee), parse_mois)
    for statut in inside(mois, lambda name: parse_statut(name, office)):
        _look_into(statut, looked)
    return looked


def _look_into(statut: str, looked: Looked) -> None:
    """The same for the dossiers of one folder. Plain text and no Path: this is done ten thousand times every look."""
    start, end = f"{statut}{os.sep}", f"{os.sep}{DOSSIER}"
    sources, closed = looked
    with _opened(statut) as descriptor:
        base = start if descriptor is None else ""
        for name in _folders(_listed(statut, closed), closed):
            path = f"{start}{name}{end}"
            try:
                status = os.stat(f"{base}{name}{end}", dir_fd=descriptor, follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):  # not a client's yet
                continue
            except OSError as error:
                closed[f"{start}{name}"] = _refused(f"{start}{name}", error)
                continue
            if stat.S_ISLNK(status.st_mode):
                try:
                    status = os.stat(path)  # noqa: PTH116
                except OSError as error:
                    closed[f"{start}{name}"] = _refused(path, error)
                    continue
            sources[path] = (status.st_size, status.st_mtime_ns)


@contextmanager
def _opened(folder: str) -> Iterator[int | None]:
    """A descriptor, where the system can find files from their folder: that is twice as fast as from the root."""
    if os.stat not in os.supports_dir_fd:
        yield None
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def start_of(folder: str) -> str:
    """What the paths of its files begin with.

    The root of a drive or of a share ends with its separator already, and a share has no room for a second one.
    """
    return folder.rstrip(os.sep) + os.sep


# --- what is entered ----------------------------------------------------------------------------------------------


_LEFT = "Ce qui s'y trouve est laissé tel quel."
_UNREADABLE = re.compile("[\x00-\x1f\ud800-\udfff]")
"""What no name of a desktop can hold: control characters, and bytes that are no UTF-8."""


def _listed(folder: str, closed: Closed) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return list(listing)
    except (FileNotFoundError, NotADirectoryError):  # gone meanwhile
        pass
    except OSError as error:
        closed[folder] = _refused(folder, error)
    return []


def _refused(path: str, error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Pas le droit d'entrer dans « {path} » : voir avec la personne qui gère le serveur. {_LEFT}"
    if error.errno in (errno.ENOENT, errno.ELOOP):
        return f"« {path} » est un lien qui ne mène nulle part : l'ôter. {_LEFT}"
    return f"« {path} » n'est pas accessible ({error.strerror or error}) : vérifier le partage. {_LEFT}"


def _folders(
    listing: Iterable[os.DirEntry[str]], closed: Closed, fits: Callable[[str], bool] | None = None
) -> list[str]:
    """The names of the folders among these, sorted, all or those that fit.

    A hidden one is none, nor a link, which may lead out of the tree.
    """
    names = []
    for entry in listing:
        name = entry.name
        if name[0] in "._":
            continue
        try:
            if not entry.is_dir(follow_symlinks=False):
                continue
        except OSError as error:
            closed[entry.path] = _refused(entry.path, error)
            continue
        if not name.isprintable() and _UNREADABLE.search(name):  # the first is ten times as fast
            closed[entry.path] = _misnamed(entry.path)
        elif fits is None or fits(name):
            names.append(name)
    return sorted(names)


def _misnamed(path: str) -> str:
    shown = french.visible(path).replace("\n", r"\n")
    return f"« {shown} » porte un nom que les postes ne savent pas lire : le renommer. {_LEFT}"


def _no_entry(root: Path, folder: Path) -> str | None:
    """Why nothing is read below a folder that was asked for by its path, if so."""
    here = root
    for name in folder.relative_to(root).parts:
        here = here / name
        if _UNREADABLE.search(name):
            return _misnamed(str(here))
        if here.is_symlink():
            return _linked(here)
    return None


def _linked(folder: Path) -> str:
    return f"« {folder} » est un lien, et les liens ne sont pas suivis : mettre le dossier lui-même à sa place."


NameT = TypeVar("NameT", str, Path)


def first_free(name: Callable[[int], NameT], is_taken: Callable[[NameT], bool], start: int = 2) -> NameT:
    """The first of ``name(2)``, ``name(3)``… that nothing bears."""
    return next(one for one in map(name, count(start)) if not is_taken(one))


def numbered(path: Path) -> Callable[[int], Path]:
    """Names in turn: ``bon COPIE.pdf``, ``bon COPIE (2).pdf``, ``bon COPIE (3).pdf``."""
    return lambda number: path if number == 1 else path.with_stem(f"{path.stem} ({number})")


NAME_MAX = 80
"""Letters of a folder that is named for people."""


def safe_name(text: str, limit: int = NAME_MAX) -> str:
    """A name that Windows, Excel and people accept: no forbidden character, no trailing dot, not too long."""
    from pathvalidate import sanitize_filename  # few commands name a folder

    cleaned = " ".join(unicodedata.normalize("NFC", text).split())
    cleaned = _tidy(re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]+', "-", cleaned))
    cleaned = _tidy(sanitize_filename(cleaned, platform="universal"))
    if not cleaned.strip(" .-"):
        return "nom illisible" if cleaned else "sans nom"
    if len(cleaned) > limit:
        # Between two words where that keeps most of the name.
        cut = cleaned[: limit + 1].rpartition(" ")[0]
        cleaned = (cut if len(cut) > limit // 2 else cleaned[:limit]).rstrip(" .,;(-")
        cleaned = _LINKS.sub("", cleaned)
    return cleaned


_LINKS = re.compile(r"(?: (?:de|du|des|la|le|les|et|en|à|au|aux|pour|sur|-))+$", re.IGNORECASE)
"""What no name ends with."""


def _tidy(name: str) -> str:
    """Without dots and spaces around, nor a dash that stands alone at the end, where forbidden characters were."""
    return re.sub(r"(?: -+|[ .])+$", "", name.lstrip(" ."))


_ARTICLE = re.compile(r"^(?:(?:les?|la)\s+|l['’]\s*)", re.IGNORECASE)


def compose_name(office: Office, debut: date, client: str, effectif: int | None) -> str:
    """``2027-06-17 Aînés de Sainte-Fiction 42p``: sorted by date, the article left out, a long client cut short."""

    def named(client: str, limit: int) -> str:
        count = effectif if effectif is not None else ""
        form = office.arborescence.nom_dossier
        name = form.format(date=debut.isoformat(), nom_client=client, effectif=count)
        return safe_name(name.removesuffix(" p"), limit)

    client = " ".join((_ARTICLE.sub("", client) or client).split())[: 2 * NAME_MAX]
    over = len(named(client, 3 * NAME_MAX)) - NAME_MAX
    return named(safe_name(client, max(1, len(client) - over)) if over > 0 else client, NAME_MAX)


def compose(root: Path, office: Office, typologie: Typologie, debut: date, statut: Statut, name: str) -> Path:
    """Where a dossier of that kind and date goes, existing folders being used as they are named.

    Raises EnvironmentRefused rather than lead out by a link.
    """
    mois = office.arborescence.mois.format(mois=debut.month, nom_mois=french.MOIS[debut.month - 1].capitalize())
    folder = _existing(root, office.nom_typologie(typologie), lambda n: parse_typologie(n, office) is typologie)
    folder = _existing(folder, str(debut.year), lambda n: parse_annee(n) == debut.year)
    folder = _existing(folder, mois, lambda n: parse_mois(n) == debut.month)
    return statut_folder(folder, office, statut) / name


def statut_folder(mois: Path, office: Office, statut: Statut) -> Path:
    """The folder of one statut in the folder of a month; raises EnvironmentRefused for a link."""
    return _existing(mois, office.nom_statut(statut), lambda n: parse_statut(n, office) is statut)


def annee_folder(root: Path, office: Office, typologie: Typologie, annee: int) -> Path:
    """The folder of one year, where the recap lies; raises EnvironmentRefused for a link."""
    folder = _existing(root, office.nom_typologie(typologie), lambda n: parse_typologie(n, office) is typologie)
    return _existing(folder, str(annee), lambda n: parse_annee(n) == annee)


def annees(root: Path, office: Office, typologie: Typologie) -> list[int]:
    """The years that have a folder which can be entered."""
    folder = _standing(root, office.nom_typologie(typologie), lambda n: parse_typologie(n, office) is typologie)
    names = _folders(_listed(str(folder), {}), {}, lambda n: parse_annee(n) is not None) if folder else []
    return sorted({annee for name in names if (annee := parse_annee(name)) and _is_open(f"{folder}{os.sep}{name}")})


def _is_open(folder: str) -> bool:
    closed: Closed = {}
    _listed(folder, closed)
    return not closed


def may_hold(root: Path, folder: Path, office: Office, typologie: Typologie, annee: int) -> bool:
    """Whether dossiers of that kind and year go somewhere below a folder, or in it."""
    parts = folder.relative_to(root).parts
    is_kind = not parts or parse_typologie(parts[0], office) is typologie
    return is_kind and (len(parts) < 2 or parse_annee(parts[1]) == annee)


def _existing(parent: Path, canonical: str, fits: Callable[[str], bool]) -> Path:
    """The folder that stands, or the one to be made; raises EnvironmentRefused rather than lead out by a link."""
    found = _standing(parent, canonical, fits) or parent / canonical
    if os.path.islink(found):  # noqa: PTH114 - False, too, where it cannot be told
        raise EnvironmentRefused(_linked(found))
    return found


def _standing(parent: Path, canonical: str, fits: Callable[[str], bool]) -> Path | None:
    names = _folders(_listed(str(parent), {}), {}, fits)
    return parent / (canonical if canonical in names else names[0]) if names else None
