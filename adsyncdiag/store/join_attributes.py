"""The join attributes that are declared, and the index over their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from adsyncdiag.errors import StoreError
from adsyncdiag.model.objects import CsObject, MvObject
from adsyncdiag.model.values import Value, each
from adsyncdiag.store import statements as sql
from adsyncdiag.store.database import Database
from adsyncdiag.store.fingerprints import packed, unpacked, value_fingerprint
from adsyncdiag.store.metaverse_rows import mv_object
from adsyncdiag.store.rows import attributes, column, uncolumn

_METAVERSE = b""
_BATCH = 500


class JoinAttributes:
    """Which attributes may be looked up by value, as declared in this file by any command so far.

    Declarations stay: an attribute that no rule joins on any more costs a few bytes an object, while dropping
    it would have to rewrite them all.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[bytes, tuple[str, ...]] = {}
        self.read()

    def read(self) -> None:
        """Read the declarations; every transaction begins with it, for another process may have declared more."""
        names: dict[bytes, tuple[str, ...]] = {}
        for connector, attribute in self._database.rows("SELECT connector, attribute FROM declared"):
            names[connector] = (*names.get(connector, ()), uncolumn(attribute))
        self._names = names

    def require(self, connector: UUID | None, attribute: str) -> None:
        """Raise `StoreError` unless *attribute* is declared, for the metaverse when *connector* is None."""
        if attribute not in self._names.get(connector.bytes if connector else _METAVERSE, ()):
            place = f"connector {connector}" if connector else "the metaverse"
            raise StoreError(
                f"{attribute!r} of {place} is not indexed, so no object can be looked up by it",
                hint="Only attributes in the join clauses of the rules are. This is a defect of adsyncdiag, please report it.",
                file=str(self._database.file),
            )

    def of_cs(self, entry: CsObject) -> bytes:
        """Return the packed fingerprints of a connector-space object: its values as imported and as intended."""
        return self._cs_values(entry.connector, entry.imported, entry.intended)

    def of_mv(self, entry: MvObject) -> bytes:
        """Return the packed fingerprints of a metaverse object."""
        names = self._names.get(_METAVERSE, ())
        return packed(
            value_fingerprint(None, name, scalar)
            for name in names
            if (found := entry.attributes.get(name)) is not None
            for scalar in each(found.value)
        )

    def _cs_values(self, connector: UUID, *images: Mapping[str, Value]) -> bytes:
        names = self._names.get(connector.bytes, ())
        return packed(
            value_fingerprint(connector, name, scalar)
            for name in names
            for image in images
            for scalar in each(image.get(name))
        )

    def declare(self, cs: Iterable[tuple[UUID, str]], mv: Iterable[str]) -> None:
        """Add declarations; where one is new, index the objects that are stored already, in the same transaction."""
        wanted = {(connector.bytes, attribute) for connector, attribute in cs} | {(_METAVERSE, name) for name in mv}
        if all(attribute in self._names.get(connector, ()) for connector, attribute in wanted):
            return
        try:
            with self._database.transaction():
                self.read()
                new = sorted((c, a) for c, a in wanted if a not in self._names.get(c, ()))
                self._database.change_many(
                    "INSERT INTO declared (connector, attribute) VALUES (?, ?)", [(c, column(a)) for c, a in new]
                )
                self.read()
                for connector in sorted({connector for connector, _ in new}):
                    self._index_stored(connector)
        except BaseException:
            self.read()  # as they are after the rollback
            raise

    def _index_stored(self, connector: bytes) -> None:
        """Index all objects of a connector space, or of the metaverse, a batch at a time."""
        last = 0
        while batch := self._batch(connector, last):
            last = batch[-1][0]
            for seq, old, row in batch:
                if connector == _METAVERSE:
                    new, table = self.of_mv(mv_object(row)), "mv"
                else:
                    new, table = (
                        self._cs_values(UUID(bytes=connector), *(attributes(blob) for blob in row if blob)),
                        "cs",
                    )
                if new != old:
                    self._database.change(_SET_JOINS[table], (new, seq))
                    self.replace(table, seq, old, new)

    def _batch(self, connector: bytes, last: int) -> list[tuple[int, bytes, tuple[Any, ...]]]:
        if connector == _METAVERSE:
            found = self._database.rows(_MV_BATCH, (last, _BATCH))
        else:
            found = self._database.rows(_CS_BATCH, (last, connector, _BATCH))
        return [(row[0], row[1], row[2:]) for row in found]

    def replace(self, table: str, seq: int, old: bytes, new: bytes) -> None:
        """Bring the index of one object (of *table* `cs` or `mv`) from fingerprints *old* to *new*."""
        if old == new:
            return
        add, drop = _CHANGE_JOINS[table]
        before, after = set(unpacked(old)), set(unpacked(new))
        self._database.change_many(drop, [(number, seq) for number in sorted(before - after)])
        self._database.change_many(add, [(number, seq) for number in sorted(after - before)])


_CS_BATCH = "SELECT seq, joins, imported, intended FROM cs WHERE seq > ? AND connector = ? ORDER BY seq LIMIT ?"
_MV_BATCH = "SELECT seq, joins, id, object_type, attributes FROM mv WHERE seq > ? ORDER BY seq LIMIT ?"
_SET_JOINS = {"cs": "UPDATE cs SET joins = ? WHERE seq = ?", "mv": "UPDATE mv SET joins = ? WHERE seq = ?"}
_CHANGE_JOINS = {"cs": (sql.CS_JOIN_ADD, sql.CS_JOIN_DROP), "mv": (sql.MV_JOIN_ADD, sql.MV_JOIN_DROP)}
