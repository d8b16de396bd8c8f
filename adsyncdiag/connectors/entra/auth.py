"""Tokens for Graph: an application with a client secret signs in at the authority (msal, OAuth 2.0 client credentials).

The token and the secret live in memory only. What the sign-in service says is quoted without the secret, and each AADSTS
number that administrators meet has a hint of its own (Microsoft Learn, "Microsoft Entra authentication and authorization
error codes").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import quote, urlsplit

import requests

from adsyncdiag.connectors.entra.session import TRANSPORT_ERRORS, AnswerLost, host_of, translated
from adsyncdiag.errors import ConfigurationError, ConnectorError, ConnectorRefused, ConnectorUnreachable

HINTS: Mapping[str, str] = {
    "7000215": "The client secret is wrong. Copy the secret's value, not its ID, from the app registration (Certificates & "
    "secrets) into AZURE_CLIENT_SECRET.",
    "7000222": "The client secret has expired. Make a new one in the app registration (Certificates & secrets).",
    "7000216": "The application needs a client secret or certificate: set AZURE_CLIENT_SECRET.",
    "7000218": "The application needs a client secret or certificate: set AZURE_CLIENT_SECRET.",
    "7000112": "The application is disabled in this tenant: enable it under Enterprise applications.",
    "7000229": "The application has no service principal in this tenant: grant it consent there.",
    "700016": "This tenant does not know the application. Check [entra] client_id, and that tenant_id is the tenant where it "
    "is registered or consented to.",
    "700027": "The client assertion is not signed with a certificate of this application.",
    "90002": "There is no such tenant in this cloud. Check [entra] tenant_id and authority.",
    "900023": "[entra] tenant_id is neither a GUID nor a domain name.",
    "53003": "A Conditional Access policy blocks the application (workload identities): exclude it, or run from an allowed place.",
    "53000": "A Conditional Access policy asks for a compliant device, which an application has not: exclude it from the policy.",
    "50020": "The application belongs to another tenant: check [entra] tenant_id.",
    "500011": "The tenant does not know Graph at this address. Check that [entra] graph_root and authority belong to one cloud.",
    "1002012": "The scope is wrong: check [entra] graph_root.",
    "65001": "Nobody consented to the application's permissions: grant admin consent in the app registration.",
    "50034": "The account does not exist in this tenant: check [entra] tenant_id.",
    "50196": "The sign-in service sees a loop of token requests: wait a few minutes.",
    "90033": "The sign-in service is not available at the moment: try again later.",
}
_LATER = frozenset({"90033", "50196", "90012", "90100"})
_NUMBER = re.compile(r"AADSTS(\d+)")


class _Application(Protocol):
    """The part of msal's application that we use; msal has no types."""

    def acquire_token_for_client(self, scopes: list[str]) -> Mapping[str, object]: ...

    def remove_tokens_for_client(self) -> None: ...


def client_secret_token(
    session: requests.Session,
    *,
    authority: str,
    tenant_id: str,
    client_id: str,
    graph_root: str,
    secret: Callable[[], str],
) -> Callable[[bool], str]:
    """Return a function that gives a bearer token for *graph_root*: True asks for a fresh one, else msal's cache may serve.

    Nothing is asked of the network, nor of *secret*, before the first call. The function raises `ConnectorUnreachable`,
    `ConnectorRefused` (with the AADSTS number) or `ConfigurationError`, whatever *secret* raises included.
    """
    tenant = quote(tenant_id, safe="")
    # An authority with the tenant already in it is what other tools, and `lab serve`, call one.
    address = f"{authority.rstrip('/').removesuffix('/' + tenant)}/{tenant}"
    scopes = [graph_root.rstrip("/") + "/.default"]
    made: list[tuple[_Application, str]] = []

    def token(fresh: bool) -> str:
        from msal.exceptions import MsalError  # 340 ms with its package: only for who signs in

        _insist(tenant_id=tenant_id, client_id=client_id)
        word = made[0][1] if made else _asked(secret)
        try:
            if not made:
                made.append((_application(session, address, client_id, word), word))
            elif fresh:
                made[0][0].remove_tokens_for_client()
            result = made[0][0].acquire_token_for_client(scopes)
        except requests.RequestException as error:
            raise _unreached(error, address) from None
        except MsalError as error:
            # Raised for a service in trouble; msal keeps the status in the text only.
            raise ConnectorUnreachable(
                f"{host_of(address)} is in trouble ({str(error)[:100]})", hint="Try again later."
            ) from None
        except (ValueError, RuntimeError, LookupError, AttributeError, TypeError) as error:
            # What msal lets through when metadata or a token answer is not shaped like one.
            raise _no_authority(address, str(error)) from None
        except TRANSPORT_ERRORS as error:
            raise _unreached(error, address) from None
        found = result.get("access_token")
        if isinstance(found, str) and found:
            return found
        raise _refusal(client_id, {name: str(value).replace(word, "***") for name, value in result.items()})

    return token


def _asked(secret: Callable[[], str]) -> str:
    word = secret()
    if not word:
        raise ConfigurationError(
            "there is no client secret", hint="Set AZURE_CLIENT_SECRET to the secret's value from the app registration."
        )
    return word


def _unreached(error: Exception, address: str) -> ConnectorError:
    """Return our error for a token request without an answer; unlike other lost answers it can have changed nothing."""
    found = translated(error, address, "authority")
    return ConnectorUnreachable(found.message, hint=found.hint) if isinstance(found, AnswerLost) else found


def _application(session: requests.Session, address: str, client_id: str, secret: str) -> _Application:
    """Make msal's application, which reads the authority's metadata."""
    import msal
    from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

    known = urlsplit(address).hostname in WELL_KNOWN_AUTHORITY_HOSTS
    application: _Application = msal.ConfidentialClientApplication(
        client_id,
        client_credential=secret,
        authority=address,
        # Microsoft's own service is asked whether an authority is genuine; of a lab's it knows nothing.
        instance_discovery=None if known else False,
        http_client=session,
    )
    return application


def _insist(**settings: str) -> None:
    for name, value in settings.items():
        if not value.strip():
            raise ConfigurationError(
                f"[entra] {name} is empty",
                hint="Take it from the app registration's overview page in the Entra admin centre.",
            )


def _no_authority(address: str, reason: str) -> ConnectorRefused:
    """Return the error for metadata that msal could not read; it answers a wrong tenant with a plain ValueError."""
    number = _NUMBER.search(reason)
    hint = HINTS.get(number.group(1), "") if number else ""
    return ConnectorRefused(
        f"{host_of(address)} does not serve the authority {address}",
        hint=hint or "Check [entra] tenant_id and authority: the tenant may not exist in this cloud.",
        code="failed-authentication",
    )


def _refusal(client_id: str, result: Mapping[str, str]) -> ConnectorError:
    """Return the error for a token request that was answered without a token."""
    described = result.get("error_description") or result.get("error") or "no reason given"
    number = next(iter(_NUMBER.findall(described)), "")
    message = f"the sign-in service gives the application {client_id} no token: {described.splitlines()[0][:300]}"
    hint = HINTS.get(number, "Check [entra] tenant_id, client_id and the client secret.")
    if correlation := result.get("correlation_id"):
        hint += f" correlation id {correlation}."
    if number in _LATER or result.get("error") == "temporarily_unavailable":
        return ConnectorUnreachable(message, hint=hint)
    return ConnectorRefused(message, hint=hint, code="failed-authentication")
