"""Bytes of dossier.toml, office.toml or prestataires.toml → a model, and every problem at once with its line.

A wrong value never hides the others: it is told, left out, and the rest of the file is read all the same.
"""

import codecs
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypeVar

import tomli
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from toolkit.errors import ChampPath, Problem, avertissement, erreur
from toolkit.toml.annotations import block_of, is_list, words_of
from toolkit.toml.places import TomlPlaces
from toolkit.toml.slips import SLIPS_MAX, mend

BYTES_MAX = 1_000_000
"""A dossier.toml of a year of notes is below 100 kB; beyond this it is not one."""
PROBLEMS_MAX = 100
"""Nobody mends more before reading the file again."""

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True)
class Reading(Generic[ModelT]):
    """What a file says, as far as it can be read."""

    value: ModelT | None
    """None when the text itself is not TOML: nothing may be derived from it."""
    problems: list[Problem]
    places: TomlPlaces

    def locate(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The same problems with the lines of this file."""
        for problem in problems:
            yield problem.at(ligne=self.places.line(problem.path))


def read(content: bytes, model: type[ModelT]) -> Reading[ModelT]:
    """Decode, parse and validate; never raises for what the file holds."""
    unfinished = _unfinished(content)
    if unfinished:
        return Reading(None, [unfinished.at(ligne=1)], TomlPlaces(""))
    if len(content) > BYTES_MAX:
        return Reading(
            None, [erreur(f"fichier de plus de {BYTES_MAX // 1000} ko : ce n'est pas une fiche")], TomlPlaces("")
        )
    text, problems = _decode(content)
    data, slips, mended = _parse(text, model)
    problems += slips
    if data is None:
        return Reading(None, problems, TomlPlaces(""))
    places = TomlPlaces(mended)
    value, faults = _validate(data, model)
    problems += (fault.at(ligne=places.line(fault.path)) for fault in faults)
    problems.sort(key=lambda problem: problem.ligne or 0)
    return Reading(None if slips else value, problems, places)


_HEADER = re.compile(rb"^[ \t]*\[", re.MULTILINE)
_REMARK = re.compile(rb"^[ \t]*#.*\n", re.MULTILINE)
"""Remarks are most of the top of a file, and most of what it costs to parse."""


def peek(content: bytes, model: type[BaseModel], key: str) -> object:
    """One fact of the top of a file, above its blocks, as ``read`` gives it; the rest is not looked at for it.

    None when the file does not say it, or cannot be read. Where the top has a slip, or the file an encoding of its
    own, the whole of it is read.
    """
    header = _HEADER.search(content)
    top = content[: header.start()] if header else content
    try:
        data = tomli.loads(_REMARK.sub(b"", top).decode("utf-8-sig").replace("\r\n", "\n"), parse_float=Decimal)
        return _adapter(model, key).validate_python(data.get(key))
    except (ValueError, RecursionError, ArithmeticError):  # of the encoding, of TOML and of pydantic alike
        value = read(content, model).value
        return value and getattr(value, key)


@cache
def _adapter(model: type[BaseModel], key: str) -> TypeAdapter[Any]:
    annotation: Any = model.model_fields[key].annotation
    return TypeAdapter(annotation)


def is_unfinished(content: bytes) -> bool:
    """Empty or full of NULs: most likely still being copied."""
    return _unfinished(content) is not None


def _unfinished(content: bytes) -> Problem | None:
    if not content.strip():
        return erreur("le fichier est vide : s'il est en cours de copie, il sera relu ; sinon le remplir")
    text = _utf16(content)
    if b"\0" in content if text is None else "\0" in text:
        return erreur(
            "le fichier contient des octets nuls : copie inachevée ou fichier abîmé. S'il est en cours de copie, "
            "il sera relu ; sinon le recopier depuis une sauvegarde"
        )
    return None


def _utf16(content: bytes) -> str | None:
    """The text of a file in the « Unicode » of old Notepads, with or without its mark, or None."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    if len(content) % 2 or content[1::2].count(0) < len(content) / 4:
        return None
    text = content.decode("utf-16-le", errors="replace")
    # A file that a copy has not filled yet is full of NULs as well, but of NUL characters.
    return None if "\0" in text else text


def _decode(content: bytes) -> tuple[str, list[Problem]]:
    problems: list[Problem] = []
    text = _utf16(content)
    if text is None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            text = content.decode("cp1252", errors="replace")
            problems.append(
                avertissement(
                    "fichier enregistré en « ANSI » (Windows-1252) : lu quand même ; l'enregistrer en UTF-8 "
                    "(Bloc-notes : Enregistrer sous, Encodage)"
                ).at(ligne=len((content[: error.start] + b".").splitlines()))
            )
    return text.replace("\r\n", "\n").replace("\r", "\n"), problems


def _parse(text: str, model: type[BaseModel]) -> tuple[dict[str, Any] | None, list[Problem], str]:
    """The data, the slips on the way, and the text whose lines the data come from."""
    slips: list[Problem] = []
    repeated = [header.strip("[]") for header, _ in _blocks(model) if header.startswith("[[")]
    while len(slips) < SLIPS_MAX:
        try:
            return tomli.loads(text, parse_float=Decimal), slips, text
        except tomli.TOMLDecodeError as error:
            found, text = mend(text, error.lineno, error.msg, repeated)
            if not found:
                break
            slips += found
        except (RecursionError, ValueError, ArithmeticError):
            # A nesting or a number that no agent types.
            lines = text.split("\n")
            longest = max(range(len(lines)), key=lambda index: _excess(lines[index]))
            return (
                None,
                [
                    *slips,
                    erreur("crochets ou chiffres démesurés sur cette ligne : la corriger ou l'effacer").at(
                        ligne=longest + 1
                    ),
                ],
                text,
            )
    rest = "le reste du fichier sera relu quand ces lignes seront corrigées"
    last = max((slip.ligne or 1 for slip in slips), default=1)
    return None, [*slips, erreur(rest if slips else "fichier illisible").at(ligne=last)], text


def _excess(line: str) -> int:
    """How many brackets a line opens, or digits it has in a row."""
    digits = max(map(len, re.findall(r"\d+", line)), default=0)
    return max(line.count("[") + line.count("{"), digits)


def _validate(data: dict[str, Any], model: type[ModelT]) -> tuple[ModelT | None, list[Problem]]:
    """The model without the wrong values, and one problem for each of them."""
    problems: list[Problem] = []
    while True:
        try:
            return model.model_validate(data), problems
        except ValidationError as error:
            details = error.errors(include_url=False)
        # What was told as wrong and left out is not also told as missing.
        told = {problem.path for problem in problems}
        for detail in details:
            if len(problems) < PROBLEMS_MAX and detail["loc"] not in told:
                problems.append(_translate(detail, model))
        # Highest positions first, so that leaving one out of a list does not move the others.
        wrong = {detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"] for detail in details}
        if () in wrong or not all(_leave_out(data, path) for path in sorted(wrong, key=_order, reverse=True)):
            return None, problems


def _order(path: ChampPath) -> list[tuple[bool, int, str]]:
    return [(isinstance(step, int), step if isinstance(step, int) else 0, str(step)) for step in path]


def _leave_out(data: Any, path: ChampPath) -> bool:
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return True  # a block around it is already out
    try:
        del data[path[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _translate(detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    """One sentence by the type of the fault, never by pydantic's English."""
    path = detail["loc"]
    block = _block_at(model, path[:-1])
    match detail["type"]:
        case "extra_forbidden":
            return erreur(_unknown_key(str(path[-1]), block, model), *path)
        case "missing":
            return erreur(f"il manque « {path[-1]} »", *path)
        case "literal_error":
            allowed = _literals(block, path[-1]) if block else []
            choices = " ou ".join(filter(None, (", ".join(allowed[:-1]), *allowed[-1:])))
            return erreur(f"« {_shorten(detail['input'])} » n'est pas possible ici : écrire {choices}", *path)
        case "list_type" if _block_at(model, path):
            return erreur(f"il peut y en avoir plusieurs : écrire [[{path[-1]}]], avec deux crochets", *path)
        case "list_type":
            return erreur('il faut une liste entre crochets, par exemple ["…"]', *path)
        case "model_type" | "model_attributes_type" | "dict_type":
            name = next((step for step in reversed(path) if isinstance(step, str)), "")
            return erreur(f"« {name} » est un bloc : écrire [{name}] sur sa propre ligne", *path)
        case "valeur":
            return erreur(detail["msg"], *path)
        case _:
            return erreur("valeur incorrecte", *path)


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _block_at(model: type[BaseModel], path: ChampPath) -> type[BaseModel] | None:
    """The model of the block that a path leads to."""
    block: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int):
            continue
        field = block.model_fields.get(step) if block else None
        if field is None:
            return None
        block = block_of(field.annotation)
    return block


def _literals(block: type[BaseModel], key: str | int) -> list[str]:
    field = block.model_fields.get(str(key))
    if field is None:
        return []
    return [f'"{word}"' if isinstance(word, str) else str(word) for word in words_of(field.annotation)]


def _unknown_key(key: str, block: type[BaseModel] | None, model: type[BaseModel]) -> str:
    known = list(block.model_fields) if block else []
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if near:
        return f"champ inconnu « {key} ». Vouliez-vous dire « {near[0]} » ?"
    if key in model.model_fields:
        if _block_at(model, (key,)):
            return f"« {key} » ne s'écrit pas ici : c'est un bloc, écrire [{key}] sur sa propre ligne"
        return f"« {key} » ne s'écrit pas ici mais en haut du fichier, avant le premier bloc entre crochets"
    homes = [header for header, inner in _blocks(model) if key in inner.model_fields]
    if homes:
        return f"« {key} » ne s'écrit pas ici mais sous {homes[0]}"
    everywhere = {field: header for header, inner in _blocks(model) for field in inner.model_fields}
    near = difflib.get_close_matches(key, list(everywhere), n=1, cutoff=0.75)
    if near:
        return f"champ inconnu « {key} ». Vouliez-vous dire « {near[0]} », sous {everywhere[near[0]]} ?"
    return f"champ inconnu « {key} » : l'effacer ou mettre # devant"


@cache
def _blocks(model: type[BaseModel], prefix: str = "") -> list[tuple[str, type[BaseModel]]]:
    """Every block below a model with the header that opens it: ``[client.contact]``, ``[[prestations]]``."""
    found = []
    for name, field in model.model_fields.items():
        if inner := block_of(field.annotation):
            header = f"[{prefix}{name}]"
            found.append((f"[{header}]" if is_list(field.annotation) else header, inner))
            found += _blocks(inner, f"{prefix}{name}.")
    return found
