"""The door: arguments, the error handler, one plain call per command. The only package that prints and exits.

argparse, not typer: typer costs 15 bare Pythons at each start. What a command takes is imported when its word is typed,
what it needs when it is called.
"""

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from toolkit import __version__
from toolkit.cli.answers import say
from toolkit.cli.commands import COMMANDS, Command
from toolkit.cli.parser import FRENCH, Parser

if TYPE_CHECKING:
    from toolkit.walk.answer import Answer

__all__ = ["COMMANDS", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status (promesses.md §5)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8" if not stream.isatty() else None, errors="replace")
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        _refuse_unreadable(argv)
        arguments = _parser(argv).parse_args(argv)
        run: Callable[[argparse.Namespace], Answer] = arguments.run
        return say(run(arguments), arguments)
    except (Exception, KeyboardInterrupt) as error:
        from toolkit.cli.failures import tell_failure

        return tell_failure(error, argv)


def _refuse_unreadable(argv: Sequence[str]) -> None:
    """Words in another encoding than the machine's can name a file, and can be written in none."""
    for word in argv:
        if not word.isascii() and word != word.encode(errors="ignore").decode() and not os.path.lexists(word):
            from toolkit.errors import UsageError

            raise UsageError(f"« {word} » : les accents sont dans un autre codage que celui de ce poste, les retaper")


def _parser(words: Collection[str]) -> argparse.ArgumentParser:
    """Every command has its name and its help line here; those among these words have their arguments as well."""
    # The module's own translation function: there is no public way to hand it a catalogue in memory.
    argparse._ = lambda text: FRENCH.get(text, text)  # type: ignore[attr-defined]
    parser = Parser(
        prog="toolkit",
        description="Documents, échéances et récapitulatifs du service commercial, déduits de dossier.toml.",
        epilog="Aide d'une commande : toolkit COMMANDE --help",
    )
    parser.add_argument("--version", action="version", version=f"toolkit {__version__}", help="montre la version")
    commands = parser.add_subparsers(
        prog=parser.prog, metavar="COMMANDE", required=True, parser_class=Parser, title="commandes"
    )
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help)
        if command.name in words:
            _complete(sub, command)
    return parser


def _complete(parser: argparse.ArgumentParser, command: Command) -> None:
    from toolkit.cli.arguments import Handler, take_common

    handler: Handler = import_module(f"toolkit.cli.{command.module}").HANDLERS[command.name]
    parser.description = f"{command.help[0].upper()}{command.help[1:]}."
    parser.epilog = f"Exemple : toolkit {command.example}"
    take_common(parser)
    parser.set_defaults(run=handler.run)
    handler.arguments(parser)
