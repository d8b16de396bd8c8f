"""The metaverse object of a set of connector-space objects: every attribute resolved anew from all of them.

Recomputing the whole object from its connectors, instead of applying one object's changes to it, makes the result
independent of the order of imports, and recalls the values of an object that left without special care.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adsyncdiag.engine.precedence import NOBODY, Asking, Resolution, Slot, resolve, table_of
from adsyncdiag.engine.references import InboundReferences
from adsyncdiag.engine.rulebook import CompiledRule, RuleBook
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.objects import Contribution, CsObject, MvObject, MvValue
from adsyncdiag.model.rules import LinkType
from adsyncdiag.model.trace import FlowTrace
from adsyncdiag.model.values import Attributes, Value


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
    identity: MvObject, sources: Sequence[Source], book: RuleBook, *, creating: bool, trace: bool, now: datetime
) -> Flowed:
    """Return *identity* with every attribute resolved over *sources*; raises `FlowFailed` when a winning flow fails."""
    attributes: dict[str, MvValue] = {}
    kind = identity.object_type
    traces: list[FlowTrace] = []
    asking = Asking(
        contexts=[source.context for source in sources],
        resolvers=[source.references.resolve for source in sources],
        creating=creating,
        labels=[source.connector_name for source in sources],
        traces=traces if trace else None,
    )
    rules = tuple(source.rules for source in sources)
    table = book.remembered((kind, rules), lambda: table_of(rules, lambda rule: rule.target_type in (kind, "*")))
    for column in table.worth_asking(asking.contexts):
        resolution = resolve(column, asking)
        if resolution is NOBODY:
            continue
        old = identity.attributes.get(column.attribute)
        if resolution.keep_old:
            if old is not None:
                attributes[column.attribute] = old
        elif resolution.value is not None:
            attributes[column.attribute] = _contributed(resolution, resolution.value, old, sources, now)
    return Flowed(MvObject(identity.id, kind, attributes), tuple(traces))


def _contributed(
    resolution: Resolution, value: Value, old: MvValue | None, sources: Sequence[Source], now: datetime
) -> MvValue:
    if old is not None:
        if old.value != value or type(old.value) is not type(value):
            old = None
        elif _unchanged(resolution, old, sources):
            return old
    return MvValue(
        value, tuple(_contribution(slot, sources[slot.source].entry, old, now) for slot in resolution.winners)
    )


def _unchanged(resolution: Resolution, old: MvValue, sources: Sequence[Source]) -> bool:
    """Say whether the same rules and objects contribute what they did before: then nothing of the value is made anew."""
    if len(old.contributors) != len(resolution.winners):
        return False
    return all(
        earlier.rule.int == slot.rule.id.int and earlier.cs_object.int == sources[slot.source].entry.id.int
        for earlier, slot in zip(old.contributors, resolution.winners, strict=True)
    )


def _contribution(slot: Slot, entry: CsObject, old: MvValue | None, now: datetime) -> Contribution:
    """Return who contributes; since when is kept while value, rule and object stay the same."""
    for earlier in old.contributors if old is not None else ():
        if earlier.rule == slot.rule.id and earlier.cs_object == entry.id:
            return earlier
    return Contribution(slot.rule.id, slot.rule.name, entry.connector, entry.id, now)
