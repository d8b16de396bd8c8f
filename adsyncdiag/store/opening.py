"""Which database a workspace uses: the setting `[store] url`."""

from __future__ import annotations

from pathlib import Path

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.ports import Store

_EXAMPLE = 'Write it as url = "sqlite:state.db", a file in the workspace, or "sqlite:/var/lib/adsyncdiag/state.db".'


def open_store(url: str, workspace: Path) -> Store:
    """Return the store that *url* names; a relative file lies in *workspace*.

    `sqlite:FILE` is the only scheme; the file is created, readable by its owner only, when it is not there. Raises
    `ConfigurationError` for another scheme or no file, `StoreError` when the file cannot be opened. A message names the
    scheme only, for the rest of a database's URL may hold a password.
    """
    scheme, colon, file = url.partition(":")
    if not colon or scheme.strip().lower() != "sqlite":
        shown = scheme.strip() if colon else "no scheme"
        raise ConfigurationError(
            f"{shown!r} is not a database this version knows", hint=_EXAMPLE, element="[store] url"
        )
    # Three slashes mean a relative file to some libraries and an absolute one to others: ask instead of guessing.
    if not file.strip() or file.startswith("//"):
        raise ConfigurationError("it names no file", hint=_EXAMPLE, element="[store] url")
    from adsyncdiag.store.sqlite import SqliteStore  # sqlite3 and orjson cost milliseconds that --help need not pay

    return SqliteStore(workspace / file.strip())
