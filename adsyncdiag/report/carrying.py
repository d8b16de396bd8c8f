"""How values are carried into the document: as text that UTF-8 can hold, and long lists cut (report.md "Long values")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from adsyncdiag.model.trace import Json
from adsyncdiag.model.values import Scalar, as_text
from adsyncdiag.report.document import Values

LONGEST = 200
"""A list up to here is carried whole."""
HEAD, TAIL = 100, 10
"""What is carried of a longer one."""
LONGEST_CHANGE = 5000
"""What an update adds or removes is carried whole up to here: that is what one looks for in a group of 50,000."""

_T = TypeVar("_T")


def plain(text: str) -> str:
    r"""Return *text* with lone surrogates written out as `\ud800`, since UTF-8 cannot hold them.

    They come from JSON that a service escaped half. Their number is kept because it is the evidence.
    """
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries values; *full* carries every list whole (`--full-values`)."""

    full: bool = False

    def values(self, scalars: Sequence[Scalar], longest: int = LONGEST) -> Values:
        """Return *scalars* as text, whole up to *longest* of them."""
        kept = self._cut(scalars, longest)
        head = HEAD if len(kept) < len(scalars) else len(scalars)
        return Values(tuple(plain(as_text(scalar)) for scalar in kept), len(scalars), head)

    def details(self, details: Mapping[str, Json]) -> dict[str, Json]:
        """Return *details* without absent entries ("" and null), nested ones included.

        A long list stays a list, cut; beside it stand its length as `<key>Count` and `truncated: true`.
        """
        carried: dict[str, Json] = {}
        for key, value in details.items():
            if value is None or value == "":
                continue
            name = plain(key)
            carried[name] = self._json(value)
            if isinstance(value, list) and len(self._cut(value, LONGEST)) < len(value):
                carried[f"{name}Count"] = len(value)
                carried["truncated"] = True
        return carried

    def _json(self, value: Json) -> Json:
        if isinstance(value, str):
            return plain(value)
        if isinstance(value, dict):
            return self.details(value)
        if isinstance(value, list):
            return _alike([self._json(entry) for entry in self._cut(value, LONGEST)])
        return value

    def _cut(self, entries: Sequence[_T], longest: int) -> Sequence[_T]:
        if self.full or len(entries) <= longest:
            return entries
        return (*entries[:HEAD], *entries[-TAIL:])


def _alike(entries: list[Json]) -> list[Json]:
    """Return *entries*; where only some are objects the others become `{"value": entry}`.

    Microsoft's client cannot write a list that mixes objects with anything else (kiota 1.16, `write_any_value`).
    """
    objects = sum(isinstance(entry, dict) for entry in entries)
    if objects in (0, len(entries)):
        return entries
    return [entry if isinstance(entry, dict) else {"value": entry} for entry in entries]
