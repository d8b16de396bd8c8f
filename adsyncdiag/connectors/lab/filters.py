"""`$filter`: from text to a test for objects (OData 4.01 URL conventions, as far as Graph's directory takes them).

Offered are eq, ne, ge, le, gt, lt, in, not, and, or, parentheses, startsWith, endsWith and any. Which of them need the
advanced query parameters is the table of Microsoft Learn, "Advanced query capabilities on Microsoft Entra ID objects", with
one exception: onPremisesImmutableId eq works without them, as cmdlets-and-graph.md 4.6 uses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adsyncdiag.connectors.lab.directory import Directory
from adsyncdiag.connectors.lab.document import Entity, Json
from adsyncdiag.connectors.lab.problems import Problem, malformed, unknown_property, unsupported_query
from adsyncdiag.connectors.lab.properties import EXACT, FOLDED, INDEXED, PROPERTIES, RESOURCE_NAMES, Property

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w./]*)|(?P<mark>[(),:]))"
)
_OPERATORS = {"eq": "Equal", "ne": "NotEqual", "ge": "GreaterThanOrEqual", "le": "LessThanOrEqual",
              "gt": "GreaterThan", "lt": "LessThan"}  # fmt: skip
_ENDS_WITH = frozenset({"mail", "otherMails", "userPrincipalName", "proxyAddresses"})
_DEEPEST = 40
_WHERE = "Invalid filter clause"

Test = Callable[[Entity], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled `$filter`."""

    test: Test
    keys: tuple[tuple[str, str], ...] | None
    """Indexed properties and values one of which every match has; None when all objects have to be tested."""

    def candidates(self, directory: Directory) -> list[str] | None:
        """Return the sorted ids worth testing, or None for all."""
        if self.keys is None:
            return None
        return sorted(set().union(*(directory.matching(name, value) for name, value in self.keys)))


def compile_filter(text: str, kind: str, *, advanced: bool) -> Filter:
    """Return the test for *text* on objects of *kind*; raise `Problem` (400) as Graph does."""
    return _Parser(text, kind, advanced=advanced).parse()


class _Parser:
    def __init__(self, text: str, kind: str, *, advanced: bool) -> None:
        self._text = text
        self._kind = kind
        self._advanced = advanced
        self._tokens = tuple(self._split())
        self._next = 0
        self._depth = 0

    def parse(self) -> Filter:
        found = self._either()
        if self._next < len(self._tokens):
            raise self._syntax()
        return found

    def _split(self) -> Iterator[tuple[str, str, int]]:
        position = 0
        end = len(self._text.rstrip())
        while position < end:
            match = _TOKEN.match(self._text, position)
            if match is None:
                if self._text[position:].lstrip().startswith("'"):
                    raise malformed(
                        f"{_WHERE}: There is an unterminated string literal at position {end} in '{self._text}'."
                    )
                raise malformed(f"{_WHERE}: Syntax error at position {position} in '{self._text}'.")
            position = match.end()
            yield str(match.lastgroup), match[str(match.lastgroup)], position

    def _either(self) -> Filter:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise malformed(f"{_WHERE}: The node count limit of '{_DEEPEST}' has been exceeded.")
        found = self._both()
        while self._word("or"):
            found = _or(found, self._both())
        self._depth -= 1
        return found

    def _both(self) -> Filter:
        found = self._unary()
        while self._word("and"):
            found = _and(found, self._unary())
        return found

    def _unary(self) -> Filter:
        if self._word("not"):
            self._needs_advanced("not")
            inner = self._unary_of_not()
            return Filter(lambda entity: not inner.test(entity), None)
        if self._mark("("):
            found = self._either()
            self._expect(")")
            return found
        return self._condition()

    def _unary_of_not(self) -> Filter:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise malformed(f"{_WHERE}: The node count limit of '{_DEEPEST}' has been exceeded.")
        found = self._unary()
        self._depth -= 1
        return found

    def _condition(self) -> Filter:
        kind, name, _ = self._take()
        if kind != "name":
            raise self._syntax(back=1)
        if name.lower() in ("startswith", "endswith") and self._mark("("):
            path = self._path(self._name())
            self._expect(",")
            value = self._literal()
            self._expect(")")
            return self._affix(name.lower(), path, value)
        if name.lower().endswith("/any") and self._mark("("):
            return self._any(self._path(name[:-4]))
        path = self._path(name)
        if self._word("in"):
            return self._in(path)
        operator = self._name().lower()
        if operator not in _OPERATORS:
            raise self._syntax(back=1)
        return self._compare(path, operator, self._literal())

    def _any(self, path: _Path) -> Filter:
        """Parse what follows `property/any(`: `x:x eq 'v'` or `x:startsWith(x,'v')`, alternatives with `or`."""
        variable = self._name()
        self._expect(":")
        if not path.definition.collection:
            raise malformed(f"{_WHERE}: Any/All may only be used following a collection.")
        found = self._element(path, variable)
        while self._word("or"):
            found = _or(found, self._element(path, variable))
        self._expect(")")
        return found

    def _element(self, path: _Path, variable: str) -> Filter:
        name = self._name()
        if name.lower() in ("startswith", "endswith") and self._mark("("):
            if self._name() != variable:
                raise self._syntax(back=1)
            self._expect(",")
            value = self._literal()
            self._expect(")")
            return self._affix(name.lower(), path, value)
        if name != variable:
            raise self._syntax(back=1)
        operator = self._name().lower()
        if operator not in _OPERATORS:
            raise self._syntax(back=1)
        return self._compare(path, operator, self._literal(), element=True)

    def _in(self, path: _Path) -> Filter:
        self._expect("(")
        found = self._compare(path, "eq", self._literal())
        while self._mark(","):
            found = _or(found, self._compare(path, "eq", self._literal()))
        self._expect(")")
        return found

    def _compare(self, path: _Path, operator: str, value: Json, *, element: bool = False) -> Filter:
        needed = path.edm if element or not path.definition.collection else f"Collection({path.edm})"
        given = "Edm.Boolean" if isinstance(value, bool) else "Edm.String"
        mixed = value is not None and (needed == "Edm.Boolean") != (given == "Edm.Boolean")
        if mixed or needed.startswith("Collection"):
            raise malformed(
                f"{_WHERE}: A binary operator with incompatible types was detected. Found operand types '{needed}' and "
                f"'{given}' for operator kind '{_OPERATORS[operator]}'."
            )
        self._offered(path.definition, f"{operator} null" if value is None else operator)
        keys = None
        if operator == "eq" and isinstance(value, str) and path.definition.name in INDEXED:
            keys = ((path.definition.name, value),)
        return Filter(path.compare(operator, value), keys)

    def _affix(self, function: str, path: _Path, value: Json) -> Filter:
        if not isinstance(value, str):
            raise malformed(f"{_WHERE}: No function signature for the function with name '{function}' matches.")
        if function == "endswith":
            self._needs_advanced("endsWith")
            if path.definition.name not in _ENDS_WITH:
                raise self._unsupported(path.definition)
        self._offered(path.definition, function)
        return Filter(path.affix(function, value), None)

    def _offered(self, found: Property, operator: str) -> None:
        if found.filter == "none":
            raise self._unsupported(found)
        basic = operator in ("eq", "startswith") or (operator in ("ge", "le") and found.type != "boolean")
        if not self._advanced and (found.filter == "advanced" or not basic):
            raise self._unsupported(found)

    def _needs_advanced(self, operator: str) -> None:
        if not self._advanced:
            raise unsupported_query(
                f"Operator '{operator}' is not supported because the required parameters might be missing. Try adding "
                "$count=true query parameter and ConsistencyLevel:eventual header. Refer to "
                "https://aka.ms/graph-docs/advanced-queries for more information"
            )

    def _unsupported(self, found: Property) -> Problem:
        return unsupported_query(
            f"Unsupported or invalid query filter clause specified for property '{found.name}' of resource "
            f"'{RESOURCE_NAMES[self._kind]}'."
        )

    def _path(self, text: str) -> _Path:
        first, _, inner = text.partition("/")
        name = FOLDED[self._kind].get(first.lower())
        if name is None or (inner and PROPERTIES[self._kind][name].type != "object"):
            raise unknown_property(self._kind, text, _WHERE)
        return _Path(PROPERTIES[self._kind][name], inner)

    def _literal(self) -> Json:
        kind, text, _ = self._take()
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind in ("moment", "guid"):
            return text
        if kind == "number":
            return float(text) if "." in text else int(text)
        words: dict[str, Json] = {"true": True, "false": False, "null": None}
        if kind == "name" and text.lower() in words:
            return words[text.lower()]
        raise self._syntax(back=1)

    def _name(self) -> str:
        kind, text, _ = self._take()
        if kind != "name":
            raise self._syntax(back=1)
        return text

    def _take(self) -> tuple[str, str, int]:
        if self._next >= len(self._tokens):
            raise self._syntax()
        self._next += 1
        return self._tokens[self._next - 1]

    def _word(self, word: str) -> bool:
        return self._follows("name", word)

    def _mark(self, mark: str) -> bool:
        return self._follows("mark", mark)

    def _follows(self, kind: str, text: str) -> bool:
        if self._next < len(self._tokens):
            found = self._tokens[self._next]
            if found[0] == kind and found[1].lower() == text:
                self._next += 1
                return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise self._syntax()

    def _syntax(self, *, back: int = 0) -> Problem:
        at = self._next - back
        position = self._tokens[at][2] if at < len(self._tokens) else len(self._text)
        return malformed(f"{_WHERE}: Syntax error at position {position} in '{self._text}'.")


@dataclass(frozen=True, slots=True)
class _Path:
    """A property, or a member of a complex one (`onPremisesExtensionAttributes/extensionAttribute1`)."""

    definition: Property
    inner: str

    @property
    def edm(self) -> str:
        return {"boolean": "Edm.Boolean", "integer": "Edm.Int32"}.get(self.definition.type, "Edm.String")

    def values(self, entity: Entity) -> tuple[Json, ...]:
        value = entity.get(self.definition.name)
        if self.inner:
            value = value.get(self.inner) if isinstance(value, dict) else None
        if isinstance(value, list):
            return tuple(value)
        return (value,)

    def compare(self, operator: str, wanted: Json) -> Test:
        right = self._comparable(wanted)
        if operator == "eq":
            return lambda entity: any(self._comparable(value) == right for value in self.values(entity))
        if operator == "ne":
            return lambda entity: all(self._comparable(value) != right for value in self.values(entity))
        return lambda entity: any(_ordered(operator, self._comparable(value), right) for value in self.values(entity))

    def affix(self, function: str, wanted: str) -> Test:
        text = wanted.casefold()
        check = str.startswith if function == "startswith" else str.endswith
        return lambda entity: any(
            isinstance(value, str) and check(value.casefold(), text) for value in self.values(entity)
        )

    def _comparable(self, value: Json) -> Json:
        return value.casefold() if isinstance(value, str) and self.definition.name not in EXACT else value


def _ordered(operator: str, left: Json, right: Json) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        pair: tuple[str | int | float, str | int | float] = (left, right)
    elif isinstance(left, int | float) and isinstance(right, int | float):
        pair = (left, right)
    else:
        return False
    difference = (pair[0] > pair[1]) - (pair[0] < pair[1])  # type: ignore[operator]  # both text or both numbers
    return {"ge": difference >= 0, "le": difference <= 0, "gt": difference > 0, "lt": difference < 0}[operator]


def _and(one: Filter, other: Filter) -> Filter:
    return Filter(
        lambda entity: one.test(entity) and other.test(entity), one.keys if one.keys is not None else other.keys
    )


def _or(one: Filter, other: Filter) -> Filter:
    keys = None if one.keys is None or other.keys is None else one.keys + other.keys
    return Filter(lambda entity: one.test(entity) or other.test(entity), keys)
