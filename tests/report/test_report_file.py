"""The report's file: named as the product's, private, never over another, never half."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.report.write import write_report

NOW = datetime(2026, 3, 2, 13, 4, 5, tzinfo=timezone(timedelta(hours=1)))
NAME = "ADSyncSingleObjectSyncResult-20260302130405"


def test_name_and_rights(tmp_path: Path) -> None:
    """The file is named after local time and is for its owner alone, as is a folder that was made for it."""
    path = write_report("<p>ä</p>", tmp_path / "reports" / "ADSyncObjectDiagnostics", NOW)
    assert path.name == f"{NAME}.htm"
    assert path.read_bytes() == "<p>ä</p>".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_taken_names_are_left_alone(tmp_path: Path) -> None:
    """A name that exists, be it a dangling link, gets a number; what was there stays."""
    (tmp_path / f"{NAME}.htm").write_text("older")
    (tmp_path / f"{NAME}-2.htm").symlink_to(tmp_path / "nowhere")
    assert write_report("new", tmp_path, NOW).name == f"{NAME}-3.htm"
    assert (tmp_path / f"{NAME}.htm").read_text() == "older"
    assert not (tmp_path / "nowhere").exists()


def test_many_at_once(tmp_path: Path) -> None:
    """Reports written at the same moment each get a file of their own, and nothing else is left behind."""
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda n: write_report(f"{n}", tmp_path, NOW), range(24)))
    assert {path.read_text() for path in paths} == {f"{n}" for n in range(24)}
    assert len(list(tmp_path.iterdir())) == 24


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system has no hard links the report is written all the same, and still over nothing."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    names = [write_report(text, tmp_path, NOW).name for text in ("one", "two")]
    assert names == [f"{NAME}.htm", f"{NAME}-2.htm"]
    assert (tmp_path / names[0]).read_text() == "one"
    assert stat.S_IMODE((tmp_path / names[1]).stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that cannot be made is a configuration error that names it and says what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file") as caught:
        write_report("x", tmp_path / "file" / "reports", NOW)
    assert "--report-dir" in caught.value.hint


def test_nothing_is_left_of_a_failed_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full no file remains, whole or half."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(os, "open", full)
    with pytest.raises(ConfigurationError):
        write_report("x", tmp_path, NOW)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
