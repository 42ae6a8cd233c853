"""A row that stands says what the fiche says, through whatever happens to the dossier."""

from datetime import date

import pytest

from tests.dossier.test_recalcul import Dice
from tests.dossiers import lire, office, prestataires_exemple
from tests.registres.test_recap import opened
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.classement import Typologie
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.registres.colonnes import colonnes_de
from toolkit.registres.lignes import Ligne, ligne
from toolkit.registres.livre import canonical
from toolkit.registres.recap import sync

JOUR = date(2027, 6, 4)
TITRES = {one.key: one.titre(Typologie.GROUPE) for one in colonnes_de(Typologie.GROUPE).values()}


def row_of(text: str) -> Ligne:
    found = ligne(Fiche(lire(text, Dossier), Cadre(JOUR, office(), prestataires_exemple())))
    assert found is not None
    return found


def standing(content: bytes) -> dict[str, str] | None:
    """What its row says, by key, on whichever sheet it stands; None without a row."""
    found = []
    for sheet in opened(content).worksheets:
        headings = [cell.value for cell in sheet[3]]
        if "Clé" not in headings or sheet.title == "Annulés":
            continue
        for row in sheet.iter_rows(min_row=4, values_only=True):
            told = dict(zip(headings, row, strict=True))
            if told["Clé"] == "2027-G-014":
                found.append({key: canonical(told[title]) for key, title in TITRES.items() if title in told})
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_it_says_the_same_after_each_change(seed: int) -> None:
    dice = Dice(seed)
    content: bytes | None = None
    was_there = False
    for _ in range(12):
        now = row_of(dice.dossier())
        result = sync(content, [now], Typologie.GROUPE, 2027, JOUR)
        content = result.content or content
        told = standing(content) if content else None
        assert (told is not None) is (was_there or now.is_attendue)
        was_there = told is not None
        # What was cancelled is struck through as it was told.
        if told is not None and now.annulee_le is None:
            assert {key: told[key] for key in now.valeurs} == {key: canonical(one) for key, one in now.valeurs.items()}
