"""The Windows desktop of a session, and the office that it sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Bureau
from tests.windows import poste as postes
from tests.windows.poste import Poste


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them start real programs, and say so when there is no Wine."""
    missing = postes.missing()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            if missing:
                why = f"il manque {', '.join(missing)} : le poste Windows n'est pas essayé"
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def poste() -> Iterator[Poste]:
    """A Windows desktop with its own registry and drives."""
    with postes.poste() as desktop:
        yield desktop


@pytest.fixture
def partage(poste: Poste, tmp_path: Path) -> Bureau:
    """An office in a new tree, which the desktop sees as ``L:\\`` and as ``\\\\serveur\\groupes``."""
    root = tmp_path / "groupes"
    root.mkdir()
    poste.share(root)
    return Bureau(root)
