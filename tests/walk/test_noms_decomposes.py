"""A Mac, or what syncs with one, writes an accent apart from its letter: a tree stays one tree, a file one file."""

import sys
import unicodedata
from pathlib import Path

import pytest

from tests.conftest import Bureau, exemple

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the two names are one, or neither can be made")


def decompose(root: Path) -> int:
    """Rename all that lies below a folder; gives how many names changed."""
    paths = sorted(root.rglob("*"), key=lambda path: -len(path.parts))
    changed = [path for path in paths if not unicodedata.is_normalized("NFD", path.name)]
    for path in changed:
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    return len(changed)


def composed(names: set[str]) -> list[str]:
    return sorted(unicodedata.normalize("NFC", name) for name in names)


@pytest.mark.parametrize("forgets", [False, True])
def test_nothing_is_made_twice_in_a_tree_that_came_by_a_mac(bureau: Bureau, forgets: bool) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"), nom="2027-06-17 Aînés de Sainte-Fiction 42p")
    bureau.dossier('reference = "2027-G-999\n', nom="2027-06-18 À corriger 1p")
    bureau.run("generer", bureau.root, "--sans-pdf")
    before = composed(bureau.files())
    assert decompose(bureau.root) > 5
    if forgets:
        for state in bureau.root.rglob("etat.json"):
            state.unlink()

    for _ in range(2):
        report = bureau.run("generer", bureau.root, "--sans-pdf", "--json").json

    assert composed(bureau.files()) == before
    assert not [
        step for one in report["dossiers"] for step in one["etapes"] if step["action"] in ("creer", "remplacer")
    ]
    assert not folder.exists()


def test_what_changes_there_replaces_what_lies_there(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"), nom="2027-06-17 X")
    bureau.run("generer", bureau.root, "--sans-pdf")
    before = composed(bureau.files())
    decompose(bureau.root)

    suppliers = bureau.root / "prestataires.toml"
    suppliers.write_text(suppliers.read_text("utf-8").replace("02 35 00 00 22", "02 35 00 00 99"), encoding="utf-8")
    assert bureau.run("noter", folder, "sejour.lieu_accueil=Gare").status == 0
    bureau.run("generer", bureau.root, "--sans-pdf")

    news = [name for name in composed(bureau.files()) if name not in before]
    assert news and all("/Remplacés/" in name or "_suivi" in name or "À CORRIGER" in name for name in news)
    recaps = [path for path in bureau.root.rglob("*.xlsx") if "_suivi" not in path.parts]
    assert len(recaps) == 1
