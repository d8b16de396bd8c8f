"""What can be known before the first object: names, numbers of arguments, types; and what deserves a warning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from adsyncdiag.errors import ExpressionError
from adsyncdiag.expressions.calls import describe_kinds, misfit
from adsyncdiag.expressions.catalogue import find, functions
from adsyncdiag.expressions.nodes import Attribute, Call, Chain, Literal, Negation, Node, Parameter, Variable, Word
from adsyncdiag.expressions.operator_order import order_warnings
from adsyncdiag.expressions.parser import CONSTANTS
from adsyncdiag.expressions.registry import KIND_OF, FunctionInfo, Kind, Like, Mode, closest
from adsyncdiag.expressions.tokens import COMPARING, LOGICAL
from adsyncdiag.model.values import AttributeType


class TypedAttribute(Protocol):
    """What a schema says of an attribute; `TypedName` and `AttributeSchema` both fit."""

    @property
    def type(self) -> AttributeType:
        """The type of each value."""
        ...

    @property
    def multi_valued(self) -> bool:
        """Whether it may have several."""
        ...


@dataclass(frozen=True, slots=True)
class NameCheck:
    """The attributes that an expression may read, by exact name: `NameCheck(schema.attributes)`."""

    attributes: Mapping[str, TypedAttribute]

    def attribute(self, name: str) -> TypedAttribute | None:
        """Return what is known of the attribute of exactly this name, or None."""
        return self.attributes.get(name)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a value before there is one."""

    kinds: frozenset[Kind] | None = None
    """Its possible types beside NULL; None is not known, empty is NULL only."""
    many: bool | None = None
    """Several values, one, or not known."""


UNKNOWN = Shape()
_NONE: frozenset[Kind] = frozenset()
_KINDS = {
    AttributeType.STRING: Kind.STRING,
    AttributeType.NUMBER: Kind.NUMBER,
    AttributeType.BOOLEAN: Kind.BOOLEAN,
    AttributeType.BINARY: Kind.BINARY,
    AttributeType.REFERENCE: Kind.REFERENCE,
}
_TEXT, _NUMBER, _BOOLEAN = frozenset({Kind.STRING}), frozenset({Kind.NUMBER}), frozenset({Kind.BOOLEAN})
_HINTS = {
    (Kind.NUMBER, Kind.STRING): "CStr(…) makes a number a text.",
    (Kind.REFERENCE, Kind.STRING): "CStr(…) makes a reference a text.",
    (Kind.BOOLEAN, Kind.STRING): "CStr(…) makes True or False a text.",
    (Kind.BINARY, Kind.STRING): "ConvertToBase64(…) makes a binary value a text.",
    (Kind.DATE, Kind.STRING): "FormatDateTime(…) makes a date a text.",
    (Kind.STRING, Kind.NUMBER): "CNum(…) makes a text a number.",
    (Kind.DATE, Kind.NUMBER): "NumFromDate(…) makes a date a number.",
    (Kind.STRING, Kind.DATE): "CDate(…) makes a text a date.",
    (Kind.NUMBER, Kind.DATE): "DateFromNum(…) makes a number a date.",
    (Kind.STRING, Kind.REFERENCE): "CRef(…) makes a text a reference.",
    (Kind.NUMBER, Kind.BOOLEAN): "Compare it, as in X <> 0, or use CBool(…).",
    (Kind.STRING, Kind.BOOLEAN): 'Compare it, as in X = "text".',
}


_PARENTHESES = 'Operators are taken from left to right: write "a" & ([b] + 1).'


@dataclass(slots=True)
class Findings:
    """What a check collects besides errors."""

    attributes: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    shape: Shape = UNKNOWN


def check(node: Node, text: str, rule: str = "", schema: NameCheck | None = None) -> Findings:
    """Return what *node* reads and may return; raise `ExpressionError` for what cannot work on any object."""
    checker = _Checker(text, rule, schema)
    checker.findings.shape = checker.shape(node, {})
    checker.findings.warnings += order_warnings(node, text)
    return checker.findings


class _Checker:
    def __init__(self, text: str, rule: str, schema: NameCheck | None) -> None:
        self.text = text
        self.rule = rule
        self.schema = schema
        self.findings = Findings()

    def shape(self, node: Node, scope: Mapping[str, Shape]) -> Shape:
        """Return what is known of the value of *node*; *scope* are the variables in reach."""
        match node:
            case Literal(value=value):
                return Shape(_NONE, None) if value is None else Shape(frozenset({KIND_OF[type(value)]}), many=False)
            case Attribute(name=name):
                self.findings.attributes.add(name)
                return self.named(name, node)
            case Parameter(name=name):
                self.findings.parameters.add(name)
                return Shape(_TEXT, many=False)
            case Variable(name=name):
                return self.variable(node, name, scope)
            case Word(name=name):
                return self.unknown_word(node, name)
            case Negation(operand=operand):
                inner = self.shape(operand, scope)
                self.demand(inner, _NUMBER, operand, "- computes with numbers, not with {}")
                return Shape(_NUMBER, inner.many)
            case Chain():
                return self.chain(node, scope)
            case _:
                return self.call(node, scope)

    def named(self, name: str, node: Node) -> Shape:
        """Return the shape of the attribute *name*; `dn` is the object's own name and in no schema."""
        if self.schema is None or name == "dn":
            return Shape(frozenset({Kind.STRING, Kind.REFERENCE}), many=False) if name == "dn" else UNKNOWN
        known = self.schema.attribute(name)
        if known is None:
            near = closest(name, list(self.schema.attributes))
            hint = f"Did you mean [{near}]?" if near else "The schema has no attribute of this name."
            self.wrong(f"unknown attribute [{name}]", node, hint)
        return Shape(frozenset({_KINDS[known.type]}), known.multi_valued)

    def variable(self, node: Node, name: str, scope: Mapping[str, Shape]) -> Shape:
        if name in scope:
            return scope[name]
        near = closest(name, list(scope))
        hint = (
            f"Did you mean ${near}?"
            if near
            else "A variable is named first in Select, Where or With, and known inside it."
        )
        return self.wrong(f"unknown variable ${name}", node, hint)

    def unknown_word(self, node: Node, name: str) -> NoReturn:
        if find(name) is not None:
            self.wrong(f"{name} is a function: its arguments are missing", node, f"Write {name}(…).")
        near = closest(name, [*CONSTANTS, *(info.name for info in functions())])
        hint = f"Did you mean {near}?" if near else f'An attribute is written [{name}], a text "{name}".'
        self.wrong(f"unknown word {name}", node, hint)

    def chain(self, node: Chain, scope: Mapping[str, Shape]) -> Shape:
        shapes = [self.shape(operand, scope) for operand in node.operands]
        many = _any_many(shapes)
        if node.operators[0] in LOGICAL:
            for shape, operand in zip(shapes, node.operands, strict=True):
                self.demand(shape, _BOOLEAN, operand, "True or False is needed here, not {}")
            return Shape(_BOOLEAN, many)
        if node.operators[0] in COMPARING:
            left = shapes[0]
            for symbol, right in zip(node.operators, shapes[1:], strict=True):
                self.comparable(left, right, symbol, node)
                left = Shape(_BOOLEAN, many)
            return left
        return self.computation(node, shapes, many)

    def comparable(self, left: Shape, right: Shape, symbol: str, node: Node) -> None:
        """Refuse a comparison of types that are never the same."""
        if not left.kinds or not right.kinds or left.kinds & right.kinds - {Kind.FLOW}:
            return
        message = f"{describe_kinds(left.kinds)} cannot be compared with {describe_kinds(right.kinds)} by {symbol}"
        self.wrong(message, node, self.hint(right.kinds, left.kinds))

    def computation(self, node: Chain, shapes: list[Shape], many: bool | None) -> Shape:
        kinds = shapes[0].kinds
        for index, symbol in enumerate(node.operators, start=1):
            if symbol == "&":
                kinds = self.joined(kinds, shapes[index].kinds, node)
                continue
            if index > 1 and node.operators[index - 2] == "&":
                self.wrong(f"{symbol} would compute with the text that & gives", node, _PARENTHESES)
            for shape, operand in ((Shape(kinds), node.operands[0]), (shapes[index], node.operands[index])):
                self.demand(shape, _NUMBER, operand, symbol + " computes with numbers, not with {}")
            kinds = _NUMBER
        return Shape(kinds, many)

    def joined(self, left: frozenset[Kind] | None, right: frozenset[Kind] | None, node: Node) -> frozenset[Kind] | None:
        """Return the type of `left & right`."""
        for side in (left, right):
            if side and side <= {Kind.DATE, Kind.FLOW}:
                self.wrong(f"{describe_kinds(side)} cannot be joined by &", node, self.hint(side, _TEXT))
        binary = frozenset({Kind.BINARY})
        if left is None or right is None or binary & left or binary & right:
            mixed = left and right and not left & right and binary in (left, right)
            if mixed:
                self.wrong("a binary value cannot be joined with a text", node, self.hint(binary, _TEXT))
            return binary if left == binary and right == binary else frozenset({Kind.STRING, Kind.BINARY})
        return _TEXT

    def call(self, node: Call, scope: Mapping[str, Shape]) -> Shape:
        info = find(node.name)
        if info is None:
            near = closest(node.name, [entry.name for entry in functions()])
            hint = f"Did you mean {near}?" if near else "`adsyncdiag functions` lists all of them."
            if node.name.lower() == "not":
                hint = "There is no Not: write X = False."
            place = Variable(node.name, start=node.start, end=node.start + len(node.name))
            self.wrong(f"unknown function {node.name}", place, hint)
        self.arity(info, node)
        if info.binds_variable:
            return self.binding(info, node, scope)
        shapes = [self.argument(info, index, argument, scope) for index, argument in enumerate(node.arguments)]
        return _result(info, shapes)

    def arity(self, info: FunctionInfo, node: Call) -> None:
        count = len(node.arguments)
        if info.most is None and count >= info.least and count % 2:
            self.findings.warnings.append(
                f"{info.name} has {count} arguments, so one is unpaired: it fails on every object"
            )
        if count < info.least or (info.most is not None and count > info.most):
            wanted = str(info.least) if info.least == info.most else f"{info.least} to {info.most}"
            wanted = f"at least {info.least}" if info.most is None else wanted
            noun = "argument" if wanted == "1" else "arguments"
            self.wrong(f"{info.name} takes {wanted} {noun}, not {count}", node, info.signature)

    def argument(self, info: FunctionInfo, index: int, node: Node, scope: Mapping[str, Shape]) -> Shape:
        """Return the shape of one argument, refusing what its parameter can never take."""
        parameter = info.parameter(index)
        if parameter.mode is Mode.WORD:
            return self.option(info, node)
        if parameter.mode is Mode.NAME:
            return self.quoted(info, node)
        shape = self.shape(node, scope)
        if parameter.mode is Mode.CONDITION:
            self.demand(shape, _BOOLEAN, node, f"{info.name} needs True or False as argument {index + 1}, not {{}}")
        elif parameter.mode is Mode.LIST and shape.many is False and shape.kinds:
            self.wrong(
                misfit(info, index, "a single value"), node, "Item, Count, Join and the like work on several values."
            )
        elif parameter.kinds is not None and shape.kinds and not shape.kinds & parameter.kinds:
            hint = self.hint(shape.kinds, parameter.kinds)
            self.wrong(misfit(info, index, describe_kinds(shape.kinds)), node, hint or info.signature)
        return shape

    def option(self, info: FunctionInfo, node: Node) -> Shape:
        name = node.name if isinstance(node, Word) else node.value if isinstance(node, Literal) else None
        if name not in info.words:
            self.wrong(f"{info.name} takes one of these words here: {', '.join(info.words)}", node)
        return Shape(_TEXT, many=False)

    def quoted(self, info: FunctionInfo, node: Node) -> Shape:
        """Return the shape of the attribute that a quoted name stands for, and note that it is read."""
        if not isinstance(node, Literal) or not isinstance(node.value, str):
            hint = f'Write "{node.name}".' if isinstance(node, Attribute) else info.signature
            self.wrong(f"{info.name} takes an attribute's name in quotes", node, hint)
        reads = self.findings.imported if info.name == "ImportedValue" else self.findings.attributes
        reads.add(node.value)
        return self.named(node.value, node)

    def binding(self, info: FunctionInfo, node: Call, scope: Mapping[str, Shape]) -> Shape:
        """Return the shape of Select, Where or With, whose variable is known in the last argument only."""
        variable, source_node, body_node = node.arguments
        if not isinstance(variable, Variable):
            self.wrong(f"{info.name} takes a variable such as $item first", variable, info.signature)
        source = self.argument(info, 1, source_node, scope)
        item = source if info.parameters[1].mode is Mode.LAZY else Shape(source.kinds, many=False)
        inner = {**scope, variable.name: item}
        body = self.argument(info, 2, body_node, inner)
        match info.name:
            case "With":
                return body
            case "Where":
                return Shape(source.kinds, many=True)
            case _:
                return Shape(body.kinds, many=True)

    def demand(self, shape: Shape, wanted: frozenset[Kind], node: Node, message: str) -> None:
        if shape.kinds and not shape.kinds & wanted:
            self.wrong(message.format(describe_kinds(shape.kinds)), node, self.hint(shape.kinds, wanted))

    def hint(self, have: frozenset[Kind], want: frozenset[Kind]) -> str:
        return next((_HINTS[one, other] for one in have for other in want if (one, other) in _HINTS), "")

    def wrong(self, message: str, node: Node, hint: str = "") -> NoReturn:
        raise ExpressionError(message, text=self.text, start=node.start, end=node.end, rule=self.rule, hint=hint)


def _any_many(shapes: list[Shape]) -> bool | None:
    """Return whether a function applied value by value gives several: one argument with several is enough."""
    if any(shape.many for shape in shapes):
        return True
    return None if any(shape.many is None for shape in shapes) else False


def _result(info: FunctionInfo, shapes: list[Shape]) -> Shape:
    """Return the shape of a call with arguments of these shapes."""
    if info.name in ("IIF", "Switch"):
        branches = shapes[1:] if info.name == "IIF" else shapes[1::2]
        kinds = [branch.kinds for branch in branches]
        known = None if None in kinds else frozenset().union(*(entry for entry in kinds if entry is not None))
        several = {branch.many for branch in branches if branch.kinds != _NONE}
        whole = all(shape.many is False for shape in (shapes[:1] if info.name == "IIF" else shapes[::2]))
        return Shape(known, several.pop() if len(several) == 1 and whole else None)
    if info.like is Like.ELEMENT:
        return Shape(shapes[0].kinds, many=False)
    if info.like is Like.ARGUMENT:
        return shapes[0]
    if info.result is None:
        return Shape(None, True if info.result_is_list else None)
    if info.result_is_list:
        return Shape(info.result, many=True)
    spread = [shape for index, shape in enumerate(shapes) if info.parameter(index).mode is Mode.SCALAR]
    return Shape(info.result, _any_many(spread))
