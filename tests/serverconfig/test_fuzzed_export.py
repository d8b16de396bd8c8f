"""Whatever stands in the files, loading ends with a configuration or with a ConfigurationError (quality.md R6)."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsyncdiag.errors import ConfigurationError
from adsyncdiag.model.configuration import ServerConfiguration
from adsyncdiag.serverconfig.folder import load
from adsyncdiag.serverconfig.selfcheck import check
from adsyncdiag.serverconfig.xml import parse

SMALL = Path(__file__).parent / "data" / "small-export"
FILES = sorted(path.relative_to(SMALL) for path in SMALL.rglob("*.xml"))
TOKENS = re.compile(rb"<[^<>]+>|[^<>]+")

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def loads_or_refuses(file: Path, data: bytes) -> None:
    """Load a copy of the small export whose *file* holds *data*; any error but ConfigurationError is a failure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(SMALL, Path(name) / "export"))
        (folder / file).write_bytes(data)
        found: ServerConfiguration | ConfigurationError
        try:
            found = load(folder)
        except ConfigurationError as error:
            found = error
    if isinstance(found, ServerConfiguration):
        check(found)
    else:
        assert 0 < len(str(found)) < 1000


@quick
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Noise is no XML."""
    with pytest.raises(ConfigurationError):
        parse(data, "x.xml", "synchronizationRule")


@quick
@given(st.sampled_from(FILES), st.integers(0, 10_000), st.binary(min_size=1, max_size=6), st.integers(0, 40))
def test_bytes_overwritten_anywhere(file: Path, place: int, data: bytes, removed: int) -> None:
    """Bytes inserted, overwritten or lost at any place of any file."""
    whole = (SMALL / file).read_bytes()
    at = place % len(whole)
    loads_or_refuses(file, whole[:at] + data + whole[at + removed :])


@quick
@given(st.sampled_from(FILES), st.data())
def test_elements_lost_doubled_or_exchanged(file: Path, data: st.DataObject) -> None:
    """Tags and texts taken out, doubled or swapped; most results are broken, some load."""
    tokens = TOKENS.findall((SMALL / file).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = (data.draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(("drop", "double", "swap", "copy"))):
            case "drop":
                tokens[one] = b""
            case "double":
                tokens[one] *= 2
            case "swap":
                tokens[one], tokens[other] = tokens[other], tokens[one]
            case _:
                tokens[one] = tokens[other]
    loads_or_refuses(file, b"".join(tokens))


@quick
@given(st.sampled_from(FILES), st.data())
def test_texts_and_attributes_replaced(file: Path, data: st.DataObject) -> None:
    """Well-formed files with any text where a number, GUID, DN, word, name or reference belongs."""
    whole = (SMALL / file).read_text(encoding="utf-8")
    places = [found.span(1) for found in re.finditer(r">([^<>\n]+)<|=\"([^\"]*)\"", whole) if found[1]]
    begin, end = data.draw(st.sampled_from(places))
    text = data.draw(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<>&"), max_size=30))
    loads_or_refuses(file, (whole[:begin] + text + whole[end:]).encode())


@quick
@given(st.sampled_from(FILES), st.sampled_from(["utf-16", "utf-32", "cp037", "utf-8-sig", "utf-16-be"]))
def test_other_encodings(file: Path, encoding: str) -> None:
    """A file saved by another editor loads or is refused."""
    loads_or_refuses(file, (SMALL / file).read_text(encoding="utf-8").encode(encoding))
