"""The 232 vectors collected from Microsoft's pages and the shipped rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from adsyncdiag.errors import UsageError
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.vectors import decode, decode_attributes, encode, read_cases, run_case
from adsyncdiag.model.values import FlowSignal, Reference

VECTORS = Path(__file__).parent.parent / "data" / "expression-vectors.jsonl"
CASES = read_cases(VECTORS.read_bytes())

CHOICES = {
    35: "a malformed ReplaceChars pattern is an error (ReplaceChars)",
    41: "the option DC may be bare (DNComponentRev)",
    58: "a GUID has the byte order of .NET (CGuid)",
    61: "a GUID without hyphens is none (IsGuid)",
    62: "a GUID prints in lower case without braces (StringFromGuid)",
    110: "case counts among duplicates (RemoveDuplicates)",
    129: "a Boolean prints as True or False (CStr)",
    130: "a word all in upper case stays (PCase)",
    138: "a weekday is a day (DateAdd)",
    139: "a month's end stays one (DateAdd)",
    145: "* binds no tighter than + (operator order)",
    170: "LCase of NULL is NULL (LCase)",
    171: "= on texts is case-sensitive (operators)",
    191: "IsPresent is about presence, not truth (IsPresent)",
    215: "an absent attribute has no values (ValueCount)",
    218: "CBool of NULL is False (CBool)",
}
"""What is chosen where the vectors say doubtful; each is written in the manual entry named in parentheses."""


def test_there_are_232_vectors_and_a_choice_for_each_doubtful_one() -> None:
    """No vector is lost, and no doubtful one is without its choice."""
    assert len(CASES) == 232
    assert {case["id"] for case in CASES if case.get("doubtful")} == set(CHOICES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_vector_gives_the_expected_result(case: dict) -> None:
    """Every vector gives what it expects, the doubtful ones as chosen."""
    result = run_case(case)
    assert result["ok"], (CHOICES.get(case["id"]), result)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_vector_gives_the_same_traced(case: dict) -> None:
    """Tracing changes no result: what `trace` gives is what `evaluate` gives or raises."""
    untraced = run_case(case)
    if untraced.get("code") == "expression-error":
        return
    expression = compile_expression(case["expression"])
    context_of = {
        "attributes": decode_attributes(case["attributes"]),
        "imported": decode_attributes(case["imported"]) if "imported" in case else None,
        "parameters": case.get("parameters") or {},
    }
    from adsyncdiag.expressions.evaluation import Context

    value, _ = expression.trace(Context(**context_of))
    if "error" in untraced:
        assert value.message == untraced["error"]
    else:
        assert encode(value) == untraced["value"]


def test_a_case_without_expectation_gets_no_verdict() -> None:
    """Only what is expected can be right or wrong."""
    assert run_case({"expression": "1+1"}) == {"value": 2}


def test_a_case_may_expect_a_part_of_the_message() -> None:
    """`expect_error` as a text has to occur in the message."""
    case = {"expression": 'Error("no UPN")', "expect_error": "UPN"}
    assert run_case(case)["ok"] is True
    assert run_case({**case, "expect_error": "mail"})["ok"] is False


def test_true_is_not_one() -> None:
    """A Boolean and a number are different results, although Python thinks otherwise."""
    assert run_case({"expression": "True", "expect": 1})["ok"] is False
    assert run_case({"expression": "1", "expect": True})["ok"] is False


def test_values_survive_the_encoding() -> None:
    """What JSON has no type for comes back as it went."""
    for value in ("a", 5, True, b"\x00\xff", Reference("CN=a"), FlowSignal.IGNORE, ("a", "b"), (b"a", b""), None):
        assert decode(encode(value)) == value


@pytest.mark.parametrize(
    "wrong", [1.5, {"$bin": "?"}, {"$dt": "soon"}, {"$flow": "Stop"}, {"$x": "y"}, 2**63, {"a": 1, "b": 2}]
)
def test_what_encodes_no_value_is_refused(wrong: object) -> None:
    """A value that no attribute can have is a mistake in the file, not NULL."""
    with pytest.raises(UsageError):
        decode(wrong)


def test_a_line_that_is_no_case_is_named() -> None:
    """The message says which line of the file is wrong."""
    with pytest.raises(UsageError, match="line 2 is not JSON"):
        read_cases(b'{"expression": "1"}\n{"expression"')
    with pytest.raises(UsageError, match='line 1 is not a case: it needs "expression"'):
        read_cases(b"[]")
