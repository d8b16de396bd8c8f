"""Look-ups and changes inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from adsyncdiag.errors import StoreError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, MvObject, dn_key
from adsyncdiag.model.runs import Run
from adsyncdiag.model.values import Scalar, each, matches
from adsyncdiag.store import history
from adsyncdiag.store import statements as sql
from adsyncdiag.store.database import Database
from adsyncdiag.store.encoding import load, text
from adsyncdiag.store.fingerprints import anchor_fingerprint, dn_fingerprint, value_fingerprint
from adsyncdiag.store.join_attributes import JoinAttributes
from adsyncdiag.store.metaverse_rows import attributes_blob, mv_object
from adsyncdiag.store.rows import column, cs_object, cs_row, uncolumn


class SqliteReader:
    """The `Reader` port over one open transaction; once that has ended every call raises `StoreError`."""

    def __init__(self, database: Database, joins: JoinAttributes) -> None:
        self._open: Database | None = database
        self._joins = joins

    @property
    def _database(self) -> Database:
        if self._open is None:
            raise StoreError(
                "this unit of work has ended; nothing can be read or stored through it any more",
                hint="This is a defect of adsyncdiag, please report it.",
            )
        return self._open

    def end(self) -> None:
        """Refuse everything from now on."""
        self._open = None

    def cs(self, identifier: UUID) -> CsObject | None:
        """Return the connector-space object with this identifier."""
        row = self._database.row(sql.CS_BY_ID, (identifier.bytes,))
        return cs_object(row) if row else None

    def cs_by_dn(self, connector: UUID, dn: Dn) -> CsObject | None:
        """Return the object at *dn*; of several (two that swap names meet under one) the one imported last."""
        key = dn_key(dn)
        rows = self._database.rows(sql.CS_BY_DN, (dn_fingerprint(connector, key), connector.bytes, column(key)))
        # Compared once more as a DN: a line break inside a name makes two different ones look alike when folded.
        return next((entry for entry in map(cs_object, rows) if entry.dn == dn), None)

    def cs_by_anchor(self, connector: UUID, anchor: str) -> CsObject | None:
        """Return the object with this anchor; none has an empty one."""
        if not anchor:
            return None
        number = anchor_fingerprint(connector, anchor)
        row = self._database.row(sql.CS_BY_ANCHOR, (number, connector.bytes, column(anchor)))
        return cs_object(row) if row else None

    def cs_matching(
        self, connector: UUID, object_type: str, attribute: str, value: Scalar, *, case_sensitive: bool = False
    ) -> tuple[CsObject, ...]:
        """Return the objects whose join attribute has *value* as imported or as intended, in the order of their identifiers."""
        self._joins.require(connector, attribute)
        number = value_fingerprint(connector, attribute, value)
        rows = self._database.rows(sql.CS_MATCHING, (number, connector.bytes, column(object_type)))
        return tuple(
            entry
            for entry in map(cs_object, rows)
            if any(
                matches(scalar, value, case_sensitive=case_sensitive)
                for image in (entry.imported, entry.intended)
                for scalar in each(image.get(attribute))
            )
        )

    def mv(self, identifier: UUID) -> MvObject | None:
        """Return the metaverse object with this identifier."""
        row = self._database.row(sql.MV_BY_ID, (identifier.bytes,))
        return mv_object(row) if row else None

    def mv_matching(
        self, object_type: str, attribute: str, value: Scalar, *, case_sensitive: bool = False
    ) -> tuple[MvObject, ...]:
        """Return the metaverse objects whose join attribute has *value*, in the order of their identifiers."""
        self._joins.require(None, attribute)
        rows = self._database.rows(sql.MV_MATCHING, (value_fingerprint(None, attribute, value),))
        return tuple(
            entry
            for entry in map(mv_object, rows)
            if object_type in ("*", entry.object_type)
            and (found := entry.attributes.get(attribute)) is not None
            and any(matches(scalar, value, case_sensitive=case_sensitive) for scalar in each(found.value))
        )

    def connected(self, metaverse: UUID) -> tuple[CsObject, ...]:
        """Return the connector-space objects linked to a metaverse object, in the order of their identifiers."""
        return tuple(map(cs_object, self._database.rows(sql.CS_CONNECTED, (metaverse.bytes,))))

    def linked(self, connector: UUID, keys: Sequence[str]) -> Mapping[str, UUID]:
        """Map folded DNs to the metaverse objects they are linked to; the object at a DN is the one `cs_by_dn` finds."""
        prints = [dn_fingerprint(connector, key) for key in keys]
        wanted = set(keys)
        at: dict[str, bytes | None] = {}
        for statement, share in sql.for_keys(sql.CS_LINKED, prints):
            for key, metaverse in self._database.rows(statement, (*share, connector.bytes)):
                at[uncolumn(key)] = metaverse  # the one imported last comes last
        return {key: UUID(bytes=metaverse) for key, metaverse in at.items() if metaverse is not None and key in wanted}

    def counterparts(self, connector: UUID, metaverse: Sequence[UUID]) -> Mapping[UUID, CsObject]:
        """Map metaverse objects to their object in a connector space; of several the one with the lowest identifier."""
        found: dict[UUID, CsObject] = {}
        for statement, share in sql.for_keys(sql.CS_COUNTERPARTS, [one.bytes for one in metaverse]):
            for row in self._database.rows(statement, (*share, connector.bytes)):
                entry = cs_object(row)
                if entry.link is not None:
                    found[entry.link.metaverse] = entry  # the lowest comes last
        return found

    def waiting_for(self, connector: UUID, dn: Dn) -> tuple[UUID, ...]:
        """Return the identifiers of objects whose reference to *dn* could not be resolved yet, in order.

        Found by fingerprint alone: should two DNs ever share one, an object is synchronised once too often, which is harmless.
        """
        number = dn_fingerprint(connector, dn_key(dn))
        return tuple(UUID(bytes=row[0]) for row in self._database.rows(sql.CS_WAITING, (number, connector.bytes)))


class SqliteUnitOfWork(SqliteReader):
    """The `UnitOfWork` port over one open transaction."""

    def save_cs(self, entry: CsObject) -> None:
        """Insert or replace a connector-space object, its link, its join index and its unresolved references."""
        database, joins = self._database, self._joins.of_cs(entry)
        row = cs_row(entry, joins)
        waiting = _waiting(entry.connector, entry.unresolved)
        stored = database.row(sql.CS_STORED, (entry.id.bytes,))
        if stored is None:
            self._index_cs(database.change(sql.CS_INSERT, row), (b"", joins), (set(), waiting))
        else:
            seq, connector, old_joins, unresolved = stored
            database.change(sql.CS_UPDATE, row)
            self._index_cs(seq, (old_joins, joins), (_stored_waiting(connector, unresolved), waiting))

    def remove_cs(self, identifier: UUID) -> None:
        """Remove a connector-space object; one that is not there does no harm."""
        stored = self._database.row(sql.CS_STORED, (identifier.bytes,))
        if stored is not None:
            seq, connector, joins, unresolved = stored
            self._index_cs(seq, (joins, b""), (_stored_waiting(connector, unresolved), set()))
            self._database.change(sql.CS_DELETE, (seq,))

    def _index_cs(self, seq: int, joins: tuple[bytes, bytes], waiting: tuple[set[int], set[int]]) -> None:
        """Bring what is indexed of one object from the first of each pair to the second."""
        self._joins.replace("cs", seq, *joins)
        before, after = waiting
        if before != after:
            drop, add = sorted(before - after), sorted(after - before)
            self._database.change_many(sql.CS_WAITING_DROP, [(number, seq) for number in drop])
            self._database.change_many(sql.CS_WAITING_ADD, [(number, seq) for number in add])

    def save_mv(self, entry: MvObject) -> None:
        """Insert or replace a metaverse object and its join index."""
        database, joins = self._database, self._joins.of_mv(entry)
        row = (column(entry.object_type), joins, attributes_blob(entry), entry.id.bytes)
        stored = database.row(sql.MV_STORED, (entry.id.bytes,))
        if stored is None:
            seq, old_joins = database.change(sql.MV_INSERT, row), b""
        else:
            seq, old_joins = stored
            database.change(sql.MV_UPDATE, row)
        self._joins.replace("mv", seq, old_joins, joins)

    def remove_mv(self, identifier: UUID) -> None:
        """Remove a metaverse object and the links to it; one that is not there does no harm."""
        stored = self._database.row(sql.MV_STORED, (identifier.bytes,))
        if stored is not None:
            seq, joins = stored
            self._database.change(sql.CS_UNLINK, (identifier.bytes,))
            self._joins.replace("mv", seq, joins, b"")
            self._database.change(sql.MV_DELETE, (seq,))

    def add_run(self, run: Run) -> Run:
        """Append to the run history and return the run with its number (from 1, per connector)."""
        return history.add(self._database, run)


def _waiting(connector: UUID, unresolved: Iterable[str]) -> set[int]:
    return {dn_fingerprint(connector, key) for key in unresolved}


def _stored_waiting(connector: bytes, blob: bytes | None) -> set[int]:
    return _waiting(UUID(bytes=connector), map(text, load(blob))) if blob else set()
