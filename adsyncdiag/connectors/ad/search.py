"""Reading one entry whole: base search, then the rest of every attribute that came in ranges.

AD answers with at most MaxValRange values of one attribute (1,500 by default) and renames it `member;range=0-1499`; who
ignores that loses members in silence ([MS-ADTS] 3.1.1.3.1.3.3). `member` is asked for by ranges from the start, so that the
same path runs against servers that would give everything at once. Values that are removed from a group between two ranges
may shift one another out of sight; the next read sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adsyncdiag.connectors.ad.convert import Entry
from adsyncdiag.connectors.ad.ranges import ValueRange
from adsyncdiag.connectors.ad.session import Answer, Session
from adsyncdiag.errors import ConnectorRefused

ANY = "(objectClass=*)"
SUCCESS, REFERRAL, NO_SUCH_OBJECT, INVALID_DN, NO_RIGHTS = 0, 10, 32, 34, 50
RANGE_SIZE = 1500
_TRIES = 3


def first_range(name: str, size: int = RANGE_SIZE) -> str:
    """Return what to ask for instead of *name* to get its first values and to learn whether there are more."""
    return f"{name};range=0-{size - 1}"


def read_whole(session: Session, dn: str, attributes: Sequence[str], *, size: int = RANGE_SIZE) -> Answer:
    """Return the answer to a base search at *dn*; its entry has every attribute under its own name, and whole."""
    for _ in range(_TRIES):
        answer = session.search(dn, ANY, attributes)
        if answer.code != SUCCESS or not answer.entries:
            return answer
        opened = session.opened
        entry = _completed(session, dn, answer.entries[0], size)
        if session.opened == opened:
            return replace(answer, entries=(entry,))
        # A new connection may have gone to another domain controller, whose order of values is its own.
    raise _broken(session, dn, "a connection that drops again and again")


def _completed(session: Session, dn: str, entry: Entry, size: int) -> Entry:
    whole: dict[str, Sequence[bytes]] = {}
    for description, values in entry.attributes.items():
        ranged = ValueRange.parse(description)
        if ranged is None:
            whole.setdefault(description, values)
        else:
            whole[ranged.name] = (*values, *_rest(session, dn, ranged, size))
    return Entry(entry.dn, whole)


def _rest(session: Session, dn: str, ranged: ValueRange, size: int) -> list[bytes]:
    """Return the values after the first range, one request a range; each has to go on where the last one ended."""
    values: list[bytes] = []
    expected = 0
    while True:
        if ranged.low != expected or (ranged.high is not None and ranged.high < ranged.low):
            raise _broken(session, dn, f"the range from {ranged.low} of {ranged.name} where {expected} was due")
        if ranged.high is None:
            return values
        expected = ranged.high + 1
        answer = session.search(dn, ANY, (f"{ranged.name};range={expected}-{expected + size - 1}",))
        if answer.code != SUCCESS or not answer.entries:
            raise _broken(session, dn, f"result {answer.code} where {ranged.name} from {expected} was due")
        following = _following(answer.entries[0])
        if following is None:
            return values  # the group shrank meanwhile: nothing is left from here on
        ranged, more = following
        values.extend(more)


def _following(entry: Entry) -> tuple[ValueRange, Sequence[bytes]] | None:
    for description, values in entry.attributes.items():
        if ranged := ValueRange.parse(description):
            return ranged, values
    return None


def _broken(session: Session, dn: str, what: str) -> ConnectorRefused:
    return ConnectorRefused(
        f"{session.target.url} answered the search for {dn} with {what}, so the object cannot be read whole",
        hint="Try again; if it stays so, name another domain controller.",
        code="failed-search",
    )
