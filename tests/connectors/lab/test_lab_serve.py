"""The tenant over real HTTPS: certificates, keep-alive, msal, faults, signals."""

import contextlib
import hashlib
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from adsyncdiag.connectors.lab.certificates import ensure_certificates
from adsyncdiag.connectors.lab.faults import Fault, Faults
from adsyncdiag.connectors.lab.journal import write_tenant
from adsyncdiag.connectors.lab.serve import serve
from adsyncdiag.connectors.lab.tenant import LabTenant
from adsyncdiag.errors import ConfigurationError, UsageError

MAIN = """
import json, sys
from pathlib import Path
from adsyncdiag.connectors.lab.journal import write_tenant
from adsyncdiag.connectors.lab.serve import serve
from adsyncdiag.connectors.lab.tenant import LabTenant

folder = Path(sys.argv[1])
serve(LabTenant(folder / "tenant.json"), tls=folder / "tls", ready=lambda facts: print(json.dumps(facts), flush=True))
"""


@contextlib.contextmanager
def serving(tenant, faults=None):
    """Serve *tenant* in a thread; give what `ready` got."""
    stop, started = threading.Event(), threading.Event()
    facts, failures = {}, []

    def run():
        try:
            serve(
                tenant,
                tls=tenant.path.parent / "tls",
                ready=lambda f: (facts.update(f), started.set()),
                faults=faults,
                stop=stop,
            )
        except (UsageError, ConfigurationError) as error:
            failures.append(error)
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(20)
        assert not failures
        yield facts
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def real_tenant(tenant):
    """The small tenant with the real clock, as certificates and tokens need it."""
    return LabTenant(tenant.path)


@contextlib.contextmanager
def signed_in(facts):
    """Give a session with a token that msal fetched."""
    import msal

    with requests.Session() as session:
        session.trust_env = False
        session.verify = facts["ca_file"]
        app = msal.ConfidentialClientApplication(
            facts["client_id"],
            client_credential=Path(facts["client_secret_file"]).read_text(encoding="utf-8"),
            authority=facts["authority"],
            instance_discovery=False,
            http_client=session,
        )
        token = app.acquire_token_for_client([facts["graph_root"] + "/.default"])
        assert "access_token" in token, token
        session.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield session


def test_msal_and_requests_work_over_https(real_tenant, ids, new_user):
    """With the CA file from the ready line msal signs in, users are written and read, and TLS is verified."""
    with serving(real_tenant) as facts, signed_in(facts) as session:
        assert facts["authority"] == f"{facts['graph_root']}/{ids.tenant}"
        assert facts["verified_domains"] == ["contoso.com", "fabrikam.com", "contoso.onmicrosoft.com"]
        assert facts["pid"] == os.getpid()
        root = f"{facts['graph_root']}/v1.0"
        made = session.post(f"{root}/users", json=new_user(), timeout=5)
        assert made.status_code == 201
        assert session.patch(f"{root}/users/{made.json()['id']}", json={"city": "Rome"}, timeout=5).status_code == 204
        page = session.get(f"{root}/users", params={"$top": 1}, timeout=5).json()
        assert page["@odata.nextLink"].startswith(root)
        assert session.get(page["@odata.nextLink"], timeout=5).status_code == 200
        reference = {"@odata.id": f"{root}/directoryObjects/{made.json()['id']}"}
        assert session.post(f"{root}/groups/{ids.staff}/members/$ref", json=reference, timeout=5).status_code == 204
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{root}/users", timeout=5, verify=True)
    with LabTenant(real_tenant.path).reading() as directory:
        assert directory.one("users", "userPrincipalName", "dora@contoso.com")["city"] == "Rome"


def test_one_connection_serves_many_requests(real_tenant):
    """Connections are kept open, also after an error and after a request without an answer body."""
    with serving(real_tenant) as facts, signed_in(facts) as session:
        local = set()
        for path in ("users", "nothing", "users/x@y.example", "groups", "organization"):
            reply = session.get(f"{facts['graph_root']}/v1.0/{path}", timeout=5, stream=True)
            local.add(reply.raw.connection.sock.getsockname() if reply.raw.connection else None)
            assert reply.content
        assert len(local) == 1


def test_many_clients_at_once(real_tenant, new_user):
    """Sixteen threads create users at once; each arrives once."""
    with serving(real_tenant) as facts, signed_in(facts) as session:

        def create(number):
            user = new_user(userPrincipalName=f"u{number}@contoso.com", mailNickname=f"u{number}")
            headers = dict(session.headers)
            return requests.post(
                f"{facts['graph_root']}/v1.0/users", json=user, headers=headers, verify=facts["ca_file"], timeout=20
            ).status_code

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(create, range(64))) == {201}
        assert len(session.get(f"{facts['graph_root']}/v1.0/users?$top=999", timeout=5).json()["value"]) == 67


def test_a_chunked_body_is_understood(real_tenant, ids):
    """A body without a length, as generators give it, is put together."""
    with serving(real_tenant) as facts, signed_in(facts) as session:
        body = iter([b'{"ci', b'ty":', b' "Oslo"}'])
        url = f"{facts['graph_root']}/v1.0/users/{ids.ada}"
        reply = session.patch(url, data=body, headers={"Content-Type": "application/json"}, timeout=5)
        assert reply.status_code == 204
        assert session.get(f"{url}?$select=city", timeout=5).json()["city"] == "Oslo"


def exchange(facts, content):
    """Send raw bytes over TLS and return everything that comes back."""
    context = ssl.create_default_context(cafile=facts["ca_file"])
    address = ("127.0.0.1", int(facts["graph_root"].rpartition(":")[2]))
    with (
        socket.create_connection(address, 5) as bare,
        context.wrap_socket(bare, server_hostname="localhost") as connection,
    ):
        connection.sendall(content)
        found = b""
        with contextlib.suppress(ConnectionError):
            while more := connection.recv(65536):
                found += more
        return found


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"GET /v1.0/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"401"),
        (b"POST /v1.0/users HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"POST /v1.0/users HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"HEAD /v1.0/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"405"),
        (b"rubbish\r\n\r\n", b"400"),
    ],
)
def test_odd_requests_get_an_answer(real_tenant, content, status):
    """Wrong framing is 400 and closes the connection; nothing hangs."""
    with serving(real_tenant) as facts:
        assert status in exchange(facts, content).split(b"\r\n")[0]


def test_silent_and_broken_clients_hold_up_nobody(real_tenant):
    """A client that connects and says nothing, or speaks no TLS, does not keep others from being served."""
    with serving(real_tenant) as facts:
        address = ("127.0.0.1", int(facts["graph_root"].rpartition(":")[2]))
        with socket.create_connection(address, 5), socket.create_connection(address, 5) as rude:
            rude.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with signed_in(facts) as session:
                assert session.get(f"{facts['graph_root']}/v1.0/users", timeout=5).status_code == 200


@pytest.mark.parametrize(("kind", "done"), [("reset", False), ("lost-answer", True), ("truncate", True)])
def test_connections_break_for_real(real_tenant, new_user, kind, done):
    """Over the wire a fault of the connection is one that requests sees, before or after the work was done."""
    with serving(real_tenant, Faults([Fault(kind, 1.0)])) as facts, signed_in(facts) as session:
        broken = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
        with pytest.raises(broken):
            session.post(f"{facts['graph_root']}/v1.0/users", json=new_user(), timeout=5)
    with LabTenant(real_tenant.path).reading() as directory:
        assert (directory.one("users", "userPrincipalName", "dora@contoso.com") is not None) is done


def test_a_silent_server_ends_at_once_when_stopped(real_tenant):
    """The `timeout` fault leaves the client waiting, and stopping the server does not wait for it."""
    faults = Faults([Fault("timeout", 1.0)])
    with serving(real_tenant, faults) as facts, signed_in(facts) as session, pytest.raises(requests.ReadTimeout):
        session.get(f"{facts['graph_root']}/v1.0/users", timeout=0.3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly(tenant, number):
    """SIGTERM and SIGINT end the server with exit code 0 and nothing on stderr, one ready line on stdout."""
    command = [sys.executable, "-W", "error", "-c", MAIN, str(tenant.path.parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    facts = json.loads(process.stdout.readline())
    assert facts["pid"] == process.pid
    with signed_in(facts) as session:
        assert session.get(f"{facts['graph_root']}/v1.0/users", timeout=5).status_code == 200
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_only_loopback_is_served(tenant):
    """A host that others can reach is refused."""
    for host in ("0.0.0.0", "192.0.2.1", "::", "example.com"):
        with pytest.raises(UsageError, match="loopback"):
            serve(tenant, tls=tenant.path.parent / "tls", ready=print, host=host)


def test_a_taken_port_is_named(real_tenant):
    """A port that is in use is a ConfigurationError with its number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=str(port)):
            serve(real_tenant, tls=real_tenant.path.parent / "tls", ready=print, port=port)


def test_certificates_are_kept_until_they_end(tmp_path):
    """The same files are used again; near their end, when damaged or mixed up they are made anew."""
    now = datetime(2026, 3, 2, tzinfo=UTC)
    found = ensure_certificates(tmp_path / "tls", now)
    first = found.server.read_bytes(), found.ca.read_bytes()
    assert stat.S_IMODE(found.server.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" not in found.ca.read_bytes()
    ensure_certificates(tmp_path / "tls", now + timedelta(days=300))
    assert (found.server.read_bytes(), found.ca.read_bytes()) == first
    ensure_certificates(tmp_path / "tls", now + timedelta(days=364, hours=12))
    second = found.server.read_bytes()
    assert second != first[0]
    found.ca.write_bytes(first[1])
    ensure_certificates(tmp_path / "tls", now + timedelta(days=365))
    assert found.server.read_bytes() != second
    found.server.write_bytes(b"rubbish")
    ensure_certificates(tmp_path / "tls", now)
    assert b"PRIVATE KEY" in found.server.read_bytes()


def test_a_secret_that_only_a_file_knows_is_found(real_tenant, ids, document):
    """With a hash in tenant.json the file beside it is named when it has the secret, and nothing when it has not."""
    document["applications"] = [
        {"client_id": ids.client, "secret_sha256": hashlib.sha256(ids.secret.encode()).hexdigest()}
    ]
    write_tenant(real_tenant.path, document)
    file = real_tenant.path.with_name("client_secret")
    for content, expected in ((ids.secret + "\n", str(file)), ("another", "")):
        file.write_text(content, encoding="utf-8")
        with serving(real_tenant) as facts:
            assert facts["client_secret_file"] == expected


def test_the_secret_is_handed_over_in_a_private_file(real_tenant, ids):
    """The ready line has the path of the secret, never the secret; the file has mode 0600."""
    with serving(real_tenant) as facts:
        assert ids.secret not in json.dumps(facts)
        file = Path(facts["client_secret_file"])
        assert file.read_text(encoding="utf-8") == ids.secret
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
