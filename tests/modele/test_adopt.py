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

from tests.conftest import Bureau
from tests.modeles_word import modele, runs
from tests.office_exemple import fiches
from tests.walk.test_contrat import text_of
from toolkit.documents.avenant import valeurs_avenant
from toolkit.formats.word import Modele
from toolkit.modele.adopt import survey
from toolkit.modele.colours import is_red
from toolkit.modele.reading import read_source
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
