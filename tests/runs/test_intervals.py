"""Intervals as .NET reads and prints them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.errors import UsageError
from adsyncdiag.runs.intervals import format_interval, parse_interval


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("03:00:00", timedelta(hours=3)),  # engine.md 5.2
        ("1.0:0:0", timedelta(days=1)),  # engine.md 5.2
        ("00:30:00", timedelta(minutes=30)),
        ("7.00:00:00", timedelta(days=7)),
        ("6:12", timedelta(hours=6, minutes=12)),  # this and the next four: Microsoft Learn, TimeSpan.Parse
        ("6:12:14", timedelta(hours=6, minutes=12, seconds=14)),
        ("6:12:14:45", timedelta(days=6, hours=12, minutes=14, seconds=45)),
        ("6.12:14:45", timedelta(days=6, hours=12, minutes=14, seconds=45)),
        ("6:12:14:45.3448", timedelta(days=6, hours=12, minutes=14, seconds=45, microseconds=344800)),
        (" 00:00:01.0000019 ", timedelta(seconds=1, microseconds=1)),
        ("-1.00:00:00", timedelta(days=-1)),
        ("00:00:00", timedelta(0)),
        ("", None),
        ("  ", None),
        ("$null", None),
    ],
)
def test_an_interval_is_read_as_dotnet_reads_it(text: str, interval: timedelta | None) -> None:
    """Days, hours, minutes, seconds and fractions are read; nothing at all is no interval."""
    assert parse_interval(text) == interval


@pytest.mark.parametrize(
    "text",
    [
        "30",
        "24:00:00",
        "00:60:00",
        "00:00:60",
        "1:2:3:4:5",
        "1.5",
        "1d",
        "03-00-00",
        "٣:00:00",
        "00:00:00.12345678",
        "10675200.00:00:00",
        "--1:00",
        "6:34:14:99",
    ],
)
def test_what_is_no_interval_is_refused_by_its_text(text: str) -> None:
    """The error names the text, the hint shows how to write one."""
    with pytest.raises(UsageError) as refused:
        parse_interval(text)
    assert repr(text) in refused.value.message
    assert "03:00:00" in refused.value.hint


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (None, ""),
        (timedelta(minutes=30), "00:30:00"),
        (timedelta(days=7), "7.00:00:00"),
        (timedelta(hours=25, seconds=1), "1.01:00:01"),
        (timedelta(seconds=-90), "-00:01:30"),
        (timedelta(microseconds=5), "00:00:00.0000050"),
        (timedelta(0), "00:00:00"),
    ],
)
def test_an_interval_is_printed_as_dotnet_prints_it(interval: timedelta | None, text: str) -> None:
    """The constant format `c`: days and fraction only where there are any."""
    assert format_interval(interval) == text


@given(st.timedeltas(timedelta(days=-10_675_199), timedelta(days=10_675_199)))
def test_what_is_printed_is_read_back(interval: timedelta) -> None:
    """Every interval that .NET can hold comes back from its text."""
    assert parse_interval(format_interval(interval)) == interval


@given(st.text(st.sampled_from("0123456789.:- $nul"), max_size=14))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text does anything else than give an interval or our own error."""
    try:
        interval = parse_interval(text)
    except UsageError:
        return
    assert interval is None or isinstance(interval, timedelta)
