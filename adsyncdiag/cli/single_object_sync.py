"""`single-object-sync`: one object through the ten steps (Invoke-ADSyncSingleObjectSync)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adsyncdiag.cli import console, files
from adsyncdiag.cli.files import path_of
from adsyncdiag.cli.options import Verbose, Workspace
from adsyncdiag.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from adsyncdiag import wiring
    from adsyncdiag.model.names import Dn
    from adsyncdiag.model.trace import SyncRecord

REPORTS = Path("reports") / "ADSyncObjectDiagnostics"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("single-object-sync")(single_object_sync)


def single_object_sync(
    dn: Annotated[
        list[str] | None,
        typer.Option(
            "--dn", "--distinguished-name", metavar="DN", help="Distinguished name of the object in Active Directory."
        ),
    ] = None,
    dn_argument: Annotated[
        list[str] | None, typer.Argument(metavar="DN", help="The same, without the option's name.")
    ] = None,
    staging_mode: Annotated[
        bool, typer.Option("--staging-mode", help="Export nothing. The synchronisation itself is still committed.")
    ] = False,
    no_html_report: Annotated[bool, typer.Option("--no-html-report", help="Write no HTML report.")] = False,
    json_format: Annotated[
        Literal["graph", "cmdlet", "provision-on-demand"],
        typer.Option("--json-format", help="Shape of the JSON document."),
    ] = "graph",
    full_values: Annotated[
        bool, typer.Option("--full-values", help="Carry long lists of values whole in the JSON.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            parser=path_of,
            help="Write the JSON there (mode 0600) instead of standard output.",
        ),
    ] = None,
    report_dir: Annotated[
        Path | None,
        typer.Option(
            "--report-dir",
            metavar="DIR",
            parser=path_of,
            help="Folder for the HTML report. Default: reports/ADSyncObjectDiagnostics in the workspace.",
        ),
    ] = None,
    workspace: Workspace = None,
    verbose: Verbose = False,
) -> int:
    """Take one Active Directory object through the ten steps of synchronisation to Microsoft Entra ID.

    Prints a JSON document in the shape of Microsoft Graph's provisioningObjectSummary, and writes an HTML report. Only
    additions and updates are made; an object that would be deleted is refused. The scheduler is suspended meanwhile.

    Example: adsyncdiag single-object-sync --dn "CN=testobject,OU=corp,DC=contoso,DC=com" --staging-mode
    """
    from adsyncdiag import wiring

    name = _one((*(dn or ()), *(dn_argument or ())))
    with wiring.open_workspace(workspace) as place:
        folder = None if no_html_report else report_dir or place.path / REPORTS
        _require_places(place, output, folder)
        record, exit_code = _run(place, name, staging_mode=staging_mode, verbose=verbose)
        _publish(record, json_format, output, full_values=full_values)
        report = _write_report(record, folder) if folder is not None else None
    _summarise(record, report, verbose=verbose)
    return exit_code


def _one(names: tuple[str, ...]) -> Dn:
    """Return the one distinguished name that was given, as option or argument; raise `UsageError` for none or several."""
    from adsyncdiag.model.names import Dn

    if len(names) != 1:
        given = f"{len(names)} distinguished names are" if names else "no distinguished name is"
        raise UsageError(f"{given} given, and one is needed", hint='Such as --dn "CN=Ann,OU=corp,DC=contoso,DC=com".')
    return Dn.parse(names[0])


def _require_places(place: wiring.Workspace, output: Path | None, folder: Path | None) -> None:
    """Raise before the run, which may write to the tenant, when what it tells could not be kept."""
    place.settings  # noqa: B018 - where there is no workspace, that is the thing to say
    if output is not None:
        files.require_file(output)
    if folder is not None:
        files.require_folder(folder)


def _run(place: wiring.Workspace, name: Dn, *, staging_mode: bool, verbose: bool) -> tuple[SyncRecord, int]:
    from adsyncdiag.diagnosis.case import Question
    from adsyncdiag.diagnosis.single_object import run

    world = place.world()
    staging = "--staging-mode" if staging_mode else place.staging
    with place.leased("single-object-sync", suspends_scheduler=True):
        if place.scheduler_settings().sync_cycle_enabled:
            console.progress(
                "The scheduler is enabled; it is suspended while this object is synchronised.",
                verbose=verbose,
            )
        done = run(
            world,
            Question(name, staging),
            progress=lambda number, title: console.progress(f"{number:2}/10 {title}", verbose=verbose),
        )
    return done.record, done.exit_code


def _publish(record: SyncRecord, json_format: str, output: Path | None, *, full_values: bool) -> None:
    from adsyncdiag.report.as_json import as_json
    from adsyncdiag.report.dialects import Dialect

    document = as_json(record, Dialect(json_format), full_values=full_values)
    if output is None:
        console.result(document)
        return
    try:
        files.save(document + b"\n", output)
    except ConfigurationError:
        console.result(document)  # the run is over, and may have written to the tenant: what it found is not lost
        raise


def _write_report(record: SyncRecord, folder: Path) -> Path:
    from datetime import datetime

    from adsyncdiag.report.as_html import as_html
    from adsyncdiag.report.write import write_report

    return write_report(as_html(record), folder, datetime.now().astimezone())


def _summarise(record: SyncRecord, report: Path | None, *, verbose: bool) -> None:
    """Tell a person at a terminal how it went; scripts have the JSON."""
    import sys

    if sys.stderr.isatty() or verbose:
        from adsyncdiag.report.as_text import summary

        console.styled(summary(record, colour=console.colours()))
    if report is not None:
        console.note(f"Report: {report}")
