"""« Envoyer vers » of the Windows desktop: shortcuts that lead straight to Python, so that cmd never reads a name."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import AgentError
from toolkit.french import pluriel
from toolkit.system import files

SUFFIXE = " (toolkit).lnk"
"""Tells our shortcuts from those of others."""
RACCOURCIS = {
    "Vérifier": ("verifier", "Dit ce qui ne va pas dans ce dossier, sans rien écrire"),
    "Générer les documents": ("generer", "Fait les documents qui sont dus"),
    "Classer un dossier": ("classer", "Range le dossier dans en cours, traité ou annulé"),
    "Copie filigrane": ("copie", "Pose « COPIE » sur une copie de ces PDF"),
}


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Those that were laid, or taken away."""

    paths: Sequence[Path]
    are_gone: bool
    exit_status = 0

    def as_json(self) -> dict[str, object]:
        """``raccourcis``: their paths (promesses.md §5)."""
        return {"raccourcis": [str(path) for path in self.paths]}

    def as_text(self) -> str:
        """How many, and where they stand or stood."""
        verb = "enlevé" if self.are_gone else "posé"
        count = pluriel(len(self.paths), f"raccourci {verb}", f"raccourcis {verb}s")
        return f"{count} dans « Envoyer vers »."


def lay_shortcuts() -> Shortcuts:
    """Put ours, in place of those of a former version; raises AgentError elsewhere than on Windows."""
    folder = _folder()
    remove_shortcuts()
    made = []
    for name, (geste, description) in RACCOURCIS.items():
        path = folder / f"{name}{SUFFIXE}"
        _write(path, f"-I -X utf8 -m toolkit geste --attendre {geste}", description)
        made.append(path)
    return Shortcuts(made, are_gone=False)


def remove_shortcuts() -> Shortcuts:
    """Take ours away, and no other; raises AgentError elsewhere than on Windows."""
    found = sorted(_folder().glob(f"*{SUFFIXE}"))
    for path in found:
        files.remove_own(path)
    return Shortcuts(found, are_gone=True)


def _folder() -> Path:
    if sys.platform == "win32":
        from win32com.shell import shell, shellcon

        return Path(shell.SHGetFolderPath(0, shellcon.CSIDL_SENDTO, 0, 0))
    raise AgentError("Les raccourcis « Envoyer vers » se posent sur un poste Windows.")


def _write(path: Path, arguments: str, description: str) -> None:
    if sys.platform == "win32":
        import pythoncom
        from win32com.shell import shell

        in_process = pythoncom.CLSCTX_INPROC_SERVER
        link: Any = pythoncom.CoCreateInstance(shell.CLSID_ShellLink, None, in_process, shell.IID_IShellLink)
        link.SetPath(sys.executable)
        link.SetArguments(arguments)
        link.SetDescription(description)
        link.SetWorkingDirectory(str(Path(sys.executable).parent))
        link.QueryInterface(pythoncom.IID_IPersistFile).Save(str(path), 0)
