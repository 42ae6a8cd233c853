"""What a command prints: its answer on standard output, the rest on standard error.

Nothing is printed nor asked elsewhere: names, values and messages come from others, and no terminal may obey them.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from toolkit import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.walk.answer import Answer
    from toolkit.walk.report import Report


class Told(NamedTuple):
    """The answer of a command that said everything on its way."""

    exit_status: int = 0

    def as_json(self) -> dict[str, object]:
        """Empty: it was told already."""
        return {}

    def as_text(self) -> str:
        """Empty: it was told already."""
        return ""


def say(answer: "Answer", arguments: argparse.Namespace) -> int:
    """Print an answer as this command was asked to; gives its exit status."""
    if arguments.json:
        if document := answer.as_json():
            print_json(document)
    elif text := answer.as_text():
        show(text)
    return answer.exit_status


def show(text: str) -> None:
    """On standard output, control characters made visible."""
    from toolkit.french import visible

    print(visible(text), flush=True)


def print_json(document: object) -> None:
    """On standard output, accents as they are; one document, whatever names are in it."""
    import json

    from toolkit.french import visible_json

    print(visible_json(json.dumps(document, ensure_ascii=False, indent=2)))


def tell(message: str) -> None:
    """Progress and failures go to standard error, so that standard output holds the result only."""
    from toolkit.french import typography, visible

    print(visible(typography(message)), file=sys.stderr, flush=True)


def ask(question: str) -> str:
    """The line that is typed in answer; raises EOFError when there is none."""
    from toolkit.french import visible

    return visible(input(visible(question)))


def log_defects(report: "Report") -> None:
    """Keep the defects of the toolkit that a run met in a file, which the report then names."""
    if report.defauts:
        log = write_defect(sys.argv[1:], "\n\n".join(report.defauts))
        report.refus.append(f"Le détail du défaut est dans « {log} », à transmettre à la personne qui s'en occupe.")


def write_defect(argv: Sequence[str], what: str) -> "Path":
    """A log in the temporary folder, with versions and the command; gives its path."""
    import tempfile
    from pathlib import Path

    from toolkit.french import visible

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="toolkit-defaut-", suffix=".log", delete=False
    ) as log:
        log.write(f"toolkit {__version__}, Python {sys.version}, {sys.platform}\n{list(argv)}\n\n{visible(what)}")
    return Path(log.name)
