"""The list of fields as a Word document, to keep open beside the model that is being edited."""

import io
from collections.abc import Sequence

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell

from toolkit import french
from toolkit.formats.package import write_package
from toolkit.formats.word_package import read_package
from toolkit.modele.catalogue import Champ, Groupe, filtres

_INK = RGBColor(0x1F, 0x4E, 0x6B)
_TINT = "EAF2F6"
_WIDTHS = (95, 85, 87)
"""Millimetres, on an A4 page that lies."""
_BLOCS = (
    (
        "{% if client.telephone %}Tél. {{ client.telephone | telephone }}{% endif %}",
        "dans une phrase : seulement si le fait est noté",
    ),
    (
        "{%p if transport %}",
        "seule dans son paragraphe : jusqu'à {%p endif %}, rien ne vient si le fait n'est pas noté",
    ),
    ("{%p else %}", "seule dans son paragraphe : sinon"),
    ("{%tr for x in programme %}", "seule dans une ligne de tableau : les lignes jusqu'à {%tr endfor %} se répètent"),
    ('{% if paiement.mode == "virement" %} … {% endif %}', "comparer : == égal, != différent, and et, or ou, not non"),
)


def fields_document(groupes: Sequence[Groupe], titre: str) -> bytes:
    """The same fields, the same bytes."""
    document = docx.Document()
    _set_up(document)
    document.add_heading(titre, 0)
    document.add_paragraph(
        french.typography(
            "Copier une balise de la première colonne et la coller dans le modèle : elle prend la mise en forme du "
            "texte où elle est collée. Après chaque changement : toolkit modeles verifier."
        )
    )
    document.add_heading("Écrire une condition, une boucle", 1)
    _table(document, ("Balise", "Effet"), _BLOCS, (120, 147))
    document.add_heading(french.typography("Écrire une valeur : les filtres"), 1)
    _table(document, ("Balise", "Résultat"), [(one.ecriture, one.resultat) for one in filtres()], (120, 147))
    for groupe in groupes:
        document.add_heading(groupe.nom, 1)
        if groupe.modeles:
            document.add_paragraph(french.typography(f"Seulement dans : {', '.join(groupe.modeles)}"))
        for liste, champs in _by_list(groupe.champs):
            if liste:
                document.add_paragraph(french.typography(f"Pour chaque ligne de « {liste} », entre for et endfor :"))
            rows = [(champ.ecriture, champ.sens, champ.exemple) for champ in champs]
            _table(document, ("Balise", "Sens", "Exemple"), rows, _WIDTHS)
    out = io.BytesIO()
    document.save(out)
    return write_package(read_package(out.getvalue()))


def _by_list(champs: Sequence[Champ]) -> list[tuple[str, list[Champ]]]:
    found: list[tuple[str, list[Champ]]] = []
    for champ in champs:
        if not found or found[-1][0] != champ.liste:
            found.append((champ.liste, []))
        found[-1][1].append(champ)
    return found


def _set_up(document: Document) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    document.core_properties.title = "Champs des modèles"
    document.core_properties.author = document.core_properties.comments = ""
    for name, size in (("Normal", 10), ("Title", 22), ("Heading 1", 13)):
        font = document.styles[name].font
        font.name, font.size = "Calibri", Pt(size)
        if name != "Normal":
            font.color.rgb = _INK
            fonts = document.styles[name].element.rPr.rFonts
            for theme in [key for key in fonts.attrib if "Theme" in key]:
                del fonts.attrib[theme]


def _table(document: Document, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    table = document.add_table(1, len(headings), style="Table Grid")
    table.autofit = False
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        _fill(cell, heading, is_bold=True)
        cell._tc.get_or_add_tcPr().append(
            parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{_TINT}"/>')
        )
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for row in rows:
        line = table.add_row()
        line._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        for number, (cell, text) in enumerate(zip(line.cells, row, strict=True)):
            _fill(cell, french.typography(text) if number else text)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _fill(cell: _Cell, text: str, *, is_bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    paragraph.add_run(text).bold = is_bold or None
