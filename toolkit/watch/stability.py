"""Which files have stopped moving, and which of them were handled already. Pure: the clock and the looks are given.

A file is still when its size, its date and its bytes have not moved for a while: a copy by Explorer sets the final size
at once, full of NULs, and the old date at the end (constats.md §1.4).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from toolkit.tree.layout import Stamp

STABLE_SECONDS = 3.0


@dataclass(slots=True)
class _Moving:
    stamp: Stamp
    digest: str | None
    since: float
    is_still: bool = False
    """For good, until its stamp changes: its bytes are not looked at again."""
    is_fresh: bool = False
    """It was not so when everything was looked at for the first time."""


_ALWAYS = float("-inf")


class StabilityTracker:
    """The files of a tree by their path, as text: ten thousand of them take little room and are compared in one go."""

    def __init__(self, handled: Mapping[str, Stamp] | None = None, stable_seconds: float = STABLE_SECONDS) -> None:
        self._stable_seconds = stable_seconds
        self._handled = dict(handled or {})
        self._moving: dict[str, _Moving] = {}
        self._has_looked = False

    def observe(self, now: float, looked: Mapping[str, Stamp], digest: Callable[[str], str]) -> list[str]:
        """Files new or changed since they were last handled, and still for long enough; in the order looked at.

        ``digest`` looks at the bytes of a file; those of a file that was handled or given, and has not moved, are not
        looked at.
        """
        is_first, self._has_looked = not self._has_looked, True
        if looked == self._handled:
            self._moving.clear()
            return []
        self._handled = {path: known for path, known in self._handled.items() if looked.get(path) == known}
        self._moving = {path: one for path, one in self._moving.items() if path in looked}
        return [
            path
            for path, stamp in looked.items()
            if path not in self._handled and self._is_still(now, path, stamp, digest, is_fresh=not is_first)
        ]

    def _is_still(self, now: float, path: str, stamp: Stamp, digest: Callable[[str], str], *, is_fresh: bool) -> bool:
        known = self._moving.get(path)
        if known is not None and known.stamp == stamp and known.is_still:
            return True
        seen = digest(path)
        if known is None or (known.stamp, known.digest) != (stamp, seen):
            known = self._moving[path] = _Moving(stamp, seen, now, is_fresh=is_fresh)
        known.is_still = now - known.since >= self._stable_seconds
        return known.is_still

    def still_for(self, now: float, path: str) -> float:
        """Seconds since a file that is not handled last moved."""
        return now - self._moving[path].since

    def handled(self, path: str) -> None:
        """Do not give this file again until it changes."""
        self._handled[path] = self._moving.pop(path).stamp

    def give_again(self, paths: Iterable[str]) -> None:
        """Give these files again: something that they depend on has changed."""
        for path in paths:
            if path in self._handled:
                self._moving[path] = _Moving(self._handled.pop(path), None, _ALWAYS, is_still=True)

    def is_moving(self, path: str) -> bool:
        """It was not handled as it is now."""
        return path in self._moving

    def is_fresh(self, path: str) -> bool:
        """It moved since everything was looked at for the first time."""
        return self._moving[path].is_fresh

    def is_given_again(self, path: str) -> bool:
        """Nobody saved it."""
        return self._moving[path].since == _ALWAYS

    @property
    def all_handled(self) -> Mapping[str, Stamp]:
        """Each file that was handled, as it was then."""
        return self._handled

    @property
    def waiting(self) -> int:
        """How many files have not been handled yet."""
        return len(self._moving)
