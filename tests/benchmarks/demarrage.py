"""New processes: to the first contract, and the commands that people and machines start most."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import banc
from tests.benchmarks.mesure import Resultat, Way, compare
from tests.conftest import EXEMPLES

STOCK = """
import json, sys
import jinja2
from docxtpl import DocxTemplate
modele, donnees, sortie = sys.argv[1:]
document = DocxTemplate(modele)
document.render(json.load(open(donnees, encoding="utf-8")), jinja2.Environment(autoescape=True))
document.save(sortie)
"""
OURS = """
import json, sys
from types import SimpleNamespace
from dataclasses import make_dataclass
from pathlib import Path
from toolkit.formats.word import compile_modele
modele, donnees, sortie = map(Path, sys.argv[1:])
values = json.loads(donnees.read_text(encoding="utf-8"))
for name, rows in values.items():
    if isinstance(rows, list):
        Ligne = make_dataclass(name, rows[0])
        values[name] = [Ligne(**row) for row in rows]
shown = make_dataclass("Donnees", values)(**values)
sortie.write_bytes(compile_modele(modele.read_bytes(), modele.name).fill(shown).content)
"""


def process(command: Sequence[str]) -> Way:
    # Compiled files of every library are where an installation puts them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    return run


def mesurer(rounds: int) -> list[Resultat]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, data = folder / "banc.docx", folder / "banc.json"
        model.write_bytes(banc.modele(banc.DOCXTPL))
        data.write_text(banc.donnees_json())
        stock, ours = (
            process([sys.executable, "-c", script, str(model), str(data), str(folder / f"{name}.docx")])
            for name, script in (("stock", STOCK), ("ours", OURS))
        )
        found = compare("nouveau processus, premier contrat", ours, {"docxtpl, script nu": (stock, 0.6)}, rounds)
        dossier = folder / "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Aînés de Sainte-Fiction 42p"
        dossier.mkdir(parents=True)
        for one in ("office.toml", "prestataires.toml"):
            (folder / one).write_bytes((EXEMPLES / one).read_bytes())
        (dossier / "dossier.toml").write_bytes((EXEMPLES / "dossier_groupe.toml").read_bytes())
        bare = process([sys.executable, "-c", "pass"])
        for words, but in (
            (["--version"], 1.5),
            (["--help"], 3.0),
            (["verifier", "--le", "2027-06-04", str(dossier)], 12.0),
        ):
            command = process([sys.executable, "-m", "toolkit", *words])
            found += compare(f"toolkit {words[0]}", command, {"Python nu": (bare, but)}, rounds)
        return found
