"""The lab's server export: read by our own loader, and held against the documented facts."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.connectors.lab.scenarios.schema_notation import attributes_read
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.model.configuration import ENTRA_CONNECTOR_ID, ServerConfiguration
from adsyncdiag.model.names import Dn
from adsyncdiag.model.rules import Direction, FlowKind, LinkType, MergeType
from adsyncdiag.model.schema import Schema
from adsyncdiag.serverconfig.folder import load
from adsyncdiag.serverconfig.selfcheck import check

_CONTOSO, _FABRIKAM, _ENTRA = "contoso.com", "fabrikam.com", "contoso.onmicrosoft.com - AAD"


def test_the_export_has_two_forests_and_the_tenant(configuration: ServerConfiguration) -> None:
    """The AD connectors come in the order they were added; the Entra connector has its fixed identifier."""
    assert [connector.name for connector in configuration.active_directory] == [_CONTOSO, _FABRIKAM]
    entra = configuration.entra
    assert entra is not None
    assert (entra.id, entra.name) == (ENTRA_CONNECTOR_ID, _ENTRA)


def test_every_attribute_a_rule_names_is_there(configuration: ServerConfiguration) -> None:
    """Rules, schemas and inclusion lists fit together: the self-check finds nothing."""
    assert check(configuration, attributes_read) == ()


def test_the_rules_are_numbered_from_100_without_a_gap(configuration: ServerConfiguration) -> None:
    """62 names, of which 29 exist once for each of the two forests: 91 rules from 100 to 190."""
    assert [rule.precedence for rule in configuration.rules] == list(range(100, 191))
    assert len({rule.name for rule in configuration.rules}) == 62
    assert all(rule.is_standard and not rule.disabled for rule in configuration.rules)


def test_within_a_name_the_forests_follow_one_another(configuration: ServerConfiguration) -> None:
    """Both User Join rules come before the first InetOrgPerson Join, contoso.com first."""
    named = {connector.id: connector.name for connector in configuration.connectors}
    first = [(rule.name, named[rule.connector]) for rule in configuration.rules[:3]]
    assert first == [
        ("In from AD - User Join", _CONTOSO),
        ("In from AD - User Join", _FABRIKAM),
        ("In from AD - InetOrgPerson Join", _CONTOSO),
    ]


@pytest.mark.parametrize(
    ("name", "direct", "constant", "expression"),
    [
        ("In from AD - User AccountEnabled", 2, 1, 9),
        ("In from AD - User Common from Exchange", 7, 0, 52),
        ("In from AD - User Common", 8, 0, 60),
        ("In from AD - InetOrgPerson Common", 8, 0, 59),
        ("In from AD - User Exchange", 42, 0, 17),
        ("In from AD - Group Exchange", 27, 0, 15),
        ("In from AD - Group Common", 5, 0, 9),
        ("In from AD - Contact Common", 31, 1, 53),
        ("In from AD - Computer Join", 6, 3, 4),
        ("Out to AAD - User Join", 7, 0, 3),
        ("Out to AAD - Group Join", 3, 0, 3),
        ("Out to AAD - Device Join SOAInAD", 9, 0, 1),
        ("In from AAD - User Exchange Hybrid", 13, 0, 1),
        ("Out to AD - User Exchange Hybrid", 1, 0, 5),
    ],
)
def test_a_rule_has_the_documented_number_of_flows(
    configuration: ServerConfiguration, name: str, direct: int, constant: int, expression: int
) -> None:
    """Direct, constant and expression flows are as many as server-export.md 2 lists."""
    rule = next(rule for rule in configuration.rules if rule.name == name)
    kinds = [flow.kind for flow in rule.flows]
    counted = tuple(kinds.count(kind) for kind in (FlowKind.DIRECT, FlowKind.CONSTANT, FlowKind.EXPRESSION))
    assert counted == (direct, constant, expression)


def test_nine_names_provision(configuration: ServerConfiguration) -> None:
    """The rules that create objects are the nine of server-export.md 1.4, and each has a join."""
    provisioning = [rule for rule in configuration.rules if rule.link_type is LinkType.PROVISION]
    assert {rule.name for rule in provisioning} == {
        "In from AD - User Join",
        "In from AD - InetOrgPerson Join",
        "In from AD - Group Join",
        "In from AD - Contact Join",
        "In from AD - Computer Join",
        "Out to AAD - User Join",
        "Out to AAD - Contact Join",
        "Out to AAD - Group Join",
        "Out to AAD - Device Join SOAInAD",
    }
    assert all(rule.joins for rule in provisioning)


def test_the_special_flags_survive_the_file(configuration: ServerConfiguration) -> None:
    """Password sync, apply once, merge types and case-sensitive joins are read back where the documentation has them."""
    rules = configuration.rules
    assert {rule.name for rule in rules if rule.password_sync} == {
        "In from AD - User AccountEnabled",
        "Out to AAD - User Join",
    }
    assert {(rule.name, flow.target) for rule in rules for flow in rule.flows if flow.execute_once} == {
        ("In from AD - Computer Join", "cloudCreated"),
        ("In from AD - Computer Join", "registeredOwnerReference"),
    }
    merging = [flow for rule in rules for flow in rule.flows if flow.merge is MergeType.MERGE_CASE_INSENSITIVE]
    assert {flow.target for flow in merging} == {"proxyAddresses", "userCertificate"}
    exact = {rule.name for rule in rules for group in rule.joins for clause in group if clause.case_sensitive}
    assert exact == {f"In from AAD - {kind} Join" for kind in ("User", "Contact", "Group")}


def test_every_expression_compiles(configuration: ServerConfiguration) -> None:
    """Each expression of each rule is one that our compiler takes."""
    texts = {flow.text for rule in configuration.rules for flow in rule.flows if flow.kind is FlowKind.EXPRESSION}
    assert len(texts) > 80
    for text in texts:
        compile_expression(text)


def test_only_fabrikam_has_a_group_filter(configuration: ServerConfiguration) -> None:
    """The global switch is on, contoso.com has no filter group, and staging mode is off."""
    assert configuration.flag("Microsoft.OptionalFeature.GroupFiltering")
    assert not configuration.flag("Microsoft.Synchronize.StagingMode", default=True)
    assert [bool(connector.group_filter) for connector in configuration.active_directory] == [False, True]
    assert len(configuration.settings) == 37


def test_contoso_has_one_partition_of_each_kind(configuration: ServerConfiguration) -> None:
    """The root domain is complete, emea is not selected, and apac lacks a step in Full Import alone."""
    contoso = configuration.active_directory[0]
    assert [(partition.name, partition.selected) for partition in contoso.partitions] == [
        ("DC=contoso,DC=com", True),
        ("DC=emea,DC=contoso,DC=com", False),
        ("DC=apac,DC=contoso,DC=com", True),
    ]
    root, emea, apac = contoso.partitions
    lacking = {
        partition.name: [profile.name for profile in contoso.run_profiles if not profile.has_step_for(partition.id)]
        for partition in contoso.partitions
    }
    assert lacking[root.name] == []
    assert lacking[apac.name] == ["Full Import"]
    assert len(lacking[emea.name]) == len(contoso.run_profiles) == 5


def test_the_domain_parameters_follow_the_partition(configuration: ServerConfiguration) -> None:
    """%Domain.FQDN% is a parameter of each partition and %Forest.LDAP% one of the connector."""
    contoso = configuration.active_directory[0]
    assert [partition.parameters["Domain.FQDN"] for partition in contoso.partitions] == [
        "contoso.com",
        "emea.contoso.com",
        "apac.contoso.com",
    ]
    assert contoso.parameters["Forest.LDAP"] == "DC=contoso,DC=com"


def test_containers_are_listed_once_and_inclusions_lie_inside(configuration: ServerConfiguration) -> None:
    """No container is both included and excluded, so no tie decides in the lab."""
    root = configuration.active_directory[0].partitions[0]
    assert not set(root.included) & set(root.excluded)
    assert all(dn.is_under(Dn.parse("DC=contoso,DC=com")) for dn in (*root.included, *root.excluded))


def test_types_are_those_of_the_documentation(configuration: ServerConfiguration) -> None:
    """A few attributes whose type or multiplicity differs between the two sides (server-export.md 3.5, 4.2)."""
    forest, metaverse = configuration.active_directory[0].schema, configuration.metaverse
    entra = configuration.entra
    assert entra is not None

    def kind(schema: Schema, name: str) -> tuple[str, bool]:
        found = schema.attributes[name]
        return found.type.value, found.multi_valued

    assert kind(forest, "description") == ("string", True)
    assert kind(metaverse, "description") == ("string", False)
    assert kind(forest, "photo") == ("binary", True)
    assert kind(metaverse, "photo") == ("binary", False)
    assert kind(forest, "authOrig") == ("reference", True)
    assert kind(forest, "mS-DS-CreatorSID") == ("reference", False)
    assert kind(forest, "pwdLastSet") == ("number", False)
    assert kind(metaverse, "pwdLastSet") == ("string", False)
    assert kind(entra.schema, "url") == ("string", True)
    assert kind(entra.schema, "onPremiseSecurityIdentifier") == ("binary", False)
    assert {name: len(found.attributes) for name, found in metaverse.classes.items()} == {
        "person": 182,
        "group": 86,
        "device": 29,
    }


def test_each_forest_imports_the_documented_number_of_attributes(configuration: ServerConfiguration) -> None:
    """132 attributes for each forest; an object class that nobody imports is known to the schema all the same."""
    for connector in configuration.active_directory:
        assert len(connector.attribute_inclusion) == 132
        assert "printQueue" in connector.schema.classes
        assert "printQueue" not in connector.partitions[0].object_types
    contoso = configuration.active_directory[0].schema
    assert contoso.most_specific(["top", "person", "organizationalPerson", "user", "computer"]) == "computer"
    assert contoso.class_has("contact", "mailNickname")
    assert not contoso.class_has("contact", "sAMAccountName")


def test_identifiers_have_the_letter_case_of_a_real_export(lab_folder: Path) -> None:
    """Connector ids and the partitions of run steps are upper case, rules, partitions and file names lower case."""
    paths = list((lab_folder / "export" / "Connectors").iterdir())
    assert len(paths) == 3
    for path in paths:
        text = path.read_text(encoding="ascii")
        identifier = text.partition("<id>")[2].partition("</id>")[0]
        assert UUID(identifier.strip("{}"))
        assert identifier == identifier.upper()
        assert identifier.lower() in path.name
        step = text.partition("<step>")[2].partition("<partition>")[2].partition("</partition>")[0]
        assert step == step.upper()
        assert f"<partition><id>{step.lower()}</id>" in text


def test_the_rules_say_the_same_as_a_real_server(configuration: ServerConfiguration, contoso: Path) -> None:
    """Scopes, joins, links and, inbound, every flow of contoso.com are those of Microsoft's Contoso sample."""
    real = {rule.name: rule for rule in load(contoso).rules}
    ours = {rule.name: rule for rule in reversed(configuration.rules)}
    assert ours.keys() == real.keys()
    for name, rule in ours.items():
        other = real[name]
        assert (rule.scope, rule.joins, rule.link_type) == (other.scope, other.joins, other.link_type), name
        assert (rule.source_type, rule.target_type) == (other.source_type, other.target_type), name
        if rule.direction is Direction.INBOUND:
            assert set(rule.flows) == set(other.flows), name
