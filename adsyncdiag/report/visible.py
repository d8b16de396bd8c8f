"""Characters that lie to the eye, made visible: controls, escapes, bidirectional overrides, zero-width and blank look-alikes.

Everything from a directory is hostile text. A value may turn the reading direction round (U+202E makes `gpj.exe` look like
`exe.jpg`, [Unicode TR 36] 3.2), move a terminal's cursor (ESC), or merely carry the zero-width blank that makes Entra refuse a
userPrincipalName. All of them are shown for what they are; nothing is dropped, so two values that differ look different.
"""

from __future__ import annotations

import re

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Everything that is not seen or acts on what surrounds it; line feed and tab are left to the page's style sheet."""

_TERMINAL = re.compile(f"{HIDDEN.pattern[:-1]}\t\n]")


def on_page(text: str) -> str:
    """Return *text* with hidden characters as pictures (`␀`, `␛`) or as their number (`[U+202E]`)."""
    return HIDDEN.sub(_picture, text) if HIDDEN.search(text) else text


def on_terminal(text: str) -> str:
    r"""Return *text* on one line with hidden characters as escapes (`\x1b`, `\u202e`), so that no terminal obeys them."""
    return _TERMINAL.sub(lambda match: ascii(match.group())[1:-1], text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"[U+{code:04X}]"
