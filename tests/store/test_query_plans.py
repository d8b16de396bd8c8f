"""What a look-up costs does not depend on how much is stored (architecture.md, decision 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Contribution, CsObject, Link, LinkAction, MvObject, MvValue, dn_key
from adsyncdiag.model.values import Reference
from adsyncdiag.ports import UnitOfWork
from adsyncdiag.store import statements
from adsyncdiag.store.sqlite import SqliteStore

AD, ENTRA, RULE = UUID(int=11), UUID(int=12), UUID(int=13)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STATEMENTS = {name: text for name, text in vars(statements).items() if isinstance(text, str) and name[0].isupper()}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_no_statement_of_the_single_object_path_scans_a_table(store: SqliteStore, name: str) -> None:
    """SQLite reaches every row by key or index, with one key or with 512."""
    for marks in ("?", ",".join("?" * 512)):
        statement = STATEMENTS[name].replace(":keys", marks)
        plan = store._database.rows(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?"))
        steps = [row[3] for row in plan]
        assert not [step for step in steps if step.startswith("SCAN")], steps
        if "WHERE" in statement:
            assert [step for step in steps if step.startswith("SEARCH")], steps


def test_keys_are_shared_out_over_few_statements() -> None:
    """Every key is asked for, in order, and the number of marks is one of four."""
    for count in (0, 1, 2, 8, 9, 64, 65, 512, 513, 1500):
        shares = list(statements.for_keys("IN (:keys)", range(count)))
        asked = [key for _, share in shares for key in share]
        assert list(dict.fromkeys(asked)) == list(range(count))
        assert {len(share) for _, share in shares} <= {1, 8, 64, 512}
        assert all(statement.count("?") == len(share) for statement, share in shares)


def entry(number: int, connector: UUID = AD) -> CsObject:
    """Return a linked user."""
    return CsObject(
        UUID(int=number + (1 << 64 if connector == ENTRA else 0)),
        connector,
        RULE,
        Dn.parse(f"CN=user {number},OU=people,DC=contoso,DC=com"),
        "user",
        anchor=f"anchor {number}",
        imported={"mail": f"user{number}@contoso.com", "info": "x" * 600},
        link=Link(UUID(int=number), RULE, "rule", LinkAction.JOINED, NOON),
        unresolved=(f"cn=boss {number}\ndc=contoso\ndc=com",),
        last_import=NOON,
    )


def person(number: int) -> MvObject:
    """Return the metaverse object of a user."""
    by = (Contribution(RULE, "rule", AD, UUID(int=number), NOON),)
    return MvObject(UUID(int=number), "person", {"mail": MvValue(f"user{number}@contoso.com", by)})


def fill(store: SqliteStore, numbers: range) -> None:
    """Store users with their metaverse objects and their objects of the second connector."""
    with store.unit_of_work() as unit:
        for number in numbers:
            unit.save_mv(person(number))
            unit.save_cs(entry(number))
            unit.save_cs(entry(number, ENTRA))


def single_object_path(unit: UnitOfWork) -> None:
    """Do what synchronising one object does to a store, with the object number 50."""
    one, mail = entry(50), "USER50@contoso.com"
    assert unit.cs(one.id) == one
    assert unit.cs_by_dn(AD, one.dn) == one
    assert unit.cs_by_anchor(AD, one.anchor) == one
    assert unit.cs_matching(AD, "user", "mail", mail) == (one,)
    assert unit.mv(UUID(int=50)) == person(50)
    assert unit.mv_matching("person", "mail", mail) == (person(50),)
    assert len(unit.connected(UUID(int=50))) == 2
    assert len(unit.linked(AD, [dn_key(one.dn)])) == 1
    assert len(unit.counterparts(ENTRA, [UUID(int=50)])) == 1
    assert unit.waiting_for(AD, Dn.parse("CN=boss 50,DC=contoso,DC=com")) == (one.id,)
    unit.save_cs(replace(one, imported={"mail": "other"}, unresolved=()))
    unit.save_cs(one)
    unit.save_mv(person(50))
    unit.remove_mv(UUID(int=50))
    unit.remove_cs(one.id)


def cost(store: SqliteStore, work: Callable[[UnitOfWork], None]) -> tuple[int, int]:
    """Return how many instructions of SQLite's machine *work* takes, and how many rows it changes; nothing is kept."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    def undone() -> None:
        with store.unit_of_work() as unit:
            connection.set_progress_handler(count, 1)
            work(unit)
            connection.set_progress_handler(None, 1)
            raise ZeroDivisionError

    connection = store._database._connection
    before = connection.total_changes
    with pytest.raises(ZeroDivisionError):
        undone()
    return steps, connection.total_changes - before


def test_the_single_object_path_costs_the_same_in_a_larger_store(store: SqliteStore) -> None:
    """With twenty times as many objects it executes as many of SQLite's instructions and changes as many rows."""
    store.index([(AD, "mail"), (ENTRA, "mail")], ["mail"])
    fill(store, range(1, 101))
    small = cost(store, single_object_path)
    fill(store, range(101, 2001))
    large = cost(store, single_object_path)
    assert small[0] > 500
    assert large[1] == small[1]
    assert large[0] == pytest.approx(small[0], rel=0.02)


def test_an_object_saved_unchanged_touches_no_index(store: SqliteStore) -> None:
    """Saving what is stored already rewrites one row and nothing else."""
    store.index([(AD, "mail")], ["mail"])
    fill(store, range(1, 2))
    assert cost(store, lambda unit: unit.save_cs(entry(1)))[1] == 1
    assert cost(store, lambda unit: unit.save_mv(person(1)))[1] == 1


def test_the_link_of_a_large_group_is_found_without_its_members(store: SqliteStore) -> None:
    """Links and identifiers are read from the front of a row: its images may be unreadable and nobody notices."""
    group = replace(entry(1), imported={"member": tuple(Reference(f"CN={n}") for n in range(50_000))})
    with store.unit_of_work() as unit:
        unit.save_mv(person(1))
        unit.save_cs(group)
        unit.save_cs(replace(unit.cs(group.id), last_sync=NOON))
    store._database.change("UPDATE cs SET imported = x'00'")
    with store.unit_of_work() as unit:
        assert unit.linked(AD, [dn_key(group.dn)]) == {dn_key(group.dn): UUID(int=1)}
        assert unit.counterparts(AD, [UUID(int=1)])[UUID(int=1)].dn == group.dn
        assert unit.waiting_for(AD, Dn.parse("CN=boss 1,DC=contoso,DC=com")) == (group.id,)
