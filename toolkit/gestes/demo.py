"""A whole small office in a folder, with the main job run on it: what the toolkit does, in one command."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolkit.errors import AgentError
from toolkit.formats import msword
from toolkit.formats.libreoffice import HOW_TO_GET, find_libreoffice
from toolkit.gestes.nouveau import lay_files, shipped_modeles
from toolkit.system import files
from toolkit.tree import layout, shipped
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk.generate import generate
from toolkit.walk.options import Options
from toolkit.walk.report import Report

SHOWN = 2
"""Examples of each kind of document, at the end of a demonstration."""


def prepare_demo(folder: Path) -> Settings:
    """Copy the example office; a former demonstration is taken as it is, one that a kill left is completed.

    Raises AgentError for a folder of anything else, EnvironmentRefused when the machine refuses.
    """
    if not (folder / layout.OFFICE).exists():
        contents = _contents()
        if not _is_begun(folder, contents):
            raise AgentError(f"« {folder} » n'est pas vide : indiquer un autre dossier pour la démonstration.")
        lay_files(folder, contents)
    settings = load_settings(folder)
    if settings.office.jour_de_demonstration is None:
        raise AgentError(f"« {folder} » est l'arborescence d'un office, pas une démonstration : rien n'a été touché.")
    return settings


def _contents() -> dict[str, bytes]:
    """Every file of a demonstration; the one that makes a tree of the folder comes last."""
    found = {
        source.relative_to(shipped.EXEMPLES).as_posix(): source.read_bytes()
        for source in sorted(shipped.EXEMPLES.rglob("*"))
        if source.is_file()
    }
    office = found.pop(layout.OFFICE)
    return {**found, **shipped_modeles(), layout.OFFICE: office}


def _is_begun(folder: Path, contents: Mapping[str, bytes]) -> bool:
    """Whether it holds nothing but what a demonstration puts there: nothing at all, for one."""
    if not files.list_folder(folder):
        return True
    folders = {str(parent) for name in contents for parent in PurePosixPath(name).parents}
    return all(_is_ours(path, path.relative_to(folder).as_posix(), contents, folders) for path in folder.rglob("*"))


def _is_ours(path: Path, name: str, contents: Mapping[str, bytes], folders: Collection[str]) -> bool:
    if path.is_dir():
        return name in folders
    is_temporary = path.name.startswith(files.TEMPORARY_PREFIX)
    return is_temporary or (name in contents and files.read_if_there(path) == contents[name])


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the run made in the folder, what to look at first, what to type next."""

    folder: Path
    report: Report
    made: Mapping[str, Sequence[Path]]
    """The files of each kind of document."""
    missing: str | None
    """What would make the PDFs that were asked for."""
    program: str
    """How the toolkit is called on this machine."""

    @property
    def exit_status(self) -> int:
        return self.report.exit_status

    def as_json(self) -> dict[str, object]:
        return {**self.report.as_json(), "faits": {kind: [*map(str, paths)] for kind, paths in self.made.items()}}

    def as_text(self) -> str:
        lines = [self.report.as_text(), "", f"Fait dans {self.folder} :"]
        for kind, paths in self.made.items():
            lines += ["", f"{len(paths)} {kind}, dont" if len(paths) > SHOWN else f"{len(paths)} {kind}"]
            lines.append("\n".join(f"  {path.relative_to(self.folder)}" for path in paths[:SHOWN]))
        if self.missing:
            lines += ["", f"{self.missing}, puis relancer la même commande."]
        lines += ["", "Pour continuer :", f'  {self.program} fiche "{_dossier_to_show(self.folder)}"']
        return "\n".join([*lines, f'  {self.program} generer "{self.folder}"'])


def run_demo(settings: Settings, options: Options, program: str) -> Demonstration:
    """Make everything that is due."""
    report = generate(settings, [settings.root], options)
    missing = _missing() if options.with_pdf else None
    return Demonstration(settings.root, report, _made(settings.root), missing, program)


def _made(folder: Path) -> dict[str, list[Path]]:
    """What there is to look at, the best to look at first: contracts, vouchers, avenants, booklets, recaps."""
    shown = _dossier_to_show(folder)
    patterns = {
        "contrats Word": "**/3 Contrat/*.docx",
        "contrats PDF": "**/3 Contrat/*.pdf",
        "bons d'échange": "**/4 Bons d'échange/*.docx",
        "avenants": "**/5 Avenants/*.docx",
        "carnets de voyage": "**/6 Carnet/*.pdf",
        "récapitulatifs Excel": "*/*/*.xlsx",
    }
    return {
        kind: sorted(folder.glob(pattern), key=lambda path: (shown not in path.parents, path))
        for kind, pattern in patterns.items()
    }


def _missing() -> str | None:
    """In one line, what would make the PDFs here, and how to get it; None when it is there."""
    if find_libreoffice() or msword.is_there():
        return None
    return f"Il manque LibreOffice : les PDF, les copies et les carnets attendent. Pour l'avoir : {HOW_TO_GET}"


def _dossier_to_show(folder: Path) -> Path:
    """The dossier of the demonstration that shows most."""
    return next(iter(sorted(folder.glob("Groupe/*/06*/*/*Aînés*"))), folder)
