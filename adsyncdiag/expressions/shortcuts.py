"""The calls that most shipped rules are made of, as one Python call instead of three.

A shortcut looks at the plain case itself (a text, a number, nothing) and hands every other value to `PlainCall.slowly`, so it
can only be faster, never different; a property test holds both against a third evaluator. Without a shortcut all works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.calls import Part, PlainCall
from adsyncdiag.expressions.evaluation import Context, Evaluator, Site, located
from adsyncdiag.expressions.functions.logic import decided, is_present
from adsyncdiag.expressions.functions.text import ASCII_WHITE
from adsyncdiag.expressions.nodes import Attribute, Call, Node
from adsyncdiag.model.values import ExpressionValue

Otherwise: TypeAlias = Callable[[Context, ExpressionValue], ExpressionValue]
"""Applies the function to the evaluated first argument, whatever it is."""
Shortcut: TypeAlias = Callable[[Part, tuple[ExpressionValue, ...], Otherwise], Evaluator | None]
"""Takes the first argument and the constant others; returns the quick closure, or None where there is no gain."""


def shortcut(made: PlainCall, arguments: tuple[Part, ...]) -> Evaluator | None:
    """Return a quicker closure for the call *made*, or None."""
    make = _SHORTCUTS.get(made.info.name)
    if make is None or not arguments or not all(part.constant for part in arguments[1:]):
        return None
    fixed = tuple(part.value for part in arguments[1:])

    function, accepted, span = made.function, made.accepted[0], made.span

    def otherwise(context: Context, value: ExpressionValue) -> ExpressionValue:
        if type(value) not in accepted:
            return made.slowly(context, (value, *fixed))
        try:
            return function(value, *fixed)  # such as Left of a text that is not ASCII
        except EvaluationError as error:
            located(error, span)
            raise

    return make(arguments[0], fixed, otherwise)


def _is_present(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    name = argument.attribute
    if name is None:
        return None

    def evaluate(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if value:
            return True
        return False if value is None else otherwise(context, value)

    return evaluate


def _is_absent(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    name = argument.attribute
    if name is None:
        return None

    def evaluate(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if value:
            return False
        return True if value is None else otherwise(context, value)

    return evaluate


def _left(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    name, run, count = argument.attribute, argument.run, fixed[0]
    if type(count) is not int or count < 0:
        return None

    def of_attribute(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)  # type: ignore[arg-type]
        if type(value) is str and value.isascii():
            return value[:count]
        return "" if value is None else otherwise(context, value)

    def evaluate(context: Context) -> ExpressionValue:
        value = run(context)
        if type(value) is str and value.isascii():
            return value[:count]
        return "" if value is None else otherwise(context, value)

    return evaluate if name is None else of_attribute


def _trim(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    name, run = argument.attribute, argument.run

    def of_attribute(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)  # type: ignore[arg-type]
        if type(value) is str and value.isascii():
            return value.strip(ASCII_WHITE)
        return None if value is None else otherwise(context, value)

    def evaluate(context: Context) -> ExpressionValue:
        value = run(context)
        if type(value) is str and value.isascii():
            return value.strip(ASCII_WHITE)
        return None if value is None else otherwise(context, value)

    return evaluate if name is None else of_attribute


def _instr(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    name, run, match = argument.attribute, argument.run, fixed[0]
    if len(fixed) != 1 or type(match) is not str or not match:
        return None

    def of_attribute(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)  # type: ignore[arg-type]
        if type(value) is str and value.isascii():
            return value.find(match) + 1
        return 0 if value is None else otherwise(context, value)

    def evaluate(context: Context) -> ExpressionValue:
        value = run(context)
        if type(value) is str and value.isascii():
            return value.find(match) + 1
        return 0 if value is None else otherwise(context, value)

    return evaluate if name is None else of_attribute


def _bit_and(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    name, mask = argument.attribute, fixed[0]
    if name is None or type(mask) is not int:
        return None

    def evaluate(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        return value & mask if type(value) is int else otherwise(context, value)

    return evaluate


def _cbool(argument: Part, fixed: tuple[ExpressionValue, ...], otherwise: Otherwise) -> Evaluator | None:
    run = argument.run

    def evaluate(context: Context) -> ExpressionValue:
        value = run(context)
        if value is True or value is False:
            return value
        return False if value is None else otherwise(context, value)

    return evaluate


def choice(site: Site, question: Node, test: Part, when_true: Part, when_false: Part) -> Evaluator | None:
    """Return a quicker closure for an `IIF` between constants or about the presence of an attribute, or None."""
    decide = decided(site, when_true.run, when_false.run)
    if when_true.constant and when_false.constant:
        return _between(test.run, when_true.value, when_false.value, decide)
    if isinstance(question, Call) and question.name in ("IsPresent", "IsNullOrEmpty"):
        (asked,) = question.arguments
        if isinstance(asked, Attribute):
            return _by_presence(asked.name, question.name == "IsPresent", when_true.run, when_false.run)
    return None


def _between(test: Evaluator, when_true: ExpressionValue, when_false: ExpressionValue, decide: Otherwise) -> Evaluator:
    def evaluate(context: Context) -> ExpressionValue:
        value = test(context)
        if value is True:
            return when_true
        if value is False or value is None:
            return when_false
        return decide(context, value)

    return evaluate


def _by_presence(name: str, wanted: bool, when_true: Evaluator, when_false: Evaluator) -> Evaluator:
    there, absent = (when_true, when_false) if wanted else (when_false, when_true)

    def evaluate(context: Context) -> ExpressionValue:
        value = context.attributes.get(name)
        if value or is_present(value):  # 0 and False are present
            return there(context)
        return absent(context)

    return evaluate


_SHORTCUTS: dict[str, Shortcut] = {
    "IsPresent": _is_present,
    "IsNullOrEmpty": _is_absent,
    "Left": _left,
    "Trim": _trim,
    "InStr": _instr,
    "BitAnd": _bit_and,
    "CBool": _cbool,
}
