"""Security identifiers: the bytes of [MS-DTYP] 2.4.2.2 and the text of 2.4.2.1."""

from __future__ import annotations

import re

_TEXT = re.compile(r"S-1-(\d{1,14}|0x[0-9A-Fa-f]{12})((?:-\d{1,10}){0,15})\Z", re.IGNORECASE)


def is_sid(value: bytes) -> bool:
    """Say whether *value* has the shape of a SID: revision 1, a count, a six-byte authority, that many sub-authorities."""
    return len(value) >= 8 and value[0] == 1 and value[1] <= 15 and len(value) == 8 + 4 * value[1]


def sid_text(value: bytes) -> str:
    """Return a SID as people write it, such as `S-1-5-32-544`; raise `ValueError` when *value* is none."""
    if not is_sid(value):
        raise ValueError(f"{len(value)} bytes that are no security identifier")
    authority = int.from_bytes(value[2:8], "big")
    # [MS-DTYP] 2.4.2.1: decimal below 2^32, otherwise twelve hexadecimal digits
    parts = [str(authority) if authority < 2**32 else f"0x{authority:012X}"]
    parts += [str(int.from_bytes(value[at : at + 4], "little")) for at in range(8, len(value), 4)]
    return "S-1-" + "-".join(parts)


def sid_bytes(text: str) -> bytes | None:
    """Return the bytes of the SID that *text* spells, or None when it spells none."""
    match = _TEXT.match(text.strip())
    if match is None:
        return None
    authority = int(match[1], 16 if match[1][:2].lower() == "0x" else 10)
    parts = [int(part) for part in match[2].split("-")[1:]]
    if authority >= 2**48 or any(part >= 2**32 for part in parts):
        return None
    head = bytes((1, len(parts))) + authority.to_bytes(6, "big")
    return head + b"".join(part.to_bytes(4, "little") for part in parts)
