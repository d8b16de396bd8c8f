"""OData literals and paths: whatever a directory holds stays inside its quotes."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.connectors.entra.odata import any_equals, equals, literal, path

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


def _read_literal(text: str) -> tuple[str, str]:
    """Read one OData string literal as a service does: return its value, and what follows it."""
    assert text[0] == "'"
    found = re.match(r"'((?:[^']|'')*)'(?!')", text, re.DOTALL)
    assert found, text
    return found.group(1).replace("''", "'"), text[found.end() :]


@given(TEXTS)
def test_a_filter_says_exactly_one_comparison(value: str) -> None:
    """Decoded by a service, the filter is the property, eq, and the value: nothing leaks out of the literal."""
    option, _, encoded = equals("displayName", value).partition("=")
    assert option == "$filter"
    words = unquote(encoded)
    assert words.startswith("displayName eq '")
    assert _read_literal(words.removeprefix("displayName eq ")) == (value, "")


@given(TEXTS)
def test_a_filter_survives_the_journey_through_requests(value: str) -> None:
    """The address that requests sends has one query option and no fragment, however odd the value."""
    prepared = requests.Request("GET", f"https://graph.example/v1.0/users?{equals('mail', value)}").prepare()
    parts = urlsplit(prepared.url or "")
    assert parts.fragment == ""
    assert parts.path == "/v1.0/users"
    assert "&" not in parts.query
    assert _read_literal(unquote(parts.query.removeprefix("$filter=")).removeprefix("mail eq "))[0] == value


@given(TEXTS)
def test_a_lambda_closes_after_its_value(value: str) -> None:
    """The any() form ends right after the literal as well."""
    words = unquote(any_equals("proxyAddresses", value).removeprefix("$filter="))
    assert _read_literal(words.removeprefix("proxyAddresses/any(p:p eq ")) == (value, ")")


@given(st.lists(TEXTS.filter(lambda t: t not in ("", ".", "..")), min_size=1, max_size=3))
def test_a_segment_stays_a_segment(segments: list[str]) -> None:
    """No slash, question mark or hash of an id becomes part of the path's structure."""
    parts = path(*segments).split("/")
    assert [unquote(part) for part in parts] == ["", *segments]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("O'Neil", "'O''Neil'"),
        ("'", "''''"),
        ("", "''"),
        ("x' or true eq true or 'a' eq 'a", "'x'' or true eq true or ''a'' eq ''a'"),
    ],
)
def test_quotes_are_doubled(value: str, expected: str) -> None:
    """A quotation mark in a value is written twice (OData URL Conventions 5.1.1.6.1)."""
    assert literal(value) == expected


def test_half_a_surrogate_pair_does_no_harm() -> None:
    """Text that UTF-8 cannot carry is sent as a question mark."""
    assert equals("mail", "a\ud800") == "$filter=mail%20eq%20%27a%3F%27"
