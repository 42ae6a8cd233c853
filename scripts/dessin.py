"""The drawing and the table of docs/maison.md, made of what the code imports: ``python scripts/dessin.py``."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
PAGE = RACINE / "docs" / "maison.md"
START, END = "<!-- scripts/dessin.py -->\n", "<!-- fin -->\n"
WORDS = ("errors", "french", "english")
"""What every room may say: left out of the drawing."""

Imports = Mapping[str, frozenset[str]]
"""By room, the rooms it imports anything from, be it in a function or for types only."""


def floors() -> list[list[str]]:
    """The rooms, the highest floor first, as import-linter holds them."""
    settings = tomllib.loads((RACINE / "pyproject.toml").read_text(encoding="utf-8"))
    [layers] = [one["layers"] for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return [[room.strip() for room in floor.split("|")] for floor in layers]


def files_of(room: str) -> list[Path]:
    folder = RACINE / "toolkit" / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def imports() -> Imports:
    rooms = [room for floor in floors() for room in floor]
    found = {room: {name for path in files_of(room) for name in _imported(path)} for room in rooms}
    return {room: frozenset(names & set(rooms) - {room}) for room, names in found.items()}


def _imported(path: Path) -> Iterator[str]:
    """The names that follow ``toolkit.``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(module="toolkit", names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=str(module)) if module.startswith("toolkit."):
                yield module.split(".")[1]
            case ast.Import(names=names):
                yield from (one.name.split(".")[1] for one in names if one.name.startswith("toolkit."))


def without_detours(known: Imports) -> Imports:
    """Only what is not reached through another room as well."""

    def below(room: str) -> frozenset[str]:
        return known[room].union(*map(below, known[room]))

    return {room: names - frozenset().union(*map(below, names)) for room, names in known.items()}


def purpose(room: str) -> str:
    """The first sentence of its docstring."""
    path = RACINE / "toolkit" / room
    text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    said = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]
    return " ".join(said.split()).rstrip(".").replace("``", "`")


def drawing(known: Imports) -> Iterator[str]:
    yield "```mermaid"
    yield "flowchart TD"
    shown = without_detours({room: names.difference(WORDS) for room, names in known.items() if room not in WORDS})
    for floor in floors():
        for room in floor:
            for below in sorted(shown.get(room, ())):
                yield f"    {room.strip('_')} --> {below}"
    yield "```"


def table(known: Imports) -> Iterator[str]:
    yield "| Floor | Room | What is in it | Imports |"
    yield "|---|---|---|---|"
    order = [room for floor in floors() for room in floor]
    for rank, floor in enumerate(floors()):
        for room in floor:
            below = ", ".join(f"`{one}`" for one in order if one in known[room].difference(WORDS))
            yield f"| {len(floors()) - rank} | `{room}` | {purpose(room)} | {below or '–'} |"


def page(text: str) -> str:
    """The page, with what stands between the two marks made anew."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    known = imports()
    return before + START + "\n" + "\n".join([*drawing(known), "", *table(known)]) + "\n\n" + END + after


if __name__ == "__main__":
    PAGE.write_bytes(page(PAGE.read_text(encoding="utf-8")).encode())
