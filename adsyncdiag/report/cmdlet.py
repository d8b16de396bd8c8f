"""The `cmdlet` dialect: the keys of Invoke-ADSyncSingleObjectSync, in its order and capitals (cmdlets-and-graph.md 1.2).

Scripts written for the cmdlet index these keys, so all of them are always there, "" where there is nothing. `Details` is a flat
map of texts, as the product's: what is nested becomes a JSON text under a key that ends in `Json`, as `AttributeInfoJson` does.
Keys of ours stand inside `Details` only; what concerns the whole document is `DocumentJson` in the first step's.

Choices of ours, where the product leaves none: the ten steps always appear; a step's status may be `Warning`; `ErrorCategory`
stays empty as the product leaves it (it is in the failing step's `Details`); `IsMultiValued` is a Boolean; a list that was cut
has `… N more …` where values were left out.
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from adsyncdiag.model.trace import Identity, Json, System
from adsyncdiag.report.document import Document, Row, Step, Values
from adsyncdiag.report.facts import (
    identity_details,
    named,
    source_details,
    step_details,
    target_details,
    unkeyed,
)
from adsyncdiag.report.naming import SOURCE_SYSTEM, TARGET_SYSTEM_CMDLET, run_failure, words


def shape(document: Document) -> dict[str, Json]:
    """Return *document* as the cmdlet prints it."""
    return {
        "Action": document.action.value.capitalize(),
        "StartTime": invariant(document.started),
        "EndTime": invariant(document.ended),
        "SourceSystem": _system(document.source, SOURCE_SYSTEM),
        "TargetSystem": _system(document.target, TARGET_SYSTEM_CMDLET),
        "SourceIdentity": _identity(document.source_identity),
        "TargetIdentity": _identity(document.target_identity),
        "StatusInfo": _status(document),
        "ModifiedProperties": [
            {"Name": change.name, "OldValue": change.old or "", "NewValue": change.new or ""}
            for change in document.modified
        ],
        "ProvisioningSteps": [_step(step, document) for step in document.steps],
    }


def invariant(moment: datetime) -> str:
    """Return *moment* in UTC as .NET's invariant culture writes it, without a zone."""
    return moment.astimezone(UTC).strftime("%m/%d/%Y %H:%M:%S")


def joined(values: Values) -> str:
    """Return *values* as the product joins them, with the number of those left out in their place."""
    if not values.truncated:
        return ", ".join(values.items)
    gap = f"… {values.count - len(values.items)} more …"
    return ", ".join((*values.items[: values.head], gap, *values.items[values.head :]))


def _system(system: System, name: str) -> Json:
    """Return null where no connector was found, as the product does."""
    return {"Name": name} if system.id or system.name else None


def _identity(identity: Identity) -> Json:
    return {"Id": identity.id, "Type": identity.type, "Name": identity.name}


def _status(document: Document) -> Json:
    failure = run_failure(document)
    return {
        "Status": document.status.value.capitalize(),
        "ErrorCode": failure.code if failure else "",
        "Reason": failure.reason if failure else "",
        "AdditionalDetails": failure.details if failure else "",
        "ErrorCategory": "",
        "RecommendedAction": failure.recommendation if failure else "",
    }


def _step(step: Step, document: Document) -> Json:
    details = step_details(step, document)
    details.pop("attributes", None)
    flat: dict[str, Json] = {}
    for key, value in details.items():
        flat |= _flat(key, value)
    if step.rows:
        flat["AttributeInfoJson"] = _text([_row(row) for row in step.rows])
    if step is document.steps[0]:
        flat["DocumentJson"] = _text(_whole(document))
    return {
        "Status": step.status.value.capitalize(),
        "Type": step.type.value,
        "Name": step.name,
        "Description": step.description,
        "Timestamp": invariant(step.timestamp),
        "Details": flat,
    }


def _flat(key: str, value: Json) -> dict[str, Json]:
    """Return one detail as a text: True and False as .NET writes them, plain lists joined, the rest as JSON."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value)):
        return {f"{key[:1].upper()}{key[1:]}Json": _text(value)}
    if isinstance(value, list):
        return {words(key): ", ".join(str(entry) for entry in value)}
    return {words(key): str(value)}


def _row(row: Row) -> Json:
    entries: dict[str, Json] = {
        "Name": row.name,
        "IsMultiValued": row.multi_valued,
        "Type": row.type,
        "Value": joined(row.value),
        "Add": joined(row.added),
        "Delete": joined(row.removed),
        "Operation": row.operation,
        "SyncRule": row.rule,
        "MappingType": row.mapping,
        "DataSource": row.data_source,
    }
    if row.note:
        entries["Note"] = row.note
    if row.value.truncated or row.added.truncated or row.removed.truncated:
        entries["Truncated"] = True
    return entries


def _whole(document: Document) -> dict[str, Json]:
    """Return the facts about the whole run that this shape has no key for."""
    ends: dict[str, tuple[str, dict[str, Json]]] = {
        "sourceSystem": (document.source.id, source_details(document)),
        "targetSystem": (document.target.id, target_details(document)),
        "sourceIdentity": ("", identity_details(document.source_identity)),
        "targetIdentity": ("", identity_details(document.target_identity)),
    }
    return {
        **unkeyed(document),
        **{
            key: {**named(identifier, ""), "details": details} for key, (identifier, details) in ends.items() if details
        },
    }


def _text(value: Json) -> str:
    return orjson.dumps(value).decode()
