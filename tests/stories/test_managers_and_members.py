"""References on the embedded lab: they arrive once both ends are there, and go when they go."""

from __future__ import annotations

from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.entries import dn_of
from adsyncdiag.connectors.lab.scenarios.forest_groups import TEAM
from adsyncdiag.connectors.lab.scenarios.forest_people import (
    CLERK,
    DIRECTOR,
    HEAD,
    LOOP_ONE,
    LOOP_TWO,
    TESTOBJECT,
)
from adsyncdiag.connectors.lab.scenarios.places import GROUPS
from adsyncdiag.model.trace import Action, Status

ROSA, HENRIK, MILAN = (f"{name}@contoso.com" for name in ("rosa.almeida", "henrik.dahl", "milan.kovac"))
NESTED = dn_of("Everyone planning", GROUPS)


def identifier(lab: Any, upn: str) -> str:
    """The id of a user in the tenant."""
    return str(lab.cloud.user(upn)["id"])


def test_with_the_manager_first_one_run_is_enough(lab: Any) -> None:
    """The reference is part of the create."""
    lab.run(DIRECTOR)
    record = lab.record(HEAD)
    assert record.status is Status.SUCCESS
    assert lab.cloud.user(HENRIK)["manager"] == identifier(lab, ROSA)
    assert lab.record(HEAD).action is Action.OTHER


def test_with_the_manager_later_the_reference_follows(lab: Any, bench: Any) -> None:
    """The report arrives without manager; when the manager is there, he waits; his next run brings the reference alone."""
    first = lab.record(HEAD)
    assert first.status is Status.SUCCESS
    assert bench.step(first, 9).details["unresolvedReferences"] == [DIRECTOR]
    assert "manager" not in lab.cloud.user(HENRIK)
    arrived = lab.record(DIRECTOR)
    assert bench.step(arrived, 9).details["objectsWaitingForThisOne"] == 1
    assert "manager" not in lab.cloud.user(HENRIK)
    second = lab.record(HEAD)
    assert [m.name for m in second.modified] == ["manager"]
    assert lab.cloud.user(HENRIK)["manager"] == identifier(lab, ROSA)


def test_a_manager_changes_and_goes(lab: Any) -> None:
    """Another manager replaces the first, and none takes the reference away."""
    for dn in (DIRECTOR, HEAD, CLERK):
        lab.run(dn)
    lab.forest.change(CLERK, manager=DIRECTOR)
    lab.run(CLERK)
    assert lab.cloud.user(MILAN)["manager"] == identifier(lab, ROSA)
    lab.forest.change(CLERK, manager=None)
    record = lab.record(CLERK)
    assert [(m.name, m.new) for m in record.modified] == [("manager", None)]
    assert "manager" not in lab.cloud.user(MILAN)
    assert lab.record(CLERK).action is Action.OTHER


def test_two_who_manage_each_other(lab: Any) -> None:
    """A loop needs a second run of the one who was first, and then rests."""
    for dn in (LOOP_ONE, LOOP_TWO, LOOP_ONE):
        assert lab.record(dn).failure is None
    ines, jonas = lab.cloud.user("ines.loop@contoso.com"), lab.cloud.user("jonas.loop@contoso.com")
    assert (ines["manager"], jonas["manager"]) == (jonas["id"], ines["id"])
    assert [lab.record(dn).action for dn in (LOOP_ONE, LOOP_TWO)] == [Action.OTHER, Action.OTHER]


def test_members_come_and_go(lab: Any) -> None:
    """Removed, added, swapped: the tenant's members are those of AD that are there."""
    for dn in (DIRECTOR, HEAD, TESTOBJECT, TEAM):
        lab.run(dn)
    rosa, henrik = identifier(lab, ROSA), identifier(lab, HENRIK)
    test = identifier(lab, "testobject@contoso.com")
    assert set(lab.cloud.group("Team Planning")["members"]) == {rosa, henrik, test}
    lab.forest.change(TEAM, member=(DIRECTOR, TESTOBJECT))
    removed = lab.record(TEAM)
    assert [(m.name, m.old, m.new) for m in removed.modified] == [("member - Count", "3", "2")]
    assert set(lab.cloud.group("Team Planning")["members"]) == {rosa, test}
    lab.run(CLERK)
    lab.forest.change(TEAM, member=(CLERK, HEAD))
    lab.run(TEAM)
    assert set(lab.cloud.group("Team Planning")["members"]) == {identifier(lab, MILAN), henrik}
    assert lab.record(TEAM).action is Action.OTHER


def test_the_last_member_goes_too(lab: Any) -> None:
    """A group that is emptied in AD is empty in Entra: whoever lost access on-premises loses it there."""
    lab.run(DIRECTOR)
    lab.forest.change(TEAM, member=(DIRECTOR,))
    lab.run(TEAM)
    lab.forest.change(TEAM, member=None)
    lab.run(TEAM)
    assert lab.cloud.group("Team Planning").get("members", []) == []


def test_members_changed_in_the_tenant_are_put_right(lab: Any) -> None:
    """A member taken out behind our back comes back; what nobody of ours is stays where it is."""
    for dn in (DIRECTOR, HEAD, TESTOBJECT, TEAM, TEAM):
        lab.run(dn)
    made = lab.cloud.group("Team Planning")
    lab.cloud.unlink("members", made["id"], identifier(lab, HENRIK))
    record = lab.record(TEAM)
    assert [(m.name, m.old, m.new) for m in record.modified] == [("member - Count", "2", "3")]
    assert set(lab.cloud.group("Team Planning")["members"]) == set(made["members"])


def test_a_group_in_a_group(lab: Any) -> None:
    """The inner group is a member like a user."""
    for dn in (DIRECTOR, HEAD, CLERK, TESTOBJECT, TEAM, NESTED):
        lab.run(dn)
    outer = lab.cloud.group("Everyone planning")
    assert set(outer["members"]) == {lab.cloud.group("Team Planning")["id"], identifier(lab, MILAN)}


@pytest.mark.parametrize("again", [TEAM, DIRECTOR])
def test_a_deleted_member_is_made_again_and_rejoins(lab: Any, again: str) -> None:
    """A user deleted in the tenant leaves the group there; once he is created again the group's run brings him back."""
    for dn in (DIRECTOR, HEAD, TESTOBJECT, TEAM):
        lab.run(dn)
    lab.cloud.erase(identifier(lab, ROSA))
    lab.run(again)
    lab.run(DIRECTOR)
    lab.run(TEAM)
    assert identifier(lab, ROSA) in lab.cloud.group("Team Planning")["members"]
    assert lab.record(TEAM).action is Action.OTHER
