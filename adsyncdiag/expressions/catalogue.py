"""All functions of the language: the registry once every module under `functions/` has registered its own."""

from __future__ import annotations

import adsyncdiag.expressions.functions  # noqa: F401 - its modules register their functions
from adsyncdiag.expressions.registry import REGISTERED, FunctionInfo


def functions() -> tuple[FunctionInfo, ...]:
    """Return every function, by name."""
    return tuple(sorted(REGISTERED.values(), key=lambda info: info.name.lower()))


def find(name: str) -> FunctionInfo | None:
    """Return the function of exactly this name, or None."""
    return REGISTERED.get(name)


def get(name: str) -> FunctionInfo:
    """Return the function of exactly this name, which there must be (KeyError)."""
    return REGISTERED[name]
