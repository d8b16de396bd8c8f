"""Plans: what would change and why, as values that can be printed, tested, refused, and then applied by a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from adsyncdiag.model.objects import AttributeChange, ChangeKind, CsObject, MvObject, Shadow
from adsyncdiag.model.trace import Failure, FlowTrace, JoinAttempt, RuleVerdict
from adsyncdiag.model.values import Attributes


class Writability(Enum):
    """What a target can do with one attribute of one object type (cmdlets-and-graph.md 4.11)."""

    WRITE = "write"
    WRITE_REFERENCE = "write-reference"
    READ = "read"
    """Readable, and compared, but never written."""
    NONE = "none"
    """Unknown to the target: computed and kept as intended, shown as not writable, never sent."""


@dataclass(frozen=True, slots=True)
class StagingPlan:
    """What an import of one object changes in its connector space."""

    kind: ChangeKind
    before: CsObject | None
    after: CsObject
    changes: tuple[AttributeChange, ...] = ()
    confirmed: tuple[str, ...] = ()
    """Names of exported attributes that this import saw come back."""
    not_reimported: tuple[AttributeChange, ...] = ()
    """Exported changes that came back otherwise (`exported-change-not-reimported`)."""
    displaced: CsObject | None = None
    """Another object that held the DN under another anchor, with the temporary DN it gets."""


@dataclass(frozen=True, slots=True)
class OutboundPlan:
    """What outbound synchronisation does to the object of one target connector."""

    connector: UUID
    connector_name: str
    verdicts: tuple[RuleVerdict, ...]
    joins: tuple[JoinAttempt, ...] = ()
    flows: tuple[FlowTrace, ...] = ()
    before: CsObject | None = None
    after: CsObject | None = None
    """None when the target has no object and no rule provisions one, or, with `before` set, when one never exported is dropped."""
    kind: ChangeKind = ChangeKind.NONE
    changes: tuple[AttributeChange, ...] = ()
    not_writable: tuple[AttributeChange, ...] = ()
    """Differences in attributes the target cannot write; shown, never sent."""
    unresolved: tuple[str, ...] = ()
    """References without a counterpart in this connector space, by display name; at most fifty."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What synchronising one connector-space object changes: its link, its metaverse object, the objects of other connectors.

    When `failure` is set nothing of it may be applied but the error on the object (`after`).
    """

    before: CsObject
    after: CsObject
    verdicts: tuple[RuleVerdict, ...]
    joins: tuple[JoinAttempt, ...] = ()
    flows: tuple[FlowTrace, ...] = ()
    link_note: str = ""
    """One sentence on the link: joined by which rule, projected, kept, dropped, or why it stays a disconnector."""
    metaverse_before: MvObject | None = None
    metaverse_after: MvObject | None = None
    """None when the object stays a disconnector, or when the metaverse object dies with this change."""
    outbound: tuple[OutboundPlan, ...] = ()
    unresolved: tuple[str, ...] = ()
    """Inbound references that resolve to no metaverse object yet, as DNs."""
    failure: Failure | None = None

    @property
    def deletes_metaverse_object(self) -> bool:
        """True when no rule keeps the metaverse object alive any more."""
        return self.metaverse_before is not None and self.metaverse_after is None and self.failure is None


class ReferenceTarget(NamedTuple):
    """An object a reference points to: its connector-space DN, and its cloud anchor where it is known."""

    dn: str
    cloud_anchor: str = ""


class ReferenceChange(NamedTuple):
    """References to add and remove on one attribute (`manager`, `member`, ...)."""

    attribute: str
    multi_valued: bool
    add: tuple[ReferenceTarget, ...] = ()
    remove: tuple[ReferenceTarget, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One pending export, ready for a tenant: ADD or UPDATE only."""

    kind: ChangeKind
    object_type: str
    dn: str
    source_anchor: str
    cloud_anchor: str
    """Empty for an ADD."""
    changes: tuple[AttributeChange, ...]
    """Plain attributes that the tenant can write, under connector-space names."""
    references: tuple[ReferenceChange, ...] = ()
    intended: Attributes = field(default_factory=dict)
    """Every computed attribute, for fall-backs such as mailNickname."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What the tenant made of an export request."""

    cloud_anchor: str
    """Empty when nothing was created."""
    sent: tuple[str, ...]
    """Attributes the tenant accepted, references included; a reference attribute stays pending when its name is missing."""
    adopted: bool = False
    """True when an object with this source anchor was already there and an ADD became an update."""
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    """Attributes the service stored otherwise than sent."""
    warnings: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    """References whose object is not in the tenant, as `attribute: name`."""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """What the tenant says about itself."""

    tenant_id: str
    display_name: str
    verified_domains: tuple[str, ...]
    initial_domain: str
    on_premises_sync_enabled: bool
    """True when another engine masters this tenant (decision 12)."""
