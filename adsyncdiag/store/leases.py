"""The lease on the workspace: one holder at a time, across processes (architecture.md, decision 9)."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adsyncdiag.errors import Busy
from adsyncdiag.model.runs import Lease
from adsyncdiag.store.database import Database
from adsyncdiag.store.process import birth, is_gone
from adsyncdiag.store.rows import column, moment, time_of, uncolumn

_SELECT: Final = "SELECT token, holder, host, pid, since, expires, suspends_scheduler, birth FROM lease"
_TAKE: Final = """
    INSERT OR REPLACE INTO lease (only, token, holder, host, pid, since, expires, suspends_scheduler, birth)
    VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_RENEW: Final = "UPDATE lease SET expires = ? WHERE token = ?"
_RELEASE: Final = "DELETE FROM lease WHERE token = ?"


def acquire(database: Database, lease: Lease, now: datetime) -> None:
    """Store *lease*, or raise `Busy` while another one is live.

    A lease is live until it expires, or until its process is gone, which is known only on its own host: the one whose name
    *lease* has too. The same token may take it again.
    """
    with database.transaction():
        held = _held(database)
        if held and held[0].token != lease.token and _is_live(*held, now=now, host=lease.host):
            raise _busy(held[0])
        times = (moment(lease.since), moment(lease.expires))
        names = (column(lease.holder), column(lease.host))
        born = birth(lease.pid) if _same_host(lease.host, platform.node()) else ""
        database.change(_TAKE, (lease.token.bytes, *names, lease.pid, *times, int(lease.suspends_scheduler), born))


def renew(database: Database, token: UUID, expires: datetime) -> None:
    """Extend the lease with this token, expired or not; raise `Busy` when another one took its place, or it was given back."""
    with database.transaction():
        held = _held(database)
        if held is None:
            raise Busy(
                "this command no longer holds the workspace: its lease was given back",
                hint="Run it again; what it had finished is stored.",
            )
        if held[0].token != token:
            raise _busy(held[0], "this command lost the workspace, which ")
        database.change(_RENEW, (moment(expires), token.bytes))


def release(database: Database, token: UUID) -> None:
    """Delete the lease with this token; another one is left alone."""
    with database.transaction():
        database.change(_RELEASE, (token.bytes,))


def live(database: Database, now: datetime) -> Lease | None:
    """Return the lease that holds at *now*, or None; this host is the one that `platform.node` names."""
    held = _held(database)
    return held[0] if held and _is_live(*held, now=now, host=platform.node()) else None


def _held(database: Database) -> tuple[Lease, str] | None:
    """Return the lease that is stored, live or not, and the birth of its process."""
    row = database.row(_SELECT)
    if row is None:
        return None
    token, holder, host, pid, since, expires, suspends, born = row
    times = (time_of(since), time_of(expires))
    return Lease(uncolumn(holder), UUID(bytes=token), uncolumn(host), pid, *times, bool(suspends)), born


def _is_live(held: Lease, born: str, *, now: datetime, host: str) -> bool:
    return now < held.expires and not (_same_host(held.host, host) and is_gone(held.pid, born))


def _same_host(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _busy(held: Lease, start: str = "the workspace ") -> Busy:
    return Busy(
        f"{start}is held by {held.holder} since {_iso(held.since)}",
        hint=f"Try again when that has ended. Should its process {held.pid} on {held.host} be gone for good, the workspace is free "
        f"again at {_iso(held.expires)} by itself, and on {held.host} at once.",
    )


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
