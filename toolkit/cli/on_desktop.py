"""Commands about the machine and the toolkit itself."""

import argparse
import contextlib
import os
import shutil
import sys
from datetime import date, datetime
from pathlib import Path

from toolkit.cli.answers import print_json
from toolkit.cli.arguments import Command, options

SHOWN = 2
"""Examples of each kind of document, at the end of a demonstration."""


def _take_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "destination", nargs="?", type=Path, default=Path("demonstration"), metavar="DEST", help="où la poser"
    )
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_demo(arguments: argparse.Namespace) -> int:
    from toolkit.gestes.demo import dossier_to_show, made_by_demo, missing_for_demo, prepare_demo, run_demo

    folder: Path = arguments.destination.absolute()
    settings = prepare_demo(folder)
    report = run_demo(settings, options(arguments, settings))
    made = made_by_demo(folder)
    if arguments.json:
        print_json({**report.as_json(), "faits": {kind: [str(path) for path in paths] for kind, paths in made.items()}})
        return report.exit_status
    print(report.as_text())
    print(f"\nFait dans {folder} :")
    for kind, paths in made.items():
        print(f"\n{len(paths)} {kind}, dont" if len(paths) > SHOWN else f"\n{len(paths)} {kind}")
        print("\n".join(f"  {path.relative_to(folder)}" for path in paths[:SHOWN]))
    if not arguments.sans_pdf and (missing := missing_for_demo()):
        print(f"\n{missing}, puis relancer la même commande.")
    program = _program()
    print(f'\nPour continuer :\n  {program} fiche "{dossier_to_show(folder)}"\n  {program} generer "{folder}"')
    return report.exit_status


def _program() -> str:
    """How this very toolkit is called, for someone who has not put it on the search path."""
    if shutil.which("toolkit"):
        return "toolkit"
    return "python -m toolkit" if sys.argv[0].endswith(".py") else f'"{sys.argv[0]}"'


def _take_diagnostic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("racine", nargs="?", type=Path, metavar="RACINE", help="une arborescence à examiner aussi")


def _run_diagnostic(arguments: argparse.Namespace) -> int:
    from toolkit.french import typography
    from toolkit.gestes.diagnostic import Verdict, diagnose

    points = diagnose(arguments.racine, arguments.le)
    if arguments.json:
        print_json(
            {"points": [{"verdict": p.verdict, "sujet": p.sujet, "constat": typography(p.constat)} for p in points]}
        )
    else:
        for point in points:
            print(typography(f"{point.verdict:<9} {point.sujet} : {point.constat}"))
    return 1 if any(point.verdict is Verdict.MANQUE for point in points) else 0


# --- geste --------------------------------------------------------------------------------------------------------


def _take_geste(parser: argparse.ArgumentParser) -> None:
    gestes = ["nouveau", "verifier", "generer", "copie", "recap", "classer", "tableau", "diagnostic"]
    parser.add_argument("nom", choices=gestes, metavar="GESTE", help=", ".join(gestes))
    parser.add_argument("chemins", nargs="*", metavar="CHEMIN", help="ce qui a été déposé dessus")
    parser.add_argument("--ici", type=Path, metavar="DOSSIER", help="où se trouve le script sur lequel on a cliqué")
    parser.add_argument("--script", default="", metavar="NOM", help="son nom")
    parser.add_argument("--attendre", action="store_true", help="attend Entrée avant que la fenêtre se ferme")


def _run_geste(arguments: argparse.Namespace) -> int:
    from toolkit.cli import main
    from toolkit.poste.double_clic import LIGNE, Depot, Poste, dropped, perform
    from toolkit.poste.questions import Conversation

    le = ["--le", arguments.le.isoformat()] if arguments.le else []
    if arguments.attendre:
        # Whatever becomes of the gesture has been said before the wait.
        ici = ["--ici", str(arguments.ici)] if arguments.ici else []
        status = main(["geste", *le, *ici, "--script", arguments.script, arguments.nom, *arguments.chemins])
        _wait_for_enter()
        return status
    poste = Poste(
        talk=Conversation(ask=input, tell=print),
        run=lambda argv: main([*argv, *le]),
        show=_show_on_desktop,
        maintenant=datetime.combine(arguments.le or date.today(), datetime.now().time()),
    )
    chemins = dropped(arguments.script, os.environ.get(LIGNE, ""), arguments.chemins)
    return perform(arguments.nom, Depot(arguments.ici, chemins), poste)


def _wait_for_enter() -> None:
    if not os.environ.get("TOOLKIT_SANS_PAUSE"):
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            input("\nEntrée ferme cette fenêtre. ")


def _show_on_desktop(path: Path) -> None:
    """With the program that the desktop opens it with; where there is none, its path has been told."""
    if sys.platform == "win32" and not os.environ.get("TOOLKIT_SANS_PAUSE"):
        with contextlib.suppress(OSError):
            os.startfile(path)


# --- raccourcis ---------------------------------------------------------------------------------------------------


def _take_raccourcis(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--retirer", action="store_true", help="les enlève")


def _run_raccourcis(arguments: argparse.Namespace) -> int:
    from toolkit.french import pluriel
    from toolkit.poste.raccourcis import lay_shortcuts, remove_shortcuts

    done = remove_shortcuts() if arguments.retirer else lay_shortcuts()
    if arguments.json:
        print_json({"raccourcis": [str(path) for path in done]})
    else:
        verb = ("enlevé", "enlevés") if arguments.retirer else ("posé", "posés")
        print(f"{pluriel(len(done), f'raccourci {verb[0]}', f'raccourcis {verb[1]}')} dans « Envoyer vers ».")
    return 0


COMMANDS = (
    Command("demo", "montre tout sur un petit office d'exemple", "demo", _take_demo, _run_demo),
    Command(
        "diagnostic",
        "dit ce qui marche sur ce poste, ce qui manque et comment l'avoir",
        "diagnostic .",
        _take_diagnostic,
        _run_diagnostic,
    ),
    Command(
        "geste",
        "ce que fait un double-clic sur un script du bureau, ou ce que l'on dépose dessus",
        'geste verifier "L:\\Gestion de clientèle\\Groupe"',
        _take_geste,
        _run_geste,
    ),
    Command(
        "raccourcis",
        "pose les raccourcis du menu « Envoyer vers » de ce poste Windows",
        "raccourcis --retirer",
        _take_raccourcis,
        _run_raccourcis,
    ),
)
