"""Runs of single-object sync in the run history, under the product's names for them."""

from __future__ import annotations

from datetime import datetime

from adsyncdiag.diagnosis.case import Case
from adsyncdiag.engine.staging import Place
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


def import_run(case: Case, connector: Connector, plan: StagingPlan, place: Place) -> Run:
    """Return the history entry of one object's import."""
    step = RunStep(1, "delta-import", place.partition, "success", place.now, case.world.clock(), {_STAGE[plan.kind]: 1})
    return _run(case, connector, "Specific Object Import", step)


def export_run(case: Case, entry: CsObject, result: ExportResult, now: datetime) -> Run:
    """Return the history entry of one object's export."""
    failure = result.failure
    counter = "export-failure" if failure is not None else _EXPORT.get(entry.export_kind, "export-update")
    errors = (RunObjectError(entry.id, entry.dn.text, failure.code, failure.reason),) if failure is not None else ()
    outcome = "completed-export-errors" if failure is not None else "success"
    step = RunStep(1, "export", entry.partition, outcome, now, case.world.clock(), {counter: 1}, errors)
    if case.target is None:
        raise ValueError("step 2 has not run")
    return _run(case, case.target, "Specific Object Export", step)


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
