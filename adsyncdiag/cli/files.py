"""Paths that options name, and results written to them: checked before a run begins, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from adsyncdiag.errors import ConfigurationError, UsageError


def path_of(text: str) -> Path:
    """Return the path that an option names; raise `UsageError` for "", which is a variable that was not set, not this folder."""
    if not text.strip():
        raise UsageError("a path is empty", hint="Was a variable not set? Write . for the current folder.")
    if "\0" in text:
        raise UsageError(f"{text!r} is no path")
    return Path(text)


def require_file(path: Path) -> None:
    """Raise `UsageError` unless *path* can be a file that is written; nothing is written yet."""
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder, and a file is to be written", hint="Name a file in it.")
        _require_writable(path if _is_device(path) else path.resolve().parent, path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def require_folder(path: Path) -> None:
    """Raise `UsageError` unless *path* is a folder to write into, or can become one; nothing is made yet."""
    try:
        whole = path.resolve()
        there = next(part for part in (whole, *whole.parents) if part.exists())
        _require_writable(there, path)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def save(data: bytes, path: Path) -> None:
    """Write *data* to *path*, readable by the owner only, whole or not at all; raises `ConfigurationError`.

    A link keeps pointing at its file. A pipe or a device is written to, never replaced.
    """
    try:
        if _is_device(path):
            path.write_bytes(data)
            return
        target = path.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from error


def save_new(data: bytes, path: Path) -> None:
    """Write *data* to *path*, readable by the owner only, in folders made where needed; raises `ConfigurationError`, so when it exists."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritten(path, error) from error


def _is_device(path: Path) -> bool:
    """Say whether something other than a file or a folder stands at *path*, such as /dev/stdout or a named pipe."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _require_writable(place: Path, asked: Path) -> None:
    if not place.exists():
        raise _unusable(asked, f"there is no folder {place}")
    if not place.is_dir() and not _is_device(place):
        raise _unusable(asked, f"{place} is no folder")
    if not os.access(place, os.W_OK):
        raise _unusable(asked, f"this account may not write to {place}")


def _unusable(path: Path, reason: str) -> UsageError:
    return UsageError(f"{path} cannot be written: {reason}", hint="Nothing was done. Choose another place.")


def _unwritten(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be written: {error.strerror or error}", hint="Choose another place.")
