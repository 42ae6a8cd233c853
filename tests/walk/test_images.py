"""Pictures are for the models that name them: the others are filled the fast way, and no picture is read for them."""

import zipfile
from pathlib import Path

import pytest

from tests.conftest import Bureau, exemple
from tests.modeles_word import modele
from toolkit.formats.word import Modele
from toolkit.modele.whole_check import check_modele
from toolkit.tree.shipped import MODELES

SIGNATURE = 'signe = ["contrat", "avenant", "bon_echange"]\nsignature_image = "images/signature.png"'


@pytest.fixture
def signe(bureau: Bureau) -> Bureau:
    """An office that has a picture of its director's signature."""
    path = bureau.root / "office.toml"
    text = path.read_text(encoding="utf-8")
    unsigned = 'signe = ["contrat", "avenant", "bon_echange"]\nsignature_image = ""'
    assert unsigned in text
    path.write_text(text.replace(unsigned, SIGNATURE), encoding="utf-8")
    (bureau.root / "images").mkdir()
    # Another picture than the one that the models have.
    (bureau.root / "images/signature.png").write_bytes((MODELES / "images/logo.png").read_bytes() + b"\0")
    return bureau


def pictures_of(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as package:
        return [package.read(name) for name in package.namelist() if name.startswith("word/media/")]


def test_a_signature_is_on_the_vouchers_and_slows_no_other_document(
    signe: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: list[str] = []
    by_docxtpl = Modele._fill_by_docxtpl

    def told(self: Modele, *arguments: object) -> object:
        slow.append(self.nom)
        return by_docxtpl(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Modele, "_fill_by_docxtpl", told)
    folder = signe.dossier(exemple("dossier_groupe"))
    assert signe.run("generer", folder, "--sans-pdf").status == 0
    assert set(slow) == {"bon_echange.docx", "bon_echange_restaurant.docx"}
    signature = (signe.root / "images/signature.png").read_bytes()
    bons = sorted((folder / "4 Bons d'échange").glob("*.docx"))
    assert bons and all(signature in pictures_of(bon) for bon in bons)
    assert signature not in pictures_of(folder / "3 Contrat/Contrat 2027-G-014.docx")


def test_without_a_picture_the_vouchers_are_filled_the_fast_way_too(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Modele, "_fill_by_docxtpl")
    folder = bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("generer", folder, "--sans-pdf").status == 0
    assert list((folder / "4 Bons d'échange").glob("*.docx"))


def test_a_model_may_name_only_the_pictures_of_its_documents() -> None:
    content = modele("{% if signature %}{{ signature }}{% endif %}")
    assert not [one for one in check_modele(content, "bon_echange.docx") if one.is_error]
    assert [one.cause for one in check_modele(content, "contrat_groupe.docx") if one.is_error] == [
        "champ inconnu « signature »"
    ] * 2
