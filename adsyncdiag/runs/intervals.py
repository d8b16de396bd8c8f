"""Lengths of time as .NET writes them: `d.hh:mm:ss` (Microsoft Learn: TimeSpan.Parse, Standard TimeSpan format strings)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from adsyncdiag.errors import UsageError

_INTERVAL: Final = re.compile(
    r"(?P<sign>-?)(?:(?P<days>[0-9]{1,8})\.|(?P<more_days>[0-9]{1,8}):(?=[0-9]+:[0-9]+:))?"
    r"(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{1,2})(?::(?P<seconds>[0-9]{1,2})(?:\.(?P<fraction>[0-9]{1,7}))?)?"
)
_MOST_DAYS: Final = 10_675_199  # TimeSpan.MaxValue
_HINT: Final = 'Write it as "03:00:00" for three hours, "1.00:00:00" for a day, or "" for none.'


def parse_interval(text: str) -> timedelta | None:
    """Return the length of time *text* spells, None for "" or PowerShell's `$null`; raise `UsageError` when it spells none.

    `[-][d.]hh:mm[:ss[.fffffff]]` as .NET reads it, one digit for two allowed, `d:hh:mm:ss` too; tenths of microseconds are cut off. Two
    things that .NET takes are refused, for they hardly ever mean what they do there: a bare number (days, or ticks) and hours
    above 23 (`24:00:00` is twenty-four days).
    """
    stripped = text.strip()
    if stripped.lower() in ("", "$null", "null"):
        return None
    found = _INTERVAL.fullmatch(stripped)
    if found is None:
        raise UsageError(f"{text!r} is not an interval", hint=_HINT)
    days = int(found["days"] or found["more_days"] or 0)
    hours, minutes, seconds = (int(found[part] or 0) for part in ("hours", "minutes", "seconds"))
    for part, value, most in (
        ("days", days, _MOST_DAYS),
        ("hours", hours, 23),
        ("minutes", minutes, 59),
        ("seconds", seconds, 59),
    ):
        if value > most:
            raise UsageError(f"{text!r} is not an interval: {value} {part}, and {most} is the most", hint=_HINT)
    microseconds = int((found["fraction"] or "").ljust(7, "0")[:6])
    interval = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds)
    return -interval if found["sign"] else interval


def format_interval(interval: timedelta | None) -> str:
    """Return *interval* as .NET prints it (`c`): `[-][d.]hh:mm:ss[.fffffff]`, the days and the fraction only where there are any."""
    if interval is None:
        return ""
    size = abs(interval)
    minutes, seconds = divmod(size.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{size.days}." if size.days else ""
    fraction = f".{size.microseconds:06d}0" if size.microseconds else ""
    return f"{'-' if interval < timedelta(0) else ''}{days}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"
