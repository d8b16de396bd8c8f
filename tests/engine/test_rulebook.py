"""Rules compiled: the check of a whole server's expressions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adsyncdiag.engine.rulebook import RuleBook
from adsyncdiag.errors import ExpressionError
from adsyncdiag.serverconfig.folder import load


def test_all_expressions_of_a_real_export_compile_against_its_schemas(contoso: Path) -> None:
    """The 391 expressions of the Contoso sample name known attributes, with types that fit, and warn of nothing."""
    assert RuleBook(load(contoso)).check_expressions() == (391, ())


def test_an_unknown_attribute_is_named_with_rule_and_place(people: Any) -> None:
    """The message has the rule's name, a caret under the attribute, and the name that was meant."""
    people.rule("In - Typo", flows=(people.expression("displayName", "Trim([displayNam])"),))
    with pytest.raises(ExpressionError) as caught:
        RuleBook(people.configuration).check_expressions()
    text = str(caught.value)
    assert "In - Typo" in text
    assert "Did you mean [displayName]?" in text
    assert "  Trim([displayNam])\n       ^^^^^^^^^^^^" in text


def test_a_result_that_depends_on_an_open_operator_order_is_warned_of(people: Any) -> None:
    """The warning names the rule and the attribute it sets."""
    people.rule("In - Mixed", flows=(people.expression("flag", "[flag] || [flag] && [flag]"),))
    count, warnings = RuleBook(people.configuration).check_expressions()
    assert count == 3
    assert len(warnings) == 1
    assert warnings[0].startswith("In - Mixed, flag: ")
