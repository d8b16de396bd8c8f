"""Tokens: msal behind our session, the AADSTS numbers, and what never shows up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from adsyncdiag.connectors.entra.auth import client_secret_token
from adsyncdiag.connectors.entra.graph import open_tenant
from adsyncdiag.connectors.entra.session import EntraSession, open_session
from adsyncdiag.errors import ConfigurationError, ConnectorRefused, ConnectorUnreachable

SECRET = "gehe!m~wort"
AUTHORITY = "https://login.example"


class TokenService(requests.adapters.BaseAdapter):
    """An authority with its metadata and a token endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.answers: list[Any] = []
        self.metadata: Any = (
            200,
            {
                "issuer": f"{AUTHORITY}/t/v2.0",
                "authorization_endpoint": f"{AUTHORITY}/t/oauth2/v2.0/authorize",
                "token_endpoint": f"{AUTHORITY}/t/oauth2/v2.0/token",
            },
        )

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Answer metadata and tokens."""
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        self.asked.append((request.url or "", parse_qs(body)))
        answer = self.metadata if request.method == "GET" else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, response.request, response.url = answer[0], request, request.url or ""
        response.headers.update(dict(*answer[2:]))
        response._content = json.dumps(answer[1]).encode()
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def login() -> TokenService:
    """The token service."""
    return TokenService()


@pytest.fixture
def session(login: TokenService) -> Iterator[EntraSession]:
    """A session that reaches it."""
    with open_session() as opened:
        opened.mount(AUTHORITY, login)
        yield opened


def make(session: requests.Session, **changes: Any):
    """Make the token function."""
    settings: dict[str, Any] = {
        "authority": AUTHORITY + "/",
        "tenant_id": "t",
        "client_id": "app-1",
        "graph_root": "https://graph.example/",
        "secret": lambda: SECRET,
    }
    return client_secret_token(session, **(settings | changes))


def given(number: int) -> tuple[int, dict[str, object]]:
    """A good answer."""
    return 200, {"access_token": f"token-{number}", "token_type": "Bearer", "expires_in": 3599}


def denied(number: str, text: str = "refused", error: str = "invalid_client") -> tuple[int, dict[str, object]]:
    """A refusal as Entra words it."""
    description = f"AADSTS{number}: {text} {SECRET}. Trace ID: 1\r\nCorrelation ID: 2\r\nTimestamp: 3"
    return 401, {"error": error, "error_description": description, "correlation_id": "corr-1"}


def test_a_token_is_asked_for_once_and_again_on_demand(session, login) -> None:
    """The cache serves until a fresh token is asked for; the scope is the Graph root's .default."""
    login.answers = [given(1), given(2)]
    token = make(session)
    assert [token(False), token(False), token(True), token(False)] == ["token-1", "token-1", "token-2", "token-2"]
    urls = [url for url, _ in login.asked]
    assert urls[0] == f"{AUTHORITY}/t/v2.0/.well-known/openid-configuration"
    form = login.asked[1][1]
    assert form["scope"] == ["https://graph.example/.default"]
    assert form["client_id"] == ["app-1"]
    assert form["client_secret"] == [SECRET]
    assert form["grant_type"] == ["client_credentials"]


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("7000215", "not its ID"),
        ("7000222", "expired"),
        ("700016", "client_id"),
        ("53003", "Conditional Access"),
        ("90002", "tenant_id"),
        ("500011", "graph_root"),
        ("123456", "client secret"),
    ],
)
def test_each_aadsts_number_has_its_hint(session, login, number: str, word: str) -> None:
    """A refusal says the number, quotes the first line without our secret, and says what to do."""
    login.answers = [denied(number)]
    with pytest.raises(ConnectorRefused) as caught:
        make(session)(False)
    text = str(caught.value)
    assert f"AADSTS{number}" in text
    assert word in text
    assert "corr-1" in text
    assert SECRET not in text
    assert "Timestamp" not in text
    assert caught.value.code == "failed-authentication"


def test_an_unknown_tenant_is_a_wrong_setting(session, login) -> None:
    """Entra answers the metadata of an unknown tenant with 400, which msal wraps in a ValueError."""
    login.metadata = (400, {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant 't' not found."})
    with pytest.raises(ConnectorRefused, match="tenant_id"):
        make(session)(False)


@pytest.mark.parametrize(
    "broken",
    [
        requests.exceptions.ConnectionError(ConnectionResetError(104, "reset")),
        requests.exceptions.ReadTimeout("t"),
        (503, {}),
    ],
)
def test_a_token_service_that_is_away_is_unreachable(session, login, broken) -> None:
    """Network trouble on the way to the authority names it, and is worth another try."""
    login.metadata = broken
    with pytest.raises(ConnectorUnreachable, match=r"login\.example"):
        make(session)(False)


def test_a_busy_token_service_is_worth_another_try(session, login) -> None:
    """AADSTS90033 is no refusal."""
    login.answers = [denied("90033", error="temporarily_unavailable")]
    with pytest.raises(ConnectorUnreachable, match="AADSTS90033"):
        make(session)(False)


@pytest.mark.parametrize("answer", [(200, []), (200, {"access_token": 5}), (200, {}), (200, {"access_token": ""})])
def test_an_answer_without_a_token_is_refused(session, login, answer) -> None:
    """Whatever the endpoint sends, the outcome is an error of ours."""
    login.answers = [answer]
    with pytest.raises((ConnectorRefused, ConnectorUnreachable)):
        make(session)(False)


def test_the_secret_follows_no_redirect(session, login) -> None:
    """A token endpoint that points elsewhere does not get the secret carried there."""
    elsewhere = TokenService()
    session.mount("https://elsewhere.example", elsewhere)
    login.answers = [(307, {}, {"Location": "https://elsewhere.example/token"})]
    with pytest.raises((ConnectorRefused, ConnectorUnreachable)):
        make(session)(False)
    assert elsewhere.asked == []


def test_the_secret_is_asked_for_once(session, login) -> None:
    """A keyring or file is not opened for each request."""
    calls: list[str] = []

    def secret() -> str:
        calls.append("asked")
        return SECRET

    login.answers = [given(1), given(2)]
    token = make(session, secret=secret)
    assert [token(False), token(True), token(False)] == ["token-1", "token-2", "token-2"]
    assert calls == ["asked"]


@pytest.mark.parametrize(("name", "setting"), [("tenant_id", "tenant_id"), ("client_id", "client_id")])
def test_an_empty_setting_is_named(session, name: str, setting: str) -> None:
    """Nothing is asked of the network while a setting is missing."""
    with pytest.raises(ConfigurationError, match=setting):
        make(session, **{name: " "})(False)


def test_an_empty_secret_is_named(session) -> None:
    """The variable that holds it is part of the message."""
    with pytest.raises(ConfigurationError, match="AZURE_CLIENT_SECRET"):
        make(session, secret=lambda: "")(False)


def test_an_authority_that_is_no_https_address_is_refused(session) -> None:
    """An authority without TLS is a wrong setting: msal insists on https, and its ValueError becomes ours."""
    with pytest.raises(ConnectorRefused, match="authority"):
        make(session, authority="http://login.example")(False)


def test_opening_a_tenant_asks_nothing(session) -> None:
    """Neither the network nor the secret is touched before the first request."""

    def secret() -> str:
        raise AssertionError("asked")

    tenant = open_tenant(
        graph_root="https://graph.example", authority=AUTHORITY, tenant_id="t", client_id="c", secret=secret
    )
    tenant.close()
    tenant.close()


def test_adopting_groups_has_one_word() -> None:
    """Anything but displayName is a wrong setting."""
    with pytest.raises(ConfigurationError, match="adopt_groups"):
        open_tenant(
            graph_root="https://g.example",
            authority=AUTHORITY,
            tenant_id="t",
            client_id="c",
            secret=str,
            adopt_groups="mail",
        )


def test_a_token_reaches_graph_through_one_session(login) -> None:
    """open_tenant puts msal and Graph on the session that *mount* prepared, and the organization is asked for once."""
    login.answers = [given(1)]

    class Graph(TokenService):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            assert request.headers["Authorization"] == "Bearer token-1"
            return super().send(request)

    graph = Graph()
    domains = [{"name": "Contoso.com"}, {"name": "contoso.onmicrosoft.com", "isInitial": True}]
    graph.metadata = (
        200,
        {"value": [{"id": "t", "displayName": "Contoso", "verifiedDomains": domains, "onPremisesSyncEnabled": True}]},
    )

    def mount(session: requests.Session) -> None:
        session.mount(AUTHORITY, login)
        session.mount("https://graph.example", graph)

    tenant = open_tenant(
        graph_root="https://graph.example",
        authority=AUTHORITY,
        tenant_id="t",
        client_id="c",
        secret=lambda: SECRET,
        mount=mount,
    )
    organization = tenant.organization()
    assert tenant.organization() is organization
    assert len(graph.asked) == 1
    assert organization.initial_domain == "contoso.onmicrosoft.com"
    assert organization.verified_domains == ("Contoso.com", "contoso.onmicrosoft.com")
    assert organization.on_premises_sync_enabled
    tenant.close()


def test_msal_is_imported_by_signing_in_only() -> None:
    """The 340 ms of msal are not paid by who signs in nowhere."""
    code = "import sys, adsyncdiag.connectors.entra.graph; sys.exit('msal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
