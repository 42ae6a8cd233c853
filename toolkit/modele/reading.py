"""A Word model as it is read: parts, paragraphs with their place, tags as typed.

Word cuts a tag into runs wherever a spelling mark or a colour begins, so nothing is looked for run by run: a paragraph
is one text, and each of its characters knows the run that holds it.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from toolkit.formats import office_xml
from toolkit.formats.office_xml import PartDeclaring, PartUnsound
from toolkit.formats.package import PackageRefused
from toolkit.formats.word_bare import with_usual_parts
from toolkit.formats.word_marks import W
from toolkit.formats.word_package import WordRefused, read_package

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_STRICT = b"http://purl.oclc.org/ooxml/"

CORPS = "word/document.xml"
PROPRIETES = "docProps/core.xml"
RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
"""The parts that are filled, and that have paragraphs; the properties of the document are filled as well."""


@dataclass(frozen=True, slots=True)
class Lieu:
    """Where something stands, as an agent finds it in Word."""

    partie: str
    """« corps », « en-tête de la première page »…"""
    paragraphe: int = 0
    """1-based, among those of the part that are outside tables; 0 when there is none to tell."""
    cellule: tuple[int, int, int] | None = None
    """Table of the part, row, column, from 1."""
    is_zone: bool = False
    """In a text box."""

    def __str__(self) -> str:
        words = [self.partie]
        if self.cellule:
            words.append("tableau {}, ligne {}, colonne {}".format(*self.cellule))
        elif self.paragraphe:
            words.append(f"paragraphe {self.paragraphe}")
        if self.is_zone:
            words.append("zone de texte")
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Balise:
    """A tag, from its opening braces to its closing ones."""

    texte: str
    """As typed."""
    debut: int
    """Position in the text of its paragraph."""
    is_entiere: bool = True
    """Closed by the braces that go with those that opened it, in the same paragraph."""

    @property
    def fin(self) -> int:
        """Position just after it, in the text of its paragraph."""
        return self.debut + len(self.texte)

    @property
    def ouvrante(self) -> str:
        """``{{``, ``{%``, ``{#``."""
        return self.texte[:2]

    @property
    def contenu(self) -> str:
        """What stands between its braces, spaces kept."""
        return self.texte[2:-2]


@dataclass(frozen=True)
class Paragraphe:
    """One paragraph; what a text box inside it says is a paragraph of its own."""

    element: etree._Element
    lieu: Lieu

    @cached_property
    def pieces(self) -> list[tuple[etree._Element, str]]:
        """The run and the text of each piece, in order; what was struck out by a revision is not there."""
        found = []
        for run in self.element.iter(f"{W}r"):
            if next(run.iterancestors(f"{W}p"), None) is not self.element or _is_struck(run):
                continue
            found += [(run, text) for child in run if (text := text_of(child))]
        return found

    @cached_property
    def texte(self) -> str:
        """All of its pieces: positions in a paragraph are counted in it."""
        return "".join(text for _, text in self.pieces)

    @cached_property
    def balises(self) -> list[Balise]:
        """In order; unclosed ones are among them."""
        return list(find_balises(self.texte))

    def read_again(self) -> "Paragraphe":
        """The same one, once its runs have been cut."""
        return Paragraphe(self.element, self.lieu)

    def runs(self, debut: int, fin: int) -> list[etree._Element]:
        """The runs that hold this span of the text, in order."""
        found: dict[etree._Element, None] = {}
        position = 0
        for run, text in self.pieces:
            if position < fin and debut < position + len(text):
                found[run] = None
            position += len(text)
        return list(found)

    @property
    def reste(self) -> str:
        """The text outside the tags."""
        text, last = "", 0
        for balise in self.balises:
            text += self.texte[last : balise.debut]
            last = balise.fin
        return text + self.texte[last:]


def _is_struck(run: etree._Element) -> bool:
    return next(run.iterancestors(f"{W}del", f"{W}moveFrom"), None) is not None


_MARKS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "\u2011", f"{W}softHyphen": "\u00ad"}


def text_of(child: etree._Element) -> str:
    """What a child of a run adds to the text of its paragraph; nothing for a symbol, a picture, the mark of a note."""
    return child.text or "" if child.tag == f"{W}t" else _MARKS.get(str(child.tag), "")


_OPENING = re.compile(r"\{\{|\{%|\{#")
_CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_NEXT = re.compile(r"\}\}|%\}|#\}|\{\{|\{%|\{#")


def find_balises(text: str) -> Iterator[Balise]:
    """Whole tags, and what begins like one."""
    position = 0
    while opening := _OPENING.search(text, position):
        after = _NEXT.search(text, opening.end())
        if after is None:
            yield Balise(text[opening.start() :].rstrip(), opening.start(), is_entiere=False)
            return
        if after[0] in _CLOSES:  # another tag begins before this one is closed
            yield Balise(text[opening.start() : after.start()].rstrip(), opening.start(), is_entiere=False)
            position = after.start()
        else:
            is_whole = after[0] == _CLOSES[opening[0]]
            yield Balise(text[opening.start() : after.end()], opening.start(), is_whole)
            position = after.end()


@dataclass(frozen=True)
class Partie:
    """One part that is filled."""

    nom: str
    """In the package, as ``word/header1.xml``."""
    libelle: str
    root: etree._Element

    @cached_property
    def paragraphes(self) -> list[Paragraphe]:
        """In the order of the document."""
        return list(self._paragraphes())

    def _paragraphes(self) -> Iterator[Paragraphe]:
        tables = {table: number for number, table in enumerate(self.root.iter(f"{W}tbl"), 1)}
        outside = 0
        for element in self.root.iter(f"{W}p"):
            if next(element.iterancestors(_MC_FALLBACK), None) is not None:
                continue  # the same text box again, for older programs
            is_zone = next(element.iterancestors(f"{W}txbxContent"), None) is not None
            cell = next(element.iterancestors(f"{W}tc"), None)
            outside += cell is None
            place = None if cell is None else _cell_place(cell, tables)
            yield Paragraphe(element, Lieu(self.libelle, 0 if place else outside, place, is_zone))


def _cell_place(cell: etree._Element, tables: dict[etree._Element, int]) -> tuple[int, int, int]:
    row = next(cell.iterancestors(f"{W}tr"))
    table = next(row.iterancestors(f"{W}tbl"))
    rows = [one for one in table.iter(f"{W}tr") if next(one.iterancestors(f"{W}tbl")) is table]
    cells = [one for one in row.iter(f"{W}tc") if next(one.iterancestors(f"{W}tr")) is row]
    return tables[table], rows.index(row) + 1, cells.index(cell) + 1


@dataclass(frozen=True)
class Source:
    """A model, opened and not yet judged."""

    content: bytes
    parts: dict[str, bytes]
    xml: dict[str, etree._Element] = field(repr=False)
    """The root of each part in XML."""

    @cached_property
    def parties(self) -> list[Partie]:
        """The parts that are filled, the body first."""
        names = sorted((name for name in self.xml if RENDERED.fullmatch(name)), key=lambda name: (name != CORPS, name))
        return [Partie(name, self._libelle(name), self.xml[name]) for name in names]

    def _libelle(self, name: str) -> str:
        if name == CORPS:
            return "corps"
        if name == "word/footnotes.xml":
            return "notes de bas de page"
        base = "en-tête" if "header" in name else "pied de page"
        kind = self._kinds.get(name, "")
        return base + {"first": " de la première page", "even": " des pages paires"}.get(kind, "")

    @cached_property
    def _kinds(self) -> dict[str, str]:
        """By part, on which pages a header or a footer stands."""
        targets = {one.get("Id"): one.get("Target", "") for one in self.relations(CORPS)}
        found = {}
        for reference in self.xml[CORPS].iter(f"{W}headerReference", f"{W}footerReference"):
            target = targets.get(reference.get(f"{R}id"))
            if target:
                found[posixpath.normpath(posixpath.join("word", target))] = reference.get(f"{W}type", "")
        return found

    def relations(self, name: str) -> list[etree._Element]:
        """The relationships of one part."""
        folder, _, file = name.rpartition("/")
        root = self.xml.get(f"{folder}/_rels/{file}.rels")
        return [] if root is None else list(root)


def read_source(content: bytes) -> Source:
    """Open a model; raises WordRefused when nothing can be said of what is inside."""
    try:
        parts = read_package(with_usual_parts(content))
    except (PackageRefused, PartUnsound) as error:
        raise WordRefused("ce document Word est abîmé", "l'ouvrir dans Word et l'enregistrer de nouveau") from error
    if CORPS not in parts:
        raise WordRefused(
            "ce n'est pas un document Word", "dans Word, Fichier > Enregistrer sous > Document Word (.docx)"
        )
    if _STRICT in parts[CORPS][:4000]:
        raise WordRefused(
            "document au format « Open XML strict »",
            "dans Word, Fichier > Enregistrer sous > Document Word (.docx), sans « strict »",
        )
    xml = {}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            xml[name] = _parse(name, part)
    return Source(content, parts, xml)


def _parse(name: str, part: bytes) -> etree._Element:
    try:
        return office_xml.parse(part)
    except PartDeclaring as error:
        raise WordRefused(
            f"« {name} » déclare ses propres mots (DTD), ce que Word ne fait jamais", "refaire le modèle"
        ) from error
    except PartUnsound as error:
        raise WordRefused(
            f"« {name} » est illisible", "ouvrir le modèle dans Word et l'enregistrer de nouveau"
        ) from error
