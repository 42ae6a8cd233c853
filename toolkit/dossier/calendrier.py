"""Counting days as French law and the procedure do: jours francs, ouvrables, ouvrés, months « de date à date »."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import cache

SAMEDI, DIMANCHE = 5, 6


@cache
def _feries(year: int) -> frozenset[date]:
    import holidays  # 39 ms, spared by the commands that count no working day

    return frozenset(holidays.country_holidays("FR", years=year))


def is_ferie(day: date) -> bool:
    """A public holiday of L.3133-1 C. trav., metropolitan France without Alsace-Moselle."""
    return day in _feries(day.year)


def is_ouvrable(day: date) -> bool:
    """Monday to Saturday, public holidays out."""
    return day.weekday() != DIMANCHE and not is_ferie(day)


def is_ouvre(day: date) -> bool:
    """Monday to Friday, public holidays out."""
    return day.weekday() < SAMEDI and not is_ferie(day)


def add_jours_ouvrables(day: date, count: int) -> date:
    """The ``count``-th jour ouvrable after ``day``, which does not count itself."""
    while count:
        day += timedelta(days=1)
        count -= is_ouvrable(day)
    return day


def add_jours_ouvres(day: date, count: int) -> date:
    """The ``count``-th jour ouvré after ``day``, which does not count itself."""
    while count:
        day += timedelta(days=1)
        count -= is_ouvre(day)
    return day


def add_heures_ouvrees(moment: datetime, hours: int) -> datetime:
    """So many hours later, days that are not worked left out: the looser reading (regles.md §1.2, A3)."""
    days, rest = divmod(hours, 24)
    return datetime.combine(add_jours_ouvres(moment.date(), days), moment.time()) + timedelta(hours=rest)


def add_mois(day: date, months: int) -> date:
    """« De date à date »: the same day number, or the last day of a shorter month (CPC 641, regles.md §2.4)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def limite_jours_francs(prestation: date, days: int, *, report: str = "aucun") -> date:
    """Last admissible day for ``days`` jours francs before ``prestation`` (regles.md §2.4).

    Neither the day of the request nor that of the service counts, so 14 jours francs is J - 15. Week-ends and
    holidays count and do not move the limit; ``report="avancer"`` brings it forward to a jour ouvrable.
    """
    limit = prestation - timedelta(days=days + 1)
    while report == "avancer" and not is_ouvrable(limit):
        limit -= timedelta(days=1)
    return limit


def jour_affichage(year: int, month: int) -> date:
    """Last jour ouvré of a month, when the next month's recap is posted (regles.md §7.7)."""
    day = date(year, month, monthrange(year, month)[1])
    while not is_ouvre(day):
        day -= timedelta(days=1)
    return day
