"""A model checked whole: every fault of one run, or what keeps it from being opened."""

from collections.abc import Sequence

from toolkit.errors import Problem
from toolkit.formats.word_package import WordRefused
from toolkit.modele.checks import CONTROLES, Examen, in_order
from toolkit.modele.faults import Faute
from toolkit.modele.names import racine
from toolkit.modele.reading import read_source
from toolkit.modele.usages import usage

BALISES_MAX = 5_000
"""Tags of one model: the contract of the office has a hundred and fifty."""
FAUTES_MAX = 200
"""Faults that are told of one model: nobody reads more."""


def check_modele(content: bytes, nom: str) -> list[Faute]:
    """The faults of a model, as one reads it; nothing is filled and nothing in it is run."""
    try:
        source = read_source(content)
    except WordRefused as refusal:
        return [Faute(refusal.cause, f"{refusal.correction[0].upper()}{refusal.correction[1:]}")]
    kind = usage(nom)
    examen = Examen(source, kind, racine(kind))
    count = sum(len(one.balises) for one in examen.paragraphes)
    if count > BALISES_MAX:
        return [Faute(f"il porte {count} balises", "Le refaire à partir du modèle livré")]
    fautes = in_order([one for controle in CONTROLES for one in controle(examen)], source)
    if (left := len(fautes) - FAUTES_MAX) > 0:
        fautes = sorted(fautes, key=lambda one: not one.is_error)[:FAUTES_MAX]
        others = f"il y a {left} autres remarques"
        fautes.append(Faute(others, "Corriger d'abord celles-ci", gravite=fautes[-1].gravite))
    return fautes


def problems(fautes: Sequence[Faute], nom: str) -> list[Problem]:
    """The same for the reports, each with what it stops."""
    kind = usage(nom)
    return [one.problem(nom, kind.modele.consequence if kind else "") for one in fautes]
