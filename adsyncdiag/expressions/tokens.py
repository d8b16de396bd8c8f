"""The tokens of the expression language, and how messages name them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class TokenKind(Enum):
    """What a token is; the value is what a message calls it."""

    NUMBER = "a number"
    STRING = "a text"
    ATTRIBUTE = "an attribute"
    PARAMETER = "a parameter"
    VARIABLE = "a variable"
    NAME = "a name"
    OPERATOR = "an operator"
    OPEN = '"("'
    CLOSE = '")"'
    COMMA = '","'
    END = "the end of the expression"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its meaning and its place (offsets in characters, end exclusive)."""

    kind: TokenKind
    text: str
    """The content: a text without quotes and escapes, a name without its brackets, an operator as written."""
    start: int
    end: int
    number: int = 0
    """The value of a number token, at most 2**64 - 1; whether it fits 64 bits depends on a minus before it."""


LOGICAL = frozenset({"&&", "||"})
COMPARING = frozenset({"=", "<>", "<", "<=", ">", ">="})
COMPUTING = frozenset({"&", "+", "-", "*", "/"})
TIERS = (LOGICAL, COMPARING, COMPUTING)
"""The three tiers of operators, loosest first; inside a tier strictly left to right (engine.md 2.1)."""


def tier_of(operator: str) -> int:
    """Return the index in `TIERS` of the tier that *operator* belongs to."""
    return next(index for index, tier in enumerate(TIERS) if operator in tier)


def describe(token: Token) -> str:
    """Return *token* as a message shows it, such as `the attribute [mail]` or `")"`."""
    shown = token.text if len(token.text) <= 40 else f"{token.text[:40]}…"
    match token.kind:
        case TokenKind.END | TokenKind.OPEN | TokenKind.CLOSE | TokenKind.COMMA:
            return str(token.kind.value)
        case TokenKind.ATTRIBUTE:
            return f"the attribute [{shown}]"
        case TokenKind.PARAMETER:
            return f"the parameter %{shown}%"
        case TokenKind.VARIABLE:
            return f"the variable ${shown}"
        case TokenKind.STRING:
            return f'the text "{shown}"'
        case TokenKind.NUMBER:
            return f"the number {shown}"
        case TokenKind.OPERATOR:
            return f'the operator "{shown}"'
        case TokenKind.NAME:
            return f'"{shown}"'
