"""Dates: always UTC, and only between functions; AD's numbers count 100 ns since 1601 (FILETIME)."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import Context, Evaluator, Site
from adsyncdiag.expressions.functions.date_format import formatted
from adsyncdiag.expressions.functions.date_text import read_date
from adsyncdiag.expressions.registry import form, function
from adsyncdiag.model.values import ExpressionValue

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LARGEST = 2_650_467_743_999_999_999
"""The FILETIME of the last moment of the year 9999, the largest that .NET converts."""


@function("dt CDate(str value)")
def cdate(value: str) -> datetime:
    """Return the date that a text spells, in UTC: a date, then perhaps a time, then perhaps an offset.

    Example: CDate("2013-01-10 4:00 PM -8") is 2013-01-11 00:00. Read as .NET's DateTime.Parse reads in the United States:
    2007-12-25, 12/25/2007, 25 Dec 2007, December 25, 2007, Tue, 25 Dec 2007; T or blanks before the time; Z, GMT and offsets
    such as -8, +0100, +01:00 after it; without one it is UTC. A year of two digits is 1930 to 2029. A time without a date is an
    error (open; .NET would take today). NULL gives NULL.
    Source: Functions Reference, CDate; .NET API, DateTime.Parse.
    """
    return read_date(value)


@function("dt DateFromNum(num value)")
def date_from_num(value: int) -> datetime:
    """Return the date of a number as AD keeps it.

    Example: DateFromNum(129699324000000000) is 2012-01-01 23:00:00. Exact to the microsecond. Negative numbers and those
    beyond the year 9999 are errors, as in .NET; so is 9223372036854775807, which AD keeps for "never".
    Source: Functions Reference, DateFromNum; .NET API, DateTime.FromFileTimeUtc.
    """
    if not 0 <= value <= _LARGEST:
        raise EvaluationError("the number is not a date between the years 1601 and 9999")
    return _EPOCH + timedelta(microseconds=value // 10)


@function("num NumFromDate(dt value)")
def num_from_date(value: datetime) -> int:
    """Return a date as AD keeps it.

    Example: NumFromDate(CDate("2012-01-01 23:00:00")) is 129699324000000000. A date before 1601 is an error, as in .NET.
    Source: Functions Reference, NumFromDate.
    """
    if value < _EPOCH:
        raise EvaluationError("AD keeps no date before the year 1601")
    return (value - _EPOCH) // timedelta(microseconds=1) * 10


_SECONDS = {"y": 86_400, "d": 86_400, "w": 86_400, "ww": 604_800, "h": 3_600, "n": 60, "s": 1}
_MONTHS = {"yyyy": 12, "q": 3, "m": 1}


@function("dt DateAdd(str interval, num value, dt date)")
def date_add(interval: str, value: int, date: datetime) -> datetime:
    """Return *date* moved by *value* intervals, backwards when negative.

    Example: DateAdd("m",3,CDate("2001-01-01")) is 2001-04-01. Intervals: yyyy year, q quarter, m month, y day of year, d day,
    w weekday, ww week, h hour, n minute, s second. As in VBA y, d and w all add days, and a month's end stays one: one month
    after January 31st is February 28th (open). Another interval, or a result beyond the years 1 to 9999, is an error.
    Source: Functions Reference, DateAdd; VBA language reference, DateAdd.
    """
    try:
        if interval in _SECONDS:
            return date + timedelta(seconds=value * _SECONDS[interval])
        if interval in _MONTHS:
            years, month = divmod(date.month - 1 + value * _MONTHS[interval], 12)
            year = date.year + years
            return date.replace(year=year, month=month + 1, day=min(date.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        raise EvaluationError("the date is beyond the years 1 to 9999") from None
    raise EvaluationError("the interval is none of yyyy, q, m, y, d, w, ww, h, n, s")


@function("str FormatDateTime(dt value, str format)")
def format_date_time(value: datetime, pattern: str) -> str:
    """Return a date as text by a .NET custom format.

    Example: FormatDateTime(CDate("12/25/2007"),"yyyy-MM-dd") is "2007-12-25"; "yyyyMMddHHmmss.0Z" makes AD's own form. The
    page links the formats of DAX, yet shipped rules only work with those of .NET. English names, / and : as separators
    (invariant culture). A format of one letter is a standard format, as in .NET: "s" is 2007-12-25T00:00:00. NULL gives NULL.
    Source: Functions Reference, FormatDateTime; .NET, Custom date and time format strings; engine.md 8.8.
    """
    return formatted(value, pattern)


@form("dt Now()")
def now(site: Site) -> Evaluator:
    """Return the current moment, the same for all expressions on one object.

    Example: Where($item,[userCertificate],CertNotAfter($item)>Now()). The page says the computer's date and time; the type is
    UTC, and so is the value.
    Source: Functions Reference, Now.
    """

    def evaluate(context: Context) -> ExpressionValue:
        return context.moment()

    return evaluate
