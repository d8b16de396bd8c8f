"""Whether rules, schemas and inclusion lists of an export fit together (server-export.md 5, *Consistency*)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from adsyncdiag.errors import ExpressionError
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.rules import Direction, Flow, FlowKind, SyncRule
from adsyncdiag.model.schema import Schema
from adsyncdiag.serverconfig.rule_xml import MEMBERSHIP

_PSEUDO = "dn"
"""Read and written by rules, yet in no schema and no inclusion list (server-export.md 1.1)."""
_IMPLICIT = frozenset({_PSEUDO, "objectClass"})
"""Imported whether they are selected or not (server-export.md 4.2)."""
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a rule needs and the export does not offer."""

    rule: str
    file: str
    attribute: str
    """The attribute, or "" where the object type itself is unknown."""
    sentence: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class _Side:
    """One end of a rule: a connector space or the metaverse, seen as one object type."""

    title: str
    schema: Schema
    object_type: str
    selected: frozenset[str] | None
    """The attributes that are imported; None for the metaverse, which has all of its own."""

    def lacks(self, attribute: str) -> str:
        """Return why *attribute* cannot be used here, or ""."""
        if attribute == _PSEUDO:
            return ""
        if self.schema.attribute(attribute) is None:
            return f"{self.title} has no such attribute{_suggestion(attribute, self.schema.attributes)}"
        if self.object_type in self.schema.classes and not self.schema.class_has(self.object_type, attribute):
            return f"the object type {self.object_type} of {self.title} does not have it"
        if self.selected is not None and attribute not in self.selected and attribute not in _IMPLICIT:
            return f"it is not selected for import from {self.title}"
        return ""


def check(
    configuration: ServerConfiguration, attributes_of: Callable[[str], Iterable[str]] = lambda text: ()
) -> tuple[Problem, ...]:
    """Return what the rules name and the export lacks, in the order of the rules; nothing for an export that fits together.

    Every attribute of a scoping filter, a join, a flow's target and source has to be in the schema and in the object
    type of its side and, for a connector space, in the inclusion list. `dn` is exempt, and so is the class where the
    type is `*`. A target that one rule sets twice is a problem too, for nothing says which of the flows counts.

    Args:
        configuration: The loaded export.
        attributes_of: Returns the attributes that the text of an expression reads, those in quotes included
            (`ImportedValue("mail")`); an `ExpressionError` of it becomes a problem. Without it expressions are passed over.
    """
    return tuple(problem for rule in configuration.rules for problem in _rule(configuration, rule, attributes_of))


def _rule(
    configuration: ServerConfiguration, rule: SyncRule, attributes_of: Callable[[str], Iterable[str]]
) -> Iterator[Problem]:
    connector = configuration.connector(rule.connector)
    if connector is None:  # the loader refuses such a rule
        return
    inbound = rule.direction is Direction.INBOUND
    space = _connector_space(connector, rule.source_type if inbound else rule.target_type)
    metaverse = _Side(
        "the metaverse", configuration.metaverse, rule.target_type if inbound else rule.source_type, selected=None
    )
    source, target = (space, metaverse) if inbound else (metaverse, space)
    for side in (source, target):
        if side.object_type != _ANY and side.object_type not in side.schema.classes:
            known = _suggestion(side.object_type, side.schema.classes)
            yield Problem(
                rule.name, rule.file, "", f"{side.title} has no object type called {side.object_type!r}{known}"
            )
    reads, wrong = _reads(rule, attributes_of)
    reported: set[tuple[str, str]] = set()
    for side, attribute, place in (*_scope_and_joins(rule, source, space, metaverse), *_flows(reads, source, target)):
        reason = side.lacks(attribute)
        if reason and (side.title, attribute) not in reported:
            reported.add((side.title, attribute))
            yield Problem(rule.name, rule.file, attribute, f"{place} names {attribute!r}, but {reason}")
    yield from wrong
    yield from _set_twice(rule)


def _connector_space(connector: Connector, object_type: str) -> _Side:
    return _Side(f"the connector {connector.name!r}", connector.schema, object_type, connector.attribute_inclusion)


def _scope_and_joins(rule: SyncRule, source: _Side, space: _Side, metaverse: _Side) -> Iterator[tuple[_Side, str, str]]:
    """Yield side, attribute and place of use; a scope is on the source in both directions, a join names both sides."""
    for group in rule.scope:
        for clause in group:
            if clause.attribute or clause.operator not in MEMBERSHIP:
                yield source, clause.attribute, "the scoping filter"
    for joined in rule.joins:
        for join in joined:
            yield space, join.cs_attribute, "a join"
            yield metaverse, join.mv_attribute, "a join"


def _reads(
    rule: SyncRule, attributes_of: Callable[[str], Iterable[str]]
) -> tuple[list[tuple[Flow, tuple[str, ...]]], list[Problem]]:
    """Return each flow with the attributes it reads, and the expressions that nobody can read."""
    reads: list[tuple[Flow, tuple[str, ...]]] = []
    wrong: list[Problem] = []
    for flow in rule.flows:
        names: tuple[str, ...] = (flow.text,) if flow.kind is FlowKind.DIRECT else ()
        if flow.kind is FlowKind.EXPRESSION:
            try:
                names = tuple(sorted(attributes_of(flow.text)))
            except ExpressionError as error:
                sentence = f"the expression of the flow to {flow.target} is wrong: {error.message}"
                wrong.append(Problem(rule.name, rule.file, flow.target, sentence))
        reads.append((flow, names))
    return reads, wrong


def _flows(
    reads: Iterable[tuple[Flow, tuple[str, ...]]], source: _Side, target: _Side
) -> Iterator[tuple[_Side, str, str]]:
    for flow, names in reads:
        yield target, flow.target, "a flow"
        for name in names:
            yield source, name, f"the flow to {flow.target}"


def _set_twice(rule: SyncRule) -> Iterator[Problem]:
    seen: set[str] = set()
    for flow in rule.flows:
        if flow.target in seen:
            yield Problem(rule.name, rule.file, flow.target, f"two flows of the rule set {flow.target!r}")
        seen.add(flow.target)


def _suggestion(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # 10 ms that only a problem has to pay

    folded = {other.lower(): other for other in known}
    close = get_close_matches(name.lower(), folded, n=1, cutoff=0.75)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""
