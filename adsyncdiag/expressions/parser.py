"""Tokens to nodes, by the grammar of server-export.md 3.4.

    expression = operand , { operator , operand } ;      grouped by the three tiers of `tokens.TIERS`
    operand    = [ "-" ] , primary ;
    primary    = number | text | attribute | parameter | variable | word | call | "(" , expression , ")" ;

Microsoft's page gives all operators one priority. The shipped rules need three: logic, comparison, everything else,
each from left to right (engine.md 2.1, "Precedence").
"""

from __future__ import annotations

from dataclasses import replace

from adsyncdiag.errors import ExpressionError
from adsyncdiag.expressions.lexer import tokenize
from adsyncdiag.expressions.nodes import Attribute, Call, Chain, Literal, Negation, Node, Parameter, Variable, Word
from adsyncdiag.expressions.tokens import TIERS, Token, TokenKind, describe
from adsyncdiag.model.values import FlowSignal

MAX_DEPTH = 100
"""Levels of parentheses and calls; newer default rules reach 12."""
_LARGEST = 2**63 - 1

CONSTANTS: dict[str, str | bool | FlowSignal | None] = {
    "NULL": None,
    "True": True,
    "False": False,
    "CRLF": "\r\n",
    "IgnoreThisFlow": FlowSignal.IGNORE,
    "AuthoritativeNull": FlowSignal.AUTHORITATIVE_NULL,
}
"""The bare words that are values; like every name of the language they are case-sensitive."""

_INSTEAD = {
    "and": "And is written &&.",
    "or": "Or is written ||.",
    "not": "There is no Not: write X = False.",
    "mod": "There is no remainder operator.",
}


def parse(text: str, rule: str = "") -> Node:
    """Return what *text* means; raise `ExpressionError` with the place where it means nothing."""
    return _Parser(text, rule).whole()


class _Parser:
    def __init__(self, text: str, rule: str) -> None:
        self.text = text
        self.rule = rule
        self.tokens = tokenize(text, rule)
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        node = self.expression()
        if self.current.kind is not TokenKind.END:
            raise self.unexpected("an operator or the end")
        return node

    def expression(self) -> Node:
        """Read operands and operators as far as they go, then group them."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(f"more than {MAX_DEPTH} levels of parentheses and calls", self.current)
        operands, operators = [self.operand()], []
        while self.current.kind is TokenKind.OPERATOR:
            operators.append(self.take().text)
            operands.append(self.operand())
        self.depth -= 1
        return _grouped(operands, operators, 0)

    def operand(self) -> Node:
        """Read one operand with its minus."""
        token = self.current
        if token.kind is not TokenKind.OPERATOR or token.text != "-":
            return self.primary()
        self.take()
        if self.current.kind is TokenKind.NUMBER:
            return self.number(minus=token)
        operand = self.primary()
        return Negation(operand, start=token.start, end=operand.end)

    def primary(self) -> Node:
        """Read one operand."""
        token = self.current
        match token.kind:
            case TokenKind.NUMBER:
                return self.number()
            case TokenKind.NAME:
                return self.word_or_call()
            case TokenKind.OPEN:
                return self.parenthesised()
            case TokenKind.STRING:
                node: Node = Literal(token.text, start=token.start, end=token.end)
            case TokenKind.ATTRIBUTE:
                node = Attribute(token.text, start=token.start, end=token.end)
            case TokenKind.PARAMETER:
                node = Parameter(token.text, start=token.start, end=token.end)
            case TokenKind.VARIABLE:
                node = Variable(token.text, start=token.start, end=token.end)
            case _:
                raise self.unexpected("a value")
        self.take()
        return node

    def number(self, minus: Token | None = None) -> Node:
        token = self.take()
        start = minus.start if minus else token.start
        value = -token.number if minus else token.number
        if not -_LARGEST - 1 <= value <= _LARGEST:
            raise self.wrong("this number does not fit 64 bits", token)
        return Literal(value, start=start, end=token.end)

    def word_or_call(self) -> Node:
        name = self.take()
        if self.current.kind is TokenKind.OPEN:
            return self.call(name)
        if name.text in CONSTANTS:
            return Literal(CONSTANTS[name.text], start=name.start, end=name.end)
        return Word(name.text, start=name.start, end=name.end)

    def call(self, name: Token) -> Node:
        self.take()
        arguments = []
        if self.current.kind is not TokenKind.CLOSE:
            arguments.append(self.expression())
            while self.current.kind is TokenKind.COMMA:
                self.take()
                arguments.append(self.expression())
        if self.current.kind is not TokenKind.CLOSE:
            raise self.unexpected(f'"," or the ")" that ends {name.text}')
        return Call(name.text, tuple(arguments), start=name.start, end=self.take().end)

    def parenthesised(self) -> Node:
        opened = self.take()
        inner = self.expression()
        if self.current.kind is not TokenKind.CLOSE:
            raise self.unexpected('an operator or ")"')
        end = self.take().end
        if isinstance(inner, Chain):
            return replace(inner, start=opened.start, end=end, parenthesised=True)
        return replace(inner, start=opened.start, end=end)

    @property
    def current(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def unexpected(self, expected: str) -> ExpressionError:
        token = self.current
        hint = _INSTEAD.get(token.text.lower(), "") if token.kind is TokenKind.NAME else ""
        if token.kind is TokenKind.OPERATOR and token.text == "=" and self.at and self.tokens[self.at - 1].text == "=":
            hint = "Equal is written with one =."
        return self.wrong(f"{expected} is expected here, not {describe(token)}", token, hint)

    def wrong(self, message: str, token: Token, hint: str = "") -> ExpressionError:
        return ExpressionError(message, text=self.text, start=token.start, end=token.end, rule=self.rule, hint=hint)


def _grouped(operands: list[Node], operators: list[str], tier: int) -> Node:
    """Return the tree of one flat row: split at the operators of *tier*, each part grouped by the tiers below."""
    if not operators:
        return operands[0]
    parts, kept, begin = [], [], 0
    for index, operator in enumerate(operators):
        if operator in TIERS[tier]:
            parts.append(_grouped(operands[begin : index + 1], operators[begin:index], tier + 1))
            kept.append(operator)
            begin = index + 1
    parts.append(_grouped(operands[begin:], operators[begin:], tier + 1))
    if not kept:
        return parts[0]
    return Chain(tuple(parts), tuple(kept), start=parts[0].start, end=parts[-1].end)
