"""English as it is printed in the models for visitors: dates, hours, money. The office's own words stay French."""

from datetime import date, time
from decimal import Decimal

NBSP = "\N{NO-BREAK SPACE}"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def date_anglaise(day: date) -> str:
    """``Thursday 17 June 2027``."""
    return f"{_DAYS[day.weekday()]} {day.day}{NBSP}{_MONTHS[day.month - 1]} {day.year}"


def heure_anglaise(moment: time) -> str:
    """``9:45 am``, ``12 noon``, ``2 pm``."""
    if (moment.hour, moment.minute) == (12, 0):
        return f"12{NBSP}noon"
    minutes = f":{moment.minute:02d}" if moment.minute else ""
    return f"{(moment.hour - 1) % 12 + 1}{minutes}{NBSP}{'am' if moment.hour < 12 else 'pm'}"


def euros_anglais(amount: Decimal) -> str:
    """``€2,508.00``."""
    return f"{'-' if amount < 0 else ''}€{abs(amount):,.2f}"


def pourcentage_anglais(rate: Decimal | int) -> str:
    """``30%``, ``5.5%``."""
    text = f"{Decimal(rate):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def pluriel_anglais(count: int, singular: str, plural: str | None = None) -> str:
    """``1 driver``, ``2 drivers``; zero is plural in English."""
    return f"{count} {singular if count == 1 else plural or f'{singular}s'}"
