"""People who arrive in Entra: the controls of the lab."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.entries import (
    DISABLED,
    Entry,
    Verdict,
    dn_of,
    mailbox,
    person,
    retyped,
    sid_of,
)
from adsyncdiag.connectors.lab.scenarios.identifiers import sid_bytes
from adsyncdiag.connectors.lab.scenarios.places import BOARD, CORP, FABRIKAM_PEOPLE, KEPT, NAMES, PEOPLE
from adsyncdiag.model.trace import Status

TESTOBJECT = dn_of("testobject", CORP)
DIRECTOR, HEAD, CLERK = (dn_of(name, PEOPLE) for name in ("Rosa Almeida", "Henrik Dahl", "Milan Kovac"))
LOOP_ONE, LOOP_TWO = (dn_of(name, PEOPLE) for name in ("Ines Loop", "Jonas Loop"))
OUTSIDER = dn_of("Greta Closed", f"OU=Excluded,{CORP}")
MASTER = dn_of("Lena Vogel", FABRIKAM_PEOPLE)
MOVED_FROM, MOVED_TO = dn_of("Omar Haddad", PEOPLE), dn_of("Omar Haddad", FABRIKAM_PEOPLE)
PILOT = dn_of("Fatima Aziz", FABRIKAM_PEOPLE)
ADOPTED, IDENTICAL = dn_of("Anton Bergmann", PEOPLE), dn_of("Ida Lindholm", PEOPLE)


def people() -> tuple[Entry, ...]:
    """Return the ordinary users, disabled ones, managers and linked mailboxes."""
    return (*_ordinary(), *_managers(), *_two_forests())


def _ordinary() -> tuple[Entry, ...]:
    inet = person(
        "Paula Nygaard", PEOPLE, Verdict("An inetOrgPerson: the rules treat it as a user, without password hash sync.")
    )
    return (
        person(
            "testobject",
            CORP,
            Verdict("An ordinary enabled mailbox user that the tenant does not have: created, then nothing to do."),
            **mailbox("testobject@contoso.com", extensionAttribute1="lab", msExchHideFromAddressLists="FALSE"),
            givenName="Test",
            sn="Object",
            displayName="Test Object",
            mobile="+45 86 55 0100",
            streetAddress="Havnegade 1",
            postalCode="8000",
            wWWHomePage=" https://contoso.com/people/testobject ",
        ),
        person(
            "Dagny Holm",
            PEOPLE,
            Verdict("A disabled user: created with accountEnabled False, because User Common covers her too."),
            userAccountControl=str(DISABLED),
        ),
        person(
            "Room 204",
            PEOPLE,
            Verdict("A room mailbox with its disabled account: created; its recipient type filters nothing."),
            **mailbox("room204@contoso.com", msExchRecipientTypeDetails="16", msExchRecipientDisplayType="-2147481850"),
            userAccountControl=str(DISABLED),
            sn=None,
        ),
        person(
            "Nora Nameless",
            PEOPLE,
            Verdict("No userPrincipalName: the rule builds sAMAccountName@%Domain.FQDN%."),
            userPrincipalName=None,
        ),
        person(
            "Tomas Vrba",
            PEOPLE,
            Verdict("Two descriptions: the rule takes the first and cuts it to 448 characters."),
            description=("Keeper of the archive", "Substitute on Fridays"),
        ),
        person(
            "Una Verrett",
            PEOPLE,
            Verdict(
                "The UPN suffix contoso.local is not verified: Entra names her una.verrett@contoso.onmicrosoft.com.",
                status=Status.WARNING,
            ),
            userPrincipalName="una.verrett@contoso.local",
        ),
        person(
            "Bo Blank",
            PEOPLE,
            Verdict(
                "A blank in the UPN: Entra falls back to the mail nickname at the initial domain.",
                status=Status.WARNING,
            ),
            userPrincipalName="bo blank@contoso.com",
        ),
        person(
            "Kasia Kept", KEPT, Verdict("OU=Kept is included again inside the excluded OU: the longest entry decides.")
        ),
        retyped(inet, "top person organizationalPerson user inetOrgPerson"),
        person(
            "Anton Bergmann",
            PEOPLE,
            Verdict("The tenant has him under the same source anchor with an old title: adopted and updated."),
            title="Head of operations",
        ),
        person(
            "Ida Lindholm",
            PEOPLE,
            Verdict(
                "The tenant has her under the same source anchor with the same values: adopted, nothing to change."
            ),
        ),
    )


def _managers() -> tuple[Entry, ...]:
    return (
        person("Rosa Almeida", PEOPLE, Verdict("Top of a chain of managers; has none herself."), title="Director"),
        person(
            "Henrik Dahl",
            PEOPLE,
            Verdict("Managed by Rosa Almeida: the reference arrives once she is synchronised."),
            manager=DIRECTOR,
        ),
        person(
            "Milan Kovac",
            PEOPLE,
            Verdict("Managed by Henrik Dahl, who is there already: created with his manager.", after=(DIRECTOR, HEAD)),
            manager=HEAD,
        ),
        person(
            "Ines Loop",
            PEOPLE,
            Verdict("Managed by Jonas Loop, whom she manages: a loop is no error."),
            manager=LOOP_TWO,
        ),
        person(
            "Jonas Loop",
            PEOPLE,
            Verdict("Managed by Ines Loop, whom he manages: a loop is no error."),
            manager=LOOP_ONE,
        ),
        person(
            "Petra Orphan",
            PEOPLE,
            Verdict("Her manager lies in an excluded OU: created without one, the reference resolves to nothing."),
            manager=OUTSIDER,
        ),
    )


def _two_forests() -> tuple[Entry, ...]:
    """Accounts in fabrikam.com with mailboxes in contoso.com: linked, and moved with a changed anchor."""
    linked = mailbox(
        "lena.vogel@contoso.com",
        msExchRecipientTypeDetails="2",
        msExchMasterAccountSid=sid_bytes(sid_of(MASTER)),
    )
    moved = mailbox("omar.haddad@contoso.com", msExchMasterAccountSid=sid_bytes(sid_of(MOVED_TO)))
    return (
        person(
            "Lena Vogel",
            PEOPLE,
            Verdict("A linked mailbox whose master account is synchronised first: joins it by SID.", after=(MASTER,)),
            **linked,
            userPrincipalName="lena.vogel.mailbox@contoso.com",
            userAccountControl=str(DISABLED),
        ),
        person(
            "Lena Vogel",
            FABRIKAM_PEOPLE,
            Verdict("The master account of a linked mailbox, in the filter group: created."),
        ),
        person(
            "Omar Haddad",
            PEOPLE,
            Verdict("His old account, disabled when he moved to fabrikam.com: created, and its anchor confirmed."),
            **moved,
            userAccountControl=str(DISABLED),
        ),
        person(
            "Omar Haddad",
            FABRIKAM_PEOPLE,
            Verdict(
                "His new account joins the old one's person by SID and brings its own anchor; Entra has confirmed the old one.",
                9,
                "sync-rule-error-function-triggered",
                after=(MOVED_FROM, MOVED_FROM),
            ),
        ),
        person(
            "Fatima Aziz", FABRIKAM_PEOPLE, Verdict("A direct member of the filter group of fabrikam.com: created.")
        ),
    )


def odd_names() -> tuple[Entry, ...]:
    """Return people whose names try to be markup, syntax or something invisible; all of them arrive."""
    inert = "arrives as the plain text it is"
    named = (
        ("<script>alert(1)</script>", "markup", "Markup in the name"),
        ("</script><img src=x onerror=alert(2)>", "onerror", "A closing script tag in the name"),
        ("Abe\u202elevart\u202c Ltd", "abe.rtl", "A right-to-left override in the name"),
        ('O\'Neill, "Chip" (Sales)', "chip.oneill", "A comma, quotes and an apostrophe in the name"),
        ("back\\slash; a=b + c", "back.slash", "A backslash, a semicolon, = and + in the name"),
        ("#hash & {{7*7}} ${x}", "hash.mark", "A leading # and template markers in the name"),
        ("Zoë 🦉 Ångström-李", "zoe.angstrom", "An emoji, accents and Chinese in the name"),
        ('=HYPERLINK("https://example.invalid","pay")', "formula", "A spreadsheet formula as the name"),
    )
    return tuple(
        person(
            name,
            NAMES,
            Verdict(f"{what}: {inert}."),
            givenName=None,
            sn=None,
            sAMAccountName=account,
            userPrincipalName=f"{account}@contoso.com",
            mail=f"{account}@contoso.com",
            proxyAddresses=f"SMTP:{account}@contoso.com",
        )
        for name, account, what in named
    )


def hidden() -> tuple[Entry, ...]:
    """Return those whom the connector account may not read."""
    verdict = Verdict("The connector account has no right to read it (unreadable.txt).", 4, "object-not-readable")
    return (person("Wanda Hidden", BOARD, verdict),)
