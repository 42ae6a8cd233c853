"""Speed beside what one would use instead: ratios taken within one run, one table. Prints, asserts nothing.

    python -m tests.benchmarks [--tours N] [SECTION…]

The other programs are installed aside at the first run.
"""

import argparse
import platform

from tests.benchmarks import demarrage, dossiers, filigrane, parcours, pdf, recap, remplissage, tenue, veille
from tests.benchmarks.mesure import tableau

SECTIONS = {
    "remplissage": remplissage.mesurer,
    "demarrage": demarrage.mesurer,
    "dossiers": dossiers.mesurer,
    "pdf": pdf.mesurer,
    "parcours": parcours.mesurer,
    "recap": recap.mesurer,
    "filigrane": filigrane.mesurer,
    "tenue": tenue.mesurer,
    "veille": veille.mesurer,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--tours", type=int, default=15)
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}")
    found = []
    for name in chosen.sections or SECTIONS:
        print(f"{name}…", flush=True)
        found += SECTIONS[name](chosen.tours)
    print(tableau(found))
