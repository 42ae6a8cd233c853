"""The door: arguments, the error handler, one plain call per command. The only module that prints and exits.

argparse, not typer: typer costs 15 bare Pythons at each start. Each command imports what it needs, when it is called.
"""

import argparse
import json
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from toolkit import __version__
from toolkit.errors import AgentError, ToolkitError, UsageError

if TYPE_CHECKING:
    from toolkit.options import Options
    from toolkit.report import Report
    from toolkit.settings import Settings

INTERRUPTED = 130
SHOWN = 2
"""Examples of each kind of document, at the end of a demonstration."""
DEFECT = 3

# argparse has no French catalogue; these are all the words of it that people can meet.
_ARGPARSE_FRENCH = {
    "usage: ": "utilisation : ",
    "positional arguments": "arguments",
    "options": "options",
    "subcommands": "commandes",
    "show this help message and exit": "montre cette aide",
    "show program's version number and exit": "montre la version",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "expected one argument": "il faut une valeur",
    "expected at least one argument": "il faut au moins une valeur",
    "invalid choice: %(value)r (choose from %(choices)s)": "« %(value)s » n'est pas possible : %(choices)s",
    "invalid %(type)s value: %(value)r": "« %(value)s » ne convient pas",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "not allowed with argument %s": "ne va pas avec %s",
    "%(prog)s: error: %(message)s\n": "%(message)s\n",
}


class _Parser(argparse.ArgumentParser):
    """An argument parser that speaks French and leaves the exit to ``main``."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().rstrip()}\nAide : {self.prog} --help")


@dataclass(frozen=True, slots=True)
class _Command:
    """One word after ``toolkit``."""

    name: str
    help: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit status (design §5)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8" if not stream.isatty() else None, errors="replace")
    argv = list(sys.argv[1:] if argv is None else argv)
    is_json = "--json" in argv
    try:
        arguments = _parser().parse_args(argv)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except ToolkitError as error:
        return _fail(str(error), error.exit_status, is_json=is_json)
    except KeyboardInterrupt:
        return _fail("Interrompu.", INTERRUPTED, is_json=is_json)
    except BrokenPipeError:
        # Who was reading has gone; there is nobody left to tell.
        sys.stdout = None
        return 0
    except Exception:
        log = _write_defect(argv, traceback.format_exc())
        return _fail(
            f"Défaut du toolkit : le détail est dans « {log} », à transmettre à la personne qui s'en occupe.",
            DEFECT,
            is_json=is_json,
        )


def _fail(message: str, status: int, *, is_json: bool) -> int:
    from toolkit.french import typography

    if is_json:
        _print_json({"erreur": typography(message)})
    else:
        print(typography(message), file=sys.stderr)
    return status


def _write_defect(argv: Sequence[str], what: str) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="toolkit-defaut-", suffix=".log", delete=False
    ) as log:
        log.write(f"toolkit {__version__}, Python {sys.version}, {sys.platform}\n{list(argv)}\n\n{what}")
    return Path(log.name)


def _parser() -> argparse.ArgumentParser:
    # The module's own translation function: there is no public way to hand it a catalogue in memory.
    argparse._ = lambda text: _ARGPARSE_FRENCH.get(text, text)  # type: ignore[attr-defined]
    parser = _Parser(
        prog="toolkit",
        description="Documents, échéances et récapitulatifs du service commercial, déduits de dossier.toml.",
        epilog="Aide d'une commande : toolkit COMMANDE --help",
    )
    parser.add_argument("--version", action="version", version=f"toolkit {__version__}")
    commands = parser.add_subparsers(metavar="COMMANDE", required=True, parser_class=_Parser, title="commandes")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            parents=[_common()],
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            epilog=f"Exemple : toolkit {command.example}",
        )
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return parser


def _common() -> _Parser:
    """What every command takes."""
    common = _Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="un seul document JSON, pour les programmes")
    common.add_argument("--le", type=_day, metavar="AAAA-MM-JJ", help="fait comme si on était ce jour-là")
    return common


def _day(text: str) -> date:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    raise argparse.ArgumentTypeError(f"« {text} » n'est pas une date : écrire par exemple 2027-06-17")


def _print_json(document: object) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _tell(message: str) -> None:
    """Progress goes to standard error, so that standard output holds the result only."""
    from toolkit.french import typography

    print(typography(message), file=sys.stderr, flush=True)


def _today(arguments: argparse.Namespace, settings: "Settings | None") -> date:
    told: date | None = arguments.le
    demonstration = settings.office.jour_de_demonstration if settings else None
    return told or demonstration or date.today()


def _options(arguments: argparse.Namespace, settings: "Settings") -> "Options":
    from toolkit.options import Options

    return Options(
        aujourd_hui=_today(arguments, settings),
        simulate=getattr(arguments, "simuler", False),
        with_pdf=not getattr(arguments, "sans_pdf", False),
        progress=_tell,
    )


def _open_paths(arguments: argparse.Namespace) -> "tuple[Settings, list[Path]]":
    """The tree that the given paths belong to, and the folders to walk."""
    from toolkit import tree
    from toolkit.settings import load_settings

    paths = [tree.enclosing_folder(Path(path)) for path in arguments.chemins or ["."]]
    roots = {tree.find_root(path) for path in paths}
    if len(roots) > 1:
        raise AgentError("Ces dossiers sont dans plusieurs arborescences : les traiter l'une après l'autre.")
    return load_settings(roots.pop()), paths


def _show(report: "Report", arguments: argparse.Namespace) -> int:
    if report.defauts:
        log = _write_defect(sys.argv[1:], "\n\n".join(report.defauts))
        report.refus.append(f"Le détail du défaut est dans « {log} », à transmettre à la personne qui s'en occupe.")
    if arguments.json:
        _print_json(report.as_json())
    else:
        print(report.as_text())
    return report.exit_status


def _take_paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chemins", nargs="*", metavar="CHEMIN", help="dossier client, dossier de l'arborescence ou racine (ici, sinon)"
    )


def _take_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("racine", type=Path, metavar="RACINE", help="le dossier qui contient office.toml")


# --- verifier -----------------------------------------------------------------------------------------------------


def _run_verifier(arguments: argparse.Namespace) -> int:
    from toolkit.build import verify

    settings, paths = _open_paths(arguments)
    return _show(verify(settings, paths, _options(arguments, settings)), arguments)


# --- generer ------------------------------------------------------------------------------------------------------


def _take_generer(parser: argparse.ArgumentParser) -> None:
    _take_paths(parser)
    parser.add_argument("--simuler", action="store_true", help="dit ce qui serait fait et pourquoi, n'écrit rien")
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_generer(arguments: argparse.Namespace) -> int:
    from toolkit.build import generate

    settings, paths = _open_paths(arguments)
    return _show(generate(settings, paths, _options(arguments, settings)), arguments)


# --- fiche --------------------------------------------------------------------------------------------------------


def _take_fiche(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dossier", type=Path, metavar="DOSSIER", help="le dossier d'un client")


def _run_fiche(arguments: argparse.Namespace) -> int:
    from toolkit import tree
    from toolkit.build import inspect
    from toolkit.fiche_report import fiche_as_json, fiche_as_text
    from toolkit.report import problem_as_json, problem_as_text
    from toolkit.settings import load_settings

    folder = tree.enclosing_folder(arguments.dossier)
    settings = load_settings(tree.find_root(folder))
    case = inspect(settings, folder, _options(arguments, settings))
    problems = case.report.problemes
    if case.fiche is None:
        if arguments.json:
            _print_json({"chemin": case.report.chemin, "problemes": [problem_as_json(one) for one in problems]})
        else:
            print("\n".join(problem_as_text(one) for one in problems))
        return 1
    if arguments.json:
        _print_json(fiche_as_json(case.fiche, case.report.chemin, case.report.etapes, problems))
    else:
        print(fiche_as_text(case.fiche, case.report.chemin, case.report.etapes, problems))
    return 1 if any(problem.is_error for problem in problems) else 0


# --- recap --------------------------------------------------------------------------------------------------------


def _take_recap(parser: argparse.ArgumentParser) -> None:
    _take_root(parser)
    parser.add_argument("--annee", type=int, metavar="N", help="cette année seulement")
    parser.add_argument(
        "--afficher", type=_month, metavar="AAAA-MM", help="fait le PDF de ce mois et le mail de ce qui a changé"
    )
    parser.add_argument(
        "--adopter", type=Path, metavar="FICHIER.xlsx", help="propose les réglages pour reprendre ce classeur"
    )


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un mois : écrire par exemple 2027-06") from None


def _run_recap(arguments: argparse.Namespace) -> int:
    from toolkit import tree
    from toolkit.build import sync_recaps
    from toolkit.settings import load_settings

    if arguments.adopter:
        from toolkit.adoption import read_foreign

        proposal = read_foreign(arguments.adopter)
        if arguments.json:
            _print_json(proposal.as_json())
        else:
            print(proposal.as_text())
        return 0
    settings = load_settings(tree.find_root(arguments.racine))
    if arguments.afficher:
        from toolkit.affichage import post_month

        month: date = arguments.afficher
        return _show(post_month(settings, month.year, month.month, _options(arguments, settings)), arguments)
    return _show(sync_recaps(settings, _options(arguments, settings), arguments.annee), arguments)


# --- copie --------------------------------------------------------------------------------------------------------


def _take_copie(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fichiers", nargs="+", type=Path, metavar="FICHIER.pdf", help="les PDF à filigraner")
    parser.add_argument("--texte", default="COPIE", metavar="TEXTE", help="ce que porte chaque page (COPIE, sinon)")


def _run_copie(arguments: argparse.Namespace) -> int:
    from toolkit.copie import copy_pdf
    from toolkit.french import typography

    made: list[dict[str, str | None]] = []
    for path in arguments.fichiers:
        copy, refusal = copy_pdf(path, arguments.texte)
        made.append({"fichier": str(path), "copie": str(copy) if copy else None, "refus": refusal})
    if arguments.json:
        _print_json({"copies": made})
    else:
        for one in made:
            text = one["copie"] or f"{one['fichier']} : pas de copie, {one['refus']}"
            print(typography(text))
    return 1 if any(one["copie"] is None for one in made) else 0


# --- surveiller ---------------------------------------------------------------------------------------------------


def _take_surveiller(parser: argparse.ArgumentParser) -> None:
    _take_root(parser)
    parser.add_argument("--une-fois", action="store_true", help="un seul passage, puis s'arrête")
    parser.add_argument("--arreter", action="store_true", help="arrête la surveillance en cours, d'où qu'elle tourne")


def _run_surveiller(arguments: argparse.Namespace) -> int:
    from toolkit import tree
    from toolkit.heartbeat import ask_to_stop
    from toolkit.report import Report
    from toolkit.settings import load_settings
    from toolkit.watch import watch
    from toolkit.watch_log import write_log

    root = tree.find_root(arguments.racine)
    if arguments.arreter:
        ask_to_stop(root)
        _tell("Arrêt demandé : la surveillance s'arrête dans les deux secondes.")
        return 0
    told = Report()

    def tell(report: Report) -> None:
        write_log(root, "\n\n".join([report.as_text(), *report.defauts]), datetime.now())
        if arguments.une_fois:
            told.merge(report)
        if not arguments.json:
            print(f"{datetime.now():%H:%M:%S}\n{report.as_text()}\n", flush=True)

    if not arguments.json:
        _tell(f"Surveillance de « {root} » : Ctrl+C pour arrêter.")
    watch(root, lambda: _options(arguments, load_settings(root)), tell, once=arguments.une_fois)
    if arguments.json:
        _print_json(told.as_json())
    elif arguments.une_fois and not told.dossiers:
        print("Rien à faire.")
    return told.exit_status


# --- initialiser, nouveau -----------------------------------------------------------------------------------------


def _run_initialiser(arguments: argparse.Namespace) -> int:
    from toolkit.creation import initialise

    root: Path = arguments.racine
    made = [path.relative_to(root).as_posix() for path in initialise(root)]
    if arguments.json:
        _print_json({"racine": str(root), "fichiers": made})
    else:
        print(f"Arborescence créée dans « {root} » :")
        print("\n".join(f"  {name}" for name in made))
        print("Remplacer maintenant les exemples d'office.toml et de prestataires.toml par vos renseignements,")
        print(f'puis : toolkit nouveau {root} groupe "Nom du client" 2027-06-17')
    return 0


def _take_nouveau(parser: argparse.ArgumentParser) -> None:
    _take_root(parser)
    parser.add_argument("typologie", choices=["groupe", "individuel"], metavar="TYPOLOGIE", help="groupe ou individuel")
    parser.add_argument("client", metavar="CLIENT", help="nom du client")
    parser.add_argument("debut", type=_day, metavar="DATE", help="date du séjour, même approximative")
    parser.add_argument("--participants", type=int, metavar="N")
    parser.add_argument("--canal", choices=["telephone", "sur_place", "mail"], default="telephone")
    parser.add_argument("--telephone", metavar="NUMERO")
    parser.add_argument("--mail", metavar="ADRESSE")
    parser.add_argument("--categorie", metavar="CATEGORIE", help="particulier, association, scolaire…")
    parser.add_argument("--agent", metavar="ID", help="identifiant d'office.toml")
    parser.add_argument("--intitule", metavar="TEXTE")


def _run_nouveau(arguments: argparse.Namespace) -> int:
    from toolkit import tree
    from toolkit.creation import Demande, create_dossier
    from toolkit.dossier.classement import Typologie
    from toolkit.settings import load_settings

    settings = load_settings(tree.find_root(arguments.racine))
    day = _today(arguments, settings)
    demande = Demande(
        typologie=Typologie(arguments.typologie),
        client=arguments.client,
        debut=arguments.debut,
        canal=arguments.canal,
        recue_le=datetime.combine(day, datetime.now().time()),
        participants=arguments.participants,
        categorie=arguments.categorie,
        telephone=arguments.telephone,
        mail=arguments.mail,
        agent=arguments.agent,
        intitule=arguments.intitule,
    )
    folder, reference = create_dossier(settings, demande)
    if arguments.json:
        _print_json({"chemin": folder.relative_to(settings.root).as_posix(), "reference": reference})
    else:
        print(f"Dossier {reference} créé :\n  {folder}\nLa suite s'écrit dans son dossier.toml.")
    return 0


# --- demo ---------------------------------------------------------------------------------------------------------


def _take_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "destination", nargs="?", type=Path, default=Path("demonstration"), metavar="DEST", help="où la poser"
    )
    parser.add_argument("--sans-pdf", action="store_true", help="laisse les PDF en attente")


def _run_demo(arguments: argparse.Namespace) -> int:
    from toolkit.demo import dossier_to_show, made_by_demo, prepare_demo, run_demo

    folder: Path = arguments.destination.absolute()
    settings = prepare_demo(folder)
    report = run_demo(settings, _options(arguments, settings))
    made = made_by_demo(folder)
    if arguments.json:
        _print_json(
            {**report.as_json(), "faits": {kind: [str(path) for path in paths] for kind, paths in made.items()}}
        )
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


# --- diagnostic ---------------------------------------------------------------------------------------------------


def _take_diagnostic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("racine", nargs="?", type=Path, metavar="RACINE", help="une arborescence à examiner aussi")


def _run_diagnostic(arguments: argparse.Namespace) -> int:
    from toolkit import tree
    from toolkit.diagnostic import Verdict, diagnose
    from toolkit.french import typography

    root = tree.find_root(arguments.racine) if arguments.racine else None
    points = diagnose(root, arguments.le)
    if arguments.json:
        _print_json(
            {"points": [{"verdict": p.verdict, "sujet": p.sujet, "constat": typography(p.constat)} for p in points]}
        )
    else:
        for point in points:
            print(typography(f"{point.verdict:<9} {point.sujet} : {point.constat}"))
    return 1 if any(point.verdict is Verdict.MANQUE for point in points) else 0


# --- modeles ------------------------------------------------------------------------------------------------------


def _take_modeles(parser: argparse.ArgumentParser) -> None:
    gestures = parser.add_subparsers(metavar="GESTE", required=True, title="gestes")
    verifier = gestures.add_parser(
        "verifier",
        parents=[_common()],
        help="dit tout ce qui ne va pas dans des modèles Word, et en fait une copie annotée",
        epilog="Exemple : toolkit modeles verifier contrat_groupe.docx",
    )
    verifier.add_argument("modeles", nargs="*", type=Path, metavar="MODELE", help="fichier .docx, ou nom d'un modèle")
    verifier.add_argument("--sans-copie", action="store_true", help="ne fait pas de copie annotée")
    verifier.set_defaults(gesture=_run_modeles_verifier)
    champs = gestures.add_parser(
        "champs",
        parents=[_common()],
        help="liste les champs qu'un modèle peut porter, avec leur sens et un exemple",
        epilog="Exemple : toolkit modeles champs contrat_groupe.docx --word champs.docx",
    )
    champs.add_argument("modele", nargs="?", metavar="MODELE", help="nom d'un modèle (tous, sinon)")
    champs.add_argument("--word", type=Path, metavar="FICHIER.docx", help="en fait un document Word")
    champs.set_defaults(gesture=_run_modeles_champs)
    adopter = gestures.add_parser(
        "adopter",
        parents=[_common()],
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
    from toolkit.revision import folder_of_modeles, revisions_as_json, revisions_as_text, verify_modeles

    first: Path = arguments.modeles[0] if arguments.modeles else Path()
    folder = folder_of_modeles(first if first.exists() else Path())
    revisions = verify_modeles(arguments.modeles, folder, annotates=not arguments.sans_copie)
    if arguments.json:
        _print_json(revisions_as_json(revisions))
    else:
        print(revisions_as_text(revisions))
    return 1 if any(problem.is_error for one in revisions for problem in one.problemes) else 0


def _run_modeles_champs(arguments: argparse.Namespace) -> int:
    from toolkit.french import typography
    from toolkit.modele.catalogue import as_json, as_text
    from toolkit.revision import list_champs, write_champs

    found = list_champs(arguments.modele)
    if arguments.word:
        write_champs(arguments.word, found, arguments.modele)
    if arguments.json:
        _print_json(as_json(found))
    elif arguments.word:
        print(typography(f"« {arguments.word} » est prêt : à garder ouvert à côté du modèle."))
    else:
        print(as_text(found))
    return 0


def _run_modeles_adopter(arguments: argparse.Namespace) -> int:
    from toolkit.revision import adopt_modele, adoptee_as_json, adoptee_as_text

    adopted = adopt_modele(arguments.ancien, arguments.reponses, arguments.pour)
    if arguments.json:
        _print_json(adoptee_as_json(adopted))
    else:
        print(adoptee_as_text(adopted))
    return 1 if any(problem.is_error for problem in adopted.problemes) else 0


COMMANDS = (
    _Command("demo", "montre tout sur un petit office d'exemple", "demo", _take_demo, _run_demo),
    _Command(
        "initialiser",
        "pose une arborescence neuve : réglages, prestataires, modèles",
        'initialiser "L:\\Gestion de clientèle"',
        _take_root,
        _run_initialiser,
    ),
    _Command(
        "nouveau",
        "ouvre le dossier d'un nouveau client",
        'nouveau . groupe "Les Aînés de Sainte-Fiction" 2027-06-17 --participants 42',
        _take_nouveau,
        _run_nouveau,
    ),
    _Command(
        "verifier",
        "dit ce qui ne va pas, avec le fichier et la ligne ; n'écrit rien",
        'verifier "Groupe/2027/06 - Juin"',
        _take_paths,
        _run_verifier,
    ),
    _Command(
        "fiche",
        "montre tout ce qui se déduit d'un dossier : état, montants, limites, documents",
        'fiche "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Aînés de Sainte-Fiction 42p"',
        _take_fiche,
        _run_fiche,
    ),
    _Command(
        "generer",
        "fait les documents qui sont dus et met les récapitulatifs à jour",
        "generer --simuler",
        _take_generer,
        _run_generer,
    ),
    _Command(
        "surveiller",
        "surveille l'arborescence et fait les documents au fur et à mesure",
        "surveiller /srv/groupes",
        _take_surveiller,
        _run_surveiller,
    ),
    _Command(
        "copie",
        "pose « COPIE » en filigrane sur des PDF ; les originaux ne sont pas touchés",
        'copie "bon We Login.pdf" --texte COPIE',
        _take_copie,
        _run_copie,
    ),
    _Command(
        "modeles",
        "vérifie les modèles Word, dit les champs qu'ils peuvent porter, adopte les anciens",
        "modeles verifier",
        _take_modeles,
        _run_modeles,
    ),
    _Command(
        "recap",
        "met les récapitulatifs à jour, fait la feuille à afficher, reprend un classeur existant",
        "recap . --afficher 2027-06",
        _take_recap,
        _run_recap,
    ),
    _Command(
        "diagnostic",
        "dit ce qui marche sur ce poste, ce qui manque et comment l'avoir",
        "diagnostic .",
        _take_diagnostic,
        _run_diagnostic,
    ),
)
