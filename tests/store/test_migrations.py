"""Databases of other versions: older ones are brought up to date, newer ones refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.errors import StoreError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject
from adsyncdiag.store import schema
from adsyncdiag.store.sqlite import SqliteStore

ENTRY = CsObject(UUID(int=1), UUID(int=2), UUID(int=3), Dn.parse("CN=a,DC=x"), "user", imported={"mail": "a@x"})
NEXT = ("ALTER TABLE cs ADD COLUMN colour TEXT DEFAULT 'blue'", "CREATE TABLE later (a)")


def version(file: Path) -> int:
    """Return the schema version in a file."""
    connection = sqlite3.connect(file)
    number = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return int(number)


def stored(file: Path) -> CsObject | None:
    """Return the object of these tests from a file."""
    store = SqliteStore(file)
    with store.unit_of_work() as unit:
        found = unit.cs(ENTRY.id)
    store.close()
    return found


@pytest.fixture
def filled(file: Path) -> Path:
    """A database of today's version with one object."""
    store = SqliteStore(file)
    with store.unit_of_work() as unit:
        unit.save_cs(ENTRY)
    store.close()
    return file


def test_an_older_database_is_brought_up_to_date(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next program's migration runs on opening, once, and what was stored is still there."""
    newer = (*schema.MIGRATIONS, NEXT)
    for _ in range(2):
        connection = sqlite3.connect(filled, isolation_level=None)
        schema.migrate(connection, filled, newer)
        assert connection.execute("SELECT colour FROM cs").fetchall() == [("blue",)]
        connection.close()
    assert version(filled) == len(newer)


def test_an_empty_file_goes_through_every_migration(file: Path) -> None:
    """A file that was created and left empty by a killed command becomes a database of the newest version."""
    file.touch()
    SqliteStore(file).close()
    assert version(file) == len(schema.MIGRATIONS)
    assert stored(file) is None


def test_a_migration_that_fails_leaves_the_old_version_whole(filled: Path) -> None:
    """A migration is one transaction: after a failure in its midst the database is as it was, and still opens."""
    broken = (*schema.MIGRATIONS, (*NEXT, "INSERT INTO nowhere VALUES (1)"))
    connection = sqlite3.connect(filled, isolation_level=None)
    with pytest.raises(sqlite3.Error, match="nowhere"):
        schema.migrate(connection, filled, broken)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'later'").fetchall() == []
    connection.close()
    assert version(filled) == len(schema.MIGRATIONS)
    assert stored(filled) == ENTRY


def test_a_newer_database_is_refused_with_both_versions(filled: Path) -> None:
    """A database that a newer program wrote is not opened; the message says so, and nothing in it changes."""
    connection = sqlite3.connect(filled, isolation_level=None)
    schema.migrate(connection, filled, (*schema.MIGRATIONS, NEXT))
    connection.close()
    with pytest.raises(StoreError) as refused:
        SqliteStore(filled)
    assert f"version {len(schema.MIGRATIONS) + 1}" in refused.value.message
    assert f"up to {len(schema.MIGRATIONS)}" in refused.value.message
    assert "newer adsyncdiag" in refused.value.hint
    assert version(filled) == len(schema.MIGRATIONS) + 1
