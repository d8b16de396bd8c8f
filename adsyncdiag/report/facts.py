"""What every dialect says inside its open `details`: the facts that Microsoft's shapes have no key for.

The keys are ours and camelCase; JSON Schema and documentation describe them as `schemaVersion` 1.0. Absent is omitted.
"""

from __future__ import annotations

from collections.abc import Iterable

from adsyncdiag.model.trace import Failure, Hop, Identity, Json, ModifiedProperty, StepType, System
from adsyncdiag.report.document import (
    AttributeFlow,
    Clause,
    Document,
    Join,
    MetaverseObject,
    Row,
    Rule,
    Step,
    Values,
)
from adsyncdiag.report.naming import SOURCE_SYSTEM, TARGET_SYSTEM, error_category, iso


def present(entries: dict[str, Json]) -> dict[str, Json]:
    """Return *entries* without those that are absent: null and ""."""
    return {key: value for key, value in entries.items() if value is not None and value != ""}


def named(identifier: str, name: str) -> dict[str, Json]:
    """Return `id` and `displayName`, without the one that is absent."""
    return present({"id": identifier, "displayName": name})


def identifiers(document: Document) -> dict[str, Json]:
    """Return the identifiers beside the document's own."""
    return present(
        {
            "tenantId": document.tenant_id,
            "jobId": document.job_id,
            "cycleId": document.cycle_id,
            "changeId": document.change_id,
        }
    )


def source_details(document: Document) -> dict[str, Json]:
    """Return the source system's details and, with them, what concerns the whole document: version, path, warnings."""
    return {
        **_system(document.source, SOURCE_SYSTEM),
        "schemaVersion": document.schema_version,
        **present({"version": document.version}),
        **_list("path", (_hop(hop) for hop in document.path)),
        **_list("warnings", document.warnings),
    }


def target_details(document: Document) -> dict[str, Json]:
    """Return the target system's details."""
    return _system(document.target, TARGET_SYSTEM)


def identity_details(identity: Identity) -> dict[str, Json]:
    """Return an identity's details, led by its display name."""
    return {**named("", identity.display_name), **identity.details}


def unkeyed(document: Document) -> dict[str, Json]:
    """Return the facts that `graph` has keys for and the two older shapes have not, under Graph's names."""
    principal = named(document.service_principal.id, document.service_principal.name)
    return {
        "id": document.id,
        "activityDateTime": iso(document.started),
        "durationInMilliseconds": document.milliseconds,
        **identifiers(document),
        **({"servicePrincipal": principal} if principal else {}),
        "initiatedBy": {**named("", document.initiated_by), "initiatorType": document.initiator_type},
    }


def modified(change: ModifiedProperty) -> dict[str, Json]:
    """Return a modified property; null where there was no value, or where it was deleted."""
    return {"displayName": change.name, "oldValue": change.old or None, "newValue": change.new or None}


def step_details(step: Step, document: Document) -> dict[str, Json]:
    """Return the open details of a step: its number, question and time, the caller's facts, its failure, its tables."""
    details: dict[str, Json] = present({"number": step.number, "title": step.title, "timestamp": iso(step.timestamp)})
    details |= {key: value for key, value in step.details.items() if key not in details}
    if step.failure is not None:
        details |= _failure(step.failure)
    if step.rows:
        details["attributes"] = [_row(row) for row in step.rows]
    if step.type is StepType.SYNC:
        details |= _tables(document)
    return details


def _system(system: System, known_as: str) -> dict[str, Json]:
    """Return a system's details; its own name joins them as `connector` where it says more than *known_as*."""
    details = dict(system.details)
    if system.name and system.name != known_as:
        details.setdefault("connector", system.name)
    return details


def _hop(hop: Hop) -> Json:
    return present({"name": hop.name, "state": hop.state.value, "note": hop.note})


def _failure(failure: Failure) -> dict[str, Json]:
    return present(
        {
            "errorCode": failure.code,
            "reason": failure.reason,
            "additionalDetails": failure.details,
            "errorCategory": error_category(failure.code),
            "recommendation": failure.recommendation,
            "helpLink": failure.link,
        }
    )


def _counted(key: str, values: Values, several: bool, count_key: str) -> dict[str, Json]:
    """Return *values* under *key*, as an array where there are *several* by nature, and their real number where cut."""
    if not values:
        return {}
    if not several and len(values.items) == 1:
        return {key: values.items[0]}
    entries: dict[str, Json] = {key: list(values.items)}
    if values.truncated:
        entries[count_key] = values.count
    return entries


def _cut(*several: Values) -> dict[str, Json]:
    return {"truncated": True} if any(values.truncated for values in several) else {}


def _row(row: Row) -> Json:
    return {
        "name": row.name,
        "isMultiValued": row.multi_valued,
        "type": row.type,
        **_counted("value", row.value, row.multi_valued, "count"),
        **_counted("valueAdd", row.added, row.multi_valued, "valueAddCount"),
        **_counted("valueDelete", row.removed, row.multi_valued, "valueDeleteCount"),
        "operation": row.operation,
        **present(
            {"syncRule": row.rule, "mappingType": row.mapping, "dataSource": row.data_source, "note": row.note},
        ),
        **_cut(row.value, row.added, row.removed),
    }


def _tables(document: Document) -> dict[str, Json]:
    """Return the verdicts, attempts and flows of the synchronisation, and the metaverse object; empty ones are left out."""
    tables: dict[str, Json] = {
        "rules": [_rule(rule) for rule in document.rules],
        "joins": [_join(join) for join in document.joins],
        "flows": [_flow(flow) for flow in document.flows],
        "metaverse": _metaverse(document.metaverse) if document.metaverse else None,
    }
    return {key: table for key, table in tables.items() if table}


def _rule(rule: Rule) -> Json:
    return {
        "rule": rule.id,
        "name": rule.name,
        "direction": rule.direction,
        "connector": rule.connector,
        "precedence": rule.precedence,
        "linkType": rule.link_type,
        "inScope": rule.in_scope,
        **present({"reason": rule.reason}),
        **_list("clauses", (_clause(clause) for clause in rule.clauses)),
    }


def _list(key: str, entries: Iterable[Json]) -> dict[str, Json]:
    listed = list(entries)
    return {key: listed} if listed else {}


def _clause(clause: Clause) -> Json:
    return {
        "clause": clause.text,
        "holds": clause.holds,
        **_counted("actual", clause.actual, clause.multi_valued, "count"),
        **_cut(clause.actual),
    }


def _join(join: Join) -> Json:
    return {
        "rule": join.rule,
        "name": join.rule_name,
        "group": join.group,
        "clauses": join.clauses,
        **present({"values": join.values}),
        **_counted("matches", join.matches, True, "count"),
        "outcome": join.outcome,
        **_cut(join.matches),
    }


def _flow(flow: AttributeFlow) -> Json:
    return {
        "attribute": flow.attribute,
        "rule": flow.rule,
        "name": flow.rule_name,
        "precedence": flow.precedence,
        "mappingType": flow.mapping,
        **present({"source": flow.source, "dataSource": flow.data_source}),
        "outcome": flow.outcome,
        **_counted("value", flow.value, flow.multi_valued, "count"),
        "won": flow.won,
        **present({"note": flow.note}),
        **_cut(flow.value),
    }


def _metaverse(metaverse: MetaverseObject) -> Json:
    return {
        **present({"id": metaverse.id, "type": metaverse.type}),
        "attributes": [
            {
                "name": attribute.name,
                **_counted("value", attribute.value, attribute.multi_valued, "count"),
                **present({"syncRule": attribute.rule, "dataSource": attribute.connector}),
                **_cut(attribute.value),
            }
            for attribute in metaverse.attributes
        ],
    }
