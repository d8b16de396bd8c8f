"""The report document: what a saved file can hold of a run, as text; the one source of every dialect and of the page.

A `SyncRecord` holds typed values without limit. The document holds the same facts as text that every consumer can take:
values as people read them, long lists cut, lone surrogates written out. It is also what can be read back from a saved file,
so the page is made from it alone.

Frozen dataclasses and orjson rather than pydantic: the document is written by us and validated by a JSON Schema in the tests,
and importing pydantic would cost the JSON path of `single-object-sync` 80 ms where this costs 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adsyncdiag.model.trace import Action, Failure, Hop, Identity, Json, ModifiedProperty, Status, StepType, System

SCHEMA_VERSION = "1.0"
"""Of the document's own keys (`sourceSystem.details.schemaVersion`): the second number grows with additions, the first with breaks."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one attribute as text; *items* are the first and the last ones when there were too many to carry."""

    items: tuple[str, ...] = ()
    count: int = 0
    """How many there really are."""
    head: int = 0
    """How many of *items* stand before the gap; meaningful only when truncated."""

    @property
    def truncated(self) -> bool:
        """True when values were left out."""
        return self.count > len(self.items)

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute of an import, sync or export step."""

    name: str
    multi_valued: bool
    type: str
    value: Values
    added: Values
    removed: Values
    operation: str
    rule: str
    mapping: str
    data_source: str
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One of the ten steps."""

    number: int
    name: str
    title: str
    type: StepType
    status: Status
    description: str
    timestamp: datetime
    details: Mapping[str, Json]
    rows: tuple[Row, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Clause:
    """One scope clause that decided, with the value it met."""

    text: str
    holds: bool
    multi_valued: bool
    actual: Values


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule's verdict."""

    id: str
    name: str
    direction: str
    connector: str
    precedence: int
    link_type: str
    in_scope: bool
    reason: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """One join group that was tried."""

    rule: str
    rule_name: str
    group: int
    clauses: str
    values: str
    matches: Values
    outcome: str


@dataclass(frozen=True, slots=True)
class AttributeFlow:
    """One attribute flow: what it gave, and whether it won."""

    attribute: str
    rule: str
    rule_name: str
    precedence: int
    mapping: str
    source: str
    data_source: str
    outcome: str
    multi_valued: bool
    value: Values
    won: bool
    note: str


@dataclass(frozen=True, slots=True)
class MetaverseAttribute:
    """One attribute of the metaverse object with its contributor."""

    name: str
    multi_valued: bool
    value: Values
    rule: str
    connector: str


@dataclass(frozen=True, slots=True)
class MetaverseObject:
    """The metaverse object after the synchronisation; all empty when there is none."""

    id: str = ""
    type: str = ""
    attributes: tuple[MetaverseAttribute, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.id or self.attributes)


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a report says about one run of single-object sync."""

    schema_version: str
    version: str
    """Version of adsyncdiag that made the record."""
    id: str
    tenant_id: str
    cycle_id: str
    job_id: str
    change_id: str
    started: datetime
    ended: datetime
    action: Action
    status: Status
    staging: bool
    initiated_by: str
    initiator_type: str
    service_principal: System
    source: System
    target: System
    source_identity: Identity
    target_identity: Identity
    steps: tuple[Step, ...]
    failure: Failure | None
    warnings: tuple[str, ...]
    modified: tuple[ModifiedProperty, ...]
    rules: tuple[Rule, ...]
    joins: tuple[Join, ...]
    flows: tuple[AttributeFlow, ...]
    metaverse: MetaverseObject
    path: tuple[Hop, ...]

    @property
    def milliseconds(self) -> int:
        """How long the run took; never negative, whatever the clock did, and within Graph's Int32."""
        span = (self.ended - self.started).total_seconds()
        return min(max(round(span * 1000), 0), 2**31 - 1)
