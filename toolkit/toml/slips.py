"""The slips people make in a TOML file, each named in French with what to write instead.

A parser stops at the first. Here the slip is mended in memory and reading goes on, so that an agent is told all
of them at once; the mended text is never written and never made into a document.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from toolkit import french
from toolkit.errors import Problem, erreur

SLIPS_MAX = 40
_LINE_MAX = 1000
"""Beyond this many characters a line is not looked into: no agent typed it."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What to tell, and the line as it was meant."""

    message: str
    mended: str


_COMMENT_OUT = "#"
_END = r"\s*(?:[,}\]#]|$)"
_UNIT = r"(?:€|euros?\b|EUR\b|%|personnes?\b|pers\b\.?|participants?\b|p\b)"
_VALUE = re.compile(r'^(?P<head>\s*[^=#"\']+=\s*)(?P<value>.*?)(?P<tail>\s*(?:#.*)?)$')
_CODE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^"\'#])*')
_PAIR = re.compile(r"\s*[\w.-]+\s*=")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w .-]+?)\s*\]\]?\s*(?:#.*)?$")


def _replace(line: str, match: re.Match[str], right: str, *, group: int = 1) -> str:
    return line[: match.start(group)] + right + line[match.end(group) :]


def _ascii(name: str) -> str:
    """The name of a field or of a block as it is written: ``téléphone fixe`` → ``telephone_fixe``."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", french.without_accents(name).strip())


def _curly_quotes(line: str, said: str) -> Slip | None:
    if not re.search(r"[=\[,{]\s*[“”„‟″]", line):
        return None
    return Slip('guillemets typographiques “ ” : écrire des guillemets droits "…"', re.sub("[“”„‟″]", '"', line))


def _curly_apostrophes(line: str, said: str) -> Slip | None:
    match = re.search(r"[=\[,{]\s*([‘’](.*)[‘’])", line)
    if not match:
        return None
    return Slip(
        'apostrophes typographiques ‘ ’ autour du texte : écrire des guillemets droits "…"',
        _replace(line, match, f'"{match[2]}"'),
    )


def _guillemets(line: str, said: str) -> Slip | None:
    match = re.search(r"[=\[,{]\s*(«([^»]*)»)", line)
    if not match:
        return None
    text = match[2].strip()
    return Slip(f'guillemets français autour du texte : écrire "{text}"', _replace(line, match, f'"{text}"'))


_HOUR_AFTER = r"(?:\s*(?:[àaT,]\s*)?(\d{1,2})\s*[hH:]\s*(\d{2})?(?::\d{2})?)?"


def _french_date(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*((\d{{1,2}})([/.-])(\d{{1,2}})\3(\d{{4}}|\d{{2}}){_HOUR_AFTER}){_END}", line)
    if not match:
        return None
    year = match[5] if len(match[5]) == 4 else f"20{match[5]}"
    right = f"{year}-{int(match[4]):02d}-{int(match[2]):02d}"
    if match[6]:
        right += f"T{int(match[6]):02d}:{match[7] or '00'}:00"
    return Slip(f"date à la française : écrire {right} et non {match[1]}", _replace(line, match, right))


def _date_in_words(line: str, said: str) -> Slip | None:
    months = "|".join(french.MOIS)
    match = re.search(rf"=\s*((?:[a-z]+di\s+)?(\d{{1,2}})(?:er)?\s+({months})\s+(\d{{4}})){_END}", line, re.IGNORECASE)
    if not match:
        return None
    right = f"{match[4]}-{french.MOIS.index(match[3].lower()) + 1:02d}-{int(match[2]):02d}"
    return Slip(f"date en lettres : écrire {right} et non {match[1]}", _replace(line, match, right))


def _short_iso_date(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*((\d{{4}})[-/](\d{{1,2}})[-/](\d{{1,2}})){_END}", line)
    right = f"{match[2]}-{int(match[3]):02d}-{int(match[4]):02d}" if match else ""
    if not match or right == match[1]:
        return None
    return Slip(f"date mal écrite : écrire {right} et non {match[1]}", _replace(line, match, right))


def _impossible_date(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*(\d{4}-\d{2}-\d{2}[\d:T ]*)", line)
    if not match or "Invalid date" not in said:
        return None
    return Slip(f"« {match[1].strip()} » n'est pas un jour du calendrier : corriger la date", _COMMENT_OUT + line)


def _decimal_comma(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*((\d[\d \u00a0\u202f]*),(\d+)\s*{_UNIT}?)(?!\d|\s*=)", line)
    if not match:
        return None
    right = f"{re.sub(r'[^0-9]', '', match[2])}.{match[3]}"
    return Slip(f"virgule décimale : écrire {right} et non {match[1].strip()}", _replace(line, match, right))


def _unit(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*(([\d \u00a0\u202f.]*\d)\s*{_UNIT}){_END}", line)
    if not match:
        return None
    right = re.sub(r"[^0-9.]", "", match[2])
    return Slip(f"un nombre s'écrit sans unité : écrire {right} et non {match[1]}", _replace(line, match, right))


def _spaced_number(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*(\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}})+(?:\.\d+)?){_END}", line)
    if not match:
        return None
    right = re.sub(r"[^0-9.]", "", match[1])
    return Slip(f"espace dans un nombre : écrire {right} et non {match[1]}", _replace(line, match, right))


def _hour(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*((\d{{1,2}})\s*[hH:]\s*(\d{{2}})?(?::\d{{2}})?){_END}", line)
    if not match:
        return None
    if int(match[2]) > 23 or int(match[3] or 0) > 59:
        return Slip(f"« {match[1]} » n'est pas une heure : écrire de 00:00:00 à 23:59:00", _COMMENT_OUT + line)
    right = f"{int(match[2]):02d}:{match[3] or '00'}:00"
    if right == match[1]:
        return None
    return Slip(f"heure mal écrite : écrire {right} et non {match[1]}", _replace(line, match, right))


def _leading_zero(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*(0+(\d[\d.]*)){_END}", line)
    if not match:
        return None
    return Slip(
        f'nombre commençant par zéro : écrire "{match[1]}" si c\'est un code, sinon {match[2]}', _COMMENT_OUT + line
    )


def _backslash(line: str, said: str) -> Slip | None:
    match = re.search(r'("([^"]*\\[^"]*)")', line)
    if not match:
        return None
    text = match[2].replace("'", "’")
    return Slip(
        "barre oblique inverse \\ dans un texte : mettre ce texte entre apostrophes droites '…', ou écrire /",
        _replace(line, match, f"'{text}'"),
    )


def _missing_quote(line: str, said: str) -> Slip | None:
    bare = line.replace('\\"', "")
    if bare.count('"') % 2 == 0:
        return None
    match = _VALUE.match(line)
    if match and not match["value"].startswith('"') and match["value"].endswith('"'):
        mended = f'{match["head"]}"{match["value"]}{match["tail"]}'
    else:
        mended = line.rstrip().removesuffix("]").rstrip() + ('"]' if line.rstrip().endswith("]") else '"')
    return Slip('il manque un guillemet " : en mettre un avant et un après le texte', mended)


def _yes_or_no(line: str, said: str) -> Slip | None:
    match = re.search(rf"=\s*(oui|vrai|non|faux|true|false){_END}", line, re.IGNORECASE)
    if not match or match[1] in ("true", "false"):
        return None
    right = "true" if match[1].casefold() in ("oui", "vrai", "true") else "false"
    return Slip(f"oui ou non : écrire {right} et non {match[1]}", _replace(line, match, right))


def _no_break_space(line: str, said: str) -> Slip | None:
    """Outside of the texts, where it looks like a space and is none."""
    pieces = re.split(r'("(?:[^"\\]|\\.)*"|#.*)', line)
    pieces[::2] = [re.sub("[\u00a0\u202f]", " ", piece) for piece in pieces[::2]]
    mended = "".join(pieces)
    if mended == line:
        return None
    return Slip("espace insécable, venue d'un traitement de texte : l'effacer et taper une espace ordinaire", mended)


def _wrong_key(line: str, said: str) -> Slip | None:
    match = re.match(r"\s*([^=\"'#\[\]{}]+?)\s*=", line)
    right = _ascii(match[1]) if match else ""
    if not match or right == match[1]:
        return None
    return Slip(
        f"nom de champ « {match[1]} » : ni accent, ni espace, ni autre signe ; écrire {right}",
        _replace(line, match, right),
    )


def _wrong_header(line: str, said: str) -> Slip | None:
    match = _HEADER.match(line)
    right = _ascii(match[2]) if match else ""
    if not match or right == match[2]:
        return None
    return Slip(
        f"nom de bloc « {match[2]} » : ni accent, ni espace, ni autre signe ; écrire {right}",
        _replace(line, match, right, group=2),
    )


def _unquoted_text(line: str, said: str) -> Slip | None:
    match = _VALUE.match(line)
    # A word, or a number that is none: a telephone, an address.
    if not match or not re.match(r"[^\W\d_]|[+\d][\d.]*[ \u00a0]", match["value"]):
        return None
    text = match["value"].rstrip(",").replace('"', "")
    return Slip(f'texte sans guillemets : écrire "{text}"', f'{match["head"]}"{text}"{match["tail"]}')


def _trailing_comma(line: str, said: str) -> Slip | None:
    match = _VALUE.match(line)
    if not match or not match["value"].endswith(","):
        return None
    return Slip(
        "virgule en trop à la fin de la ligne : l'effacer",
        match["head"] + match["value"].rstrip(",") + match["tail"],
    )


_APOSTROPHES = re.compile(r"\s*[^=#\"']+=\s*[\[{]?[^\"']*'[^\"]*$")


def _missing_apostrophe(line: str, said: str) -> Slip | None:
    """A text between apostrophes, which can hold none."""
    if not _APOSTROPHES.match(line) or line.count("'") % 2 == 0:
        return None
    told = "il manque l'apostrophe ' qui ferme ce texte (un texte qui en contient s'écrit entre guillemets \"…\")"
    body = line.rstrip(" ,]}")
    return Slip(told, f"{body}'{line[len(body) :]}" if line.count("'") == 1 else _COMMENT_OUT + line)


def _missing_value(line: str, said: str) -> Slip | None:
    match = re.match(r"\s*([A-Za-z0-9_.-]+)\s*=\s*(#.*)?$", line)
    if not match:
        return None
    return Slip(
        f"il manque la valeur de « {match[1]} » : la compléter, ou mettre # au début de la ligne", _COMMENT_OUT + line
    )


def _missing_equal(line: str, said: str) -> Slip | None:
    if "=" in _code(line):
        return None
    match = re.match(r"\s*([A-Za-z0-9_.-]+)(?:\s*:\s*|\s+(?=[\"'\d\[{]|true\b|false\b)|\s*$)", line)
    if not match:
        return None
    return Slip(f"il manque le signe = : écrire {match[1]} = …", _COMMENT_OUT + line)


def _remark(line: str, said: str) -> Slip | None:
    if "=" in line or not re.match(r"\s*[^\W\d_]", line):
        return None
    return Slip("cette ligne n'est pas un champ : mettre # devant si c'est une remarque", _COMMENT_OUT + line)


def _missing_comma(line: str, said: str) -> Slip | None:
    mended = re.sub(r'"[ \t]+"', '", "', line)
    if "Unclosed array" not in said or mended == line:
        return None
    return Slip("il manque une virgule entre deux textes de la liste", mended)


def _text_after_value(line: str, said: str) -> Slip | None:
    match = re.match(r'(\s*[^=#"]+=\s*"[^"]*")\s*([^\s#,\]}].*)$', line)
    if not match:
        return None
    if '"' in match[2]:
        return Slip("guillemets \" à l'intérieur du texte : écrire « … » à cet endroit", match[1])
    return Slip(f"« {match[2].strip()} » est de trop après le texte : l'effacer, ou mettre # devant", match[1])


_SLIPS: tuple[Callable[[str, str], Slip | None], ...] = (
    _curly_quotes,
    _curly_apostrophes,
    _guillemets,
    _impossible_date,
    _french_date,
    _date_in_words,
    _short_iso_date,
    _decimal_comma,
    _unit,
    _spaced_number,
    _hour,
    _leading_zero,
    _yes_or_no,
    _missing_quote,
    _missing_apostrophe,
    _backslash,
    _no_break_space,
    _wrong_key,
    _wrong_header,
    _missing_value,
    _missing_comma,
    _text_after_value,
    _trailing_comma,
    _unquoted_text,
    _missing_equal,
    _remark,
)


def _code(line: str) -> str:
    """A line without its comment."""
    match = _CODE.match(line)
    return match[0] if match else line


def _is_statement(line: str) -> bool:
    return bool(_PAIR.match(line) or _HEADER.match(line))


def _last_line(lines: list[str], opening: int) -> int:
    """The last line that belongs to a value that opens on the given one."""
    last = opening
    for index in range(opening + 1, len(lines)):
        if _is_statement(lines[index]):
            break
        if lines[index].strip():
            last = index
    return last


def _unclosed(lines: list[str], index: int, said: str) -> list[Problem]:
    """A list or a block in braces that still goes on where another line was meant; told where it opens."""
    if lines[index].strip() and not _is_statement(lines[index]):
        return []
    for opening in range(index - 1, -1, -1):
        match = re.match(r"\s*([\w.-]+)\s*=\s*([\[{])", lines[opening])
        if match or _is_statement(lines[opening]):
            break
    else:
        return []
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", "\n".join(_code(line) for line in lines[opening:index]))
    closer = "]" if match and match[2] == "[" else "}"
    if not match or bare.count(match[2]) <= bare.count(closer):
        return []
    last = _last_line(lines, opening)
    code = _code(lines[last])
    lines[last] = f"{code.rstrip()}{closer} {lines[last][len(code) :]}"
    name = "le crochet ] qui ferme la liste" if closer == "]" else "l'accolade } qui ferme"
    return [erreur(f"il manque {name} « {match[1]} »").at(ligne=opening + 1)]


def _unclosed_text(lines: list[str], index: int, said: str) -> list[Problem]:
    """A text in three quotes that runs to the end of the file; told where it opens."""
    if said != "Unterminated string" and "'''" not in said:
        return []
    quotes = "'''" if "'''" in said else '"""'
    opening = max((number for number, line in enumerate(lines) if quotes in line), default=None)
    if opening is None:
        return []
    lines[_last_line(lines, opening)] += quotes
    return [erreur(f"il manque les trois guillemets {quotes} qui ferment ce texte").at(ligne=opening + 1)]


def _twice(lines: list[str], index: int, said: str) -> list[Problem]:
    """A block or a field that is there already; the first one is told too."""
    if "Cannot overwrite" not in said and "Cannot declare" not in said and "Duplicate" not in said:
        return []
    wrong = lines[index]
    header = _HEADER.match(wrong)
    if header:
        first = _find_above(lines, index, rf"\s*\[\[?\s*{re.escape(header[2])}\s*\]")
        _comment_out_block(lines, index)
        return [
            erreur(f"le bloc [{header[2]}] est déjà écrit{first} : réunir leurs lignes en un seul bloc").at(
                ligne=index + 1
            )
        ]
    key = wrong.partition("=")[0].strip()
    first = _find_above(lines, index, rf"\s*{re.escape(key)}\s*=")
    lines[index] = _COMMENT_OUT + wrong
    return [erreur(f"« {key} » est déjà écrit{first} : garder une seule des deux lignes").at(ligne=index + 1)]


def _find_above(lines: list[str], index: int, pattern: str) -> str:
    found = next((number for number in range(index - 1, -1, -1) if re.match(pattern, lines[number])), None)
    return "" if found is None else f" ligne {found + 1}"


def _comment_out_block(lines: list[str], index: int) -> None:
    """A block whose header is wrong, or its lines would be taken for those of the block above."""
    for number in range(index, len(lines)):
        if number > index and _HEADER.match(lines[number]):
            break
        lines[number] = _COMMENT_OUT + lines[number]


def _brackets(lines: list[str], index: int, repeated: Collection[str]) -> list[Problem]:
    """One or two on each side, as the kind of block wants."""
    match = re.match(r"\s*(\[+)\s*([A-Za-z0-9_.-]+)\s*(\]*)\s*(#.*)?$", lines[index])
    if not match or len(match[1]) == len(match[3]) <= 2:
        return []
    lines[index] = right = f"[[{match[2]}]]" if match[2] in repeated else f"[{match[2]}]"
    return [erreur(f"crochet manquant ou en trop : écrire {right}").at(ligne=index + 1)]


def _single_brackets(lines: list[str], repeated: Collection[str]) -> list[Problem]:
    """``[prestations]`` where each one is a ``[[prestations]]``: all of them at once, since each breaks the next."""
    problems = []
    for index, line in enumerate(lines):
        match = _HEADER.match(line)
        if match and match[1] == "[" and match[2] in repeated:
            lines[index] = f"[[{match[2]}]]"
            problems.append(erreur(f"deux crochets ici : écrire [[{match[2]}]]").at(ligne=index + 1))
    return problems


def mend(text: str, line: int, said: str, repeated: Collection[str] = ()) -> tuple[list[Problem], str]:
    """Name the slip on one line (1-based) and give the text with it mended, or with the line left out.

    ``repeated`` names the blocks that are written once for each of their kind. No problem means that nothing can be
    done about it.
    """
    lines = text.split("\n")
    index = min(line, len(lines)) - 1
    while index and not lines[index].strip():
        index -= 1  # what was left open is looked for down to the end of the file
    wrong = lines[index]
    problems = (
        _unclosed(lines, index, said)
        or _unclosed_text(lines, index, said)
        or (_single_brackets(lines, repeated) if "Cannot" in said else [])
        or _twice(lines, index, said)
        or _brackets(lines, index, repeated)
    )
    if not problems:
        if not wrong.strip() or wrong.startswith(_COMMENT_OUT):
            return [], text
        message, lines[index] = _name(wrong, said)
        if lines[index].startswith(_COMMENT_OUT) and _HEADER.match(wrong):
            _comment_out_block(lines, index)
        if index == len(lines) - 1:
            message += " (le fichier s'arrête à cette ligne : est-il entier ?)"
        problems = [erreur(message).at(ligne=index + 1)]
    return problems, "\n".join(lines)


def _name(wrong: str, said: str) -> tuple[str, str]:
    """What to tell of a line, and the line mended or left out."""
    for find in _SLIPS if len(wrong) <= _LINE_MAX else ():
        slip = find(wrong, said)
        if slip and slip.mended != wrong:
            return slip.message, slip.mended
    shown = wrong.strip()
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return f"ligne illisible : « {shown} ». La comparer à une ligne voisine, ou mettre # devant", _COMMENT_OUT + wrong
