"""Objects as rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import (
    AttributeChange,
    ChangeKind,
    CsObject,
    Link,
    LinkAction,
    ObjectError,
    Shadow,
    dn_key,
)
from adsyncdiag.model.values import Attributes
from adsyncdiag.store.encoding import Json, dump, load, named_values, optional, plain, plain_values, text
from adsyncdiag.store.fingerprints import anchor_fingerprint, dn_fingerprint
from adsyncdiag.store.stored import Stored

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_KINDS = {kind.value: kind for kind in ChangeKind}
_ACTIONS = {action.value: action for action in LinkAction}

known_id = lru_cache(maxsize=4096)(lambda data: UUID(bytes=data))
"""The UUID of 16 bytes that come again and again: connectors, partitions, rules."""


def moment(time: datetime) -> int:
    """Return an aware *time* as microseconds since 1970; a naive one raises TypeError, for it could mean any moment."""
    return (time - _EPOCH) // MICROSECOND


def time_of(microseconds: int) -> datetime:
    """Return the moment, aware and in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def optional_moment(time: datetime | None) -> int | None:
    """Return `moment` of *time*, or None."""
    return None if time is None else moment(time)


def optional_time(microseconds: int | None) -> datetime | None:
    """Return `time_of` *microseconds*, or None."""
    return None if microseconds is None else time_of(microseconds)


def column(content: str) -> str | bytes:
    """Return text as SQLite takes it: bytes when it has lone surrogates, which UTF-8 does not."""
    if content.isascii():
        return content
    data = content.encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        return data
    return content


def uncolumn(content: str | bytes) -> str:
    """Return the text that `column` gave to SQLite."""
    return content if isinstance(content, str) else content.decode("utf-8", "surrogatepass")


def cs_row(entry: CsObject, joins: bytes) -> tuple[object, ...]:
    """Return *entry* as the columns of `statements.CS_INSERT` and `CS_UPDATE`, in their order; *joins*: its packed fingerprints."""
    key, link = dn_key(entry.dn), entry.link
    return (
        entry.connector.bytes,
        dn_fingerprint(entry.connector, key),
        anchor_fingerprint(entry.connector, entry.anchor) if entry.anchor else None,
        link.metaverse.bytes if link else None,
        optional_moment(entry.last_import),
        column(key),
        column(entry.dn.text),
        entry.partition.bytes,
        column(entry.object_type),
        column(entry.anchor),
        *((link.rule.bytes, column(link.rule_name), link.action.value, moment(link.since)) if link else (None,) * 4),
        entry.import_kind.value,
        entry.export_kind.value,
        optional_moment(entry.last_sync),
        optional_moment(entry.last_export),
        _error_blob(entry.sync_error),
        _error_blob(entry.export_error),
        joins,
        dump(entry.dn.key) if tuple(key.split("\n")) != entry.dn.key else None,
        _exports_blob(entry),
        dump(entry.unresolved) if entry.unresolved else None,
        attributes_blob(entry.imported) if entry.imported else None,
        None if entry.synchronized is None else attributes_blob(entry.synchronized),
        attributes_blob(entry.intended) if entry.intended else None,
        entry.id.bytes,
    )


def cs_object(row: tuple[Any, ...]) -> CsObject:
    """Return the object of a row of a `statements.CS_*` select."""
    identity, dates, states = row[:8], row[8:11], row[11:]
    identifier, connector, partition, dn, key, parts, object_type, anchor = identity
    import_kind, export_kind, sync_error, export_error, unresolved, exports, imported, synchronized, intended = states[
        :9
    ]
    changes, unconfirmed, shadows = _exports(exports)
    return CsObject(
        id=UUID(bytes=identifier),
        connector=known_id(connector),
        partition=known_id(partition),
        dn=Dn(uncolumn(dn), tuple(map(text, load(parts))) if parts else tuple(uncolumn(key).split("\n"))),
        object_type=uncolumn(object_type),
        anchor=uncolumn(anchor),
        imported=attributes(imported) if imported else {},
        synchronized=None if synchronized is None else attributes(synchronized),
        import_kind=_KINDS[import_kind],
        intended=attributes(intended) if intended else {},
        export_kind=_KINDS[export_kind],
        export_changes=changes,
        unconfirmed=unconfirmed,
        shadows=shadows,
        link=_link(*states[9:]),
        unresolved=tuple(map(text, load(unresolved))) if unresolved else (),
        sync_error=_error(sync_error),
        export_error=_error(export_error),
        last_import=optional_time(dates[0]),
        last_sync=optional_time(dates[1]),
        last_export=optional_time(dates[2]),
    )


def attributes(blob: bytes) -> Attributes:
    """Return the attributes stored as *blob*, to be decoded at the first look."""
    return Stored(blob, _decode_attributes)


def attributes_blob(entries: Attributes) -> bytes:
    """Return *entries* as they are stored; the bytes they came with when they came from a store."""
    return entries.blob if isinstance(entries, Stored) else dump(plain_values(entries.items()))


def _decode_attributes(blob: bytes) -> dict[str, Any]:
    return named_values(load(blob))


def _link(metaverse: bytes | None, rule: bytes, rule_name: str | bytes, action: str, since: int) -> Link | None:
    if metaverse is None:
        return None
    return Link(UUID(bytes=metaverse), known_id(rule), uncolumn(rule_name), _ACTIONS[action], time_of(since))


def _error_blob(error: ObjectError | None) -> bytes | None:
    if error is None:
        return None
    return dump([error.code, error.message, moment(error.first), moment(error.last), error.retries, error.details])


def _error(blob: bytes | None) -> ObjectError | None:
    if blob is None:
        return None
    code, message, first, last, retries, details = load(blob)
    return ObjectError(text(code), text(message), time_of(first), time_of(last), retries, text(details))


def _exports_blob(entry: CsObject) -> bytes | None:
    if not (entry.export_changes or entry.unconfirmed or entry.shadows):
        return None
    shadows = [(name, plain(shadow.sent), plain(shadow.visible)) for name, shadow in entry.shadows.items()]
    return dump([_changes_plain(entry.export_changes), _changes_plain(entry.unconfirmed), shadows])


def _exports(
    blob: bytes | None,
) -> tuple[tuple[AttributeChange, ...], tuple[AttributeChange, ...], Mapping[str, Shadow]]:
    if blob is None:
        return (), (), {}
    changes, unconfirmed, shadows = load(blob)
    return (
        _changes(changes),
        _changes(unconfirmed),
        {text(name): Shadow(optional(sent), optional(visible)) for name, sent, visible in shadows},
    )


def _changes_plain(changes: tuple[AttributeChange, ...]) -> Json:
    return [(change.name, plain(change.old), plain(change.new)) for change in changes]


def _changes(document: Json) -> tuple[AttributeChange, ...]:
    return tuple([AttributeChange(text(name), optional(old), optional(new)) for name, old, new in document])
