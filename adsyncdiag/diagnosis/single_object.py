"""Single-object sync: ten steps, in order, each with its verdict (the cmdlet Invoke-ADSyncSingleObjectSync).

The order is a table; one runner asks each step, records what it returns, and lists the steps after a failure as skipped
with the reason. Nothing here decides anything about synchronisation: that is the engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adsyncdiag.diagnosis.case import Case, Question, Step, StepOutcome, World
from adsyncdiag.diagnosis.export_step import export_to_entra
from adsyncdiag.diagnosis.outage import outage
from adsyncdiag.diagnosis.recording import record_of
from adsyncdiag.diagnosis.scope_steps import (
    connectivity,
    group_filter,
    object_type,
    organizational_unit,
    source_domain,
    target_domain,
)
from adsyncdiag.diagnosis.sync_steps import import_from_ad, import_from_entra, synchronize
from adsyncdiag.errors import EXIT_SUCCESS, EXIT_VERDICT, ConnectorError, Throttled
from adsyncdiag.model.trace import Status, StepResult, StepType, SyncRecord

STEPS: Final = (
    Step(1, "ScopingDomain", "Source domain is in sync scope", StepType.SCOPING, source_domain),
    Step(2, "ScopingDomain", "Target domain is in sync scope", StepType.SCOPING, target_domain),
    Step(3, "ScopingOrganizationalUnit", "Organizational unit is in sync scope", StepType.SCOPING, organizational_unit),
    Step(4, "ScopingConnectivity", "Object is readable with the connector account", StepType.SCOPING, connectivity),
    Step(5, "ScopingObjectType", "Object type is in sync scope", StepType.SCOPING, object_type),
    Step(6, "ScopingGroup", "Object is in group filtering scope", StepType.SCOPING, group_filter),
    Step(7, "ImportSpecificObject", "Import object from Active Directory", StepType.IMPORT, import_from_ad),
    Step(8, "ImportSpecificObject", "Import object from Microsoft Entra ID", StepType.IMPORT, import_from_entra),
    Step(9, "SyncSpecificObject", "Synchronise object", StepType.SYNC, synchronize),
    Step(10, "ExportSpecificObject", "Export object to Microsoft Entra ID", StepType.EXPORT, export_to_entra),
)


@dataclass(frozen=True, slots=True)
class SingleObjectRun:
    """The record of a run and the exit code it means."""

    record: SyncRecord
    exit_code: int


Progress = Callable[[int, str], None]


def _silent(_number: int, _title: str) -> None:
    """Report no progress."""


def run(
    world: World, question: Question, *, steps: tuple[Step, ...] = STEPS, progress: Progress = _silent
) -> SingleObjectRun:
    """Take one object through *steps*; a business failure is part of the record, never an exception.

    Raises `ConfigurationError` or `StoreError` when the configuration or the workspace is broken; the caller holds the lease.
    """
    case = Case(world, question)
    started = world.clock()
    results: list[StepResult] = []
    stopped: StepResult | None = None
    for step in steps:
        if stopped is None:
            progress(step.number, step.title)
            result = _recorded(step, _ask(step, case), case)
            stopped = result if result.status is Status.FAILURE else None
        else:
            why = StepOutcome(Status.SKIPPED, f"Not reached: step {stopped.number} ({stopped.title}) stopped the run.")
            result = _recorded(step, why, case)
        results.append(result)
    exit_code = case.exit_code or (EXIT_VERDICT if stopped is not None else EXIT_SUCCESS)
    return SingleObjectRun(record_of(case, tuple(results), stopped, started, world.clock()), exit_code)


def _ask(step: Step, case: Case) -> StepOutcome:
    """Ask one step; what the other side refuses or does not answer is a failure of the step."""
    try:
        return step.ask(case)
    except (ConnectorError, Throttled) as error:
        return outage(case, step.title, error)


def _recorded(step: Step, outcome: StepOutcome, case: Case) -> StepResult:
    return StepResult(
        number=step.number,
        name=step.name,
        title=step.title,
        type=step.type,
        status=outcome.status,
        description=outcome.description,
        timestamp=case.world.clock(),
        details={name: value for name, value in outcome.details.items() if value is not None},
        attributes=outcome.attributes,
        failure=outcome.failure,
    )
