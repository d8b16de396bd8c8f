"""The fast path for distinguished names gives what `Dn.parse` gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.connectors.ad.names import folded, normal
from adsyncdiag.errors import UsageError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import dn_key

PIECES = st.sampled_from(
    [
        "CN=",
        "OU=",
        "dc=",
        "1.2.3=",
        "Ann",
        "Ärger",
        "ẞ",
        "İ",
        "K",
        " ",
        "  ",
        ",",
        ", ",
        ";",
        "+",
        "\\,",
        '"',
        "\\20",
        "=",
        "#",
        "x\ny",
        "\x00",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_both_paths_agree_on_every_text(text: str) -> None:
    """Normal form and key are those of Dn.parse, and so is the refusal."""
    try:
        parsed = Dn.parse(text)
    except UsageError:
        with pytest.raises(UsageError):
            normal(text)
        with pytest.raises(UsageError):
            folded(text)
    else:
        assert normal(text) == parsed.text
        assert folded(text) == dn_key(parsed)


def test_a_long_name_without_an_end_takes_linear_time() -> None:
    """A hostile text of 200,000 words is refused or taken at once, not after backtracking for ever."""
    with pytest.raises(UsageError):
        normal("CN=" + "a " * 200_000 + ",=")
