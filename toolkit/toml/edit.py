"""One TOML file being completed: facts are put in their blocks, and all the rest stays as it was typed."""

import re
from typing import Any, get_args, get_origin

import tomli
import tomlkit
from pydantic import BaseModel
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Item, Table

from toolkit.errors import AgentError, ChampPath
from toolkit.toml.annotations import block_of, choices, is_list
from toolkit.toml.values import toml_value

_BOM = b"\xef\xbb\xbf"
_STEP = re.compile(r"([^.\[\]=\s]+)(?:\[([^.\[\]]+)\])?")


class TomlEdit:
    """The text of one file and the model it follows; the file itself is not touched."""

    def __init__(self, content: bytes, model: type[BaseModel]) -> None:
        """Raises AgentError for a text that cannot be completed without harm."""
        self._before = content
        self._model = model
        try:
            self._document = tomlkit.parse(content.removeprefix(_BOM).decode())
        except (UnicodeDecodeError, TOMLKitError) as error:
            raise AgentError(
                "ce fichier n'est pas en UTF-8 : l'enregistrer d'abord ainsi (Bloc-notes : Enregistrer sous, Encodage)"
            ) from error

    def put(self, champ: str, texte: str) -> tuple[ChampPath, str | None, str | None]:
        """Write one fact, or take it out when the text is empty: its path, and its TOML before and after.

        Raises AgentError for what is no place in this file: a name mistyped, no such block, several and none chosen.
        """
        steps = [(match[1], match[2]) for match in map(_STEP.fullmatch, champ.split(".")) if match]
        if len(steps) != champ.count(".") + 1 or steps[-1][1]:
            raise AgentError(f"« {champ} » n'est pas un champ : écrire par exemple devis.accepte_le")
        place = _Block(self._document, self._model)
        for name, which in steps[:-1]:
            if not texte and name not in place:
                return tuple(step for step, _ in steps), None, None
            place.enter(name, which)
        return place.put(steps[-1][0], texte)

    def render(self) -> bytes:
        """The whole file; raises AgentError when its text does not say what was put in."""
        text = tomlkit.dumps(self._document)
        try:
            is_faithful = tomli.loads(text) == self._document.unwrap()
        except tomli.TOMLDecodeError:
            is_faithful = False
        if not is_faithful:
            raise AgentError("ce fichier est écrit d'une façon qui ne se complète pas ici : y taper le fait soi-même")
        if b"\r\n" in self._before:
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        return (_BOM if self._before.startswith(_BOM) else b"") + text.encode()


class _Block:
    """A block, reached from the top of the file; missing ones are made on the way."""

    def __init__(self, document: tomlkit.TOMLDocument, model: type[BaseModel]) -> None:
        self._block: Any = document
        self._annotation: Any = model
        self._path: ChampPath = ()

    def __contains__(self, name: str) -> bool:
        return name in self._block

    def _field(self, name: str) -> Any:
        """The annotation of a field; None for one that the model does not know, which the reader will tell."""
        model = block_of(self._annotation)
        if model is None:
            # Numbers by free names: menu.regimes.
            return next((get_args(one)[1] for one in choices(self._annotation) if get_origin(one) is dict), None)
        return model.model_fields[name].annotation if name in model.model_fields else None

    def enter(self, name: str, which: str | None) -> None:
        annotation = self._field(name)
        is_blocks = is_list(annotation) and block_of(annotation) is not None
        if is_blocks and which is None:
            raise AgentError(f"il peut y avoir plusieurs « {name} » : dire lequel, par exemple {name}[1]")
        if which is not None and not is_blocks:
            raise AgentError(f"« {name} » ne prend pas de crochets")
        self._path = (*self._path, name)
        self._annotation = annotation
        if name not in self._block:
            if isinstance(self._block, tomlkit.TOMLDocument):
                self._block.add(tomlkit.nl())
            self._block[name] = _new(self._block, is_blocks=is_blocks)
        found = self._block[name]
        if which is not None:
            found = self._pick(found, name, which)
        if not isinstance(found, dict):
            raise AgentError(f"« {name} » n'est pas un bloc dans ce fichier : le corriger d'abord")
        self._block = found

    def _pick(self, blocks: Any, name: str, which: str) -> Any:
        """The block of that number or of that id; one more than there are makes the next one."""
        if not isinstance(blocks, list):
            raise AgentError(f"« {name} » n'est pas une liste de blocs dans ce fichier : le corriger d'abord")
        found = [i for i, block in enumerate(blocks) if which in (str(i + 1), block.get("id"))]
        if not found and which != str(len(blocks) + 1):
            raise AgentError(f"« {name}[{which}] » n'existe pas : ce fichier en a {len(blocks)}")
        if not found:
            blocks.append(tomlkit.table() if isinstance(blocks, AoT) else tomlkit.inline_table())
        index = found[0] if found else len(blocks) - 1
        self._path = (*self._path, index)
        return blocks[index]

    def put(self, name: str, texte: str) -> tuple[ChampPath, str | None, str | None]:
        annotation = self._field(name)
        if block_of(annotation):
            raise AgentError(f"« {name} » est un bloc : dire lequel de ses champs, par exemple {name}.…")
        before = tomlkit.item(self._block[name]).as_string() if name in self._block else None
        value = toml_value(texte, annotation) if texte else None
        if value is not None:
            self._write(name, value)
        elif before is not None:
            del self._block[name]
        return (*self._path, name), before, None if value is None else value.as_string()

    def _write(self, name: str, value: Item) -> None:
        container = self._block.value if isinstance(self._block, Table) else self._block
        if not isinstance(container, Container) or name in container or not container.body:
            self._block[name] = value
            return
        last = None
        for key, item in container.body:
            if isinstance(item, Table | AoT):
                break
            last = key or last
        # After the last fact, or at the head of the block: appending would put it after the remarks, which may be those
        # of the next block. tomlkit has no public way to do so.
        if last is None:
            container._insert_at(0, name, value)
        else:
            container._insert_after(last, name, value)


def _new(around: Any, *, is_blocks: bool) -> Item:
    if isinstance(around, InlineTable):
        return tomlkit.array() if is_blocks else tomlkit.inline_table()
    return tomlkit.aot() if is_blocks else tomlkit.table()
