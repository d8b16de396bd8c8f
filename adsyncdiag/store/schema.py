"""The tables, as numbered migrations.

Three thoughts are behind them:

* An object is one row, its images JSON in one column each: the row is read and written as a whole.
* What is looked up by text is looked up by a 64-bit fingerprint of it (`fingerprints`). A million distinguished names
  make an index of 20 MB this way instead of 150 MB, and one integer fits any type and any hostile text. Who looks up checks the
  candidates it gets.
* Long columns come last, so that a look-up which needs only the link of a group never reads its 50,000 members.

Times are microseconds since 1970 (UTC), identifiers 16 bytes. Text that UTF-8 cannot carry (lone surrogates) is stored as bytes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from adsyncdiag.errors import StoreError

APPLICATION_ID = 0x41445344
"""`ADSD` in the file's header says that the database is ours (https://www.sqlite.org/fileformat.html#application_id)."""

_FIRST = (
    """
    CREATE TABLE mv (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        object_type TEXT NOT NULL,
        joins BLOB NOT NULL,          -- its fingerprints in mv_join, packed: what to remove when they change
        attributes BLOB               -- values with their contributors
    )
    """,
    """
    CREATE TABLE cs (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        connector BLOB NOT NULL,
        dn_print INTEGER NOT NULL,    -- of connector and folded DN
        anchor_print INTEGER,         -- of connector and anchor; NULL without one
        metaverse BLOB REFERENCES mv (id) DEFERRABLE INITIALLY DEFERRED,
        last_import INTEGER,
        dn_key TEXT NOT NULL,
        dn TEXT NOT NULL,
        partition_id BLOB NOT NULL,
        object_type TEXT NOT NULL,
        anchor TEXT NOT NULL,
        link_rule BLOB,
        link_rule_name TEXT,
        link_action TEXT,
        link_since INTEGER,
        import_kind TEXT NOT NULL,
        export_kind TEXT NOT NULL,
        last_sync INTEGER,
        last_export INTEGER,
        sync_error BLOB,              -- NULL: none
        export_error BLOB,
        joins BLOB NOT NULL,          -- its fingerprints in cs_join, packed
        dn_parts BLOB,                -- the components of the DN, where one holds a line break
        exports BLOB,                 -- pending changes, unconfirmed changes, shadows
        unresolved BLOB,
        imported BLOB,
        synchronized BLOB,
        intended BLOB
    )
    """,
    # Neither is unique: within one import two objects may swap their names, and meet under one of them on the way.
    "CREATE INDEX cs_by_dn ON cs (dn_print)",
    "CREATE INDEX cs_by_anchor ON cs (anchor_print) WHERE anchor_print IS NOT NULL",
    "CREATE INDEX cs_by_metaverse ON cs (metaverse) WHERE metaverse IS NOT NULL",
    # object is the seq of the row; no foreign key, for that would need an index by object that nothing else uses.
    "CREATE TABLE mv_join (print INTEGER, object INTEGER, PRIMARY KEY (print, object)) WITHOUT ROWID",
    "CREATE TABLE cs_join (print INTEGER, object INTEGER, PRIMARY KEY (print, object)) WITHOUT ROWID",
    "CREATE TABLE cs_waiting (print INTEGER, object INTEGER, PRIMARY KEY (print, object)) WITHOUT ROWID",
    # The declared join attributes; connector is empty for the metaverse.
    "CREATE TABLE declared (connector BLOB, attribute BLOB, PRIMARY KEY (connector, attribute)) WITHOUT ROWID",
    """
    CREATE TABLE run (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        connector BLOB NOT NULL,
        number INTEGER NOT NULL,
        connector_name TEXT NOT NULL,
        profile TEXT NOT NULL,
        result TEXT NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        user TEXT NOT NULL,
        UNIQUE (connector, number)
    )
    """,
    """
    CREATE TABLE run_step (
        run INTEGER NOT NULL REFERENCES run (seq) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        partition_id BLOB NOT NULL,
        result TEXT NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        counters BLOB NOT NULL,
        PRIMARY KEY (run, position)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE run_error (
        run INTEGER NOT NULL,
        step INTEGER NOT NULL,
        position INTEGER NOT NULL,
        cs_object BLOB,
        dn TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (run, step, position),
        FOREIGN KEY (run, step) REFERENCES run_step (run, position) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    # Kept apart from the runs, so that numbers go on after the history was purged.
    "CREATE TABLE run_number (connector BLOB PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE lease (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        token BLOB NOT NULL,
        holder TEXT NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        birth TEXT NOT NULL,          -- tells the process from a later one with the same number
        since INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        suspends_scheduler INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE scheduler (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        sync_cycle_enabled INTEGER NOT NULL,
        maintenance_enabled INTEGER NOT NULL,
        customized_interval INTEGER,
        next_policy TEXT NOT NULL,
        purge_interval INTEGER NOT NULL,
        next_start INTEGER
    )
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""Migration n, from 1, brings a database from version n - 1 to n. One that was released is never edited, only followed."""


def migrate(connection: sqlite3.Connection, file: Path, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
    """Bring the database up to date, one transaction a migration; raise `StoreError` when it is newer, or not ours."""
    while (version := version_of(connection, file, len(migrations))) < len(migrations):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Asked again under the lock: another process may have migrated it meanwhile.
            if version_of(connection, file, len(migrations)) == version:
                for statement in migrations[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise


def version_of(connection: sqlite3.Connection, file: Path, newest: int = len(MIGRATIONS)) -> int:
    """Return the version of the database's schema, 0 for an empty file; raise `StoreError` when it is newer, or not ours."""
    # One statement, so that all three are of one moment: another process may be creating the tables right now.
    version, owner, used = connection.execute(
        "SELECT user_version, application_id, EXISTS (SELECT 1 FROM sqlite_master)"
        " FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if owner != APPLICATION_ID and (version or owner or used):
        raise StoreError(
            "this is the database of another program", hint="Name another file in [store] url.", file=str(file)
        )
    if version > newest:
        raise StoreError(
            f"the database has schema version {version}, and this adsyncdiag knows versions up to {newest}",
            hint="A newer adsyncdiag has written it: use that one, or another workspace.",
            file=str(file),
        )
    return int(version)
