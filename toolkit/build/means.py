"""What the documents of a run are made with: settings, compiled Word models, LibreOffice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from toolkit.build.options import Options
from toolkit.errors import Problem, erreur, has_error
from toolkit.formats import libreoffice, msword, word
from toolkit.formats.conversion import ConversionFailed
from toolkit.modele.judge import Epreuve
from toolkit.modele.usages import LANGUE, variants
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.settings import Settings

Converter = Callable[[Sequence[bytes]], list[bytes | ConversionFailed]]


class Atelier:
    """What the planning of every dossier of a run shares: settings, Word models, the means to make PDFs."""

    def __init__(self, settings: Settings, options: Options, epreuve: Epreuve | None = None) -> None:
        self.settings = settings
        self.options = options
        self.convert = _find_converter(options) if options.with_pdf else None
        """From Word documents to their PDFs, in order; None when nothing here can."""
        self.problems: list[Problem] = []
        """Of the models, each told once."""
        self._modeles: dict[str, tuple[word.Modele, str] | word.ModeleFaulty] = {}
        self._variantes: dict[tuple[str, str], str] = {}
        self._epreuve = epreuve or Epreuve(settings.root, remembers=not options.simulate)

    def modele(self, name: str, langue: str = LANGUE) -> tuple[word.Modele, str]:
        """The compiled model in this language, else in French, and the hash of its file; raises ModeleFaulty."""
        name = self.variante(name, langue)
        if name not in self._modeles:
            try:
                self._modeles[name] = self._compile(name)
            except word.ModeleFaulty as fault:
                self._modeles[name] = fault
        found = self._modeles[name]
        if isinstance(found, word.ModeleFaulty):
            raise found
        return found

    def variante(self, name: str, langue: str) -> str:
        """``contrat_groupe.en.docx`` when there is one and the stay is in English."""
        key = (name, langue)
        if key not in self._variantes:
            names = variants(name, langue)
            self._variantes[key] = next((one for one in names if self.settings.modele(one) is not None), name)
        return self._variantes[key]

    def _compile(self, name: str) -> tuple[word.Modele, str]:
        content = self.settings.modele(name)
        if content is None:
            raise word.ModeleFaulty(
                [erreur(f"modèle introuvable : le remettre dans « {layout.MODELES} »").at(fichier=name)]
            )
        problems = self._epreuve.judge(name, content)
        if has_error(problems):
            raise word.ModeleFaulty(problems)
        self.tell(problems)
        return word.compile_modele(content, name), files.sha256(content)

    def tell(self, problems: Iterable[Problem]) -> None:
        self.problems += (problem for problem in problems if problem not in self.problems)

    @property
    def pdf_waits(self) -> str | None:
        """Why no PDF can be made now, if so."""
        if not self.options.with_pdf:
            return "PDF non demandé (--sans-pdf)"
        return None if self.convert else "LibreOffice n'est pas installé : voir « toolkit diagnostic »"

    def images(self) -> Mapping[str, bytes]:
        """The signature of the one who signs vouchers, when the office has a picture of it."""
        names = [one.signature_image for one in self.settings.office.signataires if "bon_echange" in one.signe]
        picture = files.read_if_there(self.settings.root / names[0]) if names and names[0] else None
        return {"signature": picture} if picture else {}


def _find_converter(options: Options) -> Converter | None:
    soffice = libreoffice.find_libreoffice()
    if soffice is not None:
        return partial(libreoffice.convert, soffice=soffice, cores=options.cores)
    return msword.convert if options.with_word and msword.is_there() else None
