"""Commands about the machine and the toolkit itself."""

import argparse
import contextlib
import os
import shutil
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.answers import Told, ask, log_defects, show
from toolkit.cli.arguments import Handler, options

if TYPE_CHECKING:
    from toolkit.gestes.demo import Demonstration
    from toolkit.gestes.diagnostic import Diagnostic
    from toolkit.poste.raccourcis import Shortcuts


def _take_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "destination", nargs="?", type=Path, default=Path("demonstration"), metavar="DEST", help="où la poser"
    )
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_demo(arguments: argparse.Namespace) -> "Demonstration":
    from toolkit.gestes.demo import prepare_demo, run_demo

    settings = prepare_demo(arguments.destination.absolute())
    done = run_demo(settings, options(arguments, settings), _program())
    log_defects(done.report)
    return done


def _program() -> str:
    """How this very toolkit is called, for someone who has not put it on the search path."""
    if shutil.which("toolkit"):
        return "toolkit"
    return "python -m toolkit" if sys.argv[0].endswith(".py") else f'"{sys.argv[0]}"'


def _take_diagnostic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("racine", nargs="?", type=Path, metavar="RACINE", help="une arborescence à examiner aussi")


def _run_diagnostic(arguments: argparse.Namespace) -> "Diagnostic":
    from toolkit.gestes.diagnostic import diagnose

    return diagnose(arguments.racine, arguments.le)


# --- geste --------------------------------------------------------------------------------------------------------


def _take_geste(parser: argparse.ArgumentParser) -> None:
    gestes = ["nouveau", "verifier", "generer", "copie", "recap", "classer", "tableau", "diagnostic"]
    parser.add_argument("nom", choices=gestes, metavar="GESTE", help=", ".join(gestes))
    parser.add_argument("chemins", nargs="*", metavar="CHEMIN", help="ce qui a été déposé dessus")
    parser.add_argument("--ici", type=Path, metavar="DOSSIER", help="où se trouve le script sur lequel on a cliqué")
    parser.add_argument("--script", default="", metavar="NOM", help="son nom")
    parser.add_argument("--attendre", action="store_true", help="attend Entrée avant que la fenêtre se ferme")


def _run_geste(arguments: argparse.Namespace) -> Told:
    from toolkit.cli import main
    from toolkit.poste.double_clic import LIGNE, Depot, Poste, dropped, perform
    from toolkit.poste.questions import Conversation

    le = ["--le", arguments.le.isoformat()] if arguments.le else []
    if arguments.attendre:
        # Whatever becomes of the gesture has been said before the wait.
        ici = ["--ici", str(arguments.ici)] if arguments.ici else []
        status = main(["geste", *le, *ici, "--script", arguments.script, arguments.nom, *arguments.chemins])
        _wait_for_enter()
        return Told(status)
    poste = Poste(
        talk=Conversation(ask=ask, tell=show),
        run=lambda argv: main([*argv, *le]),
        show=_show_on_desktop,
        maintenant=datetime.combine(arguments.le or date.today(), datetime.now().time()),
    )
    chemins = dropped(arguments.script, os.environ.get(LIGNE, ""), arguments.chemins)
    return Told(perform(arguments.nom, Depot(arguments.ici, chemins), poste))


def _wait_for_enter() -> None:
    if not os.environ.get("TOOLKIT_SANS_PAUSE"):
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            ask("\nEntrée ferme cette fenêtre. ")


def _show_on_desktop(path: Path) -> None:
    """With the program that the desktop opens it with; where there is none, its path has been told."""
    if sys.platform == "win32" and not os.environ.get("TOOLKIT_SANS_PAUSE"):
        with contextlib.suppress(OSError):
            os.startfile(path)


# --- raccourcis ---------------------------------------------------------------------------------------------------


def _take_raccourcis(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--retirer", action="store_true", help="les enlève")


def _run_raccourcis(arguments: argparse.Namespace) -> "Shortcuts":
    from toolkit.poste.raccourcis import lay_shortcuts, remove_shortcuts

    return remove_shortcuts() if arguments.retirer else lay_shortcuts()


HANDLERS = {
    "demo": Handler(_take_demo, _run_demo),
    "diagnostic": Handler(_take_diagnostic, _run_diagnostic),
    "geste": Handler(_take_geste, _run_geste),
    "raccourcis": Handler(_take_raccourcis, _run_raccourcis),
}
