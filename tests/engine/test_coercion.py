"""Values on their way into a target attribute."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adsyncdiag.engine.coercion import coerce, coercer
from adsyncdiag.errors import EvaluationError
from adsyncdiag.model.schema import AttributeSchema
from adsyncdiag.model.values import AttributeType, ExpressionValue, FlowSignal, Reference, Value

T = AttributeType


@pytest.mark.parametrize(
    ("value", "kind", "many", "expected"),
    [
        ("True", T.BOOLEAN, False, True),
        ("false", T.BOOLEAN, False, False),
        (1, T.BOOLEAN, False, True),
        ("42", T.NUMBER, False, 42),
        ("-42", T.NUMBER, False, -42),
        (True, T.NUMBER, False, 1),
        (42, T.STRING, False, "42"),
        (True, T.STRING, False, "True"),
        ("one", T.STRING, True, ("one",)),
        (("one",), T.STRING, False, "one"),
        (("a", "a", "b"), T.STRING, True, ("a", "b")),
        (("a", "", "b"), T.STRING, True, ("a", "b")),
        ("CN=A,DC=x", T.REFERENCE, False, Reference("CN=A,DC=x")),
        (b"\x00", T.BINARY, False, b"\x00"),
    ],
)
def test_values_take_the_type_of_their_target(
    value: ExpressionValue, kind: AttributeType, many: bool, expected: Value
) -> None:
    """Constants, numbers, booleans, single and several values fit where the shipped rules need them to."""
    found = coerce(value, AttributeSchema("x", kind, multi_valued=many))
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("nothing", [None, "", (), ("",), ("", "")])
def test_empty_is_no_value(nothing: ExpressionValue) -> None:
    """NULL, an empty string and an empty list are the same thing at the end of a flow."""
    assert coerce(nothing, AttributeSchema("x", T.STRING)) is None
    assert coerce(nothing, None) is None


def test_signals_pass() -> None:
    """IgnoreThisFlow and AuthoritativeNull are not values and stay what they are."""
    assert coerce(FlowSignal.IGNORE, AttributeSchema("x", T.NUMBER)) is FlowSignal.IGNORE
    assert coerce(FlowSignal.AUTHORITATIVE_NULL, AttributeSchema("x", T.NUMBER)) is FlowSignal.AUTHORITATIVE_NULL


def test_several_values_do_not_fit_a_single_valued_attribute() -> None:
    """Two values for one place are the documented error, never a silent choice."""
    with pytest.raises(EvaluationError) as caught:
        coerce(("a", "b"), AttributeSchema("photo", T.STRING))
    assert caught.value.code == "flow-multi-values-to-single-value"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("x", T.NUMBER),
        ("1-2", T.NUMBER),
        ("maybe", T.BOOLEAN),
        (b"x", T.STRING),
        ("x", T.BINARY),
        (1, T.REFERENCE),
        (b"x", T.NUMBER),
    ],
)
def test_other_types_are_refused(value: ExpressionValue, kind: AttributeType) -> None:
    """A value of the wrong type is an error of the object, not a guess."""
    with pytest.raises(EvaluationError) as caught:
        coerce(value, AttributeSchema("x", kind))
    assert caught.value.code == "cs-attribute-type-mismatch"


def test_a_date_never_reaches_an_attribute() -> None:
    """Dates live only between functions."""
    with pytest.raises(EvaluationError, match="a date does not fit"):
        coerce(datetime(2026, 1, 1, tzinfo=UTC), AttributeSchema("x", T.STRING))


def test_an_indexed_string_holds_448_characters() -> None:
    """One character more is mv-constraint-violation; unindexed strings have no such limit."""
    indexed = AttributeSchema("cn", T.STRING, indexed=True)
    assert coercer(indexed, metaverse=True)("x" * 448) == "x" * 448
    assert coercer(AttributeSchema("cn", T.STRING), metaverse=True)("x" * 5000) == "x" * 5000
    assert coercer(indexed)("x" * 5000) == "x" * 5000
    with pytest.raises(EvaluationError) as caught:
        coercer(indexed, metaverse=True)("x" * 449)
    assert caught.value.code == "mv-constraint-violation"
