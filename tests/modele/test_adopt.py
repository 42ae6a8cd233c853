"""An old red model of the office adopted: listed, answered, filled; what nobody answered stays red and is told."""

import io
import re
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.dml import MSO_THEME_COLOR
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Bureau
from tests.modeles_word import modele, runs
from tests.office_exemple import fiches
from tests.walk.test_contrat import text_of
from toolkit.documents.avenant import valeurs_avenant
from toolkit.formats.word import Modele
from toolkit.formats.word_marks import W
from toolkit.modele.adopt import adopt, survey
from toolkit.modele.blanks import Blanc, find_blancs
from toolkit.modele.colours import is_red
from toolkit.modele.reading import Source, read_source
from toolkit.modele.whole_check import check_modele

ROUGE = "FF0000"


def old_avenant() -> bytes:
    """As an agent made it over the years: each blank is red in another way."""

    def build(document: Document) -> None:
        style = document.styles.add_style("A modifier", WD_STYLE_TYPE.CHARACTER)
        style.font.color.rgb = RGBColor.from_string("C00000")
        paragraph_style = document.styles.add_style("Rouge", WD_STYLE_TYPE.PARAGRAPH)
        paragraph_style.font.color.rgb = RGBColor.from_string("EE0000")
        document.add_heading("Avenant au contrat de réservation", 1)
        numbered = document.add_paragraph("Avenant n° ")
        numbered.add_run("2").style = style
        # A name that the spelling marks have cut up.
        runs(document, ("Nom du client : ", None), ("Les Aî", ROUGE), ("nés de ", ROUGE), ("Sainte-Fiction", ROUGE))
        runs(document, ("Date d’arrivée : ", None), ("17 juin 2027", "EE0000"))
        document.add_paragraph("Objet « L’Été »", style="Rouge")
        table = document.add_table(2, 3)
        for cell, text in zip(table.rows[0].cells, ("", "Avant", "Après"), strict=True):
            cell.text = text
        table.cell(1, 0).text = "Nombre de participants"
        table.cell(1, 1).text = "42 personnes"
        after = table.cell(1, 2).paragraphs[0].add_run("40 personnes")
        after.font.color.theme_color = MSO_THEME_COLOR.ACCENT_2
        after._r.rPr.find(f"{{{nsdecls('w')[9:-1]}}}color").set(f"{{{nsdecls('w')[9:-1]}}}val", ROUGE)
        document.add_paragraph("Nouveau total : ")._p.append(
            parse_xml(
                f"<w:fldSimple {nsdecls('w')} w:instr=' MERGEFIELD montant_total '>"
                "<w:r><w:t>«montant_total»</w:t></w:r></w:fldSimple>"
            )
        )
        document.add_paragraph("Reçu par ")._p.append(
            parse_xml(
                f"<w:sdt {nsdecls('w')}><w:sdtPr><w:alias w:val='Nom de l’agent'/></w:sdtPr><w:sdtContent>"
                "<w:r><w:t>Cliquez ici</w:t></w:r></w:sdtContent></w:sdt>"
            )
        )
        document.add_paragraph("Fait à Dieppe, le …………………")

    return modele(build=build)


def test_every_blank_is_listed_with_its_place_and_a_proposal() -> None:
    found = survey(old_avenant(), "Avenant 2019.docx")
    assert found.pour == "avenant.docx"
    assert [(one.genre, one.texte, one.champ) for one in found.blancs] == [
        ("rouge", "2", "{{ avenant.numero }}"),
        ("rouge", "Les Aînés de Sainte-Fiction", "{{ client.nom }}"),
        ("rouge", "17 juin 2027", "{{ sejour.debut | date_simple }}"),
        ("rouge", "Objet « L’Été »", "{{ avenant.objet }}"),
        ("rouge", "40 personnes", '{{ apres.participants | pluriel("personne") }}'),
        ("champ de publipostage", "«montant_total»", "{{ montants.total | euros }}"),
        ("contrôle de contenu", "Cliquez ici", "{{ agent.nom }}"),
        ("pointillés", "…………………", ""),
    ]
    assert found.blancs[4].endroit == "corps, tableau 1, ligne 2, colonne 3"
    assert found.blancs[4].contexte == "Nombre de participants 42 personnes Après [40 personnes]"


@pytest.mark.parametrize("typed", ["\uf0b7 texte\u200b rouge", "texte rouge " + "a" * 6000])
def test_a_blank_that_no_fact_could_hold_is_listed_and_replaced(typed: str, bureau: Bureau, tmp_path: Path) -> None:
    old = tmp_path / "Avenant 2019.docx"
    old.write_bytes(modele(build=lambda document: runs(document, (typed, "FF0000"))))
    assert "texte rouge" in bureau.run("modeles", "adopter", old, "--json").json["blancs"][0]["texte"]
    answers = tmp_path / "Avenant 2019 - champs.toml"
    answers.write_text(re.sub("champ = .*", "champ = 'client.nom'", answers.read_text("utf-8-sig")), "utf-8")
    assert bureau.run("modeles", "adopter", old, "--json").json["laisses"] == []
    assert "client.nom" in text_of(tmp_path / "Avenant 2019 - modèle.docx")


def test_the_list_is_written_read_again_and_put_in(bureau: Bureau, tmp_path: Path) -> None:
    old = tmp_path / "Avenant 2019.docx"
    content = old_avenant()
    old.write_bytes(content)
    first = bureau.run("modeles", "adopter", old)
    assert first.status == 0 and "Relire" in first.out
    answers = tmp_path / "Avenant 2019 - champs.toml"
    # The agent corrects one answer, and empties another.
    text = answers.read_bytes().decode("utf-8-sig")
    text = text.replace("champ = '{{ agent.nom }}'", "champ = 'agent.nom_complet'")
    text = text.replace("champ = '{{ avenant.objet }}'", "champ = ''")
    answers.write_bytes(text.encode())

    second = bureau.run("modeles", "adopter", old, "--json")
    assert second.status == 0
    assert second.json["laisses"] == [4, 8]
    assert [one["gravite"] for one in second.json["problemes"]] == ["avertissement"] * 2
    red, missing = (one["message"].replace("\xa0", " ") for one in second.json["problemes"])
    assert "texte rouge qui n'est pas une balise" in red and "il manque la référence du dossier" in missing
    assert old.read_bytes() == content

    adopted = (tmp_path / "Avenant 2019 - modèle.docx").read_bytes()
    assert not [one for one in check_modele(adopted, "avenant.docx") if one.is_error]
    fiche = fiches()[0]
    filled = Modele(adopted, "avenant.docx").fill(valeurs_avenant(fiche, fiche.modifications[0])).content
    document = docx.Document(io.BytesIO(filled))
    said = [paragraph.text.replace("\N{NO-BREAK SPACE}", " ") for paragraph in document.paragraphs]
    assert "Avenant n° 1" in said
    assert "Nom du client : Les Aînés de Sainte-Fiction" in said
    assert "Date d’arrivée : 17 juin 2027" in said
    assert "Objet « L’Été »" in said
    assert document.tables[0].cell(1, 2).text == "38 personnes"
    assert any(one.startswith("Nouveau total : 2 ") and one.endswith("€") for one in said)
    # The red is kept, however it was said.
    red = [text for _, text in _red_pieces(filled)]
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in red] == [
        "1",
        "Les Aînés de Sainte-Fiction",
        "17 juin 2027",
        "Objet « L’Été »",
        "38 personnes",
    ]


def _red_pieces(content: bytes) -> list[tuple[object, str]]:
    from toolkit.modele.colours import Couleurs

    source = read_source(content)
    couleurs = Couleurs(source)
    paragraphs = (one for partie in source.parties for one in partie.paragraphes)
    return [(run, text) for one in paragraphs for run, text in one.pieces if text.strip() and couleurs.is_red(run)]


def test_answers_that_no_longer_fit_are_told(bureau: Bureau, tmp_path: Path) -> None:
    old = tmp_path / "Avenant.docx"
    old.write_bytes(old_avenant())
    bureau.run("modeles", "adopter", old)
    old.write_bytes(modele(build=lambda document: runs(document, ("Autre chose", ROUGE))))
    run = bureau.run("modeles", "adopter", old, "--json")
    assert run.status == 1
    assert any("le blanc n° 1 est maintenant" in one["message"].replace("\xa0", " ") for one in run.json["problemes"])


def test_a_slip_in_the_answers_is_told_with_its_line(bureau: Bureau, tmp_path: Path) -> None:
    old = tmp_path / "Avenant.docx"
    old.write_bytes(old_avenant())
    answers = tmp_path / "réponses.toml"
    answers.write_text("pour = 'avenant.docx'\n[[blancs]]\nnumero = 'un'\n", encoding="utf-8")
    run = bureau.run("modeles", "adopter", old, "--reponses", answers)
    assert run.status == 1
    assert "ligne 3" in run.err


def test_red_is_a_hue_and_not_one_code() -> None:
    assert all(is_red(code) for code in ("FF0000", "EE0000", "C00000", "E3000F", "FF3333"))
    assert not any(is_red(code) for code in ("000000", "FFC000", "800080", "5A0000", "F4CCCC", "auto", None))


# --- nothing but the blanks goes ------------------------------------------------------------------------------------

SYMBOLE = '<w:sym w:font="Wingdings" w:char="F028"/>'
IMAGE = '<w:pict><w:pseudo w:name="logo"/></w:pict>'
NOTE = '<w:footnoteReference w:id="2"/>'
MORCEAUX = st.one_of(
    st.sampled_from(["<w:tab/>", "<w:br/>", "<w:noBreakHyphen/>", SYMBOLE, IMAGE, NOTE, "<w:lastRenderedPageBreak/>"]),
    st.sampled_from(
        ["Le client", "accepte", "Fait à Fécamp, le ", "\uf028", ".......", "………", "Ville : ", "________"]
    ).map(lambda text: f'<w:t xml:space="preserve">{text}</w:t>'),
)
"""What one run holds, in turn."""


@st.composite
def lignes(draw: st.DrawFn) -> str:
    """A paragraph as Word writes them: runs of several pieces, red or not, in links and smart tags or not."""
    runs = []
    for _ in range(draw(st.integers(1, 5))):
        red = "<w:rPr><w:color w:val='FF0000'/></w:rPr>" if draw(st.booleans()) else ""
        run = f"<w:r>{red}{''.join(draw(st.lists(MORCEAUX, min_size=1, max_size=5)))}</w:r>"
        around = draw(st.sampled_from(["", "", "smartTag", "hyperlink"]))
        runs.append(f"<w:{around}>{run}</w:{around}>" if around else run)
    return f"<w:p {nsdecls('w')}>{''.join(runs)}</w:p>"


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(lignes(), min_size=1, max_size=3))
def test_every_word_that_was_no_blank_is_kept(paragraphs: list[str]) -> None:
    def build(document: Document) -> None:
        for paragraph in paragraphs:
            document.element.body.insert(len(document.element.body) - 1, parse_xml(paragraph))

    content = modele(build=build)
    blancs = find_blancs(read_source(content))
    kept, kinds = _outside(blancs, read_source(content))

    answers = survey(content, "contrat.docx", "contrat_groupe.docx")
    told = answers.model_copy(
        update={"blancs": [one.model_copy(update={"champ": "{{ client.nom }}"}) for one in answers.blancs]}
    )
    adoption = adopt(content, told)

    source = read_source(adoption.content)
    text = "\n".join(one.texte for one in source.parties[0].paragraphes)
    assert text.replace("{{ client.nom }}", "\0") == kept
    assert text.count("{{ client.nom }}") == len(blancs)
    assert _kinds(source) == kinds
    assert (adoption.laisses, adoption.problemes) == ((), ())
    assert not [one for one in check_modele(adoption.content, "contrat_groupe.docx") if one.is_error]


def _outside(blancs: list[Blanc], source: Source) -> tuple[str, list[str]]:
    """The text with a mark in the place of each blank, and what is there beside text."""
    lines = []
    for paragraphe in source.parties[0].paragraphes:
        text = paragraphe.texte
        here = [one for one in blancs if one.paragraphe.lieu == paragraphe.lieu]
        for blanc in sorted(here, key=lambda one: one.debut, reverse=True):
            text = f"{text[: blanc.debut]}\0{text[blanc.fin :]}"
        lines.append(text)
    return "\n".join(lines), _kinds(source)


def _kinds(source: Source) -> list[str]:
    names = ("sym", "pict", "footnoteReference")
    return [str(one.tag) for one in source.parties[0].root.iter(*(f"{W}{name}" for name in names))]


def test_a_merge_field_inside_another_field_is_no_blank() -> None:
    def build(document: Document) -> None:
        paragraph = document.add_paragraph("Règlement : ")._p
        begin, end = ('<w:fldChar w:fldCharType="begin"/>', '<w:fldChar w:fldCharType="end"/>')
        for inside in (
            begin,
            "<w:instrText> IF </w:instrText>",
            begin,
            "<w:instrText> MERGEFIELD Mode </w:instrText>",
            end,
            '<w:instrText> = "V" "virement" "chèque" </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>virement</w:t>",
            end,
        ):
            paragraph.append(parse_xml(f"<w:r {nsdecls('w')}>{inside}</w:r>"))

    assert find_blancs(read_source(modele(build=build))) == []


def test_no_name_of_a_file_is_proposed() -> None:
    found = survey(modele("Plan de la ville : ………… logo …………", "Fait à Dieppe, le …………"), "contrat.docx")
    assert not [one.champ for one in found.blancs if re.search("plan_ville|logo|fichier", one.champ)]
    assert found.blancs[-1].champ == ""
