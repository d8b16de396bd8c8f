"""Calls of plain functions as closures: types checked, NULL handled, several values taken one by one.

The closures differ only in how many arguments they evaluate; whatever is not the plain case of fitting single values goes
through `PlainCall.slowly`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import Context, Evaluator, Span, Sparse, fail, gathered, located, rows, type_name
from adsyncdiag.expressions.registry import TYPE_OF, FunctionInfo, Kind, Mode, Parameter
from adsyncdiag.model.values import ExpressionValue

Implementation: TypeAlias = Callable[..., ExpressionValue]


@dataclass(slots=True)
class Part:
    """A compiled node: what evaluates it, and its value where that is known already."""

    run: Evaluator
    constant: bool = False
    value: ExpressionValue = None
    attribute: str | None = None
    """The name, when the node is just an attribute: closures that get one read it themselves and save a call."""


def constant(value: ExpressionValue) -> Part:
    """Return the part that always gives *value*."""
    return Part(lambda context: value, constant=True, value=value)


def describe_kinds(kinds: frozenset[Kind] | None) -> str:
    """Return what a message calls a set of types, such as `a text or a number`."""
    if kinds is None:
        return "anything"
    return " or ".join(kind.value for kind in Kind if kind in kinds)


def misfit(info: FunctionInfo, index: int, found: str) -> str:
    """Return the message for an argument of the wrong type."""
    parameter = info.parameter(index)
    wanted = "a multi-valued attribute" if parameter.mode is Mode.LIST else describe_kinds(parameter.kinds)
    return f"{info.name} takes {wanted} as argument {index + 1} ({parameter.name}), not {found}"


class PlainCall:
    """One call of a plain function: what its closures share, and what they do with anything but plain values."""

    __slots__ = ("accepted", "function", "info", "of_null", "parameters", "scalar", "span", "spans")

    def __init__(self, info: FunctionInfo, count: int, span: Span, spans: tuple[Span, ...]) -> None:
        self.info = info
        self.function: Implementation = info.implementation
        self.of_null = info.of_null
        self.parameters = tuple(info.parameter(index) for index in range(count))
        self.accepted = tuple(map(_accepted, self.parameters))
        self.scalar = tuple(index for index in range(count) if self.parameters[index].mode is Mode.SCALAR)
        self.span = span
        self.spans = spans

    def slowly(self, context: Context, values: tuple[ExpressionValue, ...]) -> ExpressionValue:
        """Return the result for arguments of any kind: NULL, several values, wrong types."""
        for index, value in enumerate(values):
            if value is None and not self.parameters[index].nullable and self.parameters[index].mode is not Mode.ANY:
                return self.info.of_null if index == 0 else None
        try:
            if any(isinstance(values[index], tuple) for index in self.scalar):
                return self.each(context, values)
            return self.single(values)
        except EvaluationError as error:
            located(error, self.span)
            raise

    def each(self, context: Context, values: tuple[ExpressionValue, ...]) -> ExpressionValue:
        """Return the results for several values, one by one."""
        results: list[ExpressionValue] = []
        filled: list[ExpressionValue] = list(values)
        arguments = tuple(values[index] for index in self.scalar)
        for row in rows(context, arguments):
            if row is None:
                results.append(None)
                continue
            for index, value in zip(self.scalar, row, strict=True):
                filled[index] = value
            results.append(self.single(filled))
        return gathered(context, results, keep_gaps=any(isinstance(value, Sparse) for value in arguments))

    def single(self, values: Sequence[ExpressionValue]) -> ExpressionValue:
        """Return the result for arguments that are to fit as they are."""
        for index, value in enumerate(values):
            if type(value) not in self.accepted[index] and self.parameters[index].mode is not Mode.ANY:
                fail(misfit(self.info, index, type_name(value)), self.spans[index])
        return self.function(*values)


def _accepted(parameter: Parameter) -> frozenset[type]:
    if parameter.mode is Mode.WORD:
        return frozenset({str})
    kinds: set[type] = {tuple} if parameter.mode is Mode.LIST else {TYPE_OF[kind] for kind in parameter.kinds or ()}
    return frozenset(kinds | {type(None)} if parameter.nullable else kinds)


def call(made: PlainCall, arguments: tuple[Part, ...]) -> Evaluator:
    """Return the closure that evaluates *arguments* and applies the function of *made* to them."""
    if not arguments:
        return lambda context: made.single(())
    first, rest = arguments[0], arguments[1:]
    if len(rest) <= 2 and all(_fits(made, index, part) for index, part in enumerate(rest, start=1)):
        fixed = tuple(part.value for part in rest)
        if made.parameters[0].mode is Mode.ANY:
            return _of_anything(made, first)
        return _of_attribute(made, first.attribute, fixed) if first.attribute else _of_one(made, first.run, fixed)
    if len(arguments) == 2:
        return _of_two(made, arguments[0].run, arguments[1].run)
    return _of_many(made, tuple(part.run for part in arguments))


def _fits(made: PlainCall, index: int, part: Part) -> bool:
    return part.constant and type(part.value) in made.accepted[index]


def _of_anything(made: PlainCall, argument: Part) -> Evaluator:
    """Return the closure of a function that takes whatever comes; none of these fails."""
    function, run, name = made.function, argument.run, argument.attribute
    if name is not None:
        return lambda context: function(context.attributes.get(name))
    return lambda context: function(run(context))


def _of_attribute(made: PlainCall, name: str, fixed: tuple[ExpressionValue, ...]) -> Evaluator:
    """Return the closure of a function of an attribute and constants."""
    function, accepted, span, of_null = made.function, made.accepted[0], made.span, made.of_null
    second, third = (*fixed, None, None)[:2]

    def of_one(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if type(value) not in accepted:
            return of_null if value is None else made.slowly(context, (value,))
        try:
            return function(value)
        except EvaluationError as error:
            located(error, span)
            raise

    def of_two(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if type(value) not in accepted:
            return of_null if value is None else made.slowly(context, (value, second))
        try:
            return function(value, second)
        except EvaluationError as error:
            located(error, span)
            raise

    def of_three(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if type(value) not in accepted:
            return of_null if value is None else made.slowly(context, (value, second, third))
        try:
            return function(value, second, third)
        except EvaluationError as error:
            located(error, span)
            raise

    return (of_one, of_two, of_three)[len(fixed)]


def _of_one(made: PlainCall, argument: Evaluator, fixed: tuple[ExpressionValue, ...]) -> Evaluator:
    """Return the closure of a function of one evaluated argument and constants."""
    function, accepted, span, of_null = made.function, made.accepted[0], made.span, made.of_null
    second, third = (*fixed, None, None)[:2]

    def of_one(context: Context) -> ExpressionValue:
        value = argument(context)
        if type(value) not in accepted:
            return of_null if value is None else made.slowly(context, (value,))
        try:
            return function(value)
        except EvaluationError as error:
            located(error, span)
            raise

    def of_two(context: Context) -> ExpressionValue:
        value = argument(context)
        if type(value) not in accepted:
            return of_null if value is None else made.slowly(context, (value, second))
        try:
            return function(value, second)
        except EvaluationError as error:
            located(error, span)
            raise

    def of_three(context: Context) -> ExpressionValue:
        value = argument(context)
        if type(value) not in accepted:
            return of_null if value is None else made.slowly(context, (value, second, third))
        try:
            return function(value, second, third)
        except EvaluationError as error:
            located(error, span)
            raise

    return (of_one, of_two, of_three)[len(fixed)]


def _of_two(made: PlainCall, left: Evaluator, right: Evaluator) -> Evaluator:
    function, span = made.function, made.span
    accepted_left, accepted_right = made.accepted

    def evaluate(context: Context) -> ExpressionValue:
        first, second = left(context), right(context)
        if type(first) not in accepted_left or type(second) not in accepted_right:
            return made.slowly(context, (first, second))
        try:
            return function(first, second)
        except EvaluationError as error:
            located(error, span)
            raise

    return evaluate


def _of_many(made: PlainCall, arguments: tuple[Evaluator, ...]) -> Evaluator:
    def evaluate(context: Context) -> ExpressionValue:
        return made.slowly(context, tuple([argument(context) for argument in arguments]))

    return evaluate
