"""Outbound synchronisation: provisioning, joining, differences, deprovisioning, what cannot be written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adsyncdiag.model.changes import OutboundPlan, Writability
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import AttributeChange, ChangeKind, CsObject, Image, LinkAction
from adsyncdiag.model.rules import LinkType
from adsyncdiag.model.values import Reference

ANCHOR_DN = "CN={616E63686F722D616E6E}"


def towards_entra(plan: Any) -> OutboundPlan:
    """The part of a plan that concerns Entra."""
    assert plan.failure is None, plan.failure
    return next(p for p in plan.outbound if p.connector_name == "Entra")


def confirmed(bench: Any, entry: CsObject, **attributes: Any) -> CsObject:
    """Pretend that Entra took the pending export, and import the object again."""
    sent = {c.name: c.new for c in entry.export_changes if c.new is not None}
    with bench.store.unit_of_work() as work:
        work.save_cs(
            replace(
                entry, anchor="User_1", export_kind=ChangeKind.NONE, export_changes=(), unconfirmed=entry.export_changes
            )
        )
    image = Image(entry.dn, "user", "User_1", {**entry.imported, **sent, "cloudAnchor": "User_1", **attributes})
    return bench.stage(image, bench.entra).after


def test_a_person_is_provisioned_with_its_attributes(people: Any) -> None:
    """The new object carries the computed DN and every attribute as an add."""
    out = towards_entra(people.run("ann", mail="ann@x", displayName="Ann"))
    assert out.kind is ChangeKind.ADD
    assert out.after.dn == Dn.parse(ANCHOR_DN)
    assert out.after.link.action is LinkAction.PROVISIONED
    assert {c.name: (c.old, c.new) for c in out.changes} == {
        "displayName": (None, "Ann"),
        "mail": (None, "ann@x"),
        "sourceAnchor": (None, "anchor-ann"),
    }
    assert out.note == "provisioned by the rule 'Out - User Join'"


def test_an_unsent_object_is_the_same_one_next_time(people: Any) -> None:
    """A second synchronisation before any export changes the pending add, and makes no second object."""
    first = towards_entra(people.run("ann", mail="ann@x"))
    second = towards_entra(people.run("ann", mail="ann@x", department="Sales"))
    assert second.after.id == first.after.id
    assert second.kind is ChangeKind.ADD
    assert {c.name for c in second.changes} == {"sourceAnchor", "mail", "department"}


def test_nothing_is_pending_when_entra_has_every_value(people: Any) -> None:
    """After export and confirmation a synchronisation without changes computes no difference."""
    confirmed(people, towards_entra(people.run("ann", mail="ann@x")).after)
    out = towards_entra(people.run("ann", mail="ann@x"))
    assert out.kind is ChangeKind.NONE
    assert out.changes == ()


def test_sent_and_unconfirmed_values_are_not_sent_again(people: Any) -> None:
    """Between export and the next import the sent values count as held."""
    entry = towards_entra(people.run("ann", mail="ann@x")).after
    with people.store.unit_of_work() as work:
        work.save_cs(
            replace(
                entry, anchor="User_1", export_kind=ChangeKind.NONE, export_changes=(), unconfirmed=entry.export_changes
            )
        )
    assert towards_entra(people.run("ann", mail="ann@x")).kind is ChangeKind.NONE


def test_only_differences_are_pending(people: Any) -> None:
    """A changed, a removed and a new value are an update, an add and a delete of their attributes."""
    confirmed(people, towards_entra(people.run("ann", mail="ann@x", displayName="Ann")).after)
    out = towards_entra(people.run("ann", mail="ann2@x", department="Sales"))
    assert out.kind is ChangeKind.UPDATE
    assert {(c.name, c.operation) for c in out.changes} == {
        ("mail", "update"),
        ("department", "add"),
        ("displayName", "delete"),
    }


def test_a_value_changed_in_entra_is_put_back(people: Any) -> None:
    """What something else changed in the target is a difference again."""
    confirmed(people, towards_entra(people.run("ann", mail="ann@x")).after, mail="else@x")
    out = towards_entra(people.run("ann", mail="ann@x"))
    assert out.changes == (AttributeChange("mail", "else@x", "ann@x"),)


def test_an_object_that_entra_has_already_is_joined(people: Any) -> None:
    """The join on the source anchor takes an imported object over instead of provisioning a second one."""
    people.stage(
        Image(Dn.parse("CN={00}"), "user", "User_9", {"sourceAnchor": "anchor-ann", "department": "Old"}), people.entra
    )
    out = towards_entra(people.run("ann", mail="ann@x"))
    assert out.note == "joined by the rule 'Out - User Join'"
    assert out.after.anchor == "User_9"
    assert ("department", "delete") in {(c.name, c.operation) for c in out.changes}


def test_reverse_join_finds_an_object_by_its_dn(people: Any) -> None:
    """Without a join match an object that has the computed DN is linked instead of made again."""
    people.stage(Image(Dn.parse(ANCHOR_DN), "user", "User_9", {"displayName": "Old"}), people.entra)
    out = towards_entra(people.run("ann", mail="ann@x", displayName="Ann"))
    assert out.note.startswith("reverse join")
    assert out.changes[0] == AttributeChange("displayName", "Old", "Ann")


def test_leaving_scope_stages_the_delete_of_what_was_provisioned(people: Any) -> None:
    """The rule that provisioned the object leaves scope: the object would be deleted."""
    people.rule(
        "In - Filter", precedence=50, flows=(people.expression("cloudFiltered", 'IIF([department]="HR",True,NULL)'),)
    )
    confirmed(people, towards_entra(people.run("ann", mail="ann@x")).after)
    out = towards_entra(
        people.sync(people.stage(people.image("ann", mail="ann@x", department="HR")).after, commit=False)
    )
    assert out.kind is ChangeKind.DELETE
    assert "'Out - User Join'" in out.note


def test_no_rule_in_scope_means_no_object_and_a_reason(people: Any) -> None:
    """A filtered person gets no Entra object, and the verdict says which clause decided."""
    people.rule("In - Filter", precedence=50, flows=(people.constant("cloudFiltered", "True"),))
    out = towards_entra(people.run("ann", mail="ann@x"))
    assert out.after is None
    assert out.verdicts[0].reason == "cloudFiltered NOTEQUAL True is not met: the value is True"


def test_attributes_that_cannot_be_written_are_shown_and_not_sent(people: Any) -> None:
    """They are kept as intended, listed once as a difference, and never pending."""
    people.unwritable = {"department": Writability.NONE, "mail": Writability.READ}
    out = towards_entra(people.run("ann", mail="ann@x", department="Sales"))
    assert {c.name for c in out.changes} == {"sourceAnchor"}
    assert {c.name for c in out.not_writable} == {"department", "mail"}
    assert out.after.intended["department"] == "Sales"
    confirmed(people, out.after)
    again = towards_entra(people.run("ann", mail="ann@x", department="Sales"))
    assert again.kind is ChangeKind.NONE
    assert [c.name for c in again.not_writable] == ["mail"]


def test_apply_once_outbound_counts_until_the_object_was_created(people: Any) -> None:
    """An initial value is part of the add and ignored afterwards."""
    people.rule("Out - Once", people.outbound, flows=(people.direct("created", "department", execute_once=True),))
    first = towards_entra(people.run("ann", mail="ann@x", department="One"))
    assert first.after.intended["created"] == "One"
    confirmed(people, first.after)
    second = towards_entra(people.run("ann", mail="ann@x", department="Two"))
    assert {c.name for c in second.changes} == {"department"}


def test_outbound_merging_adds_to_what_the_target_has(people: Any) -> None:
    """Write-back of one address keeps the others, and nothing contributed takes nothing away."""
    people.rule(
        "Out AD - Join",
        people.outbound,
        connector=people.rules[0].connector,
        joins=people.joins("mail=mail"),
        flows=(
            people.expression("proxyAddresses", 'IIF([department]="X","x500:/o=x",NULL)', merge=people.merge_folded),
        ),
    )
    plan = people.run("ann", mail="ann@x", department="X", proxyAddresses=("SMTP:ann@x",))
    assert plan.after.intended["proxyAddresses"] == ("SMTP:ann@x", "x500:/o=x")
    assert plan.after.export_kind is ChangeKind.UPDATE
    quiet = people.run("bob", mail="bob@x", proxyAddresses=("SMTP:bob@x",))
    assert quiet.after.export_changes == ()


def test_an_error_outbound_fails_the_object_as_a_whole(people: Any) -> None:
    """Nothing inbound is applied either when the winning outbound flow fails."""
    people.rule(
        "Out - Strict",
        people.outbound,
        precedence=60,
        flows=(people.expression("displayName", 'Error("SourceAnchor attribute has changed.")'),),
    )
    plan = people.run("ann", mail="ann@x")
    assert plan.failure.code == "sync-rule-error-function-triggered"
    assert people.stored(plan.before).link is None
    with people.store.unit_of_work() as work:
        assert work.cs_by_dn(people.entra, Dn.parse(ANCHOR_DN)) is None


def test_a_reference_flows_once_both_ends_are_linked(people: Any) -> None:
    """A manager who was never synchronised is no value; the report waits for him and then exports the link."""
    boss = "CN=boss,DC=a,DC=example"
    first = people.run("ann", mail="ann@x", manager=Reference(boss))
    assert first.unresolved == (boss,)
    assert "manager" not in towards_entra(first).after.intended
    people.run("boss", mail="boss@x")
    with people.store.unit_of_work() as work:
        assert work.waiting_for(first.before.connector, Dn.parse(boss)) == (first.before.id,)
    second = people.run("ann", mail="ann@x", manager=Reference(boss.lower()))
    assert second.unresolved == ()
    assert towards_entra(second).after.intended["manager"] == Reference("CN={616E63686F722D626F7373}")


def test_somebody_may_be_his_own_manager(people: Any) -> None:
    """A reference to oneself resolves in the very synchronisation that makes the object."""
    plan = people.run("ann", mail="ann@x", manager=Reference("CN=ann,DC=a,DC=example"))
    assert plan.unresolved == ()
    assert towards_entra(plan).after.intended["manager"] == Reference(ANCHOR_DN)


def test_a_reference_without_a_counterpart_lets_a_lower_rule_win(people: Any) -> None:
    """A reference that does not resolve is no value."""
    people.run("boss", mail="boss@x")
    people.rule("In - Second", precedence=190, flows=(people.expression("manager", 'CRef("CN=boss,DC=a,DC=example")'),))
    plan = people.run("ann", mail="ann@x", manager=Reference("CN=nobody,DC=a,DC=example"))
    winner = next(f for f in plan.flows if f.attribute == "manager" and f.won)
    assert winner.rule_name == "In - Second"


def test_a_rule_of_link_type_provision_without_joins_provisions(people: Any) -> None:
    """Where a rule states no join there is no join value to ask for."""
    people.replace_rule(people.rules[1], joins=())
    assert towards_entra(people.run("ann", mail="ann@x")).kind is ChangeKind.ADD
    assert people.rules[1].link_type is LinkType.PROVISION
