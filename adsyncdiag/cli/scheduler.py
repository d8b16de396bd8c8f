"""`get-scheduler` and `set-scheduler` (Get-ADSyncScheduler, Set-ADSyncScheduler)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from adsyncdiag.cli import console
from adsyncdiag.cli.options import Json, Workspace

if TYPE_CHECKING:
    from adsyncdiag import wiring
    from adsyncdiag.runs.scheduler import SchedulerView


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("get-scheduler")(get_scheduler)
    app.command("set-scheduler")(set_scheduler)


def get_scheduler(workspace: Workspace = None, json: Json = False) -> None:
    """Show the eleven properties of the scheduler."""
    from adsyncdiag import wiring

    with wiring.open_workspace(workspace) as place:
        view = _view(place)
    console.result(console.as_json(view.as_json()) if json else console.properties(view.as_text()))


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
) -> None:  # fmt: skip
    """Change settings of the scheduler, and show the result."""
    from adsyncdiag import wiring
    from adsyncdiag.errors import UsageError
    from adsyncdiag.runs.scheduler import change

    if scheduler_suspended is not None:
        raise UsageError(
            "SchedulerSuspended cannot be set by hand",
            hint="It follows the command that holds the workspace. Use --no-sync-cycle-enabled to stop cycles.",
        )
    with wiring.open_workspace(workspace) as place:
        changed = change(
            place.scheduler_settings(),
            customized_interval=customized_sync_cycle_interval,
            sync_cycle_enabled=sync_cycle_enabled,
            next_policy=next_sync_cycle_policy_type,
            purge_interval=purge_run_history_interval,
            maintenance_enabled=maintenance_enabled,
        )
        place.bare_store.save_scheduler(changed.settings)
        view = _view(place)
    for warning in changed.warnings:
        console.note(f"Warning: {warning}")
    console.result(console.as_json(view.as_json()) if json else console.properties(view.as_text()))


def _view(place: wiring.Workspace) -> SchedulerView:
    from adsyncdiag import wiring
    from adsyncdiag.runs.scheduler import scheduler_view

    moment = wiring.now()
    return scheduler_view(
        place.scheduler_settings(), staging=bool(place.staging), lease=place.bare_store.lease(moment), now=moment
    )
