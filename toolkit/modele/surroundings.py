"""What stands around the tags: braces that make none, and what a ``{%p`` or ``{%tr`` would take away with it."""

import re
from collections.abc import Iterator

from lxml import etree

from toolkit.formats.word_marks import W
from toolkit.modele.faults import Faute, faute
from toolkit.modele.keywords import ENGLISH, FRENCH
from toolkit.modele.reading import Balise, Paragraphe

_LINE_TAG = re.compile(r"-?\s*(p|tr|tc)[\s\u200b]*(?:" + "|".join((*ENGLISH, *FRENCH)) + r")(?!\w)", re.IGNORECASE)
_STRAY = re.compile(r"(?<!\{)\{\s*[^\W\d][\w.]*[^{}]{0,40}\}\}|\}\}|%\}|(?<!\{)\{\s*%")
_SINGLE = re.compile(r"(?<!\{)\{\s*[^\W\d]\w*(?:\.\w+)*\s*\}(?!\})")
_OBJECTS = f"{W}drawing", f"{W}pict", f"{W}object", f"{W}footnoteReference"


def check_alentours(paragraphe: Paragraphe) -> Iterator[Faute]:
    """Braces that make no tag, and what a ``{%p`` or ``{%tr`` would take away with it."""
    rest = paragraphe.reste
    for pattern, cause, correction in (
        (_STRAY, "accolade manquante", "Une balise s'ouvre par « {{ » et se ferme par « }} », ou « {% » et « %} »"),
        (_SINGLE, "accolades simples", "Les doubler : « {{ … }} »"),
    ):
        if match := pattern.search(rest):
            # Found again in the whole text: the tags before it were left out.
            debut = max(paragraphe.texte.find(match[0]), 0)
            yield faute(paragraphe, Balise(match[0].strip(), debut), cause, correction)
    lines = [one for one in paragraphe.balises if one.ouvrante == "{%" and _LINE_TAG.match(one.contenu)]
    if not lines:
        return
    prefixes = [found[1].casefold() for one in lines if (found := _LINE_TAG.match(one.contenu))]
    if len(lines) > 1:
        yield faute(
            paragraphe,
            lines[1],
            f"deux balises « {{%{prefixes[0]} » dans un paragraphe",
            "Une seule par paragraphe : la seconde va à la ligne",
        )
    if prefixes[0] == "p":
        yield from _beside(paragraphe, lines[0])
    elif prefixes[0] == "tr":
        yield from _beside_in_row(paragraphe, lines[0])
    elif next(paragraphe.element.iterancestors(f"{W}tc"), None) is None:
        yield faute(paragraphe, lines[0], "« {%tc » hors d'un tableau", "Écrire « {%p »")


def _beside(paragraphe: Paragraphe, balise: Balise) -> Iterator[Faute]:
    """The whole paragraph goes with its ``{%p``."""
    others = [one for one in paragraphe.balises if one is not balise and not _LINE_TAG.match(one.contenu)]
    if paragraphe.reste.strip() or others:
        yield faute(
            paragraphe,
            balise,
            "le texte à côté de cette balise disparaîtrait",
            "Laisser la balise seule dans son paragraphe",
        )
    elif any(_own(paragraphe, kind) for kind in _OBJECTS):
        yield faute(
            paragraphe,
            balise,
            "l'image ou la note à côté de cette balise disparaîtrait",
            "Laisser la balise seule dans son paragraphe",
        )
    elif paragraphe.element.find(f"{W}pPr/{W}sectPr") is not None:
        yield faute(
            paragraphe,
            balise,
            "le saut de section qui suit cette balise disparaîtrait",
            "Ajouter un paragraphe vide avant le saut de section",
        )


def _own(paragraphe: Paragraphe, kind: str) -> bool:
    return any(next(one.iterancestors(f"{W}p")) is paragraphe.element for one in paragraphe.element.iter(kind))


def _beside_in_row(paragraphe: Paragraphe, balise: Balise) -> Iterator[Faute]:
    """The whole row goes with its ``{%tr``."""
    row = next(paragraphe.element.iterancestors(f"{W}tr"), None)
    if row is None:
        yield faute(
            paragraphe, balise, "« {%tr » hors d'un tableau", "Écrire « {%p », qui répète ou cache des paragraphes"
        )
        return
    texts = [_row_text(one) for one in row.iter(f"{W}p")]
    whole = "".join(texts)
    if len(re.findall(r"\{%\s*tr\b", whole)) > 1:
        first = next(one for one in row.iter(f"{W}p") if "{%" in _row_text(one))
        if first is not paragraphe.element:
            yield faute(
                paragraphe,
                balise,
                "deux balises « {%tr » dans une ligne de tableau",
                "Chacune va seule dans sa propre ligne, avant et après la ligne à répéter",
            )
    elif whole.replace(balise.texte, "", 1).strip():
        yield faute(
            paragraphe,
            balise,
            "le texte de cette ligne de tableau disparaîtrait",
            "Laisser la balise seule dans sa ligne, avant ou après la ligne à répéter",
        )


def _row_text(element: etree._Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))
