"""A workspace of the lab for tests: its forest and its tenant can be changed, and trouble can be arranged with either.

Everything is real: the LDIF file is written anew, the tenant is changed through its own journal, the store is SQLite.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from requests.adapters import HTTPAdapter

from adsyncdiag.connectors.entra.auth import client_secret_token
from adsyncdiag.connectors.entra.graph import GraphTenant
from adsyncdiag.connectors.entra.http import GraphSession
from adsyncdiag.connectors.entra.session import open_session
from adsyncdiag.connectors.lab.inprocess import mount
from adsyncdiag.connectors.lab.scenarios.entries import Entry
from adsyncdiag.connectors.lab.scenarios.forest import forest
from adsyncdiag.connectors.lab.scenarios.lab import LabObject, write_lab
from adsyncdiag.connectors.lab.scenarios.ldif_text import ldif
from adsyncdiag.connectors.lab.tenant import LabTenant
from adsyncdiag.diagnosis.case import Question, World
from adsyncdiag.diagnosis.single_object import SingleObjectRun, run
from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.model.configuration import Connector, Partition, ServerConfiguration
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, MvObject
from adsyncdiag.model.rules import SyncRule
from adsyncdiag.model.trace import Status, StepResult, SyncRecord
from adsyncdiag.serverconfig.folder import load
from adsyncdiag.wiring import Workspace


@dataclass(frozen=True)
class Template:
    """The lab as `lab init` writes it, with its configuration loaded."""

    folder: Path
    rows: tuple[LabObject, ...]
    configuration: ServerConfiguration
    book: RuleBook


class Forest:
    """The LDIF file of a workspace, changed as an administrator changes a directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Entry] = {entry.dn: entry for entry in forest()}

    def change(self, dn: str, **values: Any) -> None:
        """Set attributes: text, bytes, a tuple, or None to clear; `_` in a name stands for `-`."""
        attributes = dict(self.entries[dn].attributes)
        for name, value in values.items():
            spelt = name.replace("_", "-")
            if value is None:
                attributes.pop(spelt, None)
            else:
                attributes[spelt] = value if isinstance(value, tuple) else (value,)
        self.entries[dn] = replace(self.entries[dn], attributes=attributes)
        self.write()

    def add(self, *entries: Entry) -> None:
        """Create objects."""
        for entry in entries:
            assert entry.dn not in self.entries
            self.entries[entry.dn] = entry
        self.write()

    def remove(self, dn: str) -> None:
        """Delete an object, and the references to it, as Active Directory does."""
        del self.entries[dn]
        self._refer(dn, None)
        self.write()

    def move(self, dn: str, new: str) -> None:
        """Rename or move an object; its objectGUID stays, and references follow it."""
        entry = self.entries.pop(dn)
        name = new.partition(",")[0].partition("=")[2]
        attributes = {**entry.attributes, "distinguishedName": (new,), "name": (name,), "cn": (name,)}
        self.entries[new] = replace(entry, dn=new, attributes=attributes)
        self._refer(dn, new)
        self.write()

    def _refer(self, old: str, new: str | None) -> None:
        for dn, entry in self.entries.items():
            changed = {
                name: tuple(v for v in (new if v == old else v for v in values) if v is not None)
                for name, values in entry.attributes.items()
                if old in values
            }
            if changed:
                attributes = {**entry.attributes, **changed}
                self.entries[dn] = replace(entry, attributes={n: v for n, v in attributes.items() if v})

    def write(self) -> None:
        """Write the file as it is now."""
        self.path.write_text(ldif(self.entries.values(), "A forest that a test changed."), encoding="utf-8")


class Cloud:
    """The tenant of a workspace, seen and changed beside the tool."""

    def __init__(self, path: Path) -> None:
        self.tenant = LabTenant(path)

    def objects(self, kind: str = "users") -> list[dict[str, Any]]:
        """Every object of a collection, with its links."""
        with self.tenant.reading() as directory:
            return directory.document()[kind]  # type: ignore[return-value]

    def user(self, upn: str) -> dict[str, Any]:
        """The one user of this name."""
        (found,) = [entry for entry in self.objects() if entry["userPrincipalName"] == upn]
        return found

    def group(self, name: str) -> dict[str, Any]:
        """The one group of this displayName that carries an anchor."""
        (found,) = [e for e in self.objects("groups") if e["displayName"] == name and e.get("uniqueName")]
        return found

    def anchored(self, anchor: str) -> list[dict[str, Any]]:
        """The users with this source anchor."""
        return [entry for entry in self.objects() if entry.get("onPremisesImmutableId") == anchor]

    def change(self, identifier: str, **values: Any) -> None:
        """Change properties of an object behind the tool's back; None clears."""
        with self.tenant.writing() as transaction:
            found = transaction.directory.find(identifier)
            assert found is not None
            kind, entity = found
            entity = {name: v for name, v in {**entity, **values}.items() if v is not None}
            transaction.record("put", kind, entity)

    def erase(self, identifier: str) -> None:
        """Delete an object for good."""
        with self.tenant.writing() as transaction:
            transaction.record("erase", identifier)

    def bin(self, identifier: str) -> None:
        """Delete a user into the recycle bin, where he keeps his source anchor."""
        with self.tenant.writing() as transaction:
            found = transaction.directory.find(identifier)
            assert found is not None
            kind, entity = found
            upn = f"{identifier.replace('-', '')}{entity['userPrincipalName']}"
            gone = {**entity, "userPrincipalName": upn, "deletedDateTime": "2026-03-02T10:00:00Z"}
            transaction.record("delete", kind, gone)

    def unlink(self, relation: str, source: str, target: str) -> None:
        """Take a reference away."""
        with self.tenant.writing() as transaction:
            transaction.record("unlink", relation, [source, target])

    def master_elsewhere(self) -> None:
        """Let another engine master the tenant."""
        with self.tenant.writing() as transaction:
            section = transaction.directory.sections["organization"]
            assert isinstance(section, dict)
            transaction.record("set", "organization", {**section, "onPremisesSyncEnabled": True})

    def state(self) -> list[Any]:
        """Everything in the tenant, to compare."""
        with self.tenant.reading() as directory:
            document = directory.document()
        return [document[name] for name in ("users", "groups", "contacts", "devices", "deleted")]


Answer = Callable[[requests.PreparedRequest], requests.Response | None]
"""Answers a request instead of the tenant, raises for a broken connection, or returns None to let it through."""


class Between(HTTPAdapter):
    """Stands between the session and the tenant; remembers what was asked."""

    def __init__(self, behind: HTTPAdapter, answer: Answer) -> None:
        super().__init__()
        self.behind = behind
        self.answer = answer
        self.seen: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Answer, or pass the request on."""
        self.seen.append(f"{request.method} {request.path_url.partition('?')[0]}")
        made = self.answer(request)
        return made if made is not None else self.behind.send(request, *args, **kwargs)


def refusing(status: int, code: str, message: str, **headers: str) -> Callable[[requests.PreparedRequest], Any]:
    """Make an answer of the service that refuses."""

    def answer(request: requests.PreparedRequest) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.request = request
        response.headers.update({"Content-Type": "application/json", **headers})
        response._content = requests.compat.json.dumps({"error": {"code": code, "message": message}}).encode()
        return response

    return answer


def broken(request: requests.PreparedRequest) -> requests.Response:
    """Break the connection before the request is looked at."""
    raise requests.ConnectionError("the test broke the connection", request=request)


def throttled(request: requests.PreparedRequest) -> requests.Response:
    """Ask to come back in five minutes."""
    return refusing(429, "TooManyRequests", "Too many requests.", **{"Retry-After": "300"})(request)  # type: ignore[no-any-return]


@dataclass
class Lab:
    """One workspace of the lab."""

    place: Workspace
    world: World
    opened: list[GraphTenant] = field(default_factory=list)

    def run(self, dn: str, *, staging: str = "", **parts: object) -> SingleObjectRun:
        """Take one object through the ten steps; *parts* replace parts of the world."""
        world = replace(self.world, **parts) if parts else self.world  # type: ignore[arg-type]
        return run(world, Question(Dn.parse(dn), staging))

    def record(self, dn: str, *, staging: str = "", **parts: object) -> SyncRecord:
        """The same, the record only."""
        return self.run(dn, staging=staging, **parts).record

    @property
    def forest(self) -> Forest:
        """The directory, to be changed."""
        if "_forest" not in self.__dict__:
            self.__dict__["_forest"] = Forest(self.place.path / "forest.ldif")
        return self.__dict__["_forest"]  # type: ignore[no-any-return]

    @property
    def cloud(self) -> Cloud:
        """The tenant, to be looked at and changed."""
        if "_cloud" not in self.__dict__:
            self.__dict__["_cloud"] = Cloud(self.place.path / "tenant.json")
        return self.__dict__["_cloud"]  # type: ignore[no-any-return]

    # --- configuration

    def configure(self, configuration: ServerConfiguration) -> None:
        """Work with another configuration from now on."""
        book = RuleBook(configuration)
        self.world = replace(self.world, configuration=configuration, book=book)
        self.world.store.index(*book.join_attributes())

    def connector(self, name: str) -> Connector:
        """An AD connector, or the Entra one."""
        found = self.world.configuration.entra if name == "entra" else self.world.configuration.connector_named(name)
        assert found is not None
        return found

    def change_connector(self, name: str, **parts: Any) -> None:
        """Change a connector."""
        old = self.connector(name)
        new = replace(old, **parts)
        connectors = tuple(new if c.id == old.id else c for c in self.world.configuration.connectors)
        self.configure(replace(self.world.configuration, connectors=connectors))

    def change_partition(self, name: str, domain: str, **parts: Any) -> None:
        """Change a partition of a connector."""
        changed: tuple[Partition, ...] = tuple(
            replace(p, **parts) if p.name.lower() == domain.lower() else p for p in self.connector(name).partitions
        )
        self.change_connector(name, partitions=changed)

    def change_settings(self, **settings: str) -> None:
        """Change global settings; `__` in a name stands for a dot."""
        spelt = {name.replace("__", "."): value for name, value in settings.items()}
        self.configure(
            replace(self.world.configuration, settings={**self.world.configuration.settings, **spelt}),
        )

    def change_rules(self, change: Callable[[SyncRule], SyncRule | None]) -> None:
        """Change rules; None drops one."""
        rules = tuple(new for rule in self.world.configuration.rules if (new := change(rule)) is not None)
        self.configure(replace(self.world.configuration, rules=rules))

    # --- what the store holds

    def ad(self, dn: str) -> CsObject | None:
        """The staged AD object at a DN."""
        with self.world.store.unit_of_work() as work:
            for connector in self.world.configuration.active_directory:
                found = work.cs_by_dn(connector.id, Dn.parse(dn))
                if found is not None:
                    return found
        return None

    def entra(self, dn: str) -> CsObject | None:
        """The Entra object that the AD object at a DN is joined to."""
        source = self.ad(dn)
        if source is None or source.link is None:
            return None
        target = self.connector("entra")
        with self.world.store.unit_of_work() as work:
            found = [o for o in work.connected(source.link.metaverse) if o.connector == target.id]
        assert len(found) <= 1
        return found[0] if found else None

    def metaverse(self, dn: str) -> MvObject | None:
        """The metaverse object that the AD object at a DN is joined to."""
        source = self.ad(dn)
        if source is None or source.link is None:
            return None
        with self.world.store.unit_of_work() as work:
            return work.mv(source.link.metaverse)

    def counts(self) -> Mapping[str, str]:
        """What the store says about itself."""
        return self.world.store.check()

    # --- trouble

    def graph(self, answer: Answer) -> tuple[Callable[[], GraphTenant], Between]:
        """The same tenant over the same adapter, with *answer* in between, and without waiting between tries."""
        entra = self.place.settings.entra
        session = open_session()
        mount(session, LabTenant(self.place.path / "tenant.json"), (entra.graph_root, entra.authority))
        behind = session.get_adapter(entra.graph_root + "/")
        assert isinstance(behind, HTTPAdapter)
        between = Between(behind, answer)
        session.mount(entra.graph_root + "/", between)
        secret = (self.place.path / "client_secret").read_text(encoding="utf-8").strip()
        token = client_secret_token(
            session,
            authority=entra.authority,
            tenant_id=entra.tenant_id,
            client_id=entra.client_id,
            graph_root=entra.graph_root,
            secret=lambda: secret,
        )
        tenant = GraphTenant(GraphSession(session, entra.graph_root, token, sleep=lambda _seconds: None))
        self.opened.append(tenant)
        return (lambda: tenant), between

    def close(self) -> None:
        """Close what was opened."""
        for tenant in self.opened:
            tenant.close()
        self.place.close()


def ticking(start: datetime, step: timedelta = timedelta(milliseconds=250)) -> Callable[[], datetime]:
    """Make a clock that moves on whenever it is read."""
    moments = (start + step * number for number in itertools.count())
    return lambda: next(moments)


def step(record: SyncRecord, number: int) -> StepResult:
    """The step of this number."""
    return record.steps[number - 1]


def failing(record: SyncRecord) -> tuple[int, str]:
    """The step that failed and the code; (0, "") when none did."""
    failed = [s.number for s in record.steps if s.status is Status.FAILURE]
    assert len(failed) <= 1
    return (failed[0] if failed else 0), (record.failure.code if record.failure is not None else "")


def states(record: SyncRecord) -> str:
    """The path as one letter a place: reached, stopped, not reached, warning."""
    return "".join(hop.state.value[0] for hop in record.path)


def open_lab(template: Template, folder: Path, noon: datetime) -> Lab:
    """Make a fresh workspace in *folder*, with ids that count up and a clock that stands still."""
    shutil.copytree(template.folder, folder, ignore=shutil.ignore_patterns("export"))
    (folder / "export").symlink_to(template.folder / "export")
    return reopen_lab(template, folder, noon)


def reopen_lab(template: Template, folder: Path, noon: datetime, first_id: int = 1) -> Lab:
    """Open a workspace that is there."""
    place = Workspace(folder)
    place.configuration = template.configuration
    place.book = template.book
    ids = itertools.count(first_id)
    world = replace(
        place.world(),
        clock=lambda: noon,
        new_id=lambda: UUID(int=next(ids)),
        user="tester",
        initiator_type="user",
        job_id="lab",
    )
    return Lab(place, world)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Write the lab once and load its export once."""
    folder = tmp_path_factory.mktemp("lab") / "template"
    rows = write_lab(folder)
    configuration = load(folder / "export")
    return Template(folder, rows, configuration, RuleBook(configuration))


@pytest.fixture
def new_lab(template: Template, tmp_path: Path, noon: datetime) -> Iterator[Callable[[], Lab]]:
    """Make workspaces; every one is fresh."""
    made: list[Lab] = []

    def make() -> Lab:
        made.append(open_lab(template, tmp_path / f"lab-{len(made)}", noon))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def lab(new_lab: Callable[[], Lab]) -> Lab:
    """A fresh workspace of the lab."""
    return new_lab()
