"""The `graph` dialect: Microsoft Graph v1.0 `provisioningObjectSummary` (cmdlets-and-graph.md 2.1; report.md "Keys").

What is absent is omitted and never "" (`initiatedBy.id` alone is "", as Graph itself shows it). Everything of ours stands inside
an open `details`: what concerns the whole document in `sourceSystem.details`, what concerns a step in the step's.
"""

from __future__ import annotations

from adsyncdiag.model.trace import Identity, Json, StepType
from adsyncdiag.report.document import Document, Step
from adsyncdiag.report.facts import (
    identifiers,
    identity_details,
    modified,
    named,
    present,
    source_details,
    step_details,
    target_details,
)
from adsyncdiag.report.naming import SOURCE_SYSTEM, TARGET_SYSTEM, error_category, iso, run_failure

STEP_TYPES = {
    StepType.SCOPING: "scoping",
    StepType.IMPORT: "import",
    StepType.SYNC: "processing",
    StepType.EXPORT: "export",
}
"""Graph has no `sync`; `processing` is the nearest (cmdlets-and-graph.md 2.2)."""


def shape(document: Document) -> dict[str, Json]:
    """Return *document* as a `provisioningObjectSummary`."""
    principal = named(document.service_principal.id, document.service_principal.name)
    return {
        "id": document.id,
        "activityDateTime": iso(document.started),
        **identifiers(document),
        "provisioningAction": document.action.value,
        "durationInMilliseconds": document.milliseconds,
        **({"servicePrincipal": principal} if principal else {}),
        "sourceSystem": {**named(document.source.id, SOURCE_SYSTEM), "details": source_details(document)},
        "targetSystem": _with_details(named(document.target.id, TARGET_SYSTEM), target_details(document)),
        "initiatedBy": {"id": "", **named("", document.initiated_by), "initiatorType": document.initiator_type},
        "sourceIdentity": _identity(document.source_identity),
        "targetIdentity": _identity(document.target_identity),
        "provisioningStatusInfo": _status(document),
        "provisioningSteps": [_step(step, document) for step in document.steps],
        "modifiedProperties": [modified(change) for change in document.modified],
    }


def _with_details(entries: dict[str, Json], details: dict[str, Json]) -> dict[str, Json]:
    return {**entries, "details": details} if details else entries


def _identity(identity: Identity) -> Json:
    entries = {**named(identity.id, identity.name), **present({"identityType": identity.type})}
    return _with_details(entries, identity_details(identity))


def _status(document: Document) -> Json:
    failure = run_failure(document)
    if failure is None:
        return {"status": document.status.value}
    return {
        "status": document.status.value,
        "errorInformation": present(
            {
                "errorCode": failure.code,
                "reason": failure.reason,
                "additionalDetails": failure.details,
                "errorCategory": error_category(failure.code),
                "recommendedAction": failure.recommendation,
            }
        ),
    }


def _step(step: Step, document: Document) -> Json:
    return {
        "name": step.name,
        "provisioningStepType": STEP_TYPES[step.type],
        "status": step.status.value,
        **present({"description": step.description}),
        "details": step_details(step, document),
    }
