"""The one door to SQLite: opening the file, transactions, and every error translated."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeAlias

from adsyncdiag.errors import StoreError
from adsyncdiag.store.failures import cannot_create, translated
from adsyncdiag.store.schema import migrate, version_of

Row: TypeAlias = tuple[Any, ...]
"""One row as sqlite3 gives it; `rows` turns it into an object, nothing else looks inside."""

_OLDEST_SQLITE = (3, 24, 0)  # ON CONFLICT DO UPDATE

# synchronous=FULL: in WAL mode NORMAL never corrupts, but a power failure may undo the last commits, and an acknowledged
# export that is forgotten could create an object twice. A killed process loses nothing in either mode.
# The cache is 64 MB (negative: KiB): the look-up keys of a million objects are spread at random over their index pages.
_PER_CONNECTION = ("PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON", "PRAGMA cache_size = -65536")


class Database:
    """One connection to one file, for one thread; every `sqlite3.Error` leaves it as `StoreError` or `Busy`.

    *patience* is how long to wait, in seconds, for a lock that another process holds.
    """

    def __init__(self, file: Path, *, patience: float = 10.0) -> None:
        self.file = file.absolute()
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise StoreError(
                f"Python's SQLite is {sqlite3.sqlite_version}, and adsyncdiag needs 3.24 or newer",
                hint="Use a Python that brings a newer SQLite.",
            )
        _create(self.file)
        try:
            # isolation_level None: sqlite3 opens no transaction of its own; ours are explicit.
            self._connection = sqlite3.connect(self.file, timeout=patience, isolation_level=None)
        except sqlite3.Error as error:
            raise translated(error, self.file) from error
        try:
            self.journal = self._prepare(patience)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, patience: float) -> str:
        """Set the connection up, bring the schema up to date; return the journal mode in use."""
        try:
            version_of(self._connection, self.file)  # before anything is changed in it
            for pragma in _PER_CONNECTION:
                self._connection.execute(pragma)
            mode = self._write_ahead(patience)
            migrate(self._connection, self.file)
        except sqlite3.Error as error:
            raise translated(error, self.file) from error
        return mode

    def _write_ahead(self, patience: float) -> str:
        """Switch a new database to its write-ahead log; return the journal mode it is in then.

        The mode stays what it was where the file system has no shared memory (NFS): every mode is safe, this one is faster.
        """
        deadline = monotonic() + patience
        while True:
            mode = str(self._connection.execute("PRAGMA journal_mode").fetchone()[0])
            if mode == "wal":
                return mode
            try:
                return str(self._connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
            except sqlite3.OperationalError as error:
                # Of two processes that open a new file at once one is told at once that it is locked, whatever the
                # time-out: both hold the read lock that the other one's switch waits for.
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() >= deadline:
                    raise
                sleep(0.01)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows that *sql* selects."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise translated(error, self.file) from error

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """Return the first row that *sql* selects, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Execute *sql*; return the key of the row an INSERT made."""
        try:
            return self._connection.execute(sql, parameters).lastrowid or 0
        except sqlite3.Error as error:
            raise translated(error, self.file) from error

    def change_many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        """Execute *sql* once for each row of *parameters*."""
        try:
            self._connection.executemany(sql, parameters)
        except sqlite3.Error as error:
            raise translated(error, self.file) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock from here to the end; commit, or roll back when anything is raised, an interrupt included."""
        self._refuse_nesting()
        self.change("BEGIN IMMEDIATE")
        try:
            yield
            # Deferred foreign keys are checked here, so a commit can fail and leave the transaction open.
            self.change("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            raise

    def _refuse_nesting(self) -> None:
        try:
            nested = self._connection.in_transaction
        except sqlite3.Error as error:
            raise translated(error, self.file) from error
        if nested:
            raise StoreError(
                "a unit of work is open already, and another one cannot begin inside it",
                hint="This is a defect of adsyncdiag, please report it.",
                file=str(self.file),
            )

    def close(self) -> None:
        """Close the connection; more than once does no harm."""
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise translated(error, self.file) from error


def _create(file: Path) -> None:
    """Create *file* empty and for its owner only, whatever the umask; -wal and -shm take their mode from it."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise cannot_create(error, file) from error
