"""Choosing, failing, asking for NULL, and the value that an import confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import Context, Evaluator, Site, fail, located
from adsyncdiag.expressions.flow import chosen_each
from adsyncdiag.expressions.operators import condition
from adsyncdiag.expressions.registry import Like, form, function
from adsyncdiag.model.values import ExpressionValue

_NO_VALUE = ("", ())


@form("var IIF(exp condition, lazy whenTrue, lazy whenFalse)")
def iif(site: Site, test: Evaluator, when_true: Evaluator, when_false: Evaluator) -> Evaluator:
    """Return *whenTrue* where *condition* holds, else *whenFalse*.

    Example: IIF([employeeType]="Intern","t-" & [alias],[alias]). Only the chosen branch is evaluated: many shipped rules
    have Error(…) as the other one. A condition that is NULL does not hold. A condition about several values chooses value by
    value: IIF(InStr([proxyAddresses],"SIP:")=1,NULL,[proxyAddresses]) drops those that begin with SIP:.
    Source: Functions Reference, IIF; engine.md 2.1.
    """
    decide = decided(site, when_true, when_false)

    def evaluate(context: Context) -> ExpressionValue:
        value = test(context)
        if value is True:
            return when_true(context)
        if value is False or value is None:
            return when_false(context)
        return decide(context, value)

    return evaluate


def decided(
    site: Site, when_true: Evaluator, when_false: Evaluator
) -> Callable[[Context, ExpressionValue], ExpressionValue]:
    """Return what an `IIF` does once its condition is evaluated, whatever that gave."""
    place = site.arguments[0]
    otherwise = ((lambda context: True, when_false, place),)

    def decide(context: Context, value: ExpressionValue) -> ExpressionValue:
        flags = condition(value, place)
        if isinstance(flags, bool):
            return when_true(context) if flags else when_false(context)
        try:
            return chosen_each(context, flags, when_true, otherwise, keep_gaps=site.keep_gaps)
        except EvaluationError as error:
            located(error, site.span)
            raise

    return decide


@form("var Switch(exp condition, lazy value, ...)")
def switch(site: Site, *arguments: Evaluator) -> Evaluator:
    """Return the value beside the first condition that holds; NULL where none does.

    Example: Switch([city] = "London","English",[city] = "Rome","Italian",True,Error("Unknown city")). The page says that all
    expressions are evaluated, and contradicts itself with that Error; here evaluation stops at the first condition that
    holds. An unpaired argument is an error when it runs, as the page says, and a warning when it is compiled.
    Source: Functions Reference, Switch; engine.md 8.5.
    """
    pairs = tuple(zip(arguments[::2], arguments[1::2], site.arguments[::2], strict=False))
    unpaired = len(arguments) % 2 == 1

    def chosen(context: Context) -> ExpressionValue:
        for at, (test, value, place) in enumerate(pairs, start=1):
            flags = condition(test(context), place)
            if flags is True:
                return value(context)
            if isinstance(flags, tuple):
                return chosen_each(context, flags, value, pairs[at:], keep_gaps=site.keep_gaps)
        return None

    def evaluate(context: Context) -> ExpressionValue:
        if unpaired:
            fail("Switch takes pairs of a condition and a value; one argument is left over", site.span)
        try:
            return chosen(context)
        except EvaluationError as error:
            located(error, site.span)
            raise

    return evaluate


@function("void Error(str? message)", pure=False)
def error(message: str | None) -> NoReturn:
    """Fail with *message*: a synchronisation error on the object, which stays as it is until data or rule are mended.

    Example: IIF(IsPresent([accountName]),[accountName],Error("AccountName is required")). The error's code is
    sync-rule-error-function-triggered.
    Source: Functions Reference, Error; engine.md 1.8, 6.5.
    """
    raise EvaluationError(message or "", code="sync-rule-error-function-triggered")


@form("var ImportedValue(attribute name)", like=Like.ARGUMENT)
def imported_value(site: Site, name: str) -> Evaluator:
    """Return the attribute's value as an import last confirmed it, without exports that are pending or unconfirmed.

    Example: RemoveDuplicates(Trim(ImportedValue("proxyAddresses"))). The name is quoted, not in brackets. Undocumented in the
    Functions Reference; used by shipped rules.
    Source: Microsoft Learn, Understanding Declarative Provisioning; engine.md 1.9.
    """

    def evaluate(context: Context) -> ExpressionValue:
        values = context.attributes if context.imported is None else context.imported
        return values.get(name)

    return evaluate


@function("bool IsNull(var value)")
def is_null(value: ExpressionValue) -> bool:
    """Say whether *value* is NULL: an absent attribute, or an expression that gives nothing.

    Example: IsNull([displayName]). Source: Functions Reference, IsNull.
    """
    return value is None or value == ()


@function("bool IsEmpty(var value)")
def is_empty(value: ExpressionValue) -> bool:
    """Say whether *value* is present and "".

    Example: IsEmpty([displayName]). A connector space holds no empty text (engine.md 1.3), so this is about what functions
    give.
    Source: Functions Reference, IsEmpty.
    """
    return value == ""


@function("bool IsNullOrEmpty(var value)")
def is_null_or_empty(value: ExpressionValue) -> bool:
    """Say whether *value* is NULL or "".

    Example: IIF(IsNullOrEmpty([displayName]),[cn],[displayName]). Source: Functions Reference, IsNullOrEmpty.
    """
    return False if value else value is None or value in _NO_VALUE


@function("bool IsPresent(var value)")
def is_present(value: ExpressionValue) -> bool:
    """Say whether *value* is neither NULL nor "".

    Example: IIF(IsPresent([mailNickname]),[mailNickname],[cn]). The page speaks of texts; shipped rules ask for booleans,
    numbers, binary values and references, and only presence counts: IsPresent([isCriticalSystemObject]) is True for
    FALSE too (engine.md 2.2, 8.12).
    Source: Functions Reference, IsPresent.
    """
    return True if value else value is not None and value not in _NO_VALUE
