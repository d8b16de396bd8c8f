"""Characters that lie to the eye are made visible, and nothing else is touched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.report.visible import HIDDEN, on_page, on_terminal

SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Format characters with a face of their own: Arabic and Syriac number and abbreviation marks."""


@pytest.mark.parametrize(
    ("text", "page", "terminal"),
    [
        ("nul\x00", "nul␀", r"nul\x00"),
        ("\x1b[31m", "␛[31m", r"\x1b[31m"),
        ("exe.\u202egpj", "exe.[U+202E]gpj", r"exe.\u202egpj"),
        ("a\u200bb", "a[U+200B]b", r"a\u200bb"),
        ("a\xa0b", "a[U+00A0]b", r"a\xa0b"),
        ("\x7f\x9b", "␡[U+009B]", r"\x7f\x9b"),
        ("two\nlines\tand", "two\nlines\tand", r"two\nlines\tand"),
        ("Grüße, 山田, עברית", "Grüße, 山田, עברית", "Grüße, 山田, עברית"),
    ],
)
def test_shown(text: str, page: str, terminal: str) -> None:
    """Each place shows them in its own way; letters of any script stay."""
    assert (on_page(text), on_terminal(text)) == (page, terminal)


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    """Whatever comes in, nothing hidden goes out, and the terminal gets one line."""
    assert HIDDEN.search(on_page(text)) is None
    assert HIDDEN.search(on_terminal(text)) is None
    assert "\n" not in on_terminal(text)


def test_no_control_or_format_character_is_missed() -> None:
    """Every control, format, surrogate and separator character of the first plane counts as hidden, save tab, line feed and blank."""
    missed = [
        f"U+{code:04X}"
        for code in range(0x10000)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and chr(code) not in "\t\n"
        and chr(code) not in SEEN
        and not HIDDEN.match(chr(code))
    ]
    assert missed == []
