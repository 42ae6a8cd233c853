"""One TOML file being completed: facts are put in their blocks, and all the rest stays as it was typed."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, get_args, get_origin

import tomli
import tomlkit
from pydantic import BaseModel
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Item, Table

from toolkit.errors import AgentError, ChampPath
from toolkit.toml import blocks
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
            self._document = tomlkit.parse(content.removeprefix(_BOM).decode().replace("\r\n", "\n"))
        except (UnicodeDecodeError, TOMLKitError) as error:
            raise AgentError(
                "ce fichier n'est pas en UTF-8 : l'enregistrer d'abord ainsi (Bloc-notes : Enregistrer sous, Encodage)"
            ) from error

    def put(self, champ: str, texte: str) -> tuple[ChampPath, str | None, str | None]:
        """Write one fact, or take it out when the text is empty: its path, and its TOML before and after.

        A line that the file proposes for it is the one that is written in; a whole block can be taken out as well.
        Raises AgentError for what is no place in this file: a name mistyped, no such block, several and none chosen.
        """
        steps = [(match[1], match[2]) for match in map(_STEP.fullmatch, champ.split(".")) if match]
        if len(steps) != champ.count(".") + 1 or (steps[-1][1] and texte):
            raise AgentError(f"« {champ} » n'est pas un champ : écrire par exemple devis.accepte_le")
        name, which = steps[-1]
        is_example = bool(texte) and self._take_up(steps[:-1], name)
        place = _Block(self._document, self._model)
        for around, number in steps[:-1]:
            if not texte and around not in place:
                return tuple(step for step, _ in steps), None, None
            place.enter(around, number)
        if not texte and place.is_block(name, which):
            return self._take_out(place, steps)
        path, before, after = place.put(name, texte)
        return path, None if is_example else before, after

    def _take_up(self, around: Sequence[tuple[str, str | None]], name: str) -> bool:
        """Open what the file proposes for a fact; tells whether its example stands there now."""
        data = self._document.unwrap()
        block = _numbered(data, around)
        if block is None:
            return False
        before = tomlkit.dumps(self._document)
        text, is_example = blocks.take_up(before, block, name)
        try:
            said = tomli.loads(text)
        except tomli.TOMLDecodeError:
            return False
        if text == before:
            return False
        here = _opened(data, block)
        if is_example:
            here[name] = _opened(said, block).get(name)
        if said != data:  # facts below would come into another block: nothing is opened
            return False
        self._document = tomlkit.parse(text)
        return is_example

    def _take_out(self, place: "_Block", steps: Sequence[tuple[str, str | None]]) -> tuple[ChampPath, str | None, None]:
        """A whole block, with those inside it and their remarks."""
        name, which = steps[-1]
        if name not in place:
            return (*place.path, name), None, None
        data = self._document.unwrap()
        place.enter(name, which)
        block = _numbered(data, steps) or []
        before = tomlkit.inline_table()
        before.update(_opened(data, block))
        text = blocks.take_out(tomlkit.dumps(self._document), block)
        here, number = _opened(data, block[:-1]), block[-1][1]
        if number is not None and len(here[name]) > 1:
            del here[name][number - 1]
        else:
            del here[name]
        try:
            said = tomli.loads(text)
        except tomli.TOMLDecodeError:
            said = None
        if said != data:
            raise AgentError(f"« {name} » est écrit d'une façon qui ne s'ôte pas ici : l'ôter soi-même du fichier")
        self._document = tomlkit.parse(text)
        return place.path, before.as_string(), None

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
        self.path: ChampPath = ()

    def __contains__(self, name: str) -> bool:
        return name in self._block

    def is_block(self, name: str, which: str | None) -> bool:
        """Whether a whole block is meant, one of several when ``which`` is told."""
        annotation = self._field(name)
        is_one = block_of(annotation) is not None and (which is not None) == is_list(annotation)
        if which is not None and not is_one:
            raise AgentError(f"« {name} » ne prend pas de crochets")
        return is_one

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
        self.path = (*self.path, name)
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
        self.path = (*self.path, index)
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
        return (*self.path, name), before, None if value is None else value.as_string()

    def _write(self, name: str, value: Item) -> None:
        container = self._block.value if isinstance(self._block, Table) else self._block
        if not isinstance(container, Container) or name in container or not container.body:
            former = container.item(name) if isinstance(container, Container) and name in container else None
            self._block[name] = value
            if isinstance(container, Container) and isinstance(former, Item):
                _align_remark(former, container.item(name))
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


def _align_remark(former: Item, now: Any) -> None:
    """The remark of a line stays in its column."""
    if former.trivia.comment and isinstance(now, Item):
        room = len(former.as_string()) + len(former.trivia.comment_ws) - len(now.as_string())
        now.trivia.comment_ws = " " * max(2, room)


def _numbered(data: Any, steps: Iterable[tuple[str, str | None]]) -> list[blocks.Step] | None:
    """The same, each block of several by its number, which may be one more than there are; None for any other."""
    found: list[blocks.Step] = []
    for name, which in steps:
        data = data.get(name) if isinstance(data, dict) else None
        number = None
        if which is not None:
            several = [*data, None] if isinstance(data, list) else [None]
            ids = [one.get("id") if isinstance(one, dict) else None for one in several]
            number = next((i for i, id in enumerate(ids, 1) if which in (str(i), id)), None)
            if number is None:
                return None
            data = several[number - 1]
        found.append((name, number))
    return found


def _opened(data: dict[str, Any], block: Iterable[blocks.Step]) -> dict[str, Any]:
    """A block of plain data, made where it is not there."""
    for name, number in block:
        if number is None:
            data = data.setdefault(name, {})
        else:
            several = data.setdefault(name, [])
            if number > len(several):
                several.append({})
            data = several[number - 1]
    return data


def _new(around: Any, *, is_blocks: bool) -> Item:
    if isinstance(around, InlineTable):
        return tomlkit.array() if is_blocks else tomlkit.inline_table()
    return tomlkit.aot() if is_blocks else tomlkit.table()
