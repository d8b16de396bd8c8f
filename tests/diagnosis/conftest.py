"""The embedded lab, written once; each test gets a workspace of its own with fixed ids and a fixed clock."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.connectors.lab.scenarios.lab import LabObject, write_lab
from adsyncdiag.diagnosis.case import Question, World
from adsyncdiag.diagnosis.single_object import SingleObjectRun, run
from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.model.names import Dn
from adsyncdiag.model.trace import SyncRecord
from adsyncdiag.serverconfig.folder import load
from adsyncdiag.wiring import Workspace


@dataclass(frozen=True)
class Template:
    """The lab as `lab init` writes it, with its configuration loaded."""

    folder: Path
    rows: tuple[LabObject, ...]
    configuration: ServerConfiguration
    book: RuleBook


@dataclass
class Lab:
    """One workspace of the lab."""

    place: Workspace
    world: World

    def run(self, dn: str, *, staging: str = "", **parts: object) -> SingleObjectRun:
        """Take one object through the ten steps; *parts* replace parts of the world."""
        world = replace(self.world, **parts) if parts else self.world  # type: ignore[arg-type]
        return run(world, Question(Dn.parse(dn), staging))

    def record(self, dn: str, *, staging: str = "", **parts: object) -> SyncRecord:
        """The same, the record only."""
        return self.run(dn, staging=staging, **parts).record


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
    made: list[Workspace] = []

    def make() -> Lab:
        folder = tmp_path / f"lab-{len(made)}"
        shutil.copytree(template.folder, folder, ignore=shutil.ignore_patterns("export"))
        (folder / "export").symlink_to(template.folder / "export")
        place = Workspace(folder)
        place.configuration = template.configuration
        place.book = template.book
        made.append(place)
        ids = itertools.count(1)
        world = replace(
            place.world(),
            clock=lambda: noon,
            new_id=lambda: UUID(int=next(ids)),
            user="tester",
            initiator_type="user",
            job_id="lab",
        )
        return Lab(place, world)

    yield make
    for place in made:
        place.close()


@pytest.fixture
def lab(new_lab: Callable[[], Lab]) -> Lab:
    """A fresh workspace of the lab."""
    return new_lab()
