"""A lab tenant: the directory of `tenant.json` with its journal, its applications and its tokens.

The file's format is described in `document.py`, the way it is kept in `journal.py`. A `LabTenant` may be used by any number
of threads, and by several processes at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adsyncdiag.connectors.lab.directory import Directory, Operation
from adsyncdiag.connectors.lab.document import Entity, Json, entities
from adsyncdiag.connectors.lab.journal import Journal, Loaded
from adsyncdiag.connectors.lab.permissions import GRANTED


@dataclass(frozen=True, slots=True)
class Application:
    """One registered application that may ask for tokens."""

    client_id: str
    secret: str = field(default="", repr=False)
    """In the clear, as the lab's own client needs it; empty when the file has a hash only."""
    secret_sha256: str = field(default="", repr=False)
    roles: tuple[str, ...] = GRANTED
    """Application permissions, such as `User.ReadWrite.All`."""

    def accepts(self, secret: str) -> bool:
        """Say whether *secret* is this application's; takes the same time either way."""
        expected = self.secret_sha256.lower() or hashlib.sha256(self.secret.encode()).hexdigest()
        given = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        return hmac.compare_digest(given, expected) and bool(self.secret or self.secret_sha256)


@dataclass(frozen=True, slots=True)
class Domain:
    """One verified domain."""

    name: str
    default: bool
    initial: bool
    federated: bool
    capabilities: str


class Transaction:
    """One write in the making: what `record` collects is written, and seen, when the `with` block ends without an error."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.operations: list[Operation] = []

    def record(self, verb: str, subject: str, value: Json = None) -> None:
        """Add one change (see `directory.Operation`)."""
        self.operations.append(Operation(verb, subject, value))


class LabTenant:
    """The tenant kept at *path*; nothing is read before it is first used.

    *clock* gives the time for tokens and time stamps. Every method may raise `ConfigurationError` when the file is missing,
    damaged or cannot be written.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = Path(path)
        self.clock = clock
        self._journal = Journal(self.path)
        self._lock = threading.RLock()
        self._loaded: Loaded | None = None
        self.tokens: dict[str, tuple[float, Application]] = {}
        """Access tokens given out by this process: when they end (POSIX seconds) and for whom. In memory only."""

    @contextlib.contextmanager
    def reading(self) -> Iterator[Directory]:
        """Give the directory as it is now, unchanging until the `with` block ends."""
        with self._lock:
            yield self._current().directory

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a transaction that nobody interferes with; an exception inside leaves everything as it was."""
        with self._lock, self._journal.locked():
            loaded = self._current(locked=True)
            transaction = Transaction(loaded.directory)
            yield transaction
            if transaction.operations:
                self._loaded = self._journal.append(loaded, transaction.operations)
                for operation in transaction.operations:
                    loaded.directory.apply(operation)

    @property
    def tenant_id(self) -> str:
        """Return the tenant's GUID."""
        return str(self.organization()["id"])

    def organization(self) -> Entity:
        """Return the section `organization` of the file."""
        with self.reading() as directory:
            found = directory.sections["organization"]
            return dict(found) if isinstance(found, dict) else {}

    def domains(self) -> tuple[Domain, ...]:
        """Return the verified domains."""
        return domains_of(self.organization())

    def applications(self) -> tuple[Application, ...]:
        """Return the registered applications with their secrets."""
        with self.reading() as directory:
            listed = entities(directory.sections["applications"], str(self.path), "applications")
        return tuple(
            Application(
                client_id=str(item["client_id"]),
                secret=str(item.get("secret") or ""),
                secret_sha256=str(item.get("secret_sha256") or ""),
                roles=_texts(item["roles"]) if "roles" in item else GRANTED,
            )
            for item in listed
        )

    def fold(self) -> None:
        """Bring the journal into `tenant.json`, so that the file alone is the whole tenant."""
        with self._lock, self._journal.locked():
            self._loaded = self._journal.fold(self._current(locked=True))

    def _current(self, *, locked: bool = False) -> Loaded:
        """Return the tenant as the files have it now; what other processes wrote since is read."""
        loaded, self._loaded = self._loaded, None  # forgotten should reading fail half-way
        if loaded is not None:
            loaded = self._journal.catch_up(loaded)
        if loaded is None:
            with contextlib.nullcontext() if locked else self._journal.locked():
                loaded = self._journal.load()
                if self._journal.grown(loaded):
                    loaded = self._journal.fold(loaded)
        self._loaded = loaded
        return loaded


def domains_of(organization: Entity) -> tuple[Domain, ...]:
    """Return the verified domains of an organization."""
    listed = organization.get("verifiedDomains")
    return tuple(
        Domain(
            name=str(item.get("name") or ""),
            default=bool(item.get("isDefault")),
            initial=bool(item.get("isInitial")),
            federated=item.get("type") == "Federated",
            capabilities=str(item.get("capabilities") or ""),
        )
        for item in (listed if isinstance(listed, Sequence) else ())
        if isinstance(item, dict)
    )


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
