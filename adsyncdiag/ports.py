"""What we ask of the world. Every promise below has a contract test that runs against every implementation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from adsyncdiag.model.changes import ExportRequest, ExportResult, Organization, Writability
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, Image, MvObject, Unreadable
from adsyncdiag.model.runs import Lease, Run, SchedulerSettings
from adsyncdiag.model.values import Scalar


class SourceDirectory(Protocol):
    """One Active Directory forest: a live domain, or an LDIF file. Reads only.

    Every method may raise `ConnectorUnreachable` (no answer, TLS) or `ConnectorRefused` (credentials, rights).
    """

    def read(self, dn: Dn) -> Image | Unreadable:
        """Return the object at *dn* as the connector account sees it.

        Its attributes are limited to the connector's inclusion list, spelt and typed as the connector's schema says, multi-valued
        ones whole (range retrieval). An object that is not there, may not be seen, or shows no attribute gives `Unreadable`.
        """
        ...

    def is_member(self, group: Dn, member: Dn) -> bool | None:
        """Say whether *member* is a direct member of *group*; None when the group cannot be read."""
        ...

    def check(self) -> Mapping[str, str]:
        """Connect, bind and read the root DSE; return facts worth showing (server, naming contexts, account)."""
        ...

    def close(self) -> None:
        """Give back the connection; more than once does no harm."""
        ...


class Tenant(Protocol):
    """One Entra tenant, over Graph.

    Every method may raise `ConnectorUnreachable`, `ConnectorRefused` or `Throttled`. Connector-space names everywhere:
    the adapter alone knows what Graph calls them.
    """

    def organization(self) -> Organization:
        """Return what the tenant says about itself; asked once, then remembered."""
        ...

    def read(self, object_type: str, cloud_anchor: str) -> Image | None:
        """Return the object with this cloud anchor, or None when it is gone (soft-deleted counts as gone).

        References (manager, member) are connector-space DNs of the objects that have a source anchor; others are left out.
        """
        ...

    def find(self, object_type: str, source_anchor: str) -> Image | None:
        """Return the object that carries this source anchor, or None."""
        ...

    def writability(self, object_type: str, attribute: str) -> Writability:
        """Say what can be done with an attribute of the Entra connector space; no request is made."""
        ...

    def export(self, request: ExportRequest) -> ExportResult:
        """Create or update one object; only what the request names is sent.

        Idempotent: an ADD looks for the source anchor first and becomes an update of what it finds, so a lost answer never makes a
        second object. A refusal by the service is a result with a `failure`; only transport, token and throttling raise.
        """
        ...


class Reader(Protocol):
    """Look-ups in the store; each is by key or index, so its cost does not depend on the store's size."""

    def cs(self, identifier: UUID) -> CsObject | None:
        """Return the connector-space object with this identifier."""
        ...

    def cs_by_dn(self, connector: UUID, dn: Dn) -> CsObject | None:
        """Return the object at *dn* in a connector space."""
        ...

    def cs_by_anchor(self, connector: UUID, anchor: str) -> CsObject | None:
        """Return the object with this anchor in a connector space."""
        ...

    def cs_matching(
        self, connector: UUID, object_type: str, attribute: str, value: Scalar, *, case_sensitive: bool = False
    ) -> tuple[CsObject, ...]:
        """Return the objects of a connector space and type whose join attribute has *value* (in `imported` or `intended`)."""
        ...

    def mv(self, identifier: UUID) -> MvObject | None:
        """Return the metaverse object with this identifier."""
        ...

    def mv_matching(
        self, object_type: str, attribute: str, value: Scalar, *, case_sensitive: bool = False
    ) -> tuple[MvObject, ...]:
        """Return the metaverse objects of a type (`*`: any) whose join attribute has *value*."""
        ...

    def connected(self, metaverse: UUID) -> tuple[CsObject, ...]:
        """Return the connector-space objects linked to a metaverse object, in the order of their identifiers."""
        ...

    def linked(self, connector: UUID, keys: Sequence[str]) -> Mapping[str, UUID]:
        """Map folded DNs (`dn_key`) of a connector space to the metaverse objects they are linked to; unlinked ones are missing."""
        ...

    def counterparts(self, connector: UUID, metaverse: Sequence[UUID]) -> Mapping[UUID, CsObject]:
        """Map metaverse objects to their object in a connector space; those without one are missing."""
        ...

    def waiting_for(self, connector: UUID, dn: Dn) -> tuple[UUID, ...]:
        """Return the identifiers of objects whose reference to *dn* could not be resolved yet."""
        ...


class UnitOfWork(Reader, Protocol):
    """One transaction: what it saved is there for its own look-ups at once, for others after it ended without an error."""

    def save_cs(self, entry: CsObject) -> None:
        """Insert or replace a connector-space object, its link, its join index and its unresolved references."""
        ...

    def remove_cs(self, identifier: UUID) -> None:
        """Remove a connector-space object; one that is not there does no harm."""
        ...

    def save_mv(self, entry: MvObject) -> None:
        """Insert or replace a metaverse object and its join index."""
        ...

    def remove_mv(self, identifier: UUID) -> None:
        """Remove a metaverse object; the links to it are removed with it."""
        ...

    def add_run(self, run: Run) -> Run:
        """Append to the run history and return the run with its number (from 1, per connector)."""
        ...


class Store(Protocol):
    """The workspace's database. `store.url` chooses the implementation; all pass the same contract suite."""

    def index(self, cs: Iterable[tuple[UUID, str]], mv: Iterable[str]) -> None:
        """Declare the join attributes: (connector, attribute) pairs and metaverse attributes.

        Look-ups by other attributes raise `StoreError`. When a declaration is new, objects already stored are indexed for it.
        """
        ...

    def unit_of_work(self) -> AbstractContextManager[UnitOfWork]:
        """Open a transaction; an exception inside rolls it back."""
        ...

    def runs(self, *, limit: int = 100, connector: UUID | None = None) -> tuple[Run, ...]:
        """Return the run history, newest first."""
        ...

    def acquire(self, lease: Lease, now: datetime) -> None:
        """Take the workspace, or raise `Busy` with who holds it and since when.

        A lease that expired, or whose process is gone on this host, is taken over.
        """
        ...

    def renew(self, token: UUID, expires: datetime) -> None:
        """Extend a lease that is still ours; raise `Busy` when it was taken over."""
        ...

    def release(self, token: UUID) -> None:
        """Give the workspace back; a lease that is no longer ours is left alone."""
        ...

    def lease(self, now: datetime) -> Lease | None:
        """Return the live lease, or None."""
        ...

    def scheduler(self) -> SchedulerSettings | None:
        """Return the stored scheduler settings; None until they were first saved."""
        ...

    def save_scheduler(self, settings: SchedulerSettings) -> None:
        """Store the scheduler settings."""
        ...

    def check(self) -> Mapping[str, str]:
        """Return facts worth showing: where, schema version, counts of objects."""
        ...

    def close(self) -> None:
        """Close the database; more than once does no harm."""
        ...
