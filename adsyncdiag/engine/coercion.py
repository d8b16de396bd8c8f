"""Bring what a flow returned to the type and multiplicity of its target attribute (server-export.md 3.5).

The engine is strictly typed, yet shipped rules need these conversions: constants are untyped text, numbers and
booleans become text in string attributes, one value fills a multi-valued attribute, a multi-valued attribute that
holds one value fills a single-valued one. More than one value for a single-valued attribute is
`flow-multi-values-to-single-value`; anything else that does not fit is `cs-attribute-type-mismatch`.
What an expression of the wrong type does in the product is not documented: refusing it is our choice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adsyncdiag.errors import EvaluationError
from adsyncdiag.model.schema import AttributeSchema
from adsyncdiag.model.values import AttributeType, ExpressionValue, FlowSignal, Reference, Scalar, Value, as_text

INDEXED_STRING_LIMIT = 448
"""Characters an indexed metaverse string may have (engine.md 1.8)."""


Coerce = Callable[[ExpressionValue], "Value | FlowSignal | None"]


def coercer(target: AttributeSchema | None, *, metaverse: bool = False) -> Coerce:
    """Return the function that brings values to *target*; the common case, the right type already, is one test.

    For a *metaverse* attribute that is indexed, strings longer than the limit raise `mv-constraint-violation`.
    """
    if target is None:
        return lambda value: coerce(value, None)
    exact = _TYPES[target.type]
    limited = metaverse and target.indexed and target.type is AttributeType.STRING

    def convert(value: ExpressionValue) -> Value | FlowSignal | None:
        if value is None:
            return None
        if type(value) is not exact or target.multi_valued or value == "":
            value = coerce(value, target)
        if limited and value is not None:
            _check_length(value, target)
        return value  # type: ignore[return-value]

    return convert


def coerce(value: ExpressionValue, target: AttributeSchema | None) -> Value | FlowSignal | None:
    """Return *value* as *target* holds it; None for no value ("" and an empty list included); signals pass.

    Without a target (`dn`, or an attribute its schema does not know) the value is only cleaned. Raises `EvaluationError`.
    """
    if value is None or isinstance(value, FlowSignal):
        return value
    several = value if isinstance(value, tuple) else (value,)
    wanted = target.type if target is not None else None
    cleaned = tuple(scalar for v in several if (scalar := _scalar(v, wanted)) != "")
    if not cleaned:
        return None
    if target is None:
        return cleaned if isinstance(value, tuple) else cleaned[0]
    if target.multi_valued:
        return tuple(dict.fromkeys(cleaned)) if len(cleaned) > 1 else cleaned
    if len(cleaned) > 1:
        raise EvaluationError(
            f"{len(cleaned)} values do not fit the single-valued attribute {target.name}",
            code="flow-multi-values-to-single-value",
        )
    return cleaned[0]


def _check_length(value: ExpressionValue, target: AttributeSchema) -> None:
    """Raise `mv-constraint-violation` for a string that an indexed metaverse attribute cannot hold."""
    for scalar in value if isinstance(value, tuple) else (value,):
        if isinstance(scalar, str) and len(scalar) > INDEXED_STRING_LIMIT:
            raise EvaluationError(
                f"the value has {len(scalar)} characters and {target.name} holds {INDEXED_STRING_LIMIT}",
                code="mv-constraint-violation",
            )


def _scalar(value: Scalar | datetime, wanted: AttributeType | None) -> Scalar:
    if isinstance(value, datetime):
        raise _mismatch(value, wanted)
    if wanted is None:
        return value
    converted = _CONVERSIONS[wanted](value)
    if converted is None:
        raise _mismatch(value, wanted)
    return converted


def _mismatch(value: Scalar | datetime, wanted: AttributeType | None) -> EvaluationError:
    kind = "date" if isinstance(value, datetime) else _KINDS.get(type(value), "value")
    return EvaluationError(
        f"a {kind} does not fit an attribute of type {wanted.value if wanted else 'string'}",
        code="cs-attribute-type-mismatch",
    )


def _to_string(value: Scalar) -> Scalar | None:
    return None if isinstance(value, bytes) else value if isinstance(value, str) else as_text(value)


def _to_number(value: Scalar) -> Scalar | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.lstrip("-").isdigit() and text.count("-") <= 1 else None


def _to_boolean(value: Scalar) -> Scalar | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def _to_binary(value: Scalar) -> Scalar | None:
    return value if isinstance(value, bytes) else None


def _to_reference(value: Scalar) -> Scalar | None:
    if isinstance(value, Reference):
        return value
    return Reference(value) if isinstance(value, str) else None


_CONVERSIONS = {
    AttributeType.STRING: _to_string,
    AttributeType.NUMBER: _to_number,
    AttributeType.BOOLEAN: _to_boolean,
    AttributeType.BINARY: _to_binary,
    AttributeType.REFERENCE: _to_reference,
}
_TYPES: dict[AttributeType, type] = {
    AttributeType.STRING: str,
    AttributeType.NUMBER: int,
    AttributeType.BOOLEAN: bool,
    AttributeType.BINARY: bytes,
    AttributeType.REFERENCE: Reference,
}
_KINDS: dict[type, str] = {str: "string", int: "number", bool: "Boolean", bytes: "binary", Reference: "reference"}
