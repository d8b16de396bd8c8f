"""JSON as Graph sends it: a mapping that may hold anything, read through functions that insist on a type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from adsyncdiag.model.trace import Json

Payload: TypeAlias = "Mapping[str, Json]"


def text(payload: Payload, name: str) -> str:
    """Return the text at *name*; "" when it is missing, null or no text."""
    found = payload.get(name)
    return found if isinstance(found, str) else ""


def flag(payload: Payload, name: str) -> bool:
    """Say whether *name* holds true itself, not merely something that counts as true."""
    return payload.get(name) is True


def part(payload: Payload, name: str) -> Payload:
    """Return the object at *name*; an empty one when there is none."""
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def entries(payload: Payload, name: str) -> tuple[Payload, ...]:
    """Return the objects of the list at *name*; whatever is no object is left out."""
    found = payload.get(name)
    return tuple(entry for entry in found if isinstance(entry, dict)) if isinstance(found, list) else ()


def texts(payload: Payload, name: str) -> tuple[str, ...]:
    """Return the texts of the list at *name*; whatever is no text is left out."""
    found = payload.get(name)
    return tuple(entry for entry in found if isinstance(entry, str)) if isinstance(found, list) else ()
