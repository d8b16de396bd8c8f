"""`GlobalSettings/MV.xml`: the metaverse's schema and the global settings (server-export.md 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adsyncdiag.model.schema import Schema
from adsyncdiag.serverconfig.connector_xml import global_parameters
from adsyncdiag.serverconfig.schema_xml import schema
from adsyncdiag.serverconfig.xml import Node

ROOT = "saved-mv-configuration"


@dataclass(frozen=True, slots=True)
class Metaverse:
    """What the file of the metaverse says."""

    schema: Schema
    settings: Mapping[str, str]
    server: str
    version: str


def metaverse(node: Node) -> Metaverse:
    """Return the metaverse that *node* describes; the settings keep their full names."""
    data = node.child("mv-data")
    if data is None:
        raise node.error("is missing", "mv-data")
    settings = global_parameters(data)
    return Metaverse(
        schema(data),
        settings,
        server=node.element.get("server", "").strip(),
        version=settings.get("Microsoft.Synchronize.ServerConfigurationVersion", ""),
    )
