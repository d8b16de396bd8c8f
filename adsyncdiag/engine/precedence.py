"""Who wins an attribute: precedence, IgnoreThisFlow, AuthoritativeNull, NULL and merging (engine.md 1.8).

One number line, lower wins. Asked from the best rule down:

1. IgnoreThisFlow: as if this flow did not exist; when nobody below contributes either, the old value is kept.
2. AuthoritativeNull: no value, and nobody below is asked. Inside a merge it keeps what better rules gave.
3. NULL, "" or an empty list: nothing to contribute; the next is asked.
4. Anything else wins. With a merge type the values of all contributors are united, exact duplicates dropped; the
   case-insensitive merge keeps the spelling of the better rule (which one survives is not documented).
5. Nobody contributed: the attribute is removed.

A flow marked *apply once* counts only while its target object is being created; afterwards it is ignored.
Flows of losing rules are evaluated for the record only: an error that would have lost is shown and fails nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adsyncdiag.engine.failures import FlowFailed, flow_failure, object_failure
from adsyncdiag.engine.rulebook import CompiledFlow
from adsyncdiag.errors import EvaluationError
from adsyncdiag.model.rules import MergeType, SyncRule
from adsyncdiag.model.trace import FlowTrace
from adsyncdiag.model.values import FlowSignal, Scalar, Value, each


@dataclass(frozen=True, slots=True)
class Candidate:
    """One flow that could contribute to an attribute."""

    rule: SyncRule
    compiled: CompiledFlow
    source: object
    """Whatever the caller needs to know again about the winner (inbound: the connector-space object)."""
    data_source: str
    value: Callable[[], Value | FlowSignal | None]
    """Evaluates the flow to the target's type; raises `EvaluationError`."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome for one attribute."""

    value: Value | None
    keep_old: bool
    """True when the old value stays as it is (IgnoreThisFlow and nobody else)."""
    winners: tuple[Candidate, ...]
    traces: tuple[FlowTrace, ...]


def resolve(candidates: Sequence[Candidate], *, creating: bool, trace: bool) -> Resolution:
    """Return who contributes, asking *candidates* in the order given (best precedence first); raises `FlowFailed`."""
    merge = candidates[0].compiled.flow.merge
    if len(candidates) > 1:
        _check_merge(candidates)
    return (_merged if merge.merges else _single)(candidates, creating, trace)


def _single(candidates: Sequence[Candidate], creating: bool, trace: bool) -> Resolution:
    traces: list[FlowTrace] = []
    ignored = decided = False
    winner: Candidate | None = None
    winning: Value | None = None
    for candidate in candidates:
        if decided:
            if not trace:
                break
            note = f"'{winner.rule.name}' has a better precedence" if winner else "AuthoritativeNull of a better rule"
            traces.append(_lost(candidate, note))
            continue
        value = _evaluate(candidate, creating)
        if value is FlowSignal.IGNORE:
            ignored = True
        elif value is FlowSignal.AUTHORITATIVE_NULL:
            decided, ignored = True, False
        elif value is not None:
            decided, winner, winning = True, candidate, value
        if trace:
            traces.append(_trace(candidate, value, won=winner is candidate))
    if winner is not None:
        return Resolution(winning, False, (winner,), tuple(traces))
    return Resolution(None, ignored, (), tuple(traces))


def _merged(candidates: Sequence[Candidate], creating: bool, trace: bool) -> Resolution:
    fold = candidates[0].compiled.flow.merge is MergeType.MERGE_CASE_INSENSITIVE
    united: dict[object, Scalar] = {}
    winners: list[Candidate] = []
    traces: list[FlowTrace] = []
    ignored = closed = False
    for candidate in candidates:
        if closed:
            traces.append(_lost(candidate, "AuthoritativeNull of a better rule"))
            continue
        value = _evaluate(candidate, creating)
        ignored |= value is FlowSignal.IGNORE
        closed = value is FlowSignal.AUTHORITATIVE_NULL
        contributes = value is not None and not isinstance(value, FlowSignal)
        if contributes:
            winners.append(candidate)
            for scalar in each(value):  # type: ignore[arg-type]
                united.setdefault(scalar.casefold() if fold and isinstance(scalar, str) else scalar, scalar)
        if trace:
            traces.append(_trace(candidate, value, won=contributes))
    if not united:
        return Resolution(None, ignored and not closed, (), tuple(traces))
    return Resolution(tuple(united.values()), False, tuple(winners), tuple(traces))


def _check_merge(candidates: Sequence[Candidate]) -> None:
    first = candidates[0]
    other = next((c for c in candidates if c.compiled.flow.merge.merges is not first.compiled.flow.merge.merges), None)
    if other is not None:
        raise FlowFailed(
            object_failure(
                "attribute-merge-mismatch",
                f"The rules '{first.rule.name}' ({first.compiled.flow.merge.value}) and '{other.rule.name}' "
                f"({other.compiled.flow.merge.value}) both set {first.compiled.flow.target} with different merge types",
            )
        )


def _evaluate(candidate: Candidate, creating: bool) -> Value | FlowSignal | None:
    if candidate.compiled.flow.execute_once and not creating:
        return FlowSignal.IGNORE
    try:
        return candidate.value()
    except EvaluationError as error:
        raise FlowFailed(flow_failure(candidate.rule, candidate.compiled.flow, error)) from error


def _lost(candidate: Candidate, note: str) -> FlowTrace:
    """Evaluate a flow that cannot win any more, for the record."""
    try:
        return _trace(candidate, candidate.value(), won=False, note=note)
    except EvaluationError as error:
        return _trace(candidate, None, won=False, note=f"would have failed: {error.message}", outcome="error")


def _trace(
    candidate: Candidate, value: Value | FlowSignal | None, *, won: bool, note: str = "", outcome: str = ""
) -> FlowTrace:
    flow, rule = candidate.compiled.flow, candidate.rule
    names = {FlowSignal.IGNORE: "ignored", FlowSignal.AUTHORITATIVE_NULL: "authoritative-null", None: "null"}
    plain = None if isinstance(value, FlowSignal) else value
    return FlowTrace(
        attribute=flow.target,
        rule=rule.id,
        rule_name=rule.name,
        precedence=rule.precedence,
        kind=flow.kind,
        source=flow.text,
        data_source=candidate.data_source,
        outcome=outcome or ("value" if plain is not None else names[value]),  # type: ignore[index]
        value=plain,
        won=won,
        note=note,
    )
