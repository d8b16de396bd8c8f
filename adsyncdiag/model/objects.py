"""Objects of a connector space and of the metaverse, and the image a connector reads of one (engine.md 1.1, 1.2).

What every object has by the dozen (values, contributions, changes) are named tuples, which cost a quarter of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from adsyncdiag.model.names import Dn
from adsyncdiag.model.values import Attributes, Scalar, Value, difference

NOTHING: Attributes = MappingProxyType({})


class ChangeKind(Enum):
    """Object-level operation of a pending import or export."""

    NONE = "none"
    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"
    DELETE_ADD = "delete-add"


class LinkAction(Enum):
    """How a connector-space object came to be linked to its metaverse object."""

    PROJECTED = "Projected"
    """Inbound Provision: the metaverse object was created from this one."""
    JOINED = "Joined"
    PROVISIONED = "Provisioned"
    """Outbound Provision: this object was created for the metaverse object."""


@dataclass(frozen=True, slots=True)
class Image:
    """One object as its directory shows it to the connector account, decoded and limited to the included attributes."""

    dn: Dn
    """AD: the DN as AD spells it. Entra: `CN={hex of the source anchor}`."""
    object_type: str
    """The most specific structural class the connector's schema knows (AD), or user, group, contact, device (Entra)."""
    anchor: str
    """AD: objectGUID as canonical text. Entra: the cloudAnchor, such as `User_<id>`."""
    attributes: Attributes
    display_name: str = ""


class Unreadable(NamedTuple):
    """A read that brought no object, and why, as a sentence."""

    reason: str


class AttributeChange(NamedTuple):
    """What happens to one attribute; *old* and *new* are None for no value."""

    name: str
    old: Value | None
    new: Value | None

    @property
    def operation(self) -> str:
        """`add`, `update` or `delete`, as the report's Operation column says it."""
        if self.old is None:
            return "add"
        return "delete" if self.new is None else "update"

    @property
    def added(self) -> tuple[Scalar, ...]:
        """The values that come."""
        return difference(self.old, self.new)[0]

    @property
    def removed(self) -> tuple[Scalar, ...]:
        """The values that go."""
        return difference(self.old, self.new)[1]


class Link(NamedTuple):
    """The link of a connector-space object to a metaverse object, and the rule that made it."""

    metaverse: UUID
    rule: UUID
    rule_name: str
    action: LinkAction
    since: datetime


class Shadow(NamedTuple):
    """A value the service stored otherwise than it was sent.

    Entra keeps the raw value and shows it to the sync engine (engine.md 1.16); Graph shows only the visible one, so the
    engine remembers the pair: while an import brings *visible*, the value counts as *sent*.
    """

    sent: Value | None
    """None when nothing was sent and the service made a value up (a mailNickname of its own)."""
    visible: Value | None


@dataclass(frozen=True, slots=True)
class ObjectError:
    """A synchronisation or export error that stays with the object until it is mended."""

    code: str
    message: str
    first: datetime
    last: datetime
    retries: int = 0
    details: str = ""


@dataclass(frozen=True, slots=True)
class CsObject:
    """One object of a connector space.

    A connector when `link` is set, else a disconnector. `imported` is what the last import brought (empty for an object
    that was only provisioned); while that import waits for synchronisation, `import_kind` says what it is and
    `synchronized` keeps the image from before it.
    """

    id: UUID
    connector: UUID
    partition: UUID
    dn: Dn
    object_type: str
    anchor: str = ""
    """Empty until the object was imported, or its creation was confirmed by the service's answer."""
    imported: Attributes = field(default_factory=dict)
    synchronized: Attributes | None = None
    import_kind: ChangeKind = ChangeKind.NONE
    intended: Attributes = field(default_factory=dict)
    """Everything outbound synchronisation computed for it, attributes the target cannot write included."""
    export_kind: ChangeKind = ChangeKind.NONE
    export_changes: tuple[AttributeChange, ...] = ()
    """The pending export: staged, not yet sent; only attributes the target can write."""
    unconfirmed: tuple[AttributeChange, ...] = ()
    """Sent with success, not yet seen again by an import."""
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    link: Link | None = None
    unresolved: tuple[str, ...] = ()
    """Folded DNs (`dn_key`) of objects it refers to that are not linked yet; it is synchronised again when they are."""
    sync_error: ObjectError | None = None
    export_error: ObjectError | None = None
    last_import: datetime | None = None
    last_sync: datetime | None = None
    last_export: datetime | None = None

    @property
    def was_imported(self) -> bool:
        """True once an import brought it; a provisioned object that was never seen again has nothing to contribute."""
        return self.last_import is not None

    @property
    def current(self) -> Attributes:
        """The attributes with the exports that are pending or unconfirmed laid over what was imported.

        This is what `[attribute]` reads on this side; `ImportedValue` reads `imported` (engine.md 1.9).
        """
        return self._overlaid(self.unconfirmed, self.export_changes)

    @property
    def held(self) -> Attributes:
        """What the target is known to hold: the last import under the exports still unconfirmed."""
        return self._overlaid(self.unconfirmed)

    def _overlaid(self, *layers: tuple[AttributeChange, ...]) -> Attributes:
        if not any(layers):
            return self.imported
        merged = dict(self.imported)
        for change in (change for layer in layers for change in layer):
            if change.new is None:
                merged.pop(change.name, None)
            else:
                merged[change.name] = change.new
        return merged


class Contribution(NamedTuple):
    """Who contributed a metaverse value: the rule, the connector and its object."""

    rule: UUID
    rule_name: str
    connector: UUID
    cs_object: UUID
    since: datetime


class MvValue(NamedTuple):
    """A metaverse attribute: its value and its contributors (one, or several when a merge united them)."""

    value: Value
    contributors: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class MvObject:
    """One metaverse object; references in it are GUIDs of other metaverse objects."""

    id: UUID
    object_type: str
    attributes: Mapping[str, MvValue] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Value]:
        """The attributes without their contributors."""
        return {name: entry.value for name, entry in self.attributes.items()}


def dn_key(dn: Dn) -> str:
    """Return the folded text by which a store indexes a DN, one line for each component."""
    joined = "\n".join(dn.key)
    if joined.count("\n") == len(dn.key) - 1:
        return joined
    return "\n".join(part.replace("\\", "\\\\").replace("\n", "\\n") for part in dn.key)  # \0A in a name is legal
