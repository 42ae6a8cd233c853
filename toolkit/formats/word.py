"""A Word model and the facts of a dossier → the bytes of a Word document.

The only module that fills. A model is compiled once: docxtpl repairs the tags that Word has cut up, and each part that
holds some becomes one jinja template. Filling renders these texts, which are the parts, and checks that each is sound
XML; the other parts are copied. What this cannot do (pictures, merged cells, columns that repeat) docxtpl does itself.
"""

import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from xml.parsers import expat

import jinja2
from lxml import etree

from toolkit.errors import FileRefused, Problem, erreur
from toolkit.formats.office_xml import PartUnsound
from toolkit.formats.package import PackageRefused, write_package
from toolkit.formats.sealed import Compiled, Met, SealedEnvironment
from toolkit.formats.word_bare import BODY, bare
from toolkit.formats.word_marks import broken, colour_marked, flattened, is_marked, without_marks
from toolkit.formats.word_package import WordRefused, open_package, read_package


@dataclass(frozen=True, slots=True)
class Filled:
    """A document, and what it says is missing."""

    content: bytes
    """The .docx; the same facts and the same model always give the same bytes."""
    manquants: tuple[str, ...] = ()
    """What is printed as « [À COMPLÉTER : …] »: such a document is not made into a PDF."""


class ModeleFaulty(FileRefused):
    """A Word model that cannot be filled; ``problems`` say why, for the agent who edits it."""

    def __init__(self, problems: list[Problem], causes: Sequence[str] = ()) -> None:
        super().__init__(problems, causes)
        self.problems = problems
        self.causes = list(causes)
        """The same as French clauses, for who tells the rest otherwise."""

    def __str__(self) -> str:
        return "; ".join(problem.message for problem in self.problems)


@lru_cache(maxsize=16)
def compile_modele(content: bytes, nom: str) -> "Modele":
    """The model of these bytes; a changed file is another model. Raises ModeleFaulty."""
    return Modele(content, nom)


_RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml|docProps/core\.xml")
_FOR_DOCXTPL = re.compile(r"{%\s*(?:colspan|cellbg|vm|hm)\b|{%tc |{{[rp] ")


class Modele:
    """A Word model, compiled once and filled many times."""

    def __init__(self, content: bytes, nom: str) -> None:
        self.nom = nom
        self._environment = SealedEnvironment()
        self._templates: dict[str, Compiled] = {}
        self._needs_docxtpl = False
        try:
            self._content = bare(content)
            self._paquet = open_package(self._content)
            for name in filter(_RENDERED.fullmatch, self._paquet.sizes):
                self._compile(name, self._paquet.read(name).decode("utf-8"))
        except jinja2.TemplateError as error:
            raise self._faulty(f"balise mal écrite : {error}") from error
        except WordRefused as refusal:
            raise self._faulty(str(refusal)) from refusal
        except (SyntaxError, RecursionError) as error:
            raise self._faulty("ses balises sont trop imbriquées") from error
        except (PackageRefused, PartUnsound, KeyError, ValueError) as error:
            raise self._faulty(_NOT_WORD) from error
        if BODY not in self._paquet:
            raise self._faulty(_NOT_WORD)
        self.names: frozenset[str] = frozenset().union(*(one.names for one in self._templates.values()))
        """What it prints, asks and goes through, dotted: ``programme.libelle`` for what a loop says of its lines."""

    def _compile(self, name: str, text: str) -> None:
        if "{" in text:
            self._needs_docxtpl |= _FOR_DOCXTPL.search(text) is not None
            self._templates[name] = self._environment.compiled(text, _repaired)

    def fill(self, valeurs: object, images: Mapping[str, bytes] | None = None) -> Filled:
        """The document that says the fields of a dataclass; raises ModeleFaulty when the model itself is wrong.

        ``images`` are pictures that the model may print by their name, 14 mm high: it has to be filled by docxtpl when
        it names one of them.
        """
        met = self._environment.start()
        known = self._environment.known(valeurs)
        lost: list[str] = []
        try:
            pictures = {name: picture for name, picture in (images or {}).items() if name in self.names}
            if pictures or self._needs_docxtpl:
                content, lost = self._fill_by_docxtpl(known, pictures, met)
            else:
                content = self._fill(known)
        except jinja2.TemplateError as error:
            raise self._faulty(f"balise mal écrite : {error}") from error
        except TypeError as error:
            raise self._faulty(f"une balise compare ou ajoute ce qui ne va pas ensemble ({error})") from error
        except (KeyError, ValueError, PartUnsound, etree.XMLSyntaxError, expat.ExpatError) as error:
            raise self._faulty(f"le document qui en sort n'est pas lisible par Word ({error})") from error
        if met.inconnus:
            raise self._faulty(*(f"champ inconnu « {name} »" for name in met.inconnus))
        if lost:
            raise self._faulty(*(f"« {value} » se perd au remplissage" for value in lost))
        return Filled(content, tuple(met.manquants))

    def _fill(self, known: Mapping[str, object]) -> bytes:
        """What the templates print is the document, so that nothing printed can be lost."""
        texts = {name: template.render(known) for name, template in self._templates.items()}
        if BODY in texts:
            texts[BODY] = _numbered(texts[BODY])
        return self._paquet.replaced({name: _finished(name, text) for name, text in texts.items()})

    def _fill_by_docxtpl(
        self, known: dict[str, object], images: Mapping[str, bytes], met: Met
    ) -> tuple[bytes, list[str]]:
        from docx.shared import Mm
        from docxtpl import DocxTemplate, InlineImage

        template = DocxTemplate(io.BytesIO(self._content))
        pictures = {name: InlineImage(template, io.BytesIO(picture), height=Mm(14)) for name, picture in images.items()}
        out = io.BytesIO()
        template.render({**known, **pictures}, self._environment)
        template.save(out)
        parts = read_package(out.getvalue())
        finished = {name: _finished(name, parts[name].decode()) for name in self._templates}
        return write_package({**parts, **finished}), _lost(met.imprimes, finished.values())

    def _faulty(self, *causes: str) -> ModeleFaulty:
        told = (f"modèle « {self.nom} » : {cause}. Aucun document n'en est tiré" for cause in causes)
        return ModeleFaulty([erreur(one).at(fichier=f"modeles/{self.nom}") for one in told], causes)


def _repaired(text: str) -> str:
    """Without the tags of Word inside those of the model."""
    # With python-docx it takes a third of a second and ten megabytes, which a compiled model does without.
    from docxtpl import DocxTemplate

    repaired: str = DocxTemplate.patch_xml(None, _TAG.sub(_plain_quotes, text))
    return repaired


_TAG = re.compile(r"\{[{%#].*?[%#}]\}", re.DOTALL)


def _plain_quotes(tag: re.Match[str]) -> str:
    """LibreOffice writes the quotes of a text as entities, which no tag knows."""
    return re.sub("&(quot|#34|apos|#39);", lambda one: '"' if one[1] in ("quot", "#34") else "'", tag[0])


_PICTURE = re.compile(r'(<wp:docPr [^>]*?\bid=")\d+')


def _numbered(text: str) -> str:
    """Pictures numbered as docxtpl does: Word refuses two of one number, and a loop repeats them."""
    numbers = count(1001)
    return _PICTURE.sub(lambda found: f"{found[1]}{next(numbers)}", text) if "<wp:docPr" in text else text


_BARE_CELL = re.compile(r"(</w:tcPr>|<w:tcPr/>|</w:tbl>|<w:tc(?: [^<>]*)?>)\s*(?=</w:tc>)")
_BARE_TABLE = re.compile(r"<w:tbl>(?:(?!<w:tbl>|<w:tr[ >]).)*</w:tbl>", re.DOTALL)
_NO_ROW = re.compile(r"</w:tblGrid>\s*</w:tbl>")


def _finished(name: str, text: str) -> bytes:
    """A part as Word reads it; raises ExpatError when it is no sound XML."""
    part = (_whole(broken(text)) if name.startswith("word/") else flattened(text)).encode()
    expat.ParserCreate().Parse(part, True)
    return colour_marked(part) if is_marked(text) else part


def _whole(text: str) -> str:
    """A loop or a condition may leave a table without row, a cell without paragraph: Word opens neither."""
    if _NO_ROW.search(text):
        text = _BARE_TABLE.sub("", text)
    return _BARE_CELL.sub(r"\1<w:p/>", text)


_TAGS = re.compile(r"<[^>]+>")
_SPACES = re.compile(r"\s+")


def _lost(printed: Iterable[str], parts: Iterable[bytes]) -> list[str]:
    """Values that were printed and are not in the document: docxtpl drops without a word what it cannot read."""
    written = " ".join(part.decode() for part in parts)
    unseen = [value for value in printed if _escaped(value) not in written]
    if not unseen:
        return []
    # Values with line breaks or marks of colour are cut by elements.
    text = _bare(html.unescape(_TAGS.sub("", written)))
    return [value for value in unseen if _bare(value) not in text]


def _escaped(text: str) -> str:
    """As jinja writes it."""
    return html.escape(text, quote=False).replace("'", "&#39;").replace('"', "&#34;")


def _bare(text: str) -> str:
    """Line breaks are elements in Word, and coloured words are marked before they are coloured."""
    return _SPACES.sub("", without_marks(text))


_NOT_WORD = "ce n'est pas un document Word (.docx) ordinaire"
