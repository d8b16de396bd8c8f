"""`init`: write adsyncdiag.toml for a server export; without it no real forest can be reached."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adsyncdiag.cli import console
from adsyncdiag.cli.options import Workspace
from adsyncdiag.errors import ConfigurationError, UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    export_dir: Annotated[Path, typer.Argument(metavar="EXPORT_DIR", help="The folder that Get-ADSyncServerConfiguration wrote.")],
    ad_url: Annotated[list[str] | None, typer.Option("--ad-url", metavar="CONNECTOR=URL", help='Domain controller of a forest, such as contoso.com=ldaps://dc1.contoso.com.')] = None,
    ad_user: Annotated[list[str] | None, typer.Option("--ad-user", metavar="CONNECTOR=USER", help="Account to read that forest with, as user@domain.")] = None,
    ad_ldif: Annotated[list[str] | None, typer.Option("--ad-ldif", metavar="CONNECTOR=FILE", help="An LDIF file instead of a live forest.")] = None,
    ad_ca_file: Annotated[list[str] | None, typer.Option("--ad-ca-file", metavar="CONNECTOR=FILE", help="Certificate authority of the domain controllers, where the system does not trust it.")] = None,
    tenant_id: Annotated[str, typer.Option("--tenant-id", help="Directory (tenant) ID.")] = "",
    client_id: Annotated[str, typer.Option("--client-id", help="Application (client) ID.")] = "",
    workspace: Workspace = None,
) -> None:  # fmt: skip
    """Write adsyncdiag.toml for a server export. Asks at a terminal for what no option gives; scripts give options."""
    from adsyncdiag.serverconfig.folder import load
    from adsyncdiag.settings import find_workspace, render_settings

    place = find_workspace(workspace)
    target = place / "adsyncdiag.toml"
    if target.exists():
        raise ConfigurationError(
            f"{target} exists already", hint="Edit it, or remove it first; init never overwrites settings."
        )
    configuration = load(export_dir)
    names = [connector.name for connector in configuration.active_directory]
    answers = {
        "url": _by_connector("--ad-url", ad_url, names),
        "user": _by_connector("--ad-user", ad_user, names),
        "ldif": _by_connector("--ad-ldif", ad_ldif, names),
        "ca_file": _by_connector("--ad-ca-file", ad_ca_file, names),
    }
    for name in names:
        if name not in answers["ldif"]:
            answers["url"].setdefault(name, _ask(f"Domain controller of {name}", f"ldaps://{name}"))
            answers["user"].setdefault(name, _ask(f"Account to read {name} with", f"svc-adsyncdiag@{name}"))
    text = render_settings(
        export=export_dir.resolve(),
        connectors={name: {key: found[name] for key, found in answers.items() if name in found} for name in names},
        tenant_id=tenant_id or _ask("Directory (tenant) ID", ""),
        client_id=client_id or _ask("Application (client) ID", ""),
    )
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    console.save(text.encode(), target, exclusive=True)
    console.note(
        f"Wrote {target}: {len(configuration.rules)} rules, {len(configuration.connectors)} connectors. Export is off."
    )
    console.note(
        f"Next: put the passwords into the environment (see the file), then adsyncdiag test-connectivity --workspace {place}"
    )


def _by_connector(option: str, given: list[str] | None, names: list[str]) -> dict[str, str]:
    """Return the values of CONNECTOR=VALUE options; a bare value is meant for the only connector there is."""
    found: dict[str, str] = {}
    by_folded = {name.lower(): name for name in names}
    for item in given or []:
        name, equals, value = item.partition("=")
        if name.lower() in by_folded and equals:
            found[by_folded[name.lower()]] = value
        elif len(names) == 1:
            found[names[0]] = item
        else:
            raise UsageError(f"{option} {item}: no connector of that name", hint=f"The export has {', '.join(names)}.")
    return found


def _ask(question: str, default: str) -> str:
    """Ask at a terminal; take the default where nobody can answer."""
    if not sys.stdin.isatty():
        return default
    answer: str = typer.prompt(question, default=default, err=True)
    return answer.strip()
