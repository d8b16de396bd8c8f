"""Values as JSON and back, exactly: types, spelling, order, text that is no valid Unicode, numbers of any size.

JSON has text, numbers up to 64 bits, booleans and lists, and a list is a tuple here. What else there is travels as an object
of one entry whose name says what it is:

* `{"b": base64}` bytes
* `{"r": text}` a reference, `{"R": [text, ...]}` a tuple of nothing but references (a group's members)
* `{"s": base64}` text with lone surrogates, as UTF-8 would write them
* `{"i": hexadecimal}` a number beyond 64 bits

A map of attributes is an object by name, or, when a name is no valid Unicode, a list of pairs.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from adsyncdiag.errors import StoreError
from adsyncdiag.model.values import Reference, Scalar, Value

Json: TypeAlias = Any
"""What orjson takes or gives; it never leaves this package."""

_SIGNED = range(-(1 << 63), 1 << 63)


def dump(document: Json) -> bytes:
    """Return *document* as JSON; it is made of JSON's own types, tuples for lists, bytes, `Reference` and UUID (which comes back as text)."""
    try:
        return orjson.dumps(document, default=_tagged)
    except orjson.JSONEncodeError:  # a lone surrogate or a long number somewhere in it: rare, so found out the slow way
        return orjson.dumps(_spelt_out(document), default=_tagged)


def load(blob: bytes) -> Json:
    """Return the document that `dump` wrote; raise `StoreError` when *blob* is none."""
    try:
        return orjson.loads(blob)
    except orjson.JSONDecodeError as error:
        raise StoreError(
            "the workspace's database is damaged: a stored object cannot be read",
            hint="Restore it from a backup, or move it away and run an initial cycle.",
        ) from error


def plain_values(values: Iterable[tuple[str, Value]]) -> dict[str, Json]:
    """Return named values in the form `dump` takes."""
    return {name: plain(value) if type(value) is tuple else value for name, value in values}


def plain(value: Value | None) -> Json:
    """Return *value* in the form `dump` takes: nearly always itself."""
    if type(value) is tuple and value and type(value[0]) is Reference:
        texts = [scalar.text for scalar in value if isinstance(scalar, Reference)]
        return {"R": texts} if len(texts) == len(value) else value
    return value


def named_values(document: Json) -> dict[str, Value]:
    """Return the values that `plain_values` prepared, by name."""
    values: dict[str, Json] = document if type(document) is dict else {text(name): raw for name, raw in document}
    for name, raw in values.items():
        if type(raw) is list or type(raw) is dict:
            values[name] = value(raw)  # of a name that is there, so the loop may go on
    return values


def value(document: Json) -> Value:
    """Return one value as it was before `dump`."""
    if type(document) is list:
        return tuple([_scalar(one) if type(one) is dict else one for one in document])
    if type(document) is dict:
        if "R" in document:
            return tuple([Reference(one if type(one) is str else text(one)) for one in document["R"]])
        return _scalar(document)
    scalar: Scalar = document
    return scalar


def optional(document: Json) -> Value | None:
    """Return one value as it was before `dump`, or None."""
    return None if document is None else value(document)


def text(document: Json) -> str:
    """Return text as it was before `dump`."""
    return document if type(document) is str else str(_scalar(document))


def _scalar(document: dict[str, Json]) -> Scalar:
    ((tag, content),) = document.items()
    return _READERS[tag](content)


_READERS: Mapping[str, Callable[[Json], Scalar]] = {
    "b": a2b_base64,
    "r": lambda content: Reference(text(content)),
    "s": lambda content: a2b_base64(content).decode("utf-8", "surrogatepass"),
    "i": lambda content: int(content, 16),
}


def _tagged(scalar: object) -> Json:
    """Return the tagged form of what orjson does not know."""
    if isinstance(scalar, Reference):
        return {"r": scalar.text}
    if isinstance(scalar, bytes):
        return {"b": _base64(scalar)}
    raise TypeError(f"{type(scalar).__name__} is no attribute value")


def _spelt_out(document: Json) -> Json:
    """Return *document* with everything tagged that JSON or orjson would refuse."""
    match document:
        case str():
            return document if _is_unicode(document) else {"s": _base64(document.encode("utf-8", "surrogatepass"))}
        case bool() | None | bytes():
            return document
        case int():
            return document if document in _SIGNED else {"i": f"{document:x}"}
        case Reference():
            return {"r": _spelt_out(document.text)}
        case UUID():
            return str(document)
        case dict() if all(map(_is_unicode, document)):
            return {name: _spelt_out(content) for name, content in document.items()}
        case dict():
            return [(_spelt_out(name), _spelt_out(content)) for name, content in document.items()]
        case _:
            return [_spelt_out(content) for content in document]


def _is_unicode(candidate: str) -> bool:
    try:
        candidate.encode()
    except UnicodeEncodeError:
        return False
    return True


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
