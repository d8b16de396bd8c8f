"""Puts a report into its folder: whole or not at all, never over another one, for its owner's eyes (cli.md "Report file")."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp

from adsyncdiag.errors import ConfigurationError

PREFIX = "ADSyncSingleObjectSyncResult-"


def write_report(html: str, folder: Path, now: datetime) -> Path:
    """Write *html* into *folder* as `ADSyncSingleObjectSyncResult-<yyyyMMddHHmmss>.htm` and return its path.

    *now* is local time, as in the product's name. A name that is taken gets `-2`, `-3`... The file has mode 0600, a folder made
    for it 0700. Raise `ConfigurationError` with the path when the folder cannot be made or written.
    """
    try:
        _make(folder)
        handle, name = mkstemp(dir=folder, prefix=f".{PREFIX}", suffix=".tmp")  # mode 0600, created exclusively
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(html.encode("utf-8", "backslashreplace"))
            return _publish(temporary, f"{PREFIX}{now:%Y%m%d%H%M%S}")
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"the report cannot be written: {error.strerror or error}",
            hint="Choose another folder with --report-dir, or leave the report out with --no-html-report.",
            file=str(folder),
        ) from error


def _make(folder: Path) -> None:
    """Make the folder and those above it that are missing, each for its owner only (`parents=True` would follow the umask)."""
    if not folder.parent.exists():
        _make(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _publish(temporary: Path, stem: str) -> Path:
    """Give the finished file the first free name."""
    path, number = temporary.with_name(f"{stem}.htm"), 1
    while not _appears(temporary, path):
        number += 1
        path = temporary.with_name(f"{stem}-{number}.htm")
    return path


def _appears(temporary: Path, path: Path) -> bool:
    """Make the file appear at *path* at once and say so; False when the name is taken.

    A hard link is the one operation that does both. Where the file system has none (FAT, some shares) the name is taken first
    and then replaced; a reader may see an empty file for a moment there, never half of one.
    """
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        temporary.replace(path)
    return True
