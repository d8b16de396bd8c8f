"""Schemas of the lab's server as short tables, and what the XML writers need to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from adsyncdiag.model.rules import Direction, FlowKind, SyncRule

DIRECTORY_STRING = "1.3.6.1.4.1.1466.115.121.1.15"
INTEGER = "1.3.6.1.4.1.1466.115.121.1.27"
LARGE_INTEGER = "1.2.840.113556.1.4.906"
BOOLEAN = "1.3.6.1.4.1.1466.115.121.1.7"
OCTET_STRING = "1.3.6.1.4.1.1466.115.121.1.40"
"""Binary as Active Directory's schema says it."""
BINARY = "1.3.6.1.4.1.1466.115.121.1.5"
"""Binary as the metaverse and the Entra connector say it."""
DISTINGUISHED_NAME = "1.3.6.1.4.1.1466.115.121.1.12"
OR_NAME = "1.2.840.113556.1.4.1221"
TELETEX_STRING = "1.2.840.113556.1.4.905"
GENERALIZED_TIME = "1.3.6.1.4.1.1466.115.121.1.24"
OBJECT_IDENTIFIER = "1.3.6.1.4.1.1466.115.121.1.38"
SECURITY_DESCRIPTOR = "1.2.840.113556.1.4.907"

_READ = re.compile(r'\[([^\]]+)\]|(?:ImportedValue|ValueCount)\("([^"]+)"\)')


@dataclass(frozen=True, slots=True)
class AttributeEntry:
    """One attribute as a schema file lists it."""

    name: str
    syntax: str
    multi_valued: bool
    indexed: bool = False
    read_only: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One class with its own attributes; *rule* holds those that the DIT content rule adds (AD only)."""

    name: str
    superior: str
    kind: str
    attributes: tuple[str, ...]
    rule: tuple[str, ...] = ()


def attributes_read(text: str) -> tuple[str, ...]:
    """Return the attributes an expression reads, in the order of their first use; `dn` is none of a schema's."""
    names = (bracketed or quoted for bracketed, quoted in _READ.findall(text))
    return tuple(dict.fromkeys(name for name in names if name != "dn"))


def sources(entry: SyncRule) -> frozenset[str]:
    """Return the attributes of the source object that the flows and the scope of a rule read."""
    found = {clause.attribute for group in entry.scope for clause in group}
    for flow in entry.flows:
        if flow.kind is FlowKind.DIRECT:
            found.add(flow.text)
        elif flow.kind is FlowKind.EXPRESSION:
            found.update(attributes_read(flow.text))
    return frozenset(found)


def connector_space_attributes(entry: SyncRule) -> frozenset[str]:
    """Return the attributes on the connector's side that a rule reads, joins on or writes."""
    joined = {clause.cs_attribute for group in entry.joins for clause in group}
    if entry.direction is Direction.INBOUND:
        return sources(entry) | joined
    return frozenset(flow.target for flow in entry.flows if flow.target != "dn") | joined


def connector_space_type(entry: SyncRule) -> str:
    """Return the object type of a rule on the connector's side."""
    return entry.source_type if entry.direction is Direction.INBOUND else entry.target_type


def entries(syntax: str, multi_valued: bool, names: str) -> list[AttributeEntry]:
    """Return attributes of one kind; `name*` is indexed, `name!` read-only, `name:64` at most 64 long."""
    found = []
    for word in names.split():
        name, _, limit = word.partition(":")
        entry = AttributeEntry(name.rstrip("*!"), syntax, multi_valued, "*" in name, "!" in name)
        found.append(replace(entry, limit=int(limit)) if limit else entry)
    return found


def known(names: Iterable[str], schema: Sequence[AttributeEntry]) -> tuple[str, ...]:
    """Return *names* sorted; raise `KeyError` for one that the schema lacks: a slip in these tables."""
    spelt = {entry.name for entry in schema}
    wanted = sorted(set(names), key=str.casefold)
    if missing := [name for name in wanted if name not in spelt]:
        raise KeyError(", ".join(missing))
    return tuple(wanted)
