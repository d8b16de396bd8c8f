"""One LDAP connection to a domain controller: encrypted, verified, bound, and opened again once when it drops.

The only module that knows ldap3. Its defaults that do not suit us, each measured (lab notes, 2.9.1): certificates are not
verified; referrals are followed with our password; one address of a name is tried; an attribute outside the loaded schema
raises; `receive_timeout` takes whole seconds only; the socket of a failed opening stays open; a password is put through
SASLprep, which Active Directory does not do.
"""

from __future__ import annotations

import contextlib
import math
import ssl
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import ldap3
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPException,
    LDAPResponseTimeoutError,
    LDAPSessionTerminatedByServerError,
    LDAPStartTLSError,
)
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]

from adsyncdiag.connectors.ad import faults
from adsyncdiag.connectors.ad.convert import Entry
from adsyncdiag.connectors.ad.target import Target
from adsyncdiag.errors import ConfigurationError, ConnectorError, ConnectorUnreachable

# ldap3 decodes by hand and lets whatever a malformed answer causes escape
_LIBRARY = (
    LDAPException,
    PyAsn1Error,
    OSError,
    struct.error,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)
# Seconds after which an unused connection is not trusted: firewalls forget it without a word, and waiting for the answer
# would cost the whole time-out. A domain controller itself ends it after 900 s (MaxConnIdleTime, LDAP policy).
_IDLE = 240.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search brought: the result code, the entries, and what the server added."""

    code: int
    entries: tuple[Entry, ...] = ()
    message: str = ""
    nearest: str = ""
    """matchedDN: with noSuchObject the lowest container that is there."""
    referrals: tuple[str, ...] = field(default=())


class Session:
    """A connection that opens on first use; *password* is asked again for every bind and kept nowhere."""

    def __init__(self, target: Target, password: Callable[[], str]) -> None:
        self.target = target
        self._password = password
        self._connection: ldap3.Connection | None = None
        self._used = 0.0
        self.opened = 0
        """How many connections there have been."""

    def __repr__(self) -> str:
        return f"Session({self.target.url!r}, {self.target.user!r})"

    def search(self, base: str, condition: str, attributes: Sequence[str]) -> Answer:
        """Read the entry named *base* if it meets the filter *condition*.

        Raises `ConnectorUnreachable` and `ConnectorRefused` for what happens to the connection; the result code is the
        caller's to judge. A connection that turns out to be dead is opened again, once.
        """
        try:
            return self._search(base, condition, attributes)
        except _Dropped:
            try:
                return self._search(base, condition, attributes)
            except _Dropped as error:
                raise ConnectorUnreachable(
                    f"{self.target.url} ended the connection in the middle of a search, twice",
                    hint="Look at the domain controller's Directory Service log, and for a firewall that cuts connections.",
                    code="dropped-connection",
                ) from error

    def encryption(self) -> str:
        """Return the TLS version and cipher of the open connection; empty when it is not open."""
        connection = self._connection
        secured = connection.socket if connection is not None else None
        if not isinstance(secured, ssl.SSLSocket):
            return ""
        cipher = secured.cipher()
        return f"{secured.version()}, {cipher[0]}" if cipher else f"{secured.version()}"

    def close(self) -> None:
        """Say goodbye and close the socket; more than once does no harm."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_LIBRARY):  # the server may be gone already
                connection.unbind()
            _discard(connection)

    def _search(self, base: str, condition: str, attributes: Sequence[str]) -> Answer:
        if self._connection is not None and time.monotonic() - self._used > _IDLE:
            self.close()
        connection = self._connection = self._connection or self._open()
        self._used = time.monotonic()
        try:
            connection.search(base, condition, ldap3.BASE, ldap3.DEREF_NEVER, list(attributes))
            return _answer(connection.result, connection.response)
        except _LIBRARY as error:
            self._forget()  # whatever failed, the state of the connection is unknown now
            raise self._interrupted(error, f"reading {base or 'the root DSE'}") from error

    def _interrupted(self, error: Exception, doing: str) -> Exception:
        """Return our error for a failure of the library; `_Dropped` where another try may help."""
        if isinstance(error, TimeoutError | LDAPResponseTimeoutError):
            return faults.timed_out(self.target, doing, run_step="dropped-connection")
        if isinstance(error, OSError | LDAPCommunicationError):
            return _Dropped(doing)
        return ConnectorUnreachable(
            f"{self.target.url} gave an answer that cannot be understood while {doing}",
            hint=f"Check that {self.target.setting('url')} names a domain controller.",
            code="failed-search",
        )

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            _discard(connection)

    def _open(self) -> ldap3.Connection:
        secret = self._password()
        if not secret:
            # [RFC 4513] 5.1.2: a name with an empty password binds, as nobody; the directory then looks empty
            raise ConfigurationError(
                f"the password of {self.target.user} is empty",
                element=self.target.setting("user"),
                hint=f"Set {self.target.password_variable}.",
            )
        tls = _VerifiedTls(_trust(self.target), self.target.host)
        connection = _connection(self.target, tls, secret)
        try:
            connection.open(read_server_info=False)
            if not self.target.ldaps:
                connection.start_tls(read_server_info=False)
            connection.bind(read_server_info=False)
            code, message = int(connection.result["result"]), str(connection.result["message"])
        except _LIBRARY as error:
            _discard(connection)
            raise _opening_failed(self.target, tls, error) from error
        finally:
            connection.password = connection.request = None  # ldap3 keeps the bind request too
        if code:
            _discard(connection)
            raise faults.bind_refused(self.target, code, message)
        self.opened += 1
        return connection


class _Dropped(Exception):
    """The connection ended where an answer was due."""


class _VerifiedTls(ldap3.Tls):  # type: ignore[misc]  # ldap3 has no types
    """TLS as Python's own `ssl` does it by default, host name included, which keeps the reason of a failure."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context
        self._host = host
        self.failure: Exception | None = None

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Negotiate TLS on the connection's socket; ldap3 would keep only the text of what goes wrong."""
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host)
        except (OSError, ValueError) as error:
            self.failure = error
            raise


def _trust(target: Target) -> ssl.SSLContext:
    """Return a context that trusts the authorities of *ca_file*, or those of the system where none is named."""
    try:
        return ssl.create_default_context(cafile=target.ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"{target.ca_file} cannot be read as certificates in PEM form ({faults.printable(str(error))})",
            element=target.setting("ca_file"),
            hint="Name a file with the certificate of the authority, -----BEGIN CERTIFICATE----- and so on.",
        ) from error


def _connection(target: Target, tls: _VerifiedTls, secret: str) -> ldap3.Connection:
    server = ldap3.Server(
        target.host,
        port=target.port,
        use_ssl=target.ldaps,
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=target.timeout,
        mode=ldap3.IP_V4_PREFERRED,  # the default tries one address only
    )
    return ldap3.Connection(
        server,
        user=target.user,
        password=secret.encode(),  # bytes go out as they are
        authentication=ldap3.SIMPLE,
        client_strategy=ldap3.SYNC,
        receive_timeout=max(1, math.ceil(target.timeout)),
        read_only=True,
        auto_referrals=False,
        auto_range=False,
        return_empty_attributes=False,
        check_names=False,
        auto_escape=False,
        raise_exceptions=False,
    )


def _discard(connection: ldap3.Connection) -> None:
    """Close the socket whatever ldap3 thinks of it."""
    secured, connection.socket = connection.socket, None
    connection.closed = True
    if secured is not None:
        with contextlib.suppress(OSError):
            secured.close()


def _opening_failed(target: Target, tls: _VerifiedTls, error: Exception) -> ConnectorError:
    if tls.failure is not None:
        return faults.tls_failed(target, tls.failure)
    if isinstance(error, LDAPStartTLSError):
        return ConnectorUnreachable(
            f"{target.url} does not start TLS: {faults.printable(str(error))}",
            hint="Give the domain controller a server certificate, or use ldaps://.",
        )
    # of several addresses each failed in its own way: LDAPSocketOpenError(text, [(exception, address), ...])
    history = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], list) else []
    causes = [error, *(cause for cause, _ in history)]
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return faults.timed_out(target, "connecting")
    if "invalid server address" in str(error):
        return ConnectorUnreachable(
            f"The name {target.host} is not known to the network (DNS)",
            hint=f"Check {target.setting('url')}.",
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return ConnectorUnreachable(
            f"{target.url} refused the connection: nothing listens there",
            hint=f"Check that the server is up, and {target.setting('url')}.",
        )
    if isinstance(error, ConnectionError | LDAPSessionTerminatedByServerError):
        return ConnectorUnreachable(
            f"{target.url} ended the connection before the account was bound",
            hint=f"Check that {target.setting('url')} names a domain controller, and its Directory Service log.",
        )
    return ConnectorUnreachable(
        f"No connection to {target.url}: {faults.printable(str(error))}",
        hint=f"Check the network and {target.setting('url')}.",
    )


def _answer(result: dict[str, object], response: list[dict[str, object]]) -> Answer:
    """Return what ldap3 left in its two attributes; continuation references of the search are not entries."""
    entries = tuple(_entry(item) for item in response if item["type"] == "searchResEntry")
    referrals = result["referrals"]
    return Answer(
        code=int(str(result["result"])),
        entries=entries,
        message=str(result["message"]),
        nearest=str(result["dn"]),
        referrals=tuple(str(uri) for uri in referrals) if isinstance(referrals, list | tuple) else (),
    )


def _entry(item: dict[str, object]) -> Entry:
    raw = item["raw_attributes"]
    attributes = {str(name): tuple(values) for name, values in raw.items() if values} if hasattr(raw, "items") else {}
    return Entry(str(item["dn"]), attributes)
