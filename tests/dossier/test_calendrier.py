"""Counting days (regles.md §2.4), beyond what the vectors say."""

from datetime import date, datetime

import pytest

from toolkit.dossier.calendrier import (
    add_heures_ouvrees,
    add_jours_ouvrables,
    add_jours_ouvres,
    add_mois,
    is_ferie,
    is_ouvrable,
    is_ouvre,
    jour_affichage,
    limite_jours_francs,
)

FERIES_2027 = [
    date(2027, 1, 1),
    date(2027, 3, 29),
    date(2027, 5, 1),
    date(2027, 5, 6),
    date(2027, 5, 8),
    date(2027, 5, 17),
    date(2027, 7, 14),
    date(2027, 8, 15),
    date(2027, 11, 1),
    date(2027, 11, 11),
    date(2027, 12, 25),
]


def test_the_eleven_public_holidays() -> None:
    days = [date.fromordinal(day) for day in range(date(2027, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
    assert [day for day in days if is_ferie(day)] == FERIES_2027


@pytest.mark.parametrize("monday", [date(2026, 4, 6), date(2027, 3, 29), date(2028, 4, 17), date(2029, 4, 2)])
def test_easter_mondays(monday: date) -> None:
    assert is_ferie(monday)


@pytest.mark.parametrize("day", [date(2027, 3, 26), date(2027, 12, 26)])
def test_no_alsatian_holiday_in_normandy(day: date) -> None:
    assert not is_ferie(day)


@pytest.mark.parametrize(
    ("day", "ouvrable", "ouvre"),
    [
        (date(2027, 6, 18), True, True),
        (date(2027, 6, 19), True, False),
        (date(2027, 6, 20), False, False),
        (date(2027, 7, 14), False, False),
    ],
)
def test_jours_ouvrables_and_ouvres(day: date, ouvrable: bool, ouvre: bool) -> None:
    assert (is_ouvrable(day), is_ouvre(day)) == (ouvrable, ouvre)


@pytest.mark.parametrize(
    ("day", "count", "ouvrable", "ouvre"),
    [
        (date(2027, 6, 18), 0, date(2027, 6, 18), date(2027, 6, 18)),
        (date(2027, 6, 18), 1, date(2027, 6, 19), date(2027, 6, 21)),
        (date(2027, 6, 19), 1, date(2027, 6, 21), date(2027, 6, 21)),
        (date(2027, 5, 14), 2, date(2027, 5, 18), date(2027, 5, 19)),
    ],
)
def test_the_first_day_does_not_count(day: date, count: int, ouvrable: date, ouvre: date) -> None:
    assert add_jours_ouvrables(day, count) == ouvrable
    assert add_jours_ouvres(day, count) == ouvre


@pytest.mark.parametrize(
    ("moment", "hours", "limit"),
    [
        (datetime(2027, 6, 18, 16, 30), 48, datetime(2027, 6, 22, 16, 30)),
        (datetime(2027, 6, 14, 8), 30, datetime(2027, 6, 15, 14)),
    ],
)
def test_working_hours(moment: datetime, hours: int, limit: datetime) -> None:
    assert add_heures_ouvrees(moment, hours) == limit


@pytest.mark.parametrize(
    ("day", "months", "limit"),
    [
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 6, 17), 0, date(2027, 6, 17)),
        (date(2027, 6, 17), 36, date(2030, 6, 17)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_months_from_day_to_day(day: date, months: int, limit: date) -> None:
    assert add_mois(day, months) == limit


def test_the_cautious_limit_leaves_holidays_as_well() -> None:
    # 8 May 2027 is a Saturday and a public holiday; 6 May is Ascension.
    assert limite_jours_francs(date(2027, 5, 23), 14, report="avancer") == date(2027, 5, 7)
    assert limite_jours_francs(date(2027, 5, 21), 14, report="avancer") == date(2027, 5, 5)


def test_other_delays_than_fourteen_days() -> None:
    assert limite_jours_francs(date(2027, 6, 17), 5) == date(2027, 6, 11)


def test_posting_before_a_holiday_at_the_end_of_the_month() -> None:
    assert jour_affichage(2027, 10) == date(2027, 10, 29)
    assert jour_affichage(2027, 6) == date(2027, 6, 30)
