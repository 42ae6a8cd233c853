"""The fields that a model may use, with their meaning and an example: drawn from the core, so never out of date."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from toolkit.formats.sealed import FILTRES
from toolkit.formats.word_marks import without_marks
from toolkit.modele.exemples import plein
from toolkit.modele.members import Membre, membres_of
from toolkit.modele.names import Genre, Liste, is_group, racine
from toolkit.modele.usages import USAGES, Usage

BOUCLE = "x"
"""What a line of a list is called in the examples; any other name does."""


@dataclass(frozen=True, slots=True)
class Champ:
    """One thing that a model may print or ask."""

    chemin: str
    """As written in a tag: ``client.contact.nom``, or ``x.libelle`` inside a loop."""
    sens: str
    ecriture: str
    """The whole tag, ready to be copied."""
    exemple: str
    """As it would be printed; empty for a list of groups."""
    liste: str = ""
    """The list whose loop it is written in; empty outside loops."""


@dataclass(frozen=True, slots=True)
class Groupe:
    """The fields that begin with one name."""

    nom: str
    sens: str
    modeles: tuple[str, ...]
    """Models that know it; empty: all of them."""
    champs: tuple[Champ, ...]


def groupes(usage: Usage | None = None) -> list[Groupe]:
    """The fields of one model, or of all; the shortest lists first."""
    roots: dict[str, Membre] = {}
    shown: dict[str, object] = {}
    for kind in dict.fromkeys(one.type.valeurs for one in ([usage] if usage else USAGES.values())):
        printed: type = kind
        values = plein(kind)
        for name, membre in membres_of(printed).items():
            if name not in roots:
                roots[name], shown[name] = membre, getattr(values, name)
    found = []
    for nom, membre in roots.items():
        known = tuple(model for model, one in USAGES.items() if nom in racine(one))
        fields = tuple(_walk(nom, membre.sens, membre, shown[nom], roots, ""))
        found.append(Groupe(nom, membre.sens, () if usage or len(known) == len(USAGES) else known, fields))
    return sorted(found, key=lambda groupe: len(groupe.champs))


def _walk(
    path: str, sens: str, membre: Membre, value: object, roots: Mapping[str, Membre], liste: str
) -> Iterator[Champ]:
    """A plain field; those of a group; those of the lines of a list, written in its loop."""
    kind = membre.genre
    if isinstance(kind, Liste):
        assert isinstance(value, Collection)
        lines = list(value)
        line = "y" if liste else BOUCLE
        loop = f"{{%p for {line} in {path} %}}"
        if is_group(kind.de):
            yield Champ(path, f"{sens} : une liste", f"{loop} … {{%p endfor %}}", "", liste)
            if not liste:  # a list inside a list is told, and its own fields are those of its kind
                yield from _members(BOUCLE, "", kind.de, lines[0], roots, path)
        else:
            yield Champ(
                path,
                f"{sens} : une liste",
                f"{{% for {line} in {path} %}}{{{{ {line} }}}} {{% endfor %}}",
                ", ".join(str(one) for one in lines[:2]),
                liste,
            )
    elif is_group(kind):
        yield from _members(path, sens, kind, value, roots, liste)
    else:
        filtre = membre.filtre
        tag = f"{{% if {path} %}} … {{% endif %}}" if kind is bool else f"{{{{ {path}{filtre and f' | {filtre}'} }}}}"
        yield Champ(path, sens, tag, _shown(value, kind, filtre), liste)


def _members(
    path: str, sens: str, kind: Genre, value: object, roots: Mapping[str, Membre], liste: str
) -> Iterator[Champ]:
    assert isinstance(kind, type)
    for name, membre in membres_of(kind).items():
        if "." not in path and not liste and is_group(membre.genre) and name in roots:
            if roots[name].genre is membre.genre:
                continue  # « dossier.client » is « client »
        is_deeper = "." in path and not liste
        told = f"{sens} : {membre.sens}" if is_deeper else membre.sens
        yield from _walk(f"{path}.{name}", told, membre, getattr(value, name), roots, liste)


_LONG = 60
"""Characters of an example."""


def _shown(value: object, kind: Genre, filtre: str) -> str:
    if kind is bool:
        return "oui ou non"
    text = str(FILTRES[filtre](value)) if filtre else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


@dataclass(frozen=True, slots=True)
class ExempleDeFiltre:
    """What a filter makes of an example value."""

    nom: str
    ecriture: str
    resultat: str


def filtres() -> list[ExempleDeFiltre]:
    """Each filter on a value it is made for."""
    return [
        ExempleDeFiltre(name, f"{{{{ {path} | {name}{told} }}}}", _result(name, value, arguments))
        for name, path, value, told, arguments in _EXEMPLES
    ]


def _result(name: str, value: object, arguments: tuple[object, ...]) -> str:
    result = without_marks(str(FILTRES[name](value, *arguments))).replace("\n", " / ")
    return f"{result}, en rouge ce qui a changé" if name == "si_change" else result


_EXEMPLES: Sequence[tuple[str, str, object, str, tuple[object, ...]]] = (
    ("euros", "montants.total", Decimal("2508.00"), "", ()),
    ("pourcentage", "office.acompte.taux", Decimal(30), "", ()),
    ("date_simple", "sejour.debut", date(2027, 6, 17), "", ()),
    ("date_longue", "sejour.debut", date(2027, 6, 17), "", ()),
    ("date_courte", "sejour.debut", date(2027, 6, 17), "", ()),
    ("heure", "sejour.heure_arrivee", time(9, 45), "", ()),
    ("telephone", "client.telephone", "0235000001", "", ()),
    ("iban", "office.banque.iban", "FR7699999000019999999999961", "", ()),
    ("liste", "tarif.comprend", ["la visite", "le déjeuner"], "", ()),
    ("lignes", "client.adresse", ["7 rue Inexistante", "Bâtiment B"], "", ()),
    ("nombre", "programme", ["a", "b", "c"], "", ()),
    ("date_anglaise", "sejour.debut", date(2027, 6, 17), "", ()),
    ("heure_anglaise", "sejour.heure_arrivee", time(9, 45), "", ()),
    ("euros_anglais", "montants.total", Decimal("2508.00"), "", ()),
    ("pourcentage_anglais", "office.acompte.taux", Decimal(30), "", ()),
    ("pluriel_anglais", "effectif.participants", 42, '("participant")', ("participant",)),
    ("si_change", "ligne.apres", "40", "(ligne.avant)", ("42",)),
    ("pluriel", "effectif.participants", 42, '("participant")', ("participant",)),
)


def as_json(found: Sequence[Groupe]) -> dict[str, object]:
    """``champs`` and ``filtres``; ``liste`` and ``modeles`` are None where they say nothing (promesses.md §5)."""
    return {
        "champs": [
            {
                "chemin": champ.chemin,
                "sens": champ.sens,
                "ecriture": champ.ecriture,
                "exemple": champ.exemple,
                "liste": champ.liste or None,
                "modeles": list(groupe.modeles) or None,
            }
            for groupe in found
            for champ in groupe.champs
        ],
        "filtres": [{"nom": one.nom, "ecriture": one.ecriture, "resultat": one.resultat} for one in filtres()],
    }


def as_text(found: Sequence[Groupe]) -> str:
    """A line a field, by group, then the filters; French, not typeset: tags are to be copied."""
    lines = []
    for groupe in found:
        where = f" (seulement dans {', '.join(groupe.modeles)})" if groupe.modeles else ""
        lines += ["", f"{groupe.nom}{where}"]
        for champ in groupe.champs:
            inside = f" [dans la boucle sur {champ.liste}]" if champ.liste else ""
            example = f" – ex. {champ.exemple}" if champ.exemple else ""
            lines.append(f"  {champ.ecriture:<58} {champ.sens}{example}{inside}")
    lines += ["", "Filtres"]
    lines += [f"  {one.ecriture:<58} {one.resultat}" for one in filtres()]
    return "\n".join(lines[1:])
