"""Step 10: export to Entra, or say why nothing is exported."""

from __future__ import annotations

from adsyncdiag.diagnosis.case import Case, StepOutcome, failed, passed, warned
from adsyncdiag.diagnosis.history import export_run, interrupted_run
from adsyncdiag.diagnosis.outage import outage
from adsyncdiag.diagnosis.rows import sync_rows
from adsyncdiag.engine.exporting import record_interruption, record_result, refusal, request_for
from adsyncdiag.errors import ConfigurationError, ConnectorError, Throttled
from adsyncdiag.model.changes import ExportResult, OutboundPlan, SyncPlan
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.objects import ChangeKind, CsObject
from adsyncdiag.model.trace import Action, AttributeRow, Failure, Json

EXPORT_OFF = "[entra] export is not true in adsyncdiag.toml"


def export_to_entra(case: Case) -> StepOutcome:
    """Step 10: send the pending export; with staging mode or with export switched off, describe it instead."""
    plan, outbound, target = case.plan, case.outbound, case.target
    if plan is None or outbound is None or outbound.after is None or target is None:
        raise ValueError("step 9 has not run")
    entry = outbound.after
    details = _details(outbound, entry)
    rows = _rows(plan, outbound, target, case)
    held_back = case.question.staging or ("" if case.world.export_enabled else EXPORT_OFF)
    if entry.export_kind is ChangeKind.NONE:
        return _nothing_to_do(held_back, details, rows, outbound)
    if held_back:
        wish, forecast = _forecast(case, entry)
        details |= {"staging": True, "stagingReason": held_back, "forecast": forecast or None}
        return passed(f"[Staging Mode] {wish}. Nothing was exported: {held_back}.", details, rows)
    try:
        result = _sent(case, entry)
    except (ConnectorError, Throttled) as error:
        _interrupted(case, entry, error)
        return outage(case, "Export object to Microsoft Entra ID", error, details, rows)
    if isinstance(result, Failure):
        return failed(result, "Nothing was exported: another engine masters this tenant.", details, rows)
    return _record(case, entry, result, details, rows)


def _nothing_to_do(
    held_back: str, details: dict[str, Json], rows: tuple[AttributeRow, ...], outbound: OutboundPlan
) -> StepOutcome:
    details["staging"] = bool(held_back)
    if outbound.not_writable:
        names = ", ".join(change.name for change in outbound.not_writable[:5])
        return passed(f"Nothing to export. Not writable through Graph, and so only computed: {names}.", details, rows)
    return passed("Nothing to export: Entra has every value already.", details, rows)


def _sent(case: Case, entry: CsObject) -> ExportResult | Failure:
    """Send the pending export, unless the tenant is another engine's."""
    tenant = case.world.tenant()
    refused = refusal(entry, tenant.organization(), beside_another_sync=case.world.beside_another_sync)
    if refused is not None:
        return refused
    with case.world.store.unit_of_work() as work:
        request = request_for(entry, work)
    return tenant.export(request)


def _interrupted(case: Case, entry: CsObject, error: ConnectorError | Throttled) -> None:
    """Keep the error on the object; its export stays pending."""
    now = case.world.clock()
    with case.world.store.unit_of_work() as work:
        work.save_cs(record_interruption(entry, error.code, error.message, now))
        work.add_run(interrupted_run(case, entry, "export", error, now))


def _record(
    case: Case, entry: CsObject, result: ExportResult, details: dict[str, Json], rows: tuple[AttributeRow, ...]
) -> StepOutcome:
    now = case.world.clock()
    after = record_result(entry, result, now)
    with case.world.store.unit_of_work() as work:
        work.save_cs(after)
        work.add_run(export_run(case, entry, result, now))
    case.exported = after
    details |= {
        "runStepResult": result.failure.code if result.failure is not None else "success",
        "cloudAnchor": after.anchor or None,
        "adopted": result.adopted,
        "exportedAttributes": list(result.sent),
        "stillPending": [change.name for change in after.export_changes],
        "unresolvedTargetReferences": list(result.unresolved),
    }
    if result.adopted:
        case.action = Action.UPDATE
    notes = [
        *result.warnings,
        *(f"not exported, because its object is not in Entra: {name}" for name in result.unresolved),
    ]
    case.warnings.extend(notes)
    if result.failure is not None:
        return failed(result.failure, "Entra refused the export.", details, rows)
    done = "adopted: Entra has an object with this source anchor already" if result.adopted else (
        "created" if entry.export_kind is ChangeKind.ADD else "updated"
    )  # fmt: skip
    if notes:
        return warned(f"The Entra object was {done}. {' '.join(_sentence(note) for note in notes)}", details, rows)
    return passed(f"The Entra object was {done}.", details, rows)


def _sentence(note: str) -> str:
    return note if note.endswith(".") else note + "."


def _forecast(case: Case, entry: CsObject) -> tuple[str, str]:
    """Return what an export would do, and what the tenant says to that: it may hold an object with this source anchor.

    A tenant that cannot be asked, for want of a client secret too, spoils nothing: nothing is exported anyway.
    """
    if entry.export_kind is not ChangeKind.ADD:
        return _wish(entry, "updated"), ""
    if not entry.export_changes:
        refusal = "Graph can write no attribute of objects of this type, so the tenant would refuse to create one"
        return f"The Entra object would be a new {entry.object_type}", refusal
    anchor = entry.intended.get("sourceAnchor")
    if not isinstance(anchor, str):
        return _wish(entry, "created"), "it has no source anchor to be found by again, so the tenant would refuse it"
    try:
        found = case.world.tenant().find(entry.object_type, anchor)
    except (ConnectorError, Throttled, ConfigurationError) as error:
        return _wish(entry, "created"), f"the tenant could not be asked: {error.message}"
    if found is None:
        return _wish(entry, "created"), "no object with this source anchor is in the tenant, so one would be created"
    case.action = Action.UPDATE
    carries = f"{found.anchor} carries this source anchor already, so it would be adopted and updated"
    return _wish(entry, "adopted and updated"), carries


def _wish(entry: CsObject, verb: str) -> str:
    count = len(entry.export_changes)
    return f"The Entra object would be {verb} with {count} {'attribute' if count == 1 else 'attributes'}"


def _details(outbound: OutboundPlan, entry: CsObject) -> dict[str, Json]:
    return {
        "objectInConnectorSpace": str(entry.id),
        "objectType": entry.object_type,
        "objectOperation": outbound.kind.value,
        "distinguishedName": entry.dn.text,
        "notWritable": [change.name for change in outbound.not_writable],
    }


def _rows(plan: SyncPlan, outbound: OutboundPlan, target: Connector, case: Case) -> tuple[AttributeRow, ...]:
    changed = {change.name for change in (*outbound.changes, *outbound.not_writable)}
    return tuple(row for row in sync_rows(plan, outbound, target, case.world.configuration) if row.name in changed)
