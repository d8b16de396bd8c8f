"""A short notation for synchronisation rules, so that the default rules fit on a few pages and can be compared with the documentation.

Names say the direction and the connector (`In from AD - ...`, `Out to AAD - ...`). Scopes are written
`a NOTEQUAL True & b ISNOTNULL | c EQUAL x` (`|` between groups), joins `a=b | c==d` (connector space first; `==` is
case-sensitive). Flow lists hold `name` or `target<source`, separated by blanks.
"""

from __future__ import annotations

from uuid import UUID

from adsyncdiag.connectors.lab.scenarios.identifiers import identifier
from adsyncdiag.model.configuration import ENTRA_CONNECTOR_ID
from adsyncdiag.model.rules import (
    Direction,
    Flow,
    FlowKind,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    ScopeOperator,
    SyncRule,
)

EACH_FOREST = UUID(int=0)
"""Stands for the connector in a rule that exists once for each forest."""


def rule(
    name: str, types: str, *parts: tuple[Flow, ...], link: str = "Join", scope: str = "", joins: str = ""
) -> SyncRule:
    """Return a rule without its place in the order; *types* is `source>target`, *parts* are lists of flows."""
    source, _, target = types.partition(">")
    return SyncRule(
        id=identifier("rule", name),
        name=name,
        direction=Direction.INBOUND if name.startswith("In from") else Direction.OUTBOUND,
        connector=ENTRA_CONNECTOR_ID if name.split(" - ")[0].endswith(" AAD") else EACH_FOREST,
        source_type=source,
        target_type=target,
        link_type=LinkType(link),
        precedence=0,
        scope=_scope(scope),
        joins=_joins(joins),
        flows=tuple(flow for part in parts for flow in part),
        immutable_tag=f"Microsoft.{name.replace(' - ', '').replace(' ', '')}.001",
    )


def direct(names: str) -> tuple[Flow, ...]:
    """Return flows that copy: `a b<c` copies a to a, and c to b."""
    return tuple(Flow(target, FlowKind.DIRECT, source or target) for target, source in _pairs(names))


def trimmed(names: str) -> tuple[Flow, ...]:
    """Return flows that copy without the blanks around the value."""
    return tuple(Flow(target, FlowKind.EXPRESSION, f"Trim([{source or target}])") for target, source in _pairs(names))


def constant(target: str, text: str) -> tuple[Flow, ...]:
    """Return one flow of a constant."""
    return (Flow(target, FlowKind.CONSTANT, text),)


def expression(target: str, text: str) -> tuple[Flow, ...]:
    """Return one flow of an expression."""
    return (Flow(target, FlowKind.EXPRESSION, text),)


def merged(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """Return *flows* with the merge type that unites values which differ in more than case."""
    return tuple(flow._replace(merge=MergeType.MERGE_CASE_INSENSITIVE) for flow in flows)


def once(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    """Return *flows* with *Apply once* set."""
    return tuple(flow._replace(execute_once=True) for flow in flows)


def without(flows: tuple[Flow, ...], names: str) -> tuple[Flow, ...]:
    """Return *flows* without those whose target is in *names*."""
    left_out = set(names.split())
    return tuple(flow for flow in flows if flow.target not in left_out)


def numbered(name: str, count: int) -> str:
    """Return `name1 name2 ...` up to *count*."""
    return " ".join(f"{name}{number}" for number in range(1, count + 1))


def _pairs(names: str) -> list[tuple[str, str]]:
    return [(target, source) for target, _, source in (name.partition("<") for name in names.split())]


def _scope(text: str) -> tuple[tuple[ScopeClause, ...], ...]:
    groups = [group for group in text.split("|") if group.strip()]
    return tuple(tuple(_clause(clause) for clause in group.split("&")) for group in groups)


def _clause(text: str) -> ScopeClause:
    attribute, operator, *value = text.split()
    return ScopeClause(attribute, ScopeOperator(operator), " ".join(value))


def _joins(text: str) -> tuple[tuple[JoinClause, ...], ...]:
    groups = []
    for clause in (part.strip() for part in text.split("|") if part.strip()):
        cs, _, mv = clause.partition("=")
        groups.append((JoinClause(cs, mv.lstrip("="), mv.startswith("=")),))
    return tuple(groups)
