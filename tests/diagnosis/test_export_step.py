"""Step 10 on the lab: what is exported, what is held back and why, and what a refusal leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from adsyncdiag.connectors.lab.scenarios.entries import dn_of
from adsyncdiag.connectors.lab.scenarios.forest_failures import MASTERED
from adsyncdiag.connectors.lab.scenarios.forest_groups import ADOPTED_GROUP, TEAM
from adsyncdiag.connectors.lab.scenarios.forest_people import ADOPTED, DIRECTOR, HEAD, IDENTICAL, TESTOBJECT
from adsyncdiag.connectors.lab.scenarios.identifiers import source_anchor
from adsyncdiag.connectors.lab.scenarios.places import DEVICES, GROUPS, PARTNERS, PEOPLE
from adsyncdiag.model.objects import ChangeKind
from adsyncdiag.model.trace import Action, Status
from adsyncdiag.wiring import Workspace

UPN = "testobject@contoso.com"
CONTACT, COMPUTER = dn_of("Xenia Partner", PARTNERS), dn_of("LAB-PC-01", DEVICES)
UNVERIFIED = dn_of("Una Verrett", PEOPLE)


def on(method: str, ending: str, answer: Any) -> Any:
    """Trouble with one kind of request only."""

    def choose(request: requests.PreparedRequest) -> Any:
        path = request.path_url.partition("?")[0]
        return answer(request) if request.method == method and path.endswith(ending) else None

    return choose


def pending(lab: Any, dn: str) -> dict[str, Any]:
    """The pending export by attribute."""
    return {change.name: change.new for change in lab.entra(dn).export_changes}


# --- staging


def staging_sources(lab: Any, source: str) -> str:
    """Switch staging mode on by one of its three sources and return the reason the wiring gives."""
    if source == "--staging-mode":
        return source
    place = Workspace(lab.place.path)
    try:
        if source == "settings":
            path = lab.place.path / "adsyncdiag.toml"
            path.write_text(path.read_text().replace('export = "export"\n', 'export = "export"\nstaging = true\n', 1))
            place.configuration = lab.world.configuration
        else:
            lab.change_settings(Microsoft__Synchronize__StagingMode="True")
            place.configuration = lab.world.configuration
        return str(place.staging)
    finally:
        place.close()


@pytest.mark.parametrize(
    ("source", "words"),
    [("--staging-mode", "--staging-mode"), ("settings", "[server] staging = true"), ("export", "StagingMode True")],
)
def test_each_source_of_staging_mode_commits_and_exports_nothing(lab: Any, bench: Any, source: str, words: str) -> None:
    """Step 10 succeeds with `staging: true`, its reason and a forecast; the synchronisation is committed, the tenant untouched."""
    tenant = lab.cloud.state()
    staging = staging_sources(lab, source)
    assert words in staging
    done = lab.run(TESTOBJECT, staging=staging)
    found = bench.step(done.record, 10)
    assert (found.status, done.exit_code, done.record.staging) == (Status.SUCCESS, 0, True)
    assert found.details["staging"] is True
    assert words in found.details["stagingReason"]
    assert found.description.startswith("[Staging Mode] The Entra object would be created with ")
    assert "no object with this source anchor" in found.details["forecast"]
    assert done.record.action is Action.CREATE
    assert bench.states(done.record) == "rrrrn"
    assert lab.cloud.state() == tenant
    assert lab.metaverse(TESTOBJECT) is not None
    assert lab.entra(TESTOBJECT).export_kind is ChangeKind.ADD
    assert lab.world.store.runs()[0].profile == "Specific Object Import"


def test_without_a_reason_the_lab_does_not_stage(lab: Any) -> None:
    """Neither the lab's settings nor its export ask for staging mode."""
    assert lab.place.staging == ""


def test_staging_says_that_an_object_would_be_adopted(lab: Any, bench: Any) -> None:
    """The tenant holds the source anchor already: an update, and the description does not speak of creating."""
    record = lab.record(ADOPTED, staging="--staging-mode")
    found = bench.step(record, 10)
    assert record.action is Action.UPDATE
    assert "adopted" in found.description
    assert "created" not in found.description
    assert lab.cloud.user("anton.bergmann@contoso.com")["id"] in found.details["forecast"]
    assert lab.cloud.user("anton.bergmann@contoso.com")["jobTitle"] == "Planner"


def test_staging_an_update_says_how_much_would_change(lab: Any, bench: Any) -> None:
    """Of a known object only the differences; the action is what it would be."""
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head")
    record = lab.record(TESTOBJECT, staging="--staging-mode")
    assert "would be updated with 1 attribute." in bench.step(record, 10).description
    assert [(m.name, m.new) for m in record.modified] == [("title", "Head")]
    assert record.action is Action.UPDATE
    assert lab.cloud.user(UPN)["jobTitle"] == "Account manager"
    assert lab.record(TESTOBJECT).action is Action.UPDATE
    assert lab.cloud.user(UPN)["jobTitle"] == "Head"


def test_staging_with_nothing_to_do_reaches_the_end_of_the_path(lab: Any, bench: Any) -> None:
    """The object is in Entra as it should be: nothing is held back."""
    lab.run(TESTOBJECT)
    record = lab.record(TESTOBJECT, staging="--staging-mode")
    assert bench.step(record, 10).description.startswith("Nothing to export")
    assert bench.states(record) == "rrrrr"
    assert record.action is Action.OTHER


@pytest.mark.parametrize("dn", [CONTACT, COMPUTER])
def test_staging_does_not_promise_what_graph_cannot_do(lab: Any, bench: Any, dn: str) -> None:
    """A contact or device would not be created, and the forecast says so without asking the tenant."""
    tenant, between = lab.graph(lambda _request: None)
    found = bench.step(lab.record(dn, staging="--staging-mode", tenant=tenant), 10)
    assert "refuse" in found.details["forecast"]
    assert between.seen == []


@pytest.mark.parametrize("trouble", ["broken", "throttled", "no secret"])
def test_a_forecast_that_cannot_be_had_spoils_nothing(lab: Any, bench: Any, trouble: str) -> None:
    """Export off on the first day: no tenant, a busy one, or no client secret yet; the run is a success."""
    parts: dict[str, Any] = {}
    if trouble == "no secret":
        (lab.place.path / "client_secret").unlink()
    else:
        parts["tenant"], _ = lab.graph(getattr(bench, trouble))
    done = lab.run(TESTOBJECT, export_enabled=False, **parts)
    assert (done.exit_code, done.record.status) == (0, Status.SUCCESS)
    assert "could not be asked" in bench.step(done.record, 10).details["forecast"]


def test_export_switched_off_names_the_switch(lab: Any, bench: Any) -> None:
    """`[entra] export` is off by default; the reason is that setting and its file."""
    tenant = lab.cloud.state()
    record = lab.record(TESTOBJECT, export_enabled=False)
    reason = bench.step(record, 10).details["stagingReason"]
    assert "[entra] export" in reason
    assert "adsyncdiag.toml" in reason
    assert record.staging
    assert lab.cloud.state() == tenant
    assert lab.record(TESTOBJECT).action is Action.CREATE


# --- protection


@pytest.mark.parametrize("kind", ["create", "update"])
def test_a_tenant_mastered_elsewhere_is_not_written_to(lab: Any, bench: Any, kind: str) -> None:
    """Creating and updating are refused with the switch that would allow it; the tenant stays and the export pending."""
    if kind == "update":
        lab.run(TESTOBJECT)
        lab.forest.change(TESTOBJECT, title="Head")
    lab.cloud.master_elsewhere()
    before = lab.cloud.state()
    tenant, _ = lab.graph(lambda _request: None)  # the organization is asked once and remembered
    done = lab.run(TESTOBJECT, tenant=tenant)
    assert bench.failing(done.record) == (10, "tenant-mastered-elsewhere")
    assert done.exit_code == 1
    assert done.record.action.value == kind
    assert "beside_another_sync" in done.record.failure.recommendation
    assert ("creating" if kind == "create" else "updating") in done.record.failure.reason
    assert lab.cloud.state() == before
    assert pending(lab, TESTOBJECT)
    assert bench.states(done.record) == "rrrrs"


def test_nothing_to_export_is_no_refusal(lab: Any) -> None:
    """In a mastered tenant an object without differences is a success: comparing is most of the use there."""
    lab.run(TESTOBJECT)
    lab.cloud.master_elsewhere()
    tenant, between = lab.graph(lambda _request: None)
    assert lab.record(TESTOBJECT, tenant=tenant).failure is None
    assert between.seen
    assert all(line.startswith("GET") for line in between.seen)


def test_beside_another_engine_cloud_managed_objects_are_written(lab: Any, bench: Any) -> None:
    """With the switch on, objects of the cloud are created and updated, and those of the other engine are not."""
    lab.cloud.master_elsewhere()
    assert lab.record(TESTOBJECT, beside_another_sync=True).failure is None
    assert lab.cloud.user(UPN)["displayName"] == "Test Object"
    assert bench.failing(lab.record(MASTERED, beside_another_sync=True)) == (10, "graph-read-only")


def test_an_object_of_another_engine_is_never_changed(lab: Any, bench: Any) -> None:
    """The object's own onPremisesSyncEnabled is enough, whatever the tenant says."""
    before = lab.cloud.state()
    done = lab.run(MASTERED)
    assert bench.failing(done.record) == (10, "graph-read-only")
    assert lab.cloud.state() == before


# --- trouble


def test_throttled_while_exporting_keeps_everything_for_the_next_run(lab: Any, bench: Any) -> None:
    """Exit code 5 with the time; the pending export and its error are kept, the next run sends it and clears the error."""
    tenant, _ = lab.graph(on("POST", "/users", bench.throttled))
    done = lab.run(TESTOBJECT, tenant=tenant)
    assert bench.failing(done.record) == (10, "throttled")
    assert done.exit_code == 5
    found = bench.step(done.record, 10)
    assert found.details["until"].endswith("UTC")
    assert {m.attribute for m in done.record.modified} <= {row.name for row in found.attributes}
    assert "proxyAddresses" in found.details["notWritable"]
    assert done.record.action is Action.CREATE
    entry = lab.entra(TESTOBJECT)
    assert (entry.export_kind, entry.export_error.code) == (ChangeKind.ADD, "throttled")
    assert pending(lab, TESTOBJECT)["displayName"] == "Test Object"
    assert lab.cloud.anchored(source_anchor(TESTOBJECT)) == []
    again = lab.record(TESTOBJECT)
    assert (again.failure, again.action) == (None, Action.CREATE)
    assert lab.entra(TESTOBJECT).export_error is None


def test_a_connection_lost_while_exporting_is_exit_code_four(lab: Any, bench: Any, noon: Any) -> None:
    """The error counts its retries; the run that gets through creates one object."""
    tenant, _ = lab.graph(on("POST", "/users", bench.broken))
    later = noon.replace(hour=14)
    lab.run(TESTOBJECT, tenant=tenant)
    done = lab.run(TESTOBJECT, tenant=tenant, clock=lambda: later)
    assert bench.failing(done.record)[0] == 10
    assert done.exit_code == 4
    error = lab.entra(TESTOBJECT).export_error
    assert (error.code, error.first, error.last, error.retries) == (done.record.failure.code, noon, later, 1)
    lab.run(TESTOBJECT)
    assert len(lab.cloud.anchored(source_anchor(TESTOBJECT))) == 1


def test_a_create_whose_answer_was_lost_makes_no_second_object(lab: Any, bench: Any) -> None:
    """The service created it and the line broke: the same run, or at the latest the next one, finds it by its anchor."""
    made: list[requests.Response] = []

    def lose(request: requests.PreparedRequest) -> Any:
        made.append(between.behind.send(request))
        return bench.broken(request)

    tenant, between = lab.graph(on("POST", "/users", lose))
    first = lab.run(TESTOBJECT, tenant=tenant)
    assert made[0].status_code == 201
    lab.run(TESTOBJECT)
    assert len(lab.cloud.anchored(source_anchor(TESTOBJECT))) == 1
    assert first.exit_code in (0, 4)
    assert lab.record(TESTOBJECT).action is Action.OTHER


def test_a_manager_that_cannot_be_written_keeps_the_reference_pending(lab: Any, bench: Any) -> None:
    """Partial success: the user is created, the verdict is the refusal, and the next run sends the manager alone."""
    lab.run(DIRECTOR)
    refuse = bench.refusing(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    tenant, _ = lab.graph(on("PUT", "/manager/$ref", refuse))
    done = lab.run(HEAD, tenant=tenant)
    assert bench.failing(done.record) == (10, "permission-issue")
    made = lab.cloud.user("henrik.dahl@contoso.com")
    assert "manager" not in made
    entry = lab.entra(HEAD)
    assert (entry.export_kind, list(pending(lab, HEAD))) == (ChangeKind.UPDATE, ["manager"])
    assert entry.export_error.code == "permission-issue"
    assert entry.anchor == f"User_{made['id']}"
    details = bench.step(done.record, 10).details
    assert details["stillPending"] == ["manager"]
    assert "displayName" in details["exportedAttributes"]
    again = lab.record(HEAD)
    assert (again.failure, again.action) == (None, Action.UPDATE)
    assert [m.name for m in again.modified] == ["manager"]
    assert lab.cloud.user("henrik.dahl@contoso.com")["manager"] == lab.cloud.user("rosa.almeida@contoso.com")["id"]
    assert lab.entra(HEAD).export_error is None


def test_a_member_that_is_not_in_the_tenant_leaves_the_group_with_a_warning(lab: Any, bench: Any) -> None:
    """The others are added; the missing one is named, stays pending, and arrives with a later run."""
    for dn in (DIRECTOR, HEAD):
        lab.run(dn)
    lab.run(TESTOBJECT, staging="--staging-mode")
    done = lab.run(TEAM)
    found = bench.step(done.record, 10)
    assert (found.status, done.exit_code, done.record.status) == (Status.WARNING, 0, Status.WARNING)
    assert len(lab.cloud.group("Team Planning")["members"]) == 2
    assert found.details["unresolvedTargetReferences"] == [f"member: {lab.entra(TESTOBJECT).dn}"]
    assert found.details["stillPending"] == ["member"]
    assert any(lab.entra(TESTOBJECT).dn.text in warning for warning in done.record.warnings)
    assert bench.states(done.record) == "rrrrw"
    lab.run(TESTOBJECT)
    after = lab.record(TEAM)
    assert after.status is Status.SUCCESS
    assert [(m.name, m.old, m.new) for m in after.modified] == [("member - Count", "2", "3")]
    assert len(lab.cloud.group("Team Planning")["members"]) == 3
    assert lab.record(TEAM).action is Action.OTHER


@pytest.mark.parametrize("dn", [CONTACT, COMPUTER])
def test_contacts_and_devices_cannot_be_created(lab: Any, bench: Any, dn: str) -> None:
    """The tenant is unchanged, the object stays pending, and every attribute is listed as not writable."""
    before = lab.cloud.state()
    done = lab.run(dn)
    assert bench.failing(done.record) == (10, "graph-cannot-create")
    assert (done.exit_code, done.record.action) == (1, Action.CREATE)
    assert lab.cloud.state() == before
    entry = lab.entra(dn)
    assert (entry.export_kind, entry.export_changes, entry.anchor) == (ChangeKind.ADD, (), "")
    assert bench.step(done.record, 10).details["notWritable"]
    assert done.record.modified == ()


def test_a_warning_of_the_service_is_a_warning_of_the_run(lab: Any, bench: Any) -> None:
    """An unverified suffix: created under another name, status warning, exit code 0, the name in the sentence."""
    done = lab.run(UNVERIFIED)
    found = bench.step(done.record, 10)
    assert (found.status, done.record.status, done.exit_code) == (Status.WARNING, Status.WARNING, 0)
    assert "una.verrett@contoso.onmicrosoft.com" in found.description
    assert done.record.warnings
    again = lab.record(UNVERIFIED)
    assert (again.status, again.action) == (Status.SUCCESS, Action.OTHER)


def test_a_refusal_is_cleared_when_its_cause_is(lab: Any, bench: Any) -> None:
    """The error and its evidence stay with the Entra object while it is pending."""
    twin = dn_of("Emil Twin", PEOPLE)
    assert bench.failing(lab.record(twin)) == (10, "attributevaluemustbeunique")
    error = lab.entra(twin).export_error
    assert error.code == "attributevaluemustbeunique"
    assert "HTTP 400" in error.details
    lab.run(twin)
    assert lab.entra(twin).export_error.retries == 1
    lab.forest.change(twin, userPrincipalName="emil.other@contoso.com", mail=None, proxyAddresses=None)
    assert lab.record(twin).failure is None
    assert lab.entra(twin).export_error is None


def test_an_update_that_is_taken_back_takes_its_error_along(lab: Any, bench: Any) -> None:
    """A refused change that AD no longer has is not pending and no error any more."""
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, userPrincipalName="cleo.cloud@contoso.com")
    assert bench.failing(lab.record(TESTOBJECT)) == (10, "attributevaluemustbeunique")
    assert lab.entra(TESTOBJECT).export_error is not None
    lab.forest.change(TESTOBJECT, userPrincipalName=UPN)
    assert lab.record(TESTOBJECT).action is Action.OTHER
    assert lab.entra(TESTOBJECT).export_error is None


@pytest.mark.parametrize("dn", [ADOPTED, IDENTICAL, ADOPTED_GROUP])
def test_an_object_with_this_anchor_is_adopted(lab: Any, bench: Any, dn: str) -> None:
    """No second object; the action is an update, and the history counts one."""
    kind = "groups" if dn == ADOPTED_GROUP else "users"
    number = len(lab.cloud.objects(kind))
    record = lab.record(dn)
    assert (record.failure, record.action) == (None, Action.UPDATE)
    assert bench.step(record, 10).details["adopted"] is True
    assert len(lab.cloud.objects(kind)) == number
    run = next(r for r in lab.world.store.runs() if r.profile == "Specific Object Export")
    assert dict(run.steps[0].counters) == {"export-update": 1}


def test_only_what_differs_is_sent(lab: Any) -> None:
    """One changed attribute is one PATCH with one property, and no other write."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    lab.forest.change(TESTOBJECT, title="Head")
    bodies: list[Any] = []

    def watch(request: requests.PreparedRequest) -> None:
        if request.method != "GET":
            bodies.append((request.method, request.body))

    tenant, _ = lab.graph(watch)
    lab.run(TESTOBJECT, tenant=tenant)
    assert bodies == [("PATCH", b'{"jobTitle":"Head"}')]


def test_nothing_to_export_asks_the_tenant_for_nothing_but_the_object(lab: Any) -> None:
    """A quiet run reads the object and its manager, and no organization."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    tenant, between = lab.graph(lambda _request: None)
    lab.run(TESTOBJECT, tenant=tenant)
    assert [line.split("/")[2] for line in between.seen] == ["users", "users"]
    assert all(line.startswith("GET") for line in between.seen)


def test_groups_with_mail_become_security_groups_with_a_warning(lab: Any, bench: Any) -> None:
    """What Graph cannot write is named in the sentence and listed, and the second run is quiet."""
    news = dn_of("News", GROUPS)
    record = lab.record(news)
    assert bench.step(record, 10).status is Status.WARNING
    assert {"mail", "proxyAddresses"} <= set(bench.step(record, 10).details["notWritable"])
    made = lab.cloud.group("News")
    assert (made["mailEnabled"], made["securityEnabled"]) == (False, True)
    assert lab.record(news).status is Status.SUCCESS


def test_a_run_in_a_world_of_its_own_leaves_the_lab_s_alone(lab: Any) -> None:
    """The switches of a run belong to that run: the next one exports again."""
    world = lab.world
    lab.run(TESTOBJECT, export_enabled=False)
    assert lab.world == replace(world)
    assert lab.record(TESTOBJECT).staging is False
