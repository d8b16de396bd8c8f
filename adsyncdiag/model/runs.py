"""Run history, the workspace's lease, and the scheduler's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

ALLOWED_SYNC_CYCLE_INTERVAL = timedelta(minutes=30)
"""Dictated by Entra; a shorter customised interval is stored and not used (engine.md 5.1)."""


class RunObjectError(NamedTuple):
    """An error of one object in one run step."""

    cs_object: UUID | None
    dn: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run: its result in the product's words, its counters, its errors."""

    number: int
    kind: str
    partition: UUID
    result: str
    started: datetime
    ended: datetime
    counters: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[RunObjectError, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a run profile; `number` is given by the store, 0 before."""

    id: UUID
    connector: UUID
    connector_name: str
    profile: str
    result: str
    started: datetime
    ended: datetime
    user: str
    steps: tuple[RunStep, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds the workspace (decision 9)."""

    holder: str
    """What to tell the one who finds it taken: command, user, host and process."""
    token: UUID
    host: str
    pid: int
    since: datetime
    expires: datetime
    """Taken over after this moment, or as soon as the process is gone on the same host."""
    suspends_scheduler: bool = False


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """What Set-ADSyncScheduler stores; the remaining properties of Get-ADSyncScheduler are derived."""

    sync_cycle_enabled: bool = True
    maintenance_enabled: bool = True
    customized_interval: timedelta | None = None
    next_policy: str = "Delta"
    """`Delta` or `Initial`."""
    purge_interval: timedelta = timedelta(days=7)
    next_start: datetime | None = None

    @property
    def effective_interval(self) -> timedelta:
        """The customised interval unless it is shorter than the allowed one."""
        return max(self.customized_interval or ALLOWED_SYNC_CYCLE_INTERVAL, ALLOWED_SYNC_CYCLE_INTERVAL)
