"""A whole small office in a folder, with the main job run on it: what the toolkit does, in one command."""

from pathlib import Path

from toolkit.build.options import Options
from toolkit.build.report import Report
from toolkit.build.walk import generate
from toolkit.errors import AgentError
from toolkit.formats import msword
from toolkit.formats.libreoffice import HOW_TO_GET, find_libreoffice
from toolkit.gestes.nouveau import copy_modeles
from toolkit.system import files
from toolkit.tree import layout, shipped
from toolkit.tree.settings import Settings, load_settings


def prepare_demo(folder: Path) -> Settings:
    """Copy the example office; a former demonstration is taken as it is."""
    if not (folder / layout.OFFICE).exists():
        if folder.exists() and any(folder.iterdir()):
            raise AgentError(f"« {folder} » n'est pas vide : indiquer un autre dossier pour la démonstration.")
        for source in sorted(shipped.EXEMPLES.rglob("*")):
            if source.is_file():
                files.write(folder / source.relative_to(shipped.EXEMPLES), source.read_bytes())
        copy_modeles(folder)
    settings = load_settings(folder)
    if settings.office.jour_de_demonstration is None:
        raise AgentError(f"« {folder} » est l'arborescence d'un office, pas une démonstration : rien n'a été touché.")
    return settings


def run_demo(settings: Settings, options: Options) -> Report:
    """Make everything that is due."""
    return generate(settings, [settings.root], options)


def made_by_demo(folder: Path) -> dict[str, list[Path]]:
    """What there is to look at: contracts, vouchers, avenants, booklets, recaps."""
    return {
        "contrats Word": sorted(folder.rglob("3 Contrat/*.docx")),
        "contrats PDF": sorted(folder.rglob("3 Contrat/*.pdf")),
        "bons d'échange": sorted(folder.rglob("4 Bons d'échange/*.docx")),
        "avenants": sorted(folder.rglob("5 Avenants/*.docx")),
        "carnets de voyage": sorted(folder.rglob("6 Carnet/*.pdf")),
        "récapitulatifs Excel": sorted(folder.glob("*/*/*.xlsx")),
    }


def missing_for_demo() -> str | None:
    """In one line, what would make the PDFs here, and how to get it; None when it is there."""
    if find_libreoffice() or msword.is_there():
        return None
    return f"Il manque LibreOffice : les PDF, les copies et les carnets attendent. Pour l'avoir : {HOW_TO_GET}"


def dossier_to_show(folder: Path) -> Path:
    """The dossier of the demonstration that shows most."""
    return next(iter(sorted(folder.glob("Groupe/*/06*/*/*Aînés*"))), folder)
