"""The objects of a lab tenant in memory: by id, by indexed property, and their links.

Changes are `Operation`s, the same values that the journal stores, so a tenant that was read back from its files is the
tenant that wrote them. Every look-up below is a dictionary access; ids of a collection are kept sorted for paging.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from adsyncdiag.connectors.lab.document import Entity, Json, entities
from adsyncdiag.connectors.lab.properties import EXACT, KINDS, TYPE_NAMES, kind_of_type

LINKED = ("members", "owners", "manager")
"""Relationships; the subject of a link operation."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change: *verb* `put`, `delete` (soft), `erase`, `link`, `unlink` or `set`.

    *subject* is a collection for put and delete, an id for erase, a relationship for link and unlink, a section for set;
    *value* is the whole object, nothing, `[from id, to id]`, or the section.
    """

    verb: str
    subject: str
    value: Json = None


class Links:
    """One relationship in both directions; its targets come back sorted by id."""

    __slots__ = ("_back", "_forward", "_sorted")

    def __init__(self) -> None:
        self._forward: dict[str, set[str]] = {}
        self._back: dict[str, set[str]] = {}
        self._sorted: dict[str, list[str]] = {}

    def add(self, source: str, target: str) -> None:
        """Link *source* to *target*; once more does no harm."""
        self._forward.setdefault(source, set()).add(target)
        self._back.setdefault(target, set()).add(source)
        self._sorted.pop(source, None)

    def remove(self, source: str, target: str) -> None:
        """Take a link away; one that is not there does no harm."""
        self._forward.get(source, set()).discard(target)
        self._back.get(target, set()).discard(source)
        self._sorted.pop(source, None)

    def drop(self, identifier: str) -> None:
        """Take away every link from and to an object."""
        for target in tuple(self._forward.get(identifier, ())):
            self.remove(identifier, target)
        for source in tuple(self._back.get(identifier, ())):
            self.remove(source, identifier)

    def has(self, source: str, target: str) -> bool:
        """Say whether *source* is linked to *target*."""
        return target in self._forward.get(source, ())

    def targets(self, source: str) -> list[str]:
        """Return what *source* is linked to, sorted."""
        found = self._sorted.get(source)
        if found is None:
            found = self._sorted[source] = sorted(self._forward.get(source, ()))
        return found

    def sources(self, target: str) -> list[str]:
        """Return what is linked to *target*, sorted."""
        return sorted(self._back.get(target, ()))


class Directory:
    """Everything a tenant holds, for reading; `apply` is the only way to change it."""

    def __init__(self, document: Mapping[str, Json], file: str = "") -> None:
        self.sections: dict[str, Json] = {
            name: document.get(name) for name in ("organization", "applications", "onPremisesSynchronization")
        }
        self.deleted: dict[str, tuple[str, Entity]] = {}
        self.links = {name: Links() for name in LINKED}
        self._objects: dict[str, tuple[str, Entity]] = {}
        self._ids: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._index: dict[str, dict[str, tuple[str, ...]]] = {}
        """An index is made when it is first asked: opening a large tenant to read one object should be quick."""
        for kind in KINDS:
            for entity in entities(document.get(kind), file, kind):
                self._load(kind, entity)
            self._ids[kind].sort()
        for entity in entities(document.get("deleted"), file, "deleted"):
            kind = kind_of_type(str(entity.get("@odata.type", "")))
            own = {name: value for name, value in entity.items() if name not in ("@odata.type", *LINKED)}
            self._link_all(str(entity["id"]).lower(), entity)
            self.deleted[str(entity["id"]).lower()] = (kind, own)

    def find(self, identifier: str) -> tuple[str, Entity] | None:
        """Return the collection and the object with this id, or None; soft-deleted ones are not found."""
        return self._objects.get(identifier.lower())

    def get(self, kind: str, identifier: str) -> Entity | None:
        """Return the object of a collection with this id, or None."""
        found = self._objects.get(identifier.lower())
        return found[1] if found is not None and found[0] == kind else None

    def matching(self, name: str, value: str) -> tuple[str, ...]:
        """Return the ids of the objects of any collection that have *value* in the indexed property *name*, in order."""
        index = self._index.get(name)
        if index is None:
            index = self._index[name] = self._indexed(name)
        return index.get(value if name in EXACT else value.casefold(), ())

    def one(self, kind: str, name: str, value: str) -> Entity | None:
        """Return the first object of a collection with *value* in the indexed property *name*, or None."""
        for identifier in self.matching(name, value):
            entity = self.get(kind, identifier)
            if entity is not None:
                return entity
        return None

    def ids(self, kind: str, after: str = "") -> Iterator[str]:
        """Yield the ids of a collection in order, those behind *after*."""
        found = self._ids[kind]
        for position in range(bisect_right(found, after), len(found)):
            yield found[position]

    def count(self, kind: str) -> int:
        """Return how many objects a collection has."""
        return len(self._ids[kind])

    def apply(self, operation: Operation) -> None:
        """Carry out one change that was found valid."""
        verb, subject, value = operation.verb, operation.subject, operation.value
        if verb == "put":
            self._put(subject, cast(Entity, value))
        elif verb == "delete":
            entity = cast(Entity, value)
            self._remove(str(entity["id"]).lower())
            self.deleted[str(entity["id"]).lower()] = (subject, entity)
        elif verb == "erase":
            self._erase(subject.lower())
        elif verb == "set":
            self.sections[subject] = value
        else:
            source, target = (str(end).lower() for end in cast(list[Json], value))
            links = self.links[subject]
            (links.add if verb == "link" else links.remove)(source, target)

    def document(self) -> dict[str, Json]:
        """Return the whole tenant in the shape of `document.py`."""
        content: dict[str, Json] = {name: value for name, value in self.sections.items() if value is not None}
        for kind in KINDS:
            content[kind] = [
                self._with_links(identifier, self._objects[identifier][1]) for identifier in self._ids[kind]
            ]
        content["deleted"] = [
            {"@odata.type": f"#microsoft.graph.{TYPE_NAMES[kind]}", **self._with_links(identifier, entity)}
            for identifier, (kind, entity) in self.deleted.items()
        ]
        return content

    def _with_links(self, identifier: str, entity: Entity) -> Entity:
        linked: Entity = dict(entity)
        for name in ("members", "owners"):
            targets = self.links[name].targets(identifier)
            if targets:
                linked[name] = list(targets)
        manager = self.links["manager"].targets(identifier)
        if manager:
            linked["manager"] = manager[0]
        return linked

    def _load(self, kind: str, entity: Entity) -> None:
        identifier = str(entity["id"]).lower()
        self._link_all(identifier, entity)
        own = {name: value for name, value in entity.items() if name not in ("@odata.type", *LINKED)}
        self._objects[identifier] = (kind, own)
        self._ids[kind].append(identifier)

    def _link_all(self, identifier: str, entity: Entity) -> None:
        for name in LINKED:
            value = entity.get(name)
            for target in value if isinstance(value, list) else [value]:
                if isinstance(target, str):
                    self.links[name].add(identifier, target.lower())

    def _put(self, kind: str, entity: Entity) -> None:
        identifier = str(entity["id"]).lower()
        self.deleted.pop(identifier, None)
        before = self._objects.get(identifier)
        if before is None:
            insort(self._ids[kind], identifier)
        else:
            self._leave(identifier, before[1])
        self._objects[identifier] = (kind, entity)
        self._enter(identifier, entity)

    def _remove(self, identifier: str) -> None:
        found = self._objects.pop(identifier, None)
        if found is None:
            return
        kind, entity = found
        self._leave(identifier, entity)
        del self._ids[kind][bisect_left(self._ids[kind], identifier)]

    def _erase(self, identifier: str) -> None:
        self._remove(identifier)
        self.deleted.pop(identifier, None)
        for links in self.links.values():
            links.drop(identifier)

    def _indexed(self, name: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for identifier, (_, entity) in self._objects.items():
            for key in _keys(name, entity):
                found.setdefault(key, []).append(identifier)
        return {key: tuple(sorted(identifiers)) for key, identifiers in found.items()}

    def _enter(self, identifier: str, entity: Entity) -> None:
        for name, index in self._index.items():
            for key in _keys(name, entity):
                index[key] = tuple(sorted({*index.get(key, ()), identifier}))

    def _leave(self, identifier: str, entity: Entity) -> None:
        for name, index in self._index.items():
            for key in _keys(name, entity):
                index[key] = tuple(found for found in index.get(key, ()) if found != identifier)
                if not index[key]:
                    del index[key]


def _keys(name: str, entity: Entity) -> tuple[str, ...]:
    """Return the comparable values of an indexed property."""
    value = entity.get(name)
    if isinstance(value, str):
        return (value if name in EXACT else value.casefold(),)
    return tuple({str(item).casefold() for item in value}) if isinstance(value, list) else ()
