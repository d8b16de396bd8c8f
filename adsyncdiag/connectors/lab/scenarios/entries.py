"""Entries of the lab's forest: what Active Directory would hold for a user, a group, a contact, a computer.

Every person and place is invented. Values that a test or the table needs are given by hand; the rest follows from the
name, always the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from adsyncdiag.connectors.lab.scenarios.domains import CONTOSO, DOMAINS, Domain
from adsyncdiag.connectors.lab.scenarios.identifiers import identifier, object_guid, sid_bytes
from adsyncdiag.model.trace import Status

Values: TypeAlias = "str | bytes | tuple[str | bytes, ...] | None"
"""One value, several, or None to leave out what would be there by default."""

ENABLED, DISABLED, WORKSTATION = 0x200, 0x202, 0x1000
SECURITY, GLOBAL, UNIVERSAL = -0x80000000, 0x2, 0x8
_CREATED, _CHANGED = "20250911073000.0Z", "20260220101500.0Z"
_LAST_SET = "134118297000000000"  # 2026-01-02 12:15 UTC as FILETIME
_NEVER = "9223372036854775807"
_SPECIAL = re.compile(r'[\\,+"<>;=]')

_CITIES = (
    ("Lisboa", "PT", "Portugal", "620", "+351 21 555"),
    ("Aarhus", "DK", "Denmark", "208", "+45 86 55"),
    ("Graz", "AT", "Austria", "40", "+43 316 555"),
    ("Bristol", "GB", "United Kingdom", "826", "+44 117 555"),
)
_JOBS = (
    ("Finance", "Accountant"),
    ("Sales", "Account manager"),
    ("Engineering", "Engineer"),
    ("People", "Adviser"),
    ("Operations", "Planner"),
)


@dataclass(frozen=True, slots=True)
class LabObject:
    """One row of the table that `lab init` prints: an object, what it shows, and what its first run gives."""

    dn: str
    purpose: str
    expected_step: int
    """The step that fails; 0 where none does."""
    expected_status: str
    """The verdict of the run in Graph's words: `success`, `warning` or `failure`."""
    expected_code: str = ""
    after: tuple[str, ...] = ()
    """Objects to be synchronised first, in this order, for the run to end so; most need none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of the forest; *row* is None for structure and extras that the table leaves out."""

    dn: str
    attributes: Mapping[str, tuple[str | bytes, ...]]
    row: LabObject | None = None

    def first(self, name: str) -> str:
        """Return the first value of *name* as text; "" when there is none."""
        value = self.attributes.get(name, ("",))[0]
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the table says of an object: why it is here, and how its run ends."""

    purpose: str
    step: int = 0
    code: str = ""
    status: Status | None = None
    after: tuple[str, ...] = ()

    def row(self, dn: str) -> LabObject:
        """Return the row for the object at *dn*."""
        status = self.status or (Status.FAILURE if self.step else Status.SUCCESS)
        return LabObject(dn, self.purpose, self.step, status.value, self.code, self.after)


def escaped(value: str) -> str:
    """Return *value* as Active Directory writes it into an RDN ([RFC 4514] 2.4, with `=` and line feeds as AD does)."""
    text = _SPECIAL.sub(r"\\\g<0>", value).replace("\n", "\\0A").replace("\r", "\\0D")
    if text.startswith(("#", " ")):
        text = "\\" + text
    return f"{text[:-1]}\\ " if text.endswith(" ") and len(text) > 1 else text


def dn_of(name: str, container: str) -> str:
    """Return the DN of the object called *name* in *container*."""
    return f"CN={escaped(name)},{container}"


def domain_of(dn: str) -> Domain:
    """Return the domain that *dn* lies in."""
    return max((domain for domain in DOMAINS if dn.endswith(domain.dn)), key=lambda domain: len(domain.dn))


def sid_of(dn: str) -> str:
    """Return the objectSid of the account at *dn* as text."""
    return f"{domain_of(dn).sid}-{1101 + identifier('rid', dn).int % 900_000}"


def entry(dn: str, classes: str, verdict: Verdict | None, attributes: Mapping[str, Values]) -> Entry:
    """Return an object with what every object has, and *attributes* on top."""
    name = dn.partition(",")[0].partition("=")[2]
    base: dict[str, Values] = {
        "objectClass": tuple(classes.split()),
        "distinguishedName": dn,
        "instanceType": "4",
        "whenCreated": _CREATED,
        "whenChanged": _CHANGED,
        "name": name,
        "objectGUID": object_guid(dn).bytes_le,
        **attributes,
    }
    found = {key: value if isinstance(value, tuple) else (value,) for key, value in base.items() if value is not None}
    return Entry(dn, found, verdict.row(dn) if verdict else None)


def person(name: str, container: str, verdict: Verdict | None, **attributes: Values) -> Entry:
    """Return an enabled user called *name*; *attributes* replace or add, None takes away."""
    dn = dn_of(name, container)
    domain = domain_of(dn)
    given, _, family = name.partition(" ")
    account = re.sub(r"[^a-z0-9.]", "", f"{given}.{family}".lower().replace(" ", "")).strip(".")[:20]
    number = identifier("person", dn).int
    city, letters, country, code, phone = _CITIES[number % len(_CITIES)]
    department, title = _JOBS[number // 7 % len(_JOBS)]
    address = f"{account}@{domain.fqdn}"
    base: dict[str, Values] = {
        "cn": name,
        "name": name,
        "givenName": given,
        "sn": family or None,
        "displayName": name,
        "sAMAccountName": account,
        "userPrincipalName": address,
        "mail": address,
        "proxyAddresses": f"SMTP:{address}",
        "title": title,
        "department": department,
        "company": domain.netbios.capitalize(),
        "physicalDeliveryOfficeName": f"{city} {number % 40 + 1}",
        "l": city,
        "c": letters,
        "co": country,
        "countryCode": code,
        "telephoneNumber": f"{phone} {number % 9000 + 1000}",
        "objectSid": sid_bytes(sid_of(dn)),
        "userAccountControl": str(ENABLED),
        "primaryGroupID": "513",
        "sAMAccountType": "805306368",
        "pwdLastSet": _LAST_SET,
        "accountExpires": _NEVER,
        "objectCategory": f"CN=Person,CN=Schema,CN=Configuration,{CONTOSO.dn if domain.fqdn.endswith(CONTOSO.fqdn) else domain.dn}",
        **attributes,
    }
    return entry(dn, "top person organizationalPerson user", verdict, base)


def retyped(found: Entry, classes: str) -> Entry:
    """Return *found* with other object classes."""
    return replace(found, attributes={**found.attributes, "objectClass": tuple(classes.split())})


def mailbox(address: str, **more: Values) -> dict[str, Values]:
    """Return what Exchange adds to a mailbox user with this primary address."""
    alias, _, _ = address.partition("@")
    return {
        "mail": address,
        "mailNickname": alias,
        "proxyAddresses": (f"SMTP:{address}", f"smtp:{alias}@contoso.onmicrosoft.com"),
        "legacyExchangeDN": f"/o=Contoso/ou=Exchange Administrative Group/cn=Recipients/cn={alias}",
        "msExchMailboxGuid": identifier("mailbox", address).bytes_le,
        "msExchRecipientTypeDetails": "1",
        "msExchRecipientDisplayType": "1073741824",
        **more,
    }


def group(
    name: str, container: str, verdict: Verdict | None, members: tuple[str, ...] = (), **attributes: Values
) -> Entry:
    """Return a global security group called *name* with *members* (DNs)."""
    dn = dn_of(name, container)
    base: dict[str, Values] = {
        "cn": name,
        "name": name,
        "displayName": name,
        "sAMAccountName": name,
        "groupType": str(SECURITY + GLOBAL),
        "sAMAccountType": "268435456",
        "objectSid": sid_bytes(sid_of(dn)),
        "member": members or None,
        **attributes,
    }
    return entry(dn, "top group", verdict, base)


def contact(name: str, container: str, verdict: Verdict | None, **attributes: Values) -> Entry:
    """Return a contact called *name*; it has an address only if *attributes* give one."""
    dn = dn_of(name, container)
    given, _, family = name.partition(" ")
    base: dict[str, Values] = {
        "cn": name,
        "name": name,
        "givenName": given,
        "sn": family,
        "displayName": name,
        **attributes,
    }
    return entry(dn, "top person organizationalPerson contact", verdict, base)


def computer(name: str, container: str, verdict: Verdict | None, **attributes: Values) -> Entry:
    """Return a domain-joined workstation called *name*."""
    dn = dn_of(name, container)
    base: dict[str, Values] = {
        "cn": name,
        "name": name,
        "sAMAccountName": f"{name}$",
        "dNSHostName": f"{name.lower()}.{domain_of(dn).fqdn}",
        "operatingSystem": "Windows 11 Enterprise",
        "operatingSystemVersion": "10.0 (26100)",
        "userAccountControl": str(WORKSTATION),
        "primaryGroupID": "515",
        "sAMAccountType": "805306369",
        "pwdLastSet": _LAST_SET,
        "objectSid": sid_bytes(sid_of(dn)),
        **attributes,
    }
    return entry(dn, "top person organizationalPerson user computer", verdict, base)
