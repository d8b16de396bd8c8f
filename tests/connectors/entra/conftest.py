"""A service at requests' own seam: an adapter on the session that answers from a table and remembers what it was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
from requests.structures import CaseInsensitiveDict

from adsyncdiag.connectors.entra.graph import GraphTenant
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.session import open_session

ROOT = "https://graph.example"
TOKEN = "eyJ-secret-token"
Answer = tuple[int, object] | tuple[int, object, Mapping[str, str]] | Exception | Callable[["Sent"], Any]


@dataclass(frozen=True)
class Sent:
    """One request as the service saw it."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]
    url: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class FakeService(requests.adapters.BaseAdapter):
    """Answers what `on` says; reads it knows nothing of find nothing, other requests fail the test."""

    seen: list[Sent] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    tokens: list[bool] = field(default_factory=list)
    _rules: list[tuple[str, re.Pattern[str], list[Answer]]] = field(default_factory=list)

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Answer *method* on the paths that *path* (a regular expression) matches whole; the last answer is repeated."""
        self._rules.insert(0, (method, re.compile(path), list(answers)))

    @property
    def writes(self) -> list[Sent]:
        """Everything but reads."""
        return [sent for sent in self.seen if sent.method != "GET"]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Remember the request, and answer it."""
        parts = urlsplit(request.url or "")
        sent = Sent(
            request.method or "",
            unquote(parts.path).removeprefix("/v1.0"),
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            json.loads(request.body) if request.body else None,
            request.headers,
            request.url or "",
        )
        self.seen.append(sent)
        answer = self._answer(sent)
        while callable(answer):
            answer = answer(sent)
        if isinstance(answer, Exception):
            raise answer
        status, body, *rest = answer
        response = requests.Response()
        response.status_code = status
        response.url = request.url or ""
        response.request = request
        response._content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response.headers = CaseInsensitiveDict(
            {"Content-Type": "application/json", "request-id": "req-1"} | dict(*rest)
        )
        return response

    def _answer(self, sent: Sent) -> Any:
        for method, path, answers in self._rules:
            if method == sent.method and path.fullmatch(sent.path):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        if sent.method != "GET":
            raise AssertionError(f"unexpected {sent}: {sent.body}")
        if "$filter" in sent.query or sent.path.endswith("/members"):
            return 200, {"value": []}
        return 404, {
            "error": {"code": "Request_ResourceNotFound", "message": f"Resource '{sent.path}' does not exist."}
        }

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def service() -> FakeService:
    """A Graph that knows one organization and nothing else."""
    fake = FakeService()
    domains = [
        {"name": "contoso.com", "isDefault": True, "isInitial": False},
        {"name": "contoso.onmicrosoft.com", "isDefault": False, "isInitial": True},
    ]
    organization = {"id": "t-1", "displayName": "Contoso", "verifiedDomains": domains, "onPremisesSyncEnabled": None}
    fake.on("GET", "/organization", (200, {"value": [organization]}))
    return fake


@pytest.fixture
def graph(service: FakeService) -> Iterator[GraphSession]:
    """A session whose requests reach the fake service, and whose clock does not wait."""
    with open_session() as session:
        session.mount(ROOT, service)

        def token(fresh: bool) -> str:
            service.tokens.append(fresh)
            return TOKEN

        yield GraphSession(
            session, ROOT, token, sleep=service.slept.append, now=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC)
        )


@pytest.fixture
def tenant(graph: GraphSession) -> GraphTenant:
    """The tenant behind the fake service."""
    return GraphTenant(graph)


@pytest.fixture
def refusal() -> Callable[..., tuple[int, object]]:
    """Build Graph's answer to a request that it refuses."""

    def build(message: str, *details: tuple[str, str], status: int = 400, code: str = "Request_BadRequest") -> Any:
        error: dict[str, Any] = {
            "code": code,
            "message": message,
            "innerError": {"request-id": "req-9", "date": "2026"},
        }
        if details:
            error["details"] = [{"code": name, "target": target, "message": message} for name, target in details]
        return status, {"error": error}

    return build
