"""The words that can follow ``toolkit``. What each of them takes and does is in its module, read once it is typed."""

from typing import NamedTuple


class Command(NamedTuple):
    """One word after ``toolkit``."""

    name: str
    help: str
    example: str
    module: str
    """Of ``toolkit.cli``: its ``HANDLERS`` have this name."""


COMMANDS = (
    Command(
        "initialiser",
        "pose une arborescence neuve : réglages, prestataires, modèles",
        'initialiser "L:\\Gestion de clientèle"',
        "on_tree",
    ),
    Command(
        "verifier",
        "dit ce qui ne va pas, avec le fichier et la ligne ; n'écrit rien",
        'verifier "Groupe/2027/06 - Juin"',
        "on_tree",
    ),
    Command(
        "generer",
        "fait les documents qui sont dus et met les récapitulatifs à jour",
        "generer --simuler",
        "on_tree",
    ),
    Command(
        "surveiller",
        "surveille l'arborescence et fait les documents au fur et à mesure",
        "surveiller /srv/groupes",
        "on_tree",
    ),
    Command(
        "nouveau",
        "ouvre le dossier d'un nouveau client ; sans ses renseignements, les demande un à un",
        'nouveau . groupe "Les Aînés de Sainte-Fiction" 2027-06-17 --participants 42',
        "on_dossier",
    ),
    Command(
        "fiche",
        "montre tout ce qui se déduit d'un dossier : état, montants, limites, documents",
        'fiche "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Aînés de Sainte-Fiction 42p"',
        "on_dossier",
    ),
    Command(
        "noter",
        "note des faits dans dossier.toml, sans toucher au reste du fichier",
        'noter "2027-06-17 Aînés de Sainte-Fiction 42p" devis.accepte_le=08/02/2027 effectif.participants=42',
        "on_dossier",
    ),
    Command(
        "classer",
        "range le dossier d'un client dans en cours, traité ou annulé, et met le récapitulatif à jour",
        'classer "2027-06-17 Aînés de Sainte-Fiction 42p" annule --motif "Trop cher"',
        "on_dossier",
    ),
    Command(
        "recap",
        "met les récapitulatifs à jour, fait la feuille à afficher, reprend un classeur existant",
        "recap . --afficher 2027-06",
        "on_registres",
    ),
    Command(
        "echeances",
        "dit ce qu'il y a à faire et pour quand, le plus pressé d'abord",
        "echeances . --jours 7",
        "on_registres",
    ),
    Command(
        "tableau",
        "fait la page « Tableau de bord.html » : retards, échéances, erreurs, arrivées, dossiers par état",
        "tableau .",
        "on_registres",
    ),
    Command(
        "copie",
        "pose « COPIE » en filigrane sur des PDF ; les originaux ne sont pas touchés",
        'copie "bon We Login.pdf" --texte COPIE',
        "on_documents",
    ),
    Command(
        "modeles",
        "vérifie les modèles Word, dit les champs qu'ils peuvent porter, adopte les anciens",
        "modeles verifier",
        "on_documents",
    ),
    Command(
        "demo",
        "montre tout sur un petit office d'exemple",
        "demo",
        "on_desktop",
    ),
    Command(
        "diagnostic",
        "dit ce qui marche sur ce poste, ce qui manque et comment l'avoir",
        "diagnostic .",
        "on_desktop",
    ),
    Command(
        "geste",
        "ce que fait un double-clic sur un script du bureau, ou ce que l'on dépose dessus",
        'geste verifier "L:\\Gestion de clientèle\\Groupe"',
        "on_desktop",
    ),
    Command(
        "raccourcis",
        "pose les raccourcis du menu « Envoyer vers » de ce poste Windows",
        "raccourcis --retirer",
        "on_desktop",
    ),
)
"""In the order in which they are listed."""
