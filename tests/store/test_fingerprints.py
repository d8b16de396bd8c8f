"""Look-up keys are only hints: who shares a number with another one is never taken for it."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest

from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject, MvObject, MvValue, dn_key
from adsyncdiag.model.values import Reference, Scalar, matches
from adsyncdiag.store.fingerprints import (
    anchor_fingerprint,
    dn_fingerprint,
    packed,
    unpacked,
    value_fingerprint,
)
from adsyncdiag.store.sqlite import SqliteStore

AD, ENTRA = UUID(int=11), UUID(int=12)
DIFFERENT: list[Scalar] = [
    "1",
    1,
    True,
    b"1",
    Reference("1"),
    "",
    b"",
    0,
    False,
    Reference(""),
    "\ud800",
    2**70,
    -1,
    "b1",
    "i1",
]


def test_numbers_are_the_same_on_every_machine() -> None:
    """They are stored, so another Python, platform or byte order has to compute the same: BLAKE2b, little-endian, signed."""
    assert dn_fingerprint(AD, "cn=a\ndc=x") == 4329266063482639496
    assert packed([5, -3, 5]) == b"\xfd" + b"\xff" * 7 + b"\x05" + b"\0" * 7
    assert unpacked(packed([5, -3, 5])) == (-3, 5)
    assert packed([]) == b""


def test_different_things_have_different_numbers() -> None:
    """Types, connectors, attributes and kinds of look-up do not meet, nor do names whose parts could run into each other."""
    numbers = [
        value_fingerprint(place, name, value)
        for place in (None, AD, ENTRA)
        for name in ("a", "ab")
        for value in DIFFERENT
    ]
    numbers += [
        dn_fingerprint(AD, "a"),
        dn_fingerprint(ENTRA, "a"),
        anchor_fingerprint(AD, "a"),
        anchor_fingerprint(AD, "A"),
    ]
    numbers += [value_fingerprint(AD, "a", "sb"), value_fingerprint(AD, "as", "b")]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(("one", "other"), [("Straße", "STRASSE"), ("É", "é"), (Reference("CN=A"), Reference("cn=a"))])
def test_what_matches_without_case_has_one_number(one: Scalar, other: Scalar) -> None:
    """A look-up without regard to case finds all spellings by one number."""
    assert matches(one, other, case_sensitive=False)
    assert value_fingerprint(AD, "a", one) == value_fingerprint(AD, "a", other)


def test_values_match_their_own_type_only() -> None:
    """Of any two different values none matches the other, whatever the case rule; each matches itself."""
    for one, other in itertools.product(DIFFERENT, repeat=2):
        for case_sensitive in (True, False):
            assert matches(one, other, case_sensitive=case_sensitive) == (one is other), (one, other)


def test_text_matches_by_the_case_that_was_asked_for() -> None:
    """Text obeys the flag; a reference names the same object in any case."""
    assert not matches("a", "A", case_sensitive=True)
    assert matches("a", "A", case_sensitive=False)
    assert matches(Reference("a"), Reference("A"), case_sensitive=True)


def test_an_object_with_the_number_of_another_is_not_taken_for_it(store: SqliteStore) -> None:
    """With every index entry of one object set to another's numbers, no look-up for the other returns it."""
    store.index([(AD, "mail")], ["mail"])
    one, other = Dn.parse("CN=one,DC=x"), Dn.parse("CN=other,DC=x")
    with store.unit_of_work() as unit:
        unit.save_cs(CsObject(UUID(int=1), AD, AD, one, "user", anchor="one", imported={"mail": "one@x"}))
        unit.save_mv(MvObject(UUID(int=2), "person", {"mail": MvValue("one@x", ())}))
    database = store._database
    database.change(
        "UPDATE cs SET dn_print = ?, anchor_print = ?",
        (dn_fingerprint(AD, dn_key(other)), anchor_fingerprint(AD, "other")),
    )
    database.change("UPDATE cs_join SET print = ?", (value_fingerprint(AD, "mail", "other@x"),))
    database.change("UPDATE mv_join SET print = ?", (value_fingerprint(None, "mail", "other@x"),))
    with store.unit_of_work() as unit:
        assert unit.cs_by_dn(AD, other) is None
        assert unit.linked(AD, [dn_key(other)]) == {}
        assert unit.cs_by_anchor(AD, "other") is None
        assert unit.cs_matching(AD, "user", "mail", "other@x") == ()
        assert unit.mv_matching("person", "mail", "other@x") == ()
