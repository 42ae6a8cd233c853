"""What goes on the wall of a row that no page can show whole."""

import io

from openpyxl import load_workbook

from tests.registres.test_recap import JOUR, une_ligne, vide, written
from toolkit.dossier.classement import Typologie
from toolkit.dossier.office import ReglagesRecap
from toolkit.registres.affichage import post
from toolkit.registres.vierge import HEIGHT_MAX


def test_a_row_higher_than_a_page_goes_on_in_the_next() -> None:
    long = "\n".join(f"10 h – Prestation numéro {number}" for number in range(1, 81))
    content = written(vide(), une_ligne("a"), une_ligne("b", programme=long), une_ligne("c"))

    sheet = load_workbook(io.BytesIO(content))["Juin"]
    assert max(sheet.row_dimensions[row].height or 0 for row in range(4, 7)) == HEIGHT_MAX

    posted = post(content, Typologie.GROUPE, 2027, 6, JOUR, ReglagesRecap())
    assert posted is not None
    wall = load_workbook(io.BytesIO(posted.imprimable))["Juin"]
    shown = [row for row in range(4, 20) if any(wall.cell(row, column).value for column in range(1, 14))]
    assert all((wall.row_dimensions[row].height or 0) <= HEIGHT_MAX for row in shown)
    texts = [str(wall.cell(row, column).value or "") for row in shown for column in range(1, 14)]
    said = "\n".join(texts).split("\n")
    assert [line for line in said if "numéro" in line] == long.split("\n")
    assert len(shown) == 5
