"""The metaverse object of a set of connector-space objects: every attribute resolved anew from all of them.

Recomputing the whole object from its connectors, instead of applying one object's changes to it, makes the result
independent of the order of imports, and recalls the values of an object that left without special care.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adsyncdiag.engine.coercion import check_length, coerce
from adsyncdiag.engine.precedence import Candidate, Resolution, resolve
from adsyncdiag.engine.references import InboundReferences
from adsyncdiag.engine.rulebook import CompiledFlow, CompiledRule
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.objects import Contribution, CsObject, MvObject, MvValue
from adsyncdiag.model.rules import LinkType
from adsyncdiag.model.trace import FlowTrace
from adsyncdiag.model.values import Attributes, AttributeType, FlowSignal, Value


@dataclass(frozen=True, slots=True)
class Source:
    """One connector-space object that contributes: its rules in scope and what its expressions read."""

    entry: CsObject
    connector_name: str
    rules: tuple[CompiledRule, ...]
    attributes: Attributes
    """What rules read of it: the current view, with its `dn`."""
    context: Context
    references: InboundReferences

    @property
    def keeps_alive(self) -> bool:
        """True when a rule in scope keeps the metaverse object alive (engine.md 1.7)."""
        return any(r.rule.link_type in (LinkType.PROVISION, LinkType.STICKY_JOIN) for r in self.rules)


@dataclass(frozen=True, slots=True)
class Flowed:
    """The metaverse object after inbound flows, with the record of every flow."""

    entry: MvObject
    traces: tuple[FlowTrace, ...]


def flow_inbound(
    identity: MvObject, sources: Sequence[Source], *, creating: bool, trace: bool, now: datetime
) -> Flowed:
    """Return *identity* with every attribute resolved over *sources*; raises `FlowFailed` when a winning flow fails."""
    attributes: dict[str, MvValue] = {}
    traces: list[FlowTrace] = []
    for name, candidates in _candidates(identity.object_type, sources).items():
        resolution = resolve(candidates, creating=creating, trace=trace)
        traces.extend(resolution.traces)
        old = identity.attributes.get(name)
        if resolution.keep_old:
            if old is not None:
                attributes[name] = old
        elif resolution.value is not None:
            attributes[name] = _contributed(resolution, old, now)
    return Flowed(MvObject(identity.id, identity.object_type, attributes), tuple(traces))


def _candidates(metaverse_type: str, sources: Sequence[Source]) -> dict[str, list[Candidate]]:
    ranked = sorted(
        ((rule.rule.precedence, order, rule, source) for order, source in enumerate(sources) for rule in source.rules),
        key=lambda item: item[:2],
    )
    found: dict[str, list[Candidate]] = {}
    for _, _, compiled, source in ranked:
        rule = compiled.rule
        if rule.link_type is LinkType.JOIN_NO_FLOW or rule.target_type not in (metaverse_type, "*"):
            continue
        for flow in compiled.flows:
            found.setdefault(flow.flow.target, []).append(
                Candidate(rule, flow, source.entry, source.connector_name, _evaluation(flow, source))
            )
    return found


def _evaluation(compiled: CompiledFlow, source: Source) -> Callable[[], Value | FlowSignal | None]:
    target, evaluate, context = compiled.target, compiled.evaluate, source.context

    def value() -> Value | FlowSignal | None:
        result = coerce(evaluate(context), target)
        if result is None or isinstance(result, FlowSignal) or target is None:
            return result
        if target.type is AttributeType.REFERENCE:
            return source.references.resolve(result)
        check_length(result, target)
        return result

    return value


def _contributed(resolution: Resolution, old: MvValue | None, now: datetime) -> MvValue:
    contributors = tuple(
        _contribution(candidate, old, resolution.value, now)
        for candidate in resolution.winners
        if isinstance(candidate.source, CsObject)
    )
    value = resolution.value
    return MvValue(value if value is not None else "", contributors)


def _contribution(candidate: Candidate, old: MvValue | None, value: Value | None, now: datetime) -> Contribution:
    entry: CsObject = candidate.source  # type: ignore[assignment]
    since = now
    for earlier in old.contributors if old is not None and old.value == value else ():
        if (earlier.rule, earlier.cs_object) == (candidate.rule.id, entry.id):
            since = earlier.since
    return Contribution(candidate.rule.id, candidate.rule.name, entry.connector, entry.id, since)


def contributed_by(entry: MvObject, cs_object: UUID) -> tuple[str, ...]:
    """Return the attributes of *entry* that a connector-space object contributes to."""
    return tuple(n for n, v in entry.attributes.items() if any(c.cs_object == cs_object for c in v.contributors))
