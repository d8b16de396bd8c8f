"""`lab init`: writes a ready workspace, and returns the table of what is in it (cli.md, "The lab")."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from adsyncdiag.connectors.lab.scenarios.domains import CLIENT_ID, FORESTS, TENANT_ID
from adsyncdiag.connectors.lab.scenarios.entries import LabObject
from adsyncdiag.connectors.lab.scenarios.forest import forest, table, unreadable
from adsyncdiag.connectors.lab.scenarios.ldif_text import ldif
from adsyncdiag.connectors.lab.scenarios.server_export import server_export
from adsyncdiag.connectors.lab.scenarios.tenant_objects import tenant
from adsyncdiag.errors import ConfigurationError

__all__ = ["LabObject", "write_lab"]

SETTINGS, SECRET, FOREST, UNREADABLE, TENANT, EXPORT = (
    "adsyncdiag.toml",
    "client_secret",
    "forest.ldif",
    "unreadable.txt",
    "tenant.json",
    "export",
)
_PRIVATE, _PLAIN = 0o600, 0o666


def write_lab(folder: Path) -> tuple[LabObject, ...]:
    """Write the lab's workspace into *folder*, which is made if need be, and return the rows of its table.

    Every byte is the same each time, except the client secret and its hash. The settings come last, so a folder
    without them holds no workspace.

    Raises:
        ConfigurationError: *folder* holds something already, is no folder, or cannot be written.
    """
    _refuse_if_taken(folder)
    entries = forest()
    secret = secrets.token_urlsafe(32)
    names = "".join(f"{dn}\n" for dn in unreadable())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in server_export().items():
            target = folder / EXPORT / path
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, text, _PLAIN)
        _write(
            folder / FOREST, ldif(entries, "The forests of the adsyncdiag lab; everybody in them is invented."), _PLAIN
        )
        _write(
            folder / UNREADABLE,
            f"# Answered as Active Directory answers without rights, one DN a line.\n{names}",
            _PLAIN,
        )
        _write(folder / TENANT, json.dumps(tenant(entries, secret), indent=2, ensure_ascii=False) + "\n", _PRIVATE)
        _write(folder / SECRET, f"{secret}\n", _PRIVATE)
        _write(folder / SETTINGS, _settings(), _PLAIN)
    except OSError as error:
        raise ConfigurationError(
            f"the lab cannot be written: {error.strerror}",
            file=str(error.filename or folder),
            hint="Name a folder you may write to, and remove what was begun there.",
        ) from error
    return table(entries)


def _refuse_if_taken(folder: Path) -> None:
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise ConfigurationError(f"the folder cannot be read: {error.strerror}", file=str(folder)) from error
    if taken:
        raise ConfigurationError(
            "the lab needs a new or an empty folder, and there is something here",
            file=str(folder),
            hint="Name another folder; nothing was written.",
        )


def _write(path: Path, text: str, mode: int) -> None:
    """Create *path* with *mode* from the start, so that a secret is never readable for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def _settings() -> str:
    forests = "".join(f'\n[ad."{found.name}"]\nldif = "{FOREST}"\n' for found in FORESTS)
    return f"""\
# A workspace of the adsyncdiag lab: two forests in a file, and a tenant in the same process.
# Nothing here reaches a network; names under .invalid never resolve (RFC 2606).

[server]
export = "{EXPORT}"

[entra]
lab = true
export = true
graph_root = "https://graph.lab.invalid"
authority = "https://login.lab.invalid"
tenant_id = "{TENANT_ID}"
client_id = "{CLIENT_ID}"
client_secret_file = "{SECRET}"
{forests}"""
