"""Commands on what is drawn from all the dossiers together."""

import argparse
from datetime import date
from pathlib import Path

from toolkit.cli.answers import print_json, show
from toolkit.cli.arguments import Command, month, open_paths, options, take_paths, take_root, take_root_or_here


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
    from toolkit.gestes.recaps import sync_recaps
    from toolkit.tree import layout
    from toolkit.tree.settings import load_settings

    if arguments.adopter:
        from toolkit.gestes.adopter_recap import read_foreign

        proposal = read_foreign(arguments.adopter)
        if arguments.json:
            print_json(proposal.as_json())
        else:
            print(proposal.as_text())
        return 0
    settings = load_settings(layout.find_root(arguments.racine))
    if arguments.afficher:
        from toolkit.gestes.afficher import post_month

        mois: date = arguments.afficher
        return show(post_month(settings, mois.year, mois.month, options(arguments, settings)), arguments)
    return show(sync_recaps(settings, options(arguments, settings), arguments.annee), arguments)


# --- echeances ----------------------------------------------------------------------------------------------------


def _take_echeances(parser: argparse.ArgumentParser) -> None:
    take_paths(parser)
    parser.add_argument("--jours", type=int, metavar="N", help="seulement celles des N prochains jours, et les retards")


def _run_echeances(arguments: argparse.Namespace) -> int:
    from toolkit.build.report import problem_as_json, problem_as_text
    from toolkit.gestes.voir_echeances import echeances_as_json, echeances_as_text, survey

    settings, paths = open_paths(arguments)
    found = survey(settings, paths, options(arguments, settings))
    ones = found.a_faire(arguments.jours)
    if arguments.json:
        problems = [problem_as_json(one) for one in found.report.problemes]
        print_json({"echeances": echeances_as_json(ones), "problemes": problems, "refus": found.report.refus})
    else:
        print("\n".join([*(problem_as_text(one) for one in found.report.problemes), echeances_as_text(ones)]))
    return found.report.exit_status


# --- tableau ------------------------------------------------------------------------------------------------------


def _run_tableau(arguments: argparse.Namespace) -> int:
    from toolkit.gestes.tableau_de_bord import write_tableau
    from toolkit.tree import layout
    from toolkit.tree.settings import load_settings

    settings = load_settings(layout.find_root(arguments.racine))
    done = write_tableau(settings, options(arguments, settings))
    if arguments.json:
        print_json(done.as_json())
    else:
        print(done.as_text())
    return done.releve.report.exit_status


COMMANDS = (
    Command(
        "recap",
        "met les récapitulatifs à jour, fait la feuille à afficher, reprend un classeur existant",
        "recap . --afficher 2027-06",
        _take_recap,
        _run_recap,
    ),
    Command(
        "echeances",
        "dit ce qu'il y a à faire et pour quand, le plus pressé d'abord",
        "echeances . --jours 7",
        _take_echeances,
        _run_echeances,
    ),
    Command(
        "tableau",
        "fait la page « Tableau de bord.html » : retards, échéances, erreurs, arrivées, dossiers par état",
        "tableau .",
        take_root_or_here,
        _run_tableau,
    ),
)
