"""What the sample from Microsoft lacks: several partitions, other spellings, secrets, and everything that is refused."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.model.configuration import ConnectorKind, ServerConfiguration, StepKind
from adsyncdiag.model.names import Dn
from adsyncdiag.model.rules import FlowKind, LinkType, MergeType, ScopeClause, ScopeOperator
from adsyncdiag.model.values import AttributeType
from adsyncdiag.serverconfig.folder import load

AD = "Connectors/Connector_{11111111-aaaa-4bbb-8ccc-000000000001}.xml"
ENTRA = "Connectors/Connector_{44444444-aaaa-4bbb-8ccc-000000000001}.xml"
METAVERSE = "GlobalSettings/MV.xml"
INBOUND = "SynchronizationRules/SynchronizationRule_{77777777-aaaa-4bbb-8ccc-000000000001}.xml"
OUTBOUND = "SynchronizationRules/SynchronizationRule_{77777777-aaaa-4bbb-8ccc-000000000002}.xml"

Edited = Callable[[str, str, str], Path]


def refusal(folder: Path) -> ConfigurationError:
    """Return the error with which *folder* is refused."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder)
    return caught.value


def test_custom_rules_come_first_and_keep_their_state(small: ServerConfiguration) -> None:
    """Precedence decides the order, not the file name; a disabled rule stays in the configuration."""
    assert [rule.precedence for rule in small.rules] == [90, 110, 118]
    first, second, third = small.rules
    assert (first.disabled, first.is_standard, first.link_type) == (True, False, LinkType.JOIN_NO_FLOW)
    assert (second.disabled, second.is_standard, second.version) == (False, True, 3)
    assert second.password_sync
    assert (third.link_type, third.scope, third.joins, third.flows) == (LinkType.STICKY_JOIN, (), (), ())


def test_flow_kinds_merge_types_and_layout(small: ServerConfiguration) -> None:
    """An expression may span lines and need no source; a constant may apply once; the merge type defaults to Update."""
    flows = {flow.target: flow for flow in small.rules[1].flows}
    assert flows["accountName"].kind is FlowKind.DIRECT
    assert flows["sourceAnchor"].kind is FlowKind.EXPRESSION
    assert flows["sourceAnchor"].text.startswith("IIF(IsPresent([isCriticalSystemObject]),\n")
    assert flows["sourceAnchor"].text.endswith("ConvertToBase64([objectGUID]))")
    constant = flows["cloudFiltered"]
    assert (constant.kind, constant.text, constant.execute_once, constant.merge) == (
        FlowKind.CONSTANT,
        "False",
        True,
        MergeType.UPDATE,
    )
    assert flows["proxyAddresses"].merge is MergeType.MERGE_CASE_INSENSITIVE
    assert flows["authOrig"].merge is MergeType.MERGE


def test_both_spellings_of_operators_are_accepted(small: ServerConfiguration) -> None:
    """ISNOTBITSET and NOTSTARTWITH, as documentation prints them, are the product's operators; a value keeps its blanks."""
    assert small.rules[1].scope == (
        (
            ScopeClause("userAccountControl", ScopeOperator.ISBITNOTSET, "2"),
            ScopeClause("sAMAccountName", ScopeOperator.NOTSTARTSWITH, "MSOL_ "),
        ),
        (ScopeClause("cn", ScopeOperator.ISNOTNULL, ""),),
    )


def test_a_membership_clause_needs_no_attribute(small: ServerConfiguration) -> None:
    """ISMEMBEROF asks about the object itself."""
    clause = small.rules[0].scope[0][1]
    assert (clause.attribute, clause.operator) == ("", ScopeOperator.ISMEMBEROF)


def test_join_groups_keep_their_order_and_empty_ones_vanish(small: ServerConfiguration) -> None:
    """Conditions of one group stay together; caseSensitive is read; `<conditions />` is no group."""
    first, second = small.rules[1].joins
    assert [(clause.cs_attribute, clause.case_sensitive) for clause in first] == [
        ("objectGUID", True),
        ("sAMAccountName", False),
    ]
    assert len(second) == 1


def test_the_entra_connector_is_recognised_without_its_fixed_identifier(small: ServerConfiguration) -> None:
    """Category and subtype are enough (server-export.md 4)."""
    assert small.entra is not None
    assert small.entra.id == UUID("44444444-aaaa-4bbb-8ccc-000000000001")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("Windows Azure Active Directory (Microsoft)", "Microsoft Entra ID (Microsoft)", ConnectorKind.ENTRA),
        ("Windows Azure Active Directory (Microsoft)", "Generic SQL (Microsoft)", ConnectorKind.OTHER),
        ("<category>Extensible2</category>", "<category>FIM</category>", ConnectorKind.OTHER),
        (
            "<id>{44444444-AAAA-4BBB-8CCC-000000000001}</id>\n  <name>wingtip.onmicrosoft.test - AAD</name>\n  <category>Extensible2",
            "<id>B891884F-051E-4A83-95AF-2544101C9083</id>\n  <name>tenant</name>\n  <category>New",
            ConnectorKind.ENTRA,
        ),
    ],
)
def test_connector_kinds(edited: Edited, old: str, new: str, kind: ConnectorKind) -> None:
    """The Entra connector goes by category and subtype, or by its fixed identifier; anything else is another kind."""
    folder = edited("entra", old, new)
    rule = folder / OUTBOUND
    if "B891884F" in new:
        rule.write_text(
            rule.read_text().replace("44444444-aaaa-4bbb-8ccc-000000000001", "b891884f-051e-4a83-95af-2544101c9083")
        )
    [connector] = [c for c in load(folder).connectors if c.kind is not ConnectorKind.ACTIVE_DIRECTORY]
    assert connector.kind is kind
    assert connector.partitions[0].dn is None


def test_partitions_selected_or_not(small: ServerConfiguration) -> None:
    """Every partition is listed; blanks in a listed DN do not matter; an empty list entry is none."""
    [ad] = small.active_directory
    first, second = ad.partitions
    assert (first.selected, second.selected) == (True, False)
    assert first.excluded == (Dn.parse("DC=wingtip,DC=test"), Dn.parse("OU=Robots,OU=Corp,DC=wingtip,DC=test"))
    assert first.included == (Dn.parse("ou=corp,dc=wingtip,dc=test"),)
    assert (second.excluded, second.included, second.object_types) == ((), (), ())
    assert ad.partition_of(Dn.parse("CN=x,OU=a,DC=lab,DC=wingtip,DC=test")) is second


def test_every_step_type_has_its_meaning(small: ServerConfiguration) -> None:
    """Types and subtypes of server-export.md 4.3, an extra debugging subtype, and a profile over two partitions."""
    [ad] = small.active_directory
    everything = ad.run_profile("Everything")
    assert everything is not None
    assert [step.kind for step in everything.steps] == [
        StepKind.DELTA_IMPORT,
        StepKind.DELTA_IMPORT_AND_SYNCHRONIZATION,
        StepKind.FULL_IMPORT_AND_SYNCHRONIZATION,
        StepKind.FULL_IMPORT_AND_SYNCHRONIZATION,
        StepKind.DELTA_SYNCHRONIZATION,
        StepKind.FULL_SYNCHRONIZATION,
        StepKind.EXPORT,
    ]
    full_import = ad.run_profile("Full Import")
    assert full_import is not None
    assert all(full_import.has_step_for(partition.id) for partition in ad.partitions)
    assert [(step.batch_size, step.page_size, step.timeout) for step in full_import.steps] == [
        (50, 500, 120),
        (25, 0, 0),
    ]
    assert small.entra is not None
    assert small.entra.run_profiles[0].steps[0].timeout == 90


def test_nothing_sensitive_gets_into_the_model(small: ServerConfiguration, small_folder: Path) -> None:
    """Cookies, watermarks, passwords and account names of the files are nowhere in the configuration."""
    files = [path.read_text(encoding="utf-8") for path in small_folder.rglob("*.xml")]
    assert sum(text.count("HUSHHUSH") for text in files) > 8
    assert "HUSHHUSH" not in repr(small)
    [ad] = small.active_directory
    assert ad.parameters == {
        "Connector.GroupFilteringGroupDn": "CN=Pilot,OU=Corp,DC=wingtip,DC=test",
        "ADS_UF_ACCOUNTDISABLE": "0x2",
        "Forest.FQDN": "wingtip.test",
    }
    assert ad.partitions[0].parameters == {"Domain.FQDN": "wingtip.test", "Domain.Netbios": "WINGTIP"}
    assert ad.group_filter == "CN=Pilot,OU=Corp,DC=wingtip,DC=test"
    assert "Microsoft.OptionalFeature.PasswordHashSync" in small.settings
    assert "Microsoft.Hidden" not in small.settings
    assert ad.password_hash_sync


def test_attribute_types_of_an_ad_schema(small: ServerConfiguration) -> None:
    """Syntax decides the type, `single-value` left out means multi-valued, and an unknown syntax is a string."""
    [ad] = small.active_directory
    found = {name: (entry.type, entry.multi_valued) for name, entry in ad.schema.attributes.items()}
    assert found["proxyAddresses"] == (AttributeType.STRING, True)
    assert found["objectGUID"] == (AttributeType.BINARY, False)
    assert found["authOrig"] == (AttributeType.REFERENCE, True)
    assert found["pwdLastSet"] == (AttributeType.NUMBER, False)
    assert found["isCriticalSystemObject"] == (AttributeType.BOOLEAN, False)
    assert found["whenCreated"] == (AttributeType.STRING, False)
    assert found["strange"] == (AttributeType.STRING, False)
    account = ad.schema.attributes["sAMAccountName"]
    assert (account.max_length, account.read_only, account.export_only) == (256, False, False)
    assert ad.schema.attributes["objectGUID"].read_only
    assert ad.schema.attributes["unicodePwd"].export_only


def test_classes_follow_superiors_and_their_own_content_rule(small: ServerConfiguration) -> None:
    """aux-class is not followed, an unknown reference is passed over, and superiors in a circle end."""
    [ad] = small.active_directory
    classes = ad.schema.classes
    assert classes["contact"].attributes == {"cn", "whenCreated", "mail"}
    assert classes["user"].attributes >= {"cn", "userAccountControl", "sAMAccountName"}
    assert (classes["top"].superior, classes["user"].superior) == (None, "person")
    assert not classes["top"].structural
    assert not classes["securityPrincipal"].structural
    assert classes["circleOne"].superior == "circleTwo"
    assert ad.schema.most_specific(["top", "person", "user", "computer"]) == "computer"


def test_folders_are_found_whatever_their_letter_case(copied: Path) -> None:
    """An export that went through a zip tool or a file share may have lost its capitals; hidden and foreign files do not count."""
    for name in ("Connectors", "GlobalSettings", "SynchronizationRules"):
        (copied / name).rename(copied / name.lower())
    rules = copied / "synchronizationrules"
    for path in list(rules.iterdir()):
        path.rename(path.with_suffix(".XML"))
    (rules / "._SynchronizationRule.xml").write_bytes(b"\0\5\x16\7")
    (rules / "notes.txt").write_text("not a rule")
    (rules / "folder.xml").mkdir()
    assert len(load(copied).rules) == 3


def test_a_folder_that_is_no_export_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    """The message names the folder and what is missing; the hint names the cmdlet and the three folders."""
    error = refusal(tmp_path)
    assert str(tmp_path) in error.message
    assert "no folder Connectors and no folder GlobalSettings and no folder SynchronizationRules" in error.message
    assert "Get-ADSyncServerConfiguration" in error.hint


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A missing folder, and a file."""
    assert "No such file" in refusal(tmp_path / "nowhere").message
    (tmp_path / "file").write_text("x")
    assert "Not a directory" in refusal(tmp_path / "file").message


@pytest.mark.parametrize("name", ["Connectors", "GlobalSettings", "SynchronizationRules"])
def test_an_empty_folder_is_refused(copied: Path, name: str) -> None:
    """Without a single rule everything would lose its link, so an export without one is refused."""
    for path in (copied / name).iterdir():
        path.unlink()
    error = refusal(copied)
    assert error.file.endswith(name)
    assert "holds no *.xml file" in error.message


def test_a_file_that_may_not_be_read_is_named(copied: Path) -> None:
    """A file without read permission is an error that names it."""
    (copied / INBOUND).chmod(0)
    with nobody_in_particular(copied):
        assert INBOUND.rpartition("/")[2] in refusal(copied).message


@contextlib.contextmanager
def nobody_in_particular(folder: Path) -> Iterator[None]:
    """Be an ordinary user for a while: root may read everything."""
    if os.geteuid() != 0:
        yield
        return
    for place in (folder, *folder.parents):
        if place.stat().st_uid == 0 and not place.stat().st_mode & 0o001:
            place.chmod(place.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "element", "words"),
    [
        ("in", "<precedence>110<", "<precedence>90<", OUTBOUND, "precedence", "is the same as in " + INBOUND),
        ("in", "<id>{77777777-aaaa-4bbb-8ccc-000000000001}", "<id>77777777-AAAA-4BBB-8CCC-000000000002", OUTBOUND, "id", "same"),
        ("in", "<precedence>110<", "<precedence>1e2<", INBOUND, "precedence", "'1e2' is not a number"),
        ("in", "<precedence>110<", "<precedence><", INBOUND, "precedence", "is missing"),
        ("in", "<precedence>110<", f"<precedence>{'9' * 5000}<", INBOUND, "precedence", "is not a number"),
        ("in", "<connector>{11111111", "<connector>{99999999", INBOUND, "connector", "'In from AD - User Join' belongs to"),
        ("in", "<connector>{11111111", "<connector>{1111", INBOUND, "connector", "is not a GUID"),
        ("in", "<linkType>Provision<", "<linkType>Marry<", INBOUND, "linkType", "'Marry' is unknown"),
        ("in", "<direction>Inbound<", "<direction>Sideways<", INBOUND, "direction", "'Sideways' is unknown"),
        ("in", ">ISNOTBITSET<", ">ISABOUT<", INBOUND, "scope/csOperator", "'ISABOUT' is unknown"),
        ("in", ">MergeCaseInsensitive<", ">Blend<", INBOUND, "mapping/valueMergeType", "'Blend' is unknown"),
        ("in", "<dest>accountName</dest>", "", INBOUND, "mapping/dest", "is missing"),
        ("in", "<src>False</src>", "", INBOUND, "mapping/src", "neither an expression nor a source"),
        ("in", "<attr>sAMAccountName</attr>", "<attr>a</attr><attr>b</attr>", INBOUND, "mapping/src/attr", "one source"),
        ("in", "<disabled>False<", "<disabled>perhaps<", INBOUND, "disabled", "neither True nor False"),
        ("in", "<csAttribute>objectGUID</csAttribute>", "", INBOUND, "condition/csAttribute", "is missing"),
        ("in", "<csAttribute>cn</csAttribute>", "", INBOUND, "scope/csAttribute", "is missing"),
        ("in", "<name>In from AD - User Join</name>", "", INBOUND, "name", "is missing"),
        ("ad", "<name>DC=wingtip,DC=test</name>", "<name>wingtip</name>", AD, "partition/name", "not a distinguished name"),
        ("ad", "<inclusion>OU=Corp, ", "<inclusion>Corp, ", AD, "inclusion", "is not a distinguished name"),
        ("ad", 'type="apply-rules"', 'type="apply"', AD, "step-type", "'apply apply-pending' is unknown"),
        ("ad", ">apply-pending<", ">apply-none<", AD, "step-type", "is unknown"),
        ("ad", '<step-type type="delta-import" />', "", AD, "step/step-type", "is missing"),
        ("ad", "<name>proxyAddresses</name>", "<name>cn</name>", AD, "attribute-type", "'cn' is there twice"),
        ("ad", "<name>computer</name>", "<name>contact</name>", AD, "directory-schema", "two classes have one name"),
        ("ad", "<name>computer</name>", "", AD, "class", "'C4' has no name"),
        ("ad", "http://www.dsml.org/DSML", "http://www.dsml.org/OTHER", AD, "ma-data/schema", "no DSML schema"),
        ("ad", 'name="Forest.FQDN"', 'name=""', AD, "parameter", "has no name"),
        ("ad", "<name>wingtip.test</name>", "<name>WINGTIP.onmicrosoft.test - AAD</name>", ENTRA, "name", "same as in " + AD),
        ("entra", "<id>{44444444-AAAA", "<id>{11111111-aaaa", ENTRA, "id", "same as in " + AD),
        ("entra", "<selected>1<", "<selected>on<", ENTRA, "partition/selected", "'on' is neither"),
        ("mv", "mv-data", "mv-datum", METAVERSE, "", "broken XML"),
        ("mv", "<dsml:syntax>1.3.6.1.4.1.1466.115.121.1.5</dsml:syntax>", "", METAVERSE, "attribute-type", "has no syntax"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_element(
    edited: Edited, file: str, old: str, new: str, place: str, element: str, words: str
) -> None:
    """Each contradiction gives a ConfigurationError that names the file, the element and what is wrong with it."""
    error = refusal(edited(file, old, new))
    assert error.file == place
    assert element in error.element
    assert words in error.message
    assert len(str(error)) < 600


def test_a_message_about_a_word_lists_the_known_ones(edited: Edited) -> None:
    """Each known word is listed once, though some operators have two spellings."""
    hint = refusal(edited("in", ">ISNOTBITSET<", ">ISABOUT<")).hint
    assert hint.startswith("Known are: EQUAL, NOTEQUAL, ")
    assert hint.count("ISBITNOTSET") == 1


def test_two_files_for_the_metaverse_are_refused(copied: Path) -> None:
    """Settings of two exports must not be mixed."""
    (copied / "GlobalSettings" / "MV2.xml").write_bytes((copied / METAVERSE).read_bytes())
    assert "2 files where one is expected" in refusal(copied).message
