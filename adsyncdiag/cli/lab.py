"""`lab init` and `lab serve`: a ready workspace, and its tenant as a Graph service on loopback."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from adsyncdiag.cli import console
from adsyncdiag.cli.files import path_of
from adsyncdiag.cli.options import Json, Workspace


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        name="lab",
        help="A forest, a tenant and a server export to try everything on.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("init")(lab_init)
    group.command("serve")(lab_serve)
    app.add_typer(group)


def lab_init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=path_of, help="An empty or new folder; it becomes a workspace.")
    ],
    json: Json = False,
) -> None:
    """Write a ready workspace: an LDIF forest, a server export, a tenant. Print what each object is for and what to expect."""
    from adsyncdiag.connectors.lab.scenarios.lab import write_lab

    rows = write_lab(folder)
    if json:
        keys = ("dn", "purpose", "expectedStep", "expectedStatus", "expectedCode")
        console.result(
            console.as_json(
                [
                    dict(zip(keys, (r.dn, r.purpose, r.expected_step, r.expected_status, r.expected_code), strict=True))
                    for r in rows
                ]
            )
        )
    else:
        shown = [
            (r.dn, r.purpose, str(r.expected_step or "-"), r.expected_status, r.expected_code or "-") for r in rows
        ]
        console.result(console.table(shown, ("Object", "Purpose", "Step", "Status", "Code")))
    console.note(
        f'\nNext: adsyncdiag single-object-sync --workspace {shlex.quote(str(folder))} --dn "CN=testobject,OU=corp,DC=contoso,DC=com"'
    )


def lab_serve(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="TCP port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="KIND:RATE", help="Misbehave on purpose, such as 429:0.1; may be repeated."),
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Serve the workspace's tenant as a Graph service over HTTPS on loopback, until interrupted.

    Prints one JSON line when ready: graph_root, authority, tenant_id, client_id, client_secret_file, ca_file, verified_domains, pid.
    """
    from adsyncdiag.connectors.lab.faults import Faults, parse_fault
    from adsyncdiag.connectors.lab.serve import serve
    from adsyncdiag.connectors.lab.tenant import LabTenant
    from adsyncdiag.settings import find_workspace

    place = find_workspace(workspace)
    serve(
        LabTenant(place / "tenant.json"),
        port=port,
        tls=place / "tls",
        faults=Faults([parse_fault(text) for text in fault]) if fault else None,
        ready=lambda facts: console.result(console.as_json(facts, one_line=True)),
    )
