"""`get-scheduler` and `set-scheduler`: the eleven properties, kept, in both spellings of the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROPERTIES = [
    "AllowedSyncCycleInterval", "CurrentlyEffectiveSyncCycleInterval", "CustomizedSyncCycleInterval", "NextSyncCyclePolicyType",
    "NextSyncCycleStartTimeInUTC", "PurgeRunHistoryInterval", "SyncCycleEnabled", "MaintenanceEnabled", "StagingModeEnabled",
    "SchedulerSuspended", "SyncCycleInProgress",
]  # fmt: skip


@pytest.fixture
def scheduler(here: Callable[..., Any], workspace: Path) -> Callable[..., dict[str, Any]]:
    """Run a scheduler command that succeeds and return what it shows."""

    def run(*words: str) -> dict[str, Any]:
        done = here(*words, "--workspace", str(workspace), "--json")
        assert done.code == 0, done.err
        return {**json.loads(done.out), "said": done.err}

    return run


def test_the_eleven_properties_are_listed_as_powershell_lists_them(here: Callable[..., Any], workspace: Path) -> None:
    """For people: name, colon, value, in the cmdlet's order, True and False, a blank for no customised interval."""
    done = here("get-scheduler", "--workspace", str(workspace))
    assert (done.code, done.err) == (0, "")
    rows = [re.split(r"\s+:\s?", line, maxsplit=1) for line in done.text.splitlines()]
    assert [row[0] for row in rows] == PROPERTIES
    shown = dict(rows)
    assert shown["AllowedSyncCycleInterval"] == "00:30:00"
    assert shown["CustomizedSyncCycleInterval"] == ""
    assert shown["PurgeRunHistoryInterval"] == "7.00:00:00"
    assert shown["SyncCycleEnabled"] == "True"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown["NextSyncCycleStartTimeInUTC"])


def test_json_has_the_same_names_with_types(scheduler: Callable[..., dict[str, Any]]) -> None:
    """For programs: one object, true and false, null, ISO 8601 in UTC, intervals as d.hh:mm:ss."""
    shown = scheduler("get-scheduler")
    assert [name for name in shown if name != "said"] == PROPERTIES
    assert shown["CustomizedSyncCycleInterval"] is None
    assert shown["SyncCycleEnabled"] is True
    assert shown["StagingModeEnabled"] is False
    assert shown["PurgeRunHistoryInterval"] == "7.00:00:00"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["NextSyncCycleStartTimeInUTC"])


def test_what_is_set_stays_set(scheduler: Callable[..., dict[str, Any]]) -> None:
    """Each setting is shown at once, is there for the next command, and leaves the others alone."""
    changes: dict[str, list[str]] = {
        "SyncCycleEnabled": ["--no-sync-cycle-enabled"],
        "MaintenanceEnabled": ["--no-maintenance-enabled"],
        "CustomizedSyncCycleInterval": ["--customized-sync-cycle-interval", "03:00:00"],
        "NextSyncCyclePolicyType": ["--next-sync-cycle-policy-type", "initial"],
        "PurgeRunHistoryInterval": ["--purge-run-history-interval", "14.00:00:00"],
    }
    wanted = {
        "SyncCycleEnabled": False,
        "MaintenanceEnabled": False,
        "CustomizedSyncCycleInterval": "03:00:00",
        "NextSyncCyclePolicyType": "Initial",
        "PurgeRunHistoryInterval": "14.00:00:00",
    }
    done: dict[str, Any] = {}
    for name, words in changes.items():
        done[name] = wanted[name]
        for shown in (scheduler("set-scheduler", *words), scheduler("get-scheduler")):
            assert {key: shown[key] for key in done} == done
    assert scheduler("get-scheduler")["CurrentlyEffectiveSyncCycleInterval"] == "03:00:00"
    back = scheduler("set-scheduler", "--sync-cycle-enabled", "--customized-sync-cycle-interval", "")
    assert (back["SyncCycleEnabled"], back["CustomizedSyncCycleInterval"]) == (True, None)
    assert back["CurrentlyEffectiveSyncCycleInterval"] == "00:30:00"


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["-SyncCycleEnabled", "$false"], "SyncCycleEnabled", False),
        (["-synccycleenabled:$FALSE"], "SyncCycleEnabled", False),
        (["-SyncCycleEnabled", "0"], "SyncCycleEnabled", False),
        (["-SyncCycleEnabled", "true"], "SyncCycleEnabled", True),
        (["-MaintenanceEnabled", "False"], "MaintenanceEnabled", False),
        (["-CustomizedSyncCycleInterval", "1.00:00:00"], "CustomizedSyncCycleInterval", "1.00:00:00"),
        (["-CustomizedSyncCycleInterval", "$null"], "CustomizedSyncCycleInterval", None),
        (["03:00:00"], "CustomizedSyncCycleInterval", "03:00:00"),
        (["-NextSyncCyclePolicyType", "Initial", "-Force"], "NextSyncCyclePolicyType", "Initial"),
        (["-NextSyncCyclePolicyType", "Unspecified"], "NextSyncCyclePolicyType", "Delta"),
    ],
)
def test_a_line_from_microsofts_documentation_works(
    scheduler: Callable[..., dict[str, Any]], words: list[str], name: str, value: object
) -> None:
    """Set-ADSyncScheduler with PowerShell's parameters and values sets the same settings."""
    assert scheduler("Set-ADSyncScheduler", *words)[name] == value
    assert scheduler("get-adsyncscheduler")[name] == value


def test_an_interval_below_the_allowed_one_is_kept_with_a_warning(scheduler: Callable[..., dict[str, Any]]) -> None:
    """Ten minutes are stored, thirty are used, and standard error says so while the result is whole."""
    shown = scheduler("set-scheduler", "--customized-sync-cycle-interval", "00:10:00")
    assert shown["CustomizedSyncCycleInterval"] == "00:10:00"
    assert shown["CurrentlyEffectiveSyncCycleInterval"] == "00:30:00"
    assert shown["said"].startswith("Warning: The customised interval 00:10:00 is shorter than the allowed one")
    longer = scheduler("set-scheduler", "--customized-sync-cycle-interval", "8.00:00:00")
    assert "more than seven days" in longer["said"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["set-scheduler", "--customized-sync-cycle-interval", "3"], "'3' is not an interval"),
        (["set-scheduler", "--customized-sync-cycle-interval", "24:00:00"], "24 hours, and 23 is the most"),
        (["set-scheduler", "--customized-sync-cycle-interval", "-03:00:00"], "is not a length of time"),
        (["set-scheduler", "--customized-sync-cycle-interval", "00:00:00"], "is not a length of time"),
        (["set-scheduler", "--purge-run-history-interval", "soon"], "'soon' is not an interval"),
        (["set-scheduler", "--next-sync-cycle-policy-type", "Full"], "It is Unspecified, Delta or Initial"),
        (["set-scheduler", "--sync-cycle-enabled", "true"], "unexpected extra argument"),
        (["set-scheduler", "--scheduler-suspended"], "SchedulerSuspended cannot be set by hand"),
        (["Set-ADSyncScheduler", "-SchedulerSuspended", "$true"], "SchedulerSuspended cannot be set by hand"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled"], "In sh and bash write '$false' in quotes"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled", ""], "In sh and bash write '$false' in quotes"),
        (["Set-ADSyncScheduler", "-SyncCycleEnabled", "no"], "takes true or false, not 'no'"),
        (["Set-ADSyncScheduler", "-SyncCycle", "false"], "Did you mean -SyncCycleEnabled?"),
    ],
)
def test_a_value_that_means_nothing_changes_nothing(
    here: Callable[..., Any], scheduler: Callable[..., dict[str, Any]], workspace: Path, words: list[str], message: str
) -> None:
    """A wrong value is exit 2 with what would be right; the stored settings stay."""
    before = scheduler("set-scheduler", "--purge-run-history-interval", "5.00:00:00")
    done = here(*words, "--workspace", str(workspace))
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    after = scheduler("get-scheduler")
    moving = ("NextSyncCycleStartTimeInUTC", "said")
    assert {k: v for k, v in after.items() if k not in moving} == {k: v for k, v in before.items() if k not in moving}


def test_the_first_settings_are_those_of_the_server_export(here: Callable[..., Any], own_export: Path) -> None:
    """A workspace that was never set shows what its export says of the server; what is set afterwards counts, staging apart."""
    file = own_export / "export" / "GlobalSettings" / "MV.xml"
    text = file.read_text(encoding="utf-8")
    for name, value in (("StagingMode", "True"), ("SynchronizationSchedule", "False")):
        text, found = re.subn(rf'(name="Microsoft.Synchronize.{name}"[^>]*>)\w+', rf"\g<1>{value}", text)
        assert found == 1
    file.write_text(text, encoding="utf-8")
    shown = json.loads(here("get-scheduler", "--json", "--workspace", str(own_export)).out)
    assert (shown["StagingModeEnabled"], shown["SyncCycleEnabled"]) == (True, False)
    set_ = json.loads(here("set-scheduler", "--sync-cycle-enabled", "--json", "--workspace", str(own_export)).out)
    assert (set_["StagingModeEnabled"], set_["SyncCycleEnabled"]) == (True, True)
