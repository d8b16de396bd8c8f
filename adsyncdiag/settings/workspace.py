"""Where a workspace lies: the folder with `adsyncdiag.toml`, `state.db` and `reports/` (cli.md)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from adsyncdiag.errors import ConfigurationError

INIT_HINT = (
    'Create a workspace with "adsyncdiag init EXPORT_DIR", or name another one with --workspace or ADSYNCDIAG_HOME.'
)


def find_workspace(option: Path | None = None) -> Path:
    r"""Return the absolute folder of the workspace: *option*, else ADSYNCDIAG_HOME, else the platform's data folder.

    That is `%LOCALAPPDATA%\adsyncdiag` on Windows, `~/Library/Application Support/adsyncdiag` on macOS, and
    `$XDG_DATA_HOME/adsyncdiag` elsewhere (`~/.local/share/adsyncdiag` by the XDG Base Directory Specification). It need not exist.
    """
    named = option or (Path(home) if (home := os.environ.get("ADSYNCDIAG_HOME")) else None)
    try:
        return (named.expanduser() if named else _data_folder() / "adsyncdiag").absolute()
    except RuntimeError:
        raise ConfigurationError("this account has no home directory", hint=INIT_HINT) from None


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    xdg = os.environ.get("XDG_DATA_HOME", "")
    return Path(xdg) if xdg.startswith("/") else Path.home() / ".local" / "share"
