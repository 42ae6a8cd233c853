"""Characters that nobody sees in a dossier.toml: refused with their line, or borne by every file that is made."""

import warnings

import docx
import pytest
from openpyxl import load_workbook

from tests.conftest import Bureau, exemple
from toolkit.system.child import find_program

BORNE = "\x80\x85\x9b\u00ad\u200b\u2028\u2029\u202e\u2066\ufeff\ufdd0\U0001ffff\U000e0001😀\t"
"""What is sound in XML."""


@pytest.mark.parametrize("char", ["\\u0000", "\\u0007", "\\u001b", "\\u007f", "\\u000b", "\\ufffe", "\\ue000"])
@pytest.mark.parametrize("where", ['"Les Aînés de Sainte-Fiction"', "vegetarien"], ids=["value", "key"])
def test_what_no_document_can_bear_is_refused_with_its_line(char: str, where: str, bureau: Bureau) -> None:
    word = where.strip('"')
    bad = f'"{word[:3]}{char}{word[3:]}"'
    toml = exemple("dossier_groupe", (where, bad))
    bureau.dossier(toml)
    run = bureau.run("verifier", bureau.root, "--json")
    (said,) = [one for one in run.json["dossiers"][0]["problemes"] if "caractère invisible" in one["message"]]
    assert said["gravite"] == "erreur" and bad in toml.splitlines()[said["ligne"] - 1]


def test_the_others_stand_in_every_file(bureau: Bureau) -> None:
    nom = f"Les Aînés{BORNE}de Sainte-Fiction"
    folder = bureau.dossier(exemple("dossier_groupe", ("Les Aînés de Sainte-Fiction", nom.replace("\t", "\\t"))))
    run = bureau.run("generer", bureau.root)
    assert run.status == 0, run.out + run.err
    made = list(folder.rglob("*.docx"))
    assert len(made) > 5
    for path in made:
        document = docx.Document(str(path))
        texts = "".join(str(one) for one in document.element.body.itertext())
        assert path.parent.name != "3 Contrat" or nom.replace("\t", "") in texts
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = load_workbook(bureau.root / "Groupe/2027/Récap groupes par mois.xlsx")
    values = [str(cell) for row in workbook.worksheets[5].iter_rows(values_only=True) for cell in row if cell]
    assert any(nom in value for value in values)


@pytest.mark.skipif(find_program("fc-list") is None, reason="no fontconfig to ask")
def test_a_sign_that_no_font_here_has_is_told(bureau: Bureau) -> None:
    """U+10FFFD is a private sign: no font of anybody's has it."""
    folder = bureau.dossier(exemple("dossier_groupe", ("Les Aînés de Sainte-Fiction", "Amis \U0010fffd de Łódź")))
    told = [
        one["message"] for one in bureau.run("generer", folder, "--sans-pdf", "--json").json["dossiers"][0]["problemes"]
    ]
    (said,) = [one for one in told if "aucune police" in one]
    assert "\U0010fffd" in said and "Łódź" not in said and "Noto" in said
