"""Requests to Graph v1.0: the token, patience with a busy service, pages, and answers that are JSON or an error of ours.

What comes back from here is an answer to the request itself, refusals (400, 403, 404, ...) included. Everything that is
not, is raised: no connection, no usable token, throttling, a service in trouble, an answer that is no JSON.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
import requests

from adsyncdiag.connectors.entra.payload import Payload, entries, text
from adsyncdiag.connectors.entra.reply import Reply, refused
from adsyncdiag.connectors.entra.session import TRANSPORT_ERRORS, AnswerLost, host_of, translated
from adsyncdiag.errors import ConnectorError, ConnectorRefused, ConnectorUnreachable, Throttled
from adsyncdiag.model.trace import Json

PATIENCE = 10.0
"""Seconds that one request may wait in all for a throttling service, before that is somebody else's decision."""
_BACK_OFF = (0.5, 2.0)
_COME_BACK = 60.0
_IN_TROUBLE = frozenset({500, 502, 503, 504})


@dataclass(slots=True)
class _Patience:
    """How often and how long one request was tried already; the one place that decides whether to try again."""

    host: str
    repeatable: bool
    sleep: Callable[[float], None]
    now: Callable[[], datetime]
    repeats: int = 0
    waited: float = 0.0
    throttled: int = 0

    def after_trouble(self) -> bool:
        """Wait and say True when the request may be sent once more after a lost answer or a 5xx."""
        if not self.repeatable or self.repeats >= len(_BACK_OFF):
            return False
        self.sleep(_BACK_OFF[self.repeats])
        self.repeats += 1
        return True

    def after_throttling(self, retry_after: str) -> None:
        """Wait as long as the service asks, or raise `Throttled` when that is longer than we have patience for."""
        asked = _seconds(retry_after, self.now())
        delay = asked if asked is not None else float(2**self.throttled)
        self.throttled += 1
        if self.waited + delay > PATIENCE or self.throttled > 5:
            until = self.now() + timedelta(seconds=_COME_BACK if asked is None else delay)
            raise Throttled(
                f"{self.host} is throttling this application until {until:%Y-%m-%d %H:%M:%S} UTC",
                until=until,
                hint="Run the command again after that; nothing is lost, what was done already is found again.",
            )
        self.waited += delay
        self.sleep(delay)


@dataclass(slots=True)
class GraphSession:
    """Graph v1.0 at *graph_root*, over one `requests` session.

    *token* gives a bearer token, a fresh one when it is called with True. *sleep* and *now* exist for the tests.
    """

    session: requests.Session
    graph_root: str
    token: Callable[[bool], str] = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def host(self) -> str:
        """The host of Graph, for messages."""
        return host_of(self.graph_root)

    @property
    def base(self) -> str:
        """The address that every path is appended to."""
        return self.graph_root.rstrip("/") + "/v1.0"

    def object_url(self, object_id: str) -> str:
        """Return what an `@odata.id` says for an object; it has to name the same root (cmdlets-and-graph.md 4.10)."""
        return f"{self.base}/directoryObjects/{object_id}"

    def get(self, path: str) -> Reply:
        """Read *path*, a path below v1.0 with its query."""
        return self._send("GET", self.base + path)

    def post(self, path: str, body: Payload, *, repeatable: bool = False) -> Reply:
        """Create something; a lost answer raises `AnswerLost` unless doing it twice does no harm (*repeatable*)."""
        return self._send("POST", self.base + path, body, repeatable=repeatable)

    def patch(self, path: str, body: Payload, *, prefer: str = "") -> Reply:
        """Change the properties in *body*; *prefer* is the header of that name."""
        return self._send("PATCH", self.base + path, body, prefer=prefer)

    def put(self, path: str, body: Payload) -> Reply:
        """Set what *path* names."""
        return self._send("PUT", self.base + path, body)

    def delete(self, path: str) -> Reply:
        """Remove what *path* names."""
        return self._send("DELETE", self.base + path)

    def pages(self, path: str, doing: str, permission: str) -> Iterator[Payload]:
        """Yield the objects of a collection, page by page; *doing* and *permission* are for the message of a refusal.

        Raises:
            ConnectorRefused: The service refuses, or a next page lies on another host, which would get our token.
        """
        url, seen = self.base + path, set[str]()
        while url:
            seen.add(url)
            reply = self._send("GET", url)
            if not reply.fine:
                raise refused(reply, doing, permission)
            yield from entries(reply.body, "value")
            url = text(reply.body, "@odata.nextLink")
            if url and (urlsplit(url)[:2] != urlsplit(self.base)[:2] or url in seen):
                raise ConnectorRefused(
                    f"{self.host} names a next page that cannot be followed",
                    hint="It lies on another host, or was read before. Check [entra] graph_root, and proxies that rewrite answers.",
                    code="failed-search",
                )

    def _send(
        self, method: str, url: str, body: Payload | None = None, *, prefer: str = "", repeatable: bool = False
    ) -> Reply:
        patience = _Patience(self.host, repeatable or method != "POST", self.sleep, self.now)
        renewed = False
        while True:
            try:
                answer = self._once(method, url, body, prefer, fresh_token=renewed)
                reply = self._reply(answer)
            except AnswerLost as error:
                if isinstance(error, _TimedOut) or not patience.after_trouble():
                    raise
                continue
            if reply.status == 401 and not renewed:
                renewed = True
            elif reply.status == 429 or (reply.status == 503 and "Retry-After" in answer.headers):
                patience.after_throttling(answer.headers.get("Retry-After", ""))
            elif reply.status not in _IN_TROUBLE:
                return self._acceptable(reply)
            elif not patience.after_trouble():
                raise self._trouble(reply, method, repeatable)

    def _once(
        self, method: str, url: str, body: Payload | None, prefer: str, *, fresh_token: bool
    ) -> requests.Response:
        """Send one request; every exception of the libraries ends here."""
        headers = {
            "Authorization": f"Bearer {self.token(fresh_token)}",
            "Accept": "application/json",
            "client-request-id": str(uuid4()),
            "return-client-request-id": "true",
        }
        if prefer:
            headers["Prefer"] = prefer
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            return self.session.request(
                method, url, data=None if body is None else orjson.dumps(body), headers=headers, allow_redirects=False
            )
        except requests.exceptions.ReadTimeout as error:
            lost = translated(error, url, "graph_root")
            raise _TimedOut(lost.message, hint=lost.hint) from None
        except TRANSPORT_ERRORS as error:
            # Not chained: the library's error holds the request, and with it the Authorization header.
            raise translated(error, url, "graph_root") from None

    def _reply(self, answer: requests.Response) -> Reply:
        """Read an answer's JSON; what is no JSON object is a lost answer where one is due, and an empty body elsewhere."""
        body: Json = None
        if answer.content:
            try:
                body = orjson.loads(answer.content)
            except orjson.JSONDecodeError:
                body = None
        if answer.ok and answer.status_code not in (202, 204) and answer.content and not isinstance(body, dict):
            kind = answer.headers.get("Content-Type", "").partition(";")[0][:60] or "no content type"
            raise AnswerLost(
                f"{self.host} answered with something that is not whole JSON ({kind}, {len(answer.content)} bytes)",
                hint="A proxy or sign-in page may stand between: check HTTPS_PROXY and [entra] graph_root.",
            )
        return Reply(
            answer.status_code,
            body if isinstance(body, dict) else {},
            answer.headers.get("request-id", ""),
            answer.headers.get("client-request-id", "") or _header(answer.request, "client-request-id"),
        )

    def _acceptable(self, reply: Reply) -> Reply:
        """Return *reply* unless it is about the way we ask rather than about the object."""
        if reply.status == 401:
            raise ConnectorRefused(
                f"{self.host} refuses our token, a fresh one too",
                hint="Check that [entra] graph_root, authority and tenant_id belong to one cloud and tenant, and that no "
                f"Conditional Access policy stops the application. request-id {reply.request_id or 'unknown'}.",
                code="failed-authentication",
            )
        if 300 <= reply.status < 400:
            raise ConnectorError(
                f"{self.host} answered with a redirect ({reply.status}), which Graph never does",
                hint="Check [entra] graph_root, and whether a proxy or sign-in page stands between.",
            )
        return reply

    def _trouble(self, reply: Reply, method: str, repeatable: bool) -> ConnectorUnreachable:
        kind = AnswerLost if method == "POST" and not repeatable else ConnectorUnreachable
        return kind(
            f"{self.host} answers {reply.status}: the service is in trouble",
            hint=f"Try again later. request-id {reply.request_id or 'unknown'}.",
            code="dropped-connection",
        )


class _TimedOut(AnswerLost):
    """The answer did not come in time; asking again would only wait as long once more."""


def _header(request: object, name: str) -> str:
    headers = getattr(request, "headers", None)
    return str(headers.get(name, "")) if isinstance(headers, Mapping) else ""


def _seconds(retry_after: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date ([RFC 9110] 10.2.3); None for neither."""
    if retry_after.strip().isdecimal():
        return float(min(int(retry_after), 86_400))
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
