"""The containers of the lab's forest."""

from __future__ import annotations

from adsyncdiag.connectors.lab.scenarios.domains import APAC, CONTOSO, DOMAINS, EMEA, FABRIKAM, LATAM
from adsyncdiag.connectors.lab.scenarios.entries import Entry, Verdict, entry
from adsyncdiag.connectors.lab.scenarios.identifiers import sid_bytes

CORP = f"OU=corp,{CONTOSO.dn}"
PEOPLE = f"OU=people,{CORP}"
NAMES = f"OU=odd names,{CORP}"
GROUPS = f"OU=groups,{CORP}"
PARTNERS = f"OU=partners,{CORP}"
DEVICES = f"OU=devices,{CORP}"
PRINTERS = f"OU=printers,{CORP}"
BOARD = f"OU=board,{CORP}"
EXCLUDED = f"OU=Excluded,{CORP}"
KEPT = f"OU=Kept,{EXCLUDED}"
LEGACY = f"OU=legacy,{CONTOSO.dn}"
USERS = f"CN=Users,{CONTOSO.dn}"
FOREIGN = f"CN=ForeignSecurityPrincipals,{CONTOSO.dn}"
EMEA_PEOPLE, APAC_PEOPLE, LATAM_PEOPLE = (f"OU=people,{domain.dn}" for domain in (EMEA, APAC, LATAM))
FABRIKAM_PEOPLE, FABRIKAM_GROUPS = f"OU=people,{FABRIKAM.dn}", f"OU=groups,{FABRIKAM.dn}"

_UNITS = (
    *(CORP, PEOPLE, NAMES, GROUPS, PARTNERS, DEVICES, PRINTERS, BOARD, EXCLUDED, KEPT, LEGACY),
    *(EMEA_PEOPLE, APAC_PEOPLE, LATAM_PEOPLE, FABRIKAM_PEOPLE, FABRIKAM_GROUPS),
)
_STRUCTURE = Verdict(
    "A container: imported as structure, yet no synchronisation rule takes its object type.", 9, "no-metaverse-object"
)


def containers() -> tuple[Entry, ...]:
    """Return domains, containers and organisational units, each after the one it lies in."""
    roots = tuple(
        entry(
            domain.dn,
            "top domain domainDNS",
            None,
            {"dc": domain.fqdn.partition(".")[0], "objectSid": sid_bytes(domain.sid)},
        )
        for domain in DOMAINS
    )
    system = tuple(
        entry(dn, "top container", None, {"cn": dn[3 : dn.index(",")], "isCriticalSystemObject": "TRUE"})
        for dn in (USERS, FOREIGN)
    )
    units = tuple(
        entry(dn, "top organizationalUnit", _STRUCTURE if dn == CORP else None, {"ou": dn[3 : dn.index(",")]})
        for dn in _UNITS
    )
    return roots + system + units
