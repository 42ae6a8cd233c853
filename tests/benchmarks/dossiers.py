"""From a dossier.toml that is ready to its documents in place, against stock docxtpl and one LibreOffice a document."""

import io
import itertools
import tempfile
from datetime import date
from pathlib import Path

import jinja2
from docxtpl import DocxTemplate

from tests.benchmarks.mesure import Resultat, Way, compare, seconds
from tests.conftest import EXEMPLES
from toolkit.documents.wanted import wanted_documents
from toolkit.formats.libreoffice import convert, find_libreoffice
from toolkit.formats.sealed import FILTRES
from toolkit.tree.layout import find
from toolkit.tree.settings import Settings, load_settings
from toolkit.walk.case import read_case
from toolkit.walk.generate import generate
from toolkit.walk.options import Options

JOUR = date(2027, 6, 4)
LIEU = "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Aînés de Sainte-Fiction 42p"


def office(root: Path) -> Settings:
    root.mkdir(parents=True)
    for name in ("office.toml", "prestataires.toml"):
        (root / name).write_bytes((EXEMPLES / name).read_bytes())
    return load_settings(root)


def by_docxtpl(settings: Settings, *, with_pdf: bool) -> None:
    """As one writes it at first: read, render each model, save it, then one LibreOffice a document."""
    (folder,) = find(settings.root, settings.office).dossiers
    case = read_case(folder, settings, JOUR)
    assert case.fiche
    due = [one for one in wanted_documents(case.fiche, case.problemes) if not one.attend and not one.is_bound]
    environment = jinja2.Environment(autoescape=True)
    environment.filters.update(FILTRES)
    for one in due:
        content = settings.modele(one.modele)
        assert content
        template = DocxTemplate(io.BytesIO(content))
        template.render(vars(one.valeurs()), environment)
        path = case.path / one.fichier
        path.parent.mkdir(exist_ok=True)
        template.save(str(path))
        if with_pdf:
            soffice = find_libreoffice()
            assert soffice
            (made,) = convert([path.read_bytes()], soffice)
            assert isinstance(made, bytes)
            path.with_suffix(".pdf").write_bytes(made)


def by_toolkit(settings: Settings, *, with_pdf: bool) -> None:
    report = generate(settings, [settings.root], Options(aujourd_hui=JOUR, with_pdf=with_pdf))
    assert not report.refus and not report.defauts


def mesurer(rounds: int) -> list[Resultat]:
    with tempfile.TemporaryDirectory() as name:
        numbers = itertools.count()

        def fresh(way: str, *, with_pdf: bool) -> Way:
            def run() -> float:
                settings = office(Path(name) / str(next(numbers)))
                folder = settings.root / LIEU
                folder.mkdir(parents=True)
                (folder / "dossier.toml").write_bytes((EXEMPLES / "dossier_groupe.toml").read_bytes())
                make = by_toolkit if way == "toolkit" else by_docxtpl
                return seconds(lambda: make(settings, with_pdf=with_pdf))

            return run

        found = compare(
            "dossier.toml prêt → ses 8 Word en place, sa ligne au récapitulatif",
            fresh("toolkit", with_pdf=False),
            {"docxtpl": (fresh("docxtpl", with_pdf=False), 0.12)},
            rounds,
        )
        return found + compare(
            "… → ses 8 Word et ses PDF",
            fresh("toolkit", with_pdf=True),
            {"docxtpl, un LibreOffice par document": (fresh("docxtpl", with_pdf=True), 0.20)},
            max(3, rounds // 3),
        )
