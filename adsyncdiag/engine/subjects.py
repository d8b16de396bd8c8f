"""What rules see of an object: parameters, scope subject, expression context, rules in scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adsyncdiag.engine.metaverse import Source
from adsyncdiag.engine.references import InboundReferences
from adsyncdiag.engine.rulebook import CompiledRule, RuleBook
from adsyncdiag.engine.scope import Membership, ScopeSubject
from adsyncdiag.errors import UsageError
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.configuration import Connector, Partition
from adsyncdiag.model.names import Dn, braced
from adsyncdiag.model.objects import CsObject, MvObject
from adsyncdiag.model.trace import RuleVerdict
from adsyncdiag.model.values import Attributes, Reference, each
from adsyncdiag.ports import Reader


@dataclass(frozen=True, slots=True)
class Engine:
    """What every decision needs: the rules, the store's look-ups, the moment."""

    book: RuleBook
    reader: Reader
    now: datetime
    trace: bool = True
    """False leaves out the record of losing flows and of rules; decisions are the same."""


def parameters_of(connector: Connector, partition: Partition | None) -> Mapping[str, str]:
    """Return what `%Name%` stands for: the partition's, else the connector's value; `%Connector.ID%` is the engine's own."""
    own = {"Connector.ID": braced(connector.id)}
    return {**connector.parameters, **(partition.parameters if partition is not None else {}), **own}


def readable(entry: CsObject) -> Attributes:
    """Return the attributes rules read of a connector-space object, with its own `dn`."""
    return {**entry.current, "dn": entry.dn.text}


def source_of(entry: CsObject, engine: Engine, own_links: Mapping[str, UUID]) -> tuple[Source, tuple[RuleVerdict, ...]]:
    """Return a connector-space object with its inbound rules in scope, and the verdict of every rule when tracing.

    *own_links* are links that the plan under way makes, by folded DN.
    """
    connector = engine.book.configuration.connector(entry.connector)
    if connector is None:
        raise UsageError(f"{entry.dn} belongs to a connector that the server configuration does not have")
    attributes = readable(entry)
    parameters = parameters_of(connector, connector.partition(entry.partition))
    subject = ScopeSubject(attributes, parameters, _membership(entry, engine.reader))
    rules = engine.book.inbound(entry.connector, entry.object_type)
    active, verdicts = _in_scope(rules, connector, subject, engine)
    context = Context(
        attributes=attributes, imported={**entry.imported, "dn": entry.dn.text}, parameters=parameters, now=engine.now
    )
    references = InboundReferences(engine.reader, entry.connector, own_links)
    return Source(entry, connector.name, active, attributes, context, references), verdicts


def target_rules(
    connector: Connector, entry: MvObject, engine: Engine
) -> tuple[tuple[CompiledRule, ...], tuple[RuleVerdict, ...], Context]:
    """Return the outbound rules in scope for a metaverse object, every verdict when tracing, and the context of their flows."""
    values = entry.values
    parameters = parameters_of(connector, None)
    subject = ScopeSubject(values, parameters, _metaverse_membership(entry, connector, engine.reader))
    rules = engine.book.outbound(connector.id, entry.object_type)
    active, verdicts = _in_scope(rules, connector, subject, engine)
    return active, verdicts, Context(attributes=values, imported=None, parameters=parameters, now=engine.now)


def _in_scope(
    rules: Sequence[CompiledRule], connector: Connector, subject: ScopeSubject, engine: Engine
) -> tuple[tuple[CompiledRule, ...], tuple[RuleVerdict, ...]]:
    """Return the rules in scope, and when tracing the verdict of every rule."""
    if not engine.trace:
        held: dict[int, bool] = {}
        for compiled in rules:
            if id(compiled.scope) not in held:
                held[id(compiled.scope)] = compiled.scope.holds(subject)
        return tuple(r for r in rules if held[id(r.scope)] and not r.rule.disabled), ()
    verdicts = tuple(r.scope.explain(r.rule, connector.name, subject) for r in rules)
    return tuple(r for r, verdict in zip(rules, verdicts, strict=True) if verdict.in_scope), verdicts


def _membership(entry: CsObject, reader: Reader) -> Membership:
    """Ask the group's object in the same connector space whether it lists this one."""

    def member_of(group: str) -> bool:
        found = object_at(group, entry.connector, reader)
        return found is not None and lists_member(found, entry.dn)

    return member_of


def _metaverse_membership(entry: MvObject, connector: Connector, reader: Reader) -> Membership:
    """Ask the metaverse object of the group, found by its DN in the connector's space, whether it lists this one."""

    def member_of(group: str) -> bool:
        found = object_at(group, connector.id, reader)
        owner = reader.mv(found.link.metaverse) if found is not None and found.link is not None else None
        return owner is not None and Reference(str(entry.id)) in each(owner.values.get("member"))

    return member_of


def object_at(dn: str, connector: UUID, reader: Reader) -> CsObject | None:
    """Return the object of a connector space at *dn*; None where there is none, or *dn* is no distinguished name."""
    try:
        return reader.cs_by_dn(connector, Dn.parse(dn))
    except UsageError:
        return None


def lists_member(group: CsObject, dn: Dn) -> bool:
    """Say whether the staged *group* lists the object at *dn*."""
    return any(isinstance(v, Reference) and _names(v, dn) for v in each(group.imported.get("member")))


def _names(reference: Reference, dn: Dn) -> bool:
    try:
        return Dn.parse(reference.text) == dn
    except UsageError:
        return False
