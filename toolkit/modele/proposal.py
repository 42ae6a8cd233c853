"""The field that an old blank probably stood for: from the words around it, and from the look of its old value.

A proposal is a help to whoever answers, never an answer: nothing is put in a model that nobody has confirmed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.french import fold
from toolkit.modele.blanks import Blanc, GenreDeBlanc
from toolkit.modele.catalogue import Champ

_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"


@dataclass(frozen=True, slots=True)
class _Forme:
    """How a value looks, and the filter that would write it so."""

    pattern: re.Pattern[str]
    filtre: str
    parmi: tuple[str, ...]
    """Filters of the fields that such a value may come from."""


def _forme(pattern: str, filtre: str, *parmi: str) -> _Forme:
    return _Forme(re.compile(pattern, re.IGNORECASE), filtre, parmi or (filtre,))


_FORMES = (
    _forme(rf"(?:{_DAYS}) \d{{1,2}}(?:er)? (?:{_MONTHS}) \d{{4}}", "date_longue"),
    _forme(rf"\d{{1,2}}(?:er)? (?:{_MONTHS}) \d{{4}}", "date_simple", "date_longue"),
    _forme(r"\d{1,2}/\d{1,2}/\d{2,4}", "date_courte", "date_longue"),
    _forme(r"\d{1,2} ?[h:] ?(?:\d{2})?", "heure"),
    _forme(r"\d[\d ]*(?:,\d\d)? ?(?:€|euros?)", "euros"),
    _forme(r"\d+(?:,\d+)? ?%", "pourcentage"),
    _forme(r"(?:0|\+33 ?)\d(?:[ .]?\d\d){4}", "telephone"),
)
_COUNTED = re.compile(r"\d+ ([^\W\d]+)")
_LONGEST = 120
"""Characters: beyond, it is a clause and no value."""
_EMPTY = {
    "de", "du", "des", "la", "le", "les", "un", "une", "et", "ou", "au", "aux", "en", "pour", "par", "sur", "est",
    "dans", "son", "sa", "ce", "que", "qui", "il", "se", "votre", "nos", "nous", "vous",
}  # fmt: skip


_SIGNED_ON = re.compile(r"\bfait (à|en) [^.;]*,?\s+le\s*$", re.IGNORECASE)
"""Filled by hand, on the day of the signature."""
_A_FILE = re.compile(r"fichier|formulaire|_pdf$|_image$|\.logo$|plan_ville")
"""Fields that name one, which no document prints."""


def propose(blanc: Blanc, champs: Sequence[Champ]) -> str:
    """The whole tag, or nothing when no field stands out."""
    # What a field or a control shows is its name or an advice, not an old value.
    is_value = blanc.genre not in (GenreDeBlanc.PUBLIPOSTAGE, GenreDeBlanc.CONTROLE)
    text = " ".join(blanc.texte.split()) if is_value else ""
    if len(text) > _LONGEST or _SIGNED_ON.search(blanc.avant):
        return ""
    forme = next((one for one in _FORMES if one.pattern.fullmatch(text)), None)
    counted = _COUNTED.fullmatch(text)
    able = [
        one
        for one in champs
        if not one.liste and not _A_FILE.search(one.chemin) and _may_be(one, text, forme, counted is not None)
    ]
    near, far = _stems(f"{_last_words(blanc.avant)} {blanc.indice}"), _stems(f"{blanc.ligne} {blanc.avant} {text}")
    scored = sorted(((_score(one, text, near, far), -len(one.chemin), one) for one in able), key=lambda row: row[:2])
    if not scored or scored[-1][0] < 1:
        return ""
    best = scored[-1][2]
    if forme:
        return f"{{{{ {best.chemin} | {forme.filtre} }}}}"
    if counted:
        singular = counted[1].removesuffix("s")
        return f'{{{{ {best.chemin} | pluriel("{singular}") }}}}'
    return best.ecriture


def _may_be(champ: Champ, text: str, forme: _Forme | None, is_counted: bool) -> bool:
    """Whether a value of this look may come from this field."""
    written = re.search(r"\| (\w+)", champ.ecriture)
    filtre = written[1] if written else ""
    if not champ.ecriture.startswith("{{"):
        return False
    if forme:
        return filtre in forme.parmi
    if is_counted or text.isdigit():
        return not filtre and champ.exemple.isdigit()
    is_said = bool(re.search(r"\w", text))
    return not is_said or (not filtre and not champ.exemple.isdigit())


def _score(champ: Champ, text: str, near: set[str], far: set[str]) -> float:
    """Words in common with the meaning of the field and its name; the same value as in the example settles it."""
    meaning = _stems(champ.sens)
    names = _stems(champ.chemin.replace(".", " ").replace("_", " "))
    same = 4.0 if champ.exemple and fold(champ.exemple) == fold(text) else 0.0
    said = 2 * len(near & meaning) + len(far & meaning) + len(near & names) + 0.5 * len(far & names)
    # Of two that say as much, the one that says nothing else.
    return same + said - 0.1 * len(meaning - near - far)


def _last_words(text: str) -> str:
    return " ".join(text.split()[-5:])


def _stems(text: str) -> set[str]:
    """Words without accents nor endings: « participants », « participant »."""
    words = re.findall(r"[^\W\d_]+", fold(text).replace("n°", "numero"))
    return {word[:6] for word in words if len(word) > 1 and word not in _EMPTY}
