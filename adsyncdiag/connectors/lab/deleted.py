"""`/directory/deletedItems`: what was deleted and can be restored for 30 days (Learn, "deletedItems")."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.exchange import Answer, Call, moment
from adsyncdiag.connectors.lab.odata import context, present, typed
from adsyncdiag.connectors.lab.problems import not_found, unknown_segment
from adsyncdiag.connectors.lab.properties import kind_of_type
from adsyncdiag.connectors.lab.validation import check_unique

KEPT = timedelta(days=30)


def list_deleted(call: Call, kind: str) -> Answer:
    """Answer `GET /directory/deletedItems/microsoft.graph.user`; the first 999 matches are one page."""
    wanted = kind_of_type(call.keys[0])
    if not wanted:
        raise unknown_segment(call.keys[0])
    query = call.query(wanted)
    value: list[Json] = [
        present(entity, wanted, query.select)
        for _, found, entity in _live(call)
        if found == wanted and (query.filter is None or query.filter.test(entity))
    ]
    body: dict[str, Json] = {"@odata.context": context(call.request.root, call.version, wanted, query)}
    if query.count:
        body["@odata.count"] = len(value)
    return Answer(200, body | {"value": value[:999]})


def get_deleted(call: Call, kind: str) -> Answer:
    """Answer `GET /directory/deletedItems/<id>`, and, since the path is the same, a list for a type name."""
    if kind_of_type(call.keys[0]):
        return list_deleted(call, kind)
    found, entity = _find(call)
    query = call.query("")
    path = context(call.request.root, call.version, "directoryObjects", query, single=True)
    head: dict[str, Json] = {"@odata.context": path}
    return Answer(200, head | typed(entity, found, query.select))


def restore(call: Call, kind: str) -> Answer:
    """Answer `POST /directory/deletedItems/<id>/restore`: the object is back under its id, with its memberships.

    Refused when a live object has taken one of its unique values.
    """
    found, entity = _find(call)
    live = {name: value for name, value in entity.items() if name != "deletedDateTime"}
    if found == "users":
        live["userPrincipalName"] = str(entity.get("userPrincipalName")).removeprefix(
            str(entity["id"]).replace("-", "")
        )
    check_unique(live, live, found, call.directory)
    call.record("put", found, live)
    head: dict[str, Json] = {"@odata.context": f"{call.request.root}/{call.version}/$metadata#directoryObjects/$entity"}
    return Answer(200, head | typed(live, found, ()))


def purge(call: Call, kind: str) -> Answer:
    """Answer `DELETE /directory/deletedItems/<id>`: gone for good."""
    _find(call)
    call.record("erase", call.keys[0])
    return Answer(204)


def _live(call: Call) -> Iterator[tuple[str, str, Entity]]:
    """Yield what is not yet past its 30 days: id, collection, object."""
    ended = call.tenant.clock() - KEPT
    for identifier, (kind, entity) in sorted(call.directory.deleted.items()):
        if str(entity.get("deletedDateTime") or moment(call.tenant.clock())) > moment(ended):
            yield identifier, kind, entity


def _find(call: Call) -> tuple[str, Entity]:
    wanted = call.keys[0].lower()
    for identifier, kind, entity in _live(call) if wanted in call.directory.deleted else ():
        if identifier == wanted:
            return kind, entity
    raise not_found(call.keys[0])
