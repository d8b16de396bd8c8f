"""One table: what an attribute of the Entra connector space is in Graph, and what can be done with it.

The names are those of the connector's schema in a server export (engine.md 3.5); what each maps to, and whether Graph
takes it, is cmdlets-and-graph.md 4.1, 4.3 and 4.11. An attribute that is not here has class `none`: Graph v1.0 has nothing
for it, or keeps it out of reach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from adsyncdiag.model.changes import Writability

SYNTHESISED = ""
"""The Graph property of an attribute that we make ourselves from the object's type and id."""


class Form(Enum):
    """How a value is written on Graph's side; `convert` holds the two directions."""

    TEXT = "text"
    FLAG = "true or false"
    TEXTS = "list of texts"
    FIRST = "list of one text"
    SID = "S-1-... text of a binary SID"
    GUID = "GUID text of 16 bytes"
    UNIQUE_NAME = "hex of the UTF-8 text"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One attribute of one object type, and its counterpart."""

    name: str
    graph: str
    """The property, or `complex.property`; for references the navigation property."""
    writability: Writability
    form: Form = Form.TEXT
    limit: int | None = None
    """Longest value that Graph takes, in characters; not enforced here, the service's own answer is better evidence."""
    never_empty: bool = False
    """Graph refuses null: an object without a value of its own keeps the one it has, or the one that was made up for it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the manual's table."""

    object_type: str
    attribute: str
    graph: str
    writability: str
    limit: str


_WRITE, _READ = Writability.WRITE, Writability.READ

_CLOUD = (
    Mapped("cloudAnchor", SYNTHESISED, _READ),
    Mapped("cloudMastered", SYNTHESISED, _READ, Form.FLAG),
)

_USER = (
    Mapped("sourceAnchor", "onPremisesImmutableId", _WRITE),
    Mapped("accountEnabled", "accountEnabled", _WRITE, Form.FLAG, never_empty=True),
    Mapped("alias", "mailNickname", _WRITE, limit=64, never_empty=True),
    Mapped("city", "city", _WRITE, limit=128),
    Mapped("company", "companyName", _WRITE, limit=64),
    Mapped("country", "country", _WRITE, limit=128),
    Mapped("department", "department", _WRITE, limit=64),
    Mapped("displayName", "displayName", _WRITE, limit=256, never_empty=True),
    Mapped("employeeId", "employeeId", _WRITE, limit=16),
    Mapped("employeeType", "employeeType", _WRITE),
    *(
        Mapped(f"extensionAttribute{n}", f"onPremisesExtensionAttributes.extensionAttribute{n}", _WRITE)
        for n in range(1, 16)
    ),
    Mapped("facsimileTelephoneNumber", "faxNumber", _WRITE),
    Mapped("givenName", "givenName", _WRITE, limit=64),
    Mapped("mail", "mail", _WRITE),
    Mapped("manager", "manager", Writability.WRITE_REFERENCE, Form.REFERENCE),
    Mapped("mobile", "mobilePhone", _WRITE),
    Mapped("physicalDeliveryOfficeName", "officeLocation", _WRITE),
    Mapped("postalCode", "postalCode", _WRITE, limit=40),
    Mapped("preferredDataLocation", "preferredDataLocation", _WRITE),
    Mapped("preferredLanguage", "preferredLanguage", _WRITE),
    Mapped("state", "state", _WRITE, limit=128),
    Mapped("streetAddress", "streetAddress", _WRITE, limit=1024),
    Mapped("surname", "surname", _WRITE, limit=64),
    Mapped("telephoneNumber", "businessPhones", _WRITE, Form.FIRST),
    Mapped("title", "jobTitle", _WRITE, limit=128),
    Mapped("usageLocation", "usageLocation", _WRITE, limit=2, never_empty=True),
    Mapped("userPrincipalName", "userPrincipalName", _WRITE, never_empty=True),
    Mapped("dnsDomainName", "onPremisesDomainName", _READ),
    Mapped("onPremiseSecurityIdentifier", "onPremisesSecurityIdentifier", _READ, Form.SID),
    Mapped("onPremisesDistinguishedName", "onPremisesDistinguishedName", _READ),
    Mapped("onPremisesSamAccountName", "onPremisesSamAccountName", _READ),
    Mapped("onPremisesUserPrincipalName", "onPremisesUserPrincipalName", _READ),
    Mapped("proxyAddresses", "proxyAddresses", _READ, Form.TEXTS),
    *_CLOUD,
)

_GROUP = (
    Mapped("sourceAnchor", "uniqueName", _WRITE, Form.UNIQUE_NAME),
    Mapped("alias", "mailNickname", _WRITE, limit=64, never_empty=True),
    Mapped("description", "description", _WRITE, limit=1024),
    Mapped("displayName", "displayName", _WRITE, limit=256, never_empty=True),
    Mapped("member", "members", Writability.WRITE_REFERENCE, Form.REFERENCE),
    Mapped("securityEnabled", "securityEnabled", _WRITE, Form.FLAG, never_empty=True),
    Mapped("dnsDomainName", "onPremisesDomainName", _READ),
    Mapped("mail", "mail", _READ),
    Mapped("netBiosName", "onPremisesNetBiosName", _READ),
    Mapped("onPremiseSecurityIdentifier", "onPremisesSecurityIdentifier", _READ, Form.SID),
    Mapped("onPremisesSamAccountName", "onPremisesSamAccountName", _READ),
    Mapped("proxyAddresses", "proxyAddresses", _READ, Form.TEXTS),
    *_CLOUD,
)

_CONTACT = (
    Mapped("alias", "mailNickname", _READ),
    Mapped("company", "companyName", _READ),
    Mapped("department", "department", _READ),
    Mapped("displayName", "displayName", _READ),
    Mapped("givenName", "givenName", _READ),
    Mapped("mail", "mail", _READ),
    Mapped("proxyAddresses", "proxyAddresses", _READ, Form.TEXTS),
    Mapped("surname", "surname", _READ),
    Mapped("title", "jobTitle", _READ),
    *_CLOUD,
)

_DEVICE = (
    Mapped("accountEnabled", "accountEnabled", _READ, Form.FLAG),
    Mapped("deviceId", "deviceId", _READ, Form.GUID),
    Mapped("deviceOSType", "operatingSystem", _READ),
    Mapped("deviceOSVersion", "operatingSystemVersion", _READ),
    Mapped("deviceTrustType", "trustType", _READ),
    Mapped("displayName", "displayName", _READ),
    Mapped("sourceAnchor", SYNTHESISED, _READ),
    *_CLOUD,
)

TABLE: Mapping[str, Mapping[str, Mapped]] = {
    object_type: {entry.name: entry for entry in rows}
    for object_type, rows in (("user", _USER), ("group", _GROUP), ("contact", _CONTACT), ("device", _DEVICE))
}
"""Object type, then connector-space name."""

COLLECTIONS: Mapping[str, str] = {"user": "users", "group": "groups", "contact": "contacts", "device": "devices"}
"""Object type and the collection Graph keeps it in."""

_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "user": ("id", "displayName", "userPrincipalName", "onPremisesImmutableId", "onPremisesSyncEnabled"),
    "group": ("id", "displayName", "uniqueName", "onPremisesSyncEnabled"),
    "contact": ("id", "displayName", "onPremisesSyncEnabled"),
    "device": ("id", "displayName", "deviceId", "trustType", "onPremisesSyncEnabled"),
}


def writability(object_type: str, attribute: str) -> Writability:
    """Say what can be done with *attribute* of objects of *object_type*; `none` for all that the table does not know."""
    found = TABLE.get(object_type, {}).get(attribute)
    return found.writability if found is not None else Writability.NONE


def identifying(object_type: str) -> tuple[str, ...]:
    """Return the Graph properties that tell which object it is, and who masters it."""
    return _IDENTITY[object_type]


def selected(object_type: str) -> tuple[str, ...]:
    """Return every Graph property that a whole read of *object_type* asks for."""
    names = dict.fromkeys(_IDENTITY[object_type])
    for entry in TABLE[object_type].values():
        if entry.graph != SYNTHESISED and entry.form is not Form.REFERENCE:
            names[entry.graph.partition(".")[0]] = None
    return tuple(names)


def by_property(object_type: str, graph: str) -> str:
    """Return the connector-space name of a Graph property; the property itself when it has none."""
    found = (entry.name for entry in TABLE[object_type].values() if entry.graph.rpartition(".")[2] == graph)
    return next(found, graph)


def manual() -> tuple[Row, ...]:
    """Return the table for the manual, by object type and attribute; what is missing there has class `none`."""
    return tuple(
        Row(object_type, entry.name, entry.graph or "-", entry.writability.value, str(entry.limit or "-"))
        for object_type, rows in TABLE.items()
        for entry in sorted(rows.values(), key=lambda entry: entry.name.lower())
    )
