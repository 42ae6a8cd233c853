"""A tree as people see it: what its files say, which of them are not whole, and whether what they did still stands."""

import contextlib
import email
import email.policy
import hashlib
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import docx
from lxml import etree
from openpyxl import load_workbook
from pypdf import PdfReader

BOOKKEEPING = ("journal.txt", "vus.json", "surveillance.json", "journaux", "verrous")
"""Below « _suivi »: what was done when, and who is at it."""
OURS_PASSING = (".~toolkit-", "toolkit-pdf-", "toolkit-defaut-")
"""How the names begin of what should be gone when a command has ended."""
RANDOM = re.compile(r"(?<=\.~toolkit-)[\w-]+|(?<=toolkit-pdf-)[\w-]+|(?<=toolkit-defaut-)\w+")
"""Of the names of those."""
_NOW = re.compile(rb"(?m)^(recue_le|cree_le)\s*=.*$")

Cell = tuple[str, str, str]
"""Key of the row, heading, text."""


@dataclass(frozen=True)
class Fichier:
    """A whole file of a person, under the same name wherever its folder was moved to."""

    nom: str
    content: bytes

    @property
    def told(self) -> str:
        return f"le fichier « {self.nom} »"

    def stands(self, root: Path) -> bool:
        return any(one.read_bytes() == self.content for one in _named(root, self.nom))


@dataclass(frozen=True)
class Mots:
    """Words of a person in a text file, which may be rewritten around them."""

    nom: str
    words: str

    @property
    def told(self) -> str:
        return f"« {self.words} » dans « {self.nom} »"

    def stands(self, root: Path) -> bool:
        return any(self.words.encode() in one.read_bytes() for one in _named(root, self.nom))


@dataclass(frozen=True)
class Case:
    """A text of a person in the row of a dossier, in whatever recap it lies: under its heading, or told elsewhere."""

    key: str
    text: str
    heading: str | None = None

    @property
    def told(self) -> str:
        return f"« {self.text} » dans la ligne de {self.key}"

    def stands(self, root: Path) -> bool:
        found = [one for path in root.glob("*/*/*.xlsx") for one in cells(path) if one[0] == self.key]
        return any(self.text in text and self.heading in (None, heading) for _, heading, text in found)


Marque = Fichier | Mots | Case
"""Something that a person did in a tree."""


def _named(root: Path, nom: str) -> Iterator[Path]:
    pattern = re.sub(r"([\[*?])", r"[\1]", nom)
    return (path for path in root.rglob(pattern) if path.is_file())


def cells(path: Path) -> set[Cell]:
    """Of the rows that have a key."""
    found: set[Cell] = set()
    for _, sheet in _values(path.read_bytes()):
        heads = next((row for row in sheet if "Clé" in row), None)
        if heads is None:
            continue
        key = heads.index("Clé")
        for row in sheet:
            if len(row) > key and row[key]:
                pairs = zip(heads, row, strict=False)
                found |= {(str(row[key]), str(head), str(one)) for head, one in pairs if head and one is not None}
    return found


def meaning(root: Path) -> dict[str, object]:
    """What each file says, by its path; what is random or tells the hour is left out, and what only keeps books."""
    folders = {f"{path.relative_to(root).as_posix()}/": None for path in root.rglob("*") if path.is_dir()}
    found = {name: _meaning(path) for name, path in files(root)} | folders
    return {name: said for name, said in found.items() if not _is_bookkeeping(name)}


def files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path


def _is_bookkeeping(name: str) -> bool:
    parts = name.rstrip("/").split("/")
    return parts[-1].startswith(OURS_PASSING) or ("_suivi" in parts and any(one in BOOKKEEPING for one in parts))


def _meaning(path: Path) -> object:
    content = path.read_bytes()
    try:
        said = _said(path.suffix, content)
        if path.name == "etat.json" and isinstance(said, dict):
            # What it remembers of a file that is gone says nothing.
            written = {name: one for name, one in said["written"].items() if (path.parents[1] / name).exists()}
            return {**said, "written": written}
        return said
    except Exception as error:
        return f"illisible : {error!r}"


_READERS: dict[str, Callable[[bytes], object]] = {}


def _said(suffix: str, content: bytes) -> object:
    reader = _READERS.get(suffix)
    return _remembered(suffix, content) if reader else hashlib.sha256(content).hexdigest()


_memory: dict[tuple[str, bytes], object] = {}


def _remembered(suffix: str, content: bytes) -> object:
    """Read once: trials by the hundred leave the same files."""
    key = (suffix, hashlib.sha256(content).digest())
    if key not in _memory:
        _memory[key] = _READERS[suffix](content)
    return _memory[key]


def _pdf(content: bytes) -> object:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def _workbook(content: bytes) -> object:
    return _values(content)


@cache
def _values(content: bytes) -> list[tuple[str, list[tuple[object, ...]]]]:
    workbook = load_workbook(io.BytesIO(content))
    return [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in workbook.worksheets]


def _mail(content: bytes) -> object:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    attached = [(one.get_filename(), _said(".pdf", one.get_content())) for one in message.iter_attachments()]
    body = message.get_body()
    return (message["Subject"], message["To"], body and body.get_content(), attached)


def _state(content: bytes) -> object:
    return _without_former(json.loads(content))


def _without_former(data: Any) -> Any:
    """A state less the hash of former bytes, which says what a kill may have left."""
    if isinstance(data, dict):
        return {key: _without_former(one) for key, one in data.items() if key != "avant"}
    return [_without_former(one) for one in data] if isinstance(data, list) else data


def _journal(content: bytes) -> object:
    """What only grows may keep a line that was cut short, which says nothing."""
    return [_journal_line(line) for line in content.splitlines() if _journal_line(line)]


def _journal_line(line: bytes) -> object:
    with contextlib.suppress(ValueError):
        return json.loads(line)
    return None


def _toml(content: bytes) -> object:
    return _NOW.sub(rb"\1", content).decode()


_READERS |= {".pdf": _pdf, ".xlsx": _workbook, ".eml": _mail, ".json": _state, ".jsonl": _journal, ".toml": _toml}


def damaged(root: Path, theirs: Collection[str]) -> list[str]:
    """Files that do not open, but for those that people put there, by name; a temporary one may be a half."""
    names = {name.rpartition("/")[2] for name in theirs}
    found = []
    for name, path in files(root):
        if path.name.startswith(OURS_PASSING) or path.name in names:
            continue
        try:
            _open(path.suffix, path.read_bytes())
        except Exception as error:
            found.append(f"{name} : {error!r}")
    return found


@cache
def _open(suffix: str, content: bytes) -> None:
    match suffix:
        case ".docx":
            docx.Document(io.BytesIO(content))
        case ".xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                assert package.testzip() is None
                for name in package.namelist():
                    if name.endswith(".xml"):
                        etree.fromstring(package.read(name))
        case ".pdf":
            assert len(PdfReader(io.BytesIO(content)).pages) > 0
        case ".toml":
            tomllib.loads(content.decode("utf-8-sig"))
        case ".json":
            json.loads(content)
        case ".html" | ".ics" | ".txt" | ".eml":
            assert content and b"\0" not in content


def leftovers(folder: Path) -> list[str]:
    """What is left of ours that should be gone, what is random in its name left out: temporary files, locks."""
    return [
        RANDOM.sub("…", path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.name.startswith(OURS_PASSING) or (path.parent.name == "verrous" and path.is_file())
    ]


def difference(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """Paths whose files are not in both, or say something else; « + » for those of the first alone."""
    return [
        f"{'+' if name not in other else '-' if name not in one else '≠'} {name}"
        for name in sorted(one.keys() | other.keys())
        if name not in one or name not in other or one[name] != other[name]
    ]
