"""Runs of single-object sync in the run history, under the product's names for them.

A run is written in the transaction that stores what it brought, so that a process killed in between leaves neither.
"""

from __future__ import annotations

from datetime import datetime

from adsyncdiag.diagnosis.case import Case
from adsyncdiag.engine.staging import Place
from adsyncdiag.errors import ConnectorError, Throttled
from adsyncdiag.model.changes import ExportResult, StagingPlan
from adsyncdiag.model.configuration import Connector
from adsyncdiag.model.objects import ChangeKind, CsObject
from adsyncdiag.model.runs import Run, RunObjectError, RunStep

_STAGE = {
    ChangeKind.NONE: "stage-no-change",
    ChangeKind.ADD: "stage-add",
    ChangeKind.UPDATE: "stage-update",
    ChangeKind.DELETE: "stage-delete",
    ChangeKind.DELETE_ADD: "stage-delete-add",
}
_EXPORT = {ChangeKind.ADD: "export-add", ChangeKind.UPDATE: "export-update", ChangeKind.DELETE: "export-delete"}
_STOPPED = {
    "failed-authentication": "no-start-credentials",
    "failed-permission": "no-start-credentials",
    "failed-connection": "no-start-connection",
}
"""The run's result for a connection result (engine.md 6.3); the others stop a run that began."""


def import_run(case: Case, connector: Connector, plan: StagingPlan, place: Place) -> Run:
    """Return the history entry of one object's import."""
    step = RunStep(1, "delta-import", place.partition, "success", place.now, case.world.clock(), {_STAGE[plan.kind]: 1})
    return _run(case, connector, "Specific Object Import", step)


def export_run(case: Case, entry: CsObject, result: ExportResult, now: datetime) -> Run:
    """Return the history entry of one object's export."""
    failure = result.failure
    sent = "export-update" if result.adopted else _EXPORT.get(entry.export_kind, "export-update")
    counter = sent if failure is None else "export-failure"
    errors = (RunObjectError(entry.id, entry.dn.text, failure.code, failure.reason),) if failure is not None else ()
    outcome = "completed-export-errors" if failure is not None else "success"
    step = RunStep(1, "export", entry.partition, outcome, now, case.world.clock(), {counter: 1}, errors)
    return _run(case, _target(case), "Specific Object Export", step)


def interrupted_run(case: Case, entry: CsObject, kind: str, error: ConnectorError | Throttled, now: datetime) -> Run:
    """Return the history entry of an import or export (*kind*, as run steps are called) of an Entra object that got no answer."""
    errors = (RunObjectError(entry.id, entry.dn.text, error.code, error.message),)
    outcome = _STOPPED.get(error.code, "stopped-connectivity")
    step = RunStep(1, kind, entry.partition, outcome, now, case.world.clock(), {}, errors)
    profile = "Specific Object Export" if kind == "export" else "Specific Object Import"
    return _run(case, _target(case), profile, step)


def _target(case: Case) -> Connector:
    if case.target is None:
        raise ValueError("step 2 has not run")
    return case.target


def _run(case: Case, connector: Connector, profile: str, step: RunStep) -> Run:
    world = case.world
    return Run(
        world.new_id(),
        connector.id,
        connector.name,
        profile,
        step.result,
        step.started,
        step.ended,
        world.user,
        (step,),
    )
