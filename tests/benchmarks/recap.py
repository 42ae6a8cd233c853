"""What one row of the recap costs, against openpyxl's load and save.

12 sheets of 60 rows, as people save them (strings shared).
"""

import io
import zipfile
from unittest import mock

from openpyxl import load_workbook

from tests.benchmarks.mesure import Resultat, Way, compare
from tests.registres.test_recap import saved, synced, une_ligne, written
from toolkit.registres.recap import Synced

ROWS = 60


def key(mois: int, row: int) -> str:
    return f"2027-G-{mois:02d}{row:02d}"


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def mesurer(rounds: int) -> list[Resultat]:
    new = written(None, *(une_ligne(key(mois, row), mois=mois) for mois in range(1, 13) for row in range(ROWS)))
    content = saved(load_workbook(io.BytesIO(new)))
    burst = [une_ligne(key(mois, row), mois=mois, personnes=7) for mois in range(1, 6) for row in range(10)]
    changed = synced(content, une_ligne(key(6, 12), personnes=7))
    assert changed.content
    before, after = parts(content), parts(changed.content)
    touched = {name for name in before if before[name] != after[name]}
    print(f"récapitulatif, une ligne changée : parties touchées {sorted(touched)}, les autres au bit près")

    def without_reading_back() -> Synced:
        with mock.patch("toolkit.registres.recap.check", return_value=None):
            return synced(content, une_ligne(key(6, 12), personnes=7))

    def load_and_save() -> None:
        workbook = load_workbook(io.BytesIO(content))
        workbook["Juin"]["E10"] = 7
        workbook.save(io.BytesIO())

    ways: dict[str, tuple[Way, float | None]] = {
        "une ligne changée, sans sa relecture": (without_reading_back, 0.03),
        "une ligne changée": (lambda: synced(content, une_ligne(key(6, 12), personnes=7)), None),
        "une ligne de plus": (lambda: synced(content, une_ligne("2027-G-999")), None),
        "rien à changer": (lambda: synced(content, une_ligne(key(6, 12))), None),
        "50 lignes sur 5 mois": (lambda: synced(content, *burst), None),
    }
    found = []
    for name, (way, but) in ways.items():
        against = {"openpyxl, ouvrir et enregistrer": (load_and_save, but)}
        found += compare(f"récapitulatif de 12 × {ROWS} : {name}", way, against, rounds)
    return found
