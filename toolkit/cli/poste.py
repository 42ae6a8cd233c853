"""Commands about the machine and the toolkit itself."""

import argparse
import shutil
import sys
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
    from toolkit.demo import dossier_to_show, made_by_demo, prepare_demo, run_demo

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
    from toolkit import tree
    from toolkit.diagnostic import Verdict, diagnose
    from toolkit.french import typography

    root = tree.find_root(arguments.racine) if arguments.racine else None
    points = diagnose(root, arguments.le)
    if arguments.json:
        print_json(
            {"points": [{"verdict": p.verdict, "sujet": p.sujet, "constat": typography(p.constat)} for p in points]}
        )
    else:
        for point in points:
            print(typography(f"{point.verdict:<9} {point.sujet} : {point.constat}"))
    return 1 if any(point.verdict is Verdict.MANQUE for point in points) else 0


COMMANDS = (
    Command("demo", "montre tout sur un petit office d'exemple", "demo", _take_demo, _run_demo),
    Command(
        "diagnostic",
        "dit ce qui marche sur ce poste, ce qui manque et comment l'avoir",
        "diagnostic .",
        _take_diagnostic,
        _run_diagnostic,
    ),
)
