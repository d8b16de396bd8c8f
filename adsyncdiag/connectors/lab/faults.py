"""Faults on purpose, to see how a client takes them: `--fault KIND:RATE`, as in `--fault 429:0.1 --fault reset:0.02`.

| kind | what happens |
|---|---|
| `429` | too many requests, with `Retry-After` |
| `429-bare` | too many requests, without it |
| `500` `502` `503` `504` | the service is out of order; 503 with `Retry-After` |
| `reset` | the connection breaks before the request is looked at |
| `truncate` | the request is carried out and the answer breaks off in the middle |
| `lost-answer` | the request is carried out, and the connection breaks before the answer |
| `timeout` | the request is carried out, and nothing comes back until the client gives up |
| `expired-token` | the access token has ended; the next one works |

RATE is between 0 and 1. The token service is never disturbed. With the same seed and the same order of requests the same
requests fail.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from adsyncdiag.errors import UsageError

KINDS = ("429", "429-bare", "500", "502", "503", "504", "reset", "truncate", "lost-answer", "timeout", "expired-token")
STATUSES = frozenset({"429", "429-bare", "500", "502", "503", "504"})
"""Kinds that are an ordinary answer, and so can befall a single request of a batch."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault and how often it comes, 0 to 1."""

    kind: str
    rate: float


class Broken(Exception):
    """The connection breaks; *kind* is `reset`, `lost-answer` or `timeout`. Raised through the WSGI application."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Faults:
    """Decides for each request whether one of *faults* befalls it; *retry_after* in seconds."""

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int = 0, retry_after: int = 1) -> None:
        self.faults = tuple(faults)
        self.retry_after = retry_after
        self._random = random.Random(seed)  # noqa: S311  # for repeatable tests, not for secrets
        self._lock = threading.Lock()

    def draw(self, *, among: frozenset[str] | None = None) -> str:
        """Return the kind of fault for the next request, empty for none; *among* limits the kinds."""
        if not self.faults:
            return ""
        with self._lock:
            chance = self._random.random()
        for fault in self.faults:
            if chance < fault.rate:
                return fault.kind if among is None or fault.kind in among else ""
            chance -= fault.rate
        return ""


def parse_fault(text: str) -> Fault:
    """Return the fault that `KIND:RATE` names; raise `UsageError` when it names none."""
    kind, colon, rate = text.strip().rpartition(":")
    try:
        share = float(rate)
    except ValueError:
        share = -1.0
    if not colon or kind not in KINDS:
        raise UsageError(f"`{text}` names no kind of fault", hint=f"KIND:RATE with one of {', '.join(KINDS)}")
    if not 0 <= share <= 1:
        raise UsageError(f"`{text}`: the rate is a number from 0 to 1", hint="for instance 429:0.1")
    return Fault(kind, share)
