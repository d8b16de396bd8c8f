"""Where the workspace is looked for, in which order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.settings import find_workspace


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give the test a home directory of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """--workspace, then ADSYNCDIAG_HOME; both may be relative or start with ~, the answer is absolute."""
    monkeypatch.setenv("ADSYNCDIAG_HOME", "~/from-environment")
    monkeypatch.chdir(tmp_path)
    assert find_workspace(Path("given")) == tmp_path / "given"
    assert find_workspace() == tmp_path / "from-environment"
    monkeypatch.setenv("ADSYNCDIAG_HOME", "relative")
    assert find_workspace(None) == tmp_path / "relative"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", ".local/share/adsyncdiag"),
        ("darwin", "Library/Application Support/adsyncdiag"),
        ("win32", "AppData/Local/adsyncdiag"),
    ],
)
def test_the_platforms_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, expected: str
) -> None:
    """The default of each platform; an empty ADSYNCDIAG_HOME does not count."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("ADSYNCDIAG_HOME", "")
    assert find_workspace() == tmp_path / expected


def test_the_platforms_own_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_DATA_HOME where it is absolute (the specification says to ignore it otherwise), LOCALAPPDATA on Windows."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert find_workspace() == tmp_path / "data" / "adsyncdiag"
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert find_workspace() == tmp_path / ".local" / "share" / "adsyncdiag"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert find_workspace() == tmp_path / "local" / "adsyncdiag"


def test_an_unknown_home_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that starts at the home of nobody is refused with a hint."""
    with pytest.raises(ConfigurationError, match="no home directory"):
        find_workspace(Path("~no-such-account-here/x"))
