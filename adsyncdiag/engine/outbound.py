"""Outbound synchronisation: what a metaverse object becomes in one target connector space (engine.md 1.4, steps 8 to 11).

Linked already: kept, unless the rule that provisioned it left scope (then its delete is staged). Not linked: join rules,
then a reverse join on the computed DN, then provisioning. The pending export is the difference between what the rules
compute and what the target is known to hold: the last import with the exports that are still unconfirmed laid over it.
Attributes the target cannot write are kept as intended and listed; they are never pending.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from adsyncdiag.engine.failures import FlowFailed, object_failure
from adsyncdiag.engine.joining import join_connector_space
from adsyncdiag.engine.precedence import Asking, resolve, table_of
from adsyncdiag.engine.references import OutboundReferences
from adsyncdiag.engine.rulebook import CompiledRule
from adsyncdiag.engine.subjects import Engine, target_rules
from adsyncdiag.errors import EvaluationError, UsageError
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.changes import OutboundPlan, Writability
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import AttributeChange, ChangeKind, CsObject, Link, LinkAction, MvObject
from adsyncdiag.model.rules import LinkType, SyncRule
from adsyncdiag.model.trace import FlowTrace, JoinAttempt
from adsyncdiag.model.values import Attributes, Value, each, same

WritabilityOf = Callable[[Connector, str, str], Writability]
"""Says what the target can do with an attribute: connector, object type, attribute."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target connector, the object the metaverse object has there already, and how to make a new one."""

    connector: Connector
    existing: CsObject | None
    new_id: Callable[[], UUID]
    writability: WritabilityOf


def plan_outbound(entry: MvObject, target: Target, engine: Engine) -> OutboundPlan:
    """Return what *entry* becomes in *target*; raises `FlowFailed` when a winning flow fails on it."""
    connector = target.connector
    active, verdicts, context = target_rules(connector, entry, engine)
    found, joins, note = _find(entry, target, active, context, engine)
    if found is None:
        return OutboundPlan(connector.id, connector.name, verdicts, joins, note=note)
    if found.link is None:
        raise UsageError(f"{found.dn} is a target without a link")
    before = target.existing or engine.reader.cs(found.id)
    rules = tuple(r for r in active if r.rule.target_type == found.object_type)
    provisioning = next((r.rule for r in rules if r.rule.link_type is LinkType.PROVISION), None)
    if provisioning is None and found.link.action is LinkAction.PROVISIONED:
        gone = replace(found, export_kind=ChangeKind.DELETE, export_changes=())
        return OutboundPlan(
            connector.id, connector.name, verdicts, joins, (), before, gone, ChangeKind.DELETE, note=_gone(found)
        )
    if provisioning is not None and found.link.action is not LinkAction.PROVISIONED:
        found = replace(found, link=_link(entry, provisioning, LinkAction.PROVISIONED, engine))
    flowing = _Flowing(entry, found, target, engine, rules, context)
    return _flowed(flowing, OutboundPlan(connector.id, connector.name, verdicts, joins, before=before, note=note))


def _gone(found: CsObject) -> str:
    rule = found.link.rule_name if found.link is not None else ""
    return f"the rule '{rule}', which provisioned this object, is no longer in scope, so the object would be deleted"


def _link(entry: MvObject, rule: SyncRule, action: LinkAction, engine: Engine) -> Link:
    return Link(entry.id, rule.id, rule.name, action, engine.now)


def _find(
    entry: MvObject, target: Target, active: Sequence[CompiledRule], context: Context, engine: Engine
) -> tuple[CsObject | None, tuple[JoinAttempt, ...], str]:
    """Return the target object, linked, the join attempts, and a note on how it was found."""
    if target.existing is not None:
        return target.existing, (), "linked already"
    attempts: list[JoinAttempt] = []
    for compiled in active:
        rule = compiled.rule
        if not rule.provides_link:
            continue
        joined = join_connector_space(rule, entry, engine.reader)
        attempts.extend(joined.attempts)
        action = LinkAction.PROVISIONED if rule.link_type is LinkType.PROVISION else LinkAction.JOINED
        if joined.target is not None:
            found = engine.reader.cs(joined.target)
            return _take(found, rule, action, entry, engine), tuple(attempts), f"joined by the rule '{rule.name}'"
        if rule.link_type is LinkType.PROVISION and (joined.had_value or not rule.joins):
            made, note = _provision(entry, compiled, target, context, engine)
            return made, tuple(attempts), note
    return None, tuple(attempts), "no outbound rule in scope provisions or joins an object here"


def _take(found: CsObject | None, rule: SyncRule, action: LinkAction, entry: MvObject, engine: Engine) -> CsObject:
    if found is None:
        raise UsageError(f"the store lost the object that the rule '{rule.name}' joined")
    if found.link is not None and found.link.metaverse != entry.id:
        raise FlowFailed(
            object_failure(
                "ambiguous-export-flow-to-single-valued-attribute",
                f"The rule '{rule.name}' joins {found.dn}, which is linked to another metaverse object ({found.link.metaverse})",
            )
        )
    return replace(found, link=_link(entry, rule, action, engine))


def _provision(
    entry: MvObject, compiled: CompiledRule, target: Target, context: Context, engine: Engine
) -> tuple[CsObject, str]:
    rule = compiled.rule
    dn = _computed_dn(compiled, context)
    existing = engine.reader.cs_by_dn(target.connector.id, dn)
    if existing is not None:
        taken = _take(existing, rule, LinkAction.PROVISIONED, entry, engine)
        return taken, f"reverse join: an object with the computed DN exists already, found by the rule '{rule.name}'"
    partition = target.connector.partition_of(dn) or target.connector.partitions[0]
    made = CsObject(
        id=target.new_id(),
        connector=target.connector.id,
        partition=partition.id,
        dn=dn,
        object_type=rule.target_type,
        export_kind=ChangeKind.ADD,
        link=_link(entry, rule, LinkAction.PROVISIONED, engine),
    )
    return made, f"provisioned by the rule '{rule.name}'"


def _computed_dn(compiled: CompiledRule, context: Context) -> Dn:
    flow = next((f for f in compiled.flows if f.flow.target == "dn"), None)
    if flow is None:
        raise FlowFailed(
            object_failure("missing-dn", f"The rule '{compiled.rule.name}' provisions without a flow to dn")
        )
    try:
        value = flow.value(context)
        text = value if isinstance(value, str) else getattr(value, "text", "")
        return Dn.parse(text)
    except (EvaluationError, UsageError) as error:
        raise FlowFailed(
            object_failure("invalid-dn", f"The rule '{compiled.rule.name}' computes no valid dn: {error.message}")
        ) from error


@dataclass(frozen=True, slots=True)
class _Flowing:
    """A target object whose attributes are being computed."""

    entry: MvObject
    found: CsObject
    target: Target
    engine: Engine
    rules: Sequence[CompiledRule]
    context: Context


def _flowed(flowing: _Flowing, plan: OutboundPlan) -> OutboundPlan:
    found, target = flowing.found, flowing.target
    references = OutboundReferences(flowing.engine.reader, target.connector.id, {flowing.entry.id: found.dn.text})
    base = found.held
    intended, computed, traces = _compute(flowing, references, base)
    changes: list[AttributeChange] = []
    unwritable: list[AttributeChange] = []
    for name in sorted(computed):
        new = intended.get(name)
        if new == base.get(name) == found.intended.get(name) and type(new) is type(base.get(name)):
            continue  # nothing new, whatever the target can do with it
        writability = target.writability(target.connector, found.object_type, name)
        held = found.intended.get(name) if writability is Writability.NONE else base.get(name)
        if same(held, new):
            continue
        writes = writability in (Writability.WRITE, Writability.WRITE_REFERENCE)
        (changes if writes else unwritable).append(AttributeChange(name, held, new))
    adding = found.export_kind is ChangeKind.ADD
    kind = ChangeKind.ADD if adding else ChangeKind.UPDATE if changes else ChangeKind.NONE
    after = replace(found, intended=intended, export_kind=kind, export_changes=tuple(changes))
    return replace(
        plan,
        flows=traces,
        after=after,
        kind=kind,
        changes=tuple(changes),
        not_writable=tuple(unwritable),
        unresolved=_names(references.missing, flowing.engine),
    )


def _compute(
    flowing: _Flowing, references: OutboundReferences, base: Attributes
) -> tuple[dict[str, Value], set[str], tuple[FlowTrace, ...]]:
    """Return the computed attributes, the names some rule speaks about, and the record of the flows."""
    intended: dict[str, Value] = {}
    computed: set[str] = set()
    traces: list[FlowTrace] = []
    found = flowing.found
    asking = Asking(
        contexts=(flowing.context,),
        resolvers=(references.resolve,),
        creating=found.export_kind is ChangeKind.ADD,
        labels=("Metaverse",),
        traces=traces if flowing.engine.trace else None,
    )
    rules = (tuple(flowing.rules),)
    table = flowing.engine.book.remembered(rules, lambda: table_of(rules, lambda _rule: True))
    computed |= table.names & (base.keys() | found.intended.keys())  # where nobody contributes, what is there goes
    for column in table.worth_asking(asking.contexts):
        name = column.attribute
        value, keep_old, _ = resolve(column, asking)
        if name == "dn":
            continue
        if value is None and (keep_old or column.merges):
            computed.discard(name)
            old = base.get(name, found.intended.get(name))
            if old is not None:
                intended[name] = old
        elif value is not None:
            intended[name] = _united(base.get(name), value) if column.merges else value
            computed.add(name)
    computed.discard("dn")
    return intended, computed, tuple(traces)


def _united(old: Value | None, new: Value) -> Value:
    """Outbound merging adds to what the target has (write-back of one x500 address keeps the others; engine.md 1.8)."""
    before, after = each(old), each(new)
    folded = {v.casefold() if isinstance(v, str) else v for v in before}
    return (*before, *(v for v in after if (v.casefold() if isinstance(v, str) else v) not in folded))


def _names(missing: Sequence[UUID], engine: Engine) -> tuple[str, ...]:
    """Name metaverse objects without a counterpart, for people; the first fifty suffice."""
    names = []
    for identifier in dict.fromkeys(missing[:50]):
        entry = engine.reader.mv(identifier)
        values = entry.values if entry is not None else {}
        names.append(str(values.get("displayName") or values.get("cn") or identifier))
    return tuple(names)
