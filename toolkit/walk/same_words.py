"""Whether a PDF says what its Word document says, word for word.

Word and LibreOffice each compute what they like: a field, a control, a font that has not the letters. What was filled
in is what the office reads and signs, so that a PDF with other words is none of its documents.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit import french
from toolkit.formats.pdf_marks import PdfUntrue
from toolkit.formats.word_text import Dit

_WORD = re.compile(r"[^\W\d_]{3,}|\d{4,}")
"""Shorter ones are numbers of pages and of lists, and what a line break makes of others."""
_ROMAN = re.compile("[ivxlcdm]+")
"""Numbers of a list, as the others."""
_TOLD, _EXCERPT = 4, 60
_OTHER_SCRIPTS = re.compile(r"[^\u0000-\u024f\u1e00-\u1eff\u2000-\u206f\u20a0-\u20cf\u2100-\u214f]+")
"""Their words have no spaces, or other letters once they are joined."""


def differences(said: Sequence[Dit], pdf: str) -> tuple[list[str], list[str]]:
    """Words of the pages that the PDF has not, or not as often, and words of the PDF that the document has nowhere."""
    sure = Counter(_words(one.texte for one in said if one.is_sure))
    shown, known = _run_together(pdf), _run_together(" ".join(one.texte for one in said))
    missing = [word for word, count in sure.items() if shown.count(word) < count]
    added = [
        word
        for word in dict.fromkeys(_words([pdf]))
        if word not in known and not _is_cut(word, sure) and not _ROMAN.fullmatch(word)
    ]
    return missing, added


def check_words(said: Sequence[Dit], pdf: str, modele: str) -> None:
    """Raises PdfUntrue with the words that differ, and where the first of them stands."""
    missing, added = differences(said, pdf)
    told = []
    if missing:
        where = next(one.texte for one in said if one.is_sure and missing[0] in _plain(one.texte))
        told.append(f"il n'y est pas écrit {_listed(missing)} (« {_excerpt(where)} »)")
    if added:
        told.append(f"il y est écrit en plus {_listed(added)}")
    if told:
        raise PdfUntrue(f"le PDF ne dit pas ce que dit le document Word : {' ; '.join(told)}", modele)


def is_of_another(said: Sequence[Dit], pdf: str) -> bool:
    """Whether most of the words of the pages are not there: for a document in which people wrote what they like."""
    sure = set(_words(one.texte for one in said if one.is_sure))
    shown = _run_together(pdf)
    return sum(word in shown for word in sure) * 2 < len(sure)


def _listed(words: Sequence[str]) -> str:
    shown = [f"« {word} »" for word in words[:_TOLD]]
    return french.liste([*shown, "d'autres mots"] if len(words) > _TOLD else shown)


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rstrip()}…"


def _is_cut(word: str, known: Iterable[str]) -> bool:
    """Half of a word that goes on in the next line, behind a hyphen."""
    return any(one.startswith(word) or one.endswith(word) for one in known)


def _words(texts: Iterable[str]) -> list[str]:
    return [word for text in texts for word in _WORD.findall(_plain(text))]


def _plain(text: str) -> str:
    """Without capitals, which a style may print, nor letters joined into one."""
    return _OTHER_SCRIPTS.sub(" ", unicodedata.normalize("NFKC", text).casefold().replace("\N{SOFT HYPHEN}", ""))


def _run_together(text: str) -> str:
    """Lines end anywhere in a PDF, and letters may be set apart."""
    return re.sub(r"[\W_]+", "", _plain(text))
