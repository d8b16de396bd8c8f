"""Attribute rows of the import, sync and export steps, and the modified properties (cmdlets-and-graph.md 1.2, 1.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adsyncdiag.model.changes import OutboundPlan, StagingPlan, SyncPlan
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.objects import AttributeChange
from adsyncdiag.model.rules import FlowKind
from adsyncdiag.model.trace import AttributeRow, FlowTrace, MetaverseRow, ModifiedProperty
from adsyncdiag.model.values import AttributeType, Reference, Value, as_text, each

NOT_WRITABLE = "not writable through Graph"


def import_rows(plan: StagingPlan, connector: Connector) -> tuple[AttributeRow, ...]:
    """Return a row for every attribute an import brought or took away."""
    changes = {change.name: change for change in plan.changes}
    names = sorted({*plan.after.imported, *changes})
    return tuple(
        _row(name, plan.after.imported.get(name), changes.get(name), connector, data_source=connector.name)
        for name in names
    )


def sync_rows(
    plan: SyncPlan, outbound: OutboundPlan, target: Connector, configuration: ServerConfiguration
) -> tuple[AttributeRow, ...]:
    """Return a row for every attribute outbound synchronisation computed or removed, with the rule that won it."""
    if outbound.after is None:
        return ()
    winners = {trace.attribute: trace for trace in outbound.flows if trace.won}
    changes = {change.name: change for change in (*outbound.changes, *outbound.not_writable)}
    unwritable = {change.name for change in outbound.not_writable}
    return tuple(
        _row(
            name,
            outbound.after.intended.get(name),
            changes.get(name),
            target,
            flow=winners.get(name),
            data_source=_data_source(winners.get(name), plan, configuration),
            note=NOT_WRITABLE if name in unwritable else "",
        )
        for name in sorted({*outbound.after.intended, *changes})
    )


def _row(
    name: str,
    value: Value | None,
    change: AttributeChange | None,
    connector: Connector,
    *,
    flow: FlowTrace | None = None,
    data_source: str = "",
    note: str = "",
) -> AttributeRow:
    schema = connector.schema.attribute(name)
    shown = value if value is not None else change.old if change is not None else None
    return AttributeRow(
        name=name,
        type=schema.type if schema is not None else _type_of(shown),
        multi_valued=schema.multi_valued if schema is not None else isinstance(shown, tuple),
        value=value,
        added=change.added if change is not None else (),
        removed=change.removed if change is not None else (),
        operation=change.operation if change is not None else "none",
        rule=flow.rule_name if flow is not None else "",
        mapping=flow.kind.value if flow is not None else "",
        data_source=data_source,
        note=note,
    )


def _type_of(value: Value | None) -> AttributeType:
    first = next(iter(each(value)), "")
    kinds = {
        bool: AttributeType.BOOLEAN,
        int: AttributeType.NUMBER,
        bytes: AttributeType.BINARY,
        Reference: AttributeType.REFERENCE,
    }
    return kinds.get(type(first), AttributeType.STRING)


def _data_source(flow: FlowTrace | None, plan: SyncPlan, configuration: ServerConfiguration) -> str:
    """Name the connector a directly flowing metaverse value came from; else the metaverse."""
    if flow is None:
        return ""
    if flow.kind is FlowKind.DIRECT and plan.metaverse_after is not None:
        entry = plan.metaverse_after.attributes.get(flow.source)
        if entry is not None and entry.contributors:
            connector = configuration.connector(entry.contributors[0].connector)
            return connector.name if connector is not None else flow.data_source
    return flow.data_source


def modified_properties(changes: Iterable[AttributeChange]) -> tuple[ModifiedProperty, ...]:
    """Return the old and new value of every attribute the target gets; several values as counts."""
    found = []
    for change in changes:
        several = isinstance(change.old, tuple) or isinstance(change.new, tuple)
        if several:
            old, new = str(len(each(change.old))), str(len(each(change.new)))
            found.append(ModifiedProperty(f"{change.name} - Count", old, new, change.name))
        else:
            found.append(ModifiedProperty(change.name, _text(change.old), _text(change.new), change.name))
    return tuple(found)


def _text(value: Value | None) -> str | None:
    return None if value is None or isinstance(value, tuple) else as_text(value)


def metaverse_rows(plan: SyncPlan, configuration: ServerConfiguration) -> tuple[MetaverseRow, ...]:
    """Return every attribute of the metaverse object with its contributors."""
    if plan.metaverse_after is None:
        return ()
    names: Mapping[object, str] = {connector.id: connector.name for connector in configuration.connectors}
    return tuple(
        MetaverseRow(
            name,
            entry.value,
            ", ".join(c.rule_name for c in entry.contributors),
            ", ".join(dict.fromkeys(names.get(c.connector, str(c.connector)) for c in entry.contributors)),
        )
        for name, entry in sorted(plan.metaverse_after.attributes.items())
    )
