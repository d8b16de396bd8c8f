"""Which path leads to which handler: the lab's Graph in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adsyncdiag.connectors.lab import deleted, entities, organization, references
from adsyncdiag.connectors.lab.exchange import Answer, Call
from adsyncdiag.connectors.lab.problems import method_not_allowed, unknown_segment
from adsyncdiag.connectors.lab.properties import KINDS, kind_of_type

Handler = Callable[[Call, str], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One path with its methods; a piece `*` stands for any value and becomes a key."""

    pattern: tuple[str, ...]
    subject: str
    """Collection or relationship, handed to the handler."""
    area: str
    """What the caller needs a permission for (`permissions.py`)."""
    methods: dict[str, Handler]


def _of_kind(kind: str) -> list[Route]:
    writable = kind in ("users", "groups")
    refuse = entities.forbidden
    one: dict[str, Handler] = {
        "GET": entities.get_object,
        "PATCH": entities.update_object if writable else refuse,
        "DELETE": entities.delete_object if writable else refuse,
    }
    every: dict[str, Handler] = {
        "GET": entities.list_objects,
        "POST": entities.create_object if writable else refuse,
    }
    if kind == "contacts":  # Graph offers contacts for reading only (cmdlets-and-graph.md 4.3)
        one, every = {"GET": one["GET"]}, {"GET": every["GET"]}
    return [
        Route((kind,), kind, kind, every),
        Route((kind, "$count"), kind, kind, {"GET": entities.count_objects}),
        Route((kind, "*"), kind, kind, one),
        Route((kind, "*", "memberOf"), kind, kind, {"GET": references.list_member_of}),
        Route((kind, "*", "transitiveMemberOf"), kind, kind, {"GET": references.list_transitive_member_of}),
    ]


def _of_relation(relation: str) -> list[Route]:
    add: dict[str, Handler] = {"POST": references.add_member}
    remove: dict[str, Handler] = {"DELETE": references.remove_member}
    return [
        Route(("groups", "*", relation), relation, "members", {"GET": references.list_members}),
        Route(("groups", "*", relation, "$count"), relation, "members", {"GET": references.count_members}),
        Route(("groups", "*", relation, "$ref"), relation, "members", add),
        Route(("groups", "*", relation, "*", "$ref"), relation, "members", remove),
    ]


_MANAGER: dict[str, Handler] = {"PUT": references.set_manager, "DELETE": references.remove_manager}
_DELETED: dict[str, Handler] = {"GET": deleted.get_deleted, "DELETE": deleted.purge}
_SYNCHRONIZATION = ("directory", "onPremisesSynchronization")
_DELETED_ITEMS = ("directory", "deletedItems")

ROUTES = (
    *_of_kind("users"),
    *_of_kind("groups"),
    *_of_kind("contacts"),
    *_of_kind("devices"),
    *_of_relation("members"),
    *_of_relation("owners"),
    Route(("users", "*", "manager"), "users", "users", {"GET": references.get_manager}),
    Route(("users", "*", "manager", "$ref"), "users", "users", _MANAGER),
    Route(("users", "*", "directReports"), "users", "users", {"GET": references.list_direct_reports}),
    Route(("organization",), "organization", "organization", {"GET": organization.list_organization}),
    Route(("organization", "*"), "organization", "organization", {"GET": organization.get_organization}),
    Route(("domains",), "domains", "domains", {"GET": organization.list_domains}),
    Route(("domains", "*"), "domains", "domains", {"GET": organization.get_domain}),
    Route(_SYNCHRONIZATION, "directory", "directory", {"GET": organization.list_synchronization}),
    Route(
        (*_SYNCHRONIZATION, "*"),
        "directory",
        "directory",
        {"GET": organization.get_synchronization, "PATCH": organization.refuse_synchronization},
    ),
    Route((*_DELETED_ITEMS, "*"), "deletedItems", "deletedItems", _DELETED),
    Route((*_DELETED_ITEMS, "*", "restore"), "deletedItems", "deletedItems", {"POST": deleted.restore}),
    Route(("directoryObjects", "getByIds"), "", "directoryObjects", {"POST": references.get_by_ids}),
    Route(("directoryObjects", "*"), "", "directoryObjects", {"GET": references.get_directory_object}),
    Route(("servicePrincipals",), "", "servicePrincipals", {"GET": organization.list_service_principals}),
    Route(("$metadata",), "", "", {"GET": organization.metadata}),
)

READING_POSTS = frozenset({references.get_by_ids})
"""Handlers that change nothing although their method is POST."""

_BY_SHAPE: dict[tuple[str, int], list[Route]] = {}
for _route in ROUTES:
    _BY_SHAPE.setdefault((_route.pattern[0].lower(), len(_route.pattern)), []).append(_route)
_FIRST = frozenset(first for first, _ in _BY_SHAPE)


def find_route(method: str, path: tuple[str, ...]) -> tuple[Route, Handler, tuple[str, ...]]:
    """Return route, handler and keys for a path behind its version; raise `Problem` (400 or 405) when there is none."""
    if not path:
        raise unknown_segment("")
    for route in _BY_SHAPE.get((path[0].lower(), len(path)), ()):
        keys = _keys(route.pattern, path)
        if keys is not None:
            if method not in route.methods:
                raise method_not_allowed()
            return route, route.methods[method], keys
    raise unknown_segment(path[-1] if path[0].lower() in _FIRST else path[0])


def split_cast(path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return a path without a type at its end, and that type's collection; only a relationship's path can have one."""
    if len(path) > 3 and path[0].lower() in KINDS and path[-1].startswith(("microsoft.graph.", "graph.")):
        kind = kind_of_type(path[-1])
        if kind:
            return path[:-1], kind
    return path, ""


def _keys(pattern: tuple[str, ...], path: tuple[str, ...]) -> tuple[str, ...] | None:
    keys = []
    for wanted, given in zip(pattern, path, strict=True):
        if wanted == "*":
            keys.append(given)
        elif wanted.lower() != given.lower():
            return None
    return tuple(keys)
