"""Which of an object's classes names its type."""

from __future__ import annotations

from itertools import permutations

import pytest

from adsyncdiag.model.schema import AttributeSchema, ClassSchema, Schema
from adsyncdiag.model.values import AttributeType


def known(*classes: tuple[str, str | None, bool]) -> Schema:
    """A schema of these classes: name, superior, structural."""
    attributes = {"cn": AttributeSchema("cn", AttributeType.STRING)}
    return Schema(
        attributes,
        {name: ClassSchema(name, above, frozenset({"cn"}), structural) for name, above, structural in classes},
    )


AD = known(
    ("top", None, True), ("person", "top", False), ("organizationalPerson", "person", False), ("user", "organizationalPerson", True),
    ("inetOrgPerson", "user", True), ("computer", "user", True), ("group", "top", True), ("mailRecipient", "top", False),
)  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["top", "person", "organizationalPerson", "user"], "user"),
        (["top", "person", "organizationalPerson", "user", "inetOrgPerson"], "inetOrgPerson"),
        (["top", "person", "organizationalPerson", "user", "computer"], "computer"),
        (["top", "group"], "group"),
        (["TOP", "Group"], "group"),
        (["top", "group", "mailRecipient"], "group"),
        (["top", "group", "somebodysExtension"], "group"),
        (["top"], "top"),
        (["person"], None),
        (["unknown"], None),
        ([], None),
    ],
)
def test_the_deepest_structural_class_is_the_type(classes: list[str], expected: str | None) -> None:
    """Depth decides, whatever the order and the case; auxiliary, abstract and unknown classes are none."""
    for order in list(permutations(classes))[:24]:
        assert AD.most_specific(order) == expected


def test_of_equally_deep_classes_the_later_one_counts() -> None:
    """Where two classes are as deep the last value of objectClass wins, as in the cmdlet."""
    assert AD.most_specific(["top", "computer", "inetOrgPerson"]) == "inetOrgPerson"
    assert AD.most_specific(["top", "inetOrgPerson", "computer"]) == "computer"


def test_a_circle_of_classes_ends() -> None:
    """A broken schema whose classes name each other as superior gives an answer all the same."""
    assert known(("a", "b", True), ("b", "a", True)).most_specific(["a", "b"]) == "b"


def test_a_superior_that_is_missing_ends_the_chain() -> None:
    """A class whose superior the schema does not know counts as deep as it is known."""
    assert known(("a", "gone", True), ("top", None, True), ("b", "top", True)).most_specific(["b", "a"]) == "b"


def test_names_are_spelt_as_in_the_schema() -> None:
    """Attributes and classes are found whatever the case, and told in the schema's spelling."""
    assert (AD.spelling("CN"), AD.spelling("cn"), AD.spelling("sn")) == ("cn", "cn", None)
    assert AD.class_has("user", "cn")
    assert not AD.class_has("user", "sn")
    assert AD.class_has("*", "cn")
    assert not AD.class_has("unknown", "cn")
