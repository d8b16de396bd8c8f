"""Users, groups, contacts and devices: list, get, create, update, delete, and the upsert of groups."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from adsyncdiag.connectors.lab.document import Entity, Json, new_id
from adsyncdiag.connectors.lab.exchange import Answer, Call
from adsyncdiag.connectors.lab.lookup import alternate_key, find
from adsyncdiag.connectors.lab.odata import EXPANDED, Expansion, Query, context, next_link, page_of, present, typed
from adsyncdiag.connectors.lab.problems import (
    bad_request,
    mastered_on_premises,
    no_right,
    not_found,
    read_only,
)
from adsyncdiag.connectors.lab.properties import CLOUD_OWNED, RESOURCE_NAMES
from adsyncdiag.connectors.lab.references import bound_ids
from adsyncdiag.connectors.lab.tenant import domains_of
from adsyncdiag.connectors.lab.validation import (
    check_password,
    check_properties,
    check_required,
    check_unique,
    check_user_name,
    mail_enabled_group,
    with_mail,
)


def list_objects(call: Call, kind: str) -> Answer:
    """Answer `GET /<kind>`."""
    query = call.query(kind)
    page, token, total = page_of(query, call.directory)
    body: dict[str, Json] = {"@odata.context": context(call.request.root, call.version, kind, query)}
    if query.count:
        body["@odata.count"] = total
    if token:
        body["@odata.nextLink"] = next_link(call.url, call.request.query, token)
    body["value"] = [_shown(call, kind, identifier, query) for identifier in page]
    return Answer(200, body)


def count_objects(call: Call, kind: str) -> Answer:
    """Answer `GET /<kind>/$count`, which needs `ConsistencyLevel: eventual`."""
    if not call.eventual:
        raise bad_request("$count is not currently supported.")
    return Answer(200, text=str(call.directory.count(kind)))


def get_object(call: Call, kind: str) -> Answer:
    """Answer `GET /<kind>/<key>`."""
    query = call.query(kind)
    entity = find(call, kind, call.keys[0])
    head: dict[str, Json] = {"@odata.context": context(call.request.root, call.version, kind, query, single=True)}
    return Answer(200, head | _shown(call, kind, str(entity["id"]), query))


def create_object(call: Call, kind: str) -> Answer:
    """Answer `POST /users` and `POST /groups`."""
    return _create(call, kind, call.json())


def update_object(call: Call, kind: str) -> Answer:
    """Answer `PATCH /<kind>/<key>`; with `Prefer: create-if-missing` a group that is not there is created (201)."""
    body = call.json()
    named = alternate_key(kind, call.keys[0])
    wanted = "create-if-missing" in call.request.headers.get("prefer", "").lower()
    if named is not None and wanted and call.directory.one(kind, *named) is None:
        name, value = named
        if body.get(name, value) != value:
            raise read_only(name)
        return _create(call, kind, {**body, name: value})
    return _update(call, kind, body, find(call, kind, call.keys[0]))


def delete_object(call: Call, kind: str) -> Answer:
    """Answer `DELETE /<kind>/<key>`: users and Microsoft 365 groups can be restored for 30 days, security groups cannot.

    The user principal name of a deleted user gets the id in front (cmdlets-and-graph.md 4.5).
    """
    entity = find(call, kind, call.keys[0])
    identifier = str(entity["id"])
    if kind == "groups" and "Unified" not in str(entity.get("groupTypes")):
        call.record("erase", identifier)
        return Answer(204)
    mangled = {"deletedDateTime": call.now()}
    if kind == "users":
        mangled["userPrincipalName"] = identifier.replace("-", "") + str(entity.get("userPrincipalName"))
    call.record("delete", kind, entity | mangled)
    return Answer(204)


def forbidden(call: Call, kind: str) -> Answer:
    """Refuse what an application cannot do through Graph: creating contacts and devices, for instance."""
    raise no_right()


def security_identifier(identifier: str) -> str:
    """Return the SID that Entra ID derives from an object's id: `S-1-12-1-` and its four 32-bit parts."""
    content = UUID(identifier).bytes_le
    parts = (int.from_bytes(content[start : start + 4], "little") for start in range(0, 16, 4))
    return "S-1-12-1-" + "-".join(map(str, parts))


def _create(call: Call, kind: str, body: Entity) -> Answer:
    changes = check_properties(body, kind, None, beta=call.version == "beta")
    check_required(changes, kind)
    identifier = new_id()
    entity: Entity = {
        "id": identifier,
        "createdDateTime": call.now(),
        "securityIdentifier": security_identifier(identifier),
        **{name: value for name, value in changes.items() if value is not None and name != "passwordProfile"},
    }
    entity = _complete_user(call, entity, changes) if kind == "users" else _complete_group(call, entity)
    check_unique(entity, entity, kind, call.directory)
    links = bound_ids(call, kind, body, identifier)
    call.record("put", kind, entity)
    for relation, targets in links.items():
        for target in targets:
            call.record("link", relation, [identifier, target])
    root = call.request.root
    resource = f"{root}/v2/{call.organization['id']}/directoryObjects/{identifier}"
    head: dict[str, Json] = {"@odata.context": f"{root}/{call.version}/$metadata#{kind}/$entity"}
    location = {"Location": f"{resource}/Microsoft.DirectoryServices.{RESOURCE_NAMES[kind]}"}
    return Answer(201, head | present(entity, kind, ()), location)


def _complete_user(call: Call, entity: Entity, changes: Mapping[str, Json]) -> Entity:
    check_user_name(entity["userPrincipalName"], call.organization, creating=True, entity=entity)
    check_password(changes["passwordProfile"], changes.get("passwordPolicies"))
    entity.setdefault("userType", "Member")
    entity["lastPasswordChangeDateTime"] = call.now()
    return with_mail(entity, None) if entity.get("mail") else entity


def _complete_group(call: Call, entity: Entity) -> Entity:
    """Check the kind of group; a Microsoft 365 group gets an address under the default domain."""
    unified = "Unified" in str(entity.get("groupTypes"))
    if entity["mailEnabled"] is not unified or not (unified or entity["securityEnabled"]):
        raise mail_enabled_group()
    entity["renewedDateTime"] = entity["createdDateTime"]
    if not unified:
        return entity
    address = f"{entity['mailNickname']}@{_default_domain(call)}"
    return {"visibility": "Public", **entity, "mail": address, "proxyAddresses": [f"SMTP:{address}"]}


def _default_domain(call: Call) -> str:
    domains = domains_of(call.organization)
    return next((domain for domain in domains if domain.default), domains[0]).name


def _update(call: Call, kind: str, body: Entity, before: Entity) -> Answer:
    identifier = str(before["id"])
    changes = check_properties(body, kind, before, beta=call.version == "beta")
    links = bound_ids(call, kind, body, identifier)
    if before.get("onPremisesSyncEnabled") and (links or not CLOUD_OWNED.issuperset(changes)):
        raise mastered_on_premises()
    profile = changes.pop("passwordProfile", None)
    entity: Entity = {name: value for name, value in (before | changes).items() if value is not None}
    if kind == "users":
        entity = _updated_user(call, entity, before, changes)
        check_password(profile, entity.get("passwordPolicies"))
    check_unique(entity, changes, kind, call.directory)
    if changes:
        call.record("put", kind, entity)
    for relation, targets in links.items():
        for target in targets:
            call.record("link", relation, [identifier, target])
    return Answer(204)


def _updated_user(call: Call, entity: Entity, before: Entity, changes: Mapping[str, Json]) -> Entity:
    if "userPrincipalName" in changes:
        check_user_name(entity["userPrincipalName"], call.organization, creating=False, entity=entity)
    extension = changes.get("onPremisesExtensionAttributes")
    if isinstance(extension, dict):
        if before.get("onPremisesSyncEnabled") is not None:  # is or ever was synchronised
            raise mastered_on_premises()
        old = before.get("onPremisesExtensionAttributes")
        merged = (old if isinstance(old, dict) else {}) | extension
        entity["onPremisesExtensionAttributes"] = {name: value for name, value in merged.items() if value is not None}
    return with_mail(entity, before.get("mail")) if "mail" in changes else entity


def _shown(call: Call, kind: str, identifier: str, query: Query) -> dict[str, Json]:
    entity = call.directory.get(kind, identifier)
    if entity is None:
        raise not_found(identifier)
    shown = present(entity, kind, query.select)
    if "onPremisesExtensionAttributes" in query.select:
        shown["onPremisesExtensionAttributes"] = _all_extensions(entity.get("onPremisesExtensionAttributes"))
    for expansion in query.expand:
        _expand(call, identifier.lower(), expansion, shown)
    return shown


def _all_extensions(value: Json) -> Json:
    own = value if isinstance(value, dict) else {}
    names = (f"extensionAttribute{number}" for number in range(1, 16))
    return {name: own.get(name) for name in names}


def _expand(call: Call, identifier: str, expansion: Expansion, shown: dict[str, Json]) -> None:
    """Add the objects of a relationship; a manager that is not there is left out, as Graph does."""
    links = call.directory.links
    if expansion.name == "directReports":
        related = links["manager"].sources(identifier)
    elif expansion.name == "memberOf":
        related = links["members"].sources(identifier)
    else:
        related = links[expansion.name].targets(identifier)
    found = [pair for pair in map(call.directory.find, related[:EXPANDED]) if pair is not None]
    values: list[Json] = [typed(entity, kind, expansion.select) for kind, entity in found]
    if expansion.name != "manager":
        shown[expansion.name] = values
    elif values:
        shown["manager"] = values[0]
