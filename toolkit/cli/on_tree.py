"""Commands over a whole tree: lay it, check it, make what is due, watch it."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from toolkit.cli.answers import Told, log_defects, show, tell
from toolkit.cli.arguments import Handler, open_paths, options, take_paths, take_root

if TYPE_CHECKING:
    from toolkit.gestes.nouveau import NewTree
    from toolkit.gestes.surveiller import Surveillance
    from toolkit.walk.report import Report


def _run_initialiser(arguments: argparse.Namespace) -> "NewTree":
    from toolkit.gestes.nouveau import initialise

    return initialise(arguments.racine)


def _run_verifier(arguments: argparse.Namespace) -> "Report":
    from toolkit.gestes.verifier import verify

    settings, paths = open_paths(arguments)
    report = verify(settings, paths, options(arguments, settings))
    log_defects(report)
    return report


def _take_generer(parser: argparse.ArgumentParser) -> None:
    take_paths(parser)
    parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait et pourquoi, n'écrit rien")
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_generer(arguments: argparse.Namespace) -> "Report":
    from toolkit.walk.generate import generate

    settings, paths = open_paths(arguments)
    report = generate(settings, paths, options(arguments, settings))
    log_defects(report)
    return report


def _take_surveiller(parser: argparse.ArgumentParser) -> None:
    take_root(parser)
    parser.add_argument("--une-fois", action="store_true", help="un seul passage, puis s'arrête")
    parser.add_argument("--arreter", action="store_true", help="arrête la surveillance en cours, d'où qu'elle tourne")


def _run_surveiller(arguments: argparse.Namespace) -> "Surveillance | Told":
    from toolkit.gestes.surveiller import watch_tree
    from toolkit.tree import layout
    from toolkit.walk.options import silent
    from toolkit.watch.heartbeat import ask_to_stop

    root = layout.find_root(arguments.racine)
    if arguments.arreter:
        ask_to_stop(root)
        tell("Arrêt demandé : la surveillance s'arrête dans les trois secondes.")
        return Told()
    if not arguments.json:
        tell(f"Surveillance de « {root} » : Ctrl+C pour arrêter.")
    told = silent if arguments.json else show
    return watch_tree(root, partial(options, arguments, with_word=False), told, once=arguments.une_fois)


HANDLERS = {
    "initialiser": Handler(take_root, _run_initialiser),
    "verifier": Handler(take_paths, _run_verifier),
    "generer": Handler(_take_generer, _run_generer),
    "surveiller": Handler(_take_surveiller, _run_surveiller),
}
