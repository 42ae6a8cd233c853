"""A watermarked copy beside any PDF that an agent has, We Login's vouchers among them."""

from pathlib import Path

from toolkit.errors import AgentError, ToolkitError
from toolkit.system import files
from toolkit.system.isolated import run_isolated

BYTES_MAX = 200_000_000


def copy_pdf(path: Path, texte: str) -> tuple[Path | None, str | None]:
    """The copy made, ``bon COPIE.pdf`` beside ``bon.pdf``, or the reason why there is none."""
    target = path.with_name(f"{path.stem} {texte}{path.suffix}")
    try:
        content = files.read_if_there(path)
        if content is None:
            raise AgentError("fichier introuvable")
        if b"%PDF" not in content[:1024]:
            raise AgentError("ce n'est pas un PDF")
        if len(content) > BYTES_MAX:
            raise AgentError(f"plus de {BYTES_MAX // 1_000_000} Mo")
        files.write(target, run_isolated("toolkit.formats.pdf:mark_copie", content, texte))
    except ToolkitError as error:
        return None, str(error)
    return target, None
