"""Attribute values: what a connector space and the metaverse hold, and what expressions compute with.

A value is one scalar or, for a multi-valued attribute, a tuple of scalars (never empty: no value is no key). Absent and
empty are the same thing in a connector space (engine.md 1.3.6), so neither None, "" nor () is ever stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeAlias


class AttributeType(Enum):
    """The five types of the synchronisation engine (engine.md 1.2); times are imported as strings."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    BINARY = "binary"
    REFERENCE = "reference"


class Reference:
    """A link to another object: in a connector space its DN, in the metaverse its GUID; compares without case."""

    __slots__ = ("_key", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._key = text.casefold()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Reference({self.text!r})"


class FlowSignal(Enum):
    """The two words a flow may return instead of a value (engine.md 1.8)."""

    IGNORE = "IgnoreThisFlow"
    AUTHORITATIVE_NULL = "AuthoritativeNull"


Scalar: TypeAlias = str | int | bool | bytes | Reference
Value: TypeAlias = Scalar | tuple[Scalar, ...]
Attributes: TypeAlias = Mapping[str, Value]

ExpressionScalar: TypeAlias = Scalar | datetime
"""What an expression computes with; a datetime (aware, UTC) lives only between functions."""
ExpressionValue: TypeAlias = ExpressionScalar | tuple[ExpressionScalar, ...] | FlowSignal | None
"""What an expression returns: None is NULL."""


class TypedName(NamedTuple):
    """An attribute's name with the type and multiplicity a schema gives it."""

    name: str
    type: AttributeType
    multi_valued: bool


def each(value: Value | None) -> tuple[Scalar, ...]:
    """Return the scalars of *value* as a tuple, empty for None."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def same(one: Value | None, other: Value | None) -> bool:
    """Say whether two values are the same; the order of several values does not count, True is not 1."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and set(map(_exact, one)) == set(map(_exact, other))
    return _exact(one) == _exact(other)


def matches(stored: Scalar, wanted: Scalar, *, case_sensitive: bool) -> bool:
    """Say whether *stored* is *wanted*: of the same type, text and references without regard to case unless asked.

    "5" is not 5 and 1 is not True. A reference names an object whatever its case, so for it *case_sensitive* changes nothing.
    """
    if isinstance(wanted, str) and isinstance(stored, str) and not case_sensitive:
        return stored.casefold() == wanted.casefold()
    return type(stored) is type(wanted) and stored == wanted


def difference(old: Value | None, new: Value | None) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
    """Return the scalars that *new* has and *old* lacks, and those that *old* has and *new* lacks, in order."""
    before, after = each(old), each(new)
    had, has = set(map(_exact, before)), set(map(_exact, after))
    return tuple(v for v in after if _exact(v) not in had), tuple(v for v in before if _exact(v) not in has)


def _exact(value: object) -> object:
    return (bool, value) if isinstance(value, bool) else value


def as_text(value: Scalar) -> str:
    """Return *value* as people and JSON read it: True/False, decimal, base64 for binary, the DN for a reference."""
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    return value.text if isinstance(value, Reference) else str(value)
