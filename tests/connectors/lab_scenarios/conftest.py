"""One lab for all tests of its contents, since each of them only reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import LabObject
from adsyncdiag.connectors.lab.scenarios.lab import write_lab
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.serverconfig.folder import load


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[LabObject, ...]]:
    """The lab's folder with the rows that came with it."""
    folder = tmp_path_factory.mktemp("workspace") / "lab"
    return folder, write_lab(folder)


@pytest.fixture(scope="session")
def lab_folder(written: tuple[Path, tuple[LabObject, ...]]) -> Path:
    """The lab's folder."""
    return written[0]


@pytest.fixture(scope="session")
def rows(written: tuple[Path, tuple[LabObject, ...]]) -> tuple[LabObject, ...]:
    """The lab's table."""
    return written[1]


@pytest.fixture(scope="session")
def configuration(lab_folder: Path) -> ServerConfiguration:
    """The lab's server export, loaded."""
    return load(lab_folder / "export")
