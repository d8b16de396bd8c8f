"""The file `tenant.json`: what a lab tenant holds, under the names Microsoft Graph uses.

```json
{
  "organization": {
    "id": "<tenant GUID>", "displayName": "Contoso", "onPremisesSyncEnabled": null,
    "verifiedDomains": [{"name": "contoso.com", "isDefault": true, "isInitial": false, "type": "Managed",
                         "capabilities": "Email, OfficeCommunicationsOnline"}]
  },
  "applications": [{"client_id": "<GUID>", "secret": "..."}],
  "users":    [{"id": "<GUID>", "userPrincipalName": "...", "manager": "<id>"}],
  "groups":   [{"id": "<GUID>", "displayName": "...", "members": ["<id>"], "owners": ["<id>"]}],
  "contacts": [{"id": "<GUID>"}],
  "devices":  [{"id": "<GUID>"}],
  "deleted":  [{"@odata.type": "#microsoft.graph.user", "id": "<GUID>", "deletedDateTime": "..."}],
  "onPremisesSynchronization": {"configuration": {}, "features": {}}
}
```

Every section but `organization` may be missing. Keys of an object are Graph property names and each object needs `id`;
`members`, `owners` (ids) and `manager` (an id) stand for Graph's relationships. An application has `secret`, or
`secret_sha256` (lower-case hex), and may have `roles`, the application permissions it was granted (default: those of
cmdlets-and-graph.md 4.9). The type of a verified domain is `Managed` or `Federated`. Passwords are never stored.
`journal` is written by the tenant itself and names the journal that continues the file (see `journal.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, cast
from uuid import uuid4

from adsyncdiag.connectors.lab.properties import KINDS, PROPERTIES, RELATIONS, kind_of_type
from adsyncdiag.errors import ConfigurationError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Entity: TypeAlias = dict[str, Json]
"""One directory object as JSON: never changed in place, always replaced."""

_SECTIONS = frozenset((*KINDS, "organization", "applications", "deleted", "onPremisesSynchronization", "journal"))


def tenant_document(
    *, tenant_id: str, display_name: str, domains: Sequence[str], client_id: str, client_secret: str
) -> dict[str, Json]:
    """Return the document of a tenant without objects; the first of *domains* is the default.

    The first name under `.onmicrosoft.com` is the initial domain; one is made up from *display_name* when there is none.
    """
    names = list(domains)
    initial = next((name for name in names if name.endswith(".onmicrosoft.com")), "")
    if not initial:
        initial = "".join(c for c in display_name.lower() if c.isascii() and c.isalnum()) or "lab"
        initial += ".onmicrosoft.com"
        names.append(initial)
    verified: list[Json] = [
        {
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": name == names[0],
            "isInitial": name == initial,
            "name": name,
            "type": "Managed",
        }
        for name in names
    ]
    return {
        "organization": {
            "id": tenant_id,
            "displayName": display_name,
            "onPremisesSyncEnabled": None,
            "verifiedDomains": verified,
        },
        "applications": [{"client_id": client_id, "secret": client_secret}],
        **{kind: cast("list[Json]", []) for kind in KINDS},
        "deleted": cast("list[Json]", []),
    }


def check_document(document: object, file: str) -> dict[str, Json]:
    """Return *document* when it has the shape above; raise `ConfigurationError` that names *file* and the element."""
    if not isinstance(document, dict):
        raise ConfigurationError("the tenant is not a JSON object", file=file)
    for name in document:
        if name not in _SECTIONS:
            known = ", ".join(sorted(_SECTIONS))
            raise ConfigurationError(f"unknown section {name!r}", file=file, hint=f"known: {known}")
    _check_organization(document.get("organization"), file)
    for number, application in enumerate(entities(document.get("applications"), file, "applications")):
        if not isinstance(application.get("client_id"), str):
            raise ConfigurationError("`client_id` is missing", file=file, element=f"applications[{number}]")
    seen: set[str] = set()
    for kind in KINDS:
        _check_objects(kind, entities(document.get(kind), file, kind), seen, file)
    for number, entity in enumerate(entities(document.get("deleted"), file, "deleted")):
        deleted_kind = kind_of_type(str(entity.get("@odata.type", "")))
        if not deleted_kind:
            raise ConfigurationError("`@odata.type` names no known type", file=file, element=f"deleted[{number}]")
        _check_objects(deleted_kind, [entity], seen, file)
    return document


def entities(section: object, file: str, element: str) -> list[Entity]:
    """Return *section* as a list of JSON objects, empty for None; raise `ConfigurationError` for anything else."""
    if section is None:
        return []
    if not isinstance(section, list) or not all(isinstance(item, dict) for item in section):
        raise ConfigurationError("a list of JSON objects is expected", file=file, element=element)
    return section


def _check_organization(organization: object, file: str) -> None:
    if not isinstance(organization, dict) or not isinstance(organization.get("id"), str):
        raise ConfigurationError("`organization` with an `id` is missing", file=file, element="organization")
    domains = entities(organization.get("verifiedDomains"), file, "organization.verifiedDomains")
    if not domains or not all(isinstance(domain.get("name"), str) for domain in domains):
        raise ConfigurationError("no verified domain with a `name`", file=file, element="organization.verifiedDomains")


def _check_objects(kind: str, found: Iterable[Entity], seen: set[str], file: str) -> None:
    known = PROPERTIES[kind].keys() | RELATIONS.get(kind, frozenset()) | {"@odata.type"}
    for number, entity in enumerate(found):
        element = f"{kind}[{number}]"
        identifier = entity.get("id")
        if not isinstance(identifier, str) or not identifier:
            raise ConfigurationError("`id` is missing", file=file, element=element)
        if identifier.lower() in seen:
            raise ConfigurationError(f"a second object has the id {identifier}", file=file, element=element)
        seen.add(identifier.lower())
        if not known.issuperset(entity):
            unknown = min(entity.keys() - known)
            raise ConfigurationError(
                f"{unknown!r} is no property of Graph's {kind}", file=file, element=f"{element} ({identifier})"
            )
        for relation in RELATIONS.get(kind, frozenset()) & entity.keys():
            _check_relation(relation, entity[relation], file, f"{element}.{relation}")


def _check_relation(relation: str, value: Json, file: str, element: str) -> None:
    if relation == "manager":
        if value is not None and not isinstance(value, str):
            raise ConfigurationError("the id of one object is expected", file=file, element=element)
    elif not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError("a list of ids is expected", file=file, element=element)


def new_id() -> str:
    """Return a fresh object id."""
    return str(uuid4())
