"""GraphSession: tokens, patience, pages, and what becomes of answers that are none."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.session import AnswerLost, EntraSession, open_session
from adsyncdiag.errors import ConfigurationError, ConnectorError, ConnectorRefused, ConnectorUnreachable, Throttled

FINE = (200, {"id": "1"})


def test_a_request_carries_token_and_request_id(graph, service) -> None:
    """Each request has the bearer token and a client-request-id of its own."""
    service.on("GET", "/users/1", FINE)
    graph.get("/users/1")
    graph.get("/users/1")
    assert {sent.headers["Authorization"] for sent in service.seen} == {"Bearer eyJ-secret-token"}
    assert len({sent.headers["client-request-id"] for sent in service.seen}) == 2


def test_a_401_is_answered_with_a_fresh_token_once(graph, service) -> None:
    """After a 401 the token is renewed, and the request sent again."""
    service.on("GET", "/users/1", (401, {}), FINE)
    assert graph.get("/users/1").fine
    assert service.tokens == [False, True]


def test_a_second_401_is_refused(graph, service) -> None:
    """A fresh token that is refused too ends it, with the settings to check and without the token."""
    service.on("GET", "/users/1", (401, {}))
    with pytest.raises(ConnectorRefused) as caught:
        graph.get("/users/1")
    assert "authority" in str(caught.value)
    assert "req-1" in str(caught.value)
    assert "secret-token" not in str(caught.value)
    assert len(service.seen) == 2


def test_a_short_retry_after_is_waited_for(graph, service) -> None:
    """A 429 with a few seconds is waited out, for a POST as well: a throttled request was not carried out."""
    service.on("POST", "/users", (429, {}, {"Retry-After": "3"}), (429, {}, {"Retry-After": "4"}), (201, {"id": "1"}))
    assert graph.post("/users", {}).status == 201
    assert service.slept == [3.0, 4.0]


def test_a_long_retry_after_is_left_to_the_caller(graph, service) -> None:
    """Waits of more than ten seconds in all raise Throttled with the moment the service named."""
    service.on("GET", "/users/1", (429, {}, {"Retry-After": "6"}), (429, {}, {"Retry-After": "5"}))
    with pytest.raises(Throttled) as caught:
        graph.get("/users/1")
    assert caught.value.until == datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC)
    assert service.slept == [6.0]


@pytest.mark.parametrize(
    ("header", "until"),
    [
        ("Mon, 02 Mar 2026 12:05:00 GMT", datetime(2026, 3, 2, 12, 5, tzinfo=UTC)),
        ("120", datetime(2026, 3, 2, 12, 2, tzinfo=UTC)),
        ("99999999999999999999", datetime(2026, 3, 3, 12, 0, tzinfo=UTC)),
    ],
)
def test_retry_after_may_be_a_date_or_absurd(graph, service, header: str, until: datetime) -> None:
    """A date is understood like a number of seconds, and no number is longer than a day."""
    service.on("GET", "/users/1", (429, {}, {"Retry-After": header}))
    with pytest.raises(Throttled) as caught:
        graph.get("/users/1")
    assert caught.value.until == until


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "soon"}, {"Retry-After": "-1"}, {"Retry-After": "0"}])
def test_throttling_without_a_number_ends(graph, service, headers: dict[str, str]) -> None:
    """Without a usable Retry-After we back off, and give up instead of asking forever."""
    service.on("GET", "/users/1", (429, {}, headers))
    with pytest.raises(Throttled):
        graph.get("/users/1")
    assert sum(service.slept) <= 10
    assert len(service.seen) <= 7


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_service_in_trouble_is_asked_three_times(graph, service, status: int) -> None:
    """Reads and idempotent writes are repeated twice with a small back-off."""
    service.on("PATCH", "/users/1", (status, {}), (status, {}), (204, None))
    assert graph.patch("/users/1", {"city": "Ulm"}).status == 204
    assert service.slept == [0.5, 2.0]


def test_trouble_that_stays_is_unreachable(graph, service) -> None:
    """A service that stays in trouble is an error worth a retry, with the request-id."""
    service.on("GET", "/users/1", (503, b"<html>"))
    with pytest.raises(ConnectorUnreachable, match="503") as caught:
        graph.get("/users/1")
    assert "req-1" in caught.value.hint


def test_a_post_is_never_repeated_blindly(graph, service) -> None:
    """A 5xx on a POST may hide a success: it is reported as a lost answer at once."""
    service.on("POST", "/users", (504, {}))
    with pytest.raises(AnswerLost):
        graph.post("/users", {})
    assert len(service.seen) == 1


def test_truncated_json_is_no_answer(graph, service) -> None:
    """Half of a JSON document is asked for again on a read, and a lost answer on a POST."""
    service.on("GET", "/users/1", (200, b'{"id": "1'), FINE)
    assert graph.get("/users/1").body == {"id": "1"}
    service.on("POST", "/users", (201, b'{"id": "1'))
    with pytest.raises(AnswerLost, match="not whole JSON"):
        graph.post("/users", {})


def test_a_sign_in_page_is_not_an_empty_object(graph, service) -> None:
    """HTML with status 200 is refused, and the hint names the proxy."""
    service.on("GET", "/users/1", (200, b"<html>sign in</html>", {"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(ConnectorUnreachable, match="text/html") as caught:
        graph.get("/users/1")
    assert "HTTPS_PROXY" in caught.value.hint


def test_a_redirect_is_not_followed(graph, service) -> None:
    """The token is not carried to where a redirect points."""
    service.on("GET", "/users/1", (302, None, {"Location": "https://evil.example/"}))
    with pytest.raises(ConnectorError, match="redirect"):
        graph.get("/users/1")
    assert [sent.url for sent in service.seen] == ["https://graph.example/v1.0/users/1"]


def _refused_connection() -> Exception:
    reason = NewConnectionError(None, "Failed to establish a new connection: [Errno 111] Connection refused")  # type: ignore[arg-type]
    return requests.exceptions.ConnectionError(MaxRetryError(None, "/v1.0/users/1", reason))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raised", "expected", "words"),
    [
        (
            requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "certificate verify failed")),
            ConnectorUnreachable,
            ("TLS", "ca_file"),
        ),
        (
            requests.exceptions.ProxyError(OSError("Tunnel connection failed: 407")),
            ConnectorUnreachable,
            ("407", "HTTPS_PROXY"),
        ),
        (requests.exceptions.ConnectTimeout("t"), ConnectorUnreachable, ("graph.example", "graph_root")),
        (requests.exceptions.ReadTimeout("t"), AnswerLost, ("graph.example", "graph_root")),
        (_refused_connection(), ConnectorUnreachable, ("graph.example", "graph_root")),
        (
            requests.exceptions.ConnectionError(ConnectionResetError(104, "Connection reset by peer")),
            AnswerLost,
            ("reset",),
        ),
        (requests.exceptions.ChunkedEncodingError("broken"), AnswerLost, ("broke",)),
        (requests.exceptions.InvalidHeader("Bearer eyJ-secret-token"), ConnectorError, ("InvalidHeader",)),
        (requests.exceptions.InvalidURL("http://u:geheim@p"), ConnectorError, ("graph_root",)),
        (requests.exceptions.RequestException("u:geheim"), ConnectorError, ("graph.example",)),
        (OSError("Could not find a suitable TLS CA certificate bundle"), ConnectorError, ("graph.example",)),
    ],
)
def test_every_transport_error_is_translated(graph, service, raised, expected, words) -> None:
    """What requests raises becomes an error of ours that names host and setting, and repeats no secret."""
    service.on("POST", "/users", raised)
    with pytest.raises(ConnectorError) as caught:
        graph.post("/users", {})
    assert isinstance(caught.value, expected)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "secret-token" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_connection_that_never_was_is_no_lost_answer(graph, service) -> None:
    """Only what may have been carried out counts as a lost answer."""
    service.on("POST", "/users", _refused_connection())
    with pytest.raises(ConnectorUnreachable) as caught:
        graph.post("/users", {})
    assert not isinstance(caught.value, AnswerLost)


def test_a_reset_read_is_repeated_and_a_silent_one_is_not(graph, service) -> None:
    """A broken connection is worth two more attempts; a time-out would only be waited for again."""
    service.on("GET", "/users/1", requests.exceptions.ConnectionError(ConnectionResetError(104, "reset")), FINE)
    assert graph.get("/users/1").fine
    service.on("GET", "/users/2", requests.exceptions.ReadTimeout("t"))
    with pytest.raises(AnswerLost):
        graph.get("/users/2")
    assert len([sent for sent in service.seen if sent.path == "/users/2"]) == 1


def test_pages_are_followed_to_the_end(graph, service) -> None:
    """The nextLink is followed; entries that are no objects are left out."""
    more = "https://graph.example/v1.0/users?$skiptoken=abc"
    service.on(
        "GET",
        "/users",
        (200, {"value": [{"id": "1"}, None, 7], "@odata.nextLink": more}),
        (200, {"value": [{"id": "2"}]}),
    )
    assert [entry["id"] for entry in graph.pages("/users", "read users", "User.Read.All")] == ["1", "2"]
    assert service.seen[1].query == {"$skiptoken": "abc"}


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/users",
        "http://graph.example/v1.0/users",
        "https://graph.example.evil.example/v1.0/users",
        "https://graph.example/v1.0/users",
    ],
)
def test_a_next_page_elsewhere_or_in_a_circle_is_refused(graph, service, link: str) -> None:
    """The token goes to no other host, and a page that was read is not read again."""
    service.on("GET", "/users", (200, {"value": [], "@odata.nextLink": link}))
    with pytest.raises(ConnectorRefused, match="next page"):
        list(graph.pages("/users", "read users", "User.Read.All"))
    assert len(service.seen) == 1


def test_a_refused_list_names_the_permission(graph, service, refusal) -> None:
    """A 403 on a collection says which application permission is missing."""
    service.on(
        "GET",
        "/users",
        refusal("Insufficient privileges to complete the operation.", status=403, code="Authorization_RequestDenied"),
    )
    with pytest.raises(ConnectorRefused, match=r"User\.Read\.All") as caught:
        list(graph.pages("/users", "read users", "User.Read.All"))
    assert caught.value.code == "failed-permission"


def test_the_session_ignores_netrc_and_bundles_of_the_environment(monkeypatch, tmp_path) -> None:
    """REQUESTS_CA_BUNDLE does not overrule ca_file; time-outs are set, and proxies of the environment honoured."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/elsewhere.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "graph.internal")
    asked: list[tuple[str, dict[str, object]]] = []

    class Recorder(requests.adapters.BaseAdapter):
        def send(self, request, **kwargs):
            asked.append((request.url, kwargs))
            response = requests.Response()
            response.status_code, response._content, response.request = 200, b"{}", request
            return response

        def close(self) -> None:
            pass

    with open_session(str(bundle)) as session:
        session.mount("https://", Recorder())
        session.get("https://graph.example/")
        session.get("https://graph.internal/")
    (_, outside), (_, inside) = asked
    assert outside["verify"] == str(bundle)
    assert outside["timeout"] == (10.0, 60.0)
    assert outside["proxies"]["https"] == "http://proxy.example:3128"
    assert "https" not in inside["proxies"]


def test_a_missing_ca_file_is_a_wrong_setting() -> None:
    """The file is looked for before anything is sent."""
    with pytest.raises(ConfigurationError, match=r"\[entra\] ca_file"):
        open_session("/no/such/file.pem")


def test_tls_failures_of_a_real_socket_name_the_ca_file() -> None:
    """A server that speaks no TLS gives our error, not urllib3's."""
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        root = f"https://127.0.0.1:{server.getsockname()[1]}"
        with EntraSession() as session, pytest.raises(ConnectorUnreachable, match="TLS to 127"):
            GraphSession(session, root, lambda _fresh: "t").get("/organization")
        thread.join()
