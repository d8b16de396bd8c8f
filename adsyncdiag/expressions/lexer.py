"""Text to tokens (engine.md 2.1, server-export.md 3.3).

One thing depends on context: `&H1F` is a number only where an operand may start; after an operand `&` concatenates,
since rules write `[a]&"@"&%Domain.FQDN%` without blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adsyncdiag.errors import ExpressionError
from adsyncdiag.expressions.tokens import Token, TokenKind

MAX_LENGTH = 65_536
"""Characters of one expression; the longest shipped one has 576."""
_LARGEST = 2**64 - 1

_TOKEN = re.compile(
    r"""
      (?P<blank>[ \t\r\n]+)
    | \[(?P<attribute>[^\[\]]+)\]
    | "(?P<string>(?:[^"\\]|\\.)*)"
    | %(?P<parameter>[A-Za-z_][A-Za-z0-9_.-]*)%
    | \$(?P<variable>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9]+)
    | (?P<operator>&&|\|\||<=|>=|<>|[=<>&+\-*/])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<comma>,)
    """,
    re.VERBOSE | re.DOTALL,
)
_HEX = re.compile(r"&[Hh]([0-9A-Fa-f]*)")
_ESCAPE = re.compile(r'\\([\\"])')
_KINDS = {
    "attribute": TokenKind.ATTRIBUTE,
    "string": TokenKind.STRING,
    "parameter": TokenKind.PARAMETER,
    "variable": TokenKind.VARIABLE,
    "name": TokenKind.NAME,
    "number": TokenKind.NUMBER,
    "operator": TokenKind.OPERATOR,
    "open": TokenKind.OPEN,
    "close": TokenKind.CLOSE,
    "comma": TokenKind.COMMA,
}
_OPERAND_FOLLOWS = frozenset({TokenKind.OPERATOR, TokenKind.OPEN, TokenKind.COMMA})


def tokenize(text: str, rule: str = "") -> list[Token]:
    """Return the tokens of *text*, the last one of kind END; raise `ExpressionError` at the first wrong character."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters; at most {MAX_LENGTH} are read", rule=rule)
    return list(_tokens(text, rule))


def _tokens(text: str, rule: str) -> Iterator[Token]:
    at, operand_may_start = 0, True
    while at < len(text):
        hexadecimal = _HEX.match(text, at) if operand_may_start else None
        if hexadecimal:
            token = _number(text, hexadecimal, hexadecimal[1], 16, rule)
        else:
            found = _TOKEN.match(text, at)
            if found is None:
                raise _wrong_character(text, at, rule)
            if found.lastgroup == "blank":
                at = found.end()
                continue
            token = _token(text, found, rule)
        yield token
        at, operand_may_start = token.end, token.kind in _OPERAND_FOLLOWS
    yield Token(TokenKind.END, "", len(text), len(text))


def _token(text: str, found: re.Match[str], rule: str) -> Token:
    group = found.lastgroup or ""
    kind, content = _KINDS[group], found[group]
    if kind is TokenKind.NUMBER:
        return _number(text, found, content, 10, rule)
    if kind is TokenKind.STRING:
        content = _ESCAPE.sub(r"\1", content)
    return Token(kind, content, found.start(), found.end())


def _number(text: str, found: re.Match[str], digits: str, base: int, rule: str) -> Token:
    """Return a number token; hexadecimal beyond 63 bits is two's complement, as in .NET (undocumented, chosen)."""
    start, end = found.span()
    if not digits:
        raise ExpressionError("a hexadecimal number needs digits after &H", text=text, start=start, end=end, rule=rule)
    value = int(digits, base) if len(digits) <= 24 else _LARGEST + 1
    if value > _LARGEST:
        raise ExpressionError("this number does not fit 64 bits", text=text, start=start, end=end, rule=rule)
    if base == 16 and value > 2**63 - 1:
        value -= 2**64
    return Token(TokenKind.NUMBER, found[0], start, end, value)


_OPENED = {
    '"': (
        "this text has no closing quote",
        'A backslash before a quote makes it part of the text: one backslash is written "\\\\".',
    ),
    "[": ("this attribute has no name or no closing bracket", "An attribute is written [name]."),
    "%": ("this parameter has no closing %", "A parameter is written %Name%, such as %Domain.FQDN%."),
    "$": ("a variable needs a name after $", "Such as $item in Select($item,[otherPhone],Trim($item))."),
    "|": ("one | is no operator", "Or is written ||."),
    "]": ("this bracket closes nothing", "An attribute is written [name]."),
    "!": ("! is no operator", "Not equal is written <>; not is written X = False."),
    "'": ("this quote is not a straight double quote", 'A text is written "text".'),
    ".": ("numbers are whole: no decimal point", ""),
}


def _wrong_character(text: str, at: int, rule: str) -> ExpressionError:
    char = text[at]
    if char in "“”„«»‘’":
        message, hint = "this quote is not a straight double quote", 'A text is written "text".'
    elif char in _OPENED:
        message, hint = _OPENED[char]
    elif char.isspace():
        message, hint = f"this blank (U+{ord(char):04X}) is not an ordinary one", "Type a blank, a tab or a line break."
    else:
        message, hint = f"the character {char!r} (U+{ord(char):04X}) has no meaning here", ""
    return ExpressionError(message, text=text, start=at, end=at + 1, rule=rule, hint=hint)
