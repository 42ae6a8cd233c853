"""An old red model made into a model of the toolkit: blanks found, fields proposed, answers put in.

Layout, fonts and red are kept: a tag takes the place, and the looks, of the words it replaces.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree
from pydantic import Field

from toolkit.dossier.genres import Bloc, Entier, Texte
from toolkit.errors import Problem, erreur
from toolkit.formats.office_xml import serialise
from toolkit.formats.package import write_package
from toolkit.formats.word_marks import W
from toolkit.french import notepad
from toolkit.modele.blanks import Blanc, find_blancs
from toolkit.modele.catalogue import groupes
from toolkit.modele.proposal import propose
from toolkit.modele.reading import Source, read_source
from toolkit.modele.runs import cut_out, drop_text, set_text
from toolkit.modele.usages import USAGES, Usage


class Reponse(Bloc):
    """What one blank becomes."""

    numero: Entier = Field(title="numéro du blanc")
    endroit: Texte = Field("", title="endroit")
    genre: Texte = Field("", title="genre")
    texte: Texte = Field("", title="texte remplacé")
    contexte: Texte = Field("", title="contexte")
    champ: Texte = Field("", title="champ")
    """A whole tag, or a name alone; empty: left as it is."""


class Reponses(Bloc):
    """The file beside the old model."""

    pour: Texte = Field(title="modèle à remplacer")
    blancs: list[Reponse] = Field([], title="blancs")


@dataclass(frozen=True)
class Adoption:
    """What came of it."""

    content: bytes
    laisses: tuple[Reponse, ...]
    """Blanks that nobody answered: as they were."""
    problemes: tuple[Problem, ...]
    """Of the answers."""


def survey(content: bytes, nom: str, pour: str | None = None) -> Reponses:
    """The blanks of an old model, each with a proposal; raises WordRefused."""
    source = read_source(content)
    target = pour or guess_usage(source, nom)
    champs = [champ for groupe in groupes(USAGES[target]) for champ in groupe.champs]
    return Reponses(
        pour=target,
        blancs=[
            Reponse(
                numero=number,
                endroit=str(blanc.paragraphe.lieu),
                genre=blanc.genre.value,
                texte=_one_line(blanc.texte),
                contexte=_one_line(blanc.contexte),
                champ=propose(blanc, champs),
            )
            for number, blanc in enumerate(find_blancs(source), 1)
        ],
    )


def survey_isolated(content: bytes, nom: str, pour: str) -> bytes:
    """The same as a task for ``isolated``: JSON."""
    return survey(content, nom, pour or None).model_dump_json().encode()


def guess_usage(source: Source, nom: str) -> str:
    """From the name of the file, then from its first words; told in the answers, where it can be changed.

    The kind that is named first, since an avenant speaks of its contract; of those that begin alike, the one that is
    told at more length.
    """
    first = " ".join(one.texte for one in source.parties[0].paragraphes[:12])
    for text in (nom.replace("_", " "), first):
        found = [(name, match) for name, one in USAGES.items() if (match := _known(one, text))]
        if found:
            return min(found, key=lambda one: (one[1].start(), -len(one[1][0])))[0]
    return "programme.docx"


def _known(usage: Usage, text: str) -> re.Match[str] | None:
    return re.search(usage.modele.mots, text, re.IGNORECASE)


def answers_file(reponses: Reponses, nom: str) -> bytes:
    """TOML for Notepad, one block for each blank."""
    lines = [
        f"# Ce que deviennent les parties à remplir de « {nom} ».",
        "# Relire chaque ligne « champ » : la corriger, ou l'effacer entre ses guillemets pour ne rien changer.",
        "# La liste des champs : toolkit modeles champs. Enregistrer, puis relancer la même commande.",
        "",
        f"pour = {_quoted(reponses.pour)}  # le modèle que celui-ci remplacera",
    ]
    for one in reponses.blancs:
        lines += [
            "",
            "[[blancs]]",
            f"numero = {one.numero}",
            f"endroit = {_quoted(one.endroit)}",
            f"genre = {_quoted(one.genre)}",
            f"texte = {_quoted(one.texte)}",
            f"contexte = {_quoted(one.contexte)}",
            f"champ = {_quoted(one.champ)}",
        ]
    return notepad("\n".join([*lines, ""]))


def _quoted(text: str) -> str:
    """Between simple quotes a tag keeps its double ones."""
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)


def adopt(content: bytes, reponses: Reponses) -> Adoption:
    """The model with its tags; raises WordRefused."""
    source = read_source(content)
    blancs = find_blancs(source)
    by_number = {one.numero: one for one in reponses.blancs}
    chosen: dict[int, list[tuple[Blanc, str]]] = defaultdict(list)
    left, problems = [], []
    for number, blanc in enumerate(blancs, 1):
        answer = by_number.pop(number, None) or Reponse(numero=number, texte=_one_line(blanc.texte))
        if answer.texte != _one_line(blanc.texte):
            problems.append(
                erreur(f"le blanc n° {number} est maintenant « {_one_line(blanc.texte)} » : refaire la liste")
            )
        elif answer.champ:
            chosen[id(blanc.paragraphe)].append((blanc, _tag(answer.champ)))
        else:
            left.append(answer)
    problems += (erreur(f"il n'y a pas de blanc n° {number} dans le modèle") for number in by_number)
    for answers in chosen.values():
        # From the last to the first: the spans of those before stay right.
        for blanc, tag in reversed(answers):
            _put(blanc, tag)
    parts = {
        name: serialise(source.xml[name]) if name in {partie.nom for partie in source.parties} else part
        for name, part in source.parts.items()
    }
    return Adoption(write_package(parts), tuple(left), tuple(problems))


def adopt_isolated(content: bytes, reponses: str) -> bytes:
    """The same as a task for ``isolated``: a line of JSON, then the model."""
    adoption = adopt(content, Reponses.model_validate_json(reponses))
    said = {
        "laisses": [one.model_dump() for one in adoption.laisses],
        "problemes": [one.message for one in adoption.problemes],
    }
    return json.dumps(said).encode() + b"\n" + adoption.content


def adopted(answer: bytes) -> Adoption:
    """What ``adopt_isolated`` made."""
    line, _, content = answer.partition(b"\n")
    said = json.loads(line)
    laisses = tuple(Reponse.model_validate(one) for one in said["laisses"])
    return Adoption(content, laisses, tuple(erreur(one) for one in said["problemes"]))


_LONGUEUR_MAX = 1_000
"""Characters of a blank, or of what surrounds it, that the answers show."""


def _one_line(text: str) -> str:
    """Without what no facts may hold, as the signs of Word's own fonts."""
    readable = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(readable.split())[:_LONGUEUR_MAX].strip()


def _tag(champ: str) -> str:
    return champ if champ.startswith(("{{", "{%")) else f"{{{{ {champ} }}}}"


def _put(blanc: Blanc, tag: str) -> None:
    """The tag in the first run of the blank, whose looks it takes; what surrounded it goes."""
    first, *others = cut_out(blanc.paragraphe, blanc.debut, blanc.fin)
    set_text(first, tag)
    for run in others:
        drop_text(run)
    for element in blanc.enveloppe:
        if element.tag in (f"{W}fldSimple", f"{W}sdt"):
            _unwrap(element)
        else:
            _remove(element)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _unwrap(element: etree._Element) -> None:
    """Its content takes its place."""
    parent = element.getparent()
    if parent is None:
        return
    content = element.find(f"{W}sdtContent") if element.tag == f"{W}sdt" else element
    position = parent.index(element)
    kept: Sequence[etree._Element] = list(content) if content is not None else []
    parent[position : position + 1] = [one for one in kept if one.tag != f"{W}fldData"]
