"""How time and memory grow with the number of dossiers: all to make, one changed, nothing changed.

    python -m tests.benchmarks.echelle [100 1000 10000]

Ten thousand take a quarter of an hour and six gigabytes. Word only: the PDFs wait.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.arbres import plant

COUNTS = (100, 1_000, 10_000)
_RUN = """
import json, resource, sys, time
from toolkit.cli import main
sys.stdout = open("/dev/null", "w")
start = time.perf_counter()
main(sys.argv[1:])
spent = time.perf_counter() - start
memory = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([spent, *memory]), file=sys.stderr)
"""


def run(*words: str) -> tuple[float, int, int]:
    """Seconds; mebibytes of the process, and of the largest of its children."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *words, "--le", "2027-06-04"],
        env={**environment, "TOOLKIT_SOFFICE": "aucun"},
        capture_output=True,
        text=True,
        check=True,
    )
    spent, own, children = json.loads(done.stderr.splitlines()[-1])
    return spent, own, children


def main(counts: list[int]) -> None:
    print("| Dossiers | Travail | Temps | Par dossier | Mémoire, Mio (et d'un aide) |\n|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name) / "office"
            planted = plant(root, count)

            def tell(what: str, told: tuple[float, int, int], count: int = count) -> None:
                spent, own, child = told
                line = f"| {count} | {what} | {spent:.2f} s | {spent / count * 1000:.2f} ms | {own} ({child}) |"
                print(line, flush=True)

            tell("tout faire", run("generer", str(root)))
            run("surveiller", str(root), "--une-fois")
            time.sleep(1)
            tell("rien de changé, tout relire (generer)", run("generer", str(root)))
            tell("rien de changé (surveiller --une-fois)", run("surveiller", str(root), "--une-fois"))
            changed = planted[count // 2]
            text = changed.read_text(encoding="utf-8")
            changed.write_text(text.replace("participants = 38", "participants = 39"), encoding="utf-8")
            tell("un dossier changé (generer)", run("generer", str(changed.parent)))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(COUNTS))
