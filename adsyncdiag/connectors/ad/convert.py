"""Raw LDAP values to an `Image`: names as the connector's schema spells them, values as it types them.

Two things stay as the real engine has them: times are strings (engine.md 1.2), and an empty value is no value (engine.md
1.3.6). A value that its type cannot hold is left out and logged as `invalid-attribute-value`, without the value itself:
one broken value must not hide the other attributes of the object being diagnosed. The product would refuse the object.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from adsyncdiag.connectors.ad.names import normal
from adsyncdiag.errors import UsageError
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Image
from adsyncdiag.model.schema import AttributeSchema
from adsyncdiag.model.sid import is_sid
from adsyncdiag.model.values import AttributeType, Reference, Scalar, Value

IDENTITY = ("objectClass", "objectGUID", "displayName")
"""What is read whatever the inclusion list says: type, anchor, and the name to show."""

_log = logging.getLogger("adsyncdiag.connectors.ad")
_INTEGER = re.compile(rb"-?\d{1,19}\Z")
# DN-Binary and DN-String values carry a payload before the name ([MS-ADTS] 3.1.1.2.2.2)
_PAYLOAD = re.compile(r"[BS]:(\d+):", re.IGNORECASE)
_BOOLEANS = {b"TRUE": True, b"FALSE": False}


@dataclass(frozen=True, slots=True)
class Entry:
    """One directory entry as it came: the DN as it is spelt there, and bytes by attribute description."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]

    def values(self, name: str) -> tuple[bytes, ...]:
        """Return the values of *name*, whatever its case; `;binary` counts as the attribute itself ([RFC 4522])."""
        wanted = name.lower()
        return tuple(value for found, values in self.attributes.items() if _base(found) == wanted for value in values)


@dataclass(frozen=True, slots=True)
class Missing:
    """The attribute without which an entry cannot become an image: objectGUID or objectClass."""

    attribute: str


class Decoder:
    """Turns entries of one connector into images; made once, used for every entry.

    *owner* gives the DN of the account with a SID, or None: AD stores a SID in `mS-DS-CreatorSID`, which the connector's
    schema types as a reference (server-export.md 4.2).
    """

    def __init__(self, connector: Connector, owner: Callable[[bytes], str | None]) -> None:
        spelt = (connector.schema.spelling(name) for name in connector.attribute_inclusion)
        # A listed name that the schema lacks has no type, hence no value; an export-only one is a password.
        found = (connector.schema.attributes[name] for name in spelt if name is not None)
        self._included = {entry.name.lower(): entry for entry in found if not entry.export_only}
        self._schema = connector.schema
        self._owner = owner

    @property
    def wanted(self) -> tuple[str, ...]:
        """The attributes to ask a directory for, in a fixed order."""
        names = {entry.name for entry in self._included.values()}
        return (*IDENTITY, *sorted(names.difference(IDENTITY)))

    def is_multi_valued(self, name: str) -> bool:
        """Say whether *name* is an included attribute of several values."""
        entry = self._included.get(name.lower())
        return entry is not None and entry.multi_valued

    def image(self, entry: Entry) -> Image | Missing:
        """Return the image of *entry*, or the attribute it lacks."""
        anchor = next((value for value in entry.values("objectGUID") if len(value) == 16), None)
        if anchor is None:
            return Missing("objectGUID")
        classes = [value.decode("utf-8", "replace") for value in entry.values("objectClass")]
        if not classes:
            return Missing("objectClass")
        name = next(iter(entry.values("displayName")), b"").decode("utf-8", "replace")
        return Image(
            dn=Dn.parse(entry.dn),
            # for a class the schema lacks, the last value is what the cmdlet would name (cmdlets-and-graph.md 1.3, step 5)
            object_type=self._schema.most_specific(classes) or classes[-1],
            anchor=str(UUID(bytes_le=anchor)),
            attributes=self._attributes(entry),
            display_name=name,
        )

    def _attributes(self, entry: Entry) -> dict[str, Value]:
        raw: dict[str, list[bytes]] = {}
        for description, values in entry.attributes.items():
            if (name := _base(description)) in self._included:
                raw.setdefault(name, []).extend(values)
        typed = {}
        for name, values in raw.items():
            attribute = self._included[name]
            value = self._value(attribute, values, entry.dn)
            if value is not None:
                typed[attribute.name] = value
        return typed

    def _value(self, attribute: AttributeSchema, values: Iterable[bytes], dn: str) -> Value | None:
        """Return the typed value: each scalar once, in the order they came; None when nothing is left."""
        kept: dict[Scalar, None] = {}  # of one type, so True never meets 1
        for raw in values:
            if not raw:
                continue
            try:
                scalar = self._scalar(attribute.type, raw)
            except (ValueError, UsageError):
                _log.warning("invalid-attribute-value: %r has a value of %s that is left out", dn, attribute.name)
                continue
            if scalar is not None:
                kept.setdefault(scalar)
        if not kept:
            return None
        if attribute.multi_valued:
            return tuple(kept)
        if len(kept) > 1:
            _log.warning("multi-single-mismatch: %r has several values of %s; the first counts", dn, attribute.name)
        return next(iter(kept))

    def _scalar(self, kind: AttributeType, raw: bytes) -> Scalar | None:
        if kind is AttributeType.BINARY:
            return raw
        if kind is AttributeType.STRING:
            return raw.decode("utf-8")
        if kind is AttributeType.NUMBER:
            return _number(raw)
        if kind is AttributeType.BOOLEAN:
            return _boolean(raw)
        return self._reference(raw)

    def _reference(self, raw: bytes) -> Reference | None:
        if is_sid(raw):
            owner = self._owner(raw)
            return None if owner is None else Reference(normal(owner))
        text = raw.decode("utf-8")
        if payload := _PAYLOAD.match(text):
            # characters, not bytes: DN-Binary counts hexadecimal digits, DN-String UTF-16 units of what are names
            text = text[payload.end() + int(payload[1]) + 1 :]
        return Reference(normal(text))


def _base(description: str) -> str:
    """Return the folded name without `;binary`; another option makes it another attribute, which no schema has."""
    folded = description.lower()
    return folded.removesuffix(";binary") if ";" in folded else folded


def _number(raw: bytes) -> int:
    if not _INTEGER.match(raw):
        raise ValueError("not a decimal number")
    number = int(raw)
    if not -(2**63) <= number < 2**63:
        raise ValueError("more than 64 bits")
    return number


def _boolean(raw: bytes) -> bool:
    found = _BOOLEANS.get(raw.upper())
    if found is None:
        raise ValueError("neither TRUE nor FALSE")
    return found
