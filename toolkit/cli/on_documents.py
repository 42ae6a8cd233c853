"""Commands on the documents themselves: the PDF copies and the Word models."""

import argparse
from collections.abc import Callable
from pathlib import Path

from toolkit.cli.answers import print_json
from toolkit.cli.arguments import Command, common


def _take_copie(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fichiers", nargs="+", type=Path, metavar="FICHIER.pdf", help="les PDF à filigraner")
    parser.add_argument("--texte", default="COPIE", metavar="TEXTE", help="ce que porte chaque page (COPIE, sinon)")


def _run_copie(arguments: argparse.Namespace) -> int:
    from toolkit.french import typography
    from toolkit.gestes.copie import copy_pdf

    made: list[dict[str, str | None]] = []
    for path in arguments.fichiers:
        copy, refusal = copy_pdf(path, arguments.texte)
        made.append({"fichier": str(path), "copie": str(copy) if copy else None, "refus": refusal})
    if arguments.json:
        print_json({"copies": made})
    else:
        for one in made:
            text = (
                f"Copie faite : {one['copie']}" if one["copie"] else f"{one['fichier']} : pas de copie, {one['refus']}"
            )
            print(typography(text))
    return 1 if any(one["copie"] is None for one in made) else 0


def _take_modeles(parser: argparse.ArgumentParser) -> None:
    gestures = parser.add_subparsers(metavar="GESTE", required=True, title="gestes")
    verifier = gestures.add_parser(
        "verifier",
        parents=[common()],
        help="dit tout ce qui ne va pas dans des modèles Word, et en fait une copie annotée",
        epilog="Exemple : toolkit modeles verifier contrat_groupe.docx",
    )
    verifier.add_argument("modeles", nargs="*", type=Path, metavar="MODELE", help="fichier .docx, ou nom d'un modèle")
    verifier.add_argument("--sans-copie", action="store_true", help="ne fait pas de copie annotée")
    verifier.set_defaults(gesture=_run_modeles_verifier)
    champs = gestures.add_parser(
        "champs",
        parents=[common()],
        help="liste les champs qu'un modèle peut porter, avec leur sens et un exemple",
        epilog="Exemple : toolkit modeles champs contrat_groupe.docx --word champs.docx",
    )
    champs.add_argument("modele", nargs="?", metavar="MODELE", help="nom d'un modèle (tous, sinon)")
    champs.add_argument("--word", type=Path, metavar="FICHIER.docx", help="en fait un document Word")
    champs.set_defaults(gesture=_run_modeles_champs)
    adopter = gestures.add_parser(
        "adopter",
        parents=[common()],
        help="fait d'un ancien modèle, avec ses parties rouges, un modèle du toolkit ; l'ancien n'est pas touché",
        epilog='Exemple : toolkit modeles adopter "Ancien avenant.docx"',
    )
    adopter.add_argument("ancien", type=Path, metavar="ANCIEN.docx")
    adopter.add_argument("--pour", metavar="MODELE", help="le modèle qu'il remplacera, par exemple avenant.docx")
    adopter.add_argument("--reponses", type=Path, metavar="FICHIER", help="les réponses (à côté de l'ancien, sinon)")
    adopter.set_defaults(gesture=_run_modeles_adopter)


def _run_modeles(arguments: argparse.Namespace) -> int:
    gesture: Callable[[argparse.Namespace], int] = arguments.gesture
    return gesture(arguments)


def _run_modeles_verifier(arguments: argparse.Namespace) -> int:
    from toolkit.gestes.verifier_modeles import folder_of_modeles, revisions_as_json, revisions_as_text, verify_modeles

    first: Path = arguments.modeles[0] if arguments.modeles else Path()
    folder = folder_of_modeles(first if first.exists() else Path())
    revisions = verify_modeles(arguments.modeles, folder, annotates=not arguments.sans_copie)
    if arguments.json:
        print_json(revisions_as_json(revisions))
    else:
        print(revisions_as_text(revisions))
    return 1 if any(problem.is_error for one in revisions for problem in one.problemes) else 0


def _run_modeles_champs(arguments: argparse.Namespace) -> int:
    from toolkit.french import typography
    from toolkit.gestes.verifier_modeles import list_champs, write_champs
    from toolkit.modele.catalogue import as_json, as_text

    found = list_champs(arguments.modele)
    if arguments.word:
        write_champs(arguments.word, found, arguments.modele)
    if arguments.json:
        print_json(as_json(found))
    elif arguments.word:
        print(typography(f"« {arguments.word} » est prêt : à garder ouvert à côté du modèle."))
    else:
        print(as_text(found))
    return 0


def _run_modeles_adopter(arguments: argparse.Namespace) -> int:
    from toolkit.gestes.verifier_modeles import adopt_modele, adoptee_as_json, adoptee_as_text

    adopted = adopt_modele(arguments.ancien, arguments.reponses, arguments.pour)
    if arguments.json:
        print_json(adoptee_as_json(adopted))
    else:
        print(adoptee_as_text(adopted))
    return 1 if any(problem.is_error for problem in adopted.problemes) else 0


COMMANDS = (
    Command(
        "copie",
        "pose « COPIE » en filigrane sur des PDF ; les originaux ne sont pas touchés",
        'copie "bon We Login.pdf" --texte COPIE',
        _take_copie,
        _run_copie,
    ),
    Command(
        "modeles",
        "vérifie les modèles Word, dit les champs qu'ils peuvent porter, adopte les anciens",
        "modeles verifier",
        _take_modeles,
        _run_modeles,
    ),
)
