"""What one row of the recap costs, against openpyxl's load and save in the same run. Prints ratios, asserts nothing.

    python -m tests.benchmarks.recap [rounds]

12 sheets of 60 rows, as people save them (strings shared). Ways are interleaved, so that noise falls on all alike.
"""

import gc
import io
import statistics
import sys
import time
from collections.abc import Callable

from openpyxl import load_workbook

from tests.test_recap import saved, synced, une_ligne, written
from toolkit.registres.recap import check

ROWS = 60


def key(mois: int, row: int) -> str:
    return f"2027-G-{mois:02d}{row:02d}"


def main(rounds: int) -> None:
    new = written(None, *(une_ligne(key(mois, row), mois=mois) for mois in range(1, 13) for row in range(ROWS)))
    content = saved(load_workbook(io.BytesIO(new)))
    burst = [une_ligne(key(mois, row), mois=mois, personnes=7) for mois in range(1, 6) for row in range(10)]
    changed = synced(content, une_ligne(key(6, 12), personnes=7))

    def load_and_save() -> None:
        workbook = load_workbook(io.BytesIO(content))
        workbook["Juin"]["E10"] = 7
        workbook.save(io.BytesIO())

    ways: dict[str, Callable[[], object]] = {
        "openpyxl, load + one cell + save": load_and_save,
        "one row changed": lambda: synced(content, une_ligne(key(6, 12), personnes=7)),
        "one row new": lambda: synced(content, une_ligne("2027-G-999")),
        "one row moved to another month": lambda: synced(content, une_ligne(key(6, 12), mois=7)),
        "nothing to do": lambda: synced(content, une_ligne(key(6, 12))),
        "burst of 50 rows over 5 months": lambda: synced(content, *burst),
        "check by openpyxl, once a write": lambda: check(changed),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    reference = statistics.median(times["openpyxl, load + one cell + save"])
    print(f"12 x {ROWS} rows, {len(content) // 1000} kB, {rounds} rounds")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:<34} {median * 1000:8.1f} ms   ratio {median / reference:.4f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
