"""office.toml and prestataires.toml of one tree, and the Word models that go with them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toolkit.dossier.office import Office, Prestataires
from toolkit.errors import AgentError, Problem
from toolkit.system import files
from toolkit.toml.read import read
from toolkit.tree import layout, shipped


@dataclass(frozen=True)
class Settings:
    """What every dossier of a tree is judged with."""

    root: Path
    office: Office
    prestataires: Prestataires
    problems: list[Problem]
    """Of the two files: told once, whatever dossier is asked for."""
    empreinte: str
    """Hash of both files."""

    def modele(self, name: str) -> bytes | None:
        """The office's own Word model, or the shipped one it has not replaced; None when both are missing."""
        for folder in (self.root / layout.MODELES, shipped.MODELES):
            content = files.read_if_there(folder / name)
            if content is not None:
                return content
        return None


def load_settings(root: Path, read_file: Callable[[Path], bytes | None] = files.read_if_there) -> Settings:
    """Read both files; raises AgentError when one cannot be read at all, since no document would be right."""
    problems: list[Problem] = []
    office_bytes = read_file(root / layout.OFFICE) or b""
    prestataires_bytes = read_file(root / layout.PRESTATAIRES)
    office = read(office_bytes, Office)
    problems += (problem.at(fichier=layout.OFFICE) for problem in office.problems)
    if prestataires_bytes is None:
        raise AgentError(f"Il manque « {layout.PRESTATAIRES} » à côté de « {layout.OFFICE} », dans « {root} ».")
    prestataires = read(prestataires_bytes, Prestataires)
    problems += (problem.at(fichier=layout.PRESTATAIRES) for problem in prestataires.problems)
    if office.value is None or prestataires.value is None:
        shown = "\n".join(problem.told for problem in problems)
        raise AgentError(f"Les réglages de l'office sont illisibles, aucun document n'est fait :\n{shown}")
    empreinte = files.sha256(office_bytes + b"\0" + prestataires_bytes)
    return Settings(root, office.value, prestataires.value, problems, empreinte)
