"""The folder tree: typologie → année → mois → statut → one folder a dossier. The tree is the only database.

Reading is tolerant (case, accents, « en cours », « 6 », « juin »); writing is canonical and set in office.toml.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import TypeVar

from toolkit import french
from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.office import Office
from toolkit.errors import AgentError
from toolkit.french import fold

OFFICE = "office.toml"
PRESTATAIRES = "prestataires.toml"
DOSSIER = "dossier.toml"
SUIVI = "_suivi"
REMPLACES = "Remplacés"
MODELES = "modeles"
SOUS_DOSSIERS = (
    "1 Demande",
    "2 Devis",
    "3 Contrat",
    "4 Bons d'échange",
    "5 Avenants",
    "6 Carnet",
    "7 Factures",
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


def verrou(root: Path, thing: Path) -> Path:
    """The lock of a dossier folder, or of anything of the tree, however the one who asks writes its name."""
    name = name_key(thing.relative_to(root).as_posix())
    return root / VERROUS / f"{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.lock"


def find_root(start: Path) -> Path:
    """The folder that holds office.toml, found by walking up; raises AgentError when there is none."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / OFFICE).is_file():
            return folder
    raise AgentError(
        f"Aucun fichier {OFFICE} dans « {here} » ni au-dessus : indiquer un dossier de l'arborescence, "
        "ou en créer une avec « toolkit initialiser »."
    )


def enclosing_folder(path: Path) -> Path:
    """The dossier folder around a path, or the folder itself when it lies in none; raises AgentError."""
    here = path.absolute()
    if not here.exists():
        raise AgentError(f"« {path} » n'existe pas : vérifier le nom.")
    if here.is_file():
        here = here.parent
    for folder in (here, *here.parents):
        if (folder / DOSSIER).is_file():
            return folder
        if (folder / OFFICE).is_file():
            break
    return here


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
    """The dossier that lies in a folder; raises AgentError when none does."""
    found = parse(root, folder, office)
    if found is None or not found.source.is_file():
        raise AgentError(f"« {folder} » n'est pas le dossier d'un client : il y faut un {DOSSIER}.")
    return found


def dossiers(root: Path, office: Office, under: Path | None = None) -> Iterator[DossierFolder]:
    """Every folder with a dossier.toml below ``under`` (by default the root), in the order of the tree."""
    for folder, depth in _walk(root, under or root):
        if depth == 5 and (found := parse(root, folder, office)):
            yield found


Stamp = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


def look(root: Path, office: Office) -> dict[str, Stamp]:
    """Every dossier.toml that lies where a dossier goes, by its path as text, with its stamp.

    One stat a dossier, nothing is opened. A folder that vanishes meanwhile is left out; links are not followed.
    """
    seen: dict[str, Stamp] = {}
    for typologie in _folders(str(root), lambda name: parse_typologie(name, office) is not None):
        for annee in _folders(typologie, lambda name: parse_annee(name) is not None):
            for mois in _folders(annee, lambda name: parse_mois(name) is not None):
                for statut in _folders(mois, lambda name: parse_statut(name, office) is not None):
                    _look_into(statut, seen)
    return seen


def _look_into(statut: str, seen: dict[str, Stamp]) -> None:
    """The same for the dossiers of one folder. Plain text and no Path: this is done ten thousand times every look."""
    start, end = f"{statut}{os.sep}", f"{os.sep}{DOSSIER}"
    with _opened(statut) as descriptor:
        base = start if descriptor is None else ""
        for name in _names(statut, lambda name: name[0] not in "._"):
            try:
                status = os.stat(f"{base}{name}{end}", dir_fd=descriptor)
            except OSError:
                continue
            seen[f"{start}{name}{end}"] = (status.st_size, status.st_mtime_ns)


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


def _folders(parent: str, fits: Callable[[str], bool]) -> list[str]:
    start = start_of(parent)
    return [f"{start}{name}" for name in _names(parent, fits)]


def _names(parent: str, fits: Callable[[str], bool]) -> list[str]:
    """Of the folders that lie in one."""
    try:
        with os.scandir(parent) as listing:
            found = [entry.name for entry in listing if fits(entry.name) and entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found)


def strays(root: Path, office: Office, under: Path | None = None) -> Iterator[Path]:
    """Folders that hold a dossier.toml where no dossier goes."""
    for folder, depth in _walk(root, under or root):
        if depth != 5 or not parse(root, folder, office):
            yield folder


_DEPTH_MAX = 7
"""A dossier lies five levels down; one that people put in a folder of their own is found too, to be told."""


def _walk(root: Path, under: Path) -> Iterator[tuple[Path, int]]:
    """Folders that hold a dossier.toml; links are not followed, they may lead out."""
    depth = len(under.relative_to(root).parts)
    try:
        with os.scandir(under) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    if depth and any(entry.name == DOSSIER for entry in entries):
        yield under, depth
        return
    if depth < _DEPTH_MAX:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith((".", "_")):
                yield from _walk(root, under / entry.name)


NameT = TypeVar("NameT", str, Path)


def first_free(name: Callable[[int], NameT], is_taken: Callable[[NameT], bool], start: int = 2) -> NameT:
    """The first of ``name(2)``, ``name(3)``… that nothing bears."""
    return next(one for one in map(name, count(start)) if not is_taken(one))


def numbered(path: Path) -> Callable[[int], Path]:
    """Names in turn: ``bon COPIE.pdf``, ``bon COPIE (2).pdf``, ``bon COPIE (3).pdf``."""
    return lambda number: path if number == 1 else path.with_stem(f"{path.stem} ({number})")


def safe_name(text: str, limit: int = 80) -> str:
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
    return cleaned


def _tidy(name: str) -> str:
    """Without dots and spaces around, nor a dash that stands alone at the end, where forbidden characters were."""
    return re.sub(r"(?: -+|[ .])+$", "", name.lstrip(" ."))


_ARTICLE = re.compile(r"^(?:(?:les?|la)\s+|l['’]\s*)", re.IGNORECASE)


def compose_name(office: Office, debut: date, client: str, effectif: int | None) -> str:
    """``2027-06-17 Aînés de Sainte-Fiction 42p``: sorted by date, the article left out."""
    name = office.arborescence.nom_dossier.format(
        date=debut.isoformat(),
        nom_client=_ARTICLE.sub("", client) or client,
        effectif=effectif if effectif is not None else "",
    )
    return safe_name(name.removesuffix(" p"))


def compose(root: Path, office: Office, typologie: Typologie, debut: date, statut: Statut, name: str) -> Path:
    """Where a dossier of that kind and date goes, existing folders being used as they are named."""
    mois = office.arborescence.mois.format(mois=debut.month, nom_mois=french.MOIS[debut.month - 1].capitalize())
    folder = _existing(root, office.nom_typologie(typologie), lambda n: parse_typologie(n, office) is typologie)
    folder = _existing(folder, str(debut.year), lambda n: parse_annee(n) == debut.year)
    folder = _existing(folder, mois, lambda n: parse_mois(n) == debut.month)
    return statut_folder(folder, office, statut) / name


def statut_folder(mois: Path, office: Office, statut: Statut) -> Path:
    """The folder of one statut in the folder of a month."""
    return _existing(mois, office.nom_statut(statut), lambda n: parse_statut(n, office) is statut)


def annee_folder(root: Path, office: Office, typologie: Typologie, annee: int) -> Path:
    """The folder of one year, where the recap lies."""
    folder = _existing(root, office.nom_typologie(typologie), lambda n: parse_typologie(n, office) is typologie)
    return _existing(folder, str(annee), lambda n: parse_annee(n) == annee)


def annees(root: Path, office: Office, typologie: Typologie) -> list[int]:
    """The years that have a folder."""
    folder = _existing(root, office.nom_typologie(typologie), lambda n: parse_typologie(n, office) is typologie)
    if not folder.is_dir():
        return []
    return sorted({annee for entry in folder.iterdir() if entry.is_dir() and (annee := parse_annee(entry.name))})


def _existing(parent: Path, canonical: str, fits: Callable[[str], bool]) -> Path:
    if parent.is_dir() and not (parent / canonical).is_dir():
        for entry in sorted(parent.iterdir()):
            if entry.is_dir() and fits(entry.name):
                return entry
    return parent / canonical
