"""What does not hold yet is tried all the same, so that whoever mends it sees it hold."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest


def expected(names: Iterable[str], not_yet: Mapping[str, str]) -> list[Any]:
    """Parameters of a test: each of these names, or by its reason that it fails for now."""
    return [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=not_yet[name])) if name in not_yet else name
        for name in names
    ]
