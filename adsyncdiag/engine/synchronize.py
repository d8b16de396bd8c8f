"""Synchronise one connector-space object: inbound to the metaverse, then outbound to every target (engine.md 1.4).

Preview, single-object sync, diagnosis and cycles are four callers of `plan_synchronization`. It reads and decides; the
plan it returns says what would change and why, and applying it is a separate act (`applying.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from adsyncdiag.engine.deletion import plan_deletion, survives, without_unexported
from adsyncdiag.engine.failures import FlowFailed, noted, object_failure
from adsyncdiag.engine.joining import join_metaverse
from adsyncdiag.engine.metaverse import Flowed, Source, flow_inbound
from adsyncdiag.engine.outbound import Target, WritabilityOf, plan_outbound
from adsyncdiag.engine.subjects import Engine, source_of
from adsyncdiag.model.changes import OutboundPlan, SyncPlan
from adsyncdiag.model.objects import ChangeKind, CsObject, Link, LinkAction, MvObject, dn_key
from adsyncdiag.model.rules import LinkType, SyncRule
from adsyncdiag.model.trace import JoinAttempt


@dataclass(frozen=True, slots=True)
class Linking:
    """Where an object belongs: its metaverse object (None: it stays a disconnector), the link, and how it was found."""

    metaverse: MvObject | None
    link: Link | None
    attempts: tuple[JoinAttempt, ...]
    note: str
    creating: bool = False


def plan_synchronization(
    entry: CsObject, engine: Engine, writability: WritabilityOf, new_id: Callable[[], UUID]
) -> SyncPlan:
    """Return what synchronising *entry* changes; a failing rule makes a plan with `failure`, and nothing else in it applies."""
    own: dict[str, UUID] = {}
    source, verdicts = source_of(entry, engine, own)
    plan = SyncPlan(entry, entry, verdicts)
    try:
        before = engine.reader.mv(entry.link.metaverse) if entry.link is not None else None
        linking = _link(entry, before, source, engine, new_id)
        plan = replace(plan, joins=linking.attempts, link_note=linking.note)
        planning = _Planning(plan, source, linking, own, engine, writability, new_id)
        if linking.metaverse is None or linking.link is None:
            return _disconnected(planning, before)
        own[dn_key(entry.dn)] = linking.metaverse.id
        return _synchronized(planning, before)
    except FlowFailed as failed:
        after = replace(entry, sync_error=noted(entry, failed.failure, engine.now))
        return replace(plan, after=after, flows=failed.flows, metaverse_after=None, failure=failed.failure)


@dataclass(frozen=True, slots=True)
class _Planning:
    plan: SyncPlan
    source: Source
    linking: Linking
    own: dict[str, UUID]
    engine: Engine
    writability: WritabilityOf
    new_id: Callable[[], UUID]


# --- the link -----------------------------------------------------------------------------------------------------


def _link(
    entry: CsObject, linked: MvObject | None, source: Source, engine: Engine, new_id: Callable[[], UUID]
) -> Linking:
    """Keep the link while a rule in scope provides one; else join, project, or leave the object a disconnector."""
    providers = [compiled.rule for compiled in source.rules if compiled.rule.provides_link]
    if entry.link is not None:
        if not providers:
            return Linking(None, None, (), "unlinked: no inbound rule in scope provides the link any more")
        if linked is not None:
            return Linking(linked, entry.link, (), f"linked already, by the rule '{entry.link.rule_name}'")
    return _join_or_project(entry, source, providers, engine, new_id)


def _join_or_project(
    entry: CsObject, source: Source, providers: list[SyncRule], engine: Engine, new_id: Callable[[], UUID]
) -> Linking:
    attempts: list[JoinAttempt] = []
    for rule in providers:
        joined = join_metaverse(rule, source.attributes, engine.reader)
        attempts.extend(joined.attempts)
        if joined.target is not None:
            target = engine.reader.mv(joined.target)
            if target is not None:
                _refuse_second(entry, target, rule, engine)
                link = Link(target.id, rule.id, rule.name, LinkAction.JOINED, engine.now)
                return Linking(target, link, tuple(attempts), f"joined by the rule '{rule.name}'")
        if rule.link_type is LinkType.PROVISION and (joined.had_value or not rule.joins):
            made = MvObject(new_id(), rule.target_type)
            link = Link(made.id, rule.id, rule.name, LinkAction.PROJECTED, engine.now)
            return Linking(made, link, tuple(attempts), f"projected by the rule '{rule.name}'", creating=True)
    return Linking(None, None, tuple(attempts), _why_disconnected(source, providers, attempts))


def _refuse_second(entry: CsObject, target: MvObject, rule: SyncRule, engine: Engine) -> None:
    """A metaverse object never has two objects of one connector; the error is the later object's and names the other."""
    other = next(
        (o for o in engine.reader.connected(target.id) if o.connector == entry.connector and o.id != entry.id), None
    )
    if other is not None:
        raise FlowFailed(
            object_failure(
                "ambiguous-import-flow-from-multiple-connectors",
                f"The rule '{rule.name}' joins this object to a metaverse object that {other.dn} of the same connector is linked to",
            )
        )


def _why_disconnected(source: Source, providers: list[SyncRule], attempts: list[JoinAttempt]) -> str:
    if not source.rules:
        return "disconnector: no inbound rule is in scope for this object"
    if not providers:
        return "disconnector: no inbound rule in scope joins or provisions"
    if attempts and all(a.outcome == "the object has no value to compare" for a in attempts):
        names = ", ".join(dict.fromkeys(a.clauses.split(" = ")[0] for a in attempts))
        return f"disconnector: no join attribute has a value ({names}), and a rule provisions only where one has"
    return "disconnector: no join found a metaverse object and no rule in scope provisions one"


# --- the object without a metaverse object ----------------------------------------------------------------------------


def _disconnected(planning: _Planning, before: MvObject | None) -> SyncPlan:
    """Recall what the object contributed; a metaverse object that others keep alive flows on to its targets without it."""
    plan, engine = planning.plan, planning.engine
    after = _settled(replace(plan.before, link=None, unresolved=()), engine)
    if before is None:
        return replace(plan, after=after)
    others = [o for o in engine.reader.connected(before.id) if o.id != plan.before.id]
    sources = [source_of(o, engine, {})[0] for o in others if o.was_imported]
    if survives(sources):
        flowed = flow_inbound(before, sources, engine.book, creating=False, trace=engine.trace, now=engine.now)
        plan = replace(plan, after=after, metaverse_before=before, metaverse_after=flowed.entry, flows=flowed.traces)
        return replace(plan, outbound=_outbound(planning, flowed, others))
    outbound = plan_deletion(others, engine.book.configuration)
    return replace(plan, after=after, metaverse_before=before, metaverse_after=None, outbound=outbound)


def _settled(entry: CsObject, engine: Engine) -> CsObject:
    """Return the object with its pending import applied and its error cleared."""
    return replace(entry, import_kind=ChangeKind.NONE, synchronized=None, sync_error=None, last_sync=engine.now)


# --- the object with one ----------------------------------------------------------------------------------------------


def _synchronized(planning: _Planning, before: MvObject | None) -> SyncPlan:
    plan, linking, engine = planning.plan, planning.linking, planning.engine
    target = linking.metaverse
    if target is None:
        return plan
    others = [] if linking.creating else [o for o in engine.reader.connected(target.id) if o.id != plan.before.id]
    sources = [planning.source, *(source_of(o, engine, planning.own)[0] for o in others if o.was_imported)]
    was = before if before is not None else None if linking.creating else target
    if not survives(sources):
        after = _settled(replace(plan.before, link=None), engine)
        outbound = plan_deletion(others, engine.book.configuration)
        return replace(plan, after=after, metaverse_before=was or target, outbound=outbound)
    flowed = flow_inbound(target, sources, engine.book, creating=linking.creating, trace=engine.trace, now=engine.now)
    missing = planning.source.references.missing
    after = _settled(replace(plan.before, link=linking.link, unresolved=tuple(missing)), engine)
    outbound = _outbound(planning, flowed, [after, *others])
    written_back = next((p.after for p in outbound if p.after is not None and p.after.id == after.id), None)
    return replace(
        plan,
        after=written_back or after,
        metaverse_before=was,
        metaverse_after=flowed.entry,
        flows=flowed.traces,
        outbound=outbound,
        unresolved=tuple(missing.values()),
    )


def _outbound(planning: _Planning, flowed: Flowed, linked: Sequence[CsObject]) -> tuple[OutboundPlan, ...]:
    existing = {entry.connector: entry for entry in linked}
    plans = []
    for connector in planning.engine.book.configuration.connectors:
        if not planning.engine.book.outbound(connector.id, flowed.entry.object_type):
            continue
        target = Target(connector, existing.get(connector.id), planning.new_id, planning.writability)
        try:
            plan = plan_outbound(flowed.entry, target, planning.engine)
        except FlowFailed as failed:
            raise FlowFailed(failed.failure, flowed.traces) from failed
        plans.append(_without_old_error(without_unexported(plan)))
    return tuple(plans)


def _without_old_error(plan: OutboundPlan) -> OutboundPlan:
    """An export that failed and is not pending any more has no error any more."""
    if plan.after is None or plan.kind is not ChangeKind.NONE or plan.after.export_error is None:
        return plan
    return replace(plan, after=replace(plan.after, export_error=None))
