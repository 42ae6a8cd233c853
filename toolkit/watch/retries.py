"""What was refused: tried again less and less often, told when it begins and when it ends. Pure: the clock is given."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FIRST_SECONDS = 30.0
LONGEST_SECONDS = 1800.0


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 30, 30, 60, 120 … 1800."""
    return min(FIRST_SECONDS * 2.0 ** min(max(0, failures - 2), 10), LONGEST_SECONDS)


@dataclass(slots=True)
class _Waiting:
    """A folder that something was refused for."""

    failures: int
    last: float
    due: float


class Change(NamedTuple):
    """What to tell after a try."""

    begun: list[str]
    """Refusals that were not known."""
    ended: list[str]
    """What is possible again, a sentence each."""


class Retries:
    """Folders to be tried again, and the refusals that hold them back, each known by its sentence."""

    def __init__(self) -> None:
        self._waiting: dict[Path, _Waiting] = {}
        self._open: dict[str, set[Path]] = {}

    @property
    def waiting(self) -> Collection[Path]:
        """In the order in which they were refused."""
        return self._waiting.keys()

    def due(self, now: float) -> list[Path]:
        """Those whose time has come."""
        return [folder for folder, one in self._waiting.items() if one.due <= now]

    def next_due(self) -> float:
        """The moment of the first of them; infinite when none waits."""
        return min((one.due for one in self._waiting.values()), default=float("inf"))

    def hasten(self, folders: Iterable[Path]) -> None:
        """Something moved around these: they are tried soon, yet never more often than at first."""
        for folder in folders:
            one = self._waiting[folder]
            one.due = min(one.due, one.last + FIRST_SECONDS)

    def forget(self, folder: Path) -> None:
        """It moved by itself: how often it failed before is of no matter."""
        if folder in self._waiting:
            self._waiting[folder].failures = 0

    def record(self, now: float, tried: Collection[Path], refused: Collection[Path], refusals: Sequence[str]) -> Change:
        """After a try of some folders: for which of them something was refused, and in what words."""
        for folder in tried:
            if folder not in refused:
                self._waiting.pop(folder, None)
        for folder in refused:
            known = self._waiting.pop(folder, None)
            failures = known.failures + 1 if known else 1
            self._waiting[folder] = _Waiting(failures, now, now + pause(failures))
        begun = [one for one in dict.fromkeys(refusals) if one not in self._open]
        for one in refusals:
            self._open.setdefault(one, set()).update(refused)
        return Change(begun, self._end(tried, refusals))

    def _end(self, tried: Collection[Path], refusals: Collection[str]) -> list[str]:
        """Refusals that were not met again, where each folder that they held back was tried, or waits no more."""
        over = []
        for sentence, folders in self._open.items():
            folders &= self._waiting.keys()
            if sentence not in refusals and folders <= set(tried):
                over.append(sentence)
        for sentence in over:
            del self._open[sentence]
        still = {_subject(one) for one in self._open}
        return list(dict.fromkeys(_over(one) for one in over if _subject(one) not in still))


def _subject(sentence: str) -> str:
    """``« Récap groupes par mois.xlsx »``, else the first clause."""
    clause = re.split(r"\s:\s", sentence)[0]
    quoted = re.search(r"«[^»]*»", clause)
    return quoted[0] if quoted else clause


def _over(sentence: str) -> str:
    subject = _subject(sentence)
    return f"{subject} : à nouveau possible." if subject[0] == "«" else f"À nouveau possible, après : {subject}."
