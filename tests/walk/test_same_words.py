"""A PDF says what its Word document says, or it is not made."""

import pytest

from tests.conftest import Bureau, exemple
from tests.modeles_word import livre, put_in
from toolkit.formats import libreoffice
from toolkit.formats.pdf_marks import PdfUntrue
from toolkit.formats.word_text import Dit
from toolkit.walk.same_words import check_words, differences, is_of_another

PAGE = [Dit("Règlement : virement, le 4 juin 2027", True), Dit("Office de Tourisme", False)]


@pytest.mark.parametrize(
    "pdf",
    [
        "Règlement : virement, le 4 juin 2027",
        "RÈGLEMENT : VIREMENT, LE 4 JUIN 2027\nOffice de Tourisme\nPage 1 / 1",
        "R è g l e m e n t : v i r e m e n t, l e 4 j u i n 2 0 2 7",
        "Règle-\nment : vire\nment, le 4 juin 2027",
        "iii. Règlement : virement, le 4 juin 2027",
        "Re\u0300glement : virement, le 4 juin 2027 \ufb01",
    ],
)
def test_the_same_words_however_a_page_lays_them_out(pdf: str) -> None:
    assert differences(PAGE, pdf.replace("Page 1 / 1", "")) == ([], [])


@pytest.mark.parametrize(
    ("pdf", "missing", "added"),
    [
        ("Règlement : , le 4 juin 2027", ["virement"], []),
        ("Règlement : virement, le 26 novembre 2026", ["juin", "2027"], ["novembre", "2026"]),
        ("Règlement : virement, le 4 juin 2027 ANCIENNE SOCIETE", [], ["ancienne", "societe"]),
    ],
)
def test_other_words_are_told(pdf: str, missing: list[str], added: list[str]) -> None:
    assert differences(PAGE, pdf) == (missing, added)


def test_a_word_that_is_there_once_less_is_missed() -> None:
    twice = [*PAGE, Dit("Mode : virement", True)]
    assert differences(twice, "Règlement : virement, le 4 juin 2027 Mode :") == (["virement"], [])


def test_the_difference_is_told_with_its_place() -> None:
    with pytest.raises(PdfUntrue) as told:
        check_words(PAGE, "Règlement : chèque, le 4 juin 2027", "contrat_groupe.docx")
    assert str(told.value).replace("\xa0", " ") == (
        "le PDF ne dit pas ce que dit le document Word : il n'y est pas écrit « virement » "
        "(« Règlement : virement, le 4 juin 2027 ») ; il y est écrit en plus « chèque »"
    )
    assert told.value.modele == "contrat_groupe.docx"


def test_a_pdf_of_another_document_is_known_from_one_that_people_touched_up() -> None:
    assert not is_of_another(PAGE, "Règlement : chèque, le 4 juin 2027")
    assert is_of_another(PAGE, "Bon d'échange")


needs_libreoffice = pytest.mark.skipif(libreoffice.find_libreoffice() is None, reason="LibreOffice n'est pas installé")


@pytest.mark.slow
@needs_libreoffice
def test_no_pdf_is_made_of_what_says_something_else_there(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that no font has, hidden from the checks of models."""
    monkeypatch.setattr("toolkit.walk.plan.said_by", lambda content: [Dit("Fait à Fécamp", True)])
    put_in(bureau.root, "contrat_groupe.docx", livre("contrat_groupe.docx", lambda document: None))
    folder = bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("generer", folder, "--json")
    assert run.status == 1
    told = {one["fichier"] for one in run.json["problemes"] if "ne dit pas ce que dit" in one["message"]}
    assert "modeles/contrat_groupe.docx" in told
    assert not list((folder / "3 Contrat").glob("*.pdf"))
    assert list((folder / "3 Contrat").glob("*.docx"))
