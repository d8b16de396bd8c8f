"""Text to dates, as .NET's DateTime.Parse reads it in the United States, without its guesses.

Not read: a time without a date, a date without a year, names in other languages. Source: .NET API, DateTime.Parse.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.functions.date_format import DAYS, MONTHS

MAX_LENGTH = 100
"""Characters of a date's text."""
_PIVOT = 2029
"""The last year that two digits mean (the .NET Framework's default)."""

_DAY_NAME = rf"(?:(?:{'|'.join(f'{name}|{name[:3]}' for name in DAYS)}),?\s+)?"
_MONTH_NAME = rf"(?P<name>{'|'.join(f'{name}|{name[:3]}' for name in MONTHS)})\.?"
_TIME = r"""
    (?:(?:\s*T\s*|\s+)
       (?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,7})\d*)?)?)?
       (?:\s*(?P<half>[AP])M?)?
       (?:\s*(?P<zone>Z|GMT|UTC|[+-]\d{1,2}(?::?\d{2})?))?
    )?"""
_DATES = (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
    rf"{_DAY_NAME}(?P<day>\d{{1,2}})[\s-]+{_MONTH_NAME},?[\s-]+(?P<year>\d{{4}}|\d{{2}})",
    rf"{_DAY_NAME}{_MONTH_NAME}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}|\d{{2}})",
    rf"(?P<year>\d{{4}})[\s-]+{_MONTH_NAME}[\s-]+(?P<day>\d{{1,2}})",
)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compile the patterns when the first date is read: most commands read none."""
    return tuple(re.compile(f"(?:{date}){_TIME}", re.VERBOSE | re.IGNORECASE | re.ASCII) for date in _DATES)


def read_date(text: str) -> datetime:
    """Return the moment that *text* spells, in UTC; raise `EvaluationError` when it spells none."""
    trimmed = text.strip() if len(text) <= MAX_LENGTH else ""
    for pattern in _patterns():
        found = pattern.fullmatch(trimmed)
        if found:
            return _moment(found)
    raise EvaluationError("the text is not a date")


def _moment(found: re.Match[str]) -> datetime:
    parts = found.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year <= _PIVOT % 100 else 1900
    month = int(parts["month"]) if parts.get("month") else _month_number(parts["name"] or "")
    if parts["hour"] and not parts["minute"] and not parts["half"]:
        raise EvaluationError("the text is not a date: an hour needs its minutes, or AM or PM")
    try:
        zone = _zone(parts["zone"])
        local = datetime(
            year, month, int(parts["day"]), _hour(parts["hour"], parts["half"]),
            int(parts["minute"] or 0), int(parts["second"] or 0), tzinfo=zone,
        )  # fmt: skip
        fraction = timedelta(microseconds=int((parts["fraction"] or "0").ljust(7, "0")) // 10)
        return (local + fraction).astimezone(UTC)
    except (ValueError, OverflowError):
        raise EvaluationError("the text is not a date: a part of it is out of range") from None


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, start=1) if month[:3].lower() == name[:3].lower())


def _hour(hour: str | None, half: str | None) -> int:
    """Return the hour of the day; raise ValueError for 13 PM."""
    number = int(hour or 0)
    if not half:
        return number
    if not 1 <= number <= 12:
        raise ValueError(hour)
    return number % 12 + (12 if half.upper() == "P" else 0)


def _zone(zone: str | None) -> timezone:
    if not zone or zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone[0] == "-" else offset)
