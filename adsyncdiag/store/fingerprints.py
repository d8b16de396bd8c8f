"""Look-up keys: 64-bit numbers that stand for a DN, an anchor, or the value of a join attribute.

Two things may share a number, though it takes about four thousand million of them before one expects it, so whoever finds
a candidate by its number compares the thing itself. BLAKE2b and not a checksum: names come from directories that others write.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from struct import pack, unpack
from uuid import UUID

from adsyncdiag.model.values import Reference, Scalar


def dn_fingerprint(connector: UUID, key: str) -> int:
    """Return the number of a folded DN (`dn_key`) in a connector space."""
    return _number(b"d" + connector.bytes + key.encode("utf-8", "surrogatepass"))


def anchor_fingerprint(connector: UUID, anchor: str) -> int:
    """Return the number of an anchor in a connector space; anchors are compared exactly."""
    return _number(b"a" + connector.bytes + anchor.encode("utf-8", "surrogatepass"))


def value_fingerprint(connector: UUID | None, attribute: str, value: Scalar) -> int:
    """Return the number of one value of a join attribute, None for the metaverse; text counts without its case."""
    place = b"v" + (connector.bytes if connector else b"")
    name = attribute.encode("utf-8", "surrogatepass")
    return _number(b"%b%d:%b%b" % (place, len(name), name, _typed(value)))


def packed(fingerprints: Iterable[int]) -> bytes:
    """Return *fingerprints* as eight bytes each, sorted, each once; equal sets give equal bytes."""
    numbers = sorted(set(fingerprints))
    return pack(f"<{len(numbers)}q", *numbers)


def unpacked(blob: bytes) -> tuple[int, ...]:
    """Return the fingerprints that `packed` packed."""
    return unpack(f"<{len(blob) // 8}q", blob)


def _typed(value: Scalar) -> bytes:
    """Return *value* folded, after a letter for its type; bool first, for it is an int to Python."""
    match value:
        case bool():
            return b"b1" if value else b"b0"
        case int():
            return b"i%d" % value
        case bytes():
            return b"x" + value
        case Reference():
            return b"r" + value.text.casefold().encode("utf-8", "surrogatepass")
        case str():
            return b"s" + value.casefold().encode("utf-8", "surrogatepass")


def _number(data: bytes) -> int:
    """Return eight bytes of BLAKE2b as the signed integer that SQLite stores."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)
