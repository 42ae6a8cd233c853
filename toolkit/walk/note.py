"""The note left in the folder of a dossier with an error: what it says, and what becomes of the one that stands there.

It lies before people's eyes, and they write in it. Its last line tells whether they did, so that nothing but our own
words is ever taken away.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from toolkit import french
from toolkit.errors import Problem, has_error
from toolkit.french import notepad, typography
from toolkit.system import files

ANNOTEE = "À CORRIGER (annoté).txt"
"""Where a note goes that someone wrote in, once it says no more what is to be mended."""
_LAST = re.compile(rb"\(rep\xc3\xa8re ([0-9a-f]{12}) : [^\r\n]*\r\n\Z")
_FIRST_LINES = 2
"""The title, which bears the day, and the empty one below."""


@dataclass(frozen=True, slots=True)
class NoteChange:
    """What happens to the note of a dossier."""

    before: bytes | None
    """As it stands."""
    content: bytes | None
    """As it is to stand; None: not at all."""
    is_annotated: bool
    """Someone wrote in the one that stands: it is kept under another name."""


def change(standing: bytes | None, problems: Iterable[Problem], jour: date) -> NoteChange | None:
    """What is to be done about the note that stands, or None when it says what is to be said."""
    content = compose(problems, jour)
    if standing is None:
        return None if content is None else NoteChange(None, content, is_annotated=False)
    is_annotated = not _is_ours(standing)
    if content is not None and _says(standing, content):
        return None
    return NoteChange(standing, content, is_annotated)


def compose(problems: Iterable[Problem], jour: date) -> bytes | None:
    """The note for these problems, or None when none of them is an error."""
    problems = list(problems)
    if not has_error(problems):
        return None
    errors = [problem for problem in problems if problem.is_error]
    warnings = [problem for problem in problems if not problem.is_error]
    lines = [
        f"À corriger dans ce dossier (relevé du {french.date_courte(jour)})",
        "",
        "Cette note disparaît d'elle-même quand tout est corrigé et enregistré.",
        "Les documents que ces erreurs rendraient faux ne sont pas faits en attendant ; les autres le sont.",
        "",
    ]
    lines += [f"- {problem.told}" for problem in errors]
    if warnings:
        lines += ["", "À voir aussi, sans rien bloquer :", ""]
        lines += [f"- {problem.told}" for problem in warnings]
    text = notepad("\n".join(typography(line) for line in [*lines, "", ""]))
    last = f"(repère {files.sha256(text)[:12]} : ce que vous écririez dans cette note serait gardé)\n"
    return text + notepad(last, is_beginning=False)


def _is_ours(standing: bytes) -> bool:
    """Every byte of it is as we wrote it, its last line says."""
    last = _LAST.search(standing)
    return last is not None and files.sha256(standing[: last.start()])[:12].encode("ascii") == last[1]


def _says(standing: bytes, content: bytes) -> bool:
    """All that is to be said and no other problem, whatever else people wrote between; the day does not count."""
    there, wanted = _lines(standing), _lines(content)
    told = {line for line in there if line.startswith("- ")}
    return set(wanted) <= set(there) and told <= set(wanted)


def _lines(content: bytes) -> list[str]:
    text = _LAST.sub(b"", content).decode("utf-8-sig", errors="replace")
    return [line.strip() for line in text.splitlines()[_FIRST_LINES:] if line.strip()]
