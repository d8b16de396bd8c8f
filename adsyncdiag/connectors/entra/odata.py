"""Paths and queries of Graph: values from a directory become literals that cannot leave their quotes.

A literal doubles its quotation marks (OData 4.01 URL Conventions 5.1.1.6.1) and is then percent-encoded as a whole, so
that `#`, `+`, `=`, `&` and `/` stay part of it (cmdlets-and-graph.md 4.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote


def literal(value: str) -> str:
    """Return *value* as an OData string literal, not yet percent-encoded."""
    return "'" + value.replace("'", "''") + "'"


def encoded(value: str) -> str:
    """Return *value* percent-encoded throughout; what UTF-8 cannot carry becomes a question mark, which matches nothing."""
    return quote(value, safe="", errors="replace")


def path(*segments: str) -> str:
    """Return a path of *segments*, each encoded, so that none of them can climb into another."""
    return "".join("/" + encoded(segment) for segment in segments)


def equals(name: str, value: str) -> str:
    """Return the query option that keeps the objects whose property *name* equals *value*."""
    return "$filter=" + encoded(f"{name} eq {literal(value)}")


def any_equals(name: str, value: str) -> str:
    """Return the query option that keeps the objects with *value* among the values of *name*."""
    return "$filter=" + encoded(f"{name}/any(p:p eq {literal(value)})")


def select(names: Iterable[str]) -> str:
    """Return the query option that asks for *names* only; most of what we read comes no other way."""
    return "$select=" + ",".join(names)
