"""Synchronisation rules as the server export states them, before they are compiled (server-export.md 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
from uuid import UUID


class Direction(Enum):
    """Inbound: connector space to metaverse. Outbound: metaverse to connector space."""

    INBOUND = "Inbound"
    OUTBOUND = "Outbound"


class LinkType(Enum):
    """What a rule may do for the link between an object and its target (engine.md 1.7)."""

    JOIN = "Join"
    """Links to a target that exists; creates nothing, keeps nothing alive."""
    PROVISION = "Provision"
    """Creates the target when no join found one; keeps the metaverse object alive while in scope."""
    STICKY_JOIN = "StickyJoin"
    """Joins, and then keeps the metaverse object alive."""
    JOIN_NO_FLOW = "JoinNoFlow"
    """Joins, and contributes no attribute."""


class MergeType(Enum):
    """How the values of several rules for one attribute are combined (engine.md 1.8)."""

    UPDATE = "Update"
    REPLACE = "Replace"
    """The same as Update; the product does not use it."""
    MERGE = "Merge"
    MERGE_CASE_INSENSITIVE = "MergeCaseInsensitive"

    @property
    def merges(self) -> bool:
        """True for the two types that unite values."""
        return self in (MergeType.MERGE, MergeType.MERGE_CASE_INSENSITIVE)


class FlowKind(Enum):
    """Where the value of a flow comes from; the names are those of the report's Mapping Type."""

    DIRECT = "Direct"
    CONSTANT = "Constant"
    EXPRESSION = "Expression"


class ScopeOperator(Enum):
    """The twenty operators of a scoping filter (engine.md 1.5)."""

    EQUAL = "EQUAL"
    NOTEQUAL = "NOTEQUAL"
    LESSTHAN = "LESSTHAN"
    LESSTHAN_OR_EQUAL = "LESSTHAN_OR_EQUAL"
    GREATERTHAN = "GREATERTHAN"
    GREATERTHAN_OR_EQUAL = "GREATERTHAN_OR_EQUAL"
    CONTAINS = "CONTAINS"
    NOTCONTAINS = "NOTCONTAINS"
    STARTSWITH = "STARTSWITH"
    NOTSTARTSWITH = "NOTSTARTSWITH"
    ENDSWITH = "ENDSWITH"
    NOTENDSWITH = "NOTENDSWITH"
    ISNULL = "ISNULL"
    ISNOTNULL = "ISNOTNULL"
    ISIN = "ISIN"
    ISNOTIN = "ISNOTIN"
    ISBITSET = "ISBITSET"
    ISBITNOTSET = "ISBITNOTSET"
    ISMEMBEROF = "ISMEMBEROF"
    ISNOTMEMBEROF = "ISNOTMEMBEROF"


class ScopeClause(NamedTuple):
    """One condition on an attribute of the rule's *source* object (the metaverse object for an outbound rule)."""

    attribute: str
    operator: ScopeOperator
    value: str = ""

    def __str__(self) -> str:
        return f"{self.attribute} {self.operator.value} {self.value}".rstrip()


class JoinClause(NamedTuple):
    """One condition of a join group: connector-space attribute equals metaverse attribute, in both directions."""

    cs_attribute: str
    mv_attribute: str
    case_sensitive: bool = False

    def __str__(self) -> str:
        return f"{self.cs_attribute} = {self.mv_attribute}"


class Flow(NamedTuple):
    """One attribute mapping of a rule."""

    target: str
    kind: FlowKind
    text: str
    """The source attribute (Direct), the untyped constant, or the text of the expression."""
    merge: MergeType = MergeType.UPDATE
    execute_once: bool = False


@dataclass(frozen=True, slots=True)
class SyncRule:
    """One synchronisation rule; `source_type` and `target_type` follow the direction, `*` is any metaverse type."""

    id: UUID
    name: str
    direction: Direction
    connector: UUID
    source_type: str
    target_type: str
    link_type: LinkType
    precedence: int
    scope: tuple[tuple[ScopeClause, ...], ...] = ()
    """Groups are ORed, clauses in one ANDed; no group at all means always in scope."""
    joins: tuple[tuple[JoinClause, ...], ...] = ()
    """Groups are tried in order, clauses in one ANDed."""
    flows: tuple[Flow, ...] = ()
    description: str = ""
    immutable_tag: str = ""
    disabled: bool = False
    password_sync: bool = False
    version: int = 1
    file: str = ""
    """Name of the file it was read from, for messages."""

    @property
    def is_standard(self) -> bool:
        """True for a rule that the product ships (its immutable tag starts with `Microsoft.`)."""
        return self.immutable_tag.lower().startswith("microsoft.")

    @property
    def provides_link(self) -> bool:
        """True when the rule can link an object: it joins, provisions or sticks."""
        return bool(self.joins) or self.link_type in (LinkType.PROVISION, LinkType.STICKY_JOIN)
