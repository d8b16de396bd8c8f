"""A small server export of our own, and copies of it with one place changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.serverconfig.folder import load

FILES = {
    "ad": "Connectors/Connector_{11111111-aaaa-4bbb-8ccc-000000000001}.xml",
    "entra": "Connectors/Connector_{44444444-aaaa-4bbb-8ccc-000000000001}.xml",
    "mv": "GlobalSettings/MV.xml",
    "in": "SynchronizationRules/SynchronizationRule_{77777777-aaaa-4bbb-8ccc-000000000001}.xml",
    "out": "SynchronizationRules/SynchronizationRule_{77777777-aaaa-4bbb-8ccc-000000000002}.xml",
}

Edited = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def small_folder() -> Path:
    """The folder of the small export; not to be changed."""
    return Path(__file__).parent / "data" / "small-export"


@pytest.fixture(scope="session")
def small(small_folder: Path) -> ServerConfiguration:
    """The small export, loaded."""
    return load(small_folder)


@pytest.fixture(scope="session")
def contoso_configuration(contoso: Path) -> ServerConfiguration:
    """Microsoft's Contoso sample, loaded."""
    return load(contoso)


@pytest.fixture
def copied(small_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small export that a test may change."""
    return shutil.copytree(small_folder, tmp_path / "export")


@pytest.fixture
def edited(copied: Path) -> Edited:
    """Replace the first *old* in a file (`ad`, `entra`, `mv`, `in`, `out`) of a copy by *new*, and return the copy's folder."""

    def edit(file: str, old: str, new: str) -> Path:
        path = copied / FILES[file]
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return copied

    return edit
