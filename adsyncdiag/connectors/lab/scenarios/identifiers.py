"""Identifiers of the lab: the same names give the same GUIDs and SIDs in every workspace."""

from __future__ import annotations

import base64
from uuid import NAMESPACE_DNS, UUID, uuid5

_LAB = uuid5(NAMESPACE_DNS, "lab.adsyncdiag.invalid")


def identifier(*names: str) -> UUID:
    """Return the GUID that belongs to *names*, such as `("rule", "contoso.com", "In from AD - User Join")`."""
    return uuid5(_LAB, "\n".join(name.casefold() for name in names))


def lower(value: UUID) -> str:
    """Return *value* in braces and lower case, as rules and partitions are identified (server-export.md 0)."""
    return f"{{{value}}}"


def upper(value: UUID) -> str:
    """Return *value* in braces and upper case, as connectors and the partitions of run steps are written."""
    return f"{{{str(value).upper()}}}"


def object_guid(dn: str) -> UUID:
    """Return the objectGUID of the object at *dn*."""
    return identifier("object", dn)


def source_anchor(dn: str) -> str:
    """Return the source anchor of the object at *dn*: base64 of the bytes of its objectGUID (engine.md 1.12)."""
    return base64.b64encode(object_guid(dn).bytes_le).decode()


def sid_bytes(text: str) -> bytes:
    """Return the binary form of a SID such as `S-1-5-21-1-2-3-1101` ([MS-DTYP] 2.4.2.2)."""
    authority, *subs = (int(part) for part in text.split("-")[2:])
    head = bytes([1, len(subs)]) + authority.to_bytes(6, "big")
    return head + b"".join(sub.to_bytes(4, "little") for sub in subs)
