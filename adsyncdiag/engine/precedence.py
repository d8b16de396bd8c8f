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
from adsyncdiag.engine.rulebook import CompiledFlow, CompiledRule
from adsyncdiag.errors import EvaluationError
from adsyncdiag.model.rules import LinkType, MergeType, SyncRule
from adsyncdiag.model.trace import Failure, FlowTrace
from adsyncdiag.model.values import FlowSignal, Scalar, Value, each


@dataclass(frozen=True, slots=True)
class Slot:
    """One flow that could contribute to an attribute, and which of several sources it reads."""

    rule: SyncRule
    compiled: CompiledFlow
    source: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """All flows that could set one attribute, best precedence first; the same for every object with the same rules in scope."""

    attribute: str
    slots: tuple[Slot, ...]
    merge: MergeType
    conflict: Failure | None
    """Set when the rules disagree about merging."""


Evaluate = Callable[[Slot], Value | FlowSignal | None]
"""Gives a flow's value in the target's type; raises `EvaluationError`."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome for one attribute."""

    value: Value | None
    keep_old: bool
    """True when the old value stays as it is (IgnoreThisFlow and nobody else)."""
    winners: tuple[Slot, ...]
    traces: tuple[FlowTrace, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """How flows are asked: their evaluation, whether the target object is being created, and what to write down."""

    evaluate: Evaluate
    creating: bool
    trace: bool
    labels: Sequence[str]
    """Name of each source, for the record."""


def columns_of(rules: Sequence[Sequence[CompiledRule]], accepts: Callable[[SyncRule], bool]) -> tuple[Column, ...]:
    """Return a column for every attribute that the *rules* of each source set; JoinNoFlow rules contribute nothing."""
    ranked = sorted(
        ((c.rule.precedence, source, c) for source, compiled in enumerate(rules) for c in compiled), key=lambda r: r[:2]
    )
    found: dict[str, list[Slot]] = {}
    for _, source, compiled in ranked:
        if compiled.rule.link_type is LinkType.JOIN_NO_FLOW or not accepts(compiled.rule):
            continue
        for flow in compiled.flows:
            found.setdefault(flow.flow.target, []).append(Slot(compiled.rule, flow, source))
    return tuple(
        Column(name, tuple(slots), slots[0].compiled.flow.merge, _conflict(slots)) for name, slots in found.items()
    )


def resolve(column: Column, asking: Asking) -> Resolution:
    """Return who contributes to a column's attribute, asking the best precedence first; raises `FlowFailed`."""
    if column.conflict is not None:
        raise FlowFailed(column.conflict)
    return (_merged if column.merge.merges else _single)(column.slots, asking)


def _single(slots: Sequence[Slot], asking: Asking) -> Resolution:
    traces: list[FlowTrace] = []
    ignored = decided = False
    winner: Slot | None = None
    winning: Value | None = None
    for slot in slots:
        if decided:
            if not asking.trace:
                break
            note = f"'{winner.rule.name}' has a better precedence" if winner else "AuthoritativeNull of a better rule"
            traces.append(_lost(slot, asking, note))
            continue
        value = _evaluate(slot, asking)
        if value is None:
            pass
        elif value is FlowSignal.IGNORE:
            ignored = True
        elif value is FlowSignal.AUTHORITATIVE_NULL:
            decided, ignored = True, False
        else:
            decided, winner, winning = True, slot, value
        if asking.trace:
            traces.append(_trace(slot, asking, value, won=winner is slot))
    if winner is not None:
        return Resolution(winning, False, (winner,), tuple(traces))
    return Resolution(None, ignored, (), tuple(traces))


def _merged(slots: Sequence[Slot], asking: Asking) -> Resolution:
    fold = slots[0].compiled.flow.merge is MergeType.MERGE_CASE_INSENSITIVE
    united: dict[object, Scalar] = {}
    winners: list[Slot] = []
    traces: list[FlowTrace] = []
    ignored = closed = False
    for slot in slots:
        if closed:
            traces.append(_lost(slot, asking, "AuthoritativeNull of a better rule"))
            continue
        value = _evaluate(slot, asking)
        ignored |= value is FlowSignal.IGNORE
        closed = value is FlowSignal.AUTHORITATIVE_NULL
        plain = None if isinstance(value, FlowSignal) else value
        if plain is not None:
            winners.append(slot)
            for scalar in each(plain):
                united.setdefault(scalar.casefold() if fold and isinstance(scalar, str) else scalar, scalar)
        if asking.trace:
            traces.append(_trace(slot, asking, value, won=plain is not None))
    if not united:
        return Resolution(None, ignored and not closed, (), tuple(traces))
    return Resolution(tuple(united.values()), False, tuple(winners), tuple(traces))


def _conflict(slots: Sequence[Slot]) -> Failure | None:
    first = slots[0]
    other = next((s for s in slots if s.compiled.flow.merge.merges is not first.compiled.flow.merge.merges), None)
    if other is None:
        return None
    return object_failure(
        "attribute-merge-mismatch",
        f"The rules '{first.rule.name}' ({first.compiled.flow.merge.value}) and '{other.rule.name}' "
        f"({other.compiled.flow.merge.value}) both set {first.compiled.flow.target} with different merge types",
    )


def _evaluate(slot: Slot, asking: Asking) -> Value | FlowSignal | None:
    if slot.compiled.flow.execute_once and not asking.creating:
        return FlowSignal.IGNORE
    try:
        return asking.evaluate(slot)
    except EvaluationError as error:
        raise FlowFailed(flow_failure(slot.rule, slot.compiled.flow, error)) from error


def _lost(slot: Slot, asking: Asking, note: str) -> FlowTrace:
    """Evaluate a flow that cannot win any more, for the record."""
    try:
        return _trace(slot, asking, asking.evaluate(slot), won=False, note=note)
    except EvaluationError as error:
        failed = f"would have failed: {error.message}"
        return _trace(slot, asking, None, won=False, note=failed, outcome="error")


_OUTCOMES = {FlowSignal.IGNORE: "ignored", FlowSignal.AUTHORITATIVE_NULL: "authoritative-null"}


def _trace(
    slot: Slot, asking: Asking, value: Value | FlowSignal | None, *, won: bool, note: str = "", outcome: str = ""
) -> FlowTrace:
    flow, rule = slot.compiled.flow, slot.rule
    if not outcome:
        outcome = _OUTCOMES[value] if isinstance(value, FlowSignal) else "null" if value is None else "value"
    return FlowTrace(
        attribute=flow.target,
        rule=rule.id,
        rule_name=rule.name,
        precedence=rule.precedence,
        kind=flow.kind,
        source=flow.text,
        data_source=asking.labels[slot.source],
        outcome=outcome,
        value=None if isinstance(value, FlowSignal) else value,
        won=won,
        note=note,
    )
