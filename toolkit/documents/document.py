"""One paper of a dossier, and one kind of them: what every kind tells of itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from toolkit.documents.communes import Communes
from toolkit.dossier.fiche import Fiche
from toolkit.errors import Problem
from toolkit.formats.pdf_marks import Marque


@dataclass(frozen=True, slots=True)
class Copie:
    """A PDF made of a Word document, with marks over its pages."""

    suffixe: str = ""
    """Added to the stem of the Word file, as `` - exemplaire client`` or `` COPIE``."""
    marques: tuple[Marque, ...] = ()
    brouillon: tuple[Marque, ...] = ()
    """What it bears as a draft: one that does so still is none that was sent."""


@dataclass(frozen=True, slots=True)
class Document:
    """One paper that a dossier has, will have or waits for."""

    code: str
    """Tells it from the others of its dossier for ever, as ``contrat``, ``avenant 2``, ``bon P3 resto-pollet``."""
    titre: str
    modele: str
    """Name of its Word model."""
    fichier: str
    """The Word file, relative to the dossier folder; for one that is bound, the PDF."""
    valeurs: Callable[[], Communes]
    """What its model may print."""
    copies: tuple[Copie, ...] = (Copie(),)
    attend: tuple[str, ...] = ()
    """What it still waits for; empty when it is due."""
    is_frozen: bool = False
    """Sent or signed: what exists is not rewritten."""
    engage: tuple[str, ...] = ()
    """First names of what it commits to once it is sent or signed."""
    suite: str = " v{}"
    """How a version beside a human's is called."""
    formers: tuple[str, ...] = ()
    """Stems of the versions that it replaces."""
    is_bound: bool = False
    """Bound as one PDF with the documents of the dossier that are ``in_carnet``; kept as PDF only."""
    in_carnet: bool = False


@dataclass(frozen=True, slots=True)
class ModeleWord:
    """What one Word model is for, in the words of the people who edit it."""

    documents: str
    """Plural, with its article: « les contrats des groupes »."""
    _: KW_ONLY
    mots: str
    """A pattern of the words by which an old model of this kind is known, in its name or on its first lines."""
    accord: str = "faits"
    """« faits » or « faites », for these documents."""

    @property
    def consequence(self) -> str:
        """What an error in the model stops."""
        return f"{self.documents[0].upper()}{self.documents[1:]} ne sont pas {self.accord}."


@dataclass(frozen=True, slots=True)
class MentionDue:
    """What a document must say: by one of these fields, or by words."""

    manque: str
    champs: tuple[str, ...]
    mots: str = r"(?!)"
    """A pattern, without capitals; the default finds nothing."""


@dataclass(frozen=True, eq=False)
class TypeDeDocument:
    """One kind of document: all that tells it from the others stands in its file."""

    code: str
    """How the codes of its documents begin: ``contrat``, ``avenant``, ``bon``."""
    modeles: Mapping[str, ModeleWord]
    """By the name of the Word file."""
    valeurs: type[Communes]
    """What its models may print."""
    documents: Callable[[Fiche, Sequence[Problem]], Iterator[Document]]
    """Those of one dossier; the problems are its errors."""
    mentions: tuple[MentionDue, ...] = ()
    """What its models must say."""
    signatures: int = 0
    """Places to sign that its models must have."""
    images: tuple[str, ...] = ()
    """Pictures that its models may print by these names, beside their values."""
    serves_cancelled: bool = False
    """A cancelled dossier has some that are due: those that cancel."""
    is_put_away: bool = False
    """Those of ours that the dossier does not have any more go to « Remplacés »."""
