"""One `Connector_{GUID}.xml`: a forest, or the tenant (server-export.md 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from adsyncdiag.connectors.lab.scenarios.domains import FORESTS, INITIAL_DOMAIN, TENANT_ID, Domain, Forest
from adsyncdiag.connectors.lab.scenarios.identifiers import identifier, lower, upper
from adsyncdiag.connectors.lab.scenarios.schema_ad import AD_ATTRIBUTES, IMPORTED_TYPES, ad_classes, inclusion_list
from adsyncdiag.connectors.lab.scenarios.schema_entra import ANCHOR, TYPES, entra_attributes, entra_classes
from adsyncdiag.connectors.lab.scenarios.schema_file import forest_schema, prefixed_schema
from adsyncdiag.connectors.lab.scenarios.xml_text import around, element, parameter, secret_parameter
from adsyncdiag.model.configuration import ENTRA_CONNECTOR_ID
from adsyncdiag.model.rules import SyncRule

VERSION = "2.4.131.0"
"""The product version that the lab's server says it is."""
MADE, CHANGED = "2026-02-02 09:14:27.000", "2026-02-27 16:40:05.000"
_FORESTS_FLAGS = (
    ("ADS_UF_ACCOUNTDISABLE", "0x2"),
    ("ADS_GROUP_TYPE_GLOBAL_GROUP", "0x00000002"),
    ("ADS_GROUP_TYPE_DOMAIN_LOCAL_GROUP", "0x00000004"),
    ("ADS_GROUP_TYPE_LOCAL_GROUP", "0x00000004"),
    ("ADS_GROUP_TYPE_UNIVERSAL_GROUP", "0x00000008"),
    ("ADS_GROUP_TYPE_SECURITY_ENABLED", "0x80000000"),
)
_TO_CS = "<import-subtype>to-cs</import-subtype>"
RUN_PROFILES: tuple[tuple[str, str, str, int], ...] = (
    ("Full Import", "full-import", _TO_CS, 50),
    ("Full Synchronization", "apply-rules", "<apply-rules-subtype>reevaluate-flow-connectors</apply-rules-subtype>", 0),
    ("Delta Import", "delta-import", _TO_CS, 50),
    ("Delta Synchronization", "apply-rules", "<apply-rules-subtype>apply-pending</apply-rules-subtype>", 0),
    ("Export", "export", "", 30),
)
"""Name, step type, subtype and batch size of the five profiles every connector has (server-export.md 4.3)."""


def forest_file(forest: Forest, rules: Sequence[SyncRule]) -> str:
    """Return the file of an AD connector."""
    found = inclusion_list(rules, forest.connector_id)
    return _document(
        forest.connector_id,
        forest.name,
        ("AD", "", "", ""),
        forest_schema(AD_ATTRIBUTES, ad_classes(rules, forest.connector_id)),
        around("private-configuration", (_forest_configuration(forest),)),
        around("attribute-inclusion", (element("attribute", name) for name in found)),
        around("ma-partition-data", map(_domain, forest.domains)),
        _run_data(forest.name, lambda profile: _selected(forest, profile), _forest_step),
    )


def entra_file(rules: Sequence[SyncRule]) -> str:
    """Return the file of the Entra connector."""
    attributes = entra_attributes(rules)
    product = "Windows Azure Active Directory (Microsoft)"
    partition = identifier("partition", "default")
    return _document(
        ENTRA_CONNECTOR_ID,
        f"{INITIAL_DOMAIN} - AAD",
        ("Extensible2", product, product, "Microsoft"),
        prefixed_schema(attributes, entra_classes(rules), ANCHOR),
        around("private-configuration", (_entra_configuration(),)),
        around("attribute-inclusion", (element("attribute", entry.name) for entry in attributes)),
        around("ma-partition-data", (_default_partition(partition),)),
        _run_data("default", lambda _: (partition,), _entra_step),
    )


def _document(connector: UUID, name: str, kind: tuple[str, str, str, str], schema: str, *parts: str) -> str:
    category, subtype, list_name, company = kind
    private, inclusion, partitions, runs = parts
    children = (
        element("format-version", "1"),
        element("id", upper(connector)),
        element("name", name),
        element("category", category),
        element("description"),
        element("subtype", subtype),
        element("ma-listname", list_name),
        element("ma-companyname", company),
        element("creation-time", MADE),
        element("last-modification-time", CHANGED),
        element("version", "12"),
        element("internal-version", "0"),
        element("password-sync-allowed", "0"),
        schema,
        private,
        inclusion,
        "<join/><projection/><export-attribute-flow/>",
        partitions,
        runs,
        element("component_mappings"),
        around(
            "password-sync",
            (
                element("maximum-retry-count", "10"),
                element("retry-interval", "60"),
                element("allow-low-security", "0"),
                element("unlock-account", "0"),
            ),
        ),
        element("encrypted-attributes"),
    )
    return "\n".join(("<ma-data>", *children, "</ma-data>", ""))


def _forest_configuration(forest: Forest) -> str:
    root = forest.domains[0]
    connectivity = {
        "forest-port": "0",
        "forest-guid": lower(identifier("forest", forest.name)),
        "forest-login-user": forest.account,
        "forest-login-domain": forest.name,
        "default-ssl-strength": "0",
        "forest-name": forest.name,
        "sign-and-seal": "1",
        "crl-check": "0",
        "ssl-bind": "0",
        "simple-bind": "0",
    }
    intrinsic = (
        *_FORESTS_FLAGS,
        ("Forest.FQDN", root.fqdn),
        ("Forest.LDAP", root.dn),
        ("Forest.Netbios", root.netbios),
    )
    values = (
        *(parameter(name, value, "connectivity") for name, value in connectivity.items()),
        secret_parameter("password", "connectivity"),
        parameter("Connector.GroupFilteringGroupDn", forest.group_filter, "global"),
        *(parameter(name, value, "global", intrinsic=True) for name, value in intrinsic),
    )
    named = [
        "forest-name",
        "forest-guid",
        "forest-port",
        "forest-login-domain",
        "forest-login-user",
        "sign-and-seal",
        "default-ssl-strength",
    ]
    parts = (
        *(element(name, connectivity[name]) for name in named),
        element("ssl-bind", "0", crl_check="0"),
        element("simple-bind", "0"),
        around("password-hash-sync-config", (element("enabled", "0"), element("target", upper(ENTRA_CONNECTOR_ID)))),
        around("parameter-values", values),
    )
    return around("adma-configuration", parts)


def _domain(domain: Domain) -> str:
    guid = upper(identifier("domain", domain.fqdn))
    lists = around("exclusions", (element("exclusion", dn) for dn in domain.excluded))
    lists += around("inclusions", (element("inclusion", dn) for dn in domain.included))
    custom = {"dn": domain.dn, "name": domain.fqdn, "guid": guid, "sign-and-seal": "1", "is-domain": "1"}
    partition = {"guid": guid, "sign-and-seal": "1", "dc-failover": "1"}
    intrinsic = (("Domain.FQDN", domain.fqdn), ("Domain.LDAP", domain.dn), ("Domain.Netbios", domain.netbios))
    values = [parameter(name, value, "partition") for name, value in partition.items()]
    values += [parameter(name, value, "partition", intrinsic=True) for name, value in intrinsic]
    return _partition(
        domain.partition_id,
        (domain.dn, domain.fqdn, domain.selected),
        IMPORTED_TYPES,
        lists,
        around("custom-data", (around("adma-partition-data", (element(*pair) for pair in custom.items())),)),
        around("parameter-values", values),
    )


def _default_partition(partition: UUID) -> str:
    data = element("dn", "default") + element("name", "default") + element("is-domain", "1")
    return _partition(
        partition,
        ("default", "default", True),
        TYPES,
        element("exclusions") + around("inclusions", (element("inclusion"),)),
        around("custom-data", (around("ecma-partition-data", (data,)), element("water-mark"))),
    )


def _partition(partition: UUID, shown: tuple[str, str, bool], types: Sequence[str], lists: str, *rest: str) -> str:
    name, display, selected = shown
    parts = (
        element("id", lower(partition)),
        element("name", name),
        element("creation-time", MADE),
        element("last-modification-time", CHANGED),
        element("version", "12"),
        element("selected", str(int(selected))),
        element("display-name", display),
        around(
            "filter",
            (
                around("object-classes", (element("object-class", name) for name in types)),
                around("containers", (lists,)),
            ),
        ),
        *rest,
    )
    return around("partition", parts)


def _selected(forest: Forest, profile: str) -> tuple[UUID, ...]:
    return tuple(
        domain.partition_id
        for domain in forest.domains
        if domain.selected and (profile, domain.fqdn) not in forest.incomplete
    )


def _run_data(owner: str, partitions: Callable[[str], Sequence[UUID]], data: Callable[[int], str]) -> str:
    found = []
    for name, step_type, subtype, batch in RUN_PROFILES:
        steps = []
        for partition in partitions(name):
            step = (
                f'<step-type type="{step_type}">{subtype}</step-type>'
                if subtype
                else f'<step-type type="{step_type}" />'
            )
            limits = around("threshold", (element("object", "0"), element("batch-size", str(batch))))
            steps.append(around("step", (step, limits, element("partition", upper(partition)), data(batch))))
        head = (
            element("id", lower(identifier("run profile", owner, name)))
            + element("name", name)
            + element("version", "3")
        )
        found.append(around("run-configuration", (head, around("configuration", steps))))
    return around("ma-run-data", found)


def _forest_step(batch: int) -> str:
    parts = element("batch-size", str(batch)) + element("page-size", "500") + element("time-limit", "120")
    return around("custom-data", (around("adma-step-data", (parts,)),))


def _entra_step(batch: int) -> str:
    parts = element("timeout", "120") + element("batch-size", str(batch))
    return around("custom-data", (around("extensible2-step-data", (parts,)), element("parameter-values")))


def _entra_configuration() -> str:
    def of_each(name: str) -> str:
        return around(name, (element("attribute", ANCHOR, object_class=found) for found in TYPES))

    settings = (around("mapping", (element("primary_class", name), element("oc-value", name))) for name in TYPES)
    extension = {
        "filename": "Microsoft.Azure.ActiveDirectory.Connector.dll",
        "import-default-page-size": "50",
        "import-max-page-size": "50",
        "export-default-page-size": "30",
        "export-max-page-size": "30",
        "export-mode": "call-based",
        "import-mode": "call-based",
        "export-enabled": "1",
        "import-enabled": "1",
        "capability-bits": "2147982384",
        "export-type": "2",
        "assembly-version": VERSION,
    }
    per_class = (
        around("class", (element("name", name), around("anchor", (element("attribute", ANCHOR),)))) for name in TYPES
    )
    account = f"Sync_{FORESTS[0].domains[0].netbios}-SYNC01_{TENANT_ID.hex[:12]}@{INITIAL_DOMAIN}"
    values = parameter("UserName", account, "connectivity") + secret_parameter("Password", "connectivity")
    parts = (
        around("primary_class_mappings", settings),
        element("add_change_type_value", "Add"),
        element("modify_change_type_value", "Modify"),
        element("delete_change_type_value", "Delete"),
        element("ldap-dn", "0"),
        element("case_normalize_dn_for_anchor", "1"),
        around("extension-config", (element(*pair) for pair in extension.items())),
        around("importing", (of_each("dn"), of_each("anchor"), around("per-class-settings", per_class))),
        around("parameter-values", (values,)),
    )
    return around("MAConfig", parts)
