"""Graph JSON into images of connector-space objects, and changes into the JSON of a request.

Both directions read the table in `attributes`. What comes from the tenant is not trusted: a property of another type than
the documented one counts as absent, and an empty text is no value (engine.md 1.3.6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from adsyncdiag.connectors.entra import anchors
from adsyncdiag.connectors.entra.attributes import SYNTHESISED, TABLE, Form, Mapped
from adsyncdiag.connectors.entra.payload import Payload, part, text
from adsyncdiag.model.changes import Writability
from adsyncdiag.model.objects import AttributeChange, Image
from adsyncdiag.model.sid import sid_bytes
from adsyncdiag.model.trace import Json
from adsyncdiag.model.values import Reference, Scalar, Value, as_text, each


class Unsendable(Exception):
    """A value that JSON or the property's type cannot carry; *attribute* is the connector-space name."""

    def __init__(self, attribute: str, reason: str) -> None:
        super().__init__(f"{attribute} {reason}")
        self.attribute = attribute
        self.reason = reason


def source_anchor(object_type: str, found: Payload) -> str:
    """Return the source anchor that an object carries in Graph; "" when it carries none that is ours."""
    match object_type:
        case "user":
            return text(found, "onPremisesImmutableId")
        case "group":
            return anchors.from_unique_name(text(found, "uniqueName"))
        case "device" if text(found, "trustType") == "ServerAd":
            return anchors.device_anchor(text(found, "deviceId"))
        case _:
            return ""


def image(object_type: str, found: Payload, references: Mapping[str, Value]) -> Image:
    """Return the connector-space image of a Graph object.

    Without a source anchor its DN is made of the cloud anchor instead, as Entra Connect shows objects that the cloud masters.
    *references* are manager and member, already as connector-space references.
    """
    anchor = source_anchor(object_type, found)
    cloud_anchor = anchors.cloud_anchor(object_type, text(found, "id"))
    attributes = plain(object_type, found) | dict(references)
    attributes["cloudAnchor"] = cloud_anchor
    attributes["cloudMastered"] = False
    if anchor:
        attributes["sourceAnchor"] = anchor
    return Image(
        dn=anchors.dn_of(anchor or cloud_anchor),
        object_type=object_type,
        anchor=cloud_anchor,
        attributes=attributes,
        display_name=text(found, "displayName"),
    )


def plain(object_type: str, found: Payload) -> dict[str, Value]:
    """Return the attributes that a Graph object holds itself, under connector-space names; references are elsewhere."""
    values: dict[str, Value] = {}
    for entry in TABLE[object_type].values():
        if entry.graph == SYNTHESISED or entry.form is Form.REFERENCE:
            continue
        outer, _, inner = entry.graph.rpartition(".")
        value = _DECODERS[entry.form]((part(found, outer) if outer else found).get(inner))
        if value is not None:
            values[entry.name] = value
    return values


def references_to(found: Iterable[Payload]) -> tuple[Reference, ...]:
    """Return references to those of the directory objects that carry a source anchor, each once."""
    named: dict[str, None] = {}
    for entry in found:
        kind = text(entry, "@odata.type").rpartition(".")[2]
        anchor = source_anchor(kind, entry)
        if anchor:
            named[anchors.dn_text(anchor)] = None
    return tuple(Reference(name) for name in named)


def properties(object_type: str, changes: Iterable[AttributeChange]) -> dict[str, Json]:
    """Return the JSON that makes *changes*; what Graph cannot write is left out (`writable` tells).

    Raises:
        Unsendable: A value that does not fit the property.
    """
    body: dict[str, Json] = {}
    for change in writable(object_type, changes):
        entry = TABLE[object_type][change.name]
        outer, _, inner = entry.graph.rpartition(".")
        value = encode(entry, change.new)
        if outer:
            nested = body.setdefault(outer, {})
            if isinstance(nested, dict):
                nested[inner] = value
        else:
            body[inner] = value
    return body


def writable(object_type: str, changes: Iterable[AttributeChange]) -> tuple[AttributeChange, ...]:
    """Return those of *changes* whose attribute Graph can write as a plain property."""
    table = TABLE[object_type]
    return tuple(c for c in changes if c.name in table and table[c.name].writability is Writability.WRITE)


def encode(entry: Mapped, value: Value | None) -> Json:
    """Return a value as its property wants it; None clears it, which is [] for a list and null otherwise.

    Raises:
        Unsendable: Several values, text that UTF-8 cannot carry, or no truth value where one is due.
    """
    scalars = each(value)
    if len(scalars) > 1:
        raise Unsendable(entry.name, f"has {len(scalars)} values, and Graph's {entry.graph} takes one")
    if not scalars:
        return [] if entry.form is Form.FIRST else None
    if entry.form is Form.FLAG:
        return _truth(entry, scalars[0])
    spelt = _sendable(entry, as_text(scalars[0]))
    if entry.form is Form.UNIQUE_NAME:
        return anchors.unique_name(spelt)
    return [spelt] if entry.form is Form.FIRST else spelt


def _truth(entry: Mapped, value: Scalar) -> bool:
    if isinstance(value, bool):
        return value
    spelt = as_text(value).lower()
    if spelt not in ("true", "false"):
        raise Unsendable(entry.name, f"is {as_text(value)!r}, and Graph's {entry.graph} is true or false")
    return spelt == "true"


def _sendable(entry: Mapped, value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Unsendable(entry.name, "holds half of a surrogate pair, which UTF-8 cannot carry") from None
    return value


def _text(found: Json) -> Value | None:
    return found if isinstance(found, str) and found else None


def _flag(found: Json) -> Value | None:
    return found if isinstance(found, bool) else None


def _texts(found: Json) -> Value | None:
    values = dict.fromkeys(v for v in found if isinstance(v, str) and v) if isinstance(found, list) else {}
    return tuple(values) or None


def _first(found: Json) -> Value | None:
    values = _texts(found)
    return values[0] if isinstance(values, tuple) else None


def _sid(found: Json) -> Value | None:
    return sid_bytes(found) if isinstance(found, str) else None


def _guid(found: Json) -> Value | None:
    try:
        return UUID(str(found)).bytes_le
    except ValueError:
        return None


def _anchor(found: Json) -> Value | None:
    return (anchors.from_unique_name(found) or None) if isinstance(found, str) else None


_DECODERS: Mapping[Form, Callable[[Json], Value | None]] = {
    Form.TEXT: _text,
    Form.FLAG: _flag,
    Form.TEXTS: _texts,
    Form.FIRST: _first,
    Form.SID: _sid,
    Form.GUID: _guid,
    Form.UNIQUE_NAME: _anchor,
}
