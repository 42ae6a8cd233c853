"""What is drawn over the pages of a PDF, or bound with them. Said here, done in ``pdf``, which is dear to import."""

import re
from dataclasses import dataclass

from toolkit.errors import FileRefused

VERSION = "1"
"""Of what is drawn over the pages: another one makes every copy anew."""


class PdfRefused(FileRefused):
    """A PDF that cannot be made, marked or bound."""


class PdfUntrue(PdfRefused):
    """A PDF with other words than its Word document: ``modele`` names the model to be mended."""

    def __init__(self, cause: str, modele: str) -> None:
        super().__init__(cause, modele)
        self.cause = cause
        self.modele = modele

    def __str__(self) -> str:
        return self.cause


@dataclass(frozen=True, slots=True)
class Filigrane:
    """Large grey letters across the page, as « COPIE »."""

    texte: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Small letters at the top right of the page, as « Exemplaire client »."""

    texte: str


Marque = Filigrane | Mention


@dataclass(frozen=True, slots=True)
class Bound:
    """A PDF bound with others, and its name in the bookmarks."""

    titre: str
    pdf: bytes


_OTHERS = {
    rb"\s*(<\?xml[^>]*>\s*)?<(!doctype )?html": "c'est une page web, enregistrée sous ce nom",
    rb"\xff\xd8\xff|\x89PNG|GIF8|II\*\x00|MM\x00\*|BM": "c'est une image",
    rb"PK\x03\x04|\xd0\xcf\x11\xe0|\{\\rtf": "c'est un document de Word, d'Excel ou une archive",
}
_END = 4096


def why_no_pdf(content: bytes) -> str | None:
    """What is plainly wrong with bytes that should be a PDF to bind, as a French clause; None when nothing is."""
    if not content.strip(b"\0 \r\n\t"):
        return "il est vide"
    if b"%PDF-" not in content[:1024]:
        kinds = (clause for start, clause in _OTHERS.items() if re.match(start, content, re.IGNORECASE))
        return next(kinds, "ce n'est pas un PDF")
    if b"startxref" not in content[-_END:]:
        return "il est incomplet, sa fin manque : le copier ou le télécharger de nouveau"
    if re.search(rb"/Encrypt\s*[\d<]", content):
        return "il est protégé par un mot de passe : en demander une version libre"
    return None
