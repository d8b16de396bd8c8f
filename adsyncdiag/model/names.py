"""Distinguished names and identifiers that compare as the directory compares them.

Attribute names are plain `str` in the schema's own spelling: whoever reads from outside maps them once, at the door
(`Schema.spelling`), so nobody lowers them twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import UUID

from adsyncdiag.errors import UsageError

_ATTRIBUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\Z")
_BLANKS = re.compile(" {2,}")
_HEX = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class Dn:
    """A distinguished name; equal when it names the same object, whatever its case, spacing or escaping.

    `text` is the spelling to show (blanks around separators removed, escapes left as they came);
    `key` is what equality, hashing and ancestry see: one folded string for each RDN, leaf first.
    """

    text: str = field(compare=False)
    key: tuple[str, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Dn:
        """Return the DN that *text* spells; raise `UsageError` with the place when it spells none ([RFC 4514])."""
        if not text.strip():
            raise UsageError(
                "the distinguished name is empty", hint='Give one such as "CN=Ann,OU=corp,DC=contoso,DC=com".'
            )
        rdns = [_rdn(part, start, text) for part, start in _split(text, ",;")]
        return cls(",".join(shown for shown, _ in rdns), tuple(key for _, key in rdns))

    @property
    def rdn(self) -> str:
        """The leftmost component as it is spelt, such as `CN=Ann`."""
        return _split(self.text, ",")[0][0]

    @property
    def parent(self) -> Dn | None:
        """The DN one level up; None for a DN of one component."""
        if len(self.key) < 2:
            return None
        return Dn(self.text[len(self.rdn) + 1 :], self.key[1:])

    def is_under(self, ancestor: Dn) -> bool:
        """Say whether this is *ancestor* itself or lies below it, component by component."""
        size = len(ancestor.key)
        return len(self.key) >= size and self.key[-size:] == ancestor.key

    @property
    def domain(self) -> Dn | None:
        """The trailing DC components, which name the partition; None where there are none."""
        count = 0
        for part in reversed(self.key):
            if not part.startswith("dc="):
                break
            count += 1
        if not count:
            return None
        parts = [shown for shown, _ in _split(self.text, ",")]
        return Dn(",".join(parts[-count:]), self.key[-count:])

    def __str__(self) -> str:
        return self.text


def guid(text: str) -> UUID:
    """Return the GUID that *text* spells, braces and case as they like; raise `UsageError` when it is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is not a GUID") from None


def braced(identifier: UUID) -> str:
    """Return *identifier* as the server export writes it: lower case, in braces."""
    return f"{{{identifier}}}"


def _split(text: str, separators: str) -> list[tuple[str, int]]:
    """Split *text* at separators that are neither escaped nor quoted; each part with its offset."""
    if "\\" not in text and '"' not in text and ";" not in text:
        parts, start = [], 0
        for part in text.split(separators[0]):
            parts.append((part, start))
            start += len(part) + 1
        return parts
    parts, start, at, quoted = [], 0, 0, False
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 2
            continue
        if char == '"':
            quoted = not quoted
        elif char in separators and not quoted:
            parts.append((text[start:at], start))
            start = at + 1
        at += 1
    parts.append((text[start:], start))
    return parts


def _rdn(part: str, start: int, whole: str) -> tuple[str, str]:
    """Return one RDN as spelt and as compared."""
    if ("+" in part and "\\" not in part and '"' not in part) or ("+" in part and len(_split(part, "+")) > 1):
        pairs = [_pair(piece, start + offset, whole) for piece, offset in _split(part, "+")]
        return "+".join(shown for shown, _ in pairs), "+".join(sorted(key for _, key in pairs))
    return _pair(part, start, whole)


def _pair(part: str, start: int, whole: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    name = name.strip()
    value = _trim(value)
    if not equals or not _ATTRIBUTE.match(name) or not value:
        raise UsageError(
            f"{whole!r} is not a distinguished name: {part.strip()!r} at character {start + 1} is not attribute=value",
            hint='Write it as "CN=Ann,OU=corp,DC=contoso,DC=com"; a comma inside a name is written \\, .',
        )
    folded = _BLANKS.sub(" ", _unescape(value, whole).casefold())
    if "+" in folded:  # else a value with a plus would have the key of a component of two pairs
        folded = folded.replace("\\", "\\\\").replace("+", "\\+")
    return f"{name}={value}", f"{name.lower()}={folded}"


def _trim(value: str) -> str:
    """Remove blanks around *value*, but not one that is escaped at its end."""
    value = value.lstrip(" ")
    stripped = value.rstrip(" ")
    escapes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if escapes % 2 and len(stripped) < len(value) else stripped


def _unescape(value: str, whole: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if "\\" not in value:
        return value
    out, at = bytearray(), 0
    while at < len(value):
        if value[at] != "\\":
            out += value[at].encode("utf-8", "surrogatepass")
            at += 1
        elif at + 2 < len(value) and value[at + 1] in _HEX and value[at + 2] in _HEX:
            out.append(int(value[at + 1 : at + 3], 16))
            at += 3
        elif at + 1 < len(value):
            out += value[at + 1].encode("utf-8", "surrogatepass")
            at += 2
        else:
            raise UsageError(f"{whole!r} is not a distinguished name: it ends in a lone backslash")
    return out.decode("utf-8", "replace")
