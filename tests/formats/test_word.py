"""The fast way to fill a model gives what docxtpl gives, part by part, for every shipped model and any dossier."""

import io
import re
import zipfile
from itertools import islice
from pathlib import Path

import jinja2
import pytest
from docxtpl import DocxTemplate
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.dossier.test_invariants import SEJOUR, avenants
from tests.dossiers import fiche
from tests.modeles_word import changed
from tests.office_exemple import exemples, valeurs
from toolkit.formats import sealed
from toolkit.formats.sealed import SealedEnvironment
from toolkit.formats.word import compile_modele
from toolkit.formats.word_marks import colour_marked, is_marked
from toolkit.modele.usages import usage
from toolkit.tree.shipped import MODELES

MODELES_LIVRES = sorted(path.name for path in MODELES.glob("*.docx"))


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def canonical(part: bytes) -> bytes:
    """Written by one and the same hand: docxtpl writes every part anew, the fast way leaves it as the model has it.

    Without the properties that say nothing: docxtpl adds some.
    """
    return re.sub(rb"<((?:dc|cp):\w+)></\1>", b"", etree.tostring(etree.fromstring(part), method="c14n"))


def by_docxtpl(content: bytes, champs: object) -> dict[str, bytes]:
    """What stock docxtpl makes, in the toolkit's language; marked words coloured after it, as in every document."""
    environment = SealedEnvironment()
    environment.breaks = {}  # left to docxtpl
    environment.start()
    template = DocxTemplate(io.BytesIO(content))
    template.render(environment.known(champs), environment)
    out = io.BytesIO()
    template.save(out)
    return {
        name: colour_marked(part) if name.startswith("word/") and is_marked(part.decode("utf-8", "replace")) else part
        for name, part in parts_of(out.getvalue()).items()
    }


def assert_same(nom: str, champs: object) -> None:
    content = (MODELES / nom).read_bytes()
    ours, theirs = parts_of(compile_modele(content, nom).fill(champs).content), by_docxtpl(content, champs)
    assert ours.keys() == theirs.keys()
    for name in ours:
        if name.endswith((".xml", ".rels")):
            assert canonical(ours[name]) == canonical(theirs[name]), f"{nom}, {name}"
        else:
            assert ours[name] == theirs[name], f"{nom}, {name}"


@pytest.mark.parametrize("nom", MODELES_LIVRES)
def test_a_shipped_model_is_filled_as_docxtpl_does(nom: str) -> None:
    kind = usage(nom)
    assert kind
    (champs,) = islice(exemples(kind), 1)
    assert_same(nom, champs)


@pytest.mark.slow
@pytest.mark.parametrize("nom", MODELES_LIVRES)
def test_every_dossier_of_the_example_office_is_filled_as_docxtpl_does(nom: str) -> None:
    kind = usage(nom)
    assert kind
    filled = 0
    for champs in exemples(kind):
        assert_same(nom, champs)
        filled += 1
    assert filled > 1


NOMS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters='\\"'), min_size=1, max_size=30)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(avenants(), NOMS.filter(str.strip))
def test_any_dossier_is_filled_as_docxtpl_does(chain: list[tuple[str, ...]], client: str) -> None:
    shown = fiche(*SEJOUR, f'client.nom = "{client}"', *(fait for faits in chain for fait in faits))
    for nom in MODELES_LIVRES:
        kind = usage(nom)
        assert kind
        for champs in islice(valeurs(kind, shown), 1):
            assert_same(nom, champs)


def test_autoescape_is_not_left_to_the_model() -> None:
    content = (MODELES / "contrat_groupe.docx").read_bytes()
    shown = fiche(*SEJOUR, 'client.nom = "SCI <Les Pins> & Cie {{ 1 }}"')
    kind = usage("contrat_groupe.docx")
    assert kind
    filled = compile_modele(content, "contrat_groupe.docx").fill(next(valeurs(kind, shown)))
    text = "".join(str(one) for one in etree.fromstring(parts_of(filled.content)["word/document.xml"]).itertext())
    assert "SCI <Les Pins> & Cie {{ 1 }}" in text


def test_a_value_of_several_lines_goes_on_in_its_run_and_a_title_stays_on_one() -> None:
    nom = "contrat_groupe.docx"
    titled = changed(
        (MODELES / nom).read_bytes(), {"docProps/core.xml": ("Contrat de réservation", "{{ client.nom }}")}
    )
    kind = usage(nom)
    assert kind
    champs = next(valeurs(kind, fiche(*SEJOUR, 'client.nom = "Les Aînés\\r\\nde\\tSainte-Fiction"')))
    parts = parts_of(compile_modele(titled, nom).fill(champs).content)
    goes_on = '<w:t xml:space="preserve">'
    said = f"Les Aînés</w:t><w:br/>{goes_on}de</w:t><w:tab/>{goes_on}Sainte-Fiction"
    assert said in parts["word/document.xml"].decode()
    assert "<dc:title>Les Aînés de Sainte-Fiction<" in parts["docProps/core.xml"].decode()


def test_a_compiled_text_is_kept_for_the_next_process_and_a_changed_one_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = jinja2.FileSystemBytecodeCache(str(tmp_path))
    monkeypatch.setattr(sealed, "_code_cache", lambda: cache)
    repaired: list[str] = []

    def repair(text: str) -> str:
        repaired.append(text)
        return text

    for text in ("a {{ nom }}", "b {{ nom }}", "a {{ nom }}"):
        environment = SealedEnvironment()
        environment.start()
        assert environment.compiled(text, repair).render({"nom": "Dupont"}) == text.replace("{{ nom }}", "Dupont")
    assert repaired == ["a {{ nom }}", "b {{ nom }}"]
    with pytest.raises(jinja2.TemplateSyntaxError):
        SealedEnvironment().compiled("{% set nom = 1 %}", repair)
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:50])
    assert SealedEnvironment().compiled("a {{ nom }}", repair).render({"nom": 1}) == "a 1"
