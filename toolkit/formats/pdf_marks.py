"""What is drawn over the pages of a PDF, or bound with them. Said here, done in ``pdf``, which is dear to import."""

from dataclasses import dataclass

from toolkit.errors import FileRefused

VERSION = "1"
"""Of what is drawn over the pages: another one makes every copy anew."""


class PdfRefused(FileRefused):
    """A PDF that cannot be made, marked or bound."""


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
