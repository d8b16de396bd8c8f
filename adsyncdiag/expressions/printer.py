"""Nodes back to text: parsing what is printed gives an equal tree."""

from __future__ import annotations

from adsyncdiag.expressions.nodes import Attribute, Call, Chain, Literal, Negation, Node, Parameter, Variable, Word
from adsyncdiag.expressions.tokens import tier_of
from adsyncdiag.model.values import FlowSignal


def print_expression(node: Node) -> str:
    """Return *node* as an expression, without line breaks but those in its texts, with the parentheses that its meaning needs and no others."""
    match node:
        case Literal(value=value):
            return print_literal(value)
        case Word(name=name):
            return name
        case Attribute(name=name):
            return f"[{name}]"
        case Parameter(name=name):
            return f"%{name}%"
        case Variable(name=name):
            return f"${name}"
        case Negation(operand=operand):
            return f"-{_negated(operand)}"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(print_expression, arguments))})"
        case Chain():
            return _chain(node)


def print_literal(value: str | int | bool | FlowSignal | None) -> str:
    """Return the literal that stands for *value*."""
    if value is None:
        return "NULL"
    if isinstance(value, FlowSignal):
        return value.value
    if not isinstance(value, str):
        return str(value)
    if value == "\r\n":
        return "CRLF"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _chain(node: Chain) -> str:
    tier = tier_of(node.operators[0])
    shown = [_operand(operand, tier) for operand in node.operands]
    pieces = [shown[0]]
    for operator, operand in zip(node.operators, shown[1:], strict=True):
        pieces += (operator, operand)
    return " ".join(pieces)


def _operand(node: Node, tier: int) -> str:
    """Return *node* as an operand in a chain of *tier*; a chain of the same tier was in parentheses, or it were one."""
    shown = print_expression(node)
    return f"({shown})" if isinstance(node, Chain) and tier_of(node.operators[0]) <= tier else shown


def _negated(node: Node) -> str:
    """Return *node* after a minus: `-5` would be a literal and `--a` is no expression, so these get parentheses."""
    shown = print_expression(node)
    number = isinstance(node, Literal) and type(node.value) is int
    return f"({shown})" if number or isinstance(node, Negation | Chain) else shown
