"""The lab's forests and domains: names, SIDs, and what the connectors select of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from adsyncdiag.connectors.lab.scenarios.identifiers import identifier


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain; *partition* is False where no connector has heard of it yet."""

    fqdn: str
    netbios: str
    sid: str
    selected: bool = True
    partition: bool = True
    excluded: tuple[str, ...] = ()
    included: tuple[str, ...] = ()

    @property
    def dn(self) -> str:
        """The DN of the domain's root."""
        return ",".join(f"DC={part}" for part in self.fqdn.split("."))

    @property
    def partition_id(self) -> UUID:
        """The identifier of its partition."""
        return identifier("partition", self.fqdn)


@dataclass(frozen=True, slots=True)
class Forest:
    """One AD connector; *incomplete* lists (run profile, domain) pairs whose step was forgotten."""

    domains: tuple[Domain, ...]
    account: str
    group_filter: str = ""
    incomplete: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The connector's name: that of the root domain."""
        return self.domains[0].fqdn

    @property
    def connector_id(self) -> UUID:
        """The connector's identifier."""
        return identifier("forest connector", self.name)


CONTOSO = Domain(
    "contoso.com",
    "CONTOSO",
    "S-1-5-21-1718295043-2910374456-3085612907",
    excluded=("DC=contoso,DC=com", "OU=Excluded,OU=corp,DC=contoso,DC=com"),
    included=(
        "CN=ForeignSecurityPrincipals,DC=contoso,DC=com",
        "CN=Users,DC=contoso,DC=com",
        "OU=corp,DC=contoso,DC=com",
        "OU=Kept,OU=Excluded,OU=corp,DC=contoso,DC=com",
    ),
)
EMEA = Domain("emea.contoso.com", "EMEA", "S-1-5-21-604118843-1250337098-4117230655", selected=False)
APAC = Domain(
    "apac.contoso.com", "APAC", "S-1-5-21-2240176635-881204537-1934460218", included=("DC=apac,DC=contoso,DC=com",)
)
LATAM = Domain("latam.contoso.com", "LATAM", "S-1-5-21-3347720915-1097846120-2609113574", partition=False)
FABRIKAM = Domain(
    "fabrikam.com",
    "FABRIKAM",
    "S-1-5-21-1290463357-3725041186-1846607312",
    included=("DC=fabrikam,DC=com",),
)
DOMAINS = (CONTOSO, EMEA, APAC, LATAM, FABRIKAM)

PILOT_GROUP = "CN=Entra pilot,OU=groups,DC=fabrikam,DC=com"
FORESTS = (
    Forest((CONTOSO, EMEA, APAC), "MSOL_c0ffee15a1ab", incomplete=(("Full Import", APAC.fqdn),)),
    Forest((FABRIKAM,), "MSOL_fab00c15a1ab", group_filter=PILOT_GROUP),
)

INITIAL_DOMAIN = "contoso.onmicrosoft.com"
TENANT_ID = identifier("tenant")
CLIENT_ID = identifier("application")
