"""The record of a run: identities, systems, path, modified properties, put together from what the steps found."""

from __future__ import annotations

from datetime import datetime

from adsyncdiag.diagnosis.case import Case
from adsyncdiag.diagnosis.rows import metaverse_rows, modified_properties
from adsyncdiag.model.changes import SyncPlan
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.objects import ChangeKind, CsObject
from adsyncdiag.model.trace import (
    Action,
    Hop,
    HopState,
    Identity,
    Json,
    Status,
    StepResult,
    SyncRecord,
    System,
)
from adsyncdiag.model.values import Value, as_text

SOURCE_NAME = "Active Directory"
TARGET_NAME = "Microsoft Entra ID"
_PLACES = (SOURCE_NAME, "AD connector space", "Metaverse", "Entra connector space", TARGET_NAME)
_TYPES = {
    "user": "User",
    "inetorgperson": "User",
    "group": "Group",
    "contact": "Contact",
    "computer": "Device",
    "device": "Device",
}


def record_of(
    case: Case, steps: tuple[StepResult, ...], stopped: StepResult | None, started: datetime, ended: datetime
) -> SyncRecord:
    """Return the record of a run that ended, by itself or at the step *stopped*."""
    world, plan, outbound = case.world, case.plan, case.outbound
    verdicts = (*(plan.verdicts if plan else ()), *(v for p in (plan.outbound if plan else ()) for v in p.verdicts))
    after = plan.metaverse_after if plan is not None else None
    return SyncRecord(
        id=world.new_id(),
        tenant_id=world.tenant_id,
        cycle_id=world.new_id(),
        job_id=world.job_id,
        change_id=str(case.source.id) if case.source is not None else "",
        started=started,
        ended=ended,
        action=case.action if _reached(stopped) else Action.OTHER,
        status=_status(steps, stopped),
        staging=any(step.details.get("staging") is True for step in steps),
        initiated_by=world.user,
        initiator_type=world.initiator_type,
        service_principal=world.service_principal,
        source=System(str(case.connector.id) if case.connector else "", SOURCE_NAME, _name(case.connector)),
        target=System(str(case.target.id) if case.target else "", TARGET_NAME, _name(case.target)),
        source_identity=_source_identity(case),
        target_identity=_target_identity(case),
        steps=steps,
        failure=stopped.failure if stopped is not None else None,
        warnings=tuple(case.warnings),
        modified=modified_properties(outbound.changes) if outbound is not None and outbound.after is not None else (),
        rules=verdicts,
        joins=(*(plan.joins if plan else ()), *(j for p in (plan.outbound if plan else ()) for j in p.joins)),
        flows=(*(plan.flows if plan else ()), *(outbound.flows if outbound else ())),
        metaverse=metaverse_rows(plan, world.configuration) if plan is not None else (),
        metaverse_id=str(after.id) if after is not None else "",
        metaverse_type=after.object_type if after is not None else "",
        path=path_of(steps, stopped, case),
        version=world.version,
    )


def path_of(steps: tuple[StepResult, ...], stopped: StepResult | None, case: Case) -> tuple[Hop, ...]:
    """Return the five places of the object's path and how far it came."""
    if stopped is None:
        last = steps[-1]
        pending = case.outbound is not None and case.outbound.kind is not ChangeKind.NONE
        exported = not (pending and any(step.details.get("staging") is True for step in steps))
        states = [HopState.REACHED] * 4 + [HopState.REACHED if exported else HopState.NOT_REACHED]
        if exported and last.status is Status.WARNING:
            states[4] = HopState.WARNING
        notes = ["", "", "", "", "" if exported else "not exported"]
    else:
        at = _stopped_at(stopped.number, case)
        states = [
            HopState.REACHED if i < at else HopState.STOPPED if i == at else HopState.NOT_REACHED for i in range(5)
        ]
        notes = [f"stopped at step {stopped.number}" if i == at else "" for i in range(5)]
    return tuple(Hop(name, state, note) for name, state, note in zip(_PLACES, states, notes, strict=True))


def _stopped_at(number: int, case: Case) -> int:
    """Return the place that a failing step kept the object from."""
    plan = case.plan
    if number == 9:
        # A plan that failed outbound has its inbound flows, and nothing of the metaverse object that was not made.
        reached = plan is not None and (_in_metaverse(plan) or (plan.failure is not None and bool(plan.flows)))
        return 3 if reached else 2
    return {2: 3, 4: 0, 8: 3, 10: 4}.get(number, 1)


def _in_metaverse(plan: SyncPlan) -> bool:
    return plan.after.link is not None and plan.metaverse_after is not None


def _reached(stopped: StepResult | None) -> bool:
    return stopped is None or stopped.number >= 9


def _status(steps: tuple[StepResult, ...], stopped: StepResult | None) -> Status:
    if stopped is not None:
        return Status.FAILURE
    return Status.WARNING if any(step.status is Status.WARNING for step in steps) else Status.SUCCESS


def _name(connector: Connector | None) -> dict[str, Json]:
    return {"connector": connector.name} if connector is not None else {}


def _source_identity(case: Case) -> Identity:
    image = case.image
    if image is None:
        return Identity(name=case.question.dn.text)
    kind = _TYPES.get(image.object_type.lower(), image.object_type)
    return Identity(image.anchor, kind, image.dn.text, image.display_name)


def _target_identity(case: Case) -> Identity:
    planned = case.outbound.after if case.outbound is not None else None
    entry = case.exported or planned or (case.target_staged.after if case.target_staged is not None else None)
    if entry is None:
        return Identity()
    return Identity(
        id=entry.anchor.partition("_")[2],
        type=_TYPES.get(entry.object_type.lower(), entry.object_type),
        name=_first(entry, "userPrincipalName", "displayName"),
        display_name=_first(entry, "displayName"),
        details={"connectorSpaceDn": entry.dn.text, "cloudAnchor": entry.anchor}
        if entry.anchor
        else {"connectorSpaceDn": entry.dn.text},
    )


def _first(entry: CsObject, *names: str) -> str:
    for name in names:
        value: Value | None = entry.intended.get(name) or entry.imported.get(name)
        if value is not None and not isinstance(value, tuple):
            return as_text(value)
    return ""
