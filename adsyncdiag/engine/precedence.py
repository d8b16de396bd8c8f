"""Who wins an attribute: precedence, IgnoreThisFlow, AuthoritativeNull, NULL and merging (engine.md 1.8).

One number line, lower wins. Asked from the best rule down:

1. IgnoreThisFlow: as if this flow did not exist; when the others give NULL or are ignored too, the old value is kept. A direct
   flow among them whose source attribute is gone takes the value away all the same: else the shipped group rules, whose
   best flow of `member` is IgnoreThisFlow, would leave the last members of an emptied group in Entra for ever.
2. AuthoritativeNull: no value, and nobody below is asked. Inside a merge it keeps what better rules gave.
3. NULL, "" or an empty list: nothing to contribute; the next is asked.
4. Anything else wins. With a merge type the values of all contributors are united, exact duplicates dropped; the
   case-insensitive merge keeps the spelling of the better rule (which one survives is not documented).
5. Nobody contributed: the attribute is removed.

A flow marked *apply once* counts only while its target object is being created; afterwards it is ignored.
Flows of losing rules are evaluated for the record only: an error that would have lost is shown and fails nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adsyncdiag.engine.failures import FlowFailed, flow_failure, object_failure
from adsyncdiag.engine.rulebook import CompiledFlow, CompiledRule
from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.evaluation import Context
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
    merges: bool
    conflict: Failure | None
    """Set when the rules disagree about merging."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a set of rules in scope, found by the attributes an object has: most columns of most objects stay NULL."""

    columns: tuple[Column, ...]
    always: frozenset[int]
    """Columns to ask whatever the object has: a constant, an apply-once flow, a merge, a conflict."""
    by_attribute: tuple[Mapping[str, tuple[int, ...]], ...]
    """For each source: the columns that an attribute can bring a value to."""
    names: frozenset[str]

    def worth_asking(self, contexts: Sequence[Context]) -> Iterator[Column]:
        """Yield the columns that can have a value, in order."""
        chosen = set(self.always)
        for index, context in zip(self.by_attribute, contexts, strict=True):
            for name in index.keys() & context.attributes.keys():
                chosen.update(index[name])
        columns = self.columns
        for number in sorted(chosen):
            yield columns[number]


Resolve = Callable[[Value], "Value | None"]
"""Turns the references of a source into those of the target; None when none resolves."""


class Resolution(NamedTuple):
    """The outcome for one attribute."""

    value: Value | None
    keep_old: bool
    """True when the old value stays as it is (IgnoreThisFlow and nobody else)."""
    winners: tuple[Slot, ...]


NOBODY = Resolution(None, False, ())
KEPT = Resolution(None, True, ())


@dataclass(slots=True)
class Asking:
    """How flows are asked: what each source reads and how its references resolve, and what is written down.

    Flows none of whose source attributes are present give NULL; they are neither asked nor written down.
    """

    contexts: Sequence[Context]
    resolvers: Sequence[Resolve]
    creating: bool
    labels: Sequence[str]
    """Name of each source, for the record."""
    traces: list[FlowTrace] | None
    """The record; None where nobody wants it."""

    def gives(self, slot: Slot) -> Value | FlowSignal | None:
        """Return what a flow gives in its target's type; raises `EvaluationError`."""
        compiled, context = slot.compiled, self.contexts[slot.source]
        if compiled.needs and context.attributes.keys().isdisjoint(compiled.needs):
            return None
        value = compiled.value(context)
        if compiled.is_reference and value is not None and not isinstance(value, FlowSignal):
            return self.resolvers[slot.source](value)
        return value

    def record(self, slot: Slot, value: Value | FlowSignal | None, *, won: bool) -> None:
        """Write down a flow that was asked."""
        if self.traces is not None and (value is not None or not slot.compiled.needs):
            self.traces.append(_trace(slot, self, value, won=won))


def table_of(rules: Sequence[Sequence[CompiledRule]], accepts: Callable[[SyncRule], bool]) -> Table:
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
    columns = tuple(
        Column(name, tuple(slots), slots[0].compiled.flow.merge.merges, _conflict(slots))
        for name, slots in found.items()
    )
    always = frozenset(n for n, c in enumerate(columns) if c.merges or c.conflict or any(map(_unconditional, c.slots)))
    return Table(columns, always, tuple(_index(columns, n) for n in range(len(rules))), frozenset(found))


def _unconditional(slot: Slot) -> bool:
    """Say whether a flow may do something without any attribute; an apply-once flow keeps the old value."""
    return not slot.compiled.needs or slot.compiled.flow.execute_once


def _index(columns: Sequence[Column], source: int) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for number, column in enumerate(columns):
        for name in {name for slot in column.slots if slot.source == source for name in slot.compiled.needs}:
            found.setdefault(name, []).append(number)
    return {name: tuple(numbers) for name, numbers in found.items()}


def resolve(column: Column, asking: Asking) -> Resolution:
    """Return who contributes to a column's attribute, asking the best precedence first; raises `FlowFailed`."""
    if column.conflict is not None:
        raise FlowFailed(column.conflict)
    if column.merges:
        return _merged(column.slots, asking)
    return _single(column.slots, asking) if asking.traces is not None else _quick(column.slots, asking)


def _quick(slots: Sequence[Slot], asking: Asking) -> Resolution:
    """Decide as `_single` does, without a record: the way of cycles, where every call counts."""
    ignored = source_is_empty = False
    for slot in slots:
        compiled, context = slot.compiled, asking.contexts[slot.source]
        if compiled.flow.execute_once and not asking.creating:
            ignored = True
            continue
        value: Value | FlowSignal | None = None
        if not compiled.needs or not context.attributes.keys().isdisjoint(compiled.needs):
            try:
                value = compiled.value(context)
            except EvaluationError as error:
                raise FlowFailed(flow_failure(slot.rule, compiled.flow, error)) from error
        if value is None:
            source_is_empty |= compiled.is_direct
        elif value is FlowSignal.IGNORE:
            ignored = True
        elif value is FlowSignal.AUTHORITATIVE_NULL:
            return NOBODY
        elif not compiled.is_reference:
            return Resolution(value, False, (slot,))
        elif (resolved := asking.resolvers[slot.source](value)) is not None:
            return Resolution(resolved, False, (slot,))
        else:
            source_is_empty |= compiled.is_direct
    return KEPT if ignored and not source_is_empty else NOBODY


def _single(slots: Sequence[Slot], asking: Asking) -> Resolution:
    ignored = source_is_empty = False
    for number, slot in enumerate(slots):
        value = _asked(slot, asking)
        if value is None:
            source_is_empty |= slot.compiled.is_direct
            asking.record(slot, None, won=False)
        elif value is FlowSignal.IGNORE:
            ignored = True
            asking.record(slot, value, won=False)
        elif value is FlowSignal.AUTHORITATIVE_NULL:
            asking.record(slot, value, won=False)
            _note_losers(slots[number + 1 :], asking, "AuthoritativeNull of a better rule")
            return NOBODY
        else:
            asking.record(slot, value, won=True)
            _note_losers(slots[number + 1 :], asking, f"'{slot.rule.name}' has a better precedence")
            return Resolution(value, False, (slot,))
    return KEPT if ignored and not source_is_empty else NOBODY


def _merged(slots: Sequence[Slot], asking: Asking) -> Resolution:
    fold = slots[0].compiled.flow.merge is MergeType.MERGE_CASE_INSENSITIVE
    united: dict[object, Scalar] = {}
    winners: list[Slot] = []
    ignored = closed = False
    for number, slot in enumerate(slots):
        value = _asked(slot, asking)
        plain = None if isinstance(value, FlowSignal) else value
        asking.record(slot, value, won=plain is not None)
        if plain is not None:
            winners.append(slot)
            for scalar in each(plain):
                united.setdefault(scalar.casefold() if fold and isinstance(scalar, str) else scalar, scalar)
        ignored |= value is FlowSignal.IGNORE
        if value is FlowSignal.AUTHORITATIVE_NULL:
            closed = True
            _note_losers(slots[number + 1 :], asking, "AuthoritativeNull of a better rule")
            break
    if not united:
        return KEPT if ignored and not closed else NOBODY
    return Resolution(tuple(united.values()), False, tuple(winners))


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


def _asked(slot: Slot, asking: Asking) -> Value | FlowSignal | None:
    if slot.compiled.flow.execute_once and not asking.creating:
        return FlowSignal.IGNORE
    try:
        return asking.gives(slot)
    except EvaluationError as error:
        raise FlowFailed(flow_failure(slot.rule, slot.compiled.flow, error)) from error


def _note_losers(slots: Sequence[Slot], asking: Asking, note: str) -> None:
    """Evaluate flows that cannot win any more, for the record only."""
    if asking.traces is None:
        return
    for slot in slots:
        try:
            value = asking.gives(slot)
        except EvaluationError as error:
            failed = f"would have failed: {error.message}"
            asking.traces.append(_trace(slot, asking, None, won=False, note=failed, outcome="error"))
            continue
        if value is not None:
            asking.traces.append(_trace(slot, asking, value, won=False, note=note))


_OUTCOMES = {FlowSignal.IGNORE: "ignored", FlowSignal.AUTHORITATIVE_NULL: "authoritative-null"}


def _trace(
    slot: Slot, asking: Asking, value: Value | FlowSignal | None, *, won: bool, note: str = "", outcome: str = ""
) -> FlowTrace:
    flow, rule = slot.compiled.flow, slot.rule
    if not outcome:
        outcome = _OUTCOMES[value] if isinstance(value, FlowSignal) else "null" if value is None else "value"
    return FlowTrace(
        flow.target,
        rule.id,
        rule.name,
        rule.precedence,
        flow.kind,
        flow.text,
        asking.labels[slot.source],
        outcome,
        None if isinstance(value, FlowSignal) else value,
        won,
        note,
    )
