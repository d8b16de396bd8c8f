"""Text as .NET counts it: in UTF-16 code units, so a character beyond U+FFFF (an emoji) counts twice."""

from __future__ import annotations

import sys
from array import array

_CODEC = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def is_wide(text: str) -> bool:
    """Say whether *text* has a character that .NET counts as two."""
    return not text.isascii() and max(text) > "\uffff"


def widened(text: str) -> str:
    """Return *text* with each such character as its two halves, so that positions are those of .NET."""
    return "".join(map(chr, array("H", text.encode(_CODEC, "surrogatepass"))))


def narrowed(units: str) -> str:
    """Return the text that *units* spell; half a character, left over by a cut, is dropped.

    .NET would keep the half, which no directory accepts; dropping it is our choice.
    """
    return units.encode(_CODEC, "surrogatepass").decode(_CODEC, "ignore")


def encodable(text: str) -> str:
    """Return *text* with U+FFFD for halves of characters, as .NET's encoders write them."""
    return text.encode(_CODEC, "surrogatepass").decode(_CODEC, "replace")
