"""What `adsyncdiag.toml` says, as values (cli.md, *adsyncdiag.toml*)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FILE_NAME = "adsyncdiag.toml"
GRAPH_ROOT = "https://graph.microsoft.com"
AUTHORITY = "https://login.microsoftonline.com"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`[server]`: where the server export is, and whether this workspace exports nothing."""

    export: Path = Path("export")
    staging: bool = False
    """True stages whatever the export says; False leaves it to the export's own setting (cli.md, *Staging*)."""


@dataclass(frozen=True, slots=True)
class EntraSettings:
    """`[entra]`: the tenant, and what may be written to it."""

    graph_root: str = GRAPH_ROOT
    authority: str = AUTHORITY
    tenant_id: str = ""
    client_id: str = ""
    export: bool = False
    beside_another_sync: bool = False
    ca_file: Path | None = None
    lab: bool = False
    adopt_groups: str = ""
    """"" or `displayName`: whether a group that was not made by us may be taken over (cmdlets-and-graph.md 4.3)."""
    client_secret_file: Path | None = None


@dataclass(frozen=True, slots=True)
class AdSettings:
    """`[ad."name"]`: one forest, by the name of its connector in the export."""

    url: str = ""
    user: str = ""
    ca_file: Path | None = None
    start_tls: bool = False
    ldif: Path | None = None
    export: bool = False
    """Without effect yet: nothing is written to a forest."""
    password_file: Path | None = None
    password_keyring: str = ""
    """The service name under which the `keyring` library holds the password of *user*."""


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """`[guards]`: the limits that stop a run before it deletes too much; percentages of 0 are off.

    Read and checked, and without effect yet: nothing deletes, and there is no full import.
    """

    deletion_threshold: int = 500
    deletion_percent: int = 0
    shrink_percent: int = 50


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`[store]`: the database; whoever opens it takes a relative SQLite file from the workspace."""

    url: str = "sqlite:state.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `adsyncdiag.toml` says; every path is absolute, a relative one having been taken from the workspace."""

    workspace: Path
    server: ServerSettings = field(default_factory=ServerSettings)
    entra: EntraSettings = field(default_factory=EntraSettings)
    ad: Mapping[str, AdSettings] = field(default_factory=dict)
    guards: GuardSettings = field(default_factory=GuardSettings)
    store: StoreSettings = field(default_factory=StoreSettings)

    def connector(self, name: str) -> AdSettings | None:
        """Return the settings of the AD connector called *name*, whatever its case, or None."""
        return next((entry for known, entry in self.ad.items() if known.lower() == name.lower()), None)
