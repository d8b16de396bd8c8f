"""Every promise of the ports `Store`, `UnitOfWork` and `Reader`, against every implementation."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adsyncdiag.errors import Busy, StoreError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import (
    AttributeChange,
    ChangeKind,
    Contribution,
    CsObject,
    Link,
    LinkAction,
    MvObject,
    MvValue,
    ObjectError,
    Shadow,
    dn_key,
)
from adsyncdiag.model.runs import Lease, Run, RunObjectError, RunStep, SchedulerSettings
from adsyncdiag.model.values import Reference, Scalar
from adsyncdiag.ports import Store
from adsyncdiag.store.opening import open_store

AD, ENTRA, PARTITION, RULE = (UUID(int=number) for number in (11, 12, 13, 14))
NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
GONE = 2**22 + 1  # above the highest process number Linux gives out

IMPLEMENTATIONS = {"sqlite": "sqlite:state.db"}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def url(request: pytest.FixtureRequest) -> str:
    """The URL of one implementation."""
    return IMPLEMENTATIONS[request.param]


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Open the same workspace's store, as often as asked, as so many commands would."""
    stores: list[Store] = []

    def open_again() -> Store:
        stores.append(open_store(url, tmp_path))
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """An empty store with join attributes declared."""
    store = opened()
    store.index([(AD, "mail"), (AD, "uid"), (ENTRA, "sourceAnchor")], ["mail", "uid"])
    return store


def entry(number: int, dn: str = "", connector: UUID = AD, **fields: object) -> CsObject:
    """Return a user of a connector space that an import brought at noon."""
    first = {"object_type": "user", "last_import": NOON}
    name = Dn.parse(dn or f"CN=user {number},DC=contoso,DC=com")
    return CsObject(UUID(int=number), connector, PARTITION, name, **(first | fields))  # type: ignore[arg-type]


def link(metaverse: UUID) -> Link:
    """Return a link that a projection made."""
    return Link(metaverse, RULE, "In from AD - User Join", LinkAction.PROJECTED, NOON)


def person(number: int, object_type: str = "person", **values: Scalar | tuple[Scalar, ...]) -> MvObject:
    """Return a metaverse object with one contributor for all its values."""
    by = (Contribution(RULE, "In from AD - User Common", AD, UUID(int=number), NOON),)
    return MvObject(UUID(int=number), object_type, {name: MvValue(value, by) for name, value in values.items()})


def save(store: Store, *entries: CsObject | MvObject) -> None:
    """Store *entries* in one unit of work."""
    with store.unit_of_work() as unit:
        for one in entries:
            if isinstance(one, MvObject):
                unit.save_mv(one)
            else:
                unit.save_cs(one)


def run(connector: UUID = AD, **fields: object) -> Run:
    """Return a run without a number."""
    first = {"connector_name": "contoso.com", "profile": "Delta Import", "result": "success", "user": "CONTOSO\\ann"}
    return Run(uuid4(), connector, started=NOON, ended=NOON + timedelta(seconds=5), **(first | fields))  # type: ignore[arg-type]


def lease(**fields: object) -> Lease:
    """Return a lease of this very process, from noon on for an hour."""
    first = {
        "holder": "Start-ADSyncSyncCycle of ann on here (process 4711)",
        "token": uuid4(),
        "host": platform.node(),
        "pid": os.getpid(),
        "since": NOON,
        "expires": NOON + timedelta(hours=1),
    }
    return Lease(**(first | fields))  # type: ignore[arg-type]


# Objects ------------------------------------------------------------------------------------------------------------


def test_a_connector_space_object_comes_back_as_it_was_saved(store: Store, opened: Callable[[], Store]) -> None:
    """Every field of an object comes back from another command's store, types, spelling and order kept."""
    values = {
        "cn": "Ünï",
        "member": (Reference("CN=B,DC=x"), Reference("CN=A,DC=x")),
        "sid": b"\1\0",
        "on": True,
        "n": 1,
    }
    saved = entry(
        1,
        "CN=Ann  Lee , OU=a\\,b,DC=contoso,DC=com",
        anchor="5e5e",
        imported=values,
        synchronized={"cn": "old"},
        import_kind=ChangeKind.UPDATE,
        intended={"mail": ("a@x", "b@x")},
        export_kind=ChangeKind.DELETE_ADD,
        export_changes=(AttributeChange("mail", None, ("a@x",)), AttributeChange("n", 2**70, None)),
        unconfirmed=(AttributeChange("manager", Reference("CN=M"), Reference("CN=N")),),
        shadows={"proxyAddresses": Shadow(("smtp:a", "smtp:b"), None), "upn": Shadow("a", "b")},
        link=link(UUID(int=2)),
        unresolved=("cn=m\ndc=x", "cn=a\ndc=x"),
        sync_error=ObjectError("code", "message", NOON, NOON + timedelta(1), 3, "details"),
        export_error=ObjectError("other", "", NOON, NOON),
        last_sync=NOON,
        last_export=NOON - timedelta(microseconds=1),
    )
    save(store, person(2), saved)
    with opened().unit_of_work() as unit:
        found = unit.cs(saved.id)
    assert found == saved
    assert found.dn.text == saved.dn.text == "CN=Ann  Lee,OU=a\\,b,DC=contoso,DC=com"
    assert found.imported["on"] is True
    assert type(found.imported["n"]) is int
    assert list(found.imported) == list(values)
    assert [one.text for one in found.imported["member"]] == ["CN=B,DC=x", "CN=A,DC=x"]
    assert found.last_import.tzinfo is UTC


def test_an_object_with_nothing_but_a_name_comes_back(store: Store) -> None:
    """Absent images, links, errors and dates stay absent; an image that was empty before an import stays known as empty."""
    bare = CsObject(UUID(int=1), AD, PARTITION, Dn.parse("CN=a,DC=x"), "user")
    save(store, bare, replace(bare, id=UUID(int=2), synchronized={}))
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)) == bare
        assert unit.cs(UUID(int=1)).synchronized is None
        assert unit.cs(UUID(int=2)).synchronized == {}


def test_a_metaverse_object_comes_back_with_its_contributors(store: Store, opened: Callable[[], Store]) -> None:
    """Values come back with one contributor or several, of whatever rule, connector and moment."""
    one, two = (Contribution(UUID(int=n), f"rule {n}", AD, UUID(int=n), NOON + timedelta(n)) for n in (1, 2))
    saved = MvObject(
        UUID(int=9),
        "group",
        {"mail": MvValue("a", (one,)), "member": MvValue((Reference("x"),), (two, one)), "cn": MvValue("c", (two,))},
    )
    save(store, saved, MvObject(UUID(int=10), "person"))
    with opened().unit_of_work() as unit:
        assert unit.mv(saved.id) == saved
        assert list(unit.mv(saved.id).attributes) == ["mail", "member", "cn"]
        assert unit.mv(UUID(int=10)) == MvObject(UUID(int=10), "person")


def test_times_of_another_zone_come_back_as_the_same_moment(store: Store) -> None:
    """A moment is kept to the microsecond and comes back in UTC."""
    moment = datetime(2026, 7, 1, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2)))
    save(store, entry(1, last_import=moment))
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)).last_import == moment
        assert unit.cs(UUID(int=1)).last_import.utcoffset() == timedelta(0)


def test_what_is_not_there_is_none(store: Store) -> None:
    """Look-ups for one object that is not there give None, for several an empty answer."""
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)) is None
        assert unit.mv(UUID(int=1)) is None
        assert unit.cs_by_dn(AD, Dn.parse("CN=a")) is None
        assert unit.cs_by_anchor(AD, "a") is None
        assert unit.cs_matching(AD, "user", "mail", "a") == ()
        assert unit.mv_matching("*", "mail", "a") == ()
        assert unit.connected(UUID(int=1)) == ()
        assert unit.linked(AD, ["cn=a"]) == {}
        assert unit.linked(AD, []) == {}
        assert unit.counterparts(AD, [UUID(int=1)]) == {}
        assert unit.counterparts(AD, []) == {}
        assert unit.waiting_for(AD, Dn.parse("CN=a")) == ()


def test_saving_again_replaces(store: Store) -> None:
    """The second save of an object leaves nothing of the first, neither in it nor in any look-up."""
    metaverse = UUID(int=50)
    first = entry(1, "CN=a,DC=x", anchor="one", imported={"mail": "a@x"}, link=link(metaverse), unresolved=("cn=m",))
    save(store, person(50), first, entry(1, "CN=b,DC=x", anchor="two", imported={"mail": "b@x"}, unresolved=("cn=n",)))
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)).dn.text == "CN=b,DC=x"
        assert unit.cs_by_dn(AD, first.dn) is None
        assert unit.cs_by_anchor(AD, "one") is None
        assert unit.cs_matching(AD, "user", "mail", "a@x") == ()
        assert unit.connected(metaverse) == ()
        assert unit.waiting_for(AD, Dn.parse("CN=m")) == ()
        assert unit.cs_by_anchor(AD, "two").id == UUID(int=1)
        assert unit.waiting_for(AD, Dn.parse("CN=n")) == (UUID(int=1),)


def test_an_object_read_saved_and_read_again_is_the_same(store: Store) -> None:
    """What a look-up returned can be changed in one field and saved, and nothing else changes."""
    saved = entry(1, imported={"mail": "a@x", "b": b"\0"}, intended={"mail": "c@x"}, synchronized={"mail": "b@x"})
    save(store, saved, person(2, mail="a@x"))
    with store.unit_of_work() as unit:
        unit.save_cs(replace(unit.cs(saved.id), last_sync=NOON))
        unit.save_mv(replace(unit.mv(UUID(int=2)), object_type="group"))
    with store.unit_of_work() as unit:
        assert unit.cs(saved.id) == replace(saved, last_sync=NOON)
        assert [one.id for one in unit.cs_matching(AD, "user", "mail", "c@x")] == [saved.id]
        assert unit.mv(UUID(int=2)) == person(2, "group", mail="a@x")
        assert unit.mv_matching("group", "mail", "a@x") == (unit.mv(UUID(int=2)),)


def test_images_of_a_look_up_outlive_its_unit_of_work(store: Store) -> None:
    """An object that was returned can be read in full after the transaction, and stays what it was when others change it."""
    save(store, entry(1, imported={"mail": "a@x"}), person(2, mail="a@x"))
    with store.unit_of_work() as unit:
        old, old_person = unit.cs(UUID(int=1)), unit.mv(UUID(int=2))
    save(store, entry(1, imported={"mail": "b@x"}), person(2, mail="b@x"))
    assert old.imported == {"mail": "a@x"}
    assert old_person.values == {"mail": "a@x"}


# Look-ups -----------------------------------------------------------------------------------------------------------


def test_a_dn_is_found_whatever_its_spelling(store: Store) -> None:
    """Case, blanks around separators and escapes make no difference; the connector does."""
    save(store, entry(1, "CN=Ann\\2C Lee,OU=People,DC=contoso,DC=com"))
    other = Dn.parse('cn = "ann, lee" , ou=PEOPLE,DC=Contoso,DC=com')
    with store.unit_of_work() as unit:
        assert unit.cs_by_dn(AD, other).id == UUID(int=1)
        assert unit.cs_by_dn(ENTRA, other) is None


def test_a_line_break_in_a_name_is_no_separator(store: Store) -> None:
    """A line break inside a name (deleted objects have one) does not make it the name of another object."""
    inside, two = Dn.parse("CN=a\\0Aou=b,DC=x"), Dn.parse("CN=a,OU=b,DC=x")
    assert dn_key(inside) != dn_key(two)
    save(store, entry(1, dn="CN=a\\0Aou=b,DC=x"))
    with store.unit_of_work() as unit:
        assert unit.cs_by_dn(AD, inside).dn == inside
        assert unit.cs_by_dn(AD, two) is None


def test_two_objects_may_meet_under_one_name(store: Store) -> None:
    """While an import moves objects about, the one that it brought last is the one at a name; the other keeps its anchor."""
    old = entry(1, "CN=a,DC=x", anchor="old", link=link(UUID(int=50)))
    new = entry(2, "CN=a,DC=x", anchor="new", last_import=NOON + timedelta(seconds=1))
    save(store, person(50), new, old)
    with store.unit_of_work() as unit:
        assert unit.cs_by_dn(AD, new.dn).id == new.id
        assert unit.cs_by_anchor(AD, "old").id == old.id
        assert unit.linked(AD, [dn_key(new.dn)]) == {}


def test_an_anchor_is_found_exactly_and_an_empty_one_never(store: Store) -> None:
    """Anchors are compared as they are, per connector; objects without one are not found by it."""
    save(store, entry(1, anchor="User_1"), entry(2, anchor=""))
    with store.unit_of_work() as unit:
        assert unit.cs_by_anchor(AD, "User_1").id == UUID(int=1)
        assert unit.cs_by_anchor(AD, "user_1") is None
        assert unit.cs_by_anchor(ENTRA, "User_1") is None
        assert unit.cs_by_anchor(AD, "") is None


def test_join_values_are_found_as_imported_and_as_intended(store: Store) -> None:
    """A value counts whether the import brought it or synchronisation computed it, alone or one of several, once."""
    save(
        store,
        entry(1, imported={"mail": "a@x"}, intended={"mail": "a@x"}),
        entry(2, intended={"mail": ("b@x", "a@x")}),
        entry(3, imported={"mail": "c@x"}),
        entry(4, imported={"mail": "a@x"}, object_type="group"),
        entry(5, connector=ENTRA, imported={"mail": "a@x", "sourceAnchor": "a@x"}),
    )
    with store.unit_of_work() as unit:
        assert [one.id.int for one in unit.cs_matching(AD, "user", "mail", "a@x")] == [1, 2]
        assert [one.id.int for one in unit.cs_matching(AD, "group", "mail", "a@x")] == [4]
        assert [one.id.int for one in unit.cs_matching(ENTRA, "user", "sourceAnchor", "a@x")] == [5]


def test_join_values_are_compared_without_case_unless_asked(store: Store) -> None:
    """Text is folded, beyond ASCII too; a case-sensitive look-up wants the very spelling."""
    save(store, entry(1, imported={"mail": "STRASSE@Éx"}), person(2, mail="STRASSE@Éx"))
    with store.unit_of_work() as unit:
        assert len(unit.cs_matching(AD, "user", "mail", "straße@éX")) == 1
        assert unit.cs_matching(AD, "user", "mail", "strasse@Éx", case_sensitive=True) == ()
        assert len(unit.cs_matching(AD, "user", "mail", "STRASSE@Éx", case_sensitive=True)) == 1
        assert len(unit.mv_matching("person", "mail", "straße@éX")) == 1
        assert unit.mv_matching("person", "mail", "strasse@Éx", case_sensitive=True) == ()
        assert len(unit.mv_matching("person", "mail", "STRASSE@Éx", case_sensitive=True)) == 1


@pytest.mark.parametrize("case_sensitive", [True, False])
def test_join_values_of_another_type_do_not_match(store: Store, case_sensitive: bool) -> None:
    """Text is not a number, a truth is not one, bytes are not text, a reference is not its name."""
    values: list[Scalar] = ["1", 1, True, b"1", Reference("1"), 2**80, "True", False, 0]
    for number, value in enumerate(values):
        save(store, entry(number + 1, imported={"uid": value}), person(100 + number, uid=value))
    with store.unit_of_work() as unit:
        for number, value in enumerate(values):
            found = unit.cs_matching(AD, "user", "uid", value, case_sensitive=case_sensitive)
            assert [one.id.int for one in found] == [number + 1]
            people = unit.mv_matching("person", "uid", value, case_sensitive=case_sensitive)
            assert [one.id.int for one in people] == [100 + number]


def test_metaverse_objects_are_found_by_type_or_by_any(store: Store) -> None:
    """A type limits the answer, `*` does not; the answer is in the order of identifiers."""
    save(store, person(3, mail="a@x"), person(1, "group", mail="a@x"), person(2, mail=("z@x", "A@x")))
    with store.unit_of_work() as unit:
        assert [one.id.int for one in unit.mv_matching("person", "mail", "a@x")] == [2, 3]
        assert [one.id.int for one in unit.mv_matching("*", "mail", "a@x")] == [1, 2, 3]


def test_look_ups_by_an_undeclared_attribute_are_refused(store: Store) -> None:
    """A look-up that would have to read every object raises instead, and names the attribute."""
    with store.unit_of_work() as unit:
        with pytest.raises(StoreError, match="displayName"):
            unit.cs_matching(AD, "user", "displayName", "a")
        with pytest.raises(StoreError, match="displayName"):
            unit.mv_matching("person", "displayName", "a")
        with pytest.raises(StoreError, match="mail"):
            unit.cs_matching(ENTRA, "user", "mail", "declared for AD only")


def test_a_new_declaration_indexes_what_is_stored(store: Store, opened: Callable[[], Store]) -> None:
    """Objects from before the declaration are found by the attribute, others stay out, and other commands see it too."""
    other = opened()
    save(store, *[entry(n, imported={"cn": f"user {n}", "mail": f"{n}@x"}) for n in range(1, 1203)])
    save(
        store,
        *[person(n, cn=f"user {n}") for n in range(1, 1203)],
        entry(2000, connector=ENTRA, imported={"cn": "user 7"}),
    )
    store.index([(AD, "cn")], ["cn"])
    with other.unit_of_work() as unit:
        for number in (1, 500, 501, 1202):
            assert [one.id.int for one in unit.cs_matching(AD, "user", "cn", f"USER {number}")] == [number]
            assert [one.id.int for one in unit.mv_matching("*", "cn", f"USER {number}")] == [number]
        assert [one.id.int for one in unit.cs_matching(AD, "user", "mail", "7@x")] == [7]
        unit.save_cs(entry(7, imported={"cn": "renamed"}))
        assert unit.cs_matching(AD, "user", "cn", "user 7") == ()


def test_declaring_again_is_harmless(store: Store) -> None:
    """Every command declares when it starts; what is declared already stays as it is."""
    save(store, entry(1, imported={"mail": "a@x"}))
    store.index([(AD, "mail")], [])
    store.index([], [])
    with store.unit_of_work() as unit:
        assert len(unit.cs_matching(AD, "user", "mail", "a@x")) == 1


def test_connected_objects_come_in_the_order_of_their_identifiers(store: Store) -> None:
    """All connectors' objects of a metaverse object come, by identifier; objects of others do not."""
    save(store, person(50), person(51), *[entry(n, link=link(UUID(int=50))) for n in (9, 3, 7)])
    save(store, entry(4, connector=ENTRA, link=link(UUID(int=50))), entry(5, link=link(UUID(int=51))), entry(6))
    with store.unit_of_work() as unit:
        assert [one.id.int for one in unit.connected(UUID(int=50))] == [3, 4, 7, 9]


def test_linked_answers_for_as_many_names_as_a_large_group_has(store: Store) -> None:
    """50,000 folded names are answered at once; unlinked and unknown ones are missing."""
    save(store, *[person(10_000 + n) for n in range(600)])
    save(store, *[entry(1 + n, link=link(UUID(int=10_000 + n)) if n % 2 else None) for n in range(600)])
    keys = [dn_key(Dn.parse(f"CN=USER {n},DC=contoso,DC=com")) for n in range(50_000)]
    with store.unit_of_work() as unit:
        found = unit.linked(AD, keys)
        assert unit.linked(ENTRA, keys) == {}
    assert found == {keys[n]: UUID(int=10_000 + n - 1) for n in range(1, 601) if (n - 1) % 2}


def test_counterparts_answer_for_as_many_objects_as_a_large_group_has(store: Store) -> None:
    """50,000 metaverse objects are answered at once; those without an object in that connector space are missing."""
    save(store, *[person(10_000 + n) for n in range(600)])
    save(store, *[entry(1 + n, link=link(UUID(int=10_000 + n)), imported={"a": str(n)}) for n in range(600)])
    save(store, entry(900, connector=ENTRA, link=link(UUID(int=10_000))))
    with store.unit_of_work() as unit:
        found = unit.counterparts(AD, [UUID(int=n) for n in range(50_000)])
        assert list(unit.counterparts(ENTRA, [UUID(int=10_001), UUID(int=10_000)])) == [UUID(int=10_000)]
    assert {key: one.id.int for key, one in found.items()} == {UUID(int=10_000 + n): 1 + n for n in range(600)}
    assert found[UUID(int=10_007)].imported == {"a": "7"}


def test_waiting_objects_are_found_by_the_name_they_wait_for(store: Store) -> None:
    """An object waits under each of its unresolved names until a save no longer lists it, per connector."""
    boss = Dn.parse("CN=Boss,DC=x")
    save(store, entry(2, unresolved=(dn_key(boss), "cn=other")), entry(1, unresolved=(dn_key(boss),) * 2))
    save(store, entry(3, connector=ENTRA, unresolved=(dn_key(boss),)))
    with store.unit_of_work() as unit:
        assert unit.waiting_for(AD, Dn.parse("cn=BOSS, dc=X")) == (UUID(int=1), UUID(int=2))
        unit.save_cs(entry(2, unresolved=("cn=other",)))
        unit.remove_cs(UUID(int=1))
        assert unit.waiting_for(AD, boss) == ()
        assert unit.waiting_for(AD, Dn.parse("CN=other")) == (UUID(int=2),)
        assert unit.waiting_for(ENTRA, boss) == (UUID(int=3),)


# Changes ------------------------------------------------------------------------------------------------------------


def test_a_removed_object_is_gone_from_every_look_up(store: Store) -> None:
    """After a removal no look-up finds the object; a second removal does no harm."""
    one = entry(1, anchor="a", imported={"mail": "a@x"}, link=link(UUID(int=50)), unresolved=("cn=m",))
    save(store, person(50), one)
    with store.unit_of_work() as unit:
        unit.remove_cs(one.id)
        unit.remove_cs(one.id)
        assert unit.cs(one.id) is None
        assert unit.cs_by_dn(AD, one.dn) is None
        assert unit.cs_by_anchor(AD, "a") is None
        assert unit.cs_matching(AD, "user", "mail", "a@x") == ()
        assert unit.connected(UUID(int=50)) == ()
        assert unit.waiting_for(AD, Dn.parse("CN=m")) == ()


def test_a_removed_metaverse_object_takes_the_links_to_it_along(store: Store) -> None:
    """Its objects become disconnectors, other links stay, and no look-up finds it; a second removal does no harm."""
    save(
        store, person(50, mail="a@x"), person(51), entry(1, link=link(UUID(int=50))), entry(2, link=link(UUID(int=51)))
    )
    with store.unit_of_work() as unit:
        unit.remove_mv(UUID(int=50))
        unit.remove_mv(UUID(int=50))
        assert unit.mv(UUID(int=50)) is None
        assert unit.mv_matching("*", "mail", "a@x") == ()
        assert unit.cs(UUID(int=1)) == entry(1)
        assert unit.linked(AD, [dn_key(entry(1).dn)]) == {}
        assert unit.cs(UUID(int=2)).link is not None


def test_an_object_and_what_it_is_linked_to_may_be_saved_in_either_order(store: Store) -> None:
    """Within one unit of work a link may come before the metaverse object that it leads to."""
    save(store, entry(1, link=link(UUID(int=50))), person(50))
    with store.unit_of_work() as unit:
        assert unit.connected(UUID(int=50)) == (entry(1, link=link(UUID(int=50))),)


def test_a_link_to_nothing_cannot_be_committed(store: Store) -> None:
    """A link whose metaverse object is not stored when the unit of work ends is refused, with all of that unit."""
    with pytest.raises(StoreError):
        save(store, entry(1, link=link(UUID(int=50))), entry(2))
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)) is None
        assert unit.cs(UUID(int=2)) is None


# Units of work ------------------------------------------------------------------------------------------------------


def test_a_unit_of_work_sees_its_own_changes_at_once(store: Store) -> None:
    """Look-ups inside a unit find what it saved so far."""
    with store.unit_of_work() as unit:
        unit.save_mv(person(50, mail="a@x"))
        unit.save_cs(entry(1, imported={"mail": "a@x"}, link=link(UUID(int=50)), unresolved=("cn=m",)))
        assert unit.cs(UUID(int=1)) is not None
        assert len(unit.cs_matching(AD, "user", "mail", "a@x")) == 1
        assert len(unit.mv_matching("person", "mail", "a@x")) == 1
        assert len(unit.connected(UUID(int=50))) == 1
        assert unit.waiting_for(AD, Dn.parse("CN=m")) == (UUID(int=1),)


def test_others_see_a_unit_of_work_after_it_ended(store: Store, opened: Callable[[], Store]) -> None:
    """Another command finds what a unit saved and appended once it has ended."""
    other = opened()
    with store.unit_of_work() as unit:
        unit.save_cs(entry(1))
        unit.add_run(run())
        assert other.runs() == ()
    with other.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)) is not None
    assert len(other.runs()) == 1


@pytest.mark.parametrize("trouble", [ValueError, KeyboardInterrupt])
def test_an_exception_rolls_everything_back(store: Store, trouble: type[BaseException]) -> None:
    """Nothing of a unit that ended with an exception is kept, an interrupt included, and the next one works."""
    save(store, entry(1, imported={"mail": "a@x"}))

    def work() -> None:
        with store.unit_of_work() as unit:
            unit.save_cs(entry(1, imported={"mail": "b@x"}))
            unit.save_cs(entry(2))
            unit.save_mv(person(3))
            unit.add_run(run())
            raise trouble

    with pytest.raises(trouble):
        work()
    with store.unit_of_work() as unit:
        assert [one.id.int for one in unit.cs_matching(AD, "user", "mail", "a@x")] == [1]
        assert unit.cs(UUID(int=2)) is None
        assert unit.mv(UUID(int=3)) is None
        assert unit.add_run(run()).number == 1


def test_units_of_work_do_not_nest(store: Store) -> None:
    """Opening a second unit inside the first is refused with a clear error, and the first goes on."""
    with store.unit_of_work() as unit:
        unit.save_cs(entry(1))
        with pytest.raises(StoreError, match="open already"), store.unit_of_work():
            pytest.fail("the second unit was opened")
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)) is not None


def test_a_unit_of_work_that_ended_refuses_everything(store: Store) -> None:
    """A unit kept beyond its end neither reads nor writes, not even while the next one is open."""
    with store.unit_of_work() as unit:
        pass
    with store.unit_of_work():
        with pytest.raises(StoreError, match="ended"):
            unit.cs(UUID(int=1))
        with pytest.raises(StoreError, match="ended"):
            unit.save_cs(entry(1))


# Run history --------------------------------------------------------------------------------------------------------


def test_runs_are_numbered_from_one_for_each_connector(store: Store) -> None:
    """Each connector counts its own runs, whatever number a run came with."""
    with store.unit_of_work() as unit:
        numbers = [unit.add_run(run(connector, number=99)).number for connector in (AD, AD, ENTRA, AD, ENTRA)]
    assert numbers == [1, 2, 1, 3, 2]


def test_runs_come_back_newest_first_with_steps_and_errors(store: Store, opened: Callable[[], Store]) -> None:
    """The history holds everything a run said, the one added last first, limited and per connector on demand."""
    errors = (RunObjectError(UUID(int=5), "CN=a,DC=x", "code", "what\nhappened"), RunObjectError(None, "", "c", "m"))
    steps = (
        RunStep(1, "delta-import", PARTITION, "success", NOON, NOON + timedelta(1), {"stage-add": 3, "b": 0, "a": 1}),
        RunStep(2, "export", UUID(int=8), "completed-export-errors", NOON, NOON, {}, errors),
    )
    added = []
    for number in range(5):
        with store.unit_of_work() as unit:
            added.append(unit.add_run(run((AD, ENTRA)[number % 2], steps=steps[: number % 3])))
    other = opened()
    assert other.runs() == tuple(reversed(added))
    assert list(other.runs()[0].steps[0].counters) == ["stage-add", "b", "a"]
    assert other.runs(limit=2) == (added[4], added[3])
    assert other.runs(limit=0) == ()
    assert other.runs(connector=ENTRA) == (added[3], added[1])
    assert other.runs(connector=AD, limit=1) == (added[4],)
    assert other.runs(connector=UUID(int=99)) == ()


# Lease --------------------------------------------------------------------------------------------------------------


def test_a_lease_that_is_taken_is_seen_by_all_until_it_is_released(store: Store, opened: Callable[[], Store]) -> None:
    """The holder, its process and its times are there for everyone; after the release there is none."""
    taken = lease(suspends_scheduler=True)
    other = opened()
    assert store.lease(NOON) is None
    store.acquire(taken, NOON)
    assert other.lease(NOON) == taken
    store.release(taken.token)
    assert other.lease(NOON) is None


def test_a_lease_of_a_living_process_is_not_taken_over(store: Store, opened: Callable[[], Store]) -> None:
    """Who comes second learns who holds the workspace, since when, until when at the latest, and what to do."""
    store.acquire(lease(), NOON)
    with pytest.raises(Busy) as refused:
        opened().acquire(lease(holder="somebody else"), NOON + timedelta(minutes=59))
    assert refused.value.message == (
        "the workspace is held by Start-ADSyncSyncCycle of ann on here (process 4711) since 2026-03-02T12:00:00Z"
    )
    assert "2026-03-02T13:00:00Z" in refused.value.hint
    assert "Try again" in refused.value.hint
    assert store.lease(NOON).holder.startswith("Start-ADSyncSyncCycle")


def test_an_expired_lease_is_taken_over(store: Store) -> None:
    """From the moment it expires a lease counts for nothing, though its process lives."""
    old, new = lease(), lease(since=NOON + timedelta(hours=1), expires=NOON + timedelta(hours=2))
    store.acquire(old, NOON)
    assert store.lease(old.expires - timedelta(microseconds=1)) == old
    assert store.lease(old.expires) is None
    store.acquire(new, old.expires)
    assert store.lease(old.expires) == new


def test_a_lease_whose_process_is_gone_here_is_taken_over(store: Store) -> None:
    """A killed command blocks nobody on its own host, whatever the case of the host's name."""
    store.acquire(lease(pid=GONE, host=platform.node().upper()), NOON)
    assert store.lease(NOON) is None
    new = lease()
    store.acquire(new, NOON)
    assert store.lease(NOON) == new


def test_a_lease_of_another_host_is_respected_until_it_expires(store: Store) -> None:
    """Of a process elsewhere nothing is known, so its lease lasts its time."""
    elsewhere = lease(pid=GONE, host="another-host")
    store.acquire(elsewhere, NOON)
    assert store.lease(NOON) == elsewhere
    with pytest.raises(Busy, match="held by"):
        store.acquire(lease(), NOON)


def test_a_lease_is_renewed_while_it_is_ours(store: Store) -> None:
    """Renewing moves the end; a lease that another one replaced, or that was given back, is busy."""
    mine = lease()
    store.acquire(mine, NOON)
    later = NOON + timedelta(hours=5)
    store.renew(mine.token, later)
    assert store.lease(NOON) == replace(mine, expires=later)
    other = lease(holder="the other one", expires=later + timedelta(hours=1))
    store.acquire(other, later)
    with pytest.raises(Busy, match="the other one"):
        store.renew(mine.token, later + timedelta(hours=1))
    store.release(other.token)
    with pytest.raises(Busy, match="given back"):
        store.renew(mine.token, later)


def test_releasing_leaves_the_lease_of_another_alone(store: Store) -> None:
    """A command that lost its lease cannot end that of its successor."""
    mine = lease()
    store.acquire(mine, NOON)
    store.release(uuid4())
    assert store.lease(NOON) == mine


# Scheduler settings, facts, closing ---------------------------------------------------------------------------------


def test_scheduler_settings_are_none_until_saved_and_come_back(store: Store, opened: Callable[[], Store]) -> None:
    """What was saved last comes back, absent values included."""
    assert store.scheduler() is None
    settings = SchedulerSettings(False, False, timedelta(hours=3), "Initial", timedelta(days=1, microseconds=7), NOON)
    store.save_scheduler(settings)
    assert opened().scheduler() == settings
    store.save_scheduler(SchedulerSettings())
    assert opened().scheduler() == SchedulerSettings()


def test_check_says_where_the_store_is_and_what_it_holds(store: Store, tmp_path: Path) -> None:
    """The facts name the place and count objects and runs."""
    save(store, person(50), entry(1, link=link(UUID(int=50))), entry(2))
    with store.unit_of_work() as unit:
        unit.add_run(run())
    facts = store.check()
    assert str(tmp_path) in facts["database"]
    assert facts["connector space objects"] == "2"
    assert facts["linked objects"] == "1"
    assert facts["metaverse objects"] == "1"
    assert facts["runs"] == "1"
    assert int(facts["schema version"]) >= 1


def test_a_store_may_be_closed_twice_and_refuses_everything_then(store: Store) -> None:
    """After closing every call raises our own error, and closing again does no harm."""
    store.close()
    store.close()
    for call in (store.runs, store.scheduler, store.check, lambda: store.lease(NOON), lambda: save(store, entry(1))):
        with pytest.raises(StoreError):
            call()


def test_no_library_error_escapes(store: Store) -> None:
    """A run that is in the history already is refused with our own error, not the library's."""
    once = run()
    with store.unit_of_work() as unit:
        unit.add_run(once)
    with pytest.raises(StoreError) as refused, store.unit_of_work() as unit:
        unit.add_run(once)
    assert not isinstance(refused.value, sqlite3.Error)
    assert len(store.runs()) == 1
