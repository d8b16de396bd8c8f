"""What an expression is evaluated against, what it may cost, and what it says when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple, NoReturn, TypeAlias

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.registry import KIND_OF
from adsyncdiag.model.values import ExpressionScalar, ExpressionValue, FlowSignal

MAX_TEXT = 1_048_576
"""Characters (or bytes) of a text that a function makes."""
MAX_VALUES = 1_000_000
"""Values of a list that a function makes."""
MAX_WORK = 1_000_000
"""Steps that the loops (Select, Where) of one evaluation may take; a step is a value or sixteen characters made."""
MAX_TRACE = 10_000
"""Entries of a trace; loops over long lists stop being recorded there."""


class Unset:
    """Stands in a variable that `With` has not computed yet."""


UNSET = Unset()
NO_VARIABLES: list[ExpressionValue | Unset] = []
_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class TraceEntry(NamedTuple):
    """What one part of an expression gave: its value, or the error that it raised or passed on.

    A tuple, unlike the other values here: a trace makes one for each part it evaluates.
    """

    start: int
    end: int
    text: str
    value: ExpressionValue | EvaluationError


class Context:
    """One object as expressions see it; made once for an object and used for all its flows.

    *attributes* are the current values (of the connector space object inbound, of the metaverse object outbound; the DN is
    the attribute named `dn`), *imported* those that an import last confirmed (engine.md 1.9; None where they do not differ),
    *parameters* what `%Name%` stands for, *now* the moment that `Now()` gives (None: the actual one).
    """

    __slots__ = ("attributes", "imported", "now", "parameters", "recorded", "variables", "work")

    def __init__(
        self,
        attributes: Mapping[str, ExpressionValue],
        imported: Mapping[str, ExpressionValue] | None = None,
        parameters: Mapping[str, str] = _NO_PARAMETERS,
        now: datetime | None = None,
    ) -> None:
        self.attributes = attributes
        self.imported = imported
        self.parameters = parameters
        self.now = now
        self.variables = NO_VARIABLES
        """Filled by an evaluation for its `$variables`; empty outside of one."""
        self.work = 0
        self.recorded: list[TraceEntry] = []

    def moment(self) -> datetime:
        """Return *now*, the same for everything evaluated against this context."""
        if self.now is None:
            self.now = datetime.now(UTC)
        return self.now

    def charge(self, steps: int) -> None:
        """Count *steps* of a loop; raise `EvaluationError` past `MAX_WORK`."""
        self.work += steps
        if self.work > MAX_WORK:
            raise EvaluationError(f"the expression takes more than {MAX_WORK} steps over lists of values")


Evaluator: TypeAlias = Callable[[Context], ExpressionValue]
"""A compiled expression or part of one. Raises only `EvaluationError`."""


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a part of the text, and that part."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where a form is called: the whole call, and each argument."""

    span: Span
    arguments: tuple[Span, ...]
    keep_gaps: bool = False
    """It stands in a branch of a choice, whose values it may have to match (`Sparse`)."""


def type_name(value: ExpressionValue) -> str:
    """Return what a message calls a value; never the value itself, which may be a secret."""
    if value is None:
        return "NULL"
    if isinstance(value, tuple):
        return "a multi-valued attribute"
    if isinstance(value, FlowSignal):
        return value.value
    kind = KIND_OF.get(type(value))
    return kind.value if kind else "a value of no type of the language"


def fail(message: str, span: Span) -> NoReturn:
    """Raise `EvaluationError` for the part at *span*."""
    raise EvaluationError(message, start=span.start, end=span.end)


def located(error: EvaluationError, span: Span) -> EvaluationError:
    """Return *error* with the place of *span*, unless it has one already."""
    if not error.end:
        error.start, error.end = span.start, span.end
    return error


def limited_text(length: int) -> None:
    """Raise `EvaluationError` when a text or binary value of *length* would be too long to make."""
    if length > MAX_TEXT:
        raise EvaluationError(f"the result has {length} characters; at most {MAX_TEXT} are made")


def _is_value(value: object) -> bool:
    return value is not None


class Sparse(tuple[ExpressionScalar, ...]):
    """Several values with gaps (None) where one dropped out; only inside the branches of `IIF` and `Switch`."""

    __slots__ = ()

    def complete(self) -> ExpressionValue:
        """Return the values without the gaps; none left is NULL."""
        return tuple(filter(_is_value, self)) or None


def rows(
    context: Context, arguments: tuple[ExpressionValue, ...]
) -> Iterator[tuple[ExpressionScalar | FlowSignal | None, ...] | None]:
    """Yield *arguments* value by value: lists in step, single values repeated; None for a gap in a list.

    Raises `EvaluationError` for lists of different lengths, which no documented example combines.
    """
    lists = [argument for argument in arguments if isinstance(argument, tuple)]
    lengths = sorted({len(values) for values in lists})
    if len(lengths) > 1:
        raise EvaluationError(f"lists of {lengths[0]} and {lengths[1]} values cannot be combined value by value")
    if context.variables:
        context.charge(lengths[0])
    sparse = any(isinstance(values, Sparse) for values in lists)
    for index in range(lengths[0]):
        if sparse and any(values[index] is None for values in lists):
            yield None
        else:
            yield tuple([argument[index] if isinstance(argument, tuple) else argument for argument in arguments])


def pairwise(
    context: Context,
    left: ExpressionValue,
    right: ExpressionValue,
    apply: Callable[[ExpressionValue, ExpressionValue], ExpressionValue],
) -> ExpressionValue:
    """Return the results of *apply* for two values of which one at least is a list."""
    return gathered(
        context,
        [None if row is None else apply(row[0], row[1]) for row in rows(context, (left, right))],
        keep_gaps=True,
    )


def gathered(context: Context, results: list[ExpressionValue], *, keep_gaps: bool = False) -> ExpressionValue:
    """Return the results for several values as one value: NULLs dropped, lists joined, nothing left is NULL.

    A flow signal among them (an `IIF` over several values may choose one) is the result when every value chose it.
    """
    values: list[ExpressionScalar] = []
    signals: set[FlowSignal] = set()
    gaps = joined = False
    for result in results:
        if result is None:
            gaps = True
        elif isinstance(result, tuple):
            joined = True
            values.extend(result)
        elif isinstance(result, FlowSignal):
            signals.add(result)
        else:
            values.append(result)
    if len(values) > MAX_VALUES:
        raise EvaluationError(f"the result has more than {MAX_VALUES} values")
    if signals and (values or len(signals) > 1):
        raise EvaluationError(f"{min(signal.value for signal in signals)} cannot be one of several values")
    if signals:
        return signals.pop()
    if context.variables:
        context.charge(sum(len(value) >> 4 for value in values if isinstance(value, str | bytes)))
    if gaps and keep_gaps and values and not joined:
        return Sparse(results)  # type: ignore[arg-type]
    return tuple(values) or None
