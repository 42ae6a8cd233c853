"""Watermarked copies beside any PDFs that an agent has, We Login's vouchers among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import FileRefused, ToolkitError
from toolkit.french import typography
from toolkit.gestes.copie_vue import refuse_unseen
from toolkit.system import files
from toolkit.system.isolated import run_isolated
from toolkit.tree import layout


@dataclass(frozen=True, slots=True)
class PdfCopie:
    """What became of one PDF."""

    fichier: Path
    copie: Path | None = None
    """``bon COPIE.pdf`` beside ``bon.pdf``."""
    is_new: bool = False
    """False: it lay there already."""
    refus: ToolkitError | None = None
    """Why there is none."""

    def as_text(self) -> str:
        if self.copie is None:
            return f"{self.fichier} : pas de copie, {self.refus}"
        return f"Copie faite : {self.copie}" if self.is_new else f"La copie est déjà là : {self.copie}"


@dataclass(frozen=True, slots=True)
class Copies:
    """What became of several."""

    copies: Sequence[PdfCopie]

    @property
    def exit_status(self) -> int:
        statuses = {one.refus.exit_status for one in self.copies if one.refus}
        return next((status for status in (1, 4) if status in statuses), 0)

    def as_json(self) -> dict[str, object]:
        return {
            "copies": [
                {
                    "fichier": str(one.fichier),
                    "copie": str(one.copie) if one.copie else None,
                    "refus": str(one.refus) if one.refus else None,
                }
                for one in self.copies
            ]
        }

    def as_text(self) -> str:
        return typography("\n".join(one.as_text() for one in self.copies))


def copy_pdfs(paths: Sequence[Path], texte: str) -> Copies:
    """Put these words across a copy of each; what is refused for one stops no other."""
    return Copies([_copy(path, texte) for path in paths])


def _copy(path: Path, texte: str) -> PdfCopie:
    named = layout.numbered(path.with_name(f"{path.stem} {texte}{path.suffix}"))
    try:
        original = _read(path)
        marked = run_isolated("toolkit.formats.pdf:mark_copie", original, texte)
        refuse_unseen(original, marked)
        copie = files.write_beside(named, marked)
    except ToolkitError as error:
        return PdfCopie(path, refus=error)
    return PdfCopie(path, copie.path, copie.is_new)


def _read(path: Path) -> bytes:
    """Raises FileRefused for what is no PDF at all."""
    content = files.read_if_there(path)
    if content is None:
        raise FileRefused("fichier introuvable")
    if b"%PDF" not in content[:1024]:
        raise FileRefused("ce n'est pas un PDF")
    return content
