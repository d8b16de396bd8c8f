"""A small server configuration, built by hand, and an engine over a real store."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.engine.applying import apply_import, apply_synchronization
from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.engine.staging import Place, find_stored, plan_import
from adsyncdiag.engine.subjects import Engine
from adsyncdiag.engine.synchronize import plan_synchronization
from adsyncdiag.model.changes import StagingPlan, SyncPlan, Writability
from adsyncdiag.model.configuration import (
    ENTRA_CONNECTOR_ID,
    Connector,
    ConnectorKind,
    Partition,
    ServerConfiguration,
)
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, Image
from adsyncdiag.model.rules import (
    Direction,
    Flow,
    FlowKind,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    ScopeOperator,
    SyncRule,
)
from adsyncdiag.model.schema import AttributeSchema, ClassSchema, Schema
from adsyncdiag.model.values import AttributeType, Value
from adsyncdiag.store.sqlite import SqliteStore

S, N, B, X, R = (
    AttributeType.STRING,
    AttributeType.NUMBER,
    AttributeType.BOOLEAN,
    AttributeType.BINARY,
    AttributeType.REFERENCE,
)
AD_A, AD_B = UUID(int=0xA), UUID(int=0xB)
PARTITIONS = {AD_A: UUID(int=0xA1), AD_B: UUID(int=0xB1), ENTRA_CONNECTOR_ID: UUID(int=0xE1)}

_AD = {
    "cn": S,
    "mail": S,
    "displayName": S,
    "department": S,
    "info": S,
    "employeeID": S,
    "flag": B,
    "count": N,
    "objectSid": X,
    "manager": R,
}
_AD_MANY = {"proxyAddresses": S, "description": S, "photo": X, "member": R}
_MV = {
    "cn": S,
    "mail": S,
    "displayName": S,
    "department": S,
    "employeeID": S,
    "flag": B,
    "count": N,
    "objectSid": X,
    "manager": R,
    "sourceAnchor": S,
    "photo": X,
    "cloudFiltered": B,
    "created": S,
}
_MV_MANY = {"proxyAddresses": S, "member": R}
_ENTRA = {
    "displayName": S,
    "mail": S,
    "department": S,
    "sourceAnchor": S,
    "cloudAnchor": S,
    "manager": R,
    "note": S,
    "created": S,
    "usageLocation": S,
}
_ENTRA_MANY = {"proxyAddresses": S, "member": R}


def _schema(
    single: dict[str, AttributeType], many: dict[str, AttributeType], classes: tuple[str, ...], *, indexed: bool = False
) -> Schema:
    attributes = {n: AttributeSchema(n, t, indexed=indexed) for n, t in single.items()}
    attributes |= {n: AttributeSchema(n, t, multi_valued=True, indexed=indexed) for n, t in many.items()}
    return Schema(attributes, {c: ClassSchema(c, None, frozenset(attributes)) for c in classes})


def _connector(identifier: UUID, name: str, kind: ConnectorKind, schema: Schema, dn: str) -> Connector:
    partition = Partition(
        PARTITIONS[identifier], dn or "default", Dn.parse(dn) if dn else None, True, parameters={"Domain.FQDN": name}
    )
    return Connector(identifier, name, kind, schema, (partition,))


@dataclass
class Bench:
    """An engine over a store: import images, synchronise, look."""

    store: SqliteStore
    rules: list[SyncRule]
    now: datetime
    unwritable: dict[str, Writability] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    @property
    def configuration(self) -> ServerConfiguration:
        """The configuration with the rules as they are now."""
        ad = _schema(_AD, _AD_MANY, ("user", "group", "contact"))
        entra = _schema(_ENTRA, _ENTRA_MANY, ("user", "group"))
        return ServerConfiguration(
            (
                _connector(AD_A, "a.example", ConnectorKind.ACTIVE_DIRECTORY, ad, "DC=a,DC=example"),
                _connector(AD_B, "b.example", ConnectorKind.ACTIVE_DIRECTORY, ad, "DC=b,DC=example"),
                _connector(ENTRA_CONNECTOR_ID, "Entra", ConnectorKind.ENTRA, entra, ""),
            ),
            tuple(sorted(self.rules, key=lambda r: r.precedence)),
            _schema(_MV, _MV_MANY, ("person", "group"), indexed=True),
        )

    def new_id(self) -> UUID:
        """A predictable identifier."""
        return UUID(int=next(self.ids))

    def image(self, name: str, *, forest: str = "a", kind: str = "user", **attributes: Value) -> Image:
        """An AD object as a connector reads it."""
        return Image(
            Dn.parse(f"CN={name},DC={forest},DC=example"), kind, f"guid-{name}-{forest}", {"cn": name, **attributes}
        )

    def stage(self, image: Image, connector: UUID | None = None) -> StagingPlan:
        """Import one image."""
        owner = connector or (AD_B if image.dn.text.endswith("DC=b,DC=example") else AD_A)
        place = Place(owner, PARTITIONS[owner], self.now, self.new_id)
        with self.store.unit_of_work() as work:
            stored, displaced = find_stored(image, place, work)
            plan = plan_import(image, stored, displaced, place)
            apply_import(plan, work)
        return plan

    def sync(self, entry: CsObject, *, commit: bool = True, trace: bool = True) -> SyncPlan:
        """Synchronise one stored object."""
        book = RuleBook(self.configuration)
        self.store.index(*book.join_attributes())
        with self.store.unit_of_work() as work:
            plan = plan_synchronization(entry, Engine(book, work, self.now, trace), self.writability, self.new_id)
            if commit:
                apply_synchronization(plan, work)
        return plan

    def run(self, name: str, *, forest: str = "a", kind: str = "user", **attributes: Value) -> SyncPlan:
        """Import and synchronise one AD object."""
        return self.sync(self.stage(self.image(name, forest=forest, kind=kind, **attributes)).after)

    def writability(self, connector: Connector, _kind: str, attribute: str) -> Writability:
        """Everything can be written, except what a test says otherwise."""
        return self.unwritable.get(attribute, Writability.WRITE)

    def stored(self, entry: CsObject) -> CsObject:
        """The object as the store holds it now."""
        with self.store.unit_of_work() as work:
            found = work.cs(entry.id)
        assert found is not None
        return found

    def rule(self, name: str, direction: Direction = Direction.INBOUND, **parts: object) -> SyncRule:
        """Add a rule; precedence in the order of the calls unless given."""
        inbound = direction is Direction.INBOUND
        defaults: dict[str, object] = {
            "id": UUID(int=100 + len(self.rules)),
            "name": name,
            "direction": direction,
            "connector": AD_A if inbound else ENTRA_CONNECTOR_ID,
            "source_type": "user" if inbound else "person",
            "target_type": "person" if inbound else "user",
            "link_type": LinkType.JOIN,
            "precedence": 100 + len(self.rules),
        }
        rule = SyncRule(**{**defaults, **parts})  # type: ignore[arg-type]
        self.rules.append(rule)
        return rule

    def replace_rule(self, rule: SyncRule, **parts: object) -> SyncRule:
        """Change a rule."""
        changed = replace(rule, **parts)  # type: ignore[arg-type]
        self.rules[self.rules.index(rule)] = changed
        return changed

    @staticmethod
    def direct(target: str, source: str | None = None, **parts: object) -> Flow:
        """A direct flow."""
        return Flow(target, FlowKind.DIRECT, source or target, **parts)  # type: ignore[arg-type]

    @staticmethod
    def constant(target: str, text: str, **parts: object) -> Flow:
        """A constant flow."""
        return Flow(target, FlowKind.CONSTANT, text, **parts)  # type: ignore[arg-type]

    @staticmethod
    def expression(target: str, text: str, **parts: object) -> Flow:
        """An expression flow."""
        return Flow(target, FlowKind.EXPRESSION, text, **parts)  # type: ignore[arg-type]

    @staticmethod
    def scope(*clauses: tuple[str, str, str]) -> tuple[tuple[ScopeClause, ...], ...]:
        """One group of scope clauses."""
        return (tuple(ScopeClause(a, ScopeOperator(o), v) for a, o, v in clauses),)

    @staticmethod
    def joins(*pairs: str) -> tuple[tuple[JoinClause, ...], ...]:
        """Join groups of one clause each, written cs=mv."""
        return tuple((JoinClause(*pair.split("=")),) for pair in pairs)

    merge = MergeType.MERGE
    merge_folded = MergeType.MERGE_CASE_INSENSITIVE
    inbound = Direction.INBOUND
    outbound = Direction.OUTBOUND
    entra = ENTRA_CONNECTOR_ID
    forest_b = AD_B


@pytest.fixture
def bench(tmp_path: Path, noon: datetime) -> Iterator[Bench]:
    """An engine without rules."""
    store = SqliteStore(tmp_path / "state.db")
    yield Bench(store, [], noon)
    store.close()


@pytest.fixture
def people(bench: Bench) -> Bench:
    """An engine with the usual pair: users are projected from AD by mail and provisioned to Entra by source anchor."""
    bench.rule(
        "In - User Join",
        link_type=LinkType.PROVISION,
        joins=bench.joins("mail=mail"),
        flows=(
            bench.direct("cn"),
            bench.direct("mail"),
            bench.direct("displayName"),
            bench.direct("department"),
            bench.direct("manager"),
            bench.expression("sourceAnchor", '"anchor-" & [cn]'),
        ),
    )
    bench.rule(
        "Out - User Join",
        bench.outbound,
        link_type=LinkType.PROVISION,
        scope=bench.scope(("sourceAnchor", "ISNOTNULL", ""), ("cloudFiltered", "NOTEQUAL", "True")),
        joins=bench.joins("sourceAnchor=sourceAnchor"),
        flows=(
            bench.expression("dn", '"CN={" & ConvertToUTF8Hex([sourceAnchor]) & "}"'),
            bench.direct("sourceAnchor"),
            bench.direct("displayName"),
            bench.direct("mail"),
            bench.direct("department"),
            bench.direct("manager"),
        ),
    )
    return bench
