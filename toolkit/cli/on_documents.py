"""Commands on the documents themselves: the PDF copies and the Word models."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.arguments import Handler, take_common

if TYPE_CHECKING:
    from toolkit.gestes.adopter_modele import Adoptee
    from toolkit.gestes.champs_modeles import Champs
    from toolkit.gestes.copie import Copies
    from toolkit.gestes.verifier_modeles import Revisions


def _take_copie(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fichiers", nargs="+", type=Path, metavar="FICHIER.pdf", help="les PDF à filigraner")
    parser.add_argument("--texte", default="COPIE", metavar="TEXTE", help="ce que porte chaque page (COPIE, sinon)")


def _run_copie(arguments: argparse.Namespace) -> "Copies":
    from toolkit.gestes.copie import copy_pdfs

    return copy_pdfs(arguments.fichiers, arguments.texte)


def _take_modeles(parser: argparse.ArgumentParser) -> None:
    gestures = parser.add_subparsers(metavar="GESTE", required=True, title="gestes")
    verifier = gestures.add_parser(
        "verifier",
        help="dit tout ce qui ne va pas dans des modèles Word, et en fait une copie annotée",
        epilog="Exemple : toolkit modeles verifier contrat_groupe.docx",
    )
    take_common(verifier)
    verifier.add_argument("modeles", nargs="*", type=Path, metavar="MODELE", help="fichier .docx, ou nom d'un modèle")
    verifier.add_argument("--sans-copie", action="store_true", help="ne fait pas de copie annotée")
    verifier.set_defaults(run=_run_modeles_verifier)
    champs = gestures.add_parser(
        "champs",
        help="liste les champs qu'un modèle peut porter, avec leur sens et un exemple",
        epilog="Exemple : toolkit modeles champs contrat_groupe.docx --word champs.docx",
    )
    take_common(champs)
    champs.add_argument("modele", nargs="?", metavar="MODELE", help="nom d'un modèle (tous, sinon)")
    champs.add_argument("--word", type=Path, metavar="FICHIER.docx", help="en fait un document Word")
    champs.set_defaults(run=_run_modeles_champs)
    adopter = gestures.add_parser(
        "adopter",
        help="fait d'un ancien modèle, avec ses parties rouges, un modèle du toolkit ; l'ancien n'est pas touché",
        epilog='Exemple : toolkit modeles adopter "Ancien avenant.docx"',
    )
    take_common(adopter)
    adopter.add_argument("ancien", type=Path, metavar="ANCIEN.docx")
    adopter.add_argument("--pour", metavar="MODELE", help="le modèle qu'il remplacera, par exemple avenant.docx")
    adopter.add_argument("--reponses", type=Path, metavar="FICHIER", help="les réponses (à côté de l'ancien, sinon)")
    adopter.set_defaults(run=_run_modeles_adopter)


def _run_modeles_verifier(arguments: argparse.Namespace) -> "Revisions":
    from toolkit.gestes.verifier_modeles import verify_modeles

    return verify_modeles(arguments.modeles, annotates=not arguments.sans_copie)


def _run_modeles_champs(arguments: argparse.Namespace) -> "Champs":
    from toolkit.gestes.champs_modeles import list_champs

    return list_champs(arguments.modele, arguments.word)


def _run_modeles_adopter(arguments: argparse.Namespace) -> "Adoptee":
    from toolkit.gestes.adopter_modele import adopt_modele

    return adopt_modele(arguments.ancien, arguments.reponses, arguments.pour)


HANDLERS = {
    "copie": Handler(_take_copie, _run_copie),
    "modeles": Handler(_take_modeles, None),
}
