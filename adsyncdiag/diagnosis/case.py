"""One object under investigation: what the steps need, and what they found so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.model.changes import OutboundPlan, StagingPlan, SyncPlan
from adsyncdiag.model.configuration import Connector, Partition, ServerConfiguration
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, Image
from adsyncdiag.model.trace import Action, AttributeRow, Failure, Json, Status, StepType, System
from adsyncdiag.ports import SourceDirectory, Store, Tenant


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside: configuration, store, directories, tenant, clock. Adapters are opened when a step asks."""

    configuration: ServerConfiguration
    book: RuleBook
    store: Store
    directory: Callable[[Connector], SourceDirectory]
    tenant: Callable[[], Tenant]
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    export_enabled: bool
    """`[entra] export`."""
    beside_another_sync: bool
    tenant_id: str
    job_id: str
    user: str
    initiator_type: str
    service_principal: System
    version: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the caller asked: which object, and whether anything may be exported."""

    dn: Dn
    staging: str = ""
    """Why nothing is exported: `--staging-mode`, `[server] staging = true`, or the export's own setting; "" when it may be."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step returns; the runner numbers and records it."""

    status: Status
    description: str
    details: Mapping[str, Json] = field(default_factory=dict)
    attributes: tuple[AttributeRow, ...] = ()
    failure: Failure | None = None


@dataclass(slots=True)
class Case:
    """What the steps found so far; each step reads what earlier ones wrote."""

    world: World
    question: Question
    connector: Connector | None = None
    partition: Partition | None = None
    target: Connector | None = None
    image: Image | None = None
    staged: StagingPlan | None = None
    source: CsObject | None = None
    target_staged: StagingPlan | None = None
    plan: SyncPlan | None = None
    outbound: OutboundPlan | None = None
    exported: CsObject | None = None
    action: Action = Action.OTHER
    warnings: list[str] = field(default_factory=list)
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One of the ten: number, the cmdlet's name, what it asks, and the function that answers."""

    number: int
    name: str
    title: str
    type: StepType
    ask: Callable[[Case], StepOutcome]


def passed(
    description: str, details: Mapping[str, Json] | None = None, rows: tuple[AttributeRow, ...] = ()
) -> StepOutcome:
    """Return a success."""
    return StepOutcome(Status.SUCCESS, description, details or {}, rows)


def failed(
    failure: Failure, description: str, details: Mapping[str, Json] | None = None, rows: tuple[AttributeRow, ...] = ()
) -> StepOutcome:
    """Return a failure, which ends the run."""
    return StepOutcome(Status.FAILURE, description, details or {}, rows, failure)


def warned(
    description: str,
    details: Mapping[str, Json] | None = None,
    rows: tuple[AttributeRow, ...] = (),
    failure: Failure | None = None,
) -> StepOutcome:
    """Return a warning; the run goes on."""
    return StepOutcome(Status.WARNING, description, details or {}, rows, failure)


def skipped(description: str, details: Mapping[str, Json] | None = None) -> StepOutcome:
    """Return a step that had nothing to do, with the reason as its description."""
    return StepOutcome(Status.SKIPPED, description, details or {})
