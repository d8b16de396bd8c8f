"""The self-check finds what a rule names and the export does not offer, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adsyncdiag.errors import ExpressionError
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.serverconfig.folder import load
from adsyncdiag.serverconfig.selfcheck import Problem, check

Edited = Callable[[str, str, str], Path]

JOIN = "In from AD - User Join"


def attributes_of(text: str) -> set[str]:
    """Return the names in brackets and in ImportedValue; refuse a text with an open bracket."""
    if text.count("(") != text.count(")"):
        raise ExpressionError("a bracket is not closed", text=text)
    return {*re.findall(r"\[([^\]]+)\]", text), *re.findall(r'ImportedValue\("([^"]+)"\)', text)}


def problems(folder: Path) -> list[tuple[str, str, str]]:
    """Return rule, attribute and sentence of each problem."""
    return [(found.rule, found.attribute, found.sentence) for found in check(load(folder), attributes_of)]


def test_an_export_that_fits_together_has_no_problem(small: ServerConfiguration) -> None:
    """`dn`, the type `*` and a membership clause without attribute are no problem."""
    assert check(small, attributes_of) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "in", "<attr>sAMAccountName</attr>", "<attr>samAccountName</attr>",
            (JOIN, "samAccountName", "the flow to accountName names 'samAccountName', but the connector 'wingtip.test' has no such attribute; did you mean 'sAMAccountName'?"),
        ),
        (
            "in", "<dest>accountName</dest>", "<dest>zzz</dest>",
            (JOIN, "zzz", "a flow names 'zzz', but the metaverse has no such attribute"),
        ),
        (
            "in", "<dest>accountName</dest>", "<dest>cn</dest>",
            (JOIN, "cn", "a flow names 'cn', but the object type person of the metaverse does not have it"),
        ),
        (
            "in", "<csAttribute>userAccountControl<", "<csAttribute>legacyExchangeDN<",
            (JOIN, "legacyExchangeDN", "the scoping filter names 'legacyExchangeDN', but the object type user of the connector 'wingtip.test' does not have it"),
        ),
        (
            "in", "<csAttribute>userAccountControl<", "<csAttribute>mail<",
            (JOIN, "mail", "the scoping filter names 'mail', but it is not selected for import from the connector 'wingtip.test'"),
        ),
        (
            "in", "<ilmAttribute>sourceAnchorBinary<", "<ilmAttribute>objectGUID<",
            (JOIN, "objectGUID", "a join names 'objectGUID', but the metaverse has no such attribute"),
        ),
        (
            "in", "<csAttribute>objectGUID<", "<csAttribute>sourceAnchor<",
            (JOIN, "sourceAnchor", "a join names 'sourceAnchor', but the connector 'wingtip.test' has no such attribute"),
        ),
        (
            "in", "IsPresent([isCriticalSystemObject])", "IsPresent([strange])",
            (JOIN, "strange", "the flow to sourceAnchor names 'strange', but the object type user of the connector 'wingtip.test' does not have it"),
        ),
        (
            "in", 'ImportedValue("proxyAddresses")', 'ImportedValue("proxyAddress")',
            (JOIN, "proxyAddress", "the flow to proxyAddresses names 'proxyAddress', but the connector 'wingtip.test' has no such attribute; did you mean 'proxyAddresses'?"),
        ),
        (
            "in", "RemoveDuplicates(Trim(", "RemoveDuplicates(Trim((",
            (JOIN, "proxyAddresses", "the expression of the flow to proxyAddresses is wrong: a bracket is not closed"),
        ),
        (
            "in", "<sourceObjectType>user<", "<sourceObjectType>users<",
            (JOIN, "", "the connector 'wingtip.test' has no object type called 'users'; did you mean 'user'?"),
        ),
        (
            "in", "<dest>authOrig</dest>", "<dest>accountName</dest>",
            (JOIN, "accountName", "two flows of the rule set 'accountName'"),
        ),
        (
            "out", "<csAttribute>cloudFiltered<", "<csAttribute>userPrincipalName<",
            ("Out to AAD - User Join", "userPrincipalName", "the scoping filter names 'userPrincipalName', but the metaverse has no such attribute"),
        ),
        (
            "out", "<dest>sourceAnchor</dest>", "<dest>immutableId</dest>",
            ("Out to AAD - User Join", "immutableId", "a flow names 'immutableId', but the connector 'wingtip.onmicrosoft.test - AAD' has no such attribute"),
        ),
        (
            "entra", "<attribute>sourceAnchor</attribute>", "",
            ("Out to AAD - User Join", "sourceAnchor", "a join names 'sourceAnchor', but it is not selected for import from the connector 'wingtip.onmicrosoft.test - AAD'"),
        ),
    ],
)  # fmt: skip
def test_a_planted_error_is_the_one_problem(
    edited: Edited, file: str, old: str, new: str, expected: tuple[str, str, str]
) -> None:
    """Source, target, scope, join and expression, each on the right side, in the right class, in the inclusion list."""
    assert problems(edited(file, old, new)) == [expected]


def test_an_attribute_is_reported_once_for_each_rule_and_side(edited: Edited) -> None:
    """An attribute that a rule uses in scope, join and flows gives one problem, not five."""
    folder = edited("ad", "<attribute>sAMAccountName</attribute>", "")
    assert [attribute for _, attribute, _ in problems(folder)] == ["sAMAccountName"]


def test_objectclass_needs_no_selection(edited: Edited) -> None:
    """`objectClass` is imported whether it is in the inclusion list or not (server-export.md 4.2)."""
    folder = edited("ad", "<name>userAccountControl</name>", "<name>objectClass</name>")
    found = problems(folder)
    assert [attribute for _, attribute, _ in found] == ["userAccountControl"]
    rule = next(folder.glob("SynchronizationRules/*0001}.xml"))
    rule.write_text(rule.read_text().replace("<csAttribute>userAccountControl<", "<csAttribute>objectClass<"))
    assert problems(folder) == []


def test_a_problem_names_rule_and_file(edited: Edited) -> None:
    """What is printed starts with the rule; the file is there for whoever wants to look."""
    [problem] = check(load(edited("in", "<dest>accountName</dest>", "<dest>zzz</dest>")), attributes_of)
    assert isinstance(problem, Problem)
    assert str(problem).startswith("In from AD - User Join: a flow names 'zzz'")
    assert problem.file.endswith("{77777777-aaaa-4bbb-8ccc-000000000001}.xml")


def test_without_a_reader_of_expressions_only_names_are_checked(edited: Edited) -> None:
    """Expressions are passed over when the caller gives no `attributes_of`."""
    assert check(load(edited("in", "IsPresent([isCriticalSystemObject])", "IsPresent([strange])"))) == ()
