"""The SQL of the single-object path; `tests/store/test_query_plans.py` asks SQLite that none of it scans a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

K = TypeVar("K")

_SIZES: Final = (1, 8, 64, 512)
"""How many keys one statement takes; few sizes, so that SQLite compiles few statements, and below every variable limit."""

_CS: Final = """
    SELECT id, connector, partition_id, dn, dn_key, dn_parts, object_type, anchor, last_import, last_sync, last_export,
        import_kind, export_kind, sync_error, export_error, unresolved, exports, imported, synchronized, intended,
        metaverse, link_rule, link_rule_name, link_action, link_since
    FROM cs
"""

# The object that an import brought last is the one that is there: the other one moved away, or went, and the import
# of that is still to come.
_NEWEST: Final = " ORDER BY last_import DESC, id"

CS_BY_ID: Final = _CS + "WHERE id = ?"
CS_BY_DN: Final = _CS + "WHERE dn_print = ? AND connector = ? AND dn_key = ?" + _NEWEST
CS_BY_ANCHOR: Final = _CS + "WHERE anchor_print = ? AND connector = ? AND anchor = ?" + _NEWEST
CS_MATCHING: Final = (
    _CS + "JOIN cs_join ON cs_join.object = cs.seq WHERE print = ? AND connector = ? AND object_type = ? ORDER BY id"
)
CS_CONNECTED: Final = _CS + "WHERE metaverse = ? ORDER BY id"
CS_COUNTERPARTS: Final = _CS + "WHERE metaverse IN (:keys) AND connector = ? ORDER BY id DESC"
CS_LINKED: Final = (
    "SELECT dn_key, metaverse FROM cs WHERE dn_print IN (:keys) AND connector = ? ORDER BY last_import, id DESC"
)
CS_WAITING: Final = (
    "SELECT id FROM cs_waiting JOIN cs ON cs.seq = cs_waiting.object WHERE print = ? AND connector = ? ORDER BY id"
)

CS_STORED: Final = "SELECT seq, connector, joins, unresolved FROM cs WHERE id = ?"
CS_INSERT: Final = """
    INSERT INTO cs (
        connector, dn_print, anchor_print, metaverse, last_import, dn_key, dn, partition_id, object_type, anchor,
        link_rule, link_rule_name, link_action, link_since, import_kind, export_kind, last_sync, last_export,
        sync_error, export_error, joins, dn_parts, exports, unresolved, imported, synchronized, intended, id
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
CS_UPDATE: Final = """
    UPDATE cs SET
        connector = ?, dn_print = ?, anchor_print = ?, metaverse = ?, last_import = ?, dn_key = ?, dn = ?,
        partition_id = ?, object_type = ?, anchor = ?, link_rule = ?, link_rule_name = ?, link_action = ?,
        link_since = ?, import_kind = ?, export_kind = ?, last_sync = ?, last_export = ?, sync_error = ?,
        export_error = ?, joins = ?, dn_parts = ?, exports = ?, unresolved = ?, imported = ?, synchronized = ?,
        intended = ?
    WHERE id = ?
"""
CS_DELETE: Final = "DELETE FROM cs WHERE seq = ?"
CS_UNLINK: Final = """
    UPDATE cs SET metaverse = NULL, link_rule = NULL, link_rule_name = NULL, link_action = NULL, link_since = NULL
    WHERE metaverse = ?
"""
CS_JOIN_ADD: Final = "INSERT INTO cs_join (print, object) VALUES (?, ?)"
CS_JOIN_DROP: Final = "DELETE FROM cs_join WHERE print = ? AND object = ?"
CS_WAITING_ADD: Final = "INSERT INTO cs_waiting (print, object) VALUES (?, ?)"
CS_WAITING_DROP: Final = "DELETE FROM cs_waiting WHERE print = ? AND object = ?"

_MV: Final = "SELECT id, object_type, attributes FROM mv "

MV_BY_ID: Final = _MV + "WHERE id = ?"
MV_MATCHING: Final = _MV + "JOIN mv_join ON mv_join.object = mv.seq WHERE print = ? ORDER BY id"
MV_STORED: Final = "SELECT seq, joins FROM mv WHERE id = ?"
MV_INSERT: Final = "INSERT INTO mv (object_type, joins, attributes, id) VALUES (?, ?, ?, ?)"
MV_UPDATE: Final = "UPDATE mv SET object_type = ?, joins = ?, attributes = ? WHERE id = ?"
MV_DELETE: Final = "DELETE FROM mv WHERE seq = ?"
MV_JOIN_ADD: Final = "INSERT INTO mv_join (print, object) VALUES (?, ?)"
MV_JOIN_DROP: Final = "DELETE FROM mv_join WHERE print = ? AND object = ?"


def for_keys(statement: str, keys: Sequence[K]) -> Iterator[tuple[str, list[K]]]:
    """Give *statement* with marks for *keys* in place of `:keys`, as often as it takes, each time with its share of the keys.

    The last share is filled up with its own last key, which changes nothing in an `IN`.
    """
    start = 0
    while start < len(keys):
        left = len(keys) - start
        size = next((size for size in _SIZES if size >= left), _SIZES[-1])
        share = list(keys[start : start + size])
        share += share[-1:] * (size - len(share))
        yield statement.replace(":keys", ",".join("?" * size)), share
        start += size
