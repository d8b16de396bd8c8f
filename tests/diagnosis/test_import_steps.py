"""Steps 7 and 8 on the lab: what comes from Active Directory, and what comes back from Entra."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import dn_of, retyped
from adsyncdiag.connectors.lab.scenarios.forest_people import IDENTICAL, TESTOBJECT
from adsyncdiag.connectors.lab.scenarios.identifiers import object_guid, source_anchor
from adsyncdiag.connectors.lab.scenarios.places import PARTNERS, PEOPLE
from adsyncdiag.model.objects import ChangeKind
from adsyncdiag.model.trace import Action, Status

UPN = "testobject@contoso.com"


# --- step 7


def test_the_first_import_adds_and_the_next_finds_nothing_new(lab: Any, bench: Any) -> None:
    """Add, then none; the object keeps its identifier and its anchor is the objectGUID."""
    first = bench.step(lab.record(TESTOBJECT), 7)
    staged = lab.ad(TESTOBJECT)
    assert first.details["objectOperation"] == "add"
    assert first.details["objectInConnectorSpace"] == str(staged.id)
    assert {row.operation for row in first.attributes} == {"add"}
    assert staged.anchor == str(object_guid(TESTOBJECT))
    second = bench.step(lab.record(TESTOBJECT), 7)
    assert second.details["objectOperation"] == "none"
    assert {row.operation for row in second.attributes} == {"none"}
    assert lab.ad(TESTOBJECT).id == staged.id


def test_a_pending_add_stays_an_add_until_it_is_synchronised(lab: Any, bench: Any) -> None:
    """An object whose synchronisation failed is still new at the next import."""
    broken = dn_of("Noel Account", PEOPLE)
    assert bench.failing(lab.record(broken))[0] == 9
    assert lab.ad(broken).import_kind is ChangeKind.ADD
    lab.forest.change(broken, description="Still nameless")
    again = bench.step(lab.record(broken), 7)
    assert again.details["objectOperation"] == "add"


def test_a_change_shows_old_and_new_values_by_attribute(lab: Any, bench: Any) -> None:
    """Update: one row an attribute, with what comes and what goes."""
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head", mobile=None, pager="+45 86 55 0199")
    found = bench.step(lab.record(TESTOBJECT), 7)
    assert found.details["objectOperation"] == "update"
    rows = {row.name: row for row in found.attributes if row.operation != "none"}
    assert {name: row.operation for name, row in rows.items()} == {
        "title": "update",
        "mobile": "delete",
        "pager": "add",
    }
    assert (rows["title"].added, rows["title"].removed) == (("Head",), ("Account manager",))
    assert rows["mobile"].value is None
    assert rows["pager"].data_source == "contoso.com"


def test_a_change_of_type_is_a_delete_and_add(lab: Any, bench: Any) -> None:
    """A user who becomes an inetOrgPerson is staged as delete-add and goes on."""
    lab.run(TESTOBJECT)
    entry = lab.forest.entries[TESTOBJECT]
    lab.forest.entries[TESTOBJECT] = retyped(entry, "top person organizationalPerson user inetOrgPerson")
    lab.forest.write()
    record = lab.record(TESTOBJECT)
    assert bench.step(record, 7).details["objectOperation"] == "delete-add"
    assert record.failure is None
    assert len(lab.cloud.anchored(source_anchor(TESTOBJECT))) == 1


def test_a_rename_is_an_update_that_names_the_old_place(lab: Any, bench: Any) -> None:
    """The object is found by its anchor under the new DN."""
    lab.run(TESTOBJECT)
    renamed = dn_of("renamed", PEOPLE)
    lab.forest.move(TESTOBJECT, renamed)
    record = lab.record(renamed)
    details = bench.step(record, 7).details
    assert details["objectOperation"] == "update"
    assert details["renamedFrom"] == TESTOBJECT
    assert lab.ad(TESTOBJECT) is None


def test_an_object_made_anew_under_the_same_name_is_another_one(lab: Any, bench: Any) -> None:
    """The old one makes way under a temporary name; the new one has an identifier and a metaverse object of its own."""
    lab.run(IDENTICAL)
    old = lab.ad(IDENTICAL)
    lab.forest.change(IDENTICAL, objectGUID=object_guid("somebody else").bytes_le, objectSid=None)
    record = lab.record(IDENTICAL)
    new = lab.ad(IDENTICAL)
    assert bench.step(record, 7).details["objectOperation"] == "add"
    assert new.id != old.id
    with lab.world.store.unit_of_work() as work:
        displaced = work.cs(old.id)
    assert displaced.dn.text.endswith("CN=Transient")
    assert displaced.anchor == old.anchor
    assert record.source_identity.id == str(object_guid("somebody else"))


# --- step 8


def test_without_a_joined_object_there_is_nothing_to_read(lab: Any, bench: Any) -> None:
    """The first run skips step 8 with a sentence of its own, and that does not spoil the verdict."""
    record = lab.record(TESTOBJECT)
    found = bench.step(record, 8)
    assert (found.status, found.description) == (Status.SKIPPED, "No Entra object is joined yet.")
    assert record.status is Status.SUCCESS


def test_an_object_that_was_never_exported_cannot_be_read_back(lab: Any, bench: Any) -> None:
    """After a run in staging mode an Entra object is joined and pending; the tenant is not asked for it."""
    lab.run(TESTOBJECT, staging="--staging-mode")
    found = bench.step(lab.record(TESTOBJECT, staging="--staging-mode"), 8)
    assert found.status is Status.SKIPPED
    assert "never exported" in found.description
    assert found.details["targetObject"] == str(lab.entra(TESTOBJECT).id)


def test_what_was_exported_is_confirmed_by_the_next_import(lab: Any, bench: Any) -> None:
    """Every attribute that was sent comes back, shadowed ones included, and nothing stays unconfirmed."""
    record = lab.record(TESTOBJECT)
    sent = bench.step(record, 10).details["exportedAttributes"]
    assert {c.name for c in lab.entra(TESTOBJECT).unconfirmed} == set(sent)
    found = bench.step(lab.record(TESTOBJECT), 8)
    assert found.status is Status.SUCCESS
    assert sorted(found.details["confirmedExports"]) == sorted(sent)
    assert "exportedChangeNotReimported" not in found.details
    assert lab.entra(TESTOBJECT).unconfirmed == ()


@pytest.mark.parametrize("kind", ["connection", "refused"])
def test_a_tenant_that_cannot_be_read_is_a_warning_and_the_run_goes_on(lab: Any, bench: Any, kind: str) -> None:
    """Step 8 keeps its own failure; with nothing to export the run ends with a warning and exit code 0."""
    lab.run(TESTOBJECT)
    answer = bench.broken if kind == "connection" else bench.refusing(403, "Authorization_RequestDenied", "No.")
    tenant, _ = lab.graph(answer)
    done = lab.run(TESTOBJECT, tenant=tenant)
    found = bench.step(done.record, 8)
    assert found.status is Status.WARNING
    assert found.failure is not None
    assert found.details["runStepResult"] == found.failure.code
    assert (done.exit_code, done.record.status, done.record.failure) == (0, Status.WARNING, None)
    assert done.record.warnings
    assert bench.step(done.record, 9).status is Status.SUCCESS


def test_a_throttling_tenant_stops_the_run_and_says_when_to_come_back(lab: Any, bench: Any) -> None:
    """Throttled while importing: failure at step 8, exit code 5, the moment in reason and details; nothing is lost."""
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head")
    tenant, _ = lab.graph(bench.throttled)
    done = lab.run(TESTOBJECT, tenant=tenant)
    assert bench.failing(done.record) == (8, "throttled")
    assert done.exit_code == 5
    until = bench.step(done.record, 8).details["until"]
    assert until.endswith(" UTC")
    assert until[:16] in done.record.failure.reason + done.record.failure.recommendation
    assert bench.states(done.record)[3] == "s"
    again = lab.record(TESTOBJECT)
    assert (again.failure, again.action) == (None, Action.UPDATE)
    assert lab.cloud.user(UPN)["jobTitle"] == "Head"


def test_an_object_deleted_in_the_tenant_is_created_again_and_only_once(lab: Any, bench: Any) -> None:
    """Step 8 warns, step 10 creates, the next run finds nothing to do; there is one object for the anchor."""
    lab.run(TESTOBJECT)
    first = lab.cloud.user(UPN)
    lab.cloud.erase(first["id"])
    again = lab.run(TESTOBJECT)
    found = bench.step(again.record, 8)
    assert (found.status, found.details["objectOperation"]) == (Status.WARNING, "delete")
    assert again.record.action is Action.CREATE
    assert (again.exit_code, again.record.status) == (0, Status.WARNING)
    (made,) = lab.cloud.anchored(source_anchor(TESTOBJECT))
    assert made["id"] != first["id"]
    assert again.record.target_identity.id == made["id"]
    third = lab.record(TESTOBJECT)
    assert (third.action, third.status) == (Action.OTHER, Status.SUCCESS)
    assert lab.cloud.anchored(source_anchor(TESTOBJECT)) == [made]


def test_a_deleted_object_comes_back_with_staging_only_on_paper(lab: Any, bench: Any) -> None:
    """In staging mode the loss is seen and the creation only described."""
    lab.run(TESTOBJECT)
    lab.cloud.erase(lab.cloud.user(UPN)["id"])
    record = lab.record(TESTOBJECT, staging="--staging-mode")
    assert record.action is Action.CREATE
    assert "would be created" in bench.step(record, 10).description
    assert lab.cloud.anchored(source_anchor(TESTOBJECT)) == []
    assert lab.record(TESTOBJECT).target_identity.id == lab.cloud.user(UPN)["id"]


def test_what_somebody_changed_in_the_tenant_is_put_back(lab: Any, bench: Any) -> None:
    """A changed, a removed and an added value are differences again, with the tenant's values as the old ones."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    user = lab.cloud.user(UPN)
    lab.cloud.change(user["id"], jobTitle="Intruder", department=None, employeeId="007")
    record = lab.record(TESTOBJECT)
    assert (record.action, record.status) == (Action.UPDATE, Status.SUCCESS)
    changed = {m.name: (m.old, m.new) for m in record.modified}
    # No rule speaks about employeeId, so it is none of ours.
    assert changed == {"title": ("Intruder", "Account manager"), "department": (None, "Sales")}
    after = lab.cloud.user(UPN)
    assert (after["jobTitle"], after["department"], after["employeeId"]) == ("Account manager", "Sales", "007")


def test_an_exported_value_that_came_back_otherwise_is_a_warning(lab: Any, bench: Any) -> None:
    """Changed between the export and its confirmation: `exported-change-not-reimported`, and sent again."""
    lab.run(TESTOBJECT)
    lab.cloud.change(lab.cloud.user(UPN)["id"], jobTitle="Intruder")
    done = lab.run(TESTOBJECT)
    found = bench.step(done.record, 8)
    assert found.status is Status.WARNING
    assert found.failure.code == "exported-change-not-reimported"
    assert found.details["exportedChangeNotReimported"] == ["title"]
    assert any("title" in warning for warning in done.record.warnings)
    assert (done.exit_code, done.record.status, done.record.action) == (0, Status.WARNING, Action.UPDATE)
    assert lab.cloud.user(UPN)["jobTitle"] == "Account manager"
    assert lab.record(TESTOBJECT).status is Status.SUCCESS


def test_a_source_anchor_changed_in_the_tenant_stops_the_object(lab: Any, bench: Any) -> None:
    """The rule's own check fires at step 9, and nothing is written over the other anchor."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    user = lab.cloud.user(UPN)
    lab.cloud.change(user["id"], onPremisesImmutableId=source_anchor("somebody else"))
    before = lab.cloud.state()
    record = lab.record(TESTOBJECT)
    assert bench.failing(record) == (9, "sync-rule-error-function-triggered")
    assert "SourceAnchor attribute has changed." in record.failure.reason
    assert lab.cloud.state() == before


def test_a_contact_that_could_not_be_created_is_never_looked_for(lab: Any, bench: Any) -> None:
    """It stays joined and pending, and step 8 is skipped each time."""
    contact = dn_of("Xenia Partner", PARTNERS)
    assert bench.failing(lab.record(contact)) == (10, "graph-cannot-create")
    again = lab.record(contact)
    assert bench.step(again, 8).status is Status.SKIPPED
    assert bench.failing(again) == (10, "graph-cannot-create")


def test_the_world_outside_may_stand_still_or_move(lab: Any, bench: Any, noon: Any) -> None:
    """Import times are those of the clock that was given, not of the machine."""
    later = noon + timedelta(days=3)
    lab.run(TESTOBJECT)
    lab.world = replace(lab.world, clock=lambda: later)
    lab.run(TESTOBJECT)
    assert lab.ad(TESTOBJECT).last_import == later
    assert lab.entra(TESTOBJECT).last_import == later
    assert lab.entra(TESTOBJECT).last_export == noon
