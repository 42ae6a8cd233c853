"""What a document that people changed shows from elsewhere is in none of our PDFs, and is told."""

from tests.conftest import Bureau, exemple
from tests.formats.test_libreoffice import linked
from tests.modeles_word import modele

WORD = "3 Contrat/Contrat 2027-G-014.docx"


def test_a_picture_that_lies_elsewhere_is_told(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder, "--sans-pdf")
    (folder / WORD).write_bytes(linked("http://ailleurs.example.org/logo.png"))

    run = bureau.run("generer", folder, "--sans-pdf", "--json")

    (said,) = [one["message"] for one in run.json["dossiers"][0]["problemes"] if "ailleurs" in one["message"]]
    assert "Contrat 2027-G-014.docx" in said and "http://ailleurs.example.org/logo.png" in said
    (folder / WORD).write_bytes(modele("Refait à la main"))
    assert "ailleurs" not in bureau.run("generer", folder, "--sans-pdf").out
