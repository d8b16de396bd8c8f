"""The `provision-on-demand` dialect: the camelCase twin of the cmdlet's shape (cmdlets-and-graph.md 1.9).

It is the document that Graph's provisionOnDemand returns, as a text, under `value`; we print it by itself. Words for states keep
the cmdlet's capitals, times are ISO 8601, absent texts are null. `changeId` has a key of its own here; the other facts without one
are in `sourceSystem.details`. `reportableIdentifier` is not described anywhere; ours is the name people know the object by.
"""

from __future__ import annotations

from adsyncdiag.model.trace import Identity, Json, System
from adsyncdiag.report.document import Document, Step
from adsyncdiag.report.facts import identity_details, modified, source_details, step_details, target_details, unkeyed
from adsyncdiag.report.naming import SOURCE_SYSTEM, TARGET_SYSTEM, error_category, iso, run_failure


def shape(document: Document) -> dict[str, Json]:
    """Return *document* as provisionOnDemand's `value`."""
    return {
        "action": document.action.value.capitalize(),
        "changeId": document.change_id or None,
        "startTime": iso(document.started),
        "endTime": iso(document.ended),
        "reportableIdentifier": document.target_identity.name or document.source_identity.name or None,
        "sourceSystem": _system(
            document.source, SOURCE_SYSTEM, {**source_details(document), "document": unkeyed(document)}
        ),
        "targetSystem": _system(document.target, TARGET_SYSTEM, target_details(document)),
        "sourceIdentity": _identity(document.source_identity),
        "targetIdentity": _identity(document.target_identity),
        "statusInfo": _status(document),
        "modifiedProperties": [modified(change) for change in document.modified],
        "provisioningSteps": [_step(step, document) for step in document.steps],
    }


def _system(system: System, name: str, details: dict[str, Json]) -> Json:
    return {"id": system.id or None, "name": name, "details": details}


def _identity(identity: Identity) -> Json:
    return {
        "id": identity.id or None,
        "type": identity.type or None,
        "displayName": identity.name or None,
        "details": identity_details(identity),
    }


def _status(document: Document) -> Json:
    failure = run_failure(document)
    category = error_category(failure.code) if failure else ""
    return {
        "status": document.status.value.capitalize(),
        "errorCode": failure.code if failure else None,
        "reason": failure.reason if failure else None,
        "additionalDetails": (failure.details if failure else "") or None,
        "errorCategory": f"{category[:1].upper()}{category[1:]}" or None,
        "recommendedAction": failure.recommendation if failure else None,
    }


def _step(step: Step, document: Document) -> Json:
    return {
        "name": step.name,
        "type": step.type.value,
        "status": step.status.value.capitalize(),
        "description": step.description,
        "timestamp": iso(step.timestamp),
        "details": step_details(step, document),
    }
