"""How the benchmarks measure: ways side by side, one after the other in each round, compared round by round.

The machine's own speed drifts by half from one minute to the next; a ratio taken within one round does not.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Way = Callable[[], object]
"""Does it once. What it returns is a time in seconds when it measured itself, in another process."""


@dataclass(frozen=True)
class Resultat:
    """One line of the table."""

    quoi: str
    contre: str
    ratio: float
    """Median of the ratios of each round."""
    bas: float
    haut: float
    """Quartiles."""
    but: float | None = None
    """What the ratio should not exceed; None for a line that only informs."""
    secondes: float = 0.0
    """Median of the time itself, which depends on the machine."""


def seconds(way: Way) -> float:
    gc.collect()
    start = time.perf_counter()
    told = way()
    spent = time.perf_counter() - start
    return told if isinstance(told, float) else spent


def compare(quoi: str, way: Way, contre: Mapping[str, tuple[Way, float | None]], rounds: int) -> list[Resultat]:
    """``way`` against each of the others, with what the ratio should be; one round is thrown away to warm up."""
    for one in (way, *(other for other, _ in contre.values())):
        one()
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in contre}
    for _ in range(rounds):
        ours.append(seconds(way))
        for name, (other, _) in contre.items():
            theirs[name].append(seconds(other))
    return [
        resultat(quoi, name, [a / b for a, b in zip(ours, theirs[name], strict=True)], but, statistics.median(ours))
        for name, (_, but) in contre.items()
    ]


def resultat(quoi: str, contre: str, ratios: list[float], but: float | None, spent: float) -> Resultat:
    bas, ratio, haut = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Resultat(quoi, contre, ratio, bas, haut, but, spent)


def tableau(resultats: list[Resultat]) -> str:
    """In Markdown, ready for a page."""
    lines = ["| Quoi | Contre | Rapport (quartiles) | But | Temps ici |", "|---|---|---|---|---|"]
    for one in resultats:
        but = "" if one.but is None else f"≤ {one.but:g}"
        spent = f"{one.secondes * 1000:.1f} ms" if one.secondes < 1 else f"{one.secondes:.1f} s"
        lines.append(
            f"| {one.quoi} | {one.contre} | {one.ratio:.3f} [{one.bas:.3f} {one.haut:.3f}] | {but} | {spent} |"
        )
    return "\n".join(lines)
