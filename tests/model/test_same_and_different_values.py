"""When two attribute values are the same, and what one has that the other lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsyncdiag.model.values import Reference, Value, as_text, difference, each, same

ANN, BEN = Reference("CN=Ann,DC=com"), Reference("CN=Ben,DC=com")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "A", False),
        ("1", 1, False),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (b"a", "a", False),
        (b"a", b"a", True),
        (ANN, Reference("cn=ANN,dc=com"), True),
        (ANN, "CN=Ann,DC=com", False),
        (("a", "b"), ("b", "a"), True),
        (("a", "b"), ("a",), False),
        (("a",), "a", False),
        (("a", 1), ("a", True), False),
        ((ANN, BEN), (Reference("cn=ben,dc=com"), Reference("CN=ANN,DC=COM")), True),
        (None, None, True),
        (None, "a", False),
        (None, ("a",), False),
    ],
)
def test_values_are_the_same_by_type_and_content(one: Value | None, other: Value | None, expected: bool) -> None:
    """Types count, the order of several values does not, references compare without case, one value is no list of one."""
    assert same(one, other) is expected
    assert same(other, one) is expected


@pytest.mark.parametrize(
    ("old", "new", "added", "removed"),
    [
        (None, None, (), ()),
        (None, "a", ("a",), ()),
        ("a", None, (), ("a",)),
        ("a", "b", ("b",), ("a",)),
        (("a", "b"), ("b", "c", "d"), ("c", "d"), ("a",)),
        (1, True, (True,), (1,)),
        ((ANN, BEN), (Reference("CN=BEN,DC=COM"),), (), (ANN,)),
        ("a", ("a", "b"), ("b",), ()),
    ],
)
def test_the_difference_is_what_to_add_and_what_to_remove(
    old: Value | None, new: Value | None, added: tuple[object, ...], removed: tuple[object, ...]
) -> None:
    """What the new value has and the old one lacks comes first, then the reverse, each in its order."""
    found = difference(old, new)
    assert found == (added, removed)
    assert [[type(v) for v in part] for part in found] == [[type(v) for v in part] for part in (added, removed)]


SCALARS = st.one_of(
    st.text(max_size=4),
    st.integers(0, 2),
    st.booleans(),
    st.binary(max_size=2),
    st.builds(Reference, st.text(max_size=3)),
)
VALUES = st.one_of(
    st.none(), SCALARS, st.lists(SCALARS, min_size=1, max_size=5, unique_by=lambda v: (type(v), v)).map(tuple)
)


@given(old=VALUES, new=VALUES)
def test_applying_a_difference_gives_the_new_value(old: Value | None, new: Value | None) -> None:
    """The old value without what is removed and with what is added holds exactly the scalars of the new one."""
    added, removed = difference(old, new)
    gone = {(type(value), value) for value in removed}
    left = [value for value in each(old) if (type(value), value) not in gone]
    assert {(type(v), v) for v in (*left, *added)} == {(type(v), v) for v in each(new)}
    assert not {(type(v), v) for v in added} & {(type(v), v) for v in each(old)}


@given(old=VALUES, new=VALUES)
def test_no_difference_means_the_same_scalars(old: Value | None, new: Value | None) -> None:
    """The difference is empty exactly when both hold the same scalars, and every value is the same as itself."""
    assert same(old, old)
    assert same(old, new) == same(new, old)
    if same(old, new):
        assert difference(old, new) == ((), ())
    elif isinstance(old, tuple) and isinstance(new, tuple):
        assert difference(old, new) != ((), ())


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (5, "5"), (True, "True"), (False, "False"), (b"\x00\xff", "AP8="), (ANN, "CN=Ann,DC=com")],
)
def test_a_scalar_reads_as_people_and_json_read_it(value: object, text: str) -> None:
    """True and False as words, numbers in decimal, bytes in base64, a reference as its DN."""
    assert as_text(value) == text  # type: ignore[arg-type]
