"""The lab tenant as a WSGI application: token service, Graph and `$batch` on one host.

`application(tenant)` is called in process (`inprocess.py`) or by the HTTPS server (`serve.py`). Answers have the headers
Graph sends; errors are Graph's envelope.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from io import BufferedIOBase
from typing import TYPE_CHECKING, cast
from urllib.parse import quote
from uuid import uuid4

import orjson

from adsyncdiag.connectors.lab import batch
from adsyncdiag.connectors.lab.exchange import LARGEST_BODY, Answer, Call, Request, json_object, refusal
from adsyncdiag.connectors.lab.faults import STATUSES, Broken, Faults
from adsyncdiag.connectors.lab.permissions import allowed
from adsyncdiag.connectors.lab.problems import (
    Problem,
    malformed,
    method_not_allowed,
    no_right,
    unavailable,
    unknown_segment,
)
from adsyncdiag.connectors.lab.routes import READING_POSTS, find_route, split_cast
from adsyncdiag.connectors.lab.tenant import LabTenant
from adsyncdiag.connectors.lab.tokens import bearer, discovery, expire, grant

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

VERSIONS = ("v1.0", "beta")
_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_DIAGNOSTIC = (
    '{"ServerInfo":{"DataCenter":"adsyncdiag lab","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"LAB"}}'
)


def application(tenant: LabTenant, faults: Faults | None = None) -> WSGIApplication:
    """Return the WSGI application that serves *tenant*, disturbed by *faults*.

    It raises `faults.Broken` where a connection has to break, and `ConfigurationError` when the tenant's file is unusable.
    """
    service = Service(tenant, faults or Faults())

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _request(environ)
        found = service.handle(request)
        body = _body(found)
        headers = _headers(request, found, len(body))
        status = HTTPStatus(found.status)
        start_response(f"{status.value} {status.phrase}", headers)
        if "lab.truncate" in found.headers:
            return [body[: len(body) // 2]]
        return [body]

    return answer


class Service:
    """Answers requests; free of WSGI."""

    def __init__(self, tenant: LabTenant, faults: Faults) -> None:
        self.tenant = tenant
        self.faults = faults

    def handle(self, request: Request) -> Answer:
        """Answer one request, whatever it is."""
        try:
            if request.segments[:1] and request.segments[0] in VERSIONS:
                return self._disturbed(request)
            return self._outside(request)
        except Problem as problem:
            return refusal(problem, request, self.tenant.clock())

    def _outside(self, request: Request) -> Answer:
        """Answer what is not below a version of Graph: the token service, or nothing."""
        segments = request.segments
        with self.tenant.reading():
            if segments[1:] == ("v2.0", ".well-known", "openid-configuration") and request.method == "GET":
                return Answer(*discovery(self.tenant, segments[0], request.root))
            if segments[1:] == ("oauth2", "v2.0", "token"):
                if request.method != "POST":
                    raise method_not_allowed()
                authorization = request.headers.get("authorization", "")
                return Answer(*grant(self.tenant, segments[0], request.body, authorization, request.root))
        if segments[:1] and segments[0].startswith("v"):
            raise malformed(f"Invalid version: {segments[0]}")
        raise unknown_segment(segments[0] if segments else "")

    def _disturbed(self, request: Request) -> Answer:
        """Answer a Graph request, or let a fault befall it."""
        fault = self.faults.draw()
        if fault in STATUSES:
            raise self._failure(fault)
        if fault == "reset":
            raise Broken(fault)
        if fault == "expired-token":
            expire(self.tenant, request.headers.get("authorization", ""))
        answer = self._caught(request)
        if fault in ("lost-answer", "timeout"):
            raise Broken(fault)
        if fault == "truncate":
            return Answer(answer.status, answer.body, {**answer.headers, "lab.truncate": ""}, answer.text)
        return answer

    def _failure(self, fault: str) -> Problem:
        status = int(fault[:3])
        return unavailable(status, self.faults.retry_after if fault in ("429", "503") else None)

    def _caught(self, request: Request) -> Answer:
        try:
            return self._graph(request)
        except Problem as problem:
            return refusal(problem, request, self.tenant.clock())

    def _inner(self, request: Request) -> Answer:
        """Answer one request of a batch, which may be throttled on its own (cmdlets-and-graph.md 4.5)."""
        fault = self.faults.draw(among=STATUSES)
        if fault:
            return refusal(self._failure(fault), request, self.tenant.clock())
        return self._caught(request)

    def _graph(self, request: Request) -> Answer:
        if len(request.body) > LARGEST_BODY:
            raise Problem(413, "RequestEntityTooLarge", "The request body is larger than the service takes.")
        if request.segments[1:2] == ("$batch",):
            bearer(self.tenant, request.headers.get("authorization", ""))
            if request.method != "POST":
                raise method_not_allowed()
            return batch.run(json_object(request), request, self._inner)
        if request.segments[1:2] == ("me",):
            bearer(self.tenant, request.headers.get("authorization", ""))
            raise malformed("/me request is only valid with delegated authentication flow.")
        path, cast_to = split_cast(request.segments[1:])
        route, handler, keys = find_route(request.method, path)
        caller = bearer(self.tenant, request.headers.get("authorization", ""))
        writes = request.method != "GET" and handler not in READING_POSTS
        if not allowed(caller.roles, route.area, write=writes):
            raise no_right()
        if not writes:
            with self.tenant.reading() as directory:
                return handler(Call(self.tenant, request, caller, keys, directory, None, cast_to), route.subject)
        with self.tenant.writing() as transaction:
            return handler(Call(self.tenant, request, caller, keys, transaction.directory, transaction), route.subject)


def _request(environ: WSGIEnvironment) -> Request:
    """Return the request that a WSGI environment describes; the body is read up to one byte past the limit."""
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE") or ""
    length = environ.get("CONTENT_LENGTH") or "0"
    size = min(int(length[:12]), LARGEST_BODY + 1) if length.isascii() and length.isdigit() else 0
    stream = cast(BufferedIOBase, environ["wsgi.input"])
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path.encode("latin-1").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=stream.read(size) if size else b"",
        root=f"{environ['wsgi.url_scheme']}://{host}",
    )


def _body(answer: Answer) -> bytes:
    if answer.text is not None:
        return answer.text.encode()
    return b"" if answer.body is None else orjson.dumps(answer.body)


def _headers(request: Request, answer: Answer, size: int) -> list[tuple[str, str]]:
    identifier = answer.headers.get("request-id") or str(uuid4())
    headers: dict[str, str] = {
        "Cache-Control": "no-cache",
        "OData-Version": "4.0",
        "request-id": identifier,
        "client-request-id": _plain(request.headers.get("client-request-id", identifier)),
        "x-ms-ags-diagnostic": _DIAGNOSTIC,
        "x-ms-resource-unit": "1",
    }
    if answer.text is not None:
        headers["Content-Type"] = "text/plain"
    elif answer.body is not None:
        headers["Content-Type"] = _JSON
    headers.update((name, value) for name, value in answer.headers.items() if name != "lab.truncate")
    if answer.status != HTTPStatus.NO_CONTENT:
        headers["Content-Length"] = str(size)
    return list(headers.items())


def _plain(text: str) -> str:
    """Keep a header that is echoed from breaking out of its line."""
    return quote(text[:128], safe=" {}-_.:")
