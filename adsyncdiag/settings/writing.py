"""A new `adsyncdiag.toml` for `adsyncdiag init`: commented, and correct whatever the answers contain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings.model import AUTHORITY, FILE_NAME, GRAPH_ROOT
from adsyncdiag.settings.secret import password_variable

_HEAD = """\
# Settings of this adsyncdiag workspace. A relative path starts here; an unknown key is an error.

[server]
export = {export:<19} # the folder that Get-ADSyncServerConfiguration wrote
staging = false              # true: compute and store everything, export nothing

[entra]
graph_root = {graph_root}
authority = ""               # empty: AZURE_AUTHORITY_HOST, else {authority}
tenant_id = {tenant_id:<16} # empty: AZURE_TENANT_ID
client_id = {client_id:<16} # empty: AZURE_CLIENT_ID; the secret comes from AZURE_CLIENT_SECRET
client_secret_file = ""      # or from a file of mode 0600
export = false               # nothing is written to the tenant until this is true
beside_another_sync = false  # true: another engine masters this tenant; only cloud-managed objects are written
adopt_groups = ""            # "displayName": take over a group of that name which this tool did not make
ca_file = ""
"""
_FOREST = """
[ad.{name}]
url = {url}
user = {user}
# The password comes from {variable}, from password_file (mode 0600) or from password_keyring.
ca_file = {ca_file:<18} # the certificate authority of the domain controllers, PEM
start_tls = false            # for an ldap:// address
ldif = {ldif:<21} # instead of url: a file that ldifde or ldapsearch wrote
export = false               # without effect yet: this version writes to no forest
"""
_TAIL = """
[guards]                     # read and checked, without effect yet: this version deletes nothing and runs no full import
deletion_threshold = 500     # an export that would delete more stops before the first
deletion_percent = 0         # the same in percent of the connector's objects; 0 is off
shrink_percent = 50          # a full import that lost more than this of the last one deletes nothing

[store]
url = "sqlite:state.db"
"""
# Control characters, which `load` refuses, and half characters, by which Python keeps bytes of a path that are not UTF-8.
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def render_settings(
    export: Path, connectors: Mapping[str, Mapping[str, str]], *, tenant_id: str = "", client_id: str = ""
) -> str:
    """Return the text of an `adsyncdiag.toml` for these answers, which `load` reads back unchanged.

    Args:
        export: The folder of the server export, absolute or relative to the workspace; nothing of it is copied.
        connectors: What was answered for each AD connector, by its name in the export: `url` or `ldif`, `user`, `ca_file`.
        tenant_id: The tenant's GUID or domain.
        client_id: The application's GUID.

    Raises:
        ConfigurationError: An answer holds a character that the file cannot: a control character, or bytes that are not Unicode.
    """
    head = _HEAD.format(
        export=_quoted(str(export)),
        graph_root=_quoted(GRAPH_ROOT),
        authority=AUTHORITY,
        tenant_id=_quoted(tenant_id),
        client_id=_quoted(client_id),
    )
    forests = [
        _FOREST.format(
            name=_quoted(name),
            variable=password_variable(name),
            **{key: _quoted(answers.get(key, "")) for key in ("url", "user", "ca_file", "ldif")},
        )
        for name, answers in connectors.items()
    ]
    return "".join((head, *forests, _TAIL))


def _quoted(text: str) -> str:
    """Return *text* as a basic string (TOML 1.0, *String*)."""
    if _UNSPEAKABLE.search(text):
        raise ConfigurationError(f"{text!r} holds a character that cannot stand in {FILE_NAME}")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
