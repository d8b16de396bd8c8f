"""`POST /$batch`: up to 20 requests in one (Learn, "Combine multiple HTTP requests using JSON batching")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote

import orjson

from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.exchange import Answer, Request
from adsyncdiag.connectors.lab.problems import Problem, malformed

MOST = 20
_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


def run(body: Entity, outer: Request, handle: Callable[[Request], Answer]) -> Answer:
    """Carry out the requests of *body* in their order with *handle*; one whose dependency failed gets 424."""
    listed = body.get("requests")
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise malformed("Invalid batch payload format.")
    if len(listed) > MOST:
        raise malformed(f"Number of batch request steps exceeds the maximum value of {MOST}.")
    identifiers = [item.get("id") for item in listed]
    if not all(isinstance(i, str) and i for i in identifiers) or len(set(identifiers)) != len(identifiers):
        raise malformed("The 'id' of every batch request has to be a string of its own.")
    failed: set[str] = set()
    responses: list[Json] = []
    for item in listed:
        response = _one(item, outer, handle, failed)
        if not isinstance(response["status"], int) or response["status"] >= 400:
            failed.add(str(item["id"]))
        responses.append(response)
    return Answer(200, {"responses": responses})


def _one(
    item: Mapping[str, Json], outer: Request, handle: Callable[[Request], Answer], failed: set[str]
) -> dict[str, Json]:
    wanted = item.get("dependsOn")
    if isinstance(wanted, Sequence) and not failed.isdisjoint(map(str, wanted)):
        message = "Failed Dependency"
        return {
            "id": item["id"],
            "status": 424,
            "headers": {},
            "body": {"error": {"code": message, "message": message}},
        }
    answer = handle(_request(item, outer))
    headers: dict[str, Json] = dict(answer.headers)
    if answer.body is not None:
        headers["Content-Type"] = "application/json"
    content: Json = answer.body if answer.text is None else answer.text
    response: dict[str, Json] = {"id": item["id"], "status": answer.status, "headers": headers}
    if content is not None:
        response["body"] = content
    return response


def _request(item: Mapping[str, Json], outer: Request) -> Request:
    """Return the request that one entry of a batch describes; it has the token of the batch."""
    path, _, query = str(item.get("url", "")).partition("?")
    method = str(item.get("method", "")).upper()
    if method not in _METHODS or not path:
        raise Problem(400, "BadRequest", "Invalid batch payload format.")
    given = item.get("headers")
    headers = {str(k).lower(): str(v) for k, v in given.items()} if isinstance(given, dict) else {}
    body = item.get("body")
    if body is not None and "content-type" not in headers:
        raise malformed("Write request id : " + str(item["id"]) + " does not contain Content-Type header or body.")
    headers["authorization"] = outer.headers.get("authorization", "")
    return Request(
        method=method,
        path=f"/{outer.segments[0]}/{unquote(path).lstrip('/')}",
        query=query,
        headers=headers,
        body=b"" if body is None else orjson.dumps(body),
        root=outer.root,
    )
