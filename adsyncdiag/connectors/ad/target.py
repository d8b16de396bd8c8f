"""Where a live domain is reached and as whom: the settings of `[ad."<connector>"]`, checked before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from adsyncdiag.errors import ConfigurationError

_PORTS = {"ldaps": 636, "ldap": 389}
_CATALOG_PORTS = (3268, 3269)


@dataclass(frozen=True, slots=True)
class Target:
    """One server and one account; *timeout* in seconds, for connecting and for each answer."""

    connector: str
    host: str
    port: int
    ldaps: bool
    """True: TLS from the first byte. False: StartTLS ([RFC 4511] 4.14) before anything else."""
    user: str
    ca_file: str
    timeout: float

    @property
    def url(self) -> str:
        """The address as messages show it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ldaps' if self.ldaps else 'ldap'}://{host}:{self.port}"

    def setting(self, key: str) -> str:
        """Return how adsyncdiag.toml names a setting of this connector."""
        return setting(self.connector, key)

    @property
    def password_variable(self) -> str:
        """The environment variable that holds the password (design: cli.md, Common)."""
        return "ADSYNCDIAG_AD_PASSWORD__" + re.sub(r"[^A-Z0-9]", "_", self.connector.upper())


def setting(connector: str, key: str) -> str:
    """Return how adsyncdiag.toml names the setting *key* of a connector, such as `[ad."contoso.com"] url`."""
    return f'[ad."{connector}"] {key}'


def target(connector: str, url: str, *, user: str, ca_file: str, start_tls: bool, timeout: float) -> Target:
    """Return the checked target; raise `ConfigurationError` for a URL that would not do, or that would do harm."""
    place = setting(connector, "url")
    scheme, host, port = _parts(url, place)
    if scheme == "ldap" and not start_tls:
        raise ConfigurationError(
            f"{url} is not encrypted, so the password would travel in clear text",
            element=place,
            hint=f"Use ldaps://{host}, or set {setting(connector, 'start_tls')} = true.",
        )
    if scheme == "ldaps" and start_tls:
        raise ConfigurationError(
            "ldaps:// is encrypted from the first byte, StartTLS encrypts an ldap:// connection: choose one",
            element=setting(connector, "start_tls"),
            hint=f"Remove start_tls, or write the url as ldap://{host}.",
        )
    if port in _CATALOG_PORTS:
        raise ConfigurationError(
            f"port {port} is the global catalog, which has only some attributes of each object; the missing ones "
            "would be taken for deleted",
            element=place,
            hint=f"Use {scheme}://{host} with port {_PORTS[scheme]}.",
        )
    if not user.strip():
        raise ConfigurationError(
            "no account is named to bind with", element=setting(connector, "user"), hint='Such as "svc@contoso.com".'
        )
    if timeout <= 0:
        raise ConfigurationError(f"a time-out of {timeout} s is none", element=setting(connector, "timeout"))
    return Target(connector, host, port or _PORTS[scheme], scheme == "ldaps", user, ca_file, timeout)


def _parts(url: str, place: str) -> tuple[str, str, int | None]:
    """Split *url* into scheme, host and port; a path or a name in front of the host is refused, not ignored."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query or parts.fragment or "@" in url:
        raise ConfigurationError(
            f"{url!r} is not the address of a directory server",
            element=place,
            hint='Write it as "ldaps://dc1.contoso.com", with ":636" only where the port is another one.',
        )
    return parts.scheme, host, port
