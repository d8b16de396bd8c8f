"""The two files a lab tenant lives in, so that a write costs the change and not the population.

* `tenant.json`, the snapshot: a whole tenant as `document.py` describes it. Replaced as a whole: written beside, flushed to
  the disk, renamed over the old one, mode 0600.
* `tenant.journal`: what changed since. The first line names the journal, `{"journal": "<id>"}`; each further line is the JSON
  array of one transaction, `[[verb, subject, value], ...]`. A transaction is appended with a single write before it is visible
  in memory, so a process that is killed loses nothing it has answered for; a last line without its line break was never
  answered and is cut off by the next writer. A power failure may lose the last moments, which a lab can bear.

Folding writes snapshot plus journal as a new snapshot that names a new journal. A journal that the snapshot does not name is
left over from a fold that was interrupted behind the rename; its changes are in the snapshot, and it is removed.

Several processes share the files: writers and folders hold `tenant.lock` (an operating-system lock, gone with its process)
and read what others appended before they validate; readers compare file sizes and read on when something was appended.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import orjson

from adsyncdiag.connectors.lab.directory import Directory, Operation
from adsyncdiag.connectors.lab.document import Json, check_document
from adsyncdiag.errors import ConfigurationError

FOLD_AT = 1 << 20
"""A journal longer than this, and than a quarter of the snapshot, is folded when the tenant is opened (bytes)."""

Stamp = tuple[int, int, int]


class Loaded(NamedTuple):
    """What reading the files gave."""

    directory: Directory
    snapshot: Stamp
    identity: bytes
    """First line of the journal that continues the snapshot."""
    offset: int
    """Bytes of the journal that are in *directory*; 0 when there is no journal yet."""


class Journal:
    """The files of one tenant; knows nothing of Graph."""

    def __init__(self, snapshot: Path) -> None:
        self.snapshot = snapshot
        self.path = snapshot.with_suffix(".journal")
        self._lock = snapshot.with_suffix(".lock")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the files against other processes."""
        try:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"cannot be opened: {error.strerror}", file=str(self._lock)) from None
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def load(self) -> Loaded:
        """Read both files; raise `ConfigurationError` when one is missing, unreadable or damaged. The lock must be held."""
        try:
            stamp = self.stamp()
            document = check_document(orjson.loads(self.snapshot.read_bytes()), str(self.snapshot))
        except OSError as error:
            hint = "`adsyncdiag lab init DIR` makes a workspace with a tenant"
            raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(self.snapshot), hint=hint) from None
        except orjson.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise ConfigurationError(f"{place}: {error.msg}", file=str(self.snapshot)) from None
        named = document.get("journal")
        directory = Directory(document, str(self.snapshot))
        identity = _header(str(named)) if named else b""
        content = self._bytes()
        if not content:
            return Loaded(directory, stamp, identity, 0)
        first = content[: content.find(b"\n") + 1]
        if identity and first != identity:
            self.path.unlink()
            return Loaded(directory, stamp, identity, 0)
        end = self._replay(directory, content, len(first))
        return Loaded(directory, stamp, first, end)

    def fold(self, loaded: Loaded) -> Loaded:
        """Write snapshot and journal as one new snapshot. The lock must be held."""
        name = uuid4().hex
        content = loaded.directory.document() | {"journal": name}
        replace_file(self.snapshot, _pretty(content))
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        return Loaded(loaded.directory, self.stamp(), _header(name), 0)

    def grown(self, loaded: Loaded) -> bool:
        """Say whether folding is worth it."""
        return loaded.offset > max(FOLD_AT, loaded.snapshot[2] // 4)

    def catch_up(self, loaded: Loaded) -> Loaded | None:
        """Apply what other processes appended; None when the files were replaced and have to be loaded anew.

        Two calls to the operating system when nothing happened.
        """
        try:
            if self.stamp() != loaded.snapshot:
                return None
            size = self._size()
        except FileNotFoundError:
            return None  # the snapshot is gone; `load` says so
        except OSError as error:
            raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(self.snapshot)) from None
        if size == loaded.offset:
            return loaded
        if size < loaded.offset or not loaded.offset:
            return None
        content = self._bytes()  # in one go: the file may be folded away between two reads
        if not content.startswith(loaded.identity):
            return None
        return loaded._replace(offset=self._replay(loaded.directory, content, loaded.offset))

    def append(self, loaded: Loaded, operations: Sequence[Operation]) -> Loaded:
        """Write one transaction; raise `ConfigurationError` when it cannot be, and nothing is left of it. Hold the lock."""
        line = orjson.dumps([[o.verb, o.subject, o.value] for o in operations]) + b"\n"
        identity = loaded.identity or _header(uuid4().hex)
        if not loaded.offset:
            line = identity + line
        descriptor = -1
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            if os.fstat(descriptor).st_size > loaded.offset:
                os.ftruncate(descriptor, loaded.offset)
            os.lseek(descriptor, loaded.offset, os.SEEK_SET)
            if os.write(descriptor, line) != len(line):
                os.ftruncate(descriptor, loaded.offset)
                raise ConfigurationError("the disk is full", file=str(self.path))
        except OSError as error:
            raise ConfigurationError(f"cannot be written: {error.strerror}", file=str(self.path)) from None
        finally:
            if descriptor >= 0:
                os.close(descriptor)
        return loaded._replace(identity=identity, offset=loaded.offset + len(line))

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def stamp(self) -> Stamp:
        """Return what changes when the snapshot is replaced; raise FileNotFoundError when it is not there."""
        found = self.snapshot.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _bytes(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(self.path)) from None

    def _replay(self, directory: Directory, content: bytes, start: int) -> int:
        """Apply the complete lines from *start*; return where they end."""
        end = content.rfind(b"\n") + 1
        for line in content[start:end].splitlines():
            try:
                for verb, subject, value in orjson.loads(line):
                    directory.apply(Operation(verb, subject, value))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise ConfigurationError(
                    "a line of the journal is damaged",
                    file=str(self.path),
                    hint="remove the file to go back to the snapshot",
                ) from None
        return max(start, end)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 as a whole: there is the old content or the new one, never a part.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise ConfigurationError(f"cannot be written: {error.strerror}", file=str(path)) from None


def write_tenant(path: Path, document: Mapping[str, Json]) -> None:
    """Write *document* (see `document.py`) as the tenant at *path*; one that is there, with its journal, is replaced.

    Raises `ConfigurationError` when the document is not a tenant, or the file cannot be written.
    """
    content = dict(document)
    content.pop("journal", None)
    check_document(content, str(path))
    journal = Journal(path)
    with journal.locked():
        replace_file(path, _pretty(content | {"journal": uuid4().hex}))
        with contextlib.suppress(FileNotFoundError):
            journal.path.unlink()


def _pretty(content: Mapping[str, Json]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself durable, before a journal that it replaces is removed."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _header(name: str) -> bytes:
    return orjson.dumps({"journal": name}) + b"\n"


def _lock(descriptor: int) -> None:
    """Wait for the lock; it ends with the descriptor or the process."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
