"""What a trace shows, and what hostile rules cannot do."""

from __future__ import annotations

import time

import pytest

from adsyncdiag.errors import EvaluationError, ExpressionError
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import MAX_TRACE, Context, TraceEntry


def test_trace_has_every_part_that_was_evaluated() -> None:
    """Each part shows its text and value, inner before outer; the branch that was not chosen is absent."""
    expression = compile_expression('IIF(IsPresent([mail]),Left([mail],3) & "!",[cn])')
    value, entries = expression.trace(Context({"mail": "ann@x"}))
    assert value == "ann!"
    assert [(entry.text, entry.value) for entry in entries] == [
        ("[mail]", "ann@x"),
        ("IsPresent([mail])", True),
        ("[mail]", "ann@x"),
        ("Left([mail],3)", "ann"),
        ('Left([mail],3) & "!"', "ann!"),
        ('IIF(IsPresent([mail]),Left([mail],3) & "!",[cn])', "ann!"),
    ]
    assert all(expression.text[entry.start : entry.end] == entry.text for entry in entries)


def test_trace_of_a_failure_ends_with_the_error() -> None:
    """The part that failed and every part around it have the error for a value; it is returned and not raised."""
    value, entries = compile_expression("Left(Item([a],2),1)").trace(Context({"a": ("x",)}))
    assert isinstance(value, EvaluationError)
    assert [entry.text for entry in entries if entry.value is value] == ["Item([a],2)", "Left(Item([a],2),1)"]


def test_trace_goes_through_the_body_of_a_loop() -> None:
    """A loop shows its body once for each value."""
    _, entries = compile_expression("Select($v,[a],UCase($v))").trace(Context({"a": ("x", "y")}))
    assert [entry.value for entry in entries if entry.text == "UCase($v)"] == ["X", "Y"]


def test_trace_shows_parentheses_as_written() -> None:
    """A part in parentheses is shown with them, so that what is shown is whole."""
    _, entries = compile_expression("([a] || [b]) && [a]").trace(Context({"a": True}))
    assert TraceEntry(0, 12, "([a] || [b])", True) in entries


def test_trace_shows_values_without_gaps() -> None:
    """What drops out inside a choice about several values is not shown as a value."""
    text = 'IIF([a] = "x",IIF([a] = "y","1",NULL) & "!",[a])'
    value, entries = compile_expression(text).trace(Context({"a": ("x", "y")}))
    assert value == ("y",)
    assert all(None not in entry.value for entry in entries if isinstance(entry.value, tuple))


def test_trace_is_limited() -> None:
    """A long loop fills the trace no further than its limit; the result is whole."""
    many = tuple(str(number) for number in range(MAX_TRACE))
    value, entries = compile_expression("Select($v,[a],Trim($v))").trace(Context({"a": many}))
    assert value == many
    assert len(entries) == MAX_TRACE


def test_context_can_be_used_again_after_a_failure() -> None:
    """One object's flows share a context; a failing loop leaves nothing behind."""
    context = Context({"a": ("x",)})
    for text in ("Select($v,[a],Error($v))", "With($v,[a],Item($v,2))"):
        with pytest.raises(EvaluationError):
            compile_expression(text).evaluate(context)
    assert compile_expression("Select($v,[a],$v)").evaluate(context) == ("x",)
    assert context.variables == []


def test_deep_nesting_is_refused_with_a_place() -> None:
    """A hundred levels compile and run, more are an error and no crash."""
    deepest = "Trim(" * 99 + "[a]" + ")" * 99
    assert compile_expression(deepest).evaluate(Context({"a": " x "})) == "x"
    assert compile_expression(deepest).trace(Context({"a": " x "}))[0] == "x"
    for text in ("Trim(" * 100 + "[a]" + ")" * 100, "(" * 5000, "-(" * 200 + "1" + ")" * 200):
        with pytest.raises(ExpressionError, match="more than 100 levels of parentheses and calls"):
            compile_expression(text)


def test_long_chains_are_not_deep() -> None:
    """A rule with thousands of operators is evaluated like a short one."""
    assert compile_expression(" || ".join(["[a]"] * 5000)).evaluate(Context({"a": False})) is False
    assert compile_expression(" & ".join(["[b]"] * 5000)).evaluate(Context({"b": "x"})) == "x" * 5000
    assert compile_expression("+".join(["1"] * 5000)).evaluate(Context({})) == 5000


def test_long_text_is_refused() -> None:
    """An expression longer than any rule is not read."""
    with pytest.raises(ExpressionError, match="at most 65536 are read"):
        compile_expression(" " * 70_000)


DOUBLING = "With($v0,[x]," + "".join(f"With($v{n + 1},$v{n} & $v{n}," for n in range(60)) + "Len($v60)" + ")" * 61
BOMBS = {
    "doubling text": DOUBLING,
    "growing replacement": 'Replace(Replace(Replace([x],"x",[x]),"x",[x]),"x",[x])',
    "growing characters": 'ReplaceChars(PadLeft("",1000000,"a"),"a:" & PadLeft("",9000,"b"))',
    "long join": 'Join(Split(PadLeft("",1000000,","),","),PadLeft("",1000000,","))',
    "long pattern": 'ReplaceChars("a",Replace([x],"x","a:b,"))',
    "long result of a loop": 'Select($a,Split(PadLeft("",9999,","),","),Split(PadLeft("",9999,","),","))',
    "nested loops": "Count(Select($a,[m],Select($b,[m],Select($c,[m],Select($d,[m],$a)))))",
    "loop of large texts": 'Count(Select($a,Split(PadLeft("",100000,","),","),PadLeft("",1000000,"x")))',
    "mapping in a loop": "Count(Select($a,[m],Join(Select($b,[m],Join(Trim([m]))))))",
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_rule_ends_soon_and_with_an_error_of_ours(name: str) -> None:
    """Neither memory nor time explode: the evaluation stops with a message."""
    context = Context({"x": "x" * 5000, "m": tuple(str(number) for number in range(1000))})
    expression = compile_expression(BOMBS[name])
    begin = time.monotonic()
    with pytest.raises(EvaluationError):
        expression.evaluate(context)
    assert time.monotonic() - begin < 30


def test_slow_paths_are_not_taken_twice() -> None:
    """Nested calls on text that no quick path takes cost what they look like, not two to the power of their depth."""
    context = Context({"a": "ä" * 50, "m": (True, False)})
    assert compile_expression("Left(" * 90 + "[a]" + ",40)" * 90).evaluate(context) == "ä" * 40
    assert compile_expression("(" * 90 + "[m]" + " || [m])" * 90).evaluate(context) == (True, False)
    assert compile_expression("CBool(" * 90 + "[m]" + ")" * 90).evaluate(context) == (True, False)


def test_values_are_not_in_messages() -> None:
    """An attribute's value may be a secret; a message says its type."""
    for text in ("Left([a],[secret])", "[secret] + 1", "[secret] = 1", "CNum([secret])", "ConvertFromBase64([secret])"):
        with pytest.raises(EvaluationError) as caught:
            compile_expression(text).evaluate(Context({"a": "x", "secret": "hunter2!"}))
        assert "hunter2" not in caught.value.message
