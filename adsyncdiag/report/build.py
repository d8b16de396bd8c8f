"""From the record of a run to the report document; decides nothing, only carries (architecture.md, decision 2)."""

from __future__ import annotations

from adsyncdiag.model.trace import (
    AttributeRow,
    ClauseVerdict,
    Failure,
    FlowTrace,
    Hop,
    Identity,
    Json,
    ModifiedProperty,
    RuleVerdict,
    StepResult,
    StepType,
    SyncRecord,
    System,
)
from adsyncdiag.model.values import each
from adsyncdiag.report.carrying import LONGEST, LONGEST_CHANGE, Carrier, plain
from adsyncdiag.report.document import (
    SCHEMA_VERSION,
    AttributeFlow,
    Clause,
    Document,
    Join,
    MetaverseAttribute,
    MetaverseObject,
    Row,
    Rule,
    Step,
)


def build(record: SyncRecord, *, full_values: bool = False) -> Document:
    """Return the document of *record*; *full_values* carries every list whole."""
    carrier = Carrier(full_values)
    return Document(
        schema_version=SCHEMA_VERSION,
        version=plain(record.version),
        id=str(record.id),
        tenant_id=plain(record.tenant_id),
        cycle_id=str(record.cycle_id),
        job_id=plain(record.job_id),
        change_id=plain(record.change_id),
        started=record.started,
        ended=record.ended,
        action=record.action,
        status=record.status,
        staging=record.staging,
        initiated_by=plain(record.initiated_by),
        initiator_type=plain(record.initiator_type),
        service_principal=_system(record.service_principal, carrier),
        source=_system(record.source, carrier),
        target=_system(record.target, carrier),
        source_identity=_identity(record.source_identity, carrier),
        target_identity=_identity(record.target_identity, carrier),
        steps=tuple(_step(step, record.staging, carrier) for step in record.steps),
        failure=_failure(record.failure),
        warnings=tuple(plain(warning) for warning in record.warnings),
        modified=tuple(_modified(change) for change in record.modified),
        rules=tuple(_rule(verdict, carrier) for verdict in record.rules),
        joins=_joins(record, carrier),
        flows=tuple(_flow(flow, carrier) for flow in record.flows),
        metaverse=_metaverse(record, carrier),
        path=tuple(Hop(plain(hop.name), hop.state, plain(hop.note)) for hop in record.path),
    )


def _system(system: System, carrier: Carrier) -> System:
    return System(plain(system.id), plain(system.name), carrier.details(system.details))


def _identity(identity: Identity, carrier: Carrier) -> Identity:
    return Identity(
        id=plain(identity.id),
        type=plain(identity.type),
        name=plain(identity.name),
        display_name=plain(identity.display_name),
        details=carrier.details(identity.details),
    )


def _failure(failure: Failure | None) -> Failure | None:
    if failure is None:
        return None
    return failure._replace(
        code=plain(failure.code),
        reason=plain(failure.reason),
        recommendation=plain(failure.recommendation),
        details=plain(failure.details),
        link=plain(failure.link),
    )


def _modified(change: ModifiedProperty) -> ModifiedProperty:
    return ModifiedProperty(
        name=plain(change.name),
        old=None if change.old is None else plain(change.old),
        new=None if change.new is None else plain(change.new),
        attribute=plain(change.attribute),
    )


def _step(step: StepResult, staging: bool, carrier: Carrier) -> Step:
    details: dict[str, Json] = carrier.details(step.details)
    if staging and step.type is StepType.EXPORT:
        details.setdefault("staging", True)
    return Step(
        number=step.number,
        name=plain(step.name),
        title=plain(step.title),
        type=step.type,
        status=step.status,
        description=plain(step.description),
        timestamp=step.timestamp,
        details=details,
        rows=tuple(_row(row, carrier) for row in step.attributes),
        failure=_failure(step.failure),
    )


def _row(row: AttributeRow, carrier: Carrier) -> Row:
    longest = LONGEST_CHANGE if row.operation == "update" else LONGEST
    return Row(
        name=plain(row.name),
        multi_valued=row.multi_valued,
        type=row.type.value,
        value=carrier.values(each(row.value)),
        added=carrier.values(row.added, longest),
        removed=carrier.values(row.removed, longest),
        operation=plain(row.operation),
        rule=plain(row.rule),
        mapping=plain(row.mapping),
        data_source=plain(row.data_source),
        note=plain(row.note),
    )


def _rule(verdict: RuleVerdict, carrier: Carrier) -> Rule:
    return Rule(
        id=str(verdict.rule),
        name=plain(verdict.rule_name),
        direction=verdict.direction.value,
        connector=plain(verdict.connector),
        precedence=verdict.precedence,
        link_type=verdict.link_type.value,
        in_scope=verdict.in_scope,
        reason=plain(verdict.reason),
        clauses=tuple(_clause(clause, carrier) for clause in verdict.clauses),
    )


def _clause(clause: ClauseVerdict, carrier: Carrier) -> Clause:
    several = isinstance(clause.actual, tuple)
    return Clause(plain(clause.clause), clause.holds, several, carrier.values(each(clause.actual)))


def _joins(record: SyncRecord, carrier: Carrier) -> tuple[Join, ...]:
    return tuple(
        Join(
            rule=str(attempt.rule),
            rule_name=plain(attempt.rule_name),
            group=attempt.group,
            clauses=plain(attempt.clauses),
            values=plain(attempt.values),
            matches=carrier.values([str(match) for match in attempt.matches]),
            outcome=plain(attempt.outcome),
        )
        for attempt in record.joins
    )


def _flow(flow: FlowTrace, carrier: Carrier) -> AttributeFlow:
    return AttributeFlow(
        attribute=plain(flow.attribute),
        rule=str(flow.rule),
        rule_name=plain(flow.rule_name),
        precedence=flow.precedence,
        mapping=flow.kind.value,
        source=plain(flow.source),
        data_source=plain(flow.data_source),
        outcome=plain(flow.outcome),
        multi_valued=isinstance(flow.value, tuple),
        value=carrier.values(each(flow.value)),
        won=flow.won,
        note=plain(flow.note),
    )


def _metaverse(record: SyncRecord, carrier: Carrier) -> MetaverseObject:
    return MetaverseObject(
        id=plain(record.metaverse_id),
        type=plain(record.metaverse_type),
        attributes=tuple(
            MetaverseAttribute(
                name=plain(row.attribute),
                multi_valued=isinstance(row.value, tuple),
                value=carrier.values(each(row.value)),
                rule=plain(row.rule),
                connector=plain(row.connector),
            )
            for row in record.metaverse
        ),
    )
