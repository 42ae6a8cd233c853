"""What the documents of a run are made with: settings, references, compiled Word models, LibreOffice."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from toolkit.errors import EnvironmentRefused, Problem, avertissement, erreur, has_error
from toolkit.formats import libreoffice, msword, word
from toolkit.formats.conversion import NoPdf
from toolkit.formats.pdf_marks import Bound, why_no_pdf
from toolkit.modele.judge import Judge
from toolkit.modele.usages import LANGUE, variants
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.settings import Settings
from toolkit.walk.options import Options
from toolkit.walk.references import References

Converter = Callable[[Sequence[bytes]], list[bytes | NoPdf]]


class Means:
    """What every dossier of a run shares."""

    def __init__(
        self,
        settings: Settings,
        options: Options,
        references: References | None = None,
        judge: Judge | None = None,
        contents: Mapping[str, bytes] | None = None,
    ) -> None:
        self.settings = settings
        self.options = options
        self.references = references or References.of_tree(settings)
        self.contents = contents or {}
        """Bytes of the dossier.toml that were read already, by path as text."""
        self.convert = _find_converter(options) if options.with_pdf else None
        """From Word documents to their PDFs, in order; None when nothing here can."""
        self.problems: list[Problem] = []
        """Of the models and annexes, each told once."""
        self._modeles: dict[str, tuple[word.Modele, str] | word.ModeleFaulty] = {}
        self._variantes: dict[tuple[str, str], str] = {}
        self._judge = judge or Judge(settings.root, remembers=not options.simulate)

    @property
    def jour(self) -> str:
        """Today, as it is noted."""
        return self.options.aujourd_hui.isoformat()

    def modele(self, name: str, langue: str = LANGUE) -> tuple[word.Modele, str]:
        """The compiled model in this language, else in French, and the hash of its file.

        Raises ModeleFaulty, EnvironmentRefused.
        """
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
            self._variantes[key] = next(filter(self._is_there, variants(name, langue)), name)
        return self._variantes[key]

    def _is_there(self, name: str) -> bool:
        try:
            return self.settings.modele(name) is not None
        except EnvironmentRefused:  # it is, and the document that needs it says so
            return True

    def _compile(self, name: str) -> tuple[word.Modele, str]:
        content = self.settings.modele(name)
        if content is None:
            raise word.ModeleFaulty(
                [erreur(f"modèle introuvable : le remettre dans « {layout.MODELES} »").at(fichier=name)]
            )
        problems = self._judge.judge(name, content)
        if has_error(problems):
            raise word.ModeleFaulty(problems)
        self.tell(problems)
        return word.compile_modele(content, name), files.sha256(content)

    def tell(self, problems: Iterable[Problem]) -> None:
        """Keep what models and annexes show; what was told already is not told again."""
        self.problems += (problem for problem in problems if problem not in self.problems)

    @property
    def pdf_waits(self) -> str | None:
        """Why no PDF can be made now, if so."""
        if not self.options.with_pdf:
            return "PDF non demandé (--sans-pdf)"
        return None if self.convert else "LibreOffice n'est pas installé : voir « toolkit diagnostic »"

    def images(self, names: Collection[str]) -> Mapping[str, bytes]:
        """The pictures that a model names: the signature of the one who signs vouchers, when the office has one.

        Raises EnvironmentRefused.
        """
        if "signature" not in names:
            return {}
        able = [one.signature_image for one in self.settings.office.signataires if "bon_echange" in one.signe]
        picture = files.read_if_there(self.settings.root / able[0]) if able and able[0] else None
        return {"signature": picture} if picture else {}

    def look_at_annexes(self) -> None:
        """Tell what is no good of them, also when no dossier needs any: it is mended while it is being put there."""
        with suppress(EnvironmentRefused):  # the carnet that needs it says so
            _ = self.annexes

    @cached_property
    def annexes(self) -> tuple[Bound, ...]:
        """What the office adds at the end of every carnet; what is no good is told, and done without.

        Raises EnvironmentRefused while someone keeps it from us.
        """
        plan_ville = self.settings.office.conditions.plan_ville
        if not plan_ville:
            return ()
        try:
            content = files.read_if_there(self.settings.root / plan_ville)
        except files.Unfit as refusal:
            self.tell_plan(str(refusal))
            return ()
        why = "il est introuvable" if content is None else why_no_pdf(content)
        if content is None or why:
            self.tell_plan(why or "")
            return ()
        return (Bound("Plan", content),)

    def tell_plan(self, why: str) -> None:
        """The plan of the town is no good: ``why`` is a French clause, or sentence."""
        what = f"le carnet se fait sans le plan « {self.settings.office.conditions.plan_ville} » d'office.toml : {why}"
        self.tell([avertissement(what.rstrip("."), "conditions", "plan_ville").at(fichier=layout.OFFICE)])


def _find_converter(options: Options) -> Converter | None:
    soffice = libreoffice.find_libreoffice()
    if soffice is not None:
        return libreoffice.LibreOffice(soffice, options.cores).convert
    return msword.convert if options.with_word and msword.is_there() else None
