"""One `SynchronizationRule_{GUID}.xml` (server-export.md 1)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from adsyncdiag.model.rules import (
    Direction,
    Flow,
    FlowKind,
    JoinClause,
    LinkType,
    MergeType,
    ScopeClause,
    ScopeOperator,
    SyncRule,
)
from adsyncdiag.serverconfig.xml import Node, shown

ROOT = "synchronizationRule"
MEMBERSHIP = (ScopeOperator.ISMEMBEROF, ScopeOperator.ISNOTMEMBEROF)

_Word = TypeVar("_Word", bound=Enum)

_DIRECTIONS = {word.value.lower(): word for word in Direction}
_LINK_TYPES = {word.value.lower(): word for word in LinkType}
_MERGE_TYPES = {word.value.lower(): word for word in MergeType}
_OPERATORS = {word.value.lower(): word for word in ScopeOperator} | {
    # Microsoft's documentation spells these two otherwise than the product does (engine.md 8).
    "isnotbitset": ScopeOperator.ISBITNOTSET,
    "notstartwith": ScopeOperator.NOTSTARTSWITH,
}


def rule(node: Node) -> SyncRule:
    """Return the rule that *node* describes; its connector and precedence are checked where all rules are known."""
    return SyncRule(
        id=node.identifier("id"),
        name=node.required("name"),
        direction=_word(node, "direction", _DIRECTIONS),
        connector=node.identifier("connector"),
        source_type=node.required("sourceObjectType"),
        target_type=node.required("targetObjectType"),
        link_type=_word(node, "linkType", _LINK_TYPES),
        precedence=node.integer("precedence"),
        scope=_scope(node),
        joins=_joins(node),
        flows=tuple(_flow(mapping) for mapping in node.all("attribute-mappings/mapping")),
        description=node.text("description"),
        immutable_tag=node.text("immutable-tag"),
        disabled=node.flag("disabled"),
        password_sync=node.flag("EnablePasswordSync"),
        version=node.integer("version", 1),
        file=node.file,
    )


def _scope(node: Node) -> tuple[tuple[ScopeClause, ...], ...]:
    """Return the groups of the scoping filter; a group without a clause says nothing and is left out."""
    groups = (
        tuple(_scope_clause(clause) for clause in group.all("scope"))
        for group in node.all("synchronizationCriteria/conditions")
    )
    return tuple(group for group in groups if group)


def _scope_clause(node: Node) -> ScopeClause:
    """Return one clause; a test for membership asks about the object itself and may name no attribute."""
    operator = _word(node, "csOperator", _OPERATORS)
    attribute = node.text("csAttribute") if operator in MEMBERSHIP else node.required("csAttribute")
    return ScopeClause(attribute, operator, node.value("csValue"))


def _joins(node: Node) -> tuple[tuple[JoinClause, ...], ...]:
    """Return the join groups in the order they are tried; a group without a condition is left out."""
    groups = (
        tuple(_join_clause(clause) for clause in group.all("condition"))
        for group in node.all("relationshipCriteria/conditions")
    )
    return tuple(group for group in groups if group)


def _join_clause(node: Node) -> JoinClause:
    return JoinClause(node.required("csAttribute"), node.required("ilmAttribute"), node.flag("caseSensitive"))


def _flow(node: Node) -> Flow:
    """Return one attribute mapping; its kind follows from what is filled in, in this order (server-export.md 1.1)."""
    target = node.required("dest")
    merge = _word(node, "valueMergeType", _MERGE_TYPES, MergeType.UPDATE)
    once = node.element.get("execute-once", "").lower() in ("true", "1")
    if expression := node.text("expression"):
        return Flow(target, FlowKind.EXPRESSION, expression, merge, once)
    source = node.child("src")
    if source is None:
        raise node.error(f"the flow to {shown(target)} has neither an expression nor a source", "src")
    attributes = [found.text() for found in source.all("attr")]
    if not attributes:
        return Flow(target, FlowKind.CONSTANT, source.value(), merge, once)
    if len(attributes) > 1 or not attributes[0]:
        raise node.error(f"the direct flow to {shown(target)} has to name one source attribute", "src/attr")
    return Flow(target, FlowKind.DIRECT, attributes[0], merge, once)


def _word(node: Node, path: str, words: Mapping[str, _Word], default: _Word | None = None) -> _Word:
    """Return the member that the text at *path* names, whatever its case."""
    text = node.text(path)
    if not text and default is not None:
        return default
    word = words.get(text.lower())
    if word is None:
        known = ", ".join(dict.fromkeys(member.value for member in words.values()))
        raise node.error(
            f"{shown(text)} is unknown" if text else "is missing or empty", path, hint=f"Known are: {known}."
        )
    return word
