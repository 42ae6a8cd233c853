"""The door: arguments, the error handler, one plain call per command. The only package that prints and exits.

argparse, not typer: typer costs 15 bare Pythons at each start. Each command imports what it needs, when it is called.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toolkit import __version__
from toolkit.cli import on_desktop, on_documents, on_dossier, on_registres, on_tree
from toolkit.cli.answers import fail, say, write_defect
from toolkit.cli.arguments import FRENCH, Parser, common
from toolkit.errors import ToolkitError

if TYPE_CHECKING:
    from toolkit.build.answer import Answer

INTERRUPTED = 130
DEFECT = 3
COMMANDS = (
    *on_tree.COMMANDS,
    *on_dossier.COMMANDS,
    *on_registres.COMMANDS,
    *on_documents.COMMANDS,
    *on_desktop.COMMANDS,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status (promesses.md §5)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8" if not stream.isatty() else None, errors="replace")
    argv = list(sys.argv[1:] if argv is None else argv)
    is_json = "--json" in argv
    try:
        arguments = _parser().parse_args(argv)
        run: Callable[[argparse.Namespace], Answer] = arguments.run
        return say(run(arguments), arguments)
    except ToolkitError as error:
        return fail(str(error), error.exit_status, is_json=is_json)
    except KeyboardInterrupt:
        return fail("Interrompu.", INTERRUPTED, is_json=is_json)
    except BrokenPipeError:
        # Who was reading has gone; there is nobody left to tell.
        sys.stdout = None
        return 0
    except Exception:
        import traceback

        log = write_defect(argv, traceback.format_exc())
        return fail(
            f"Défaut du toolkit : le détail est dans « {log} », à transmettre à la personne qui s'en occupe.",
            DEFECT,
            is_json=is_json,
        )


def _parser() -> argparse.ArgumentParser:
    # The module's own translation function: there is no public way to hand it a catalogue in memory.
    argparse._ = lambda text: FRENCH.get(text, text)  # type: ignore[attr-defined]
    parser = Parser(
        prog="toolkit",
        description="Documents, échéances et récapitulatifs du service commercial, déduits de dossier.toml.",
        epilog="Aide d'une commande : toolkit COMMANDE --help",
    )
    parser.add_argument("--version", action="version", version=f"toolkit {__version__}")
    commands = parser.add_subparsers(metavar="COMMANDE", required=True, parser_class=Parser, title="commandes")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            parents=[common()],
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            epilog=f"Exemple : toolkit {command.example}",
        )
        sub.set_defaults(run=command.run)
        command.arguments(sub)
    return parser
