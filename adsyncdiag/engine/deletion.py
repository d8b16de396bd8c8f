"""When a metaverse object dies, and what dies with it (engine.md 1.7).

Rule: a metaverse object lives as long as at least one connector-space object is linked to it through an inbound rule in
scope of link type Provision or StickyJoin. A plain Join keeps nothing alive. When it dies, every object that an
outbound Provision rule created for it is staged for delete; objects that were only joined are disconnected.
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


def _leave(entry: CsObject, configuration: ServerConfiguration) -> OutboundPlan:
    connector = configuration.connector(entry.connector)
    name = connector.name if connector is not None else str(entry.connector)
    if entry.link is not None and entry.link.action is LinkAction.PROVISIONED:
        after = replace(entry, export_kind=ChangeKind.DELETE, export_changes=())
        note = (
            "the metaverse object it was provisioned for has nothing left that keeps it alive, so it would be deleted"
        )
        return OutboundPlan(entry.connector, name, (), before=entry, after=after, kind=ChangeKind.DELETE, note=note)
    note = "disconnected: the metaverse object it was joined to has nothing left that keeps it alive"
    return OutboundPlan(entry.connector, name, (), before=entry, after=replace(entry, link=None), note=note)
