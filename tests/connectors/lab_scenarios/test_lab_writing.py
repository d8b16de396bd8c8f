"""`write_lab`: what it refuses, what it writes, and with which rights."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tomllib
from pathlib import Path

import pytest

from adsyncdiag.connectors.lab.document import check_document
from adsyncdiag.connectors.lab.scenarios.lab import write_lab
from adsyncdiag.connectors.lab.tenant import LabTenant
from adsyncdiag.errors import EXIT_CONFIGURATION, ConfigurationError


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_folder_with_anything_in_it_is_refused_and_stays_as_it_was(tmp_path: Path) -> None:
    """A non-empty folder is a configuration error with exit code 3, and nothing is added to it."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="new or an empty folder") as raised:
        write_lab(tmp_path)
    assert raised.value.exit_code == EXIT_CONFIGURATION
    assert _files(tmp_path) == {"notes.txt": b"mine"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A path that is a file is a configuration error, not an error of the operating system."""
    taken = tmp_path / "lab"
    taken.write_text("")
    with pytest.raises(ConfigurationError, match="new or an empty folder"):
        write_lab(taken)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A parent that is a file gives a configuration error that names the path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError) as raised:
        write_lab(tmp_path / "file" / "lab")
    assert str(tmp_path / "file") in str(raised.value)


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """A folder that exists and is empty becomes the workspace."""
    write_lab(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "adsyncdiag.toml",
        "client_secret",
        "export",
        "forest.ldif",
        "tenant.json",
        "unreadable.txt",
    }


def test_two_labs_differ_in_their_secret_only(lab_folder: Path, tmp_path: Path) -> None:
    """Every file but the secret, and the hash of it in the tenant, is the same each time."""
    write_lab(tmp_path / "other")
    first, second = _files(lab_folder), _files(tmp_path / "other")
    differing = {name for name in second if first[name] != second[name]}
    assert differing == {"client_secret", "tenant.json"}
    ours, theirs = json.loads(first["tenant.json"]), json.loads(second["tenant.json"])
    assert ours.pop("applications") != theirs.pop("applications")
    assert ours == theirs


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
@pytest.mark.parametrize("name", ["client_secret", "tenant.json"])
def test_what_holds_a_secret_is_private(lab_folder: Path, name: str) -> None:
    """The client secret and the tenant are readable by their owner only."""
    assert stat.S_IMODE((lab_folder / name).stat().st_mode) == 0o600


def test_the_secret_is_in_its_own_file_only(lab_folder: Path) -> None:
    """No other file holds the client secret; the tenant knows it by its hash, and accepts it."""
    secret = (lab_folder / "client_secret").read_text().strip()
    assert len(secret) >= 40
    assert [name for name, data in _files(lab_folder).items() if secret.encode() in data] == ["client_secret"]
    [application] = LabTenant(lab_folder / "tenant.json").applications()
    assert application.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert application.accepts(secret)


def test_the_settings_name_files_that_are_there(lab_folder: Path) -> None:
    """The settings are those of a lab that exports, and each file they name exists."""
    settings = tomllib.loads((lab_folder / "adsyncdiag.toml").read_text())
    tenant = json.loads((lab_folder / "tenant.json").read_text(encoding="utf-8"))
    entra = settings["entra"]
    assert entra["lab"] is True
    assert entra["export"] is True
    assert entra["tenant_id"] == tenant["organization"]["id"]
    assert entra["client_id"] == tenant["applications"][0]["client_id"]
    assert entra["graph_root"].endswith(".invalid")
    assert entra["authority"].endswith(".invalid")
    assert set(settings["ad"]) == {"contoso.com", "fabrikam.com"}
    named = [settings["server"]["export"], entra["client_secret_file"], *(ad["ldif"] for ad in settings["ad"].values())]
    assert all((lab_folder / name).exists() for name in named)


def test_the_tenant_is_one_that_the_lab_service_accepts(lab_folder: Path) -> None:
    """Every object of the tenant has Graph's properties only, an id of its own, and the tenant masters itself."""
    document = check_document(json.loads((lab_folder / "tenant.json").read_text(encoding="utf-8")), "tenant.json")
    organization = document["organization"]
    assert isinstance(organization, dict)
    assert not organization["onPremisesSyncEnabled"]
    domains = {str(domain["name"]) for domain in organization["verifiedDomains"]}
    assert domains == {"contoso.com", "fabrikam.com", "contoso.onmicrosoft.com"}
