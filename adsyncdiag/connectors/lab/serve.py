"""The lab tenant over HTTPS on loopback, for any client: Microsoft's own SDKs, Graph PowerShell, a browser.

One thread a connection, HTTP/1.1 with connections kept open. The server listens on loopback addresses only: whoever can
reach it and has the secret may read and write the tenant, and the secret lies on this machine.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import signal
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import getpid
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote_to_bytes, urlsplit

from adsyncdiag.connectors.lab.certificates import ensure_certificates
from adsyncdiag.connectors.lab.exchange import LARGEST_BODY
from adsyncdiag.connectors.lab.faults import Broken, Faults
from adsyncdiag.connectors.lab.journal import replace_file
from adsyncdiag.connectors.lab.service import application
from adsyncdiag.connectors.lab.tenant import Application, LabTenant
from adsyncdiag.errors import AdSyncDiagError, ConfigurationError, UsageError

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

IDLE = 60.0
"""Seconds after which a connection without a request is closed, and that a `timeout` fault lasts."""

SECRET_FILE = "client_secret"  # noqa: S105  # a file name
"""Beside `tenant.json`: the secret of the first application, mode 0600."""

Ready = dict[str, str | int | list[str]]


def serve(
    tenant: LabTenant,
    *,
    tls: Path,
    ready: Callable[[Ready], None],
    host: str = "127.0.0.1",
    port: int = 0,
    faults: Faults | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve *tenant* until SIGTERM or SIGINT comes, or *stop* is set; *port* 0 takes a free one.

    *tls* is the folder of the certificates, made when needed. *ready* gets what `lab serve` prints (cli.md, "The lab") once
    connections are taken. In a thread that is not the main one signals are left alone. Raises `UsageError` for a host that
    is not loopback and `ConfigurationError` for an unusable tenant, folder or port.
    """
    check_loopback(host)
    stop = stop or threading.Event()
    certificates = ensure_certificates(tls, tenant.clock())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificates.server)
    context.set_alpn_protocols(["http/1.1"])
    facts = _facts(tenant)
    try:
        server = _Server((host, port), application(tenant, faults), context, stop)
    except OSError as error:
        raise ConfigurationError(f"{host}:{port} cannot be listened on: {error.strerror}") from None
    with server, _signals(stop):
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="lab", daemon=True)
        worker.start()
        try:
            shown = f"[{host}]" if ":" in host else host
            root = f"https://{shown}:{server.server_address[1]}"
            authority = f"{root}/{facts['tenant_id']}"
            ready(
                {"graph_root": root, "authority": authority, **facts, "ca_file": str(certificates.ca), "pid": getpid()}
            )
            while not stop.wait(0.5):
                pass
        finally:
            stop.set()
            server.shutdown()
            worker.join()
            server.close_connections()


def check_loopback(host: str) -> None:
    """Raise `UsageError` unless *host* is a loopback address or localhost."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"{host} is not a loopback address", hint="the lab is served on 127.0.0.1, ::1 or localhost only"
        )


def _facts(tenant: LabTenant) -> dict[str, str | list[str]]:
    """Return what clients have to know of the tenant."""
    found = tenant.applications()
    if not found:
        raise ConfigurationError("no application can sign in", file=str(tenant.path), element="applications")
    return {
        "tenant_id": tenant.tenant_id,
        "client_id": found[0].client_id,
        "client_secret_file": _secret_file(found[0], tenant.path.with_name(SECRET_FILE)),
        "verified_domains": [domain.name for domain in tenant.domains()],
    }


def _secret_file(client: Application, path: Path) -> str:
    """Return the file with the secret of *client*: the one that is there, or else a new one; empty when nobody knows it."""
    try:
        known = path.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        known = ""
    except (OSError, ValueError):
        raise ConfigurationError("the client secret cannot be read", file=str(path)) from None
    if client.accepts(known):
        return str(path)
    if client.secret:
        replace_file(path, client.secret.encode())
        return str(path)
    return ""


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set *stop*, where this is the main thread; the old handlers come back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = [(number, signal.signal(number, lambda *_: stop.set())) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], target: WSGIApplication, context: ssl.SSLContext, stop: threading.Event
    ) -> None:
        self.target = target
        self.stop = stop
        self._context = context
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.settimeout(IDLE)
        # the handshake is left to the connection's own thread, so that a silent client holds up nobody
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._open_lock:
            self._open.add(wrapped)
        return wrapped, address

    def shutdown_request(self, request: object) -> None:
        with self._open_lock:
            self._open.discard(cast(socket.socket, request))
        super().shutdown_request(cast(socket.socket, request))

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet about clients that went away; show anything else in one line."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            sys.stderr.write(f"lab: {type(error).__name__}: {error}\n")

    def close_connections(self) -> None:
        """Break what is still open when the server ends."""
        with self._open_lock:
            left, self._open = self._open, set()
        for connection in left:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # past TLS: its thread then closes it


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "adsyncdiag-lab"
    sys_version = ""
    timeout = IDLE
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server
    _promised = 0
    """Length of the answer's body, as its header says."""

    def setup(self) -> None:
        super().setup()
        cast(ssl.SSLSocket, self.connection).do_handshake()

    def answer(self) -> None:
        """Hand the request to the application and write its answer in one piece."""
        body = self._read()
        if body is None:
            self.close_connection = True
            self.send_error(400, "Bad Request")
            return
        try:
            content = b"".join(self.server.target(self._environ(body), self._begin))
            if self.command != "HEAD":
                self.wfile.write(content)
                self.close_connection |= len(content) < self._promised  # an answer cut short by a fault
            self.wfile.flush()
        except Broken as fault:
            self._break(fault.kind)
        except AdSyncDiagError as error:
            sys.stderr.write(f"lab: {error.message}\n")
            self.close_connection = True
            self.send_error(503, "Service Unavailable")

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = answer

    def log_message(self, format: str, *args: object) -> None:
        """Keep requests out of the log: their addresses have names of people."""

    def _begin(
        self, status: str, headers: Sequence[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self._promised = next((int(value) for name, value in headers if name == "Content-Length"), 0)
        self.end_headers()
        return self.wfile.write

    def _read(self) -> bytes | None:
        """Return the body, at most one byte over the limit; None when its framing is wrong."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length") or "0"
        if not length.isascii() or not length.isdigit() or len(length) > 12:
            return None
        size = int(length)
        if size > LARGEST_BODY:
            self.close_connection = True
        wanted = min(size, LARGEST_BODY + 1)
        content = self.rfile.read(wanted)
        return content if len(content) == wanted else None

    def _chunks(self) -> bytes | None:
        """Return a body that is sent in chunks (RFC 9112, 7.1)."""
        found = io.BytesIO()
        while True:
            size = self.rfile.readline(130).partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                return None
            if length < 0 or found.tell() + length > LARGEST_BODY + 1:
                self.close_connection = True
                return found.getvalue().ljust(LARGEST_BODY + 1)
            if length == 0:
                while self.rfile.readline(1024).strip():
                    pass
                return found.getvalue()
            found.write(self.rfile.read(length))
            self.rfile.readline(4)

    def _environ(self, body: bytes) -> WSGIEnvironment:
        parts = urlsplit(self.path)
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.server_address[1]),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
        }
        for name, value in self.headers.items():
            environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environ

    def _break(self, kind: str) -> None:
        """Break the connection as a fault demands: at once with a reset, or after silence."""
        self.close_connection = True
        if kind == "timeout":
            self.server.stop.wait(IDLE)
        with contextlib.suppress(OSError), socket.socket(fileno=self.connection.detach()) as bare:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
