"""Commands on what is drawn from all the dossiers together."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.answers import log_defects
from toolkit.cli.arguments import Handler, month, open_paths, options, take_paths, take_root, take_root_or_here

if TYPE_CHECKING:
    from toolkit.gestes.tableau_de_bord import Tableau
    from toolkit.gestes.voir_echeances import Echeances
    from toolkit.registres.adoption import Proposition
    from toolkit.walk.report import Report


def _take_recap(parser: argparse.ArgumentParser) -> None:
    take_root(parser)
    parser.add_argument("--annee", type=int, metavar="N", help="cette année seulement")
    parser.add_argument(
        "--afficher", type=month, metavar="AAAA-MM", help="fait le PDF de ce mois et le mail de ce qui a changé"
    )
    parser.add_argument(
        "--adopter", type=Path, metavar="FICHIER.xlsx", help="propose les réglages pour reprendre ce classeur"
    )


def _run_recap(arguments: argparse.Namespace) -> "Report | Proposition":
    if arguments.adopter:
        from toolkit.gestes.adopter_recap import read_foreign

        return read_foreign(arguments.adopter)
    report = _sync_or_post(arguments)
    log_defects(report)
    return report


def _sync_or_post(arguments: argparse.Namespace) -> "Report":
    from toolkit.tree import layout
    from toolkit.tree.settings import load_settings

    settings = load_settings(layout.find_root(arguments.racine))
    given = options(arguments, settings)
    if arguments.afficher:
        from toolkit.gestes.afficher import post_month

        mois: date = arguments.afficher
        return post_month(settings, mois.year, mois.month, given)
    from toolkit.gestes.recaps import sync_recaps

    return sync_recaps(settings, given, arguments.annee)


# --- echeances ----------------------------------------------------------------------------------------------------


def _take_echeances(parser: argparse.ArgumentParser) -> None:
    take_paths(parser)
    parser.add_argument("--jours", type=int, metavar="N", help="seulement celles des N prochains jours, et les retards")


def _run_echeances(arguments: argparse.Namespace) -> "Echeances":
    from toolkit.gestes.voir_echeances import Echeances, survey

    settings, paths = open_paths(arguments)
    found = survey(settings, paths, options(arguments, settings))
    log_defects(found.report)
    return Echeances(found, arguments.jours)


# --- tableau ------------------------------------------------------------------------------------------------------


def _run_tableau(arguments: argparse.Namespace) -> "Tableau":
    from toolkit.gestes.tableau_de_bord import write_tableau
    from toolkit.tree import layout
    from toolkit.tree.settings import load_settings

    settings = load_settings(layout.find_root(arguments.racine))
    done = write_tableau(settings, options(arguments, settings))
    log_defects(done.surveyed.report)
    return done


HANDLERS = {
    "recap": Handler(_take_recap, _run_recap),
    "echeances": Handler(_take_echeances, _run_echeances),
    "tableau": Handler(take_root_or_here, _run_tableau),
}
