"""SIDs between bytes and text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.model.sid import is_sid, sid_bytes, sid_text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("010100000000000512000000", "S-1-5-18"),
        ("01020000000000052000000020020000", "S-1-5-32-544"),
        ("010500000000000515000000dcf4dc3b833d2b46828ba62800020000", "S-1-5-21-1004336348-1177238915-682003330-512"),
        ("0100000000000001", "S-1-1"),
        ("0101ffffffffffff01000000", "S-1-0xFFFFFFFFFFFF-1"),
    ],
)
def test_bytes_and_text_name_the_same_sid(data: str, text: str) -> None:
    """Examples of [MS-DTYP] 2.4.2 and of Windows: sub-authorities little-endian, a large authority in hexadecimal."""
    assert sid_text(bytes.fromhex(data)) == text
    assert sid_bytes(text) == bytes.fromhex(data)


@given(st.integers(0, 2**48 - 1), st.lists(st.integers(0, 2**32 - 1), max_size=15))
def test_every_sid_survives_the_way_to_text_and_back(authority: int, parts: list[int]) -> None:
    """Text is as good as bytes."""
    data = bytes((1, len(parts))) + authority.to_bytes(6, "big") + b"".join(p.to_bytes(4, "little") for p in parts)
    assert is_sid(data)
    assert sid_bytes(sid_text(data)) == data


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"CN=Ann,DC=x", b"\x02" + bytes(11), b"\x01\x02" + bytes(10), b"\x01\x10" + bytes(70)]
)
def test_what_has_not_the_shape_of_a_sid_is_none(data: bytes) -> None:
    """A DN, a wrong revision, a count that does not fit the length."""
    assert not is_sid(data)
    with pytest.raises(ValueError, match="no security identifier"):
        sid_text(data)


@pytest.mark.parametrize(
    "text", ["", "S-1", "S-2-5-18", "S-1-5-4294967296", "S-1-5-18-", "CN=Ann", "S-1-5-1" + "-1" * 15]
)
def test_what_spells_no_sid_gives_no_bytes(text: str) -> None:
    """Too few parts, too many, too large ones, another revision."""
    assert sid_bytes(text) is None
