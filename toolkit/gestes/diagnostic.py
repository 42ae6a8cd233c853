"""What works on this machine and in this tree, what is missing, and how to get it."""

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from toolkit import __version__, french
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.echeances import Urgence, echeances_office
from toolkit.dossier.office import Office
from toolkit.errors import ToolkitError
from toolkit.formats import msword
from toolkit.formats.libreoffice import HOW_TO_GET, find_libreoffice
from toolkit.modele.ignored import ignored_modeles
from toolkit.system import files
from toolkit.system.child import find_program
from toolkit.tree import layout, path_limits, shipped
from toolkit.tree.settings import Settings, load_settings
from toolkit.watch.heartbeat import is_running, read_heartbeat

_LIBRARIES = {
    "docxtpl": "docxtpl",
    "jinja2": "jinja2",
    "lxml": "lxml.etree",
    "openpyxl": "openpyxl",
    "pydantic": "pydantic",
    "pypdf": "pypdf",
    "python-docx": "docx",
    "tomli": "tomli",
    "tomlkit": "tomlkit",
    "watchdog": "watchdog",
} | ({"pywin32": "pywintypes"} if os.name == "nt" else {})


class Verdict(StrEnum):
    """How a point stands."""

    OK = "ok"
    ATTENTION = "attention"
    MANQUE = "manque"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at."""

    verdict: Verdict
    sujet: str
    constat: str
    """What was found and, when it is not right, what to do."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Everything that was looked at."""

    points: Sequence[Point]

    @property
    def exit_status(self) -> int:
        return 1 if any(point.verdict is Verdict.MANQUE for point in self.points) else 0

    def as_json(self) -> dict[str, object]:
        return {
            "points": [
                {"verdict": one.verdict, "sujet": one.sujet, "constat": french.typography(one.constat)}
                for one in self.points
            ]
        }

    def as_text(self) -> str:
        return french.typography("\n".join(f"{one.verdict:<9} {one.sujet} : {one.constat}" for one in self.points))


def diagnose(folder: Path | None, aujourd_hui: date | None) -> Diagnostic:
    """Look at the machine, then at the tree that a folder belongs to when one is given."""
    points = [*_machine()]
    if folder is not None:
        points += _tree(folder, aujourd_hui)
    return Diagnostic(points)


def _machine() -> Iterator[Point]:
    yield Point(Verdict.OK, "toolkit", f"version {__version__}, dans « {shipped.PACKAGE} »")
    supported = (3, 11) <= sys.version_info[:2] <= (3, 14)
    yield Point(
        Verdict.OK if supported else Verdict.ATTENTION,
        "Python",
        f"{platform.python_version()} sur {platform.system()}" + ("" if supported else " (prévu : 3.11 à 3.14)"),
    )
    found, missing = [], []
    for name, module in _LIBRARIES.items():
        try:
            import_module(module)
            found.append(f"{name} {version(name)}")
        except ImportError:
            missing.append(name)
    if missing:
        yield Point(Verdict.MANQUE, "bibliothèques", f"il manque {french.liste(missing)} : réinstaller le toolkit")
    else:
        yield Point(Verdict.OK, "bibliothèques", ", ".join(found))
    yield _pdf_maker()
    yield from _fonts()
    missing_models = [
        name for name in ("contrat_groupe.docx", "contrat_individuel.docx") if not (shipped.MODELES / name).is_file()
    ]
    if missing_models:
        yield Point(
            Verdict.MANQUE, "modèles livrés", f"il manque {french.liste(missing_models)} : réinstaller le toolkit"
        )


def _pdf_maker() -> Point:
    soffice = find_libreoffice()
    if soffice is None and msword.is_there():
        return Point(Verdict.OK, "Word", "fait les PDF de ce poste, faute de LibreOffice")
    if soffice is None:
        what = f"absent : les PDF attendent, tout le reste marche. Pour l'avoir : {HOW_TO_GET}"
        return Point(Verdict.MANQUE, "LibreOffice", what)
    with tempfile.TemporaryDirectory(prefix="toolkit-", ignore_cleanup_errors=True) as profile:
        try:
            done = subprocess.run(
                [str(soffice), f"-env:UserInstallation={Path(profile).as_uri()}", "--version"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return Point(Verdict.ATTENTION, "LibreOffice", f"trouvé ({soffice}) mais ne répond pas")
    lines = done.stdout.strip().splitlines()
    return Point(Verdict.OK, "LibreOffice", f"{lines[0] if lines else 'version inconnue'} ({soffice})")


def _fonts() -> Iterator[Point]:
    """The models are in Calibri, for which Carlito has the same widths."""
    listing = find_program("fc-list")
    if listing is None:
        return
    fonts = subprocess.run([listing, ":", "family"], capture_output=True, text=True, timeout=30, check=False).stdout
    if "Calibri" not in fonts and "Carlito" not in fonts:
        yield Point(
            Verdict.ATTENTION,
            "polices",
            "ni Calibri ni Carlito : les PDF seront moins fidèles. Remède : sudo apt install fonts-crosextra-carlito",
        )


def _tree(folder: Path, aujourd_hui: date | None) -> Iterator[Point]:
    if not os.path.exists(folder):  # noqa: PTH110 - False, too, where it cannot be told
        what = "n'est pas accessible : vérifier le nom, et que le lecteur réseau est connecté"
        yield Point(Verdict.MANQUE, "partage", f"« {folder} » {what}")
        return
    try:
        root = layout.find_root(folder)
        settings = load_settings(root)
    except ToolkitError as error:
        yield Point(Verdict.MANQUE, "réglages", str(error))
        return
    if settings.problems:
        for problem in settings.problems:
            yield Point(Verdict.ATTENTION, "réglages", problem.told)
    else:
        yield Point(Verdict.OK, "réglages", f"{layout.OFFICE} et {layout.PRESTATAIRES} lus sans faute")
    yield _writable(root)
    found = layout.find(root, settings.office)
    folders = [dossier.path for dossier in found.dossiers]
    yield from (Point(Verdict.MANQUE, "dossiers", why) for why in found.closed.values())
    yield Point(Verdict.OK, "dossiers", f"{french.pluriel(len(folders), 'dossier')} dans « {root} »")
    yield _lengths(root, settings.office, folders)
    yield from (Point(Verdict.ATTENTION, "modèles", one.told) for one in ignored_modeles(root))
    day = settings.office.jour_de_demonstration
    if day:
        yield Point(
            Verdict.ATTENTION,
            "jour",
            f"arborescence de démonstration : on y est le {french.date_simple(day)} (effacer jour_de_demonstration)",
        )
    yield _surveillance(root)
    yield from _papers(settings, aujourd_hui or day or date.today())


def _surveillance(root: Path) -> Point:
    beat = read_heartbeat(root)
    if beat is None:
        return Point(Verdict.ATTENTION, "surveillance", "arrêtée : rien ne se fait sans « toolkit generer »")
    where = f"sur « {beat.machine} » (processus {beat.processus})"
    last = french.date_heure(beat.last)
    now = datetime.now().astimezone()
    if beat.is_here and not is_running(beat):
        what = f"s'est arrêtée sans prévenir {where}, après le {last} : la relancer"
    elif beat.is_stuck:
        what = f"n'avance plus {where} : l'arrêter et la relancer"
    elif beat.is_alive(now):
        state = f"{where}, {french.pluriel(beat.dossiers, 'dossier')}, {beat.en_attente} en attente"
        return Point(Verdict.OK, "surveillance", state if beat.par_evenements else f"{state} (par examen régulier)")
    elif beat.last > now:
        what = f"dernier signe de vie {where} daté du {last}, dans l'avenir : vérifier l'heure des deux machines"
    else:
        what = f"plus de signe de vie {where} depuis le {last}"
    return Point(Verdict.MANQUE, "surveillance", what)


def _writable(root: Path) -> Point:
    probe = root / f"{files.TEMPORARY_PREFIX}diagnostic.tmp"
    files.sweep(root)
    try:
        files.write_own(probe, b"", home=root)
        files.remove_own(probe)
    except ToolkitError as error:
        return Point(Verdict.MANQUE, "écriture", str(error))
    return Point(Verdict.OK, "écriture", "on peut écrire dans l'arborescence")


def _lengths(root: Path, office: Office, folders: list[Path]) -> Point:
    # All the files of a share would take minutes to list: only those below the long names.
    deep = [folder for folder in folders if path_limits.folder_excess(root, office, folder)]
    out_of_reach = [path for folder in deep for path in folder.rglob("*") if path_limits.excess(root, office, path)]
    if out_of_reach:
        count = french.pluriel(len(out_of_reach), "fichier")
        example = out_of_reach[0].relative_to(root).parts[4]
        how = f"raccourcir les noms de dossiers, comme « {example} »"
        return Point(Verdict.ATTENTION, "chemins", f"trop longs pour les postes Windows ({count}) : {how}")
    return Point(Verdict.OK, "chemins", "assez courts pour les postes Windows")


def _papers(settings: Settings, aujourd_hui: date) -> Iterator[Point]:
    """Guarantee, insurance, conventions and supplier sheets that run out."""
    cadre = Cadre(aujourd_hui, settings.office, settings.prestataires)
    for one in echeances_office(cadre):
        if one.urgence is not Urgence.A_VENIR:
            state = "depuis le" if one.urgence is Urgence.DEPASSEE else "avant le"
            yield Point(Verdict.ATTENTION, "échéance", f"{one.libelle} {state} {french.date_simple(one.limite)}")
