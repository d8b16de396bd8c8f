"""An answer of Graph, and what its error body says (cmdlets-and-graph.md 4.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from adsyncdiag.connectors.entra.payload import Payload, entries, part, text
from adsyncdiag.errors import ConnectorRefused

_SAME_VALUE = re.compile(r"same value for property '?(\w+)", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PROPERTY = re.compile(r"propert(?:y|ies) '?(?!is\b|are\b|of\b|for\b)(\w+)'?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Detail:
    """One entry of an error's `details`."""

    code: str
    target: str
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the service: its status, and its JSON object (empty when there was none)."""

    status: int
    body: Payload
    request_id: str = ""
    client_request_id: str = ""

    @property
    def fine(self) -> bool:
        """True for a 2xx answer."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The error's code, such as `Request_BadRequest`; "" when there is none."""
        return text(self._error, "code")

    @property
    def message(self) -> str:
        """The error's message; "" when there is none. No contract: it is quoted, and read only where nothing else tells."""
        found = self._error.get("message")
        # Older endpoints send {"lang", "value"}.
        return found if isinstance(found, str) else text(part(self._error, "message"), "value")

    @property
    def details(self) -> tuple[Detail, ...]:
        """The error's details: what was wrong with which property."""
        return tuple(
            Detail(text(entry, "code"), text(entry, "target"), text(entry, "message"))
            for entry in entries(self._error, "details")
        )

    @property
    def evidence(self) -> str:
        """What support asks for: status, code, message and the request's identifiers, in one line."""
        inner = part(self._error, "innerError") or part(self._error, "innererror")
        facts = [f"HTTP {self.status} {self.code}".rstrip() + (f": {self.message}" if self.message else "")]
        facts += [f"{detail.code} {detail.target}".rstrip() for detail in self.details]
        for name, value in (
            ("request-id", self.request_id or text(inner, "request-id")),
            ("client-request-id", self.client_request_id or text(inner, "client-request-id")),
            ("date", text(inner, "date")),
        ):
            if value:
                facts.append(f"{name} {value}")
        return "; ".join(" ".join(fact.split())[:500] for fact in facts)

    @property
    def is_conflict(self) -> bool:
        """True when another object holds a value that has to be unique."""
        return (
            self.code == "Request_MultipleObjectsWithSameKeyValue"
            or any(d.code in ("ObjectConflict", "ConflictingObjects") for d in self.details)
            or "same value for property" in self.message
            or "conflicting object with one or more" in self.message.lower()
        )

    @property
    def properties(self) -> tuple[str, ...]:
        """The Graph properties that the error is about, as far as it says; most certain first."""
        named = [d.target for d in self.details if d.target and not _GUID.search(d.target)]
        for pattern in (_SAME_VALUE, _PROPERTY):
            named += pattern.findall(self.message)
        return tuple(dict.fromkeys(named))

    @property
    def conflicting_ids(self) -> tuple[str, ...]:
        """The ids of the other objects, where the service names them."""
        said = (f"{d.target} {d.message}" for d in self.details if d.code == "ConflictingObjects")
        return tuple(dict.fromkeys(found for words in said for found in _GUID.findall(words)))

    @property
    def _error(self) -> Payload:
        return part(self.body, "error")


def refused(reply: Reply, doing: str, permission: str) -> ConnectorRefused:
    """Return the error for a read that the service refuses: *doing* as in `read users`, and the *permission* it needs."""
    if reply.status == 403:
        return ConnectorRefused(
            f"the application may not {doing}: {reply.message or 'access denied'}",
            hint=f"Grant it the application permission {permission}, with admin consent. {reply.evidence}",
            code="failed-permission",
        )
    return ConnectorRefused(
        f"Graph refuses to {doing}: {reply.message or f'HTTP {reply.status}'}",
        hint=reply.evidence,
        code="failed-search",
    )
