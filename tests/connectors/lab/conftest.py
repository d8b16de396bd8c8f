"""A small tenant, and a client that speaks WSGI to it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

import pytest

from adsyncdiag.connectors.lab.document import tenant_document
from adsyncdiag.connectors.lab.faults import Faults
from adsyncdiag.connectors.lab.journal import write_tenant
from adsyncdiag.connectors.lab.service import application
from adsyncdiag.connectors.lab.tenant import LabTenant

TENANT_ID = "6e4ac33c-3b8a-4b3f-9a53-0d3c1b7a2f10"
CLIENT_ID = "0f6a7b52-9b43-4a55-8a9a-58e1a6b8b001"
CLIENT_SECRET = "lab~secret.value"
ROOT = "https://graph.lab"
ADA = "a0000000-0000-4000-8000-000000000001"
BEN = "b0000000-0000-4000-8000-000000000002"
SYNCED = "c0000000-0000-4000-8000-000000000003"
STAFF = "d0000000-0000-4000-8000-000000000004"
SYNCED_GROUP = "e0000000-0000-4000-8000-000000000005"
CONTACT = "f0000000-0000-4000-8000-000000000006"
DEVICE = "90000000-0000-4000-8000-000000000007"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass, as in `forward(days=1)`."""
        self.now += timedelta(**span)


class Reply:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.content)

    @property
    def error(self) -> Any:
        """The error in the body."""
        return self.json["error"]


class Client:
    """Calls the application as a WSGI server does; a token is fetched on first use."""

    def __init__(self, tenant: LabTenant, faults: Faults | None = None) -> None:
        self.application = application(tenant, faults)
        self.token = ""

    def send(self, method: str, url: str, body: Any = None, **headers: str) -> Reply:
        """Send a request without a token; header names as keywords."""
        parts = urlsplit(url if url.startswith("https:") else ROOT + url)
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
            "QUERY_STRING": quote(parts.query, safe="=&$%(),'/:@;*+!~"),
            "SERVER_NAME": "graph.lab",
            "SERVER_PORT": "443",
            "HTTP_HOST": parts.netloc,
            "CONTENT_TYPE": headers.pop("content_type", "application/json" if data else ""),
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(data),
        }
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        sent: list[Any] = []
        content = b"".join(self.application(environ, lambda *args: sent.extend(args)))
        assert len({name for name, _ in sent[1]}) == len(sent[1]), "a header is there twice"
        return Reply(int(sent[0].split()[0]), dict(sent[1]), content)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request below /v1.0 with a token."""
        if not self.token:
            self.token = self.ask_token().json["access_token"]
        url = path if path.startswith(("https:", "/beta")) else f"/v1.0{path}"
        return self.send(method, url, body, authorization=f"Bearer {self.token}", **headers)

    def get(self, path: str, **headers: str) -> Reply:
        """Send a GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        """Send a POST."""
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Reply:
        """Send a PATCH."""
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str) -> Reply:
        """Send a DELETE."""
        return self.call("DELETE", path)

    def ask_token(self, tenant: str = TENANT_ID, **changes: str | None) -> Reply:
        """Ask the token service; keywords change the form, None takes a field away."""
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": f"{ROOT}/.default",
        }
        wanted = {name: value for name, value in (form | changes).items() if value is not None}
        data = urlencode(wanted).encode()
        return self.send("POST", f"/{tenant}/oauth2/v2.0/token", data, content_type="application/x-www-form-urlencoded")


def small_tenant() -> dict[str, Any]:
    """Two cloud users, a synchronised one, two groups, a contact and a device."""
    document: dict[str, Any] = tenant_document(
        tenant_id=TENANT_ID,
        display_name="Contoso",
        domains=["contoso.com", "fabrikam.com", "contoso.onmicrosoft.com"],
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    document["organization"]["verifiedDomains"][1]["type"] = "Federated"
    document["users"] = [
        {
            "id": ADA,
            "accountEnabled": True,
            "displayName": "Ada Byron",
            "givenName": "Ada",
            "mail": "ada@contoso.com",
            "mailNickname": "ada",
            "onPremisesImmutableId": "AAAAAAAAAAAAAAAAAAAAAQ==",
            "proxyAddresses": ["SMTP:ada@contoso.com", "smtp:countess@contoso.com"],
            "userPrincipalName": "ada@contoso.com",
            "usageLocation": "GB",
            "department": "Engines",
            "companyName": "Contoso",
            "manager": BEN,
        },
        {
            "id": BEN,
            "accountEnabled": False,
            "displayName": "Ben O'Hara",
            "mailNickname": "ben",
            "userPrincipalName": "ben@contoso.com",
        },
        {
            "id": SYNCED,
            "accountEnabled": True,
            "displayName": "Cleo",
            "mailNickname": "cleo",
            "onPremisesImmutableId": "AAAAAAAAAAAAAAAAAAAAAw==",
            "onPremisesSyncEnabled": True,
            "userPrincipalName": "cleo@contoso.com",
        },
    ]
    document["groups"] = [
        {
            "id": STAFF,
            "displayName": "Staff",
            "mailEnabled": False,
            "mailNickname": "staff",
            "securityEnabled": True,
            "uniqueName": "73746166",
            "members": [ADA, CONTACT],
            "owners": [BEN],
        },
        {
            "id": SYNCED_GROUP,
            "displayName": "From AD",
            "mailEnabled": False,
            "mailNickname": "fromad",
            "securityEnabled": True,
            "onPremisesSyncEnabled": True,
            "members": [STAFF],
        },
    ]
    document["contacts"] = [{"id": CONTACT, "displayName": "Carl", "mail": "carl@partner.example"}]
    document["devices"] = [{"id": DEVICE, "displayName": "PC1", "deviceId": "11", "trustType": "ServerAd"}]
    return document


@pytest.fixture
def clock() -> Clock:
    """The tenant's clock."""
    return Clock()


@pytest.fixture
def document() -> dict[str, Any]:
    """The content of the small tenant, to change before `tenant` is used."""
    return small_tenant()


@pytest.fixture
def tenant(tmp_path: Path, clock: Clock, document: dict[str, Any]) -> LabTenant:
    """The small tenant."""
    write_tenant(tmp_path / "tenant.json", document)
    return LabTenant(tmp_path / "tenant.json", clock=clock)


@pytest.fixture
def client(tenant: LabTenant) -> Client:
    """A client of the small tenant."""
    return Client(tenant)


@pytest.fixture
def new_client() -> Callable[..., Client]:
    """Make further clients: `new_client(tenant, faults)`."""
    return Client


@pytest.fixture(scope="session")
def ids() -> SimpleNamespace:
    """The identifiers of the small tenant."""
    return SimpleNamespace(
        tenant=TENANT_ID, client=CLIENT_ID, secret=CLIENT_SECRET, root=ROOT, ada=ADA, ben=BEN, synced=SYNCED,
        staff=STAFF, synced_group=SYNCED_GROUP, contact=CONTACT, device=DEVICE,
    )  # fmt: skip


@pytest.fixture
def new_user() -> Callable[..., dict[str, Any]]:
    """Make the body of a user to create; keyword arguments change it, None takes a property away."""

    def make(**changes: Any) -> dict[str, Any]:
        body = {
            "accountEnabled": True,
            "displayName": "Dora",
            "mailNickname": "dora",
            "userPrincipalName": "dora@contoso.com",
            "passwordProfile": {"forceChangePasswordNextSignIn": True, "password": "xWwvJ]6NMw+bWH-d"},
        }
        return {name: value for name, value in (body | changes).items() if value is not None}

    return make


@pytest.fixture
def new_group() -> Callable[..., dict[str, Any]]:
    """Make the body of a group to create; keyword arguments change it, None takes a property away."""

    def make(**changes: Any) -> dict[str, Any]:
        body = {"displayName": "Golf", "mailEnabled": False, "mailNickname": "golf", "securityEnabled": True}
        return {name: value for name, value in (body | changes).items() if value is not None}

    return make
