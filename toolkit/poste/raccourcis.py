"""« Envoyer vers » of the Windows desktop: shortcuts that lead straight to Python, so that cmd never reads a name."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from toolkit.errors import AgentError
from toolkit.french import pluriel
from toolkit.system import files

SUFFIXE = " (toolkit).lnk"
_COMMANDE = "-m toolkit geste "
"""What a shortcut of ours runs: tells it from those of others, whatever they are called."""
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
    """Put ours, in place of those of a former version, beside what others call the same.

    Raises AgentError elsewhere than on Windows, EnvironmentRefused when the machine refuses.
    """
    folder = _folder()
    remove_shortcuts()
    made = []
    for name, (geste, description) in RACCOURCIS.items():
        content = _shortcut(f"-I -X utf8 {_COMMANDE}--attendre {geste}", description)
        made.append(files.write_beside(partial(_named, folder, name), content).path)
    return Shortcuts(made, are_gone=False)


def _named(folder: Path, name: str, number: int) -> Path:
    return folder / (f"{name}{SUFFIXE}" if number == 1 else f"{name} {number}{SUFFIXE}")


def remove_shortcuts() -> Shortcuts:
    """Take ours away, and no other; raises AgentError elsewhere than on Windows, EnvironmentRefused."""
    ours = _ours(_folder())
    for path, content in ours.items():
        files.remove(path, over=files.sha256(content))
    return Shortcuts(list(ours), are_gone=True)


def _ours(folder: Path) -> dict[Path, bytes]:
    found = {path: files.read_if_there(path) for path in sorted(folder.glob(f"*{SUFFIXE}")) if path.is_file()}
    told = _COMMANDE.encode("utf-16-le")
    return {path: content for path, content in found.items() if content and told in content}


def _folder() -> Path:
    if sys.platform == "win32":
        from win32com.shell import shell, shellcon

        return Path(shell.SHGetFolderPath(0, shellcon.CSIDL_SENDTO, 0, 0))
    raise AgentError("Les raccourcis « Envoyer vers » se posent sur un poste Windows.")


def _shortcut(arguments: str, description: str) -> bytes:
    """The bytes of one that leads to this Python."""
    if sys.platform == "win32":
        import pythoncom
        from win32com.shell import shell

        in_process = pythoncom.CLSCTX_INPROC_SERVER
        link: Any = pythoncom.CoCreateInstance(shell.CLSID_ShellLink, None, in_process, shell.IID_IShellLink)
        link.SetPath(sys.executable)
        link.SetArguments(arguments)
        link.SetDescription(description)
        link.SetWorkingDirectory(str(Path(sys.executable).parent))
        with tempfile.TemporaryDirectory(prefix="toolkit-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "raccourci.lnk"
            link.QueryInterface(pythoncom.IID_IPersistFile).Save(str(path), 0)
            return path.read_bytes()
    raise AgentError("Un raccourci se fait sur un poste Windows.")
