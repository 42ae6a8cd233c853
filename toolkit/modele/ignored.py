"""Files among the models that nobody uses, and that an office takes for its own: another name, another format."""

from difflib import get_close_matches
from pathlib import Path

from toolkit.errors import EnvironmentRefused, Problem, avertissement
from toolkit.french import fold
from toolkit.modele.judge import is_annotated, is_shipped
from toolkit.modele.usages import LANGUE, USAGES, usage, variante
from toolkit.system import files
from toolkit.tree import layout

_FORMATS = frozenset((".docx", ".dotx", ".docm", ".dotm", ".doc", ".dot", ".odt", ".ott", ".rtf"))
_NEAR = 0.88


def ignored_modeles(root: Path) -> list[Problem]:
    """A warning for each, with the name to give it; nothing once a model of the office bears that name."""
    folder = root / layout.MODELES
    try:
        paths = files.list_files(folder)
    except EnvironmentRefused:  # told by whoever needs a model
        return []
    found = []
    for path in paths:
        wanted = _wanted(path.name) if path.suffix.casefold() in _FORMATS else None
        if wanted and wanted != path.name and not _is_theirs(folder / wanted):
            is_document = path.suffix.casefold() == ".docx"
            remede = "le renommer" if is_document else "l'ouvrir dans Word, l'enregistrer au format .docx et le nommer"
            what = f"ce modèle n'est pas employé : {remede} « {wanted} »"
            found.append(avertissement(what).at(fichier=f"{layout.MODELES}/{path.name}"))
    return found


def _wanted(name: str) -> str | None:
    """The model that a file of this name stands for, if it looks like one."""
    if usage(name) or name.startswith(("~$", files.TEMPORARY_PREFIX)) or is_annotated(name):
        return name
    stem = name.rpartition(".")[0]
    base, langue = variante(f"{stem}.docx")
    suffix = f".{langue.casefold()}" if langue and langue.casefold() != LANGUE and len(langue) == 2 else ""
    near = get_close_matches(_letters(base if suffix else f"{stem}.docx"), _NOMS, n=1, cutoff=_NEAR)
    return f"{_NOMS[near[0]].removesuffix('.docx')}{suffix}.docx" if near else None


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, fold(name.removesuffix(".docx"))))


_NOMS = {_letters(name): name for name in USAGES}


def _is_theirs(path: Path) -> bool:
    """Whether the office has a model of its own there: another one beside it is then no loss."""
    try:
        content = files.read_if_there(path)
    except EnvironmentRefused:
        return True
    return content is not None and not is_shipped(path.name, content)
