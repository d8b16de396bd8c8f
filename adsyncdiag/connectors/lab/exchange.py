"""One request to the lab and its answer, free of WSGI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import cast
from urllib.parse import quote
from uuid import uuid4

import orjson

from adsyncdiag.connectors.lab.directory import Directory
from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.odata import Query, parse_query_string, read_query
from adsyncdiag.connectors.lab.problems import Problem, malformed
from adsyncdiag.connectors.lab.tenant import Application, LabTenant, Transaction

LARGEST_BODY = 4 * 1024 * 1024
"""Graph's limit for a write, in bytes."""

_SEGMENT = re.compile(r"(?P<name>[^(]*)(?P<key>\(.*\))?\Z")


@dataclass(frozen=True)
class Request:
    """What came in over HTTP. Header names are in lower case; *root* is `https://host[:port]`."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    root: str

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path in pieces; a key becomes a piece of its own: `groups(uniqueName='x')` gives groups, (uniqueName='x')."""
        found: list[str] = []
        for part in _split(self.path):
            match = _SEGMENT.match(part)
            name, key = (match["name"], match["key"]) if match else (part, None)
            if name:
                found.append(name)
            if key:
                found.append(key[2:-2].replace("''", "'") if re.fullmatch(r"\('.*'\)", key) else key)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a JSON body (None for none) or text, and headers beside the usual ones."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass
class Call:
    """One request that found its resource: what a handler works with."""

    tenant: LabTenant
    request: Request
    application: Application
    keys: tuple[str, ...]
    """The variable pieces of the path, such as an object's id."""
    directory: Directory
    transaction: Transaction | None
    """For methods that write."""
    cast: str = ""
    """Collection that a type at the end of the path limits a relationship to: `members/microsoft.graph.user`."""

    @property
    def version(self) -> str:
        """`v1.0` or `beta`."""
        return self.request.segments[0]

    @property
    def organization(self) -> Entity:
        """The tenant's organization."""
        return cast(Entity, self.directory.sections["organization"])

    @property
    def url(self) -> str:
        """The address of the request without its query."""
        return self.request.root + quote(self.request.path, safe="/$()'=,@:")

    @property
    def eventual(self) -> bool:
        """Whether the request says `ConsistencyLevel: eventual`, which counting and advanced queries need."""
        return self.request.headers.get("consistencylevel", "").lower() == "eventual"

    def query(self, kind: str) -> Query:
        """Return the checked query options for objects of *kind*."""
        return read_query(parse_query_string(self.request.query), kind, eventual=self.eventual)

    def record(self, verb: str, subject: str, value: Json = None) -> None:
        """Write one change when the request has succeeded."""
        if self.transaction is None:
            raise RuntimeError("a handler that writes is listed as reading")
        self.transaction.record(verb, subject, value)

    def now(self) -> str:
        """Return the time as Graph writes it, to the second."""
        return moment(self.tenant.clock())

    def json(self) -> Entity:
        """Return the body, which is a JSON object; raise `Problem` (400) otherwise."""
        return json_object(self.request)


def json_object(request: Request) -> Entity:
    """Return the body of *request*, which is a JSON object; raise `Problem` (400) otherwise."""
    kind = request.headers.get("content-type", "")
    if kind and "json" not in kind.lower():
        raise malformed("Entity only allows writes with a JSON Content-Type header.")
    if not request.body:
        raise malformed("Empty Payload. JSON content expected.")
    try:
        found = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise malformed(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON "
            "format."
        )
    return found


def moment(now: datetime) -> str:
    """Return a time as Graph writes it, to the second."""
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"


def refusal(problem: Problem, request: Request, now: datetime) -> Answer:
    """Return the error answer for *problem* in Graph's envelope (cmdlets-and-graph.md 4.4)."""
    identifier = str(uuid4())
    error: dict[str, Json] = {"code": problem.code, "message": problem.message}
    if problem.details:
        error["details"] = list(problem.details)
    error["innerError"] = {
        "date": f"{now:%Y-%m-%dT%H:%M:%S}",
        "request-id": identifier,
        "client-request-id": request.headers.get("client-request-id", identifier),
    }
    return Answer(problem.status, {"error": error}, {**problem.headers, "request-id": identifier})


def _split(path: str) -> list[str]:
    """Split a path at slashes that are not inside quotes."""
    return [part for part in re.findall(r"(?:[^/']|'(?:[^']|'')*'|')+", path) if part]
