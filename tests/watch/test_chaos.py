"""People and kills at random over a tree under watch; then quiet: the tree is what one run from nothing gives.

Seeded: the same seed does the same things. CHAOS_DOSSIERS, CHAOS_KILLS and CHAOS_SEED make it longer or other.
"""

import io
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook

from tests.conftest import ICI, JOUR, Bureau, exemple
from toolkit.tree.layout import SOUS_DOSSIERS

pytestmark = pytest.mark.slow

DOSSIERS = int(os.environ.get("CHAOS_DOSSIERS", "40"))
KILLS = int(os.environ.get("CHAOS_KILLS", "12"))
SEED = int(os.environ.get("CHAOS_SEED", "20270604"))
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TOOLKIT_SOFFICE": "/aucun/soffice"}
FINALISED = exemple("dossier_groupe").split("# ── 10. Avenants")[0]
UNSENT = FINALISED.split("# ── 7. Contrat")[0] + '[paiement]\nmode = "virement"\n'


class People:
    """Agents at their desks: they edit, slip, mend, rename, file, copy, remove and put back."""

    def __init__(self, bureau: Bureau, chance: random.Random) -> None:
        self.bureau = bureau
        self.chance = chance
        self.folders: dict[str, Path] = {}
        self.texts: dict[str, str] = {}
        self.human: dict[Path, bytes] = {}
        for number in range(DOSSIERS):
            reference = f"2027-G-{number + 100}"
            text = (FINALISED if number % 4 == 0 else UNSENT).replace("2027-G-014", reference)
            self.texts[reference] = text
            self.folders[reference] = bureau.dossier(text, nom=f"2027-06-17 Client {number}")

    def act(self) -> None:
        reference = self.chance.choice(list(self.folders))
        self.chance.choice([self.edit, self.edit, self.slip, self.rename, self.file, self.copy, self.blink, self.note])(
            reference
        )

    def save(self, reference: str, text: str) -> None:
        path = self.folders[reference] / "dossier.toml"
        how = self.chance.randrange(3)
        if how == 0:  # an editor that writes beside and replaces
            path.with_name("dossier.toml~").write_text(text, encoding="utf-8")
            path.with_name("dossier.toml~").replace(path)
        elif how == 1:  # one that empties, then writes
            path.write_bytes(b"")
            time.sleep(0.02)
            path.write_text(text, encoding="utf-8")
        else:  # Explorer: the size first, full of NULs
            path.write_bytes(b"\0" * len(text.encode()))
            time.sleep(0.02)
            path.write_bytes(text.encode())

    def edit(self, reference: str) -> None:
        text = self.texts[reference]
        if "envoye_client_le" not in text:
            number = self.chance.randrange(20, 44)
            lines = [
                f"participants   = {number}" if line.startswith("participants ") else line for line in text.splitlines()
            ]
            self.texts[reference] = "\n".join(lines) + "\n"
        self.save(reference, self.texts[reference])

    def slip(self, reference: str) -> None:
        self.save(reference, self.texts[reference].replace("59.00", "59,00"))
        time.sleep(self.chance.random() * 0.2)
        self.save(reference, self.texts[reference])

    def rename(self, reference: str) -> None:
        folder = self.folders[reference]
        self.folders[reference] = folder.rename(folder.with_name(f"{folder.name[:10]} {self.chance.randrange(10**6)}"))

    def file(self, reference: str) -> None:
        """Into another statut, or another spelling of the month."""
        folder = self.folders[reference]
        month = self.chance.choice(["06 - Juin", "juin", "6"])
        place = self.bureau.root / "Groupe/2027" / month / self.chance.choice(["en cours", "Dossier traité"])
        place.mkdir(parents=True, exist_ok=True)
        self.folders[reference] = folder.rename(place / folder.name)

    def copy(self, reference: str) -> None:
        """As a start for a new client: its own number comes a moment later."""
        folder = self.folders[reference]
        fresh = f"2027-G-{len(self.folders) + 500}"
        target = folder.with_name(f"2027-06-17 Copie {fresh}")
        shutil.copytree(folder, target)
        for name in ("_suivi", "2 Devis", "3 Contrat", "4 Bons d'échange", "6 Carnet"):
            shutil.rmtree(target / name, ignore_errors=True)
        self.folders[fresh] = target
        self.texts[fresh] = self.texts[reference].replace(reference, fresh)
        self.save(fresh, self.texts[fresh])

    def blink(self, reference: str) -> None:
        """Out of the tree and back."""
        folder = self.folders[reference]
        away = self.bureau.root.parent / f"ailleurs-{self.chance.randrange(10**6)}"
        folder.rename(away)
        time.sleep(self.chance.random() * 0.3)
        away.rename(folder)

    def note(self, reference: str) -> None:
        """A file of theirs, beside ours."""
        self.human[self.folders[reference] / f"note {self.chance.randrange(10**6)}.docx"] = b"PK a human's own"


def documents(root: Path) -> dict[str, str]:
    """Reference and name of each Word document that stands, with its whole text."""
    found = {}
    for path in root.rglob("*.docx"):
        # A programme went out with the proposal: what it said then stays, whatever is changed later.
        if path.parent.name not in SOUS_DOSSIERS or path.parent.name == "2 Devis":
            continue
        document = docx.Document(io.BytesIO(path.read_bytes()))
        found[path.name] = "\n".join("".join(node.itertext()) for node in document.element.body.iter())
    return found


def rows(root: Path) -> dict[str, tuple[object, ...]]:
    """The rows of the recap by key; « Modifications » tells history, which differs."""
    workbook = load_workbook(root / "Groupe/2027/Récap groupes par mois.xlsx")
    found: dict[str, tuple[object, ...]] = {}
    for sheet in workbook.worksheets:
        headings = [cell.value for cell in sheet[3]]
        for cells in sheet.iter_rows(min_row=4):
            row = dict(zip(headings, (cell.value for cell in cells), strict=True))
            if key := row.get("Clé"):
                assert key not in found, f"{key} has two rows"
                found[str(key)] = tuple(
                    value for name, value in row.items() if name not in ("Modifications", "Empreinte")
                )
    return found


def test_after_any_chaos_the_tree_is_what_one_run_gives(tmp_path: Path) -> None:
    root = tmp_path / "office"
    root.mkdir()
    people = People(Bureau(root), random.Random(SEED))
    command = [sys.executable, "-m", "toolkit", "surveiller", str(root), "--le", JOUR.isoformat()]
    acts = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, cwd=ICI.parent, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + people.chance.uniform(0.5, 6)
        while time.monotonic() < end:
            people.act()
            acts += 1
            time.sleep(people.chance.random() * 0.4)
        process.kill()
        process.wait()
    for path, content in people.human.items():
        if path.parent.exists():
            path.write_bytes(content)
    # A day later, undisturbed.
    for _ in range(2):
        subprocess.run([*command, "--une-fois"], cwd=ICI.parent, env=ENVIRONMENT, check=False, capture_output=True)

    fresh = made_at_once(tmp_path / "scratch", people)
    assert documents(root) == documents(fresh.root)
    assert rows(root) == rows(fresh.root)
    assert list(root.rglob(".~toolkit-*")) == []
    assert list(root.rglob("À CORRIGER.txt")) == []
    # A folder that was renamed while it was being worked on has not come back under its old name.
    assert {path.parent for path in root.glob("Groupe/2027/*/*/*/*")} == set(people.folders.values())
    for path, content in people.human.items():
        assert not path.parent.exists() or path.read_bytes() == content
    sys.stdout.write(f"seed {SEED}: {acts} gestures, {KILLS} kills, {len(people.folders)} dossiers\n")


def made_at_once(root: Path, people: People) -> Bureau:
    """The same dossiers in a new tree, made in one run."""
    root.mkdir()
    fresh = Bureau(root)
    for reference, folder in people.folders.items():
        place = folder.relative_to(people.bureau.root).parent.as_posix()
        fresh.dossier(people.texts[reference], nom=folder.name, lieu=place)
    fresh.run("generer", root)
    return fresh
