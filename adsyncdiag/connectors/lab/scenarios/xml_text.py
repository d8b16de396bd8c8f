"""Pieces of XML as the server export spells them: blank before `/>` in an empty element, ASCII, LF (server-export.md 0)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr


def element(name: str, text: str = "", **attributes: str) -> str:
    """Return one element with text; an empty text gives `<name />`."""
    head = name + "".join(
        f" {key.replace('__', ':').replace('_', '-')}={quoteattr(value)}" for key, value in attributes.items()
    )
    return f"<{head}>{escape(text)}</{name}>" if text else f"<{head} />"


def around(name: str, parts: Iterable[str]) -> str:
    """Return an element around others; none at all give `<name />`."""
    inside = "".join(parts)
    return f"<{name}>{inside}</{name}>" if inside else f"<{name} />"


def parameter(name: str, value: str, use: str, *, intrinsic: bool = False) -> str:
    """Return one entry of a `parameter-values` list (server-export.md 4.1)."""
    head = f'parameter name={quoteattr(name)} type="string" use="{use}" dataType="String"'
    head += ' intrinsic="1"' if intrinsic else ""
    return f"<{head}>{escape(value)}</parameter>" if value else f"<{head} />"


def secret_parameter(name: str, use: str) -> str:
    """Return an encrypted parameter, which every export leaves empty."""
    return f'<parameter name={quoteattr(name)} type="encrypted-string" use="{use}" dataType="String" encrypted="1" />'
