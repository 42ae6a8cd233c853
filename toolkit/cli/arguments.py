"""What several commands take, and what they make of it."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.answers import tell
from toolkit.errors import AgentError
from toolkit.french import read_day, read_month

if TYPE_CHECKING:
    from toolkit.tree.settings import Settings
    from toolkit.walk.answer import Answer
    from toolkit.walk.options import Options


@dataclass(frozen=True, slots=True)
class Handler:
    """What becomes of a command whose word was typed."""

    arguments: Callable[[argparse.ArgumentParser], None]
    run: "Callable[[argparse.Namespace], Answer] | None"
    """None: each of its own commands says it of itself."""


def take_common(parser: argparse.ArgumentParser) -> None:
    """What every command takes."""
    parser.add_argument("--json", action="store_true", help="un seul document JSON, pour les programmes")
    parser.add_argument("--le", type=day, metavar="AAAA-MM-JJ", help="fait comme si on était ce jour-là")


def take_paths(parser: argparse.ArgumentParser) -> None:
    """``chemins``, as typed: none means here."""
    parser.add_argument(
        "chemins", nargs="*", metavar="CHEMIN", help="dossier client, dossier de l'arborescence ou racine (ici, sinon)"
    )


def take_dossier(parser: argparse.ArgumentParser) -> None:
    """``dossier``, a path."""
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="le dossier d'un client")


def take_root(parser: argparse.ArgumentParser) -> None:
    """``racine``, a path."""
    parser.add_argument("racine", type=Path, metavar="RACINE", help="le dossier qui contient office.toml")


def take_root_or_here(parser: argparse.ArgumentParser) -> None:
    """``racine``, a path: the current folder when none is given."""
    parser.add_argument(
        "racine", nargs="?", default=".", type=Path, metavar="RACINE", help="l'arborescence d'ici, sinon"
    )


def day(text: str) -> date:
    """A day as people type it, ``17/06/2027`` or ``2027-06-17``; raises ArgumentTypeError."""
    told = read_day(text)
    if told is None:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas une date : écrire par exemple 2027-06-17")
    return told


def day_or_month(text: str) -> date:
    """A day, or the first of a month as ``juin 2027``; raises ArgumentTypeError."""
    return read_month(text) or day(text)


def month(text: str) -> date:
    """The first day of ``AAAA-MM``; raises ArgumentTypeError."""
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un mois : écrire par exemple 2027-06") from None


def today(arguments: argparse.Namespace, settings: "Settings | None") -> date:
    """``--le``, else the fixed day of an example office, else the machine's day."""
    told: date | None = arguments.le
    demonstration = settings.office.jour_de_demonstration if settings else None
    return told or demonstration or date.today()


def options(arguments: argparse.Namespace, settings: "Settings", *, with_word: bool = True) -> "Options":
    """What a person asks for; ``with_word`` is not for what runs unattended."""
    from toolkit.walk.options import Options

    return Options(
        aujourd_hui=today(arguments, settings),
        simulate=getattr(arguments, "simuler", False),
        with_pdf=not getattr(arguments, "sans_pdf", False),
        with_word=with_word,
        progress=tell,
    )


def open_paths(arguments: argparse.Namespace) -> "tuple[Settings, list[Path]]":
    """The tree that the given paths belong to, and the folders to walk; raises AgentError when there are two trees."""
    from toolkit.tree import layout
    from toolkit.tree.settings import load_settings

    paths = [layout.enclosing_folder(Path(path)) for path in arguments.chemins or ["."]]
    roots = {layout.find_root(path) for path in paths}
    if len(roots) > 1:
        raise AgentError("Ces dossiers sont dans plusieurs arborescences : les traiter l'une après l'autre.")
    return load_settings(roots.pop()), paths
