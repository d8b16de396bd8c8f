"""The record of a run on the lab: steps, times, path, identities, modified properties, bytes, history."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.domains import TENANT_ID
from adsyncdiag.connectors.lab.scenarios.entries import dn_of
from adsyncdiag.connectors.lab.scenarios.forest_groups import ADOPTED_GROUP, TEAM
from adsyncdiag.connectors.lab.scenarios.forest_people import ADOPTED, DIRECTOR, HEAD, IDENTICAL, TESTOBJECT
from adsyncdiag.connectors.lab.scenarios.identifiers import object_guid
from adsyncdiag.connectors.lab.scenarios.places import (
    APAC_PEOPLE,
    BOARD,
    DEVICES,
    EXCLUDED,
    FABRIKAM_PEOPLE,
    GROUPS,
    PARTNERS,
    PEOPLE,
    PRINTERS,
    USERS,
)
from adsyncdiag.model.trace import Action, Status, StepType
from adsyncdiag.report.as_json import as_json
from adsyncdiag.report.dialects import Dialect

UPN = "testobject@contoso.com"
NAMES = (
    "ScopingDomain",
    "ScopingDomain",
    "ScopingOrganizationalUnit",
    "ScopingConnectivity",
    "ScopingObjectType",
    "ScopingGroup",
    "ImportSpecificObject",
    "ImportSpecificObject",
    "SyncSpecificObject",
    "ExportSpecificObject",
)
TYPES = (StepType.SCOPING,) * 6 + (StepType.IMPORT,) * 2 + (StepType.SYNC, StepType.EXPORT)
STOPPED_AT = [
    ("CN=x,DC=nowhere,DC=example", 1, "rsnnn"),
    (dn_of("Akira Apac", APAC_PEOPLE), 1, "rsnnn"),
    (dn_of("Greta Closed", EXCLUDED), 3, "rsnnn"),
    (dn_of("Wanda Hidden", BOARD), 4, "snnnn"),
    (dn_of("PRN-LOBBY", PRINTERS), 5, "rsnnn"),
    (dn_of("Otto Outside", FABRIKAM_PEOPLE), 6, "rsnnn"),
    (dn_of("Administrator", USERS), 9, "rrsnn"),
    (dn_of("Sam Less", PEOPLE), 9, "rrrsn"),
    (dn_of("Dora Twin", PEOPLE), 10, "rrrrs"),
]


@pytest.mark.parametrize("dn", [TESTOBJECT, *(dn for dn, _, _ in STOPPED_AT)])
def test_the_ten_steps_always_appear_in_order(lab: Any, dn: str) -> None:
    """Numbers 1 to 10 with the cmdlet's names and types, whatever the verdict."""
    steps = lab.record(dn).steps
    assert [s.number for s in steps] == list(range(1, 11))
    assert tuple(s.name for s in steps) == NAMES
    assert tuple(s.type for s in steps) == TYPES
    assert all(s.description for s in steps)


@pytest.mark.parametrize(("dn", "number", "path"), STOPPED_AT)
def test_the_path_shows_where_the_object_stopped(lab: Any, bench: Any, dn: str, number: int, path: str) -> None:
    """Five places; the one the object did not get to is marked with the step, those behind it are not reached."""
    record = lab.record(dn)
    assert bench.failing(record)[0] == number
    assert bench.states(record) == path
    assert [hop.note for hop in record.path if hop.note] == [f"stopped at step {number}"]
    assert record.failure == bench.step(record, number).failure
    assert record.status is Status.FAILURE


@pytest.mark.parametrize("dn", [TESTOBJECT, dn_of("Sam Less", PEOPLE), dn_of("Greta Closed", EXCLUDED)])
def test_time_never_runs_backwards(lab: Any, bench: Any, noon: Any, dn: str) -> None:
    """With a clock that ticks at every look: start, each step, end, all in order and none twice."""
    record = lab.record(dn, clock=bench.ticking(noon))
    moments = [record.started, *(s.timestamp for s in record.steps), record.ended]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)
    assert record.started == noon


def test_a_synchronised_user_has_both_identities(lab: Any) -> None:
    """Source: objectGUID as canonical text, type, DN; target: the id without its prefix, and the UPN."""
    record = lab.record(TESTOBJECT)
    user = lab.cloud.user(UPN)
    source, target = record.source_identity, record.target_identity
    assert (source.id, source.type, source.name) == (str(object_guid(TESTOBJECT)), "User", TESTOBJECT)
    assert source.display_name == "Test Object"
    assert (target.id, target.type, target.name) == (user["id"], "User", UPN)
    assert target.details["cloudAnchor"] == f"User_{user['id']}"
    assert re.fullmatch(r"CN=\{[0-9A-F]+\}", str(target.details["connectorSpaceDn"]))
    assert record.change_id == str(lab.ad(TESTOBJECT).id)
    assert record.tenant_id == str(TENANT_ID)


@pytest.mark.parametrize(
    ("dn", "kind", "name"),
    [
        (TEAM, "Group", "Team Planning"),
        (dn_of("Xenia Partner", PARTNERS), "Contact", "Xenia Partner"),
        (dn_of("LAB-PC-01", DEVICES), "Device", "LAB-PC-01"),
        (dn_of("Paula Nygaard", PEOPLE), "User", "paula.nygaard@contoso.com"),
    ],
)
def test_identities_of_other_types_are_named_by_their_display_name(lab: Any, dn: str, kind: str, name: str) -> None:
    """A group, a contact and a computer have no UPN; an inetOrgPerson is a user."""
    record = lab.record(dn)
    assert (record.source_identity.type, record.target_identity.type) == (kind, kind)
    assert record.target_identity.name == name


def test_an_object_that_was_not_read_is_known_by_the_name_that_was_asked(lab: Any) -> None:
    """Before step 4 there is a DN and nothing else; the target is empty."""
    record = lab.record(dn_of("Greta Closed", EXCLUDED))
    assert record.source_identity.name == dn_of("Greta Closed", EXCLUDED)
    assert record.source_identity.id == record.target_identity.id == record.change_id == ""


def test_a_name_in_another_spelling_is_the_same_object(lab: Any) -> None:
    """The source is shown as the directory spells it, however it was asked for."""
    lab.run(TESTOBJECT)
    record = lab.record("cn=TESTOBJECT , ou = CORP,dc=Contoso,dc=COM")
    assert record.source_identity.name == TESTOBJECT
    assert record.action is Action.OTHER


def test_the_action_follows_the_pending_export(lab: Any) -> None:
    """Create, other, update, and other again; a run that stops before step 9 has none."""
    actions = [lab.record(TESTOBJECT).action, lab.record(TESTOBJECT).action]
    lab.forest.change(TESTOBJECT, title="Head")
    actions += [lab.record(TESTOBJECT).action, lab.record(TESTOBJECT).action]
    assert actions == [Action.CREATE, Action.OTHER, Action.UPDATE, Action.OTHER]
    lab.forest.remove(TESTOBJECT)
    assert lab.record(TESTOBJECT).action is Action.OTHER


def test_modified_properties_have_old_and_new_values(lab: Any) -> None:
    """One row an attribute of Entra; None where there was no value or is none any more; each links to its export row."""
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head", mobile=None, extensionAttribute3="new")
    record = lab.record(TESTOBJECT)
    assert {m.name: (m.old, m.new) for m in record.modified} == {
        "title": ("Account manager", "Head"),
        "mobile": ("+45 86 55 0100", None),
        "extensionAttribute3": (None, "new"),
    }
    exported = {row.name for row in record.steps[9].attributes}
    assert {m.attribute for m in record.modified} <= exported


def test_several_values_are_one_row_with_their_numbers(lab: Any) -> None:
    """Members: `member - Count` with both counts, also when as many leave as come."""
    for dn in (DIRECTOR, HEAD, TESTOBJECT):
        lab.run(dn)
    made = {m.name: (m.old, m.new, m.attribute) for m in lab.record(TEAM).modified}
    assert made["member - Count"] == ("0", "3", "member")
    lab.forest.change(TEAM, member=(DIRECTOR,))
    assert [(m.name, m.old, m.new) for m in lab.record(TEAM).modified] == [("member - Count", "3", "1")]
    lab.forest.change(TEAM, member=(HEAD,))
    swapped = lab.record(TEAM)
    assert [(m.name, m.old, m.new) for m in swapped.modified] == [("member - Count", "1", "1")]
    row = next(row for row in swapped.steps[9].attributes if row.name == "member")
    assert (len(row.added), len(row.removed), row.operation) == (1, 1, "update")


@pytest.mark.parametrize("dialect", list(Dialect))
def test_the_same_input_gives_the_same_bytes(new_lab: Callable[[], Any], dialect: Dialect) -> None:
    """Two fresh labs, the same identifiers and clock: equal documents, a create, adoptions and failures included."""

    def documents() -> list[str]:
        lab = new_lab()
        wanted = [TESTOBJECT, IDENTICAL, ADOPTED, ADOPTED_GROUP, ADOPTED, DIRECTOR, TEAM]
        wanted += [dn for dn, _, _ in STOPPED_AT]
        made = []
        for dn in wanted:
            staging = "test" if dn in (TESTOBJECT, DIRECTOR, TEAM) else ""
            text = as_json(lab.record(dn, staging=staging), dialect).decode()
            made.append(re.sub(r"request-id [0-9a-f-]{36}|date [0-9T:-]+Z?", "", text))
        return made

    assert documents() == documents()


@pytest.mark.parametrize("dialect", list(Dialect))
def test_only_what_the_tenant_makes_up_differs_after_a_create(new_lab: Callable[[], Any], dialect: Dialect) -> None:
    """The id of the new user is the tenant's; with it replaced the documents of two fresh labs are equal."""

    def document() -> str:
        lab = new_lab()
        text = "".join(as_json(lab.record(TESTOBJECT), dialect).decode() for _ in range(3))
        made = str(lab.cloud.user(UPN)["id"])
        assert made in text
        return text.replace(made, "<id>")

    assert document() == document()


def test_the_document_is_one_line_of_json(lab: Any) -> None:
    """In each dialect, hostile names included."""
    dn = next(dn for dn in lab.forest.entries if "script" in dn and "onerror" not in dn)
    record = lab.record(dn)
    for dialect in Dialect:
        text = as_json(record, dialect)
        assert b"\n" not in text
        assert json.loads(text)


def test_runs_are_in_the_history_under_the_product_s_names(lab: Any, noon: Any) -> None:
    """Import and export runs, numbered per connector, with counters, result and who ran them."""
    lab.run(TESTOBJECT)
    first = [(r.connector_name, r.profile, r.number, dict(r.steps[0].counters)) for r in lab.world.store.runs()]
    entra = lab.connector("entra").name
    assert sorted(first) == [
        ("contoso.com", "Specific Object Import", 1, {"stage-add": 1}),
        (entra, "Specific Object Export", 1, {"export-add": 1}),
    ]
    lab.forest.change(TESTOBJECT, title="Head")
    lab.run(TESTOBJECT)
    rows = {(r.connector_name, r.profile, r.number): r for r in lab.world.store.runs()}
    assert dict(rows["contoso.com", "Specific Object Import", 2].steps[0].counters) == {"stage-update": 1}
    assert dict(rows[entra, "Specific Object Import", 2].steps[0].counters) == {"stage-update": 1}
    assert dict(rows[entra, "Specific Object Export", 3].steps[0].counters) == {"export-update": 1}
    assert {(r.result, r.user, r.started) for r in rows.values()} == {("success", "tester", noon)}


def test_a_refused_export_is_in_the_history_with_its_error(lab: Any) -> None:
    """`completed-export-errors`, one failure, the object and the code."""
    twin = dn_of("Dora Twin", PEOPLE)
    lab.run(twin)
    run = next(r for r in lab.world.store.runs() if r.profile == "Specific Object Export")
    assert run.result == "completed-export-errors"
    (only,) = run.steps
    assert dict(only.counters) == {"export-failure": 1}
    assert [(e.cs_object, e.code) for e in only.errors] == [(lab.entra(twin).id, "InvalidSoftMatch")]


def test_runs_that_got_no_answer_are_in_the_history(lab: Any, bench: Any) -> None:
    """An import and an export whose connection broke, and a throttled one, are runs that stopped."""
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head")
    tenant, _ = lab.graph(bench.broken)
    lab.run(TESTOBJECT, tenant=tenant)
    busy, _ = lab.graph(bench.throttled)
    lab.run(TESTOBJECT, tenant=busy)
    stopped = [
        (r.profile, r.result, r.steps[0].errors[0].code) for r in lab.world.store.runs() if r.result != "success"
    ]
    assert [profile for profile, _, _ in stopped] == [
        "Specific Object Import",
        "Specific Object Export",
        "Specific Object Import",
    ]
    assert stopped[0][1:] == ("stopped-connectivity", "throttled")
    assert all(result.startswith(("stopped-", "no-start-")) for _, result, _ in stopped)


def test_a_deletion_seen_in_the_tenant_is_in_the_history(lab: Any) -> None:
    """`stage-delete` on the Entra connector, then an add again."""
    lab.run(TESTOBJECT)
    lab.cloud.erase(lab.cloud.user(UPN)["id"])
    lab.run(TESTOBJECT)
    counters = [dict(r.steps[0].counters) for r in lab.world.store.runs(connector=lab.connector("entra").id)]
    assert counters == [{"export-add": 1}, {"stage-delete": 1}, {"export-add": 1}]


def test_nothing_is_in_the_history_of_an_object_that_was_not_imported(lab: Any) -> None:
    """A verdict of steps 1 to 6 ran nothing."""
    lab.run(dn_of("Greta Closed", EXCLUDED))
    lab.run(dn_of("Otto Outside", FABRIKAM_PEOPLE))
    assert lab.world.store.runs() == ()


def test_progress_is_told_for_the_steps_that_are_asked(lab: Any) -> None:
    """Numbers and titles up to the step that stops the run, and none behind it."""
    from adsyncdiag.diagnosis.case import Question
    from adsyncdiag.diagnosis.single_object import run
    from adsyncdiag.model.names import Dn

    told: list[int] = []
    run(
        lab.world,
        Question(Dn.parse(dn_of("Greta Closed", EXCLUDED))),
        progress=lambda number, _title: told.append(number),
    )
    assert told == [1, 2, 3]


def test_a_run_leaves_no_error_of_its_own_on_the_way(lab: Any) -> None:
    """What a good run stores has neither pending import nor error, and one metaverse object for one person."""
    lab.run(TESTOBJECT)
    source, target = lab.ad(TESTOBJECT), lab.entra(TESTOBJECT)
    assert (source.sync_error, target.sync_error, target.export_error) == (None, None, None)
    assert (source.import_kind.value, target.export_kind.value, target.export_changes) == ("none", "none", ())
    assert source.link.metaverse == target.link.metaverse


def test_a_group_without_members_has_no_count_row(lab: Any) -> None:
    """Nothing changed from nothing to nothing."""
    record = lab.record(dn_of("Waiting room", GROUPS))
    assert not [m for m in record.modified if m.name.endswith("- Count")]
