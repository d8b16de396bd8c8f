"""Functions on distinguished names. They work on the text as it is: escapes stay (server-export.md 3.3)."""

from __future__ import annotations

import re

from adsyncdiag.errors import EvaluationError
from adsyncdiag.expressions.registry import function
from adsyncdiag.model.values import Reference

_ATTRIBUTE = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=")
_SPECIAL = re.compile(r'[,+"\\<>;\x00]')


@function("str DNComponent(ref|str dn, num number)")
def dn_component(dn: Reference | str, number: int) -> str:
    r"""Return the value of component *number* of a DN, counted from the left; escapes stay as they are.

    Example: DNComponent(CRef([dn]),1) of cn=Joe,ou=Sales,… is "Joe". Shipped rules look for "\0ACNF:" in it, so the
    backslash of an escape must still be there. A number out of bounds is the error dn-index-out-of-bounds (the name is from
    the error list of MIM; the page says nothing). A text is taken like a reference. NULL gives NULL.
    Source: Functions Reference, DNComponent; engine.md 2.2, 6.5.
    """
    text = dn.text if isinstance(dn, Reference) else dn
    if number == 1 and "\\" not in text and '"' not in text:
        _, equals, value = text.partition(",")[0].partition("=")
        if equals:
            return value.strip()
    return _value(_components(text), number)


@function("str DNComponentRev(ref|str dn, num number[, enum option])", words=("DC",))
def dn_component_rev(dn: Reference | str, number: int, option: str = "") -> str:
    """Return the value of component *number* of a DN, counted from the right; with DC without the dc= components.

    Example: of cn=Joe,ou=Atlanta,ou=GA,ou=US,dc=contoso,dc=com both DNComponentRev(CRef([dn]),3) and
    DNComponentRev(CRef([dn]),1,"DC") are "US". The option may be quoted, as on the page, or bare. Bounds as in DNComponent.
    Source: Functions Reference, DNComponentRev.
    """
    parts = _components(dn.text if isinstance(dn, Reference) else dn)
    if option:
        parts = [part for part in parts if not part.lstrip()[:3].lower().startswith("dc=")]
    return _value(parts[::-1], number)


@function("str EscapeDNComponent(str value)")
def escape_dn_component(value: str) -> str:
    r"""Return one component of a DN with what LDAP would misread escaped by a backslash.

    Example: EscapeDNComponent("cn=" & [displayName]). Open: whether the leading cn= survives. The page escapes the component
    together with it, so an attribute name with = at the beginning stays, and the value after it is escaped by RFC 4514:
    , + " \ < > ; anywhere, # or a blank first, a blank last.
    Source: Functions Reference, EscapeDNComponent; RFC 4514 2.4.
    """
    found = _ATTRIBUTE.match(value)
    name, text = (value[: found.end()], value[found.end() :]) if found else ("", value)
    escaped = _SPECIAL.sub(lambda char: "\\00" if char[0] == "\0" else f"\\{char[0]}", text)
    if escaped[:1] in (" ", "#"):
        escaped = f"\\{escaped}"
    if len(text) > 1 and text.endswith(" "):
        escaped = f"{escaped[:-1]}\\ "
    return name + escaped


def _components(text: str) -> list[str]:
    """Return the components of a DN as they are spelt, leaf first."""
    if "\\" not in text and '"' not in text:
        return text.split(",")
    parts, start, at, quoted = [], 0, 0, False
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _value(parts: list[str], number: int) -> str:
    if not 1 <= number <= len(parts):
        raise EvaluationError(
            f"component {number} is out of bounds: the name has {len(parts)} to count", code="dn-index-out-of-bounds"
        )
    _, equals, value = parts[number - 1].partition("=")
    if not equals:
        raise EvaluationError("this component of the name has no =", code="cannot-parse-dn-component")
    return value.strip() if not value.endswith("\\ ") else value.lstrip()
