"""A new recap: what its file says of itself."""

import time as clock
from datetime import date, datetime, timezone
from types import SimpleNamespace

import openpyxl.packaging.core
import openpyxl.writer.excel
import pytest

from tests.registres.test_recap import opened, une_ligne, written
from toolkit.registres import vierge


class Later(datetime):
    @classmethod
    def now(cls, tz: object = None) -> "Later":
        return cls(2031, 8, 9, 10, 11, 12)


def test_the_same_rows_on_the_same_day_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    lignes = une_ligne("a"), une_ligne("b", mois=12)
    before = written(None, *lignes)
    moved = SimpleNamespace(datetime=Later, timezone=timezone)
    monkeypatch.setattr(openpyxl.writer.excel, "datetime", moved)
    monkeypatch.setattr(openpyxl.packaging.core, "datetime", moved)
    monkeypatch.setattr(clock, "localtime", lambda *_: clock.struct_time((2031, 8, 9, 10, 11, 12, 5, 221, 0)))
    monkeypatch.setattr(clock, "time", lambda: 1_943_345_472.0)
    vierge._laid.cache_clear()

    assert written(None, *lignes) == before


def test_a_new_workbook_tells_its_day_and_not_its_hour() -> None:
    properties = opened(written(None, une_ligne(), jour=date(2027, 6, 5))).properties

    assert properties.creator == "toolkit"
    assert properties.created == properties.modified == datetime(2027, 6, 5)
    assert written(None, une_ligne()) != written(None, une_ligne(), jour=date(2027, 6, 5))
