"""The tenant behind Microsoft Graph v1.0: the port `Tenant`, over the one table of `attributes`.

A tenant without on-premises objects of another engine is written like any other. An object that another engine masters
(`onPremisesSyncEnabled`) is read and compared, and never written (cmdlets-and-graph.md 4.0).
"""

from __future__ import annotations

from collections.abc import Callable

import requests

from adsyncdiag.connectors.entra import anchors, attributes, convert
from adsyncdiag.connectors.entra.auth import client_secret_token
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.matching import READ_PERMISSIONS, Matching
from adsyncdiag.connectors.entra.odata import path, select
from adsyncdiag.connectors.entra.payload import Payload, entries, flag, text
from adsyncdiag.connectors.entra.reply import refused
from adsyncdiag.connectors.entra.session import open_session
from adsyncdiag.errors import ConfigurationError, ConnectorRefused
from adsyncdiag.model.changes import ExportRequest, ExportResult, Organization, Writability
from adsyncdiag.model.objects import ChangeKind, Image
from adsyncdiag.model.values import Value

_REFERENCED = ("id", "onPremisesImmutableId")
_MEMBERS = ("id", "onPremisesImmutableId", "uniqueName", "deviceId", "trustType")


def open_tenant(  # noqa: PLR0913 - the [entra] section, one keyword each
    *,
    graph_root: str,
    authority: str,
    tenant_id: str,
    client_id: str,
    secret: Callable[[], str],
    ca_file: str = "",
    adopt_groups: str = "",
    mount: Callable[[requests.Session], None] | None = None,
) -> GraphTenant:
    """Return the tenant that an application with a client secret sees; no request is made, and *secret* not asked, yet.

    *graph_root* and *authority* are those of one cloud (4.10), without version or tenant. *ca_file* replaces the usual
    certificate authorities. *mount* may put an adapter on the session: the lab's tenant, in process.

    Raises:
        ConfigurationError: *ca_file* is not there, or *adopt_groups* is neither "" nor `displayName`.
    """
    if adopt_groups not in ("", "displayName"):
        raise ConfigurationError(
            f"[entra] adopt_groups is {adopt_groups!r}", hint='Write "displayName", or leave it empty.'
        )
    session = open_session(ca_file)
    if mount is not None:
        mount(session)
    token = client_secret_token(
        session, authority=authority, tenant_id=tenant_id, client_id=client_id, graph_root=graph_root, secret=secret
    )
    return GraphTenant(GraphSession(session, graph_root, token), adopt_groups=adopt_groups)


class GraphTenant:
    """One Entra tenant, over Graph; see `ports.Tenant` for what its methods promise."""

    def __init__(self, http: GraphSession, *, adopt_groups: str = "") -> None:
        self._http = http
        self._matching = Matching(http)
        self._adopt_groups = adopt_groups
        self._organization: Organization | None = None

    def organization(self) -> Organization:
        """Return what the tenant says about itself; asked once, then remembered."""
        if self._organization is None:
            asked = ("id", "displayName", "verifiedDomains", "onPremisesSyncEnabled")
            reply = self._http.get(f"/organization?{select(asked)}")
            if not reply.fine:
                raise refused(reply, "read the organization", "Organization.Read.All")
            found = entries(reply.body, "value")
            if not found:
                raise ConnectorRefused(
                    f"{self._http.host} shows no organization",
                    hint="Grant the application the permission Organization.Read.All, with admin consent.",
                    code="failed-search",
                )
            self._organization = _organization(found[0])
        return self._organization

    def read(self, object_type: str, cloud_anchor: str) -> Image | None:
        """Return the object with this cloud anchor, or None when it is gone."""
        if object_type not in attributes.COLLECTIONS:
            return None
        return self._image(object_type, self._matching.by_id(object_type, anchors.object_id(cloud_anchor)))

    def find(self, object_type: str, source_anchor: str) -> Image | None:
        """Return the object that carries this source anchor, or None; contacts carry none in Graph."""
        if object_type not in attributes.COLLECTIONS:
            return None
        return self._image(object_type, self._matching.by_anchor(object_type, source_anchor))

    def writability(self, object_type: str, attribute: str) -> Writability:
        """Say what can be done with an attribute of the Entra connector space; no request is made."""
        return attributes.writability(object_type, attribute)

    def export(self, request: ExportRequest) -> ExportResult:
        """Create or update one object; only what the request names is sent.

        Raises:
            ValueError: The request is neither an ADD nor an UPDATE.
        """
        if request.kind not in (ChangeKind.ADD, ChangeKind.UPDATE):
            raise ValueError(f"{request.kind.value} of {request.dn}: a tenant exports additions and updates only")
        # Most runs have nothing to send: what writes and explains refusals is imported when there is something.
        from adsyncdiag.connectors.entra import errors, groups, users
        from adsyncdiag.connectors.entra.exporting import Export

        export = Export(request, self._http)
        if request.object_type not in ("user", "group"):
            export.cloud_anchor = request.cloud_anchor
            adding = request.kind is ChangeKind.ADD
            export.failure = errors.cannot_create(export.subject) if adding else errors.cannot_change(export.subject)
        elif request.kind is ChangeKind.UPDATE and request.object_type == "user":
            users.update(export, self.organization)
        elif request.kind is ChangeKind.UPDATE:
            export.update()
        elif not request.source_anchor:
            export.failure = errors.unsendable(
                export.subject, "sourceAnchor has no value, so nothing could be found again"
            )
        elif request.object_type == "user":
            users.create(export, self.organization())
        else:
            groups.create(export, self._adopt_groups)
        return export.result

    def close(self) -> None:
        """Give back the connections; more than once does no harm."""
        self._http.session.close()

    def _image(self, object_type: str, found: Payload | None) -> Image | None:
        if found is None:
            return None
        return convert.image(object_type, found, self._references(object_type, text(found, "id")))

    def _references(self, object_type: str, object_id: str) -> dict[str, Value]:
        """Return manager or member as connector-space references; what has no source anchor is left out."""
        if object_type == "user":
            reply = self._http.get(f"{path('users', object_id)}/manager?{select(_REFERENCED)}")
            if not reply.fine and reply.status != 404:
                raise refused(reply, "read managers", READ_PERMISSIONS["user"])
            named = convert.references_to([reply.body] if reply.fine else [])
            return {"manager": named[0]} if named else {}
        if object_type == "group":
            where = f"{path('groups', object_id)}/members?{select(_MEMBERS)}&$top=999"
            members = self._http.pages(where, "read members of groups", "GroupMember.Read.All")
            named = convert.references_to(members)
            return {"member": named} if named else {}
        return {}


def _organization(found: Payload) -> Organization:
    domains = entries(found, "verifiedDomains")
    initial = next((text(d, "name") for d in domains if flag(d, "isInitial")), "")
    return Organization(
        tenant_id=text(found, "id"),
        display_name=text(found, "displayName"),
        verified_domains=tuple(text(d, "name") for d in domains if text(d, "name")),
        initial_domain=initial or next((text(d, "name") for d in domains if flag(d, "isDefault")), ""),
        on_premises_sync_enabled=flag(found, "onPremisesSyncEnabled"),
    )
