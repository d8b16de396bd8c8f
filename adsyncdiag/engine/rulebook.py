"""Rules compiled once, and only when an object needs them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from adsyncdiag.engine.coercion import coerce
from adsyncdiag.engine.scope import ScopeFilter, compile_filter
from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.compiler import compile_expression
from adsyncdiag.expressions.evaluation import Context
from adsyncdiag.model.configuration import Connector, ServerConfiguration
from adsyncdiag.model.rules import Direction, Flow, FlowKind, SyncRule
from adsyncdiag.model.schema import AttributeSchema
from adsyncdiag.model.values import ExpressionValue

Evaluate = Callable[[Context], ExpressionValue]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """One flow, ready to be evaluated, with the attribute it writes."""

    flow: Flow
    target: AttributeSchema | None
    """None for `dn`, and for an attribute the target's schema does not know."""
    evaluate: Evaluate


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
        self._expressions: dict[str, Evaluate] = {}
        self._remembered: dict[Hashable, object] = {}

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

    def compile_all(self) -> Iterator[CompiledRule]:
        """Compile every rule and flow; raises `ExpressionError` for the first that is wrong."""
        for rule in self.configuration.rules:
            kinds = self._select(rule.connector, rule.direction, rule.source_type)
            for compiled in kinds:
                if compiled.rule.id == rule.id and len(compiled.flows) == len(rule.flows):
                    yield compiled

    def attributes_of(self, text: str) -> frozenset[str]:
        """Return every attribute an expression reads, `ImportedValue` included."""
        expression = compile_expression(text)
        return expression.attributes | expression.imported

    def compile_flow(self, compiled: CompiledRule, flow: Flow) -> CompiledFlow:
        """Compile one flow of a rule."""
        rule = compiled.rule
        schema = self.configuration.metaverse if rule.direction is Direction.INBOUND else compiled.connector.schema
        target = schema.attribute(flow.target)
        if flow.kind is FlowKind.DIRECT:
            name = flow.text
            return CompiledFlow(flow, target, lambda context: context.attributes.get(name))
        if flow.kind is FlowKind.CONSTANT:
            return CompiledFlow(flow, target, _constant(flow, target))
        evaluate = self._expressions.get(flow.text)
        if evaluate is None:
            evaluate = compile_expression(flow.text, rule=rule.name).evaluate
            self._expressions[flow.text] = evaluate
        return CompiledFlow(flow, target, evaluate)

    def _select(self, connector: UUID, direction: Direction, source_type: str) -> tuple[CompiledRule, ...]:
        key = (connector, direction, source_type)
        if key not in self._rules:
            owner = self.configuration.connector(connector)
            self._rules[key] = (
                ()
                if owner is None
                else tuple(
                    CompiledRule(rule, owner, compile_filter(rule), self)
                    for rule in self.configuration.rules_for(connector, direction)
                    if rule.source_type in (source_type, "*")
                )
            )
        return self._rules[key]


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
