"""Any fact put in any file: it alone changes, and every remark stays."""

import random
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import Any, get_args, get_origin

import pytest
import tomli
from pydantic import BaseModel

from tests.conftest import EXEMPLES
from toolkit.dossier.faits import Dossier
from toolkit.errors import ChampPath
from toolkit.toml.edit import TomlEdit
from toolkit.tree import shipped

FICHIERS = [*sorted(EXEMPLES.glob("dossier_*.toml")), shipped.MODELES / "dossier.toml"]
TYPED: dict[type, tuple[str, Any]] = {
    datetime: ("12/01/2027 9h30", datetime(2027, 1, 12, 9, 30)),
    date: ("12/01/2027", date(2027, 1, 12)),
    time: ("9 h 45", time(9, 45)),
    Decimal: ("1 012,50 €", 1012.50),
    int: ("7", 7),
    bool: ("oui", True),
    list: ("un ; deux", ["un", "deux"]),
    str: ('Texte « é » "\\ #', 'Texte « é » "\\ #'),
}
"""What is typed for each kind of field, and what the file then says."""


def facts(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type]]:
    """Every field of a dossier.toml with its kind; blocks that repeat are told by ``[]``."""
    for name, field in model.model_fields.items():
        kinds = list(flat(field.annotation))
        blocks = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
        for block in blocks:
            yield from facts(block, f"{prefix}{name}{'[]' if list in kinds else ''}.")
        known = [kind for kind in TYPED if kind in kinds]
        if not blocks and known and dict not in kinds:
            yield prefix + name, list if list in kinds else known[0]


def flat(annotation: Any) -> Iterator[Any]:
    yield get_origin(annotation) or annotation
    for one in get_args(annotation):
        yield from flat(one)


def expected(data: dict[str, Any], path: ChampPath, value: Any) -> None:
    """The same change on plain data; an empty list stands for a block of a list that is not there yet."""
    here: Any = data
    for step, after in pairwise(path):
        if isinstance(step, int):
            if step == len(here):
                here.append({})
            here = here[step]
        else:
            here = here.setdefault(step, [] if isinstance(after, int) else {})
    if value is None:
        here.pop(path[-1], None)
    else:
        here[path[-1]] = value


def reach(data: Any, path: ChampPath) -> Any:
    """The block that a path leads to, or an empty one."""
    for step in path[:-1]:
        known = step in data if isinstance(data, dict) else isinstance(step, int) and step < len(data)
        data = data[step] if known else {}
    return data


def remarks(content: bytes) -> list[bytes]:
    return [line for line in content.splitlines() if line.strip().startswith(b"#")]


@pytest.mark.parametrize("fichier", FICHIERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_fact_alone_changes_and_every_remark_stays(fichier: Any, newline: str) -> None:
    content = newline.join(fichier.read_text(encoding="utf-8").splitlines()).encode()
    every = [one for one in facts(Dossier) if one[0] != "version_schema"]
    assert len(every) > 100
    chance = random.Random(fichier.name)
    for _ in range(4):
        edit, data = TomlEdit(content, Dossier), tomli.loads(content.decode().replace("\r\n", "\n"))
        for champ, kind in chance.sample(every, 30):
            typed, said = TYPED[kind] if chance.random() < 0.8 else ("", None)
            path, _, _ = edit.put(champ.replace("[]", "[1]"), typed)
            if said is not None or path[-1] in reach(data, path):
                expected(data, path, said)
        after = edit.render()
        assert tomli.loads(after.decode().replace("\r\n", "\n")) == data
        assert after.count(b"\n") == after.count(newline.encode())
        before, now = remarks(content), remarks(after)
        assert [line for line in before if line in now] == now
        proposed = [line for line in before if line not in now]
        assert all(re.match(rb"\s*# ?(\[|\w+ *=)", line) for line in proposed), "only what is proposed is taken up"
