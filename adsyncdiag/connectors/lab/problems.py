"""The refusals of Microsoft Graph: status, code, message and details (cmdlets-and-graph.md 4.4).

Wording that Microsoft documents or that is quoted in public reports is used as it is; where only the status is known the
function says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adsyncdiag.connectors.lab.document import Json
from adsyncdiag.connectors.lab.properties import RESOURCE_NAMES, TYPE_NAMES

_CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    'client_id="00000003-0000-0000-c000-000000000000"'
)


class Problem(Exception):
    """A request is refused; turned into an error answer by the service."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[Mapping[str, Json]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(dict(detail) for detail in details)
        self.headers = dict(headers or {})


def bad_request(message: str) -> Problem:
    """A property's value, or the request as a whole, is wrong."""
    return Problem(400, "Request_BadRequest", message)


def malformed(message: str) -> Problem:
    """The gateway in front of the directory does not understand the request."""
    return Problem(400, "BadRequest", message)


def unsupported_query(message: str) -> Problem:
    """The query is well formed, but not offered."""
    return Problem(400, "Request_UnsupportedQuery", message)


def required(kind: str, name: str) -> Problem:
    """A property that is needed to create the object is missing."""
    return bad_request(f"A value is required for property '{name}' of resource '{RESOURCE_NAMES[kind]}'.")


def invalid_value(kind: str, name: str) -> Problem:
    """A property's value is not acceptable."""
    message = f"Invalid value specified for property '{name}' of resource '{RESOURCE_NAMES[kind]}'."
    return Problem(
        400,
        "Request_BadRequest",
        message,
        details=[{"code": "InvalidValue", "message": message, "target": name}],
    )


def unverified_domain() -> Problem:
    """The part of a user principal name behind the `@` is no verified domain."""
    return bad_request(
        "The domain portion of the userPrincipalName property is invalid. "
        "You must use one of the verified domain names in your organization."
    )


def read_only(name: str) -> Problem:
    """The property cannot be set by anybody."""
    return bad_request(f"Property '{name}' is read-only and cannot be set.")


def conflict(name: str, kind: str, holder: str) -> Problem:
    """The object *holder* (an id) of *kind* has the value of a property that is unique in the tenant.

    The second detail names it, as in `User_<id>`; a duplicate userPrincipalName comes without (graph-docs issue 1508).
    """
    message = f"Another object with the same value for property {name} already exists."
    details = [{"code": "ObjectConflict", "message": message, "target": name}]
    if name != "userPrincipalName":
        details.append({"code": "ConflictingObjects", "message": message, "target": f"{RESOURCE_NAMES[kind]}_{holder}"})
    return Problem(400, "Request_BadRequest", message, details=details)


def mastered_on_premises() -> Problem:
    """The object belongs to the synchronisation service."""
    return bad_request(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects "
        "or objects currently undergoing migration."
    )


def already_linked(name: str) -> Problem:
    """A reference to add is there already."""
    return bad_request(
        f"One or more added object references already exist for the following modified properties: '{name}'."
    )


def not_found(identifier: str) -> Problem:
    """There is no such object."""
    return Problem(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
    )


def unknown_segment(segment: str) -> Problem:
    """The path names nothing; Graph answers 400, not 404, before it looks at the token."""
    return malformed(f"Resource not found for the segment '{segment}'.")


def unknown_property(kind: str, name: str, where: str) -> Problem:
    """A query names a property that the type has not; *where* is the clause, such as `Invalid filter clause`."""
    return malformed(f"{where}: Could not find a property named '{name}' on type 'microsoft.graph.{TYPE_NAMES[kind]}'.")


def method_not_allowed() -> Problem:
    """The resource does not offer this method."""
    return Problem(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def no_right() -> Problem:
    """The application has no permission for this."""
    return Problem(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def unauthenticated(message: str) -> Problem:
    """The access token is missing, unknown or at its end."""
    return Problem(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": _CHALLENGE})


def unavailable(status: int, retry_after: int | None) -> Problem:
    """The service is throttling (429) or out of order (500, 502, 503, 504); *retry_after* in seconds."""
    code, message = {
        429: ("TooManyRequests", "Too many requests."),
        503: ("serviceNotAvailable", "Service temporarily unavailable."),
    }.get(status, ("UnknownError", ""))
    return Problem(status, code, message, headers={} if retry_after is None else {"Retry-After": str(retry_after)})
