"""What the operators mean (engine.md 2.1, "Operators" and "Evaluation").

Comparison with NULL is not true, whatever the operator; text compares case-sensitively and by code unit; a type mismatch is
an error. Arithmetic is on 64-bit integers, division drops the remainder as in C#. `&` takes NULL for "".
An operator on several values works value by value, like a scalar function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import (
    MAX_TEXT,
    Context,
    Evaluator,
    Span,
    fail,
    limited_text,
    located,
    pairwise,
    type_name,
)
from adsyncdiag.model.values import ExpressionValue, FlowSignal, Reference

SMALLEST, LARGEST = -(2**63), 2**63 - 1
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = (str, int, datetime)


def compared(
    context: Context, symbol: str, left: ExpressionValue, right: ExpressionValue, span: Span
) -> ExpressionValue:
    """Return `left symbol right`."""
    if left is None or right is None:
        return False
    if isinstance(left, tuple) or isinstance(right, tuple):
        try:
            return pairwise(context, left, right, lambda one, other: compared(context, symbol, one, other, span))
        except EvaluationError as error:
            raise located(error, span) from None
    if type(left) is not type(right) or isinstance(left, FlowSignal):
        return fail(f"{type_name(left)} cannot be compared with {type_name(right)}", span)
    if symbol not in ("=", "<>") and type(left) not in _ORDERED:
        return fail(f"{type_name(left)} is neither less nor greater than another; only = and <> compare it", span)
    return COMPARISONS[symbol](left, right)


def computed(
    context: Context, symbol: str, left: ExpressionValue, right: ExpressionValue, span: Span
) -> ExpressionValue:
    """Return `left symbol right` for `& + - * /`."""
    if isinstance(left, tuple) or isinstance(right, tuple):
        try:
            return pairwise(context, left, right, lambda one, other: computed(context, symbol, one, other, span))
        except EvaluationError as error:
            raise located(error, span) from None
    if symbol == "&":
        return joined(left, right, span)
    if left is None or right is None:
        return None
    if type(left) is not int or type(right) is not int:
        wrong = right if type(left) is int else left
        hint = "; & joins texts" if symbol == "+" and isinstance(wrong, str) else ""
        return fail(f"{symbol} computes with numbers, not with {type_name(wrong)}{hint}", span)
    return arithmetic(symbol, left, right, span)


def arithmetic(symbol: str, left: int, right: int, span: Span) -> int:
    """Return the 64-bit result of `+ - * /`; `/` drops the remainder towards zero (the docs do not list it)."""
    if symbol == "+":
        result = left + right
    elif symbol == "-":
        result = left - right
    elif symbol == "*":
        result = left * right
    elif right == 0:
        return fail("division by zero", span)
    else:
        result = abs(left) // abs(right)
        result = -result if (left < 0) != (right < 0) else result
    if not SMALLEST <= result <= LARGEST:
        return fail("the result does not fit 64 bits", span)
    return result


def negated(context: Context, value: ExpressionValue, span: Span) -> ExpressionValue:
    """Return the number with the other sign; NULL stays NULL."""
    return computed(context, "-", 0, value, span)


def joined(left: ExpressionValue, right: ExpressionValue, span: Span) -> ExpressionValue:
    """Return `left & right` of two single values: text of both, or the bytes of two binary values."""
    if isinstance(left, bytes) or isinstance(right, bytes):
        if (left is None or isinstance(left, bytes)) and (right is None or isinstance(right, bytes)):
            result: str | bytes = (left or b"") + (right or b"")
        else:
            other = right if isinstance(left, bytes) else left
            return fail(
                f"a binary value cannot be joined with {type_name(other)}; ConvertToBase64 makes it a text", span
            )
    else:
        result = as_part(left, span) + as_part(right, span)
    if len(result) > MAX_TEXT:
        try:
            limited_text(len(result))
        except EvaluationError as error:
            raise located(error, span) from None
    return result


def as_part(value: ExpressionValue, span: Span) -> str:
    """Return a single value as `&` reads it: NULL is "", True is `True`, a reference its DN."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Reference):
        return value.text
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return fail("a date cannot be joined; FormatDateTime makes it a text", span)
    return fail(f"{type_name(value)} cannot be joined", span)


def condition(value: ExpressionValue, span: Span) -> bool | tuple[bool, ...]:
    """Return *value* as a condition: NULL is not true; several conditions stay several; anything else is an error."""
    if value is True or value is False:
        return value
    if value is None:
        return False
    if isinstance(value, tuple) and all(type(entry) is bool or entry is None for entry in value):
        return cast(tuple[bool, ...], value)
    wrong: ExpressionValue = (
        next(entry for entry in value if type(entry) is not bool) if isinstance(value, tuple) else value
    )
    return fail(f"True or False is needed here, not {type_name(wrong)}; compare it, or use CBool", span)


def logical(
    context: Context,
    operands: tuple[Evaluator, ...],
    symbols: tuple[str, ...],
    spans: tuple[Span, ...],
    first: ExpressionValue,
    begin: int,
) -> ExpressionValue:
    """Return the fold of `&&` and `||` from the left; an operand that can change nothing is not evaluated.

    *begin* is the index of the operand that has been evaluated already, to *first*, without deciding before it.
    """
    value = condition(first, spans[begin])
    for symbol, operand, span in zip(symbols[begin:], operands[begin + 1 :], spans[begin + 1 :], strict=True):
        deciding = symbol == "||"
        if value is deciding or (isinstance(value, tuple) and all(entry is deciding for entry in value)):
            continue
        value = _combined(context, deciding, value, condition(operand(context), span), span)
    return value


def _combined(
    context: Context, either: bool, left: ExpressionValue, right: ExpressionValue, span: Span
) -> bool | tuple[bool, ...]:
    """Return `left || right` when *either*, else `left && right`, value by value where one is about several."""
    if isinstance(left, bool) and isinstance(right, bool):
        return (left or right) if either else (left and right)
    apply = operator.or_ if either else operator.and_
    try:
        return condition(pairwise(context, left, right, apply), span)
    except EvaluationError as error:
        raise located(error, span) from None
