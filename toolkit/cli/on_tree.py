"""Commands over a whole tree: lay it, check it, make what is due, watch it."""

import argparse
from datetime import datetime
from functools import partial
from pathlib import Path

from toolkit.cli.answers import print_json, show, tell
from toolkit.cli.arguments import Command, open_paths, options, take_paths, take_root


def _run_initialiser(arguments: argparse.Namespace) -> int:
    from toolkit.gestes.nouveau import initialise

    root: Path = arguments.racine
    made = [path.relative_to(root).as_posix() for path in initialise(root)]
    if arguments.json:
        print_json({"racine": str(root), "fichiers": made})
    else:
        print(f"Arborescence créée dans « {root} » :")
        print("\n".join(f"  {name}" for name in made))
        print("Remplacer maintenant les exemples d'office.toml et de prestataires.toml par vos renseignements,")
        print(f'puis : toolkit nouveau {root} groupe "Nom du client" 2027-06-17')
    return 0


def _run_verifier(arguments: argparse.Namespace) -> int:
    from toolkit.build.check import verify

    settings, paths = open_paths(arguments)
    return show(verify(settings, paths, options(arguments, settings)), arguments)


def _take_generer(parser: argparse.ArgumentParser) -> None:
    take_paths(parser)
    parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait et pourquoi, n'écrit rien")
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_generer(arguments: argparse.Namespace) -> int:
    from toolkit.build.walk import generate

    settings, paths = open_paths(arguments)
    return show(generate(settings, paths, options(arguments, settings)), arguments)


def _take_surveiller(parser: argparse.ArgumentParser) -> None:
    take_root(parser)
    parser.add_argument("--une-fois", action="store_true", help="un seul passage, puis s'arrête")
    parser.add_argument("--arreter", action="store_true", help="arrête la surveillance en cours, d'où qu'elle tourne")


def _run_surveiller(arguments: argparse.Namespace) -> int:
    from toolkit.build.report import Report
    from toolkit.tree import layout
    from toolkit.watch.heartbeat import ask_to_stop
    from toolkit.watch.log import write_log
    from toolkit.watch.watcher import watch

    root = layout.find_root(arguments.racine)
    if arguments.arreter:
        ask_to_stop(root)
        tell("Arrêt demandé : la surveillance s'arrête dans les trois secondes.")
        return 0
    told = Report()

    def say(report: Report) -> None:
        write_log(root, "\n\n".join([report.as_text(), *report.defauts]), datetime.now())
        if arguments.une_fois:
            told.merge(report)
        if not arguments.json:
            print(f"{datetime.now():%H:%M:%S}\n{report.as_text()}\n", flush=True)

    if not arguments.json:
        tell(f"Surveillance de « {root} » : Ctrl+C pour arrêter.")
    watch(root, partial(options, arguments, with_word=False), say, once=arguments.une_fois)
    if arguments.json:
        print_json(told.as_json())
    elif arguments.une_fois and not told.dossiers:
        print("Rien à faire.")
    return told.exit_status


COMMANDS = (
    Command(
        "initialiser",
        "pose une arborescence neuve : réglages, prestataires, modèles",
        'initialiser "L:\\Gestion de clientèle"',
        take_root,
        _run_initialiser,
    ),
    Command(
        "verifier",
        "dit ce qui ne va pas, avec le fichier et la ligne ; n'écrit rien",
        'verifier "Groupe/2027/06 - Juin"',
        take_paths,
        _run_verifier,
    ),
    Command(
        "generer",
        "fait les documents qui sont dus et met les récapitulatifs à jour",
        "generer --simuler",
        _take_generer,
        _run_generer,
    ),
    Command(
        "surveiller",
        "surveille l'arborescence et fait les documents au fur et à mesure",
        "surveiller /srv/groupes",
        _take_surveiller,
        _run_surveiller,
    ),
)
