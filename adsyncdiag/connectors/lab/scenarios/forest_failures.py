"""One object for each way of not arriving; the table's `purpose` names what decides (engine.md 3, 4, 6.5)."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.entries import (
    DISABLED,
    Entry,
    Verdict,
    dn_of,
    entry,
    mailbox,
    person,
    sid_of,
)
from adsyncdiag.connectors.lab.scenarios.identifiers import identifier, sid_bytes
from adsyncdiag.connectors.lab.scenarios.places import (
    APAC_PEOPLE,
    EMEA_PEOPLE,
    EXCLUDED,
    FABRIKAM_PEOPLE,
    FOREIGN,
    GROUPS,
    LATAM_PEOPLE,
    LEGACY,
    PEOPLE,
    PRINTERS,
    USERS,
)

RENAMED = dn_of("Rika Renamed", PEOPLE)
MASTERED = dn_of("Otis Mastered", PEOPLE)
_CONFLICT = f"Carl Conflict\nCNF:{identifier('conflict')}"
_OUT, _FILTERED, _NO_TARGET = "no-metaverse-object", "cloudFiltered is True", "no-target-object"


def out_of_scope() -> tuple[Entry, ...]:
    """Return those that steps 1 to 6 stop: domain, container, type, group filter."""
    return (
        person("Elsa Emea", EMEA_PEOPLE, Verdict("Its domain is not selected.", 1, "source-partition-not-selected")),
        person(
            "Akira Apac", APAC_PEOPLE, Verdict("Full Import has no step for its domain.", 1, "run-profile-step-missing")
        ),
        person(
            "Lucia Latam",
            LATAM_PEOPLE,
            Verdict("A domain newer than the connector's schema.", 1, "source-partition-not-found"),
        ),
        person(
            "Greta Closed",
            EXCLUDED,
            Verdict("OU=Excluded is left out inside the included OU.", 3, "container-excluded"),
        ),
        person(
            "Lars Legacy",
            LEGACY,
            Verdict("Only listed OUs are in: the domain's root is excluded.", 3, "container-excluded"),
        ),
        entry(
            dn_of("PRN-LOBBY", PRINTERS),
            "top leaf connectionPoint printQueue",
            Verdict("A printQueue: not among the imported object types.", 5, "object-type-not-included"),
            {
                "cn": "PRN-LOBBY",
                "printerName": "PRN-LOBBY",
                "serverName": "print1.contoso.com",
                "uNCName": "\\\\print1.contoso.com\\PRN-LOBBY",
            },
        ),
        entry(
            dn_of("All in Graz", GROUPS),
            "top msExchDynamicDistributionList",
            Verdict("A dynamic distribution group is never synchronised.", 5, "object-type-not-included"),
            {"cn": "All in Graz", "displayName": "All in Graz", "mail": "graz@contoso.com", "mailNickname": "graz"},
        ),
        person(
            "Otto Outside",
            FABRIKAM_PEOPLE,
            Verdict("Not a direct member of the filter group of fabrikam.com.", 6, "group-filter-not-member"),
        ),
    )


def filtered_inbound() -> tuple[Entry, ...]:
    """Return those that no inbound rule projects: step 9, no metaverse object."""
    return (
        person(
            "Administrator",
            USERS,
            Verdict("isCriticalSystemObject is TRUE: User Join is out of scope.", 9, _OUT),
            isCriticalSystemObject="TRUE",
            givenName=None,
            mail=None,
            proxyAddresses=None,
        ),
        person(
            "Wim Written",
            PEOPLE,
            Verdict(
                "adminDescription begins with User_: written back by the engine, so User Join is out of scope.", 9, _OUT
            ),
            adminDescription=f"User_{identifier('written back')}",
        ),
        entry(
            dn_of(sid_of(dn_of("Fatima Aziz", FABRIKAM_PEOPLE)), FOREIGN),
            "top foreignSecurityPrincipal",
            Verdict("A foreign principal only joins, and its account was not synchronised yet.", 9, _OUT),
            {
                "cn": sid_of(dn_of("Fatima Aziz", FABRIKAM_PEOPLE)),
                "objectSid": sid_bytes(sid_of(dn_of("Fatima Aziz", FABRIKAM_PEOPLE))),
            },
        ),
    )


def filtered_outbound() -> tuple[Entry, ...]:
    """Return those that reach the metaverse and that no outbound rule provisions."""

    def system(why: str) -> Verdict:
        return Verdict(f"{why}: {_FILTERED}.", 9, _NO_TARGET)

    return (
        person("Sam Less", PEOPLE, system("No sAMAccountName"), sAMAccountName=None),
        person(
            "MSOL 4f1c", USERS, system("A sync account, sAMAccountName MSOL_..."), sAMAccountName="MSOL_4f1c9a2b7d31"
        ),
        person("AAD 77b0", USERS, system("A sync account, sAMAccountName AAD_..."), sAMAccountName="AAD_77b0c2d1e4f8"),
        person("CAS probe", USERS, system("A client access probe, CAS_{...}"), sAMAccountName="CAS_{0a1b2c3d4e}"),
        person(
            "SystemMailbox one",
            USERS,
            system("An arbitration mailbox, mailNickname SystemMailbox{...}"),
            **mailbox(f"SystemMailbox{{{identifier('arbitration')}}}@contoso.com"),
        ),
        person(
            "PF Announcements",
            USERS,
            system("Recipient type 0x1000, a mail public folder"),
            **mailbox("announcements@contoso.com", msExchRecipientTypeDetails="4096"),
        ),
        person(
            "Discovery mailbox",
            USERS,
            system("Recipient type 0x20000000, a discovery mailbox"),
            **mailbox("discovery@contoso.com", msExchRecipientTypeDetails="536870912"),
        ),
        person(_CONFLICT, PEOPLE, system("A replication victim, CNF: in its name"), displayName="Carl Conflict"),
        person(
            "Mia Mailbox",
            PEOPLE,
            Verdict(
                "A linked mailbox whose master account is unknown: no sourceAnchor, no sourceObjectType.", 9, _NO_TARGET
            ),
            **mailbox(
                "mia.mailbox@contoso.com",
                msExchRecipientTypeDetails="2",
                msExchMasterAccountSid=sid_bytes("S-1-5-21-99018273-1029384756-564738291-1188"),
            ),
            userAccountControl=str(DISABLED),
        ),
    )


def rule_errors() -> tuple[Entry, ...]:
    """Return those on whom a rule fails: step 9, the engine's own codes."""
    long_page = "https://intranet.contoso.com/retention/" + "policy-".join("0123456789" for _ in range(28))
    return (
        person(
            "Noel Account",
            PEOPLE,
            Verdict(
                "Neither UPN nor sAMAccountName: the UPN flow raises its Error().",
                9,
                "sync-rule-error-function-triggered",
            ),
            sAMAccountName=None,
            userPrincipalName=None,
        ),
        person(
            "Liv Long",
            PEOPLE,
            Verdict(
                "msExchRetentionURL flows directly and is longer than the 448 of the metaverse.",
                9,
                "mv-constraint-violation",
            ),
            **mailbox("liv.long@contoso.com", msExchRetentionURL=long_page),
        ),
        person(
            "Pia Pictures",
            PEOPLE,
            Verdict(
                "Two values of photo flow directly into a single-valued attribute.",
                9,
                "flow-multi-values-to-single-value",
            ),
            photo=(b"\xff\xd8\xff\xe0one\xff\xd9", b"\xff\xd8\xff\xe0two\xff\xd9"),
        ),
    )


def export_errors() -> tuple[Entry, ...]:
    """Return those whom the tenant refuses: step 10."""
    return (
        person(
            "Dora Twin",
            PEOPLE,
            Verdict("Her UPN is held by a user with another source anchor.", 10, "InvalidSoftMatch"),
        ),
        person(
            "Sven Anew",
            PEOPLE,
            Verdict(
                "His AD account was deleted and made anew: the tenant has his UPN under the old anchor.",
                10,
                "InvalidSoftMatch",
            ),
        ),
        person(
            "Emil Twin",
            PEOPLE,
            Verdict("His UPN is held by a cloud-only user without an anchor.", 10, "attributevaluemustbeunique"),
        ),
        person(
            "Rika Renamed",
            PEOPLE,
            Verdict(
                "Adopted by anchor, but her new UPN belongs to somebody else already.", 10, "attributevaluemustbeunique"
            ),
        ),
        person(
            "Info Desk",
            PEOPLE,
            Verdict("Its primary address is the address of a group in the tenant.", 10, "objecttypemismatch"),
            mail="info@contoso.com",
            proxyAddresses="SMTP:info@contoso.com",
        ),
        person(
            "José Accent",
            PEOPLE,
            Verdict("An accent in the UPN: Entra takes ASCII only.", 10, "datavalidationfailed"),
            userPrincipalName="josé.accent@contoso.com",
        ),
        person(
            "Otis Mastered",
            PEOPLE,
            Verdict(
                "Another synchronisation masters him in the tenant (onPremisesSyncEnabled).", 10, "graph-read-only"
            ),
        ),
    )
