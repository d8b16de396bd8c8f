"""Inbound synchronisation: link, precedence, merging, recall, errors."""

from __future__ import annotations

from typing import Any

import pytest

from adsyncdiag.model.objects import LinkAction
from adsyncdiag.model.rules import LinkType
from adsyncdiag.model.values import FlowSignal, Reference


def values(plan: Any) -> dict[str, Any]:
    """The metaverse attributes after a plan."""
    assert plan.failure is None, plan.failure
    assert plan.metaverse_after is not None, plan.link_note
    return plan.metaverse_after.values


def test_an_object_is_projected_once(people: Any) -> None:
    """The first synchronisation makes a metaverse object, the second keeps the link."""
    first = people.run("ann", mail="ann@a.example")
    second = people.run("ann", mail="ann@a.example")
    assert first.after.link.action is LinkAction.PROJECTED
    assert first.metaverse_before is None
    assert second.metaverse_after.id == first.metaverse_after.id
    assert second.link_note == "linked already, by the rule 'In - User Join'"


def test_projection_needs_a_join_value(people: Any) -> None:
    """A Provision rule makes nothing for an object without a value for any join attribute."""
    plan = people.run("ann")
    assert plan.metaverse_after is None
    assert plan.after.link is None
    assert "no join attribute has a value (mail)" in plan.link_note


def test_a_second_forest_joins_the_same_person(people: Any) -> None:
    """An object of another connector with the same mail joins instead of being projected."""
    people.rule(
        "In B - User Join",
        connector=people.forest_b,
        link_type=LinkType.PROVISION,
        joins=people.joins("mail=mail"),
        flows=(people.direct("department"),),
    )
    first = people.run("ann", mail="ann@x.example")
    second = people.run("ann", forest="b", mail="ANN@x.example", department="Sales")
    assert second.after.link.action is LinkAction.JOINED
    assert second.after.link.metaverse == first.after.link.metaverse
    assert values(second)["department"] == "Sales"


def test_two_objects_of_one_connector_never_share_a_metaverse_object(people: Any) -> None:
    """The later object gets the error, which names the earlier one; nothing of it is applied."""
    people.run("ann", mail="ann@x.example")
    plan = people.run("other", mail="ann@x.example")
    assert plan.failure.code == "ambiguous-import-flow-from-multiple-connectors"
    assert "CN=ann,DC=a,DC=example" in plan.failure.reason
    stored = people.stored(plan.before)
    assert stored.link is None
    assert stored.sync_error.code == plan.failure.code


def test_an_ambiguous_join_group_goes_on_to_the_next(people: Any) -> None:
    """Several matches are not an error: the next group is tried."""
    people.rule("In B", connector=people.forest_b, joins=people.joins("department=department", "mail=mail"))
    people.run("ann", mail="ann@x.example", department="Sales")
    people.run("bob", mail="bob@x.example", department="Sales")
    plan = people.run("bob", forest="b", mail="bob@x.example", department="Sales")
    assert [attempt.outcome for attempt in plan.joins] == ["2 objects match, so none is taken", "joined"]
    assert plan.metaverse_after is not None


def test_a_join_value_must_be_single(people: Any) -> None:
    """A join attribute with two values is the documented error."""
    people.rule("In B", connector=people.forest_b, joins=people.joins("description=department"))
    plan = people.run("ann", forest="b", description=("a", "b"))
    assert plan.failure.code == "join-object-id-must-be-single-valued"


def test_the_lower_number_wins(people: Any) -> None:
    """A rule with a better precedence gives the value; the record says why the other lost."""
    people.rule("In - Better", precedence=50, flows=(people.constant("department", "Board"),))
    plan = people.run("ann", mail="m@x", department="Sales")
    assert values(plan)["department"] == "Board"
    lost = next(f for f in plan.flows if f.attribute == "department" and not f.won)
    assert (lost.rule_name, lost.value, lost.note) == (
        "In - User Join",
        "Sales",
        "'In - Better' has a better precedence",
    )


def test_null_lets_the_next_rule_contribute(people: Any) -> None:
    """NULL of a better rule is nothing to contribute."""
    people.rule("In - Better", precedence=50, flows=(people.expression("department", 'IIF([cn]="x",[cn],NULL)'),))
    assert values(people.run("ann", mail="m@x", department="Sales"))["department"] == "Sales"


def test_authoritative_null_stops(people: Any) -> None:
    """AuthoritativeNull leaves the attribute without a value though a lower rule has one."""
    people.rule("In - Better", precedence=50, flows=(people.expression("department", "AuthoritativeNull"),))
    assert "department" not in values(people.run("ann", mail="m@x", department="Sales"))


def test_ignore_passes_on_to_a_lower_rule(people: Any) -> None:
    """IgnoreThisFlow acts as if the flow did not exist."""
    people.rule("In - Better", precedence=50, flows=(people.expression("department", "IgnoreThisFlow"),))
    assert values(people.run("ann", mail="m@x", department="Sales"))["department"] == "Sales"


def test_ignore_keeps_the_old_value_when_nobody_contributes(people: Any) -> None:
    """What was there stays, with the contributor it had, also when lower rules give NULL."""
    people.replace_rule(people.rules[0], flows=(*people.rules[0].flows[:3], *people.rules[0].flows[4:]))
    people.rule("In - Lower", flows=(people.expression("department", 'IIF([department]="x",NULL,[department])'),))
    keep = people.rule(
        "In - Keep", precedence=50, flows=(people.expression("department", 'IIF([cn]="ann",IgnoreThisFlow,NULL)'),)
    )
    people.run("ann", mail="m@x", department="Sales")
    plan = people.run("ann", mail="m@x")
    assert values(plan)["department"] == "Sales"
    people.replace_rule(keep, flows=())
    assert "department" not in values(people.run("ann", mail="m@x"))


def test_merging_unites_the_values_of_all_rules(people: Any) -> None:
    """A case-insensitive merge keeps the better rule's spelling and drops the other's."""
    people.rule("In - One", precedence=50, flows=(people.direct("proxyAddresses", merge=people.merge_folded),))
    people.rule(
        "In - Two",
        precedence=51,
        flows=(people.expression("proxyAddresses", 'Split("smtp:A@x,smtp:c@x",",")', merge=people.merge_folded),),
    )
    plan = people.run("ann", mail="m@x", proxyAddresses=("SMTP:a@x", "smtp:b@x"))
    assert values(plan)["proxyAddresses"] == ("SMTP:a@x", "smtp:b@x", "smtp:c@x")
    contributors = plan.metaverse_after.attributes["proxyAddresses"].contributors
    assert [c.rule_name for c in contributors] == ["In - One", "In - Two"]


def test_authoritative_null_inside_a_merge_keeps_what_better_rules_gave(people: Any) -> None:
    """It closes the list for lower rules and takes nothing away."""
    people.rule("In - One", precedence=50, flows=(people.direct("proxyAddresses", merge=people.merge),))
    people.rule(
        "In - Two", precedence=51, flows=(people.expression("proxyAddresses", "AuthoritativeNull", merge=people.merge),)
    )
    people.rule("In - Three", precedence=52, flows=(people.constant("proxyAddresses", "c", merge=people.merge),))
    assert values(people.run("ann", mail="m@x", proxyAddresses=("a",)))["proxyAddresses"] == ("a",)


def test_mixing_merge_and_update_is_an_error(people: Any) -> None:
    """All rules in scope for one attribute must agree on merging."""
    people.rule("In - One", precedence=50, flows=(people.direct("proxyAddresses", merge=people.merge),))
    people.rule("In - Two", precedence=51, flows=(people.direct("proxyAddresses"),))
    plan = people.run("ann", mail="m@x", proxyAddresses=("a",))
    assert plan.failure.code == "attribute-merge-mismatch"
    assert "In - One" in plan.failure.reason
    assert "In - Two" in plan.failure.reason


def test_an_error_in_a_winning_flow_fails_the_object_and_changes_nothing(people: Any) -> None:
    """Error() keeps everything as it was; the error stays with the object and counts its retries."""
    people.run("ann", mail="m@x", department="Sales")
    people.rule(
        "In - Strict", precedence=50, flows=(people.expression("department", 'Error("no department, please")'),)
    )
    plan = people.run("ann", mail="m@x", department="Board")
    assert plan.failure.code == "sync-rule-error-function-triggered"
    assert plan.failure.reason.startswith("The rule 'In - Strict' could not compute department: no department, please")
    again = people.run("ann", mail="m@x", department="Board")
    assert people.stored(again.before).sync_error.retries == 1
    link = people.stored(plan.before).link
    with people.store.unit_of_work() as work:
        assert work.mv(link.metaverse).values["department"] == "Sales"


def test_an_error_that_would_have_lost_is_shown_and_fails_nothing(people: Any) -> None:
    """Flows of losing rules are evaluated for the record only."""
    people.rule("In - Best", precedence=50, flows=(people.constant("department", "Board"),))
    people.rule("In - Worse", precedence=150, flows=(people.expression("department", 'Error("never")'),))
    plan = people.run("ann", mail="m@x")
    assert values(plan)["department"] == "Board"
    shown = next(f for f in plan.flows if f.rule_name == "In - Worse")
    assert (shown.outcome, shown.won) == ("error", False)
    assert "never" in shown.note


def test_apply_once_counts_only_while_the_metaverse_object_is_made(people: Any) -> None:
    """Later changes of the source do not come through an apply-once flow."""
    people.rule("In - Once", precedence=50, flows=(people.direct("created", "employeeID", execute_once=True),))
    people.run("ann", mail="m@x", employeeID="1")
    assert values(people.run("ann", mail="m@x", employeeID="2"))["created"] == "1"


def test_leaving_scope_recalls_values_and_unlinks(people: Any) -> None:
    """When no rule provides the link any more the object is a disconnector again and its person goes."""
    people.replace_rule(people.rules[0], scope=people.scope(("department", "EQUAL", "Sales")))
    people.run("ann", mail="m@x", department="Sales")
    plan = people.sync(people.stage(people.image("ann", mail="m@x", department="Board")).after, commit=False)
    assert plan.after.link is None
    assert plan.deletes_metaverse_object
    assert plan.link_note == "unlinked: no inbound rule in scope provides the link any more"


def test_a_join_keeps_nothing_alive(people: Any) -> None:
    """The person lives by the Provision link of forest A; forest B's join does not hold it."""
    people.replace_rule(people.rules[0], scope=people.scope(("department", "NOTEQUAL", "Gone")))
    people.rule("In B", connector=people.forest_b, joins=people.joins("mail=mail"))
    people.run("ann", mail="m@x")
    people.run("ann", forest="b", mail="m@x")
    plan = people.sync(people.stage(people.image("ann", mail="m@x", department="Gone")).after, commit=False)
    assert plan.deletes_metaverse_object


@pytest.mark.parametrize("sticky", [LinkType.STICKY_JOIN, LinkType.PROVISION])
def test_a_sticky_join_keeps_the_person_alive(people: Any, sticky: LinkType) -> None:
    """With a StickyJoin or Provision in forest B the person survives, without what forest A contributed."""
    people.replace_rule(people.rules[0], scope=people.scope(("department", "NOTEQUAL", "Gone")))
    people.rule(
        "In B",
        connector=people.forest_b,
        joins=people.joins("mail=mail"),
        link_type=sticky,
        flows=(people.direct("cn"),),
    )
    people.run("ann", mail="m@x", displayName="Ann")
    people.run("ann", forest="b", mail="m@x")
    plan = people.sync(people.stage(people.image("ann", mail="m@x", department="Gone")).after, commit=False)
    assert not plan.deletes_metaverse_object
    assert "displayName" not in values(plan)
    assert values(plan)["cn"] == "ann"


def test_join_no_flow_links_and_contributes_nothing(people: Any) -> None:
    """A JoinNoFlow rule's flows are never asked."""
    people.rule(
        "In B",
        connector=people.forest_b,
        joins=people.joins("mail=mail"),
        link_type=LinkType.JOIN_NO_FLOW,
        flows=(people.constant("department", "X"),),
    )
    people.run("ann", mail="m@x")
    plan = people.run("ann", forest="b", mail="m@x")
    assert plan.after.link is not None
    assert "department" not in values(plan)


def test_the_result_does_not_depend_on_the_order_of_the_forests(people: Any) -> None:
    """Whichever forest comes first, the person has the same attributes."""
    people.rule(
        "In B",
        connector=people.forest_b,
        precedence=50,
        link_type=LinkType.PROVISION,
        joins=people.joins("mail=mail"),
        flows=(people.direct("department"), people.direct("mail")),
    )
    people.run("one", mail="1@x", department="A")
    first = people.run("one", forest="b", mail="1@x", department="B")
    people.run("two", forest="b", mail="2@x", department="B")
    second = people.run("two", mail="2@x", department="A")
    assert values(first)["department"] == values(second)["department"] == "B"


def test_too_long_a_value_is_refused_by_name(people: Any) -> None:
    """A direct flow of more than 448 characters into an indexed attribute is mv-constraint-violation."""
    plan = people.run("ann", mail="m@x", displayName="x" * 449)
    assert plan.failure.code == "mv-constraint-violation"
    assert "displayName" in plan.failure.reason


def test_several_values_for_a_single_valued_attribute_are_refused(people: Any) -> None:
    """Two photos do not fit the metaverse's one."""
    people.rule("In - Photo", flows=(people.direct("photo"),))
    assert people.run("ann", mail="m@x", photo=(b"1", b"2")).failure.code == "flow-multi-values-to-single-value"
    assert values(people.run("bob", mail="b@x", photo=(b"1",)))["photo"] == b"1"


def test_without_the_record_the_decisions_are_the_same(people: Any) -> None:
    """Tracing changes what is written down, not what is decided."""
    people.rule("In - Better", precedence=50, flows=(people.constant("department", "Board"),))
    entry = people.stage(people.image("ann", mail="m@x", department="Sales")).after
    traced = people.sync(entry, commit=False)
    quiet = people.sync(entry, commit=False, trace=False)
    assert values(traced) == values(quiet)
    assert [f for f in quiet.flows if not f.won] == []
    assert quiet.verdicts == ()
    assert FlowSignal.IGNORE not in values(quiet).values()


def test_the_quick_way_decides_as_the_recorded_one(people: Any) -> None:
    """For every kind of outcome the way without a record gives the same metaverse object as the way with one."""
    people.rule("In - Ignore", precedence=40, flows=(people.expression("department", "IgnoreThisFlow"),))
    people.rule("In - Null", precedence=41, flows=(people.expression("displayName", 'IIF([cn]="x",[cn],NULL)'),))
    people.rule("In - Close", precedence=42, flows=(people.expression("employeeID", "AuthoritativeNull"),))
    people.rule("In - Late", precedence=43, flows=(people.direct("employeeID"), people.direct("manager")))
    people.rule("In - Once", precedence=44, flows=(people.constant("created", "now", execute_once=True),))
    people.run("boss", mail="boss@x")
    images = (
        {"department": "Sales", "displayName": "Ann", "employeeID": "7"},
        {"manager": Reference("CN=boss,DC=a,DC=example")},
        {"manager": Reference("CN=nobody,DC=a,DC=example")},
        {},
    )
    for attributes in images:
        entry = people.stage(people.image("ann", mail="m@x", **attributes)).after
        recorded = people.sync(entry, commit=False)
        quick = people.sync(entry, commit=False, trace=False)
        assert values(quick) == values(recorded)
        assert [p.changes for p in quick.outbound] == [p.changes for p in recorded.outbound]
        people.sync(entry)
