"""Ranges of values in one exported entry."""

from __future__ import annotations

import pytest

from adsyncdiag.connectors.ad.ranges import Part, ValueRange, joined


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("member;range=0-1499", ValueRange("member", 0, 1499)),
        ("member;Range=1500-*", ValueRange("member", 1500, None)),
        ("member", None),
        ("member;binary", None),
        ("member;range=0", None),
        ("member;range=*-5", None),
    ],
)
def test_a_description_names_a_range_or_none(description: str, expected: ValueRange | None) -> None:
    """Low, high, and * for the end; anything else is no range."""
    assert ValueRange.parse(description) == expected


def test_ranges_that_reach_the_end_are_joined_in_their_order() -> None:
    """The order in the file does not matter, the indexes do."""
    attributes = {"cn": [b"x"], "member;range=2-*": [b"c"], "member;range=0-1": [b"a", b"b"]}
    whole, parts = joined(attributes)
    assert (whole["cn"], whole["member"], parts) == ([b"x"], (b"a", b"b", b"c"), ())


@pytest.mark.parametrize(
    ("attributes", "count"),
    [
        ({"member;range=0-1": [b"a", b"b"]}, 2),
        ({"member;range=2-*": [b"c"]}, 0),
        ({"member;range=0-1": [b"a", b"b"], "member;range=3-*": [b"d"]}, 2),
        ({"member;range=0-*": [b"a"], "member;range=1-*": [b"b"]}, 1),
    ],
)
def test_ranges_with_a_gap_or_without_an_end_are_a_part(attributes: dict[str, list[bytes]], count: int) -> None:
    """A part says how many values from the start are there."""
    assert joined(attributes)[1] == (Part("member", count),)
