"""The tenant itself: organization, domains, onPremisesSynchronization, service principals, `$metadata`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.exchange import Answer, Call
from adsyncdiag.connectors.lab.odata import parse_query_string
from adsyncdiag.connectors.lab.problems import no_right, not_found, unsupported_query
from adsyncdiag.connectors.lab.properties import PROPERTIES, TYPE_NAMES
from adsyncdiag.connectors.lab.tenant import domains_of

_ORGANIZATION: Entity = {
    "deletedDateTime": None, "businessPhones": [], "city": None, "country": None, "countryLetterCode": None,
    "createdDateTime": None, "defaultUsageLocation": None, "marketingNotificationEmails": [],
    "onPremisesLastSyncDateTime": None, "onPremisesSyncEnabled": None, "partnerTenantType": None, "postalCode": None,
    "preferredLanguage": None, "securityComplianceNotificationMails": [], "securityComplianceNotificationPhones": [],
    "state": None, "street": None, "technicalNotificationMails": [], "tenantType": "AAD", "assignedPlans": [],
    "provisionedPlans": [],
}  # fmt: skip
_FEATURES = (
    "allowOnPremUpdateOfOnPremisesObjectIdentifier", "blockCloudObjectTakeoverThroughHardMatch", "blockSoftMatch",
    "bypassDirSyncOverrides", "cloudPasswordPolicyForPasswordSyncedUsers", "concurrentCredentialUpdate",
    "concurrentOrgIdProvisioning", "deviceWriteback", "directoryExtensions", "fopeConflictResolution", "groupWriteBack",
    "passwordSync", "passwordWriteback", "quarantineUponProxyAddressesConflict", "quarantineUponUpnConflict",
    "softMatchOnUpn", "synchronizeUpnForManagedUsers", "unifiedGroupWriteback", "userForcePasswordChangeOnLogon",
    "userWriteback",
)  # fmt: skip
_ON_BY_DEFAULT = frozenset({"quarantineUponProxyAddressesConflict", "quarantineUponUpnConflict", "softMatchOnUpn"})
_APP_ID = re.compile(r"\s*appId\s+eq\s+'([^']*)'\s*\Z", re.IGNORECASE)


def list_organization(call: Call, kind: str) -> Answer:
    """Answer `GET /organization`: a list with the one tenant."""
    return _list(call, "organization", [_selected(call, _organization(call))])


def get_organization(call: Call, kind: str) -> Answer:
    """Answer `GET /organization/<tenant id>`."""
    return _one(call, "organization", [_organization(call)])


def list_domains(call: Call, kind: str) -> Answer:
    """Answer `GET /domains`."""
    return _list(call, "domains", [_selected(call, domain) for domain in _domains(call)])


def get_domain(call: Call, kind: str) -> Answer:
    """Answer `GET /domains/<name>`."""
    return _one(call, "domains", list(_domains(call)))


def list_synchronization(call: Call, kind: str) -> Answer:
    """Answer `GET /directory/onPremisesSynchronization`."""
    return _list(call, "directory/onPremisesSynchronization", [_synchronization(call)])


def get_synchronization(call: Call, kind: str) -> Answer:
    """Answer `GET /directory/onPremisesSynchronization/<tenant id>`."""
    return _one(call, "directory/onPremisesSynchronization", [_synchronization(call)])


def refuse_synchronization(call: Call, kind: str) -> Answer:
    """Refuse `PATCH /directory/onPremisesSynchronization/<id>`, which only a signed-in administrator may do (4.7)."""
    raise no_right()


def list_service_principals(call: Call, kind: str) -> Answer:
    """Answer `GET /servicePrincipals`; `$filter=appId eq '...'` is the one filter offered."""
    clause = parse_query_string(call.request.query).get("filter", "")
    match = _APP_ID.match(clause)
    if clause and match is None:
        raise unsupported_query("Unsupported Query.")
    found = [p for p in _principals(call) if match is None or str(p["appId"]).lower() == match[1].lower()]
    return _list(call, "servicePrincipals", [_selected(call, principal) for principal in found])


def metadata(call: Call, kind: str) -> Answer:
    """Answer `GET /$metadata`: the entity types the lab has, in short."""
    edm = {"string": "Edm.String", "boolean": "Edm.Boolean", "integer": "Edm.Int32", "datetime": "Edm.DateTimeOffset"}
    lines = ['<?xml version="1.0" encoding="utf-8"?>',
             '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
             '<Schema Namespace="microsoft.graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">']  # fmt: skip
    for collection, table in PROPERTIES.items():
        lines.append(f'<EntityType Name="{TYPE_NAMES[collection]}" OpenType="true">')
        for definition in table.values():
            name = edm.get(definition.type, "Edm.Untyped")
            shown = f"Collection({'Edm.String' if definition.type == 'strings' else 'Edm.Untyped'})"
            lines.append(f'<Property Name="{definition.name}" Type="{shown if definition.collection else name}" />')
        lines.append("</EntityType>")
    lines.append("</Schema></edmx:DataServices></edmx:Edmx>")
    return Answer(200, text="\n".join(lines), headers={"Content-Type": "application/xml"})


def _organization(call: Call) -> Entity:
    return {"id": call.organization["id"], **_ORGANIZATION, **call.organization}


def _domains(call: Call) -> Iterator[Entity]:
    for domain in domains_of(call.organization):
        services: list[Json] = [name.strip() for name in domain.capabilities.split(",") if name.strip()]
        yield {
            "id": domain.name,
            "authenticationType": "Federated" if domain.federated else "Managed",
            "availabilityStatus": None,
            "isAdminManaged": True,
            "isDefault": domain.default,
            "isInitial": domain.initial,
            "isRoot": True,
            "isVerified": True,
            "manufacturer": None,
            "model": None,
            "passwordNotificationWindowInDays": None,
            "passwordValidityPeriodInDays": None,
            "state": None,
            "supportedServices": services,
        }


def _synchronization(call: Call) -> Entity:
    """Return the settings of synchronisation: those of the file over Entra's defaults (500 deletions)."""
    stored = call.directory.sections["onPremisesSynchronization"]
    own = stored if isinstance(stored, dict) else {}
    prevention: Entity = {"synchronizationPreventionType": "enabledForCount", "alertThreshold": 500}
    configuration: Entity = {"accidentalDeletionPrevention": prevention}
    features: Entity = {f"{name}Enabled": name in _ON_BY_DEFAULT for name in _FEATURES}
    for defaults, section in ((configuration, "configuration"), (features, "features")):
        given = own.get(section)
        defaults.update(given if isinstance(given, dict) else {})
    return {"id": call.organization["id"], "configuration": configuration, "features": features}


def _principals(call: Call) -> Iterator[Entity]:
    for application in call.tenant.applications():
        yield {
            "id": str(uuid5(NAMESPACE_URL, application.client_id)),
            "deletedDateTime": None,
            "accountEnabled": True,
            "appId": application.client_id,
            "appDisplayName": "adsyncdiag lab",
            "appOwnerOrganizationId": call.organization["id"],
            "displayName": "adsyncdiag lab",
            "servicePrincipalType": "Application",
        }


def _selected(call: Call, entity: Entity) -> Entity:
    wanted = parse_query_string(call.request.query).get("select", "")
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    return {name: entity.get(name) for name in names} if names else entity


def _list(call: Call, path: str, value: list[Entity]) -> Answer:
    return Answer(200, {"@odata.context": f"{call.request.root}/{call.version}/$metadata#{path}", "value": value})


def _one(call: Call, path: str, among: list[Entity]) -> Answer:
    for entity in among:
        if str(entity["id"]).lower() == call.keys[0].lower():
            head: Entity = {"@odata.context": f"{call.request.root}/{call.version}/$metadata#{path}/$entity"}
            return Answer(200, head | _selected(call, entity))
    raise not_found(call.keys[0])
