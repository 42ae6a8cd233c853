"""What each Word document of ours tells of itself, so that a state that is lost takes nothing with it."""

import json

from pydantic import TypeAdapter

from toolkit.formats import word_seal
from toolkit.formats.package import PackageRefused
from toolkit.walk.decide import Written

_ENGAGEMENTS = TypeAdapter(dict[str, str])
_MANQUANTS = TypeAdapter(tuple[str, ...])


def telling(content: bytes, reference: str | None, written: Written) -> bytes:
    """The document with what is remembered of it; one whose parts Word itself would not find says nothing."""
    said = {
        "reference": reference,
        "code": written.code,
        "made_of": written.made_of,
        "modele": written.modele,
        "engagements": written.engagements,
        "manquants": written.manquants,
    }
    try:
        return word_seal.seal(content, json.dumps(said))
    except PackageRefused:
        return content


def told_by(content: bytes, reference: str | None, code: str, jour: str) -> Written | None:
    """What a document of this dossier and this code tells; None for any other, whoever wrote in it since.

    Its ``sha256`` is empty: it cannot say of itself that nobody touched it. ``jour`` is the ISO date of today.
    """
    said = word_seal.read_seal(content)
    try:
        known = json.loads(said or "null")
        if (known["reference"], known["code"]) != (reference, code):
            return None
        return Written(
            code=code,
            sha256="",
            fait_le=jour,
            made_of=str(known["made_of"]),
            modele=str(known["modele"]),
            engagements=_ENGAGEMENTS.validate_python(known["engagements"]),
            manquants=_MANQUANTS.validate_python(known["manquants"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
