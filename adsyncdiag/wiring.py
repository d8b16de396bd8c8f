"""The only module that knows every adapter: from a workspace's settings to the world the steps ask."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from adsyncdiag import __version__
from adsyncdiag.diagnosis.case import World
from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.errors import ConfigurationError
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.runs import Lease, SchedulerSettings
from adsyncdiag.model.trace import System
from adsyncdiag.ports import SourceDirectory, Store, Tenant
from adsyncdiag.settings import Settings, ad_password, client_secret, find_workspace
from adsyncdiag.settings import load as load_settings

if TYPE_CHECKING:
    import requests

STAGING_SETTING = "Microsoft.Synchronize.StagingMode"
LEASE_TIME = timedelta(minutes=10)
"""How long a lease lasts without being renewed; a dead holder on the same host is noticed at once."""
_JOBS = uuid.UUID("6f1d3a5e-3c46-4d0e-9d6c-0a0f6b1e7c55")
"""Namespace of workspace identifiers."""


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass
class Workspace:
    """One workspace with its adapters, each opened when it is first asked for."""

    path: Path

    @cached_property
    def settings(self) -> Settings:
        """The checked `adsyncdiag.toml`; raises `ConfigurationError`."""
        return load_settings(self.path)

    @cached_property
    def configuration(self) -> ServerConfiguration:
        """The server export the settings name."""
        from adsyncdiag.serverconfig.folder import load

        return load(self.settings.server.export)

    @cached_property
    def book(self) -> RuleBook:
        """The rules of the server export."""
        return RuleBook(self.configuration)

    @cached_property
    def store(self) -> Store:
        """The workspace's database, with the join attributes of the rules indexed."""
        store = self.bare_store
        store.index(*self.book.join_attributes())
        return store

    @cached_property
    def bare_store(self) -> Store:
        """The database for commands that read no rules, such as the scheduler's."""
        from adsyncdiag.store.opening import open_store

        return open_store(self.settings.store.url, self.path)

    @cached_property
    def tenant(self) -> Tenant:
        """The Entra tenant over Graph; with `[entra] lab = true` the workspace's own, in process."""
        from adsyncdiag.connectors.entra.graph import open_tenant

        entra = self.settings.entra
        return open_tenant(
            graph_root=entra.graph_root,
            authority=entra.authority,
            tenant_id=entra.tenant_id,
            client_id=entra.client_id,
            secret=lambda: client_secret(self.settings).reveal(),
            ca_file=str(entra.ca_file or ""),
            adopt_groups=entra.adopt_groups,
            mount=self._lab_mount() if entra.lab else None,
        )

    def directory(self, connector: Connector) -> SourceDirectory:
        """Return the directory behind an AD connector: a live domain, or an LDIF file."""
        if connector.name not in self._directories:
            self._directories[connector.name] = self._open_directory(connector)
        return self._directories[connector.name]

    @cached_property
    def _directories(self) -> dict[str, SourceDirectory]:
        return {}

    def _open_directory(self, connector: Connector) -> SourceDirectory:
        wanted = {name.lower(): (name, entry) for name, entry in self.settings.ad.items()}.get(connector.name.lower())
        if wanted is None:
            raise ConfigurationError(
                f"nothing says how to reach the forest of the connector {connector.name}",
                hint=f'Add [ad."{connector.name}"] with url and user (or ldif) to {self.path / "adsyncdiag.toml"}.',
                file="adsyncdiag.toml",
            )
        name, entry = wanted
        if entry.ldif:
            from adsyncdiag.connectors.ad.ldif import LdifDirectory

            return LdifDirectory(connector, entry.ldif)
        from adsyncdiag.connectors.ad.live import LdapDirectory

        return LdapDirectory(
            connector,
            url=entry.url,
            user=entry.user,
            password=lambda: ad_password(name, self.settings).reveal(),
            ca_file=str(entry.ca_file or ""),
            start_tls=entry.start_tls,
        )

    def _lab_mount(self) -> Callable[[requests.Session], None]:
        from adsyncdiag.connectors.lab.inprocess import mount
        from adsyncdiag.connectors.lab.tenant import LabTenant

        tenant = LabTenant(self.path / "tenant.json")
        roots = (self.settings.entra.graph_root, self.settings.entra.authority)
        return lambda session: mount(session, tenant, roots)

    @property
    def staging(self) -> str:
        """Why this server exports nothing, as a phrase; "" when it may."""
        if self.settings.server.staging:
            return "[server] staging = true in adsyncdiag.toml"
        if self.configuration.flag(STAGING_SETTING):
            return "the server export says StagingMode True"
        return ""

    def scheduler_settings(self) -> SchedulerSettings:
        """Return the scheduler's settings: the stored ones, else those of the server export."""
        from adsyncdiag.runs.scheduler import initial_settings

        return self.bare_store.scheduler() or initial_settings(self.configuration)

    def world(self) -> World:
        """Return what the ten steps ask."""
        entra = self.settings.entra
        return World(
            configuration=self.configuration,
            book=self.book,
            store=self.store,
            directory=self.directory,
            tenant=lambda: self.tenant,
            clock=now,
            new_id=uuid.uuid4,
            export_enabled=entra.export,
            beside_another_sync=entra.beside_another_sync,
            tenant_id=entra.tenant_id,
            job_id=str(uuid.uuid5(_JOBS, str(self.path.resolve()))),
            user=_user(),
            initiator_type="user" if sys.stdin is not None and sys.stdin.isatty() else "system",
            service_principal=System(entra.client_id, "adsyncdiag"),
            version=__version__,
        )

    @contextmanager
    def leased(self, command: str, *, suspends_scheduler: bool = False) -> Iterator[Lease]:
        """Hold the workspace while the block runs; raises `Busy` with who holds it."""
        moment = now()
        host = socket.gethostname()
        holder = f"{command}, run by {_user()} on {host} (process {os.getpid()})"
        lease = Lease(holder, uuid.uuid4(), host, os.getpid(), moment, moment + LEASE_TIME, suspends_scheduler)
        store = self.bare_store
        store.acquire(lease, moment)
        try:
            yield lease
        finally:
            store.release(lease.token)

    def close(self) -> None:
        """Close whatever was opened."""
        for directory in self._directories.values():
            directory.close()
        if "bare_store" in self.__dict__:
            self.bare_store.close()


@contextmanager
def open_workspace(option: Path | None) -> Iterator[Workspace]:
    """Give the workspace that the option, the environment or the platform's convention names, and close it afterwards."""
    workspace = Workspace(find_workspace(option))
    try:
        yield workspace
    finally:
        workspace.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account; on Windows no pwd module and no USERNAME
        return "unknown"
