"""Scoping filters: the twenty operators, groups, parameters, and the sentence that says why."""

from __future__ import annotations

from uuid import UUID

import pytest

from adsyncdiag.engine.scope import ScopeSubject, compile_filter
from adsyncdiag.model.rules import Direction, LinkType, ScopeClause, ScopeOperator, SyncRule
from adsyncdiag.model.values import Reference, Value


def rule(*groups: tuple[tuple[str, str, str], ...]) -> SyncRule:
    """A rule with these groups of clauses."""
    scope = tuple(tuple(ScopeClause(a, ScopeOperator(o), v) for a, o, v in group) for group in groups)
    return SyncRule(
        UUID(int=1), "Rule", Direction.INBOUND, UUID(int=2), "user", "person", LinkType.JOIN, 1, scope=scope
    )


def holds(operator: str, value: Value | None, wanted: str) -> bool:
    """Evaluate one clause."""
    attributes = {} if value is None else {"x": value}
    return compile_filter(rule((("x", operator, wanted),))).holds(ScopeSubject(attributes, {}))


@pytest.mark.parametrize(
    ("operator", "value", "wanted", "expected"),
    [
        ("EQUAL", "Sales", "sales", True),
        ("EQUAL", "Sales", "Sale", False),
        ("EQUAL", True, "TRUE", True),
        ("EQUAL", False, "true", False),
        ("EQUAL", False, "false", True),
        ("EQUAL", 5, "5", True),
        ("EQUAL", 5, "0x5", True),
        ("EQUAL", None, "False", False),
        ("EQUAL", ("a", "B"), "b", True),
        ("EQUAL", b"\x00\x01", "AAE=", True),
        ("EQUAL", bytes(range(16)), "{03020100-0504-0706-0809-0A0B0C0D0E0F}", True),
        ("EQUAL", Reference("CN=A,DC=x"), "cn=a,dc=x", True),
        ("NOTEQUAL", True, "True", False),
        ("NOTEQUAL", False, "TRUE", True),
        ("NOTEQUAL", None, "True", True),
        ("LESSTHAN", 9, "50000", True),
        ("LESSTHAN", 50000, "50000", False),
        ("LESSTHAN", "9", "50000", True),
        ("LESSTHAN", "a", "B", True),
        ("LESSTHAN", None, "5", False),
        ("LESSTHAN_OR_EQUAL", 5, "5", True),
        ("GREATERTHAN", 6, "5", True),
        ("GREATERTHAN", 5, "5", False),
        ("GREATERTHAN_OR_EQUAL", 5, "5", True),
        ("CONTAINS", "Sales North", "NORTH", True),
        ("CONTAINS", None, "x", False),
        ("NOTCONTAINS", "Sales North", "south", True),
        ("NOTCONTAINS", "Sales North", "north", False),
        ("NOTCONTAINS", None, "x", True),
        ("STARTSWITH", "User_1", "user_", True),
        ("NOTSTARTSWITH", "User_1", "User_", False),
        ("NOTSTARTSWITH", None, "User_", True),
        ("NOTSTARTSWITH", ("a", "User_1"), "User_", False),
        ("ENDSWITH", "a@contoso.com", "@CONTOSO.com", True),
        ("NOTENDSWITH", "a@contoso.com", "@contoso.com", False),
        ("NOTENDSWITH", None, "x", True),
        ("ISNULL", None, "", True),
        ("ISNULL", "x", "", False),
        ("ISNOTNULL", False, "", True),
        ("ISNOTNULL", None, "", False),
        ("ISIN", ("a", "b"), "B", True),
        ("ISIN", None, "b", False),
        ("ISNOTIN", ("a", "b"), "c", True),
        ("ISNOTIN", None, "c", True),
        ("ISBITSET", 514, "2", True),
        ("ISBITSET", 512, "2", False),
        ("ISBITSET", None, "2", False),
        ("ISBITNOTSET", 512, "2", True),
        ("ISBITNOTSET", 514, "2", False),
        ("ISBITNOTSET", None, "2", True),
    ],
)
def test_each_operator_decides_as_documented(operator: str, value: Value | None, wanted: str, expected: bool) -> None:
    """Every operator but the two for membership gives what the documentation, or our written choice, says."""
    assert holds(operator, value, wanted) is expected


def test_membership_asks_for_the_group_by_its_dn() -> None:
    """ISMEMBEROF and ISNOTMEMBEROF ask whether the object is a direct member of the group the value names."""
    subject = ScopeSubject({}, {}, lambda group: group == "CN=G,DC=x")
    assert compile_filter(rule((("any", "ISMEMBEROF", "CN=G,DC=x"),))).holds(subject)
    assert not compile_filter(rule((("any", "ISMEMBEROF", "CN=H,DC=x"),))).holds(subject)
    assert compile_filter(rule((("any", "ISNOTMEMBEROF", "CN=H,DC=x"),))).holds(subject)


def test_all_twenty_operators_are_covered() -> None:
    """The tables above and the membership test together name all twenty operators."""
    marks = test_each_operator_decides_as_documented.pytestmark  # type: ignore[attr-defined]
    tested = {case[0] for case in marks[0].args[1]} | {"ISMEMBEROF", "ISNOTMEMBEROF"}
    assert tested == {operator.value for operator in ScopeOperator}
    assert len(tested) == 20


def test_groups_are_ored_and_clauses_anded() -> None:
    """One group that holds as a whole puts the object in scope."""
    compiled = compile_filter(rule((("a", "EQUAL", "1"), ("b", "EQUAL", "1")), (("c", "EQUAL", "1"),)))
    assert compiled.holds(ScopeSubject({"a": "1", "b": "1"}, {}))
    assert compiled.holds(ScopeSubject({"c": "1"}, {}))
    assert not compiled.holds(ScopeSubject({"a": "1", "c": "2"}, {}))


def test_a_rule_without_a_filter_always_applies() -> None:
    """No group at all means always in scope."""
    assert compile_filter(rule()).holds(ScopeSubject({}, {}))


def test_a_parameter_in_a_value_is_the_connectors() -> None:
    """`%Connector.ID%` in a clause compares with the connector's own identifier, whatever the case of either."""
    compiled = compile_filter(rule((("owner", "EQUAL", "%Connector.ID%"),)))
    assert compiled.holds(ScopeSubject({"owner": "{ABC}"}, {"Connector.ID": "{abc}"}))
    assert not compiled.holds(ScopeSubject({"owner": "{abd}"}, {"Connector.ID": "{abc}"}))


def test_the_verdict_names_the_clause_and_the_value_it_met() -> None:
    """An administrator reads which clause decided, and what the object has."""
    one = rule((("isCriticalSystemObject", "NOTEQUAL", "TRUE"), ("adminDescription", "NOTSTARTSWITH", "User_")))
    verdict = compile_filter(one).explain(one, "contoso.com", ScopeSubject({"adminDescription": "User_1f05"}, {}))
    assert not verdict.in_scope
    assert verdict.reason == "adminDescription NOTSTARTSWITH User_ is not met: the value is User_1f05"
    assert [clause.holds for clause in verdict.clauses] == [False]
    absent = compile_filter(rule((("mail", "ISNOTNULL", ""),))).explain(one, "contoso.com", ScopeSubject({}, {}))
    assert absent.reason == "mail ISNOTNULL is not met: the attribute has no value"


def test_every_group_that_failed_is_told_once() -> None:
    """With several groups the verdict lists the failing clause of each, and no clause twice."""
    one = rule(
        (("a", "EQUAL", "1"), ("b", "EQUAL", "1")),
        (("a", "EQUAL", "1"), ("c", "EQUAL", "1")),
        (("d", "ISNOTNULL", ""),),
    )
    verdict = compile_filter(one).explain(one, "x", ScopeSubject({"a": "2"}, {}))
    assert verdict.reason == "a EQUAL 1 is not met: the value is 2; d ISNOTNULL is not met: the attribute has no value"
