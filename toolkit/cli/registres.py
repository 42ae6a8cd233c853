"""Commands on what is drawn from all the dossiers together."""

import argparse
from datetime import date
from pathlib import Path

from toolkit.cli.answers import print_json, show
from toolkit.cli.arguments import Command, month, options, take_root


def _take_recap(parser: argparse.ArgumentParser) -> None:
    take_root(parser)
    parser.add_argument("--annee", type=int, metavar="N", help="cette année seulement")
    parser.add_argument(
        "--afficher", type=month, metavar="AAAA-MM", help="fait le PDF de ce mois et le mail de ce qui a changé"
    )
    parser.add_argument(
        "--adopter", type=Path, metavar="FICHIER.xlsx", help="propose les réglages pour reprendre ce classeur"
    )


def _run_recap(arguments: argparse.Namespace) -> int:
    from toolkit import tree
    from toolkit.build import sync_recaps
    from toolkit.settings import load_settings

    if arguments.adopter:
        from toolkit.adoption import read_foreign

        proposal = read_foreign(arguments.adopter)
        if arguments.json:
            print_json(proposal.as_json())
        else:
            print(proposal.as_text())
        return 0
    settings = load_settings(tree.find_root(arguments.racine))
    if arguments.afficher:
        from toolkit.affichage import post_month

        mois: date = arguments.afficher
        return show(post_month(settings, mois.year, mois.month, options(arguments, settings)), arguments)
    return show(sync_recaps(settings, options(arguments, settings), arguments.annee), arguments)


COMMANDS = (
    Command(
        "recap",
        "met les récapitulatifs à jour, fait la feuille à afficher, reprend un classeur existant",
        "recap . --afficher 2027-06",
        _take_recap,
        _run_recap,
    ),
)
