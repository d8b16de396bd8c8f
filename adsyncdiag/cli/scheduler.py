"""`get-scheduler` and `set-scheduler` (Get-ADSyncScheduler, Set-ADSyncScheduler)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from adsyncdiag.cli import console
from adsyncdiag.cli.options import Json, Verbose, Workspace

if TYPE_CHECKING:
    from datetime import timedelta

    from adsyncdiag import wiring
    from adsyncdiag.runs.scheduler import PropertyValue, SchedulerView, Unchanged


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("get-scheduler")(get_scheduler)
    app.command("set-scheduler")(set_scheduler)


def get_scheduler(workspace: Workspace = None, json: Json = False, verbose: Verbose = False) -> None:
    """Show the eleven properties of the scheduler.

    This version runs no cycles of its own: the next cycle is when one would start by these settings.
    """
    from adsyncdiag import wiring

    with wiring.open_workspace(workspace) as place:
        console.progress(f"Workspace: {place.path}", verbose=verbose)
        view = _view(place)
    _show(view, json=json)


def set_scheduler(
    customized_sync_cycle_interval: Annotated[str | None, typer.Option("--customized-sync-cycle-interval", metavar="d.hh:mm:ss", help='Interval between cycles; "" goes back to the shortest allowed, 30 minutes.')] = None,
    sync_cycle_enabled: Annotated[bool | None, typer.Option("--sync-cycle-enabled/--no-sync-cycle-enabled", help="Whether the scheduler runs cycles.")] = None,
    next_sync_cycle_policy_type: Annotated[str | None, typer.Option("--next-sync-cycle-policy-type", metavar="Delta|Initial", help="What the next cycle does.")] = None,
    purge_run_history_interval: Annotated[str | None, typer.Option("--purge-run-history-interval", metavar="d.hh:mm:ss", help="How long run history is kept.")] = None,
    maintenance_enabled: Annotated[bool | None, typer.Option("--maintenance-enabled/--no-maintenance-enabled", help="Whether the scheduler purges run history.")] = None,
    scheduler_suspended: Annotated[bool | None, typer.Option("--scheduler-suspended/--no-scheduler-suspended", hidden=True)] = None,
    force: Annotated[bool, typer.Option("--force", help="Accepted for the cmdlet's sake; nothing asks for confirmation here.")] = False,
    workspace: Workspace = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Change settings of the scheduler, and show the result.

    The settings are kept and shown as the cmdlets do; this version runs no cycles of its own and purges no history.
    """
    from adsyncdiag import wiring
    from adsyncdiag.errors import UsageError
    from adsyncdiag.runs.intervals import parse_interval
    from adsyncdiag.runs.scheduler import change, warnings

    if scheduler_suspended is not None:
        raise UsageError(
            "SchedulerSuspended cannot be set by hand",
            hint="It follows the command that holds the workspace. Use --no-sync-cycle-enabled to stop cycles.",
        )
    with wiring.open_workspace(workspace) as place:
        console.progress(f"Workspace: {place.path}", verbose=verbose)
        changed = change(
            place.scheduler_settings(),
            customized_interval=_interval(customized_sync_cycle_interval),
            sync_cycle_enabled=sync_cycle_enabled,
            next_policy=next_sync_cycle_policy_type,
            purge_interval=parse_interval(purge_run_history_interval or ""),
            maintenance_enabled=maintenance_enabled,
        )
        place.bare_store.save_scheduler(changed)
        view = _view(place)
    for warning in warnings(changed):
        console.note(f"Warning: {warning}")
    _show(view, json=json)


def _interval(text: str | None) -> timedelta | Unchanged | None:
    """Return what the option asks: nothing given leaves the interval, an empty text takes the customised one away."""
    from adsyncdiag.runs.intervals import parse_interval
    from adsyncdiag.runs.scheduler import Unchanged

    return Unchanged.UNCHANGED if text is None else parse_interval(text)


def _view(place: wiring.Workspace) -> SchedulerView:
    from adsyncdiag import wiring
    from adsyncdiag.runs.scheduler import scheduler_view

    moment = wiring.now()
    return scheduler_view(
        place.scheduler_settings(), staging=bool(place.staging), lease=place.bare_store.lease(moment), now=moment
    )


def _show(view: SchedulerView, *, json: bool) -> None:
    if json:
        console.result(console.as_json({name: _plain(value, machine=True) for name, value in view.properties}))
    else:
        console.result(console.properties({name: str(_plain(value)) for name, value in view.properties}))


def _plain(value: PropertyValue, *, machine: bool = False) -> str | bool | None:
    """Return a property as PowerShell prints it, or for *machine* readers: ISO 8601, true and false, null."""
    from datetime import datetime, timedelta

    from adsyncdiag.runs.intervals import format_interval

    if isinstance(value, timedelta):
        return format_interval(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z") if machine else f"{value:%Y-%m-%d %H:%M:%S}"
    return value if value is not None or machine else ""
