"""Lengths, money, instants and lists as the sentences of verdicts and traces say them (English)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal


def duration(length: timedelta) -> str:
    """1 h 30 min, 10 min, 45 s; begun seconds do not count, nothing is 0 min, and what is taken back is -45 min."""
    if length < timedelta(0):
        return f"-{duration(-length)}"
    minutes, seconds = divmod(length // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    return " ".join(f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if n) or "0 min"


def listed(phrases: Iterable[str]) -> str:
    """One; one and two; one, two and three."""
    *most, last = phrases
    return f"{', '.join(most)} and {last}" if most else last


def money(amount: Decimal) -> str:
    """R1 234.50, or -R570.00; excluding VAT unless it is said."""
    sign = "-" if amount < 0 else ""
    return f"{sign}R{abs(amount):,.2f}".replace(",", " ")


def moment(local: datetime) -> str:
    """Friday 20 November 2026 at 16:30."""
    return f"{day(local)} {local.year} at {clock(local)}"


def day(local: date) -> str:
    """Friday 20 November."""
    return f"{local:%A} {local.day} {local:%B}"


def clock(local: datetime) -> str:
    """16:30, or 16:30:15 where the seconds matter."""
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
