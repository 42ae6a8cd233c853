"""What an old model leaves to be filled by hand: red words, mail-merge fields, content controls, dotted lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from toolkit.formats.word_marks import W
from toolkit.modele.colours import Couleurs
from toolkit.modele.reading import Paragraphe, Source


class GenreDeBlanc(StrEnum):
    """How it is recognised."""

    PUBLIPOSTAGE = "champ de publipostage"
    CONTROLE = "contrôle de contenu"
    ROUGE = "rouge"
    POINTILLES = "pointillés"


@dataclass(frozen=True)
class Blanc:
    """One thing to be filled."""

    genre: GenreDeBlanc
    paragraphe: Paragraphe
    debut: int
    """Span in the text of the paragraph."""
    fin: int
    indice: str = ""
    """The name it bears in the file: of the merge field, of the content control."""
    enveloppe: tuple[etree._Element, ...] = ()
    """What goes once it is a tag: elements that surround its runs, and runs that only hold a field code."""

    @property
    def texte(self) -> str:
        """What stands there now: red words, a field's result, dots."""
        return self.paragraphe.texte[self.debut : self.fin]

    @property
    def contexte(self) -> str:
        """The words around it; in a table, those of its row before it."""
        before = self.paragraphe.texte[max(0, self.debut - 50) : self.debut]
        after = self.paragraphe.texte[self.fin : self.fin + 30]
        return " ".join(f"{self.ligne} {before}[{self.texte}]{after}".split())

    @property
    def avant(self) -> str:
        """What its paragraph says before it."""
        return self.paragraphe.texte[: self.debut]

    @property
    def ligne(self) -> str:
        """What the other cells of its row say, and the heading of its column."""
        cell = next(self.paragraphe.element.iterancestors(f"{W}tc"), None)
        if cell is None:
            return ""
        row = next(cell.iterancestors(f"{W}tr"))
        table = next(row.iterancestors(f"{W}tbl"))
        column = list(row.iter(f"{W}tc")).index(cell)
        heading = list(next(table.iter(f"{W}tr")).iter(f"{W}tc"))
        cells = list(row.iter(f"{W}tc"))[:column]
        if column < len(heading) and heading[column] is not cell:
            cells.append(heading[column])
        return " ".join("".join(leaf.text or "" for leaf in one.iter(f"{W}t")) for one in cells)


def find_blancs(source: Source) -> list[Blanc]:
    """Every blank of a model, in the order one reads; what is a tag already is none."""
    couleurs = Couleurs(source)
    found = []
    for partie in source.parties:
        for paragraphe in partie.paragraphes:
            taken = [(one.debut, one.fin) for one in paragraphe.balises]
            here: list[Blanc] = []
            for finder in (_merge_fields, _controls, lambda one: _red(one, couleurs), _dotted):
                for blanc in finder(paragraphe):
                    if not any(start < blanc.fin and blanc.debut < end for start, end in taken):
                        taken.append((blanc.debut, blanc.fin))
                        here.append(blanc)
            found += sorted(here, key=lambda one: one.debut)
    return found


_MERGEFIELD = re.compile(r"\s*MERGEFIELD\s+\"?([^\s\"\\]+)")


def _merge_fields(paragraphe: Paragraphe) -> Iterator[Blanc]:
    """Both ways in which Word writes a field: one element, or runs between marks."""
    for simple in paragraphe.element.iter(f"{W}fldSimple"):
        if match := _MERGEFIELD.match(simple.get(f"{W}instr", "")):
            yield from _around(paragraphe, set(simple.iter(f"{W}r")), GenreDeBlanc.PUBLIPOSTAGE, match[1], (simple,))
    code, codes, shown, is_shown = "", [], set[etree._Element](), False
    depth = 0
    """Of a field in a field nothing is to be filled: the outer one computes with it."""
    for run in paragraphe.element.iter(f"{W}r"):
        mark = run.find(f"{W}fldChar")
        kind = mark.get(f"{W}fldCharType") if mark is not None else None
        depth += (kind == "begin") - (kind == "end")
        if depth > 1 or (kind == "end" and depth == 1):
            continue
        if kind == "begin":
            code, codes, shown, is_shown = "", [run], set(), False
        elif kind == "separate":
            is_shown = True
            codes.append(run)
        elif kind == "end" and codes:
            if match := _MERGEFIELD.match(code):
                yield from _around(paragraphe, shown, GenreDeBlanc.PUBLIPOSTAGE, match[1], (*codes, run))
            codes = []
        elif codes and is_shown:
            shown.add(run)
        elif codes:
            code += "".join(one.text or "" for one in run.iter(f"{W}instrText"))
            codes.append(run)


def _controls(paragraphe: Paragraphe) -> Iterator[Blanc]:
    """Inside a line, or around one paragraph."""
    inside = list(paragraphe.element.iter(f"{W}sdt"))
    holder = paragraphe.element.getparent()
    around = holder.getparent() if holder is not None and holder.tag == f"{W}sdtContent" and len(holder) == 1 else None
    for control in [*inside, *([around] if around is not None else [])]:
        runs = set(control.iter(f"{W}r")) if control is not around else {run for run, _ in paragraphe.pieces}
        names = [
            one.get(f"{W}val", "") for one in control.iterfind(f"{W}sdtPr/*") if one.tag in (f"{W}alias", f"{W}tag")
        ]
        yield from _around(paragraphe, runs, GenreDeBlanc.CONTROLE, " ".join(names), (control,))


def _around(
    paragraphe: Paragraphe,
    runs: set[etree._Element],
    genre: GenreDeBlanc,
    indice: str,
    enveloppe: tuple[etree._Element, ...],
) -> Iterator[Blanc]:
    spans = [(start, end) for start, end, run in _spans(paragraphe) if run in runs]
    if spans:
        yield Blanc(genre, paragraphe, spans[0][0], spans[-1][1], indice, enveloppe)


def _spans(paragraphe: Paragraphe) -> Iterator[tuple[int, int, etree._Element]]:
    position = 0
    for run, text in paragraphe.pieces:
        yield position, position + len(text), run
        position += len(text)


def _red(paragraphe: Paragraphe, couleurs: Couleurs) -> Iterator[Blanc]:
    """Red runs side by side are one blank: Word cuts a name wherever its spelling is marked."""
    text, spans = paragraphe.texte, list[tuple[int, int]]()
    for start, end, run in _spans(paragraphe):
        if not couleurs.is_red(run):
            continue
        if spans and not text[spans[-1][1] : start].strip():
            start = spans.pop()[0]
        spans.append((start, end))
    for start, end in spans:
        words = text[start:end]
        if re.search(r"\w", words):
            yield Blanc(
                GenreDeBlanc.ROUGE,
                paragraphe,
                start + len(words) - len(words.lstrip()),
                end - len(words) + len(words.rstrip()),
            )


_DOTS = re.compile(r"…{2,}|\.{5,}|_{4,}")


def _dotted(paragraphe: Paragraphe) -> Iterator[Blanc]:
    for match in _DOTS.finditer(paragraphe.texte):
        yield Blanc(GenreDeBlanc.POINTILLES, paragraphe, match.start(), match.end())
