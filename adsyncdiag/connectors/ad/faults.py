"""What a directory server's refusals mean, as our errors: bind sub-codes, result codes, TLS failures.

Sources: [RFC 4511] 4.1.9 and appendix A for result codes; [MS-ERREF] 2.2 for the Windows codes in `data 52e`; OpenSSL's
x509_vfy.h for verification codes; the run-step codes are the engine's (cmdlets-and-graph.md 1.4).
"""

from __future__ import annotations

import re
import ssl

from adsyncdiag.connectors.ad.target import Target
from adsyncdiag.errors import ConnectorError, ConnectorRefused, ConnectorUnreachable

_SUBCODE = re.compile(r"\bdata ([0-9a-f]+)", re.IGNORECASE)

_WRONG_LOGON = "the account's name or its password is wrong"
_BIND = {
    "525": "there is no such account",
    "52e": _WRONG_LOGON,
    "52f": "an account restriction forbids it (such as an empty password, or the Protected Users group)",
    "530": "the account may not log on at this time of day",
    "531": "the account may not log on from this computer (Log On To...)",
    "532": "the account's password has expired",
    "533": "the account is disabled",
    "569": "the account has not been granted this kind of logon on the domain controller",
    "701": "the account has expired",
    "773": "the account must change its password before its next logon",
    "775": "the account is locked out",
}
_ACCOUNT_STATE = {
    "530": "Extend the account's logon hours",
    "531": "Allow the account to log on to the domain controller",
    "532": "Set a new password for the account, and exempt it from expiry",
    "533": "Enable the account",
    "701": "Extend the account's expiry date",
    "773": "Clear 'User must change password at next logon' of the account",
    "775": "Unlock the account and look for what locks it (an old password kept somewhere)",
}

# result code: what it means, what to do; those worth another try are named below
_RESULTS = {
    1: ("an operations error", "Look at the domain controller's Directory Service log."),
    2: ("it takes the request for a protocol error", ""),
    3: ("the time limit was exceeded", "Try again when the domain controller is less busy."),
    4: ("the size limit was exceeded", "Raise MaxPageSize in the domain's LDAP policy."),
    7: ("it does not support a simple bind", "Allow simple binds over TLS on the domain controller."),
    11: ("an administrative limit was exceeded", "Look at the domain's LDAP policy (ntdsutil, LDAP policies)."),
    12: ("it lacks an extension the request needs", ""),
    48: ("this account cannot bind with a password", "Name another account."),
    50: ("the account lacks the right to", "Give the account Read All Properties on the domain."),
    51: ("the server is busy", "Try again later, or name another domain controller."),
    52: ("the service is not available", "Try again later, or name another domain controller."),
    53: ("it is unwilling to perform the request", ""),
    80: ("another error", "Look at the domain controller's Directory Service log."),
}
_WORTH_ANOTHER_TRY = frozenset({3, 51, 52})
_STRONGER_AUTH = frozenset({8, 13})

_VERIFICATION = {
    9: "its certificate is not valid yet; compare the clocks of both computers",
    10: "its certificate has expired",
    18: "its certificate is self-signed and not trusted",
    19: "the root of its certificate chain is not trusted",
    20: "the authority that issued its certificate is not trusted",
    21: "the authority that issued its certificate is not trusted",
    23: "its certificate was revoked",
    62: "its certificate is made out to another name",
    64: "its certificate is not made out to this address",
}
_TRUST = frozenset({18, 19, 20, 21})
_NAME = frozenset({62, 64})


def printable(text: str) -> str:
    """Return a server's message fit for a terminal: one line, no control characters, at most 300 characters."""
    return "".join(char if char.isprintable() else " " for char in text).strip()[:300]


def bind_refused(target: Target, code: int, message: str) -> ConnectorError:
    """Return the error for a bind that ended with result *code* and the server's *message*."""
    who = f"{target.url} refused the account {target.user}"
    settings = (
        f"{target.setting('user')} and its password ({target.password_variable}, password_file or password_keyring)"
    )
    if code == 49:
        return _invalid_credentials(who, settings, printable(message))
    if code in _STRONGER_AUTH:
        return ConnectorRefused(
            f"{who}: it demands a protected connection (strongerAuthRequired)",
            hint=f"Use ldaps:// in {target.setting('url')}, or set {target.setting('start_tls')} = true.",
            code="failed-authentication",
        )
    return _refused(who, code, message, "failed-authentication" if code in (7, 48) else "failed-connection")


def _invalid_credentials(who: str, settings: str, message: str) -> ConnectorError:
    if "80090346" in message:
        return ConnectorRefused(
            f"{who}: it demands channel binding tokens (80090346), which a simple bind does not carry",
            hint="Let the domain controller take binds over TLS without a token (LdapEnforceChannelBinding 1, 'when supported').",
            code="failed-authentication",
        )
    found = _SUBCODE.search(message)
    number = found[1].lower() if found else ""
    reason = _BIND.get(number, _WRONG_LOGON)
    shown = f" ({number})" if number else ""
    advice = _ACCOUNT_STATE.get(number, f"Check {settings}; write the user as svc@contoso.com, CONTOSO\\svc or its DN")
    return ConnectorRefused(f"{who}: {reason}{shown}", hint=f"{advice}.", code="failed-authentication")


def search_refused(target: Target, what: str, code: int, message: str) -> ConnectorError:
    """Return the error for a search of *what* that ended with result *code* and the server's *message*."""
    run_step = "failed-permission" if code == 50 else "failed-search"
    return _refused(f"{target.url} did not answer the search for {what}", code, message, run_step)


def _refused(head: str, code: int, message: str, run_step: str) -> ConnectorError:
    meaning, hint = _RESULTS.get(code, ("an error without a name here", ""))
    said = printable(message)
    text = f"{head}: {meaning} (LDAP result {code}{f': {said}' if said else ''})"
    kind = ConnectorUnreachable if code in _WORTH_ANOTHER_TRY else ConnectorRefused
    return kind(text, hint=hint, code=run_step)


def timed_out(target: Target, doing: str, *, run_step: str = "failed-connection") -> ConnectorError:
    """Return the error for an answer that did not come in time."""
    return ConnectorUnreachable(
        f"{target.url} did not answer within {target.timeout:g} s while {doing}",
        hint="Check that the server is up and that no firewall is in between.",
        code=run_step,
    )


def tls_failed(target: Target, error: Exception) -> ConnectorError:
    """Return the error for a TLS handshake that failed with *error*; the certificate's flaw is named."""
    ca_file = target.setting("ca_file")
    if isinstance(error, TimeoutError):
        return timed_out(target, "negotiating TLS")
    if isinstance(error, ssl.SSLCertVerificationError):
        number = error.verify_code
        reason = _VERIFICATION.get(number, printable(error.verify_message) or "its certificate cannot be verified")
        if number in _TRUST:
            hint = f"Put the certificate of the issuing authority (PEM) into a file and name it in {ca_file}."
        elif number in _NAME:
            hint = f"Use the name in the certificate in {target.setting('url')}."
        else:
            hint = f"Renew the domain controller's certificate; {ca_file} does not help here."
        return ConnectorUnreachable(f"The TLS connection to {target.url} failed: {reason}", hint=hint)
    if isinstance(error, ConnectionError | ssl.SSLEOFError):
        return ConnectorUnreachable(
            f"{target.url} ended the connection during the TLS handshake",
            hint="A domain controller without a server certificate does that: give it one, or check the port.",
        )
    said = printable(str(getattr(error, "reason", "") or error))
    return ConnectorUnreachable(
        f"The TLS connection to {target.url} failed: {said}",
        hint=f"Check that the port speaks TLS 1.2 or later, and {ca_file}.",
    )
