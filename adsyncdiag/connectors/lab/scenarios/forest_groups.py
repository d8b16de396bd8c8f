"""Groups, contacts and computers of the lab's forest."""

from __future__ import annotations

import base64

from adsyncdiag.connectors.lab.scenarios.domains import PILOT_GROUP
from adsyncdiag.connectors.lab.scenarios.entries import (
    GLOBAL,
    UNIVERSAL,
    Entry,
    Verdict,
    computer,
    contact,
    dn_of,
    group,
    sid_of,
)
from adsyncdiag.connectors.lab.scenarios.forest_people import (
    CLERK,
    DIRECTOR,
    HEAD,
    LOOP_ONE,
    MASTER,
    MOVED_TO,
    PILOT,
    TESTOBJECT,
)
from adsyncdiag.connectors.lab.scenarios.identifiers import sid_bytes
from adsyncdiag.connectors.lab.scenarios.places import DEVICES, GROUPS, PARTNERS, USERS
from adsyncdiag.model.trace import Status

TEAM = dn_of("Team Planning", GROUPS)
ADOPTED_GROUP = dn_of("Archive readers", GROUPS)
_AS_SECURITY = "Graph makes a security group of it"
_CERTIFICATE = base64.b64decode(
    "MIIC3jCCAcagAwIBAgIIGrAAAAAAAAEwDQYJKoZIhvcNAQELBQAwLzEtMCsGA1UEAwwkNWMyMzE2M2YtZmM1YS01MTE0LTlkNzct"
    "YjczOWFhMDE0ZGI2MB4XDTI2MDEwMjAwMDAwMFoXDTQ2MDEwMjAwMDAwMFowLzEtMCsGA1UEAwwkNWMyMzE2M2YtZmM1YS01MTE0"
    "LTlkNzctYjczOWFhMDE0ZGI2MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuK7dDeAfoKVN7DxrPQ0pDtfGavzxNGmr"
    "m6InDN3V6MbQ/we71YV2aWMwxnEv8+nCS5BlW/1lPYu5G7B7G/GrpKJnlTRoqhN8kt/kTT4Js/EvuR03dBRadRLP3JORp/CuhfhX"
    "2NhsAXBeDj/FJbdA9nXjRdSE0Gipc36efWOhXtpFmRuaLO84PJb3PNk2IugIUQxqJ+kC6UWzLAjftsRtqgYVGnzU+QCSrcL4MacT"
    "02t14O+meTbmIxAK6qsd/Nj24PgZiEDVGFrqvSHmFkd4yffasbY6dYJ7R+k9T2/RWmInU/x2ULcTTi+3+9qh0zhcQsmQWtlLtm3K"
    "OG8WiFqDTQIDAQABMA0GCSqGSIb3DQEBCwUAA4IBAQA1mYO8sa7vy7qVx3OOHSOFMEPmqRx4xpvpvB5lgx+Fipf5QnS4EsYD42MT"
    "CSf7p+J5vPBEefD7XzEduhs+hUS4yozn6VqyrLnnBP/X6DjnjADEizaVXWvvrnWVL7518lHBv/l7pqObmBxx8loWrWh6jpuIjWYm"
    "iIwdhCYf6kXwawB5iyvSiCMfp3dijVh/nbsL+Xf4+bCgZpGIkMFUhls6WG6l8WgUyTN2fLoPKt7mo3H8HllW1K/IKFskelXOYTIs"
    "CzJAaM5ZSGCg/mIJpAPqSUOLbxPyCCKs7W98kU49MBOjq7pQBRdI1Jt1eNModtgGT9ausSz406XQOAqWUq+3"
)
"""Self-signed, named after the computer's objectGUID, as hybrid join makes it; its private key was never kept."""


def groups() -> tuple[Entry, ...]:
    """Return the groups: with members, nested, empty, with mail, and those that stay behind."""
    pilot_name = PILOT_GROUP.partition(",")[0].removeprefix("CN=")
    return (
        group(
            "Team Planning",
            GROUPS,
            Verdict(
                "A security group whose members are there already: created with them.",
                after=(DIRECTOR, HEAD, TESTOBJECT),
            ),
            (DIRECTOR, HEAD, TESTOBJECT),
            managedBy=DIRECTOR,
            description="Who plans what",
        ),
        group(
            "Everyone planning",
            GROUPS,
            Verdict("A group in a group: the inner one is a member like any other.", after=(TEAM,)),
            (TEAM, CLERK),
        ),
        group("Waiting room", GROUPS, Verdict("A group without members: memberCount is 0 and below the limit.")),
        group(
            "Late arrivals",
            GROUPS,
            Verdict("Its member is not synchronised yet: created empty, the member follows later."),
            (LOOP_ONE,),
        ),
        group(
            "News",
            GROUPS,
            Verdict(
                f"A distribution list with an address: {_AS_SECURITY}, its mail is not writable.", status=Status.WARNING
            ),
            groupType=str(UNIVERSAL),
            sAMAccountType="268435457",
            mail="news@contoso.com",
            mailNickname="news",
            proxyAddresses=("SMTP:news@contoso.com", "smtp:rundschau@contoso.com"),
        ),
        group(
            "Safety",
            GROUPS,
            Verdict(
                f"A security group with an address: {_AS_SECURITY}, its mail is not writable.", status=Status.WARNING
            ),
            mail="safety@contoso.com",
            mailNickname="safety",
            proxyAddresses="SMTP:safety@contoso.com",
        ),
        group(
            "Archive readers",
            GROUPS,
            Verdict("The tenant has it under the same source anchor (uniqueName): adopted and updated."),
            description="May read the archive",
        ),
        group(
            "Marketing",
            GROUPS,
            Verdict("The tenant has a group of this name that nobody anchored: a second one is created."),
        ),
        group(
            "Old list",
            GROUPS,
            Verdict(
                "A distribution group without mail: neither securityEnabled nor mailEnabled.", 9, "no-target-object"
            ),
            groupType=str(GLOBAL),
            sAMAccountType="268435457",
        ),
        group(
            "Domain Admins",
            USERS,
            Verdict(
                "A built-in group, isCriticalSystemObject TRUE: Group Join is out of scope.", 9, "no-metaverse-object"
            ),
            isCriticalSystemObject="TRUE",
        ),
        group(pilot_name, PILOT_GROUP.partition(",")[2], None, (PILOT, MASTER, MOVED_TO)),
    )


def contacts() -> tuple[Entry, ...]:
    """Return a contact that gets as far as Graph lets it, and one that never joins."""
    return (
        contact(
            "Xenia Partner",
            PARTNERS,
            Verdict(
                "A contact with mail: in scope to the end, but Graph makes no contacts.", 10, "graph-cannot-create"
            ),
            mail="xenia@northwind.example",
            proxyAddresses="SMTP:xenia@northwind.example",
            targetAddress="SMTP:xenia@northwind.example",
            mailNickname="xenia",
            company="Northwind",
        ),
        contact(
            "Yuri Partner",
            PARTNERS,
            Verdict(
                "A contact without mail: Contact Join provisions only where its join attribute has a value.",
                9,
                "no-metaverse-object",
            ),
            company="Northwind",
        ),
    )


def computers() -> tuple[Entry, ...]:
    """Return a computer that is ready for hybrid join, and one that is not."""
    return (
        computer(
            "LAB-PC-01",
            DEVICES,
            Verdict(
                "A computer with its certificate: in scope to the end, but a device registers itself.",
                10,
                "graph-cannot-create",
            ),
            userCertificate=_CERTIFICATE,
            **{"mS-DS-CreatorSID": sid_bytes(sid_of(TESTOBJECT))},
        ),
        computer(
            "LAB-PC-02",
            DEVICES,
            Verdict(
                "A computer without certificate: cloudFiltered is True until hybrid join writes one.",
                9,
                "no-target-object",
            ),
        ),
    )
