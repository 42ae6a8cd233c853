"""What a command prints: its result on standard output, the rest on standard error."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit import __version__

if TYPE_CHECKING:
    from toolkit.build.report import Report


def print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def tell(message: str) -> None:
    """Progress goes to standard error, so that standard output holds the result only."""
    from toolkit.french import typography

    print(typography(message), file=sys.stderr, flush=True)


def fail(message: str, status: int, *, is_json: bool) -> int:
    from toolkit.french import typography

    if is_json:
        print_json({"erreur": typography(message)})
    else:
        print(typography(message), file=sys.stderr)
    return status


def show(report: "Report", arguments: argparse.Namespace) -> int:
    if report.defauts:
        log = write_defect(sys.argv[1:], "\n\n".join(report.defauts))
        report.refus.append(f"Le détail du défaut est dans « {log} », à transmettre à la personne qui s'en occupe.")
    if arguments.json:
        print_json(report.as_json())
    else:
        print(report.as_text())
    return report.exit_status


def write_defect(argv: Sequence[str], what: str) -> Path:
    import tempfile

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="toolkit-defaut-", suffix=".log", delete=False
    ) as log:
        log.write(f"toolkit {__version__}, Python {sys.version}, {sys.platform}\n{list(argv)}\n\n{what}")
    return Path(log.name)
