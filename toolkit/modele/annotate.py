"""A copy of a model with a Word comment at each fault: the answer for people who live in Word.

Word takes no comment in a header, a footer, a note or a text box: there it is put at the nearest place of the body, and
says where it belongs.
"""

import io
from collections.abc import Sequence
from typing import cast

import docx
from docx.comments import Comment
from docx.document import Document
from docx.oxml.text.run import CT_R
from docx.text.run import Run
from lxml import etree

from toolkit import french
from toolkit.formats.package import write_package
from toolkit.formats.word_marks import W
from toolkit.formats.word_package import read_package
from toolkit.modele.faults import Faute
from toolkit.modele.reading import CORPS, Lieu, Paragraphe, Partie
from toolkit.modele.runs import cut_out

AUTEUR = "toolkit"


def annotate(content: bytes, fautes: Sequence[Faute]) -> bytes | None:
    """The annotated copy; None when the file is such that no copy of it can be made."""
    try:
        document = docx.Document(io.BytesIO(content))
    except (ValueError, KeyError):  # a model with macros, or a package that python-docx does not know
        return None
    anchors = _Anchors(document)
    for one in fautes:
        first, last = anchors.runs(one)
        comment = document.add_comment([anchors.run(first), anchors.run(last)], author=AUTEUR, initials="t")
        _write(comment, one, is_elsewhere=not _is_in_body(one))
    out = io.BytesIO()
    document.save(out)
    return write_package(read_package(out.getvalue()))


def _is_in_body(one: Faute) -> bool:
    return one.lieu is None or (one.lieu.partie == "corps" and not one.lieu.is_zone)


def _write(comment: Comment, one: Faute, *, is_elsewhere: bool) -> None:
    """Cause, correction, and the place when the comment could not be put there; the same faults, the same bytes."""
    lines = [
        f"{one.cause[0].upper()}{one.cause[1:]}.",
        f"{one.correction}{'' if one.correction.endswith('?') else '.'}",
    ]
    if not one.is_error:
        lines[0] = f"À voir : {one.cause}."
    if is_elsewhere:
        tag = f" « {one.balise} »" if one.balise else ""
        lines.insert(0, f"Dans : {one.lieu}.{tag}")
    paragraph = comment.paragraphs[0]
    for number, line in enumerate(lines):
        if number:
            paragraph = comment.add_paragraph()
        paragraph.add_run(french.typography(line))
    comment._comment_elm.attrib.pop(f"{W}date", "")


class _Anchors:
    """Where the comments go, in the copy that python-docx holds."""

    def __init__(self, document: Document) -> None:
        # Text boxes of the copy count as in the model: both are read the same way.
        self._paragraphes = Partie(CORPS, "corps", document.element.body).paragraphes
        self._document = document

    def run(self, element: etree._Element) -> Run:
        return Run(cast(CT_R, element), self._document)

    def runs(self, one: Faute) -> tuple[etree._Element, etree._Element]:
        """First and last run of the commented words."""
        if one.paragraphe is None or one.lieu is None:
            return self._whole(one.paragraphe and self._same(one.paragraphe))
        if not _is_in_body(one):
            return self._whole(self._nearest(one.paragraphe, one.lieu))
        paragraphe = self._same(one.paragraphe)
        if paragraphe is None or one.fin <= one.debut:
            return self._whole(paragraphe)
        found = cut_out(paragraphe, one.debut, one.fin)
        return (found[0], found[-1]) if found else self._whole(paragraphe)

    def _same(self, paragraphe: Paragraphe) -> Paragraphe | None:
        """That paragraph of the body in the copy: the one at the same rank."""
        root = paragraphe.element.getroottree().getroot()
        rank = list(root.iter(f"{W}p")).index(paragraphe.element)
        element = list(self._document.element.body.iter(f"{W}p"))[rank]
        return Paragraphe(element, paragraphe.lieu)

    def _nearest(self, paragraphe: Paragraphe, lieu: Lieu) -> Paragraphe | None:
        outside = [one for one in self._paragraphes if not one.lieu.is_zone]
        if lieu.partie == "corps":
            holder = next((one for one in paragraphe.element.iterancestors(f"{W}p")), None)
            return self._same(Paragraphe(holder, lieu)) if holder is not None else None
        if "note" in lieu.partie:
            return next((one for one in outside if one.element.find(f".//{W}footnoteReference") is not None), None)
        written = [one for one in outside if one.texte.strip()] or outside
        if not written:
            return None
        return written[-1] if lieu.partie.startswith("pied") else written[0]

    def _whole(self, paragraphe: Paragraphe | None) -> tuple[etree._Element, etree._Element]:
        """Of a paragraph, else of the first that says something; an empty one gets a run to hold the comment."""
        chosen = paragraphe or next((one for one in self._paragraphes if one.texte.strip()), None)
        if chosen is None:
            element = self._paragraphes[0].element if self._paragraphes else self._document.add_paragraph()._p
            chosen = Paragraphe(element, Lieu("corps"))
        runs = chosen.element.findall(f"{W}r")
        if not runs:
            runs = [etree.SubElement(chosen.element, f"{W}r")]
        return runs[0], runs[-1]
