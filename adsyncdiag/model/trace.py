"""The record of what happened and why: verdicts, attempts, flows, steps, and the whole run of one object.

Reports and diagnosis only read these; they never derive a decision again. The records made by the hundred for each object
are named tuples: one is made in a quarter of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple, TypeAlias
from uuid import UUID

from adsyncdiag.model.rules import Direction, FlowKind, LinkType
from adsyncdiag.model.values import AttributeType, Scalar, Value

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class Status(Enum):
    """The verdict of a step or a run, in Graph's words (`provisioningStatusInfo.status`)."""

    SUCCESS = "success"
    FAILURE = "failure"
    SKIPPED = "skipped"
    WARNING = "warning"


class Action(Enum):
    """What the run does to the target object (`provisioningAction`); OTHER when there was nothing to do."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    OTHER = "other"


class StepType(Enum):
    """The cmdlet's step types; the Graph dialect says `processing` for SYNC."""

    SCOPING = "Scoping"
    IMPORT = "Import"
    SYNC = "Sync"
    EXPORT = "Export"


class Failure(NamedTuple):
    """Why something did not go well: a stable code, one sentence about *this* object, and what to do about it."""

    code: str
    reason: str
    recommendation: str
    details: str = ""
    """Evidence for support: the service's message, the call stack of a rule."""
    link: str = ""
    """A page that explains more."""


class ClauseVerdict(NamedTuple):
    """One scope clause with the value it met."""

    clause: str
    holds: bool
    actual: Value | None


class RuleVerdict(NamedTuple):
    """Whether a rule applies to the object, and the clause that decided."""

    rule: UUID
    rule_name: str
    direction: Direction
    connector: str
    precedence: int
    link_type: LinkType
    in_scope: bool
    reason: str
    """One sentence, such as `isCriticalSystemObject NOTEQUAL TRUE is not met: the value is True`."""
    clauses: tuple[ClauseVerdict, ...] = ()
    """The clauses of the group that decided: all of the group that held, else the failing one of each group."""


class JoinAttempt(NamedTuple):
    """One join group that was tried."""

    rule: UUID
    rule_name: str
    group: int
    """1 for the first group of the rule."""
    clauses: str
    values: str
    """The object's own values, as they were compared."""
    matches: tuple[UUID, ...]
    outcome: str
    """One sentence: joined, no value, no match, several matches, already taken."""


class FlowTrace(NamedTuple):
    """One attribute flow of a rule in scope: what it gave, and whether it won."""

    attribute: str
    rule: UUID
    rule_name: str
    precedence: int
    kind: FlowKind
    source: str
    """The source attribute, the constant or the expression."""
    data_source: str
    """Name of the connector (inbound) or `Metaverse` (outbound) the value came from."""
    outcome: str
    """`value`, `null`, `ignored`, `authoritative-null` or `error`."""
    value: Value | None
    won: bool
    note: str = ""
    """Why it lost, or the error's message."""


class AttributeRow(NamedTuple):
    """One attribute as the import, sync and export steps list it (cmdlets-and-graph.md 1.2)."""

    name: str
    type: AttributeType
    multi_valued: bool
    value: Value | None
    """The value after the step; None when it was deleted."""
    added: tuple[Scalar, ...]
    removed: tuple[Scalar, ...]
    operation: str
    """`add`, `update`, `delete`, `none`."""
    rule: str = ""
    mapping: str = ""
    """Direct, Constant, Expression; empty on imports."""
    data_source: str = ""
    note: str = ""
    """Such as `not writable through Graph`."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One of the ten steps and its verdict, with the reason when it is not a success."""

    number: int
    name: str
    """The cmdlet's: `ScopingDomain` ... `ExportSpecificObject`."""
    title: str
    """What the step asks, such as `Source domain is in sync scope`."""
    type: StepType
    status: Status
    description: str
    """Our sentence about this object."""
    timestamp: datetime
    details: Mapping[str, Json] = field(default_factory=dict)
    attributes: tuple[AttributeRow, ...] = ()
    failure: Failure | None = None

    def __post_init__(self) -> None:
        if self.status is Status.FAILURE and self.failure is None:
            raise ValueError(f"step {self.number} failed without a reason")


@dataclass(frozen=True, slots=True)
class Identity:
    """The object on one side; empty texts while unknown."""

    id: str = ""
    type: str = ""
    """User, Group, Contact, Device."""
    name: str = ""
    """Source: the DN. Target: userPrincipalName, else displayName."""
    display_name: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class System:
    """One end of the synchronisation."""

    id: str = ""
    name: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)


class ModifiedProperty(NamedTuple):
    """An attribute of the target object that the run changes; None for no value.

    A multi-valued attribute is one row named `<attribute> - Count` with both counts.
    """

    name: str
    old: str | None
    new: str | None
    attribute: str
    """The attribute whose row in the export step it links to."""


class HopState(Enum):
    """How far the object came at one place of its path."""

    REACHED = "reached"
    STOPPED = "stopped"
    """The object stopped on the way to this place."""
    NOT_REACHED = "not reached"
    WARNING = "warning"


class Hop(NamedTuple):
    """One place of the path AD, AD connector space, metaverse, Entra connector space, Entra."""

    name: str
    state: HopState
    note: str = ""


class MetaverseRow(NamedTuple):
    """One attribute of the metaverse object with its contributor."""

    attribute: str
    value: Value
    rule: str
    connector: str


@dataclass(frozen=True, slots=True)
class SyncRecord:
    """Everything one run of single-object sync found and did; the source of every dialect and of the report."""

    id: UUID
    tenant_id: str
    cycle_id: UUID
    job_id: str
    change_id: str
    started: datetime
    ended: datetime
    action: Action
    status: Status
    staging: bool
    initiated_by: str
    initiator_type: str
    """`user` or `system`."""
    service_principal: System
    source: System
    target: System
    source_identity: Identity
    target_identity: Identity
    steps: tuple[StepResult, ...]
    failure: Failure | None = None
    """The failure of the step that ended the run."""
    warnings: tuple[str, ...] = ()
    modified: tuple[ModifiedProperty, ...] = ()
    rules: tuple[RuleVerdict, ...] = ()
    joins: tuple[JoinAttempt, ...] = ()
    flows: tuple[FlowTrace, ...] = ()
    metaverse: tuple[MetaverseRow, ...] = ()
    metaverse_id: str = ""
    metaverse_type: str = ""
    path: tuple[Hop, ...] = ()
    version: str = ""
    """Version of adsyncdiag that wrote it."""
