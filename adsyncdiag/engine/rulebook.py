"""Rules compiled once, and only when an object needs them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from adsyncdiag.engine.coercion import Coerce, coerce, coercer
from adsyncdiag.engine.scope import ScopeFilter, compile_filter
from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.compiler import Expression, NameCheck, compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.rules import Direction, Flow, FlowKind, SyncRule
from adsyncdiag.model.schema import AttributeSchema
from adsyncdiag.model.values import AttributeType, ExpressionValue, FlowSignal, Value

Evaluate = Callable[[Context], ExpressionValue]
FlowValue = Callable[[Context], "Value | FlowSignal | None"]
_T = TypeVar("_T")
_CHANGING = ("Now(", "RandomNum(", "Guid(")
"""Functions whose result is not a matter of the attributes alone."""


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """One flow, ready to be evaluated."""

    flow: Flow
    value: FlowValue
    """Gives the value in the target's type; references are still those of the source. Raises `EvaluationError`."""
    needs: tuple[str, ...]
    """Attributes of which one has to be present for a value; without any the flow gives NULL and need not be asked."""
    is_reference: bool
    is_direct: bool


@dataclass(frozen=True, eq=False)
class CompiledRule:
    """One rule with its filter compiled; its flows are compiled the first time it is in scope."""

    rule: SyncRule
    connector: Connector
    scope: ScopeFilter
    book: RuleBook = field(repr=False)

    @cached_property
    def flows(self) -> tuple[CompiledFlow, ...]:
        """The flows; raises `ExpressionError` with the rule's name when one cannot be compiled."""
        return tuple(self.book.compile_flow(self, flow) for flow in self.rule.flows)


class RuleBook:
    """All rules of a server configuration by connector, direction and source type."""

    def __init__(self, configuration: ServerConfiguration) -> None:
        self.configuration = configuration
        self._rules: dict[tuple[UUID, Direction, str], tuple[CompiledRule, ...]] = {}
        self._expressions: dict[str, tuple[Evaluate, tuple[str, ...]]] = {}
        self._remembered: dict[Hashable, object] = {}
        self._filters: dict[Hashable, ScopeFilter] = {}

    def inbound(self, connector: UUID, object_type: str) -> tuple[CompiledRule, ...]:
        """Return the inbound rules for objects of a type, best precedence first, disabled ones included."""
        return self._select(connector, Direction.INBOUND, object_type)

    def outbound(self, connector: UUID, metaverse_type: str) -> tuple[CompiledRule, ...]:
        """Return the outbound rules for metaverse objects of a type, best precedence first, disabled ones included."""
        return self._select(connector, Direction.OUTBOUND, metaverse_type)

    def remembered(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what *make* gave the first time for *key*: what depends on the rules in scope only is computed once."""
        found = self._remembered.get(key)
        if found is None:
            found = self._remembered[key] = make()
        return found  # type: ignore[return-value]

    def join_attributes(self) -> tuple[tuple[tuple[UUID, str], ...], tuple[str, ...]]:
        """Return what a store has to index: (connector, attribute) pairs of outbound joins, metaverse attributes of inbound ones."""
        cs: dict[tuple[UUID, str], None] = {}
        mv: dict[str, None] = {}
        for rule in self.configuration.rules:
            for clause in (clause for group in rule.joins for clause in group):
                if rule.direction is Direction.OUTBOUND:
                    cs[rule.connector, clause.cs_attribute] = None
                else:
                    mv[clause.mv_attribute] = None
        return tuple(cs), tuple(mv)

    def check_expressions(self) -> tuple[int, tuple[str, ...]]:
        """Compile every expression against the schema of its source; return how many there are, and warnings as sentences.

        Raises `ExpressionError`, with the rule and a caret under the place, for an unknown attribute and for types that cannot fit.
        Rules that run are compiled without the schema: an attribute their schema lost is absent then, as in the product.
        """
        count, warnings = 0, []
        for rule in self.configuration.rules:
            owner = self.configuration.connector(rule.connector)
            if owner is None:
                continue
            source = owner.schema if rule.direction is Direction.INBOUND else self.configuration.metaverse
            names = NameCheck(source.attributes)
            for flow in rule.flows:
                if flow.kind is FlowKind.EXPRESSION:
                    count += 1
                    found = compile_expression(flow.text, rule=rule.name, schema=names).warnings
                    warnings += [f"{rule.name}, {flow.target}: {warning}" for warning in found]
        return count, tuple(warnings)

    def attributes_of(self, text: str) -> frozenset[str]:
        """Return every attribute an expression reads, `ImportedValue` included."""
        expression = compile_expression(text)
        return expression.attributes | expression.imported

    def compile_flow(self, compiled: CompiledRule, flow: Flow) -> CompiledFlow:
        """Compile one flow of a rule."""
        rule = compiled.rule
        inbound = rule.direction is Direction.INBOUND
        schema = self.configuration.metaverse if inbound else compiled.connector.schema
        target = schema.attribute(flow.target)
        convert = coercer(target, metaverse=inbound)
        is_reference = target is not None and target.type is AttributeType.REFERENCE
        is_direct = flow.kind is FlowKind.DIRECT
        if is_direct:
            return CompiledFlow(flow, _direct(flow.text, convert), (flow.text,), is_reference, is_direct)
        evaluate, needs = self._source(rule, flow, target)
        return CompiledFlow(flow, _converted(evaluate, convert), needs, is_reference, is_direct)

    def _source(self, rule: SyncRule, flow: Flow, target: AttributeSchema | None) -> tuple[Evaluate, tuple[str, ...]]:
        """Return what evaluates a constant or an expression, and the attributes without which it gives NULL."""
        if flow.kind is FlowKind.CONSTANT:
            return _constant(flow, target), ()
        if flow.text not in self._expressions:
            expression = compile_expression(flow.text, rule=rule.name)
            self._expressions[flow.text] = (expression.evaluate, _needs(expression))
        return self._expressions[flow.text]

    def _filter(self, rule: SyncRule) -> ScopeFilter:
        """Return a rule's filter; rules with the same clauses share one, so that it is asked once for all of them."""
        found = self._filters.get(rule.scope)
        if found is None:
            found = self._filters[rule.scope] = compile_filter(rule)
        return found

    def _select(self, connector: UUID, direction: Direction, source_type: str) -> tuple[CompiledRule, ...]:
        key = (connector, direction, source_type)
        if key not in self._rules:
            owner = self.configuration.connector(connector)
            self._rules[key] = (
                ()
                if owner is None
                else tuple(
                    CompiledRule(rule, owner, self._filter(rule), self)
                    for rule in self.configuration.rules_for(connector, direction)
                    if rule.source_type in (source_type, "*")
                )
            )
        return self._rules[key]


def _direct(name: str, convert: Coerce) -> FlowValue:
    """Return what copies one attribute; most are absent, and absent needs no conversion."""

    def value(context: Context) -> Value | FlowSignal | None:
        found = context.attributes.get(name)
        return None if found is None else convert(found)

    return value


def _converted(evaluate: Evaluate, convert: Coerce) -> FlowValue:
    def value(context: Context) -> Value | FlowSignal | None:
        found = evaluate(context)
        return None if found is None else convert(found)

    return value


def _needs(expression: Expression) -> tuple[str, ...]:
    """Return the attributes of which one must be present: those of an expression that gives NULL when all are absent.

    An expression is a function of its attributes, so asking it once without any tells its result whenever none is there.
    """
    if expression.imported or expression.parameters or any(word in expression.text for word in _CHANGING):
        return ()
    try:
        absent = expression.evaluate(Context(attributes={}, parameters={}))
    except EvaluationError:
        return ()
    return tuple(sorted(expression.attributes)) if absent is None or absent == "" else ()


def _constant(flow: Flow, target: AttributeSchema | None) -> Evaluate:
    """Return a constant in the type of its target; a constant that does not fit fails the object that meets it."""
    try:
        value = coerce(flow.text, target)
    except EvaluationError as error:
        message, code = error.message, error.code

        def fail(_context: Context) -> ExpressionValue:
            raise EvaluationError(message, code=code)

        return fail
    return lambda _context: value
