"""What a new account is called when the rules do not say: mailNickname, and the userPrincipalName of an unverified domain.

Both follow what Entra does with an export (engine.md 1.16).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from adsyncdiag.connectors.entra import anchors
from adsyncdiag.model.changes import ExportRequest, Organization
from adsyncdiag.model.objects import Shadow
from adsyncdiag.model.values import Attributes, as_text, each

NICKNAME_LENGTH = 64
_NICKNAME = re.compile(r"[^A-Za-z0-9!#$%&*+\-./=?^_`{|}~]")
"""Everything that a mailNickname may not hold: no blanks, no accents, none of `@()/[]';:<>,"\\` (4.3)."""
_LOCAL_PART = re.compile(r"[^A-Za-z0-9'.\-_!#^~]")
"""Everything that the part of a userPrincipalName before the `@` may not hold (4.1)."""


@dataclass(frozen=True, slots=True)
class PrincipalName:
    """The userPrincipalName to send; *shadow* and *warning* when it is not the one that the rules computed."""

    value: str
    shadow: Shadow | None = None
    warning: str = ""


def nickname(request: ExportRequest) -> str:
    """Return the mailNickname: the alias as the rules computed it, else the first fall-back with a legal character in it.

    The fall-backs are the prefix of the primary SMTP address, of mail, of userPrincipalName, of another smtp address, then
    displayName and commonName; last the anchor's hexadecimal, so that there always is one.
    """
    alias = computed(request, "alias")
    if alias:
        return alias
    return next(_fallbacks(request), anchors.unique_name(request.source_anchor)[:NICKNAME_LENGTH] or "object")


def principal_name(request: ExportRequest, mail_nickname: str, organization: Organization) -> PrincipalName:
    """Return the userPrincipalName of a new user: as computed when its domain is verified, else `nickname@initial domain`.

    A blank or line break in it counts like an unverified domain; other illegal characters are left to the service to refuse.
    """
    wanted = computed(request, "userPrincipalName")
    prefix, _, domain = wanted.rpartition("@")
    verified = domain.casefold() in {name.casefold() for name in organization.verified_domains}
    if prefix and verified and not any(char.isspace() or ord(char) < 32 for char in wanted):
        return PrincipalName(wanted)
    local = _plain(mail_nickname, _LOCAL_PART) or next(
        (clean for entry in _fallbacks(request) if (clean := _plain(entry, _LOCAL_PART))),
        anchors.unique_name(request.source_anchor)[:NICKNAME_LENGTH],
    )
    value = f"{local}@{organization.initial_domain}"
    if not wanted:
        return PrincipalName(value, warning=f"no rule computes a userPrincipalName; the tenant shows {value}")
    why = (
        f"{domain!r} is no verified domain of the tenant" if prefix and not verified else "it cannot be a sign-in name"
    )
    return PrincipalName(
        value,
        Shadow(sent=wanted, visible=value),
        f"userPrincipalName {wanted!r} became {value}: {why}",
    )


def computed(request: ExportRequest, attribute: str) -> str:
    """Return the text of an attribute as the rules computed it; "" when they did not."""
    for change in request.changes:
        if change.name == attribute:
            return _first(change.new)
    return _first(request.intended.get(attribute))


def _first(value: object) -> str:
    if value is None or value == ():
        return ""
    first = value[0] if isinstance(value, tuple) else value
    return first if isinstance(first, str) else ""


def _fallbacks(request: ExportRequest) -> Iterator[str]:
    """Yield clean candidates for a mailNickname, in Entra's order."""
    addresses = _texts(request.intended, "proxyAddresses")
    candidates = [
        *(a[5:].partition("@")[0] for a in addresses if a.startswith("SMTP:")),
        computed(request, "mail").partition("@")[0],
        (computed(request, "userPrincipalName") or computed(request, "onPremisesUserPrincipalName")).rpartition("@")[0],
        *(a[5:].partition("@")[0] for a in addresses if a.startswith("smtp:")),
        computed(request, "displayName"),
        computed(request, "commonName"),
    ]
    for candidate in candidates:
        clean = _plain(candidate, _NICKNAME)[:NICKNAME_LENGTH]
        if clean:
            yield clean


def _plain(value: str, illegal: re.Pattern[str]) -> str:
    """Return *value* in ASCII: accents dropped, whatever *illegal* finds removed, no dot at either end."""
    ascii_only = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return illegal.sub("", ascii_only).strip(".")


def _texts(attributes: Attributes, name: str) -> tuple[str, ...]:
    return tuple(as_text(value) for value in each(attributes.get(name)))
