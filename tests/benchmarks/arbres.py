"""Trees of any number of dossiers for the benchmarks: ten years of a small office are ten thousand."""

import re
from pathlib import Path

from tests.conftest import EXEMPLES
from toolkit import french

ANNEES = range(2018, 2028)


def plant(root: Path, count: int) -> list[Path]:
    """So many group dossiers over ten years; gives their dossier.toml."""
    root.mkdir(parents=True)
    for name in ("office.toml", "prestataires.toml"):
        (root / name).write_bytes((EXEMPLES / name).read_bytes())
    text = (EXEMPLES / "dossier_groupe.toml").read_text(encoding="utf-8")
    planted = []
    for number in range(count):
        annee, mois = ANNEES[number % len(ANNEES)], number // len(ANNEES) % 12 + 1
        statut = "Dossier en cours" if annee == ANNEES[-1] else "Dossier traité"
        place = root / "Groupe" / str(annee) / f"{mois:02d} - {french.MOIS[mois - 1].capitalize()}" / statut
        folder = place / f"{annee}-{mois:02d}-17 Client {number:05d} 42p"
        folder.mkdir(parents=True)
        path = folder / "dossier.toml"
        reference = f'reference = "{annee}-G-{number:05d}"'
        path.write_text(re.sub(r"reference *=.*", reference, text, count=1), encoding="utf-8")
        planted.append(path)
    return planted
