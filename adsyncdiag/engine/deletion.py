"""When a metaverse object dies, and what dies with it (engine.md 1.7).

Rule: a metaverse object lives as long as at least one connector-space object is linked to it through an inbound rule in
scope of link type Provision or StickyJoin. A plain Join keeps nothing alive. When it dies, every object that an
outbound Provision rule created for it is staged for delete; objects that were only joined are disconnected. An object
that was provisioned and never exported has nothing to delete: without its link it is removed (engine.md 1.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adsyncdiag.engine.metaverse import Source
from adsyncdiag.model.changes import OutboundPlan
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.model.objects import ChangeKind, CsObject, LinkAction


def survives(sources: Sequence[Source]) -> bool:
    """Say whether the metaverse object that *sources* are linked to stays alive."""
    return any(source.keeps_alive for source in sources)


def plan_deletion(connected: Sequence[CsObject], configuration: ServerConfiguration) -> tuple[OutboundPlan, ...]:
    """Return what happens to the objects linked to a metaverse object that dies."""
    return tuple(_leave(entry, configuration) for entry in connected)


def without_unexported(plan: OutboundPlan) -> OutboundPlan:
    """Return *plan*, or in place of the delete of an object that the target never had, its removal (`after` is None).

    Never exported means without an anchor. Should an export have been carried out and its answer been lost for good, the
    next import brings that object as one of nobody's, and it is joined by its source anchor.
    """
    if plan.kind is not ChangeKind.DELETE or plan.before is None or plan.before.anchor:
        return plan
    note = "the object that was to be created is dropped again: it was never exported, so there is nothing to delete"
    return replace(plan, after=None, kind=ChangeKind.NONE, note=note)


def _leave(entry: CsObject, configuration: ServerConfiguration) -> OutboundPlan:
    connector = configuration.connector(entry.connector)
    name = connector.name if connector is not None else str(entry.connector)
    if entry.link is not None and entry.link.action is LinkAction.PROVISIONED:
        after = replace(entry, export_kind=ChangeKind.DELETE, export_changes=())
        note = (
            "the metaverse object it was provisioned for has nothing left that keeps it alive, so it would be deleted"
        )
        plan = OutboundPlan(entry.connector, name, (), before=entry, after=after, kind=ChangeKind.DELETE, note=note)
        return without_unexported(plan)
    note = "disconnected: the metaverse object it was joined to has nothing left that keeps it alive"
    return OutboundPlan(entry.connector, name, (), before=entry, after=replace(entry, link=None), note=note)
