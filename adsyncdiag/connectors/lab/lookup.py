"""Finding the object that a path or a reference names."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.exchange import Call
from adsyncdiag.connectors.lab.problems import bad_request, not_found, unknown_segment
from adsyncdiag.connectors.lab.properties import FOLDED, KINDS

_ALTERNATE_KEY = re.compile(r"\((?P<name>\w+)='(?P<value>(?:[^']|'')*)'\)\Z")
_KEYS = {"groups": ("uniqueName",), "devices": ("deviceId",), "users": (), "contacts": ()}


def find(call: Call, kind: str, key: str) -> Entity:
    """Return the object that *key* names: an id, a user principal name, or an alternate key; raise `Problem` (404)."""
    named = alternate_key(kind, key)
    if named is not None:
        found = call.directory.one(kind, *named)
    else:
        found = call.directory.get(kind, key)
        if found is None and kind == "users" and "@" in key:
            found = call.directory.one(kind, "userPrincipalName", key)
    if found is None:
        raise not_found(key)
    return found


def alternate_key(kind: str, key: str) -> tuple[str, str] | None:
    """Return property and value of a key such as `(uniqueName='x')`, None for an id; raise `Problem` (400)."""
    if not key.startswith("("):
        return None
    match = _ALTERNATE_KEY.match(key)
    name = FOLDED[kind].get(match["name"].lower(), "") if match else ""
    if match is None or name not in _KEYS[kind]:
        raise unknown_segment(kind)
    return name, match["value"].replace("''", "'")


def referenced(call: Call, url: Json) -> str:
    """Return the id at the end of a reference; it has to be an address of this service (cmdlets-and-graph.md 4.10).

    Graph refuses others with 400; the wording is this lab's.
    """
    parts = urlsplit(str(url))
    segments = [unquote(part) for part in parts.path.split("/") if part]
    same_service = f"{parts.scheme}://{parts.netloc}".lower() == call.request.root.lower()
    if not same_service or len(segments) != 3 or segments[1] not in (*KINDS, "directoryObjects"):
        raise bad_request(f"The reference '{url}' is no address of an object of this service.")
    identifier = segments[2]
    if segments[1] == "users" and "@" in identifier:
        named = call.directory.one("users", "userPrincipalName", identifier)
        identifier = str(named["id"]) if named is not None else identifier
    return identifier.lower()
