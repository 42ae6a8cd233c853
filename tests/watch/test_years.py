"""Years without a hand, in fast time: days that change, troubles that come and go, clocks that are set.

YEARS_WEEKS makes it longer: 52 is a year.
"""

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import JOUR, Bureau, exemple
from toolkit.system import files
from toolkit.tree.settings import Settings
from toolkit.walk.options import Options
from toolkit.walk.report import Report
from toolkit.watch import log
from toolkit.watch.log import write_log
from toolkit.watch.watcher import Watcher

pytestmark = pytest.mark.slow

WEEKS = int(os.environ.get("YEARS_WEEKS", "8"))
GROUPE = exemple("dossier_groupe").partition("# ── 10. Avenants")[0]


class Service:
    """A watcher whose clock the test turns, and whose log is written as the service writes it."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.minuit = datetime(JOUR.year, JOUR.month, JOUR.day)
        self.now = 9.0 * 3600
        self.written = 0
        self.said: list[str] = []
        self.passes = 0
        self.watcher = Watcher(bureau.root, self._options, self._tell, self._say)

    @property
    def moment(self) -> datetime:
        return self.minuit + timedelta(seconds=self.now)

    def _options(self, settings: Settings) -> Options:
        return Options(aujourd_hui=self.moment.date(), with_pdf=False, cores=1)

    def _tell(self, report: Report) -> None:
        self._write("\n\n".join([report.as_text(), *report.defauts]))

    def _say(self, line: str, details: str) -> None:
        self.said.append(line)
        self._write(f"{line}\n{details}")

    def _write(self, text: str) -> None:
        self.written += len(text.encode())
        write_log(self.bureau.root, text, self.moment)

    def run(self, hours: float) -> None:
        end = self.now + hours * 3600
        while self.now < end:
            self.passes += self.watcher.attempt(self.now) is not None
            self.now += max(0.01, self.watcher.pause(self.now, has_events=True))


def planted(bureau: Bureau, count: int) -> list[Path]:
    return [
        bureau.dossier(GROUPE.replace("2027-G-014", f"2027-G-{number + 100}"), nom=f"2027-06-17 Client {number}")
        for number in range(count)
    ]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """As Excel holds it on a desktop; the lease of the system is refused to who asks."""
    with path.open("r+b"):
        yield


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_HELD_SECONDS", 0)


def test_a_recap_left_open_over_night_writes_a_few_lines(bureau: Bureau) -> None:
    """Each dossier waits for it, and the day changes: with three hundred, this wrote half a gigabyte once."""
    folders = planted(bureau, 30)
    service = Service(bureau)
    service.run(0.1)
    recap = folders[0].parents[2] / "Récap groupes par mois.xlsx"
    service.now = 22.0 * 3600

    with held(recap):
        for folder in folders:
            source = folder / "dossier.toml"
            source.write_text(source.read_text(encoding="utf-8").replace("Parking autocars", "Gare"), encoding="utf-8")
        service.run(0.1)
        evening = service.written
        service.run(10)
        assert service.written - evening < 1_000
        assert service.watcher.waiting == len(folders)
    service.run(0.6)

    assert service.watcher.waiting == 0
    assert service.said == ["« Récap groupes par mois.xlsx » : à nouveau possible."]


def test_weeks_leave_memory_descriptors_threads_and_logs_flat(bureau: Bureau) -> None:
    """Each day a dossier is saved; each week the recap stays open over night, the share goes, the clock is set."""
    folders = planted(bureau, 12)
    service = Service(bureau)
    service.run(0.1)

    def a_week(number: int) -> None:
        for day in range(7):
            source = folders[(7 * number + day) % len(folders)] / "dossier.toml"
            text = source.read_text(encoding="utf-8").partition("\n[[notes]]")[0]
            source.write_text(f'{text}\n[[notes]]\ntexte = "{number} {day}"\n', encoding="utf-8")
            service.run(24)
        with held(folders[0].parents[2] / "Récap groupes par mois.xlsx"):
            service.run(12)
        root = bureau.root
        away = root.rename(root.with_name("démonté"))
        root.mkdir()
        service.run(12)
        assert list(root.iterdir()) == []
        root.rmdir()
        away.rename(root)
        service.minuit += timedelta(365)
        service.run(0.5)
        service.minuit -= timedelta(365)

    def measured() -> tuple[int, int]:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    for number in range(4):
        a_week(number)
    memory, flat, written = megabytes(), measured(), service.written
    for number in range(4, WEEKS):
        a_week(number)

    assert measured() == flat
    assert megabytes() - memory < 15
    assert service.watcher.waiting == 0
    sizes = [path.stat().st_size for path in (bureau.root / "_suivi/journaux").iterdir()]
    assert sum(sizes) < 1_000_000
    assert len(sizes) <= log.DAYS_KEPT
    sys.stdout.write(f"{service.passes} runs, {service.written - written} bytes told, {megabytes() - memory:.1f} MiB\n")


def megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
