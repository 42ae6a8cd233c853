"""The slips people make in a TOML file, each named in French with what to write instead.

A parser stops at the first. Here the slip is mended in memory and reading goes on, so that an agent is told all
of them at once; the mended text is never written and never made into a document.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from toolkit.errors import Problem, erreur

SLIPS_MAX = 40


@dataclass(frozen=True, slots=True)
class Slip:
    """What to tell, and the line as it was meant."""

    message: str
    mended: str


_COMMENT_OUT = "#"
_VALUE = re.compile(r'^(?P<head>\s*[^=#"\']+=\s*)(?P<value>.*?)(?P<tail>\s*(?:#.*)?)$')


def _curly_quotes(line: str, said: str) -> Slip | None:
    if not re.search(r"[=\[,{]\s*[“”„‟″]", line):
        return None
    return Slip('guillemets typographiques “ ” : écrire des guillemets droits "…"', re.sub("[“”„‟″]", '"', line))


def _curly_apostrophes(line: str, said: str) -> Slip | None:
    match = re.search(r"[=\[,{]\s*[‘’](?P<text>.*)[‘’]", line)
    if not match:
        return None
    start, end = match.start("text") - 1, match.end("text") + 1
    return Slip(
        'apostrophes typographiques ‘ ’ autour du texte : écrire des guillemets droits "…"',
        f'{line[:start]}"{match["text"]}"{line[end:]}',
    )


def _guillemets(line: str, said: str) -> Slip | None:
    match = re.search(r"[=\[,{]\s*(«\s*(.*?)\s*»)", line)
    if not match:
        return None
    mended = f'{line[: match.start(1)]}"{match[2]}"{line[match.end(1) :]}'
    return Slip(f'guillemets français autour du texte : écrire "{match[2]}"', mended)


def _french_date(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*((\d{1,2})([/.-])(\d{1,2})\3(\d{4}))", line)
    if not match:
        return None
    right = f"{match[5]}-{int(match[4]):02d}-{int(match[2]):02d}"
    mended = line[: match.start(1)] + right + line[match.end(1) :]
    return Slip(f"date à la française : écrire {right} et non {match[1]}", mended)


def _short_iso_date(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*((\d{4})[-/](\d{1,2})[-/](\d{1,2}))\s*(?:[,}\]#]|$)", line)
    right = f"{match[2]}-{int(match[3]):02d}-{int(match[4]):02d}" if match else ""
    if not match or right == match[1]:
        return None
    mended = line[: match.start(1)] + right + line[match.end(1) :]
    return Slip(f"date incomplète : écrire {right} et non {match[1]}", mended)


def _decimal_comma(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*((\d[\d \u00a0\u202f]*),(\d+))\s*(€?)(?!\d|\s*=)", line)
    if not match:
        return None
    right = f"{re.sub(r'[^0-9]', '', match[2])}.{match[3]}"
    mended = line[: match.start(1)] + right + line[match.end() :]
    return Slip(f"virgule décimale : écrire {right} et non {match[1].strip()}", mended)


def _currency(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*([\d \u00a0\u202f.]*\d)\s*(?:€|euros?|EUR)", line)
    if not match:
        return None
    right = re.sub(r"[^0-9.]", "", match[1])
    return Slip(f"un montant s'écrit sans unité : écrire {right}", line[: match.start(1)] + right + line[match.end() :])


def _spaced_number(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*(\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:\.\d+)?)", line)
    if not match:
        return None
    right = re.sub(r"[^0-9.]", "", match[1])
    return Slip(
        f"espace dans un nombre : écrire {right} et non {match[1]}",
        line[: match.start(1)] + right + line[match.end(1) :],
    )


def _hour(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*((\d{1,2})\s*[hH:]\s*(\d{2})?(?::\d{2})?)\s*(?:[,}\]#]|$)", line)
    if not match or int(match[2]) > 23:
        return None
    right = f"{int(match[2]):02d}:{match[3] or '00'}:00"
    if right == match[1]:
        return None
    mended = line[: match.start(1)] + right + line[match.end(1) :]
    return Slip(f"heure mal écrite : écrire {right} et non {match[1].strip()}", mended)


def _leading_zero(line: str, said: str) -> Slip | None:
    match = re.search(r"=\s*(0+(\d[\d.]*))\s*(?:[,}\]#]|$)", line)
    if not match:
        return None
    mended = line[: match.start(1)] + match[2] + line[match.end(1) :]
    return Slip(
        f'nombre commençant par zéro : écrire {match[2]}, ou "{match[1]}" entre guillemets pour un code', mended
    )


def _backslash(line: str, said: str) -> Slip | None:
    match = re.search(r'"([^"]*\\[^"]*)"', line)
    if not match:
        return None
    text = match[1].replace("'", "’")
    mended = f"{line[: match.start()]}'{text}'{line[match.end() :]}"
    return Slip(
        "barre oblique inverse \\ dans un texte : mettre ce texte entre apostrophes droites '…', ou écrire /", mended
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
    match = re.search(r"=\s*(oui|vrai|non|faux|True|False|TRUE|FALSE)\b", line, re.IGNORECASE)
    if not match:
        return None
    right = "true" if match[1].casefold() in ("oui", "vrai", "true") else "false"
    return Slip(f"écrire {right} et non {match[1]}", line[: match.start(1)] + right + line[match.end(1) :])


def _accented_key(line: str, said: str) -> Slip | None:
    match = re.match(r"\s*([^=\"'#\[]*[^\x00-\x7f=\"'#\[][^=\"'#\[]*?)\s*=", line)
    if not match:
        return None
    return Slip(
        f"nom de champ « {match[1]} » : ni accent ni espace insécable dans un nom de champ", _COMMENT_OUT + line
    )


def _unquoted_text(line: str, said: str) -> Slip | None:
    match = _VALUE.match(line)
    if not match or not re.match(r"[^\W\d_]", match["value"]):
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


def _missing_value(line: str, said: str) -> Slip | None:
    match = re.match(r"\s*([A-Za-z0-9_.-]+)\s*=\s*(#.*)?$", line)
    if not match:
        return None
    return Slip(
        f"il manque la valeur de « {match[1]} » : la compléter, ou mettre # au début de la ligne", _COMMENT_OUT + line
    )


def _missing_equal(line: str, said: str) -> Slip | None:
    match = re.match(r"\s*([A-Za-z0-9_-]+)\s*:?\s*(?![=.])(\S.*)?$", line)
    if not match:
        return None
    return Slip(f"il manque le signe = après « {match[1]} »", _COMMENT_OUT + line)


def _open_bracket(line: str, said: str) -> Slip | None:
    match = re.match(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*(\]?)\s*(#.*)?$", line)
    if not match or len(match[1]) == len(match[3]):
        return None
    closer = "]" * len(match[1])
    return Slip(f"crochet manquant : écrire {match[1]}{match[2]}{closer}", f"{match[1]}{match[2]}{closer}")


def _text_after_value(line: str, said: str) -> Slip | None:
    match = re.match(r'(\s*[^=#"]+=\s*"[^"]*")\s*([^\s#,\]}].*)$', line)
    if not match:
        return None
    return Slip(f"« {match[2].strip()} » est de trop après le texte : l'effacer, ou mettre # devant", match[1])


def _twice(line: str, said: str) -> Slip | None:
    if "Cannot overwrite" not in said and "Cannot declare" not in said and "Duplicate" not in said:
        return None
    header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
    if header:
        return Slip(
            f"le bloc [{header[1]}] est écrit deux fois : réunir ses lignes sous le premier", _COMMENT_OUT + line
        )
    key = line.partition("=")[0].strip()
    return Slip(f"« {key} » est écrit deux fois : garder une seule des deux lignes", _COMMENT_OUT + line)


_SLIPS: tuple[Callable[[str, str], Slip | None], ...] = (
    _twice,
    _curly_quotes,
    _curly_apostrophes,
    _guillemets,
    _french_date,
    _short_iso_date,
    _decimal_comma,
    _currency,
    _spaced_number,
    _hour,
    _leading_zero,
    _yes_or_no,
    _missing_quote,
    _backslash,
    _accented_key,
    _missing_value,
    _open_bracket,
    _text_after_value,
    _trailing_comma,
    _unquoted_text,
    _missing_equal,
)


def mend(text: str, line: int, said: str) -> tuple[Problem, str]:
    """Name the slip on one line (1-based) and give the text with it mended, or with the line left out."""
    lines = text.split("\n")
    index = min(line, len(lines)) - 1
    wrong = lines[index]
    for find in _SLIPS:
        slip = find(wrong, said)
        if slip and slip.mended != wrong:
            lines[index] = slip.mended
            return erreur(slip.message).at(ligne=index + 1), "\n".join(lines)
    lines[index] = _COMMENT_OUT + wrong
    shown = wrong.strip()
    shown = shown if len(shown) <= 60 else f"{shown[:60]}…"
    return erreur(f"ligne illisible : « {shown} »").at(ligne=index + 1), "\n".join(lines)
