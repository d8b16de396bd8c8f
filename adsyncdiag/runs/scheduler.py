"""The scheduler's settings: what a server export brings, what Get-ADSyncScheduler shows, what Set-ADSyncScheduler changes.

Pure functions; whoever calls them loads and saves (`ports.Store.scheduler`), and keeps the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, TypeAlias

from adsyncdiag.errors import ConfigurationError, UsageError
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.model.runs import ALLOWED_SYNC_CYCLE_INTERVAL, Lease, SchedulerSettings
from adsyncdiag.runs.intervals import format_interval, parse_interval

LONGEST_ADVISED_INTERVAL: Final = timedelta(days=7)
"""A delta cycle has to follow the last one within seven days, else a full one is needed (engine.md 5.2)."""

_PREFIX: Final = "Microsoft.Synchronize."
_POLICIES: Final = {"delta": "Delta", "initial": "Initial"}

PropertyValue: TypeAlias = timedelta | datetime | str | bool | None


class Unchanged(Enum):
    """The word for an interval that stays as it is, for None means back to the lowest allowed one."""

    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class SchedulerView:
    """The eleven properties of Get-ADSyncScheduler, in its order (engine.md 5.1)."""

    allowed_sync_cycle_interval: timedelta
    currently_effective_sync_cycle_interval: timedelta
    customized_sync_cycle_interval: timedelta | None
    """None prints as a blank."""
    next_sync_cycle_policy_type: str
    next_sync_cycle_start_time_in_utc: datetime
    purge_run_history_interval: timedelta
    sync_cycle_enabled: bool
    maintenance_enabled: bool
    staging_mode_enabled: bool
    scheduler_suspended: bool
    sync_cycle_in_progress: bool

    @property
    def properties(self) -> tuple[tuple[str, PropertyValue], ...]:
        """The properties under their names in PowerShell, in output order."""
        return (
            ("AllowedSyncCycleInterval", self.allowed_sync_cycle_interval),
            ("CurrentlyEffectiveSyncCycleInterval", self.currently_effective_sync_cycle_interval),
            ("CustomizedSyncCycleInterval", self.customized_sync_cycle_interval),
            ("NextSyncCyclePolicyType", self.next_sync_cycle_policy_type),
            ("NextSyncCycleStartTimeInUTC", self.next_sync_cycle_start_time_in_utc),
            ("PurgeRunHistoryInterval", self.purge_run_history_interval),
            ("SyncCycleEnabled", self.sync_cycle_enabled),
            ("MaintenanceEnabled", self.maintenance_enabled),
            ("StagingModeEnabled", self.staging_mode_enabled),
            ("SchedulerSuspended", self.scheduler_suspended),
            ("SyncCycleInProgress", self.sync_cycle_in_progress),
        )


def initial_settings(configuration: ServerConfiguration) -> SchedulerSettings:
    """Return the settings a new workspace begins with: those of the server whose export it is.

    A parameter that is missing, empty or (for a flag) neither True nor False leaves the product's default. `TimeInterval`
    holds the interval in use, so 00:30:00, the allowed one, means that none was customised, as does zero. `NextStartTime` is the other
    server's clock and stays there. Raises `ConfigurationError`, naming the parameter, for an interval or policy that is none.
    """
    default = SchedulerSettings()
    interval = _exported_interval(configuration, "TimeInterval")
    policy = configuration.settings.get(_PREFIX + "SynchronizationPolicy", "").strip()
    if policy and policy.lower() not in _POLICIES:
        raise _wrong(configuration, "SynchronizationPolicy", f"{policy!r} is neither Delta nor Initial")
    return SchedulerSettings(
        sync_cycle_enabled=configuration.flag(_PREFIX + "SynchronizationSchedule", default.sync_cycle_enabled),
        maintenance_enabled=configuration.flag(_PREFIX + "MaintenanceEnabled", default.maintenance_enabled),
        customized_interval=None if interval == ALLOWED_SYNC_CYCLE_INTERVAL else interval,
        next_policy=_POLICIES.get(policy.lower(), default.next_policy),
        purge_interval=_exported_interval(configuration, "RunHistoryPurgeInterval") or default.purge_interval,
    )


def scheduler_view(settings: SchedulerSettings, *, staging: bool, lease: Lease | None, now: datetime) -> SchedulerView:
    """Return what Get-ADSyncScheduler shows at *now*, *lease* being the one that holds the workspace.

    A live lease that suspends the scheduler (single-object sync) makes SchedulerSuspended True; any other live one, a cycle's
    or a run profile's, makes SyncCycleInProgress True. The next start is the stored one, be it past, which says since when a cycle is
    due; where no cycle ever ran it is *now*, for the first one begins as soon as a scheduler runs.
    """
    live = lease is not None and now < lease.expires
    suspends = live and lease is not None and lease.suspends_scheduler
    return SchedulerView(
        allowed_sync_cycle_interval=ALLOWED_SYNC_CYCLE_INTERVAL,
        currently_effective_sync_cycle_interval=settings.effective_interval,
        customized_sync_cycle_interval=settings.customized_interval,
        next_sync_cycle_policy_type=settings.next_policy,
        next_sync_cycle_start_time_in_utc=settings.next_start or now,
        purge_run_history_interval=settings.purge_interval,
        sync_cycle_enabled=settings.sync_cycle_enabled,
        maintenance_enabled=settings.maintenance_enabled,
        staging_mode_enabled=staging,
        scheduler_suspended=suspends,
        sync_cycle_in_progress=live and not suspends,
    )


def change(
    settings: SchedulerSettings,
    *,
    sync_cycle_enabled: bool | None = None,
    maintenance_enabled: bool | None = None,
    customized_interval: timedelta | Unchanged | None = Unchanged.UNCHANGED,
    next_policy: str | None = None,
    purge_interval: timedelta | None = None,
) -> SchedulerSettings:
    """Return *settings* with what Set-ADSyncScheduler names; what is None (or unchanged) stays (engine.md 5.2).

    A *customized_interval* of None goes back to the lowest allowed; one below that is kept and not used, which `warnings` says. A new
    interval counts at once, from the start of the last cycle on. *next_policy* `Unspecified` changes nothing.
    Raises `UsageError` for an interval that is zero or negative and for an unknown policy.
    """
    interval = settings.customized_interval if isinstance(customized_interval, Unchanged) else customized_interval
    purge = settings.purge_interval if purge_interval is None else purge_interval
    _require_positive("CustomizedSyncCycleInterval", interval)
    _require_positive("PurgeRunHistoryInterval", purge)
    changed = replace(
        settings,
        sync_cycle_enabled=settings.sync_cycle_enabled if sync_cycle_enabled is None else sync_cycle_enabled,
        maintenance_enabled=settings.maintenance_enabled if maintenance_enabled is None else maintenance_enabled,
        customized_interval=interval,
        next_policy=_policy(next_policy, settings.next_policy),
        purge_interval=purge,
    )
    if settings.next_start is None:
        return changed
    return replace(changed, next_start=_shifted(settings.next_start, settings, changed))


def warnings(settings: SchedulerSettings) -> tuple[str, ...]:
    """Return what an administrator should know about *settings*, a sentence each; nothing of it is an error."""
    interval = settings.customized_interval
    if interval is None:
        return ()
    shown = format_interval(interval)
    if interval < ALLOWED_SYNC_CYCLE_INTERVAL:
        allowed = format_interval(ALLOWED_SYNC_CYCLE_INTERVAL)
        return (
            f"The customised interval {shown} is shorter than the allowed one; it is stored, and {allowed} is used.",
        )
    if interval > LONGEST_ADVISED_INTERVAL:
        return (
            f"With an interval of {shown} more than seven days pass between two cycles, and a full cycle is needed then.",
        )
    return ()


def next_start(settings: SchedulerSettings, *, started: datetime, ended: datetime) -> datetime:
    """Return when the cycle after the one from *started* to *ended* begins.

    Cycles begin one effective interval apart; one that took longer is followed by the next at once, and none is made up for.
    """
    return max(started + settings.effective_interval, ended)


def is_due(settings: SchedulerSettings, now: datetime) -> bool:
    """Say whether a scheduler should begin a cycle at *now*; the first one is due at once, none while cycles are disabled."""
    return settings.sync_cycle_enabled and (settings.next_start is None or settings.next_start <= now)


def _shifted(start: datetime, before: SchedulerSettings, after: SchedulerSettings) -> datetime:
    """Return the next start, counted from the last one with the new interval; a date beyond the calendar is its end."""
    try:
        return start + (after.effective_interval - before.effective_interval)
    except OverflowError:
        return datetime.max.replace(tzinfo=start.tzinfo)


def _policy(wanted: str | None, present: str) -> str:
    name = (wanted or "Unspecified").strip().lower()
    if name == "unspecified":
        return present
    if name not in _POLICIES:
        raise UsageError(f"NextSyncCyclePolicyType {wanted!r} is unknown", hint="It is Unspecified, Delta or Initial.")
    return _POLICIES[name]


def _require_positive(name: str, interval: timedelta | None) -> None:
    if interval is not None and interval <= timedelta(0):
        raise UsageError(
            f"{name} {format_interval(interval)} is not a length of time",
            hint="Give one above zero, such as 03:00:00 for three hours or 7.00:00:00 for seven days.",
        )


def _exported_interval(configuration: ServerConfiguration, name: str) -> timedelta | None:
    """Return an interval of the export; None where it is missing, empty or zero."""
    text = configuration.settings.get(_PREFIX + name, "")
    try:
        interval = parse_interval(text)
    except UsageError as error:
        raise _wrong(configuration, name, error.message) from error
    if interval is not None and interval < timedelta(0):
        raise _wrong(configuration, name, f"{text!r} is negative")
    return interval or None


def _wrong(configuration: ServerConfiguration, name: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        hint="Export the server configuration again, or mend the parameter in GlobalSettings/MV.xml.",
        file=configuration.source,
        element=_PREFIX + name,
    )
