"""The lab's tenant before the first run: cloud-only accounts, and those that lab objects meet there (engine.md 1.16)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from adsyncdiag.connectors.lab.document import Entity, Json, tenant_document
from adsyncdiag.connectors.lab.scenarios.domains import CLIENT_ID, CONTOSO, FABRIKAM, INITIAL_DOMAIN, TENANT_ID
from adsyncdiag.connectors.lab.scenarios.entries import Entry
from adsyncdiag.connectors.lab.scenarios.forest_failures import MASTERED, RENAMED
from adsyncdiag.connectors.lab.scenarios.forest_groups import ADOPTED_GROUP
from adsyncdiag.connectors.lab.scenarios.forest_people import ADOPTED, IDENTICAL
from adsyncdiag.connectors.lab.scenarios.identifiers import identifier, source_anchor

_CREATED = "2025-09-11T07:30:00Z"
_SAME = {
    "displayName": "displayName",
    "givenName": "givenName",
    "surname": "sn",
    "userPrincipalName": "userPrincipalName",
    "mail": "mail",
    "jobTitle": "title",
    "department": "department",
    "companyName": "company",
    "officeLocation": "physicalDeliveryOfficeName",
    "city": "l",
    "country": "co",
}
"""Graph property and the AD attribute that the default rules bring to it (cmdlets-and-graph.md 4.1)."""


def tenant(entries: Sequence[Entry], secret: str) -> Mapping[str, Json]:
    """Return the document of `tenant.json`; it knows *secret* by its hash only."""
    document = tenant_document(
        tenant_id=str(TENANT_ID),
        display_name="Contoso",
        domains=(CONTOSO.fqdn, FABRIKAM.fqdn, INITIAL_DOMAIN),
        client_id=str(CLIENT_ID),
        client_secret="",
    )
    digest = hashlib.sha256(secret.encode()).hexdigest()
    forest = {found.dn: found for found in entries}
    return {
        **document,
        "applications": [{"client_id": str(CLIENT_ID), "secret_sha256": digest}],
        "users": [*_cloud_only(), *_in_the_way(), *_known(forest)],
        "groups": _groups(),
        "contacts": [_contact()],
        "devices": [_device()],
    }


def _user(name: str, upn: str, **more: Json) -> Entity:
    given, _, family = name.partition(" ")
    return {
        "id": str(identifier("tenant user", upn)),
        "accountEnabled": True,
        "createdDateTime": _CREATED,
        "displayName": name,
        "givenName": given,
        "surname": family,
        "mailNickname": upn.partition("@")[0],
        "userPrincipalName": upn,
        "userType": "Member",
        **more,
    }


def _cloud_only() -> list[Entity]:
    return [
        _user("Ada Admin", f"admin@{INITIAL_DOMAIN}"),
        _user("Break Glass", f"breakglass@{INITIAL_DOMAIN}"),
        _user("Cleo Cloud", "cleo.cloud@contoso.com", mail="cleo.cloud@contoso.com", jobTitle="Consultant"),
    ]


def _in_the_way() -> list[Entity]:
    """Accounts that hold what lab objects want."""

    def old_anchor(name: str) -> str:
        return source_anchor(f"an account that is gone: {name}")

    return [
        _user("Dora Twin", "dora.twin@contoso.com", onPremisesImmutableId=old_anchor("Dora Twin")),
        _user("Sven Anew", "sven.anew@contoso.com", onPremisesImmutableId=old_anchor("Sven Anew")),
        _user("Emil Twin", "emil.twin@contoso.com"),
        _user("Rika Other", "rika.renamed@contoso.com"),
        _user("Rika Renamed", "rika.former@contoso.com", onPremisesImmutableId=source_anchor(RENAMED)),
    ]


def _known(forest: Mapping[str, Entry]) -> list[Entity]:
    """Accounts that carry the anchor of a lab object already."""
    return [
        _same(forest[IDENTICAL]),
        _same(forest[ADOPTED], jobTitle="Planner", companyName=None, department="Logistics"),
        _same(forest[MASTERED], jobTitle="Clerk", onPremisesSyncEnabled=True),
    ]


def _same(found: Entry, **other: Json) -> Entity:
    """Return the account that the default rules make of *found*, with *other* values."""
    upn, mail = found.first("userPrincipalName"), found.first("mail")
    return _user(
        found.first("cn"),
        upn,
        **{
            **{graph: found.first(name) for graph, name in _SAME.items() if graph != "userPrincipalName"},
            "businessPhones": [found.first("telephoneNumber")],
            "proxyAddresses": [f"SMTP:{mail}"],
            "onPremisesImmutableId": source_anchor(found.dn),
            **other,
        },
    )


def _group(name: str, **more: Json) -> Entity:
    return {
        "id": str(identifier("tenant group", name)),
        "createdDateTime": _CREATED,
        "displayName": name,
        "groupTypes": [],
        "mailEnabled": False,
        "mailNickname": name.lower().replace(" ", "-"),
        "securityEnabled": True,
        "members": [],
        **more,
    }


def _groups() -> list[Entity]:
    admin = str(identifier("tenant user", f"admin@{INITIAL_DOMAIN}"))
    return [
        _group("Marketing", description="Made in the cloud", members=[admin]),
        _group(
            "Archive readers",
            description="Old description",
            uniqueName=source_anchor(ADOPTED_GROUP).encode().hex(),
        ),
        _group(
            "Information",
            groupTypes=["Unified"],
            mailEnabled=True,
            mailNickname="info",
            mail="info@contoso.com",
            proxyAddresses=["SMTP:info@contoso.com"],
            securityEnabled=False,
        ),
    ]


def _contact() -> Entity:
    return {
        "id": str(identifier("tenant contact")),
        "displayName": "Zora Supplier",
        "mail": "zora@supplier.example",
        "mailNickname": "zora",
        "proxyAddresses": ["SMTP:zora@supplier.example"],
    }


def _device() -> Entity:
    return {
        "id": str(identifier("tenant device")),
        "accountEnabled": True,
        "deviceId": str(identifier("tenant device id")),
        "displayName": "CLOUD-PC-07",
        "operatingSystem": "Windows",
        "operatingSystemVersion": "10.0.26100.1",
        "trustType": "AzureAd",
    }
