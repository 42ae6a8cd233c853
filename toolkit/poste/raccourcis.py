"""« Envoyer vers » of the Windows desktop: shortcuts that lead straight to Python, so that cmd never reads a name."""

import sys
from pathlib import Path
from typing import Any

from toolkit.errors import AgentError
from toolkit.system import files

SUFFIXE = " (toolkit).lnk"
"""Tells our shortcuts from those of others."""
RACCOURCIS = {
    "Vérifier": ("verifier", "Dit ce qui ne va pas dans ce dossier, sans rien écrire"),
    "Générer les documents": ("generer", "Fait les documents qui sont dus"),
    "Classer un dossier": ("classer", "Range le dossier dans en cours, traité ou annulé"),
    "Copie filigrane": ("copie", "Pose « COPIE » sur une copie de ces PDF"),
}


def lay_shortcuts() -> list[Path]:
    """Put our shortcuts, in place of those of a former version; gives them."""
    folder = _folder()
    remove_shortcuts()
    made = []
    for name, (geste, description) in RACCOURCIS.items():
        path = folder / f"{name}{SUFFIXE}"
        _write(path, f"-I -X utf8 -m toolkit geste --attendre {geste}", description)
        made.append(path)
    return made


def remove_shortcuts() -> list[Path]:
    """Take ours away, and no other; gives those that were there."""
    found = sorted(_folder().glob(f"*{SUFFIXE}"))
    for path in found:
        files.remove_if_there(path)
    return found


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
