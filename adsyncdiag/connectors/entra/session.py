"""The HTTP session to Entra, and what its exceptions mean in our words.

One session serves Graph and the token service: same certificates, same proxies, same time-outs. `trust_env` is off, since
with it REQUESTS_CA_BUNDLE would overrule our `verify` and a .netrc our Authorization header (cmdlets-and-graph.md 7.1);
proxies of the environment are looked up for each request instead, NO_PROXY included.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from adsyncdiag import __version__
from adsyncdiag.errors import ConfigurationError, ConnectorError, ConnectorUnreachable

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and between two pieces of an answer."""

TRANSPORT_ERRORS = (OSError, HTTPError, ValueError)
"""Whatever a request may raise: `requests` derives from OSError, lets some of urllib3's through, and a malformed proxy
address is a plain ValueError."""


class AnswerLost(ConnectorUnreachable):
    """The request went out and no usable answer came back: it may have been carried out."""


class EntraSession(requests.Session):
    """A session that verifies, times out, honours proxies of the environment, and follows no redirect.

    A redirect would carry the token, or the client secret, to an address that nobody configured.
    """

    def __init__(self, ca_file: str = "") -> None:
        super().__init__()
        self.trust_env = False
        self.verify = ca_file or True
        self.headers["User-Agent"] = f"adsyncdiag/{__version__}"
        self._proxies_of: dict[str, dict[str, str]] = {}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        """Send *request* with our time-outs and the environment's proxies."""
        if not kwargs.get("timeout"):
            kwargs["timeout"] = TIMEOUT
        if not kwargs.get("proxies"):
            kwargs["proxies"] = self._environment(request.url or "")
        kwargs["allow_redirects"] = False
        return super().send(request, **kwargs)

    def _environment(self, url: str) -> dict[str, str]:
        """Return the environment's proxies for *url*, looked up once for each host: that costs as much as the request."""
        root = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        if root not in self._proxies_of:
            self._proxies_of[root] = dict(get_environ_proxies(url, no_proxy=None))
        return self._proxies_of[root]


def open_session(ca_file: str = "") -> EntraSession:
    """Return a session that trusts *ca_file* (PEM), or the usual authorities when it is ""; no connection is made yet.

    Raises:
        ConfigurationError: The file is not there.
    """
    if ca_file and not Path(ca_file).is_file():
        raise ConfigurationError(
            f"[entra] ca_file names {ca_file!r}, which is no file",
            hint="Point it at a PEM file with the certificate authorities to trust, or leave it empty.",
        )
    return EntraSession(ca_file)


def host_of(url: str) -> str:
    """Return host and port of *url*, without user or password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def translated(error: Exception, url: str, setting: str) -> ConnectorError:
    """Return our error for one of `TRANSPORT_ERRORS`, which names the host of *url* and the *setting* it comes from.

    Only what is known to hold no header, address or proxy password is quoted. The order matters: TLS and proxy errors,
    and half of the time-outs, are connection errors to `requests` as well.
    """
    host = host_of(url)
    match error:
        case requests.exceptions.SSLError():
            return ConnectorUnreachable(
                f"TLS to {host} failed: {_cause(error)}",
                hint=f"Name the authority that signs it in [entra] ca_file; a proxy that inspects TLS has its own. "
                f"The address comes from [entra] {setting}.",
            )
        case requests.exceptions.ProxyError():
            return ConnectorUnreachable(
                f"the proxy on the way to {host} did not let us through: {_cause(error)}",
                hint="Check HTTPS_PROXY and NO_PROXY in the environment.",
            )
        case requests.exceptions.ConnectionError() | requests.exceptions.Timeout():
            return _connection_error(error, host, setting)
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return AnswerLost(f"the connection to {host} broke in mid-answer: {_cause(error)}", hint=_way(setting))
        case requests.exceptions.HTTPError():  # raised by msal for a token service in trouble
            status = error.response.status_code if error.response is not None else "an error"
            return ConnectorUnreachable(f"{host} answers {status}: the service is in trouble", hint="Try again later.")
        case ValueError():  # InvalidURL, InvalidSchema, MissingSchema, InvalidHeader are ValueErrors too
            return ConnectorError(
                f"the address of {host or 'the service'} cannot be used ({type(error).__name__})",
                hint=f"Check [entra] {setting}, and HTTPS_PROXY in the environment.",
            )
        case _:
            return ConnectorError(f"the request to {host} failed ({type(error).__name__})", hint=_way(setting))


def _connection_error(error: requests.RequestException, host: str, setting: str) -> ConnectorUnreachable:
    """Return our error for a connection that was not made, broke, or stayed silent."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        message = f"{host} did not accept a connection in {TIMEOUT[0]:.0f} seconds"
        return ConnectorUnreachable(message, hint=_way(setting))
    if isinstance(error, requests.exceptions.Timeout):
        return AnswerLost(f"{host} did not answer in {TIMEOUT[1]:.0f} seconds", hint=_way(setting))
    if _was_sent(error):
        return AnswerLost(f"the connection to {host} broke in mid-answer: {_cause(error)}", hint=_way(setting))
    return ConnectorUnreachable(f"{host} cannot be reached: {_cause(error)}", hint=_way(setting))


def _way(setting: str) -> str:
    return f"Check the network, DNS, HTTPS_PROXY and [entra] {setting}."


def _was_sent(error: requests.RequestException) -> bool:
    """Say whether the request may have left this machine: no, when there never was a connection."""
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return not isinstance(reason, NewConnectionError)


def _cause(error: BaseException) -> str:
    """Return the innermost reason, such as `Connection refused`: urllib3 wraps it in up to four others.

    The outer texts repeat the whole address, query included, and say less.
    """
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = getattr(error, "reason", None) or next(iter(error.args), None)
        if not isinstance(inner, BaseException):
            inner = error.__cause__ or (error.__context__ if isinstance(error, HTTPError) else None)
        if inner is None:
            break
        error = inner
    described = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return described[:300] or type(error).__name__
