"""Scoping filters: does a rule apply to an object, and which clause decided (engine.md 1.5).

Groups are ORed, the clauses of a group ANDed; a rule without any group always applies. Decisions where the documentation
is silent or contradicts the product:

* Every operator is false on an absent attribute, except the NOT forms and ISNULL: shipped rules need it
  (`cloudFiltered NOTEQUAL True` holds for ordinary objects, `cloudMastered EQUAL False` does not hold without a value).
* Strings compare without case; numbers as numbers when both sides are numbers (`memberCount LESSTHAN 50000`), else as
  folded text; booleans from `True`, `TRUE`, `true`; binary by base64, or by GUID text when it is 16 bytes long.
* On a multi-valued attribute a positive operator asks for any value, its NOT form for none. ISIN and ISNOTIN take one
  value, and so are EQUAL and NOTEQUAL under the name the editor suggests for multi-valued attributes.
* ISMEMBEROF asks for direct membership.
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adsyncdiag.model.rules import ScopeClause, ScopeOperator, SyncRule
from adsyncdiag.model.trace import ClauseVerdict, RuleVerdict
from adsyncdiag.model.values import Attributes, Reference, Scalar, Value, as_text, each

Membership = Callable[[str], bool]
"""Says whether the object is a direct member of the group with this DN."""


def nowhere_a_member(_group: str) -> bool:
    """Answer for callers without a directory of groups."""
    return False


@dataclass(slots=True)
class ScopeSubject:
    """The object a filter looks at: its attributes, the parameters of its connector and partition, its groups.

    Never changed; not frozen, because one is made for each object and freezing trebles the cost of that.
    """

    attributes: Attributes
    parameters: Mapping[str, str]
    member_of: Membership = nowhere_a_member


Predicate = Callable[[ScopeSubject], bool]
_Test = Callable[[Scalar, str], bool]


@dataclass(frozen=True, slots=True)
class ScopeFilter:
    """A compiled filter of one rule."""

    groups: tuple[tuple[tuple[ScopeClause, Predicate], ...], ...]

    def holds(self, subject: ScopeSubject) -> bool:
        """Say whether the object is in scope."""
        for group in self.groups:
            for _, test in group:
                if not test(subject):
                    break
            else:
                return True
        return not self.groups

    def explain(self, rule: SyncRule, connector: str, subject: ScopeSubject) -> RuleVerdict:
        """Return the verdict with the clauses that decided and the values they met."""
        in_scope, reason, clauses = self._decide(subject)
        if rule.disabled:
            in_scope, reason = False, "the rule is disabled"
        return RuleVerdict(
            rule.id, rule.name, rule.direction, connector, rule.precedence, rule.link_type, in_scope, reason, clauses
        )

    def _decide(self, subject: ScopeSubject) -> tuple[bool, str, tuple[ClauseVerdict, ...]]:
        if not self.groups:
            return True, "the rule has no scoping filter", ()
        failed: list[ClauseVerdict] = []
        for group in self.groups:
            verdicts = [
                ClauseVerdict(str(clause), test(subject), subject.attributes.get(clause.attribute))
                for clause, test in group
            ]
            broken = next((v for v in verdicts if not v.holds), None)
            if broken is None:
                return True, "every clause holds: " + ", ".join(v.clause for v in verdicts), tuple(verdicts)
            failed.append(broken)
        return False, "; ".join(dict.fromkeys(map(_sentence, failed))), tuple(dict.fromkeys(failed))


def compile_filter(rule: SyncRule) -> ScopeFilter:
    """Compile the scoping filter of *rule*."""
    return ScopeFilter(tuple(tuple((clause, _predicate(clause)) for clause in group) for group in rule.scope))


def _sentence(verdict: ClauseVerdict) -> str:
    return f"{verdict.clause} is not met: {_shown(verdict.actual)}"


def _shown(value: Value | None) -> str:
    values = each(value)
    if not values:
        return "the attribute has no value"
    text = ", ".join(as_text(v) for v in values[:3])
    return f"the value is {text}" + (f" and {len(values) - 3} more" if len(values) > 3 else "")


def _predicate(clause: ScopeClause) -> Predicate:
    name, kind, text = clause.attribute, clause.operator, clause.value
    if kind is ScopeOperator.ISNULL:
        return lambda subject: name not in subject.attributes
    if kind is ScopeOperator.ISNOTNULL:
        return lambda subject: name in subject.attributes
    parameter = text[1:-1] if len(text) > 2 and text[0] == text[-1] == "%" else ""
    if kind is ScopeOperator.ISMEMBEROF:
        return lambda subject: subject.member_of(subject.parameters.get(parameter, "") if parameter else text)
    if kind is ScopeOperator.ISNOTMEMBEROF:
        return lambda subject: not subject.member_of(subject.parameters.get(parameter, "") if parameter else text)
    test = _TESTS[kind]
    positive = kind not in _NEGATED

    def decide(subject: ScopeSubject) -> bool:
        value = subject.attributes.get(name)
        if value is None:
            return not positive
        # `%Name%` stands for a parameter (server-export.md 1.3).
        sought = subject.parameters.get(parameter, "") if parameter else text
        met = any(test(v, sought) for v in value) if isinstance(value, tuple) else test(value, sought)
        return met is positive

    return decide


def _number(text: str) -> int | None:
    """Return the number that a clause's text spells, decimal or `0x`; None when it is none."""
    try:
        return int(text, 0)
    except ValueError:
        return int(text) if text.lstrip("-").isdecimal() and text.isascii() else None


def _equal(value: Scalar, text: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == text.strip().lower()
    if isinstance(value, int):
        number = _number(text)
        return value == number if number is not None else str(value) == text
    if isinstance(value, bytes):
        return _binary_equal(value, text)
    if isinstance(value, Reference):
        return value == Reference(text)
    return value == text or value.casefold() == text.casefold()


def _binary_equal(value: bytes, text: str) -> bool:
    if base64.b64encode(value).decode() == text:
        return True
    return len(value) == 16 and str(UUID(bytes_le=value)) == text.strip("{} ").lower()


def _ordered(compare: Callable[[Any, Any], bool]) -> _Test:
    def test(value: Scalar, text: str) -> bool:
        number = _number(text)
        own = value if isinstance(value, int) and not isinstance(value, bool) else _number(as_text(value))
        if number is not None and own is not None:
            return compare(own, number)
        return compare(as_text(value).casefold(), text.casefold())

    return test


def _bits(value: Scalar, text: str) -> bool:
    mask = _number(text)
    own = value if isinstance(value, int) else _number(as_text(value))
    return mask is not None and own is not None and bool(own & mask)


_TESTS: dict[ScopeOperator, _Test] = {
    ScopeOperator.EQUAL: _equal,
    ScopeOperator.NOTEQUAL: _equal,
    ScopeOperator.ISIN: _equal,
    ScopeOperator.ISNOTIN: _equal,
    ScopeOperator.LESSTHAN: _ordered(operator.lt),
    ScopeOperator.LESSTHAN_OR_EQUAL: _ordered(operator.le),
    ScopeOperator.GREATERTHAN: _ordered(operator.gt),
    ScopeOperator.GREATERTHAN_OR_EQUAL: _ordered(operator.ge),
    ScopeOperator.CONTAINS: lambda value, text: text.casefold() in as_text(value).casefold(),
    ScopeOperator.NOTCONTAINS: lambda value, text: text.casefold() in as_text(value).casefold(),
    ScopeOperator.STARTSWITH: lambda value, text: as_text(value).casefold().startswith(text.casefold()),
    ScopeOperator.NOTSTARTSWITH: lambda value, text: as_text(value).casefold().startswith(text.casefold()),
    ScopeOperator.ENDSWITH: lambda value, text: as_text(value).casefold().endswith(text.casefold()),
    ScopeOperator.NOTENDSWITH: lambda value, text: as_text(value).casefold().endswith(text.casefold()),
    ScopeOperator.ISBITSET: _bits,
    ScopeOperator.ISBITNOTSET: _bits,
}
_NEGATED = frozenset(
    {
        ScopeOperator.NOTEQUAL,
        ScopeOperator.ISNOTIN,
        ScopeOperator.NOTCONTAINS,
        ScopeOperator.NOTSTARTSWITH,
        ScopeOperator.NOTENDSWITH,
        ScopeOperator.ISBITNOTSET,
    }
)
