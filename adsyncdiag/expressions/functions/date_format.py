"""Dates to text by .NET's format strings, in the invariant culture.

Source: Microsoft Learn, *Custom date and time format strings* and *Standard date and time format strings*.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from adsyncdiag.errors import EvaluationError

MAX_PATTERN = 1_000
"""Characters of a format."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}
_PIECE = re.compile(
    r"""(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | \\(?P<escaped>.)
      | %(?P<single>[dfFghHKmMstyz:/])
      | (?P<specifier>d+|f+|F+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+)
      | (?P<literal>[^'"\\%])
    """,
    re.VERBOSE | re.DOTALL,
)


def formatted(moment: datetime, pattern: str) -> str:
    """Return *moment* (UTC) as *pattern* says; raise `EvaluationError` for a format that .NET refuses."""
    if not pattern or len(pattern) > MAX_PATTERN:
        raise EvaluationError(f"a date format has 1 to {MAX_PATTERN} characters")
    if len(pattern) == 1:
        if pattern not in _STANDARD:
            raise EvaluationError("a date format of one character is a standard format, and this is none")
        pattern = _STANDARD[pattern]
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        found = _PIECE.match(pattern, at)
        if found is None:
            raise EvaluationError("the date format has a quote, backslash or % without its counterpart")
        pieces.append(_piece(moment, found, pieces))
        at = found.end()
    return "".join(pieces)


def _piece(moment: datetime, found: re.Match[str], before: list[str]) -> str:
    kind, content = found.lastgroup, found[0]
    if kind == "quoted":
        return re.sub(r"\\(.)", r"\1", content[1:-1], flags=re.DOTALL)
    if kind == "escaped":
        return found["escaped"]
    if kind == "literal":
        return content
    specifier = found["single"] or found["specifier"]
    if specifier in (":", "/"):
        return specifier
    if specifier[0] in "fF" and len(specifier) > 7:
        raise EvaluationError("a date format has at most seven digits of a second")
    text = _SPECIFIERS[specifier[0]](moment, len(specifier))
    if specifier[0] == "F" and not text and before and before[-1] == ".":
        before.pop()
    return text


def _named(number: int, name: str, count: int) -> str:
    """Return a day or month: one or two letters give its number, three its short name, more its name."""
    if count <= 2:
        return f"{number:0{count}d}"
    return name[:3] if count == 3 else name


def _year(moment: datetime, count: int) -> str:
    return f"{moment.year % 100:0{count}d}" if count <= 2 else f"{moment.year:0{count}d}"


def _fraction(moment: datetime, count: int) -> str:
    return f"{moment.microsecond:06d}0"[:count]


def _half_day(moment: datetime, count: int) -> str:
    name = "AM" if moment.hour < 12 else "PM"
    return name[:1] if count == 1 else name


def _offset(moment: datetime, count: int) -> str:
    return {1: "+0", 2: "+00"}.get(count, "+00:00")


def _two(number: int, count: int) -> str:
    return f"{number:0{min(count, 2)}d}"


_SPECIFIERS: dict[str, Callable[[datetime, int], str]] = {
    "d": lambda moment, count: _named(moment.day, DAYS[moment.weekday()], count),
    "M": lambda moment, count: _named(moment.month, MONTHS[moment.month - 1], count),
    "y": _year,
    "f": _fraction,
    "F": lambda moment, count: _fraction(moment, count).rstrip("0"),
    "g": lambda moment, count: "A.D.",
    "h": lambda moment, count: _two(moment.hour % 12 or 12, count),
    "H": lambda moment, count: _two(moment.hour, count),
    "K": lambda moment, count: "Z",
    "m": lambda moment, count: _two(moment.minute, count),
    "s": lambda moment, count: _two(moment.second, count),
    "t": _half_day,
    "z": _offset,
}
