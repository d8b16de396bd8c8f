"""A server's configuration: connectors, partitions, run profiles, rules, metaverse schema, global settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from adsyncdiag.model.names import Dn
from adsyncdiag.model.rules import Direction, SyncRule
from adsyncdiag.model.schema import Schema

ENTRA_CONNECTOR_ID = UUID("b891884f-051e-4a83-95af-2544101c9083")
"""The Entra connector has this identifier in every installation seen (server-export.md 1)."""


class ConnectorKind(Enum):
    """Which directory a connector speaks to."""

    ACTIVE_DIRECTORY = "AD"
    ENTRA = "Entra"
    OTHER = "Other"


class StepKind(Enum):
    """What a run step does (server-export.md 4.3)."""

    FULL_IMPORT = "full-import"
    DELTA_IMPORT = "delta-import"
    FULL_SYNCHRONIZATION = "full-synchronization"
    DELTA_SYNCHRONIZATION = "delta-synchronization"
    EXPORT = "export"
    FULL_IMPORT_AND_SYNCHRONIZATION = "full-import-full-synchronization"
    DELTA_IMPORT_AND_SYNCHRONIZATION = "delta-import-delta-synchronization"


class RunProfileStep(NamedTuple):
    """One step of a run profile, for one partition."""

    kind: StepKind
    partition: UUID
    batch_size: int = 0
    page_size: int = 0
    timeout: int = 0
    """Seconds; 0 means none."""


class RunProfile(NamedTuple):
    """A named list of steps, such as *Full Import*."""

    id: UUID
    name: str
    steps: tuple[RunProfileStep, ...]

    def has_step_for(self, partition: UUID) -> bool:
        """Say whether a step of this profile names *partition*."""
        return any(step.partition == partition for step in self.steps)


@dataclass(frozen=True, slots=True)
class Partition:
    """One domain of a forest, or the single `default` partition of the Entra connector."""

    id: UUID
    name: str
    dn: Dn | None
    """None for the Entra connector's `default`, which is no DN."""
    selected: bool
    object_types: tuple[str, ...] = ()
    excluded: tuple[Dn, ...] = ()
    included: tuple[Dn, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Connector:
    """One connector with its schema, partitions and run profiles."""

    id: UUID
    name: str
    kind: ConnectorKind
    schema: Schema
    partitions: tuple[Partition, ...]
    attribute_inclusion: frozenset[str] = frozenset()
    run_profiles: tuple[RunProfile, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    password_hash_sync: bool = False
    file: str = ""

    def partition_of(self, dn: Dn) -> Partition | None:
        """Return the partition whose DN equals the trailing DC components of *dn*, nothing shorter."""
        domain = dn.domain
        if domain is None:
            return None
        return next((p for p in self.partitions if p.dn == domain), None)

    def partition(self, identifier: UUID) -> Partition | None:
        """Return the partition with this identifier, or None."""
        return next((p for p in self.partitions if p.id == identifier), None)

    def run_profile(self, name: str) -> RunProfile | None:
        """Return the run profile of this name, whatever its case, or None."""
        return next((p for p in self.run_profiles if p.name.lower() == name.lower()), None)

    @property
    def group_filter(self) -> str:
        """The DN of the group that group-based filtering uses on this connector; "" means no filter here."""
        return self.parameters.get("Connector.GroupFilteringGroupDn", "").strip()


@dataclass(frozen=True)
class ServerConfiguration:
    """Everything a server export says, checked; rules in ascending precedence."""

    connectors: tuple[Connector, ...]
    rules: tuple[SyncRule, ...]
    metaverse: Schema
    settings: Mapping[str, str] = field(default_factory=dict)
    """Global parameters by their full name, such as `Microsoft.Synchronize.StagingMode`."""
    server: str = ""
    version: str = ""
    source: str = ""
    """The folder it was read from."""

    def connector(self, identifier: UUID) -> Connector | None:
        """Return the connector with this identifier, or None."""
        return self._by_id.get(identifier)

    def connector_named(self, name: str) -> Connector | None:
        """Return the connector of this name, whatever its case, or None."""
        return next((c for c in self.connectors if c.name.lower() == name.lower()), None)

    @property
    def entra(self) -> Connector | None:
        """The Entra connector; None when the export has none."""
        return next((c for c in self.connectors if c.kind is ConnectorKind.ENTRA), None)

    @property
    def active_directory(self) -> tuple[Connector, ...]:
        """The Active Directory connectors, in the order of the export."""
        return tuple(c for c in self.connectors if c.kind is ConnectorKind.ACTIVE_DIRECTORY)

    def rules_for(self, connector: UUID, direction: Direction) -> tuple[SyncRule, ...]:
        """Return the rules of one connector and direction, best precedence first, disabled ones included."""
        return self._rules.get((connector, direction), ())

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a global setting that is True or False; *default* when it is missing or neither."""
        text = self.settings.get(name, "").strip().lower()
        return text == "true" if text in ("true", "false") else default

    @cached_property
    def _by_id(self) -> dict[UUID, Connector]:
        return {connector.id: connector for connector in self.connectors}

    @cached_property
    def _rules(self) -> dict[tuple[UUID, Direction], tuple[SyncRule, ...]]:
        grouped: dict[tuple[UUID, Direction], list[SyncRule]] = {}
        for rule in self.rules:
            grouped.setdefault((rule.connector, rule.direction), []).append(rule)
        return {key: tuple(rules) for key, rules in grouped.items()}
