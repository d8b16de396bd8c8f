"""The lab tenant on a `requests` session, in process: nothing leaves it, and the client cannot tell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict
from urllib3.response import HTTPResponse

from adsyncdiag.connectors.lab.faults import Broken, Faults
from adsyncdiag.connectors.lab.service import application
from adsyncdiag.connectors.lab.tenant import LabTenant

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

GRAPH_ROOT = "https://graph.lab"
AUTHORITY = "https://login.lab"


def mount(
    session: requests.Session,
    tenant: LabTenant,
    roots: Iterable[str] = (GRAPH_ROOT, AUTHORITY),
    *,
    faults: Faults | None = None,
) -> None:
    """Answer what *session* sends to *roots* (`https://host`) from *tenant*.

    A `faults.Broken` connection becomes the exception that requests raises for it. Tokens belong to the tenant object, so
    the session that fetches one and the session that uses it may be two.
    """
    adapter = _WsgiAdapter(application(tenant, faults))
    for root in roots:
        session.mount(root.rstrip("/") + "/", adapter)


class _WsgiAdapter(HTTPAdapter):
    """Calls a WSGI application instead of the network."""

    def __init__(self, target: WSGIApplication) -> None:
        super().__init__()
        self._target = target

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        status = ""
        headers: list[tuple[str, str]] = []

        def start_response(line: str, sent: list[tuple[str, str]], exc_info: object = None) -> object:
            nonlocal status
            status = line
            headers.extend(sent)
            return lambda _: None

        try:
            body = b"".join(self._target(_environ(request), start_response))  # type: ignore[arg-type]
        except Broken as fault:
            if fault.kind == "timeout":
                raise requests.ReadTimeout("the lab does not answer", request=request) from None
            raise requests.ConnectionError("the lab broke the connection", request=request) from None
        code, _, reason = status.partition(" ")
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=HTTPHeaderDict(headers),
            status=int(code),
            reason=reason,
            version=11,
            preload_content=False,
            request_method=request.method,
            enforce_content_length=True,
        )
        return self.build_response(request, raw)


def _environ(request: requests.PreparedRequest) -> WSGIEnvironment:
    parts = urlsplit(request.url or "")
    data = _data(request.body)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "HTTP_HOST": parts.netloc,
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(data),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _data(body: object) -> bytes:
    """Return a request's body: bytes, text, or anything that can be read."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    read = getattr(body, "read", None)
    return _data(read()) if read is not None else b""
