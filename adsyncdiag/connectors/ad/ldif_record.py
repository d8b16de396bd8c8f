"""One LDIF record, as ldifde, ldapsearch and ldbsearch write them ([RFC 2849])."""

from __future__ import annotations

import base64
import binascii
import re
from uuid import UUID

from adsyncdiag.connectors.ad.convert import Entry
from adsyncdiag.model.sid import sid_bytes

# [RFC 2849] AttributeDescription, widened by what AD puts behind ";range="
_NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9=*-]+)*\Z")
_GUID_TEXT = re.compile(rb"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?\Z", re.IGNORECASE)
_SIDS = frozenset({"objectsid", "ms-ds-creatorsid", "sidhistory", "msexchmasteraccountsid"})


class Malformed(Exception):
    """A record that is none: *line* counts from 0 at its first line."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint


def parse_record(raw: bytes) -> Entry:
    """Return the entry that *raw* spells, from its `dn:` line to its last; raise `Malformed` with the line."""
    dn = ""
    attributes: dict[str, list[bytes]] = {}
    for number, line in _unfolded(raw):
        name, colon, rest = line.partition(b":")
        if not colon or not _NAME.match(name):
            raise Malformed(number, f"{_shown(line)} is not attribute: value")
        value = value_of(number, rest)
        word = name.decode("ascii")
        folded = word.lower()
        if folded == "dn":
            if dn:
                raise Malformed(number, "a second dn without an empty line before it")
            dn = dn_text(number, value)
        elif folded in ("changetype", "control"):
            _only_add(number, folded, value)
        else:
            attributes.setdefault(word, []).append(binary_form(folded, value))
    return Entry(dn, attributes)


def value_of(number: int, rest: bytes) -> bytes:
    """Return the value behind an attribute's first colon: text, or base64 behind a second one."""
    if rest.startswith(b":"):
        try:
            return base64.b64decode(rest[1:].strip(b" "), validate=True)
        except (binascii.Error, ValueError):
            raise Malformed(number, "the value is not base64, which :: announces") from None
    if rest.startswith(b"<"):
        # reading whatever file or address a customer's export names is how files leak
        raise Malformed(
            number,
            "the value lies in another file or address (:<), which is not fetched",
            "Export again with the values inside (ldapsearch without -t).",
        )
    return rest.lstrip(b" ")


def binary_form(folded: str, value: bytes) -> bytes:
    """Return *value* as AD stores it: Samba's ldbsearch writes GUIDs and SIDs as text."""
    if folded == "objectguid" and _GUID_TEXT.match(value):
        return UUID(value.decode("ascii")).bytes_le
    if folded in _SIDS and value[:2].upper() == b"S-":
        return sid_bytes(value.decode("ascii", "replace")) or value
    return value


def _unfolded(raw: bytes) -> list[tuple[int, bytes]]:
    """Return the logical lines with the number of their first physical one; comments are left out, folded ones too."""
    lines: list[tuple[int, list[bytes]]] = []
    for number, physical in enumerate(raw.split(b"\n")):
        line = physical.removesuffix(b"\r")
        if line.startswith(b" "):
            if not lines:
                raise Malformed(number, "a continued line without one before it")
            lines[-1][1].append(line[1:])
        elif line:
            lines.append((number, [line]))
    return [(number, b"".join(pieces)) for number, pieces in lines if not pieces[0].startswith(b"#")]


def _only_add(number: int, name: str, value: bytes) -> None:
    if name == "changetype" and value.strip().lower() == b"add":
        return
    raise Malformed(
        number,
        f"{_shown(name.encode() + b': ' + value)} makes this a file of changes, not an export of whole entries",
        'Export with ldifde -f forest.ldf -d "DC=contoso,DC=com", or with ldapsearch.',
    )


def dn_text(number: int, value: bytes) -> str:
    """Return the text of a dn in line *number*; raise `Malformed` when it is not UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(number, "the dn is not UTF-8", "Export with ldifde -u, or convert the file to UTF-8.") from None


def _shown(line: bytes) -> str:
    """Return the beginning of a line fit for a message."""
    text = line[:60].decode("utf-8", "replace")
    return repr(text + "..." if len(line) > 60 else text)
