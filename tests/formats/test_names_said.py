"""A compiled model knows the names that it says: against a list computed otherwise, and turn by turn."""

import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from docx.document import Document

from tests.modeles_word import modele
from toolkit.formats import sealed, word
from toolkit.formats.sealed import SealedEnvironment
from toolkit.formats.word import Modele
from toolkit.formats.word_package import open_package
from toolkit.tree.shipped import MODELES

MODELES_LIVRES = sorted(path.name for path in MODELES.glob("*.docx"))

_TAG = re.compile(r"\{([{%])-?(.*?)-?[%}]\}", re.DOTALL)
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_FILTER = re.compile(r"\|\s*\w+")
_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_WORDS = {"if", "elif", "else", "endif", "for", "endfor", "in", "not", "and", "or", "is", "defined", "true", "false"}


def by_regex(text: str) -> set[str]:
    """The names of a repaired part, tag after tag: only what the shipped models use of the language."""
    return set(_by_regex(text))


def _by_regex(text: str) -> Iterator[str]:
    loops: list[tuple[str, str]] = []
    for kind, inside in _TAG.findall(text):
        bare = _FILTER.sub("", _STRING.sub("", inside))
        words = bare.split()
        if kind == "%" and words[0] == "endfor":
            loops.pop()
            continue
        if kind == "%" and words[0] == "for":
            target, _, bare = bare.strip().removeprefix("for").partition(" in ")
            # Its list comes first; its condition, if any, is on its lines.
            loops.append((target.strip(), _resolved(_NAME.findall(bare)[0], loops)))
        found = (_resolved(name, loops) for name in _NAME.findall(bare) if name not in _WORDS)
        yield from (name for name in found if name and not name.startswith("loop."))


def _resolved(name: str, loops: list[tuple[str, str]]) -> str:
    first, point, rest = name.partition(".")
    for target, path in reversed(loops):
        if first == target:
            return f"{path}{point}{rest}"
    return name


@pytest.mark.parametrize("nom", MODELES_LIVRES)
def test_a_shipped_model_says_what_one_reads_in_it(nom: str) -> None:
    content = (MODELES / nom).read_bytes()
    paquet = open_package(content)
    texts = [paquet.read(name).decode() for name in paquet.sizes if word._RENDERED.fullmatch(name)]
    expected = set().union(*(by_regex(word._repaired(text)) for text in texts if "{" in text))
    assert set(Modele(content, nom).names) == expected


SAID = {
    "{{ client.nom }}": {"client.nom"},
    "{{ client['nom'] }}": {"client.nom"},
    "{% if client.contact and not client.mail %}a{% elif nuits > 1 %}b{% endif %}": {
        "client.contact",
        "client.mail",
        "nuits",
    },
    "{% for ligne in client.adresse %}{{ ligne }}, {% endfor %}": {"client.adresse"},
    "{% for l in programme %}{{ l.libelle }}{{ loop.index }}{% if loop.last %}.{% endif %}{% endfor %}": {
        "programme",
        "programme.libelle",
    },
    "{% for l in programme %}{% for m in l.prestataire.menus %}{{ m.plats }}{% endfor %}{{ l.id }}{% endfor %}": {
        "programme",
        "programme.prestataire.menus",
        "programme.prestataire.menus.plats",
        "programme.id",
    },
    "{% for l in programme %}{% for l in l.menus %}{{ l.code }}{% endfor %}{{ l.id }}{% endfor %}{{ l.nom }}": {
        "programme",
        "programme.menus",
        "programme.menus.code",
        "programme.id",
        "l.nom",
    },
    "{% for l in programme if l.nature == sejour.langue %}{{ l.lieu }}{% else %}{{ l.id }}{% endfor %}": {
        "programme",
        "programme.nature",
        "sejour.langue",
        "programme.lieu",
        "l.id",
    },
    "{{ effectif.participants | pluriel(tarif.mot) }}": {"effectif.participants", "tarif.mot"},
    "{{ x.apres | si_change(x.change) }}": {"x.apres", "x.change"},
    "{% for l in programme[1:nuits] %}{{ l.id }}{% endfor %}": {"programme", "nuits", "programme.id"},
    "{{ programme[0].prestataire.nom }}": {"programme.prestataire.nom"},
    "{{ programme[numero].id }}": {"programme.id", "numero"},
    "{% for l in (avant.lignes if nuits else apres.lignes) %}{{ l.id }}{% endfor %}": {
        "avant.lignes",
        "apres.lignes",
        "avant.lignes.id",
        "apres.lignes.id",
        "nuits",
    },
    "{{ client.nom if client.contact else 'a' }}": {"client.nom", "client.contact"},
    "{{ (client.contact or client).nom }}": {"client.contact.nom", "client.nom", "client.contact", "client"},
    "{% for x in [client.mail, office.mail] %}{{ x }}{% endfor %}": {"client.mail", "office.mail"},
    "{% for a, b in lignes %}{{ a.avant }}{{ b }}{% endfor %}": {"lignes", "lignes.avant"},
    "{% for x in tarif.comprend | liste %}{{ x }}{% endfor %}": {"tarif.comprend"},
    "{{ (montants.total - montants.acompte) | euros }}{{ client.nom ~ ' ' ~ client.mail }}": {
        "montants.total",
        "montants.acompte",
        "client.nom",
        "client.mail",
    },
    "{{ 'client.nom' }}{# client.mail #}rien": set(),
}


@pytest.mark.parametrize("text", SAID)
def test_a_text_says(text: str) -> None:
    assert set(SealedEnvironment().from_string(text).names) == SAID[text]


def test_a_model_says_what_its_parts_say() -> None:
    content = modele("{{ client.nom }}", build=_referenced)
    assert Modele(content, "contrat_groupe.docx").names == {"client.nom", "dossier.reference"}
    assert Modele(modele("rien"), "contrat_groupe.docx").names == frozenset()


def _referenced(document: Document) -> None:
    document.sections[0].header.paragraphs[0].text = "{{ dossier.reference }}"


def test_the_names_are_kept_with_the_code_for_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = jinja2.FileSystemBytecodeCache(str(tmp_path))
    monkeypatch.setattr(sealed, "_code_cache", lambda: cache)
    text = "{% for l in programme %}{{ l.libelle }}{% endfor %}"
    first = SealedEnvironment().compiled(text, lambda text: text).names

    def never(text: str) -> str:
        raise AssertionError("it was kept")

    assert SealedEnvironment().compiled(text, never).names == first == {"programme", "programme.libelle"}
