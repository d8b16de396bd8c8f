"""Where the places of the object's path stand in the picture at the top of the page."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from adsyncdiag.model.trace import Hop, HopState

WIDTH = 1000
RADIUS = 17
_LINE = 19
_WORDS = {
    HopState.REACHED: "reached",
    HopState.STOPPED: "stopped here",
    HopState.NOT_REACHED: "not reached",
    HopState.WARNING: "reached, with a warning",
}
_CLASSES = {
    HopState.REACHED: "success",
    HopState.STOPPED: "failure",
    HopState.NOT_REACHED: "skipped",
    HopState.WARNING: "warning",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One place with its coordinates; *way* is the line that leads to it, None for the first."""

    hop: Hop
    state: str
    """Class of its colour and name of its icon: success, failure, skipped, warning."""
    words: str
    x: float
    y: float
    labels: tuple[tuple[float, float, str], ...]
    """x, y and text of each line of its name."""
    words_at: tuple[float, float]
    way: tuple[float, float, float, float] | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The path drawn in a row or in a column."""

    width: float
    height: float
    upright: bool
    places: tuple[Place, ...]


def in_a_row(hops: tuple[Hop, ...]) -> Picture:
    """Return the picture for wide screens and paper."""
    share = WIDTH / max(len(hops), 1)
    y = RADIUS + 5
    places = []
    for index, hop in enumerate(hops):
        x = share * (index + 0.5)
        lines = _lines(hop.name, 22)
        labels = tuple((x, y + RADIUS + _LINE * (line + 1) + 4, text) for line, text in enumerate(lines))
        below = (x, y + RADIUS + _LINE * (len(lines) + 1) + 4)
        way = (x - share + RADIUS + 8, y, x - RADIUS - 8, y) if index else None
        places.append(_place(hop, x, y, labels, below, way))
    height = max((place.words_at[1] for place in places), default=0) + 8
    return Picture(WIDTH, height, False, tuple(places))


def in_a_column(hops: tuple[Hop, ...]) -> Picture:
    """Return the picture for narrow screens."""
    x, gap = RADIUS + 5, 62
    places = []
    for index, hop in enumerate(hops):
        y = RADIUS + 5 + gap * index
        labels = ((x + RADIUS + 14, y - 2, _lines(hop.name, 34)[0]),)
        way = (x, y - gap + RADIUS + 6, x, y - RADIUS - 6) if index else None
        places.append(_place(hop, x, y, labels, (x + RADIUS + 14, y + _LINE - 2), way))
    return Picture(330, 2 * (RADIUS + 5) + gap * max(len(hops) - 1, 0), True, tuple(places))


def _place(
    hop: Hop,
    x: float,
    y: float,
    labels: tuple[tuple[float, float, str], ...],
    words_at: tuple[float, float],
    way: tuple[float, float, float, float] | None,
) -> Place:
    return Place(hop, _CLASSES[hop.state], _WORDS[hop.state], x, y, labels, words_at, way)


def _lines(name: str, width: int) -> list[str]:
    """Break a name at blanks into at most two lines; a picture has no room for more."""
    return wrap(name, width, max_lines=2, placeholder="…", break_long_words=True) or [""]
