"""A real export loads, and its counts are those that server-export.md read off the files by other means."""

from __future__ import annotations

import re
from collections import Counter
from uuid import UUID

import pytest

from adsyncdiag.model.configuration import ENTRA_CONNECTOR_ID, Connector, ConnectorKind, ServerConfiguration, StepKind
from adsyncdiag.model.names import Dn
from adsyncdiag.model.rules import Direction, FlowKind, JoinClause, LinkType, MergeType, ScopeClause, ScopeOperator
from adsyncdiag.model.values import AttributeType
from adsyncdiag.serverconfig.selfcheck import check


@pytest.fixture(scope="module")
def ad(contoso_configuration: ServerConfiguration) -> Connector:
    """The AD connector."""
    [connector] = contoso_configuration.active_directory
    return connector


@pytest.fixture(scope="module")
def entra(contoso_configuration: ServerConfiguration) -> Connector:
    """The Entra connector."""
    assert contoso_configuration.entra is not None
    return contoso_configuration.entra


def attributes_of(text: str) -> set[str]:
    """Return the bracketed names and the quoted ones of ImportedValue and ValueCount; enough for the sample's texts."""
    return {*re.findall(r"\[([^\]]+)\]", text), *re.findall(r'(?:ImportedValue|ValueCount)\("([^"]+)"\)', text)}


def test_rules_are_counted_by_connector_direction_and_link(
    contoso_configuration: ServerConfiguration, ad: Connector, entra: Connector
) -> None:
    """62 rules: the table under server-export.md 1."""
    titles = {ad.id: "AD", entra.id: "AAD"}
    counts = Counter((titles[r.connector], r.direction, r.link_type) for r in contoso_configuration.rules)
    assert counts == {
        ("AD", Direction.INBOUND, LinkType.PROVISION): 5,
        ("AD", Direction.INBOUND, LinkType.JOIN): 16,
        ("AAD", Direction.INBOUND, LinkType.JOIN): 7,
        ("AAD", Direction.OUTBOUND, LinkType.PROVISION): 4,
        ("AAD", Direction.OUTBOUND, LinkType.JOIN): 22,
        ("AD", Direction.OUTBOUND, LinkType.JOIN): 8,
    }


def test_rules_come_in_ascending_precedence(contoso_configuration: ServerConfiguration, ad: Connector) -> None:
    """Precedences run from 100 to 161 without a gap, and `rules_for` keeps the order."""
    assert [rule.precedence for rule in contoso_configuration.rules] == list(range(100, 162))
    inbound = contoso_configuration.rules_for(ad.id, Direction.INBOUND)
    assert [rule.precedence for rule in inbound][:3] == [100, 101, 102]
    assert len(inbound) == 21


def test_flows_are_counted_by_kind_and_merge(contoso_configuration: ServerConfiguration) -> None:
    """1200 mappings: 391 expressions, 802 direct, 7 constants; 5 of them merge, 2 apply once (server-export.md 1.1)."""
    flows = [flow for rule in contoso_configuration.rules for flow in rule.flows]
    assert Counter(flow.kind for flow in flows) == {
        FlowKind.EXPRESSION: 391,
        FlowKind.DIRECT: 802,
        FlowKind.CONSTANT: 7,
    }
    assert Counter(flow.merge for flow in flows) == {MergeType.UPDATE: 1195, MergeType.MERGE_CASE_INSENSITIVE: 5}
    assert len({flow.text for flow in flows if flow.kind is FlowKind.EXPRESSION}) == 86
    once = [(r.precedence, f.target, f.text) for r in contoso_configuration.rules for f in r.flows if f.execute_once]
    assert sorted(once) == [
        (159, "cloudCreated", "False"),
        (159, "registeredOwnerReference", "mS-DS-CreatorSID"),
    ]
    assert sum(1 for rule in contoso_configuration.rules if not rule.flows) == 5


def test_scopes_are_counted_by_operator(contoso_configuration: ServerConfiguration) -> None:
    """48 groups with 92 conditions, six operators (server-export.md 1.3)."""
    groups = [group for rule in contoso_configuration.rules for group in rule.scope]
    assert len(groups) == 48
    assert Counter(clause.operator for group in groups for clause in group) == {
        ScopeOperator.NOTEQUAL: 35,
        ScopeOperator.EQUAL: 26,
        ScopeOperator.ISNOTNULL: 21,
        ScopeOperator.NOTSTARTSWITH: 6,
        ScopeOperator.LESSTHAN: 2,
        ScopeOperator.ISBITNOTSET: 2,
    }
    assert Counter(len(group) for group in groups) == {1: 21, 2: 20, 3: 2, 5: 5}
    assert sum(1 for rule in contoso_configuration.rules if not rule.scope) == 17


def test_joins_are_groups_of_one_condition(contoso_configuration: ServerConfiguration) -> None:
    """40 groups of one condition, 3 of them case-sensitive; 38 rules have none (server-export.md 1.2)."""
    groups = [group for rule in contoso_configuration.rules for group in rule.joins]
    assert [len(group) for group in groups] == [1] * 40
    assert sum(clause.case_sensitive for group in groups for clause in group) == 3
    assert sum(1 for rule in contoso_configuration.rules if not rule.joins) == 38


def test_a_whole_rule_reads_as_in_the_table(contoso_configuration: ServerConfiguration) -> None:
    """Rule 100, *In from AD - User Join*: scope, five join alternatives in order, one expression."""
    rule = contoso_configuration.rules[0]
    assert (rule.name, rule.source_type, rule.target_type) == ("In from AD - User Join", "user", "person")
    assert rule.scope == (
        (
            ScopeClause("isCriticalSystemObject", ScopeOperator.NOTEQUAL, "TRUE"),
            ScopeClause("adminDescription", ScopeOperator.NOTSTARTSWITH, "User_"),
        ),
    )
    assert [str(clause) for [clause] in rule.joins] == [
        "objectSid = objectSid",
        "msExchMasterAccountSid = objectSid",
        "objectSid = msExchMasterAccountSid",
        "msRTCSIP-OriginatorSid = objectSid",
        "objectSid = msRTCSIP-OriginatorSid",
    ]
    [flow] = rule.flows
    assert flow.target == "cloudFiltered"
    assert 'CBool(InStr(DNComponent(CRef([dn]),1),"\\\\0ACNF:")>0)' in flow.text
    assert "BitAnd([msExchRecipientTypeDetails],&H21C07000)" in flow.text
    assert rule.is_standard
    assert not rule.disabled


def test_password_sync_and_any_type_are_read(contoso_configuration: ServerConfiguration) -> None:
    """EnablePasswordSync is true on 102 and 123 only; rule 118 joins any metaverse type."""
    assert [rule.precedence for rule in contoso_configuration.rules if rule.password_sync] == [102, 123]
    assert [rule.precedence for rule in contoso_configuration.rules if rule.target_type == "*"] == [118]


def test_join_sides_do_not_follow_the_direction(contoso_configuration: ServerConfiguration) -> None:
    """The csAttribute is the connector-space side of an outbound rule too: 152, objectGUID = sourceAnchorBinary."""
    [rule] = [rule for rule in contoso_configuration.rules if rule.precedence == 152]
    assert rule.direction is Direction.OUTBOUND
    assert rule.joins == ((JoinClause("objectGUID", "sourceAnchorBinary"),),)


def test_connectors_are_recognised(contoso_configuration: ServerConfiguration, ad: Connector, entra: Connector) -> None:
    """Names, kinds and identifiers; upper-case GUIDs in the files are the same as lower-case ones in the rules."""
    assert [c.kind for c in contoso_configuration.connectors] == [ConnectorKind.ACTIVE_DIRECTORY, ConnectorKind.ENTRA]
    assert ad.name == "contoso.com"
    assert ad.id == UUID("ae4db4cc-b16b-4eb2-acf5-837ca84e4d7d")
    assert entra.name == "contoso.onmicrosoft.com - AAD"
    assert entra.id == ENTRA_CONNECTOR_ID
    assert not ad.password_hash_sync


def test_schemas_have_the_published_size(
    contoso_configuration: ServerConfiguration, ad: Connector, entra: Connector
) -> None:
    """Attributes, classes and inclusion lists (server-export.md 4, 5)."""
    assert (len(ad.schema.attributes), len(ad.schema.classes), len(ad.attribute_inclusion)) == (3391, 571, 132)
    assert (len(entra.schema.attributes), len(entra.attribute_inclusion)) == (185, 161)
    assert {name: len(entry.attributes) for name, entry in entra.schema.classes.items()} == {
        "contact": 101,
        "device": 26,
        "group": 71,
        "publicFolder": 15,
        "user": 152,
    }
    metaverse = contoso_configuration.metaverse
    assert len(metaverse.attributes) == 219
    assert {name: len(entry.attributes) for name, entry in metaverse.classes.items()} == {
        "person": 182,
        "group": 86,
        "device": 29,
    }
    assert sum(not entry.multi_valued for entry in metaverse.attributes.values()) == 174
    assert sum(entry.indexed for entry in metaverse.attributes.values()) == 106


def test_types_of_included_attributes(ad: Connector) -> None:
    """The types of the 132 attributes the AD connector imports (server-export.md 4.2): 16 references count the four OR-Names."""
    types = Counter(ad.schema.attributes[name].type for name in ad.attribute_inclusion)
    assert types == {
        AttributeType.STRING: 75 + 1 + 2,
        AttributeType.NUMBER: 12 + 2,
        AttributeType.BOOLEAN: 9,
        AttributeType.BINARY: 15,
        AttributeType.REFERENCE: 12 + 4,
    }


def test_metaverse_types(contoso_configuration: ServerConfiguration) -> None:
    """The metaverse's attributes by type and multiplicity (server-export.md 5)."""
    counts = Counter((entry.type, entry.multi_valued) for entry in contoso_configuration.metaverse.attributes.values())
    assert counts == {
        (AttributeType.BINARY, False): 15,
        (AttributeType.BINARY, True): 4,
        (AttributeType.BOOLEAN, False): 24,
        (AttributeType.NUMBER, False): 25,
        (AttributeType.REFERENCE, False): 7,
        (AttributeType.REFERENCE, True): 18,
        (AttributeType.STRING, False): 103,
        (AttributeType.STRING, True): 23,
    }


def test_ad_attributes_that_surprise(ad: Connector) -> None:
    """OR-Names are references, mS-DS-CreatorSID is the single reference the schema says, unicodePwd can only be exported."""
    schema = ad.schema.attributes
    for name in ("authOrig", "unauthOrig", "dLMemRejectPerms", "dLMemSubmitPerms"):
        assert (schema[name].type, schema[name].multi_valued) == (AttributeType.REFERENCE, True)
    assert (schema["mS-DS-CreatorSID"].type, schema["mS-DS-CreatorSID"].multi_valued) == (
        AttributeType.REFERENCE,
        False,
    )
    assert [name for name, entry in schema.items() if entry.export_only] == ["unicodePwd"]
    assert {name for name in ad.attribute_inclusion if schema[name].read_only} == {
        "objectGUID",
        "objectSid",
        "mS-DS-CreatorSID",
    }
    assert schema["msDS-CloudAnchor"].syntax == "1.3.6.1.4.1.1466.115.121.1.40"


def test_classes_inherit_but_do_not_take_every_auxiliary_class(ad: Connector) -> None:
    """A user has what its chain and its content rule give; a contact has mail, but no sAMAccountName (server-export.md 4.2)."""
    assert ad.schema.class_has("user", "sAMAccountName")
    assert ad.schema.class_has("user", "cn")
    assert ad.schema.class_has("contact", "mail")
    assert not ad.schema.class_has("contact", "sAMAccountName")
    assert ad.schema.most_specific(["top", "person", "organizationalPerson", "user"]) == "user"
    assert ad.schema.most_specific(["top", "person", "organizationalPerson", "user", "computer"]) == "computer"
    assert ad.schema.most_specific(["inetOrgPerson", "user", "organizationalPerson"]) == "inetOrgPerson"


def test_partitions_and_their_containers(ad: Connector, entra: Connector) -> None:
    """One domain with the root off and one OU on, and the Entra connector's default, which is no DN (server-export.md 4.2)."""
    [domain] = ad.partitions
    assert (domain.name, domain.dn, domain.selected) == ("DC=contoso,DC=com", Dn.parse("dc=contoso,dc=com"), True)
    assert domain.excluded == (Dn.parse("DC=contoso,DC=com"),)
    assert domain.included == (Dn.parse("OU=CORP,DC=contoso,DC=com"),)
    assert set(domain.object_types) == {
        *("computer", "contact", "foreignSecurityPrincipal", "group", "inetOrgPerson", "msDS-Device", "user"),
        *("container", "domainDNS", "organizationalUnit"),
    }
    [default] = entra.partitions
    assert (default.name, default.dn, default.selected) == ("default", None, True)
    assert (default.excluded, default.included) == ((), ())
    assert set(default.object_types) == {"contact", "device", "group", "user"}


def test_run_profiles(ad: Connector, entra: Connector) -> None:
    """The five standard profiles of one step each, for the connector's partition whatever the GUID's case (server-export.md 4.3)."""
    for connector in (ad, entra):
        [partition] = connector.partitions
        kinds = {profile.name: [step.kind for step in profile.steps] for profile in connector.run_profiles}
        assert kinds == {
            "Full Import": [StepKind.FULL_IMPORT],
            "Full Synchronization": [StepKind.FULL_SYNCHRONIZATION],
            "Delta Import": [StepKind.DELTA_IMPORT],
            "Delta Synchronization": [StepKind.DELTA_SYNCHRONIZATION],
            "Export": [StepKind.EXPORT],
        }
        assert all(profile.has_step_for(partition.id) for profile in connector.run_profiles)
    full_import = ad.run_profile("full import")
    assert full_import is not None
    [step] = full_import.steps
    assert (step.batch_size, step.page_size, step.timeout) == (50, 500, 120)
    export = entra.run_profile("Export")
    assert export is not None
    assert (export.steps[0].batch_size, export.steps[0].timeout) == (30, 120)


def test_parameters_hold_what_expressions_ask_for_and_nothing_secret(
    contoso_configuration: ServerConfiguration, ad: Connector, entra: Connector
) -> None:
    """`Forest.*` stand at the connector, `Domain.*` at the partition; cookie, account and password are nowhere."""
    assert len(ad.parameters) == 10
    assert {"Forest.FQDN": "contoso.com", "Forest.Netbios": "CONTOSO"}.items() <= ad.parameters.items()
    domain = ad.partitions[0].parameters
    assert {"Domain.FQDN": "contoso.com", "Domain.Netbios": "CONTOSO"}.items() <= domain.items()
    assert ad.group_filter == ""
    assert entra.parameters == {}
    everything = repr(contoso_configuration)
    assert "MSOL_d1edb676ca03" not in everything
    assert "Sync_CONTOSO" not in everything
    assert "TVNEUwMAAABEZn1i" not in everything


def test_global_settings(contoso_configuration: ServerConfiguration) -> None:
    """37 settings by full name, and the server they came from (server-export.md 5)."""
    found = contoso_configuration
    assert len(found.settings) == 37
    assert found.settings["Microsoft.SynchronizationOption.JoinCriteria"] == "ObjectSID"
    assert found.settings["Microsoft.Synchronize.RunHistoryPurgeInterval"] == "7.00:00:00"
    assert not found.flag("Microsoft.Synchronize.StagingMode", default=True)
    assert found.flag("Microsoft.OptionalFeature.ExportDeletionThreshold")
    assert (found.server, found.version) == ("CONTOSO-SYNC01", "1.1.130.0")


def test_the_sample_fits_together(contoso_configuration: ServerConfiguration) -> None:
    """Rules, schemas, classes and inclusion lists of Microsoft's sample have no contradiction (server-export.md 5)."""
    assert check(contoso_configuration, attributes_of) == ()
