"""Step 9 on the lab: verdicts, what is refused, what stays with the object, and what is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import dn_of
from adsyncdiag.connectors.lab.scenarios.forest_groups import TEAM
from adsyncdiag.connectors.lab.scenarios.forest_people import (
    DIRECTOR,
    HEAD,
    LOOP_ONE,
    LOOP_TWO,
    MASTER,
    MOVED_FROM,
    MOVED_TO,
    OUTSIDER,
    TESTOBJECT,
)
from adsyncdiag.connectors.lab.scenarios.identifiers import source_anchor
from adsyncdiag.connectors.lab.scenarios.places import CORP, GROUPS, PARTNERS, PEOPLE, USERS
from adsyncdiag.model.objects import ChangeKind, LinkAction
from adsyncdiag.model.rules import Direction, LinkType
from adsyncdiag.model.trace import Action, Status

UPN = "testobject@contoso.com"
MAILBOX = dn_of("Lena Vogel", PEOPLE)
FILTERED = {"adminDescription": "User_4711"}, {"sAMAccountName": "MSOL_4711"}, {"isCriticalSystemObject": "TRUE"}


@pytest.mark.parametrize("change", FILTERED, ids=["inbound scope", "cloudFiltered", "critical"])
def test_an_object_that_would_be_deleted_is_refused(lab: Any, bench: Any, change: dict[str, str]) -> None:
    """It left scope after it was created: the verdict names it and the clause, and tenant, metaverse and links stay as they are."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    tenant, source, target = lab.cloud.state(), lab.ad(TESTOBJECT), lab.entra(TESTOBJECT)
    metaverse = lab.metaverse(TESTOBJECT)
    lab.forest.change(TESTOBJECT, **change)
    done = lab.run(TESTOBJECT)
    assert bench.failing(done.record) == (9, "would-delete")
    assert (done.exit_code, done.record.action) == (1, Action.DELETE)
    assert UPN in done.record.failure.reason
    assert (
        next(iter(change)) in done.record.failure.recommendation
        or "cloudFiltered" in done.record.failure.recommendation
    )
    assert done.record.modified == ()
    assert lab.cloud.state() == tenant
    after = lab.ad(TESTOBJECT)
    assert (after.link, after.sync_error) == (source.link, None)
    assert after.import_kind is ChangeKind.UPDATE
    assert lab.metaverse(TESTOBJECT) == metaverse
    entra = lab.entra(TESTOBJECT)
    assert (entra.export_kind, entra.export_changes, entra.link) == (ChangeKind.NONE, (), target.link)


def test_an_object_back_in_scope_goes_on_as_if_nothing_had_been(lab: Any, bench: Any) -> None:
    """After a refusal the object that is in scope again is the same one, with nothing to do."""
    lab.run(TESTOBJECT)
    before = lab.entra(TESTOBJECT).id
    lab.forest.change(TESTOBJECT, adminDescription="User_4711")
    assert bench.failing(lab.record(TESTOBJECT)) == (9, "would-delete")
    lab.forest.change(TESTOBJECT, adminDescription=None)
    record = lab.record(TESTOBJECT)
    assert (record.failure, record.action) == (None, Action.OTHER)
    assert lab.entra(TESTOBJECT).id == before
    assert lab.ad(TESTOBJECT).import_kind is ChangeKind.NONE


@pytest.mark.parametrize(("change", "code"), [(FILTERED[0], "no-metaverse-object"), (FILTERED[1], "no-target-object")])
def test_what_was_never_exported_is_dropped_and_not_deleted(
    lab: Any, bench: Any, change: dict[str, str], code: str
) -> None:
    """A pending creation that left scope has nothing in Entra to delete: it goes, and the verdict is the filter."""
    lab.run(TESTOBJECT, staging="--staging-mode")
    pending = lab.entra(TESTOBJECT)
    assert pending.export_kind is ChangeKind.ADD
    lab.forest.change(TESTOBJECT, **change)
    record = lab.record(TESTOBJECT, staging="--staging-mode")
    assert bench.failing(record) == (9, code)
    with lab.world.store.unit_of_work() as work:
        assert work.cs(pending.id) is None
    lab.forest.change(TESTOBJECT, adminDescription=None, sAMAccountName="testobject")
    assert lab.record(TESTOBJECT).action is Action.CREATE
    assert len(lab.cloud.anchored(source_anchor(TESTOBJECT))) == 1


def test_a_refused_creation_that_leaves_scope_is_dropped_too(lab: Any, bench: Any) -> None:
    """An export that the tenant refused made nothing there, so filtering the object afterwards is no deletion."""
    twin = dn_of("Dora Twin", PEOPLE)
    assert bench.failing(lab.record(twin)) == (10, "InvalidSoftMatch")
    tenant = lab.cloud.state()
    lab.forest.change(twin, adminDescription="User_4711")
    assert bench.failing(lab.record(twin)) == (9, "no-metaverse-object")
    assert lab.cloud.state() == tenant


def test_an_error_stays_with_the_object_until_a_good_run(lab: Any, bench: Any, noon: Any) -> None:
    """First occurrence, last occurrence and retries are kept; the run that succeeds takes the error away."""
    broken = dn_of("Liv Long", PEOPLE)
    lab.run(broken)
    later = noon.replace(hour=15)
    record = lab.record(broken, clock=lambda: later)
    assert bench.failing(record) == (9, "mv-constraint-violation")
    error = lab.ad(broken).sync_error
    assert (error.code, error.first, error.last, error.retries) == ("mv-constraint-violation", noon, later, 1)
    assert "InnerException" in error.details
    assert lab.ad(broken).link is None
    lab.forest.change(broken, msExchRetentionURL="https://contoso.com/retention")
    assert lab.record(broken).failure is None
    assert lab.ad(broken).sync_error is None


def test_another_error_counts_from_its_own_first_time(lab: Any, noon: Any) -> None:
    """An error with another code replaces the old one, with no retries yet."""
    broken = dn_of("Liv Long", PEOPLE)
    lab.run(broken)
    lab.forest.change(broken, msExchRetentionURL=None, sAMAccountName=None, userPrincipalName=None)
    later = noon.replace(hour=15)
    lab.run(broken, clock=lambda: later)
    error = lab.ad(broken).sync_error
    assert (error.code, error.first, error.retries) == ("sync-rule-error-function-triggered", later, 0)


def test_a_failing_rule_on_a_known_object_changes_nothing_of_it(lab: Any, bench: Any) -> None:
    """Metaverse, Entra object and tenant stay; the pending import stays pending, and the error names rule and attribute."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    tenant, metaverse, entra = lab.cloud.state(), lab.metaverse(TESTOBJECT), lab.entra(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head", msExchRetentionURL="x" * 449)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (9, "mv-constraint-violation")
    assert "msExchRetentionURL" in record.failure.reason
    assert lab.cloud.state() == tenant
    assert lab.metaverse(TESTOBJECT) == metaverse
    assert lab.entra(TESTOBJECT).export_changes == entra.export_changes == ()
    assert lab.ad(TESTOBJECT).import_kind is ChangeKind.UPDATE
    assert record.target_identity.name == UPN


def test_an_outbound_failure_stops_on_the_way_to_the_entra_connector_space(lab: Any, bench: Any) -> None:
    """The path shows that the metaverse was reached, and the inbound flows are part of the record."""
    for dn in (MOVED_FROM, MOVED_FROM):
        lab.run(dn)
    record = lab.record(MOVED_TO)
    assert bench.failing(record) == (9, "sync-rule-error-function-triggered")
    assert bench.states(record) == "rrrsn"
    assert any(flow.attribute == "sourceAnchor" and flow.won for flow in record.flows)
    inbound = lab.record(dn_of("Noel Account", PEOPLE))
    assert bench.states(inbound) == "rrsnn"


@pytest.mark.parametrize(
    ("name", "place", "said"),
    [
        ("Administrator", USERS, "isCriticalSystemObject NOTEQUAL TRUE is not met: the value is True"),
        ("Wim Written", PEOPLE, "adminDescription NOTSTARTSWITH User_ is not met"),
        ("Yuri Partner", PARTNERS, "no join attribute has a value (mail)"),
        ("corp", "DC=contoso,DC=com", "No synchronisation rule brings objects of type organizationalUnit"),
    ],
)
def test_a_disconnector_is_told_the_clause_or_the_value_that_decided(
    lab: Any, bench: Any, name: str, place: str, said: str
) -> None:
    """Inbound rules filter it: reason with the clause and its value, nothing in the metaverse, no error on the object."""
    dn = CORP if name == "corp" else dn_of(name, place)
    record = lab.record(dn)
    assert bench.failing(record) == (9, "no-metaverse-object")
    assert said in record.failure.reason
    assert lab.ad(dn).link is None
    assert lab.ad(dn).sync_error is None
    assert lab.ad(dn).import_kind is ChangeKind.NONE
    assert record.metaverse == ()


def test_a_disabled_rule_is_the_reason_where_it_is(lab: Any, bench: Any) -> None:
    """With User Join disabled nothing provisions, and the verdict says that the rule is disabled."""
    lab.change_rules(lambda r: replace(r, disabled=True) if r.name == "In from AD - User Join" else r)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (9, "no-metaverse-object")
    assert "the rule is disabled" in record.failure.reason
    assert "Enable the rule" in record.failure.recommendation


def test_without_outbound_rules_for_the_type_there_is_no_target_object(lab: Any, bench: Any) -> None:
    """A configuration whose outbound rules were deleted is told apart from a filter."""
    lab.change_rules(lambda r: None if r.direction is Direction.OUTBOUND and r.source_type == "person" else r)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (9, "no-target-object")
    assert "No outbound rule provisions metaverse objects of type person" in record.failure.reason
    assert lab.metaverse(TESTOBJECT) is not None


def test_references_to_objects_that_are_not_there_are_listed(lab: Any, bench: Any) -> None:
    """A manager in an excluded unit, and members that were never synchronised, each by its DN."""
    orphan = dn_of("Petra Orphan", PEOPLE)
    record = lab.record(orphan)
    assert bench.step(record, 9).details["unresolvedReferences"] == [OUTSIDER]
    assert "manager" not in lab.entra(orphan).intended
    lab.run(DIRECTOR)
    team = bench.step(lab.record(TEAM), 9).details
    assert sorted(team["unresolvedReferences"]) == sorted([HEAD, TESTOBJECT])
    assert team["unresolvedTargetReferences"] == []


def test_references_into_the_metaverse_without_an_entra_object_are_listed_apart(lab: Any, bench: Any) -> None:
    """A member that reaches the metaverse and is filtered there cannot be exported; it is named by its name."""
    system = dn_of("MSOL 4f1c", USERS)
    lab.run(system)
    late = dn_of("Late arrivals", GROUPS)
    lab.forest.change(late, member=(system,))
    details = bench.step(lab.record(late), 9).details
    assert details["unresolvedReferences"] == []
    assert details["unresolvedTargetReferences"] == ["MSOL 4f1c"]


def test_owners_that_wait_for_the_object_are_counted(lab: Any, bench: Any) -> None:
    """Two objects refer to her before she is there; once they were synchronised again nobody waits."""
    lab.run(LOOP_ONE)
    lab.run(dn_of("Late arrivals", GROUPS))
    lab.forest.change(TESTOBJECT, manager=LOOP_TWO)
    lab.run(TESTOBJECT)
    record = lab.record(LOOP_TWO)
    assert bench.step(record, 9).details["objectsWaitingForThisOne"] == 2
    lab.run(LOOP_ONE)
    lab.run(TESTOBJECT)
    assert "objectsWaitingForThisOne" not in bench.step(lab.record(LOOP_TWO), 9).details


def test_the_details_say_who_is_connected_to_whom(lab: Any, bench: Any) -> None:
    """Identifiers of the three objects, operations, links, out-of-scope rules with their reasons, unwritable attributes."""
    record = lab.record(TESTOBJECT)
    details = bench.step(record, 9).details
    source, target, metaverse = lab.ad(TESTOBJECT), lab.entra(TESTOBJECT), lab.metaverse(TESTOBJECT)
    assert details["syncStepResult"] == "success"
    assert (details["sourceObject"], details["targetObject"]) == (str(source.id), str(target.id))
    assert (details["metaverseObject"], details["metaverseObjectType"]) == (str(metaverse.id), "person")
    assert (details["metaverseObjectOperation"], details["targetObjectOperation"]) == ("add", "add")
    assert details["link"] == "projected by the rule 'In from AD - User Join'"
    assert details["targetLink"] == "provisioned by the rule 'Out to AAD - User Join'"
    outside = details["outOfScopeSyncRules"]
    assert outside["Out to AAD - Contact Join (contoso.onmicrosoft.com - AAD)"].startswith(
        "sourceObjectType EQUAL Contact"
    )
    assert "proxyAddresses" in details["notWritable"]
    assert record.metaverse_id == str(metaverse.id)
    assert source.link.action is LinkAction.PROJECTED
    again = bench.step(lab.record(TESTOBJECT), 9).details
    assert (again["metaverseObjectOperation"], again["targetObjectOperation"]) == ("update", "none")
    third = bench.step(lab.record(TESTOBJECT), 9).details
    assert third["metaverseObjectOperation"] == "none"


def test_every_attribute_of_entra_has_a_row_with_its_rule_and_source(lab: Any, bench: Any) -> None:
    """A direct flow names the forest its value came from, an expression the metaverse; unwritable ones say so."""
    rows = {row.name: row for row in bench.step(lab.record(TESTOBJECT), 9).attributes}
    assert rows["displayName"].rule.startswith("Out to AAD - User")
    assert (rows["displayName"].mapping, rows["displayName"].data_source) == ("Direct", "contoso.com")
    assert (rows["sourceAnchor"].mapping, rows["sourceAnchor"].data_source) == ("Expression", "Metaverse")
    assert rows["proxyAddresses"].note == "not writable through Graph"
    assert rows["proxyAddresses"].multi_valued


def test_a_mailbox_that_leaves_its_person_takes_its_values_along(lab: Any, bench: Any) -> None:
    """The person lives on through the account: values are recalled, the update of Entra is staged, the verdict is the filter."""
    lab.run(MASTER)
    lab.forest.change(MAILBOX, extensionAttribute7="from the mailbox")
    assert lab.record(MAILBOX).failure is None
    assert lab.cloud.user("lena.vogel@fabrikam.com")["onPremisesExtensionAttributes"] == {
        "extensionAttribute7": "from the mailbox"
    }
    lab.forest.change(MAILBOX, adminDescription="User_4711")
    record = lab.record(MAILBOX)
    assert bench.failing(record) == (9, "no-metaverse-object")
    assert "adminDescription" in record.failure.reason
    assert lab.ad(MAILBOX).link is None
    assert "extensionAttribute7" not in lab.metaverse(MASTER).values
    pending = {c.name: c.new for c in lab.entra(MASTER).export_changes}
    assert pending["extensionAttribute7"] is None
    assert lab.record(MASTER).failure is None
    assert not lab.cloud.user("lena.vogel@fabrikam.com").get("onPremisesExtensionAttributes")


def test_an_account_whose_person_lives_on_without_an_anchor_would_delete(lab: Any, bench: Any) -> None:
    """The mailbox keeps the person alive, but not in Entra: leaving with the anchor is refused, and the link stays."""
    lab.run(MASTER)
    lab.run(MAILBOX)
    lab.run(MASTER)
    tenant, link = lab.cloud.state(), lab.ad(MASTER).link
    lab.forest.change(MASTER, adminDescription="User_4711")
    record = lab.record(MASTER)
    assert bench.failing(record) == (9, "would-delete")
    assert "lena.vogel" in record.failure.reason
    assert lab.ad(MASTER).link == link
    assert lab.cloud.state() == tenant


def test_a_second_object_of_one_forest_for_one_person_is_refused_by_name(lab: Any, bench: Any) -> None:
    """Two mailboxes with one master account: the later one has the error, which names the earlier one."""
    lab.run(MASTER)
    lab.run(MAILBOX)
    sid = lab.forest.entries[MAILBOX].attributes["msExchMasterAccountSid"]
    lab.forest.change(TESTOBJECT, msExchMasterAccountSid=sid)
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (9, "ambiguous-import-flow-from-multiple-connectors")
    assert MAILBOX in record.failure.reason
    assert lab.ad(TESTOBJECT).link is None


def test_rules_and_joins_are_part_of_the_record(lab: Any) -> None:
    """Every rule of the object's types has a verdict, and each join group that was tried its attempt."""
    record = lab.record(TESTOBJECT)
    assert {v.direction for v in record.rules} == {Direction.INBOUND, Direction.OUTBOUND}
    assert {v.rule_name for v in record.rules if v.in_scope and v.link_type is LinkType.PROVISION} == {
        "In from AD - User Join",
        "Out to AAD - User Join",
    }
    assert all(v.reason for v in record.rules)
    assert "no object matches" in {j.outcome for j in record.joins}
    assert record.status is Status.SUCCESS
