"""French as it is printed: dates, money, times, telephone numbers, plurals and the spaces that must not break.

A day is read here as well, wherever someone types it.

U+00A0 is the only non-breaking space used: the narrow U+202F is missing from some Word fonts and mail
programs (rules: regles.md §2.5).
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

NBSP = "\N{NO-BREAK SPACE}"

MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def euros(amount: Decimal) -> str:
    """``1 234,56 €`` from an amount in euros."""
    grouped = f"{amount:,.2f}".replace(",", NBSP).replace(".", ",")
    return f"{grouped}{NBSP}€"


def pourcentage(rate: Decimal | int) -> str:
    """``30 %``, ``5,5 %``: no useless zeros."""
    text = f"{Decimal(rate):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}{NBSP}%"


def quantieme(day: date) -> str:
    """``1er``, ``2``: only the first of the month is an ordinal."""
    return "1er" if day.day == 1 else str(day.day)


def date_simple(day: date) -> str:
    """``17 juin 2027``."""
    return f"{quantieme(day)}{NBSP}{MOIS[day.month - 1]} {day.year}"


def date_longue(day: date) -> str:
    """``jeudi 17 juin 2027``."""
    return f"{JOURS[day.weekday()]} {date_simple(day)}"


def date_courte(day: date) -> str:
    """``17/06/2027``."""
    return f"{day:%d/%m/%Y}"


def date_heure(moment: datetime) -> str:
    """``17/06/2027 à 9 h 45``."""
    return f"{date_courte(moment)} à {heure(moment.time())}"


def periode(start: date, end: date) -> str:
    """``le jeudi 17 juin 2027``, ``du 9 au 11 avril 2027``, ``du 30 juin au 2 juillet 2027``."""
    if start == end:
        return f"le {date_longue(start)}"
    if start.year != end.year:
        return f"du {date_simple(start)} au {date_simple(end)}"
    first = quantieme(start)
    if start.month != end.month:
        first += f"{NBSP}{MOIS[start.month - 1]}"
    return f"du {first} au {date_simple(end)}"


def heure(moment: time) -> str:
    """``9 h 45``, ``12 h``."""
    minutes = f"{NBSP}{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour}{NBSP}h{minutes}"


def horaire(start: time, end: time | None) -> str:
    """``10 h – 11 h 30``, or the start alone."""
    return heure(start) if end is None else f"{heure(start)} – {heure(end)}"


@lru_cache(maxsize=1024)
def telephone(number: str) -> str:
    """``02 35 00 00 01``; a foreign number keeps its country code, an unreadable one is left as typed."""
    import phonenumbers  # 13 ms, and most commands print no telephone number

    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    style = phonenumbers.PhoneNumberFormat
    domestic = parsed.country_code in (33, 262, 508, 590, 594, 596)
    return phonenumbers.format_number(parsed, style.NATIONAL if domestic else style.INTERNATIONAL).replace(" ", NBSP)


def iban(number: str) -> str:
    """``FR76 9999 …``: groups of four."""
    compact = re.sub(r"\s", "", number)
    return NBSP.join(compact[start : start + 4] for start in range(0, len(compact), 4))


_JOUR = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")


def read_day(text: str) -> date | None:
    """``17/06/2027``, ``17.6.2027`` or ``2027-06-17``; None when it is no day of the calendar."""
    match = _JOUR.fullmatch(text.strip())
    if match is None:
        return None
    day, month, year = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_month(text: str) -> date | None:
    """``juin 2027``, ``sept. 2027``, ``06/2027`` or ``2027-06``: its first day; None for what is no month."""
    match = _MOIS_ANNEE.fullmatch(text.strip())
    if match is None:
        return None
    word, number, year = match["nom"], match["numero"] or match["numero_iso"], match["annee"] or match["annee_iso"]
    start = fold(word or "").rstrip(".")
    found = [index for index, one in enumerate(MOIS, 1) if start and fold(one).startswith(start)]
    month = int(number) if number else found[0] if len(found) == 1 else 0
    return date(int(year), month, 1) if 1 <= month <= 12 else None


_MOIS_ANNEE = re.compile(
    r"(?:(?P<nom>[^\W\d_]{3,}\.?) +|(?P<numero>\d{1,2}) *[/.-] *)(?P<annee>20\d\d)"
    r"|(?P<annee_iso>20\d\d)-(?P<numero_iso>\d\d)"
)


def pluriel(count: int, singular: str, plural: str | None = None) -> str:
    """``1 chauffeur``, ``2 chauffeurs``; zero is singular in French."""
    word = singular if abs(count) < 2 else (plural or f"{singular}s")
    return f"{count} {word}"


def liste(words: Sequence[str]) -> str:
    """``a, b et c``."""
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def without_accents(text: str) -> str:
    """Letters and digits alone where there were accents, ligatures or exponents: ``é`` → ``e``, ``ﬁ`` → ``fi``."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def fold(name: str) -> str:
    """A name without case, accents or doubled spaces, for comparison only."""
    return " ".join(without_accents(name).casefold().split())


_REGIMES = {
    "vegetarien": "végétarien",
    "vegetalien": "végétalien",
    "vegan": "végan",
    "diabetique": "diabétique",
    "coeliaque": "cœliaque",
    "intolerant": "intolérant",
}
_REGIMES_INVARIABLES = ("halal", "hallal", "casher", "cacher", "kasher", "bio")


def regime(key: str, count: int) -> str:
    """``3 végétariens``, ``1 sans gluten``: a key of dossier.toml has no accent and no plural."""
    first, *rest = re.split("[_ ]+", key)
    word = _REGIMES.get(first, first)
    # « sans », « pas de », « allergie à »: only an adjective is one of as many people.
    is_adjective = (not rest or word.endswith(("ien", "ique", "ant"))) and first not in (*_REGIMES_INVARIABLES, "sans")
    many = is_adjective and count > 1 and not word.endswith(("s", "x", "z"))
    return " ".join([str(count), f"{word}s" if many else word, *rest])


_BEFORE_MARK = re.compile(r" (?=[:;!?»%€])")
_AFTER_QUOTE = re.compile(r"(?<=«) ")


def typography(sentence: str) -> str:
    """Ordinary spaces before ``: ; ! ? » % €`` and after ``«`` become non-breaking.

    Sentences are written in the code with plain spaces, which a reader of the code can see.
    """
    return _AFTER_QUOTE.sub(NBSP, _BEFORE_MARK.sub(NBSP, sentence))


_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)")
"""Control characters but for line ends and tabs, those that turn the direction of writing, and halves of characters."""


def visible(text: str) -> str:
    r"""Whatever a terminal would obey, or no file can hold, shown instead: ``\x1b``, ``\u202e``.

    A byte of a file name that is no UTF-8 is shown as ``\x82``.
    """
    return _OBEYED.sub(lambda match: _shown(ord(match[0])), text)


def visible_json(document: str) -> str:
    """The same of a JSON text: its strings say the same to a program, but for halves of characters."""
    return _OBEYED.sub(lambda match: _shown_in_json(ord(match[0])), document)


def _shown(code: int) -> str:
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code  # as Python holds a byte that it cannot decode
    return f"\\x{byte:02x}" if byte < 0x100 else f"\\u{byte:04x}"


def _shown_in_json(code: int) -> str:
    return f"\\{_shown(code)}" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"


def notepad(text: str, *, is_beginning: bool = True) -> bytes:
    """A text file as every Notepad shows it: Windows line ends, and the byte-order mark where the file begins.

    A file without the mark is taken for Windows-1252. Control characters are shown as ``visible`` does.
    """
    lines = visible(text).replace("\r\n", "\n").replace("\n", "\r\n")
    return lines.encode("utf-8-sig" if is_beginning else "utf-8")
