"""The Entra connector's schema: what the default rules name there, and the anchors (server-export.md 4)."""

from __future__ import annotations

from collections.abc import Sequence

from adsyncdiag.connectors.lab.scenarios.schema_metaverse import METAVERSE
from adsyncdiag.connectors.lab.scenarios.schema_notation import (
    BINARY,
    BOOLEAN,
    DIRECTORY_STRING,
    AttributeEntry,
    ClassEntry,
    connector_space_attributes,
    connector_space_type,
)
from adsyncdiag.model.configuration import ENTRA_CONNECTOR_ID
from adsyncdiag.model.rules import Direction, FlowKind, SyncRule

TYPES = ("contact", "device", "group", "user")
ANCHOR = "cloudAnchor"
_EVERYWHERE = (ANCHOR, "sourceAnchor", "cloudMastered")
_OWN = (
    AttributeEntry(ANCHOR, DIRECTORY_STRING, False),
    AttributeEntry("cloudMastered", BOOLEAN, False),
    AttributeEntry("searchableDeviceKey", BINARY, True),
    AttributeEntry("postOfficeBox", DIRECTORY_STRING, True),
    AttributeEntry("url", DIRECTORY_STRING, True),
)
"""Those whose type does not follow from the metaverse: the two last are multi-valued in Entra only (server-export.md 3.5)."""


def entra_classes(rules: Sequence[SyncRule]) -> tuple[ClassEntry, ...]:
    """Return the four classes; each holds what *rules* read and write on it."""
    members: dict[str, set[str]] = {name: set(_EVERYWHERE) for name in TYPES}
    for entry in rules:
        if entry.connector == ENTRA_CONNECTOR_ID:
            members[connector_space_type(entry)] |= connector_space_attributes(entry)
    return tuple(
        ClassEntry(name, "", "structural", tuple(sorted(found, key=str.casefold))) for name, found in members.items()
    )


def entra_attributes(rules: Sequence[SyncRule]) -> tuple[AttributeEntry, ...]:
    """Return every attribute of those classes, typed as the metaverse attribute it is copied from or to."""
    metaverse = {entry.name: entry for entry in METAVERSE}
    typed = {name: metaverse[name] for name in metaverse}
    for entry in rules:
        if entry.connector == ENTRA_CONNECTOR_ID and entry.direction is Direction.OUTBOUND:
            typed |= {flow.target: metaverse[flow.text] for flow in entry.flows if flow.kind is FlowKind.DIRECT}
    typed |= {entry.name: entry for entry in _OWN}
    names = sorted({name for found in entra_classes(rules) for name in found.attributes}, key=str.casefold)
    return tuple(AttributeEntry(name, typed[name].syntax, typed[name].multi_valued) for name in names)
