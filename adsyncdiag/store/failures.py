"""What SQLite's errors mean to an administrator: one message that names the file, one hint that says what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from adsyncdiag.errors import AdSyncDiagError, Busy, StoreError

_RESTORE = (
    "Restore it from a backup, or move it away and run an initial cycle: a new one is built from both directories."
)
_RIGHTS = "The account that runs the command needs to write to the file and to its folder (SQLite keeps -wal and -shm beside it)."

# Primary result codes: https://www.sqlite.org/rescode.html
_MEANINGS = {
    sqlite3.SQLITE_NOTADB: ("is not a database", f"Is [store] url right? If so the file was overwritten. {_RESTORE}"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _RESTORE),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "Make room, then run the command again; nothing of it was stored."),
    sqlite3.SQLITE_READONLY: ("cannot be written", _RIGHTS),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", _RIGHTS),
    sqlite3.SQLITE_PERM: ("cannot be opened", _RIGHTS),
    sqlite3.SQLITE_AUTH: ("cannot be opened", _RIGHTS),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk reports an error", "Look at the system's log and the disk, then run the command again."),
    sqlite3.SQLITE_TOOBIG: ("cannot hold an object of more than 1,000,000,000 bytes", "Leave the attribute that is so large out of the connector's inclusion list."),
    sqlite3.SQLITE_CONSTRAINT: ("refuses a change that would make it inconsistent", "This is a defect of adsyncdiag, please report it; nothing was stored."),
}  # fmt: skip


def translated(error: sqlite3.Error, file: Path) -> AdSyncDiagError:
    """Return what to raise instead of *error*: `Busy` when another process has locked *file*, else `StoreError`."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(
            f"{file}: another process is writing to the database and did not finish in time",
            hint="Try again in a moment; if it lasts, look for another adsyncdiag command or a backup that holds the file.",
        )
    what, hint = _MEANINGS.get(primary or -1, ("cannot be used", ""))
    return StoreError(f"the workspace's database {what} ({error})", hint=hint, file=str(file))


def cannot_create(error: OSError, file: Path) -> StoreError:
    """Return what to raise when the operating system does not let us create *file*."""
    hint = _RIGHTS
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        hint = f"The folder {file.parent} has to exist: name it in [store] url, or create the workspace with adsyncdiag init."
    reason = error.strerror or type(error).__name__
    return StoreError(f"the workspace's database cannot be created ({reason})", hint=hint, file=str(file))
