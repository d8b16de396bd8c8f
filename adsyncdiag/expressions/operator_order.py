"""Warnings where a result depends on an operator order that Microsoft's documentation leaves open (server-export.md 3.2).

The page says: all operators equal, left to right. The shipped rules prove three tiers, and no shipped rule shows the order of
the pairs named here, so the product may read them otherwise than we do.
"""

from __future__ import annotations

from adsyncdiag.expressions.nodes import Chain, Node, walk
from adsyncdiag.expressions.tokens import COMPARING, LOGICAL


def order_warnings(node: Node, text: str) -> list[str]:
    """Return one sentence for each place in *text* where parentheses would say what is meant."""
    warnings: list[str] = []
    for inner in walk(node):
        if isinstance(inner, Chain):
            warnings += _of_chain(inner, text[inner.start : inner.end])
    return warnings


def _of_chain(node: Chain, shown: str) -> list[str]:
    symbols = node.operators
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    if symbols[0] in LOGICAL:
        mixed = len(set(symbols)) > 1
        return [f"&& and || without parentheses are taken from left to right: {shown}"] if mixed else []
    if symbols[0] in COMPARING:
        return _of_comparison(node, shown)
    if "&" in symbols and len(set(symbols)) > 1:
        return [f"& beside arithmetic without parentheses is taken from left to right: {shown}"]
    multiplied = next((index for index, symbol in enumerate(symbols) if symbol in "*/"), 0)
    if multiplied and any(symbol in "+-" for symbol in symbols[:multiplied]):
        return [f"* and / bind no tighter than + and -, it is taken from left to right: {shown}"]
    return []


def _of_comparison(node: Chain, shown: str) -> list[str]:
    if len(node.operators) > 1:
        return [f"a comparison of a comparison, taken from left to right: {shown}"]
    right = node.operands[1]
    if isinstance(right, Chain) and not right.parenthesised:
        return [f"what stands right of {node.operators[0]} is computed before it is compared: {shown}"]
    return []
