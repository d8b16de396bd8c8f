"""Join rules: find the one target object whose attributes match (engine.md 1.6).

Groups are tried in order. Exactly one match joins; none or several go on to the next group. A clause without a value
never matches. A source value with several values cannot be compared: `join-object-id-must-be-single-valued`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from adsyncdiag.engine.failures import FlowFailed, object_failure
from adsyncdiag.model.objects import CsObject, MvObject
from adsyncdiag.model.rules import JoinClause, SyncRule
from adsyncdiag.model.trace import JoinAttempt
from adsyncdiag.model.values import Attributes, Scalar, Value, as_text, each, matches
from adsyncdiag.ports import Reader


@dataclass(frozen=True, slots=True)
class JoinResult:
    """What the groups of one rule found: the target or None, every attempt, and whether any join attribute had a value."""

    target: UUID | None
    attempts: tuple[JoinAttempt, ...]
    had_value: bool


_Find = Callable[[JoinClause, Scalar], Sequence[tuple[UUID, Attributes]]]
"""Finds the candidates of a group's first clause: identifier and attributes to check the other clauses on."""


def join_metaverse(rule: SyncRule, source: Attributes, reader: Reader) -> JoinResult:
    """Try the groups of an inbound rule on a connector-space object's attributes."""

    def find(clause: JoinClause, value: Scalar) -> Sequence[tuple[UUID, Attributes]]:
        found = reader.mv_matching(rule.target_type, clause.mv_attribute, value, case_sensitive=clause.case_sensitive)
        return [(entry.id, entry.values) for entry in found]

    return _try_groups(rule, source, inbound=True, find=find)


def join_connector_space(rule: SyncRule, source: MvObject, reader: Reader) -> JoinResult:
    """Try the groups of an outbound rule on a metaverse object."""

    def find(clause: JoinClause, value: Scalar) -> Sequence[tuple[UUID, Attributes]]:
        found = reader.cs_matching(
            rule.connector, rule.target_type, clause.cs_attribute, value, case_sensitive=clause.case_sensitive
        )
        return [(entry.id, _searchable(entry)) for entry in found]

    return _try_groups(rule, source.values, inbound=False, find=find)


def _searchable(entry: CsObject) -> Attributes:
    return {**entry.intended, **entry.imported}


def _try_groups(rule: SyncRule, source: Attributes, *, inbound: bool, find: _Find) -> JoinResult:
    attempts: list[JoinAttempt] = []
    had_value = False
    for number, group in enumerate(rule.joins, start=1):
        values = [_value(source, clause.cs_attribute if inbound else clause.mv_attribute) for clause in group]
        had_value = had_value or any(value is not None for value in values)
        matches: tuple[UUID, ...] = ()
        if all(value is not None for value in values):
            matches = _matches(group, values, inbound=inbound, find=find)
            outcome = {0: "no object matches", 1: "joined"}.get(
                len(matches), f"{len(matches)} objects match, so none is taken"
            )
        else:
            outcome = "the object has no value to compare"
        shown = ", ".join("no value" if value is None else as_text(value) for value in values)
        text = " AND ".join(str(clause) for clause in group)
        attempts.append(JoinAttempt(rule.id, rule.name, number, text, shown, matches, outcome))
        if len(matches) == 1:
            return JoinResult(matches[0], tuple(attempts), had_value)
    return JoinResult(None, tuple(attempts), had_value)


def _matches(
    group: Sequence[JoinClause], values: Sequence[Scalar | None], *, inbound: bool, find: _Find
) -> tuple[UUID, ...]:
    first = values[0]
    if first is None:
        return ()
    return tuple(
        identifier
        for identifier, attributes in find(group[0], first)
        if all(
            value is not None
            and _equal(attributes.get(clause.mv_attribute if inbound else clause.cs_attribute), value, clause)
            for clause, value in zip(group[1:], values[1:], strict=True)
        )
    )


def _equal(own: Value | None, value: Scalar, clause: JoinClause) -> bool:
    return any(matches(scalar, value, case_sensitive=clause.case_sensitive) for scalar in each(own))


def _value(source: Attributes, name: str) -> Scalar | None:
    value = source.get(name)
    if not isinstance(value, tuple):
        return value
    if len(value) > 1:
        raise FlowFailed(
            object_failure(
                "join-object-id-must-be-single-valued",
                f"The join compares {name}, which has {len(value)} values on this object",
            )
        )
    return value[0]
