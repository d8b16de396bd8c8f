"""What Graph v1.0 knows about the properties of users, groups, contacts and devices.

One table for each resource, one line for each property: name, type, who may write it, filtering, remarks. Sources: the
`user`, `group`, `orgContact` and `device` resource pages and the advanced-query page of Microsoft Learn, msgraph-sdk 1.65,
cmdlets-and-graph.md 4.1 and 4.3. Properties that live in SharePoint (aboutMe, skills, ...) are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

KINDS = ("users", "groups", "contacts", "devices")
RELATIONS = {"users": frozenset({"manager"}), "groups": frozenset({"members", "owners"})}
"""Relationships that an object of the tenant's file may state beside its properties."""

TYPE_NAMES = {"users": "user", "groups": "group", "contacts": "orgContact", "devices": "device"}
RESOURCE_NAMES = {"users": "User", "groups": "Group", "contacts": "OrgContact", "devices": "Device"}
"""How error messages call the resource."""

INDEXED = ("userPrincipalName", "onPremisesImmutableId", "mail", "proxyAddresses", "uniqueName", "mailNickname",
           "displayName", "deviceId")  # fmt: skip
EXACT = frozenset({"onPremisesImmutableId"})
"""Properties compared with case, because a source anchor is case-sensitive (Learn, plan-connect-design-concepts)."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a resource."""

    name: str
    type: str
    """`string`, `boolean`, `integer`, `datetime`, `strings`, `object` or `objects`."""
    access: str
    """`write`, `create` (only when creating), `read` (400 when set) or `denied` (403 when set)."""
    filter: str
    """`basic`, `advanced` (needs ConsistencyLevel and $count) or `none`."""
    default: bool
    """Returned when no $select is given."""
    required: bool
    limit: int
    """Most characters of a string, or most items of a collection; 0 is no limit."""

    @property
    def collection(self) -> bool:
        """True for a property with several values, which is `[]` and never null."""
        return self.type in ("strings", "objects")


_USER = """
businessPhones                  strings   write   basic     default limit=1
displayName                     string    write   basic     default required limit=256
givenName                       string    write   basic     default limit=64
jobTitle                        string    write   basic     default limit=128
mail                            string    write   basic     default limit=256
mobilePhone                     string    write   advanced  default limit=64
officeLocation                  string    write   advanced  default limit=128
preferredLanguage               string    write   advanced  default
surname                         string    write   basic     default limit=64
userPrincipalName               string    write   basic     default required limit=113
id                              string    read    basic     default
accountEnabled                  boolean   write   basic     required
ageGroup                        string    write   basic
assignedLicenses                objects   read    none
assignedPlans                   objects   read    none
city                            string    write   basic     limit=128
companyName                     string    write   advanced  limit=64
consentProvidedForMinor         string    write   basic
country                         string    write   basic     limit=128
createdDateTime                 datetime  read    basic
creationType                    string    read    basic
deletedDateTime                 datetime  read    basic
department                      string    write   basic     limit=64
employeeHireDate                datetime  write   advanced
employeeId                      string    write   basic     limit=16
employeeLeaveDateTime           datetime  write   advanced
employeeOrgData                 object    write   none
employeeType                    string    write   advanced
externalUserState               string    read    basic
externalUserStateChangeDateTime datetime  read    basic
faxNumber                       string    write   advanced
identities                      objects   write   none
imAddresses                     strings   read    basic
isManagementRestricted          boolean   read    none
isResourceAccount               boolean   write   basic
lastPasswordChangeDateTime      datetime  read    none
legalAgeGroupClassification     string    read    none
licenseAssignmentStates         objects   read    none
mailNickname                    string    write   basic     required limit=64
onPremisesDistinguishedName     string    read    none
onPremisesDomainName            string    read    none
onPremisesExtensionAttributes   object    write   advanced
onPremisesImmutableId           string    write   basic
onPremisesLastSyncDateTime      datetime  read    advanced
onPremisesObjectIdentifier      string    read    none
onPremisesProvisioningErrors    objects   read    none
onPremisesSamAccountName        string    read    advanced
onPremisesSecurityIdentifier    string    read    basic
onPremisesSyncEnabled           boolean   read    basic
onPremisesUserPrincipalName     string    read    basic
otherMails                      strings   write   basic     limit=250
passwordPolicies                string    write   advanced
passwordProfile                 object    write   none      required
postalCode                      string    write   advanced  limit=40
preferredDataLocation           string    write   none
provisionedPlans                objects   read    none
proxyAddresses                  strings   denied  basic
securityIdentifier              string    read    none
serviceProvisioningErrors       objects   read    none
showInAddressList               boolean   write   advanced
signInSessionsValidFromDateTime datetime  read    none
state                           string    write   basic     limit=128
streetAddress                   string    write   advanced  limit=1024
usageLocation                   string    write   basic     limit=2
userType                        string    write   basic
"""

_GROUP = """
id                              string    read    basic     default
deletedDateTime                 datetime  read    advanced  default
classification                  string    write   advanced  default
createdDateTime                 datetime  read    advanced  default
description                     string    write   advanced  default limit=1024
displayName                     string    write   basic     default required limit=256
expirationDateTime              datetime  read    advanced  default
groupTypes                      strings   create  basic     default
isAssignableToRole              boolean   create  basic     default
mail                            string    read    basic     default
mailEnabled                     boolean   create  basic     default required
mailNickname                    string    write   basic     default required limit=64
membershipRule                  string    write   advanced  default
membershipRuleProcessingState   string    write   advanced  default
onPremisesDomainName            string    read    none      default
onPremisesLastSyncDateTime      datetime  read    advanced  default
onPremisesNetBiosName           string    read    none      default
onPremisesSamAccountName        string    read    advanced  default
onPremisesSecurityIdentifier    string    read    basic     default
onPremisesSyncEnabled           boolean   read    basic     default
preferredDataLocation           string    write   none      default
preferredLanguage               string    write   advanced  default
proxyAddresses                  strings   read    basic     default
renewedDateTime                 datetime  read    advanced  default
resourceBehaviorOptions         strings   create  none      default
resourceProvisioningOptions     strings   create  none      default
securityEnabled                 boolean   write   basic     default required
securityIdentifier              string    read    none      default
theme                           string    write   none      default
uniqueName                      string    create  basic     default limit=128
visibility                      string    write   advanced  default
onPremisesProvisioningErrors    objects   read    none      default
serviceProvisioningErrors       objects   read    none      default
assignedLabels                  objects   read    none
assignedLicenses                objects   read    none
isManagementRestricted          boolean   read    none
"""

_CONTACT = """
id                              string    read    basic     default
deletedDateTime                 datetime  read    none      default
companyName                     string    read    advanced  default
department                      string    read    basic     default
displayName                     string    read    basic     default
givenName                       string    read    basic     default
jobTitle                        string    read    basic     default
mail                            string    read    basic     default
mailNickname                    string    read    basic     default
onPremisesLastSyncDateTime      datetime  read    advanced  default
onPremisesSyncEnabled           boolean   read    basic     default
surname                         string    read    basic     default
addresses                       objects   read    none      default
onPremisesProvisioningErrors    objects   read    none      default
phones                          objects   read    none      default
proxyAddresses                  strings   read    basic     default
serviceProvisioningErrors       objects   read    none      default
"""

_DEVICE = """
id                              string    read    basic     default
deletedDateTime                 datetime  read    none      default
accountEnabled                  boolean   read    basic     default
approximateLastSignInDateTime   datetime  read    basic     default
complianceExpirationDateTime    datetime  read    none      default
createdDateTime                 datetime  read    advanced  default
deviceCategory                  string    read    none      default
deviceId                        string    read    basic     default
deviceMetadata                  string    read    none      default
deviceOwnership                 string    read    none      default
deviceVersion                   integer   read    none      default
displayName                     string    read    basic     default
enrollmentProfileName           string    read    none      default
enrollmentType                  string    read    none      default
isCompliant                     boolean   read    basic     default
isManaged                       boolean   read    basic     default
isManagementRestricted          boolean   read    none      default
isRooted                        boolean   read    none      default
managementType                  string    read    none      default
manufacturer                    string    read    none      default
mdmAppId                        string    read    none      default
model                           string    read    none      default
onPremisesLastSyncDateTime      datetime  read    advanced  default
onPremisesSecurityIdentifier    string    read    none      default
onPremisesSyncEnabled           boolean   read    basic     default
operatingSystem                 string    read    basic     default
operatingSystemVersion          string    read    basic     default
physicalIds                     strings   read    basic     default
profileType                     string    read    basic     default
registrationDateTime            datetime  read    none      default
systemLabels                    strings   read    none      default
trustType                       string    read    basic     default
alternativeSecurityIds          objects   read    none      default
"""


def _table(text: str) -> MappingProxyType[str, Property]:
    rows = {}
    for line in text.strip().splitlines():
        name, kind, access, filtering, *remarks = line.split()
        limit = next((int(remark[6:]) for remark in remarks if remark.startswith("limit=")), 0)
        rows[name] = Property(name, kind, access, filtering, "default" in remarks, "required" in remarks, limit)
    return MappingProxyType(rows)


PROPERTIES = {
    "users": _table(_USER),
    "groups": _table(_GROUP),
    "contacts": _table(_CONTACT),
    "devices": _table(_DEVICE),
}
DEFAULTS = {kind: tuple(p.name for p in table.values() if p.default) for kind, table in PROPERTIES.items()}
FOLDED = {kind: {name.lower(): name for name in table} for kind, table in PROPERTIES.items()}
"""Graph takes property names of a query in any letter case and answers with its own spelling."""

BETA_ON_PREMISES = frozenset(
    {
        "onPremisesDistinguishedName",
        "onPremisesDomainName",
        "onPremisesImmutableId",
        "onPremisesObjectIdentifier",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesUserPrincipalName",
    }
)
"""What `PATCH /beta/users/{id}` may set or clear on cloud-only users (cmdlets-and-graph.md 4.2)."""

CLOUD_OWNED = frozenset({"usageLocation", "passwordProfile", "passwordPolicies", "otherMails"})
"""What stays writable on an object mastered on-premises; everything else is refused (cmdlets-and-graph.md 4.0)."""


def kind_of_type(type_name: str) -> str:
    """Return the collection of a type such as `#microsoft.graph.user`, `microsoft.graph.user` or `graph.user`, else nothing.

    `graph` is the alias that Graph's `$metadata` declares and Microsoft's SDKs use in paths.
    """
    short = type_name.removeprefix("#").removeprefix("microsoft.").removeprefix("graph.")
    return next((kind for kind, name in TYPE_NAMES.items() if name.lower() == short.lower()), "")
