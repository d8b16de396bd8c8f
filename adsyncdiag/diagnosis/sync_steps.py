"""Steps 7 to 9: import from AD, import from Entra, synchronise. Step 10 is `export_step.py`."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from adsyncdiag.diagnosis.case import Case, StepOutcome, failed, passed, skipped, warned
from adsyncdiag.diagnosis.history import import_run, interrupted_run
from adsyncdiag.diagnosis.rows import import_rows, sync_rows
from adsyncdiag.engine.applying import apply_import, apply_synchronization
from adsyncdiag.engine.outbound import WritabilityOf
from adsyncdiag.engine.staging import Place, find_stored, plan_import
from adsyncdiag.engine.subjects import Engine
from adsyncdiag.engine.synchronize import plan_synchronization
from adsyncdiag.errors import ConnectorError, Throttled
from adsyncdiag.model.changes import OutboundPlan, StagingPlan, SyncPlan, Writability
from adsyncdiag.model.configuration import Connector, ConnectorKind
from adsyncdiag.model.objects import NOTHING, ChangeKind, CsObject, Image
from adsyncdiag.model.trace import Action, Failure, Json
from adsyncdiag.ports import UnitOfWork

_ACTIONS = {ChangeKind.ADD: Action.CREATE, ChangeKind.UPDATE: Action.UPDATE, ChangeKind.DELETE: Action.DELETE}


def import_from_ad(case: Case) -> StepOutcome:
    """Step 7: stage the object in its AD connector space."""
    world, connector, image = case.world, case.connector, case.image
    if connector is None or image is None or case.partition is None:
        raise ValueError("steps 1 and 4 have not run")
    place = Place(connector.id, case.partition.id, world.clock(), world.new_id)
    with world.store.unit_of_work() as work:
        stored, displaced = find_stored(image, place, work)
        case.staged = plan_import(image, stored, displaced, place)
        apply_import(case.staged, work)
        work.add_run(import_run(case, connector, case.staged, place))
    case.source = case.staged.after
    details = _staged_details(case.staged)
    rows = import_rows(case.staged, connector)
    words = {ChangeKind.ADD: "is new", ChangeKind.NONE: "has not changed since the last import"}
    return passed(
        f"The object {words.get(case.staged.kind, 'has changed')} in the connector space of {connector.name}.",
        details,
        rows,
    )


def import_from_entra(case: Case) -> StepOutcome:
    """Step 8: refresh the Entra object that this one is joined to; a failed read only warns; a service that asks to wait (`Throttled`) ends the run."""
    world, target, source = case.world, case.target, case.source
    if target is None or source is None:
        raise ValueError("steps 2 and 7 have not run")
    with world.store.unit_of_work() as work:
        joined = _joined(source, target, work)
    if joined is None:
        return skipped("No Entra object is joined yet.")
    if not joined.anchor:
        return skipped(
            "The joined Entra object was never exported, so there is nothing to read.", {"targetObject": str(joined.id)}
        )
    place = Place(target.id, joined.partition, world.clock(), world.new_id)
    try:
        image = world.tenant().read(joined.object_type, joined.anchor)
    except (ConnectorError, Throttled) as error:
        with world.store.unit_of_work() as work:
            work.add_run(interrupted_run(case, joined, "delta-import", error, place.now))
        if isinstance(error, Throttled):
            raise
        return _unread(case, error)
    if image is None:
        return _gone(case, joined, place)
    image = _keeping_dn(image, joined)
    with world.store.unit_of_work() as work:
        case.target_staged = plan_import(image, joined, None, place)
        apply_import(case.target_staged, work)
        work.add_run(import_run(case, target, case.target_staged, place))
    details = _staged_details(case.target_staged)
    details["confirmedExports"] = list(case.target_staged.confirmed)
    rows = import_rows(case.target_staged, target)
    astray = [change.name for change in case.target_staged.not_reimported]
    if astray:
        details["exportedChangeNotReimported"] = list(astray)
        case.warnings.append(f"Exported changes did not come back: {', '.join(astray)}")
        found = "Something else changed what was exported: " + ", ".join(astray) + "."
        return warned(found, details, rows, _not_reimported(joined, astray))
    return passed(f"The joined Entra object {joined.anchor} was read.", details, rows)


def synchronize(case: Case) -> StepOutcome:
    """Step 9: run the rules, inbound and outbound, and commit the result (also in staging mode)."""
    world, target, source = case.world, case.target, case.source
    if target is None or source is None:
        raise ValueError("steps 2 and 7 have not run")
    with world.store.unit_of_work() as work:
        engine = Engine(world.book, work, world.clock())
        plan = plan_synchronization(source, engine, _writability(case), world.new_id)
        outbound = next((p for p in plan.outbound if p.connector == target.id), None)
        case.plan, case.outbound = plan, outbound
        refused = _refusal(plan)
        if refused is None:
            apply_synchronization(plan, work)
        waiting = work.waiting_for(source.connector, source.dn)
    details = _sync_details(plan, outbound, len(waiting))
    if plan.failure is not None:
        return failed(plan.failure, "A synchronisation rule failed on this object.", details)
    if refused is not None:
        case.action = Action.DELETE
        return failed(refused, "The object would be deleted, which single-object synchronisation refuses.", details)
    if plan.metaverse_after is None or plan.after.link is None:
        return failed(
            _explain().no_metaverse_object(plan),
            "The object has no metaverse object: inbound rules filter it.",
            details,
        )
    if outbound is None or outbound.after is None:
        missing = outbound or OutboundPlan(target.id, target.name, ())
        return failed(
            _explain().no_target_object(plan, missing), "No outbound rule brings the object to Entra.", details
        )
    case.action = _ACTIONS.get(outbound.kind, Action.OTHER)
    rows = sync_rows(plan, outbound, target, world.configuration)
    return passed(_sync_sentence(outbound), details, rows)


def _explain() -> ModuleType:
    """Return the module that explains a stop; a run that goes through does not pay for it."""
    from adsyncdiag.diagnosis import explain

    return explain


# --- parts --------------------------------------------------------------------------------------------------------


def _joined(source: CsObject, target: Connector, work: UnitOfWork) -> CsObject | None:
    if source.link is None:
        return None
    return next((o for o in work.connected(source.link.metaverse) if o.connector == target.id), None)


def _keeping_dn(image: Image, joined: CsObject) -> Image:
    """The DN of an Entra object is the sync engine's own; a group read without its anchor keeps the one it has."""
    return image if image.dn.key == joined.dn.key else replace(image, dn=joined.dn)


def _unread(case: Case, error: ConnectorError) -> StepOutcome:
    """The failure of this import is the step's own and not the run's (cmdlets-and-graph.md 1.3)."""
    case.warnings.append(f"Import from Entra failed: {error.message}")
    return warned(
        "The Entra object could not be read; the run goes on with what was known.",
        {"runStepResult": error.code},
        failure=Failure(error.code, error.message, error.hint or "Try again later."),
    )


def _not_reimported(joined: CsObject, astray: list[str]) -> Failure:
    return Failure(
        "exported-change-not-reimported",
        f"Values of {joined.anchor} that were exported came back otherwise: {', '.join(astray)}",
        "The values of this engine are exported again. If that repeats, find out who else writes them in the tenant (another "
        "synchronisation, a script, an administrator), or whether the service alters them without an error.",
    )


def _gone(case: Case, joined: CsObject, place: Place) -> StepOutcome:
    """Someone deleted the Entra object: it becomes a pending add again, as the import of its deletion would make it."""
    after = replace(
        joined, anchor="", imported=NOTHING, synchronized=None, import_kind=ChangeKind.NONE,
        unconfirmed=(), shadows={}, export_kind=ChangeKind.ADD, last_import=None,
    )  # fmt: skip
    if case.target is None:
        raise ValueError("step 2 has not run")
    case.target_staged = StagingPlan(ChangeKind.DELETE, joined, after)
    with case.world.store.unit_of_work() as work:
        work.save_cs(after)
        work.add_run(import_run(case, case.target, case.target_staged, place))
    case.warnings.append(f"The Entra object {joined.anchor} is gone from {case.target.name}")
    return warned(
        f"The Entra object {joined.anchor} is no longer in the tenant, so it will be created again.",
        {"runStepResult": "success", "objectOperation": "delete", "cloudAnchor": joined.anchor},
    )


def _staged_details(plan: StagingPlan) -> dict[str, Json]:
    after = plan.after
    return {
        "runStepResult": "success",
        "objectInConnectorSpace": str(after.id),
        "objectType": after.object_type,
        "objectOperation": plan.kind.value,
        "distinguishedName": after.dn.text,
        "renamedFrom": plan.before.dn.text if plan.before is not None and plan.before.dn != after.dn else None,
    }


def _writability(case: Case) -> WritabilityOf:
    tenant = case.world.tenant()

    def of(connector: Connector, object_type: str, attribute: str) -> Writability:
        return (
            tenant.writability(object_type, attribute) if connector.kind is ConnectorKind.ENTRA else Writability.WRITE
        )

    return of


def _refusal(plan: SyncPlan) -> Failure | None:
    """Return why the plan must not be applied: it deletes an object of some connector."""
    deleting = next((p for p in plan.outbound if p.kind is ChangeKind.DELETE), None)
    return _explain().would_delete(plan, deleting) if deleting is not None and plan.failure is None else None


def _sync_details(plan: SyncPlan, outbound: OutboundPlan | None, waiting: int) -> dict[str, Json]:
    after = plan.metaverse_after
    operation = "none" if after is None else "add" if plan.metaverse_before is None else "update"
    if plan.deletes_metaverse_object:
        operation = "delete"
    if after is not None and plan.metaverse_before is not None and plan.metaverse_before.attributes == after.attributes:
        operation = "none"
    verdicts = (*plan.verdicts, *(v for p in plan.outbound for v in p.verdicts))
    details: dict[str, Json] = {
        "syncStepResult": plan.failure.code if plan.failure is not None else "success",
        "link": plan.link_note,
        "outOfScopeSyncRules": {f"{v.rule_name} ({v.connector})": v.reason for v in verdicts if not v.in_scope},
        "metaverseObject": str(after.id) if after is not None else None,
        "metaverseObjectType": after.object_type if after is not None else None,
        "metaverseObjectOperation": operation,
        "sourceObject": str(plan.before.id),
        "unresolvedReferences": list(plan.unresolved),
    }
    if waiting:
        details["objectsWaitingForThisOne"] = waiting
    if outbound is not None:
        details["targetObject"] = str(outbound.after.id) if outbound.after is not None else None
        details["targetObjectOperation"] = outbound.kind.value
        details["targetLink"] = outbound.note
        details["unresolvedTargetReferences"] = list(outbound.unresolved)
        details["notWritable"] = [change.name for change in outbound.not_writable]
    return details


def _sync_sentence(outbound: OutboundPlan) -> str:
    if outbound.kind is ChangeKind.NONE:
        return "The rules compute nothing that Entra does not have already."
    count = len(outbound.changes)
    verb = "created" if outbound.kind is ChangeKind.ADD else "updated"
    return f"The Entra object is to be {verb} with {count} {'attribute' if count == 1 else 'attributes'}."
