"""The store in one SQLite file: write-ahead log, one writer at a time, nothing committed ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from adsyncdiag.model.runs import Lease, Run, SchedulerSettings
from adsyncdiag.store import history, leases
from adsyncdiag.store.database import Database
from adsyncdiag.store.join_attributes import JoinAttributes
from adsyncdiag.store.rows import MICROSECOND, column, optional_moment, optional_time, uncolumn
from adsyncdiag.store.schema import MIGRATIONS
from adsyncdiag.store.unit_of_work import SqliteUnitOfWork


class SqliteStore:
    """The `Store` port over the file at *path*, which is created for its owner only when it is not there.

    For one thread. *patience*: how long to wait, in seconds, while another process writes, before `Busy` is raised. Raises
    `StoreError` when the file cannot be opened, is no database, another program's, or a newer version's.

    A unit of work holds the write lock from its first line: keep requests to a directory or tenant out of it.
    """

    def __init__(self, path: Path, *, patience: float = 10.0) -> None:
        self._database = Database(path, patience=patience)
        try:
            self._joins = JoinAttributes(self._database)
        except BaseException:
            self._database.close()
            raise

    def index(self, cs: Iterable[tuple[UUID, str]], mv: Iterable[str]) -> None:
        """Declare join attributes, in addition to those declared before in this file; new ones index what is stored."""
        self._joins.declare(cs, mv)

    @contextmanager
    def unit_of_work(self) -> Iterator[SqliteUnitOfWork]:
        """Open a transaction; an exception inside rolls it back. Another one inside it raises `StoreError`."""
        with self._database.transaction():
            self._joins.read()
            unit = SqliteUnitOfWork(self._database, self._joins)
            try:
                yield unit
            finally:
                unit.end()

    def runs(self, *, limit: int = 100, connector: UUID | None = None) -> tuple[Run, ...]:
        """Return the run history, newest first; none when *limit* is not positive."""
        return history.newest(self._database, limit, connector)

    def acquire(self, lease: Lease, now: datetime) -> None:
        """Take the workspace, or raise `Busy` with who holds it and since when."""
        leases.acquire(self._database, lease, now)

    def renew(self, token: UUID, expires: datetime) -> None:
        """Extend a lease that is still ours; raise `Busy` when it was taken over. Not inside a unit of work."""
        leases.renew(self._database, token, expires)

    def release(self, token: UUID) -> None:
        """Give the workspace back; a lease that is no longer ours is left alone."""
        leases.release(self._database, token)

    def lease(self, now: datetime) -> Lease | None:
        """Return the live lease, or None."""
        return leases.live(self._database, now)

    def scheduler(self) -> SchedulerSettings | None:
        """Return the stored scheduler settings; None until they were first saved."""
        row = self._database.row(
            "SELECT sync_cycle_enabled, maintenance_enabled, customized_interval, next_policy, purge_interval, next_start"
            " FROM scheduler"
        )
        if row is None:
            return None
        sync, maintenance, interval, policy, purge, start = row
        return SchedulerSettings(
            sync_cycle_enabled=bool(sync),
            maintenance_enabled=bool(maintenance),
            customized_interval=None if interval is None else timedelta(microseconds=interval),
            next_policy=uncolumn(policy),
            purge_interval=timedelta(microseconds=purge),
            next_start=optional_time(start),
        )

    def save_scheduler(self, settings: SchedulerSettings) -> None:
        """Store the scheduler settings."""
        interval = settings.customized_interval
        with self._database.transaction():
            self._database.change(
                "INSERT OR REPLACE INTO scheduler (only, sync_cycle_enabled, maintenance_enabled, customized_interval,"
                " next_policy, purge_interval, next_start) VALUES (1, ?, ?, ?, ?, ?, ?)",
                (
                    int(settings.sync_cycle_enabled),
                    int(settings.maintenance_enabled),
                    None if interval is None else interval // MICROSECOND,
                    column(settings.next_policy),
                    settings.purge_interval // MICROSECOND,
                    optional_moment(settings.next_start),
                ),
            )

    def check(self) -> Mapping[str, str]:
        """Return where the database is, its schema version and journal, and how many objects and runs it holds.

        The counts read one narrow index each; with a million objects that takes tens of milliseconds.
        """
        counts = {
            "connector space objects": "SELECT count(*) FROM cs",
            "linked objects": "SELECT count(*) FROM cs WHERE metaverse IS NOT NULL",
            "metaverse objects": "SELECT count(*) FROM mv",
            "runs": "SELECT count(*) FROM run",
        }
        return {
            "database": str(self._database.file),
            "schema version": str(len(MIGRATIONS)),
            "journal": self._database.journal,
        } | {name: str((self._database.row(statement) or (0,))[0]) for name, statement in counts.items()}

    def close(self) -> None:
        """Close the database; more than once does no harm."""
        self._database.close()
