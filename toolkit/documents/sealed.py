"""The one jinja environment: what a Word model may say, and nothing else.

A model is edited by people who do not program, and may come from anywhere: no loader, no global, no method, no
Python attribute; only fields of the core's models and the filters of ``FILTRES``. Values are always escaped. A missing
fact is printed as « [À COMPLÉTER : …] » and recorded, an unknown field is recorded: never a silent blank.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar, cast

import jinja2
from docxtpl import InlineImage
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from toolkit import french
from toolkit.documents.marks import CHANGED, END, MISSING, SAME


class Releve:
    """What one filling met: facts that are missing, fields that do not exist."""

    def __init__(self) -> None:
        self.manquants: dict[str, None] = {}
        self.inconnus: dict[str, None] = {}


class _Absent(jinja2.Undefined):
    """A value that is not there: false, empty, and recorded when the model prints it or compares it."""

    releve: ClassVar[Releve]

    @property
    def chemin(self) -> str:
        return str(self._undefined_name)

    def _record(self) -> str:
        raise NotImplementedError

    def child(self, name: str) -> "_Absent":
        return type(self)(name=f"{self.chemin}.{name}")

    def __str__(self) -> str:
        return self._record()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def _compare(self, other: object) -> bool:
        self._record()
        return False

    # Undefined declares these as never returning; here an absent value is simply not above, nor below.
    __lt__ = __le__ = __gt__ = __ge__ = _compare  # type: ignore[assignment]


class _Manquant(_Absent):
    """A field that exists, for which there is no fact yet."""

    def _record(self) -> str:
        label = self._undefined_hint or self.chemin
        self.releve.manquants[label] = None
        return f"{MISSING}[À COMPLÉTER : {label}]{END}"

    def child(self, name: str) -> "_Absent":
        return type(self)(hint=self._undefined_hint, name=f"{self.chemin}.{name}")


class _Inconnu(_Absent):
    """A name that no field bears."""

    def _record(self) -> str:
        self.releve.inconnus[self.chemin] = None
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._record()
        return iter(())

    def __bool__(self) -> bool:
        self._record()
        return False


def _label(owner: object, name: str) -> str:
    """How people call a field: its title in the models, else its name."""
    if isinstance(owner, BaseModel) and name in type(owner).model_fields:
        return type(owner).model_fields[name].title or name
    return _LABELS.get(name, name.replace("_", " "))


_LABELS = {
    "acompte": "acompte",
    "agent": "chargé de clientèle",
    "apres": "valeur après l'avenant",
    "date": "date",
    "debut": "date ou heure de début",
    "heure_arrivee": "heure d'arrivée",
    "heure_depart": "heure de départ",
    "libelle": "libellé de la prestation",
    "mention": "nombre de participants",
    "participants": "nombre de participants",
    "nom_complet": "nom",
    "nuits": "nombre de nuits",
    "periode": "dates du séjour",
    "prestations": "total des prestations",
    "signataire": "signataire",
    "solde_apres_acompte": "solde",
    "total": "prix total",
}
"""What derived values are called, which have no title of their own."""


class SealedEnvironment(ImmutableSandboxedEnvironment):
    """The one jinja environment of the toolkit."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, loader=None, finalize=self._print)
        self.globals.clear()
        self.filters = {name: _pass_absent(function) for name, function in FILTRES.items()} | {"nombre": len}
        self.tests = {"defined": lambda value: not isinstance(value, jinja2.Undefined)}
        self._templates: dict[str, jinja2.Template] = {}
        self.start()

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> jinja2.Template:
        """Each text of a model is compiled once: docxtpl asks again at every filling."""
        if source not in self._templates:
            self._templates[source] = super().from_string(source, *args, **kwargs)
        return self._templates[source]

    def start(self) -> Releve:
        """Begin one filling."""
        self.releve = Releve()
        self._manquant = cast(type[_Manquant], type("Manquant", (_Manquant,), {"releve": self.releve}))
        self.undefined = cast(type[jinja2.Undefined], type("Inconnu", (_Inconnu,), {"releve": self.releve}))
        return self.releve

    def known(self, champs: Mapping[str, object]) -> dict[str, object]:
        """The names of a model, those without a value ready to be printed as missing."""
        return {
            name: self._manquant(hint=_label(None, name), name=name) if value is None else value
            for name, value in champs.items()
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, _Absent):
            return obj.child(attribute)
        if not _has_field(obj, attribute):
            return self.undefined(name=f"{_name_of(obj)}.{attribute}")
        value = getattr(obj, attribute)
        is_absent = value is None or value in ("", [], ())
        return self._manquant(hint=_label(obj, attribute), name=attribute) if is_absent else value

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        return super().getitem(obj, argument)

    def _print(self, value: Any) -> Any:
        if isinstance(value, str | int | jinja2.Undefined | InlineImage) and not isinstance(value, bool):
            return value
        # A bare date or Decimal would print in English: the model has to say how.
        self.releve.inconnus[f"{value} (écrire un filtre, par exemple | euros ou | date_longue)"] = None
        return ""


def _has_field(obj: object, name: str) -> bool:
    """Only facts and derived values can be reached: never a method, never a Python attribute."""
    if isinstance(obj, BaseModel):
        return name in type(obj).model_fields or (name == "nom_complet" and hasattr(obj, name))
    if is_dataclass(obj):
        return name in {field.name for field in fields(obj)}
    return type(obj).__name__ == "LoopContext" and name in ("first", "last", "index")


def _name_of(obj: object) -> str:
    return type(obj).__name__.casefold()


def _pass_absent(function: Callable[..., Any]) -> Callable[..., Any]:
    def filtered(value: Any, *args: Any) -> Any:
        return value if isinstance(value, jinja2.Undefined) else function(value, *args)

    return filtered


def _si_change(value: object, is_changed: bool) -> str:
    """Red when it is changed, black when it is not, whatever the colour of the tag in the model."""
    return f"{CHANGED if is_changed else SAME}{value}{END}"


FILTRES: Mapping[str, Callable[..., Any]] = {
    "euros": french.euros,
    "pourcentage": french.pourcentage,
    "date_simple": french.date_simple,
    "date_longue": french.date_longue,
    "date_courte": french.date_courte,
    "heure": french.heure,
    "telephone": french.telephone,
    "iban": french.iban,
    "liste": french.liste,
    "pluriel": french.pluriel,
    "lignes": "\n".join,
    "si_change": _si_change,
}
"""What a model may write after ``|``."""
