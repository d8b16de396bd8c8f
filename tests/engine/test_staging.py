"""Import of one object: kinds, matching, confirmation, shadows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import AttributeChange, ChangeKind, Image, Shadow


def test_a_new_object_is_an_add_and_an_equal_one_is_nothing(bench: Any) -> None:
    """A value equal to what is held sets no flag."""
    first = bench.stage(bench.image("ann", mail="a@x"))
    assert first.kind is ChangeKind.ADD
    with bench.store.unit_of_work() as work:
        work.save_cs(replace(first.after, import_kind=ChangeKind.NONE))
    assert bench.stage(bench.image("ann", mail="a@x")).kind is ChangeKind.NONE


def test_an_add_that_was_never_synchronised_stays_an_add(bench: Any) -> None:
    """A change on top of a pending add is still an add."""
    bench.stage(bench.image("ann", mail="a@x"))
    plan = bench.stage(bench.image("ann", mail="b@x"))
    assert plan.kind is ChangeKind.ADD
    assert plan.changes == (AttributeChange("mail", "a@x", "b@x"),)


def test_an_update_remembers_what_was_synchronised(bench: Any) -> None:
    """Old and new value can be shown until the change is synchronised."""
    first = bench.stage(bench.image("ann", mail="a@x"))
    with bench.store.unit_of_work() as work:
        work.save_cs(replace(first.after, import_kind=ChangeKind.NONE, synchronized=None))
    bench.stage(bench.image("ann", mail="b@x"))
    plan = bench.stage(bench.image("ann", mail="c@x"))
    assert plan.kind is ChangeKind.UPDATE
    assert plan.after.synchronized == {"cn": "ann", "mail": "a@x"}


def test_a_rename_is_an_update_of_the_same_object(bench: Any) -> None:
    """The anchor finds the object under its new DN."""
    first = bench.stage(bench.image("ann"))
    with bench.store.unit_of_work() as work:
        work.save_cs(replace(first.after, import_kind=ChangeKind.NONE))
    moved = replace(bench.image("ann"), dn=Dn.parse("CN=ann,OU=new,DC=a,DC=example"))
    plan = bench.stage(moved)
    assert plan.after.id == first.after.id
    assert plan.kind is ChangeKind.UPDATE
    assert plan.after.dn.text == "CN=ann,OU=new,DC=a,DC=example"


def test_another_object_at_the_same_dn_makes_way(bench: Any) -> None:
    """A recreated account has a new anchor: the old object is kept under a temporary DN, and nothing is lost."""
    first = bench.stage(bench.image("ann"))
    plan = bench.stage(replace(bench.image("ann"), anchor="guid-of-another"))
    assert plan.kind is ChangeKind.ADD
    assert plan.after.id != first.after.id
    assert plan.displaced is not None
    assert plan.displaced.id == first.after.id
    assert bench.stored(first.after).dn.text.endswith("CN=Transient")


def test_a_changed_type_is_delete_and_add(bench: Any) -> None:
    """The product forces a complete resynchronisation of such an object."""
    bench.stage(bench.image("ann"))
    assert bench.stage(replace(bench.image("ann"), object_type="contact")).kind is ChangeKind.DELETE_ADD


def test_an_import_confirms_what_was_exported(bench: Any) -> None:
    """Values that come back are confirmed; one that does not is exported-change-not-reimported."""
    first = bench.stage(bench.image("ann", mail="old@x"))
    sent = (AttributeChange("mail", "old@x", "new@x"), AttributeChange("department", None, "Sales"))
    with bench.store.unit_of_work() as work:
        work.save_cs(replace(first.after, unconfirmed=sent))
    plan = bench.stage(bench.image("ann", mail="new@x"))
    assert plan.confirmed == ("mail",)
    assert plan.not_reimported == (AttributeChange("department", "Sales", None),)
    assert plan.after.unconfirmed == ()


def test_a_shadowed_value_counts_as_what_was_sent(bench: Any) -> None:
    """While the service shows what it made of a value, the engine sees the value it sent; a change by others ends that."""
    first = bench.stage(bench.image("ann", mail="shown@x"))
    with bench.store.unit_of_work() as work:
        work.save_cs(replace(first.after, shadows={"mail": Shadow("sent@y", "shown@x")}))
    assert bench.stage(bench.image("ann", mail="shown@x")).after.imported["mail"] == "sent@y"
    changed = bench.stage(bench.image("ann", mail="else@x")).after
    assert changed.imported["mail"] == "else@x"
    assert changed.shadows == {}


def test_a_provisioned_object_is_found_by_its_dn(bench: Any) -> None:
    """An object that was created and never imported has no anchor yet: the import recognises it by its DN."""
    first = bench.stage(Image(Dn.parse("CN={00}"), "user", "", {"displayName": "Ann"}), bench.entra)
    plan = bench.stage(Image(Dn.parse("CN={00}"), "user", "User_1", {"displayName": "Ann"}), bench.entra)
    assert plan.after.id == first.after.id
    assert plan.after.anchor == "User_1"
