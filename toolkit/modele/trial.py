"""All that is looked at in a Word model that nobody vouches for, as one task for a child (``system.isolated``).

Reading one may take as long, and as much memory, as whoever made it likes, and so may filling it: the process of the
office opens none before its child has found it good.
"""

import base64
import json
from collections.abc import Sequence

from toolkit.formats.word import Modele, ModeleFaulty
from toolkit.modele.exemples import jeux
from toolkit.modele.faults import Faute, as_data
from toolkit.modele.reading import read_source
from toolkit.modele.usages import usage
from toolkit.modele.whole_check import check_modele


def examine(content: bytes, nom: str, annotates: str = "") -> bytes:
    """As JSON, the faults of a model and, without any error, what its trial gives; then a copy that shows them.

    The copy is made when ``annotates`` says « oui » and there is something to show: nothing follows the line otherwise.
    """
    fautes = check_modele(content, nom)
    essai = [] if any(one.is_error for one in fautes) else try_fill(content, nom)
    said = json.dumps({"fautes": as_data(fautes), "essai": essai}).encode()
    return b"\n".join((said, (_annotated(content, fautes) or b"") if annotates and fautes else b""))


def _annotated(content: bytes, fautes: Sequence[Faute]) -> bytes | None:
    if len(fautes) == 1 and fautes[0].lieu is None and fautes[0].is_error:
        return None  # nothing could be read of it
    from toolkit.modele.annotate import annotate  # python-docx takes a tenth of a second, and most are good

    return annotate(content, fautes)


_DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
"""A picture of one point, for models that print one."""


def try_fill(content: bytes, nom: str) -> list[str]:
    """What went wrong with example values, in French clauses; empty when every document came out whole.

    Reading alone cannot tell it: all is known, nothing is known, then every choice is taken in turn, the first time
    with pictures.
    """
    kind = usage(nom)
    if kind is None:
        return []
    images = dict.fromkeys(kind.type.images, _DOT)
    try:
        modele = Modele(content, nom)
        for valeurs in jeux(kind.type.valeurs):
            filled = modele.fill(valeurs, images)
            images = {}
            if left := _tags_left(filled.content):
                return [f"« {left} » reste dans le document rempli"]
    except ModeleFaulty as fault:
        return fault.causes
    return []


def _tags_left(content: bytes) -> str | None:
    """No value of the examples holds braces: those that are left are the model's."""
    for partie in read_source(content).parties:
        for paragraphe in partie.paragraphes:
            if paragraphe.balises:
                return paragraphe.balises[0].texte
    return None
