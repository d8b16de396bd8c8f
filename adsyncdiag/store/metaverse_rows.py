"""The attributes of a metaverse object with their contributors, as one column and back.

A user has sixty attributes from five to ten contributions (a rule, an object, a moment), so these are written once, in a table
that the attributes point into: `[contributions, values by name, for each value the place or places in the table]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from adsyncdiag.model.objects import Contribution, MvObject, MvValue
from adsyncdiag.store.encoding import Json, dump, load, named_values, plain_values, text
from adsyncdiag.store.rows import moment, time_of, uncolumn
from adsyncdiag.store.stored import Stored

_spelt = lru_cache(maxsize=4096)(UUID)  # a rule or object contributes many attributes


def mv_object(row: tuple[Any, ...]) -> MvObject:
    """Return the object of a row of a `statements.MV_*` select."""
    return MvObject(UUID(bytes=row[0]), uncolumn(row[1]), Stored(row[2], _decode) if row[2] else {})


def attributes_blob(entry: MvObject) -> bytes | None:
    """Return the attributes of *entry* as they are stored; the bytes they came with when they came from a store."""
    if isinstance(entry.attributes, Stored):
        return entry.attributes.blob
    return _encode(entry.attributes) if entry.attributes else None


def _encode(attributes: Mapping[str, MvValue]) -> bytes:
    table: list[Json] = []
    places: dict[tuple[int, int, int, str, datetime], int] = {}
    # Attributes that were read together share their tuple of contributors, so most are recognised without a look inside.
    seen: dict[int, int | list[int]] = {}
    owners: list[int | list[int]] = []
    for entry in attributes.values():
        owner = seen.get(id(entry.contributors))
        if owner is None:
            found = [_place(one, places, table) for one in entry.contributors]
            owner = seen[id(entry.contributors)] = found[0] if len(found) == 1 else found
        owners.append(owner)
    values = plain_values([(name, entry.value) for name, entry in attributes.items()])
    return dump([table, values, owners])


def _place(one: Contribution, places: dict[tuple[int, int, int, str, datetime], int], table: list[Json]) -> int:
    """Return where *one* stands in the table, after adding it if it is new."""
    # Numbers, for the hash of a UUID is computed in Python, three times for each of sixty attributes.
    key = (one.rule.int, one.cs_object.int, one.connector.int, one.rule_name, one.since)
    place = places.get(key)
    if place is None:
        place = places[key] = len(table)
        table.append([one.rule, one.rule_name, one.connector, one.cs_object, moment(one.since)])
    return place


def _decode(blob: bytes) -> dict[str, MvValue]:
    table, document, owners = load(blob)
    contributions = [
        Contribution(_spelt(rule), text(name), _spelt(connector), _spelt(cs_object), time_of(since))
        for rule, name, connector, cs_object, since in table
    ]
    alone = [(one,) for one in contributions]
    return {
        name: MvValue(value, alone[owner] if type(owner) is int else tuple([contributions[place] for place in owner]))
        for (name, value), owner in zip(named_values(document).items(), owners, strict=True)
    }
