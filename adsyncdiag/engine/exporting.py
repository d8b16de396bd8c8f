"""From a pending export to a request for the tenant, and from its answer back into the connector space.

Pending, sent, unconfirmed, confirmed by the next import (engine.md 1.11). What was not accepted stays pending and is sent
again by the next export.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from adsyncdiag.engine.failures import repeated
from adsyncdiag.engine.subjects import object_at
from adsyncdiag.model.changes import ExportRequest, ExportResult, Organization, ReferenceChange, ReferenceTarget
from adsyncdiag.model.codes import Code
from adsyncdiag.model.objects import AttributeChange, ChangeKind, CsObject
from adsyncdiag.model.trace import Failure
from adsyncdiag.model.values import Reference, Scalar, each
from adsyncdiag.ports import Reader


def request_for(entry: CsObject, reader: Reader) -> ExportRequest:
    """Return the request that sends the pending export of *entry* (an add or an update)."""
    plain = tuple(change for change in entry.export_changes if not _is_reference(change))
    references = tuple(
        ReferenceChange(
            change.name,
            isinstance(change.new if change.new is not None else change.old, tuple),
            _targets(change.added, entry, reader),
            _targets(change.removed, entry, reader),
        )
        for change in entry.export_changes
        if _is_reference(change)
    )
    anchor = entry.intended.get("sourceAnchor")
    return ExportRequest(
        kind=entry.export_kind,
        object_type=entry.object_type,
        dn=entry.dn.text,
        source_anchor=anchor if isinstance(anchor, str) else "",
        cloud_anchor=entry.anchor,
        changes=plain,
        references=references,
        intended=entry.intended,
    )


def _is_reference(change: AttributeChange) -> bool:
    return any(isinstance(scalar, Reference) for scalar in (*each(change.new), *each(change.old)))


def _targets(values: tuple[Scalar, ...], entry: CsObject, reader: Reader) -> tuple[ReferenceTarget, ...]:
    found = []
    for value in values:
        if not isinstance(value, Reference):
            continue
        target = object_at(value.text, entry.connector, reader)
        found.append(ReferenceTarget(value.text, target.anchor if target is not None else ""))
    return tuple(found)


def refusal(entry: CsObject, organization: Organization, *, beside_another_sync: bool) -> Failure | None:
    """Return why this object must not be written to this tenant, or None (decision 12 of the architecture).

    A tenant mastered by another engine is protected: the object that people diagnose, the one missing from Entra, would
    else be created twice.
    """
    if not organization.on_premises_sync_enabled or beside_another_sync:
        return None
    name = organization.display_name or organization.tenant_id
    return Failure(
        Code.TENANT_MASTERED_ELSEWHERE,
        f"Directory synchronisation is on in the tenant {name}: another engine masters it, so {_wish(entry)} is refused",
        "Let the other engine (Entra Connect or Cloud Sync) export this object; the rows of the steps above show what it "
        "would get. Only if this tool shall write cloud-managed objects beside it, set `[entra] beside_another_sync = true` "
        "in adsyncdiag.toml.",
    )


def _wish(entry: CsObject) -> str:
    return {ChangeKind.ADD: "creating", ChangeKind.DELETE: "deleting"}.get(
        entry.export_kind, "updating"
    ) + " this object"


def record_result(entry: CsObject, result: ExportResult, now: datetime) -> CsObject:
    """Return *entry* after the tenant's answer: accepted changes unconfirmed, the others still pending."""
    accepted, failure = set(result.sent), result.failure
    sent = tuple(change for change in entry.export_changes if change.name in accepted)
    left = tuple(change for change in entry.export_changes if change.name not in accepted)
    exists = bool(result.cloud_anchor)
    names = {change.name for change in sent}
    kind = entry.export_kind if not exists else ChangeKind.UPDATE if left else ChangeKind.NONE
    return replace(
        entry,
        anchor=result.cloud_anchor or entry.anchor,
        export_kind=kind,
        export_changes=left,
        unconfirmed=(*(c for c in entry.unconfirmed if c.name not in names), *sent),
        shadows={**{n: s for n, s in entry.shadows.items() if n not in names}, **result.shadows},
        export_error=None
        if failure is None
        else repeated(entry.export_error, failure.code, failure.reason, failure.details, now),
        last_export=now,
    )


def record_interruption(entry: CsObject, code: str, message: str, now: datetime) -> CsObject:
    """Return *entry* after an export that got no answer: everything is still pending, with the error."""
    return replace(entry, export_error=repeated(entry.export_error, code, message, "", now))
