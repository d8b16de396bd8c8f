"""Relationships: manager, members, owners, memberOf, directReports, and the `$ref` that adds and removes them."""

from __future__ import annotations

from collections.abc import Mapping

from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.exchange import Answer, Call
from adsyncdiag.connectors.lab.lookup import find, referenced
from adsyncdiag.connectors.lab.odata import context, next_link, page_of, present, typed
from adsyncdiag.connectors.lab.problems import already_linked, bad_request, mastered_on_premises, not_found
from adsyncdiag.connectors.lab.properties import KINDS

MOST_BOUND = 20
"""Most references one request may bind (Learn, "Update group", "Upsert group")."""

_TARGETS = {"manager": ("users", "contacts"), "members": KINDS, "owners": ("users",)}


def list_members(call: Call, relation: str) -> Answer:
    """Answer `GET /groups/<key>/members` and `/owners`."""
    group = find(call, "groups", call.keys[0])
    return _listing(call, call.directory.links[relation].targets(str(group["id"]).lower()))


def list_member_of(call: Call, kind: str) -> Answer:
    """Answer `GET /<kind>/<key>/memberOf`: the groups the object is a direct member of."""
    entity = find(call, kind, call.keys[0])
    return _listing(call, call.directory.links["members"].sources(str(entity["id"]).lower()))


def list_transitive_member_of(call: Call, kind: str) -> Answer:
    """Answer `GET /<kind>/<key>/transitiveMemberOf`: the groups the object is in, directly or through other groups."""
    entity = find(call, kind, call.keys[0])
    found: set[str] = set()
    todo = [str(entity["id"]).lower()]
    while todo:
        fresh = set(call.directory.links["members"].sources(todo.pop())) - found
        found |= fresh
        todo.extend(fresh)
    return _listing(call, sorted(found))


def list_direct_reports(call: Call, kind: str) -> Answer:
    """Answer `GET /users/<key>/directReports`."""
    entity = find(call, kind, call.keys[0])
    return _listing(call, call.directory.links["manager"].sources(str(entity["id"]).lower()))


def count_members(call: Call, relation: str) -> Answer:
    """Answer `GET /groups/<key>/members/$count`, which needs `ConsistencyLevel: eventual`."""
    if not call.eventual:
        raise bad_request("$count is not currently supported.")
    group = find(call, "groups", call.keys[0])
    found = [i for i in call.directory.links[relation].targets(str(group["id"]).lower()) if call.directory.find(i)]
    return Answer(200, text=str(len(found)))


def add_member(call: Call, relation: str) -> Answer:
    """Answer `POST /groups/<key>/members/$ref`."""
    group = find(call, "groups", call.keys[0])
    _check_cloud(group)
    source = str(group["id"])
    target = _target(call, call.json().get("@odata.id"), relation)
    if target == source.lower():
        raise bad_request("A group cannot be a member of itself.")  # Graph refuses; the wording is this lab's
    if call.directory.links[relation].has(source.lower(), target):
        raise already_linked(relation)
    call.record("link", relation, [source, target])
    return Answer(204)


def remove_member(call: Call, relation: str) -> Answer:
    """Answer `DELETE /groups/<key>/members/<id>/$ref`."""
    group = find(call, "groups", call.keys[0])
    _check_cloud(group)
    source, target = str(group["id"]), call.keys[1].lower()
    if not call.directory.links[relation].has(source.lower(), target):
        raise not_found(call.keys[1])
    call.record("unlink", relation, [source, target])
    return Answer(204)


def get_manager(call: Call, kind: str) -> Answer:
    """Answer `GET /users/<key>/manager`."""
    user = find(call, kind, call.keys[0])
    query = call.query("")
    for identifier in call.directory.links["manager"].targets(str(user["id"]).lower()):
        found = call.directory.find(identifier)
        if found is not None:
            path = context(call.request.root, call.version, "directoryObjects", query, single=True)
            head: dict[str, Json] = {"@odata.context": path}
            return Answer(200, head | typed(found[1], found[0], query.select))
    raise not_found("manager")


def set_manager(call: Call, kind: str) -> Answer:
    """Answer `PUT /users/<key>/manager/$ref`."""
    user = find(call, kind, call.keys[0])
    _check_cloud(user)
    source = str(user["id"])
    target = _target(call, call.json().get("@odata.id"), "manager")
    for old in call.directory.links["manager"].targets(source.lower()):
        call.record("unlink", "manager", [source, old])
    call.record("link", "manager", [source, target])
    return Answer(204)


def remove_manager(call: Call, kind: str) -> Answer:
    """Answer `DELETE /users/<key>/manager/$ref`; 404 when there is none."""
    user = find(call, kind, call.keys[0])
    _check_cloud(user)
    found = call.directory.links["manager"].targets(str(user["id"]).lower())
    if not found:
        raise not_found("manager")
    for old in found:
        call.record("unlink", "manager", [str(user["id"]), old])
    return Answer(204)


def get_directory_object(call: Call, kind: str) -> Answer:
    """Answer `GET /directoryObjects/<id>`."""
    found = call.directory.find(call.keys[0])
    if found is None:
        raise not_found(call.keys[0])
    query = call.query("")
    head: dict[str, Json] = {
        "@odata.context": context(call.request.root, call.version, "directoryObjects", query, single=True)
    }
    return Answer(200, head | typed(found[1], found[0], query.select))


def get_by_ids(call: Call, kind: str) -> Answer:
    """Answer `POST /directoryObjects/getByIds`; ids that are not there are left out."""
    body = call.json()
    wanted, types = body.get("ids"), body.get("types")
    if not isinstance(wanted, list) or len(wanted) > 1000:
        raise bad_request("Invalid value specified for property 'ids'.")
    names = {str(name).lower() for name in types} if isinstance(types, list) else set()
    found = [pair for pair in (call.directory.find(str(identifier)) for identifier in wanted) if pair is not None]
    shown = [typed(entity, kind, ()) for kind, entity in found]
    value = [item for item in shown if not names or str(item["@odata.type"]).rpartition(".")[2].lower() in names]
    return Answer(
        200, {"@odata.context": f"{call.request.root}/{call.version}/$metadata#directoryObjects", "value": value}
    )


def bound_ids(call: Call, kind: str, body: Mapping[str, Json], source: str) -> dict[str, list[str]]:
    """Return the objects that `members@odata.bind` and `owners@odata.bind` name, all or nothing; raise `Problem`.

    A missing one gives 400 here, with the wording of Learn, "Update group"; the 404 belongs to `$ref`.
    """
    found: dict[str, list[str]] = {}
    for name, value in body.items():
        relation, _, annotation = name.partition("@")
        if annotation != "odata.bind":
            continue
        if kind != "groups" or relation not in ("members", "owners"):
            raise bad_request(f"Invalid property '{relation}'.")
        if not isinstance(value, list) or len(value) > MOST_BOUND:
            raise bad_request(f"The number of references in '{name}' exceeds the limit of {MOST_BOUND}.")
        identifiers = [referenced(call, url) for url in value]
        for identifier in identifiers:
            target = call.directory.find(identifier)
            if target is None or target[0] not in _TARGETS[relation]:
                raise bad_request("The source resource object or one of the objects being referenced do not exist.")
            if call.directory.links[relation].has(source.lower(), identifier) or identifiers.count(identifier) > 1:
                raise already_linked(relation)
        found[relation] = identifiers
    return found


def _listing(call: Call, related: list[str]) -> Answer:
    """Answer with the live ones of *related*; a cast at the end of the path keeps one type, whose properties then count."""
    query = call.query(call.cast)
    page, token, total = page_of(query, call.directory, related)
    path = call.cast or "directoryObjects"
    body: dict[str, Json] = {"@odata.context": context(call.request.root, call.version, path, query)}
    if query.count:
        body["@odata.count"] = total
    if token:
        body["@odata.nextLink"] = next_link(call.url, call.request.query, token)
    show = present if call.cast else typed
    found = (call.directory.find(identifier) for identifier in page)
    body["value"] = [show(pair[1], pair[0], query.select) for pair in found if pair is not None]
    return Answer(200, body)


def _target(call: Call, url: Json, relation: str) -> str:
    """Return the id of the live object that an `@odata.id` names; raise `Problem` (400 or 404)."""
    identifier = referenced(call, url)
    found = call.directory.find(identifier)
    if found is None or found[0] not in _TARGETS[relation]:
        raise not_found(identifier)
    return identifier


def _check_cloud(entity: Entity) -> None:
    if entity.get("onPremisesSyncEnabled"):
        raise mastered_on_premises()
