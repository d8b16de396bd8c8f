"""For any expression: printing loses nothing, evaluating raises nothing but our errors, and a second evaluator agrees.

The second evaluator walks the tree. It shares the functions' own bodies with the compiler and nothing else: types, NULL, several
values, laziness, variables and operators are written again here, as plainly as possible.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsyncdiag.errors import EvaluationError, ExpressionError
from adsyncdiag.expressions.catalogue import get
from adsyncdiag.expressions.compiler import Expression, compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.expressions.nodes import Attribute, Call, Chain, Literal, Negation, Node, Parameter, Variable, Word
from adsyncdiag.expressions.parser import parse
from adsyncdiag.expressions.printer import print_expression
from adsyncdiag.expressions.registry import TYPE_OF, Mode
from adsyncdiag.model.values import ExpressionValue, FlowSignal, Reference, Value

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "fuzz_expressions"
LOADER = SourceFileLoader("fuzz_expressions", str(SCRIPT))
FUZZ = module_from_spec(spec_from_loader("fuzz_expressions", LOADER))
LOADER.exec_module(FUZZ)

MODEST = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


class Failed(Exception):
    """The second evaluator fails where the first has to fail too."""


@dataclass(frozen=True)
class Walker:
    """Evaluates nodes for one object. A list inside a choice keeps None where a value dropped out."""

    attributes: dict[str, Value]
    parameters: dict[str, str]
    now: datetime
    variables: dict[str, Callable[[], ExpressionValue]] = field(default_factory=dict)
    in_branch: bool = False

    def whole(self, node: Node) -> ExpressionValue:
        """Return the value of *node*, its gaps closed."""
        return closed(replace(self, in_branch=False).value(node))

    def value(self, node: Node) -> ExpressionValue:
        """Return the value of *node*."""
        match node:
            case Literal(value=value):
                return value
            case Attribute(name=name):
                return self.attributes.get(name)
            case Parameter(name=name):
                if name not in self.parameters:
                    raise Failed
                return self.parameters[name]
            case Variable(name=name):
                return self.variables[name]()
            case Word(name=name):
                return name
            case Negation(operand=operand):
                return binary("-", 0, self.value(operand))
            case Chain():
                return self.chain(node)
            case Call():
                return self.call(node)

    def chain(self, node: Chain) -> ExpressionValue:
        """Return a chain folded from the left."""
        value = self.value(node.operands[0])
        logical = node.operators[0] in ("&&", "||")
        for symbol, operand in zip(node.operators, node.operands[1:], strict=True):
            value = self.logic(symbol, value, operand) if logical else binary(symbol, value, self.value(operand))
        return flags(value) if logical else value

    def logic(self, symbol: str, left: ExpressionValue, right: Node) -> ExpressionValue:
        """Return `left symbol right`, without looking at *right* where it cannot matter."""
        left = flags(left)
        decided = symbol == "||"
        if all(flag is decided for flag in left) if isinstance(left, tuple) else left is decided:
            return left
        other = flags(self.value(right))
        return mapped(operator.or_ if decided else operator.and_, [left, other], [0, 1])

    def call(self, node: Call) -> ExpressionValue:
        """Return the value of a call."""
        special = getattr(self, f"form_{node.name}", None)
        if special:
            return special(*node.arguments)
        info = get(node.name)
        parameters = [info.parameter(index) for index in range(len(node.arguments))]
        values = []
        for parameter, argument in zip(parameters, node.arguments, strict=True):
            if parameter.mode is Mode.WORD:
                values.append(argument.name if isinstance(argument, Word) else argument.value)
            else:
                values.append(self.value(argument) if parameter.mode is Mode.SCALAR else self.whole(argument))
        for index, (parameter, value) in enumerate(zip(parameters, values, strict=True)):
            if value is None and not parameter.nullable and parameter.mode is not Mode.ANY:
                return info.of_null if index == 0 else None

        def apply(*row: ExpressionValue) -> ExpressionValue:
            for parameter, value in zip(parameters, row, strict=True):
                if not fits(parameter, value):
                    raise Failed
            try:
                return info.implementation(*row)
            except EvaluationError:
                raise Failed from None

        return mapped(apply, values, [index for index, entry in enumerate(parameters) if entry.mode is Mode.SCALAR])

    def form_IIF(self, *arguments: Node) -> ExpressionValue:
        """Return what the condition chooses."""
        test, when_true, when_false = arguments
        return self.choose([(test, when_true), (Literal(True), when_false)])

    def form_Switch(self, *arguments: Node) -> ExpressionValue:
        """Return what the first true condition chooses."""
        if len(arguments) % 2:
            raise Failed
        return self.choose(list(zip(arguments[::2], arguments[1::2], strict=True)))

    def choose(self, pairs: list[tuple[Node, Node]]) -> ExpressionValue:
        """Return the value beside the first condition that holds, for each value when one is about several."""
        for at, (test, chosen) in enumerate(pairs):
            found = flags(self.whole(test))
            if found is True or isinstance(found, tuple):
                inside = replace(self, in_branch=True)
                value = inside.value(chosen) if found is True else inside.choose_each(found, chosen, pairs[at + 1 :])
                return value if self.in_branch else closed(value)
        return None

    def choose_each(self, found: tuple, chosen: Node, others: list[tuple[Node, Node]]) -> ExpressionValue:
        """Return the choice for each of *found*."""
        results = [None] * len(found)
        waiting = list(range(len(found)))
        pairs = [(Literal(None), chosen), *others]
        for at, (test, branch) in enumerate(pairs):
            if at and waiting:
                found = flags(self.whole(test))
                found = found if isinstance(found, tuple) else (found,) * len(results)
                if len(found) != len(results):
                    raise Failed
            takers = [index for index in waiting if found[index]]
            if takers:
                value = self.value(branch)
                if isinstance(value, tuple) and len(value) != len(results):
                    raise Failed
                for index in takers:
                    results[index] = value[index] if isinstance(value, tuple) else value
                waiting = [index for index in waiting if index not in takers]
        return listed(results)

    def form_ValueCount(self, name: Literal) -> ExpressionValue:
        """Return how many values an attribute has."""
        value = self.attributes.get(name.value)
        return 0 if value is None else len(value) if isinstance(value, tuple) else 1

    def form_ImportedValue(self, name: Literal) -> ExpressionValue:
        """Return the confirmed value, which is the current one here."""
        return self.attributes.get(name.value)

    def form_Now(self) -> ExpressionValue:
        """Return the moment."""
        return self.now

    def form_With(self, variable: Variable, source: Node, body: Node) -> ExpressionValue:
        """Return *body*, in which the variable is read as if *source* stood there."""
        return self.binding(variable, lambda: self.whole(source)).value(body)

    def form_Select(self, variable: Variable, source: Node, body: Node) -> ExpressionValue:
        """Return what *body* gives for each value."""
        results = []
        for item in self.items(source):
            value = self.binding(variable, lambda item=item: item).whole(body)
            results.extend(value if isinstance(value, tuple) else [value])
        return closed(listed(results))

    def form_Where(self, variable: Variable, source: Node, body: Node) -> ExpressionValue:
        """Return the values for which *body* is True."""
        kept = [i for i in self.items(source) if flags(self.binding(variable, lambda i=i: i).whole(body)) is True]
        return tuple(kept) or None

    def items(self, source: Node) -> tuple:
        """Return the values that a loop goes through."""
        values = self.whole(source)
        if values is not None and not isinstance(values, tuple):
            raise Failed
        return values or ()

    def binding(self, variable: Variable, read: Callable[[], ExpressionValue]) -> Walker:
        """Return the evaluator for the inside of a loop."""
        return replace(self, variables={**self.variables, variable.name: read})


def fits(parameter, value: ExpressionValue) -> bool:
    """Say whether *value* may be an argument for *parameter*."""
    if parameter.mode in (Mode.ANY, Mode.WORD) or (value is None and parameter.nullable):
        return True
    return (
        isinstance(value, tuple)
        if parameter.mode is Mode.LIST
        else type(value) in [TYPE_OF[k] for k in parameter.kinds]
    )


def mapped(apply: Callable[..., ExpressionValue], values: list, scalar: list[int]) -> ExpressionValue:
    """Return *apply* of *values*, value by value where one at the *scalar* positions is a list."""
    several = [index for index in scalar if isinstance(values[index], tuple)]
    if not several:
        return apply(*values)
    length = len(values[several[0]])
    if any(len(values[index]) != length for index in several):
        raise Failed
    results = []
    for at in range(length):
        row = [value[at] if index in several else value for index, value in enumerate(values)]
        results.append(None if any(row[index] is None for index in several) else apply(*row))
    had_gaps = any(None in [*values[index]] for index in several)
    return listed(results) if had_gaps else closed(listed(results))


def listed(results: list) -> ExpressionValue:
    """Return results as a list, gaps in place; a list among them joins, which closes the gaps; flow signals stand alone."""
    if any(isinstance(result, tuple) for result in results):
        results = [
            v for result in results for v in (result if isinstance(result, tuple) else [result]) if v is not None
        ]
    signals = {result for result in results if isinstance(result, FlowSignal)}
    values = [result for result in results if result is not None and not isinstance(result, FlowSignal)]
    if signals and (values or len(signals) > 1):
        raise Failed
    return signals.pop() if signals else tuple(results) if values else None


def closed(value: ExpressionValue) -> ExpressionValue:
    """Return *value* without gaps."""
    return (tuple(entry for entry in value if entry is not None) or None) if isinstance(value, tuple) else value


def flags(value: ExpressionValue) -> ExpressionValue:
    """Return *value* as a condition."""
    if value is None:
        return False
    if all(entry is None or type(entry) is bool for entry in (value if isinstance(value, tuple) else (value,))):
        return value
    raise Failed


def binary(symbol: str, left: ExpressionValue, right: ExpressionValue) -> ExpressionValue:
    """Return `left symbol right` for everything but `&&` and `||`."""
    comparing = symbol in ("=", "<>", "<", "<=", ">", ">=")
    if (
        None in (left, right)
        and symbol != "&"
        and (comparing or (not isinstance(left, tuple) and not isinstance(right, tuple)))
    ):
        return False if comparing else None
    return mapped(lambda one, other: single(symbol, one, other), [left, right], [0, 1])


def single(symbol: str, left: ExpressionValue, right: ExpressionValue) -> ExpressionValue:
    """Return `left symbol right` of two single values."""
    if symbol == "&":
        return joined(left, right)
    if symbol in ("+", "-", "*", "/"):
        return None if left is None or right is None else arithmetic(symbol, left, right)
    if type(left) is not type(right) or isinstance(left, FlowSignal):
        raise Failed
    if symbol in ("=", "<>"):
        return (left == right) is (symbol == "=")
    if type(left) not in (str, int, datetime):
        raise Failed
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[symbol]


def joined(left: ExpressionValue, right: ExpressionValue) -> str | bytes:
    """Return `left & right` of two single values."""
    if isinstance(left, bytes) or isinstance(right, bytes):
        if {type(left), type(right)} <= {bytes, type(None)}:
            return (left or b"") + (right or b"")
        raise Failed
    return text(left) + text(right)


def arithmetic(symbol: str, left: ExpressionValue, right: ExpressionValue) -> int:
    """Return the 64-bit result of two single values."""
    if type(left) is not int or type(right) is not int or (symbol == "/" and right == 0):
        raise Failed
    exact = {"+": left + right, "-": left - right, "*": left * right}
    result = exact[symbol] if symbol in exact else (abs(left) // abs(right)) * (1 if (left < 0) == (right < 0) else -1)
    if not -(2**63) <= result < 2**63:
        raise Failed
    return result


def text(value: ExpressionValue) -> str:
    """Return a single value as `&` reads it."""
    if isinstance(value, datetime | FlowSignal):
        raise Failed
    return "" if value is None else value.text if isinstance(value, Reference) else str(value)


@st.composite
def inputs(draw: st.DrawFn) -> tuple[Node, dict[str, Value]]:
    """Make an expression and an object for it."""
    maker = FUZZ.Maker(lambda options: draw(st.sampled_from(options)), random_functions=False)
    return maker.expression(draw(st.integers(1, 4))), maker.attributes()


@given(inputs())
@MODEST
def test_printing_and_parsing_gives_the_same_tree(made: tuple[Node, dict[str, Value]]) -> None:
    """What is printed means what was parsed, whatever the expression."""
    node, _ = made
    printed = print_expression(node)
    assert parse(printed) == node
    assert print_expression(parse(printed)) == printed


@given(inputs())
@MODEST
def test_compiled_and_walked_agree(made: tuple[Node, dict[str, Value]]) -> None:
    """The closures with their quick paths give exactly what a plain walk over the tree gives, traced or not."""
    node, attributes = made
    try:
        expression = compile_expression(print_expression(node))
    except ExpressionError:
        return
    try:
        wanted = Walker(attributes, FUZZ.PARAMETERS, FUZZ.NOW).whole(expression.node)
    except Failed:
        wanted = Failed
    assert outcome(expression, attributes) == shown(wanted)


def outcome(expression: Expression, attributes: dict[str, Value]) -> str:
    """Return the value of *expression* so that True and 1 differ, or that it failed; traced and untraced must agree."""
    context = Context(attributes, None, FUZZ.PARAMETERS, FUZZ.NOW)
    try:
        value: object = expression.evaluate(context)
    except EvaluationError:
        value = Failed
    traced, _ = expression.trace(context)
    assert shown(Failed if isinstance(traced, EvaluationError) else traced) == shown(value)
    return shown(value)


def shown(value: object) -> str:
    """Return *value* with its type."""
    return repr(value)


@given(st.text(max_size=60), st.sampled_from(["", "IIF(", "[a] & ", "Select($v,[S1],"]))
@MODEST
def test_any_text_is_refused_or_compiles(text: str, begin: str) -> None:
    """No text brings anything but an expression or an error that points into the text."""
    try:
        compile_expression(begin + text)
    except ExpressionError as error:
        assert 0 <= error.start <= len(begin + text)  # noqa: PT017
        assert str(error)  # noqa: PT017


@given(inputs())
@MODEST
def test_every_failure_has_a_place(made: tuple[Node, dict[str, Value]]) -> None:
    """An error points at a part of the text, so that a report can underline it."""
    node, attributes = made
    try:
        expression = compile_expression(print_expression(node))
        expression.evaluate(Context(attributes, None, FUZZ.PARAMETERS, FUZZ.NOW))
    except ExpressionError:
        return
    except EvaluationError as error:
        assert 0 <= error.start < error.end <= len(expression.text)  # noqa: PT017


def test_a_thousand_fuzzed_inputs_show_no_defect() -> None:
    """The fuzzing script itself works; a million inputs are run by hand."""
    ends, defects = FUZZ.batch(4711, 1000)
    assert defects == []
    assert ends["evaluated"] > 100
    with pytest.raises(FUZZ.Defect):
        FUZZ.demand(False, "shown")
