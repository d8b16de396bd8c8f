"""Expression text to one callable: parse, check, then closures over closures; nothing is pasted into `exec`.

expression = compile_expression("Left(Trim([displayName]),448)", rule="In from AD - User Common")
expression.evaluate(Context({"displayName": " Ann "}))     # "Ann"
"""

from __future__ import annotations

from typing import Final, cast

from adsyncdiag.errors import EvaluationError, ExpressionError
from adsyncdiag.expressions.calls import Part, PlainCall, call, constant
from adsyncdiag.expressions.catalogue import get
from adsyncdiag.expressions.checks import NameCheck, check
from adsyncdiag.expressions.closures import chain
from adsyncdiag.expressions.evaluation import (
    MAX_TRACE,
    NO_VARIABLES,
    UNSET,
    Context,
    Evaluator,
    Site,
    Span,
    Sparse,
    TraceEntry,
    Unset,
    fail,
)
from adsyncdiag.expressions.nodes import (
    Attribute,
    Call,
    Chain,
    Literal,
    Negation,
    Node,
    Parameter,
    Variable,
    Word,
    walk,
)
from adsyncdiag.expressions.operators import negated
from adsyncdiag.expressions.parser import parse
from adsyncdiag.expressions.registry import FunctionInfo, Mode
from adsyncdiag.expressions.shortcuts import choice, shortcut
from adsyncdiag.model.values import ExpressionValue

__all__ = ["Expression", "NameCheck", "compile_expression"]


def compile_expression(text: str, *, rule: str = "", schema: NameCheck | None = None) -> Expression:
    """Return *text* compiled; *rule* is named in messages, *schema* checks attribute names and types (None: neither).

    Raises `ExpressionError` with the place: syntax, unknown function, word, variable or attribute, wrong number of
    arguments, types that cannot fit.
    """
    return Expression(text, parse(text, rule), rule, schema)


class Expression:
    """A compiled expression. Immutable; may be shared between threads, each with its own `Context`."""

    __slots__ = ("_traced", "attributes", "evaluate", "imported", "node", "parameters", "rule", "text", "warnings")

    evaluate: Final[Evaluator]
    """Call it with a `Context`; returns the value, raises only `EvaluationError` with the place in `text`."""

    def __init__(self, text: str, node: Node, rule: str = "", schema: NameCheck | None = None) -> None:
        findings = check(node, text, rule, schema)
        self.text: Final = text
        self.node: Final = node
        self.rule: Final = rule
        self.attributes: Final = frozenset(findings.attributes)
        """Attributes it reads with `[name]` or `ValueCount("name")`."""
        self.imported: Final = frozenset(findings.imported)
        """Attributes it reads with `ImportedValue("name")`."""
        self.parameters: Final = frozenset(findings.parameters)
        self.warnings: Final = tuple(findings.warnings)
        """Sentences about results that depend on what Microsoft's documentation leaves open."""
        self._traced: Evaluator | None = None
        self.evaluate = _Compiler(text, rule, tracing=False).whole(node)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def trace(self, context: Context) -> tuple[ExpressionValue | EvaluationError, tuple[TraceEntry, ...]]:
        """Return the value, or the error instead of raising it, and what every part gave, in order of evaluation.

        Parts that were not evaluated (the other branch of an `IIF`) have no entry; literals have none either; the body of a
        `Select` has one for each value, up to `MAX_TRACE` in all.
        """
        if self._traced is None:
            self._traced = _Compiler(self.text, self.rule, tracing=True).whole(self.node)
        recorded: list[TraceEntry] = []
        context.recorded = recorded
        try:
            value: ExpressionValue | EvaluationError = self._traced(context)
        except EvaluationError as error:
            value = error
        finally:
            context.recorded = []
        return value, tuple(recorded)


class _Compiler:
    def __init__(self, text: str, rule: str, *, tracing: bool) -> None:
        self.text = text
        self.rule = rule
        self.tracing = tracing
        self.slots = 0
        self.scope: dict[str, Evaluator] = {}
        self.keep_gaps = False

    def whole(self, node: Node) -> Evaluator:
        """Return the closure of the whole expression; one with variables gives the context room for them."""
        run, slots = self.part(node).run, self.slots
        if not slots:
            return run

        def evaluate(context: Context) -> ExpressionValue:
            context.variables = [UNSET] * slots
            context.work = 0
            try:
                return run(context)
            finally:
                context.variables = NO_VARIABLES

        return evaluate

    def apart(self, node: Node, *, keep_gaps: bool) -> Part:
        """Return *node* compiled as an argument whose gaps are kept or not, whatever is done around it."""
        before, self.keep_gaps = self.keep_gaps, keep_gaps
        part = self.part(node)
        self.keep_gaps = before
        return part

    def part(self, node: Node) -> Part:
        """Return *node* compiled, computed at once where it is made of literals only."""
        if isinstance(node, Literal):
            return constant(node.value)
        if isinstance(node, Attribute):
            return self.attribute(node)
        made, foldable = self.made(node)
        if self.tracing:
            return Part(_recording(made, self.span(node)))
        if foldable:
            try:
                return constant(made(Context({})))
            except EvaluationError:
                return Part(made)  # it fails when, and only when, it is evaluated
        return Part(made)

    def attribute(self, node: Attribute) -> Part:
        name = node.name

        def evaluate(context: Context) -> ExpressionValue:
            return context.attributes.get(name)

        if self.tracing:
            return Part(_recording(evaluate, self.span(node)))
        return Part(evaluate, attribute=name)

    def made(self, node: Node) -> tuple[Evaluator, bool]:
        """Return the closure of *node*, and whether it gives the same value whatever the context."""
        match node:
            case Parameter(name=name):
                return _parameter(name, self.span(node)), False
            case Variable(name=name):
                return self.scope[name], False
            case Negation(operand=operand):
                return self.negation(operand, self.span(node))
            case Chain(operands=operands, operators=symbols):
                parts = tuple(map(self.part, operands))
                made = chain(parts, symbols, self.span(node), tuple(map(self.span, operands)))
                return made, all(part.constant for part in parts)
            case Call():
                return self.call(node)
            case _:
                raise ExpressionError("this word has no value", text=self.text, start=node.start, end=node.end)

    def negation(self, operand: Node, span: Span) -> tuple[Evaluator, bool]:
        part = self.part(operand)
        return (lambda context: negated(context, part.run(context), span)), part.constant

    def call(self, node: Call) -> tuple[Evaluator, bool]:
        info = get(node.name)
        if info.is_form:
            return self.form(info, node), False
        parts = tuple(self.argument(info, index, argument) for index, argument in enumerate(node.arguments))
        plain = PlainCall(info, len(parts), self.span(node), tuple(map(self.span, node.arguments)))
        made = (None if self.tracing else shortcut(plain, parts)) or call(plain, parts)
        return made, info.pure and all(part.constant for part in parts)

    def argument(self, info: FunctionInfo, index: int, node: Node) -> Part:
        parameter = info.parameter(index)
        if parameter.mode is Mode.WORD:
            return constant(_word(node))
        return self.apart(node, keep_gaps=self.keep_gaps and parameter.mode is Mode.SCALAR)

    def form(self, info: FunctionInfo, node: Call) -> Evaluator:
        site = Site(self.span(node), tuple(map(self.span, node.arguments)), self.keep_gaps)
        if info.binds_variable:
            return self.binding(info, node, site)
        modes = [info.parameter(index).mode for index in range(len(node.arguments))]
        if modes[:1] == [Mode.NAME]:
            named: Evaluator = info.implementation(site, _word(node.arguments[0]))
            return named
        parts = [
            self.apart(argument, keep_gaps=mode is Mode.LAZY)
            for mode, argument in zip(modes, node.arguments, strict=True)
        ]
        quick = choice(site, node.arguments[0], *parts) if info.name == "IIF" and not self.tracing else None
        made: Evaluator = quick or info.implementation(site, *(part.run for part in parts))
        gaps = any(
            mode is Mode.LAZY and _leaves_gaps(argument) for mode, argument in zip(modes, node.arguments, strict=True)
        )
        return _completing(made) if gaps and not site.keep_gaps else made

    def binding(self, info: FunctionInfo, node: Call, site: Site) -> Evaluator:
        """Return the closure of Select, Where or With, whose variable is known in the last argument only."""
        variable, source_node, body_node = node.arguments
        name = cast(Variable, variable).name
        slot, self.slots = self.slots, self.slots + 1
        source = self.apart(source_node, keep_gaps=False).run
        outer = self.scope
        reader = _lazily(slot, source) if info.parameters[1].mode is Mode.LAZY else _reader(slot)
        self.scope = {**outer, name: reader}
        body = self.apart(body_node, keep_gaps=self.keep_gaps and info.name == "With").run
        self.scope = outer
        made: Evaluator = info.implementation(site, slot, source, body)
        return made

    def span(self, node: Node) -> Span:
        return Span(node.start, node.end, self.text[node.start : node.end])


def _word(node: Node) -> str:
    """Return the word or quoted text that *node* is."""
    return node.name if isinstance(node, Word) else str(cast(Literal, node).value)


def _leaves_gaps(branch: Node) -> bool:
    """Say whether *branch* holds a choice that may be about several values."""
    for node in walk(branch):
        if isinstance(node, Call) and node.name in ("IIF", "Switch"):
            conditions = node.arguments[:1] if node.name == "IIF" else node.arguments[::2]
            if not all(map(_asks_for_presence, conditions)):
                return True
    return False


def _asks_for_presence(test: Node) -> bool:
    """Say whether *test* is a call such as IsPresent(…), which takes several values as one."""
    return isinstance(test, Call) and any(entry.mode is Mode.ANY for entry in get(test.name).parameters)


def _completing(run: Evaluator) -> Evaluator:
    """Return *run* without the gaps that the choices inside it leave for each other."""

    def evaluate(context: Context) -> ExpressionValue:
        value = run(context)
        return value.complete() if type(value) is Sparse else value

    return evaluate


def _parameter(name: str, span: Span) -> Evaluator:
    def evaluate(context: Context) -> ExpressionValue:
        value = context.parameters.get(name)
        return value if value is not None else fail(f"the parameter %{name}% is not defined", span)

    return evaluate


def _reader(slot: int) -> Evaluator:
    def evaluate(context: Context) -> ExpressionValue:
        return cast(ExpressionValue, context.variables[slot])

    return evaluate


def _lazily(slot: int, source: Evaluator) -> Evaluator:
    """Return the reader of a variable that is computed when it is first read."""

    def evaluate(context: Context) -> ExpressionValue:
        value = context.variables[slot]
        if isinstance(value, Unset):
            value = context.variables[slot] = source(context)
        return value

    return evaluate


def _recording(run: Evaluator, span: Span) -> Evaluator:
    start, end, text = span.start, span.end, span.text

    def evaluate(context: Context) -> ExpressionValue:
        recorded = context.recorded
        try:
            value = run(context)
        except EvaluationError as error:
            if len(recorded) < MAX_TRACE:
                recorded.append(TraceEntry(start, end, text, error))
            raise
        if len(recorded) < MAX_TRACE:
            shown = value.complete() if type(value) is Sparse else value
            recorded.append(tuple.__new__(TraceEntry, (start, end, text, shown)))  # half the time of TraceEntry(…)
        return value

    return evaluate
