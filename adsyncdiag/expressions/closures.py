"""Operators as closures: the plain cases of text and numbers inline, everything else through `operators`."""

from __future__ import annotations

from adsyncdiag.expressions.calls import Part
from adsyncdiag.expressions.evaluation import MAX_TEXT, Context, Evaluator, Span
from adsyncdiag.expressions.operators import COMPARISONS, compared, computed, joined, logical
from adsyncdiag.expressions.tokens import COMPARING, LOGICAL
from adsyncdiag.model.values import ExpressionValue

_MANY = 16
"""Operands of one `&` up to which the result is made before its length is looked at."""


def chain(operands: tuple[Part, ...], symbols: tuple[str, ...], span: Span, spans: tuple[Span, ...]) -> Evaluator:
    """Return the closure of a chain of one tier."""
    if symbols[0] in LOGICAL:
        return _logical(tuple(part.run for part in operands), symbols, spans)
    if symbols[0] in COMPARING:
        return _comparison(symbols[0], *operands, span) if len(operands) == 2 else _fold(operands, symbols, span)
    if set(symbols) == {"&"} and len(operands) <= _MANY:
        last = operands[-1].value
        if len(operands) == 2 and isinstance(last, str):
            return _suffixed(operands[0].run, last, span)
        return _concatenation(tuple(part.run for part in operands), span)
    return _fold(operands, symbols, span)


def _logical(operands: tuple[Evaluator, ...], symbols: tuple[str, ...], spans: tuple[Span, ...]) -> Evaluator:
    first = operands[0]
    if len(set(symbols)) > 1:
        return lambda context: logical(context, operands, symbols, spans, first(context), 0)
    deciding = symbols[0] == "||"
    undecided = not deciding
    numbered = tuple(enumerate(operands))

    def of_two(context: Context) -> ExpressionValue:
        value = first(context)
        if value is deciding:
            return deciding
        if value is not undecided:
            return logical(context, operands, symbols, spans, value, 0)
        value = operands[1](context)
        if value is True or value is False:
            return value
        return logical(context, operands, symbols, spans, value, 1)

    def evaluate(context: Context) -> ExpressionValue:
        for index, operand in numbered:
            value = operand(context)
            if value is deciding:
                return deciding
            if value is not undecided:
                return logical(context, operands, symbols, spans, value, index)
        return undecided

    return of_two if len(operands) == 2 else evaluate


def _comparison(symbol: str, left: Part, right: Part, span: Span) -> Evaluator:
    first, test = left.run, COMPARISONS[symbol]
    wanted, kind = right.value, type(right.value)
    if right.constant and left.attribute and symbol == "=" and kind in (str, int, bool):
        return _attribute_is(left.attribute, wanted, span)
    if right.constant and (kind in (str, int) or (kind is bool and symbol in ("=", "<>"))):

        def with_constant(context: Context) -> ExpressionValue:
            value = first(context)
            if type(value) is kind:
                return test(value, wanted)
            return False if value is None else compared(context, symbol, value, wanted, span)

        def equal(context: Context) -> ExpressionValue:
            value = first(context)
            if type(value) is kind:
                return value == wanted
            return False if value is None else compared(context, symbol, value, wanted, span)

        return equal if symbol == "=" else with_constant
    second = right.run

    def evaluate(context: Context) -> ExpressionValue:
        one, other = first(context), second(context)
        if type(one) is str and type(other) is str:
            return test(one, other)
        return compared(context, symbol, one, other, span)

    return evaluate


def _attribute_is(name: str, wanted: ExpressionValue, span: Span) -> Evaluator:
    """Return the closure of `[name] = wanted`."""
    kind = type(wanted)

    def evaluate(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if type(value) is kind:
            return value == wanted
        return False if value is None else compared(context, "=", value, wanted, span)

    return evaluate


def _concatenation(operands: tuple[Evaluator, ...], span: Span) -> Evaluator:
    if len(operands) == 2:
        return _pair(*operands, span)

    def evaluate(context: Context) -> ExpressionValue:
        values = [operand(context) for operand in operands]
        for value in values:
            if type(value) is not str:
                break
        else:
            text = "".join(values)  # type: ignore[arg-type]
            return text if len(text) <= MAX_TEXT else joined(text, "", span)
        result = values[0]
        for value in values[1:]:
            result = computed(context, "&", result, value, span)
        return result

    return evaluate


def _suffixed(first: Evaluator, suffix: str, span: Span) -> Evaluator:
    """Return the closure of `first & "suffix"`."""

    def evaluate(context: Context) -> ExpressionValue:
        value = first(context)
        if type(value) is str and len(value) + len(suffix) <= MAX_TEXT:
            return value + suffix
        return computed(context, "&", value, suffix, span)

    return evaluate


def _pair(first: Evaluator, second: Evaluator, span: Span) -> Evaluator:
    def evaluate(context: Context) -> ExpressionValue:
        left, right = first(context), second(context)
        if type(left) is str and type(right) is str and len(left) + len(right) <= MAX_TEXT:
            return left + right
        return computed(context, "&", left, right, span)

    return evaluate


def _fold(operands: tuple[Part, ...], symbols: tuple[str, ...], span: Span) -> Evaluator:
    first, *rest = (part.run for part in operands)
    steps = tuple(zip(symbols, rest, strict=True))
    apply = compared if symbols[0] in COMPARING else computed

    def evaluate(context: Context) -> ExpressionValue:
        value = first(context)
        for symbol, operand in steps:
            value = apply(context, symbol, value, operand(context), span)
        return value

    return evaluate
