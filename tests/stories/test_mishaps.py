"""What goes wrong in a tenant or a workspace, and how it is put right, on the embedded lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import dn_of
from adsyncdiag.connectors.lab.scenarios.forest_groups import TEAM
from adsyncdiag.connectors.lab.scenarios.forest_people import DIRECTOR, HEAD, TESTOBJECT
from adsyncdiag.connectors.lab.scenarios.identifiers import source_anchor
from adsyncdiag.connectors.lab.scenarios.places import PEOPLE
from adsyncdiag.model.trace import Action, Status

UNVERIFIED = dn_of("Una Verrett", PEOPLE)
PEOPLE_AND_GROUP = (DIRECTOR, HEAD, TESTOBJECT, UNVERIFIED, TEAM)


def test_a_duplicate_upn_is_repaired_in_the_tenant(lab: Any, bench: Any) -> None:
    """The verdict names the other user; once he has another name the same command creates ours."""
    twin = dn_of("Emil Twin", PEOPLE)
    record = lab.record(twin)
    assert bench.failing(record) == (10, "attributevaluemustbeunique")
    other = lab.cloud.user("emil.twin@contoso.com")
    assert other["id"] in record.failure.reason
    lab.cloud.change(other["id"], userPrincipalName="emil.cloud@contoso.com")
    again = lab.record(twin)
    assert (again.failure, again.action, again.status) == (None, Action.CREATE, Status.SUCCESS)
    assert len(lab.cloud.anchored(source_anchor(twin))) == 1
    assert lab.cloud.user("emil.cloud@contoso.com")["id"] == other["id"]


def test_a_cloud_user_is_taken_over_after_he_got_the_anchor(lab: Any, bench: Any) -> None:
    """The recommendation's other way: with our anchor on the cloud user the next run adopts him."""
    twin = dn_of("Emil Twin", PEOPLE)
    refused = lab.record(twin)
    anchor = source_anchor(twin)
    assert anchor in refused.failure.recommendation
    other = lab.cloud.user("emil.twin@contoso.com")
    lab.cloud.change(other["id"], onPremisesImmutableId=anchor)
    record = lab.record(twin)
    assert (record.failure, record.action) == (None, Action.UPDATE)
    assert bench.step(record, 10).details["adopted"] is True
    assert record.target_identity.id == other["id"]


def test_a_workspace_without_its_store_adopts_what_is_there(
    lab: Any, template: Any, bench: Any, noon: Any, new_lab: Callable[[], Any]
) -> None:
    """state.db was deleted: every object is found by its anchor, none is made twice, and the second round is quiet."""
    for dn in PEOPLE_AND_GROUP:
        assert lab.record(dn).failure is None
    before = lab.cloud.state()
    lab.place.close()
    for leftover in lab.place.path.glob("state.db*"):
        leftover.unlink()
    fresh = bench.reopen_lab(template, lab.place.path, noon)
    try:
        for dn in PEOPLE_AND_GROUP:
            record = fresh.record(dn)
            assert (record.failure, record.action) == (None, Action.UPDATE), dn
            assert bench.step(record, 10).details["adopted"] is True
        assert fresh.cloud.state() == before
        for dn in PEOPLE_AND_GROUP:
            assert fresh.record(dn).action is Action.OTHER, dn
        assert fresh.cloud.state() == before
    finally:
        fresh.close()


def test_a_change_made_while_the_store_was_gone_is_still_brought(
    lab: Any, template: Any, bench: Any, noon: Any
) -> None:
    """Adopting sends what differs: the change in AD and the one that somebody made in the tenant."""
    lab.run(TESTOBJECT)
    user = lab.cloud.user("testobject@contoso.com")
    lab.place.close()
    for leftover in lab.place.path.glob("state.db*"):
        leftover.unlink()
    lab.forest.change(TESTOBJECT, title="Head")
    lab.cloud.change(user["id"], department="Elsewhere")
    fresh = bench.reopen_lab(template, lab.place.path, noon)
    try:
        assert fresh.record(TESTOBJECT).failure is None
        after = fresh.cloud.user("testobject@contoso.com")
        assert (after["id"], after["jobTitle"], after["department"]) == (user["id"], "Head", "Sales")
        assert fresh.record(TESTOBJECT).action is Action.OTHER
    finally:
        fresh.close()


def test_deleted_into_the_recycle_bin_and_restored(lab: Any) -> None:
    """Restored before the next run, the object is the same one and nothing happens."""
    lab.run(TESTOBJECT)
    lab.run(TESTOBJECT)
    user = lab.cloud.user("testobject@contoso.com")
    lab.cloud.bin(user["id"])
    with lab.cloud.tenant.writing() as transaction:
        transaction.record("erase", user["id"])
        links = ("manager", "members", "owners")
        transaction.record("put", "users", {name: value for name, value in user.items() if name not in links})
    assert lab.record(TESTOBJECT).action is Action.OTHER
    assert len(lab.cloud.anchored(source_anchor(TESTOBJECT))) == 1


@pytest.mark.parametrize("seed", range(3))
def test_an_unreliable_service_never_makes_two_of_one(lab: Any, bench: Any, seed: int) -> None:
    """Answers lost, connections reset, 503s at one request in three: every run is honest, and the end is one object each."""
    import random

    chance = random.Random(seed)

    def trouble(request: Any) -> Any:
        lot = chance.random()
        if lot < 0.1:
            return bench.broken(request)
        if lot < 0.2:
            between.behind.send(request)
            return bench.broken(request)
        return bench.refusing(503, "serviceNotAvailable", "Later.")(request) if lot < 0.3 else None

    tenant, between = lab.graph(trouble)
    for _ in range(3):
        for dn in (DIRECTOR, HEAD, TESTOBJECT, TEAM):
            done = lab.run(dn, tenant=tenant)
            assert done.exit_code in (0, 4)
            assert len(lab.cloud.anchored(source_anchor(dn))) <= 1
    for dn in (DIRECTOR, HEAD, TESTOBJECT, TEAM):
        lab.run(dn)
    assert [lab.record(dn).action for dn in (DIRECTOR, HEAD, TESTOBJECT, TEAM)] == [Action.OTHER] * 4
    for dn in (DIRECTOR, HEAD, TESTOBJECT):
        assert len(lab.cloud.anchored(source_anchor(dn))) == 1
    assert len(lab.cloud.group("Team Planning")["members"]) == 3
