"""What docs/ says, held to the code; and what the code cites, held to docs/."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.office_exemple import fiches
from tests.unread_facts import FICHIERS, bloc, unread
from toolkit.cli import COMMANDS
from toolkit.documents.wanted import TYPES
from toolkit.dossier.etat import Etat
from toolkit.dossier.office import Delais
from toolkit.registres.colonnes import COLONNES

RACINE = Path(__file__).parents[1]
DOCS = sorted(RACINE.glob("docs/*.md"))
READ_BY_PEOPLE = [
    *DOCS,
    *(RACINE / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "scripts/LISEZ-MOI.md")),
]
CODE = sorted(
    path
    for folder in ("toolkit", "tests", "scripts")
    for path in (RACINE / folder).rglob("*")
    if path.suffix in (".py", ".html", ".cmd") and path != Path(__file__)
)
PARAGRAPH = "\N{SECTION SIGN}"
CITED = re.compile(rf"\b([\w-]+\.md) {PARAGRAPH}(\d+(?:\.\d+)?)")
ELSEWHERE = re.compile(
    r"procedure\.txt|engagements-qualite|portefeuilles-prestataires|relation-client-mutualisee|processus-information"
    r"|\.tsv\b|\b(?:rule|finding) \d"
)
CHOICE = re.compile(r"\bA(?:1[0-6]|[1-9])\b")
OF_A_CHOICE = re.compile(rf"\bregles\.md\s+{PARAGRAPH}1\.2, A\d+(?:, A\d+)*")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name(path: Path) -> str:
    return path.relative_to(RACINE).as_posix()


@cache
def sections(path: Path) -> tuple[str, ...]:
    """The numbers of its headings, in order."""
    content = text(path) if path.exists() else ""
    return tuple(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", content, re.MULTILINE))


def rows(path: Path) -> Iterator[list[str]]:
    """The cells of each line of its tables."""
    for line in text(path).splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


REGLES, PROMESSES, GLOSSAIRE = (RACINE / "docs" / f"{one}.md" for one in ("regles", "promesses", "glossaire"))


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_sections_are_numbered_in_order(path: Path) -> None:
    numbers = [tuple(map(int, one.split("."))) for one in sections(path)]
    assert numbers == sorted(set(numbers))


def test_what_is_cited_exists() -> None:
    missing = [
        f"{name(path)} : {found[0]}"
        for path in (*CODE, *READ_BY_PEOPLE)
        for found in CITED.finditer(text(path))
        if found[2] not in sections(RACINE / "docs" / found[1])
    ]
    assert missing == []


def test_there_is_one_way_to_cite() -> None:
    others = [f"{name(path)} : {line.strip()}" for path in CODE for line in text(path).splitlines()
              if PARAGRAPH in CITED.sub("", line)]  # fmt: skip
    assert others == []


def test_inside_a_page_its_own_sections_are_cited() -> None:
    """And the paragraphs of the procedure, after the sign of their source."""
    missing = [
        f"{name(path)} : {PARAGRAPH}{number}"
        for path in DOCS
        for number in re.findall(rf"{PARAGRAPH}(\S*?\d(?:\.\d+)?)(?!\d)", _own(text(path)))
        if number not in sections(path)
    ]
    assert missing == []


def _own(content: str) -> str:
    return re.sub(rf"\bS0 {PARAGRAPH}\d", "", CITED.sub("", content))


def test_nothing_outside_of_the_project_is_cited() -> None:
    pages = {path.name for folder in (RACINE, RACINE / "docs", RACINE / "scripts") for path in folder.glob("*.md")}
    outside = [
        f"{name(path)} : {found}"
        for path in (*CODE, *READ_BY_PEOPLE)
        for found in (*ELSEWHERE.findall(text(path)), *re.findall(r"[\w-]+\.md\b", text(path)))
        if found not in pages
    ]
    assert outside == []


def test_a_choice_is_cited_with_its_table() -> None:
    told = {row[0] for row in rows(REGLES)}
    cited = [found for path in CODE for found in OF_A_CHOICE.findall(text(path))]
    assert {one for found in cited for one in CHOICE.findall(found)} <= told
    bare = [
        f"{name(path)} : {found}"
        for path in CODE
        if path.is_relative_to(RACINE / "toolkit/dossier")
        for found in CHOICE.findall(OF_A_CHOICE.sub("", text(path)))
    ]
    assert bare == []


@pytest.mark.parametrize("path", READ_BY_PEOPLE, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", text(path))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_each_deadline_is_told() -> None:
    told = "".join(text(RACINE / f"toolkit/dossier/{name}.py") for name in ("echeancier", "echeances"))
    given = set(re.findall(r'"(E\d\d)"', told))
    assert given == {row[0] for row in rows(REGLES) if re.fullmatch(r"E\d\d", row[0])}


def test_each_mail_is_told() -> None:
    given = {code for path in CODE if path.is_relative_to(RACINE / "toolkit")
             for code in re.findall(r"""["'](M\d\d)["']""", text(path))}  # fmt: skip
    assert given == {row[0] for row in rows(REGLES) if re.fullmatch(r"M\d\d", row[0])}


def test_each_state_and_each_delay_is_told() -> None:
    told = {row[0].strip("`") for row in rows(REGLES)}
    assert set(Etat) <= told
    words = set(re.findall(r"\w+", text(REGLES)))
    assert set(Delais.model_fields) <= words


def test_each_document_is_told() -> None:
    told = {re.split(r",| n$", row[0])[0] for row in rows(PROMESSES)}
    titles = {one.titre for fiche in fiches() for kind in TYPES for one in kind.documents(fiche, [])}
    assert {title for title in titles if not title.startswith(tuple(told))} == set()
    assert len(titles) >= len(TYPES)


def test_each_column_of_the_recap_is_told() -> None:
    told = {key for row in rows(REGLES) for key in row[0].split(", ")}
    assert {one.key for one in COLONNES} <= told


def test_each_command_is_told() -> None:
    told = {words[0] for row in rows(PROMESSES) if (words := row[0].strip("`").split())}
    assert {command.name for command in COMMANDS} <= told


def fields_of_glossary() -> Iterator[tuple[str, str]]:
    for row in rows(GLOSSAIRE):
        for fichier, paths in re.findall(r"(dossier|office|prestataires) ((?:`[\w.]+`(?:, )?)+)", row[2]):
            yield from ((f"{fichier}.toml", path) for path in re.findall(r"[\w.]+", paths))


def test_each_field_of_the_glossary_exists() -> None:
    found = list(fields_of_glossary())
    assert len(found) >= len(list(rows(GLOSSAIRE))) - 2
    assert [f"{fichier} : {path}" for fichier, path in found if not is_field(FICHIERS[fichier], path)] == []


def is_field(kind: type[BaseModel], path: str) -> bool:
    first, _, rest = path.partition(".")
    field = kind.model_fields.get(first)
    if field is None or not rest:
        return field is not None
    inside = bloc(field.annotation)
    return inside is not None and is_field(inside, rest)


def test_the_glossary_is_in_order() -> None:
    nouns = [row[0] for row in rows(GLOSSAIRE)][1:]
    assert nouns == sorted(nouns, key=lambda noun: noun.casefold().translate(str.maketrans("éèêàâîôûç", "eeeaaiouc")))


def test_the_facts_that_nothing_reads_are_told() -> None:
    told: dict[str, list[str]] = {fichier: [] for fichier in FICHIERS}
    for row in rows(REGLES):
        if row[0] in told:
            told[row[0]].append(row[1].strip("`"))
    assert told == unread()
