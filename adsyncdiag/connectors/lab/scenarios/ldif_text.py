"""LDIF as ldapsearch writes it ([RFC 2849]): base64 where a value needs it, lines of at most 76 characters."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from adsyncdiag.connectors.lab.scenarios.entries import Entry

_WIDTH = 76
_UNSAFE_FIRST = (" ", ":", "<")


def ldif(entries: Iterable[Entry], comment: str) -> str:
    """Return the text of a file with *entries*, headed by *comment*."""
    records = [f"# {comment}\nversion: 1\n"]
    for found in entries:
        lines = [_line("dn", found.dn)]
        lines += [_line(name, value) for name, values in found.attributes.items() for value in values]
        records.append("\n".join(lines) + "\n")
    return "\n".join(records)


def _line(name: str, value: str | bytes) -> str:
    if isinstance(value, str) and _is_safe(value):
        return _folded(f"{name}: {value}" if value else f"{name}:")
    data = value.encode() if isinstance(value, str) else value
    return _folded(f"{name}:: {base64.b64encode(data).decode()}")


def _is_safe(value: str) -> bool:
    """Say whether *value* is a SAFE-STRING; one that ends in a blank is encoded too, as RFC 2849 asks (note 8)."""
    return value.isascii() and value.isprintable() and not value.startswith(_UNSAFE_FIRST) and not value.endswith(" ")


def _folded(line: str) -> str:
    pieces = [line[:_WIDTH]]
    pieces += [f" {line[at : at + _WIDTH - 1]}" for at in range(_WIDTH, len(line), _WIDTH - 1)]
    return "\n".join(pieces)
