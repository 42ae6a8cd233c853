"""Commands on the dossier of one client."""

import argparse
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from toolkit.cli.answers import ask, log_defects, show
from toolkit.cli.arguments import Handler, day_or_month, options, take_dossier, take_root_or_here, today
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.gestes.classer import Moved
    from toolkit.gestes.noter import NotedFacts
    from toolkit.gestes.nouveau import NewDossier, PremierContact
    from toolkit.gestes.voir_fiche import FicheView


def _take_nouveau(parser: argparse.ArgumentParser) -> None:
    take_root_or_here(parser)
    parser.add_argument(
        "typologie", nargs="?", choices=["groupe", "individuel"], metavar="TYPOLOGIE", help="groupe ou individuel"
    )
    parser.add_argument("client", nargs="?", metavar="CLIENT", help="nom du client")
    parser.add_argument("debut", nargs="?", type=day_or_month, metavar="DATE", help="date du séjour, ou son mois")
    parser.add_argument("--questions", action="store_true", help="pose ses questions une à une (aussi sans TYPOLOGIE)")
    parser.add_argument("--participants", type=int, metavar="N")
    parser.add_argument("--canal", choices=["telephone", "sur_place", "mail"], default="telephone")
    parser.add_argument("--telephone", metavar="NUMERO")
    parser.add_argument("--mail", metavar="ADRESSE")
    parser.add_argument("--categorie", metavar="CATEGORIE", help="particulier, association, scolaire…")
    parser.add_argument("--agent", metavar="ID", help="identifiant d'office.toml")
    parser.add_argument("--intitule", metavar="TEXTE")


def _run_nouveau(arguments: argparse.Namespace) -> "NewDossier":
    from toolkit.gestes.nouveau import create_dossier
    from toolkit.poste.questions import Conversation, ask_until_made
    from toolkit.tree import layout
    from toolkit.tree.settings import load_settings

    asks = (arguments.typologie is None or arguments.questions) and not arguments.json
    if not asks and arguments.debut is None:
        raise UsageError("il manque : TYPOLOGIE, CLIENT, DATE (ou rien, et les questions sont posées)")
    settings = load_settings(layout.find_root(arguments.racine))
    maintenant = datetime.combine(today(arguments, settings), datetime.now().time())
    if not asks:
        return create_dossier(settings, _demande(arguments, maintenant))
    talk = Conversation(ask=ask, tell=show)
    return ask_until_made(talk, settings.office, maintenant, partial(create_dossier, settings))


def _demande(arguments: argparse.Namespace, maintenant: datetime) -> "PremierContact":
    from toolkit.dossier.classement import Typologie
    from toolkit.gestes.nouveau import PremierContact

    return PremierContact(
        typologie=Typologie(arguments.typologie),
        client=arguments.client,
        debut=arguments.debut,
        canal=arguments.canal,
        recue_le=maintenant,
        participants=arguments.participants,
        categorie=arguments.categorie,
        telephone=arguments.telephone,
        mail=arguments.mail,
        agent=arguments.agent,
        intitule=arguments.intitule,
    )


def _run_fiche(arguments: argparse.Namespace) -> "FicheView":
    from toolkit.gestes.voir_fiche import look_at_dossier
    from toolkit.walk.case import open_dossier

    settings, folder = open_dossier(arguments.dossier)
    return look_at_dossier(settings, folder, options(arguments, settings))


# --- noter --------------------------------------------------------------------------------------------------------


def _take_noter(parser: argparse.ArgumentParser) -> None:
    take_dossier(parser)
    parser.add_argument("faits", nargs="+", metavar="CHAMP=VALEUR", help="un fait ; sans valeur, il est effacé")


def _run_noter(arguments: argparse.Namespace) -> "NotedFacts":
    from toolkit.gestes.noter import parse_fait, write_facts
    from toolkit.walk.case import open_dossier

    settings, folder = open_dossier(arguments.dossier)
    faits = [parse_fait(text) for text in arguments.faits]
    return write_facts(settings, folder, faits, today(arguments, settings))


# --- classer ------------------------------------------------------------------------------------------------------


def _take_classer(parser: argparse.ArgumentParser) -> None:
    take_dossier(parser)
    parser.add_argument(
        "statut", choices=["en_cours", "traite", "annule"], metavar="STATUT", help="en_cours, traite ou annule"
    )
    parser.add_argument("--motif", metavar="TEXTE", help="pourquoi il s'arrête, noté dans son dossier.toml")
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_classer(arguments: argparse.Namespace) -> "Moved":
    from toolkit.dossier.classement import Statut
    from toolkit.gestes.classer import move_to_statut
    from toolkit.walk.case import open_dossier

    settings, folder = open_dossier(arguments.dossier)
    given = options(arguments, settings)
    done = move_to_statut(settings, folder, Statut(arguments.statut), arguments.motif, given)
    log_defects(done.report)
    return done


HANDLERS = {
    "nouveau": Handler(_take_nouveau, _run_nouveau),
    "fiche": Handler(take_dossier, _run_fiche),
    "noter": Handler(_take_noter, _run_noter),
    "classer": Handler(_take_classer, _run_classer),
}
