"""Import of one object: the difference between what a connector read and what its connector space holds, as a value.

Matching is by anchor first, then by DN (engine.md 1.3). An object found at the DN under another anchor was renamed or
deleted since: it makes way under a temporary DN until an import brings news of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adsyncdiag.model.changes import StagingPlan
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import AttributeChange, ChangeKind, CsObject, Image, Shadow
from adsyncdiag.model.values import Attributes, Value, same
from adsyncdiag.ports import Reader

TRANSIENT = "CN=Transient"
"""Last component of the temporary DN of an object that had to make way."""


@dataclass(frozen=True, slots=True)
class Place:
    """The connector space an import goes into, and the moment of it."""

    connector: UUID
    partition: UUID
    now: datetime
    new_id: Callable[[], UUID]


def find_stored(image: Image, place: Place, reader: Reader) -> tuple[CsObject | None, CsObject | None]:
    """Return the stored object that *image* is about, and another one that holds its DN and has to make way."""
    at_dn = reader.cs_by_dn(place.connector, image.dn)
    stored = reader.cs_by_anchor(place.connector, image.anchor) if image.anchor else None
    if stored is None and at_dn is not None and (not at_dn.anchor or at_dn.anchor == image.anchor):
        return at_dn, None
    if at_dn is None or (stored is not None and at_dn.id == stored.id):
        return stored, None
    return stored, replace(at_dn, dn=Dn.parse(f"CN={at_dn.id},{TRANSIENT}"))


def plan_import(image: Image, stored: CsObject | None, displaced: CsObject | None, place: Place) -> StagingPlan:
    """Return what importing *image* changes; a value equal to what is held changes nothing."""
    if stored is None:
        return _new_object(image, displaced, place)
    attributes = _unshadowed(image.attributes, stored)
    changes = changes_between(stored.imported, attributes)
    confirmed, astray = _confirm(stored, attributes)
    kind = _kind(stored, image, changed=bool(changes) or image.dn != stored.dn)
    before = stored.synchronized if stored.import_kind is not ChangeKind.NONE else stored.imported
    after = replace(
        stored,
        partition=place.partition,
        dn=image.dn,
        object_type=image.object_type,
        anchor=image.anchor or stored.anchor,
        imported=attributes,
        synchronized=before if kind is not ChangeKind.NONE else None,
        import_kind=kind,
        unconfirmed=(),
        shadows={name: shadow for name, shadow in stored.shadows.items() if _holds(shadow, image.attributes.get(name))},
        last_import=place.now,
    )
    return StagingPlan(kind, stored, after, changes, confirmed, astray, displaced)


def changes_between(old: Attributes, new: Attributes) -> tuple[AttributeChange, ...]:
    """Return the attributes that differ, by name."""
    return tuple(
        AttributeChange(name, old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if not same(old.get(name), new.get(name))
    )


def _new_object(image: Image, displaced: CsObject | None, place: Place) -> StagingPlan:
    after = CsObject(
        id=place.new_id(),
        connector=place.connector,
        partition=place.partition,
        dn=image.dn,
        object_type=image.object_type,
        anchor=image.anchor,
        imported=image.attributes,
        import_kind=ChangeKind.ADD,
        last_import=place.now,
    )
    return StagingPlan(ChangeKind.ADD, None, after, changes_between({}, image.attributes), displaced=displaced)


def _kind(stored: CsObject, image: Image, *, changed: bool) -> ChangeKind:
    if stored.object_type != image.object_type:
        return ChangeKind.DELETE_ADD
    if stored.import_kind is ChangeKind.DELETE:
        return ChangeKind.UPDATE
    if stored.import_kind is not ChangeKind.NONE:
        return stored.import_kind
    return ChangeKind.UPDATE if changed else ChangeKind.NONE


def _unshadowed(attributes: Attributes, stored: CsObject) -> Attributes:
    """Put back the value that was sent where the service still shows what it made of it."""
    if not stored.shadows:
        return attributes
    shown = dict(attributes)
    for name, shadow in stored.shadows.items():
        if not _holds(shadow, attributes.get(name)):
            continue
        if shadow.sent is None:
            shown.pop(name, None)
        else:
            shown[name] = shadow.sent
    return shown


def _holds(shadow: Shadow, visible: Value | None) -> bool:
    return same(shadow.visible, visible)


def _confirm(stored: CsObject, attributes: Attributes) -> tuple[tuple[str, ...], tuple[AttributeChange, ...]]:
    seen, astray = [], []
    for change in stored.unconfirmed:
        if same(change.new, attributes.get(change.name)):
            seen.append(change.name)
        else:
            astray.append(AttributeChange(change.name, change.new, attributes.get(change.name)))
    return tuple(seen), tuple(astray)
