"""The parsed expression: plain values with a place; two nodes are equal when they mean the same, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from adsyncdiag.model.values import FlowSignal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node stands in the text: offsets in characters, end exclusive, its parentheses included."""

    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal(Place):
    """A text, number, True, False, NULL (None), IgnoreThisFlow or AuthoritativeNull; CRLF is the text it stands for."""

    value: str | int | bool | FlowSignal | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Word(Place):
    """A bare word that is no literal: the option of a function, such as UTF8 or vbTextCompare."""

    name: str


@dataclass(frozen=True, slots=True)
class Attribute(Place):
    """`[name]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter(Place):
    """`%Name%`."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable(Place):
    """`$name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation(Place):
    """A minus before an operand that is not a number literal (`-5` is a literal)."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Place):
    """Operands joined by operators of one tier, to be folded from the left: `a || b && c` is ((a || b) && c).

    Flat on purpose: a rule with a hundred `||` is not a hundred levels deep.
    """

    operands: tuple[Node, ...]
    operators: tuple[str, ...]
    parenthesised: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Call(Place):
    """`Name(argument, …)`."""

    name: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Literal | Word | Attribute | Parameter | Variable | Negation | Chain | Call


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside *node*, in the order of the text."""
    match node:
        case Negation(operand=operand):
            return (operand,)
        case Chain(operands=operands):
            return operands
        case Call(arguments=arguments):
            return arguments
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield *node* and everything inside it, outer before inner, left before right."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))
