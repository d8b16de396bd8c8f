"""The scheduler's settings: from the export, as shown, as changed."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from adsyncdiag.errors import ConfigurationError, UsageError
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.model.runs import Lease, SchedulerSettings
from adsyncdiag.model.schema import Schema
from adsyncdiag.runs.scheduler import change, initial_settings, is_due, next_start, scheduler_view, warnings

HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def exported(**parameters: str) -> ServerConfiguration:
    """Return a configuration with global parameters of the scheduler."""
    settings = {f"Microsoft.Synchronize.{name}": text for name, text in parameters.items()}
    return ServerConfiguration((), (), Schema({}, {}), settings, source="export")


def lease(**fields: object) -> Lease:
    """Return a lease that lasts until one o'clock."""
    return replace(Lease("cycle", UUID(int=1), "host", 1, NOON, NOON + HOUR), **fields)


def test_the_export_of_a_server_gives_its_settings(contoso: Path) -> None:
    """Contoso's export has the defaults: nothing customised, delta, seven days of history, everything on."""
    root = ET.parse(contoso / "GlobalSettings" / "MV.xml").getroot()
    settings = {p.get("name", ""): p.text or "" for p in root.iter("parameter")}
    assert settings["Microsoft.Synchronize.TimeInterval"] == "00:30:00"
    configuration = ServerConfiguration((), (), Schema({}, {}), settings)
    assert initial_settings(configuration) == SchedulerSettings(True, True, None, "Delta", 7 * DAY, None)


def test_every_parameter_of_the_export_counts() -> None:
    """A server with other settings than the defaults hands them over."""
    configuration = exported(
        TimeInterval="03:00:00",
        SynchronizationPolicy="initial",
        RunHistoryPurgeInterval="14.00:00:00",
        SynchronizationSchedule="False",
        MaintenanceEnabled="false",
        NextStartTime="Tue, 03 May 2016 14:39:16 GMT",
    )
    assert initial_settings(configuration) == SchedulerSettings(False, False, 3 * HOUR, "Initial", 14 * DAY, None)


def test_an_export_without_parameters_gives_the_defaults() -> None:
    """Missing, empty and zero parameters leave the product's defaults."""
    assert initial_settings(exported()) == SchedulerSettings()
    empty = exported(
        TimeInterval="00:00:00", RunHistoryPurgeInterval="", SynchronizationPolicy="", MaintenanceEnabled=""
    )
    assert initial_settings(empty) == SchedulerSettings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TimeInterval", "soon"),
        ("TimeInterval", "-01:00:00"),
        ("RunHistoryPurgeInterval", "7 days"),
        ("SynchronizationPolicy", "Full"),
    ],
)
def test_a_wrong_parameter_of_the_export_is_named(name: str, text: str) -> None:
    """The error names the folder, the parameter and its text."""
    with pytest.raises(ConfigurationError) as refused:
        initial_settings(exported(**{name: text}))
    assert f"export, Microsoft.Synchronize.{name}" in refused.value.message
    assert repr(text) in refused.value.message


def test_the_view_has_the_eleven_properties_in_output_order() -> None:
    """Names, order and values are those of Get-ADSyncScheduler (engine.md 5.1)."""
    settings = SchedulerSettings(next_start=NOON + HALF)
    view = scheduler_view(settings, staging=False, lease=None, now=NOON)
    assert view.properties == (
        ("AllowedSyncCycleInterval", HALF),
        ("CurrentlyEffectiveSyncCycleInterval", HALF),
        ("CustomizedSyncCycleInterval", None),
        ("NextSyncCyclePolicyType", "Delta"),
        ("NextSyncCycleStartTimeInUTC", NOON + HALF),
        ("PurgeRunHistoryInterval", 7 * DAY),
        ("SyncCycleEnabled", True),
        ("MaintenanceEnabled", True),
        ("StagingModeEnabled", False),
        ("SchedulerSuspended", False),
        ("SyncCycleInProgress", False),
    )
    assert tuple(value for _, value in view.properties) == astuple(view)


@pytest.mark.parametrize(
    ("held", "suspended", "in_progress"),
    [
        (None, False, False),
        (lease(), False, True),
        (lease(suspends_scheduler=True), True, False),
        (lease(suspends_scheduler=True, expires=NOON), False, False),
        (lease(expires=NOON), False, False),
    ],
)
def test_suspension_and_progress_follow_the_lease(held: Lease | None, suspended: bool, in_progress: bool) -> None:
    """A live lease that suspends shows as suspended, another live one as a cycle in progress, an expired one as nothing."""
    view = scheduler_view(SchedulerSettings(), staging=True, lease=held, now=NOON)
    assert (view.scheduler_suspended, view.sync_cycle_in_progress) == (suspended, in_progress)
    assert view.staging_mode_enabled


def test_the_next_start_is_the_stored_one_or_now() -> None:
    """A start in the past says since when a cycle is due; where none ever ran the first is due now."""
    for stored, shown in ((None, NOON), (NOON - DAY, NOON - DAY), (NOON + HALF, NOON + HALF)):
        view = scheduler_view(SchedulerSettings(next_start=stored), staging=False, lease=None, now=NOON)
        assert view.next_sync_cycle_start_time_in_utc == shown


def test_a_change_of_nothing_changes_nothing() -> None:
    """What is not named stays, `Unspecified` included."""
    settings = SchedulerSettings(False, False, 3 * HOUR, "Initial", DAY, NOON)
    assert change(settings) == settings
    assert change(settings, next_policy="Unspecified") == settings
    assert change(settings, next_policy="unspecified", purge_interval=None, sync_cycle_enabled=None) == settings


def test_each_property_can_be_changed_alone() -> None:
    """Every named property takes its new value, False included, and the others stay."""
    settings = SchedulerSettings(next_start=NOON)
    assert change(settings, sync_cycle_enabled=False) == replace(settings, sync_cycle_enabled=False)
    assert change(settings, maintenance_enabled=False) == replace(settings, maintenance_enabled=False)
    assert change(settings, next_policy="INITIAL") == replace(settings, next_policy="Initial")
    assert change(settings, purge_interval=DAY) == replace(settings, purge_interval=DAY)


def test_a_longer_interval_counts_from_the_last_start_at_once() -> None:
    """The cycle that was due half an hour after the last one is due three hours after it, and back again with null."""
    settings = SchedulerSettings(next_start=NOON + HALF)
    longer = change(settings, customized_interval=3 * HOUR)
    assert longer == replace(settings, customized_interval=3 * HOUR, next_start=NOON + 3 * HOUR)
    assert longer.effective_interval == 3 * HOUR
    assert warnings(longer) == ()
    assert change(longer, customized_interval=None) == settings


def test_an_interval_below_the_allowed_is_stored_and_not_used() -> None:
    """Ten minutes are kept and shown as customised; half an hour stays in effect, and a warning says so."""
    settings = change(SchedulerSettings(next_start=NOON), customized_interval=timedelta(minutes=10))
    view = scheduler_view(settings, staging=False, lease=None, now=NOON)
    assert view.customized_sync_cycle_interval == timedelta(minutes=10)
    assert view.currently_effective_sync_cycle_interval == HALF
    assert settings.next_start == NOON
    (warning,) = warnings(settings)
    assert "00:10:00" in warning
    assert "00:30:00 is used" in warning


def test_an_interval_of_more_than_a_week_is_warned_about() -> None:
    """Seven days are guidance, not a limit: longer is taken, with a warning."""
    assert warnings(SchedulerSettings(customized_interval=7 * DAY)) == ()
    (warning,) = warnings(change(SchedulerSettings(), customized_interval=8 * DAY))
    assert "8.00:00:00" in warning


def test_the_longest_interval_ends_with_the_calendar() -> None:
    """An interval beyond the year 9999 gives the last moment there is instead of an error."""
    settings = change(SchedulerSettings(next_start=NOON), customized_interval=timedelta(days=10_675_199))
    assert settings.next_start is not None
    assert settings.next_start.year == 9999


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(hours=-1)])
def test_an_interval_that_is_zero_or_negative_is_refused(interval: timedelta) -> None:
    """Neither of the two intervals may be zero or negative; the error names it."""
    with pytest.raises(UsageError, match="CustomizedSyncCycleInterval"):
        change(SchedulerSettings(), customized_interval=interval)
    with pytest.raises(UsageError, match="PurgeRunHistoryInterval"):
        change(SchedulerSettings(), purge_interval=interval)


def test_an_unknown_policy_is_refused() -> None:
    """The error names the text, the hint the three words there are."""
    with pytest.raises(UsageError, match="'Full'") as refused:
        change(SchedulerSettings(), next_policy="Full")
    assert "Delta" in refused.value.hint


def test_cycles_begin_one_interval_apart_and_never_overlap() -> None:
    """The next start counts from the start of the last cycle; a cycle that took longer is followed at once."""
    settings = SchedulerSettings()
    assert next_start(settings, started=NOON, ended=NOON + timedelta(minutes=5)) == NOON + HALF
    assert next_start(settings, started=NOON, ended=NOON + 3 * HOUR) == NOON + 3 * HOUR
    customized = replace(settings, customized_interval=2 * HOUR)
    assert next_start(customized, started=NOON, ended=NOON + HOUR) == NOON + 2 * HOUR


def test_a_cycle_is_due_from_its_start_time_on_unless_disabled() -> None:
    """The first is due at once, later ones at their time, none while cycles are disabled."""
    assert is_due(SchedulerSettings(), NOON)
    assert is_due(SchedulerSettings(next_start=NOON), NOON)
    assert not is_due(SchedulerSettings(next_start=NOON + timedelta(microseconds=1)), NOON)
    assert not is_due(SchedulerSettings(sync_cycle_enabled=False), NOON)
