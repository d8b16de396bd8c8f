"""`init`: write adsyncdiag.toml for a server export; without it no real forest can be reached."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from adsyncdiag.cli import console, files
from adsyncdiag.cli.files import path_of
from adsyncdiag.cli.options import Workspace
from adsyncdiag.errors import ConfigurationError, UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    export_dir: Annotated[Path, typer.Argument(metavar="EXPORT_DIR", parser=path_of, help="The folder that Get-ADSyncServerConfiguration wrote.")],
    ad_url: Annotated[list[str] | None, typer.Option("--ad-url", metavar="CONNECTOR=URL", help="Domain controller of a forest, such as contoso.com=ldaps://dc1.contoso.com.")] = None,
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
    if os.path.lexists(target):
        raise ConfigurationError(
            f"{target} exists already", hint="Edit it, or remove it first; init never overwrites settings."
        )
    configuration = load(export_dir)
    names = [connector.name for connector in configuration.active_directory]
    forests = _forests(
        names,
        url=_by_connector("--ad-url", ad_url, names),
        user=_by_connector("--ad-user", ad_user, names),
        ldif=_paths(_by_connector("--ad-ldif", ad_ldif, names)),
        ca_file=_paths(_by_connector("--ad-ca-file", ad_ca_file, names)),
    )
    text = render_settings(
        export=export_dir.resolve(),
        connectors=forests,
        tenant_id=tenant_id or _ask("Directory (tenant) ID"),
        client_id=client_id or _ask("Application (client) ID"),
    )
    files.save_new(text.encode(), target)
    console.note(
        f"Wrote {target}: {len(configuration.rules)} rules, {len(configuration.connectors)} connectors. Export is off."
    )
    console.note(
        "Next: put the passwords into the environment (see the file), then "
        f"adsyncdiag test-connectivity --workspace {shlex.quote(str(place))}"
    )


def _by_connector(option: str, given: list[str] | None, names: list[str]) -> dict[str, str]:
    """Return the values of CONNECTOR=VALUE options; a bare value is meant for the only connector there is."""
    found: dict[str, str] = {}
    by_folded = {name.lower(): name for name in names}
    for item in given or []:
        written, equals, value = item.partition("=")
        name = by_folded.get(written.lower()) if equals else None
        if name is None and len(names) == 1:
            name, value = names[0], item
        if name is None:
            raise UsageError(
                f"{option} {item}: this names no connector of the export",
                hint=f"Write CONNECTOR=VALUE. The export has {', '.join(names) or 'no forest'}.",
            )
        if name in found:
            raise UsageError(f"{option} is given twice for {name}")
        found[name] = value
    return found


def _paths(given: dict[str, str]) -> dict[str, str]:
    """Return paths as seen from the current folder made absolute, for the settings are read from their own folder."""
    return {name: str(path_of(value).expanduser().absolute()) for name, value in given.items()}


def _forests(names: list[str], **given: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the settings of each forest: those given, and at a terminal the missing ones asked for."""
    forests = {name: {key: found[name] for key, found in given.items() if name in found} for name in names}
    for name, settings in forests.items():
        if "ldif" in settings:
            if "url" in settings:
                raise UsageError(f"{name} is given a domain controller and an LDIF file", hint="Give one of them.")
            continue
        if "url" in settings:
            if not _ADDRESS.fullmatch(settings["url"]):
                raise UsageError(
                    f"--ad-url {name}={settings['url']}: this is not the address of a directory server", hint=_WRITE_IT
                )
        else:
            settings["url"] = _ask_address(name)
        settings.setdefault("user", _ask(f"Account to read {name} with", f"svc-adsyncdiag@{name}"))
    return forests


_ADDRESS = re.compile(r"ldaps?://[^\s/@?#]+/?", re.IGNORECASE)
_WRITE_IT = "Write it as ldaps://dc1.contoso.com."


def _ask_address(name: str) -> str:
    while True:
        answer = _ask(f"Domain controller of {name}", f"ldaps://{name}", silent=f"ldaps://{name}")
        if _ADDRESS.fullmatch(answer):
            return answer
        console.note(f"{answer!r} is not the address of a directory server. {_WRITE_IT}")


def _ask(question: str, suggestion: str = "", *, silent: str = "") -> str:
    """Ask at a terminal; take *silent* where nobody can answer."""
    if not sys.stdin.isatty():
        return silent
    return console.ask(question, suggestion)
