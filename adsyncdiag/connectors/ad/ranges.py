"""Ranges of values: how AD names part of an attribute, `member;range=0-1499` ([MS-ADTS] 3.1.1.3.1.3.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_RANGED = re.compile(r"([^;]+);range=(\d{1,10})-(\d{1,10}|\*)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The values of attribute *name* from index *low* to *high*, which is None for the end of all values."""

    name: str
    low: int
    high: int | None

    @classmethod
    def parse(cls, description: str) -> ValueRange | None:
        """Return the range an attribute description names; None when it names none."""
        match = _RANGED.match(description)
        if match is None:
            return None
        return cls(match[1], int(match[2]), None if match[3] == "*" else int(match[3]))


@dataclass(frozen=True, slots=True)
class Part:
    """An attribute of which only the first *count* values are there."""

    name: str
    count: int


def joined(attributes: Mapping[str, Sequence[bytes]]) -> tuple[dict[str, Sequence[bytes]], tuple[Part, ...]]:
    """Return *attributes* with the ranges of one attribute joined under its name, and those that do not reach the end."""
    whole: dict[str, Sequence[bytes]] = {}
    ranges: dict[str, list[tuple[ValueRange, Sequence[bytes]]]] = {}
    for description, values in attributes.items():
        found = ValueRange.parse(description)
        if found is None:
            whole[description] = values
        else:
            ranges.setdefault(found.name.lower(), []).append((found, values))
    parts = []
    for pieces in ranges.values():
        pieces.sort(key=lambda piece: piece[0].low)
        name, values, complete = _chained(pieces)
        whole[name] = (*whole.get(name, ()), *values)
        if not complete:
            parts.append(Part(name, len(whole[name])))
    return whole, tuple(parts)


def _chained(pieces: list[tuple[ValueRange, Sequence[bytes]]]) -> tuple[str, list[bytes], bool]:
    """Return name, values, and whether the pieces go from 0 to the end without a gap."""
    values: list[bytes] = []
    expected: int | None = 0
    for piece, found in pieces:
        if piece.low != expected:
            return pieces[0][0].name, values, False
        values.extend(found)
        expected = None if piece.high is None else piece.high + 1
    return pieces[0][0].name, values, expected is None
