"""Watermarked copies beside any PDFs that an agent has, We Login's vouchers among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import FileRefused, ToolkitError
from toolkit.french import typography
from toolkit.system import files
from toolkit.system.isolated import run_isolated
from toolkit.tree import layout

BYTES_MAX = 200_000_000


@dataclass(frozen=True, slots=True)
class PdfCopie:
    """What became of one PDF."""

    fichier: Path
    copie: Path | None = None
    """``bon COPIE.pdf`` beside ``bon.pdf``."""
    refus: str | None = None
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class Copies:
    """What became of several."""

    copies: Sequence[PdfCopie]

    @property
    def exit_status(self) -> int:
        return 1 if any(one.copie is None for one in self.copies) else 0

    def as_json(self) -> dict[str, object]:
        return {
            "copies": [
                {"fichier": str(one.fichier), "copie": str(one.copie) if one.copie else None, "refus": one.refus}
                for one in self.copies
            ]
        }

    def as_text(self) -> str:
        lines = [
            f"Copie faite : {one.copie}" if one.copie else f"{one.fichier} : pas de copie, {one.refus}"
            for one in self.copies
        ]
        return typography("\n".join(lines))


def copy_pdfs(paths: Sequence[Path], texte: str) -> Copies:
    """Put these words across a copy of each; what is refused for one stops no other."""
    return Copies([_copy(path, texte) for path in paths])


def _copy(path: Path, texte: str) -> PdfCopie:
    named = layout.numbered(path.with_name(f"{path.stem} {texte}{path.suffix}"))
    try:
        target = files.write_beside(named, run_isolated("toolkit.formats.pdf:mark_copie", _read(path), texte))
    except ToolkitError as error:
        return PdfCopie(path, refus=str(error))
    return PdfCopie(path, target)


def _read(path: Path) -> bytes:
    """Raises FileRefused for what is no PDF at all."""
    content = files.read_if_there(path)
    if content is None:
        raise FileRefused("fichier introuvable")
    if b"%PDF" not in content[:1024]:
        raise FileRefused("ce n'est pas un PDF")
    if len(content) > BYTES_MAX:
        raise FileRefused(f"plus de {BYTES_MAX // 1_000_000} Mo")
    return content
