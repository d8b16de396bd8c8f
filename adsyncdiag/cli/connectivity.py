"""`test-connectivity`: is every part of the workspace reachable and allowed to do what it has to?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from adsyncdiag.cli import console
from adsyncdiag.cli.options import Json, Verbose, Workspace
from adsyncdiag.errors import EXIT_SUCCESS, AdSyncDiagError

if TYPE_CHECKING:
    from adsyncdiag import wiring
    from adsyncdiag.model.configuration import Connector


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test-connectivity")(check_connectivity)


def check_connectivity(workspace: Workspace = None, json: Json = False, verbose: Verbose = False) -> int:
    """Try the configuration, the store, every forest and the tenant, and say what each answered."""
    from adsyncdiag import wiring

    with wiring.open_workspace(workspace) as place:
        console.progress(f"Workspace: {place.path}", verbose=verbose)
        findings = [_try(name, probe, verbose=verbose) for name, probe in _probes(place)]
    if json:
        console.result(
            console.as_json(
                [{"part": n, "ok": e is None, "facts": dict(f), "error": str(e) if e else None} for n, f, e in findings]
            )
        )
    else:
        rows = [
            (
                n,
                "failed" if e else "ok",
                str(e).replace("\n", " ") if e else ", ".join(f"{k}: {v}" for k, v in f.items()),
            )
            for n, f, e in findings
        ]
        console.result(console.table(rows, ("Part", "Result", "Facts")))
    return max((error.exit_code for _, _, error in findings if error is not None), default=EXIT_SUCCESS)


Probe = Callable[[], Mapping[str, str]]


def _try(name: str, probe: Probe, *, verbose: bool) -> tuple[str, Mapping[str, str], AdSyncDiagError | None]:
    console.progress(f"{name} ...", verbose=verbose)
    try:
        return name, probe(), None
    except AdSyncDiagError as error:
        return name, {}, error


def _probes(place: wiring.Workspace) -> list[tuple[str, Probe]]:
    """Return what to try, in the order in which one thing needs another."""
    forests = [_forest_probe(place, connector) for connector in place.configuration.active_directory]
    return [
        ("Server export", lambda: _export(place)),
        ("Rules", lambda: _rules(place)),
        ("Store", lambda: place.store.check()),
        *forests,
        ("Tenant", lambda: _tenant(place)),
    ]


def _forest_probe(place: wiring.Workspace, connector: Connector) -> tuple[str, Probe]:
    return f"Forest {connector.name}", lambda: place.directory(connector).check()


def _export(place: wiring.Workspace) -> Mapping[str, str]:
    found = place.configuration
    return {
        "server": found.server,
        "version": found.version,
        "connectors": ", ".join(c.name for c in found.connectors),
        "rules": str(len(found.rules)),
    }


def _rules(place: wiring.Workspace) -> Mapping[str, str]:
    from adsyncdiag.errors import ConfigurationError
    from adsyncdiag.serverconfig.selfcheck import check

    count, warnings = place.book.check_expressions()
    for warning in warnings:
        console.note(f"Warning: {warning}")
    problems = check(place.configuration, place.book.attributes_of)
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        raise ConfigurationError(f"{problems[0]}{more}")
    return {"expressions compiled": str(count), "attributes": "all known", "warnings": str(len(warnings))}


def _tenant(place: wiring.Workspace) -> Mapping[str, str]:
    found = place.tenant.organization()
    return {
        "tenant": f"{found.display_name} ({found.tenant_id})",
        "verified domains": ", ".join(found.verified_domains),
        "directory synchronisation": "on, by another engine" if found.on_premises_sync_enabled else "off",
        "export": "on" if place.settings.entra.export else "off ([entra] export)",
    }
