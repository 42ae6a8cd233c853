"""A model filled with example values, to see what reading alone cannot tell: all known, nothing known, every choice.

Runs in a child process (``system.isolated``): docxtpl goes through a model with expressions that may take minutes.
"""

import json

from toolkit.formats.word import Modele, ModeleFaulty
from toolkit.modele.exemples import jeux
from toolkit.modele.reading import read_source
from toolkit.modele.usages import usage


def try_fill(content: bytes, nom: str) -> list[str]:
    """What went wrong, in French clauses; empty when every document came out whole."""
    kind = usage(nom)
    try:
        modele = Modele(content, nom)
        for valeurs in jeux(kind.type.valeurs) if kind else ():
            filled = modele.fill(valeurs)
            if left := _tags_left(filled.content):
                return [f"« {left} » reste dans le document rempli"]
    except ModeleFaulty as fault:
        return fault.causes
    return []


def tell_fill(content: bytes, nom: str) -> bytes:
    """The same as JSON, for whoever started the child."""
    return json.dumps(try_fill(content, nom)).encode()


def _tags_left(content: bytes) -> str | None:
    """No value of the examples holds braces: those that are left are the model's."""
    for partie in read_source(content).parties:
        for paragraphe in partie.paragraphes:
            if paragraphe.balises:
                return paragraphe.balises[0].texte
    return None
