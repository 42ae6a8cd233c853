"""A Word model and the facts of a dossier → the bytes of a Word document.

The only module that knows docxtpl and jinja. A model is edited in Word by people who do not program, so nothing it
holds is trusted: one sandboxed environment, values always escaped, no name but the fields of ``champs_contrat``,
no filter but those of ``FILTRES``.

A missing fact is printed as a red, highlighted « [À COMPLÉTER : …] », an unknown field is an error: never a silent
blank (design, « Red »).
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, ClassVar, cast

import jinja2
from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from pydantic import BaseModel

from toolkit import french
from toolkit.dossier.fiche import Fiche
from toolkit.errors import Problem, erreur

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

# Private characters around a missing fact in the rendered text; champs.py refuses them in a value.
_MARK, _END = "\ue000", "\ue001"
_MARKED = re.compile(f"({_MARK}[^{_END}]*{_END})")


@dataclass(frozen=True, slots=True)
class Filled:
    """A document, and what it says is missing."""

    content: bytes
    """The .docx; the same facts and the same model always give the same bytes."""
    manquants: tuple[str, ...] = ()
    """What is printed as « [À COMPLÉTER : …] »: such a document is not made into a PDF."""


class ModeleFaulty(Exception):
    """The model cannot be filled; ``problems`` say why, for the agent who edits it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class _Releve:
    """What one filling met: facts that are missing, fields that do not exist."""

    def __init__(self) -> None:
        self.manquants: dict[str, None] = {}
        self.inconnus: dict[str, None] = {}


class _Absent(jinja2.Undefined):
    """A value that is not there: false, empty, and recorded when the model prints it or compares it."""

    releve: ClassVar[_Releve]

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
        return f"{_MARK}[À COMPLÉTER : {label}]{_END}"

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
    "nom_complet": "nom",
    "nuits": "nombre de nuits",
    "periode": "dates du séjour",
    "prestations": "total des prestations",
    "signataire": "signataire",
    "solde_apres_acompte": "solde",
    "total": "prix total",
}
"""What derived values are called, which have no title of their own."""


class _Environment(ImmutableSandboxedEnvironment):
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

    def start(self) -> _Releve:
        """Begin one filling."""
        self.releve = _Releve()
        self._manquant = cast(type[_Manquant], type("Manquant", (_Manquant,), {"releve": self.releve}))
        self.undefined = cast(type[jinja2.Undefined], type("Inconnu", (_Inconnu,), {"releve": self.releve}))
        return self.releve

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
        if isinstance(value, str | int | jinja2.Undefined) and not isinstance(value, bool):
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
}
"""What a model may write after ``|``."""


def champs_contrat(fiche: Fiche) -> dict[str, object]:
    """The names a contract's model may use: the facts as they are written down, and the contract's own amounts."""
    dossier, office = fiche.dossier, fiche.cadre.office
    return {
        "office": office,
        "dossier": dossier,
        "client": dossier.client,
        "sejour": dossier.sejour,
        "effectif": dossier.effectif,
        "tarif": dossier.tarif,
        "devis": dossier.devis,
        "contrat": dossier.contrat,
        "paiement": dossier.paiement,
        "programme": fiche.programme,
        "montants": fiche.montants_pour(fiche.contrat),
        "limites": fiche.limites,
        "nuits": fiche.nuits,
        "transport": fiche.transport,
        "agent": fiche.agent,
        "signataire": fiche.signataire,
        "signataires": [person for person in office.signataires if "contrat" in person.signe],
        "periode": french.periode(dossier.sejour.debut, dossier.fin or dossier.sejour.debut)
        if dossier.sejour.debut
        else None,
    }


@lru_cache(maxsize=16)
def compile_modele(content: bytes, nom: str) -> "Modele":
    """The model of these bytes; a changed file is another model."""
    return Modele(content, nom)


class Modele:
    """A Word model, compiled once and filled many times."""

    def __init__(self, content: bytes, nom: str) -> None:
        self.nom = nom
        self._content = content
        self._environment = _Environment()

    def fill(self, champs: Mapping[str, object]) -> Filled:
        """The document; raises ModeleFaulty when the model itself is wrong."""
        releve = self._environment.start()
        known = {
            name: self._environment._manquant(hint=_label(None, name), name=name) if value is None else value
            for name, value in champs.items()
        }
        template = DocxTemplate(io.BytesIO(self._content))
        out = io.BytesIO()
        try:
            template.render(known, self._environment)
            template.save(out)
        except jinja2.TemplateError as error:
            raise ModeleFaulty([self._fault(f"balise mal écrite : {error}")]) from error
        except (KeyError, ValueError, etree.XMLSyntaxError, zipfile.BadZipFile) as error:
            raise ModeleFaulty([self._fault("ce n'est pas un document Word (.docx) ordinaire")]) from error
        if releve.inconnus:
            raise ModeleFaulty([self._fault(f"champ inconnu « {name} »") for name in releve.inconnus])
        return Filled(_finish(out.getvalue()), tuple(releve.manquants))

    def _fault(self, message: str) -> Problem:
        return erreur(f"modèle « {self.nom} » : {message}. Aucun document n'en est tiré").at(
            fichier=f"modeles/{self.nom}"
        )


def _finish(content: bytes) -> bytes:
    """Missing facts coloured, and a package whose bytes do not depend on the hour."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as finished:
        for name in package.namelist():
            part = package.read(name)
            if _MARK.encode() in part:
                part = _colour_marked(part)
            finished.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _colour_marked(part: bytes) -> bytes:
    """Split the runs around each marked text, which becomes red on yellow; the rest keeps its looks."""
    root = etree.fromstring(part)
    for run in [run for run in root.iter(f"{W}r") if _MARK in "".join(str(text) for text in run.itertext())]:
        properties = run.find(f"{W}rPr")
        pieces: list[etree._Element] = []
        for child in run:
            if child is properties:
                continue
            is_marked_text = child.tag == f"{W}t" and _MARK in (child.text or "")
            for text in filter(None, _MARKED.split(child.text or "")) if is_marked_text else (None,):
                piece = etree.Element(f"{W}r")
                if properties is not None:
                    piece.append(deepcopy(properties))
                if text is None:
                    piece.append(deepcopy(child))
                else:
                    if text.startswith(_MARK):
                        text = text.strip(_MARK + _END)
                        _make_red(piece)
                    leaf = etree.SubElement(piece, f"{W}t")
                    leaf.text = text
                    leaf.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                pieces.append(piece)
        parent = run.getparent()
        if parent is None:
            continue
        position = parent.index(run)
        parent[position : position + 1] = pieces
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _make_red(run: etree._Element) -> None:
    properties = run.find(f"{W}rPr")
    if properties is None:
        properties = etree.SubElement(run, f"{W}rPr")
        run.insert(0, properties)
    for name in ("color", "highlight"):
        for old in properties.findall(f"{W}{name}"):
            properties.remove(old)
    # The schema wants the children of w:rPr in order: colour before size, highlight after it.
    after = [f"{W}{name}" for name in _BEFORE_COLOR]
    position = sum(1 for child in properties if child.tag in after)
    color = etree.Element(f"{W}color")
    color.set(f"{W}val", "FF0000")
    properties.insert(position, color)
    after += [f"{W}{name}" for name in ("color", "spacing", "w", "kern", "position", "sz", "szCs")]
    position = sum(1 for child in properties if child.tag in after)
    highlight = etree.Element(f"{W}highlight")
    highlight.set(f"{W}val", "yellow")
    properties.insert(position, highlight)


_BEFORE_COLOR = (
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow",
    "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden",
)  # fmt: skip
